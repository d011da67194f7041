"""Several random variables as the parts of one."""

from .distribution import Distribution


class Independent(Distribution):
    """A batch seen as one draw of many numbers: their log-probabilities are added up.

    Args: base_distribution; reinterpreted_batch_ndims: how many of its last batch dimensions belong to one draw. Raises
    ValueError where it has fewer.

    >>> import course
    >>> base = course.distributions.Normal(course.zeros(2, 3), 1.0)
    >>> pixels = course.distributions.Independent(base, 1)
    >>> pixels.batch_shape, pixels.event_shape, pixels.log_prob(course.zeros(2, 3)).shape
    (course.Size([2]), course.Size([3]), course.Size([2]))
    """

    def __init__(self, base_distribution, reinterpreted_batch_ndims, validate_args=None):
        batch, n = base_distribution.batch_shape, reinterpreted_batch_ndims
        if n > len(batch):
            raise ValueError("Independent(): Expected reinterpreted_batch_ndims <= len(base_distribution.batch_shape), "
                             f"actual {n} vs {len(batch)}")
        self.base_dist, self.reinterpreted_batch_ndims = base_distribution, n
        cut = len(batch) - n
        super().__init__(batch[:cut], batch[cut:] + base_distribution.event_shape, validate_args=validate_args)

    def __repr__(self):
        return f"Independent({self.base_dist}, {self.reinterpreted_batch_ndims})"

    has_rsample = property(lambda self: self.base_dist.has_rsample)  # type: ignore[assignment]
    support = property(lambda self: self.base_dist.support)  # type: ignore[assignment]
    mean = property(lambda self: self.base_dist.mean)
    mode = property(lambda self: self.base_dist.mode)
    variance = property(lambda self: self.base_dist.variance)

    def expand(self, batch_shape, _instance=None):
        """The same distribution with another `batch_shape`."""
        new = super().expand(batch_shape, _instance)
        new.base_dist = self.base_dist.expand((*batch_shape, *self._event_shape[: self.reinterpreted_batch_ndims]))
        return new

    def sample(self, sample_shape=()):
        """Those of the batch."""
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape=()):
        """Those of the batch."""
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value):
        """Σ log p."""
        return self._total(self.base_dist.log_prob(value))

    def entropy(self):
        """The sum of the entropies."""
        return self._total(self.base_dist.entropy())

    def _total(self, x):
        """x added up over the dimensions that belong to one draw."""
        return x.sum(tuple(range(-self.reinterpreted_batch_ndims, 0))) if self.reinterpreted_batch_ndims else x
