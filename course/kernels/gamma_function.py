"""The logarithm of the gamma function and its derivatives, which NumPy lacks."""

import math

from . import pointwise
from .exponential import exp
from .logarithm import log


def lgamma(x):
    """log |Γ(x)|, with Γ(n + 1) = n! for whole numbers n."""
    return math.lgamma(x)


def digamma(x):
    """ψ(x) = d log Γ(x) / dx for x > 0.

    ψ(x) = ψ(x + 8) − Σ 1/(x + k) over k < 8, and ψ(z) = log z − 1/2z − Σ B₂ₖ / (2k z²ᵏ), with the Bernoulli numbers B₂ₖ
    and k ≤ 7: the error is below 2e-15 for z ≥ 8, and otherwise that of rounding.
    """
    one = type(x)(1)
    below = type(x)(0)
    for k in range(8):
        below += one / (x + type(x)(k))
    z = x + type(x)(8)
    r = one / (z * z)
    series = type(x)(1 / 12)
    for c in (-691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12):
        series = series * r + type(x)(c)
    return log(z) - type(x)(0.5) / z - series * r - below


def zeta(x, s):
    """Hurwitz' ζ(s, x) = Σ (x + k)⁻ˢ over k = 0, 1, 2, … for x > 0 and s > 1.

    Twelve terms as they stand, and for the others Euler's and Maclaurin's formula at z = x + 12:
    z⁻ˢ (z / (s − 1) + 1/2 + Σ B₂ₖ / (2k)! · s (s + 1) … (s + 2k − 2) / z²ᵏ⁻¹), k ≤ 5. The error is below 1e-12 for
    s ≤ 4; the powers are e^(−s log(x + k)), which vectorises.
    """
    one = type(x)(1)
    total = type(x)(0)
    for k in range(12):
        total += exp(-s * log(x + type(x)(k)))
    z = x + type(x)(12)
    r = one / (z * z)
    series = one
    for k, c in ((7.0, 39.6), (5.0, 40.0), (3.0, 42.0), (1.0, 60.0)):
        series = one - (s + type(x)(k)) * (s + type(x)(k + 1.0)) * r / type(x)(c) * series
    return total + exp(-s * log(z)) * (z / (s - one) + type(x)(0.5) + s / (type(x)(12) * z) * series)


log_gamma, digamma_of_each, zeta_of_each = pointwise.map_1(lgamma), pointwise.map_1(digamma), pointwise.map_1(zeta)
