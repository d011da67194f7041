"""Slices and elements put where an index or a mask says, and what meets in one place combined."""

import numpy as np

from ..autograd import Taped, check_tensors, operation
from .elementwise import clamp, div, where
from .indexing import (
    _check_mask,
    _getitem,
    _positions,
    _put,
    _put_along,
    _slice_by_slice,
    _slices,
    _sources,
    _with_items,
    getitem,
    plain_index,
    take_along,
    with_items,
)
from .shapes import broadcast_to


def index_copy(input, dim, index, source):
    """`input` with the slices of `source` at the positions `index` along `dim`.

    Raises RuntimeError for a source of another type, IndexError for one of another shape or an index out of bounds.

    >>> import course
    >>> course.zeros(3).index_copy(0, course.tensor([2, 0]), course.tensor([1., 5.]))
    tensor([5., 0., 1.])
    """
    check_tensors("index_copy", source=source)
    dim, places = _slices("index_copy", input, dim, index)
    if source.dtype != input.dtype:
        raise RuntimeError(f"index_copy(): self and source expected to have the same dtype, but got {input.dtype} and "
                           f"{source.dtype}")
    expected = tuple(index.numel() if d == dim else n for d, n in enumerate(input.shape))
    source = source if source.ndim else source.reshape(1)
    if tuple(source.shape) != expected:
        raise IndexError(f"index_copy(): source must be of shape {list(expected)}, given {list(source.shape)}")
    return with_items(input, source, places)


def index_put(input, indices, values, accumulate=False):
    """`input` with `values` at input[indices], tensors of integers, or one of bools; `accumulate` adds them.

    Places that are named twice get both where they are added. Raises IndexError for an index out of bounds.

    >>> import course
    >>> course.index_put(course.zeros(3), (course.tensor([0, 0]),), course.tensor([1., 2.]), accumulate=True)
    tensor([3., 0., 0.])
    """
    check_tensors("index_put", input=input, values=values)
    if values.dtype != input.dtype:
        raise RuntimeError(f"index_put(): Index put requires the source and destination dtypes match, got "
                           f"{input.dtype} for the destination and {values.dtype} for the source")
    index = tuple(indices)
    if not accumulate:
        return with_items(input, values, index)
    return input + _put(broadcast_to(values, getitem(input, index).shape), plain_index(index), tuple(input.shape))


def masked_scatter(input, mask, source):
    """`input` with the elements of `source`, one after the other, where `mask` holds.

    Raises RuntimeError for a source of another type or with too few elements.

    >>> import course
    >>> course.zeros(4).masked_scatter(course.tensor([True, False, True, False]), course.tensor([1., 2., 3.]))
    tensor([1., 0., 2., 0.])
    """
    _check_mask("masked_scatter", input, mask)
    check_tensors("masked_scatter", source=source)
    shape = np.broadcast_shapes(tuple(input.shape), tuple(mask.shape))
    input, mask = broadcast_to(input, shape), broadcast_to(mask, shape)
    count = int(mask.sum())
    if source.dtype != input.dtype or source.numel() < count:
        raise RuntimeError(f"masked_scatter: expected self and source to have same dtypes and as many source elements "
                           f"as places where the mask holds, {count}; given {input.dtype}, {source.dtype} and "
                           f"{source.numel()} elements")
    return _with_items(input, source.reshape(-1)[:count], mask._array)


# --- scatter_reduce: elements that meet -------------------------------------------------------------------------------


def scatter_reduce(input, dim, index, src, reduce, *, include_self=True):
    """out[i][j] = the "sum", "prod", "mean", "amax" or "amin" of input[i][j] and all src[i][k] with index[i][k] = j.

    This is for dim = 1; other dimensions work alike. With include_self=False the numbers of `input` remain only where
    nothing of `src` arrives. Equal extremes share the gradient. Raises RuntimeError for another `reduce` and for what
    `scatter` would refuse.
    Differs from PyTorch: with include_self=False the numbers of `input` take no share of the gradient.

    >>> import course
    >>> groups, x = course.tensor([0, 1, 0]), course.tensor([1., 2., 5.])
    >>> course.zeros(2).scatter_reduce(0, groups, x, "mean", include_self=False)
    tensor([3., 2.])
    """
    check_tensors("scatter_reduce", src=src)
    if reduce not in _BEFORE_ALL:
        raise RuntimeError(f"scatter_reduce(): reduce must be one of {', '.join(_BEFORE_ALL)}, given {reduce!r}")
    dim, positions = _positions("scatter_reduce", input, dim, index)
    values, shape = _sources("scatter_reduce", input, src, positions), tuple(input.shape)
    counts = _put_along(Taped.tensor(np.ones_like(positions)), positions, dim, shape)
    if not include_self:
        input = where(counts > 0, _BEFORE_ALL[reduce](input._array.dtype), input)
    if reduce == "prod":
        return _product_along(input, values, positions, dim)
    if reduce in ("amax", "amin"):
        return _extremes_along(input, values, positions, dim, np.maximum if reduce == "amax" else np.minimum)
    total = input + _put_along(values, positions, dim, shape)
    if reduce == "sum":
        return total
    met = (counts + 1 if include_self else clamp(counts, min=1)).to(input.dtype)
    return div(total, met, rounding_mode=None if input.is_floating_point() else "floor")


_BEFORE_ALL = {  # what is combined -> from what to begin, in numbers of a type
    "sum": lambda dtype: 0,
    "prod": lambda dtype: 1,
    "mean": lambda dtype: 0,
    "amax": lambda dtype: -np.inf if dtype.kind == "f" else int(np.iinfo(dtype).min),
    "amin": lambda dtype: np.inf if dtype.kind == "f" else int(np.iinfo(dtype).max),
}


def _product_along(out, values, positions, dim):
    """Slice by slice, so that no place is named twice at once; of operations, whose derivatives bear a factor of 0."""
    for own, places in _slice_by_slice(positions, dim):
        out = _with_items(out, _getitem(out, places) * _getitem(values, own), places)
    return out


@operation(
    input_and_values=lambda g, input, values, out, positions, dim: _shared(g, input, values, out, positions, dim)
)
def _extremes_along(input, values, positions, dim, extreme):
    out = input.copy()
    for own, places in _slice_by_slice(positions, dim):
        out[places] = extreme(out[places], values[own])
    return out


def _shared(g, input, values, out, positions, dim):
    """The gradient of each extreme in even shares for all that equal it."""
    of_input = where(input == out, 1.0, 0.0)
    of_values = where(values == take_along(out, positions, dim), 1.0, 0.0)
    share = g / (of_input + _put_along(of_values, positions, dim, tuple(out.shape)))
    return share * of_input, take_along(share, positions, dim) * of_values
