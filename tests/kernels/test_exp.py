"""The course's own exp: as exact as the C library's, over everything a float32 can hold."""

import math

import numpy as np
import pytest
from numba import njit

from course.kernels.exponential import exp
from course.kernels.kernel import CPU_OPTIONS


@njit(**CPU_OPTIONS)
def exp_of_each(x, out):
    for i in range(x.size):
        out[i] = exp(x[i])


def compiled_exp(x):
    out = np.empty_like(x)
    exp_of_each(x, out)
    return out


def every_8th_thousand_float32():
    """Float32 numbers evenly chosen among their bit patterns, NaNs left out: of every sign and every magnitude."""
    bits = np.arange(0, 2**32, 8191, dtype=np.uint64).astype(np.uint32).view(np.float32)
    return bits[~np.isnan(bits)]


def test_the_relative_error_is_below_one_in_ten_million():
    x = np.concatenate([every_8th_thousand_float32(), np.linspace(-87.3, 88.7, 1_000_003).astype(np.float32)])
    with np.errstate(all="ignore"):
        wanted = np.exp(x.astype(np.float64))
        normal = (wanted >= np.finfo(np.float32).tiny) & (wanted <= np.finfo(np.float32).max)
        error = np.abs(compiled_exp(x) - wanted) / wanted
    assert error[normal].max() < 1e-7


def test_results_too_small_for_a_normal_number_are_right_to_the_last_denormal():
    x = np.linspace(-104, -87.3, 100_003).astype(np.float32)
    spacing = np.finfo(np.float32).smallest_subnormal
    assert np.abs(compiled_exp(x) - np.exp(x.astype(np.float64))).max() <= 1.01 * spacing


@pytest.mark.parametrize(
    "x, wanted",
    [(0.0, 1.0), (-0.0, 1.0), (math.inf, math.inf), (-math.inf, 0.0), (math.nan, math.nan), (88.8, math.inf),
     (1e30, math.inf), (-104.5, 0.0), (-1e30, 0.0), (1e-45, 1.0)],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_corners_are_exact(x, wanted, dtype):
    if dtype == "float64" and 88 < abs(x) < 105:
        wanted = math.exp(x)
    np.testing.assert_array_equal(compiled_exp(np.full(20, x, dtype)), np.full(20, wanted, dtype))


def test_in_float64_it_is_the_c_librarys():
    x = np.linspace(-700, 700, 10_001)
    np.testing.assert_allclose(compiled_exp(x), np.exp(x), 1e-14)


def test_in_plain_python_it_is_the_textbooks():
    assert exp(1.0) == math.e
