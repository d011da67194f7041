"""Random numbers that can be worked out in any order: Philox4x32-10.

A counter goes in and four 32-bit numbers come out: ten rounds of multiplying and mixing leave no trace of how the next
counter's numbers are related to these. So the state of a stream is (seed, counter), element i of an array is drawn at
counter + i by whichever thread comes to it, and every device draws the same numbers. A random order of n things is the
order of n random integers (`draw_integer` over [0, 2⁶³ − 1), then a stable sort).

Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011).
"""

import math

import numpy as np

from .kernel import Kernel, cuda
from .logarithm import log

# --- formulas ---------------------------------------------------------------------------------------------------
# Words are 32-bit numbers kept in 64 bits, so that products are whole.

WORD = np.uint64(0xFFFFFFFF)
BITS = np.uint64(32)
M0, M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)  # multipliers that mix well
W0, W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)  # the golden ratio and √3 − 1: how a key goes on


def philox_round(x, k0, k1):
    """Two products; their halves change places and are mixed with the other words and the key."""
    p0, p1 = M0 * x[0], M1 * x[2]
    return (p1 >> BITS) ^ x[1] ^ k0, p1 & WORD, (p0 >> BITS) ^ x[3] ^ k1, p0 & WORD


def philox(x, k0, k1):
    """Ten rounds on the counter x of four words, each with the next key."""
    for _ in range(10):
        x = philox_round(x, k0, k1)
        k0, k1 = (k0 + W0) & WORD, (k1 + W1) & WORD
    return x


def words(seed, counter):
    """x₀, x₁, x₂, x₃ of a seed and a counter of 64 bits."""
    zero = np.uint64(0)
    return philox((counter & WORD, counter >> BITS, zero, zero), seed & WORD, seed >> BITS)


def unit(x, y, fine):
    """u in [0, 1): 24 bits of x, and 29 more of y in float64. `fine` is the worth of y's last bit: 2⁻⁵³, or 0."""
    one = type(fine)
    return one(x >> np.uint64(8)) * one(2.0**-24) + one(y >> np.uint64(3)) * fine


def uniform(x, fine, low, high):
    """low + (high − low) u."""
    return low + (high - low) * unit(x[0], x[1], fine)


def bernoulli(x, fine, p, value):
    """`value` with probability p, else 0. Dropout's mask: probability 1 − p of 1 / (1 − p)."""
    return value if unit(x[0], x[1], fine) < p else type(p)(0)


def exponential(x, fine, rate):
    """−log(1 − u) / λ."""
    return -log(type(rate)(1) - unit(x[0], x[1], fine)) / rate


def normal(x, fine, mean, std):
    """μ + σ √(−2 log(1 − u)) cos 2πv, by Box and Muller."""
    one, two = type(mean)(1), type(mean)(2)
    radius = math.sqrt(-two * log(one - unit(x[0], x[1], fine)))
    return mean + std * radius * cosine_of_turns(unit(x[2], x[3], fine))


def cosine_of_turns(v):
    """cos 2πv = 2 sin²(π (v − ½)) − 1 for 0 ≤ v < 1, by Taylor's series of the sine, which serves well up to π / 2.

    CUDA's own cosine keeps a table in slow memory, for arguments far larger.
    """
    kind = type(v)
    angle = kind(math.pi) * (v - kind(0.5))
    square, series = angle * angle, kind(1)
    for k in range(20, 0, -2):  # x (1 − x²/(2·3) (1 − x²/(4·5) (1 − …)))
        series = kind(1) - square / kind(k * (k + 1)) * series
    sine = angle * series
    return kind(2) * sine * sine - kind(1)


def integer(x, low, span):
    """low + x mod span, of 64 random bits."""
    return low + np.int64(((x[1] << BITS) | x[0]) % np.uint64(span))


# --- loops ------------------------------------------------------------------------------------------------------
# `out` is flat, seed and counter are of type uint64, and the numbers of the dtype of `out`.

formula = None  # each kernel puts its own formula here


def draw_cpu(out, seed, counter, numbers):
    for i in range(out.size):
        out[i] = formula(words(seed, counter + np.uint64(i)), *numbers)


def draw_cuda(out, seed, counter, numbers):
    """One thread draws one element and writes nothing else."""
    i = cuda.grid(1)
    if i < out.size:
        out[i] = formula(words(seed, counter + np.uint64(i)), *numbers)


# --- kernels ----------------------------------------------------------------------------------------------------

draw_uniform = Kernel(draw_cpu, draw_cuda, formula=uniform)
draw_bernoulli = Kernel(draw_cpu, draw_cuda, formula=bernoulli)
draw_exponential = Kernel(draw_cpu, draw_cuda, formula=exponential)
draw_normal = Kernel(draw_cpu, draw_cuda, formula=normal)
draw_integer = Kernel(draw_cpu, draw_cuda, formula=integer)
