"""Matrix products on the CPU: NumPy's BLAS works them out, and the course says how many threads take part.

OpenBLAS wakes threads of its own for products that take 20 microseconds, and lets them spin until the next. Where the
cores have something else to do as well, another student's kernel say, a product of 1 millisecond was seen to wait 8
or 24. So here it works in the thread that asks, and a large product is cut into strips of its result, which `at_once`
shares out as it does kernels. The sum over k is never cut; but how a BLAS rounds it is its own affair, and the last
digit may depend on where a strip begins.
"""

from __future__ import annotations

import numpy as np

from .cores import at_once, get_num_threads
from .openblas import openblas

SHARE = 2**24  # multiplications that make a strip: 200 microseconds of work or less; to wake a thread takes 10 to 60
BLOCK = 48  # a strip is a multiple of so many rows or columns: a BLAS takes 4, 8, 12, 16 or 24 of them at once


def product(a, b, out=None):
    """a b, as np.matmul has it; a large product of arrays on the CPU is shared among threads.

    Shapes: (…, n, k) · (…, k, m) → (…, n, m). Tensors, arrays on the GPU and those of a trace do it their own way.
    """
    if type(a) is not np.ndarray or type(b) is not np.ndarray:
        return a @ b if out is None else np.matmul(a, b, out=out)
    multiply = np.dot if a.ndim == b.ndim == 2 else np.matmul  # the same BLAS, with half the ado
    blas = openblas() if get_num_threads() > 1 else None
    if blas is None:
        return multiply(a, b, out)
    blas.tell(1)
    try:
        large = a.ndim > 1 and b.ndim > 1 and a.size * b.shape[-1] >= 2 * SHARE
        # for aᵀ a a BLAS works out one half and mirrors it
        return multiply(a, b, out) if not large or np.may_share_memory(a, b) else _in_strips(a, b, out)
    finally:
        blas.tell(blas.threads)


def _in_strips(a, b, out):
    if out is None:
        batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        out = np.empty((*batch, a.shape[-2], b.shape[-1]), np.result_type(a, b))
    height, width = out.shape[-2:]
    if out.ndim > 2 and len(out) > 1:
        length, block = len(out), 1
        a_cut, b_cut = (x.ndim == out.ndim and len(x) > 1 for x in (a, b))
        strip = lambda part: (a[part] if a_cut else a, b[part] if b_cut else b, out[part])
    elif height >= width:
        length, block, strip = height, BLOCK, lambda part: (a[..., part, :], b, out[..., part, :])
    else:
        length, block, strip = width, BLOCK, lambda part: (a, b[..., part], out[..., part])
    blocks = -(-length // block)
    count = min(get_num_threads(), out.size * a.shape[-1] // SHARE, blocks)
    edges = [min(length, block * (blocks * i // count)) for i in range(count + 1)]
    at_once(lambda part: np.matmul(*strip(part)), [slice(*edge) for edge in zip(edges, edges[1:])])
    return out
