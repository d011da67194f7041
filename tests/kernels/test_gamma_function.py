"""The gamma function's logarithm and its slopes, erf's inverse and complement: known values, recurrences, ways back."""

import math

import numpy as np
import pytest

from course.kernels.error_function import complement_of_error_function, inverse_error_function
from course.kernels.gamma_function import digamma_of_each, log_gamma, zeta_of_each


def worked_out(kernel, x, *numbers, dtype="float64"):
    x = np.asarray(x, dtype)
    out = np.empty_like(x)
    kernel.cpu(x, out, tuple(map(x.dtype.type, numbers)))
    return out


def test_known_values():
    euler = 0.57721566490153286
    np.testing.assert_allclose(
        worked_out(digamma_of_each, [1, 0.5, 0.25, 10]),
        [-euler, -euler - 2 * math.log(2), -euler - math.pi / 2 - 3 * math.log(2), 7129 / 2520 - euler], 1e-14)
    np.testing.assert_allclose(worked_out(zeta_of_each, [1, 0.5], 2), [math.pi**2 / 6, math.pi**2 / 2], 1e-14)
    np.testing.assert_allclose(worked_out(zeta_of_each, [1, 2], 4), [math.pi**4 / 90, math.pi**4 / 90 - 1], 1e-12)
    np.testing.assert_allclose(worked_out(zeta_of_each, [1], 3), [1.2020569031595942], 1e-12)


@pytest.mark.parametrize("x", [1e-3, 0.3, 1.0, 1.46, 2.5, 7.9, 40.0, 1e6])
def test_the_recurrences_hold(x):
    psi, zeta = worked_out(digamma_of_each, [x, x + 1]), worked_out(zeta_of_each, [x, x + 1], 3)
    assert psi[1] - psi[0] == pytest.approx(1 / x, rel=1e-12, abs=4e-15)
    assert zeta[0] - zeta[1] == pytest.approx(x**-3, rel=1e-12, abs=1e-14 * zeta[0])


@pytest.mark.parametrize("dtype, bound", [("float32", 3e-6), ("float64", 1e-13)])
def test_digamma_is_the_slope_of_the_logarithm(dtype, bound):
    x = np.linspace(0.2, 30, 500)
    h = 1e-5
    slope = (worked_out(log_gamma, x + h) - worked_out(log_gamma, x - h)) / (2 * h)
    np.testing.assert_allclose(worked_out(digamma_of_each, x), slope, 1e-7, 1e-8)
    narrow = x.astype(dtype)
    np.testing.assert_allclose(worked_out(digamma_of_each, narrow, dtype=dtype), worked_out(digamma_of_each, narrow),
                               bound, bound)


@pytest.mark.parametrize("dtype, bound", [("float32", 2e-6), ("float64", 1e-12)])
def test_the_inverse_undoes_the_error_function(dtype, bound):
    y = np.concatenate([np.linspace(-0.9999, 0.9999, 2001), 1 - 10.0 ** -np.arange(2, 16), 10.0 ** -np.arange(30)])
    y = y.astype(dtype)
    y = y[abs(y) < 1]
    x = worked_out(inverse_error_function, y, dtype=dtype).astype(float)
    missing = np.where(abs(y) < 0.5, [math.erf(v) for v in x] - y.astype(float),
                       (1 - abs(y.astype(float))) - [math.erfc(abs(v)) for v in x])
    slope = 2 / math.sqrt(math.pi) * np.exp(-x * x)
    np.testing.assert_allclose(missing / slope, 0, atol=bound * np.maximum(abs(x), 1e-3).max())
    assert (abs(missing / slope) <= bound * abs(x) + 1e-300).all()


def test_the_ends_of_the_inverse():
    np.testing.assert_array_equal(worked_out(inverse_error_function, [-1, 1, 1.5, np.nan, 0]),
                                  [-np.inf, np.inf, np.nan, np.nan, 0])


def test_what_is_left_is_exact_where_the_error_function_rounds_to_1():
    x = np.linspace(-3, 20, 200)
    np.testing.assert_allclose(worked_out(complement_of_error_function, x), [math.erfc(v) for v in x], 1e-13)
