"""The course's own log and log(1 + x): as exact as the C library's, over everything a float32 can hold."""

import numpy as np
import pytest
from numba import njit

from course.kernels.kernel import CPU_OPTIONS, _for_cpu
from course.kernels.logarithm import log, log1p, log1p_of_fraction

log1p_on_cpu = _for_cpu(log1p)


@njit(**CPU_OPTIONS)
def log_of_each(x, out):
    for i in range(x.size):
        out[i] = log(x[i])


@njit(**CPU_OPTIONS)
def log1p_of_each(x, out):
    for i in range(x.size):
        out[i] = log1p_on_cpu(x[i])


@njit(**CPU_OPTIONS)
def log1p_of_each_fraction(x, out):
    for i in range(x.size):
        out[i] = log1p_of_fraction(x[i])


def every_8th_thousand_float32():
    """Float32 numbers evenly chosen among their bit patterns, infinities and NaNs too."""
    return np.arange(0, 2**32, 8191, dtype=np.uint64).astype(np.uint32).view(np.float32)


@pytest.mark.parametrize("loop, exact", [(log_of_each, np.log), (log1p_of_each, np.log1p)])
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_the_relative_error_is_below_two_in_ten_million(loop, exact, kind):
    near_1 = np.linspace(0.5, 2, 300_001)
    with np.errstate(invalid="ignore"):  # NaN that signals
        x = np.concatenate([every_8th_thousand_float32(), near_1, -near_1 / 2, [0.0, -0.0, 1.0, -1.0]]).astype(kind)
    out = np.empty_like(x)
    loop(x, out)
    with np.errstate(all="ignore"):
        wanted = exact(x.astype(np.float64))
    np.testing.assert_allclose(out, wanted, 2e-7 if kind == "float32" else 1e-15, 0)


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_of_a_fraction_it_is_as_exact(kind):
    u = np.concatenate([[0.0, 1.0, 1e-40, np.nan], np.linspace(0, 1, 300_001), 0.5 ** np.arange(100)]).astype(kind)
    out = np.empty_like(u)
    log1p_of_each_fraction(u, out)
    np.testing.assert_allclose(out, np.log1p(u.astype(np.float64)), 2e-7 if kind == "float32" else 1e-15, 0)
