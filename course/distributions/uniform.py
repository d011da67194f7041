"""The uniform distribution."""

import math

from ..creation import rand
from ..ops.elementwise import clamp, log
from . import constraints
from .distribution import Distribution
from .utils import broadcast_all


class Uniform(Distribution):
    """Every number from a up to b is equally probable: p(x) = 1 / (b − a).

    Args: low: a; high: b > a; numbers, or tensors that broadcast. Raises ValueError where b is not above a.

    >>> import course
    >>> course.distributions.Uniform(0.0, 4.0).log_prob(course.tensor(1.0)).exp()
    tensor(0.2500)
    """

    arg_constraints = property(  # type: ignore[assignment]
        lambda self: {"low": constraints.less_than(self.high), "high": constraints.greater_than(self.low)})
    support = property(lambda self: constraints.interval(self.low, self.high))  # type: ignore[assignment]
    has_rsample = True

    def __init__(self, low, high, validate_args=None):
        self.low, self.high = broadcast_all(low, high)
        super().__init__(self.low.shape, validate_args=validate_args)

    mean = property(lambda self: (self.low + self.high) / 2)
    mode = property(lambda self: math.nan * self.high)
    stddev = property(lambda self: (self.high - self.low) / math.sqrt(12))
    variance = property(lambda self: (self.high - self.low) ** 2 / 12)

    def rsample(self, sample_shape=()):
        """a + (b − a) u, with u from [0, 1)."""
        u = rand(self._extended_shape(sample_shape), dtype=self.low.dtype, device=self.low.device)
        return self.low + u * (self.high - self.low)

    def log_prob(self, value):
        """log [a ≤ x < b] − log(b − a): −∞ outside."""
        x = self._checked(value)
        return log(((self.low <= x) & (x < self.high)).type_as(self.low)) - log(self.high - self.low)

    def cdf(self, value):
        """(x − a) / (b − a), no less than 0 and no more than 1."""
        x = self._checked(value)
        return clamp((x - self.low) / (self.high - self.low), 0.0, 1.0)

    def icdf(self, value):
        """a + q (b − a)."""
        return self.low + value * (self.high - self.low)

    def entropy(self):
        """log(b − a)."""
        return log(self.high - self.low)
