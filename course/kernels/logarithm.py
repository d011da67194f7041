"""log and log(1 + x), in a form that a CPU can work on 16 numbers at a time.

As with `exp`: the C library's `logf` is called once a number, while this polynomial (that of Moshier's Cephes library)
is straight arithmetic, with a relative error below 2e-7 in float32.
"""

import math

import numpy as np
from numba import types
from numba.extending import overload


def log(x):
    """The natural logarithm: −inf at 0, NaN below. Python, float64 and CUDA use this line as it stands."""
    return math.log(x) if x > type(x)(0) else type(x)(-math.inf) if x == type(x)(0) else type(x)(math.nan)


def log1p(x):
    """log(1 + x), exact for small x too: what 1 + x loses by rounding is added to first order."""
    w = type(x)(1) + x
    lost = x - (w - type(x)(1))
    lost = lost / w if abs(lost) < w else type(x)(0)  # nothing to add to log 0, log of infinity or of less than 0
    return log(w) + lost


def log1p_of_fraction(u):
    """log(1 + u) for 0 ≤ u ≤ 1, which is all that log(1 + e^−|x|) asks for."""
    return math.log1p(u)


def log1p_of_fraction_float32(u):
    """u + u² q(u), by a least-squares fit: no exponent to take apart, no division."""
    q = np.float32(-3.31846488e-3)
    for c in (2.02045518e-2, -5.76643847e-2, 1.06805498e-1, -1.53553931e-1, 1.96953995e-1, -2.49585872e-1,
              3.33305113e-1, -4.99999328e-1):
        q = q * u + np.float32(c)
    return u + u * u * q


def log_float32(x):
    """log(m · 2^n) = log m + n log 2 with m in [√½, √2), where a polynomial of degree 9 is exact enough."""
    tiny = x < np.float32(1.1754944e-38)
    bits = np.float32(x * np.float32(33554432) if tiny else x).view(np.int32)  # times 2^25: a denormal has no exponent
    n = np.float32((bits >> np.int32(23)) - np.int32(151 if tiny else 126))
    m = np.int32((bits & np.int32(0x7FFFFF)) | np.int32(0x3F000000)).view(np.float32)
    low = m < np.float32(0.70710678)
    n = n - np.float32(1) if low else n
    r = (m + m if low else m) - np.float32(1)
    polynomial = np.float32(7.0376836292e-2)
    for c in (-1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1,
              -2.4999993993e-1, 3.3333331174e-1):
        polynomial = polynomial * r + np.float32(c)
    square = r * r
    y = polynomial * r * square - np.float32(2.12194440e-4) * n - np.float32(0.5) * square
    y = r + y + np.float32(0.693359375) * n  # log 2 in two parts: no digit is lost
    y = x if x == np.float32(np.inf) else y
    y = np.float32(-np.inf) if x == np.float32(0) else y
    return y if x >= np.float32(0) else np.float32(np.nan)


@overload(log, jit_options={"error_model": "numpy", "fastmath": {"contract"}})
def _log_on_cpu(x):
    return log_float32 if x == types.float32 else lambda x: math.log(x)


@overload(log1p_of_fraction, jit_options={"error_model": "numpy", "fastmath": {"contract"}})
def _log1p_of_fraction_on_cpu(u):
    return log1p_of_fraction_float32 if u == types.float32 else lambda u: math.log1p(u)


log1p_of_fraction.overloaded_on_cpu = True  # type: ignore[attr-defined]
log.overloaded_on_cpu = True  # type: ignore[attr-defined]
