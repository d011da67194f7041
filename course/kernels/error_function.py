"""The error function, what is left of it to 1, and its inverse: NumPy lacks them.

The first in a form that a CPU can work on 16 numbers at a time.
"""

import math

import numpy as np
from numba import types
from numba.extending import overload

from . import pointwise
from .exponential import exp
from .logarithm import log


def erf(x):
    """erf x = (2/√π) ∫₀ˣ e^(−t²) dt. Python, float64 and CUDA use this line as it stands."""
    return math.erf(x)


def erf_float32(x):
    """Near 0, x + x p(x²); beyond, ±(1 − e^(t q(t))) with t = |x|. Least-squares fits; the error is below 1e-7."""
    square = x * x
    p = np.float32(-6.09036054e-4)
    for c in (5.01196308e-3, -2.67789092e-2, 1.12821408e-1, -3.76125233e-1, 1.28379154e-1):
        p = p * square + np.float32(c)
    t = min(abs(x), np.float32(4))  # from there on it is 1 in float32; NaN goes through p
    q = np.float32(2.14595058e-4)
    for c in (-3.2199758e-3, 2.29060321e-2, -1.05286856e-1, -6.35699367e-1, -1.12851995):
        q = q * t + np.float32(c)
    far = np.float32(1) - exp(t * q)
    far = far if x > np.float32(0) else -far
    return far if abs(x) > np.float32(0.9) else x + x * p


@overload(erf, jit_options={"error_model": "numpy", "fastmath": {"contract"}})
def _erf_on_cpu(x):
    return erf_float32 if x == types.float32 else lambda x: math.erf(x)


erf.overloaded_on_cpu = True  # type: ignore[attr-defined]



def erfc(x):
    """erfc x = 1 − erf x, exact also where erf x would round to 1: up to x = 9 in float32, 26 in float64."""
    return math.erfc(x)


def erfinv(y):
    """x with erf x = y: a rational guess within 1e-4, then twice Newton's step x − (erf x − y) / erf′ x.

    In the tails y − erf x is taken as erfc x − (1 − y), of which no digit is lost. The relative error is below 1e-12.
    """
    kind = type(y)
    one, half = kind(1), kind(0.5)
    a = abs(y)
    rest = one - a
    z = a * a
    if a <= kind(0.7):
        x = a * (((kind(-0.140543331) * z + kind(0.914624893)) * z + kind(-1.645349621)) * z + kind(0.886226899)) / (
            (((kind(0.012229801) * z + kind(-0.329097515)) * z + kind(1.442710462)) * z + kind(-2.118377725)) * z + one)
    else:
        z = math.sqrt(-log(half * rest))
        x = (((kind(1.641345311) * z + kind(3.429567803)) * z + kind(-1.624906493)) * z + kind(-1.970840454)) / (
            (kind(1.637067800) * z + kind(3.543889200)) * z + one)
    for _ in range(2):
        missing = a - math.erf(x) if a < half else math.erfc(x) - rest
        x += missing * kind(0.886226925452758) * exp(x * x)  # erf′ x = 2/√π e^(−x²)
    x = x if a < one else kind(math.inf) if a == one else kind(math.nan)
    return x if y > kind(0) else -x


error_function, complement_of_error_function = pointwise.map_1(erf), pointwise.map_1(erfc)
inverse_error_function = pointwise.map_1(erfinv)
