"""Parameters as they are given: numbers or tensors, probabilities or logits."""

from __future__ import annotations

import functools

import numpy as np

from ..autograd import enable_grad
from ..creation import tensor
from ..dtype import get_default_dtype
from ..ops.activations import softmax
from ..ops.elementwise import clamp, log, log1p, sigmoid
from ..tensor import Tensor
from .constraints import Constraint, real, real_vector, simplex, unit_interval
from .distribution import Distribution


def broadcast_all(*values) -> list[Tensor]:
    """Numbers and tensors as tensors of one shape. Numbers take the type of the first tensor, or the default one.

    Raises ValueError for anything else, RuntimeError for shapes that do not fit together.
    """
    for value in values:
        if not isinstance(value, int | float | np.number | Tensor):
            raise ValueError(f"parameters are numbers or tensors, given {value!r}; make one with course.tensor(...)")
    like = next((v for v in values if isinstance(v, Tensor)), None)
    kind, device = (get_default_dtype(), None) if like is None else (like.dtype, like.device)
    tensors = [v if isinstance(v, Tensor) else tensor(v, dtype=kind, device=device) for v in values]
    shape = common_shape(*[v.shape for v in tensors])
    return [expanded(v, shape) for v in tensors]


def common_shape(*shapes) -> tuple:
    """The shape to which all can be expanded. Raises RuntimeError where there is none."""
    try:
        return shapes[0] if all(shape == shapes[0] for shape in shapes) else np.broadcast_shapes(*shapes)
    except ValueError:
        given = " and ".join(str(list(shape)) for shape in shapes)
        raise RuntimeError(f"parameters of shapes {given} do not fit together: sizes must be equal or 1") from None


def expanded(x: Tensor, shape) -> Tensor:
    """x in that shape: itself where it has it."""
    return x if x.shape == shape else x.expand(shape)


def one_of(probs, logits):
    """The one that is given. Raises ValueError for both and for neither."""
    if (probs is None) == (logits is None):
        raise ValueError("Either `probs` or `logits` must be specified, but not both")
    return logits if probs is None else probs


def clamp_probs(probs: Tensor) -> Tensor:
    """Probabilities that have a logarithm: no nearer to 0 and 1 than the rounding error of their type."""
    eps = float(np.finfo(probs.dtype.numpy).eps)
    return clamp(probs, eps, 1 - eps)


class derived(functools.cached_property):
    """A parameter that is worked out from others when it is asked for: on the tape, even in the midst of `no_grad`."""

    def __init__(self, function):
        super().__init__(enable_grad()(function))


class OfChance(Distribution):
    """Families with the probability p that something happens, given as `probs` or as logits z with p = σ(z)."""

    arg_constraints: dict[str, Constraint] = {"probs": unit_interval, "logits": real}

    @derived
    def probs(self) -> Tensor:
        """p = σ(z)."""
        return sigmoid(self.logits)

    @derived
    def logits(self) -> Tensor:
        """z = log p − log(1 − p)."""
        p = clamp_probs(self.probs)
        return log(p) - log1p(-p)


class OfClasses(Distribution):
    """Families with a share p of each class, given as `probs` or as logits z with p = softmax(z)."""

    arg_constraints: dict[str, Constraint] = {"probs": simplex, "logits": real_vector}

    @derived
    def probs(self) -> Tensor:
        """p = softmax(z)."""
        return softmax(self.logits, -1)

    @derived
    def logits(self) -> Tensor:
        """z = log p."""
        return log(clamp_probs(self.probs))
