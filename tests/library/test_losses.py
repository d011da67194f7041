"""What the goldens leave open: the limits of the losses, the course's own ones, and losses as modules."""

import itertools
import math
import warnings

import numpy as np
import pytest

import course
from course import nn
from course.nn import functional as F
from course.nn.losses_beyond_pytorch import (
    AdaptiveRobustLoss,
    BPRLoss,
    MultiTaskLoss,
    RobustLoss,
    log_partition,
)  # fmt: skip
from course.ops.regression_losses import robust_loss


def normal(*shape, seed=0):
    return course.tensor(np.random.RandomState(seed).standard_normal(shape), requires_grad=True)


# --- stable where the textbook's line is not ------------------------------------------------------------------------


@pytest.mark.parametrize("logit", [100.0, -100.0, 3e38, -3e38])
def test_losses_of_large_logits_are_finite_and_so_are_their_gradients(logit):
    for loss, target in itertools.product((nn.BCEWithLogitsLoss(), nn.SoftMarginLoss(), BPRLoss()), (1.0, -1.0)):
        x = course.tensor([logit / 4], requires_grad=True)
        value = loss(x, course.tensor([max(target, 0.0) if isinstance(loss, nn.BCEWithLogitsLoss) else target]))
        value.backward()
        assert math.isfinite(value.item()) and math.isfinite(x.grad.item())


def test_a_sure_logit_costs_what_it_should_to_the_last_digit():
    x = course.tensor([-100.0, 100.0, 15.0, -15.0], requires_grad=True)
    losses = nn.BCEWithLogitsLoss(reduction="none")(x, course.tensor([1.0, 0.0, 1.0, 0.0]))
    small = math.log1p(math.exp(-15))
    np.testing.assert_allclose(losses.detach().numpy(), [100, 100, small, small], rtol=3e-7)


# --- CTC ------------------------------------------------------------------------------------------------------------


def spelled(path, blank=0):
    """The labels that an alignment stands for: repetitions merged, blanks left out."""
    return [k for k, _ in itertools.groupby(path) if k != blank]


@pytest.mark.parametrize("labels", [[1], [1, 2], [1, 1], [2, 1, 2], []])
def test_ctc_is_the_sum_over_all_alignments(labels):
    z = normal(4, 3)
    p = z.softmax(1).detach().numpy()
    paths = [path for path in itertools.product(range(3), repeat=4) if spelled(path) == labels]
    wanted = -math.log(sum(np.prod([p[t, k] for t, k in enumerate(path)]) for path in paths))
    targets = course.tensor(labels, dtype=course.int64)
    assert F.ctc_loss(z.log_softmax(1), targets, 4, len(labels), reduction="sum").item() == pytest.approx(wanted)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_gradient_of_ctc_is_that_of_finite_differences(reduction):
    targets = course.tensor([[1, 1, 2], [3, 0, 0]])
    loss = nn.CTCLoss(reduction=reduction)
    assert course.autograd.gradcheck(lambda z: loss(z.log_softmax(-1), targets, (6, 4), (3, 1)), normal(6, 2, 4))


def test_a_symbol_that_is_not_there_is_refused_where_pytorch_reads_beyond_the_array():
    with pytest.raises(IndexError, match="target 5 is out of bounds: there are 3 symbols"):
        F.ctc_loss(course.zeros(4, 1, 3), course.tensor([[5]]), (4,), (1,))


def test_a_second_derivative_of_ctc_is_refused():
    z = normal(4, 1, 3)
    loss = F.ctc_loss(z.log_softmax(-1), course.tensor([[1]]), (4,), (1,))
    with pytest.raises(RuntimeError, match="create_graph"):
        course.autograd.grad(loss, z, create_graph=True)


# --- derivatives ----------------------------------------------------------------------------------------------------


def test_a_third_derivative_is_refused_and_not_quietly_wrong():
    x = normal(3)
    value = nn.SoftMarginLoss(reduction="sum")(x, course.ones(3, dtype=course.float64))
    (first,) = course.autograd.grad(value, x, create_graph=True)
    (second,) = course.autograd.grad(first.sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="differentiated twice at most"):
        course.autograd.grad(second.sum(), x)


@pytest.mark.parametrize("alpha", [-math.inf, -2.0, 0, 0.5, 1, 2, 3.0])
def test_the_robust_loss_is_that_of_its_name_and_its_gradient_that_of_finite_differences(alpha):
    x, y = normal(5), normal(5, seed=1)
    e2 = ((x - y).detach().numpy() / 0.7) ** 2
    known = {-math.inf: 1 - np.exp(-e2 / 2), -2.0: 2 * e2 / (e2 + 4), 0: np.log(e2 / 2 + 1), 1: np.sqrt(e2 + 1) - 1,
             2: e2 / 2}
    if alpha in known:
        np.testing.assert_allclose(robust_loss(x, y, alpha, 0.7, "none").detach().numpy(), known[alpha], rtol=1e-12)
    assert course.autograd.gradcheck(lambda x, y: RobustLoss(alpha, 0.7)(x, y), (x, y))


def test_the_robust_loss_of_a_learned_shape_is_that_of_a_fixed_one():
    x, y = normal(6), normal(6, seed=1)
    shape = course.tensor(0.8, dtype=course.float64, requires_grad=True)
    assert robust_loss(x, y, shape).item() == pytest.approx(robust_loss(x, y, 0.8).item())
    assert course.autograd.gradcheck(lambda a, c: robust_loss(x.detach(), y.detach(), a, c), (shape, normal(1).exp()))


def test_the_partition_function_is_that_of_the_known_distributions():
    z = [log_partition(course.tensor(a, dtype=course.float64)).item() for a in (1e-6, 1.0, 2 - 1e-9)]
    from_bessel = 1.18549523  # log(2 e K₁(1)), the integral of e^(1 − √(x² + 1))
    assert z == pytest.approx([math.log(math.sqrt(2) * math.pi), from_bessel, 0.5 * math.log(2 * math.pi)], abs=1e-5)


# --- weights that are learned -----------------------------------------------------------------------------------------


def learned(loss, errors, steps=400):
    optimizer = course.optim.Adam(loss.parameters(), lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(errors, course.zeros_like(errors)).backward()
        optimizer.step()
    return loss.alpha.item(), loss.scale.item()


def test_the_adaptive_loss_learns_how_much_to_trust_outliers():
    random = np.random.RandomState(0)
    clean = random.standard_normal(400).astype(np.float32)
    outliers = np.where(np.arange(400) < 80, 30 * clean, clean)
    (shape, scale), (robust, _) = (learned(AdaptiveRobustLoss(), course.tensor(e)) for e in (clean, outliers))
    assert shape > 1.5 and scale == pytest.approx(1, abs=0.15)
    assert robust < 0.5


def test_the_weights_of_tasks_settle_where_each_is_one_over_its_loss():
    loss = MultiTaskLoss(["regression", "classification"])
    optimizer = course.optim.SGD(loss.parameters(), lr=0.2)
    for _ in range(300):
        optimizer.zero_grad()
        loss(course.tensor(4.0), course.tensor(0.25)).backward()
        optimizer.step()
    # ∂/∂s (f e^−s L + ½ s) = 0 where f e^−s = ½ / L
    np.testing.assert_allclose(loss.weights.detach().numpy(), [0.5 / 4, 0.5 / 0.25], rtol=1e-3)
    assert [name for name, _ in loss.named_parameters()] == ["log_variances"]


# --- modules --------------------------------------------------------------------------------------------------------

LOSSES = sorted(name for name, kind in vars(nn).items() if name.endswith("Loss") and issubclass(kind, nn.Module)
                and name != "AdaptiveLogSoftmaxWithLoss")  # a layer with its loss, and no reduction


def test_every_loss_of_pytorch_is_here():
    assert len(LOSSES) == 21


@pytest.mark.parametrize("name", LOSSES)
def test_an_unknown_option_is_refused_and_the_known_ones_are_named(name):
    with pytest.raises(TypeError, match=rf"{name}: got an unexpected keyword argument 'colour'; .*reduction='mean'"):
        getattr(nn, name)(colour="red")
    with pytest.raises(ValueError, match="one of none, mean, sum"):
        getattr(nn, name)(reduction="average")


def test_a_loss_of_ones_own_takes_the_options_of_its_function():
    def quantile_loss(input, target, q=0.5, reduction="mean"):
        error = target - input
        return course.maximum(q * error, (q - 1) * error).mean()

    class QuantileLoss(nn.losses.Loss, function=quantile_loss):
        pass

    assert QuantileLoss(0.9)(course.zeros(2), course.ones(2)).item() == pytest.approx(0.9)
    assert QuantileLoss().q == 0.5


def test_a_warning_points_at_the_line_that_asked_for_it():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        nn.L1Loss()(course.zeros(3, 1), course.zeros(3))
        F.kl_div(course.zeros(3), course.ones(3))
    assert [w.filename for w in caught] == [__file__, __file__]
    assert "target size ([3])" in str(caught[0].message) and "batchmean" in str(caught[1].message)
