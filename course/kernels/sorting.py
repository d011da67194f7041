"""Sorting rows on CUDA by Batcher's bitonic network; on the CPU NumPy sorts.

Sorted runs of 1, 2, 4, … numbers are merged in pairs. In the first round of a merge the k-th number of the left run
meets the k-th last of the right one; then halves, quarters, … of what came out are compared number by number. Which
numbers meet does not depend on their values, so that all pairs of a round can be worked on at once.

Source: Batcher, "Sorting networks and their applications" (1968), in the form in which every comparison points the same
way: what is beyond the end of a row counts as larger than all numbers, stays there, and need not be stored.
"""

from .kernel import Kernel, cuda


def comes_first(a, i, b, j, descending):
    """Whether a from place i goes before b from place j. NaN counts as the largest; equal numbers keep their order."""
    if a == b or (a != a and b != b):
        return i < j
    if descending:
        a, b = b, a
    return a < b or b != b


def exchange(values, places, row, left, right, descending):
    """Two numbers of a row change places, unless they stand in order."""
    a, b, i, j = values[row, left], values[row, right], places[row, left], places[row, right]
    if comes_first(b, j, a, i, descending):
        values[row, left], values[row, right], places[row, left], places[row, right] = b, a, j, i


def sort_cuda(values, places, descending):
    """A block sorts one row of `values` in place; `places` becomes where each number stood. Shapes: (rows, columns).

    Within a round no number belongs to two pairs, and a barrier ends each round. Every thread reaches it, since the
    number of rounds depends on the columns alone.
    """
    row, thread, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    if row >= values.shape[0]:
        return
    columns = values.shape[1]
    for k in range(thread, columns, threads):
        places[row, k] = k
    cuda.syncthreads()
    width = 1  # of the runs that are sorted
    while width < columns:
        distance = width
        while distance > 0:
            for pair in range(thread, (columns + 2 * distance - 1) // (2 * distance) * distance, threads):
                k = pair % distance
                start = 2 * (pair - k)
                left, right = start + k, start + distance + k
                if distance == width:
                    right = start + 2 * distance - 1 - k
                if right < columns:
                    exchange(values, places, row, left, right, descending)
            cuda.syncthreads()
            distance //= 2
        width *= 2


sort = Kernel(None, sort_cuda, rows=True)
