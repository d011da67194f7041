"""The CUDA kernels on real hardware, in blocks of their real size and grids of many: `pytest -m gpu tests/cuda`."""

import functools

import numpy as np
import pytest

from course.kernels import philox, scan, sorting
from course.kernels.matmul import matmul, number_of_tiles

from ..kernels.examples import all_kernels, dtypes, example
from .running import assert_twins_agree, devices

pytestmark = pytest.mark.gpu

KERNELS = {kernel.__name__: kernel for kernel in all_kernels() if kernel.cuda_loop}
RTOL = {"float32": 2e-4, "float64": 1e-11, "int64": 0}
random = np.random.default_rng(0)


@pytest.fixture
def gpu(cuda):
    """The GPU, and not numba's simulator. A kernel's late error is told with the test that launched it."""
    from numba import cuda as numba_cuda
    from numba.core import config

    if config.ENABLE_CUDASIM:
        pytest.skip("this is numba's simulator: unset NUMBA_ENABLE_CUDASIM on a machine with an NVIDIA GPU")
    yield cuda
    numba_cuda.synchronize()


def on_gpu(array):
    return devices.move(array, devices.device("cuda"))


def on_cpu(array):
    return devices.move(array, devices.CPU)


@pytest.mark.parametrize("rows, columns", [(3, 5), (64, 129), (260, 33)])
@pytest.mark.parametrize("name, dtype", [(name, dtype) for name in KERNELS for dtype in dtypes(name)])
def test_the_gpu_writes_what_the_cpu_writes(name, dtype, rows, columns, gpu):
    assert_twins_agree(gpu, KERNELS[name], example(KERNELS[name], dtype, rows=rows, columns=columns), RTOL[dtype])


@pytest.mark.parametrize("name", KERNELS)
def test_nan_infinity_and_denormals_go_through(name, gpu):
    case = example(KERNELS[name], "float32", "special", rows=40, columns=9)
    assert_twins_agree(gpu, KERNELS[name], case, RTOL["float32"])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_product_of_many_tiles(dtype, gpu):
    a, b = random.standard_normal((3, 200, 310)), random.standard_normal((310, 170))
    sizes, strides = (3, 200, 310, 170), ((200 * 310, 310, 1), (0, 170, 1))
    c = on_gpu(np.empty(3 * 200 * 170, dtype))
    arrays = on_gpu(a.astype(dtype).ravel()), on_gpu(b.astype(dtype).ravel()), c
    devices.run(matmul, number_of_tiles(sizes), *arrays, sizes, *strides, np.dtype(dtype).type(0))
    atol = 1e-3 if dtype == "float32" else 1e-11
    np.testing.assert_allclose(on_cpu(c).reshape(3, 200, 170), a @ b, atol=atol)


@pytest.mark.parametrize("columns", [1000, 4096, 5001])
def test_long_rows_are_sorted(columns, gpu):
    x = random.integers(0, 500, (7, columns)).astype(np.float32)
    values, places = on_gpu(x), on_gpu(np.empty(x.shape, np.int64))
    devices.run(sorting.sort, 7, values, places, False)
    np.testing.assert_array_equal(on_cpu(places), np.argsort(x, axis=1, kind="stable"))
    np.testing.assert_array_equal(on_cpu(values), np.sort(x, axis=1))


def test_cumulative_sums_of_a_million(gpu):
    x = random.integers(-9, 9, (2, 1_100_000))  # stretches of stretches
    there = on_gpu(x)
    out = np.empty_like(there)
    scan.cumulative_sum(there, out, devices.run, functools.partial(np.empty, like=there))
    np.testing.assert_array_equal(on_cpu(out), x.cumsum(1))


def test_a_million_random_numbers_are_those_of_the_cpu(gpu):
    drawn, seed, numbers = np.empty(10**6, np.int64), np.uint64(1), (np.int64(0), np.int64(10**12))
    there = on_gpu(drawn)
    devices.run(philox.draw_integer, drawn.size, there, seed, np.uint64(0), numbers)
    philox.draw_integer.cpu(drawn, seed, np.uint64(0), numbers)
    np.testing.assert_array_equal(on_cpu(there), drawn)
