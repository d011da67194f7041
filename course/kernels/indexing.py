"""Picking elements by number and putting them back, on CUDA; on the CPU NumPy does it.

    offsets[i] = Σ_d at_d[i] stride_d       where, from the start of a row, the elements lie that the numbers at_d name
    out[i, q] = x[offsets[i] + q]           (pick)
    x[offsets[i] + q] = values[i, q]        (put), or += (add)

Arrays lie in memory with any strides, 0 where a row of numbers serves several rows: `strided.place` says where.
"""

from .kernel import Kernel, cuda
from .strided import place


def locate_cuda(out, before, at, length, step, wrong, size, sizes, to, of_before, of_at):
    """offsets of one dimension, added to those of the dimensions `before`. Negative numbers count from the end.

    One thread writes one offset. On `wrong[0]`, -1 before, threads take turns: it becomes the place in `at` of a number
    that names no element, which then stands for the first one.
    """
    i = cuda.grid(1)
    if i < size:
        k = at[place(i, sizes, of_at)]
        if k < 0:
            k += length
        if k < 0 or k >= length:
            cuda.atomic.max(wrong, 0, i)
            k = 0
        out[place(i, sizes, to)] = before[place(i, sizes, of_before)] + k * step


def pick_cuda(out, x, offsets, size, sizes, to, of_x, of_offsets):
    """One thread writes one element of out."""
    i = cuda.grid(1)
    if i < size:
        out[place(i, sizes, to)] = x[place(i, sizes, of_x) + offsets[place(i, sizes, of_offsets)]]


def put_cuda(x, offsets, values, size, sizes, of_x, of_offsets, of_values):
    """One thread writes one element of x; of two that name one place either may be the last."""
    i = cuda.grid(1)
    if i < size:
        x[place(i, sizes, of_x) + offsets[place(i, sizes, of_offsets)]] = values[place(i, sizes, of_values)]


def add_cuda(x, offsets, values, size, sizes, of_x, of_offsets, of_values):
    """One thread adds one element of values, and those that name one place take turns.

    In which order is left to the hardware, so the last digits of a float's sum may differ from run to run. And it adds
    in this way in 32 and 64 bits only: smaller types are to be added up in a larger one.
    """
    i = cuda.grid(1)
    if i < size:
        at = place(i, sizes, of_x) + offsets[place(i, sizes, of_offsets)]
        cuda.atomic.add(x, at, values[place(i, sizes, of_values)])


locate = Kernel(None, locate_cuda)
pick = Kernel(None, pick_cuda)
put = Kernel(None, put_cuda)
add = Kernel(None, add_cuda)
