"""Convolution as a matrix product: every patch that the filter sees becomes a column, and back.

For an image x of C channels, padded with a margin of zeros, a filter of h × w and an output of H × W:

    columns[c, a, b, i, j] = x[c, s i + d a, s j + d b]        s = stride, d = dilation

so that convolution is weight (out, C h w) · columns (C h w, H W). The way back adds each column to its patch.
Shapes: x (images, C, padded height, padded width), columns (images, C, h, w, H, W).
"""

from .kernel import Kernel, cuda

# --- on the CPU -------------------------------------------------------------------------------------------------
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

patches = Kernel(patches_cpu, patches_cuda)
patches_back = Kernel(patches_back_cpu, patches_back_cuda)
