"""Linear algebra on batches of matrices: solving, inverting, decomposing, measuring."""

# ruff: noqa: F401

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
