"""Distributions that cannot be, values that they cannot have, and what they lack; see `bad_calls`."""

NAN = float("nan")


def row(t, *numbers):
    return t.tensor(list(numbers))


def normal(t, *shape):
    return t.distributions.Normal(t.zeros(*shape), 1.0)


BAD_CALLS = {  # what is wrong -> (call(torch), a part of the course's sentence)
    "a scale of 0": (lambda t: t.distributions.Normal(0.0, 0.0),
        "Normal(): Expected parameter scale to be greater than 0, but found invalid values: 0.0; a network's output "
        "becomes positive by exp() or softplus()"),
    "counts that differ": (
        lambda t: t.distributions.Multinomial(t.tensor([1, 2]), t.ones(2, 2)), "inhomogeneous total_count"),
    "counts with another sum": (
        lambda t: t.distributions.Multinomial(2, t.ones(2)).log_prob(row(t, 1.0, 2.0)), "with the sum 2"),
    "a scale below 0": (lambda t: t.distributions.Laplace(0.0, row(t, 1.0, -1.0)), "scale to be greater than 0"),
    "a mean that is NaN": (lambda t: t.distributions.Normal(NAN, 1.0), "loc to be a number, not NaN"),
    "a mean of text": (lambda t: t.distributions.Normal("0", 1.0), "numbers or tensors, given '0'"),
    "a mean and scale of unlike shapes": (
        lambda t: t.distributions.Normal(t.zeros(2), t.ones(3)), "shapes [2] and [3] do not fit together"),
    "a rate of 0": (lambda t: t.distributions.Exponential(0.0), "rate to be greater than 0"),
    "a Poisson rate below 0": (lambda t: t.distributions.Poisson(row(t, -1.0)), "rate to be 0 or greater"),
    "a range turned over": (lambda t: t.distributions.Uniform(2.0, 1.0), "low to be less than 1.0"),
    "a probability of 2": (lambda t: t.distributions.Bernoulli(2.0), "probs to be from 0 to 1"),
    "probabilities and logits": (lambda t: t.distributions.Bernoulli(0.5, 0.0), "Either `probs` or `logits`"),
    "neither probabilities nor logits": (lambda t: t.distributions.Categorical(), "Either `probs` or `logits`"),
    "shares below 0": (lambda t: t.distributions.Categorical(row(t, 1.0, -0.5)), "probs to be probabilities"),
    "one share": (lambda t: t.distributions.Categorical(t.tensor(1.0)), "`probs` must be at least one-dimensional"),
    "shares in a list": (lambda t: t.distributions.Categorical([0.5, 0.5]), "must be a Tensor, not list"),
    "half a try": (lambda t: t.distributions.Binomial(2.5, row(t, 0.5)), "total_count to be a whole number"),
    "a batch that is not there": (lambda t: t.distributions.Independent(normal(t, 2), 2), "actual 2 vs 1"),
    "a plane of nothing": (lambda t: t.distributions.MultivariateNormal(t.zeros(2)), "given 0"),
    "a plane of two matrices": (
        lambda t: t.distributions.MultivariateNormal(t.zeros(2), t.eye(2), scale_tril=t.eye(2)), "given 2"),
    "a plane around a number": (
        lambda t: t.distributions.MultivariateNormal(t.tensor(0.0), t.eye(2)), "loc must be at least one-dimensional"),
    "a plane of a vector": (lambda t: t.distributions.MultivariateNormal(t.zeros(2), t.ones(2)), "two-dimensional"),
    "a plane of another size": (
        lambda t: t.distributions.MultivariateNormal(t.zeros(3), scale_tril=t.eye(2)), "3 by 3 matrices"),
    "a plane that is not symmetric": (
        lambda t: t.distributions.MultivariateNormal(t.zeros(2), t.tensor([[1.0, 0.5], [0.0, 1.0]])), "symmetric"),
    "a plane that is not positive": (
        lambda t: t.distributions.MultivariateNormal(t.zeros(2), t.tensor([[1.0, 2.0], [2.0, 1.0]])),
        "positive-definite, but"),
    "a factor that is not triangular": (
        lambda t: t.distributions.MultivariateNormal(t.zeros(2), scale_tril=t.ones(2, 2)), "lower triangular"),
    "a value that is a number": (lambda t: normal(t, 2).log_prob(1.0), "must be a Tensor, given float"),
    "a value that is NaN": (lambda t: normal(t, 2).log_prob(row(t, NAN)), "within the support: a number, not NaN"),
    "a value of another shape": (lambda t: normal(t, 2).log_prob(t.zeros(3)), "shape [3] is not broadcastable"),
    "a value with another event": (
        lambda t: t.distributions.Independent(normal(t, 2), 1).log_prob(t.zeros(3)), "not broadcastable"),
    "a value of other vectors": (
        lambda t: t.distributions.MultivariateNormal(t.zeros(2), t.eye(2)).log_prob(t.zeros(3)),
        "must match event_shape: [3] vs [2]"),
    "half a success": (lambda t: t.distributions.Bernoulli(0.5).log_prob(row(t, 0.5)), "the support: 0 or 1"),
    "a class that is not there": (
        lambda t: t.distributions.Categorical(t.ones(3)).log_prob(row(t, 3)), "a whole number from 0 to 2"),
    "waiting less than no time": (lambda t: t.distributions.Exponential(1.0).cdf(row(t, -1.0)), "0 or greater"),
    "a value out of range": (lambda t: t.distributions.Uniform(0.0, 1.0).log_prob(row(t, 2.0)), "from 0.0 to 1.0"),
    "the logarithm of a negative": (lambda t: t.distributions.LogNormal(0.0, 1.0).log_prob(row(t, -1.0)), "greater"),
    "half an event": (lambda t: t.distributions.Poisson(1.0).log_prob(row(t, 0.5)), "a whole number"),
    "more successes than tries": (
        lambda t: t.distributions.Binomial(2, row(t, 0.5)).log_prob(row(t, 3.0)), "a whole number from 0 to"),
    "so many samples": (lambda t: normal(t, 2).sample(3), "write (3,)"),
    "steps along a choice": (lambda t: t.distributions.Bernoulli(0.5).rsample(), "Bernoulli has no rsample; draw with"),
    "the entropy of Poisson's": (lambda t: t.distributions.Poisson(1.0).entropy(), "Poisson has no entropy"),
    "the quantile of a choice": (lambda t: t.distributions.Bernoulli(0.5).icdf(row(t, 0.5)), "Bernoulli has no icdf"),
    "the entropy of unlike counts": (
        lambda t: t.distributions.Binomial(row(t, 1.0, 2.0), row(t, 0.5, 0.5)).entropy(), "the same total_count"),
    "a divergence without a formula": (
        lambda t: t.distributions.kl_divergence(t.distributions.Bernoulli(0.5), normal(t, 2)),
        "No KL(p || q) is implemented for p type Bernoulli and q type Normal; enter one with register_kl"),
    "the divergence of unlike planes": (
        lambda t: t.distributions.kl_divergence(t.distributions.MultivariateNormal(t.zeros(2), t.eye(2)),
                                                t.distributions.MultivariateNormal(t.zeros(3), t.eye(3))),
        "[2] and [3]"),
    "the divergence of fewer tries": (
        lambda t: t.distributions.kl_divergence(t.distributions.Binomial(1, row(t, 0.5)),
                                                t.distributions.Binomial(2, row(t, 0.5))), "not implemented"),
    "the divergence of unlike parts": (
        lambda t: t.distributions.kl_divergence(t.distributions.Independent(normal(t, 2, 2), 1),
                                                t.distributions.Independent(normal(t, 2, 2), 2)), "unlike numbers"),
    "a formula for a number": (lambda t: t.distributions.register_kl(1, t.distributions.Normal), "given 1"),
    "rates below 0": (lambda t: t.poisson(row(t, -1.0)), "poisson(): rates and counts are numbers of 0 or more"),
    "rates that are whole": (lambda t: t.poisson(row(t, 1)), "convert with .float()"),
    "tries with a chance of 2": (lambda t: t.binomial(row(t, 1.0), row(t, 2.0)), "a probability from 0 to 1"),
    "a temperature of 0": (lambda t: t.nn.functional.gumbel_softmax(t.zeros(2), tau=0), "must be positive, given 0"),
    "a choice of numbers": (lambda t: t.nn.functional.gumbel_softmax([0.0]), "must be a Tensor"),
}

OWN_KIND = {  # what is wrong -> the course's kind of exception, where it is not PyTorch's
    "shares in a list": "TypeError",  # PyTorch looks for their `dim`
    "a plane of another size": "RuntimeError",  # PyTorch finds out when a draw or a value does not fit
    "rates that are whole": "RuntimeError",  # of which PyTorch's NotImplementedError is one
    "tries with a chance of 2": "RuntimeError",  # PyTorch takes it for 1
    "a temperature of 0": "ValueError",  # PyTorch goes on with NaN
}
