"""Unit 25: CUDA kernels as puzzles. Who works on what, two axes, shared memory, a sum, tiles, atomics.

Each function launches a kernel through `launch`, which runs it thread by thread and raises what a GPU passes over: a cell
beside the array, a race, a barrier that some threads never reach.
"""

import numpy as np
from hypothesis import strategies as st

from course.exercises.problems import Launch
from course.exercises.specification import Tolerance, exercise

cuda = None  # inside a kernel, `launch` decides what `cuda` means
GO = Launch()


def _numbers(size, low=-8, high=8):
    """Small whole numbers as float32."""
    return st.lists(st.integers(low, high), min_size=size, max_size=size).map(lambda n: np.array(n, np.float32))


def _matrix(rows, columns):
    return _numbers(rows * columns).map(lambda numbers: numbers.reshape(rows, columns))


def _ramp(*shape, start=1):
    return np.arange(start, start + np.prod(shape), dtype=np.float32).reshape(shape)


# --- a map ------------------------------------------------------------------------------------------------------------


@st.composite
def _maps(draw):
    return GO, draw(_numbers(draw(st.integers(1, 12)))), draw(st.integers(1, 5))


@exercise(
    examples=[
        (GO, _ramp(7), 3),
        (GO, _ramp(6), 3),
        (GO, _ramp(3), 4),
        (GO, np.array([2.0], np.float32), 1),
        (GO, _ramp(9, start=-4), 2),
    ],
    cases=_maps(),
    hints=[
        "How many blocks of `threads` threads cover n elements? 7 elements and 3 threads need 3 blocks.",
        "In the kernel: i = cuda.grid(1) is this thread's element. Threads with i beyond the array must do nothing.",
        "blocks = -(-x.size // threads) rounds up. In the kernel: if i < x.size: out[i] = x[i] * x[i].",
    ],
)
def square_all(launch, x, threads):
    """out[i] = x[i]², one thread for each element.

    launch: function, launch(kernel, blocks, threads, *arrays) runs kernel(*arrays) in every thread
    x: float32 array of shape (n,), n ≥ 1
    threads: int, threads in a block; you choose how many blocks
    returns: float32 array of shape (n,)
    """

    def kernel(out, x):
        i = cuda.grid(1)
        if i < x.size:
            out[i] = x[i] * x[i]

    out = np.zeros_like(x)
    launch(kernel, -(-x.size // threads), threads, out, x)
    return out


@square_all.misconception(
    "no guard",
    "Some threads have no element and write beside the array. On a GPU that is somebody else's memory, and no error. "
    "Which threads must do nothing?",
)
def _(launch, x, threads):
    def kernel(out, x):
        i = cuda.grid(1)
        out[i] = x[i] * x[i]

    out = np.zeros_like(x)
    launch(kernel, x.size // threads + 1, threads, out, x)
    return out


@square_all.misconception(
    "the last block is missing", "n // threads rounds down: the tail of the array stays 0. How do you round up?"
)
def _(launch, x, threads):
    def kernel(out, x):
        i = cuda.grid(1)
        if i < x.size:
            out[i] = x[i] * x[i]

    out = np.zeros_like(x)
    if x.size >= threads:
        launch(kernel, x.size // threads, threads, out, x)
    return out


@square_all.misconception(
    "the block is forgotten",
    "Every block works on the first elements: threadIdx starts from 0 in each block. What tells the blocks apart?",
)
def _(launch, x, threads):
    def kernel(out, x):
        i = cuda.threadIdx.x
        if i < x.size:
            out[i] = x[i] * x[i]

    out = np.zeros_like(x)
    launch(kernel, -(-x.size // threads), threads, out, x)
    return out


@square_all.misconception(
    "the thread is forgotten", "Each block works on a single element, its own number. What tells its threads apart?"
)
def _(launch, x, threads):
    def kernel(out, x):
        i = cuda.blockIdx.x
        if i < x.size:
            out[i] = x[i] * x[i]

    out = np.zeros_like(x)
    launch(kernel, -(-x.size // threads), threads, out, x)
    return out


@square_all.misconception(
    "the guard is one short", "The last element is never computed. Its index is n − 1: is that < n − 1 ?"
)
def _(launch, x, threads):
    def kernel(out, x):
        i = cuda.grid(1)
        if i < x.size - 1:
            out[i] = x[i] * x[i]

    out = np.zeros_like(x)
    launch(kernel, -(-x.size // threads), threads, out, x)
    return out


@square_all.misconception(
    "element 0 is left out", "Element 0 stays 0. Does your guard ask for i > 0 ? Thread 0 has work to do as well."
)
def _(launch, x, threads):
    def kernel(out, x):
        i = cuda.grid(1)
        if 0 < i < x.size:
            out[i] = x[i] * x[i]

    out = np.zeros_like(x)
    launch(kernel, -(-x.size // threads), threads, out, x)
    return out


@square_all.misconception("doubled", "You double each number. A square is x[i] * x[i].")
def _(launch, x, threads):
    return x + x


# --- two axes, broadcast ----------------------------------------------------------------------------------------------


@st.composite
def _outers(draw):
    return GO, draw(_numbers(draw(st.integers(1, 5)))), draw(_numbers(draw(st.integers(1, 5)))), 2


@exercise(
    examples=[
        (GO, _ramp(2), _ramp(3, start=10), 2),
        (GO, _ramp(3), _ramp(2, start=10), 2),
        (GO, _ramp(4), _ramp(4, start=10), 2),
        (GO, _ramp(1), _ramp(5, start=10), 2),
        (GO, _ramp(5), _ramp(1, start=10), 2),
    ],
    cases=_outers(),
    hints=[
        "cuda.grid(2) gives two numbers. The first, x, runs along a row: it is the column.",
        "Two guards: row < out.shape[0] and column < out.shape[1]. The grid needs blocks for the columns first, then for "
        "the rows.",
        "blocks = (-(-b.size // edge), -(-a.size // edge)), threads = (edge, edge); out[row, column] = a[row] + b[column].",
    ],
)
def outer_sum(launch, a, b, edge):
    """out[i, j] = a[i] + b[j], one thread for each cell, in blocks of edge × edge threads.

    launch: function, launch(kernel, blocks, threads, *arrays); blocks and threads may be tuples (along x, along y)
    a: float32 array of shape (m,)
    b: float32 array of shape (n,)
    edge: int, the edge of a block
    returns: float32 array of shape (m, n)
    """

    def kernel(out, a, b):
        column, row = cuda.grid(2)
        if row < out.shape[0] and column < out.shape[1]:
            out[row, column] = a[row] + b[column]

    out = np.zeros((a.size, b.size), np.float32)
    launch(kernel, (-(-b.size // edge), -(-a.size // edge)), (edge, edge), out, a, b)
    return out


def _outer(launch, a, b, edge, kernel, blocks=None):
    out = np.zeros((a.size, b.size), np.float32)
    launch(kernel, blocks or (-(-b.size // edge), -(-a.size // edge)), (edge, edge), out, a, b)
    return out


@outer_sum.misconception(
    "no guard", "Threads at the right and lower border have no cell, and yours read or write beside the array. Which two "
                "questions must each thread ask?"
)
def _(launch, a, b, edge):
    def kernel(out, a, b):
        column, row = cuda.grid(2)
        out[row, column] = a[row] + b[column]

    return _outer(launch, a, b, edge, kernel, (-(-b.size // edge) + 1, -(-a.size // edge)))


@outer_sum.misconception(
    "the grid has rows and columns swapped",
    "You launch blocks for the rows along x and for the columns along y. Where the matrix is not square, cells stay 0: "
    "which comes first in CUDA?",
)
def _(launch, a, b, edge):
    def kernel(out, a, b):
        column, row = cuda.grid(2)
        if row < out.shape[0] and column < out.shape[1]:
            out[row, column] = a[row] + b[column]

    return _outer(launch, a, b, edge, kernel, (-(-a.size // edge), -(-b.size // edge)))


@outer_sum.misconception(
    "a and b swapped", "Your a runs along the rows' direction of b: out[i, j] should take a[i] and b[j]."
)
def _(launch, a, b, edge):
    def kernel(out, a, b):
        column, row = cuda.grid(2)
        if row < out.shape[0] and column < out.shape[1]:
            out[row, column] = a[column % a.size] + b[row % b.size]

    return _outer(launch, a, b, edge, kernel)


@outer_sum.misconception(
    "one block only", "Only the first edge × edge cells are computed. How many blocks does each axis need?"
)
def _(launch, a, b, edge):
    def kernel(out, a, b):
        column, row = cuda.grid(2)
        if row < out.shape[0] and column < out.shape[1]:
            out[row, column] = a[row] + b[column]

    return _outer(launch, a, b, edge, kernel, (1, 1))


@outer_sum.misconception("the product", "You multiply a[i] and b[j]. What does the docstring do with them?")
def _(launch, a, b, edge):
    return np.multiply.outer(a, b)


@outer_sum.misconception("transposed", "Your result has a row for each b. Which of the two shapes comes first?")
def _(launch, a, b, edge):
    return np.add.outer(b, a)


# --- shared memory ----------------------------------------------------------------------------------------------------


@st.composite
def _shifts(draw):
    return GO, draw(_numbers(draw(st.sampled_from([1, 2, 4, 6, 8]))))


@exercise(
    points=2,
    examples=[(GO, _ramp(6)), (GO, _ramp(4)), (GO, _ramp(2)), (GO, _ramp(1)), (GO, _ramp(8, start=-3))],
    cases=_shifts(),
    hints=[
        "Every thread copies its own element into shared memory. Before a thread reads a cell that another has filled, all "
        "must have come so far: what is that line called?",
        "After the barrier thread t takes its right neighbour's cell, and the last one takes cell 0: (t + 1) % n.",
        "shared[t] = x[t]; cuda.syncthreads(); x[t] = shared[(t + 1) % x.size].",
    ],
)
def rotate_left(launch, x):
    """Every number moves one place to the left, the first to the end: in place, by one block of n threads.

    The kernel gets one array, which holds x, and must leave the result in it. Use shared memory: while some threads still
    read, others may already write.

    launch: function, launch(kernel, blocks, threads, *arrays) runs kernel(*arrays) in every thread
    x: float32 array of shape (n,), 1 ≤ n ≤ 8
    returns: float32 array of shape (n,)
    """

    def kernel(x):
        shared = cuda.shared.array(8, np.float32)
        t = cuda.threadIdx.x
        shared[t] = x[t]
        cuda.syncthreads()
        x[t] = shared[(t + 1) % x.size]

    moved = x.copy()
    launch(kernel, 1, x.size, moved)
    return moved


def _moved(launch, x, kernel):
    moved = x.copy()
    launch(kernel, 1, x.size, moved)
    return moved


@rotate_left.misconception(
    "no shared memory",
    "You move the numbers within x itself. Thread 0 may overwrite its cell before the last thread has read it. Where can the "
    "numbers wait meanwhile?",
)
def _(launch, x):
    def kernel(x):
        t = cuda.threadIdx.x
        x[t] = x[(t + 1) % x.size]

    return _moved(launch, x, kernel)


@rotate_left.misconception(
    "no barrier",
    "You read your neighbour's cell of shared memory without waiting until the neighbour has filled it. Which line makes "
    "all threads of a block wait for each other? If it is there: are all threads in one block?",
)
def _(launch, x):
    def kernel(x):
        shared = cuda.shared.array(8, np.float32)
        t = cuda.threadIdx.x
        shared[t] = x[t]
        x[t] = shared[(t + 1) % x.size]

    return _moved(launch, x, kernel)


@rotate_left.misconception(
    "barrier in a branch",
    "Your barrier stands where not every thread passes. The others wait for ever. Put it before the `if`.",
)
def _(launch, x):
    def kernel(x):
        shared = cuda.shared.array(8, np.float32)
        t = cuda.threadIdx.x
        shared[t] = x[t]
        if t < x.size - 1 or x.size == 1:
            cuda.syncthreads()
            x[t] = shared[(t + 1) % x.size]
        else:
            x[t] = x[t]

    return _moved(launch, x, kernel)


@rotate_left.misconception(
    "to the right", "Your numbers move to the right. Which neighbour's number comes to cell t?"
)
def _(launch, x):
    return np.roll(x, 1)


@rotate_left.misconception(
    "the last reads beside the array",
    "Your last thread reads the cell after the end. Which number belongs there, and how does `%` help?",
)
def _(launch, x):
    def kernel(x):
        shared = cuda.shared.array(8, np.float32)
        t = cuda.threadIdx.x
        shared[t] = x[t]
        cuda.syncthreads()
        x[t] = shared[t + 1] if t + 1 < 8 else x[t + 1]

    return _moved(launch, x, kernel)


@rotate_left.misconception(
    "the last stays", "Your last cell keeps its number. The first one should come round to it."
)
def _(launch, x):
    return np.append(x[1:], x[-1:])


@rotate_left.misconception("reversed", "You turn the whole array round. Each number should move one place only.")
def _(launch, x):
    return x[::-1].copy()


# --- a sum ------------------------------------------------------------------------------------------------------------


@st.composite
def _sums(draw):
    return GO, draw(_numbers(draw(st.integers(1, 4)) * 8, 1, 9))


@exercise(
    points=3,
    examples=[
        (GO, _ramp(8)),
        (GO, _ramp(16)),
        (GO, np.ones(24, np.float32)),
        (GO, np.array([5, 0, 0, 0, 0, 0, 0, 2], np.float32)),
    ],
    cases=_sums(),
    hints=[
        "8 numbers become 4, then 2, then 1: in each round thread t < half adds the cell t + half to its own.",
        "A barrier after filling shared memory, and one at the end of every round. All threads must pass them, also those "
        "that have nothing more to add: keep the barrier out of the `if`.",
        "half = 4; while half > 0: if t < half: shared[t] += shared[t + half]; cuda.syncthreads(); half //= 2. Thread 0 "
        "writes out[cuda.blockIdx.x].",
    ],
)
def block_sums(launch, x):
    """The sum of every eight numbers, each by one block of eight threads, in shared memory.

    launch: function, launch(kernel, blocks, threads, *arrays) runs kernel(*arrays) in every thread
    x: float32 array of shape (8·k,)
    returns: float32 array of shape (k,)
    """

    def kernel(out, x):
        shared = cuda.shared.array(8, np.float32)
        t = cuda.threadIdx.x
        shared[t] = x[cuda.grid(1)]
        cuda.syncthreads()
        half = 4
        while half > 0:
            if t < half:
                shared[t] += shared[t + half]
            cuda.syncthreads()
            half //= 2
        if t == 0:
            out[cuda.blockIdx.x] = shared[0]

    out = np.zeros(x.size // 8, np.float32)
    launch(kernel, x.size // 8, 8, out, x)
    return out


def _summed(launch, x, kernel):
    out = np.zeros(x.size // 8, np.float32)
    launch(kernel, x.size // 8, 8, out, x)
    return out


@block_sums.misconception(
    "no barrier between the rounds",
    "Two threads meet in a cell: a thread adds its partner's cell while the partner may still be adding to it, or several add "
    "to the same one. What must stand at the end of every round, and who writes the result?",
)
def _(launch, x):
    def kernel(out, x):
        shared = cuda.shared.array(8, np.float32)
        t = cuda.threadIdx.x
        shared[t] = x[cuda.grid(1)]
        cuda.syncthreads()
        for half in (4, 2, 1):
            if t < half:
                shared[t] += shared[t + half]
        if t == 0:
            out[cuda.blockIdx.x] = shared[0]

    return _summed(launch, x, kernel)


@block_sums.misconception(
    "barrier in a branch",
    "Your barrier stands inside `if t < half`: threads that are done never reach it, and the block hangs. Where do all "
    "threads pass?",
)
def _(launch, x):
    def kernel(out, x):
        shared = cuda.shared.array(8, np.float32)
        t = cuda.threadIdx.x
        shared[t] = x[cuda.grid(1)]
        cuda.syncthreads()
        for half in (4, 2, 1):
            if t < half:
                shared[t] += shared[t + half]
                cuda.syncthreads()
        if t == 0:
            out[cuda.blockIdx.x] = shared[0]

    return _summed(launch, x, kernel)


@block_sums.misconception(
    "shared memory is not filled",
    "You read shared memory that nobody has filled yet. It does not start from 0: what does each thread put there first, and "
    "do all wait until that is done?",
)
def _(launch, x):
    def kernel(out, x):
        shared = cuda.shared.array(8, np.float32)
        t = cuda.threadIdx.x
        shared[t] += x[cuda.grid(1)]
        cuda.syncthreads()
        if t == 0:
            for k in range(8):
                out[cuda.blockIdx.x] += shared[k]

    return _summed(launch, x, kernel)


@block_sums.misconception(
    "every block sums the first eight",
    "All your sums are that of the first eight numbers. threadIdx starts from 0 in each block: which element is this "
    "thread's?",
)
def _(launch, x):
    return np.full(x.size // 8, x[:8].sum(), np.float32)


@block_sums.misconception(
    "one round short", "Two partial sums are left unadded. For eight numbers there are three rounds: 4, 2, 1."
)
def _(launch, x):
    return x.reshape(-1, 8)[:, ::2].sum(axis=1)


@block_sums.misconception(
    "the mean", "You divide by eight. The docstring asks for the sum."
)
def _(launch, x):
    return x.reshape(-1, 8).mean(axis=1)


@block_sums.misconception(
    "the grand total everywhere", "Each of your results is the sum of all numbers. Each block sums its own eight."
)
def _(launch, x):
    return np.full(x.size // 8, x.sum(), np.float32)


# --- softmax of a row -------------------------------------------------------------------------------------------------


@st.composite
def _rows(draw):
    return (GO, draw(_matrix(draw(st.integers(1, 4)), draw(st.integers(1, 5)))))


@exercise(
    points=2,
    tolerance=Tolerance(1e-5, 1e-7),
    examples=[
        (GO, np.array([[0, 0], [1, 2]], np.float32)),
        (GO, np.array([[1, 2, 3], [0, 0, 5], [-1, 4, 2]], np.float32)),
        (GO, np.array([[200, 201]], np.float32)),
        (GO, np.array([[1], [2]], np.float32)),
        (GO, np.array([[3, 1, 0, 1], [2, 2, 2, 2]], np.float32)),
        (GO, np.array([[500, 0], [0, 0]], np.float32)),
    ],
    cases=_rows(),
    hints=[
        "Each thread has a row to itself, so no two threads meet. It walks over the row three times.",
        "First the row's largest number, then the sum of exp(z − largest), then each exp divided by that sum.",
        "largest = z[row, 0]; for k in range(z.shape[1]): largest = max(largest, z[row, k]). Then the same loop with "
        "total += math.exp(z[row, k] - largest).",
    ],
)
def softmax_rows(launch, z):
    """Softmax of every row, one thread for each row, in one block.

    Must not overflow: subtract the row's largest number first.

    launch: function, launch(kernel, blocks, threads, *arrays) runs kernel(*arrays) in every thread
    z: float32 array of shape (m, n)
    returns: float32 array of shape (m, n), every row adds up to 1
    """

    def kernel(out, z):
        row = cuda.threadIdx.x
        largest = z[row, 0]
        for k in range(z.shape[1]):
            largest = max(largest, z[row, k])
        total = np.float32(0)
        for k in range(z.shape[1]):
            total += np.exp(z[row, k] - largest)
        for k in range(z.shape[1]):
            out[row, k] = np.exp(z[row, k] - largest) / total

    out = np.zeros_like(z)
    launch(kernel, 1, z.shape[0], out, z)
    return out


@softmax_rows.misconception(
    "overflow",
    "exp(200) does not fit into a float32. Subtracting the row's largest number changes nothing in the result: numerator "
    "and denominator shrink alike.",
)
def _(launch, z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


@softmax_rows.misconception(
    "the sum of the whole matrix", "All your rows together add up to 1. Each row should do so by itself."
)
def _(launch, z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum()


@softmax_rows.misconception(
    "along the columns", "Your columns add up to 1. A thread has a row: which index runs in its loop?"
)
def _(launch, z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


@softmax_rows.misconception(
    "not divided", "You return exp(z − largest). What makes a row add up to 1?"
)
def _(launch, z):
    return np.exp(z - z.max(axis=1, keepdims=True))


@softmax_rows.misconception(
    "the logarithm", "You return log softmax: its numbers are negative. One exp is missing."
)
def _(launch, z):
    shifted = z - z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


@softmax_rows.misconception(
    "the largest of the whole matrix",
    "You subtract the largest number of the whole matrix. A row far below it becomes 0/0. Whose largest number is it?",
)
def _(launch, z):
    e = np.exp(z - z.max())
    return e / e.sum(axis=1, keepdims=True)


@softmax_rows.misconception(
    "one total for all threads",
    "Several threads add to the same cell at the same time. A thread's running total belongs into a variable of its own.",
)
def _(launch, z):
    def kernel(out, z, total):
        row = cuda.threadIdx.x
        largest = z[row, 0]
        for k in range(z.shape[1]):
            largest = max(largest, z[row, k])
        for k in range(z.shape[1]):
            total[0] += np.exp(z[row, k] - largest)
        for k in range(z.shape[1]):
            out[row, k] = np.exp(z[row, k] - largest) / total[0]

    out = np.zeros_like(z)
    launch(kernel, 1, z.shape[0], out, z, np.zeros(1, np.float32))
    return out


# --- tiles ------------------------------------------------------------------------------------------------------------


@st.composite
def _products(draw):
    n = 2 * draw(st.integers(1, 2))
    return GO, draw(_matrix(n, n)), draw(_matrix(n, n))


@exercise(
    points=3,
    tolerance=Tolerance(1e-5, 1e-5),
    examples=[
        (GO, _ramp(2, 2), np.array([[1, 0], [2, 1]], np.float32)),
        (GO, _ramp(4, 4), np.eye(4, dtype=np.float32)[::-1].copy()),
        (GO, _ramp(4, 4), _ramp(4, 4, start=-5)),
        (GO, np.eye(4, dtype=np.float32), _ramp(4, 4)),
    ],
    cases=_products(),
    hints=[
        "In step k the block needs the tile of A to the right, A[row, k + x], and the tile of B further down, "
        "B[k + y, column]. Each thread fetches one number of each.",
        "Two barriers in each step: one before anyone reads the tiles, one before anyone refills them.",
        "for k in range(0, n, 2): fill both tiles; cuda.syncthreads(); for j in range(2): total += tile_a[y, j] * "
        "tile_b[j, x]; cuda.syncthreads().",
    ],
)
def tiled_product(launch, a, b):
    """C = A B, with tiles of 2 × 2 in shared memory: each block computes one tile of C.

    launch: function, launch(kernel, blocks, threads, *arrays); blocks and threads may be tuples (along x, along y)
    a, b: float32 arrays of shape (n, n), n even
    returns: float32 array of shape (n, n)
    """

    def kernel(c, a, b):
        tile_a = cuda.shared.array((2, 2), np.float32)
        tile_b = cuda.shared.array((2, 2), np.float32)
        column, row = cuda.grid(2)
        x, y = cuda.threadIdx.x, cuda.threadIdx.y
        total = np.float32(0)
        for k in range(0, a.shape[1], 2):
            tile_a[y, x] = a[row, k + x]
            tile_b[y, x] = b[k + y, column]
            cuda.syncthreads()
            for j in range(2):
                total += tile_a[y, j] * tile_b[j, x]
            cuda.syncthreads()
        c[row, column] = total

    c = np.zeros_like(a)
    launch(kernel, (a.shape[0] // 2, a.shape[0] // 2), (2, 2), c, a, b)
    return c


def _tiled(launch, a, b, first=True, second=True):
    def kernel(c, a, b):
        tile_a = cuda.shared.array((2, 2), np.float32)
        tile_b = cuda.shared.array((2, 2), np.float32)
        column, row = cuda.grid(2)
        x, y = cuda.threadIdx.x, cuda.threadIdx.y
        total = np.float32(0)
        for k in range(0, a.shape[1], 2):
            tile_a[y, x] = a[row, k + x]
            tile_b[y, x] = b[k + y, column]
            if first:
                cuda.syncthreads()
            for j in range(2):
                total += tile_a[y, j] * tile_b[j, x]
            if second:
                cuda.syncthreads()
        c[row, column] = total

    c = np.zeros_like(a)
    launch(kernel, (a.shape[0] // 2, a.shape[0] // 2), (2, 2), c, a, b)
    return c


@tiled_product.misconception(
    "no barrier before reading",
    "A thread reads numbers of the tile that its neighbours have not fetched yet. What must stand between filling the tiles "
    "and using them?",
)
def _(launch, a, b):
    return _tiled(launch, a, b, first=False)


@tiled_product.misconception(
    "no barrier before refilling",
    "With one step your product is right, with two it is a race: a fast thread refills the tile from which a slow one still "
    "reads. What must stand at the end of a step?",
)
def _(launch, a, b):
    return _tiled(launch, a, b, second=False)


@tiled_product.misconception(
    "the first tiles only", "You multiply the first tiles and stop. How many steps does a row of n numbers take?"
)
def _(launch, a, b):
    return a[:, :2] @ b[:2]


@tiled_product.misconception(
    "B A", "You compute B A. Whose rows meet whose columns?"
)
def _(launch, a, b):
    return b @ a


@tiled_product.misconception(
    "element by element", "You multiply matching elements. Where is the sum over a row and a column?"
)
def _(launch, a, b):
    return a * b


@tiled_product.misconception(
    "B transposed", "You read B's tile by rows: row times row. Is it tile_b[j, x] or tile_b[x, j]?"
)
def _(launch, a, b):
    return a @ b.T


@tiled_product.misconception(
    "transposed", "Your result is transposed. cuda.grid(2) gives the column first."
)
def _(launch, a, b):
    return (a @ b).T.copy()


# --- atomics ----------------------------------------------------------------------------------------------------------


@st.composite
def _labels(draw):
    bins = draw(st.integers(2, 4))
    size = draw(st.integers(5, 12))
    return GO, np.array(draw(st.lists(st.integers(0, bins - 1), min_size=size, max_size=size))), bins


@exercise(
    points=2,
    examples=[
        (GO, np.array([0, 1, 1, 0, 1]), 2),
        (GO, np.array([2, 2, 0, 2, 1, 2, 0]), 3),
        (GO, np.array([0, 0, 0, 0, 1, 1]), 4),
        (GO, np.array([3, 1, 0, 2, 3, 1, 0, 2, 2]), 4),
    ],
    cases=_labels(),
    hints=[
        "counts[label] += 1 is three things: read, add, write. What happens when another thread reads in between?",
        "cuda.atomic.add(array, index, value) does all three with nobody in between.",
        "The broken kernel has no guard either: the last block has threads without a label.",
    ],
)
def histogram(launch, labels, bins):
    """How often each label occurs, one thread for each label, in blocks of four.

    launch: function, launch(kernel, blocks, threads, *arrays) runs kernel(*arrays) in every thread
    labels: integer array of shape (n,), each at least 0 and below bins
    bins: int
    returns: int64 array of shape (bins,)
    """

    def kernel(counts, labels):
        i = cuda.grid(1)
        if i < labels.size:
            cuda.atomic.add(counts, labels[i], 1)

    counts = np.zeros(bins, np.int64)
    launch(kernel, -(-labels.size // 4), 4, counts, labels)
    return counts


def _counted(launch, labels, bins, kernel, blocks=None):
    counts = np.zeros(bins, np.int64)
    launch(kernel, blocks or -(-labels.size // 4), 4, counts, labels)
    return counts


@histogram.misconception(
    "still the broken kernel",
    "Both mistakes are still there: threads beyond the labels read beside the array, and threads with the same label lose "
    "counts. Mend one, look at the picture, then the other.",
)
def _(launch, labels, bins):
    def kernel(counts, labels):
        counts[labels[cuda.grid(1)]] += 1

    return _counted(launch, labels, bins, kernel)


@histogram.misconception(
    "the race is still there",
    "Two threads with the same label read the same count and both write it back plus one: a count is lost. Which function "
    "reads, adds and writes with nobody in between?",
)
def _(launch, labels, bins):
    def kernel(counts, labels):
        i = cuda.grid(1)
        if i < labels.size:
            counts[labels[i]] += 1

    return _counted(launch, labels, bins, kernel)


@histogram.misconception(
    "no guard", "The last block has more threads than labels, and they read beside the array. Which threads have no label?"
)
def _(launch, labels, bins):
    def kernel(counts, labels):
        cuda.atomic.add(counts, labels[cuda.grid(1)], 1)

    return _counted(launch, labels, bins, kernel, labels.size // 4 + 1)


@histogram.misconception(
    "the last block is missing", "The last labels are never counted: n // 4 rounds down. How do you round up?"
)
def _(launch, labels, bins):
    return np.bincount(labels[: labels.size // 4 * 4], minlength=bins)


@histogram.misconception(
    "every block counts the first four",
    "Every block counts the same four labels. threadIdx starts from 0 in each block: which label is this thread's?",
)
def _(launch, labels, bins):
    return np.bincount(labels[:4], minlength=bins) * -(-labels.size // 4)


@histogram.misconception(
    "adds the label", "You add the label itself to its counter. How much is one occurrence worth?"
)
def _(launch, labels, bins):
    return np.bincount(labels, minlength=bins) * np.arange(bins)


@histogram.misconception(
    "the thread's own counter", "You add to the counter with the thread's number. Whose counter does a label belong to?"
)
def _(launch, labels, bins):
    return np.bincount(np.arange(labels.size) % bins, minlength=bins)


@histogram.misconception(
    "marks instead of counts", "You write 1 wherever a label occurs. A histogram says how often."
)
def _(launch, labels, bins):
    return np.minimum(np.bincount(labels, minlength=bins), 1)
