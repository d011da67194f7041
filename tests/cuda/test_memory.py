"""The GPU's memory is asked for once and then used again."""

import gc

import numpy as np
import pytest

import course
from course import device_memory
from course.device_memory import LARGE, SMALL, Pool, pool

pytestmark = pytest.mark.cuda


@pytest.fixture(autouse=True)
def tidy(cuda):
    course.zeros(1, device="cuda")  # what the first tensor brings along stays
    gc.collect()
    course.cuda.empty_cache()
    course.cuda.reset_peak_memory_stats()


def test_a_block_goes_back_when_its_last_view_has_gone():
    before = course.cuda.memory_allocated()
    x = course.zeros(100, device="cuda")
    row = x[10:20]
    del x
    assert course.cuda.memory_allocated() == before + SMALL
    del row
    assert course.cuda.memory_allocated() == before
    assert course.cuda.max_memory_allocated() == before + SMALL


def test_a_block_that_waits_is_used_again():
    course.zeros(100, device="cuda")
    requests, reserved = pool.requests, course.cuda.memory_reserved()
    for shape in (128,), (3, 4), (0,), ():
        course.ones(*shape, dtype=course.float64 if shape == (3, 4) else None, device="cuda")
    assert (pool.requests, course.cuda.memory_reserved()) == (requests, reserved)
    course.cuda.empty_cache()
    assert course.cuda.memory_reserved() == reserved - SMALL


@pytest.mark.parametrize("nbytes, size", [(0, SMALL), (1, SMALL), (SMALL, SMALL), (SMALL + 1, 2 * SMALL),
                                          (LARGE - 1, LARGE), (LARGE, LARGE), (LARGE + 1, 2 * LARGE)])
def test_blocks_come_in_few_sizes(nbytes, size):
    assert Pool().take(nbytes).size == size


def test_without_memory_left_what_waits_is_given_up_first(monkeypatch):
    left, ask = [1], device_memory._driver_memory

    def driver(size):
        if not left:
            raise MemoryError
        left.pop()
        return ask(size)

    monkeypatch.setattr(device_memory, "_driver_memory", driver)
    own = Pool()
    kept = own.take(3 * LARGE)
    with pytest.raises(course.cuda.OutOfMemoryError, match="Tried to allocate 4 MiB; tensors hold 6 MiB"):
        own.take(2 * LARGE)
    del kept
    assert own.reserved == 3 * LARGE
    monkeypatch.setattr(own, "empty", lambda: (Pool.empty(own), left.append(1)))
    assert own.take(2 * LARGE).size == 2 * LARGE
    assert own.reserved == 2 * LARGE
    assert issubclass(course.cuda.OutOfMemoryError, RuntimeError)


def test_an_error_of_the_driver_about_memory_is_one_about_memory(monkeypatch):
    from numba import cuda

    def refuse(size, dtype):
        raise OSError("[2] Call to cuMemAlloc results in CUDA_ERROR_OUT_OF_MEMORY")

    monkeypatch.setattr(cuda, "device_array", refuse)
    with pytest.raises(course.cuda.OutOfMemoryError, match="Tried to allocate 512 bytes"):
        Pool().take(1)


def test_numbers_survive_while_anything_still_reads_them():
    x = course.tensor(np.arange(6.0), device="cuda")
    y = (x + 1)[2:] * 2
    z = course.zeros(6, device="cuda")
    assert y.tolist() == [6, 8, 10, 12]
    assert z.sum().item() == 0
