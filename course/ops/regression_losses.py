"""Losses of a predicted number and a true one."""

import math

from ..autograd import Taped, check_tensors
from ..kernels import regression_losses as kernels
from . import pointwise
from .elementwise import exp, expm1, log, log1p, where
from .losses import check_options, old_reduction, pointwise_loss, reduced
from .reduction import sum
from .shapes import unsqueeze

_mse = pointwise.loss("mse_loss", kernels.mse_loss)
_l1 = pointwise.loss("l1_loss", kernels.l1_loss)
_huber = pointwise.loss("huber_loss", kernels.huber_loss)
_smooth_l1 = pointwise.loss("smooth_l1_loss", kernels.smooth_l1_loss)
_poisson_of_log = pointwise.loss(
    "poisson_nll_loss", kernels.poisson_of_log_loss, by_target=lambda x, y: -x, across=lambda x, y: -1.0)
_poisson = pointwise.loss(
    "poisson_nll_loss", kernels.poisson_loss,
    by_target=lambda x, y, eps: -log(x + eps), across=lambda x, y, eps: -1.0 / (x + eps))  # fmt: skip


@old_reduction
def mse_loss(input, target, reduction="mean", weight=None):
    """The mean squared error (1/n) Σ (x − y)².

    Shapes: input and target alike; the result is a scalar, or of their shape for reduction='none'. With a `weight` of
    the same shape the mean is Σ w (x − y)² / Σ w.
    Raises RuntimeError for shapes that do not fit; warns where they differ but broadcast, which is seldom meant.
    """
    return _with_weighted_mean("mse_loss", _mse, input, target, (), reduction, weight)


@old_reduction
def l1_loss(input, target, reduction="mean", weight=None):
    """The mean absolute error (1/n) Σ |x − y|; shapes, weight and errors as for `mse_loss`."""
    return _with_weighted_mean("l1_loss", _l1, input, target, (), reduction, weight)


def huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    """½ (x − y)² where |x − y| ≤ δ, else δ (|x − y| − ½ δ): an outlier pulls no harder than δ (Huber, 1964).

    Shapes and errors as for `mse_loss`; RuntimeError for a `delta` that is not more than 0. With a `weight` the mean is
    (1/n) Σ w · loss.
    """
    check_options("huber_loss", delta=delta)
    return _with_weighted_mean("huber_loss", _huber, input, target, (delta,), reduction, weight)


@old_reduction
def smooth_l1_loss(input, target, reduction="mean", beta=1.0):
    """½ (x − y)² / β where |x − y| < β, else |x − y| − ½ β (Girshick, 2015); β = 0 is `l1_loss`.

    Shapes and errors as for `mse_loss`; RuntimeError for a negative `beta`.
    """
    check_options("smooth_l1_loss", reduction=reduction, beta=beta)
    return pointwise_loss("smooth_l1_loss", _smooth_l1, input, target, (beta,), reduction, sizes="warn")


def _with_weighted_mean(function, operation, input, target, numbers, reduction, weight):
    check_options(function, reduction=reduction, weight=weight)
    if weight is None:
        return pointwise_loss(function, operation, input, target, numbers, reduction, sizes="warn")
    if weight.shape != input.shape:
        raise ValueError(f"{function}(): weight and input must have the same size, given {list(weight.shape)} and "
                         f"{list(input.shape)}")
    losses = pointwise_loss(function, operation, input, target, numbers, "none", sizes="warn") * weight
    weighted_mean = reduction == "mean" and function != "huber_loss"  # whose mean PyTorch divides by n all the same
    return sum(losses) / sum(weight) if weighted_mean else reduced(losses, reduction)


@old_reduction
def poisson_nll_loss(input, target, log_input=True, full=False, eps=1e-8, reduction="mean"):
    """−log of the Poisson probability of a count y: e^x − y x for x = log λ, or x − y log(x + ε) for x = λ itself.

    Args: log_input: whether x is log λ; full: with log y! as Stirling has it, y log y − y + ½ log 2πy for y > 1.
    Shapes: input and target alike, or broadcastable.
    """
    check_options("poisson_nll_loss", log_input=log_input, full=full, eps=eps, reduction=reduction)
    operation, numbers = (_poisson_of_log, ()) if log_input else (_poisson, (eps,))
    if not full:
        return pointwise_loss("poisson_nll_loss", operation, input, target, numbers, reduction, sizes="any")
    losses = pointwise_loss("poisson_nll_loss", operation, input, target, numbers, "none", sizes="any")
    many = where(target > 1, target, 1.0)  # fewer than that cost nothing
    stirling = many * log(many) - many + 0.5 * log(2 * math.pi * many)
    return reduced(losses + where(target > 1, stirling, 0.0), reduction)


def gaussian_nll_loss(input, target, var, full=False, eps=1e-6, reduction="mean"):
    """−log of the normal density of y: ½ (log v + (x − y)² / v), for a predicted mean x and variance v.

    Args: var: v, at least `eps`: of the input's shape, with a last size of 1 or without the last dimension (one
    variance for all of a row), or a number; full: with the constant ½ log 2π.
    Raises ValueError for a negative variance, or one of another shape.
    """
    check_options("gaussian_nll_loss", full=full, eps=eps, reduction=reduction)
    check_tensors("gaussian_nll_loss", input=input, target=target)
    if not isinstance(var, Taped):
        check_options("gaussian_nll_loss", var=var)
        var = input.detach() * 0 + var
    if (var._array < 0).any():
        raise ValueError("gaussian_nll_loss(): var has negative entries; predict log v and take exp, or square it")
    if var.shape != input.shape:
        if var.shape == input.shape[:-1]:
            var = unsqueeze(var, -1)
        elif len(var.shape) != len(input.shape) or [v for v, n in zip(var.shape, input.shape) if v != n] != [1]:
            raise ValueError(f"gaussian_nll_loss(): var is of incorrect size {list(var.shape)}; it needs the input's "
                             f"{list(input.shape)}, or a 1 in place of one of these sizes")
    var = var + where(var.detach() < eps, eps - var.detach(), 0.0)  # the gradient passes as if nothing were clamped
    error = input - target
    losses = 0.5 * (log(var) + error * error / var)
    return reduced(losses + 0.5 * math.log(2 * math.pi) if full else losses, reduction)


# --- the course's own ---------------------------------------------------------------------------------------------


def robust_loss(input, target, alpha=1.0, scale=1.0, reduction="mean"):
    """Barron's general loss ρ(e) = (b / α) ((e² / b + 1)^{α/2} − 1) of e = (x − y) / c, with b = |α − 2|.

    α says how much outliers count: 2 is ½ e², 1 nearly |e| (Charbonnier), 0 log(½ e² + 1) (Cauchy), −2 Geman and
    McClure's, −∞ 1 − e^{−½ e²} (Welsch). Near 0 all of them are ½ e².
    Args: alpha: a number, or a tensor of numbers in (0, 2) to be learned; scale: c, a number or tensor more than 0.
    Source: Barron, "A General and Adaptive Robust Loss Function", 2019.
    """
    for name, value in (("alpha", alpha), ("scale", scale)):
        if not isinstance(value, Taped):
            check_options("robust_loss", **{name: value})
    check_options("robust_loss", reduction=reduction)
    check_tensors("robust_loss", input=input, target=target)
    return reduced(general_robust((input - target) / scale, alpha), reduction)


def general_robust(e, alpha):
    """ρ(e) for an error e that is already divided by the scale; see `robust_loss`."""
    square = e * e
    if isinstance(alpha, Taped):
        b = 2.0 - alpha
        return b / alpha * expm1(0.5 * alpha * log1p(square / b))
    if alpha == 2:
        return 0.5 * square
    if alpha == 0:
        return log(0.5 * square + 1.0)
    if alpha == -math.inf:
        return 1.0 - exp(-0.5 * square)
    b = abs(alpha - 2.0)
    return b / alpha * ((square / b + 1.0) ** (alpha / 2.0) - 1.0)
