"""What numba's simulator passes over and a GPU punishes: races, cells beside an array, barriers that some threads miss.

Every CUDA kernel runs its example in `course.threads`, which watches each thread and needs neither GPU nor numba-cuda.
The launch has a block more than there is work for, so that every write that is not guarded goes beside its array.
"""

import copy
from types import SimpleNamespace

import numpy as np
import pytest

from course import threads
from course.kernels.block import block_sum
from course.kernels.kernel import cuda

from ..kernels.examples import Example, all_kernels, by_number, example

KERNELS = {kernel.__name__: kernel for kernel in all_kernels() if kernel.cuda_loop}
THREADS = 8


def run(kernel, case):
    """The arguments of an example after the kernel's threads ran. Raises KernelFault for what is wrong with them."""
    per_block = kernel.threads or THREADS
    blocks = case.size if kernel.rows else -(-case.size // per_block)
    args = copy.deepcopy(case.args)
    threads.launch(by_number(kernel.cuda_loop), blocks + 1, per_block, *args)
    return args


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, where a GPU gives infinity without a word
@pytest.mark.parametrize("rows, columns", [(3, 5), (2, 19)])
@pytest.mark.parametrize("name", KERNELS)
def test_no_two_threads_meet_and_all_reach_every_barrier(name, rows, columns):
    case = example(KERNELS[name], "float32", rows=rows, columns=columns)
    case.check(run(KERNELS[name], case), 1e-5)


# --- one kernel with each fault -----------------------------------------------------------------------------------


def without_a_guard(x, out):
    out[cuda.grid(1)] = 1


def with_a_row_too_many(x, out):
    """The block's row is not checked, although each thread checks its column."""
    for j in range(cuda.threadIdx.x, x.shape[1], cuda.blockDim.x):
        out[cuda.blockIdx.x] = x[cuda.blockIdx.x, j]


def from_the_left_neighbour(x, out):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = out[i - 1]


def into_one_cell(x, out):
    i = cuda.grid(1)
    if i < out.size:
        out[0] += 1


def with_a_barrier_too_few(x, out):
    cell, thread = cuda.shared.array(THREADS, np.float32), cuda.threadIdx.x
    cell[thread] = thread
    if cuda.grid(1) < out.size:
        out[cuda.grid(1)] = cell[THREADS - 1 - thread]


def with_a_barrier_for_some(x, out):
    if cuda.grid(1) < out.size:
        cuda.syncthreads()


def with_a_sum_after_some_have_left(x, out):
    if cuda.grid(1) >= out.size:
        return
    block_sum(np.float32(1))


def faulty(kernel, threads=None):
    """What `run` asks of a Kernel."""
    return SimpleNamespace(cuda_loop=kernel, rows=False, threads=threads)


@pytest.mark.parametrize("kernel, fault", [
    (without_a_guard, threads.OutOfBounds), (with_a_row_too_many, threads.OutOfBounds),
    (from_the_left_neighbour, threads.OutOfBounds), (into_one_cell, threads.Race),
    (with_a_barrier_too_few, threads.ReadBeforeWritten), (with_a_barrier_for_some, threads.DivergentBarrier),
    (with_a_sum_after_some_have_left, threads.DivergentBarrier),
], ids=lambda value: value.__name__)
def test_a_fault_is_found(kernel, fault):
    with pytest.raises(fault):
        run(faulty(kernel), Example(12, [np.ones((2, 5)), np.zeros(12)], {}))


def test_a_block_too_large_is_found():
    with pytest.raises(threads.BadLaunch, match="at most 1024"):
        run(faulty(without_a_guard, threads=2048), Example(1, [np.ones(1), np.ones(1)], {}))
