"""Convolution in two ways: by sliding, and as a matrix product.

Sliding, for a stride of 1. Write the padded image, all its channels, as one long row of numbers. Entry (c, a, b) of a
filter, its t-th *tap*, then always looks the same distance ahead of where the filter stands:

    y[o, j] = bias[o] + Σₜ taps[o, t] · x[offset[t] + j]     j = pitch · row + column, pitch = width of the padded image

Nothing is copied into columns, and j runs over the whole image at once, many numbers at a time. What is worked out
where the filter would stick out at the right (j between width and pitch) is left behind. A core is kept busy by adding
4 filters and 3 taps at a time: 12 products for each 3 + 4 numbers read and 4 written. (Four by four was slower: the 16
weights no longer fit into the registers beside the rest.) The gradient of the input slides the filters, turned around,
over g; that of a tap is the scalar product of g and the part of the image that the tap saw.

As a matrix product, for every stride: each patch that the filter sees becomes a column. For an image x of C channels,
padded with a margin of zeros, a filter of h × w and an output of H × W:

    columns[c, a, b, i, j] = x[c, s i + d a, s j + d b]        s = stride, d = dilation

so that convolution is weight (out, C h w) · columns (C h w, H W). The way back adds each column to its patch.

Shapes: filters slide over x, a row of all the padded images, of `size` numbers each, and SPARE zeros; offsets (groups,
T), taps and dtaps (out, T), bias (out,), out and g (images, out, H, W). Patches are taken from x (images, C, padded
height, padded width) to columns (images, C, h, w, H, W).
"""

import numpy as np

from .kernel import Kernel, cuda

LINE = 64  # bytes of a cache line
SPARE = 16  # numbers behind the last image that may be read: rows are worked on in whole cache lines

# --- on the CPU -------------------------------------------------------------------------------------------------


def whole_lines(height, width, pitch):
    """How many places of a long row are worked on to have `height` rows of `width` numbers."""
    return -(-((height - 1) * pitch + width) // SPARE) * SPARE


def four_rows(length, zero):
    """4 · length zeros, from the beginning of a cache line on: reading across lines costs twice."""
    memory = np.full(4 * length + LINE, zero)
    start = -np.intp(memory.ctypes.data) % LINE // memory.itemsize
    return memory[start : start + 4 * length]


def row_of(four, f):
    """Row f of `four_rows`."""
    length = len(four) // 4
    return four[f * length : (f + 1) * length]


def add_taps(x, offset, taps_0, taps_1, taps_2, taps_3, y):
    """y_o[j] ← Σₜ taps_o[t] · x[offset[t] + j] for the four filters o."""
    y_0, y_1, y_2, y_3 = row_of(y, 0), row_of(y, 1), row_of(y, 2), row_of(y, 3)
    y[:] = 0
    threes = len(offset) // 3 * 3
    for t in range(0, threes, 3):
        x_0, x_1, x_2 = x[offset[t] :], x[offset[t + 1] :], x[offset[t + 2] :]
        a_0, a_1, a_2 = taps_0[t], taps_0[t + 1], taps_0[t + 2]
        b_0, b_1, b_2 = taps_1[t], taps_1[t + 1], taps_1[t + 2]
        c_0, c_1, c_2 = taps_2[t], taps_2[t + 1], taps_2[t + 2]
        d_0, d_1, d_2 = taps_3[t], taps_3[t + 1], taps_3[t + 2]
        for j in range(len(y_0)):
            p, q, r = x_0[j], x_1[j], x_2[j]
            y_0[j] += a_0 * p + a_1 * q + a_2 * r
            y_1[j] += b_0 * p + b_1 * q + b_2 * r
            y_2[j] += c_0 * p + c_1 * q + c_2 * r
            y_3[j] += d_0 * p + d_1 * q + d_2 * r
    for t in range(threes, len(offset)):
        x_0, a, b, c, d = x[offset[t] :], taps_0[t], taps_1[t], taps_2[t], taps_3[t]
        for j in range(len(y_0)):
            p = x_0[j]
            y_0[j] += a * p
            y_1[j] += b * p
            y_2[j] += c * p
            y_3[j] += d * p


def slide_cpu(x, offsets, taps, bias, out, size, pitch):
    """out ← bias + the taps times what they see. A filter that lacks for the last four is done twice."""
    images, filters, height, width = out.shape
    groups = len(offsets)
    each = filters // groups
    y = four_rows(whole_lines(height, width, pitch), type(x[0])(0))
    for n in range(images):
        for k in range(groups):
            last = (k + 1) * each - 1
            for o in range(k * each, last + 1, 4):
                one, two, three = min(o + 1, last), min(o + 2, last), min(o + 3, last)
                add_taps(x[n * size :], offsets[k], taps[o], taps[one], taps[two], taps[three], y)
                for f in range(min(4, last + 1 - o)):
                    for i in range(height):
                        row, b = row_of(y, f)[i * pitch :], bias[o + f]
                        for j in range(width):
                            out[n, o + f, i, j] = row[j] + b


def dots(g, x, o_0, o_1, o_2, o_3, found):
    """found[f, t] ← Σⱼ g_f[j] · x[o_t + j]."""
    g_0, g_1, g_2, g_3 = row_of(g, 0), row_of(g, 1), row_of(g, 2), row_of(g, 3)
    x_0, x_1, x_2, x_3 = x[o_0:], x[o_1:], x[o_2:], x[o_3:]
    s_00 = s_01 = s_02 = s_03 = s_10 = s_11 = s_12 = s_13 = type(found[0, 0])(0)
    s_20 = s_21 = s_22 = s_23 = s_30 = s_31 = s_32 = s_33 = type(found[0, 0])(0)
    for j in range(len(g_0)):
        a, b, c, d = g_0[j], g_1[j], g_2[j], g_3[j]
        p, q, r, s = x_0[j], x_1[j], x_2[j], x_3[j]
        s_00, s_01, s_02, s_03 = s_00 + a * p, s_01 + a * q, s_02 + a * r, s_03 + a * s
        s_10, s_11, s_12, s_13 = s_10 + b * p, s_11 + b * q, s_12 + b * r, s_13 + b * s
        s_20, s_21, s_22, s_23 = s_20 + c * p, s_21 + c * q, s_22 + c * r, s_23 + c * s
        s_30, s_31, s_32, s_33 = s_30 + d * p, s_31 + d * q, s_32 + d * r, s_33 + d * s
    found[0, 0], found[0, 1], found[0, 2], found[0, 3] = s_00, s_01, s_02, s_03
    found[1, 0], found[1, 1], found[1, 2], found[1, 3] = s_10, s_11, s_12, s_13
    found[2, 0], found[2, 1], found[2, 2], found[2, 3] = s_20, s_21, s_22, s_23
    found[3, 0], found[3, 1], found[3, 2], found[3, 3] = s_30, s_31, s_32, s_33


def slide_back_cpu(g, x, offsets, dtaps, size, pitch):
    """dtaps ← for each tap, the scalar product of g and what the tap saw: four filters and four taps at a time."""
    images, filters, height, width = g.shape
    groups, taps = offsets.shape
    each = filters // groups
    wide = four_rows(whole_lines(height, width, pitch), type(x[0])(0))  # g, with zeros from `width` to `pitch`
    found = np.empty((4, 4), x.dtype)
    dtaps[:] = 0
    for n in range(images):
        for k in range(groups):
            last = (k + 1) * each - 1
            for o in range(k * each, last + 1, 4):
                filters_left = min(4, last + 1 - o)
                for f in range(filters_left):
                    for i in range(height):
                        row = row_of(wide, f)[i * pitch :]
                        for j in range(width):
                            row[j] = g[n, o + f, i, j]
                for t in range(0, taps, 4):
                    one, two, three = min(t + 1, taps - 1), min(t + 2, taps - 1), min(t + 3, taps - 1)
                    seen = offsets[k]
                    dots(wide, x[n * size :], seen[t], seen[one], seen[two], seen[three], found)
                    for f in range(filters_left):
                        for s in range(min(4, taps - t)):
                            dtaps[o + f, t + s] += found[f, s]


# With stride 1 a row of the columns is a row of the image, copied or added many numbers at a time.


def patches_cpu(x, columns, stride, dilation):
    """columns ← the patches of x."""
    images, channels, h, w, height, width = columns.shape
    for n in range(images):
        for c in range(channels):
            for a in range(h):
                for b in range(w):
                    for i in range(height):
                        row = x[n, c, stride[0] * i + dilation[0] * a, dilation[1] * b :]
                        if stride[1] == 1:
                            for j in range(width):
                                columns[n, c, a, b, i, j] = row[j]
                        else:
                            for j in range(width):
                                columns[n, c, a, b, i, j] = row[stride[1] * j]


def patches_back_cpu(columns, x, stride, dilation):
    """x ← for each pixel, the sum of the columns' entries that were copied from it."""
    images, channels, h, w, height, width = columns.shape
    x[:] = 0
    for n in range(images):
        for c in range(channels):
            for a in range(h):
                for b in range(w):
                    for i in range(height):
                        row = x[n, c, stride[0] * i + dilation[0] * a, dilation[1] * b :]
                        if stride[1] == 1:
                            for j in range(width):
                                row[j] += columns[n, c, a, b, i, j]
                        else:
                            for j in range(width):
                                row[stride[1] * j] += columns[n, c, a, b, i, j]


# --- on CUDA ----------------------------------------------------------------------------------------------------


def slide_cuda(x, offsets, taps, bias, out, size, pitch):
    """One thread works out one number of the result."""
    k = cuda.grid(1)
    if k < out.size:
        _, filters, height, width = out.shape
        k, j = k // width, k % width
        k, i = k // height, k % height
        n, o = k // filters, k % filters
        group, here = o // (filters // offsets.shape[0]), n * size + i * pitch + j
        total = type(x[0])(0)
        for t in range(offsets.shape[1]):
            total += taps[o, t] * x[here + offsets[group, t]]
        out[n, o, i, j] = total + bias[o]


def slide_back_cuda(g, x, offsets, dtaps, size, pitch):
    """One thread works out the gradient of one tap."""
    k = cuda.grid(1)
    if k < dtaps.size:
        o, t = k // dtaps.shape[1], k % dtaps.shape[1]
        images, filters, height, width = g.shape
        offset = offsets[o // (filters // offsets.shape[0]), t]
        total = type(x[0])(0)
        for n in range(images):
            for i in range(height):
                for j in range(width):
                    total += g[n, o, i, j] * x[n * size + offset + i * pitch + j]
        dtaps[o, t] = total


def patches_cuda(x, columns, stride, dilation):
    """One thread writes one entry of the columns."""
    k = cuda.grid(1)
    if k < columns.size:
        _, channels, h, w, height, width = columns.shape
        k, j = k // width, k % width
        k, i = k // height, k % height
        k, b = k // w, k % w
        k, a = k // h, k % h
        n, c = k // channels, k % channels
        columns[n, c, a, b, i, j] = x[n, c, stride[0] * i + dilation[0] * a, stride[1] * j + dilation[1] * b]


def patches_back_cuda(columns, x, stride, dilation):
    """One thread owns one pixel and gathers what every patch that covers it has for it: no two threads add to one."""
    k = cuda.grid(1)
    if k < x.size:
        _, channels, h, w, height, width = columns.shape
        k, column = k // x.shape[3], k % x.shape[3]
        k, row = k // x.shape[2], k % x.shape[2]
        n, c = k // channels, k % channels
        total = type(x[n, c, row, column])(0)
        for a in range(h):
            for b in range(w):
                down, right = row - dilation[0] * a, column - dilation[1] * b
                i, j = down // stride[0], right // stride[1]
                if down == i * stride[0] and 0 <= i < height and right == j * stride[1] and 0 <= j < width:
                    total += columns[n, c, a, b, i, j]
        x[n, c, row, column] = total


# --- kernels ----------------------------------------------------------------------------------------------------

slide = Kernel(slide_cpu, slide_cuda)
slide_back = Kernel(slide_back_cpu, slide_back_cuda, sums=True)
patches = Kernel(patches_cpu, patches_cuda)
patches_back = Kernel(patches_back_cpu, patches_back_cuda)
