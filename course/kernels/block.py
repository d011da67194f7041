"""What the threads of one CUDA block work out together: a sum or a maximum, through shared memory."""

from .kernel import cuda, specialised

THREADS = 128  # the most threads a row kernel may be launched with; a power of two


def plus(a, b):
    return a + b


def larger(a, b):
    return b if b > a else a


def block_reduce(x):
    """combine(…combine(x₀, x₁)…) over the x of every thread of the block, returned to all of them.

    Safe because each round's readers and writers are disjoint halves with a barrier between rounds, and because the
    last barrier lets nobody refill `cell` before all have read the result. Every thread of the block must call it.
    """
    cell = cuda.shared.array(THREADS, type(x))
    thread = cuda.threadIdx.x
    cell[thread] = x
    cuda.syncthreads()
    half = cuda.blockDim.x // 2
    while half > 0:
        if thread < half:
            cell[thread] = combine(cell[thread], cell[thread + half])
        cuda.syncthreads()
        half //= 2
    result = cell[0]
    cuda.syncthreads()
    return result


combine = None  # `specialised` puts plus or larger here

block_sum = specialised(block_reduce, "block_sum", combine=plus)
block_max = specialised(block_reduce, "block_max", combine=larger)


def block_sum_before(x):
    """The sum of the x of all threads before this one: 0, x₀, x₀ + x₁, …

    Safe because a barrier lies between the reading and the writing of each round, and because the last one lets nobody
    refill `cell` before all have read. Every thread of the block must call it.
    """
    cell = cuda.shared.array(THREADS, type(x))
    thread = cuda.threadIdx.x
    zero = type(x)(0)
    cell[thread] = x
    cuda.syncthreads()
    distance = 1
    while distance < cuda.blockDim.x:
        farther = cell[thread - distance] if thread >= distance else zero
        cuda.syncthreads()
        cell[thread] += farther
        cuda.syncthreads()
        distance *= 2
    result = cell[thread - 1] if thread > 0 else zero
    cuda.syncthreads()
    return result
