"""Pooling: the largest number of each window of an image, or the sum of its numbers.

The window of output (i, j) is rows top[i], top[i] + step[0], … above bottom[i], and columns left[j], left[j] + step[1],
… before right[j]. Windows end at the image's edge: a margin holds nothing. Shapes: x (planes, rows, columns), out and
`at` (planes, H, W), a plane being one channel of one image.
"""

from .kernel import Kernel, cuda


def is_better(x, best):
    """Whether x replaces the best so far: it is larger, or not a number."""
    return x > best or x != x


# --- on the CPU -------------------------------------------------------------------------------------------------


def are_pairs(first, last):
    """Whether window j is 2 j and 2 j + 1."""
    alike = True
    for j in range(len(first)):
        alike = alike and first[j] == 2 * j and last[j] == 2 * j + 2
    return alike


def largest_of_four(upper, lower, out, at, place, columns):
    """A row of windows of 2 × 2 side by side, without a loop or a branch for each; `place`: where `upper` begins."""
    for j in range(len(out)):
        a, b, c, d = upper[2 * j], upper[2 * j + 1], lower[2 * j], lower[2 * j + 1]
        best, k = a, 0
        best, k = (b, 1) if is_better(b, best) else (best, k)
        best, k = (c, columns) if is_better(c, best) else (best, k)
        best, k = (d, columns + 1) if is_better(d, best) else (best, k)
        out[j], at[j] = best, place + 2 * j + k


def max_pool_cpu(x, out, at, top, bottom, left, right, step):
    """out ← the largest of each window, at ← its place in the plane: row · columns + column."""
    planes, height, width = out.shape
    pairs = step[0] == step[1] == 1 and are_pairs(left, right)
    for p in range(planes):
        for i in range(height):
            if pairs and bottom[i] == top[i] + 2:
                upper, lower = x[p, top[i]], x[p, top[i] + 1]
                largest_of_four(upper, lower, out[p, i], at[p, i], top[i] * x.shape[2], x.shape[2])
                continue
            for j in range(width):
                best, place = x[p, top[i], left[j]], top[i] * x.shape[2] + left[j]
                for row in range(top[i], bottom[i], step[0]):
                    for column in range(left[j], right[j], step[1]):
                        better = is_better(x[p, row, column], best)
                        best = x[p, row, column] if better else best
                        place = row * x.shape[2] + column if better else place
                out[p, i, j], at[p, i, j] = best, place


def scatter_cpu(g, at, dx):
    """dx ← zeros, to which each g is added at its place. Shapes: g and at (planes, windows), dx (planes, places)."""
    dx[:] = 0
    for p in range(g.shape[0]):
        for k in range(g.shape[1]):
            dx[p, at[p, k]] += g[p, k]


def sum_pool_cpu(x, out, top, bottom, left, right):
    """out ← the sum of each window."""
    planes, height, width = out.shape
    for p in range(planes):
        for i in range(height):
            for j in range(width):
                total = type(x[p, 0, 0])(0)
                for row in range(top[i], bottom[i]):
                    for column in range(left[j], right[j]):
                        total += x[p, row, column]
                out[p, i, j] = total


def sum_pool_back_cpu(g, dx, top, bottom, left, right):
    """dx ← for each pixel, the sum of the g of the windows that it is in."""
    planes, height, width = g.shape
    dx[:] = 0
    for p in range(planes):
        for i in range(height):
            for j in range(width):
                for row in range(top[i], bottom[i]):
                    for column in range(left[j], right[j]):
                        dx[p, row, column] += g[p, i, j]


# --- on CUDA ----------------------------------------------------------------------------------------------------


def max_pool_cuda(x, out, at, top, bottom, left, right, step):
    """One thread finds the largest of one window."""
    k = cuda.grid(1)
    if k < out.size:
        k, j = k // out.shape[2], k % out.shape[2]
        p, i = k // out.shape[1], k % out.shape[1]
        best, place = x[p, top[i], left[j]], top[i] * x.shape[2] + left[j]
        for row in range(top[i], bottom[i], step[0]):
            for column in range(left[j], right[j], step[1]):
                if is_better(x[p, row, column], best):
                    best, place = x[p, row, column], row * x.shape[2] + column
        out[p, i, j], at[p, i, j] = best, place


def scatter_cuda(g, at, dx):
    """One thread owns one plane: two windows may share a place, and only one thread may add to it."""
    p = cuda.grid(1)
    if p < g.shape[0]:
        for place in range(dx.shape[1]):
            dx[p, place] = 0
        for k in range(g.shape[1]):
            dx[p, at[p, k]] += g[p, k]


def sum_pool_cuda(x, out, top, bottom, left, right):
    """One thread adds up one window."""
    k = cuda.grid(1)
    if k < out.size:
        k, j = k // out.shape[2], k % out.shape[2]
        p, i = k // out.shape[1], k % out.shape[1]
        width = right[j] - left[j]
        total = type(out[p, i, j])(0)
        for place in range((bottom[i] - top[i]) * width):
            total += x[p, top[i] + place // width, left[j] + place % width]
        out[p, i, j] = total


def sum_pool_back_cuda(g, dx, top, bottom, left, right):
    """One thread owns one pixel and gathers from the windows that it is in."""
    k = cuda.grid(1)
    if k < dx.size:
        k, column = k // dx.shape[2], k % dx.shape[2]
        p, row = k // dx.shape[1], k % dx.shape[1]
        total = type(dx[p, row, column])(0)
        for i in range(g.shape[1]):
            for j in range(g.shape[2]):
                if top[i] <= row < bottom[i] and left[j] <= column < right[j]:
                    total += g[p, i, j]
        dx[p, row, column] = total


# --- kernels ----------------------------------------------------------------------------------------------------

max_pool = Kernel(max_pool_cpu, max_pool_cuda)
scatter = Kernel(scatter_cpu, scatter_cuda)
sum_pool = Kernel(sum_pool_cpu, sum_pool_cuda)
sum_pool_back = Kernel(sum_pool_back_cpu, sum_pool_back_cuda)
