"""Losses as modules: made once with their options, then called with predictions and targets."""

from __future__ import annotations

from ..ops.losses import check_reduction
from ..tensor import Tensor
from . import functional as F
from .module import Module


class Loss(Module):
    """The base of the losses: they share `reduction`, which is 'mean', 'sum' or 'none'."""

    def __init__(self, reduction: str = "mean"):
        super().__init__()
        check_reduction(reduction)
        self.reduction = reduction


class MSELoss(Loss):
    """The mean squared error (1/n) Σ (ŷ − y)², n counting every element.

    Shapes: input and target alike. Its gradient is 2 (ŷ − y) / n: large errors pull hard, outliers hardest.
    """

    def forward(self, input, target):
        return F.mse_loss(input, target, self.reduction)


class CrossEntropyLoss(Loss):
    """−Σ t log softmax(z), from logits z: softmax is part of it, so the model must not end in one.

    Args: weight (classes,): how much each class counts; ignore_index: a target that counts nothing;
    reduction; label_smoothing ε in [0, 1]: the share of the target spread over all classes.
    Shapes: input (batch, classes), target (batch,) int64 class numbers; see `functional.cross_entropy` for more.
    """

    def __init__(self, weight: Tensor | None = None, ignore_index: int = -100, reduction: str = "mean",
                 label_smoothing: float = 0.0):
        super().__init__(reduction)
        self.register_buffer("weight", weight)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, input, target):
        return F.cross_entropy(input, target, self.weight, self.ignore_index, self.reduction, self.label_smoothing)
