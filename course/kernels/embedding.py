"""The gradient of an embedding: rows added up by number."""

from .kernel import Kernel, cuda


def add_rows_cpu(g, index, dw):
    """dw[index[i]] += g[i] for each row. Shapes: g (rows, columns), index (rows,), dw (table rows, columns)."""
    for i in range(g.shape[0]):
        row = dw[index[i]]
        for j in range(g.shape[1]):
            row[j] += g[i, j]


def add_rows_cuda(g, index, dw):
    """One thread owns one column: rows that share a number are added by the same thread, one after the other."""
    j = cuda.grid(1)
    if j < g.shape[1]:
        for i in range(g.shape[0]):
            dw[index[i], j] += g[i, j]


add_rows = Kernel(add_rows_cpu, add_rows_cuda)
