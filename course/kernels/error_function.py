"""The error function, which NumPy lacks."""

import math

from . import pointwise


def error_function(x):
    """erf x = (2/√π) ∫₀ˣ e^(−t²) dt."""
    return math.erf(x)


erf = pointwise.map_1(error_function)
