"""The Bernoulli distribution: yes or no."""

import math

from ..creation import bernoulli
from ..ops.classification_losses import binary_cross_entropy_with_logits
from ..ops.elementwise import where
from . import constraints
from .utils import OfChance, broadcast_all, one_of


class Bernoulli(OfChance):
    """1 with probability p, else 0.

    Args: probs: p, or logits: z with p = σ(z); a number or a tensor. Raises ValueError for both or neither, and for a p
    that is no probability.

    >>> import course
    >>> course.distributions.Bernoulli(0.25).log_prob(course.tensor([1., 0.])).exp()
    tensor([0.2500, 0.7500])
    """

    support = constraints.boolean

    def __init__(self, probs=None, logits=None, validate_args=None):
        (given,) = broadcast_all(one_of(probs, logits))
        setattr(self, "logits" if probs is None else "probs", given)
        super().__init__(given.shape, validate_args=validate_args)

    mean = property(lambda self: self.probs)
    mode = property(lambda self: where(self.probs == 0.5, math.nan, (self.probs >= 0.5).to(self.probs.dtype)))
    variance = property(lambda self: self.probs * (1 - self.probs))

    def sample(self, sample_shape=()):
        """1 with probability p, else 0."""
        return bernoulli(self.probs.detach().expand(self._extended_shape(sample_shape)))

    def log_prob(self, value):
        """x log p + (1 − x) log(1 − p): minus the binary cross-entropy."""
        logits, x = broadcast_all(self.logits, self._checked(value))
        return -binary_cross_entropy_with_logits(logits, x, reduction="none")

    def entropy(self):
        """−p log p − (1 − p) log(1 − p)."""
        return binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")
