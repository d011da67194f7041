"""Softmax and cross-entropy in one pass over each row of logits, and the gradient in one more.

For a row z of C logits and the true class y, with the class weights w and label smoothing ε:

    p_k = exp(z_k − m) / s,     m = max z,  s = Σ exp(z_k − m)
    t_k = w_k · ((1 − ε) [k = y] + ε / C)
    loss = −Σ t_k log p_k,      ∂loss/∂z_k = T p_k − t_k,  T = Σ t_k

Subtracting m changes nothing on paper and keeps exp from overflowing. p is never stored: m and s are enough.
"""

import math

from .block import block_max, block_sum
from .exponential import exp
from .kernel import Kernel, cuda

# --- formulas ---------------------------------------------------------------------------------------------------


def softmax(z, m, s):
    """p = exp(z − m) / s."""
    return exp(z - m) / s


def negative_log_softmax(z, m, s):
    """−log p = log s + (m − z)."""
    return math.log(s) + (m - z)


def smoothed_target(is_class, w, smoothing, classes):
    """t = w ((1 − ε) [k = y] + ε / C): where the target puts its weight."""
    one = type(w)(1)
    share = smoothing / classes
    return w * (one - smoothing + share) if is_class else w * share


def cross_entropy_gradient(p, t, total):
    """∂loss/∂z = T p − t: what is predicted minus what is wanted."""
    return total * p - t


# --- on the CPU -------------------------------------------------------------------------------------------------
# Shapes: z, dz (rows, classes); y (rows,) of class numbers; w (classes,); loss, total, m, s, g (rows,).
# `classes` is C in z's dtype. A row whose class is `ignore` costs nothing and has total 0.


def cross_entropy_cpu(z, y, w, smoothing, classes, ignore, loss, total, m, s, wrong):
    """Fills loss, total, m and s; `wrong[0]` becomes the first row whose class does not exist, if there is one."""
    zero = type(classes)(0)
    for i in range(z.shape[0]):
        top = z[i, 0]
        for k in range(z.shape[1]):
            top = z[i, k] if z[i, k] > top else top
        spread = zero
        for k in range(z.shape[1]):
            spread += exp(z[i, k] - top)
        m[i], s[i], loss[i], total[i] = top, spread, zero, zero
        if y[i] == ignore:
            continue
        if y[i] < 0 or y[i] >= z.shape[1]:
            wrong[0] = i
            return
        if smoothing == zero:
            total[i] = w[y[i]]
            loss[i] = w[y[i]] * negative_log_softmax(z[i, y[i]], top, spread)
        else:
            for k in range(z.shape[1]):
                t = smoothed_target(k == y[i], w[k], smoothing, classes)
                total[i] += t
                loss[i] += t * negative_log_softmax(z[i, k], top, spread)


def cross_entropy_gradient_cpu(z, y, w, smoothing, classes, total, m, s, g, dz):
    """dz = g · (T p − t) for each row; a row that is ignored gets zeros."""
    zero = type(classes)(0)
    for i in range(z.shape[0]):
        if total[i] == zero:
            dz[i, :] = zero
            continue
        for k in range(z.shape[1]):
            t = smoothed_target(k == y[i], w[k], smoothing, classes)
            dz[i, k] = g[i] * cross_entropy_gradient(softmax(z[i, k], m[i], s[i]), t, total[i])


# --- on CUDA: one block of threads works on one row --------------------------------------------------------------


def cross_entropy_cuda(z, y, w, smoothing, classes, ignore, loss, total, m, s, wrong):
    """As on the CPU, but `wrong[0]` becomes any row whose class does not exist.

    Every thread of a block reaches every barrier: the only early way out depends on the row, which the block shares.
    """
    i, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    if i >= z.shape[0]:
        return
    zero = type(classes)(0)
    columns = z.shape[1]
    top = z[i, 0]
    for k in range(thread, columns, threads):
        top = z[i, k] if z[i, k] > top else top
    top = block_max(top)
    spread = zero
    for k in range(thread, columns, threads):
        spread += exp(z[i, k] - top)
    spread = block_sum(spread)
    target = y[i]
    part_loss = part_total = zero
    if 0 <= target < columns and target != ignore:
        if smoothing == zero:
            if thread == 0:
                part_total = w[target]
                part_loss = w[target] * negative_log_softmax(z[i, target], top, spread)
        else:
            for k in range(thread, columns, threads):
                t = smoothed_target(k == target, w[k], smoothing, classes)
                part_total += t
                part_loss += t * negative_log_softmax(z[i, k], top, spread)
    elif target != ignore and thread == 0:
        wrong[0] = i
    part_loss = block_sum(part_loss)
    part_total = block_sum(part_total)
    if thread == 0:
        m[i], s[i], loss[i], total[i] = top, spread, part_loss, part_total


def cross_entropy_gradient_cuda(z, y, w, smoothing, classes, total, m, s, g, dz):
    """Each thread writes its own columns of the block's row."""
    i, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    zero = type(classes)(0)
    if i < z.shape[0]:
        for k in range(thread, z.shape[1], threads):
            if total[i] == zero:
                dz[i, k] = zero
            else:
                t = smoothed_target(k == y[i], w[k], smoothing, classes)
                dz[i, k] = g[i] * cross_entropy_gradient(softmax(z[i, k], m[i], s[i]), t, total[i])


# --- kernels ----------------------------------------------------------------------------------------------------

cross_entropy = Kernel(cross_entropy_cpu, cross_entropy_cuda, rows=True, sums=True)
cross_entropy_gradient_rows = Kernel(cross_entropy_gradient_cpu, cross_entropy_gradient_cuda, rows=True)
