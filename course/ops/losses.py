"""Loss functions: how far a prediction is from the truth, as one number to make small."""

import numpy as np

from ..autograd import Variable, check_tensors, operation
from ..device import run
from ..kernels import cross_entropy as kernels
from ..kernels import regression_losses
from . import pointwise
from .activations import log_softmax, softmax
from .reduction import mean, sum

REDUCTIONS = ("none", "mean", "sum")


def check_reduction(reduction):
    """Raises ValueError for a `reduction` that is none of 'none', 'mean', 'sum'."""
    if reduction not in REDUCTIONS:
        raise ValueError(f"{reduction!r} is not a valid value for reduction; use one of {', '.join(REDUCTIONS)}")


def reduced(losses, reduction):
    """The losses of all elements as one number: their mean, their sum, or (reduction='none') as they are."""
    check_reduction(reduction)
    return {"none": lambda x: x, "mean": mean, "sum": sum}[reduction](losses)


def mse_loss(input, target, reduction="mean"):
    """The mean squared error (1/n) Σ (ŷ − y)².

    Shapes: input and target alike; the result is a scalar, or of their shape for reduction='none'.
    Raises RuntimeError for shapes that do not fit; warns where they differ but broadcast, which is seldom meant.
    """
    return _elementwise_loss("mse_loss", _mse_loss, input, target, (), reduction)


_mse_loss = pointwise.loss("mse_loss", regression_losses.mse)


def _elementwise_loss(name, operation, input, target, numbers, reduction):
    """What all losses of one prediction and one true value share: what is checked, and the call."""
    check_reduction(reduction)
    check_tensors(name, input=input, target=target)
    warn_if_broadcast(name, input, target)
    if not (input.is_floating_point() or target.is_floating_point()):
        raise RuntimeError(f"{name}() needs floating-point numbers, given {input.dtype} and {target.dtype}; "
                           "convert with .float()")
    return operation(input, target, numbers, reduction)


def warn_if_broadcast(name, input, target):
    if input.shape != target.shape:
        import warnings

        warnings.warn(
            f"{name}: using a target size ({list(target.shape)}) that is different to the input size "
            f"({list(input.shape)}). This will likely lead to incorrect results due to broadcasting. "
            "Reshape one of them so that they have the same size",
            UserWarning,
            stacklevel=5,
        )


# --- cross-entropy ----------------------------------------------------------------------------------------------


def cross_entropy(input, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    """−Σ t log softmax(z), from *logits* z (not probabilities).

    Shapes: input (classes,), (batch, classes) or (batch, classes, …); target without the class dimension (class
    numbers, int64) or of the input's shape (probabilities). `weight` (classes,) counts some classes more; a target
    equal to `ignore_index` counts nothing; `label_smoothing` ε in [0, 1] gives every class ε/C of the target.
    The mean divides by the summed weights of the targets.

    Raises IndexError for a class that does not exist, ValueError and RuntimeError for shapes and types that do not fit.
    """
    check_tensors("cross_entropy", input=input, target=target, **({} if weight is None else {"weight": weight}))
    check_reduction(reduction)
    if isinstance(ignore_index, bool) or not isinstance(ignore_index, int):
        raise TypeError(f"ignore_index must be an integer, given {ignore_index!r}; -100 ignores nothing")
    if not 0.0 <= label_smoothing <= 1.0:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    z = input._array
    if z.ndim == 0:
        raise RuntimeError("cross_entropy() needs logits of shape (classes,) or (batch, classes, …), given a scalar")
    if z.dtype.kind != "f":
        raise RuntimeError(f"cross_entropy() needs floating-point logits, given {input.dtype}; convert with .float()")
    class_dim = 0 if z.ndim == 1 else 1
    classes = z.shape[class_dim]
    if weight is not None and weight._array.shape != (classes,):
        raise RuntimeError(
            f"weight tensor should be defined either for all {classes} classes or no classes "
            f"but got weight tensor of shape: {list(weight.shape)}"
        )
    rows = input.movedim(class_dim, -1).reshape(-1, classes)
    if target._array.dtype.kind == "f":
        if ignore_index >= 0:
            raise RuntimeError("ignore_index is not supported for floating point target: probabilities name no class")
        return _with_probabilities(input, target, rows, class_dim, weight, reduction, label_smoothing)
    expected = z.shape[:class_dim] + z.shape[class_dim + 1 :]
    if target._array.dtype != np.int64:
        raise RuntimeError(f"expected scalar type Long (course.int64) for class numbers but found {target.dtype}")
    if target._array.shape != expected:
        raise ValueError(
            f"Expected target of shape {expected} (one class number for each row of logits), given "
            f"{tuple(target.shape)} for logits of shape {tuple(input.shape)}"
        )
    weight = None if weight is None else weight._array
    loss = _cross_entropy(rows, target._array.reshape(-1), weight, ignore_index, reduction, label_smoothing)
    return loss if reduction != "none" else loss.reshape(expected)


@operation(logits=lambda g, logits, target, weight, reduction, smoothing, kept: _cross_entropy_gradient(
    g, logits, target, weight, reduction, smoothing, *kept))
def _cross_entropy(logits, target, weight, ignore_index, reduction, smoothing):
    logits = np.ascontiguousarray(logits)
    n, classes = logits.shape
    kind = logits.dtype.type
    weight = np.ones(classes, logits.dtype) if weight is None else weight.astype(logits.dtype)
    loss, total, m, s = np.empty((4, n), logits.dtype)
    wrong = np.array([-1])
    run(kernels.cross_entropy, n, logits, target, weight, kind(smoothing), kind(classes), ignore_index,
        loss, total, m, s, wrong)
    if (row := int(wrong[0])) >= 0:
        raise IndexError(
            f"Target {target[row]} is out of bounds: there are {classes} logits a row, so classes are numbered 0 to "
            f"{classes - 1} (sample {row} of the batch)"
        )
    if reduction == "none":
        return loss, (total, m, s, kind(1))
    counts = kind(1)
    if reduction == "mean":  # Σ w_y over the rows that count
        counts = (weight[target[target != ignore_index]] if smoothing else total).sum()
    return loss.sum() / counts, (total, m, s, counts)


def _cross_entropy_gradient(g, logits, target, weight, reduction, smoothing, total, m, s, scale):
    """∂loss/∂z = g · (T p − t) for each row, g being divided by Σ w_y for the mean."""
    if isinstance(g, Variable):
        n, classes = logits.shape
        t = _target_rows(target, weight, smoothing, classes, total)
        p = softmax(logits, 1)
        rows = g.reshape(-1, 1) if reduction == "none" else g
        return (p * Variable.tensor(total[:, None]) - Variable.tensor(t)) * (rows / float(scale))
    n, classes = logits.shape
    logits, kind = np.ascontiguousarray(logits), logits.dtype.type
    weight = np.ones(classes, logits.dtype) if weight is None else weight.astype(logits.dtype)
    rows = np.ascontiguousarray(np.broadcast_to(g / scale, (n,)), logits.dtype)
    dz = np.empty_like(logits)
    run(kernels.cross_entropy_gradient_rows, n, logits, target, weight, kind(smoothing), kind(classes), total, m, s,
        rows, dz)
    return dz


def _target_rows(target, weight, smoothing, classes, total):
    """The targets t_k = w_k ((1 − ε) [k = y] + ε / C) as rows; zeros where the row is ignored."""
    weight = np.ones(classes, total.dtype) if weight is None else weight
    t = np.full((len(target), classes), smoothing / classes, total.dtype)
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
