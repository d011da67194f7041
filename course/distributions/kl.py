"""The Kullback-Leibler divergence of one distribution from another: KL(p ‖ q) = E_p[log p(x) − log q(x)]."""

from __future__ import annotations

import itertools
import math
import warnings

from ..creation import full_like
from ..linalg import inv
from ..ops.activations import softplus
from ..ops.elementwise import abs, erf, exp, log, log1p, where
from ..tensor import Tensor
from .bernoulli import Bernoulli
from .binomial import Binomial
from .categorical import Categorical
from .distribution import Distribution
from .exponential import Exponential
from .independent import Independent
from .laplace import Laplace
from .log_normal import LogNormal
from .multivariate_normal import MultivariateNormal
from .normal import Normal
from .poisson import Poisson
from .uniform import Uniform

_FORMULAS: dict = {}  # (family of p, family of q) -> function(p, q)


def register_kl(type_p: type, type_q: type):
    """Enter a function of p and q as the divergence of one family (and those derived from it) from another.

    >>> from course.distributions import Normal, register_kl
    >>> class Narrow(Normal):
    ...     pass
    >>> @register_kl(Narrow, Narrow)
    ... def kl_of_narrow_ones(p, q):
    ...     return ((p.loc - q.loc) / q.scale) ** 2
    """
    for kind in (type_p, type_q):
        if not (isinstance(kind, type) and issubclass(kind, Distribution)):
            raise TypeError(f"register_kl(): Expected a Distribution subclass, given {kind!r}")

    def entered(function):
        _FORMULAS[type_p, type_q] = function
        return function

    return entered


def kl_divergence(p: Distribution, q: Distribution) -> Tensor:
    """KL(p ‖ q) = E_p[log p(x) − log q(x)] in closed form, one number for each pair of the batches.

    0 only where p = q, and ∞ where p has values that q never has. Raises NotImplementedError for families of which no
    formula is known; then the mean of p.log_prob(x) − q.log_prob(x) over samples x of p estimates it.

    >>> from course.distributions import Normal, kl_divergence
    >>> kl_divergence(Normal(0.0, 1.0), Normal(1.0, 1.0))
    tensor(0.5000)
    """
    of_p, of_q = type(p).__mro__, type(q).__mro__
    nearest = next((pair for pair in itertools.product(of_p, of_q) if pair in _FORMULAS), None)
    if nearest is None:
        raise NotImplementedError(
            f"No KL(p || q) is implemented for p type {type(p).__name__} and q type {type(q).__name__}; enter one with "
            "register_kl, or take the mean of p.log_prob(x) - q.log_prob(x) over samples x of p")
    nearest_to_q = next((a, b) for b, a in itertools.product(of_q, of_p) if (a, b) in _FORMULAS)
    if nearest_to_q != nearest:
        warnings.warn(f"Ambiguous kl_divergence({type(p).__name__}, {type(q).__name__}). Please "
                      f"register_kl({nearest[0].__name__}, {nearest_to_q[1].__name__})", RuntimeWarning, stacklevel=2)
    return _FORMULAS[nearest](p, q)


# --- of one family --------------------------------------------------------------------------------------------------


@register_kl(Bernoulli, Bernoulli)
def _bernoulli_bernoulli(p, q):
    """p log(p / q) + (1 − p) log((1 − p) / (1 − q)), with −log σ(z) = softplus(−z)."""
    yes = p.probs * (softplus(-q.logits) - softplus(-p.logits))
    no = (1 - p.probs) * (softplus(q.logits) - softplus(p.logits))
    yes = where(p.probs == 0, 0.0, where(q.probs == 0, math.inf, yes))
    return yes + where(p.probs == 1, 0.0, where(q.probs == 1, math.inf, no))


@register_kl(Binomial, Binomial)
def _binomial_binomial(p, q):
    """n times that of one try; ∞ where p has more tries than q."""
    if bool((p.total_count < q.total_count).any()):
        raise NotImplementedError("KL between Binomials where q.total_count > p.total_count is not implemented")
    one = p.probs * (p.logits - q.logits) + log1p(-p.probs) - log1p(-q.probs)
    return where(p.total_count > q.total_count, math.inf, p.total_count * one)


@register_kl(Categorical, Categorical)
def _categorical_categorical(p, q):
    """Σ pₖ log(pₖ / qₖ)."""
    terms = p.probs * (p.logits - q.logits)
    return where(p.probs == 0, 0.0, where(q.probs == 0, math.inf, terms)).sum(-1)


@register_kl(Exponential, Exponential)
def _exponential_exponential(p, q):
    """r − 1 − log r with r = λq / λp."""
    r = q.rate / p.rate
    return r - 1 - log(r)


@register_kl(Laplace, Laplace)
def _laplace_laplace(p, q):
    """log(bq / bp) + |Δ| / bq + bp / bq · e^(−|Δ| / bp) − 1 with Δ = μp − μq."""
    r, d = p.scale / q.scale, abs(p.loc - q.loc)
    return -log(r) + d / q.scale + r * exp(-d / p.scale) - 1


@register_kl(LogNormal, LogNormal)
def _log_normal_log_normal(p, q):
    """That of their logarithms."""
    return _normal_normal(p, q)


@register_kl(MultivariateNormal, MultivariateNormal)
def _multivariate_normal_multivariate_normal(p, q):
    """log(det Lq / det Lp) + ½ (‖Lq⁻¹ Lp‖² + ‖Lq⁻¹(μp − μq)‖² − n)."""
    if p.event_shape != q.event_shape:
        raise ValueError("KL-divergence between two Multivariate Normals with different event shapes cannot be "
                         f"computed: {list(p.event_shape)} and {list(q.event_shape)}")
    spread = ((inv(q._L) @ p._L) ** 2).sum((-2, -1))
    apart = (q._whitened(p.loc) ** 2).sum(-1)
    return q._log_det() - p._log_det() + 0.5 * (spread + apart - p.event_shape[0])


@register_kl(Normal, Normal)
def _normal_normal(p, q):
    """½ (r − 1 − log r + ((μp − μq) / σq)²) with r = (σp / σq)²."""
    r = (p.scale / q.scale) ** 2
    return 0.5 * (r - 1 - log(r) + ((p.loc - q.loc) / q.scale) ** 2)


@register_kl(Poisson, Poisson)
def _poisson_poisson(p, q):
    """λp log(λp / λq) − λp + λq."""
    return p.rate * (log(p.rate) - log(q.rate)) - (p.rate - q.rate)


@register_kl(Uniform, Uniform)
def _uniform_uniform(p, q):
    """log((bq − aq) / (bp − ap)) where q reaches over p, else ∞."""
    return where((q.low > p.low) | (q.high < p.high), math.inf, log((q.high - q.low) / (p.high - p.low)))


@register_kl(Independent, Independent)
def _independent_independent(p, q):
    """The sum of those of the parts."""
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError("KL between Independents of unlike numbers of dimensions, "
                                  f"{p.reinterpreted_batch_ndims} and {q.reinterpreted_batch_ndims}")
    return p._total(kl_divergence(p.base_dist, q.base_dist))


# --- of two families ------------------------------------------------------------------------------------------------


@register_kl(Bernoulli, Poisson)
def _bernoulli_poisson(p, q):
    """−H(p) − p log λ + λ."""
    return -p.entropy() - (p.probs * log(q.rate) - q.rate)


@register_kl(Exponential, Normal)
def _exponential_normal(p, q):
    """½ log(2π λ² σ²) − 1 + (1/λ² − μ/λ + μ²/2) / σ²."""
    spread = 0.5 * log(2 * math.pi * p.rate**2 * q.scale**2)
    return spread - 1 + (1 / p.rate**2 - q.loc / p.rate + q.loc**2 / 2) / q.scale**2


@register_kl(Laplace, Normal)
def _laplace_normal(p, q):
    """−½ log(2 b² / πσ²) + b²/σ² + (μp − μq)² / 2σ² − 1."""
    r = (p.scale / q.scale) ** 2
    return -0.5 * log(2 * r / math.pi) + r + ((p.loc - q.loc) / q.scale) ** 2 / 2 - 1


@register_kl(Normal, Laplace)
def _normal_laplace(p, q):
    """log(b / σ) − ½ (1 + log(π/2)) + E|x − μq| / b, with E|x − μq| = σ √(2/π) e^(−Δ²/2σ²) + Δ erf(Δ / σ√2)."""
    d = p.loc - q.loc
    z = d / p.scale
    apart = math.sqrt(2 / math.pi) * p.scale * exp(-0.5 * z**2) + d * erf(math.sqrt(0.5) * z)
    return log(q.scale / p.scale) + apart / q.scale - 0.5 * (1 + math.log(math.pi / 2))


@register_kl(Uniform, Exponential)
def _uniform_exponential(p, q):
    """λ (a + b) / 2 − log(λ (b − a)), and ∞ where a < 0."""
    return where(p.low < 0, math.inf, q.rate * (p.high + p.low) / 2 - log((p.high - p.low) * q.rate))


@register_kl(Uniform, Normal)
def _uniform_normal(p, q):
    """log(σ √2π / (b − a)) + ((b − a)² / 12 + ((a + b) / 2 − μ)²) / 2σ²."""
    width, off = p.high - p.low, (p.high + p.low) / 2 - q.loc
    return log(math.sqrt(2 * math.pi) * q.scale / width) + 0.5 * (width**2 / 12 + off**2) / q.scale**2


def _infinite(p, q):
    """∞: p has values that q never has."""
    return full_like(p.mean, math.inf)


for _pair in ((Exponential, Uniform), (Laplace, Exponential), (Laplace, Uniform), (Normal, Exponential),
              (Normal, Uniform), (Poisson, Bernoulli), (Poisson, Binomial)):  # fmt: skip
    register_kl(*_pair)(_infinite)
