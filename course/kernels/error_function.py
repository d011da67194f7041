"""The error function, which NumPy lacks, in a form that a CPU can work on 16 numbers at a time."""

import math

import numpy as np
from numba import types
from numba.extending import overload

from . import pointwise
from .exponential import exp


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

error_function = pointwise.map_1(erf)
