"""The product of matrices, many at a time, on CUDA (on the CPU: `course/matrix_product.py`).

    c[p, i, j] = Σ_k a[p, i, k] b[p, k, j]

Arrays are flat, and strides say how far apart in them the neighbours along (p, i, k) or (p, k, j) lie. A transposed
matrix is one whose strides are swapped, one that serves the whole batch has stride 0 along p, and nothing is copied.
`sizes` are those of (p, i, k, j); `zero` is 0 in the arrays' dtype.
"""

from .kernel import Kernel, cuda

TILE = 16  # TILE × TILE results at a time; each number that is loaded for them is used TILE times
PITCH = TILE + 1  # so that the cells of a column lie in different banks of the shared memory


def number_of_tiles(sizes):
    """How many blocks of threads fill c, whose sizes are (p, i, k, j)."""
    batch, rows, _, columns = sizes
    return batch * -(-rows // TILE) * -(-columns // TILE)


def load_tile(tile, x, start, top, left, rows, columns, down, across):
    """Each thread fills one cell of `tile` from the matrix that begins at x[start], with 0 beyond its edge.

    Neighbouring threads read neighbouring numbers, whether the matrix lies row by row or, transposed, column by column.
    """
    i, j = cuda.threadIdx.x // TILE, cuda.threadIdx.x % TILE
    if down < across:
        i, j = j, i
    row, column = top + i, left + j
    inside = row < rows and column < columns
    tile[i, j] = x[start + row * down + column * across] if inside else type(x[0])(0)


def matmul_cuda(a, b, c, sizes, a_strides, b_strides, zero):
    """A block fills one tile of c, a thread one of its numbers, so that no two write to one place.

    A barrier lies between filling the shared tiles and reading them, and another before they are filled anew. All
    threads reach both: the number of rounds depends on `inner` alone, and threads beyond the edge of c take part too.
    """
    a_tile = cuda.shared.array((TILE, PITCH), type(zero))
    b_tile = cuda.shared.array((TILE, PITCH), type(zero))
    batch, rows, inner, columns = sizes
    down, across = (rows + TILE - 1) // TILE, (columns + TILE - 1) // TILE
    block = cuda.blockIdx.x
    p, top, left = block // across // down, block // across % down * TILE, block % across * TILE
    if p >= batch:
        return
    i, j = cuda.threadIdx.x // TILE, cuda.threadIdx.x % TILE
    total = zero
    for start in range(0, inner, TILE):
        load_tile(a_tile, a, p * a_strides[0], top, start, rows, inner, a_strides[1], a_strides[2])
        load_tile(b_tile, b, p * b_strides[0], start, left, inner, columns, b_strides[1], b_strides[2])
        cuda.syncthreads()
        for k in range(TILE):
            total += a_tile[i, k] * b_tile[k, j]
        cuda.syncthreads()
    row, column = top + i, left + j
    if row < rows and column < columns:
        c[(p * rows + row) * columns + column] = total


matmul = Kernel(None, matmul_cuda, rows=True, threads=TILE * TILE)
