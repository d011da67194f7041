"""The CUDA kernels write what their CPU twins write. Without a GPU they run in numba's simulator, a thread at a time:

    NUMBA_ENABLE_CUDASIM=1 pytest -m cuda tests/cuda
"""

import numpy as np
import pytest

import course

from ..kernels.examples import all_kernels, dtypes, example
from .running import RTOL, assert_twins_agree, devices, run_on

pytestmark = pytest.mark.cuda

KERNELS = {kernel.__name__: kernel for kernel in all_kernels() if kernel.cuda_loop}


@pytest.mark.parametrize("rows, columns", [(3, 5), (1, 1), (2, 19), (0, 3)])
@pytest.mark.parametrize("name, dtype", [(name, dtype) for name in KERNELS for dtype in dtypes(name)])
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


def test_time_is_measured_between_events(cuda):
    start, end, untimed = *(course.cuda.Event(enable_timing=True) for _ in range(2)), course.cuda.Event()
    start.record()
    course.ones(3, device=cuda).sum()
    with pytest.raises(RuntimeError, match="must be recorded before"):
        start.elapsed_time(end)
    end.record()
    end.synchronize()
    assert end.query() and start.elapsed_time(end) >= 0
    with pytest.raises(RuntimeError, match="enable_timing=True"):
        start.elapsed_time(untimed)


def test_the_simulator_counts_as_one_device(cuda):
    assert course.cuda.is_available()
    assert (course.cuda.device_count(), course.cuda.current_device()) == (1, 0)
    assert course.cuda.get_device_name() == course.cuda.get_device_name("cuda:0") == "numba's simulator"
    course.cuda.synchronize()
