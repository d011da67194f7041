"""Lists, arrays and masks as indices of arrays on the GPU: elements picked out, put back, added up and put in order."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from .device import check, flag, run
from .device_array import FUNCTIONS, DeviceArray, common_shape, contiguous, empty, from_host, operand, walks
from .device_functions import by_the_cpu, stack, stands_for
from .kernels import indexing, scan, sorting

# --- where the elements lie that an index names ---------------------------------------------------------------------


def _named(x, index):
    """Two arrays of the shape of x[index]: a view of x, and how far from its elements in memory the named ones lie."""
    basic, picked = [], []
    for i in _spelled_out(index, x.ndim):
        if i is None or isinstance(i, slice | int | np.integer):
            basic.append(i)
            continue
        i = i if isinstance(i, DeviceArray) else from_host(np.asarray(i, None if np.size(i) else np.int64))
        for part in _places_of_true(i) if i.dtype == bool else (i,):
            picked.append((len([b for b in basic if not isinstance(b, int | np.integer)]), part))
            basic.append(slice(None))
    x = x[tuple(basic)]
    dims, shape = [d for d, _ in picked], common_shape(*[at for _, at in picked])
    front = dims[0] if dims == list(range(dims[0], dims[-1] + 1)) else 0
    others = [n for d, n in enumerate(x.shape) if d not in dims]
    whole = (*others[:front], *shape, *others[front:])
    offsets = _offsets(shape, [(at, x.shape[d], x.strides[d] // x.itemsize, d) for d, at in picked])
    offsets = np.broadcast_to(offsets.reshape(shape + (1,) * len(others[front:])), whole)
    if 0 in whole:
        return empty(whole, x.dtype), offsets
    first = x._frame[tuple(slice(1) if d in dims else slice(None) for d in range(x.ndim))]
    rows = np.moveaxis(first, dims, range(front, front + len(dims)))
    rows = rows.reshape(rows.shape[:front] + (1,) * len(shape) + rows.shape[front + len(dims) :])
    return x._view(np.broadcast_to(rows, whole)), offsets


def _spelled_out(index, ndim):
    """An index as a list with an entry for each dimension: slices instead of `...` and of what is left out."""
    index = list(index) if isinstance(index, tuple) else [index]
    used = sum(0 if i is None or i is Ellipsis else np.ndim(i) if _is_mask(i) else 1 for i in index)
    at = next((n for n, i in enumerate(index) if i is Ellipsis), len(index))
    return [*index[:at], *[slice(None)] * (ndim - used), *index[at + 1 :]]


def _is_mask(i):
    return isinstance(i, DeviceArray | np.ndarray) and i.dtype == bool


def _offsets(shape, picked):
    """Σ number · stride over the dimensions that are picked from: (numbers, size, stride, dimension) each."""
    total = 0
    for at, size, stride, dim in picked:
        if not size and math.prod(shape):
            raise IndexError(f"index is out of bounds for dimension {dim} with size 0")
        out, wrong, before = empty(shape, np.int64), flag(at), (total,)
        arrays = [out, at] if isinstance(total, int) else [out, at, total]
        for count, sizes, (to, of_at, *of_total) in walks(shape, arrays):
            before, of_before = (total.memory, *of_total) if of_total else ((0,), (0,) * 5)
            run(indexing.locate, count, out.memory, before, at.memory, size, stride, wrong, count, sizes, to, of_before,
                of_at)
        check(wrong, lambda n, at=at, size=size, dim=dim: IndexError(
            f"index {np.broadcast_to(at, shape).ravel()[n].item()} is out of bounds for dimension {dim} with size "
            f"{size}"
        ))
        total = out
    return total


def _places_of_true(mask):
    """The positions along each dimension where the mask holds. How many there are must be fetched."""
    count = np.cumsum(mask.ravel(), dtype=np.int64)
    flat = empty((int(count[-1]) if mask.size else 0,), np.int64)
    run(scan.true_places, mask.size if flat.size else 0, mask.ravel(), count, flat)
    behind = [math.prod(mask.shape[d + 1 :]) for d in range(mask.ndim)]
    return [flat // stride % n if mask.ndim > 1 else flat for n, stride in zip(mask.shape, behind)]


# --- picking and putting --------------------------------------------------------------------------------------------


@stands_for("getitem")
def getitem(x, index):
    """x[index] for an index with lists, arrays or masks."""
    view, offsets = _named(x, index)
    out = empty(view.shape, x.dtype)
    for size, sizes, layouts in walks(out.shape, [out, view, offsets]):
        run(indexing.pick, size, out.memory, view.memory, offsets.memory, size, sizes, *layouts)
    return out


@stands_for("setitem")
def setitem(x, index, values):
    """x[index] = values."""
    _put(indexing.put, x, index, values)


@stands_for((np.add, "at"))
def add_at(x, index, values):
    """x[index] += values, where a place that is named twice gets both."""
    if isinstance(index, tuple) and not index:  # of a number, which is one place
        x[...] = x + values
    else:
        _put(indexing.add, x, index, values)


def _put(kernel, x, index, values):
    view, offsets = _named(x, index)
    values = operand(values)
    number = not isinstance(values, DeviceArray)
    values = x.dtype.type(values) if number else values.astype(x.dtype, copy=False)
    for size, sizes, layouts in walks(view.shape, [view, offsets] if number else [view, offsets, values]):
        memory, layouts = ((values,), [*layouts, (0,) * 5]) if number else (values.memory, layouts)
        run(kernel, size, view.memory, offsets.memory, memory, size, sizes, *layouts)


@stands_for(np.take)
def take(a, indices, axis=None, out=None, mode="raise"):
    return a.ravel()[indices] if axis is None else a[(slice(None),) * (axis % a.ndim) + (indices,)]


@stands_for(np.take_along_axis)
def take_along_axis(arr, indices, axis=-1):
    return arr[_along_axis(indices, axis)]


@stands_for(np.put_along_axis)
def put_along_axis(arr, indices, values, axis):
    arr[_along_axis(indices, axis)] = values


def _along_axis(indices, axis):
    """The index that names arr[…, indices, …], one number for each of the indices."""
    sizes = enumerate(indices.shape)
    grid = [np.arange(n, like=indices).reshape((-1,) + (1,) * (indices.ndim - d - 1)) for d, n in sizes]
    grid[axis] = indices
    return tuple(grid)


@stands_for(np.nonzero)
def nonzero(a):
    return tuple(_places_of_true(a.astype(bool, copy=False)))


@stands_for(np.argwhere)
def argwhere(a):
    return stack(nonzero(a), 1) if a.ndim else np.empty((int(a != 0), 0), np.int64, like=a)


@stands_for(np.bincount)
def bincount(x, weights=None, minlength=0):
    """How many numbers there are must be fetched: it is the size of the result."""
    size = max(int(x.max()) + 1 if x.size else 0, minlength)
    counts = np.zeros(size, np.int64 if weights is None else np.float64, like=x)
    add_at(counts, x, 1 if weights is None else weights)
    return counts


# --- along rows -----------------------------------------------------------------------------------------------------


@stands_for(np.cumsum)
def cumsum(a, axis=None, dtype=None, out=None):
    if axis is None:
        a, axis = a.ravel(), 0
    kind = dtype or (a.dtype if a.dtype.kind == "f" or a.dtype.itemsize == 8 else np.int64)
    rows, restore = _as_rows(a.astype(kind, copy=False), axis)
    sums = np.empty_like(rows)
    if sums.size:
        scan.cumulative_sum(rows, sums, run, empty)
    return restore(sums)


@stands_for(np.argsort)
def argsort(a, axis=-1, kind=None, order=None, *, stable=None):
    rows, restore = _as_rows(a, axis)
    places = empty(rows.shape, np.int64)
    run(sorting.sort, len(rows) if rows.size else 0, rows.copy() if rows.base is not None else rows, places, False)
    return restore(places)


def _as_rows(a, axis):
    """`a` as a contiguous matrix whose rows lie along `axis`, and how a matrix like it is brought back to its shape."""
    axis = normalize_axis_tuple(axis, a.ndim)[0]
    last = np.moveaxis(a, axis, -1)
    rows = contiguous(last).reshape(math.prod(last.shape[:-1]), last.shape[-1])
    return rows, lambda matrix: np.moveaxis(matrix.reshape(last.shape), -1, axis)


FUNCTIONS[np.sort] = lambda a, axis=-1, **options: take_along_axis(a, argsort(a, axis), axis)


@stands_for(np.unique)
def unique(ar, return_index=False, return_inverse=False, return_counts=False, axis=None, *, equal_nan=True):
    """How many values there are must be fetched: it is the size of the result. Along a dimension the CPU does it."""
    if axis is not None or return_index:
        return by_the_cpu(np.unique)(ar, return_index, return_inverse, return_counts, axis, equal_nan=equal_nan)
    flat = ar.ravel()
    order = argsort(flat)
    in_order = flat[order]
    first = np.ones(flat.shape, bool, like=ar)
    first[1:] = in_order[1:] != in_order[:-1]
    group = cumsum(first) - 1
    inverse = np.empty_like(group)
    inverse[order] = group
    asked = (True, return_inverse, return_counts)
    found = [x for x, wanted in zip((in_order[first], inverse.reshape(ar.shape), bincount(group)), asked) if wanted]
    return tuple(found) if len(found) > 1 else found[0]


@stands_for(np.searchsorted)
def searchsorted(a, v, side="left", sorter=None):
    """As many as stand before it. NaN stands last."""
    v = v[..., None]
    behind = (a >= v) | np.isnan(a) if side == "left" else (a > v) | (np.isnan(a) & ~np.isnan(v))
    return np.count_nonzero(~behind, -1)
