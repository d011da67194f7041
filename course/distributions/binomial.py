"""The binomial distribution: how many of n tries succeed."""


from ..creation import arange, binomial
from ..ops.activations import softplus
from ..ops.elementwise import clamp, exp, floor
from ..ops.gamma import lgamma
from . import constraints
from .utils import OfChance, broadcast_all, one_of


class Binomial(OfChance):
    """How many of n tries succeed, each with probability p: P(k) = n! / (k! (n − k)!) pᵏ (1 − p)ⁿ⁻ᵏ.

    Args: total_count: n; probs: p, or logits: z with p = σ(z); numbers, or tensors that broadcast. Raises ValueError
    for both or neither of p and z, and for an n or p that cannot be.

    >>> import course
    >>> course.distributions.Binomial(2, 0.5).log_prob(course.tensor([0., 1., 2.])).exp()
    tensor([0.2500, 0.5000, 0.2500])
    """

    arg_constraints = {"total_count": constraints.nonnegative_integer, **OfChance.arg_constraints}
    support = property(lambda self: constraints.integer_interval(0, self.total_count))  # type: ignore[assignment]

    def __init__(self, total_count=1, probs=None, logits=None, validate_args=None):
        given, count = broadcast_all(one_of(probs, logits), total_count)
        self.total_count = count.type_as(given)
        setattr(self, "logits" if probs is None else "probs", given)
        super().__init__(given.shape, validate_args=validate_args)

    mean = property(lambda self: self.total_count * self.probs)
    mode = property(lambda self: clamp(floor((self.total_count + 1) * self.probs), max=self.total_count))
    variance = property(lambda self: self.total_count * self.probs * (1 - self.probs))

    def sample(self, sample_shape=()):
        """Whole numbers, as floats."""
        shape = self._extended_shape(sample_shape)
        return binomial(self.total_count.expand(shape), self.probs.detach().expand(shape))

    def log_prob(self, value):
        """log n! − log k! − log (n − k)! + k z − n log(1 + e^z)."""
        n, k = self.total_count, self._checked(value)
        ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
        return ways + k * self.logits - n * softplus(self.logits)

    def entropy(self):
        """−Σ P(k) log P(k). Raises NotImplementedError where n is not the same in the whole batch."""
        n = int(self.total_count.max())
        if int(self.total_count.min()) != n:
            raise NotImplementedError("Binomial.entropy(): all of the batch must have the same total_count")
        k = arange(n + 1, dtype=self.probs.dtype, device=self.probs.device)
        log_p = self.log_prob(k.reshape(-1, *(1,) * len(self._batch_shape)))
        return -(exp(log_p) * log_p).sum(0)
