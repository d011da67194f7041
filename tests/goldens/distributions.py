"""Distributions: log_prob, entropy, divergences and draws with their derivatives; the functions they are made of."""

from .differentiated import differentiated, normal, positive
from .families import Cases
from .tensor_functions import between

case = CASES = Cases()

chance, above, below = between(0.1, 0.9, 3), between(2.1, 3.0, 3), between(-1.0, -0.1, 3)
UNIT, ABOVE = between(0.1, 0.9, 2, 3), between(1.5, 2.0, 2, 3)


def of(family, method, *options):
    """A method of a distribution whose parameters are the inputs; of a value, when there is one more."""
    return lambda t, *x: getattr(family(t.distributions, *x[len(options):]), method)(*x[: len(options)])


FAMILIES = {  # name -> (how to make one of its parameters, values where it has a density, parameters)
    "normal": (lambda d, m, s: d.Normal(m, s), normal(2, 3), (normal(3), positive(3))),
    "log_normal": (lambda d, m, s: d.LogNormal(m, s), positive(2, 3), (normal(3), positive(3))),
    "laplace": (lambda d, m, b: d.Laplace(m, b), normal(2, 3), (normal(3), positive(3))),
    "uniform": (lambda d, a, b: d.Uniform(a, b), ABOVE, (chance, above)),
    "exponential": (lambda d, rate: d.Exponential(rate), positive(2, 3), (positive(3),)),
}  # continuous ones, with all methods
DISCRETE = {  # name -> (how to make one, a function of torch that gives values, parameters)
    "bernoulli": (lambda d, p: d.Bernoulli(p), [[0.0, 1.0, 1.0], [1.0, 0.0, 1.0]], (chance,)),
    "bernoulli_logits": (lambda d, z: d.Bernoulli(logits=z), [[0.0, 1.0, 1.0], [1.0, 0.0, 1.0]], (normal(3),)),
    "categorical": (lambda d, p: d.Categorical(p), [[0, 1], [2, 2]], (positive(2, 3),)),
    "categorical_logits": (lambda d, z: d.Categorical(logits=z), [[0, 1], [2, 2]], (normal(2, 3),)),
    "binomial": (lambda d, p: d.Binomial(4, p), [[0.0, 1.0, 4.0], [2.0, 3.0, 0.0]], (chance,)),
    "binomial_logits": (lambda d, z: d.Binomial(4, logits=z), [[0.0, 1.0, 4.0], [2.0, 3.0, 0.0]], (normal(3),)),
    "poisson": (lambda d, rate: d.Poisson(rate), [[0.0, 1.0, 4.0], [2.0, 30.0, 0.0]], (positive(3),)),
}


def at(family, values):
    """log_prob of the values, as a function of the parameters."""
    whole = isinstance(values[0][0], int)
    return lambda t, *x: family(t.distributions, *x).log_prob(t.tensor(values, dtype=None if whole else x[0].dtype))


def spread(t, family, x):
    """The mean, variance and standard deviation."""
    made = family(t.distributions, *x)
    return made.mean, made.variance, made.stddev


def plane(d, m, L, **options):
    """A normal distribution of vectors whose factor has a positive diagonal."""
    return d.MultivariateNormal(m, scale_tril=L.tril(-1) + (L.diagonal(dim1=-2, dim2=-1) ** 2 + 0.5).diag(), **options)


def covered(t, x):
    """A positive-definite matrix."""
    return x @ x.mT + t.eye(x.shape[-1], dtype=x.dtype)


OPERATIONS = {  # name -> (function(torch, *inputs), *inputs)
    "lgamma": (lambda t, x: t.lgamma(x) * x.lgamma() + t.special.gammaln(x), positive(4)),
    "lgamma_below_0": (lambda t, x: t.lgamma(x), between(-2.8, -2.2, 3)),
    "digamma": (lambda t, x: t.digamma(x) * x.digamma() + t.special.psi(x), positive(4)),
    "digamma_below_0": (lambda t, x: t.digamma(x), between(-2.8, -2.2, 3)),
    "digamma_of_much": (lambda t, x: t.special.digamma(x), between(20.0, 300.0, 3)),
    "erfc": (lambda t, x: t.erfc(x) * x.erfc() + t.special.erfc(x), normal(4)),
    "erfinv": (lambda t, x: t.erfinv(x) * x.erfinv() + t.special.erfinv(x), between(-0.9, 0.9, 4)),
    "erfinv_tail": (lambda t, x: t.erfinv(x), between(0.95, 0.99, 3)),
    **{f"{name}_log_prob": (lambda t, x, *p, f=f: f(t.distributions, *p).log_prob(x) * x, x, *p)
       for name, (f, x, p) in FAMILIES.items()},
    **{f"{name}_cdf": (of(f, "cdf", 1), x, *p) for name, (f, x, p) in FAMILIES.items()},
    **{f"{name}_icdf": (of(f, "icdf", 1), UNIT, *p) for name, (f, _, p) in FAMILIES.items()},
    **{f"{name}_entropy": (lambda t, *x, f=f: f(t.distributions, *x).entropy() * x[0], *p)
       for name, (f, _, p) in FAMILIES.items()},
    **{f"{name}_spread": (lambda t, *x, f=f: spread(t, f, x), *p) for name, (f, _, p) in FAMILIES.items()},
    **{f"{name}_log_prob": (at(f, x), *p) for name, (f, x, p) in DISCRETE.items()},
    **{f"{name}_entropy": (of(f, "entropy"), *p) for name, (f, _, p) in DISCRETE.items() if name != "poisson"},
    **{f"{name}_spread": (lambda t, *x, f=f: spread(t, f, x), *p) for name, (f, _, p) in DISCRETE.items()
       if "categorical" not in name},
    "multinomial_log_prob": (lambda t, p: t.distributions.Multinomial(5, p).log_prob(t.tensor(
        [[1.0, 4.0, 0.0], [2.0, 2.0, 1.0]], dtype=p.dtype)), positive(2, 3)),
    "multinomial_logits_log_prob": (lambda t, z: t.distributions.Multinomial(2, logits=z).log_prob(t.tensor(
        [1.0, 0.0, 1.0], dtype=z.dtype)), normal(2, 3)),
    "multinomial_entropy": (lambda t, p: t.distributions.Multinomial(3, p).entropy(), positive(2, 3)),
    "multinomial_spread": (lambda t, p: spread(t, lambda d, q: d.Multinomial(4, logits=q), (p,)), normal(2, 3)),
    "plane_log_prob": (lambda t, x, m, L: plane(t.distributions, m, L).log_prob(x),
                       normal(2, 3), normal(3), normal(3, 3)),
    "plane_entropy": (lambda t, m, L: plane(t.distributions, m, L).entropy() * m, normal(3), normal(3, 3)),
    "plane_variance": (lambda t, m, L: plane(t.distributions, m, L).variance * m, normal(3), normal(3, 3)),
    "plane_matrices": (lambda t, m, L: (plane(t.distributions, m, L).covariance_matrix * m,
                                        plane(t.distributions, m, L).precision_matrix), normal(2), normal(2, 2)),
    "planes_by_covariance": (
        lambda t, x, m, S: t.distributions.MultivariateNormal(m, covered(t, S)).log_prob(x),
        normal(2, 1, 2), normal(2), normal(2, 2, 2)),
    "plane_by_precision": (
        lambda t, x, m, S: t.distributions.MultivariateNormal(m, precision_matrix=covered(t, S)).log_prob(x),
        normal(3, 2), normal(2), normal(2, 2)),
    "independent": (lambda t, x, m, s: t.distributions.Independent(t.distributions.Normal(m, s), 1).log_prob(x),
                    normal(2, 1, 3), normal(2, 3), positive(3)),
    "independent_entropy": (
        lambda t, s: t.distributions.Independent(t.distributions.Laplace(0.0, s), 2).entropy(), positive(2, 3)),
}  # fmt: skip

TWO = {  # pair of families -> their parameters
    "normal normal": "ms ms", "laplace laplace": "ms ms", "log_normal log_normal": "ms ms",
    "exponential exponential": "s s", "bernoulli bernoulli": "p p", "bernoulli_logits bernoulli": "m p",
    "poisson poisson": "s s", "binomial binomial": "p p", "bernoulli poisson": "p s", "exponential normal": "s ms",
    "laplace normal": "ms ms", "normal laplace": "ms ms", "uniform exponential": "pa s", "uniform normal": "pa ms",
}
PARAMETERS = {"m": normal(3), "s": positive(3), "p": chance, "a": above}
ALL = {**FAMILIES, **DISCRETE}


def kl(pair, parameters):
    (p, q), (of_p, of_q) = (ALL[name][0] for name in pair.split()), parameters.split()
    compute = lambda t, *x: t.distributions.kl_divergence(
        p(t.distributions, *x[: len(of_p)]), q(t.distributions, *x[len(of_p):]))
    return compute, *(PARAMETERS[letter] for letter in of_p + of_q)


OPERATIONS |= {f"kl {pair}": kl(pair, parameters) for pair, parameters in TWO.items()}
OPERATIONS |= {
    "kl uniform uniform": (
        lambda t, a, b: t.distributions.kl_divergence(t.distributions.Uniform(a, b),
                                                      t.distributions.Uniform(a - 1, b * 2)), chance, above),
    "kl categorical": (
        lambda t, p, z: t.distributions.kl_divergence(t.distributions.Categorical(p),
                                                      t.distributions.Categorical(logits=z)),
        positive(2, 3), normal(3)),
    "kl planes": (
        lambda t, m, L, n, M: t.distributions.kl_divergence(plane(t.distributions, m, L), plane(t.distributions, n, M)),
        normal(2, 3), normal(3, 3), normal(3), normal(3, 3)),
    "kl independent": (
        lambda t, m, s: t.distributions.kl_divergence(
            t.distributions.Independent(t.distributions.Normal(m, s), 1),
            t.distributions.Independent(t.distributions.Normal(t.zeros(3, dtype=m.dtype), 1.0).expand((2, 3)), 1)),
        normal(2, 3), positive(2, 3)),
}  # fmt: skip

CASES.update(differentiated(OPERATIONS))


@case
def draws(torch):
    d = torch.distributions
    m, s = torch.tensor([0.0, 1.0, -1.0]), torch.tensor([1.0, 2.0, 0.5])
    p = torch.tensor([[0.1, 0.5, 0.9], [0.2, 0.2, 0.6]])
    torch.manual_seed(3)
    made = {
        "normal": d.Normal(m, s), "normal of numbers": d.Normal(1.0, 2), "log_normal": d.LogNormal(m, s),
        "laplace": d.Laplace(m, s), "uniform": d.Uniform(m, m + s), "exponential": d.Exponential(s),
        "bernoulli": d.Bernoulli(p), "bernoulli_logits": d.Bernoulli(logits=m), "categorical": d.Categorical(p),
        "categorical_logits": d.Categorical(logits=m), "poisson": d.Poisson(s * 3),
        "poisson of many": d.Poisson(s * 40),
        "binomial": d.Binomial(5, p), "binomial of many": d.Binomial(200, p),
        "plane": d.MultivariateNormal(m, torch.diag(s)), "independent": d.Independent(d.Normal(m, s), 1),
        "double": d.Laplace(m.double(), s.double()), "number": d.Poisson(4.0),
    }  # fmt: skip
    found = {}
    for name, one in made.items():
        found[name] = [one.sample(), one.sample((4,)), one.sample((2, 3)), one.sample(torch.Size([1]))]
    return found | {"after": torch.rand(2)}


@case
def many_draws(torch):
    torch.manual_seed(5)
    d = torch.distributions
    return {
        "poisson": d.Poisson(torch.tensor([0.0, 0.5, 8.0, 12.0, 1000.0])).sample((60,)).sum(0),
        "binomial": d.Binomial(torch.tensor([0.0, 3.0, 30.0, 100.0, 1000.0]), torch.tensor(0.4)).sample((60,)).sum(0),
        "binomial of most": d.Binomial(50.0, torch.tensor([0.0, 0.9, 0.97, 1.0], dtype=torch.float64)).sample((30,)),
        "categorical": d.Categorical(torch.tensor([0.2, 0.5, 0.3])).sample((100,)).sum(),
        "normal": d.Normal(torch.zeros(40), 1.0).sample(), "after": torch.rand(2),
    }


@case
def random_functions(torch):
    torch.manual_seed(1)
    rates, p = torch.tensor([[0.5, 3.0], [20.0, 0.0]]), torch.tensor([[0.1, 0.0, 0.9], [0.3, 0.3, 0.4]])
    z = torch.tensor([[0.5, 1.0, -1.0], [0.0, 2.0, 0.3]], requires_grad=True)
    soft = torch.nn.functional.gumbel_softmax(z, tau=0.7)
    hard = torch.nn.functional.gumbel_softmax(z, hard=True, dim=0)
    (soft * rates[:, :1] + hard * p).sum().backward()
    return {
        "poisson": torch.poisson(rates), "double": torch.poisson(rates.double()), "one": torch.multinomial(p, 1),
        "binomial": torch.binomial(rates.round(), p[:, :2]), "one again": torch.multinomial(p, 1, replacement=True),
        "soft": soft, "hard": hard, "slope": z.grad, "after": torch.rand(2),
    }


@case
def gradients_through_draws(torch):
    d, found = torch.distributions, {}
    for name, family in {"normal": d.Normal, "laplace": d.Laplace, "log_normal": d.LogNormal}.items():
        torch.manual_seed(0)
        m, s = torch.tensor([0.5, -0.5], requires_grad=True), torch.tensor([1.0, 0.5], requires_grad=True)
        (family(m, s).rsample((3,)) ** 2).sum().backward()
        found |= {f"{name} loc": m.grad, f"{name} scale": s.grad}
    rate = torch.tensor([1.0, 2.0], requires_grad=True)
    L = torch.tensor([[1.0, 0.0], [0.5, 2.0]], requires_grad=True)
    low = torch.tensor(0.0, requires_grad=True)
    (d.Exponential(rate).rsample((2,)).sum() + d.Uniform(low, 1.0).rsample((2,)).sum()
     + (d.MultivariateNormal(torch.zeros(2), scale_tril=L).rsample((3,)) ** 2).sum()).backward()
    (policy := d.Categorical(logits=rate.detach().requires_grad_())).log_prob(policy.sample()).backward()
    return found | {"rate": rate.grad, "L": L.grad, "low": low.grad}


@case
def what_a_sample_leaves_on_the_tape(torch):
    """Samples are drawn without a way back, and what they were drawn from keeps its own."""
    z = torch.tensor([0.1, 0.4, -0.2], requires_grad=True)
    policy = torch.distributions.Categorical(logits=z)
    torch.manual_seed(0)
    action = policy.sample((5,))
    loss = (policy.log_prob(action) * torch.arange(5.0)).sum() - policy.entropy()
    loss.backward()
    return {"action": action, "grad": z.grad, "flags": str((action.requires_grad, policy.probs.requires_grad))}


@case
def shapes_and_words(torch):
    d = torch.distributions
    m, s = torch.zeros(2, 3), torch.ones(3)
    made = [d.Normal(m, s), d.Normal(0.0, 1.0), d.Normal(torch.zeros(1), 1.0), d.Uniform(m, 2.0), d.Bernoulli(0.5),
            d.Bernoulli(logits=m), d.Categorical(torch.ones(2, 4)), d.Categorical(logits=torch.zeros(2)),
            d.Exponential(s), d.Laplace(m, s), d.Poisson(s), d.Binomial(3, s * 0.5), d.Independent(d.Normal(m, s), 2),
            d.MultivariateNormal(m, torch.eye(3)), d.MultivariateNormal(s, scale_tril=torch.eye(3).expand(2, 3, 3))]
    found = {f"{i} words": repr(one) for i, one in enumerate(made)}
    for i, one in enumerate(made):
        wider = one.expand((5, *one.batch_shape))
        found[f"{i} shapes"] = str((one.batch_shape, one.event_shape, one.has_rsample, wider.batch_shape,
                                    wider.event_shape, tuple(wider.sample((1,)).shape), tuple(wider.mean.shape)))
    return found


@case
def modes_and_ends(torch):
    d, inf = torch.distributions, float("inf")
    p = torch.tensor([0.0, 0.2, 0.5, 0.8, 1.0])
    x = torch.tensor([0.0, 1.0])
    free = {"validate_args": False}
    return {
        "modes": [d.Bernoulli(p).mode, d.Binomial(3, p).mode, d.Poisson(p * 5).mode, d.Categorical(p).mode,
                  d.Exponential(p + 1).mode, d.LogNormal(p, 1.0).mode, d.Uniform(p, 2.0).mode, d.Laplace(p, 1.0).mode],
        "nothing": [d.Categorical(torch.ones(2, 3)).mean, d.Categorical(torch.ones(2, 3)).variance],
        "given": [d.Categorical(p).probs, d.Categorical(p).logits, d.Bernoulli(p).logits, d.Bernoulli(logits=p).probs],
        "outside": [d.Uniform(0.0, 1.0, **free).log_prob(p * 3 - 1), d.Uniform(0.0, 1.0, **free).cdf(p * 3 - 1)],
        "entropy": [d.Categorical(x).entropy(), d.Bernoulli(x).entropy(), d.Normal(0.0, 1.0).perplexity()],
        "impossible": d.Categorical(x).log_prob(torch.tensor([0, 1])), "sure": d.Poisson(0.0).log_prob(x),
        "kl": [d.kl_divergence(d.Bernoulli(x), d.Bernoulli(x.flip(0))), d.kl_divergence(d.Bernoulli(x), d.Bernoulli(x)),
               d.kl_divergence(d.Categorical(x), d.Categorical(x.flip(0))),
               d.kl_divergence(d.Uniform(x, 3.0), d.Uniform(0.5, 3.0)),
               d.kl_divergence(d.Uniform(x - 0.5, 3.0), d.Exponential(1.0)),
               d.kl_divergence(d.Normal(x, 1.0), d.Exponential(1.0)),
               d.kl_divergence(d.Laplace(x, 1.0), d.Uniform(0.0, 1.0)),
               d.kl_divergence(d.Poisson(x), d.Bernoulli(0.5)),
               d.kl_divergence(d.Binomial(torch.tensor([3.0, 4.0]), 0.5 + 0 * x), d.Binomial(3, 0.2 + 0 * x))],
        "special": [torch.lgamma(torch.tensor([0.0, -1.0, inf, 100.0, 1.0, 2.0])), torch.lgamma(torch.tensor([3])),
                    torch.digamma(torch.tensor([0.0, inf, 1e-4, 100.0])), torch.digamma(torch.tensor([3])),
                    torch.erfinv(torch.tensor([-1.0, 0.0, 1.0, 2.0])), torch.erfc(torch.tensor([5.0, -5.0, inf, -inf])),
                    torch.erfc(torch.tensor([1])), torch.erfinv(torch.tensor([0]))],
    }  # fmt: skip


@case
def a_family_of_ones_own(torch):
    d = torch.distributions

    class Triangle(d.Distribution):
        arg_constraints = {"width": d.constraints.positive}
        support = d.constraints.unit_interval

        def __init__(self, width, validate_args=None):
            self.width = width
            super().__init__(width.shape, validate_args=validate_args)

        def rsample(self, sample_shape=()):
            return self.width * torch.rand(self._extended_shape(sample_shape)).sqrt()

        def log_prob(self, value):
            if self._validate_args:
                self._validate_sample(value)
            return torch.log(2 * value / self.width**2)

    @d.register_kl(Triangle, d.Distribution)
    def kl_of_triangle(p, q):
        return p.width * 2

    torch.manual_seed(0)
    own = Triangle(torch.tensor([1.0, 0.5]))
    return {"draws": own.sample((2,)), "log_prob": own.log_prob(torch.tensor(0.25)), "words": repr(own),
            "kl": d.kl_divergence(own, d.Normal(0.0, 1.0))}


@case
def counts_of_classes(torch):
    torch.manual_seed(1)
    die = torch.distributions.multinomial.Multinomial(10, torch.ones(3) / 3)
    batch = torch.distributions.Multinomial(4, logits=torch.zeros(2, 3))
    never = torch.distributions.Multinomial(2, torch.tensor([1.0, 0.0, 1.0]))
    return {"die": die.sample(), "throws": die.sample((4,)), "batch": batch.sample((2,)), "never": never.sample((3,)),
            "shape": list(batch.event_shape),
            "impossible": never.log_prob(torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])), "mean": die.mean}
