"""How parameters start: large enough that signals survive many layers, small enough that they do not explode.

Each function fills a tensor in place, leaves no trace on the tape, and returns the tensor. Random ones draw from
`generator`, or from the course's stream; for one seed they give PyTorch's numbers.
"""

from __future__ import annotations

import functools
import math
import warnings

import numpy as np

from ..autograd import no_grad
from ..creation import ones_like
from ..dtype import bool as boolean
from ..ops.elementwise import log, where
from ..random import stream
from ..tensor import Tensor

_GAINS = {
    **dict.fromkeys(("linear", "conv1d", "conv2d", "conv3d", "sigmoid"), 1), "tanh": 5 / 3, "relu": math.sqrt(2),
    "selu": 3 / 4,
}  # fmt: skip


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor by which weights before an activation must be larger for the signal's variance to survive it.

    `param` is the slope of leaky_relu, 0.01 if not given: √(2 / (1 + slope²)).
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, int | float):
            raise ValueError(f"negative_slope {slope!r} not a valid number")
        return math.sqrt(2 / (1 + slope**2))
    if nonlinearity not in _GAINS:
        raise ValueError(f"Unsupported nonlinearity {nonlinearity}; known are leaky_relu, {', '.join(_GAINS)}")
    return _GAINS[nonlinearity]


def fans(tensor: Tensor) -> tuple[int, int]:
    """How many inputs each output of a weight sees, and how many outputs each input feeds."""
    if tensor.ndim < 2:
        raise ValueError(f"fan in and fan out need a weight with at least 2 dimensions, given "
                         f"{list(tensor.shape)}")
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


_calculate_fan_in_and_fan_out = fans  # as layers of one's own call it, which are written after PyTorch's


# --- the same everywhere, or a pattern --------------------------------------------------------------------------------


@no_grad()
def constant_(tensor: Tensor, val: float) -> Tensor:
    """Every element `val`."""
    return tensor.fill_(val)


def zeros_(tensor: Tensor) -> Tensor:
    """Every element 0."""
    return constant_(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """Every element 1."""
    return constant_(tensor, 1.0)


@no_grad()
def eye_(tensor: Tensor) -> Tensor:
    """The identity: a linear layer hands on as many of its inputs as it has outputs."""
    _need_dims(tensor, 2)
    return tensor.copy_(Tensor._of(np.eye(*tensor.shape)))


@no_grad()
def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """The identity for convolutions: a 1 in the middle of filter d for channel d, in each group, zeros elsewhere."""
    _need_dims(tensor, 3, 4, 5)
    outputs, inputs, *window = tensor.shape
    if outputs % groups:
        raise ValueError(f"dim 0 must be divisible by groups, given {outputs} and {groups}")
    each, middle = outputs // groups, tuple(n // 2 for n in window)
    pattern = np.zeros(tensor.shape)
    for output in range(outputs):
        if output % each < inputs:
            pattern[(output, output % each, *middle)] = 1
    return tensor.copy_(Tensor._of(pattern))


# --- random ---------------------------------------------------------------------------------------------------------


@no_grad()
def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator=None) -> Tensor:
    """Even spread over [a, b)."""
    return tensor.uniform_(a, b, generator)


@no_grad()
def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator=None) -> Tensor:
    """Normal distribution."""
    return tensor.normal_(mean, std, generator)


@no_grad()
def trunc_normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0,
                  generator=None) -> Tensor:
    """Normal distribution without what lies outside [a, b]: drawn anew until it lies inside.

    Where that would take long, because [a, b] holds less than 30 % of the distribution, numbers evenly spread over
    [a, b] are taken with a probability proportional to the density at their place.
    """
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(f"mean {mean} is more than 2 std from [{a}, {b}] in nn.init.trunc_normal_. The distribution of "
                      "values may be incorrect.", stacklevel=2)
    below = lambda x: (1 + math.erf((x - mean) / std / math.sqrt(2))) / 2
    if below(b) - below(a) > 0.3:
        tensor.normal_(mean, std, generator)
        low, high = (tensor.new_tensor(bound).item() for bound in (a, b))
        while (outside := (tensor < low) | (tensor > high)).any():
            tensor.copy_(where(outside, tensor.clone().normal_(mean, std, generator), tensor))
        return tensor

    def log_density(x):
        return -0.5 * ((x - mean) / std) ** 2

    highest = log_density(max(a, min(mean, b)))
    refused = ones_like(tensor, dtype=boolean)  # all of them, at first
    while refused.any():
        drawn = tensor.clone().uniform_(a, b, generator)
        tensor.copy_(where(refused, drawn, tensor))
        refused = refused & (log(tensor.clone().uniform_(generator=generator)) > log_density(drawn) - highest)
    return tensor


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator=None) -> Tensor:
    """Even spread over ±gain · √(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010)."""
    bound = math.sqrt(3) * gain * math.sqrt(2 / sum(fans(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator=None) -> Tensor:
    """Normal distribution with standard deviation gain · √(2 / (fan_in + fan_out)) (Glorot and Bengio, 2010)."""
    return normal_(tensor, 0.0, gain * math.sqrt(2 / sum(fans(tensor))), generator)


def kaiming_uniform_(tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
                     generator=None) -> Tensor:
    """Even spread over ±gain · √(3 / fan), so that a layer before ReLUs keeps the variance (He et al., 2015).

    Args: a: the slope of the leaky ReLU behind the layer, 0 for ReLU; mode: 'fan_in' keeps the variance of what goes
    forward, 'fan_out' that of the gradient.
    """
    bound = math.sqrt(3) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
                    generator=None) -> Tensor:
    """Normal distribution with standard deviation gain / √fan; see `kaiming_uniform_`."""
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def _kaiming_std(tensor, a, mode, nonlinearity):
    if str(mode).lower() not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of fan_in, fan_out")
    if 0 in tensor.shape:
        return 0.0
    fan = fans(tensor)[mode.lower() == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


@no_grad()
def orthogonal_(tensor: Tensor, gain: float = 1, generator=None) -> Tensor:
    """A matrix whose rows (or columns, where it has fewer) have length `gain` and are at right angles.

    Q of A = Q R, A normally distributed, with the signs that make the diagonal of R positive; dimensions behind the
    first count as one. Source: Saxe et al., "Exact solutions to the nonlinear dynamics of learning", 2013.
    """
    if tensor.ndim < 2:
        raise ValueError(f"Only tensors with 2 or more dimensions are supported, given {list(tensor.shape)}")
    if tensor.numel() == 0:
        return tensor
    drawn = tensor.new_empty(tensor.shape[0], tensor.numel() // tensor.shape[0]).normal_(0, 1, generator)._array
    wide = drawn.shape[0] < drawn.shape[1]
    q, r = np.linalg.qr(drawn.T if wide else drawn)
    q = q * np.sign(np.diagonal(r))
    return tensor.copy_(Tensor._of((q.T if wide else q).reshape(tensor.shape))).mul_(gain)


@no_grad()
def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator=None) -> Tensor:
    """Normal distribution with the share `sparsity` of each column set to 0 (Martens, 2010)."""
    _need_dims(tensor, 2)
    rows, columns = tensor.shape
    tensor.normal_(0, std, generator)
    for column in range(columns):
        gone = stream(tensor.device).permutation(rows)[: math.ceil(sparsity * rows)]
        tensor[Tensor._of(gone), column] = 0.0
    return tensor


def _need_dims(tensor, *allowed):
    if tensor.ndim not in allowed:
        raise ValueError(f"Only tensors with {' or '.join(map(str, allowed))} dimensions are supported, given "
                         f"{list(tensor.shape)}")


# --- names from before PyTorch 0.4 ------------------------------------------------------------------------------------


def _old(now):
    """The function under its old name, without the underscore; each call warns."""
    name = now.__name__.removesuffix("_")

    @functools.wraps(now)
    def renamed(*args, **kwargs):
        warnings.warn(f"nn.init.{name} is deprecated; write nn.init.{name}_", FutureWarning, stacklevel=2)
        return now(*args, **kwargs)

    return renamed


uniform, normal, constant, eye, dirac, sparse, orthogonal = map(
    _old, (uniform_, normal_, constant_, eye_, dirac_, sparse_, orthogonal_))
xavier_uniform, xavier_normal, kaiming_uniform, kaiming_normal = map(
    _old, (xavier_uniform_, xavier_normal_, kaiming_uniform_, kaiming_normal_))
