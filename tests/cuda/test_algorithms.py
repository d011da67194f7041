"""Products, order, sums and places on CUDA, at sizes where a block of threads meets its neighbours: against NumPy."""

import functools
import itertools

import numpy as np
import pytest

from course.kernels import philox, scan, sorting
from course.kernels.matmul import matmul, number_of_tiles

from .running import devices

pytestmark = pytest.mark.cuda
random = np.random.default_rng(6)


def run(kernel, size, *args):
    """What the arrays among the arguments are after `kernel` ran on the device."""
    moved = [devices.move(a, devices.device("cuda")) if isinstance(a, np.ndarray) else a for a in args]
    devices.run(kernel, size, *moved)
    return [devices.move(m, devices.CPU) for m, a in zip(moved, args) if isinstance(a, np.ndarray)]


@pytest.mark.parametrize("a_transposed, b_transposed", [*itertools.product([False, True], repeat=2)])
def test_a_product_of_several_tiles(a_transposed, b_transposed, cuda):
    a, b = random.standard_normal((18, 20)), random.standard_normal((20, 17))
    sizes = 1, 18, 20, 17
    a_strides, b_strides = ((0, 1, 18) if a_transposed else (0, 20, 1)), ((0, 1, 20) if b_transposed else (0, 17, 1))
    args = [a.ravel("F" if a_transposed else "C"), b.ravel("F" if b_transposed else "C"), np.empty(18 * 17)]
    *_, c = run(matmul, number_of_tiles(sizes), *args, sizes, a_strides, b_strides, np.float64(0))
    np.testing.assert_allclose(c.reshape(18, 17), a @ b, rtol=1e-12, atol=1e-12)


def test_a_product_over_nothing_is_zero(cuda):
    sizes = 2, 3, 0, 4
    args = np.empty(0), np.empty(0), np.full(24, 9.0), sizes, (0, 0, 1), (0, 4, 1), np.float64(0)
    *_, c = run(matmul, number_of_tiles(sizes), *args)
    assert (c == 0).all()


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("columns", [1, 2, 3, 31, 32, 33, 100])
def test_rows_of_any_length_are_sorted(columns, descending, cuda):
    x = random.integers(-5, 5, (2, columns)).astype(float)
    x[:, ::7] = np.nan
    values, places = run(sorting.sort, 2, x, np.empty(x.shape, np.int64), descending)
    sign = -1 if descending else 1
    order = np.argsort(sign * np.nan_to_num(x, nan=9), axis=1, kind="stable")  # NaN counts as the largest
    np.testing.assert_array_equal(places, order)
    np.testing.assert_array_equal(values, np.take_along_axis(x, order, 1))


@pytest.mark.parametrize("columns", [0, 5, scan.STRETCH, scan.STRETCH + 1, 2 * scan.STRETCH + 50])
def test_cumulative_sums_over_several_stretches(columns, cuda):
    x = random.integers(-9, 9, (2, columns))
    moved = devices.move(x, cuda)
    out = np.empty_like(moved)
    scan.cumulative_sum(moved, out, devices.run, functools.partial(np.empty, like=moved))
    np.testing.assert_array_equal(devices.move(out, devices.CPU), x.cumsum(1))


def test_the_places_where_a_mask_is_true(cuda):
    mask = random.random(scan.STRETCH + 9) < 0.1
    moved = devices.move(mask[None], cuda)
    count = np.empty_like(moved, np.int64)
    scan.cumulative_sum(moved, count, devices.run, functools.partial(np.empty, like=moved))
    count = devices.move(count, devices.CPU)[0]
    *_, places = run(scan.true_places, mask.size, mask, count, np.empty(count[-1], np.int64))
    np.testing.assert_array_equal(places, np.flatnonzero(mask))


def test_a_random_order_is_the_same_on_both_devices(cuda):
    keys, seed, numbers = np.empty(40, np.int64), np.uint64(7), (np.int64(0), np.int64(2**63 - 1))
    (drawn,) = run(philox.draw_integer, keys.size, keys, seed, np.uint64(0), numbers)
    _, order = run(sorting.sort, 1, drawn[None], np.empty((1, 40), np.int64), False)
    philox.draw_integer.cpu(keys, seed, np.uint64(0), numbers)
    np.testing.assert_array_equal(order[0], np.argsort(keys, kind="stable"))
