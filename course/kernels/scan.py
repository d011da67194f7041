"""Cumulative sums on CUDA, and what they are good for: finding the places where a mask is true.

    out[r, i] = Σ_{k ≤ i} x[r, k]

A row is cut into stretches. Each is summed up by a block of its own; the sums of the stretches are summed up in the
same way; and each stretch is raised by what lies before it. On the CPU NumPy does it.
"""

from .block import block_sum_before
from .kernel import Kernel, cuda

STRETCH = 1024  # numbers a block sums up


def scan_cuda(x, out, totals):
    """A block fills one stretch of out, a thread the same few neighbours from first to last, and `out` may be `x`.

    totals[r, s] becomes the sum of stretch s. All threads call `block_sum_before`: the only way out is the block's.
    """
    block, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    row, stretch = block // totals.shape[1], block % totals.shape[1]
    if row >= x.shape[0]:
        return
    share = STRETCH // threads
    first = stretch * STRETCH + thread * share
    last = min(first + share, x.shape[1])
    own = type(out[row, 0])(0)
    for i in range(first, last):
        own += x[row, i]
    total = block_sum_before(own)
    for i in range(first, last):
        total += x[row, i]
        out[row, i] = total
    if thread == threads - 1:
        totals[row, stretch] = total


def raise_stretches_cuda(out, totals):
    """One thread raises one number of out by the sum of the stretches before its own. `totals` is summed up by now."""
    n = cuda.grid(1)
    if n < out.size:
        row, i = n // out.shape[1], n % out.shape[1]
        if i >= STRETCH:
            out[row, i] += totals[row, i // STRETCH - 1]


def true_places_cuda(mask, count, out):
    """out ← where the mask is true, `count` being its cumulative sum: the n-th true one's thread writes out[n − 1]."""
    i = cuda.grid(1)
    if i < mask.size and mask[i]:
        out[count[i] - 1] = i


scan_stretches = Kernel(None, scan_cuda, rows=True)
raise_stretches = Kernel(None, raise_stretches_cuda)
true_places = Kernel(None, true_places_cuda)


def cumulative_sum(x, out, run, empty):
    """Fills out (rows, columns) with the cumulative sums of x.

    Args:
        run: `run(kernel, size, *arrays)` launches a kernel.
        empty: `empty(shape, dtype)` makes an array on the device.
    """
    rows, columns = x.shape
    totals = empty((rows, -(-columns // STRETCH)), out.dtype)
    run(scan_stretches, totals.size, x, out, totals)
    if totals.shape[1] > 1:
        cumulative_sum(totals, totals, run, empty)
        run(raise_stretches, out.size, out, totals)
