"""The normal distribution."""

import math

from ..creation import randn
from ..ops.elementwise import erf, erfinv, log
from . import constraints
from .distribution import Distribution
from .utils import broadcast_all


class Normal(Distribution):
    """Gauss's bell curve around μ with the standard deviation σ: p(x) = e^(−(x − μ)² / 2σ²) / (σ √2π).

    Args: loc: μ; scale: σ > 0; numbers, or tensors that broadcast. Raises ValueError for a σ that is not positive.

    >>> import course
    >>> standard = course.distributions.Normal(0.0, 1.0)
    >>> standard.log_prob(course.tensor([0., 1.]))
    tensor([-0.9189, -1.4189])
    >>> standard.cdf(course.tensor([0., 2.]))
    tensor([0.5000, 0.9772])
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    mean = mode = property(lambda self: self.loc)
    stddev = property(lambda self: self.scale)
    variance = property(lambda self: self.scale**2)

    def rsample(self, sample_shape=()):
        """μ + σ ε, with ε from the standard normal distribution."""
        shape = self._extended_shape(sample_shape)
        return self.loc + self.scale * randn(shape, dtype=self.loc.dtype, device=self.loc.device)

    def log_prob(self, value):
        """−½ ((x − μ) / σ)² − log(σ √2π)."""
        x = self._checked(value)
        return -0.5 * ((x - self.loc) / self.scale) ** 2 - log(self.scale * math.sqrt(2 * math.pi))

    def cdf(self, value):
        """(1 + erf((x − μ) / σ√2)) / 2."""
        x = self._checked(value)
        return 0.5 * (1 + erf((x - self.loc) / self.scale / math.sqrt(2)))

    def icdf(self, value):
        """μ + σ √2 erf⁻¹(2q − 1)."""
        return self.loc + self.scale * math.sqrt(2) * erfinv(2 * value - 1)

    def entropy(self):
        """½ + log(σ √2π)."""
        return 0.5 + log(self.scale * math.sqrt(2 * math.pi))
