"""Normalisation: numbers of a group moved and scaled to mean 0 and variance 1.

    x̂ = (x − μ) r,      μ = (1/n) Σ x,   σ² = (1/n) Σ (x − μ)²,   r = 1 / √(σ² + ε)
    ∂J/∂x = r (g − ḡ − x̂ · mean(g x̂)),      g = ∂J/∂x̂,  ḡ its mean over the group

since μ and r depend on every x of the group. What follows is learned:

    y = x̂ w + b,      ∂J/∂x̂ = w ∂J/∂y,   ∂J/∂w = Σ x̂ ∂J/∂y,   ∂J/∂b = Σ ∂J/∂y

Shapes: x (outer, groups, inner); mean, variance, r (groups,). For batch normalisation a group is a channel: (images,
channels, pixels), with one w and b. For layer normalisation a group is a row: (1, rows, features); it has kernels of
its own, with a w and b for each feature.
"""

import math

from .block import block_sum
from .kernel import Kernel, cuda

BLOCK = 32  # rows of layer normalisation whose ∂J/∂w and ∂J/∂b are added up together; the blocks' sums afterwards

# --- formulas ---------------------------------------------------------------------------------------------------


def inverse_deviation(variance, eps):
    """r = 1 / √(σ² + ε)."""
    return type(eps)(1) / math.sqrt(variance + eps)


def normalized(x, mean, r):
    """x̂ = (x − μ) r."""
    return (x - mean) * r


def normalized_gradient(g, x_hat, r, mean_g, mean_g_x_hat):
    """r (g − ḡ − x̂ · mean(g x̂))."""
    return r * (g - mean_g - x_hat * mean_g_x_hat)


def scaled(x_hat, w, b):
    """y = x̂ w + b."""
    return x_hat * w + b


# --- on the CPU -------------------------------------------------------------------------------------------------
# `n` is the number of numbers of a group, outer · inner, in the type of x.


def moments_cpu(x, mean, variance, n):
    """mean ← μ and variance ← σ² of each group."""
    outer, groups, inner = x.shape
    for k in range(groups):
        total = type(n)(0)
        for o in range(outer):
            part = type(n)(0)
            for i in range(inner):
                part += x[o, k, i]
            total += part
        middle, total = total / n, type(n)(0)
        for o in range(outer):
            part = type(n)(0)
            for i in range(inner):
                part += (x[o, k, i] - middle) * (x[o, k, i] - middle)
            total += part
        mean[k], variance[k] = middle, total / n


def normalize_cpu(x, mean, r, w, b, out):
    """out ← x̂ w + b."""
    outer, groups, inner = x.shape
    for o in range(outer):
        for k in range(groups):
            for i in range(inner):
                out[o, k, i] = scaled(normalized(x[o, k, i], mean[k], r[k]), w[k], b[k])


def normalize_gradient_cpu(g, x, mean, r, w, dx, dw, db, n):
    """dx ← ∂J/∂x, dw ← ∂J/∂w and db ← ∂J/∂b: the two sums that ∂J/∂x needs are the other two gradients."""
    outer, groups, inner = x.shape
    for k in range(groups):
        sum_g = sum_g_x_hat = type(n)(0)
        for o in range(outer):
            part = part_x_hat = type(n)(0)
            for i in range(inner):
                part += g[o, k, i]
                part_x_hat += g[o, k, i] * normalized(x[o, k, i], mean[k], r[k])
            sum_g += part
            sum_g_x_hat += part_x_hat
        dw[k], db[k] = sum_g_x_hat, sum_g
        for o in range(outer):
            for i in range(inner):
                x_hat = normalized(x[o, k, i], mean[k], r[k])
                dx[o, k, i] = normalized_gradient(g[o, k, i], x_hat, w[k] * r[k], sum_g / n, sum_g_x_hat / n)


# Shapes for layer normalisation: x, out, g = ∂J/∂y, dx (rows, features); mean, r (rows,); w, b (features,); dw, db
# (blocks, features) with the sums over BLOCK rows each: of its own block everyone adds up alone.


def layer_norm_cpu(x, w, b, eps, mean, r, out, n):
    """out ← x̂ w + b, mean ← μ and r of each row, while the row is at hand."""
    for k in range(x.shape[0]):
        total = type(n)(0)
        for i in range(x.shape[1]):
            total += x[k, i]
        middle, total = total / n, type(n)(0)
        for i in range(x.shape[1]):
            total += (x[k, i] - middle) * (x[k, i] - middle)
        mean[k], r[k] = middle, inverse_deviation(total / n, eps)
        for i in range(x.shape[1]):
            out[k, i] = scaled(normalized(x[k, i], middle, r[k]), w[i], b[i])


def layer_norm_gradient_cpu(g, x, mean, r, w, dx, dw, db, n):
    """dx ← ∂J/∂x; dw and db, zeros so far, ← ∂J/∂w and ∂J/∂b of each block."""
    for k in range(x.shape[0]):
        above, row, out, middle, own = g[k], x[k], dx[k], mean[k], r[k]
        sum_g = sum_g_x_hat = type(n)(0)
        for i in range(row.size):
            sum_g += above[i] * w[i]
            sum_g_x_hat += above[i] * w[i] * normalized(row[i], middle, own)
        mean_g, mean_g_x_hat = sum_g / n, sum_g_x_hat / n
        block_dw, block_db = dw[k // BLOCK], db[k // BLOCK]
        for i in range(row.size):
            x_hat = normalized(row[i], middle, own)
            out[i] = normalized_gradient(above[i] * w[i], x_hat, own, mean_g, mean_g_x_hat)
            block_dw[i] += above[i] * x_hat
            block_db[i] += above[i]


# --- on CUDA: one block of threads works on one group --------------------------------------------------------------


def moments_cuda(x, mean, variance, n):
    """Every thread of a block reaches `block_sum`: the loops before it have no way out."""
    k, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    outer, groups, inner = x.shape
    if k >= groups:
        return
    total = type(n)(0)
    for j in range(thread, outer * inner, threads):
        total += x[j // inner, k, j % inner]
    middle = block_sum(total) / n
    total = type(n)(0)
    for j in range(thread, outer * inner, threads):
        total += (x[j // inner, k, j % inner] - middle) * (x[j // inner, k, j % inner] - middle)
    total = block_sum(total)
    if thread == 0:
        mean[k], variance[k] = middle, total / n


def normalize_cuda(x, mean, r, w, b, out):
    """Each thread of a group's block writes its own numbers."""
    k, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    outer, groups, inner = x.shape
    if k < groups:
        for j in range(thread, outer * inner, threads):
            x_hat = normalized(x[j // inner, k, j % inner], mean[k], r[k])
            out[j // inner, k, j % inner] = scaled(x_hat, w[k], b[k])


def normalize_gradient_cuda(g, x, mean, r, w, dx, dw, db, n):
    """Both sums are known to all threads of a block before any writes."""
    k, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    outer, groups, inner = x.shape
    if k >= groups:
        return
    sum_g = sum_g_x_hat = type(n)(0)
    for j in range(thread, outer * inner, threads):
        sum_g += g[j // inner, k, j % inner]
        sum_g_x_hat += g[j // inner, k, j % inner] * normalized(x[j // inner, k, j % inner], mean[k], r[k])
    sum_g = block_sum(sum_g)
    sum_g_x_hat = block_sum(sum_g_x_hat)
    if thread == 0:
        dw[k], db[k] = sum_g_x_hat, sum_g
    for j in range(thread, outer * inner, threads):
        x_hat = normalized(x[j // inner, k, j % inner], mean[k], r[k])
        dx[j // inner, k, j % inner] = normalized_gradient(
            g[j // inner, k, j % inner], x_hat, w[k] * r[k], sum_g / n, sum_g_x_hat / n)


def layer_norm_cuda(x, w, b, eps, mean, r, out, n):
    """Every thread of a row's block knows both sums, and writes its own numbers."""
    k, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    if k >= x.shape[0]:
        return
    total = type(n)(0)
    for i in range(thread, x.shape[1], threads):
        total += x[k, i]
    middle = block_sum(total) / n
    total = type(n)(0)
    for i in range(thread, x.shape[1], threads):
        total += (x[k, i] - middle) * (x[k, i] - middle)
    own = inverse_deviation(block_sum(total) / n, eps)
    if thread == 0:
        mean[k], r[k] = middle, own
    for i in range(thread, x.shape[1], threads):
        out[k, i] = scaled(normalized(x[k, i], middle, own), w[i], b[i])


def layer_norm_gradient_cuda(g, x, mean, r, w, dx, dw, db, n):
    """One block of threads works on BLOCK rows, one after the other, so that each thread alone adds up its features."""
    block, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    for k in range(block * BLOCK, min((block + 1) * BLOCK, x.shape[0])):
        sum_g = sum_g_x_hat = type(n)(0)
        for i in range(thread, x.shape[1], threads):
            sum_g += g[k, i] * w[i]
            sum_g_x_hat += g[k, i] * w[i] * normalized(x[k, i], mean[k], r[k])
        sum_g = block_sum(sum_g)
        sum_g_x_hat = block_sum(sum_g_x_hat)
        for i in range(thread, x.shape[1], threads):
            x_hat = normalized(x[k, i], mean[k], r[k])
            dx[k, i] = normalized_gradient(g[k, i] * w[i], x_hat, r[k], sum_g / n, sum_g_x_hat / n)
            dw[block, i] += g[k, i] * x_hat
            db[block, i] += g[k, i]


# --- kernels ----------------------------------------------------------------------------------------------------

moments = Kernel(moments_cpu, moments_cuda, rows=True, sums=True)
normalize = Kernel(normalize_cpu, normalize_cuda, rows=True, pieces={"x": 1, "out": 1})
normalize_gradient = Kernel(normalize_gradient_cpu, normalize_gradient_cuda, rows=True, sums=True)
layer_norm_rows = Kernel(layer_norm_cpu, layer_norm_cuda, rows=True, sums=True,
                         pieces=dict.fromkeys(("x", "mean", "r", "out"), 1))
layer_norm_gradient = Kernel(layer_norm_gradient_cpu, layer_norm_gradient_cuda, rows=True, sums=True,
                             pieces=dict.fromkeys(("g", "x", "mean", "r", "dx"), BLOCK) | {"dw": 1, "db": 1})
