"""Picking elements out and putting them back: indices, masks, gather and scatter."""

import math
import warnings

import numpy as np

from ..autograd import Taped, check_tensors, is_grad_enabled, numpys_names, of_tensor, operation
from ..device import different_devices, on_gpu, run
from ..kernels.embedding import add_rows
from . import elementwise
from .shapes import _dim, broadcast_to, unbind


@operation(input=lambda g, input_shape, index: _put(g, index, input_shape))
def _getitem(input, index):
    out = input[index]
    if out.flags.c_contiguous or out.base is (input if input.base is None else input.base):
        return out
    return np.ascontiguousarray(out, like=out)  # NumPy's choice of elements lies in memory as it was found


def _add_part(whole, g, shape, index):
    once = _names_places_once(index)
    if once:
        whole[index] += g
    return once


_getitem.add_part = _add_part  # type: ignore[attr-defined]


@operation(values=lambda g, index: _getitem(g, index))
def _put(values, index, shape):
    """Zeros of `shape` to which `values` are added at `index`; a place that is named twice gets both."""
    out = np.zeros(shape, values.dtype, like=values)
    if _names_places_once(index):
        out[index] = values
    elif _is_array(index) and not on_gpu(out):
        size = math.prod(shape[1:])
        rows = np.ascontiguousarray(values, like=values).reshape(index.size, size)
        run(add_rows, size, rows, index.reshape(-1), out.reshape(shape[0], size))
    else:
        np.add.at(out, index, values)
    return out


def _names_places_once(index):
    parts = index if isinstance(index, tuple) else (index,)
    return all(not _is_array(p) or p.dtype == bool for p in parts)


def plain_index(index):
    """An index as NumPy takes it: tensors become arrays."""
    if isinstance(index, tuple):
        return tuple(plain_index(i) for i in index)
    if isinstance(index, Taped):
        array = index._array
        if array.dtype.kind == "f":
            raise IndexError("tensors used as indices must be integers or bools, not floats; convert with .long()")
        if array.dtype.kind == "u":
            warnings.warn("indexing with dtype uint8 is now deprecated: it is a mask, as in programs older than bools; "
                          "please use a dtype bool instead", stacklevel=4)
            array = array != 0
        return array if array.ndim or array.dtype == bool else int(array)
    if isinstance(index, slice) and index.step is not None and index.step < 1:
        raise ValueError(f"step must be greater than zero, given {index.step}; flip() reverses a dimension")
    if isinstance(index, list):
        parts = [i if i.__class__ is int else plain_index(i) for i in index]
        return np.asarray(parts) if parts else np.empty(0, np.int64)
    return index


def stages(index):
    """One index as one or two, to be applied one after the other.

    PyTorch takes single integers first and lists and tensors then; NumPy would take x[0, :, [1, 2]] otherwise.
    """
    if index.__class__ is int:
        return [(index, ...)]
    index = plain_index(index)
    parts = index if isinstance(index, tuple) else (index,)
    if all(map(_is_int, parts)):
        return [(*parts, ...)]  # one element is a view too, where NumPy would copy it into a number
    if not (isinstance(index, tuple) and any(map(_is_array, index)) and any(map(_is_int, index))):
        return [index]
    whole = slice(None)
    first = []
    for i in index:
        if _is_array(i) and i.dtype == bool:
            first += [whole] * i.ndim
        elif i is not None:
            first.append(i if _is_int(i) or i is Ellipsis else whole)
    return [tuple(first), tuple(i for i in index if not _is_int(i))]


def _is_array(i):
    return hasattr(i, "ndim") and not isinstance(i, np.generic)


def _is_int(i):
    return isinstance(i, int | np.integer) and not isinstance(i, bool)


def getitem(input, index):
    """input[index] for integers, slices, None, ..., lists and tensors of integers or bools."""
    try:
        for stage in stages(index):
            input = _getitem(input, stage)
        return input
    except IndexError as error:
        raise IndexError(f"{error} (the tensor's shape is {list(input.shape)})") from None


@operation(input=lambda g, index: _without(g, index), values=lambda g, index: _getitem(g, index))
def _with_items(input, values, index):
    out = input.copy()
    out[index] = values
    return out


def with_items(input, values, index):
    """A copy of `input` with `values` at `index`."""
    first, *rest = stages(index)
    return _with_items(input, with_items(_getitem(input, first), values, rest[0]) if rest else values, first)


def put(array, values, index):
    """`values` written into the array itself at `index`. Raises RuntimeError if only they lie on the GPU."""
    if on_gpu(values) and not on_gpu(array):
        raise different_devices()
    *first, last = stages(index)
    for stage in first:
        array = array[stage]
    array[last] = values


def _without(g, index):
    """`g` with zeros at `index`."""
    return _with_items(g, 0.0, index)


@operation(input=lambda g, input_shape, positions, dim: _put_along(g, positions, dim, input_shape))
def take_along(input, positions, dim):
    """The elements of `input` at `positions` (integers of the result's shape) along `dim`."""
    return input[_grid(positions, dim)]


@operation(values=lambda g, positions, dim: take_along(g, positions, dim))
def _put_along(values, positions, dim, shape):
    """Zeros of `shape` to which `values` are added at `positions` along `dim`."""
    out = np.zeros(shape, values.dtype, like=values)
    np.add.at(out, _grid(positions, dim), values)
    return out


def _grid(positions, dim):
    """The index that names, for each of `positions`, that place along `dim` and its own place along the others."""
    n = positions.ndim
    if not n:
        return ()
    grid = [np.arange(size, like=positions).reshape((size,) + (1,) * (n - d - 1))
            for d, size in enumerate(positions.shape)]
    grid[dim] = positions
    return tuple(grid)


# --- gather and scatter -------------------------------------------------------------------------------------------


@numpys_names
def gather(input, dim, index):
    """out[i][j] = input[i][index[i][j]] for dim = 1, and likewise for every other `dim` and number of dimensions.

    `index`, int64, has as many dimensions as the input and is nowhere larger, except along `dim`.
    """
    dim, positions = _positions("gather", input, dim, index)
    if input.ndim == 0:
        return input.clone()
    return take_along(input, positions, dim)


def unravel_index(indices, shape):
    """The positions of a flattened tensor of this shape as one tensor of positions for each dimension.

    Raises ValueError for a position beyond the shape and TypeError for floats.

    >>> import course
    >>> course.unravel_index(course.tensor([4, 2]), (2, 3))
    (tensor([1, 0]), tensor([1, 2]))
    """
    check_tensors("unravel_index", indices=indices)
    if indices._array.dtype.kind != "i":
        raise TypeError(f"unravel_index(): expected 'indices' to be integers, given {indices.dtype}")
    if bool(((indices >= math.prod(shape)) | (indices < -math.prod(shape))).any()):
        raise ValueError(f"unravel_index(): a position lies beyond a tensor of shape {list(shape)}")
    found, rest = [], indices
    for n in reversed(shape):
        found.append(rest % n)
        rest = rest // n
    return tuple(reversed(found))


def take(input, index):
    """The elements of the flattened input at the positions `index`, in the shape of `index`.

    >>> import course
    >>> course.take(course.tensor([[4, 5], [6, 7]]), course.tensor([0, 3]))
    tensor([4, 7])
    """
    check_tensors("take", input=input, index=index)
    if index._array.dtype.kind != "i":
        raise RuntimeError(f"take(): Expected a long tensor for index, but got {index.dtype}; convert with .long()")
    return getitem(input.reshape(-1), index)


def as_strided(input, size, stride, storage_offset=0):
    """out[i, j, …] = the number at place `storage_offset` + i · stride[0] + j · stride[1] + … in memory.

    Raises RuntimeError where that lies beyond the tensor's numbers, and for one whose numbers lie in another order.
    Differs from PyTorch: a copy, not a view.

    >>> import course
    >>> course.arange(5).as_strided((2, 2), (1, 2))
    tensor([[0, 2],
            [1, 3]])
    """
    check_tensors("as_strided", input=input)
    if len(size) != len(stride) or any(n < 0 for n in (*size, *stride, storage_offset)):
        raise RuntimeError(f"as_strided(): a size and a stride of 0 or more for each dimension, given {tuple(size)} "
                           f"and {tuple(stride)}")
    if not input.is_contiguous():
        raise RuntimeError("as_strided() counts along memory, where this tensor's numbers do not lie in reading order; "
                           "call contiguous() first")
    last = storage_offset + sum((n - 1) * s for n, s in zip(size, stride))
    if math.prod(size) and last >= input.numel():
        raise RuntimeError(f"as_strided(): setStorage: sizes {list(size)}, strides {list(stride)} and storage offset "
                           f"{storage_offset} are out of bounds for {input.numel()} numbers")
    places = np.full((), storage_offset)
    for n, s in zip(size, stride):
        places = places[..., None] + s * np.arange(n)
    return getitem(input.reshape(-1), places)


@numpys_names
def take_along_dim(input, indices, dim=None):
    """`gather` with `indices` that broadcast, such as those of `argsort`; without `dim`, of the flattened tensor."""
    check_tensors("take_along_dim", input=input, indices=indices)
    if dim is None:
        return gather(input.reshape(-1), 0, indices.reshape(-1))
    dim = _dim(dim, input.ndim)
    if input.ndim != indices.ndim:
        raise RuntimeError(f"take_along_dim(): input and indices should have the same number of dimensions, but got "
                           f"{input.ndim} and {indices.ndim}")
    try:
        beside = np.broadcast_shapes(*((*x.shape[:dim], 1, *x.shape[dim + 1 :]) for x in (input, indices)))
    except ValueError:
        raise RuntimeError(f"take_along_dim(): indices {list(indices.shape)} must broadcast with input "
                           f"{list(input.shape)} beside dimension {dim}") from None
    input, indices = (
        broadcast_to(x, (*beside[:dim], x.shape[dim], *beside[dim + 1 :])) for x in (input, indices))
    return gather(input, dim, indices)


def scatter(input, dim, index, src=None, *, reduce=None, value=None):
    """A copy of `input` in which out[i][index[i][j]] = src[i][j] (for dim = 1); `src` may be one number, or `value` is.

    reduce="add" adds instead, "multiply" multiplies (which has no derivative, as in PyTorch). Raises RuntimeError for
    another `reduce` and for what `gather` would refuse.
    """
    dim, positions = _positions("scatter", input, dim, index)
    src = value if src is None else src
    if src is None:
        raise TypeError("scatter(): nothing to put there; give it a tensor `src` or a number `value`")
    values = _sources("scatter", input, src, positions)
    if reduce is None:
        return with_items(input, values, _grid(positions, dim))
    if reduce == "add":
        values = values if isinstance(values, Taped) else input.new_full(positions.shape, values)
        return input + _put_along(values, positions, dim, tuple(input.shape))
    if reduce != "multiply":
        raise RuntimeError(f"scatter(): reduce argument must be either add or multiply, given {reduce!r}")
    if is_grad_enabled() and any(isinstance(x, Taped) and x.requires_grad for x in (input, src)):
        raise RuntimeError("scatter(): the derivative for reduce='multiply' is not implemented; detach() its inputs")
    return _multiplied_along(input, values, positions, dim)


@operation()
def _multiplied_along(input, values, positions, dim):
    out = input.copy()
    for own, places in _slice_by_slice(positions, dim):
        out[places] *= values[own] if hasattr(values, "shape") else values
    return out


def _slice_by_slice(positions, dim):
    """The index of each slice of `positions` along `dim` and the places that it names: no place twice in one slice."""
    if not positions.ndim:
        yield (), ()
    for k in range(positions.shape[dim] if positions.ndim else 0):
        own = (slice(None),) * dim + (slice(k, k + 1),)
        yield own, _grid(positions[own], dim)


def scatter_add(input, dim, index, src):
    """As `scatter`, but added: out[i][index[i][j]] += src[i][j]. Places that are named twice get both."""
    check_tensors("scatter_add", src=src)
    dim, positions = _positions("scatter_add", input, dim, index)
    return input + _put_along(_sources("scatter_add", input, src, positions), positions, dim, tuple(input.shape))


def _positions(name, input, dim, index):
    """`dim` as a number from 0 and `index` as an array, when they fit the input."""
    check_tensors(name, input=input, index=index)
    positions = index._array
    if positions.dtype.kind != "i" or positions.dtype.itemsize < 4:
        raise RuntimeError(f"{name}(): Expected dtype int64 for index, given {index.dtype}; convert with .long()")
    if index.ndim != input.ndim:
        raise RuntimeError(f"{name}(): Index tensor must have the same number of dimensions as input tensor, "
                           f"given {index.ndim} and {input.ndim}")
    dim = _dim(dim, input.ndim)
    if any(i > n for d, (i, n) in enumerate(zip(index.shape, input.shape)) if d != dim):
        raise RuntimeError(f"{name}(): Size does not match at some dimension: index {list(index.shape)} must nowhere "
                           f"be larger than input {list(input.shape)} apart from dimension {dim}")
    _within(name, positions, input.shape[dim] if input.ndim else 1, dim, RuntimeError)
    return dim, positions


def _within(name, positions, size, dim, kind):
    if not isinstance(positions, np.ndarray):
        return  # on CUDA the kernel looks itself: to ask here would be to wait for it
    outside = positions[(positions < 0) | (positions >= size)]
    if outside.size:
        raise kind(f"{name}(): index {outside[0]} is out of bounds for dimension {dim} with size {size}")


def _sources(name, input, src, positions):
    """The part of `src` that `positions` speak of."""
    if not isinstance(src, Taped):
        return src
    if src.dtype != input.dtype:
        raise RuntimeError(f"{name}(): Expected src to be {input.dtype} as the input, given {src.dtype}")
    if src.ndim != positions.ndim or any(i > n for i, n in zip(positions.shape, src.shape)):
        raise RuntimeError(f"{name}(): index {list(positions.shape)} must nowhere be larger than src {list(src.shape)}")
    return src[tuple(slice(n) for n in positions.shape)]


@numpys_names
def index_select(input, dim, index):
    """The slices of `input` at the positions `index`, a vector of integers, along `dim`."""
    dim, places = _slices("index_select", input, dim, index)
    return input[places]


def index_add(input, dim, index, source, *, alpha=1):
    """`input` with α times the slices of `source` added to the slices at the positions `index` along `dim`.

    Slices that are named twice get both.

    >>> import course
    >>> course.zeros(3).index_add(0, course.tensor([0, 2, 0]), course.tensor([1., 2., 3.]))
    tensor([4., 0., 2.])
    """
    check_tensors("index_add", source=source)
    dim, places = _slices("index_add", input, dim, index)
    expected = tuple(index.numel() if d == dim else n for d, n in enumerate(input.shape))
    if source.dtype != input.dtype or tuple(source.shape) != expected:
        raise RuntimeError(f"index_add(): source must be {input.dtype} of shape {list(expected)}, given {source.dtype} "
                           f"of shape {list(source.shape)}")
    return input + _put(source if alpha == 1 else alpha * source, places, tuple(input.shape))


def index_fill(input, dim, index, value):
    """`input` with `value`, a number, in the slices at the positions `index` along `dim`."""
    if isinstance(value, Taped) and value.ndim:
        raise RuntimeError(f"index_fill() only supports a 0-dimensional value tensor, given shape {list(value.shape)}")
    return with_items(input, value, _slices("index_fill", input, dim, index, from_the_end=True)[1])


def _slices(name, input, dim, index, from_the_end=False):
    """`dim` as a number from 0 and the index of the slices at the positions `index`, when there are such."""
    check_tensors(name, input=input, index=index)
    if index._array.dtype.kind != "i":
        raise RuntimeError(f"{name}(): Expected dtype int64 for index, given {index.dtype}")
    if index.ndim > 1:
        raise IndexError(f"{name}(): Index is supposed to be a vector, given shape {list(index.shape)}")
    dim, positions = _dim(dim, input.ndim), index._array.reshape(-1)
    size = input.shape[dim] if input.ndim else 1
    _within(name, positions + size * (positions < 0) if from_the_end else positions, size, dim, IndexError)
    return dim, (slice(None),) * dim + (positions,) if input.ndim else ()


# --- masks --------------------------------------------------------------------------------------------------------


def masked_select(input, mask):
    """The elements of `input` where `mask` holds, in one row."""
    _check_mask("masked_select", input, mask)
    shape = np.broadcast_shapes(tuple(input.shape), tuple(mask.shape))
    return broadcast_to(input, shape)[broadcast_to(mask, shape)]


def masked_fill(input, mask, value):
    """`input` with `value` (a number) where `mask` holds."""
    _check_mask("masked_fill", input, mask)
    return elementwise.where(mask, value, input).to(input.dtype)


def _check_mask(name, input, mask):
    check_tensors(name, input=input, mask=mask)
    if mask._array.dtype != bool:
        raise RuntimeError(f"{name}: expected a mask of bools, given {mask.dtype}; convert with .bool()")
    try:
        np.broadcast_shapes(input._array.shape, mask._array.shape)
    except ValueError:
        raise RuntimeError(
            f"{name}(): a mask of shape {list(mask.shape)} does not fit a tensor of shape {list(input.shape)}"
        ) from None


@of_tensor
def where(condition, input=None, other=None):
    """`input` where `condition` holds, else `other`. Without both, the positions: nonzero(condition, as_tuple=True).

    >>> import course
    >>> course.where(course.tensor([True, False]), course.tensor([1, 2]), 0)
    tensor([1, 0])
    """
    choices = [x for x in (input, other) if x is not None]
    return elementwise.where(condition, *choices) if choices else nonzero(condition, as_tuple=True)


@operation()
def _positions_of_true(input):
    return np.argwhere(input)


@of_tensor
def nonzero(input, *, as_tuple=False):
    """The positions of all elements that are not 0, a row for each; `as_tuple` gives one tensor a dimension."""
    found = _positions_of_true(input if input.ndim or not as_tuple else input.reshape(1))
    return unbind(found, 1) if as_tuple else found
