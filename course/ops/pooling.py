"""Pooling in one and two dimensions: each window of an image becomes its largest number, or its mean."""

import math

import numpy as np

from ..autograd import Taped, check_tensors, operation
from ..device import beside, run
from ..kernels import pooling as kernels
from .convolution import sizes
from .elementwise import abs, relu, sign
from .indexing import scatter
from .shapes import reshape

# --- windows --------------------------------------------------------------------------------------------------------
# Along each dimension, window i begins at first[i] and ends before last[i]; both within the image.


def _sliding(name, n, k, stride, padding, dilation=1, ceil_mode=False):
    """The windows of length k along a dimension of size n: (first, last, last as if the margin were image)."""
    if padding > k // 2:
        raise RuntimeError(f"{name}(): pad should be at most half of effective kernel size, but got pad={padding} and "
                           f"kernel_size={k}")
    reach = dilation * (k - 1) + 1
    room = n + 2 * padding - reach
    count = (-(-room // stride) if ceil_mode else room // stride) + 1
    if ceil_mode and (count - 1) * stride >= n + padding:  # the last window would begin in the margin
        count -= 1
    if count < 1:
        raise RuntimeError(f"{name}(): a window of {reach} does not fit into a size of {n} with padding {padding}")
    start = np.arange(count) * stride - padding
    last = np.minimum(start + reach, n)
    outside = np.maximum(0, -start)
    first = start + -(-outside // dilation) * dilation  # the first step that is inside
    return first, last, np.minimum(start + reach, n + padding) - start


def _adaptive(n, count):
    """`count` windows that cover a dimension of size n: window i is ⌊i n / count⌋ to ⌈(i + 1) n / count⌉."""
    i = np.arange(count)
    first, last = i * n // count, -(-(i + 1) * n // count)
    return first, last, last - first


# --- operations on (planes, rows, columns) ---------------------------------------------------------------------------


@operation(input=lambda g, input, kept: _scatter(g, kept, tuple(input.shape)))
def _max_pool(input, rows, columns, step):
    x = np.ascontiguousarray(input, like=input)
    out = np.empty((len(x), len(rows[0]), len(columns[0])), x.dtype, like=x)
    at = np.empty(out.shape, np.int32 if x[:1].size < 2**31 else np.int64, like=x)
    run(kernels.max_pool, out.size, x, out, at, *beside(x, *rows, *columns), step)
    return out, at


@operation(values=lambda g, at: _take(g, at))
def _scatter(values, at, shape):
    """Zeros of `shape`, to which the values are added at their places in each plane."""
    out = np.empty(shape, values.dtype, like=values)
    g, places = np.ascontiguousarray(values, like=values).reshape(len(values), -1), at.reshape(len(at), -1)
    run(kernels.scatter, len(g), g, places, out.reshape(len(out), -1))
    return out


@operation(input=lambda g, input, at: _scatter(g, at, tuple(input.shape)))
def _take(input, at):
    """The numbers of each plane at the given places."""
    return np.take_along_axis(input.reshape(len(input), -1), at.reshape(len(at), -1), 1).reshape(at.shape)


@operation(input=lambda g, input, rows, columns: _sum_pool_back(g, rows, columns, tuple(input.shape)))
def _sum_pool(input, rows, columns):
    x = np.ascontiguousarray(input, like=input)
    out = np.empty((len(x), len(rows[0]), len(columns[0])), x.dtype, like=x)
    run(kernels.sum_pool, out.size, x, out, *beside(x, *rows, *columns))
    return out


@operation(g=lambda u, rows, columns: _sum_pool(u, rows, columns))
def _sum_pool_back(g, rows, columns, shape):
    out = np.empty(shape, g.dtype, like=g)
    run(kernels.sum_pool_back, out.size, np.ascontiguousarray(g, like=g), out, *beside(g, *rows, *columns))
    return out


# --- functions --------------------------------------------------------------------------------------------------------


def _planes(name, dims, input):
    """The input as (planes, rows, columns), and its leading sizes; a sequence is an image of one row."""
    check_tensors(name, input=input)
    if input.ndim not in (dims + 1, dims + 2):
        raise RuntimeError(f"Expected {dims + 1}D or {dims + 2}D (batch mode) tensor for input to {name}, but got "
                           f"input of size: {list(input.shape)}")
    if not input.is_floating_point():
        raise RuntimeError(f"{name}() needs floating-point numbers, given {input.dtype}; convert with .float()")
    leading, image = tuple(input.shape[:-dims]), tuple(input.shape[-dims:])
    rows, columns = image if dims == 2 else (1, *image)
    return reshape(input, math.prod(leading), rows, columns), leading


_ONE_ROW = (np.array([0]), np.array([1]), np.array([1]))  # the windows along the dimension that a sequence lacks


def _max(name, dims, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices):
    kernel = sizes(name, "kernel_size", kernel_size, dims)
    stride = kernel if stride is None else sizes(name, "stride", stride, dims)
    padding, dilation = sizes(name, "padding", padding, dims, least=0), sizes(name, "dilation", dilation, dims)
    planes, leading = _planes(name, dims, input)
    windows = [_sliding(name, *numbers, ceil_mode)
               for numbers in zip(input.shape[-dims:], kernel, stride, padding, dilation)]
    return _largest(planes, leading, windows, dilation, return_indices)


def _largest(planes, leading, windows, dilation, return_indices):
    rows, columns = windows if len(windows) == 2 else (_ONE_ROW, *windows)
    step = dilation if len(windows) == 2 else (1, *dilation)
    shape = leading + tuple(len(first) for first, *_ in windows)
    if not return_indices:
        return reshape(_max_pool(planes, rows[:2], columns[:2], step), *shape)
    _, at = _max_pool.forward(planes._array, rows[:2], columns[:2], step)
    return reshape(_take(planes, at), *shape), Taped.tensor(at.reshape(shape).astype(np.int64))


def max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest number of each window of a sequence; see `max_pool2d`. Shapes: (sequences, C, length)."""
    return _max("max_pool1d", 1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest number of each window; the gradient goes to where it stood, to the first of several equals.

    Shapes: input (images, C, height, width) or (C, height, width); the result has
    ⌊(size + 2 padding − dilation (k − 1) − 1) / stride⌋ + 1 rows and columns, ⌈…⌉ with `ceil_mode`; stride is the
    kernel_size unless given. With `return_indices` also each place in its image, row · width + column.
    """
    return _max("max_pool2d", 2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def _average(planes, leading, dims, windows, divisor=None):
    rows, columns = windows if dims == 2 else (_ONE_ROW, *windows)
    sums = _sum_pool(planes, rows[:2], columns[:2])
    (counts,) = beside(planes._array, np.multiply.outer(rows[2], columns[2]).astype(planes._array.dtype))
    sums = sums / (float(divisor) if divisor else Taped.tensor(counts))
    return reshape(sums, *leading, *sums.shape[-dims:])


def _avg(name, dims, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override=None):
    kernel = sizes(name, "kernel_size", kernel_size, dims)
    stride = kernel if stride is None else sizes(name, "stride", stride, dims)
    padding = sizes(name, "padding", padding, dims, least=0)
    if divisor_override == 0:
        raise RuntimeError(f"{name}(): divisor must be not zero")
    planes, leading = _planes(name, dims, input)
    windows = []
    for n, k, s, p in zip(input.shape[-dims:], kernel, stride, padding):
        first, last, full = _sliding(name, n, k, s, p, 1, ceil_mode)
        windows.append((first, last, full if count_include_pad else last - first))
    return _average(planes, leading, dims, windows, divisor_override)


def avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    """The mean of each window of a sequence; see `avg_pool2d`. Shapes: (sequences, C, length) or (C, length)."""
    return _avg("avg_pool1d", 1, input, kernel_size, stride, padding, ceil_mode, count_include_pad)


def avg_pool2d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
               divisor_override=None):
    """The mean of each window. Zeros of the margin count unless count_include_pad=False; `divisor_override` divides.

    Shapes: as `max_pool2d`.
    """
    return _avg("avg_pool2d", 2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def lp_pool1d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """The p-norm of each window of a sequence; see `lp_pool2d`. Shapes: (sequences, C, length) or (C, length)."""
    return _lp("lp_pool1d", 1, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """(Σ x^p)^(1/p) of each window, p = norm_type: the sum for 1, the largest |x| for ∞.

    The gradient is 0 where the sum is. For an odd p the signs of x count, as in PyTorch, and a negative sum has no
    root: NaN. Shapes: as `max_pool2d`.
    """
    return _lp("lp_pool2d", 2, input, norm_type, kernel_size, stride, ceil_mode)


def _lp(name, dims, input, p, kernel_size, stride, ceil_mode):
    check_tensors(name, input=input)
    if math.isinf(p):
        way = math.copysign(1, p)
        return way * _max(name, dims, way * abs(input), kernel_size, stride, 0, 1, ceil_mode, False)
    means = _avg(name, dims, input**p, kernel_size, stride, 0, ceil_mode, True)
    sums = sign(means) * relu(abs(means)) * math.prod(sizes(name, "kernel_size", kernel_size, dims))  # relu: 0 at 0
    return sums ** (1 / p)


def adaptive_avg_pool1d(input, output_size):
    """The means of `output_size` windows that cover a sequence; see `adaptive_avg_pool2d`."""
    return _adaptive_avg("adaptive_avg_pool1d", 1, input, output_size)


def adaptive_avg_pool2d(input, output_size):
    """The means of output_size = (H, W) windows that cover the image, whatever its size; None keeps a size.

    Window i along a dimension of size n is ⌊i n / H⌋ to ⌈(i + 1) n / H⌉. Shapes: as `max_pool2d`.
    """
    return _adaptive_avg("adaptive_avg_pool2d", 2, input, output_size)


def _adaptive_avg(name, dims, input, output_size):
    planes, leading = _planes(name, dims, input)
    return _average(planes, leading, dims, _covering(name, dims, input, output_size))


def adaptive_max_pool1d(input, output_size, return_indices=False):
    """The largest numbers of `output_size` windows that cover a sequence; see `adaptive_max_pool2d`."""
    return _adaptive_max("adaptive_max_pool1d", 1, input, output_size, return_indices)


def adaptive_max_pool2d(input, output_size, return_indices=False):
    """The largest numbers of output_size = (H, W) windows that cover the image: those of `adaptive_avg_pool2d`.

    With `return_indices` also each place in its image, as `max_pool2d` has it.
    """
    return _adaptive_max("adaptive_max_pool2d", 2, input, output_size, return_indices)


def _adaptive_max(name, dims, input, output_size, return_indices):
    planes, leading = _planes(name, dims, input)
    return _largest(planes, leading, _covering(name, dims, input, output_size), (1,) * dims, return_indices)


def _covering(name, dims, input, output_size):
    """The windows of adaptive pooling, along each dimension of the image."""
    image = input.shape[-dims:]
    several = output_size if isinstance(output_size, tuple | list) else (output_size,) * dims
    if len(several) != dims:
        raise ValueError(f"{name}(): output_size must be a number or {dims}, given {output_size}")
    wanted = sizes(name, "output_size", tuple(n if m is None else m for n, m in zip(image, several)), dims)
    return [_adaptive(n, m) for n, m in zip(image, wanted)]


# --- the way back ----------------------------------------------------------------------------------------------------


def max_unpool1d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """The way back from `max_pool1d`; see `max_unpool2d`. Shapes: (sequences, C, length) or (C, length)."""
    return _unpooled("max_unpool1d", 1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """An image of zeros with each number back where `max_pool2d(…, return_indices=True)` found it.

    Args: kernel_size, stride, padding: those of the pooling; output_size: the size of the image, which a stride leaves
    open, (stride (H − 1) + kernel_size − 2 padding) unless given.
    Shapes: input and indices (images, C, H, W) or (C, H, W). Raises RuntimeError for indices that do not fit,
    ValueError for a size out of reach. Source: Zeiler and Fergus, 2014.
    """
    return _unpooled("max_unpool2d", 2, input, indices, kernel_size, stride, padding, output_size)


def _unpooled(name, dims, input, indices, kernel_size, stride, padding, output_size):
    kernel = sizes(name, "kernel_size", kernel_size, dims)
    stride = kernel if stride is None else sizes(name, "stride", stride, dims)
    padding = sizes(name, "padding", padding, dims, least=0)
    check_tensors(name, indices=indices)
    planes, leading = _planes(name, dims, input)
    if indices._array.dtype != np.int64:
        raise RuntimeError(f"elements in indices should be type int64 but got: {indices.dtype}")
    if indices.shape != input.shape:
        raise RuntimeError(f"Expected shape of indices to be same as that of the input tensor ({list(input.shape)}) "
                           f"but got indices tensor with shape: {list(indices.shape)}")
    image = [(n - 1) * s + k - 2 * p for n, s, k, p in zip(input.shape[-dims:], stride, kernel, padding)]
    if output_size is not None:
        image = _asked_for(tuple(output_size), image, stride)
    zeros = Taped.tensor(np.zeros((len(planes), math.prod(image)), input._array.dtype, like=input._array))
    flat = [reshape(x, len(planes), -1) for x in (indices, planes)]
    return reshape(scatter(zeros, 1, *flat), *leading, *image)


def _asked_for(wanted, image, stride):
    """`output_size` without samples and channels, if the pooling could have begun from it."""
    dims = len(image)
    if len(wanted) not in (dims, dims + 2):
        raise ValueError(f"output_size should be a sequence containing {dims} or {dims + 2} elements, but it has a "
                         f"length of '{len(wanted)}'")
    wanted = wanted[-dims:]
    for d, (n, usual, s) in enumerate(zip(wanted, image, stride)):
        if not usual - s < n < usual + s:
            raise ValueError(f'invalid output_size "{list(wanted)}" (dim {d} must be between {usual - s} and '
                             f"{usual + s})")
    return wanted
