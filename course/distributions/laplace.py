"""The Laplace distribution, whose likelihood is the absolute error."""

import math

import numpy as np

from ..ops.elementwise import abs, expm1, log, log1p, sign
from ..random import stream
from ..tensor import Tensor
from . import constraints
from .distribution import Distribution
from .utils import broadcast_all


class Laplace(Distribution):
    """An exponential distribution to both sides of μ: p(x) = e^(−|x − μ| / b) / 2b.

    Args: loc: μ; scale: b > 0; numbers, or tensors that broadcast. Raises ValueError for a b that is not positive.

    >>> import course
    >>> course.distributions.Laplace(1.0, 2.0).variance
    tensor(8.)
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    mean = mode = property(lambda self: self.loc)
    stddev = property(lambda self: math.sqrt(2) * self.scale)
    variance = property(lambda self: 2 * self.scale**2)

    def rsample(self, sample_shape=()):
        """μ − b sign(u) log(1 − |u|), with u from (−1, 1)."""
        shape, kind = self._extended_shape(sample_shape), self.loc.dtype.numpy
        u = Tensor._of(stream(self.loc.device).uniform(shape, kind, np.finfo(kind).eps - 1, 1))
        return self.loc - self.scale * sign(u) * log1p(-abs(u))

    def log_prob(self, value):
        """−|x − μ| / b − log 2b."""
        return -abs(self._checked(value) - self.loc) / self.scale - log(2 * self.scale)

    def cdf(self, value):
        """½ − ½ sign(x − μ) (e^(−|x − μ| / b) − 1)."""
        d = self._checked(value) - self.loc
        return 0.5 - 0.5 * sign(d) * expm1(-abs(d) / self.scale)

    def icdf(self, value):
        """μ − b sign(q − ½) log(1 − 2 |q − ½|)."""
        d = value - 0.5
        return self.loc - self.scale * sign(d) * log1p(-2 * abs(d))

    def entropy(self):
        """1 + log 2b."""
        return 1 + log(2 * self.scale)
