"""Many numbers to few: sums, products, extremes, and where an extreme stands.

On the CPU NumPy does it, but for the sum of a large array. On CUDA an array is seen as rows: what becomes one number is
a row, along which its own strides lead.
"""

from __future__ import annotations

import numpy as np

from .block import THREADS, block_reduce
from .kernel import Kernel, cuda, specialised
from .strided import FORMULAS, place

CHUNK = 4096  # how much of a row one block of threads works on; its results are reduced again, so that little is lost

formula = reduced_by_block = None  # each kernel puts its own here


def sum_chunks_cpu(x, sums):
    """sums[c] = Σ x over chunk c of a flat array. With many sums at once, chunk by chunk, little is lost."""
    for c in range(sums.size):
        chunk = x[c * CHUNK : (c + 1) * CHUNK]
        total = type(sums[c])(0)
        for i in range(chunk.size):
            total += chunk[i]
        sums[c] = total


def reduce_cuda(out, x, first, length, chunks, sizes, layout, row_sizes, row_layout):
    """out[r, c] = f(…f(f(first, x₀), x₁)…) over chunk c of row r.

    A block works on a chunk, and its first thread writes. All threads reach the barriers in `reduced_by_block`: what
    returns before them is a whole block, and the loop has no way out.
    """
    b, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    if b >= out.size:
        return
    start, chunk = place(b // chunks, sizes, layout), b % chunks
    total = first
    for k in range(chunk * CHUNK + thread, min((chunk + 1) * CHUNK, length), threads):
        total = formula(total, x[start + place(k, row_sizes, row_layout)])
    total = reduced_by_block(total)
    if thread == 0:
        out[b] = total


def larger(a, b):
    """a > b, and NaN is larger than any number."""
    return a > b or (a != a and b == b)


def smaller(a, b):
    """a < b, and NaN is smaller than any number."""
    return a < b or (a != a and b == b)


def find_cuda(out, x, length, sizes, layout, row_sizes, row_layout):
    """out[r] = where in row r the number stands that `formula` puts before all others; of equal ones the first.

    A block works on a row. The two halves of a round read and write different cells, with a barrier between rounds.
    """
    r, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    if r >= out.size:
        return
    start = place(r, sizes, layout)
    at, best = 0, x[start]
    for k in range(thread, length, threads):
        value = x[start + place(k, row_sizes, row_layout)]
        if formula(value, best):
            at, best = k, value
    values = cuda.shared.array(THREADS, type(best))
    places = cuda.shared.array(THREADS, np.int64)
    values[thread], places[thread] = best, at
    cuda.syncthreads()
    half = threads // 2
    while half > 0:
        if thread < half:
            value, at = values[thread + half], places[thread + half]
            before = formula(value, values[thread])
            if before or (at < places[thread] and not formula(values[thread], value)):
                values[thread], places[thread] = value, at
        cuda.syncthreads()
        half //= 2
    if thread == 0:
        out[r] = places[0]


def _reduction(function) -> Kernel:
    combine = specialised(FORMULAS[function], function.__name__)
    of_block = specialised(block_reduce, "of_block", combine=combine)
    return Kernel(None, reduce_cuda, rows=True, formula=combine, reduced_by_block=of_block)


sum_chunks = Kernel(sum_chunks_cpu, sums=True, pieces={"x": CHUNK, "sums": 1})
REDUCE = {f: _reduction(f) for f in (np.add, np.multiply, np.maximum, np.minimum)}
find_largest = Kernel(None, find_cuda, rows=True, formula=larger)
find_smallest = Kernel(None, find_cuda, rows=True, formula=smaller)
