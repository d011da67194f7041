"""Picking elements by number and putting them back, on CUDA; on the CPU NumPy does it.

    gather          out[p, i, q] = x[p, at[p, i, q], q]
    scatter_set     out[p, at[p, i, q], q] = x[p, i, q]
    scatter_sum     out[p, at[p, i, q], q] += x[p, i, q]

The middle dimension is the one picked along; p and q number what lies before and behind it. Strides may be 0, so that
a vector of numbers serves every p and q (`index_select`), and one number fills all places. A number that is negative or
too large picks nothing; `wrong[0]`, -1 before, becomes the place of the last such one, counted through all of `at`.
"""

from .kernel import Kernel, cuda


def gather_cuda(x, at, out, wrong):
    """One thread writes one element of out. On `wrong[0]` threads take turns."""
    n = cuda.grid(1)
    if n < at.size:
        p, i, q = n // at.shape[2] // at.shape[1], n // at.shape[2] % at.shape[1], n % at.shape[2]
        k = at[p, i, q]
        if 0 <= k < x.shape[1]:
            out[p, i, q] = x[p, k, q]
        else:
            cuda.atomic.max(wrong, 0, n)


def scatter_set_cuda(x, at, out, wrong):
    """One thread writes one element of x; of two that name one place either may be the last."""
    n = cuda.grid(1)
    if n < at.size:
        p, i, q = n // at.shape[2] // at.shape[1], n // at.shape[2] % at.shape[1], n % at.shape[2]
        k = at[p, i, q]
        if 0 <= k < out.shape[1]:
            out[p, k, q] = x[p, i, q]
        else:
            cuda.atomic.max(wrong, 0, n)


def scatter_sum_cuda(x, at, out, wrong):
    """One thread adds one element of x, and those that name one place take turns.

    In which order is left to the hardware, so the last digits of a float's sum may differ from run to run. And it adds
    in this way in 32 and 64 bits only: smaller types are to be added up in a larger one.
    """
    n = cuda.grid(1)
    if n < at.size:
        p, i, q = n // at.shape[2] // at.shape[1], n // at.shape[2] % at.shape[1], n % at.shape[2]
        k = at[p, i, q]
        if 0 <= k < out.shape[1]:
            cuda.atomic.add(out, (p, k, q), x[p, i, q])
        else:
            cuda.atomic.max(wrong, 0, n)


gather = Kernel(None, gather_cuda)
scatter_set = Kernel(None, scatter_set_cuda)
scatter_sum = Kernel(None, scatter_sum_cuda)
