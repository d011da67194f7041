"""Distributions where PyTorch's numbers say nothing: densities are such, and what is kept, checked and replayed."""

import warnings

import numpy as np
import pytest

import course
from course.distributions import (
    Bernoulli,
    Binomial,
    Categorical,
    Distribution,
    Exponential,
    Independent,
    Laplace,
    LogNormal,
    MultivariateNormal,
    Normal,
    Poisson,
    Uniform,
    kl_divergence,
    register_kl,
)

f64 = {"dtype": course.float64}


def number(x):
    return course.tensor(x, **f64)


CONTINUOUS = {  # a distribution, and between which numbers all but nothing of it lies
    "normal": (Normal(number(1.0), 2.0), -20, 22), "laplace": (Laplace(number(1.0), 0.5), -14, 16),
    "log_normal": (LogNormal(number(0.0), 0.5), 1e-9, 40), "uniform": (Uniform(number(-1.0), 2.5), -1, 2.5),
    "exponential": (Exponential(number(2.0)), 0, 20),
}  # fmt: skip
DISCRETE = {  # a distribution, and its values
    "bernoulli": (Bernoulli(number(0.3)), course.arange(2.0, **f64)),
    "categorical": (Categorical(number([1.0, 2.0, 5.0])), course.arange(3)),
    "binomial": (Binomial(7, number(0.3)), course.arange(8.0, **f64)),
    "poisson": (Poisson(number(3.0)), course.arange(60.0, **f64)),
}  # fmt: skip


@pytest.mark.parametrize("name", CONTINUOUS)
def test_a_density_has_the_area_1_and_the_moments_that_it_says(name):
    p, low, high = CONTINUOUS[name]
    edges = course.linspace(low, high, 400_001, **f64)
    x, width = (edges[1:] + edges[:-1]) / 2, edges[1] - edges[0]
    share = p.log_prob(x).exp() * width
    mean = (share * x).sum()
    assert share.sum().item() == pytest.approx(1, abs=1e-6)
    assert mean.item() == pytest.approx(p.mean.item(), abs=1e-5)
    assert (share * (x - mean) ** 2).sum().item() == pytest.approx(p.variance.item(), rel=1e-4)
    assert -(share * p.log_prob(x)).sum().item() == pytest.approx(p.entropy().item(), abs=1e-4)
    assert course.allclose(p.cdf(edges[1:]), share.cumsum(0), atol=1e-5)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_the_quantile_undoes_the_share_below(name):
    p, _, _ = CONTINUOUS[name]
    q = course.linspace(0.01, 0.99, 25, **f64)
    assert course.allclose(p.cdf(p.icdf(q)), q, atol=1e-10)


@pytest.mark.parametrize("name", DISCRETE)
def test_probabilities_add_up_to_1_and_to_the_moments(name):
    p, k = DISCRETE[name]
    share = p.log_prob(k).exp()
    assert share.sum().item() == pytest.approx(1)
    if name != "categorical":
        mean = (share * k).sum()
        assert mean.item() == pytest.approx(p.mean.item())
        assert (share * (k - mean) ** 2).sum().item() == pytest.approx(p.variance.item())
    if name != "poisson":
        assert -(share * p.log_prob(k)).sum().item() == pytest.approx(p.entropy().item())


@pytest.mark.parametrize("name", [*CONTINUOUS, *DISCRETE])
def test_draws_have_the_mean_and_spread_of_their_distribution(name):
    course.manual_seed(0)
    p = {**CONTINUOUS, **DISCRETE}[name][0]
    x = p.sample((20_000,)).double()
    if name == "categorical":
        assert course.allclose(course.bincount(x.long()) / 20_000, p.probs.float(), atol=0.02)
    else:
        assert x.mean().item() == pytest.approx(p.mean.item(), abs=5 * p.stddev.item() / 20_000**0.5)
        assert x.std().item() == pytest.approx(p.stddev.item(), rel=0.1)


@pytest.mark.parametrize("p, q", [
    (Normal(number(0.0), 1.0), Normal(number(1.0), 2.0)), (Normal(number(0.0), 1.0), Laplace(number(1.0), 2.0)),
    (Laplace(number(0.0), 1.0), Normal(number(1.0), 2.0)), (Laplace(number(0.0), 1.0), Laplace(number(1.0), 2.0)),
    (Exponential(number(1.0)), Exponential(number(2.0))), (Uniform(number(0.0), 1.0), Exponential(number(2.0))),
    (Uniform(number(0.0), 1.0), Normal(number(1.0), 2.0)), (Uniform(number(0.0), 1.0), Uniform(number(-1.0), 2.0)),
    (LogNormal(number(0.0), 0.5), LogNormal(number(0.3), 0.6)), (Poisson(number(2.0)), Poisson(number(3.0))),
    (Binomial(5, number(0.3)), Binomial(5, number(0.6))), (Bernoulli(number(0.3)), Bernoulli(number(0.6))),
    (Categorical(number([1.0, 2.0])), Categorical(number([2.0, 1.0]))),
    (MultivariateNormal(number([0.0, 1.0]), number([[2.0, 0.5], [0.5, 1.0]])),
     MultivariateNormal(number([1.0, 1.0]), course.eye(2, **f64) * 3)),
])  # fmt: skip
def test_a_divergence_is_the_mean_difference_of_log_probabilities(p, q):
    course.manual_seed(0)
    x = p.sample((20_000,))
    difference = p.log_prob(x) - q.log_prob(x)
    error = difference.std().item() / 20_000**0.5
    assert difference.mean().item() == pytest.approx(kl_divergence(p, q).item(), abs=5 * error + 1e-12)
    assert kl_divergence(p, p).item() == pytest.approx(0, abs=1e-12)


def test_what_is_derived_inside_no_grad_stays_on_the_tape():
    z = course.zeros(3, requires_grad=True)
    p = Categorical(logits=z)
    with course.no_grad():
        assert p.probs.requires_grad
    p.sample()
    (p.probs[0] * 2).backward()
    assert z.grad is not None and z.grad.abs().sum() > 0


def test_checks_can_be_left_out():
    assert Normal(0.0, -1.0, validate_args=False).scale == -1
    assert Uniform(0.0, 1.0, validate_args=False).log_prob(course.tensor(2.0)) == -np.inf
    Distribution.set_default_validate_args(False)
    try:
        assert Bernoulli(2.0).probs == 2
    finally:
        Distribution.set_default_validate_args(True)
    with pytest.raises(ValueError, match="probs to be from 0 to 1"):
        Bernoulli(2.0)


def test_a_derived_family_keeps_what_it_adds_when_it_is_expanded():
    class Named(Normal):
        def __init__(self, loc, scale, name):
            super().__init__(loc, scale)
            self.name = name

    wide = Named(course.zeros(2), 1.0, "noise").expand((3, 2))
    assert (wide.name, tuple(wide.batch_shape), tuple(wide.loc.shape)) == ("noise", (3, 2), (3, 2))
    assert tuple(Independent(wide, 1).expand((4, 3)).sample((5,)).shape) == (5, 4, 3, 2)


def test_the_nearest_formula_is_taken_and_two_that_are_as_near_are_told():
    class Left(Normal):
        pass

    class Right(Normal):
        pass

    register_kl(Left, Normal)(lambda p, q: "left")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert kl_divergence(Left(0.0, 1.0), Right(0.0, 1.0)) == "left"
    register_kl(Normal, Right)(lambda p, q: "right")
    with pytest.warns(RuntimeWarning, match=r"Ambiguous kl_divergence\(Left, Right\). Please register_kl"):
        kl_divergence(Left(0.0, 1.0), Right(0.0, 1.0))


def test_a_compiled_step_draws_anew_and_checks_again():
    @course.compile
    def step(m, s):
        q = Normal(layer(m), s)
        draw = q.rsample()
        (draw.sum() + kl_divergence(q, Normal(0.0, 1.0)).sum()).backward()
        return draw.detach()

    layer = course.nn.Linear(20, 20)
    m, s = course.zeros(20), course.ones(20)
    draws = [step(m, s).clone() for _ in range(4)]
    assert step.reason is None
    assert len({tuple(d.tolist()) for d in draws}) == 4
    with pytest.raises(ValueError, match="scale to be greater than 0"):
        step(m, course.zeros(20))


def test_one_draw_with_the_same_seed_is_one_draw():
    for p in (Poisson(50.0), Binomial(40, 0.5), Categorical(course.ones(5))):
        course.manual_seed(3)
        first = p.sample((6,))
        course.manual_seed(3)
        assert course.equal(p.sample((6,)), first)


def test_the_choice_of_gumbel_follows_softmax():
    course.manual_seed(0)
    z = course.tensor([0.0, 1.0, 2.0]).expand(20_000, 3)
    chosen = course.nn.functional.gumbel_softmax(z, hard=True)
    assert course.allclose(chosen.mean(0), z[0].softmax(0), atol=0.02)
    assert course.equal(chosen.sum(1), course.ones(20_000))
    with pytest.warns(UserWarning, match="eps has no effect"):
        course.nn.functional.gumbel_softmax(z[:2], eps=0.1)
