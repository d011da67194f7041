"""Linear algebra on batches of matrices: solving, inverting, decomposing, measuring.

On CUDA the CPU solves, inverts and decomposes: a copy there and one back.
"""

# ruff: noqa: F401

from .ops.decompositions import cholesky, cond, lstsq, matrix_rank, pinv, qr, slogdet, solve_triangular
from .ops.linear import matmul
from .ops.linear_algebra import (
    LinAlgError,
    cross,
    det,
    eigh,
    eigvalsh,
    inv,
    matrix_norm,
    norm,
    solve,
    svd,
    svdvals,
    vector_norm,
)  # fmt: skip
from .ops.matrix_products import matrix_power, multi_dot, vecdot
from .unknown import names_of

__getattr__ = names_of(__name__)
