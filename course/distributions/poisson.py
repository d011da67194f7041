"""The Poisson distribution: how often something happens."""

from ..creation import poisson
from ..ops.elementwise import floor, xlogy
from ..ops.gamma import lgamma
from . import constraints
from .distribution import Distribution
from .utils import broadcast_all


class Poisson(Distribution):
    """How often an event happens that happens λ times on average: P(k) = λᵏ e^−λ / k!.

    Args: rate: λ ≥ 0, a number or a tensor. Raises ValueError for a λ below 0.

    >>> import course
    >>> course.distributions.Poisson(1.0).log_prob(course.tensor([0., 1., 2.])).exp()
    tensor([0.3679, 0.3679, 0.1839])
    """

    arg_constraints = {"rate": constraints.nonnegative}
    support = constraints.nonnegative_integer

    def __init__(self, rate, validate_args=None):
        (self.rate,) = broadcast_all(rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    mean = variance = property(lambda self: self.rate)
    mode = property(lambda self: floor(self.rate))

    def sample(self, sample_shape=()):
        """Whole numbers, as floats."""
        return poisson(self.rate.detach().expand(self._extended_shape(sample_shape)))

    def log_prob(self, value):
        """k log λ − λ − log k!."""
        rate, k = broadcast_all(self.rate, self._checked(value))
        return xlogy(k, rate) - rate - lgamma(k + 1)
