"""Softmax and cross-entropy in one pass over each row of logits, and the gradient in one more.

For a row z of C logits and the true class y, with the class weights w and label smoothing ε:

    p_k = exp(z_k − m) / s,     m = max z,  s = Σ exp(z_k − m)
    t_k = w_k (1 − ε) [k = y] + w_k ε / C
    loss = −Σ t_k log p_k,      ∂loss/∂z_k = T p_k − t_k,  T = Σ t_k

Subtracting m changes nothing on paper and keeps exp from overflowing. p is never stored: m and s are enough.
"""

import math

from .block import block_max, block_sum
from .kernel import Kernel, cuda
from .softmax import largest, softmax, sum_of_exponentials, threads_exponentials, threads_largest

# --- formulas ---------------------------------------------------------------------------------------------------


def negative_log_softmax(z, m, log_s):
    """−log p = log s + (m − z)."""
    return log_s + (m - z)


def share_of_all(w, smoothing, classes):
    """w ε / C: what the target gives to every class."""
    return w * (smoothing / classes)


def share_of_one(w, smoothing):
    """w (1 − ε): what it gives to the true class besides."""
    return w * (type(w)(1) - smoothing)


def cross_entropy_gradient(p, t, total):
    """∂loss/∂z = T p − t: what is predicted minus what is wanted."""
    return total * p - t


# --- on the CPU -------------------------------------------------------------------------------------------------
# Shapes: z, dz (rows, classes); y (rows,) of class numbers; w (classes,); loss, total, m, s, g (rows,).
# `classes` is C in z's dtype. A row whose class is `ignore` costs nothing and has total 0. One g may serve all rows.


def cross_entropy_cpu(z, y, w, smoothing, classes, ignore, loss, total, m, s, wrong):
    """Fills loss, total, m and s; `wrong[0]` becomes a row whose class does not exist, if there is one."""
    zero = type(classes)(0)
    for i in range(z.shape[0]):
        row = z[i]
        top = largest(row)
        spread = sum_of_exponentials(row, top)
        m[i], s[i], loss[i], total[i] = top, spread, zero, zero
        if y[i] == ignore:
            continue
        if y[i] < 0 or y[i] >= row.size:
            wrong[0] = i
            return
        log_spread = math.log(spread)
        weight = share_of_one(w[y[i]], smoothing)
        cost = weight * negative_log_softmax(row[y[i]], top, log_spread)
        if smoothing != zero:
            for k in range(row.size):
                t = share_of_all(w[k], smoothing, classes)
                weight += t
                cost += t * negative_log_softmax(row[k], top, log_spread)
        loss[i], total[i] = cost, weight


def cross_entropy_gradient_cpu(z, y, w, smoothing, classes, total, m, s, g, dz):
    """dz = g · (T p − t) for each row; a row that is ignored gets zeros."""
    zero = type(classes)(0)
    for i in range(z.shape[0]):
        if total[i] == zero:
            dz[i, :] = zero
            continue
        row, out, above = z[i], dz[i], g[min(i, g.size - 1)]
        for k in range(row.size):
            t = share_of_all(w[k], smoothing, classes)
            out[k] = above * cross_entropy_gradient(softmax(row[k], m[i], s[i]), t, total[i])
        own = y[i]  # once more, with its whole target: a comparison in the loop would take half of its speed
        t = share_of_all(w[own], smoothing, classes) + share_of_one(w[own], smoothing)
        out[own] = above * cross_entropy_gradient(softmax(row[own], m[i], s[i]), t, total[i])


# --- on CUDA: one block of threads works on one row --------------------------------------------------------------


def cross_entropy_cuda(z, y, w, smoothing, classes, ignore, loss, total, m, s, wrong):
    """As on the CPU.

    Every thread of a block reaches every barrier: the only early way out depends on the row, which the block shares.
    """
    i, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    if i >= z.shape[0]:
        return
    zero = type(classes)(0)
    columns = z.shape[1]
    top = block_max(threads_largest(z, i))
    spread = block_sum(threads_exponentials(z, i, top))
    log_spread = math.log(spread)
    target = y[i]
    cost = weight = zero
    if 0 <= target < columns and target != ignore:
        if thread == 0:
            weight = share_of_one(w[target], smoothing)
            cost = weight * negative_log_softmax(z[i, target], top, log_spread)
        if smoothing != zero:
            for k in range(thread, columns, threads):
                t = share_of_all(w[k], smoothing, classes)
                weight += t
                cost += t * negative_log_softmax(z[i, k], top, log_spread)
    elif target != ignore and thread == 0:
        wrong[0] = i
    cost = block_sum(cost)
    weight = block_sum(weight)
    if thread == 0:
        m[i], s[i], loss[i], total[i] = top, spread, cost, weight


def cross_entropy_gradient_cuda(z, y, w, smoothing, classes, total, m, s, g, dz):
    """Each thread writes its own columns of the block's row."""
    i, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    zero = type(classes)(0)
    if i < z.shape[0]:
        for k in range(thread, z.shape[1], threads):
            if total[i] == zero:
                dz[i, k] = zero
            else:
                t = share_of_all(w[k], smoothing, classes)
                if k == y[i]:
                    t += share_of_one(w[k], smoothing)
                p = softmax(z[i, k], m[i], s[i])
                dz[i, k] = g[min(i, g.size - 1)] * cross_entropy_gradient(p, t, total[i])


# --- kernels ----------------------------------------------------------------------------------------------------

rows = dict.fromkeys(("z", "y", "loss", "total", "m", "s", "g", "dz"), 1)
cross_entropy = Kernel(cross_entropy_cpu, cross_entropy_cuda, rows=True, sums=True, pieces=rows)
cross_entropy_gradient_rows = Kernel(cross_entropy_gradient_cpu, cross_entropy_gradient_cuda, rows=True, pieces=rows)
