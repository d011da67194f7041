"""The normal distribution of vectors."""

import math

import numpy as np

from ..autograd import check_tensors
from ..creation import randn
from ..linalg import cholesky, inv
from ..ops.elementwise import log
from ..tensor import Tensor
from . import constraints
from .distribution import Distribution
from .utils import derived


class MultivariateNormal(Distribution):
    """Vectors around μ with the covariance matrix Σ = L Lᵀ: p(x) = e^(−‖L⁻¹(x − μ)‖² / 2) / (det L √(2π)ⁿ).

    Args: loc: μ, tensor (…, n); and one of covariance_matrix: Σ, precision_matrix: Σ⁻¹, scale_tril: a lower triangular
    L with a positive diagonal; tensors (…, n, n). Raises ValueError for none, several, and one that cannot be.

    >>> import course
    >>> plane = course.distributions.MultivariateNormal(course.zeros(2), course.tensor([[4., 0.], [0., 1.]]))
    >>> plane.scale_tril
    tensor([[2., 0.],
            [0., 1.]])
    >>> plane.log_prob(course.tensor([[0., 0.], [2., 0.]]))
    tensor([-2.5310, -3.0310])
    """

    arg_constraints = {
        "loc": constraints.real_vector, "covariance_matrix": constraints.positive_definite,
        "precision_matrix": constraints.positive_definite, "scale_tril": constraints.lower_cholesky,
    }  # fmt: skip
    support = constraints.real_vector
    has_rsample = True

    def __init__(self, loc, covariance_matrix=None, precision_matrix=None, scale_tril=None, validate_args=None):
        given = {"covariance_matrix": covariance_matrix, "precision_matrix": precision_matrix, "scale_tril": scale_tril}
        given = {name: matrix for name, matrix in given.items() if matrix is not None}
        if len(given) != 1:
            raise ValueError("MultivariateNormal(): Exactly one of covariance_matrix or precision_matrix or scale_tril "
                             f"may be specified, given {len(given)}")
        check_tensors("MultivariateNormal", loc=loc, **given)
        ((name, matrix),) = given.items()
        if loc.ndim < 1 or matrix.ndim < 2:
            raise ValueError(f"MultivariateNormal(): loc must be at least one-dimensional and {name} at least "
                             f"two-dimensional, given {list(loc.shape)} and {list(matrix.shape)}")
        n = loc.shape[-1]
        try:
            batch = np.broadcast_shapes(matrix.shape[:-2], loc.shape[:-1])
        except ValueError:
            batch = None
        if batch is None or matrix.shape[-2:] != (n, n):
            raise RuntimeError(f"MultivariateNormal(): loc of shape {list(loc.shape)} and {name} of shape "
                               f"{list(matrix.shape)} do not fit together: {n} numbers need {n} by {n} matrices")
        self.loc = loc.expand(*batch, n)
        setattr(self, name, matrix.expand(*batch, n, n))
        super().__init__(batch, (n,), validate_args=validate_args)
        self._L = matrix if name == "scale_tril" else cholesky(matrix if name == "covariance_matrix" else inv(matrix))

    def _of_batch(self, matrix):
        return matrix.expand(*self._batch_shape, *self._event_shape, *self._event_shape)

    @derived
    def scale_tril(self) -> Tensor:
        """L."""
        return self._of_batch(self._L)

    @derived
    def covariance_matrix(self) -> Tensor:
        """Σ = L Lᵀ."""
        return self._of_batch(self._L @ self._L.mT)

    @derived
    def precision_matrix(self) -> Tensor:
        """Σ⁻¹ = L⁻ᵀ L⁻¹."""
        return self._of_batch(inv(self._L).mT @ inv(self._L))

    mean = mode = property(lambda self: self.loc)
    variance = property(lambda self: (self._L**2).sum(-1).expand(*self._batch_shape, *self._event_shape))

    def rsample(self, sample_shape=()):
        """μ + L ε, with ε from the standard normal distribution."""
        shape = self._extended_shape(sample_shape)
        return self.loc + _times(self._L, randn(shape, dtype=self.loc.dtype, device=self.loc.device))

    def log_prob(self, value):
        """−‖L⁻¹(x − μ)‖² / 2 − log det L − n log √2π."""
        z = self._whitened(self._checked(value))
        return -(z**2).sum(-1) / 2 - self._log_det() - self._event_shape[0] * math.log(math.sqrt(2 * math.pi))

    def entropy(self):
        """n (½ + log √2π) + log det L."""
        n = self._event_shape[0]
        return (n * (0.5 + math.log(math.sqrt(2 * math.pi))) + self._log_det()).expand(self._batch_shape)

    def _whitened(self, x):
        """L⁻¹(x − μ): so many standard deviations from the middle, along axes that are independent."""
        return _times(inv(self._L), x - self.loc)

    def _log_det(self):
        """log det L = Σ log Lᵢᵢ."""
        return log(self._L.diagonal(dim1=-2, dim2=-1)).sum(-1)


def _times(matrices, vectors):
    return (matrices @ vectors.unsqueeze(-1)).squeeze(-1)
