"""Kernels run thread by thread: the numbers of CUDA, and a name for what CUDA passes over."""

import numpy as np
import pytest

from course import threads as t
from course.kernels import cross_entropy, regression_losses

cuda = None  # what `cuda` means inside a kernel is decided by whoever runs it


def add_ten(out, x):
    i = cuda.grid(1)
    if i < x.size:
        out[i] = x[i] + 10


def add_ten_anywhere(out, x):
    i = cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x
    out[i] = x[i] + 10


def block_sum(out, x):
    shared = cuda.shared.array(8, np.float32)
    i = cuda.threadIdx.x
    shared[i] = x[cuda.grid(1)]
    cuda.syncthreads()
    half = 4
    while half > 0:
        if i < half:
            shared[i] += shared[i + half]
        cuda.syncthreads()
        half //= 2
    if i == 0:
        out[cuda.blockIdx.x] = shared[0]


def block_sum_without_a_barrier(out, x):
    shared = cuda.shared.array(8, np.float32)
    i = cuda.threadIdx.x
    shared[i] = x[i]
    if i == 0:
        for k in range(8):
            out[0] += shared[k]


def barrier_in_a_branch(out, x):
    if cuda.threadIdx.x < 4:
        cuda.syncthreads()


def a_barrier_in_each_branch(out, x):
    if cuda.threadIdx.x < 4:
        cuda.syncthreads()
    else:
        cuda.syncthreads()


def count(out, x):
    out[int(x[cuda.grid(1)])] += 1


def count_atomically(out, x):
    cuda.atomic.add(out, int(x[cuda.grid(1)]), 1)


def everyone_writes_the_same(out, x):
    out[0] = 1


def swap_in_place(out, x):
    i = cuda.threadIdx.x
    x[i] = x[7 - i]


X = np.arange(8, dtype=np.float32)


def faults(kernel, blocks=1, threads=8, out=None, x=X):
    out = np.zeros(8, np.float32) if out is None else out
    return [type(fault) for fault in t.trace(kernel, blocks, threads, out, x.copy()).faults]


def test_the_numbers_are_written():
    out = np.zeros(10, np.float32)
    t.launch(add_ten, 3, 4, out, np.arange(10, dtype=np.float32))
    np.testing.assert_array_equal(out, np.arange(10, 20))


@pytest.mark.parametrize("order", [None, 0, 1])
def test_threads_meet_at_barriers_in_any_order(order):
    out = np.zeros(2, np.float32)
    trace = t.trace(block_sum, 2, 8, out, np.arange(16, dtype=np.float32), order=order)
    assert not trace.faults and trace.barriers == 4 and trace.shared == {"shared"}
    np.testing.assert_array_equal(out, [28, 92])


@pytest.mark.parametrize(
    "kernel, expected",
    [
        (add_ten, []),
        (block_sum, []),
        (count_atomically, []),
        (everyone_writes_the_same, []),
        (block_sum_without_a_barrier, [t.ReadBeforeWritten, t.Race]),
        (barrier_in_a_branch, [t.DivergentBarrier]),
        (a_barrier_in_each_branch, [t.DivergentBarrier]),
        (swap_in_place, [t.Race]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_wrong_has_a_name(kernel, expected):
    assert faults(kernel) == expected


def test_beside_the_array():
    found = t.trace(add_ten_anywhere, 3, 4, np.zeros(10, np.float32), np.arange(10, dtype=np.float32))
    assert [type(fault) for fault in found.faults] == [t.OutOfBounds]
    assert "thread 2 of block 2 read x[10]" in str(found.faults[0])
    assert [a.cell for a in found.accesses if not a.inside] == [(10,), (10,), (11,), (11,)]


def test_a_race_is_found_between_blocks_too_and_whatever_the_order():
    same = np.ones(8, np.float32)
    assert faults(count, 1, 8, x=same) == faults(count, 8, 1, x=same) == [t.Race]
    assert faults(count) == []  # eight labels, eight cells


def test_negative_indices_are_beside_the_array():
    def left_neighbour(out, x):
        out[cuda.threadIdx.x] = x[cuda.threadIdx.x - 1]

    assert faults(left_neighbour) == [t.OutOfBounds]


@pytest.mark.parametrize("blocks, threads", [(1, 1025), (0, 4), (1000, 1000), (1, (32, 33))])
def test_grids_that_cannot_be(blocks, threads):
    assert faults(add_ten, blocks, threads) == [t.BadLaunch]


def test_launch_raises_the_first_fault():
    with pytest.raises(t.Race, match=r"thread 0 writes out\[1\] and thread 1 reads it"):
        t.launch(count, 1, 2, np.zeros(8, np.float32), np.ones(2, np.float32))


def test_rounds_of_a_parallel_loop():
    def squares(i, out, x):
        out[i] = x[i] * x[i]

    out = np.zeros(8, np.float32)
    t.parallel_for(squares, 8, out, X)
    np.testing.assert_array_equal(out, X**2)
    with pytest.raises(t.Race, match="iteration 0 writes out.0. and iteration 1"):
        t.parallel_for(lambda i, out, x: out.__setitem__(0, x[i]), 8, out, X)
    t.parallel_for(squares, 0, out, X)


def test_what_it_does_not_know_is_said():
    def shuffles(out, x):
        cuda.shfl_sync(0, 0, 0)

    def slices(out, x):
        out[cuda.threadIdx.x] = x[0, 0]

    with pytest.raises(AttributeError, match="cuda.shfl_sync is not among"):
        t.trace(shuffles, 1, 1, X.copy(), X)
    with pytest.raises(IndexError, match=r"x\[i\]"):
        t.trace(slices, 1, 1, X.copy(), X)


def test_the_course_s_own_kernels_run_and_have_no_fault():
    sums = np.zeros(1, np.float32)
    trace = t.trace(regression_losses.mse_loss["sums"].cuda_loop, 1, 8, X, X + 1, sums, ())
    assert not trace.faults and sums[0] == 8 and trace.barriers > 0
    assert hasattr(cross_entropy, "softmax")
