"""Losses as modules: made once with their options, then called with predictions and targets.

Each applies the function of `functional` named in its first line and takes its options; shapes and errors are
described there.
"""

from __future__ import annotations

import inspect

from ..ops.losses import check_options, todays
from . import functional as F
from .applied import Applied
from .distances import PairwiseDistance


class Loss(Applied):
    """The base of the losses. `class HuberLoss(Loss, function=F.huber_loss)` is all it takes to write one.

    Its options are checked when it is made.
    """

    __signature__ = inspect.Signature([
        inspect.Parameter("reduction", inspect.Parameter.POSITIONAL_OR_KEYWORD, default="mean")
    ])

    def __init__(self, *args, **options):
        super().__init__(*args, **todays(options))

    def _check(self, options):
        check_options(getattr(self.function, "__name__", ""), **options)


# --- of numbers -----------------------------------------------------------------------------------------------------


class MSELoss(Loss, function=F.mse_loss, without=("weight",)):
    """`mse_loss`: the mean squared error (1/n) Σ (ŷ − y)², n counting every element.

    Its gradient is 2 (ŷ − y) / n: large errors pull hard, outliers hardest.
    """


class L1Loss(Loss, function=F.l1_loss, without=("weight",)):
    """`l1_loss`: the mean absolute error (1/n) Σ |ŷ − y|. Every error pulls alike, an outlier too."""


class HuberLoss(Loss, function=F.huber_loss, without=("weight",)):
    """`huber_loss`: ½ (ŷ − y)² for errors up to δ, δ (|ŷ − y| − ½ δ) beyond."""


class SmoothL1Loss(Loss, function=F.smooth_l1_loss):
    """`smooth_l1_loss`: ½ (ŷ − y)² / β for errors less than β, |ŷ − y| − ½ β beyond."""


class PoissonNLLLoss(Loss, function=F.poisson_nll_loss):
    """`poisson_nll_loss`: −log of the probability of a count y where λ (by default its logarithm) is predicted."""


class GaussianNLLLoss(Loss, function=F.gaussian_nll_loss):
    """`gaussian_nll_loss`: ½ (log v + (ŷ − y)² / v), called with ŷ, y and the predicted variance v."""


# --- of probabilities and classes -------------------------------------------------------------------------------------


class CrossEntropyLoss(Loss, function=F.cross_entropy):
    """`cross_entropy`: −Σ t log softmax(z), from logits z: softmax is part of it, so the model must not end in one.

    Args: weight (classes,): how much each class counts; ignore_index: a target that counts nothing;
    reduction; label_smoothing ε in [0, 1]: the share of the target spread over all classes.
    Shapes: input (batch, classes), target (batch,) int64 class numbers; see `functional.cross_entropy` for more.
    """


class NLLLoss(Loss, function=F.nll_loss):
    """`nll_loss`: −log p of the true class, from logarithms of probabilities: the model ends in `LogSoftmax`."""


class BCELoss(Loss, function=F.binary_cross_entropy):
    """`binary_cross_entropy`: −y log p − (1 − y) log(1 − p), from a probability p: the model ends in `Sigmoid`."""


class BCEWithLogitsLoss(Loss, function=F.binary_cross_entropy_with_logits):
    """`binary_cross_entropy_with_logits`: the same from a logit, so that the model must not end in a sigmoid."""


class KLDivLoss(Loss, function=F.kl_div):
    """`kl_div`: Σ y (log y − x), from the logarithm x of a predicted distribution and a true one y."""


class CTCLoss(Loss, function=F.ctc_loss):
    """`ctc_loss`: −log of the probability that a row of distributions spells the targets, whatever the alignment."""


# --- of margins -----------------------------------------------------------------------------------------------------


class SoftMarginLoss(Loss, function=F.soft_margin_loss):
    """`soft_margin_loss`: log(1 + e^(−y x)) for y = ±1."""


class MultiLabelSoftMarginLoss(Loss, function=F.multilabel_soft_margin_loss):
    """`multilabel_soft_margin_loss`: the mean over the classes, each true or not, of the loss with logits."""


class HingeEmbeddingLoss(Loss, function=F.hinge_embedding_loss):
    """`hinge_embedding_loss`: a distance x costs x for y = 1 and max(0, margin − x) for y = −1."""


class MarginRankingLoss(Loss, function=F.margin_ranking_loss):
    """`margin_ranking_loss`: max(0, margin − y (x₁ − x₂)), called with x₁, x₂ and y = ±1."""


class MultiMarginLoss(Loss, function=F.multi_margin_loss):
    """`multi_margin_loss`: (1/C) Σ max(0, margin − x_y + x_k)^p over all classes but the true one, y."""


class MultiLabelMarginLoss(Loss, function=F.multilabel_margin_loss):
    """`multilabel_margin_loss`: (1/C) Σ_j Σ_k max(0, 1 − x_j + x_k), every true class j against every other k."""


class CosineEmbeddingLoss(Loss, function=F.cosine_embedding_loss):
    """`cosine_embedding_loss`: 1 − cos(x₁, x₂) for y = 1 and max(0, cos(x₁, x₂) − margin) for y = −1."""


class TripletMarginLoss(Loss, function=F.triplet_margin_loss):
    """`triplet_margin_loss`: max(0, d(a, p) − d(a, n) + margin), called with anchor, positive and negative."""


class TripletMarginWithDistanceLoss(Loss, function=F.triplet_margin_with_distance_loss):
    """`triplet_margin_with_distance_loss`: the same with a d of one's own, `distance_function(x, y)`."""

    def __init__(self, **options):
        super().__init__(**options)
        if self.distance_function is None:
            self.distance_function = PairwiseDistance()
