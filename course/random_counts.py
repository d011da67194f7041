"""Counts drawn from numbers u that are spread evenly over [0, 1), one after the other, as PyTorch draws them.

Small ones by the times between events, large ones by transformed rejection: W. Hörmann, "The transformed rejection
method for generating Poisson random variables" and "The generation of binomial random variates" (both 1993).
"""

import math
from collections.abc import Callable

_TINY = 2.0**-54  # in place of u = 0, which has no logarithm


def poisson(rate: float, u: Callable[[], float]) -> int:
    """How often an event happens that happens `rate` times on average."""
    if rate == 0:
        return 0
    if rate >= 10:
        spread = math.sqrt(rate)
        b = 0.931 + 2.53 * spread
        a = -0.059 + 0.02483 * b
        log_p = lambda k: k * math.log(rate) - rate - math.lgamma(k + 1)
        return _by_rejection(u, a, b, rate + 0.43, 0.9277 - 3.6224 / (b - 2), 1.1239 + 1.1328 / (b - 3.4), log_p)
    count, product, least = 0, u(), math.exp(-rate)
    while product > least:  # −log u is the time between two events
        count += 1
        product *= u()
    return count


def binomial(n: float, p: float, u: Callable[[], float]) -> float:
    """How many of n tries succeed, each with probability p."""
    if n <= 0 or p <= 0:
        return 0
    if p >= 1:
        return n
    if p > 0.5:
        return n - binomial(n, 1 - p, u)
    if n * p >= 10:
        spread = math.sqrt(n * p * (1 - p))
        b = 1.15 + 2.53 * spread
        a = -0.0873 + 0.0248 * b + 0.01 * p
        log_ways = lambda k: -math.lgamma(k + 1) - math.lgamma(n - k + 1)
        most = math.floor((n + 1) * p)
        log_p = lambda k: log_ways(k) - log_ways(most) + (k - most) * math.log(p / (1 - p))
        return _by_rejection(u, a, b, n * p + 0.5, 0.92 - 4.2 / b, (2.83 + 5.1 / b) * spread, log_p, n)
    count, tried = 0, 0
    while True:  # −log u / −log(1 − p), rounded up, is the number of tries to the next success
        tried += math.ceil(math.log(u() or _TINY) / math.log1p(-p))
        if tried > n:
            return count
        count += 1


def _by_rejection(u, a, b, centre, sure, scale, log_p, most=math.inf):
    """A point below a hat over the probabilities, drawn again until it lies below these too.

    In the middle, where v is below `sure`, it does without asking.
    """
    while True:
        d, v = u() - 0.5, u()
        edge = 0.5 - abs(d)
        k = math.floor((2 * a / edge + b) * d + centre) if edge else -1
        if edge >= 0.07 and v <= sure:
            return k
        if 0 <= k <= most and math.log((v or _TINY) * scale / (a / edge**2 + b)) <= log_p(k):
            return k
