"""Many numbers to few: sums, means, extremes, along any dimensions."""

import numpy as np

from .. import dtype as dtypes
from ..autograd import operation
from .elementwise import exp, sqrt, where


def _axes(dim, ndim):
    """`dim` as NumPy takes it. None and () mean every dimension."""
    if dim is None or dim == ():
        return None
    dims = (dim,) if not isinstance(dim, tuple | list) else tuple(dim)
    for d in dims:
        if not isinstance(d, int | np.integer):
            raise TypeError(f"dim must be an integer or a tuple of integers, given {dim!r}")
        if not -max(ndim, 1) <= d < max(ndim, 1):
            raise IndexError(
                f"Dimension out of range: dim {d} of a tensor with {ndim} dimensions; "
                f"it must lie in [{-max(ndim, 1)}, {max(ndim, 1) - 1}]"
            )
    dims = tuple(int(d) % max(ndim, 1) for d in dims)
    if len(set(dims)) != len(dims):
        raise RuntimeError(f"dim {dim} names a dimension twice")
    return dims if ndim else None


def spread(x, like, dim, keepdim):
    """A reduced result, stretched again over the dimensions along which `like` was reduced."""
    axes = _axes(dim, len(like.shape))
    if not keepdim and axes is not None:
        x = x.reshape(tuple(1 if i in axes else n for i, n in enumerate(like.shape)))
    elif axes is None:
        x = x.reshape((1,) * len(like.shape))
    return broadcast_to(x, tuple(like.shape))


@operation(input=lambda g: g)
def broadcast_to(input, size):
    """`input` repeated (without copying) so that its shape becomes `size`."""
    return np.broadcast_to(input, size)


@operation(input=lambda g, input, dim, keepdim: spread(g, input, dim, keepdim))
def sum(input, dim=None, keepdim=False, dtype=None):
    """Σ input over the dimensions `dim` (all of them by default). Integers and bools add up as int64."""
    if dtype is not None:
        kind = dtypes.as_numpy(dtype)
    else:
        kind = input.dtype if input.dtype.kind == "f" else np.int64
    return np.sum(input, axis=_axes(dim, input.ndim), dtype=kind, keepdims=keepdim)


@operation(input=lambda g, input, dim, keepdim, kept: spread(g, input, dim, keepdim) / kept)
def mean(input, dim=None, keepdim=False):
    """(1/n) Σ input over the dimensions `dim` (all of them by default)."""
    _need_floats("mean", input)
    axes = _axes(dim, input.ndim)
    count = input.size if axes is None else int(np.prod([input.shape[a] for a in axes]))
    total = np.sum(input, axis=axes, keepdims=keepdim)
    return (total / total.dtype.type(count) if count else total * np.nan), float(count)


def _need_floats(name, x):
    if x.dtype.kind != "f":
        raise RuntimeError(
            f"{name}(): could not infer output dtype. Input dtype must be floating point; this tensor is "
            f"{dtypes.of(x)}. Convert it first with .float()"
        )


@operation(input=lambda g, input, dim, keepdim, kept: _var_gradient(g, input, dim, keepdim, kept))
def var(input, dim=None, correction=1, keepdim=False):
    """Σ (input − mean)² / (n − correction)."""
    _need_floats("var", input)
    axes = _axes(dim, input.ndim)
    count = input.size if axes is None else int(np.prod([input.shape[a] for a in axes]))
    divisor = max(count - correction, 0)
    centred = input - np.mean(input, axis=axes, keepdims=True)
    total = np.sum(centred * centred, axis=axes, keepdims=keepdim)
    return total / total.dtype.type(divisor), divisor


def _var_gradient(g, input, dim, keepdim, divisor):
    centred = input - spread(mean(input, dim, True), input, dim, True)
    return spread(g, input, dim, keepdim) * centred * (2.0 / divisor if divisor else np.nan)


def std(input, dim=None, correction=1, keepdim=False):
    """√var."""
    return sqrt(var(input, dim, correction, keepdim))


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
    _need_floats("logsumexp", input)
    axes = _axes(dim, input.ndim)
    top = np.max(input, axis=axes, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0)
    out = np.log(np.sum(np.exp(input - top), axis=axes, keepdims=True)) + top
    return out if keepdim else np.squeeze(out, axis=axes)


def _logsumexp_gradient(g, input, out, dim, keepdim):
    return spread(g, input, dim, keepdim) * exp(input - spread(out, input, dim, keepdim))
