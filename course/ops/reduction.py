"""Many numbers to few: sums, means, extremes, along any dimensions."""

import math

import numpy as np

from .. import dtype as dtypes
from ..autograd import check_tensors, elementwise, numpys_names, operation
from ..device import run
from ..kernels.reduction import CHUNK, sum_chunks
from .elementwise import abs, eq, exp, isclose, sign, where
from .shapes import _dim, _dims, broadcast_to, flip


def _axes(dim, ndim):
    """`dim` as NumPy takes it. None and () mean every dimension."""
    if dim is None or dim == ():
        return None
    dims = _dims(dim, ndim)
    return dims if ndim else None


def spread(x, like, dim, keepdim):
    """A reduced result, stretched again over the dimensions along which `like` was reduced."""
    return spread_to(x, tuple(like.shape), dim, keepdim)


def spread_to(x, shape, dim, keepdim):
    """`spread` over the dimensions of a tensor of which only the shape is known."""
    axes = _axes(dim, len(shape))
    if not keepdim and axes is not None:
        x = x.reshape(tuple(1 if i in axes else n for i, n in enumerate(shape)))
    elif axes is None:
        x = x.reshape((1,) * len(shape))
    return broadcast_to(x, shape)


@operation(input=lambda g, input_shape, dim, keepdim: spread_to(g, input_shape, dim, keepdim))
def sum(input, dim=None, keepdim=False, dtype=None):
    """Σ input over the dimensions `dim` (all of them by default). Integers and bools add up as int64."""
    if dtype is not None:
        kind = dtypes.as_numpy(dtype)
    else:
        kind = input.dtype if input.dtype.kind == "f" else np.int64
    return _total(input, _axes(dim, input.ndim), kind, keepdim)


LARGE = 2**15  # from how many numbers on the sums of chunks are faster


def _total(x, axes, kind, keepdim):
    """Σ x over the axes. NumPy adds eight numbers at once; a large array is first added up faster, chunk by chunk."""
    whole = axes is None and x.dtype == kind and x.dtype.kind == "f"
    if whole and x.size >= LARGE and isinstance(x, np.ndarray) and x.flags.c_contiguous:
        sums = np.empty((-(-x.size // CHUNK), *(1,) * (x.ndim - 1)), x.dtype)
        run(sum_chunks, sums.size, x.reshape(-1), sums.reshape(-1))
        x = sums
    return np.add.reduce(x, axes, kind, None, keepdim)


@operation(input=lambda g, input_shape, dim, keepdim, kept: spread_to(g, input_shape, dim, keepdim) / kept)
def mean(input, dim=None, keepdim=False, dtype=None):
    """(1/n) Σ input over the dimensions `dim` (all of them by default), worked out in `dtype`."""
    if dtype is not None:
        input = input.astype(dtypes.as_numpy(dtype), copy=False)
    _need_floats("mean", input)
    axes = _axes(dim, input.ndim)
    count = input.size if axes is None else math.prod([input.shape[a] for a in axes])
    total = _total(input, axes, input.dtype, keepdim)
    return (total / total.dtype.type(count) if count else total * np.nan), float(count)


def _need_floats(name, x):
    if x.dtype.kind != "f":
        raise RuntimeError(
            f"{name}(): could not infer output dtype. Input dtype must be floating point; this tensor is "
            f"{dtypes.of(x)}. Convert it first with .float()"
        )


@operation(input=lambda g, input, out, dim, keepdim: spread(g, input, dim, keepdim) * _others(input, out, dim, keepdim))
def _prod(input, dim, keepdim, dtype):
    kind = dtypes.as_numpy(dtype) if dtype is not None else input.dtype if input.dtype.kind == "f" else np.int64
    return np.prod(input, axis=_axes(dim, input.ndim), dtype=kind, keepdims=keepdim)


@numpys_names
def prod(input, dim=None, keepdim=False, *, dtype=None):
    """Π input along `dim` (of all elements by default). Integers and bools multiply as int64."""
    if isinstance(dim, tuple | list):
        raise TypeError(f"prod(): dim must be one integer, given {dim!r}")
    return _prod(input, dim, keepdim, dtype)


def _others(x, out, dim, keepdim):
    """For each element the product of the others: out / x, unless some x is 0."""
    if bool((x != 0).all()):
        return spread(out, x, dim, keepdim) / x
    if dim is None:
        return _others(x.reshape(-1), out, 0, False).reshape(tuple(x.shape))
    n, along = x.shape[dim], _dim(dim, len(x.shape))
    left_out = np.eye(n, dtype=bool, like=getattr(x, "_array", x)).reshape((n, n) + (1,) * (len(x.shape) - along - 1))
    rows = x.reshape((*x.shape[:along], 1, *x.shape[along:]))
    return _prod(where(left_out, 1.0, rows), along + 1, False, None)


@operation(input=lambda g, input, dim, keepdim, kept: _var_gradient(g, input, dim, keepdim, kept))
def _var(input, dim, correction, keepdim):
    _need_floats("var", input)
    axes = _axes(dim, input.ndim)
    count = input.size if axes is None else math.prod([input.shape[a] for a in axes])
    divisor = max(count - correction, 0)
    centred = input - np.add.reduce(input, axes, keepdims=True) / input.dtype.type(count)
    total = np.add.reduce(centred * centred, axes, keepdims=keepdim)
    return total / total.dtype.type(divisor), divisor


def _var_gradient(g, input, dim, keepdim, divisor):
    centred = input - mean(input, dim, True)
    return spread(g, input, dim, keepdim) * centred * (2.0 / divisor if divisor else np.nan)


@numpys_names
def var(input, dim=None, unbiased=None, keepdim=False, *, correction=1):
    """Σ (input − mean)² / (n − correction); `unbiased=False` means correction 0."""
    check_tensors("var", input=input)
    if isinstance(dim, bool):  # var(unbiased)
        dim, unbiased = None, dim
    return _var(input, dim, correction if unbiased is None else int(unbiased), keepdim)


@numpys_names
def std(input, dim=None, unbiased=None, keepdim=False, *, correction=1):
    """√var; where all numbers are alike, the gradient is taken as 0."""
    return _std(var(input, dim, unbiased, keepdim, correction=correction))


@elementwise(var=lambda g, out: where(out == 0, 0.0, g / (2.0 * out)))
def _std(var):
    return np.sqrt(var)


@numpys_names
def var_mean(input, dim=None, unbiased=None, keepdim=False, *, correction=1):
    """`var` and `mean` as a tuple."""
    return var(input, dim, unbiased, keepdim, correction=correction), _mean_beside(input, dim, keepdim)


@numpys_names
def std_mean(input, dim=None, unbiased=None, keepdim=False, *, correction=1):
    """`std` and `mean` as a tuple."""
    return std(input, dim, unbiased, keepdim, correction=correction), _mean_beside(input, dim, keepdim)


def _mean_beside(input, dim, keepdim):
    return mean(input, None if isinstance(dim, bool) else dim, keepdim)  # var_mean(input, unbiased)


@operation(input=lambda g, input, out, p, dim, keepdim: _norm_gradient(g, input, out, p, dim, keepdim))
def _norm(input, p, dim, keepdim):
    _need_floats("norm", input)
    axes = _axes(dim, input.ndim)
    if p == 2:
        return np.sqrt(np.add.reduce(input * input, axes, keepdims=keepdim))
    x = np.abs(input)
    if math.isinf(p):
        return (np.max if p > 0 else np.min)(x, axis=axes, keepdims=keepdim)
    if p == 0:
        return np.sum(x != 0, axis=axes, keepdims=keepdim, dtype=x.dtype)
    return np.sum(x**p, axis=axes, keepdims=keepdim) ** (1 / p)


def norm(input, p="fro", dim=None, keepdim=False):
    """(Σ |x|^p)^(1/p) over the dimensions `dim` (all by default): p = 2 ("fro") is the length, ∞ the largest |x|.

    p = 0 counts the elements that are not 0. At the zero vector the gradient is taken as 0.
    """
    check_tensors("norm", input=input)
    if p not in ("fro", None) and (isinstance(p, bool) or not isinstance(p, int | float)):
        raise RuntimeError(f"norm(): Order {p} not supported; p is a number or 'fro'")
    return _norm(input, 2 if p in ("fro", None) else p, dim, keepdim)


def _norm_gradient(g, x, out, p, dim, keepdim):
    g, out = spread(g, x, dim, keepdim), spread(out, x, dim, keepdim)
    if p == 0:
        return g * 0.0
    if np.isinf(p):
        taken = where(abs(x) == out, sign(x), 0.0)
        return g * taken / spread(sum(abs(taken), dim, True), x, dim, True)
    if p == 1:
        return g * sign(x)
    if p == 2:
        return g * x / where(out == 0, 1.0, out)
    length = abs(where(x == 0, 1.0, x))
    return g * sign(x) * (length / where(out == 0, 1.0, out)) ** (p - 1)


@operation(input=lambda g, input, out, dim, keepdim: _extreme_gradient(g, input, out, dim, keepdim))
def amax(input, dim=None, keepdim=False):
    """The largest element; equal ones share the gradient."""
    return np.max(input, axis=_candidates("amax", input, dim), keepdims=keepdim)


@operation(input=lambda g, input, out, dim, keepdim: _extreme_gradient(g, input, out, dim, keepdim))
def amin(input, dim=None, keepdim=False):
    """The smallest element; equal ones share the gradient."""
    return np.min(input, axis=_candidates("amin", input, dim), keepdims=keepdim)


def _candidates(name, input, dim):
    """The axes along which an extreme is sought. Raises IndexError where they hold nothing to choose from."""
    axes = _axes(dim, input.ndim)
    if input.size == 0 and 0 in (input.shape if axes is None else [input.shape[a] for a in axes]):
        raise IndexError(f"{name}(): along dim={dim} a tensor of shape {list(input.shape)} has no elements")
    return axes


def _extreme_gradient(g, input, out, dim, keepdim):
    taken = where(input == spread(out, input, dim, keepdim), 1.0, 0.0)
    shares = spread(sum(taken, dim, keepdim), input, dim, keepdim)
    return spread(g, input, dim, keepdim) * taken / shares


@operation()
def argmax(input, dim=None, keepdim=False):
    """Where the largest element stands: its position along `dim`, or in the flattened tensor."""
    return np.argmax(input, axis=_one_candidate("argmax", input, dim), keepdims=keepdim)


@operation()
def argmin(input, dim=None, keepdim=False):
    """Where the smallest element stands: its position along `dim`, or in the flattened tensor."""
    return np.argmin(input, axis=_one_candidate("argmin", input, dim), keepdims=keepdim)


def _one_candidate(name, input, dim):
    if dim is not None and not isinstance(dim, int | np.integer):
        raise TypeError(f"{name}(): dim must be an integer, given {dim!r}")
    axes = _candidates(name, input, dim)
    return axes and axes[0]


@operation()
def any(input, dim=None, keepdim=False):
    """Whether any element is true (not 0)."""
    return np.any(input, axis=_axes(dim, input.ndim), keepdims=keepdim)


@operation()
def all(input, dim=None, keepdim=False):
    """Whether all elements are true (not 0)."""
    return np.all(input, axis=_axes(dim, input.ndim), keepdims=keepdim)


@operation(input=lambda g, input, out, dim, keepdim: _logsumexp_gradient(g, input, out, dim, keepdim))
def logsumexp(input, dim, keepdim=False):
    """log Σ e^x, taken as m + log Σ e^(x − m) with m = max x, so that nothing overflows."""
    if input.dtype.kind != "f":
        input = input.astype(dtypes.get_default_dtype().numpy)
    axes = _axes(dim, input.ndim)
    top = np.max(input, axis=axes, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0)
    out = np.log(np.sum(np.exp(input - top), axis=axes, keepdims=True)) + top
    return out if keepdim else np.squeeze(out, axis=axes)


def _logsumexp_gradient(g, input, out, dim, keepdim):
    return spread(g, input, dim, keepdim) * exp(input - spread(out, input, dim, keepdim))


@operation(input=lambda g, input, out, dim: _logcumsumexp_gradient(g, input, out, dim))
def _logcumsumexp(input, dim):
    _need_floats("logcumsumexp", input)
    return np.logaddexp.accumulate(input, dim) if input.ndim else input.copy()


def _logcumsumexp_gradient(g, x, out, dim):
    """∂J/∂xᵢ = Σ_{k≥i} gₖ e^(xᵢ − outₖ), of all pairs i ≤ k."""
    if not x.shape:
        return g
    n, behind = x.shape[dim], len(x.shape) - dim - 1
    k = np.arange(n, like=getattr(x, "_array", x)).reshape(n, *(1,) * behind)
    i = k.reshape(n, 1, *(1,) * behind)
    x = x.reshape((*x.shape[: dim + 1], 1, *x.shape[dim + 1 :]))
    g, out = (y.reshape((*y.shape[:dim], 1, *y.shape[dim:])) for y in (g, out))
    return sum(where(k >= i, g * exp(where(k >= i, x - out, 0.0)), 0.0), dim + 1)


@numpys_names
def logcumsumexp(input, dim):
    """log e^x₁, log(e^x₁ + e^x₂), log(e^x₁ + e^x₂ + e^x₃), … along `dim`, where e^x would overflow too.

    Raises RuntimeError for integers.
    """
    check_tensors("logcumsumexp", input=input)
    return _logcumsumexp(input, _dim(dim, input.ndim))


@operation(input=lambda g, dim: flip(_cumsum(flip(g, dim), dim), dim))
def _cumsum(input, dim):
    kind = input.dtype if input.dtype.kind == "f" else np.int64
    return np.cumsum(input, axis=dim, dtype=kind) if input.ndim else input.astype(kind)


@numpys_names
def cumsum(input, dim, *, dtype=None):
    """x₁, x₁ + x₂, x₁ + x₂ + x₃, … along `dim`."""
    check_tensors("cumsum", input=input)
    input, dim = input if dtype is None else input.to(dtype), _dim(dim, input.ndim)
    return _cumsum(input, dim)


@operation(input=lambda g, input, out, dim: _cumprod_gradient(g, input, out, dim))
def _cumprod(input, dim):
    kind = input.dtype if input.dtype.kind == "f" else np.int64
    return np.cumprod(input, axis=dim, dtype=kind) if input.ndim else input.astype(kind)


def _cumprod_gradient(g, x, out, dim):
    """∂J/∂xᵢ = Σ_{k≥i} gₖ Πⱼ≤ₖ,ⱼ≠ᵢ xⱼ, which is Σ_{k≥i} gₖ outₖ / xᵢ unless some x is 0."""
    if bool((x != 0).all()):
        return flip(_cumsum(flip(g * out, dim), dim), dim) / x
    n, behind = x.shape[dim], len(x.shape) - dim - 1
    place = np.arange(n, like=getattr(x, "_array", x)).reshape(n, *(1,) * behind)
    i = place.reshape(n, 1, *(1,) * behind)  # one more dimension: which factor is left out
    rows, g = (y.reshape((*y.shape[:dim], 1, *y.shape[dim:])) for y in (x, g))
    return sum(where(place >= i, g * _cumprod(where(place == i, 1.0, rows), dim + 1), 0.0), dim + 1)


@numpys_names
def cumprod(input, dim, *, dtype=None):
    """x₁, x₁ · x₂, x₁ · x₂ · x₃, … along `dim`."""
    check_tensors("cumprod", input=input)
    input, dim = input if dtype is None else input.to(dtype), _dim(dim, input.ndim)
    return _cumprod(input, dim) if input.ndim else _cumsum(input, dim)


@operation()
def count_nonzero(input, dim=None):
    """How many elements are not 0."""
    return np.sum(input != 0, axis=_axes(dim, input.ndim), dtype=np.int64)


def equal(input, other):
    """Whether both have the same shape and the same elements, as a Python bool."""
    check_tensors("equal", input=input, other=other)
    return tuple(input.shape) == tuple(other.shape) and bool(eq(input, other).all())


def allclose(input, other, rtol=1e-5, atol=1e-8, equal_nan=False):
    """Whether |input − other| ≤ atol + rtol · |other| everywhere, as a Python bool."""
    check_tensors("allclose", input=input, other=other)
    if input.dtype != other.dtype:
        raise RuntimeError(f"allclose(): {input.dtype} did not match {other.dtype}; convert one with .to(dtype)")
    return bool(isclose(input, other, rtol, atol, equal_nan).all())
