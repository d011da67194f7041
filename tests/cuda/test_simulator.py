"""The CUDA kernels write what their CPU twins write. Without a GPU they run in numba's simulator, a thread at a time:

    NUMBA_ENABLE_CUDASIM=1 pytest -m cuda tests/cuda
"""

import copy
import importlib

import numpy as np
import pytest

import course

from ..kernels.examples import all_kernels, example

pytestmark = pytest.mark.cuda

devices = importlib.import_module("course.device")  # `course.device` itself is the class of that name
KERNELS = {kernel.__name__: kernel for kernel in all_kernels() if kernel.cuda_loop}
RTOL = {"float32": 5e-6, "float64": 1e-12}


@pytest.fixture(autouse=True)
def cuda(monkeypatch):
    """The device. In the simulator each block has few threads: it runs a thousand of them in a second."""
    if not devices.cuda_is_available():
        pytest.skip("there is no CUDA device: set NUMBA_ENABLE_CUDASIM=1 to run in numba's simulator")
    from numba.core import config

    if config.ENABLE_CUDASIM:
        monkeypatch.setattr(devices, "ROW_THREADS", 8)
        monkeypatch.setattr(devices, "ELEMENT_THREADS", 8)
    return devices.device("cuda")


def run_on(device, kernel, case):
    """The arguments of an example after `kernel` ran on a device."""
    args = [devices.move(a, device) if isinstance(a, np.ndarray) else a for a in copy.deepcopy(case.args)]
    with np.errstate(all="ignore"):
        devices.run(kernel, case.size, *args)
    return [a if isinstance(a, int | float | tuple | np.generic) else devices.move(a, devices.CPU) for a in args]


def assert_twins_agree(cuda, kernel, case, rtol):
    on_cpu, on_cuda = run_on(devices.CPU, kernel, case), run_on(cuda, kernel, case)
    for position in case.wanted:
        np.testing.assert_allclose(on_cuda[position], on_cpu[position], rtol, rtol)
    case.check(on_cuda, rtol)


@pytest.mark.parametrize("dtype", RTOL)
@pytest.mark.parametrize("rows, columns", [(3, 5), (1, 1), (2, 19), (0, 3)])
@pytest.mark.parametrize("name", KERNELS)
def test_both_devices_write_the_same_numbers(name, rows, columns, dtype, cuda):
    assert_twins_agree(cuda, KERNELS[name], example(KERNELS[name], dtype, rows=rows, columns=columns), RTOL[dtype])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, from the simulator's threads
@pytest.mark.parametrize("name", KERNELS)
def test_nan_infinity_and_denormals_go_through(name, cuda):
    assert_twins_agree(cuda, KERNELS[name], example(KERNELS[name], "float32", "special", rows=8, columns=3), 5e-6)


def test_a_full_block_of_threads_agrees(cuda, monkeypatch):
    from course.kernels.block import THREADS

    monkeypatch.setattr(devices, "ROW_THREADS", THREADS)
    assert_twins_agree(cuda, KERNELS["cross_entropy"], example(KERNELS["cross_entropy"],
    "float32", rows=2, columns=150),
                       5e-6)


def test_cross_entropy_says_that_a_class_does_not_exist(cuda):
    case = example(KERNELS["cross_entropy"], "float32", rows=3, columns=4)
    case.args[1][1] = 4
    assert run_on(cuda, KERNELS["cross_entropy"], case)[10] == 1


def test_an_array_moves_there_and_back(cuda):
    array = np.arange(6.0).reshape(2, 3)
    moved = devices.move(array, cuda)
    assert devices.device_of(moved) == devices.device("cuda:0")
    assert devices.move(moved, cuda) is moved
    np.testing.assert_array_equal(devices.move(moved, devices.CPU), array)


def test_the_simulator_counts_as_one_device(cuda):
    assert course.cuda.is_available()
    assert (course.cuda.device_count(), course.cuda.current_device()) == (1, 0)
    assert course.cuda.get_device_name() == course.cuda.get_device_name("cuda:0") == "numba's simulator"
    course.cuda.synchronize()
