"""The same numbers in another arrangement: reshaping, permuting, indexing, joining."""

import numpy as np

from .. import dtype as dtypes
from ..autograd import Variable, operation


@operation(input=lambda g, input: g.reshape(tuple(input.shape)))
def _reshape(input, shape):
    return input.reshape(shape)


def reshape(input, *shape):
    """The elements in the same order with another shape; one size may be −1: whatever is left."""
    return _reshape(input, _sizes(shape, input))


def view(input, *shape):
    """`reshape`; here as in most of PyTorch's uses it shares memory with `input` whenever it can."""
    if len(shape) == 1 and isinstance(shape[0], dtypes.dtype):
        raise TypeError("view(dtype) reads memory as another type; the course's tensors convert with .to(dtype)")
    return _reshape(input, _sizes(shape, input))


def _sizes(shape, x):
    sizes = tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], tuple | list) else tuple(shape)
    if any(not isinstance(n, int | np.integer) for n in sizes):
        raise TypeError(f"a shape is made of integers, given {sizes}")
    count = int(np.prod([n for n in sizes if n != -1]))
    fits = x.numel() % count == 0 if -1 in sizes and count else x.numel() == count
    if not fits or sizes.count(-1) > 1:
        raise RuntimeError(
            f"shape '{list(sizes)}' is invalid for input of size {x.numel()} (its shape is {list(x.shape)})"
        )
    return sizes


def flatten(input, start_dim=0, end_dim=-1):
    """Dimensions `start_dim` to `end_dim` (both included) joined into one."""
    n = len(input.shape)
    if n == 0:
        return reshape(input, 1)
    first, last = _dim(start_dim, n), _dim(end_dim, n)
    if first > last:
        raise RuntimeError(f"flatten(): start_dim {start_dim} comes after end_dim {end_dim}")
    joined = int(np.prod(input.shape[first : last + 1]))
    return reshape(input, *input.shape[:first], joined, *input.shape[last + 1 :])


def _dim(dim, ndim):
    if not isinstance(dim, int | np.integer):
        raise TypeError(f"a dimension is an integer, given {dim!r}")
    if not -max(ndim, 1) <= dim < max(ndim, 1):
        raise IndexError(
            f"Dimension out of range: dim {dim} of a tensor with {ndim} dimensions; "
            f"it must lie in [{-max(ndim, 1)}, {max(ndim, 1) - 1}]"
        )
    return int(dim) % max(ndim, 1)


@operation(input=lambda g, dims: _permute(g, tuple(np.argsort(dims))))
def _permute(input, dims):
    return np.transpose(input, dims)


def permute(input, *dims):
    """Dimension i of the result is dimension dims[i] of the input."""
    dims = tuple(dims[0]) if len(dims) == 1 and isinstance(dims[0], tuple | list) else dims
    n = len(input.shape)
    order = tuple(_dim(d, n) for d in dims)
    if sorted(order) != list(range(n)):
        raise RuntimeError(f"permute(): dims {dims} must name each of the {n} dimensions once")
    return _permute(input, order)


def transpose(input, dim0, dim1):
    """Dimensions dim0 and dim1 exchanged."""
    n = len(input.shape)
    order = list(range(n))
    a, b = _dim(dim0, n), _dim(dim1, n)
    if n:
        order[a], order[b] = order[b], order[a]
    return _permute(input, tuple(order))


def t(input):
    """The transpose of a matrix; a vector stays as it is."""
    if len(input.shape) > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {len(input.shape)}D")
    return _permute(input, tuple(range(len(input.shape)))[::-1])


def movedim(input, source, destination):
    """Dimension `source` moved to place `destination`, the others kept in order."""
    n = len(input.shape)
    order = [i for i in range(n) if i != _dim(source, n)]
    order.insert(_dim(destination, n), _dim(source, n))
    return _permute(input, tuple(order[:n]))


def squeeze(input, dim=None):
    """Without the dimensions of size 1 (or without `dim`, if its size is 1)."""
    n = len(input.shape)
    dims = range(n) if dim is None else [_dim(d, n) for d in (dim if isinstance(dim, tuple) else (dim,))]
    return _reshape(input, tuple(size for i, size in enumerate(input.shape) if i not in dims or size != 1))


def unsqueeze(input, dim):
    """With a dimension of size 1 inserted at `dim`."""
    sizes = list(input.shape)
    sizes.insert(_dim(dim, len(sizes) + 1), 1)
    return _reshape(input, tuple(sizes))


def expand(input, *sizes):
    """Repeated without copying: dimensions of size 1 grow to `sizes`; −1 keeps a size."""
    from .reduction import broadcast_to

    sizes = tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], tuple | list) else sizes
    own = (None,) * (len(sizes) - len(input.shape)) + tuple(input.shape)
    target = tuple(o if n == -1 else n for n, o in zip(sizes, own))
    if len(sizes) < len(input.shape) or any(o not in (None, 1, n) for n, o in zip(target, own)):
        raise RuntimeError(
            f"expand(): a tensor of shape {list(input.shape)} cannot grow to {list(sizes)}; "
            "only dimensions of size 1 grow, and new ones stand in front"
        )
    return broadcast_to(input, target)


# --- indexing ---------------------------------------------------------------------------------------------------


@operation(input=lambda g, input, index: _put(g, index, tuple(input.shape)))
def _getitem(input, index):
    return input[index]


@operation(values=lambda g, index: _getitem(g, index))
def _put(values, index, shape):
    """Zeros of `shape` to which `values` are added at `index`; a place that is named twice gets both."""
    out = np.zeros(shape, values.dtype)
    if _names_places_once(index):
        out[index] += values
    else:
        np.add.at(out, index, values)
    return out


def _names_places_once(index):
    parts = index if isinstance(index, tuple) else (index,)
    return all(not isinstance(p, np.ndarray | list) or np.asarray(p).dtype == bool for p in parts)


def plain_index(index):
    """An index as NumPy takes it: tensors become arrays."""
    if isinstance(index, tuple):
        return tuple(plain_index(i) for i in index)
    if isinstance(index, Variable):
        if index._array.dtype.kind == "f":
            raise IndexError("tensors used as indices must be integers or bools, not floats; convert with .long()")
        return index._array
    if isinstance(index, list):
        return np.asarray([plain_index(i) for i in index]) if index else np.empty(0, np.int64)
    return index


def getitem(input, index):
    """input[index] for integers, slices, None, ..., lists and tensors of integers or bools."""
    try:
        return _getitem(input, plain_index(index))
    except IndexError as error:
        raise IndexError(f"{error} (the tensor's shape is {list(input.shape)})") from None


@operation(input=lambda g, index: _without(g, index), values=lambda g, index: _getitem(g, index))
def with_items(input, values, index):
    """A copy of `input` with `values` at `index`."""
    out = input.copy()
    out[index] = values
    return out


def _without(g, index):
    """`g` with zeros at `index`."""
    return with_items(g, 0.0, index)


@operation(input=lambda g, input, positions, dim: _put_along(g, positions, dim, tuple(input.shape)))
def take_along(input, positions, dim):
    """The elements of `input` at `positions` (integers of the result's shape) along `dim`."""
    return np.take_along_axis(input, positions, dim)


@operation(values=lambda g, positions, dim: take_along(g, positions, dim))
def _put_along(values, positions, dim, shape):
    """Zeros of `shape` to which `values` are added at `positions` along `dim`."""
    out = np.zeros(shape, values.dtype)
    grid = list(np.indices(positions.shape, sparse=True))
    grid[dim] = positions
    np.add.at(out, tuple(grid), values)
    return out


# --- joining ----------------------------------------------------------------------------------------------------


@operation(tensors=lambda g, dim, kept: _pieces(g, dim, kept))
def _cat(dim, *tensors):
    common = dtypes.result_type(*tensors)
    return np.concatenate([x.astype(common, copy=False) for x in tensors], dim), [x.shape[dim] for x in tensors]


def _pieces(g, dim, sizes):
    ends = np.cumsum(sizes).tolist()
    before = (slice(None),) * dim
    return [g[(*before, slice(end - size, end))] for end, size in zip(ends, sizes)]


def cat(tensors, dim=0):
    """The tensors one after the other along `dim`; their other sizes must agree."""
    tensors = list(tensors)
    if not tensors:
        raise ValueError("cat(): expected a non-empty list of tensors")
    return _cat(_dim(dim, len(tensors[0].shape)), *tensors)


def stack(tensors, dim=0):
    """The tensors, all of one shape, along a new dimension `dim`."""
    tensors = list(tensors)
    if not tensors:
        raise RuntimeError("stack(): expected a non-empty list of tensors")
    if any(tuple(x.shape) != tuple(tensors[0].shape) for x in tensors):
        raise RuntimeError(f"stack expects each tensor to be equal size, but got {[list(x.shape) for x in tensors]}")
    return cat([unsqueeze(x, dim) for x in tensors], dim if dim >= 0 else dim + len(tensors[0].shape) + 1)


# --- copies and conversions ---------------------------------------------------------------------------------------


@operation(input=lambda g: g)
def clone(input):
    """A copy that the gradient passes through."""
    return input.copy()


@operation(input=lambda g: g)
def convert(input, kind):
    """The numbers in another dtype (a NumPy type); the gradient comes back in the old one."""
    return input.astype(kind)


@operation(other=lambda g: g)
def copied(before, other):
    """`other`, broadcast and converted to the shape and type of `before`."""
    return np.broadcast_to(other, before.shape).astype(before.dtype)
