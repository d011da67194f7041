"""The log-normal distribution: what many random factors multiply to."""

from ..ops.elementwise import exp, expm1, log
from . import constraints
from .distribution import Distribution
from .normal import Normal
from .utils import broadcast_all


class LogNormal(Distribution):
    """e^y with y from the normal distribution of μ and σ.

    Args: loc: μ; scale: σ > 0; numbers, or tensors that broadcast. Raises ValueError for a σ that is not positive.

    >>> import course
    >>> course.distributions.LogNormal(0.0, 1.0).cdf(course.tensor(1.0))
    tensor(0.5000)
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.positive
    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    base_dist = property(lambda self: Normal(self.loc, self.scale, validate_args=False), doc="That of y.")
    mean = property(lambda self: exp(self.loc + self.scale**2 / 2))
    mode = property(lambda self: exp(self.loc - self.scale**2))
    variance = property(lambda self: expm1(self.scale**2) * exp(2 * self.loc + self.scale**2))

    def rsample(self, sample_shape=()):
        """e^y."""
        return exp(self.base_dist.rsample(sample_shape))

    def log_prob(self, value):
        """log p(y) − y at y = log x: a step of dx is one of dx / x in y."""
        y = log(self._checked(value))
        return self.base_dist.log_prob(y) - y

    def cdf(self, value):
        """That of y at log x."""
        return self.base_dist.cdf(log(self._checked(value)))

    def icdf(self, value):
        """e to that of y."""
        return exp(self.base_dist.icdf(value))

    def entropy(self):
        """That of y, and μ."""
        return self.base_dist.entropy() + self.loc
