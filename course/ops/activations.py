"""Activation functions: those of one number, and softmax, which turns a row of numbers into probabilities."""

import warnings

import numpy as np

from ..autograd import Taped, check_tensors, numpys_names, operation, overwrite
from ..device import run
from ..kernels import softmax as kernels
from ..kernels.activations import ACTIVATIONS
from ..random import stream
from ..tracing import not_replayed
from . import elementwise, pointwise
from .elementwise import exp, where
from .reduction import _need_floats, sum
from .shapes import _dim, chunk

# --- of one number ------------------------------------------------------------------------------------------------

_OPERATIONS = {name: pointwise.activation(name, kernels) for name, kernels in ACTIVATIONS.items()}


def _activated(name, input, *numbers, inplace=False):
    """The activation `name` of `ACTIVATIONS` applied to each element; with `inplace`, written over it."""
    check_tensors(name, input=input)
    _need_floats(name, input._array)
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise TypeError(f"{name}(): its options are numbers, given {number!r}")
    return overwrite(input, _OPERATIONS[name], numbers) if inplace else _OPERATIONS[name](input, numbers)


def relu(input, inplace=False):
    """max(0, x)."""
    return overwrite(input, elementwise.relu) if inplace else elementwise.relu(input)


def relu6(input, inplace=False):
    """min(max(0, x), 6)."""
    return hardtanh(input, 0.0, 6.0, inplace)


def leaky_relu(input, negative_slope=0.01, inplace=False):
    """x for x > 0, a x below, a = negative_slope."""
    return _activated("leaky_relu", input, negative_slope, inplace=inplace)


def rrelu(input, lower=1 / 8, upper=1 / 3, training=False, inplace=False):
    """x for x > 0, a x below: a drawn for each number from [lower, upper) while training, else (lower + upper) / 2.

    Raises RuntimeError for a lower bound above the upper one. Source: Xu et al., 2015.
    """
    check_tensors("rrelu", input=input)
    _need_floats("rrelu", input._array)
    if lower > upper:
        raise RuntimeError(f"rrelu(): Lower bound should be less than or equal to the upper bound, given {lower} and "
                           f"{upper}")
    if not training:
        return leaky_relu(input, (lower + upper) / 2, inplace)
    not_replayed("rrelu, which draws as many numbers as there are below 0,")
    slopes, below = np.ones_like(input._array), input._array <= 0
    slopes[below] = stream(input.device).uniform((int(below.sum()),), np.float64, lower, upper)
    return overwrite(input, elementwise.mul, Taped.tensor(slopes)) if inplace else input * Taped.tensor(slopes)


def prelu(input, weight):
    """x for x > 0, a x below, with a learned: one number for all, or one for each channel (dimension 1)."""
    check_tensors("prelu", input=input, weight=weight)
    channels = 1 if input.ndim < 2 else input.shape[1]
    if weight.ndim > 1 or weight.numel() not in (1, channels):
        raise RuntimeError(
            f"Mismatch of parameter numbers and input channel size: prelu() has {weight.numel()} slopes, the input "
            f"{channels} channels; give one slope for all or one for each channel"
        )
    if weight.dtype != input.dtype:
        raise RuntimeError(f"prelu: Type promoting not supported. Got {input.dtype} and {weight.dtype}")
    slopes = weight.reshape((1,) * input.ndim if weight.numel() == 1 else (1, -1) + (1,) * (input.ndim - 2))
    return where(input > 0, input, slopes * input)


def elu(input, alpha=1.0, inplace=False):
    """x for x > 0, α (eˣ − 1) below."""
    return _activated("elu", input, alpha, 1.0, inplace=inplace)


def selu(input, inplace=False):
    """s · elu(x, α) with s = 1.0507… and α = 1.6732…, which keep mean 0 and variance 1 (Klambauer et al., 2017)."""
    return _activated("elu", input, 1.6732632423543772, 1.0507009873554805, inplace=inplace)


def celu(input, alpha=1.0, inplace=False):
    """x for x > 0, α (e^(x/α) − 1) below: an ELU whose slope is 1 at 0 for every α (Barron, 2017)."""
    check_tensors("celu", input=input)
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU: x is divided by it")
    scaled = lambda x: alpha * elu(x / alpha)
    return overwrite(input, scaled) if inplace else scaled(input)


def gelu(input, approximate="none"):
    """x Φ(x), Φ(x) being the share of a normal distribution below x; approximate='tanh' takes Φ ≈ (1 + tanh u) / 2."""
    if approximate not in ("none", "tanh"):
        raise RuntimeError(f"gelu(): approximate argument must be either none or tanh, given {approximate!r}")
    return _activated("gelu" if approximate == "none" else "gelu_tanh", input)


def silu(input, inplace=False):
    """x σ(x)."""
    return _activated("silu", input, inplace=inplace)


def mish(input, inplace=False):
    """x tanh log(1 + eˣ)."""
    return _activated("mish", input, inplace=inplace)


def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    """x, but no less than min_val and no more than max_val."""
    if min_val > max_val:
        raise ValueError(f"hardtanh(): min_val cannot be greater than max_val, given {min_val} and {max_val}")
    return _activated("hardtanh", input, min_val, max_val, inplace=inplace)


def hardsigmoid(input, inplace=False):
    """min(max(0, x + 3), 6) / 6: three straight lines in place of σ(x)."""
    check_tensors("hardsigmoid", input=input)
    lines = lambda x: relu6(x + 3) / 6
    return overwrite(input, lines) if inplace else lines(input)


def hardswish(input, inplace=False):
    """x · hardsigmoid(x) (Howard et al., "Searching for MobileNetV3", 2019)."""
    check_tensors("hardswish", input=input)
    product = lambda x: x * hardsigmoid(x)
    return overwrite(input, product) if inplace else product(input)


def hardshrink(input, lambd=0.5):
    """x, and 0 where |x| ≤ λ."""
    check_tensors("hardshrink", input=input)
    _need_floats("hardshrink", input._array)
    return where((input >= -lambd) & (input <= lambd), 0.0, input)


def softshrink(input, lambd=0.5):
    """x brought nearer to 0 by λ, and 0 where |x| ≤ λ: what an L1 penalty does to x. Raises RuntimeError for λ < 0."""
    check_tensors("softshrink", input=input)
    _need_floats("softshrink", input._array)
    if lambd < 0:
        raise RuntimeError(f"lambda must be greater or equal to 0, but found to be {lambd}: it brings x nearer to 0")
    return input - elementwise.clamp(input, -lambd, lambd)


def tanhshrink(input):
    """x − tanh x."""
    return input - elementwise.tanh(input)


def logsigmoid(input):
    """log σ(x) = min(0, x) − log(1 + e^−|x|): exact where σ itself would round to 0."""
    return _activated("log_sigmoid", input)


def softplus(input, beta=1.0, threshold=20.0):
    """log(1 + e^βx) / β, a smooth ReLU; x itself where βx > threshold."""
    return _activated("softplus", input, beta, threshold)


def softsign(input):
    """x / (1 + |x|)."""
    return _activated("softsign", input)


def threshold(input, threshold, value, inplace=False):
    """x above the threshold, `value` elsewhere."""
    return _activated("threshold", input, threshold, value, inplace=inplace)


def glu(input, dim=-1):
    """a σ(b) of the two halves a and b of `dim`: one half opens and closes the gates of the other.

    Raises RuntimeError for a dimension of odd size. Source: Dauphin et al., 2017.
    """
    check_tensors("glu", input=input)
    _need_floats("glu", input._array)
    if input.ndim == 0:
        raise RuntimeError("glu does not support 0-dimensional tensors: it halves a dimension")
    dim = _dim(dim, input.ndim)
    if input.shape[dim] % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {dim} is size {input.shape[dim]}")
    a, b = chunk(input, 2, dim)
    return a * elementwise.sigmoid(b)


# --- of a row -----------------------------------------------------------------------------------------------------


@operation(input=lambda g, out, dim: _softmax_gradient(g, out, dim))
def _softmax(input, dim):
    _need_floats("softmax", input)
    return _of_rows(kernels.softmax_rows, dim, input)


@operation(g=lambda u, out, dim: _softmax_gradient(u, out, dim),
           out=lambda u, g, out, dim: u * (g - sum(g * out, dim, True)) - g * sum(u * out, dim, True))
def _softmax_gradient(g, out, dim):
    """p (g − Σ g p)."""
    return _of_rows(kernels.softmax_gradient_rows, dim, out, _once(g, dim))


@operation(input=lambda g, out, dim: _log_softmax_gradient(g, out, dim))
def _log_softmax(input, dim):
    _need_floats("log_softmax", input)
    return _of_rows(kernels.log_softmax_rows, dim, input)


@operation(g=lambda u, out, dim: u - sum(u * exp(out), dim, True),
           out=lambda u, g, out, dim: -u * exp(out) * sum(g, dim, True))
def _log_softmax_gradient(g, out, dim):
    """g − p Σ g, from log p."""
    return _of_rows(kernels.log_softmax_gradient_rows, dim, out, _once(g, dim))


def _once(g, dim):
    """A gradient whose rows are one row repeated, as that of a sum is, without the repetitions."""
    across = [stride for i, stride in enumerate(g.strides) if i != dim]
    return g if any(across) else g[tuple(slice(None if i == dim else 1) for i in range(g.ndim))]


def _of_rows(kernel, dim, *arrays):
    """kernel(*arrays, out) where `dim` lies along the rows."""
    if arrays[0].ndim == 0:
        return _of_rows(kernel, dim, *[a.reshape(1) for a in arrays]).reshape(())
    rows = [np.ascontiguousarray(np.moveaxis(a, dim, -1) if dim != a.ndim - 1 else a, like=a) for a in arrays]
    shape = rows[0].shape
    rows = [a.reshape(-1, shape[-1]) for a in rows] if rows[0].size else rows
    out = np.empty_like(rows[0])
    if out.size:
        run(kernel, out.shape[0], *rows, out)
    out = out.reshape(shape)
    return out if dim == out.ndim - 1 else np.ascontiguousarray(np.moveaxis(out, -1, dim), like=out)


@numpys_names
def softmax(input, dim=None, dtype=None):
    """p_k = exp(z_k) / Σ exp(z_j) along `dim`, worked out from z − max z so that nothing overflows."""
    return _along(_softmax, "softmax", input, dim, dtype)


@numpys_names
def log_softmax(input, dim=None, dtype=None):
    """log softmax(z) = z − m − log Σ exp(z_j − m) with m = max z: exact where softmax itself would round to 0."""
    return _along(_log_softmax, "log_softmax", input, dim, dtype)


def softmin(input, dim=None, dtype=None):
    """softmax(−z) along `dim`: the smallest number has the largest share."""
    return _along(_softmax, "softmin", -input if isinstance(input, Taped) else input, dim, dtype)


def _along(function, name, input, dim, dtype):
    check_tensors(name, input=input)
    if dim is None:
        dim = 0 if input.ndim in (0, 1, 3) else 1
        warnings.warn(f"{name}: write which dimension is meant, as in {name}(x, dim={dim}); guessed {dim}",
                      UserWarning, stacklevel=3)
    return function(input if dtype is None else input.to(dtype), _dim(dim, input.ndim))
