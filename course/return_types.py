"""Results of several parts, by name: what `max` and `sort` return along a dimension, what a matrix is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .tensor import Tensor


def _shown(parts):
    lines = ",\n".join(f"{name}={value!r}" for name, value in zip(parts._fields, parts))
    return f"course.return_types.{type(parts).__name__}(\n{lines})"


class _ValuesAndIndices(NamedTuple):
    values: Tensor
    indices: Tensor

    def __repr__(self):
        return _shown(self)


class max(_ValuesAndIndices):
    """The largest elements, and their positions."""


class min(_ValuesAndIndices):
    """The smallest elements, and their positions."""


class median(_ValuesAndIndices):
    """The middle elements, and their positions."""


class nanmedian(_ValuesAndIndices):
    """The middle elements of those that are not NaN, and their positions."""


class mode(_ValuesAndIndices):
    """The most frequent elements, and their positions."""


class kthvalue(_ValuesAndIndices):
    """The k-th smallest elements, and their positions."""


class cummax(_ValuesAndIndices):
    """The largest elements so far, and their positions."""


class cummin(_ValuesAndIndices):
    """The smallest elements so far, and their positions."""


class sort(_ValuesAndIndices):
    """The elements in order, and where they stood before."""


class topk(_ValuesAndIndices):
    """The k largest (or smallest) elements, and their positions."""


class aminmax(NamedTuple):
    """The smallest element and the largest."""

    min: Tensor
    max: Tensor

    def __repr__(self):
        return _shown(self)


class histogram(NamedTuple):
    """How many numbers lie in each bin, and the edges of the bins."""

    hist: Tensor
    bin_edges: Tensor

    def __repr__(self):
        return _shown(self)


class linalg_eigh(NamedTuple):
    """The eigenvalues in ascending order, and the eigenvectors as columns."""

    eigenvalues: Tensor
    eigenvectors: Tensor

    def __repr__(self):
        return _shown(self)


class linalg_qr(NamedTuple):
    """The parts of A = Q R."""

    Q: Tensor
    R: Tensor

    def __repr__(self):
        return _shown(self)


class qr(linalg_qr):
    """The parts of A = Q R, for `course.qr`."""


class linalg_slogdet(NamedTuple):
    """The sign of the determinant and the logarithm of its absolute value."""

    sign: Tensor
    logabsdet: Tensor

    def __repr__(self):
        return _shown(self)


class linalg_lstsq(NamedTuple):
    """The solution of least squares, the squares that are left, the rank of the matrix, and its singular values."""

    solution: Tensor
    residuals: Tensor
    rank: Tensor
    singular_values: Tensor

    def __repr__(self):
        return _shown(self)


class linalg_svd(NamedTuple):
    """The parts of A = U diag(S) Vh."""

    U: Tensor
    S: Tensor
    Vh: Tensor

    def __repr__(self):
        return _shown(self)


class svd(NamedTuple):
    """The parts of A = U diag(S) Vᵀ."""

    U: Tensor
    S: Tensor
    V: Tensor

    def __repr__(self):
        return _shown(self)


class triangular_solve(NamedTuple):
    """The solution of a triangular system, and a copy of its matrix."""

    solution: Tensor
    cloned_coefficient: Tensor

    def __repr__(self):
        return _shown(self)
