"""The categorical distribution: one of K classes."""

import math

import numpy as np

from ..autograd import check_tensors
from ..creation import full, multinomial
from ..ops.elementwise import clamp
from ..ops.reduction import logsumexp
from . import constraints
from .utils import OfClasses, common_shape, expanded, one_of


class Categorical(OfClasses):
    """The number k of one of K classes, with probability pₖ.

    Args: probs: tensor (…, K) of shares, which are divided by their sum; or logits: tensor (…, K) of z with
    p = softmax(z). Both are stored normalised. Raises ValueError for both or neither, and for shares below 0.

    >>> import course
    >>> die = course.distributions.Categorical(course.tensor([1., 1., 2.]))
    >>> die.probs
    tensor([0.2500, 0.2500, 0.5000])
    >>> die.log_prob(course.tensor(2)).exp()
    tensor(0.5000)
    """

    support = property(  # type: ignore[assignment]
        lambda self: constraints.integer_interval(0, self._classes - 1))

    def __init__(self, probs=None, logits=None, validate_args=None):
        given, name = one_of(probs, logits), "logits" if probs is None else "probs"
        check_tensors("Categorical", **{name: given})
        if given.ndim < 1:
            raise ValueError(f"Categorical(): `{name}` must be at least one-dimensional, one number for each class")
        if probs is None:
            self.logits = logits - logsumexp(logits, -1, True)
        else:
            self.probs = probs / probs.sum(-1, True)
        self._classes = given.shape[-1]
        super().__init__(given.shape[:-1], validate_args=validate_args)

    mean = variance = property(lambda self: full(self._batch_shape, math.nan, dtype=self.probs.dtype,
                                                 device=self.probs.device))
    mode = property(lambda self: self.probs.argmax(-1))

    def sample(self, sample_shape=()):
        """Class numbers, as int64."""
        shape = self._extended_shape(sample_shape)
        return multinomial(self.probs.reshape(-1, self._classes), math.prod(sample_shape), True).T.reshape(shape)

    def log_prob(self, value):
        """log pₖ."""
        k = self._checked(value).long()
        shape = common_shape(k.shape, self._batch_shape)
        log_p = expanded(self.logits, (*shape, self._classes))
        return log_p.gather(-1, expanded(k, shape).unsqueeze(-1)).squeeze(-1)

    def entropy(self):
        """−Σ pₖ log pₖ, where 0 log 0 = 0."""
        least = float(np.finfo(self.logits.dtype.numpy).min)
        return -(self.probs * clamp(self.logits, least)).sum(-1)
