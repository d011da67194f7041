"""Losses of a predicted probability, or of the logits behind it, and a true class or probability."""

from ..kernels import classification_losses as kernels
from . import pointwise
from .elementwise import clamp, exp, log, sigmoid, where
from .losses import check_options, check_tensors, old_reduction, pointwise_loss, reduced, warn
from .reduction import sum

_bce = pointwise.loss(
    "binary_cross_entropy", kernels.bce_loss,
    by_target=lambda x, y: clamp(log(1.0 - x), min=-100.0) - clamp(log(x), min=-100.0),
    across=lambda x, y: -1.0 / clamp(x * (1.0 - x), min=1e-12))  # fmt: skip
_bce_with_logits = pointwise.loss(
    "binary_cross_entropy_with_logits", kernels.bce_with_logits_loss,
    by_target=lambda x, y: -x, across=lambda x, y: -1.0)  # fmt: skip
_kl = pointwise.loss(
    "kl_div", kernels.kl_loss,
    by_target=lambda x, y: where(y == 0, 0.0, log(where(y == 0, 1.0, y)) + 1.0) - x, across=lambda x, y: -1.0)
_kl_of_log = pointwise.loss(
    "kl_div", kernels.kl_of_log_loss,
    by_target=lambda x, y: exp(y) * (y - x + 1.0), across=lambda x, y: -exp(y))  # fmt: skip
_soft_margin = pointwise.loss(
    "soft_margin_loss", kernels.soft_margin_loss,
    by_target=lambda x, y: -x * sigmoid(-y * x),
    across=lambda x, y: sigmoid(-y * x) * (y * x * sigmoid(y * x) - 1.0))  # fmt: skip


@old_reduction
def binary_cross_entropy(input, target, weight=None, reduction="mean"):
    """−y log p − (1 − y) log(1 − p) of a probability p and a true y (0, 1 or between); each log is at least −100.

    From logits, `binary_cross_entropy_with_logits` is more exact. Shapes: input and target alike; `weight` multiplies
    the losses and broadcasts. Raises ValueError for shapes that differ, RuntimeError for a p outside [0, 1].
    """
    check_options("binary_cross_entropy", weight=weight, reduction=reduction)
    check_tensors("binary_cross_entropy", input=input, target=target)
    for name, tensor in (("input", input), ("target", target)):
        p = tensor._array
        if p.size and not (p.min() >= 0 and p.max() <= 1):
            raise RuntimeError(
                f"binary_cross_entropy(): all elements of {name} should be between 0 and 1, given [{p.min()}, "
                f"{p.max()}]; logits belong into binary_cross_entropy_with_logits"
            )
    return pointwise_loss("binary_cross_entropy", _bce, input, target, (), reduction, weight)


@old_reduction
def binary_cross_entropy_with_logits(input, target, weight=None, reduction="mean", pos_weight=None):
    """−y log σ(x) − (1 − y) log(1 − σ(x)) of a logit x: log(1 + e^x) − y x, which neither overflows nor rounds to 0.

    Shapes: input and target alike; `weight` multiplies the losses and `pos_weight` the part of the positive class;
    both broadcast. Raises ValueError for shapes that differ.
    """
    name = "binary_cross_entropy_with_logits"
    check_options(name, weight=weight, reduction=reduction, pos_weight=pos_weight)
    if pos_weight is None:
        return pointwise_loss(name, _bce_with_logits, input, target, (), reduction, weight)
    if_positive = pointwise_loss(name, _bce_with_logits, input, target * 0 + 1, (), "none")
    if_negative = pointwise_loss(name, _bce_with_logits, input, target * 0, (), "none")
    losses = pos_weight * target * if_positive + (1 - target) * if_negative
    return reduced(losses if weight is None else losses * weight, reduction)


@old_reduction
def kl_div(input, target, reduction="mean", log_target=False):
    """The Kullback-Leibler divergence y (log y − x): x is the *logarithm* of the predicted probability, y the true one.

    Args: reduction: 'batchmean', Σ / batch, is the mathematical one; 'mean' divides by the number of elements and
    warns; log_target: y too is the logarithm of a probability.
    """
    check_options("kl_div", reduction=reduction, log_target=log_target)
    if reduction == "mean":
        warn("kl_div: reduction='mean' divides by the number of elements, which is not the KL divergence of anything; "
             "reduction='batchmean' divides by the batch size and is")
    operation = _kl_of_log if log_target else _kl
    if reduction != "batchmean":
        return pointwise_loss("kl_div", operation, input, target, (), reduction, sizes="any")
    total = pointwise_loss("kl_div", operation, input, target, (), "sum", sizes="any")
    return total / input.shape[0] if len(input.shape) else total


@old_reduction
def soft_margin_loss(input, target, reduction="mean"):
    """log(1 + e^(−y x)) of a score x and a class y = ±1.

    Shapes: input and target alike, or broadcastable.
    """
    check_options("soft_margin_loss", reduction=reduction)
    return pointwise_loss("soft_margin_loss", _soft_margin, input, target, (), reduction, sizes="any")


@old_reduction
def multilabel_soft_margin_loss(input, target, weight=None, reduction="mean"):
    """The mean of `binary_cross_entropy_with_logits` over the C classes of a row, each of which may be true (y = 1).

    Shapes: input and target (…, C), weight (C,) or broadcastable; the result for reduction='none' is (…,).
    """
    check_options("multilabel_soft_margin_loss", weight=weight, reduction=reduction)
    losses = pointwise_loss("multilabel_soft_margin_loss", _bce_with_logits, input, target, (), "none", sizes="any")
    losses = losses if weight is None else losses * weight
    return reduced(sum(losses, len(input.shape) - 1) / input.shape[-1], reduction)
