"""Solving, inverting and taking matrices apart; every function works on batches (…, n, m).

The derivatives are those of M. Giles, "An extended collection of matrix derivative results for forward and reverse mode
automatic differentiation" (2008); that of the SVD is J. Townsend's, "Differentiating the singular value decomposition"
(2016).

On CUDA, NumPy's part of `inv`, `det`, `solve`, `eigh` and `svd` is done by the CPU: a copy there and one back.
"""

import math

import numpy as np

from .. import return_types
from ..autograd import check_tensors, elementwise, operation
from .elementwise import abs, where
from .reduction import _norm, amax, amin, sum
from .shapes import _dim, _dims, movedim


class LinAlgError(RuntimeError):
    """A matrix has no inverse, or the steps towards its decomposition did not converge."""


def _by_numpy(function, *arrays, why, **options):
    try:
        return function(*arrays, **options)
    except np.linalg.LinAlgError:
        raise LinAlgError(why) from None


def _eye(values):
    """True on the diagonal of a matrix with one column for each of the values."""
    return np.eye(values.shape[-1], dtype=bool, like=getattr(values, "_array", values))


def _check_matrices(name, A, square=True, floats=True):
    check_tensors(f"linalg.{name}", A=A)
    if A.ndim < 2:
        raise RuntimeError(f"linalg.{name}(): the tensor A must have at least 2 dimensions, given {list(A.shape)}")
    if square and A.shape[-1] != A.shape[-2]:
        raise RuntimeError(f"linalg.{name}(): A must be batches of square matrices, "
                           f"but they are {A.shape[-2]} by {A.shape[-1]} matrices")
    if floats and not A.is_floating_point():
        raise RuntimeError(f"linalg.{name}(): expected a floating point tensor as input, given {A.dtype}; "
                           "convert it with .float()")


# --- inverse, determinant, linear systems ---------------------------------------------------------------------------


@operation(A=lambda g, out: -(out.mT @ g @ out.mT))
def _inv(A):
    return _by_numpy(np.linalg.inv, A, why="linalg.inv(): the matrix is singular: its rows depend on one another, so "
                     "it has no inverse")


def inv(A):
    """The inverse A⁻¹, with A A⁻¹ = I.

    Shapes: (…, n, n) → (…, n, n). Raises RuntimeError for what is not square, LinAlgError for a singular matrix.
    ∂J/∂A = −A⁻ᵀ g A⁻ᵀ (Giles, 2.2.3).

    >>> import course
    >>> course.linalg.inv(course.tensor([[2., 0.], [0., 4.]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.2500]])
    """
    _check_matrices("inv", A)
    return _inv(A)


@operation(A=lambda g, A: g[..., None, None] * _cofactors(A))
def _det(A):
    return np.linalg.det(A)


@operation(A=lambda g, A: _cofactors_gradient(g, A))
def _cofactors(A):
    """∂ det A / ∂A = det A · A⁻ᵀ; with A = U Σ Vᵀ it is det U · det V · U diag(Πⱼ≠ᵢ σⱼ) Vᵀ, even for a singular A."""
    U, S, Vh = np.linalg.svd(A)
    one = S.dtype.type(1)
    others = np.prod(np.where(_eye(S), one, S[..., None, :]), axis=-1)
    return (np.linalg.det(U) * np.linalg.det(Vh))[..., None, None] * (U * others[..., None, :]) @ Vh


def _cofactors_gradient(g, A):
    """With B = A⁻ᵀ: det A (⟨g, B⟩ B − B gᵀ B)."""
    B = _inv(A).mT
    return _det(A)[..., None, None] * ((g * B).sum((-2, -1))[..., None, None] * B - B @ g.mT @ B)


def det(A):
    """The determinant: by what factor A stretches a volume; negative where it turns it over, 0 where it flattens it.

    Shapes: (…, n, n) → (…). ∂ det A / ∂A = det A · A⁻ᵀ (Giles, 2.2.4), also in the limit of a singular A; its second
    derivative needs an inverse. Raises RuntimeError for what is not square.

    >>> import course
    >>> course.linalg.det(course.tensor([[1., 2.], [3., 4.]]))
    tensor(-2.)
    """
    _check_matrices("det", A)
    return _det(A)


@operation(A_and_B=lambda g, A, out: _solve_gradient(g, A, out))
def _solve(A, B):
    return _by_numpy(np.linalg.solve, A, B, why="linalg.solve(): the solver failed because the matrix is singular: its "
                     "rows depend on one another")


def _solve_gradient(g, A, X):
    dB = _solve(A.mT, g)
    return -(dB @ X.mT), dB


def solve(A, B, *, left=True):
    """X with A X = B, or with X A = B for `left=False`; faster and more exact than inv(A) @ B.

    Shapes: A (…, n, n), B (…, n, k) or, for one right side each, (…, n) of A's batch. The batches broadcast.
    ∂J/∂B = A⁻ᵀ g and ∂J/∂A = −∂J/∂B Xᵀ (Giles, 2.3.1). Raises RuntimeError for sizes that do not fit, LinAlgError for a
    singular matrix.

    >>> import course
    >>> course.linalg.solve(course.tensor([[2., 0.], [0., 4.]]), course.tensor([2., 2.]))
    tensor([1.0000, 0.5000])
    """
    _check_matrices("solve", A)
    check_tensors("linalg.solve", B=B)
    if A.dtype != B.dtype:
        raise RuntimeError(f"linalg.solve(): expected A and B to have the same dtype, but found A of type {A.dtype} "
                           f"and B of type {B.dtype} instead; convert one with .to(dtype)")
    is_vector = B.ndim == 1 or (B.ndim == A.ndim - 1 and B.shape == A.shape[:-1])
    if is_vector and not left:
        raise RuntimeError("linalg.solve(): with left=False B must be made of matrices, given vectors")
    if B.ndim == 0 or (B.shape[-1] if is_vector or not left else B.shape[-2]) != A.shape[-1]:
        raise RuntimeError(f"linalg.solve(): incompatible shapes of A and B: {list(A.shape)} and {list(B.shape)}; "
                           f"{A.shape[-1]} equations need as many numbers on the other side")
    if is_vector:
        return _solve(A, B.unsqueeze(-1)).squeeze(-1)
    return _solve(A, B) if left else _solve(A.mT, B.mT).mT


# --- decompositions: their parts lie in one array, so that the tape sees one result ---------------------------------


@operation(A=lambda g, out: _eigh_gradient(g, out))
def _eigh(A, UPLO):
    """The eigenvalues in the first row, under it the matrix whose columns are the eigenvectors."""
    L, V = _by_numpy(np.linalg.eigh, A, UPLO, why="linalg.eigh(): did not converge; is there inf or NaN in it?")
    return np.concatenate([L[..., None, :], V], -2)


def _eigh_gradient(g, out):
    """V (diag(gλ) + (Vᵀ gV) / E) Vᵀ with Eᵢⱼ = λⱼ − λᵢ off the diagonal."""
    L, V, gL, gV = out[..., 0, :], out[..., 1:, :], g[..., 0, :], g[..., 1:, :]
    diagonal = _eye(L)
    turned = where(diagonal, 0.0, V.mT @ gV)
    return V @ (_over(turned, L[..., None, :] - L[..., :, None]) + where(diagonal, gL[..., None, :], 0.0)) @ V.mT


def _over(x, E):
    """x / E, and 0 where both are 0: where nobody asked for the vectors, equal values do no harm."""
    return x / where((x == 0) & (E == 0), 1.0, E)


def eigh(A, UPLO="L"):
    """The eigenvalues λ, in ascending order, and eigenvectors (columns of V) of symmetric matrices: A V = V diag(λ).

    Shapes: (…, n, n) → λ (…, n), V (…, n, n). Only the lower triangle is read, with UPLO="U" the upper one. Gradients
    through V exist only where the eigenvalues differ and the loss does not depend on the signs of V (Giles, 3.1).
    Raises RuntimeError for what is not square.

    >>> import course
    >>> course.linalg.eigh(course.tensor([[2., 0.], [0., 1.]])).eigenvalues
    tensor([1., 2.])
    """
    parts = _symmetric("eigh", A, UPLO)
    return return_types.linalg_eigh(parts[..., 0, :], parts[..., 1:, :])


def eigvalsh(A, UPLO="L"):
    """The eigenvalues of symmetric matrices, in ascending order: `eigh` without the eigenvectors."""
    return _symmetric("eigvalsh", A, UPLO)[..., 0, :]


def _symmetric(name, A, UPLO):
    _check_matrices(name, A)
    if UPLO not in ("L", "U", "l", "u"):
        raise RuntimeError(f"linalg.{name}(): expected UPLO argument to be 'L' or 'U', but got {UPLO!r}")
    return _eigh(A, UPLO.upper())


@operation(A=lambda g, out, m, rank: _svd_gradient(g, out, m, rank))
def _svd(A, m, rank, full_matrices):
    """σ in the first row, under it the m rows of U, then those of V; what is left of the rows is 0."""
    U, S, Vh = _by_numpy(np.linalg.svd, A, full_matrices, why="linalg.svd(): did not converge; are there inf or NaN in "
                         "the matrix?")
    V = Vh.mT
    width = max(U.shape[-1], V.shape[-1])
    out = np.zeros_like(A, shape=(*A.shape[:-2], 1 + m + V.shape[-2], width))
    out[..., 0, :rank], out[..., 1 : 1 + m, : U.shape[-1]], out[..., 1 + m :, : V.shape[-1]] = S, U, V
    return out


def _svd_gradient(g, out, m, rank):
    """U [(skew(Uᵀ gU) / E) Σ + Σ (skew(Vᵀ gV) / E) + diag(gσ)] Vᵀ with Eᵢⱼ = σⱼ² − σᵢ² and skew(X) = X − Xᵀ, and
    what gU and gV have outside the columns of U and V: (I − U Uᵀ) gU Σ⁻¹ Vᵀ + U Σ⁻¹ gVᵀ (I − V Vᵀ)."""
    (S, U, V), (gS, gU, gV) = ((x[..., 0, :rank], x[..., 1 : 1 + m, :rank], x[..., 1 + m :, :rank]) for x in (out, g))
    row, column = S[..., None, :], S[..., :, None]
    E = row * row - column * column
    of_U, of_V = U.mT @ gU, V.mT @ gV
    diagonal = _eye(S)
    inner = _over(of_U - of_U.mT, E) * row + column * _over(of_V - of_V.mT, E) + where(diagonal, gS[..., None, :], 0.0)
    gA = U @ inner @ V.mT
    if m > rank:
        gA = gA + ((gU - U @ of_U) / row) @ V.mT
    if V.shape[-2] > rank:
        gA = gA + U @ ((gV - V @ of_V) / row).mT
    return gA


def svd(A, full_matrices=True):
    """The singular value decomposition A = U diag(S) Vh: turn, stretch along the axes, turn.

    Shapes: (…, m, n) → U (…, m, m), S (…, k) in descending order, Vh (…, n, n) with k = min(m, n); U (…, m, k) and
    Vh (…, k, n) for `full_matrices=False`. Gradients through U and Vh exist only where the singular values differ and
    the loss does not depend on signs (Townsend 2016); columns beyond k get none. Through S alone they always exist.
    Raises RuntimeError for a vector.

    >>> import course
    >>> course.linalg.svd(course.tensor([[0., 2.], [1., 0.]])).S
    tensor([2., 1.])
    """
    _check_matrices("svd", A, square=False)
    m, n = A.shape[-2:]
    rank = min(m, n)
    parts = _svd(A, m, rank, full_matrices)
    columns_of_U, columns_of_V = (m, n) if full_matrices else (rank, rank)
    return return_types.linalg_svd(
        parts[..., 1 : 1 + m, :columns_of_U], parts[..., 0, :rank], parts[..., 1 + m :, :columns_of_V].mT)


def svdvals(A):
    """The singular values of A, in descending order: `svd` without the vectors."""
    return svd(A, full_matrices=False).S


# --- lengths --------------------------------------------------------------------------------------------------------


def vector_norm(x, ord=2, dim=None, keepdim=False, *, dtype=None):
    """(Σ |x|^ord)^(1/ord) over the dimensions `dim` (all by default): 2 is the length, ∞ the largest |x|.

    0 counts the elements that are not 0. At the zero vector the gradient is taken as 0.

    >>> import course
    >>> course.linalg.vector_norm(course.tensor([3., 4.]))
    tensor(5.)
    """
    check_tensors("linalg.vector_norm", x=x)
    if isinstance(ord, bool) or not isinstance(ord, int | float):
        raise TypeError(f"linalg.vector_norm(): ord must be a number, given {ord!r}; matrix_norm() knows words")
    return _norm(x if dtype is None else x.to(dtype), ord, dim, keepdim)


_MATRIX_NORMS = {  # ord -> the norm of matrices in the last two dimensions
    "nuc": lambda A: sum(svdvals(A), -1),
    2: lambda A: amax(svdvals(A), -1),
    -2: lambda A: amin(svdvals(A), -1),
    1: lambda A: amax(sum(abs(A), -2), -1),
    -1: lambda A: amin(sum(abs(A), -2), -1),
    math.inf: lambda A: amax(sum(abs(A), -1), -1),
    -math.inf: lambda A: amin(sum(abs(A), -1), -1),
}


def matrix_norm(A, ord="fro", dim=(-2, -1), keepdim=False, *, dtype=None):
    """How large matrices are, those in the two dimensions `dim`.

    "fro": √Σ a². "nuc": the sum of the singular values; 2 the largest, −2 the smallest of them. 1 (−1): the largest
    (smallest) sum of a column's |a|; ∞ (−∞) of a row's. Raises RuntimeError for another `ord`, or where `dim` does not
    name two dimensions.

    >>> import course
    >>> course.linalg.matrix_norm(course.tensor([[1., -2.], [3., 4.]]), 1)
    tensor(6.)
    """
    check_tensors("linalg.matrix_norm", A=A)
    if A.ndim < 2 or not isinstance(dim, tuple | list) or len(dim) != 2:
        raise RuntimeError(f"linalg.matrix_norm(): a matrix has two dimensions; A is {list(A.shape)}, dim is {dim}")
    A = A if dtype is None else A.to(dtype)
    if ord == "fro":
        return vector_norm(A, 2, tuple(dim), keepdim)
    if ord not in _MATRIX_NORMS:
        raise RuntimeError(f"linalg.matrix_norm(): order {ord!r} not supported; use one of 'fro', 'nuc', 1, 2, inf or "
                           "minus one of these numbers")
    rows, columns = _dims(tuple(dim), A.ndim)
    out = _MATRIX_NORMS[ord](movedim(A, (rows, columns), (-2, -1)))
    return out.reshape([1 if i in (rows, columns) else n for i, n in enumerate(A.shape)]) if keepdim else out


def norm(A, ord=None, dim=None, keepdim=False, *, dtype=None):
    """`vector_norm` of one dimension, `matrix_norm` of two; without `ord` the root of the sum of all squares.

    Raises RuntimeError where `ord` is given and it is not clear of what.

    >>> import course
    >>> course.linalg.norm(course.tensor([[3., 0.], [0., 4.]]))
    tensor(5.)
    """
    check_tensors("linalg.norm", A=A)
    if dim is None and ord is not None:
        if A.ndim not in (1, 2):
            raise RuntimeError(f"linalg.norm(): if ord is given without dim, A must be 1D or 2D, given {list(A.shape)}")
        dim = tuple(range(-A.ndim, 0))
    if ord is None:
        return vector_norm(A, 2, dim, keepdim, dtype=dtype)
    if isinstance(dim, tuple | list) and len(dim) == 2:
        return matrix_norm(A, ord, dim, keepdim, dtype=dtype)
    if isinstance(ord, str):
        raise RuntimeError(f"linalg.norm(): {ord!r} is a norm of matrices: A must be 2D or dim name two dimensions, "
                           f"given {list(A.shape)} and dim={dim}")
    return vector_norm(A, ord, dim, keepdim, dtype=dtype)


# --- the product of vectors in space --------------------------------------------------------------------------------


@elementwise(
    input=lambda g, other, dim: _cross(other, g, dim),
    other=lambda g, input, dim: _cross(g, input, dim),
)
def _cross(input, other, dim):
    return np.cross(input, other, axis=dim)


def cross(input, other, *, dim=-1):
    """input × other: perpendicular to both, as long as the parallelogram between them is large.

    Shapes: broadcastable, of as many dimensions, three numbers along `dim`. Raises RuntimeError for any others.

    >>> import course
    >>> course.linalg.cross(course.tensor([1., 0., 0.]), course.tensor([0., 1., 0.]))
    tensor([0., 0., 1.])
    """
    check_tensors("linalg.cross", input=input, other=other)
    if input.ndim != other.ndim:
        raise RuntimeError(f"linalg.cross(): inputs must have the same number of dimensions, given {input.ndim} and "
                           f"{other.ndim}")
    along = _dim(dim, input.ndim)
    if input.ndim == 0 or input.shape[along] != 3 or other.shape[along] != 3:
        raise RuntimeError(f"linalg.cross(): inputs dimension {dim} must have length 3, given {list(input.shape)} and "
                           f"{list(other.shape)}")
    return _cross(input, other, along)
