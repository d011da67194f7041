"""What NumPy's functions do with arrays on the GPU: `FUNCTIONS[np.where]` and its like."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from .device import different_devices, run
from .device_array import (
    FUNCTIONS,
    DeviceArray,
    common_shape,
    contiguous,
    empty,
    fill,
    from_host,
    joined,
    laid_out,
    launch_each,
    operand,
    steps_along,
)
from .kernels import reduction
from .kernels.matmul import matmul as matmul_kernel
from .kernels.matmul import number_of_tiles
from .kernels.strided import EACH, count


def stands_for(*functions):
    """Enter a function into the table as what does on CUDA what those of NumPy do."""

    def entered(function):
        FUNCTIONS.update(dict.fromkeys(functions, function))
        return function

    return entered


# --- creation: `like=` and the `…_like` functions -------------------------------------------------------------------


@stands_for(np.full)
def full(shape, fill_value, dtype=None, order="C", *, device=None):
    out = empty(_shape(shape), np.result_type(fill_value) if dtype is None else dtype)
    fill(out, fill_value)
    return out


def _shape(shape):
    return (shape,) if isinstance(shape, int | np.integer) else tuple(shape)


FUNCTIONS[np.empty] = lambda shape, dtype=float, order="C", *, device=None: empty(_shape(shape), dtype)
FUNCTIONS[np.zeros] = lambda shape, dtype=float, order="C", *, device=None: full(shape, 0, dtype)
FUNCTIONS[np.ones] = lambda shape, dtype=float, order="C", *, device=None: full(shape, 1, dtype)


@stands_for(np.full_like)
def full_like(a, fill_value, dtype=None, order="K", subok=True, shape=None, *, device=None):
    return full(a.shape if shape is None else shape, fill_value, dtype or a.dtype)


@stands_for(np.empty_like)
def empty_like(a, dtype=None, order="K", subok=True, shape=None, *, device=None):
    return empty(a.shape if shape is None else _shape(shape), dtype or a.dtype)


FUNCTIONS[np.zeros_like] = lambda a, *args, **options: full_like(a, 0, *args, **options)
FUNCTIONS[np.ones_like] = lambda a, *args, **options: full_like(a, 1, *args, **options)


@stands_for(np.arange)
def arange(start, stop=None, step=1, dtype=None, *, device=None):
    start, stop = (0, start) if stop is None else (start, stop)
    out = empty((max(math.ceil((stop - start) / step), 0),), dtype or np.result_type(start, stop, step))
    run(count, out.size, out, out.dtype.type(start), out.dtype.type(step))
    return out


@stands_for(np.eye)
def eye(N, M=None, k=0, dtype=float, order="C", *, device=None):
    out = full((N, N if M is None else M), 0, dtype)
    fill(FUNCTIONS[np.diagonal](out, k), 1)
    return out


@stands_for(np.array, np.asarray)
def asarray(a, dtype=None, order=None, *, copy=None, device=None):
    """A list or an array of NumPy's goes over to the GPU."""
    if not isinstance(a, DeviceArray):
        return from_host(np.asarray(a, dtype))
    return a if dtype is None and not copy else a.astype(dtype or a.dtype, copy=bool(copy))


@stands_for(np.ascontiguousarray)
def ascontiguousarray(a, dtype=None):
    return contiguous(asarray(a, dtype))


FUNCTIONS[np.copy] = lambda a, order="K", subok=False: a.copy()

# --- views: what NumPy does with the frame --------------------------------------------------------------------------


def _view(function):
    return lambda a, *args, **options: a._view(function(a._frame, *args, **options))


FUNCTIONS.update({function: _view(function) for function in (
    np.transpose, np.moveaxis, np.swapaxes, np.squeeze, np.expand_dims, np.broadcast_to, np.diagonal, np.flip,
)})  # fmt: skip
FUNCTIONS[np.reshape] = lambda a, shape, order="C", copy=None: a.reshape(shape)
FUNCTIONS[np.ravel] = lambda a, order="C": a.ravel()
FUNCTIONS[np.may_share_memory] = lambda a, b, max_work=None: a._block is b._block
FUNCTIONS[np.shape] = lambda a: a.shape
FUNCTIONS[np.ndim] = lambda a: a.ndim
FUNCTIONS[np.size] = lambda a, axis=None: a.size if axis is None else a.shape[axis]

# --- several arrays, element by element -----------------------------------------------------------------------------


@stands_for(np.result_type)
def result_type(*operands):
    return np.result_type(*[x.dtype if isinstance(x, DeviceArray) else x for x in operands])


@stands_for(np.where)
def where(condition, x, y):
    condition, x, y = map(operand, (condition, x, y))
    if isinstance(condition, DeviceArray):
        condition = condition.astype(bool, copy=False)
    kind = result_type(x, y)
    x, y = [v.astype(kind, copy=False) if isinstance(v, DeviceArray) else kind.type(v) for v in (x, y)]
    out = empty(common_shape(condition, x, y), kind)
    launch_each(EACH[np.where], out, condition, x, y)
    return out


@stands_for(np.clip)
def clip(a, a_min=None, a_max=None, out=None):
    bounded = a if a_min is None else np.maximum(a, a_min)
    return bounded if a_max is None else np.minimum(bounded, a_max)


@stands_for(np.isclose)
def isclose(a, b, rtol=1e-5, atol=1e-8, equal_nan=False):
    close = (np.absolute(a - b) <= atol + rtol * np.absolute(b)) & np.isfinite(b) | (a == b)
    return close | (np.isnan(a) & np.isnan(b)) if equal_nan else close


@stands_for(np.concatenate)
def concatenate(arrays, axis=0, out=None, *, dtype=None, casting="same_kind"):
    arrays = [operand(a) for a in arrays]
    first = arrays[0]
    axis = normalize_axis_tuple(axis, first.ndim)[0]
    for a in arrays:
        if a.shape[:axis] + a.shape[axis + 1 :] != first.shape[:axis] + first.shape[axis + 1 :]:
            raise ValueError(f"all sizes but those of dimension {axis} must match, given {first.shape} and {a.shape}")
    total = sum(a.shape[axis] for a in arrays)
    out = empty((*first.shape[:axis], total, *first.shape[axis + 1 :]), dtype or result_type(*arrays))
    end = 0
    for a in arrays:
        begin, end = end, end + a.shape[axis]
        out[(slice(None),) * axis + (slice(begin, end),)] = a
    return out


@stands_for(np.stack)
def stack(arrays, axis=0, out=None, *, dtype=None, casting="same_kind"):
    return concatenate([np.expand_dims(a, axis) for a in arrays], axis, dtype=dtype)


def _triangle(a, k, keeps):
    rows, columns = a.shape[-2:]
    down = arange(rows, dtype=np.int64)[:, None] + k
    return where(keeps(arange(columns, dtype=np.int64), down), a, a.dtype.type(0))


FUNCTIONS[np.tril] = lambda m, k=0: _triangle(m, k, np.less_equal)
FUNCTIONS[np.triu] = lambda m, k=0: _triangle(m, k, np.greater_equal)


@stands_for(np.roll)
def roll(a, shift, axis=None):
    if axis is None:
        return roll(a.ravel(), shift, 0).reshape(a.shape)
    for by, along in zip(np.atleast_1d(shift).tolist(), np.atleast_1d(axis).tolist()):
        cut = -by % max(a.shape[along], 1)
        before = (slice(None),) * normalize_axis_tuple(along, a.ndim)[0]
        a = concatenate([a[(*before, slice(cut, None))], a[(*before, slice(cut))]], along)
    return a


@stands_for(np.pad)
def pad(array, pad_width, mode="constant", constant_values=0):
    if mode != "constant":
        raise NotImplementedError(f"np.pad(mode={mode!r}) has no CUDA form in the course yet")
    margins = [tuple(map(int, m)) for m in np.broadcast_to(pad_width, (array.ndim, 2))]
    out = full([before + n + after for n, (before, after) in zip(array.shape, margins)], constant_values, array.dtype)
    out[tuple(slice(before, before + n) for n, (before, _) in zip(array.shape, margins))] = array
    return out


@stands_for(np.round)
def round(a, decimals=0, out=None):
    if a.dtype.kind != "f":
        return a.copy()
    return np.rint(a) if decimals == 0 else np.rint(a * 10.0**decimals) / 10.0**decimals


def _log_add_exp(a, b):
    """log(eᵃ + eᵇ) = max + log(1 + e^−|a − b|)."""
    return np.maximum(a, b) + where(np.equal(a, b), math.log(2), np.log1p(np.exp(-np.absolute(a - b))))


FUNCTIONS[np.logaddexp] = _log_add_exp
FUNCTIONS[np.arcsin] = lambda x: np.arctan2(x, np.sqrt((1 - x) * (1 + x)))
FUNCTIONS[np.arccos] = lambda x: 2 * np.arctan2(np.sqrt(1 - x), np.sqrt(1 + x))


@stands_for(np.cross)
def cross(a, b, axis=-1):
    (a0, a1, a2), (b0, b1, b2) = np.moveaxis(a, axis, 0), np.moveaxis(b, axis, 0)
    return stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0], axis)


def _accumulating(combine):
    def accumulate(a, axis=0, dtype=None, out=None):
        """In each round the results reach back twice as far."""
        a = np.moveaxis(a.astype(dtype or a.dtype), axis, 0)
        reach = 1
        while reach < len(a):
            a = concatenate([a[:reach], combine(a[reach:], a[:-reach])])
            reach *= 2
        return np.moveaxis(a, 0, axis)

    return accumulate


FUNCTIONS[np.cumprod] = _accumulating(np.multiply)
FUNCTIONS |= {(f, "accumulate"): _accumulating(f) for f in (np.maximum, np.minimum, np.logaddexp)}


@stands_for(np.fmod)
def fmod(a, b):
    """What is left has the sign of a; of np.remainder it is that of b."""
    left = np.remainder(a, b)
    return where((left != 0) & ((left < 0) != np.less(a, 0)), left - b, left)


@stands_for(np.signbit)
def signbit(x):
    return (x < 0) | ((x == 0) & (1 / x < 0)) if x.dtype.kind == "f" else x < 0


FUNCTIONS[np.copysign] = lambda a, b: where(np.signbit(b), -np.absolute(a), np.absolute(a))
FUNCTIONS[np.exp2] = lambda x: 2**x
FUNCTIONS[np.hypot] = lambda a, b: np.sqrt(a * a + b * b)


@stands_for(np.isin)
def isin(element, test_elements, assume_unique=False, invert=False, *, kind=None):
    tests = test_elements.ravel() if isinstance(test_elements, DeviceArray) else test_elements
    found = np.equal(element[..., None] if isinstance(element, DeviceArray) else element, tests).any(-1)
    return ~found if invert else found


# --- reductions -----------------------------------------------------------------------------------------------------


def reduced(kernel, x, axis, keepdims, first):
    """One number for each row of x along `axis`: first, combined with all of the row."""
    axes = range(x.ndim) if axis is None else normalize_axis_tuple(axis, x.ndim)
    result_shape = _kept_shape(x, axes, keepdims)
    x, shape, sizes, layout, row_sizes, row_layout, length = _rows(x, axes)
    chunks = max(-(-length // reduction.CHUNK), 1)
    out = empty((math.prod(shape), chunks), x.dtype)
    run(kernel, out.size, out.ravel(), x.memory, x.dtype.type(first), length, chunks, sizes, layout, row_sizes,
        row_layout)
    if chunks > 1:
        out = reduced(kernel, out, 1, False, first)
    return out.reshape(result_shape)


def _rows(x, axes):
    """How a kernel walks through rows that lie along `axes`, and from row to row."""
    axes = tuple(axes)
    kept = [d for d in range(x.ndim) if d not in axes]
    ordered = x._view(x._frame.transpose(*kept, *axes))
    shape, row = ordered.shape[: len(kept)], ordered.shape[len(kept) :]
    steps = steps_along(ordered.shape, ordered)
    sizes, (walk,) = joined(shape, [steps[: len(kept)]])
    row_sizes, (row_walk,) = joined(row, [steps[len(kept) :]])
    if max(len(sizes), len(row_sizes)) > 4:  # more than a kernel follows
        return _rows(ordered.copy(), range(len(kept), x.ndim))
    sizes, (layout,) = laid_out(sizes, [x.start], [walk])
    row_sizes, (row_layout,) = laid_out(row_sizes, [0], [row_walk])
    return x, shape, sizes, layout, row_sizes, row_layout, math.prod(row)


def _kept_shape(x, axes, keepdims):
    return tuple(1 if d in axes else n for d, n in enumerate(x.shape) if keepdims or d not in axes)


def _summed(kernel, first):
    def add_up(x, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=True):
        if dtype is None:  # NumPy adds up bools and short integers as int64
            dtype = x.dtype if x.dtype.kind == "f" or x.dtype.itemsize == 8 else np.int64
        return reduced(kernel, x.astype(dtype, copy=False), axis, keepdims, first if initial is None else initial)

    return add_up


def _extreme(kernel, name, lowest):
    def find(x, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=True):
        if initial is None:
            axes = range(x.ndim) if axis is None else normalize_axis_tuple(axis, x.ndim)
            if 0 in [x.shape[d] for d in axes]:
                raise ValueError(f"zero-size array to reduction operation {name} which has no identity")
            initial = lowest(x.dtype)
        return reduced(kernel, x, axis, keepdims, initial)

    return find


def _bounds(dtype):
    """The least and the largest number of a type."""
    if dtype.kind == "b":
        return False, True
    return (-np.inf, np.inf) if dtype.kind == "f" else (np.iinfo(dtype).min, np.iinfo(dtype).max)


_add_up, _multiply = _summed(reduction.REDUCE[np.add], 0), _summed(reduction.REDUCE[np.multiply], 1)
_largest = _extreme(reduction.REDUCE[np.maximum], "maximum", lambda dtype: _bounds(dtype)[0])
_smallest = _extreme(reduction.REDUCE[np.minimum], "minimum", lambda dtype: _bounds(dtype)[1])

for _ufunc, _function, _reduce in (
    (np.add, np.sum, _add_up), (np.multiply, np.prod, _multiply),
    (np.maximum, np.max, _largest), (np.minimum, np.min, _smallest),
):  # fmt: skip
    FUNCTIONS[_ufunc, "reduce"] = _reduce
    FUNCTIONS[_function] = lambda a, axis=None, reduce=_reduce, **options: reduce(a, axis, **options)


@stands_for(np.any)
def any(a, axis=None, out=None, keepdims=False):
    return _largest(a.astype(bool, copy=False), axis, keepdims=keepdims, initial=False)


@stands_for(np.all)
def all(a, axis=None, out=None, keepdims=False):
    return _smallest(a.astype(bool, copy=False), axis, keepdims=keepdims, initial=True)


@stands_for(np.mean)
def mean(a, axis=None, dtype=None, out=None, keepdims=False):
    total = _add_up(a, axis, dtype or (a.dtype if a.dtype.kind == "f" else np.float64), keepdims=keepdims)
    return total / total.dtype.type(a.size // max(total.size, 1))


@stands_for(np.count_nonzero)
def count_nonzero(a, axis=None, *, keepdims=False):
    return _add_up(a.astype(bool, copy=False), axis, keepdims=keepdims)


def _found(kernel, name):
    def find(a, axis=None, out=None, *, keepdims=False):
        axes = tuple(range(a.ndim)) if axis is None else normalize_axis_tuple(axis, a.ndim)
        x, shape, sizes, layout, row_sizes, row_layout, length = _rows(a, axes)
        if not length:
            raise ValueError(f"attempt to get {name} of an empty sequence")
        found = empty((math.prod(shape),), np.int64)
        run(kernel, found.size, found, x.memory, length, sizes, layout, row_sizes, row_layout)
        return found.reshape(_kept_shape(a, axes, keepdims))

    return find


FUNCTIONS[np.argmax] = _found(reduction.find_largest, "argmax")
FUNCTIONS[np.argmin] = _found(reduction.find_smallest, "argmin")


# --- matrix products ------------------------------------------------------------------------------------------------


@stands_for(np.matmul)
def matmul(a, b, out=None):
    a, b = operand(a), operand(b)
    kind = result_type(a, b)
    a, b = a.astype(kind, copy=False), b.astype(kind, copy=False)
    left = a if a.ndim > 1 else a[None]
    right = b if b.ndim > 1 else b[:, None]
    (n, k), (inner, m) = left.shape[-2:], right.shape[-2:]
    if k != inner:
        raise ValueError(f"matmul: the inner sizes of {a.shape} and {b.shape} differ")
    batch = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    left, left_strides = _batch_of_matrices(left, batch)
    right, right_strides = _batch_of_matrices(right, batch)
    sizes = math.prod(batch), n, k, m
    result = empty((*batch, n, m), kind)
    run(matmul_kernel, number_of_tiles(sizes) if result.size else 0, left.memory[left.start :],
        right.memory[right.start :], result.ravel(), sizes, left_strides, right_strides, kind.type(0))
    result = result.reshape(batch + (n,) * (a.ndim > 1) + (m,) * (b.ndim > 1))
    if out is None:
        return result
    fill(out[0], result)
    return out[0]


def _batch_of_matrices(x, batch):
    """The matrices, copied where they lie at no even distances, and how far apart are matrices, rows and columns."""
    *between, down, across = steps_along((*batch, *x.shape[-2:]), x)
    sizes, (walk,) = joined(batch, [between])
    if len(sizes) > 1:
        return _batch_of_matrices(np.broadcast_to(x, (*batch, *x.shape[-2:])).copy(), batch)
    return x, (walk[0], down, across)


# --- left to the CPU --------------------------------------------------------------------------------------------------


def by_the_cpu(function):
    """`function` of copies on the CPU, its results copied back. Both are counted, and whoever calls it is told: see
    `course.linalg`. (PyTorch's GPU libraries leave parts of these to the CPU as well.) Raises RuntimeError where one of
    several arrays lies on the CPU already.
    """

    def worked_out(*args, **options):
        if np.ndarray in map(type, (*args, *options.values())):
            raise different_devices()
        found = function(*map(_fetched, args), **{name: _fetched(x) for name, x in options.items()})
        return tuple(map(_sent, found)) if isinstance(found, tuple) else _sent(found)

    return worked_out


def _fetched(x):
    return x.to_host() if isinstance(x, DeviceArray) else x


def _sent(x):
    return from_host(np.asarray(x))


_DECOMPOSITIONS = (np.linalg.inv, np.linalg.det, np.linalg.solve, np.linalg.eigh, np.linalg.svd, np.linalg.qr,
                   np.linalg.cholesky, np.linalg.slogdet)
FUNCTIONS |= {function: by_the_cpu(function) for function in (
    *_DECOMPOSITIONS, np.histogram, np.arcsinh, np.arccosh, np.arctanh)}
