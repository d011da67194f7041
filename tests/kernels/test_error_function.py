"""The course's own erf: within a ten-millionth of the C library's, wherever a float32 can be."""

import math

import numpy as np
import pytest
from numba import njit

from course.kernels.error_function import erf
from course.kernels.kernel import CPU_OPTIONS


@njit(**CPU_OPTIONS)
def erf_of_each(x, out):
    for i in range(x.size):
        out[i] = erf(x[i])


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_the_relative_error_is_below_one_in_ten_million(kind):
    tiny = 0.5 ** np.arange(160.0)
    x = np.concatenate([np.linspace(-6, 6, 1_500_001), tiny, -tiny, [0.9, -0.9, 1e30, np.inf, -np.inf, np.nan]])
    x = x.astype(kind)
    out = np.empty_like(x)
    erf_of_each(x, out)
    wanted = [math.erf(value) for value in x.tolist()]
    np.testing.assert_allclose(out, wanted, 1e-7 if kind == "float32" else 1e-15, 1e-45)


def test_no_share_is_more_than_everything():
    x = np.linspace(-12, 12, 1_000_003).astype(np.float32)
    out = np.empty_like(x)
    erf_of_each(x, out)
    assert np.abs(out).max() == 1
