"""Losses of class numbers: cross-entropy from logits, in one fused pass, and from logarithms of probabilities."""

import numpy as np

from ..autograd import Taped, operation
from ..device import check, flag, on_gpu, run
from ..kernels import cross_entropy as kernels
from ..tracing import look
from .activations import log_softmax, softmax
from .elementwise import where
from .indexing import take_along
from .losses import check_options, check_tensors, old_reduction
from .reduction import mean, sum


@old_reduction
def cross_entropy(input, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    """−Σ t log softmax(z), from *logits* z (not probabilities).

    Shapes: input (classes,), (batch, classes) or (batch, classes, …); target without the class dimension (class
    numbers, int64) or of the input's shape (probabilities). `weight` (classes,) counts some classes more; a target
    equal to `ignore_index` counts nothing; `label_smoothing` ε in [0, 1] gives every class ε/C of the target.
    The mean divides by the summed weights of the targets.

    Raises IndexError for a class that does not exist, ValueError and RuntimeError for shapes and types that do not fit.
    """
    check_tensors("cross_entropy", input=input, target=target)
    check_options("cross_entropy", weight=weight, ignore_index=ignore_index, reduction=reduction,
                  label_smoothing=label_smoothing)
    class_dim, rows = _rows("cross_entropy", input, weight)
    if target._array.dtype.kind == "f":
        if ignore_index >= 0:
            raise RuntimeError("ignore_index is not supported for floating point target: probabilities name no class")
        return _with_probabilities(input, target, rows, class_dim, weight, reduction, label_smoothing)
    classes = _class_numbers(input, target, class_dim)
    weight = None if weight is None else weight._array
    loss = _cross_entropy(rows, classes, weight, ignore_index, reduction, label_smoothing)
    return loss if reduction != "none" else loss.reshape(target.shape)


@old_reduction
def nll_loss(input, target, weight=None, ignore_index=-100, reduction="mean"):
    """−w_y x_y from *logarithms of probabilities* x, as `log_softmax` gives them; the mean divides by Σ w_y.

    Shapes, weight, ignore_index and errors as for `cross_entropy` with class numbers.
    """
    check_tensors("nll_loss", input=input, target=target)
    check_options("nll_loss", weight=weight, ignore_index=ignore_index, reduction=reduction)
    class_dim, rows = _rows("nll_loss", input, weight)
    y = _class_numbers(input, target, class_dim)
    counted = y != ignore_index
    y = np.where(counted, y, 0)
    y = checked_classes("nll_loss", y, rows.shape[1])
    w = counted * (np.ones_like(rows._array, shape=rows.shape[1]) if weight is None else weight._array)[y]
    w = Taped.tensor(w.astype(rows._array.dtype))
    losses = -take_along(rows, y[:, None], 1).reshape(-1) * w
    losses = where(counted, losses, 0.0)  # what is ignored may well be infinite
    if reduction == "mean":
        return sum(losses) / sum(w)
    return sum(losses) if reduction == "sum" else losses.reshape(target.shape)


def _rows(function, input, weight):
    """Where the classes lie, and the input with a row for each target. Raises RuntimeError for what has no classes."""
    z = input._array
    if z.ndim == 0:
        raise RuntimeError(f"{function}() needs logits of shape (classes,) or (batch, classes, …), given a scalar")
    if z.dtype.kind != "f":
        raise RuntimeError(f"{function}() needs floating-point logits, given {input.dtype}; convert with .float()")
    class_dim = 0 if z.ndim == 1 else 1
    classes = z.shape[class_dim]
    if weight is not None and weight._array.shape != (classes,):
        raise RuntimeError(
            f"weight tensor should be defined either for all {classes} classes or no classes "
            f"but got weight tensor of shape: {list(weight.shape)}"
        )
    return class_dim, input if z.ndim == 2 else input.movedim(class_dim, -1).reshape(-1, classes)


def _class_numbers(input, target, class_dim):
    """The target's class numbers in a row. Raises RuntimeError or ValueError for another type or shape."""
    shape = input._array.shape
    expected = shape[:class_dim] + shape[class_dim + 1 :]
    if target._array.dtype != np.int64:
        raise RuntimeError(f"expected scalar type Long (course.int64) for class numbers but found {target.dtype}")
    if target._array.shape != expected:
        raise ValueError(
            f"Expected target of shape {expected} (one class number for each row of logits), given "
            f"{tuple(target.shape)} for logits of shape {tuple(input.shape)}"
        )
    return target._array.reshape(-1)


def checked_classes(function, y, classes, error=IndexError):
    """The class numbers of the array `y`. Raises `error` for one that is none of 0, …, classes − 1.

    On CUDA nobody waits for an answer: negative numbers are made too large, and what looks them up notes both kinds.
    """
    if on_gpu(y):
        return np.where(y < 0, classes, y)
    look(_refuse_classes, function, y, classes, error)
    return y


def _refuse_classes(function, y, classes, error):
    wrong = y[(y < 0) | (y >= classes)]
    if wrong.size:
        raise error(f"{function}(): Target {wrong[0]} is out of bounds: there are {classes} scores a row, so classes "
                    f"are numbered 0 to {classes - 1}")


@operation(logits=lambda g, logits, target, smoothing, kept: _cross_entropy_gradient(
    g, logits, target, smoothing, *kept))
def _cross_entropy(logits, target, weight, ignore_index, reduction, smoothing):
    logits = np.ascontiguousarray(logits, like=logits)
    n, classes = logits.shape
    kind = logits.dtype.type
    if weight is None:
        weight = np.empty(classes, logits.dtype, like=logits)
        weight.fill(1)
    else:
        weight = weight.astype(logits.dtype)
    of_rows = np.empty((4, n), logits.dtype, like=logits)
    loss, total, m, s = of_rows
    wrong = flag(logits)
    run(kernels.cross_entropy, n, logits, target, weight, kind(smoothing), kind(classes), ignore_index,
        loss, total, m, s, wrong)
    check(wrong, lambda row: _no_such_class(row, target, classes, ignore_index))
    if reduction == "none":
        return loss, (weight, total, m, s, kind(1))
    cost, counts = of_rows[:2].sum(1)
    if reduction == "sum":
        counts = kind(1)
    elif smoothing:  # Σ w_y over the rows that count, which is Σ T without it
        counts = _weights_of(target, weight, ignore_index).sum()
    return cost / counts, (weight, total, m, s, counts)


def _weights_of(target, weight, ignore_index):
    counted = target != ignore_index
    return counted * weight[np.where(counted, target, 0)]


def _no_such_class(row, target, classes, ignore_index):
    if isinstance(target, np.ndarray):  # each thread counts its own rows
        row = int(np.argmax(((target < 0) | (target >= classes)) & (target != ignore_index)))
    return IndexError(
        f"Target {int(target[row])} is out of bounds: there are {classes} logits a row, so classes are numbered 0 to "
        f"{classes - 1} (sample {row} of the batch)"
    )


def _cross_entropy_gradient(g, logits, target, smoothing, weight, total, m, s, scale):
    """∂loss/∂z = g · (T p − t) for each row, g being divided by Σ w_y for the mean."""
    n, classes = logits.shape
    if isinstance(g, Taped):
        t = _target_rows(target, weight, smoothing, classes, total)
        p = softmax(logits, 1)
        rows = g.reshape(-1, 1) if g.ndim else g
        return (p * Taped.tensor(total[:, None]) - Taped.tensor(t)) * (rows / (float(scale) or 1.0))
    logits, kind = np.ascontiguousarray(logits, like=logits), logits.dtype.type
    rows = np.ascontiguousarray(g, like=g) if g.ndim else (g / scale).reshape(-1)
    rows = rows.astype(logits.dtype, copy=False)
    dz = np.empty_like(logits)
    run(kernels.cross_entropy_gradient_rows, n, logits, target, weight, kind(smoothing), kind(classes), total, m, s,
        rows, dz)
    return dz


def _target_rows(target, weight, smoothing, classes, total):
    """The targets t_k = w_k ((1 − ε) [k = y] + ε / C) as rows; zeros where the row is ignored."""
    t = np.full((len(target), classes), smoothing / classes, total.dtype, like=total)
    counted = total != 0
    t[counted, target[counted]] += 1 - smoothing
    return t * weight * counted[:, None]


def _with_probabilities(input, target, rows, class_dim, weight, reduction, smoothing):
    if target.shape != input.shape:
        raise RuntimeError(
            f"Expected floating-point targets (class probabilities) of the logits' shape {list(input.shape)}, given "
            f"{list(target.shape)}; class numbers are integers"
        )
    t = target.movedim(class_dim, -1).reshape(-1, rows.shape[1])
    if smoothing:
        t = t * (1 - smoothing) + smoothing / rows.shape[1]
    if weight is not None:
        t = t * weight
    losses = -sum(t * log_softmax(rows, 1), 1)
    if reduction == "none":
        return losses.reshape(input.shape[:class_dim] + input.shape[class_dim + 1 :])
    return sum(losses) if reduction == "sum" else mean(losses)
