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


class sort(_ValuesAndIndices):
    """The elements in order, and where they stood before."""


class topk(_ValuesAndIndices):
    """The k largest (or smallest) elements, and their positions."""


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


class linalg_svd(NamedTuple):
    """The parts of A = U diag(S) Vh."""

    U: Tensor
    S: Tensor
    Vh: Tensor

    def __repr__(self):
        return _shown(self)
