"""Matrices as products of simpler ones, and what follows from that: rank, pseudoinverse, least squares.

The derivative of the Cholesky factor is I. Murray's, "Differentiation of the Cholesky decomposition" (2016); that of QR
is S. Walter and L. Lehmann's, "Algorithmic differentiation of linear algebra functions" (2010); that of the
pseudoinverse G. Golub and V. Pereyra's (1973).

On CUDA the CPU works out the factors: a copy there and one back.
"""

import math

import numpy as np

from .. import return_types
from ..autograd import check_tensors, operation
from .elementwise import where
from .linear_algebra import (
    _by_numpy,
    _check_matrices,
    _eye,
    _inv,
    _solve,
    inv,
    matrix_norm,
    solve,
    svdvals,
)
from .reduction import sum
from .shapes import _tril, _triu, cat

# --- Cholesky ---------------------------------------------------------------------------------------------------------


@operation(A=lambda g, out: _cholesky_gradient(g, out))
def _cholesky(A):
    return _by_numpy(np.linalg.cholesky, A, why="linalg.cholesky: The factorization could not be completed because the "
                     "input is not positive-definite: some xᵀ A x is not above 0")


def _cholesky_gradient(g, L):
    """½ (S + Sᵀ) with S = L⁻ᵀ Φ(Lᵀ g) L⁻¹, where Φ takes the lower triangle and half of the diagonal."""
    lower = _tril(L.mT @ g, 0)
    S = _solve(L.mT, _solve(L.mT, where(_eye(lower), 0.5 * lower, lower)).mT).mT
    return 0.5 * (S + S.mT)


def cholesky(A, *, upper=False):
    """The lower triangular L with A = L Lᵀ of symmetric positive-definite matrices; with `upper` its transpose.

    Shapes: (…, n, n) → (…, n, n). Only the lower triangle of A is read, with `upper` the upper one. Raises RuntimeError
    for what is not square, LinAlgError for what is not positive-definite.

    >>> import course
    >>> course.linalg.cholesky(course.tensor([[4., 2.], [2., 2.]]))
    tensor([[2., 0.],
            [1., 1.]])
    """
    _check_matrices("cholesky", A)
    return _cholesky(A.mT).mT if upper else _cholesky(A)


def solve_triangular(A, B, *, upper, left=True, unitriangular=False):
    """X with A X = B, or with X A = B for `left=False`, where of A only the upper or lower triangle counts.

    With `unitriangular` its diagonal is taken for ones. Shapes: A (…, n, n), B (…, n, k), or (…, k, n) for left=False.
    Raises RuntimeError for shapes that do not fit. Differs from PyTorch: a 0 on the diagonal raises LinAlgError.

    >>> import course
    >>> course.linalg.solve_triangular(course.tensor([[2., 9.], [1., 1.]]), course.ones(2, 1), upper=False)
    tensor([[0.5000],
            [0.5000]])
    """
    _check_matrices("solve_triangular", A)
    check_tensors("linalg.solve_triangular", B=B)
    if B.ndim < 2:
        raise RuntimeError(f"linalg.solve_triangular(): B must have at least 2 dimensions, given {list(B.shape)}")
    A = _triu(A, 0) if upper else _tril(A, 0)
    return solve(where(_eye(A), 1.0, A) if unitriangular else A, B, left=left)


def cholesky_solve(B, L, upper=False):
    """X with A X = B for A = L Lᵀ, of which `cholesky` gave L; with `upper` A = Lᵀ L.

    Shapes: B (…, n, k), L (…, n, n) → (…, n, k).

    >>> import course
    >>> A, B = course.tensor([[4., 2.], [2., 2.]]), course.tensor([[2.], [0.]])
    >>> course.cholesky_solve(B, course.linalg.cholesky(A))
    tensor([[ 1.],
            [-1.]])
    """
    check_tensors("cholesky_solve", B=B, L=L)
    L = L.mT if upper else L
    return solve_triangular(L.mT, solve_triangular(L, B, upper=False), upper=True)


# --- QR ---------------------------------------------------------------------------------------------------------------


@operation(A=lambda g, out, m, mode: _qr_gradient(g, out, m, mode))
def _qr(A, m, mode):
    """Q (m rows) above R, of matrices with at least as many rows as columns; with all columns of Q, R beside it."""
    Q, R = np.linalg.qr(A, mode)
    return np.concatenate([Q, R], -1 if mode == "complete" else -2)


def _qr_gradient(g, out, m, mode):
    """(gQ + Q sym(triu(gR Rᵀ − Qᵀ gQ))) R⁻ᵀ, where sym(X) has X in its upper triangle and Xᵀ in the lower one."""
    if mode == "complete":
        raise RuntimeError("linalg.qr(): The QR decomposition is not differentiable when mode='complete' and nrows > "
                           "ncols; use mode='reduced'")
    (Q, R), (gQ, gR) = ((x[..., :m, :], x[..., m:, :]) for x in (out, g))
    upper = _triu(gR @ R.mT - Q.mT @ gQ, 0)
    symmetric = where(_eye(upper), upper, upper + upper.mT)
    return _solve(R, (gQ + Q @ symmetric).mT).mT


def qr(A, mode="reduced"):
    """A = Q R with orthonormal columns in Q and an upper triangular R.

    Shapes: (…, m, n) → Q (…, m, k), R (…, k, n) with k = min(m, n); for mode="complete" k = m; for mode="r" Q is empty.
    Gradients exist where the first k columns are independent, and not of more columns than A has. Raises RuntimeError
    for another mode.

    >>> import course
    >>> Q, R = course.linalg.qr(course.tensor([[3., 1.], [4., 2.]]))
    >>> course.allclose(Q @ R, course.tensor([[3., 1.], [4., 2.]]))
    True
    """
    _check_matrices("qr", A, square=False)
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(f"linalg.qr(): qr received unrecognized mode {mode!r} but expected one of 'reduced', 'r', "
                           "or 'complete'")
    m, n = A.shape[-2:]
    if mode == "complete" and m > n:
        parts = _qr(A, m, mode)
        return return_types.linalg_qr(parts[..., :m], parts[..., m:])
    parts = _qr(A[..., :m], m, "reduced")
    Q, R = parts[..., :m, :], parts[..., m:, :]
    if n > m:  # A = [X Y] = Q [R QᵀY]
        R = cat([R, Q.mT @ A[..., m:]], -1)
    return return_types.linalg_qr(A.new_empty(0) if mode == "r" else Q, R)


# --- the size of a determinant ----------------------------------------------------------------------------------------


@operation(A=lambda g, A: g[1][..., None, None] * _inv(A).mT)
def _slogdet(A):
    sign, size = np.linalg.slogdet(A)
    return np.stack([sign, size])


def slogdet(A):
    """The sign of the determinant and log |det A|, also where the determinant itself would overflow.

    Shapes: (…, n, n) → sign (…), logabsdet (…). Of a singular matrix they are 0 and −∞. ∂ log |det A| / ∂A = A⁻ᵀ
    (Giles, 2.2.4). Raises RuntimeError for what is not square.

    >>> import course
    >>> course.linalg.slogdet(course.tensor([[0., 1.], [1., 0.]]))
    course.return_types.linalg_slogdet(
    sign=tensor(-1.),
    logabsdet=tensor(0.))
    """
    _check_matrices("slogdet", A)
    parts = _slogdet(A)
    return return_types.linalg_slogdet(parts[0].detach(), parts[1])


def logdet(input):
    """log det: NaN where the determinant is negative, −∞ where it is 0. See `slogdet`."""
    sign, size = slogdet(input)
    return where(sign < 0, math.nan, size)


# --- by singular values: rank, condition, pseudoinverse, least squares ------------------------------------------------


def _cut(A, atol, rtol):
    """Below which singular value, absolutely and relative to the largest, all count as 0."""
    if rtol is None:
        rtol = 0.0 if atol is not None else max(A.shape[-2:]) * float(np.finfo(A._array.dtype).eps)
    return atol or 0.0, rtol


def matrix_rank(A, tol=None, *, atol=None, rtol=None):
    """How many rows of each matrix are independent: the singular values above max(atol, rtol · the largest).

    By default atol = 0 and rtol = max(m, n) · ε; `tol` is an older name of atol.
    Differs from PyTorch: there is no `hermitian`.

    >>> import course
    >>> course.linalg.matrix_rank(course.tensor([[1., 2.], [2., 4.]]))
    tensor(1)
    """
    _check_matrices("matrix_rank", A, square=False)
    atol, rtol = _cut(A, tol if atol is None else atol, rtol)
    S = svdvals(A.detach())
    return sum((atol < S) & (rtol * S[..., :1] < S), -1)


def cond(A, p=None):
    """The condition number ‖A‖_p ‖A⁻¹‖_p: how much errors in b may grow in the solution of A x = b.

    p: 2 (by default: the largest singular value over the smallest), −2, 1, −1, ∞, −∞, "fro" or "nuc". Of a singular
    matrix it is ∞. Raises RuntimeError for another p, and for what is not square where p is not ±2.

    >>> import course
    >>> course.linalg.cond(course.tensor([[4., 0.], [0., 2.]]))
    tensor(2.)
    """
    _check_matrices("cond", A, square=p not in (None, 2, -2))
    if p in (None, 2, -2):
        S = svdvals(A)
        return S[..., -1] / S[..., 0] if p == -2 else S[..., 0] / S[..., -1]
    singular = slogdet(A.detach()).sign == 0
    inverse = inv(where(singular[..., None, None], _eye(A), A))
    return where(singular, math.inf, matrix_norm(A, p) * matrix_norm(inverse, p))


@operation(A=lambda g, A, out: _pinv_gradient(g, A, out))
def _pinv(A, atol, rtol):
    U, S, Vh = _by_numpy(np.linalg.svd, A, False, why="linalg.pinv(): did not converge; are there inf or NaN in A?")
    kept = (atol < S) & (rtol * S[..., :1] < S)
    return (Vh.mT / np.where(kept, S, np.inf)[..., None, :]) @ U.mT


def _pinv_gradient(g, A, P):
    """−Pᵀ g Pᵀ + (I − A P) gᵀ P Pᵀ + Pᵀ P gᵀ (I − P A)."""
    left, right = g.mT @ P @ P.mT, P.mT @ P @ g.mT
    return -P.mT @ g @ P.mT + (left - A @ (P @ left)) + (right - right @ P @ A)


def pinv(A, rcond=None, *, atol=None, rtol=None):
    """The pseudoinverse A⁺ = V Σ⁺ Uᵀ: x = A⁺ b is the shortest x with the smallest ‖A x − b‖.

    Shapes: (…, m, n) → (…, n, m). Singular values up to max(atol, rtol · the largest) count as 0; by default atol = 0
    and rtol = max(m, n) · ε; `rcond` is an older name of rtol. Raises RuntimeError for a vector.
    Differs from PyTorch: there is no `hermitian`.

    >>> import course
    >>> course.linalg.pinv(course.tensor([[2., 0.], [0., 0.]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.0000]])
    """
    _check_matrices("pinv", A, square=False)
    return _pinv(A, *_cut(A, atol, rcond if rtol is None else rtol))


def pinverse(input, rcond=1e-15):
    """`linalg.pinv` under its old name; `rcond` is rtol."""
    return pinv(input, rtol=rcond)


_DRIVERS = (None, "gelsy", "gels", "gelsd", "gelss")


def lstsq(A, B, rcond=None, *, driver=None):
    """Least squares: the X with the smallest ‖A X − B‖, of several the shortest, X = A⁺ B.

    Shapes: A (…, m, n), B (…, m, k) → solution (…, n, k). `rcond` is the rtol of `pinv`. The drivers give one solution,
    and beside it what they do in PyTorch, or else an empty tensor: rank (…), all but "gels"; singular_values, "gelsd"
    and "gelss"; residuals Σ (A X − B)² (…, k), all but "gelsy", the default, where m > n and the rank is n.
    Raises RuntimeError for shapes or types that do not fit, and for another driver.

    >>> import course
    >>> A = course.tensor([[1., 0.], [1., 1.], [1., 2.]])
    >>> course.linalg.lstsq(A, course.tensor([[1.], [3.], [5.]])).solution.round(decimals=4)
    tensor([[1.],
            [2.]])
    """
    _check_matrices("lstsq", A, square=False)
    check_tensors("linalg.lstsq", B=B)
    is_vector = B.ndim == A.ndim - 1
    B = B.unsqueeze(-1) if is_vector else B
    if B.ndim != A.ndim or B.shape[-2] != A.shape[-2] or B.dtype != A.dtype:
        raise RuntimeError(f"linalg.lstsq: A (…, m, n) and B (…, m, k) must have as many rows and one type, given "
                           f"{list(A.shape)} of {A.dtype} and {list(B.shape)} of {B.dtype}")
    if driver not in _DRIVERS:
        raise RuntimeError(f"linalg.lstsq: parameter `driver` should be one of {_DRIVERS}, given {driver!r}")
    X, rank = pinv(A, rtol=rcond) @ B, matrix_rank(A, rtol=rcond)
    m, n = A.shape[-2:]
    is_left = driver not in (None, "gelsy") and m > n and bool((rank == n).all())
    return return_types.linalg_lstsq(
        X.squeeze(-1) if is_vector else X,
        sum((A @ X - B) ** 2, -2) if is_left else A.new_empty(0),
        rank.new_empty(0) if driver == "gels" else rank,
        svdvals(A) if driver in ("gelsd", "gelss") else A.new_empty(0),
    )
