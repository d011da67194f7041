"""Losses that ask one score or distance to be larger than another by a margin."""

import numpy as np

from ..kernels import classification_losses as kernels
from . import pointwise
from .cross_entropy import checked_classes
from .distances import pairwise_distance
from .elementwise import clamp, minimum, relu, sqrt, where
from .indexing import take_along
from .losses import check_options, check_tensors, old_reduction, pointwise_loss, reduced
from .reduction import sum
from .shapes import unsqueeze

_hinge_embedding = pointwise.loss(
    "hinge_embedding_loss", kernels.hinge_embedding_loss,
    by_target=lambda x, y, margin: 0.0 * y, across=lambda x, y, margin: 0.0 * y)  # fmt: skip
_bpr = pointwise.loss("bpr_loss", kernels.bpr_loss)


@old_reduction
def hinge_embedding_loss(input, target, margin=1.0, reduction="mean"):
    """A distance x costs x between alike things (y = 1) and max(0, margin − x) between unlike ones (y = −1).

    Shapes: input and target alike, or broadcastable.
    """
    check_options("hinge_embedding_loss", margin=margin, reduction=reduction)
    return pointwise_loss("hinge_embedding_loss", _hinge_embedding, input, target, (margin,), reduction, sizes="any")


@old_reduction
def margin_ranking_loss(input1, input2, target, margin=0, reduction="mean"):
    """max(0, margin − y (x₁ − x₂)): x₁ should be the larger where y = 1, x₂ where y = −1.

    Shapes: all three alike or broadcastable; RuntimeError where their numbers of dimensions differ.
    """
    name = "margin_ranking_loss"
    check_options(name, margin=margin, reduction=reduction)
    check_tensors(name, input1=input1, input2=input2, target=target)
    if not len(input1.shape) == len(input2.shape) == len(target.shape):
        raise RuntimeError(
            f"{name}(): input1, input2 and target should have the same number of dimensions, given "
            f"{list(input1.shape)}, {list(input2.shape)} and {list(target.shape)}"
        )
    return reduced(clamp(margin - target * (input1 - input2), min=0), reduction)


def bpr_loss(positive, negative, reduction="mean"):
    """Bayesian personalised ranking −log σ(x⁺ − x⁻): what a user chose should score above what he did not.

    Shapes: the two scores alike or broadcastable, as one positive (batch, 1) and several negatives (batch, n).
    Source: Rendle et al., "BPR: Bayesian Personalized Ranking from Implicit Feedback", 2009.
    """
    check_options("bpr_loss", reduction=reduction)
    return pointwise_loss("bpr_loss", _bpr, positive, negative, (), reduction, sizes="any")


@old_reduction
def multi_margin_loss(input, target, p=1, margin=1.0, weight=None, reduction="mean"):
    """(1/C) Σ_{k ≠ y} w_y max(0, margin − x_y + x_k)^p over the C scores of a row whose class is y.

    Shapes: input (C,) or (batch, C), target () or (batch,) int64, weight (C,).
    Raises ValueError for a p that is neither 1 nor 2, RuntimeError for a class that does not exist.
    """
    name = "multi_margin_loss"
    check_options(name, p=p, margin=margin, weight=weight, reduction=reduction)
    rows, y = _rows_and_classes(name, input, target, ())
    classes = rows.shape[1]
    y = checked_classes(name, y, classes, RuntimeError)
    if weight is not None and tuple(weight.shape) != (classes,):
        raise ValueError(f"{name}(): weight must be one-dimensional with {classes} numbers, given "
                         f"{list(weight.shape)}")
    over = relu(margin - take_along(rows, y, 1) + rows)
    over = over if p == 1 else over * over
    if weight is not None:
        over = over * unsqueeze(weight[y[:, 0]], 1)
    losses = sum(where(np.arange(classes, like=y) == y, 0.0, over), 1) / classes
    return reduced(losses.reshape(tuple(target.shape)), reduction)


@old_reduction
def multilabel_margin_loss(input, target, reduction="mean"):
    """(1/C) Σ_j Σ_k max(0, 1 − x_j + x_k), j going through the true classes of a row and k through all the others.

    Shapes: input and target (C,) or (batch, C); a row of the target, int64, lists its classes and ends at the first −1.
    Raises RuntimeError for a class that does not exist.
    """
    name = "multilabel_margin_loss"
    check_options(name, reduction=reduction)
    check_tensors(name, input=input, target=target)
    if target.shape != input.shape:
        raise RuntimeError(f"{name}(): inconsistent target size: {list(target.shape)} for input of size "
                           f"{list(input.shape)}")
    rows, y = _rows_and_classes(name, input, target, input.shape[-1:])
    classes = rows.shape[1]
    listed = np.cumprod(y >= 0, axis=1) > 0
    y = checked_classes(name, np.where(listed, y, 0), classes, RuntimeError)
    true = np.zeros(y.shape, bool, like=y)
    np.put_along_axis(true, y, True, 1)
    true[:, 0] = (listed & (y == 0)).any(1) if classes else False
    over = relu(1.0 - unsqueeze(take_along(rows, y, 1), 2) + unsqueeze(rows, 1))
    counted = listed[:, :, None] & ~true[:, None, :]
    losses = sum(where(counted, over, 0.0), (1, 2)) / classes
    return reduced(losses if len(input.shape) == 2 else losses.reshape(()), reduction)


def _rows_and_classes(name, input, target, row_shape):
    """The input as rows and the target as an array of class numbers, one row for each of the input's."""
    check_tensors(name, input=input, target=target)
    if len(input.shape) not in (1, 2) or input.shape[-1] == 0:
        raise RuntimeError(f"{name}(): expected an input of shape (classes,) or (batch, classes), given "
                           f"{list(input.shape)}")
    if target._array.dtype != np.int64:
        raise RuntimeError(f"{name}(): expected scalar type Long (course.int64) for class numbers but found "
                           f"{target.dtype}")
    if tuple(target.shape) != (*input.shape[:-1], *row_shape) and not (len(input.shape) == 1 and target.numel() == 1):
        raise RuntimeError(f"{name}(): inconsistent target size {list(target.shape)} for input of size "
                           f"{list(input.shape)}")
    rows = input if len(input.shape) == 2 else unsqueeze(input, 0)
    return rows, target._array.reshape(rows.shape[0], row_shape[0] if row_shape else 1)


# --- embeddings ---------------------------------------------------------------------------------------------------


@old_reduction
def cosine_embedding_loss(input1, input2, target, margin=0, reduction="mean"):
    """1 − cos(x₁, x₂) for alike things (y = 1), max(0, cos(x₁, x₂) − margin) for unlike ones (y = −1).

    Shapes: input1 and input2 (features,) or (batch, features), target () or (batch,).
    """
    name = "cosine_embedding_loss"
    check_options(name, margin=margin, reduction=reduction)
    check_tensors(name, input1=input1, input2=input2, target=target)
    if len(target.shape) not in (0, 1) or len(input1.shape) != len(target.shape) + 1 or (
            len(input2.shape) != len(input1.shape)):
        raise RuntimeError(
            f"{name}(): expected inputs (features,) with a target () or (batch, features) with a target (batch,), "
            f"given {list(input1.shape)}, {list(input2.shape)} and {list(target.shape)}"
        )
    tiny, dim = 1e-12, len(target.shape)
    lengths = sqrt((sum(input1 * input1, dim) + tiny) * (sum(input2 * input2, dim) + tiny))
    cosine = sum(input1 * input2, dim) / lengths
    alike = where(target == 1, 1.0 - cosine, 0.0)
    unlike = where(target == -1, clamp(cosine - margin, min=0), 0.0)
    return reduced(alike + unlike, reduction)


@old_reduction
def triplet_margin_loss(anchor, positive, negative, margin=1.0, p=2.0, eps=1e-6, swap=False, reduction="mean"):
    """max(0, d(a, p) − d(a, n) + margin): the positive should be nearer to the anchor than the negative.

    d is the p-norm of the difference (plus ε) along the last dimension. With `swap`, d(p, n) counts where it is less
    than d(a, n). Shapes: all three (features,) or (batch, features), or broadcastable.
    Source: Balntas et al., "Learning shallow convolutional feature descriptors with triplet losses", 2016.
    """
    name = "triplet_margin_loss"
    check_options(name, margin=margin, p=p, eps=eps, swap=swap, reduction=reduction)
    check_tensors(name, anchor=anchor, positive=positive, negative=negative)
    distance = lambda x, y: pairwise_distance(x, y, p, eps)
    return _nearer(name, anchor, positive, negative, distance, margin, swap, reduction)


def triplet_margin_with_distance_loss(anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False,
                                      reduction="mean"):
    """`triplet_margin_loss` with any d: `distance_function(x, y)` on tensors, `pairwise_distance` if not given."""
    name = "triplet_margin_with_distance_loss"
    check_options(name, margin=margin, swap=swap, reduction=reduction)
    check_tensors(name, anchor=anchor, positive=positive, negative=negative)
    return _nearer(name, anchor, positive, negative, distance_function or pairwise_distance, margin, swap, reduction)


def _nearer(name, anchor, positive, negative, distance, margin, swap, reduction):
    if not len(anchor.shape) == len(positive.shape) == len(negative.shape):
        raise RuntimeError(
            f"{name}(): the anchor, positive and negative should have the same number of dimensions, given "
            f"{list(anchor.shape)}, {list(positive.shape)} and {list(negative.shape)}"
        )
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    return reduced(clamp(margin + near - far, min=0), reduction)
