"""Softmax and its logarithm, a row of numbers at a time.

    p_k = exp(z_k − m) / s,         m = max z,  s = Σ exp(z_k − m)
    ∂J/∂z = p (g − Σ g p)           g = ∂J/∂p
    ∂J/∂z = g − p Σ g               g = ∂J/∂log p

Subtracting m changes nothing on paper and keeps exp from overflowing.
"""

import math

from .block import block_max, block_sum
from .exponential import exp
from .kernel import Kernel, cuda
from .maximum import maximum

# --- formulas ---------------------------------------------------------------------------------------------------


def softmax(z, m, s):
    """p = exp(z − m) / s."""
    return exp(z - m) / s


def log_softmax(z, m, log_s):
    """log p = (z − m) − log s."""
    return (z - m) - log_s


def softmax_gradient(g, p, sum_g_p):
    """p (g − Σ g p)."""
    return p * (g - sum_g_p)


def log_softmax_gradient(g, log_p, sum_g):
    """g − p Σ g."""
    return g - exp(log_p) * sum_g


# --- on the CPU -------------------------------------------------------------------------------------------------
# Shapes: z, p, log_p, g, dz (rows, columns). One row of g may stand for all.


def softmax_cpu(z, p):
    for i in range(z.shape[0]):
        row, out = z[i], p[i]
        top = largest(row)
        s = type(top)(0)
        for k in range(row.size):  # each exp is worked out once, and waits in its place for the sum
            out[k] = exp(row[k] - top)
            s += out[k]
        for k in range(row.size):
            out[k] = out[k] / s


def log_softmax_cpu(z, log_p):
    for i in range(z.shape[0]):
        row, out = z[i], log_p[i]
        top = largest(row)
        log_s = math.log(sum_of_exponentials(row, top))
        for k in range(row.size):
            out[k] = log_softmax(row[k], top, log_s)


def softmax_gradient_cpu(p, g, dz):
    for i in range(p.shape[0]):
        above, row, out = g[min(i, g.shape[0] - 1)], p[i], dz[i]
        total = type(p[i, 0])(0)
        for k in range(row.size):
            total += above[k] * row[k]
        for k in range(row.size):
            out[k] = softmax_gradient(above[k], row[k], total)


def log_softmax_gradient_cpu(log_p, g, dz):
    for i in range(log_p.shape[0]):
        above, row, out = g[min(i, g.shape[0] - 1)], log_p[i], dz[i]
        total = type(log_p[i, 0])(0)
        for k in range(row.size):
            total += above[k]
        for k in range(row.size):
            out[k] = log_softmax_gradient(above[k], row[k], total)


def largest(row):
    """m = max z."""
    top = row[0]
    for k in range(row.size):
        top = maximum(top, row[k])
    return top


def sum_of_exponentials(row, m):
    """s = Σ exp(z − m)."""
    s = type(m)(0)
    for k in range(row.size):
        s += exp(row[k] - m)
    return s


# --- on CUDA: one block of threads works on one row; nothing returns before a barrier unless its whole block does ----


def softmax_cuda(z, p):
    i, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    if i >= z.shape[0]:
        return
    top = block_max(threads_largest(z, i))
    s = block_sum(threads_exponentials(z, i, top))
    for k in range(thread, z.shape[1], threads):
        p[i, k] = softmax(z[i, k], top, s)


def log_softmax_cuda(z, log_p):
    i, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    if i >= z.shape[0]:
        return
    top = block_max(threads_largest(z, i))
    log_s = math.log(block_sum(threads_exponentials(z, i, top)))
    for k in range(thread, z.shape[1], threads):
        log_p[i, k] = log_softmax(z[i, k], top, log_s)


def softmax_gradient_cuda(p, g, dz):
    i, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    if i >= p.shape[0]:
        return
    above = min(i, g.shape[0] - 1)
    total = type(p[i, 0])(0)
    for k in range(thread, p.shape[1], threads):
        total += g[above, k] * p[i, k]
    total = block_sum(total)
    for k in range(thread, p.shape[1], threads):
        dz[i, k] = softmax_gradient(g[above, k], p[i, k], total)


def log_softmax_gradient_cuda(log_p, g, dz):
    i, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    if i >= log_p.shape[0]:
        return
    above = min(i, g.shape[0] - 1)
    total = type(log_p[i, 0])(0)
    for k in range(thread, log_p.shape[1], threads):
        total += g[above, k]
    total = block_sum(total)
    for k in range(thread, log_p.shape[1], threads):
        dz[i, k] = log_softmax_gradient(g[above, k], log_p[i, k], total)


# `block_sum` and `block_max` are called by kernels alone: reached by two ways, their shared memory is defined twice.


def threads_largest(z, i):
    """The largest of what one thread looks at of row i."""
    top = z[i, 0]
    for k in range(cuda.threadIdx.x, z.shape[1], cuda.blockDim.x):
        top = maximum(top, z[i, k])
    return top


def threads_exponentials(z, i, m):
    """What one thread adds to s of row i."""
    s = type(m)(0)
    for k in range(cuda.threadIdx.x, z.shape[1], cuda.blockDim.x):
        s += exp(z[i, k] - m)
    return s


# --- kernels ----------------------------------------------------------------------------------------------------


def _of_rows(cpu, cuda, *arrays) -> Kernel:
    return Kernel(cpu, cuda, rows=True, sums=True, pieces=dict.fromkeys(arrays, 1))


softmax_rows = _of_rows(softmax_cpu, softmax_cuda, "z", "p")
log_softmax_rows = _of_rows(log_softmax_cpu, log_softmax_cuda, "z", "log_p")
softmax_gradient_rows = _of_rows(softmax_gradient_cpu, softmax_gradient_cuda, "p", "g", "dz")
log_softmax_gradient_rows = _of_rows(log_softmax_gradient_cpu, log_softmax_gradient_cuda, "log_p", "g", "dz")
