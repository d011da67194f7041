"""The normal distribution with mean 0 and variance 1, in a form that a CPU can work on 16 numbers at a time."""

import math

import numpy as np
from numba import types
from numba.extending import overload

from .exponential import exp


def normal_density(x):
    """φ(x) = e^(−x²/2) / √(2π)."""
    return type(x)(0.3989422804014327) * exp(type(x)(-0.5) * x * x)


def normal_share(x):
    """Φ(x) = (1 + erf(x / √2)) / 2: the share below x. Python, float64 and CUDA use this line as it stands."""
    return type(x)(0.5) * (type(x)(1) + math.erf(x * type(x)(0.7071067811865476)))


def normal_share_float32(x):
    """Φ(−|x|) = e^(−x²/2) · u m(u) with u = 1 / (1 + 0.28 |x|), and Φ(x) = 1 − Φ(−x).

    The form is that of Hastings (1955), the polynomial m a minimax fit; the error is below 2.5e-7. Where φ(x) is needed
    too, the compiler works out their exp only once.
    """
    one = np.float32(1)
    u = one / (one + np.float32(0.28) * abs(x))
    m = np.float32(-0.10158015)
    for c in (0.37245532, -0.20847135, 0.24571303, 0.07686488, 0.11501831):
        m = m * u + np.float32(c)
    below = exp(np.float32(-0.5) * x * x) * (m * u)
    return one - below if x > np.float32(0) else below


@overload(normal_share, jit_options={"error_model": "numpy", "fastmath": {"contract"}})
def _normal_share_on_cpu(x):
    return normal_share_float32 if x == types.float32 else normal_share


normal_share.overloaded_on_cpu = True  # type: ignore[attr-defined]
