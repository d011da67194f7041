"""The exponential distribution: waiting for what comes at random."""

from ..ops.elementwise import exp, log, log1p
from ..random import stream
from ..tensor import Tensor
from . import constraints
from .distribution import Distribution
from .utils import broadcast_all


class Exponential(Distribution):
    """How long to wait for what happens λ times in a unit of time: p(x) = λ e^(−λx) for x ≥ 0.

    Args: rate: λ > 0, a number or a tensor. Raises ValueError for a λ that is not positive.

    >>> import course
    >>> course.distributions.Exponential(2.0).mean
    tensor(0.5000)
    """

    arg_constraints = {"rate": constraints.positive}
    support = constraints.nonnegative
    has_rsample = True

    def __init__(self, rate, validate_args=None):
        (self.rate,) = broadcast_all(rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    mean = stddev = property(lambda self: 1 / self.rate)
    mode = property(lambda self: self.rate.new_zeros(self.rate.shape))
    variance = property(lambda self: 1 / self.rate**2)

    def rsample(self, sample_shape=()):
        """E / λ, with E from the exponential distribution of mean 1."""
        shape, kind = self._extended_shape(sample_shape), self.rate.dtype.numpy
        return Tensor._of(stream(self.rate.device).exponential(shape, kind)) / self.rate

    def log_prob(self, value):
        """log λ − λ x."""
        return log(self.rate) - self.rate * self._checked(value)

    def cdf(self, value):
        """1 − e^(−λx)."""
        return 1 - exp(-self.rate * self._checked(value))

    def icdf(self, value):
        """−log(1 − q) / λ."""
        return -log1p(-value) / self.rate

    def entropy(self):
        """1 − log λ."""
        return 1 - log(self.rate)
