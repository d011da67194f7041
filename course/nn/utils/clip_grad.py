"""Keeping gradients in bounds: all of them together by their length, or each number by itself."""

from __future__ import annotations

import warnings

from ...autograd import no_grad
from ...creation import tensor
from ...ops.elementwise import clamp
from ...ops.reduction import norm
from ...ops.shapes import stack
from ...tensor import Tensor


def _list(tensors) -> list[Tensor]:
    return [tensors] if isinstance(tensors, Tensor) else list(tensors)


def _gradients(parameters) -> list[Tensor]:
    return [p.grad for p in _list(parameters) if p.grad is not None]


@no_grad()
def get_total_norm(tensors, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach=None) -> Tensor:
    """‖t‖_p of all numbers of all tensors, as if they stood in one row: (Σ |t|^p)^(1/p); p = inf is the largest |t|.

    Raises RuntimeError for a norm that is NaN or infinite, if `error_if_nonfinite`. `foreach` is PyTorch's choice
    between two ways to the same number and changes nothing here.
    """
    p, tensors = float(norm_type), _list(tensors)
    if not tensors:
        return tensor(0.0)
    total = norm(stack([norm(t, p) for t in tensors]), p)
    if error_if_nonfinite and not total.isfinite():
        raise RuntimeError(
            f"The total norm of order {p} for gradients from `parameters` is non-finite ({total.item()}), so it cannot "
            "be clipped. Some gradient is NaN or infinite: look at the loss and at the learning rate"
        )
    return total


@no_grad()
def clip_grads_with_norm_(parameters, max_norm: float, total_norm: Tensor, foreach=None) -> None:
    """g ← g · min(1, max_norm / (total_norm + 10⁻⁶)) for all gradients g, in place."""
    scale = clamp(float(max_norm) / (total_norm + 1e-6), max=1.0)
    for g in _gradients(parameters):
        g.mul_(scale)


def clip_grad_norm_(parameters, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False,
                    foreach=None) -> Tensor:
    """Scale all gradients together so that their norm is at most `max_norm`; returns what it was before.

    Args: parameters: a tensor or several; norm_type: p, see `get_total_norm`.
    Source: Pascanu et al., "On the difficulty of training recurrent neural networks", 2013.
    """
    parameters = _list(parameters)
    total = get_total_norm(_gradients(parameters), norm_type, error_if_nonfinite)
    clip_grads_with_norm_(parameters, max_norm, total)
    return total


def clip_grad_norm(parameters, max_norm: float, norm_type: float = 2.0) -> Tensor:
    """The name of `clip_grad_norm_` before PyTorch 0.4; each call warns."""
    warnings.warn("clip_grad_norm is deprecated; write clip_grad_norm_", FutureWarning, stacklevel=2)
    return clip_grad_norm_(parameters, max_norm, norm_type)


@no_grad()
def clip_grad_value_(parameters, clip_value: float, foreach=None) -> None:
    """g ← min(max(g, −clip_value), clip_value) for each number g of all gradients, in place."""
    bound = float(clip_value)
    for g in _gradients(parameters):
        g.clamp_(-bound, bound)
