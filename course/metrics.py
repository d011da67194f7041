"""Metrics: how good a model is, in numbers that people understand. A metric is not a loss: it has no gradient.

All take tensors or arrays of any shape that fits and return Python floats (or a tensor for `confusion_matrix`).
"""

from __future__ import annotations

import numpy as np

from .autograd import Taped
from .creation import from_numpy
from .tensor import Tensor

AVERAGES = ("binary", "micro", "macro", "weighted", None)


def _array(x, name):
    array = np.asarray(x._array if isinstance(x, Taped) else x)
    if array.size == 0:
        raise ValueError(f"{name} is empty: there is nothing to measure")
    return array


def _classes(predictions, targets):
    """Predictions and targets as flat class numbers; scores of shape (n, classes) become their argmax."""
    p, t = _array(predictions, "predictions"), _array(targets, "targets")
    if p.ndim == t.ndim + 1:
        p = p.argmax(1)
    if p.shape != t.shape:
        raise ValueError(f"predictions of shape {p.shape} do not fit targets of shape {t.shape}; give class numbers of "
                         "the targets' shape, or scores (n, classes)")
    return p.reshape(-1), t.reshape(-1)


def accuracy(predictions, targets) -> float:
    """The share of targets that were predicted: class numbers, or scores (n, classes).

    >>> accuracy([0, 1, 1, 2], [0, 1, 2, 2])
    0.75
    """
    p, t = _classes(predictions, targets)
    return float((p == t).mean())


def top_k_accuracy(scores, targets, k: int = 5) -> float:
    """The share of targets whose class is among the k highest scores. Shapes: scores (n, classes), targets (n,)."""
    s, t = _array(scores, "scores"), _array(targets, "targets")
    if s.ndim != 2 or t.shape != s.shape[:1]:
        raise ValueError(f"top_k_accuracy() needs scores (n, classes) and targets (n,), given {s.shape} and {t.shape}")
    if not 1 <= k <= s.shape[1]:
        raise ValueError(f"k must lie between 1 and the number of classes, {s.shape[1]}; given {k}")
    best = np.argsort(-s, axis=1, kind="stable")[:, :k]
    return float((best == t[:, None]).any(1).mean())


def confusion_matrix(predictions, targets, num_classes: int | None = None) -> Tensor:
    """Counts (classes, classes): row is the true class, column the predicted one.

    >>> confusion_matrix([0, 1, 1, 2], [0, 1, 2, 2])
    tensor([[1, 0, 0],
            [0, 1, 0],
            [0, 1, 1]])
    """
    p, t = _classes(predictions, targets)
    n = int(max(p.max(), t.max())) + 1 if num_classes is None else num_classes
    if min(p.min(), t.min()) < 0 or max(p.max(), t.max()) >= n:
        raise ValueError(f"classes must be numbered 0 to {n - 1}; found {min(p.min(), t.min())} to "
                         f"{max(p.max(), t.max())}")
    counts = np.zeros((n, n), np.int64)
    np.add.at(counts, (t.astype(int), p.astype(int)), 1)
    return from_numpy(counts)


def _counts(predictions, targets):
    """Of each class: how often it was rightly predicted, predicted at all, and true."""
    matrix = confusion_matrix(predictions, targets)._array
    return np.diag(matrix).astype(float), matrix.sum(0).astype(float), matrix.sum(1).astype(float)


def _averaged(predictions, targets, average, score):
    if average not in AVERAGES:
        raise ValueError(f"average is {average!r}; use 'binary', 'micro', 'macro', 'weighted' or None")
    hits, predicted, true = _counts(predictions, targets)
    if average == "binary":
        if len(hits) > 2:
            raise ValueError(f"there are {len(hits)} classes; choose average='micro', 'macro', 'weighted' or None")
        scores = score(hits, predicted, true)
        return float(scores[1]) if len(scores) == 2 else 0.0
    if average == "micro":
        return float(score(hits.sum(), predicted.sum(), true.sum()))
    present = (predicted + true) > 0
    scores = score(hits, predicted, true)
    if average is None:
        return from_numpy(scores)
    return float(scores[present].mean() if average == "macro" else (scores * true).sum() / true.sum())


def _ratio(a, b):
    """a / b, and 0 where b is 0."""
    return np.divide(a, b, out=np.zeros_like(np.asarray(a, float)), where=np.asarray(b) != 0)


def precision(predictions, targets, average: str | None = "binary") -> float:
    """Of what was predicted to be a class, the share that is: hits / predicted. 0 where nothing was predicted.

    average: 'binary' (class 1 of two), 'micro' (all decisions together), 'macro' (mean over classes), 'weighted' (mean
    weighted by how often each class is true), None (a tensor with one number a class).
    """
    return _averaged(predictions, targets, average, lambda hits, predicted, true: _ratio(hits, predicted))


def recall(predictions, targets, average: str | None = "binary") -> float:
    """Of what is a class, the share that was found: hits / true. `average` as for `precision`."""
    return _averaged(predictions, targets, average, lambda hits, predicted, true: _ratio(hits, true))


def f1_score(predictions, targets, average: str | None = "binary") -> float:
    """The harmonic mean of precision and recall: 2 hits / (predicted + true). `average` as for `precision`."""
    return _averaged(predictions, targets, average, lambda hits, predicted, true: _ratio(2 * hits, predicted + true))


def roc_curve(scores, targets) -> tuple[Tensor, Tensor, Tensor]:
    """False-positive rates, true-positive rates and thresholds, as the threshold falls from inf to the lowest score.

    Shapes: scores (n,), targets (n,) of 0 and 1. Raises ValueError where only one class is there.
    """
    s, t = _array(scores, "scores").reshape(-1).astype(float), _array(targets, "targets").reshape(-1)
    if s.shape != t.shape:
        raise ValueError(f"roc_curve() needs one score for each target, given {s.size} and {t.size}")
    if set(np.unique(t)) != {0, 1}:
        raise ValueError(f"roc_curve() needs targets of both classes, 0 and 1; found {np.unique(t).tolist()}")
    order = np.argsort(-s, kind="stable")
    s, t = s[order], t[order]
    last = np.r_[np.flatnonzero(np.diff(s)), s.size - 1]  # equal scores are decided together
    found = np.cumsum(t)[last]
    wrong = 1 + last - found
    tpr, fpr = np.r_[0, found] / t.sum(), np.r_[0, wrong] / (t.size - t.sum())
    return from_numpy(fpr), from_numpy(tpr), from_numpy(np.r_[np.inf, s[last]])


def roc_auc(scores, targets) -> float:
    """The area under the ROC curve: how likely a random 1 scores above a random 0 (ties count half)."""
    fpr, tpr, _ = roc_curve(scores, targets)
    return float(np.trapezoid(tpr._array, fpr._array))


def r2_score(predictions, targets) -> float:
    """R² = 1 − Σ(y − ŷ)² / Σ(y − mean y)²: 1 is perfect, 0 is no better than the mean."""
    p, t = _array(predictions, "predictions").astype(float), _array(targets, "targets").astype(float)
    if p.shape != t.shape:
        raise ValueError(f"r2_score() needs predictions and targets of one shape, given {p.shape} and {t.shape}")
    spread = ((t - t.mean()) ** 2).sum()
    error = ((t - p) ** 2).sum()
    if spread == 0:
        return 1.0 if error == 0 else 0.0
    return float(1 - error / spread)
