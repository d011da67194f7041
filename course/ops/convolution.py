"""Convolution in one and two dimensions.

y[o, i, j] = Σ over c, a, b of weight[o, c, a, b] · x[c, s i + d a, s j + d b] is linear in x and in the weight. So
there are three operations, y(x, w), x(y, w) and w(y, x), and the derivatives of each are the other two.

Each is done in one of two ways, which `course/kernels/convolution.py` explains: with a stride of 1 the filter slides
over the image as it lies in memory; otherwise, and for small images, patches become columns, for a matrix product.
"""

import math
from typing import NamedTuple

import numpy as np

from ..autograd import check_tensors, operation
from ..cores import at_once
from ..device import beside, run
from ..kernels.convolution import SPARE, patches, patches_back, slide, slide_back
from ..matrix_product import product
from .padding import pad
from .shapes import reshape

COLUMNS = 2**18  # how many numbers of columns are worked on at a time: about as many as a core keeps at hand
PRODUCTS = 2**22  # how many products make a part for a thread: some 100 microseconds of sliding
PARTS = 16  # the most parts
LARGE = 128  # from how many places of a filter on sliding is faster than a matrix product of columns


class Geometry(NamedTuple):
    """How a filter moves over images: by (rows, columns), and margins as ((above, below), (left, right))."""

    stride: tuple
    margins: tuple
    dilation: tuple
    groups: int

    def output_size(self, size, filter):
        """(H, W) of the output: floor((n + margins − d (k − 1) − 1) / s) + 1."""
        return tuple(
            (n + sum(margin) - d * (k - 1) - 1) // s + 1
            for n, k, s, margin, d in zip(size, filter, self.stride, self.margins, self.dilation)
        )

    def padded(self, images):
        (above, below), (left, right) = self.margins
        if above == below == left == right == 0:
            return np.ascontiguousarray(images, like=images)
        n, c, height, width = images.shape
        out = np.zeros((n, c, height + above + below, width + left + right), images.dtype, like=images)
        out[:, :, above : above + height, left : left + width] = images
        return out

    def cropped(self, padded):
        (above, below), (left, right) = self.margins
        return padded[:, :, above : padded.shape[2] - below, left : padded.shape[3] - right]

    def slides(self, size, filter):
        """Whether sliding over images of this size pays: they are large, and most of what is worked out is kept."""
        height, width = self.output_size(size, filter)
        pitch = size[1] + sum(self.margins[1])
        return self.stride == (1, 1) and height * pitch >= LARGE and pitch <= 2 * width

    def turned(self, filter):
        """How the filters, turned around, move over g to give the gradient of the input; None for too wide margins."""
        margins = tuple(
            tuple(d * (k - 1) - n for n in margin) for k, d, margin in zip(filter, self.dilation, self.margins)
        )
        return self._replace(margins=margins) if min(map(min, margins)) >= 0 else None

    def long_row(self, images):
        """The padded images one behind the other in one row, and (height, width) of a padded one."""
        n, c, height, width = images.shape
        (above, below), (left, right) = self.margins
        shape = n, c, height + above + below, width + left + right
        row = np.zeros(math.prod(shape) + SPARE, images.dtype, like=images)
        row[:-SPARE].reshape(shape)[:, :, above : above + height, left : left + width] = images
        return row, shape[2:]

    def offsets(self, channels, filter, padded):
        """How far ahead of the filter's corner each tap looks: (groups, channels / groups · h w)."""
        height, width = padded
        c, a, b = np.arange(channels)[:, None, None], np.arange(filter[0])[:, None], np.arange(filter[1])
        return ((c * height + a * self.dilation[0]) * width + b * self.dilation[1]).reshape(self.groups, -1)


def _chunks(images, channels, filter, output_size):
    """Slices of images whose columns are few enough, and an array for the columns of one of them."""
    each = channels * filter[0] * filter[1] * output_size[0] * output_size[1]
    count = max(1, min(COLUMNS // max(each, 1), len(images)))
    columns = np.empty((count, channels, *filter, *output_size), images.dtype, like=images)
    return [slice(i, i + count) for i in range(0, len(images), count)], columns


def _as_matrices(columns, groups):
    """(n, C, h, w, H, W) → (n, groups, C / groups · h w, H W)."""
    n, channels, h, w, height, width = columns.shape
    return columns.reshape(n, groups, channels // groups * h * w, height * width)


@operation(
    input=lambda g, input, weight, geometry: _input_gradient(g, weight, geometry, tuple(input.shape[2:])),
    weight=lambda g, input, weight, geometry: _weight_gradient(g, input, geometry, tuple(weight.shape[2:])),
    bias=lambda g: g.sum((2, 3)).sum(0),
)
def _convolution(input, weight, geometry, bias=None):
    """y(x, w) + bias."""
    if geometry.slides(input.shape[2:], weight.shape[2:]):
        return _slide(input, weight, geometry, bias)
    out_channels, filter, groups = weight.shape[0], weight.shape[2:], geometry.groups
    size = geometry.output_size(input.shape[2:], filter)
    matrix = weight.reshape(groups, out_channels // groups, -1)
    out = np.empty((len(input), groups, out_channels // groups, size[0] * size[1]), input.dtype, like=input)
    chunks, columns = _chunks(input, input.shape[1], filter, size)
    for chunk in chunks:
        x = geometry.padded(input[chunk])
        seen = columns[: len(x)]
        run(patches, seen.size, x, seen, geometry.stride, geometry.dilation)
        product(matrix, _as_matrices(seen, groups), out[chunk])
    out = out.reshape(len(input), out_channels, *size)
    if bias is not None:
        out += bias[:, None, None]
    return out


def _slide(input, weight, geometry, bias=None):
    """y(x, w) + bias for a stride of 1."""
    filters, channels, filter = weight.shape[0], input.shape[1], weight.shape[2:]
    row, padded = geometry.long_row(input)
    (offsets,) = beside(input, geometry.offsets(channels, filter, padded))
    taps = np.ascontiguousarray(weight, like=weight).reshape(filters, -1)
    bias = np.zeros(filters, input.dtype, like=input) if bias is None else np.ascontiguousarray(bias, like=bias)
    out = np.empty((len(input), filters, *geometry.output_size(input.shape[2:], filter)), input.dtype, like=input)
    size = channels * math.prod(padded)

    def work(part):
        run(slide, out[part].size, row[part.start * size :], offsets, taps, bias, out[part], size, padded[1])

    at_once(work, _parts(out, taps))
    return out


def _parts(y, taps):
    """Slices of the images y that threads may work on; where they are cut depends on the sizes alone."""
    count = max(1, min(len(y), y.size * taps.shape[1] // PRODUCTS, PARTS)) if isinstance(y, np.ndarray) else 1
    edges = [len(y) * i // count for i in range(count + 1)]
    return [slice(*edge) for edge in zip(edges, edges[1:])]


@operation(
    g=lambda u, weight, geometry: _convolution(u, weight, geometry),
    weight=lambda u, g, weight, geometry: _weight_gradient(g, u, geometry, tuple(weight.shape[2:])),
)
def _input_gradient(g, weight, geometry, size):
    """x(y, w). `size`: (height, width) of x.

    By sliding: the filters, turned around, over y. Else the columns weightᵀ · y, each added to the patch that it is of.
    """
    out_channels, filter, groups = weight.shape[0], weight.shape[2:], geometry.groups
    turned = geometry.turned(filter)
    if turned is not None and turned.slides(g.shape[2:], filter):
        filters = weight.reshape(groups, out_channels // groups, *weight.shape[1:])[..., ::-1, ::-1].swapaxes(1, 2)
        return _slide(g, filters.reshape(-1, out_channels // groups, *filter), turned)
    channels = weight.shape[1] * groups
    matrix = weight.reshape(groups, out_channels // groups, -1).transpose(0, 2, 1)
    rows = g.reshape(len(g), groups, out_channels // groups, math.prod(g.shape[2:]))
    dx = np.empty((len(g), channels, *size), g.dtype, like=g)
    chunks, columns = _chunks(g, channels, filter, g.shape[2:])
    for chunk in chunks:
        part = rows[chunk]
        seen = columns[: len(part)]
        product(matrix, part, _as_matrices(seen, groups))
        shape = len(part), channels, *(n + sum(margin) for n, margin in zip(size, geometry.margins))
        x = np.empty(shape, g.dtype, like=g)
        run(patches_back, x.size, seen, x, geometry.stride, geometry.dilation)
        dx[chunk] = geometry.cropped(x)
    return dx


@operation(
    g=lambda u, input, geometry: _convolution(input, u, geometry),
    input=lambda u, g, input, geometry: _input_gradient(g, u, geometry, tuple(input.shape[2:])),
)
def _weight_gradient(g, input, geometry, filter):
    """w(y, x): y · columnsᵀ, summed over the images. `filter`: (h, w)."""
    out_channels, groups = g.shape[1], geometry.groups
    if geometry.slides(input.shape[2:], filter):
        dw = _slide_back(g, input, geometry, filter)
        if np.isfinite(dw).all():  # an infinity to the right of what a tap saw met a zero of g: 0 · ∞ is not its share
            return dw
    rows = g.reshape(len(g), groups, out_channels // groups, math.prod(g.shape[2:]))
    dw = np.zeros((groups, out_channels // groups, input.shape[1] // groups * filter[0] * filter[1]), g.dtype, like=g)
    chunks, columns = _chunks(input, input.shape[1], filter, g.shape[2:])
    for chunk in chunks:
        x = geometry.padded(input[chunk])
        seen = columns[: len(x)]
        run(patches, seen.size, x, seen, geometry.stride, geometry.dilation)
        dw += product(rows[chunk], _as_matrices(seen, groups).swapaxes(2, 3)).sum(0)
    return dw.reshape(out_channels, input.shape[1] // groups, *filter)


def _slide_back(g, input, geometry, filter):
    """w(y, x) for a stride of 1."""
    row, padded = geometry.long_row(input)
    (offsets,) = beside(input, geometry.offsets(input.shape[1], filter, padded))
    g, size = np.ascontiguousarray(g, like=g), input.shape[1] * math.prod(padded)

    def work(part):
        dtaps = np.empty((g.shape[1], offsets.shape[1]), g.dtype, like=g)
        run(slide_back, dtaps.size, g[part], row[part.start * size :], offsets, dtaps, size, padded[1])
        return dtaps

    first, *others = at_once(work, _parts(g, offsets))
    return sum(others, first).reshape(g.shape[1], -1, *filter)


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """y[o, i, j] = bias[o] + Σ weight[o, c, a, b] · x[c, s i + d a, s j + d b] over c, a, b (a cross-correlation).

    Shapes: input (images, C, height, width) or without `images`, weight (out, C / groups, h, w), bias (out,) or None,
    result (images, out, H, W) with H = ⌊(height + 2 padding − dilation (h − 1) − 1) / stride⌋ + 1. `padding` is a
    margin of zeros, or 'valid' (none) or 'same' (H = height; needs stride 1). With `groups`, each group of channels has
    filters of its own.

    Raises RuntimeError for shapes and types that do not fit, ValueError for padding='same' with a stride.
    """
    return _conv("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """`conv2d` of sequences: y[o, i] = bias[o] + Σ weight[o, c, a] · x[c, s i + d a] over c and a.

    Shapes: input (sequences, C, length) or (C, length), weight (out, C / groups, w), result (sequences, out, L).
    """
    return _conv("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def _conv(name, dims, input, weight, bias, stride, padding, dilation, groups):
    check_tensors(name, input=input, weight=weight, **({} if bias is None else {"bias": bias}))
    stride, dilation = sizes(name, "stride", stride, dims), sizes(name, "dilation", dilation, dims)
    _check(name, dims, input, weight, bias, groups)
    filter = tuple(weight.shape[2:])
    margins = margins_of(name, padding, stride, dilation, filter)
    x, weight = _as_images(input, dims), _as_images(weight, dims)
    geometry = _geometry(stride, margins, dilation, groups)
    size = geometry.output_size(x.shape[2:], weight.shape[2:])
    if min(size) < 1:
        raise RuntimeError(
            f"{name}(): Kernel size can't be greater than actual input size: a filter of {list(filter)} (dilation "
            f"{list(dilation[-dims:])}) does not fit into {list(input.shape[-dims:])} with padding {padding}"
        )
    return _as_given(_convolution(x, weight, geometry, bias), input, dims)


def conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """y[o, s i + d a, s j + d b] = bias[o] + Σ weight[c, o, a, b] · x[c, i, j] over all c, i, j, a, b that meet there.

    It is how `conv2d` sends the gradient of its output back to its input: each number of x lays a filter down, `stride`
    places beside the last one. Shapes: input (images, C, height, width) or without `images`, weight (C, out / groups,
    h, w), bias (out,) or None, result (images, out, H, W) with H = (height − 1) stride − 2 padding + dilation (h − 1) +
    output_padding + 1: `padding` cuts a margin off, `output_padding` adds rows below and columns on the right.

    Raises RuntimeError for shapes and types that do not fit, and for an output_padding that is smaller neither than the
    stride nor than the dilation.
    """
    moves = stride, padding, output_padding, groups, dilation
    return _conv_transpose("conv_transpose2d", 2, input, weight, bias, *moves)


def conv_transpose1d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """`conv_transpose2d` of sequences. Shapes: input (sequences, C, length), weight (C, out / groups, w)."""
    moves = stride, padding, output_padding, groups, dilation
    return _conv_transpose("conv_transpose1d", 1, input, weight, bias, *moves)


def _conv_transpose(name, dims, input, weight, bias, stride, padding, output_padding, groups, dilation):
    check_tensors(name, input=input, weight=weight, **({} if bias is None else {"bias": bias}))
    stride, dilation = sizes(name, "stride", stride, dims), sizes(name, "dilation", dilation, dims)
    padding = sizes(name, "padding", padding, dims, least=0)
    more = sizes(name, "output_padding", output_padding, dims, least=0)
    if any(m >= s and m >= d for m, s, d in zip(more, stride, dilation)):
        raise RuntimeError(f"{name}(): output padding must be smaller than either stride or dilation, but got "
                           f"output_padding={more}, stride={stride} and dilation={dilation}")
    _check(name, dims, input, weight, bias, groups, transposed=True)
    size = tuple((n - 1) * s - 2 * p + d * (k - 1) + m + 1 for n, s, p, d, k, m in zip(
        input.shape[-dims:], stride, padding, dilation, weight.shape[2:], more))
    if min(size) < 1:
        raise RuntimeError(f"{name}(): Given input size {list(input.shape[-dims:])}, calculated output size "
                           f"{list(size)}: output size is too small. Use less padding")
    margins = tuple((p, max(p - m, 0)) for p, m in zip(padding, more))  # the margin below shrinks first
    empty = tuple(max(m - p, 0) for p, m in zip(padding, more))  # where no filter reaches
    reached = tuple(n - e for n, e in zip(size, empty))
    geometry = _geometry(stride, margins, dilation, groups)
    out = _input_gradient(_as_images(input, dims), _as_images(weight, dims), geometry, (1, *reached)[-2:])
    if any(empty):
        out = pad(out, tuple(n for e in reversed(empty) for n in (0, e)))
    return _as_given(out if bias is None else out + reshape(bias, -1, 1, 1), input, dims)


def _as_images(x, dims):
    """A batch of images: a single one is a batch of one, a sequence an image of one row."""
    x = reshape(x, 1, *x.shape) if x.ndim == dims + 1 else x
    return x if dims == 2 else reshape(x, *x.shape[:2], 1, x.shape[2])


def _as_given(images, input, dims):
    """The batch of images with as many dimensions as the input had."""
    if images.ndim == input.ndim:
        return images
    return reshape(images, *images.shape[: input.ndim - dims - 1], images.shape[1], *images.shape[-dims:])


def _geometry(stride, margins, dilation, groups):
    """The geometry for images; along the row that a sequence is, nothing moves."""
    if len(stride) == 1:
        stride, margins, dilation = (1, *stride), ((0, 0), *margins), (1, *dilation)
    return Geometry(stride, margins, dilation, groups)


def _check(name, dims, input, weight, bias, groups, transposed=False):
    if isinstance(groups, bool) or not isinstance(groups, int) or groups < 1:
        raise RuntimeError(f"{name}(): groups must be a positive integer, given {groups!r}")
    flat = weight.ndim != dims + 2
    taken, given = (weight.shape[0], weight.shape[1] * groups)[:: 1 if transposed else -1] if not flat else (0, 0)
    if flat or weight.shape[0] % groups or (bias is not None and tuple(bias.shape) != (given,)):
        shape = "in, out / groups" if transposed else "out, in / groups"
        raise RuntimeError(
            f"{name}(): a weight has shape ({shape}, {'length' if dims == 1 else 'height, width'}) with the first size "
            f"divisible by groups={groups}, and a bias (out,); given {list(weight.shape)} and "
            f"{None if bias is None else list(bias.shape)}"
        )
    if input.ndim not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"Expected {dims + 1}D (unbatched) or {dims + 2}D (batched) input to {name}, but got input of size: "
            f"{list(input.shape)}"
        )
    channels = input.shape[-dims - 1]
    if channels != taken:
        raise RuntimeError(
            f"Given groups={groups}, weight of size {list(weight.shape)}, expected input{list(input.shape)} to have "
            f"{taken} channels, but got {channels} channels instead"
        )
    if input.dtype != weight.dtype or (bias is not None and bias.dtype != weight.dtype):
        raise RuntimeError(
            f"{name}(): input, weight and bias must have the same dtype, but got {input.dtype}, {weight.dtype} and "
            f"{None if bias is None else bias.dtype}; convert the input with .to({weight.dtype!r})"
        )
    if not input.is_floating_point():
        raise RuntimeError(f"{name}() needs floating-point numbers, given {input.dtype}; convert with .float()")


# --- patches as columns, for their own sake ---------------------------------------------------------------------------


@operation(input=lambda g, input, geometry: _from_columns(g, geometry, tuple(input.shape[2:])))
def _to_columns(input, geometry, filter):
    """The columns (images, C, h, w, H, W) of all patches."""
    x = geometry.padded(input)
    columns = np.empty((*x.shape[:2], *filter, *geometry.output_size(input.shape[2:], filter)), x.dtype, like=x)
    run(patches, columns.size, x, columns, geometry.stride, geometry.dilation)
    return columns


@operation(columns=lambda g, columns, geometry: _to_columns(g, geometry, tuple(columns.shape[2:4])))
def _from_columns(columns, geometry, size):
    """Images of (height, width) = size in which each column is added to the patch that it is of."""
    shape = (*columns.shape[:2], *(n + sum(margin) for n, margin in zip(size, geometry.margins)))
    x = np.empty(shape, columns.dtype, like=columns)
    run(patches_back, x.size, np.ascontiguousarray(columns, like=columns), x, geometry.stride, geometry.dilation)
    return geometry.cropped(x)


def unfold(input, kernel_size, dilation=1, padding=0, stride=1):
    """Every patch that a filter of kernel_size would see, as a column.

    Shapes: input (images, C, height, width) or without `images`, result (images, C · h · w, patches).
    """
    check_tensors("unfold", input=input)
    if input.ndim not in (3, 4):
        raise RuntimeError(f"Expected 3D or 4D (batch mode) tensor for input to unfold, but got: {list(input.shape)}")
    filter, geometry = _window("unfold", kernel_size, dilation, padding, stride)
    size = geometry.output_size(input.shape[-2:], filter)
    if min(size) < 1:
        raise RuntimeError(f"unfold(): a patch of {list(filter)} does not fit into {list(input.shape[-2:])} with "
                           f"padding {padding} and dilation {dilation}")
    columns = _to_columns(_as_images(input, 2), geometry, filter)
    return reshape(columns, *input.shape[:-3], input.shape[-3] * math.prod(filter), math.prod(size))


def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """Images of output_size = (H, W) from the columns of `unfold`: where patches overlap, their numbers are added.

    Shapes: input (images, C · h · w, patches) or without `images`, result (images, C, H, W).
    """
    check_tensors("fold", input=input)
    size = sizes("fold", "output_size", output_size, 2)
    filter, geometry = _window("fold", kernel_size, dilation, padding, stride)
    if input.ndim not in (2, 3):
        raise RuntimeError(f"Expected 2D or 3D (batch mode) tensor for input to fold, but got: {list(input.shape)}")
    places, count = geometry.output_size(size, filter), math.prod(filter)
    if input.shape[-2] % count:
        raise RuntimeError(f"fold(): Expected size of input's dimension {input.ndim - 2} to divide by the product "
                           f"of kernel_size, but got {input.shape[-2]} and kernel_size={filter}")
    if min(places) < 1 or input.shape[-1] != math.prod(places):
        raise RuntimeError(f"fold(): Given output_size={size}, kernel_size={filter}, dilation={dilation}, "
                           f"padding={padding}, stride={stride}, expected {' x '.join(map(str, places))} patches, but "
                           f"got {input.shape[-1]}")
    channels = input.shape[-2] // count
    images = _from_columns(reshape(input, -1, channels, *filter, *places), geometry, size)
    return reshape(images, *input.shape[:-2], channels, *size)


def _window(name, kernel_size, dilation, padding, stride):
    """The filter's size, and how it moves over images."""
    stride, dilation = sizes(name, "stride", stride, 2), sizes(name, "dilation", dilation, 2)
    margins = tuple((n, n) for n in sizes(name, "padding", padding, 2, least=0))
    return sizes(name, "kernel_size", kernel_size, 2), Geometry(stride, margins, dilation, 1)


# --- arguments --------------------------------------------------------------------------------------------------------


def sizes(function, name, given, dims, least=1):
    """`given`, one integer or one for each dimension, as a tuple. Raises RuntimeError or TypeError where it is not."""
    several = tuple(given) if isinstance(given, tuple | list) else (given,) * dims
    if len(several) == 1:
        several = several * dims
    if any(isinstance(n, bool) or not isinstance(n, int | np.integer) for n in several):
        raise TypeError(f"{function}(): {name} must be an integer or a tuple of {dims}, given {given!r}")
    if len(several) != dims or min(several) < least:
        raise RuntimeError(f"{function}(): {name} must be {dims} integers of at least {least}, given {given!r}")
    return tuple(map(int, several))


def margins_of(function, padding, stride, dilation, filter):
    """`padding` as (before, after) for each dimension."""
    if padding == "same":
        if any(s != 1 for s in stride):
            raise ValueError("padding='same' is not supported for strided convolutions: with stride 1 sizes stay alike")
        totals = [d * (k - 1) for d, k in zip(dilation, filter)]
        return tuple((total // 2, total - total // 2) for total in totals)
    if isinstance(padding, str):
        if padding != "valid":
            raise ValueError(f"Invalid padding string {padding!r}, should be one of 'valid', 'same' or integers")
        padding = 0
    return tuple((n, n) for n in sizes(function, "padding", padding, len(filter), least=0))
