"""Connectionist temporal classification: the probability of a label sequence, whatever its alignment to the input.

A row of T distributions over C symbols, one of them the blank, is to spell the labels l₁ … l_S. Between, before and
after the labels stands an optional blank: l′ = (blank, l₁, blank, l₂, …, blank), L = 2 S + 1 of them. With y_t(k) the
predicted probability of symbol k at time t, the alignments that have come to l′_s by time t have the probability

    α_t(s) = y_t(l′_s) · (α_{t−1}(s) + α_{t−1}(s−1) + [l′_s ≠ l′_{s−2}] α_{t−1}(s−2))

(a blank may be skipped only between different labels) and those that go on from there to the end

    β_t(s) = y_t(l′_s) · (β_{t+1}(s) + β_{t+1}(s+1) + [l′_s ≠ l′_{s+2}] β_{t+1}(s+2))

Then p(l) = α_T(L) + α_T(L−1), loss = −log p(l), and with the logits u_t, whose softmax is y_t,

    ∂loss/∂u_t(k) = y_t(k) − Σ_{s: l′_s = k} α_t(s) β_t(s) / (y_t(k) p(l))

All of it is done with logarithms: products of T probabilities would be 0 in float32.
Source: Graves et al., "Connectionist Temporal Classification", 2006.
"""

import math

from .exponential import exp
from .kernel import Kernel, cuda
from .logarithm import log1p_of_fraction

# --- formulas ---------------------------------------------------------------------------------------------------


def log_add(a, b):
    """log(e^a + e^b)."""
    low, high = (a, b) if a < b else (b, a)
    return high if low == type(a)(-math.inf) else high + log1p_of_fraction(exp(low - high))


def log_arrive(log_y, stay, step, skip):
    """log α_t(s) (or β) from those that it may come from: log y + log(e^stay + e^step + e^skip)."""
    return log_y + log_add(log_add(stay, step), skip)


def ctc_share(log_alpha, log_beta, log_y, loss):
    """α β / (y p): how probable it is that an alignment of the labels passes here. It lies between 0 and 1."""
    return exp(log_alpha + log_beta + loss - log_y)


def ctc_gradient(log_y, shares):
    """y − Σ α β / (y p): what is predicted minus what the labels want."""
    return exp(log_y) - shares


# --- on the CPU -------------------------------------------------------------------------------------------------
# Shapes: log_y, du (times, rows, symbols); labels (rows, L), the l′ of each row; times and ends (rows,): how many of
# them count; alpha, beta (rows, times, L), logarithms; loss, g (rows,).


def ctc_cpu(log_y, labels, times, ends, alpha, loss):
    """Fills alpha and loss: infinite where a row has fewer times than its labels need."""
    for n in range(labels.shape[0]):
        nothing, end, last = type(loss[n])(-math.inf), ends[n], times[n] - 1
        label = labels[n, :end]
        for t in range(times[n]):
            log_p, now = log_y[t, n], alpha[n, t, :end]
            for s in range(end):
                now[s] = log_p[label[s]]
            if t == 0:
                now[2:] = nothing
                continue
            before = alpha[n, t - 1, :end]
            now[0] = log_arrive(now[0], before[0], nothing, nothing)
            if end > 1:
                now[1] = log_arrive(now[1], before[1], before[0], nothing)
            arrive_at_all(now[2:], before[2:], before[1:], before, label[2:], label)
        if last < 0:
            loss[n] = -nothing if end > 1 else type(nothing)(0)
        else:
            before_last = alpha[n, last, end - 2] if end > 1 else nothing
            loss[n] = -log_add(alpha[n, last, end - 1], before_last)


def ctc_backward_cpu(log_y, labels, times, ends, beta):
    """Fills beta, from the last time that counts to the first."""
    for n in range(labels.shape[0]):
        nothing, end, last = type(log_y[0, 0, 0])(-math.inf), ends[n], times[n] - 1
        label = labels[n, :end]
        for t in range(last, -1, -1):
            log_p, now = log_y[t, n], beta[n, t, :end]
            for s in range(end):
                now[s] = log_p[label[s]]
            if t == last:
                now[: max(end - 2, 0)] = nothing
                continue
            after = beta[n, t + 1, :end]
            arrive_at_all(now[: max(end - 2, 0)], after, after[1:], after[2:], label, label[2:])
            if end > 1:
                now[end - 2] = log_arrive(now[end - 2], after[end - 2], after[end - 1], nothing)
            now[end - 1] = log_arrive(now[end - 1], after[end - 1], nothing, nothing)


def arrive_at_all(now, stay, step, skip, label, other):
    """`log_arrive` at every label of a row whose neighbours both exist; `now` holds log y and is written over."""
    for s in range(now.size):
        over_blank = skip[s] if label[s] != other[s] else type(skip[s])(-math.inf)
        now[s] = log_arrive(now[s], stay[s], step[s], over_blank)


def ctc_gradient_cpu(log_y, labels, times, ends, alpha, beta, loss, g, du):
    """du = g · ∂loss/∂u; zeros at times that do not count. Writes the shares over beta."""
    for n in range(labels.shape[0]):
        nothing, label = type(g[n])(-math.inf), labels[n, : ends[n]]
        for t in range(times[n]):
            log_p, shares, row = log_y[t, n], beta[n, t], du[t, n]
            for s in range(label.size):
                shares[s] = ctc_share(alpha[n, t, s], shares[s], log_p[label[s]], loss[n])
            for k in range(row.size):
                row[k] = ctc_share(nothing, nothing, log_p[k], loss[n])  # 0, or NaN for y = 0 and loss = ∞
            for s in range(label.size):
                row[label[s]] += shares[s]
            for k in range(row.size):
                row[k] = g[n] * ctc_gradient(log_p[k], row[k])
        du[times[n] :, n, :] = 0


# --- on CUDA: one block of threads works on one row ---------------------------------------------------------------
# Its threads share the labels out among them and wait for each other after every time: the loops over time, and with
# them the barriers, are the same for all threads of a block.


def ctc_cuda(log_y, labels, times, ends, alpha, loss):
    """As on the CPU."""
    n, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    if n >= labels.shape[0]:
        return
    nothing = type(loss[n])(-math.inf)
    end, last = ends[n], times[n] - 1
    for t in range(last + 1):
        for s in range(thread, end, threads):
            log_p = log_y[t, n, labels[n, s]]
            if t == 0:
                alpha[n, t, s] = log_p if s < 2 else nothing
            else:
                step = alpha[n, t - 1, s - 1] if s > 0 else nothing
                skip = alpha[n, t - 1, s - 2] if s > 1 and labels[n, s] != labels[n, s - 2] else nothing
                alpha[n, t, s] = log_arrive(log_p, alpha[n, t - 1, s], step, skip)
        cuda.syncthreads()
    if thread == 0:
        if last < 0:
            loss[n] = -nothing if end > 1 else type(nothing)(0)
        else:
            before = alpha[n, last, end - 2] if end > 1 else nothing
            loss[n] = -log_add(alpha[n, last, end - 1], before)


def ctc_backward_cuda(log_y, labels, times, ends, beta):
    """As on the CPU."""
    n, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    if n >= labels.shape[0]:
        return
    nothing, end, last = type(log_y[0, 0, 0])(-math.inf), ends[n], times[n] - 1
    for t in range(last, -1, -1):
        for s in range(thread, end, threads):
            log_p = log_y[t, n, labels[n, s]]
            if t == last:
                beta[n, t, s] = log_p if s >= end - 2 else nothing
            else:
                step = beta[n, t + 1, s + 1] if s < end - 1 else nothing
                skip = beta[n, t + 1, s + 2] if s < end - 2 and labels[n, s] != labels[n, s + 2] else nothing
                beta[n, t, s] = log_arrive(log_p, beta[n, t + 1, s], step, skip)
        cuda.syncthreads()


def ctc_gradient_cuda(log_y, labels, times, ends, alpha, beta, loss, g, du):
    """Each thread adds up the labels of its own symbols, so that no two write to one place and none has to wait."""
    n, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    if n >= labels.shape[0]:
        return
    for k in range(thread, du.shape[2], threads):
        for t in range(du.shape[0]):
            nothing = type(g[n])(-math.inf)
            if t < times[n]:
                shares = ctc_share(nothing, nothing, log_y[t, n, k], loss[n])
                for s in range(ends[n]):
                    if labels[n, s] == k:
                        shares += ctc_share(alpha[n, t, s], beta[n, t, s], log_y[t, n, k], loss[n])
                du[t, n, k] = g[n] * ctc_gradient(log_y[t, n, k], shares)
            else:
                du[t, n, k] = type(nothing)(0)


# --- kernels ----------------------------------------------------------------------------------------------------

ctc = Kernel(ctc_cpu, ctc_cuda, rows=True)
ctc_backward = Kernel(ctc_backward_cpu, ctc_backward_cuda, rows=True)
ctc_gradient_rows = Kernel(ctc_gradient_cpu, ctc_gradient_cuda, rows=True)
