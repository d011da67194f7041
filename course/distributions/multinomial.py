"""The multinomial distribution: how often each of K classes comes in n draws."""

from ..creation import arange
from ..ops.elementwise import exp, where
from ..ops.embedding import one_hot
from ..ops.gamma import lgamma
from . import constraints
from .binomial import Binomial
from .categorical import Categorical
from .utils import OfClasses


class Multinomial(OfClasses):
    """How often each of K classes comes in n draws: P(x) = n! / (x₁! … x_K!) p₁^x₁ … p_K^x_K.

    Args: total_count: n, a number; probs: tensor (…, K) of shares, which are divided by their sum; or logits: tensor
    (…, K) of z with p = softmax(z). Raises NotImplementedError for a count that is not one number, ValueError for both
    or neither of p and z.

    >>> import course
    >>> coins = course.distributions.Multinomial(2, course.tensor([1., 1.]))
    >>> coins.log_prob(course.tensor([[1., 1.], [2., 0.]])).exp()
    tensor([0.5000, 0.2500])
    """

    support = property(lambda self: constraints.multinomial(self.total_count))  # type: ignore[assignment]

    def __init__(self, total_count=1, probs=None, logits=None, validate_args=None):
        if not isinstance(total_count, int):
            raise NotImplementedError("inhomogeneous total_count is not supported: one number for the whole batch is")
        draw = Categorical(probs, logits, validate_args)
        self.total_count = total_count
        if probs is None:
            self.logits = draw.logits
        else:
            self.probs = draw.probs
        super().__init__(draw.batch_shape, (draw._classes,), validate_args=validate_args)

    mean = property(lambda self: self.total_count * self.probs)
    variance = property(lambda self: self.total_count * self.probs * (1 - self.probs))

    def sample(self, sample_shape=()):
        """Counts, as floats."""
        self._extended_shape(sample_shape)
        classes = Categorical(self.probs.detach(), validate_args=False).sample((self.total_count, *sample_shape))
        return one_hot(classes, self._event_shape[0]).sum(0).type_as(self.probs)

    def log_prob(self, value):
        """log n! − Σ log xₖ! + Σ xₖ log pₖ, where 0 log 0 = 0."""
        x = self._checked(value)
        powers = where((x == 0) & (self.logits == -float("inf")), 0.0, x * self.logits)
        return lgamma(x.sum(-1) + 1) - lgamma(x + 1).sum(-1) + powers.sum(-1)

    def entropy(self):
        """n H(p) − log n! + Σₖ E[log xₖ!], each xₖ being binomial."""
        n = self.total_count
        x = arange(1, n + 1, dtype=self.probs.dtype, device=self.probs.device)
        x = x.reshape(-1, *(1,) * (len(self._batch_shape) + 1))
        chances = exp(Binomial(n, self.probs, validate_args=False).log_prob(x))
        log_factorial = lgamma(self.probs.new_tensor(n + 1.0))
        return n * Categorical(self.probs).entropy() - log_factorial + (chances * lgamma(x + 1)).sum((0, -1))
