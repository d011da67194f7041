"""Loops that apply a formula to every element: y = f(x), its slope times what comes from above, and sums over f(x, y).

`numbers` are the formula's parameters (an α, a δ), in the arrays' own dtype. Arrays are flat and contiguous.
"""

from __future__ import annotations

from .block import block_sum
from .kernel import Kernel, cuda, pieces

SUM_BLOCK = 4096  # elements that are added up together; the blocks' sums are added afterwards, so that little is lost

formula = None  # each kernel puts its own formula here

# --- on the CPU -------------------------------------------------------------------------------------------------


def map_1_cpu(x, out, numbers):
    for i in range(out.size):
        out[i] = formula(x[i], *numbers)


def map_2_cpu(x, y, out, numbers):
    for i in range(out.size):
        out[i] = formula(x[i], y[i], *numbers)


def slope_1_cpu(g, x, out, numbers):
    for i in range(out.size):
        out[i] = g[i] * formula(x[i], *numbers)


def slope_2_cpu(g, x, y, out, numbers):
    for i in range(out.size):
        out[i] = g[i] * formula(x[i], y[i], *numbers)


def even_slope_cpu(x, y, out, g, numbers):
    """One g for all: the gradient of a sum or mean."""
    for i in range(out.size):
        out[i] = g * formula(x[i], y[i], *numbers)


def sum_cpu(x, y, sums, numbers):
    """sums[b] = Σ f(x, y) over block b."""
    for b in range(sums.size):
        xs, ys = x[b * SUM_BLOCK : (b + 1) * SUM_BLOCK], y[b * SUM_BLOCK : (b + 1) * SUM_BLOCK]
        total = type(sums[b])(0)
        for i in range(xs.size):  # from 0: an index that might be negative would keep the loop from being vectorised
            total += formula(xs[i], ys[i], *numbers)
        sums[b] = total


# --- on CUDA: one thread writes one element and nothing else; for sums, one block of threads writes one sum -----------


def map_1_cuda(x, out, numbers):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = formula(x[i], *numbers)


def map_2_cuda(x, y, out, numbers):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = formula(x[i], y[i], *numbers)


def slope_1_cuda(g, x, out, numbers):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = g[i] * formula(x[i], *numbers)


def slope_2_cuda(g, x, y, out, numbers):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = g[i] * formula(x[i], y[i], *numbers)


def even_slope_cuda(x, y, out, g, numbers):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = g * formula(x[i], y[i], *numbers)


def sum_cuda(x, y, sums, numbers):
    """Every thread of a block reaches `block_sum`: the loop before it has no way out."""
    b, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    if b >= sums.size:
        return
    total = type(sums[b])(0)
    for i in range(b * SUM_BLOCK + thread, min((b + 1) * SUM_BLOCK, x.size), threads):
        total += formula(x[i], y[i], *numbers)
    total = block_sum(total)
    if thread == 0:
        sums[b] = total


# --- kernels ----------------------------------------------------------------------------------------------------


def map_1(f) -> Kernel:
    """out = f(x, *numbers)."""
    return Kernel(map_1_cpu, map_1_cuda, pieces=pieces("x", "out"), formula=f)


def map_2(f) -> Kernel:
    """out = f(x, y, *numbers)."""
    return Kernel(map_2_cpu, map_2_cuda, pieces=pieces("x", "y", "out"), formula=f)


def slope_1(f) -> Kernel:
    """out = g · f(x, *numbers), f being a derivative."""
    return Kernel(slope_1_cpu, slope_1_cuda, pieces=pieces("g", "x", "out"), formula=f)


def slope_2(f) -> Kernel:
    """out = g · f(x, y, *numbers), f being a derivative."""
    return Kernel(slope_2_cpu, slope_2_cuda, pieces=pieces("g", "x", "y", "out"), formula=f)


def even_slope(f) -> Kernel:
    """out = g · f(x, y, *numbers), g being one number."""
    return Kernel(even_slope_cpu, even_slope_cuda, pieces=pieces("x", "y", "out"), formula=f)


def summed(f) -> Kernel:
    """Sums of f(x, y, *numbers) over blocks."""
    blocks = {"x": SUM_BLOCK, "y": SUM_BLOCK, "sums": 1}
    return Kernel(sum_cpu, sum_cuda, rows=True, sums=True, pieces=blocks, formula=f)


def loss_kernels(value, slope, curvature=None, *, parabolic: bool = False) -> dict:
    """What a loss needs: its values, their sums, and g times its slope and curvature, for each element or for all.

    A loss made of straight lines needs no `curvature`; that of a `parabolic` one is the same all around.
    """
    return {
        "values": map_2(value), "sums": summed(value), "slopes": slope_2(slope), "even_slopes": even_slope(slope),
        "curvatures": curvature and slope_2(curvature), "parabolic": parabolic,
    }  # fmt: skip
