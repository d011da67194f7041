"""The CTC loss: labels without an alignment."""

import numpy as np

from ..autograd import Taped, operation
from ..device import CPU, move, run
from ..kernels import ctc as kernels
from .elementwise import where
from .losses import check_options, check_tensors, reduced


def ctc_loss(log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean", zero_infinity=False):
    """−log of the probability that T distributions over C symbols spell the targets, over all alignments with blanks.

    The formulas stand in `course/kernels/ctc.py`. As in PyTorch the gradient takes it for granted that log_probs comes
    from `log_softmax`: it is already that of the logits.
    Shapes: log_probs (T, batch, C) or (T, C); targets (batch, S) or all of them in one row, int64; the lengths, of how
    much of each counts, (batch,) as a tensor, tuple or list, or one number. The mean divides each loss by its target's
    length (at least 1) first. Targets and lengths are looked at on the CPU, and fetched from the GPU for it.
    `zero_infinity`: a target that does not fit its input costs 0 and not infinity.
    Raises TypeError and RuntimeError for lengths and shapes that do not fit, IndexError for a symbol that does not
    exist.
    """
    name = "ctc_loss"
    check_options(name, blank=blank, reduction=reduction, zero_infinity=zero_infinity)
    check_tensors(name, log_probs=log_probs, targets=targets)
    y = log_probs._array
    if y.ndim not in (2, 3) or y.dtype.kind != "f":
        raise RuntimeError(f"{name}(): log_probs are floating-point numbers of shape (T, batch, C) or (T, C), given "
                           f"{log_probs.dtype} {list(y.shape)}")
    single = y.ndim == 2
    log_y = log_probs.reshape(y.shape[0], 1, y.shape[1]) if single else log_probs
    times, batch, symbols = log_y.shape
    if blank >= symbols:
        raise RuntimeError(f"{name}(): blank must be in label range 0 to {symbols - 1}, given {blank}")
    input_lengths = _lengths(name, "input_lengths", input_lengths, batch, times, "T, the times in log_probs")
    rows, target_lengths = _rows(name, move(targets._array, CPU), target_lengths, batch)
    counted = np.arange(rows.shape[1]) < target_lengths[:, None]
    wrong = rows[counted & ((rows < 0) | (rows >= symbols))]
    if wrong.size:
        raise IndexError(f"{name}(): target {wrong[0]} is out of bounds: there are {symbols} symbols, numbered 0 to "
                         f"{symbols - 1}")
    labels = np.full((batch, 2 * rows.shape[1] + 1), blank)  # with blanks before, between and after
    labels[:, 1::2] = np.where(counted, rows, blank)
    counts = np.maximum(target_lengths, 1).astype(y.dtype)
    labels, times, ends, counts = (
        move(a, log_probs.device) for a in (labels, input_lengths, 2 * target_lengths + 1, counts))
    losses = _ctc_loss(log_y, labels, times, ends, zero_infinity)
    if reduction == "mean":
        losses = losses / Taped.tensor(counts)
    return losses.reshape(()) if single and reduction == "none" else reduced(losses, reduction)


def _lengths(name, which, given, batch, most, of_what):
    """The lengths as an array of `batch` integers, none of them negative or more than `most`."""
    array = move(given._array, CPU) if isinstance(given, Taped) else np.asarray(given)
    if array.dtype.kind not in "iu" and array.size:
        raise TypeError(f"{name}(): {which} must be integers, given {array.dtype}")
    if array.reshape(-1).shape != (batch,):
        raise RuntimeError(f"{name}(): {which} must hold one length for each of the {batch} rows, given "
                           f"{list(array.shape)}")
    lengths = array.reshape(-1).astype(np.int64)
    if ((lengths < 0) | (lengths > most)).any():
        raise RuntimeError(f"{name}(): Expected {which} to have values from 0 to {most} ({of_what}), given "
                           f"{lengths.tolist()}")
    return lengths


def _rows(name, targets, lengths, batch):
    """The targets with one row each, padded with zeros, and their lengths."""
    if targets.dtype.kind not in "iu":
        raise RuntimeError(f"{name}(): targets are integers, given {targets.dtype}; convert with .long()")
    if targets.ndim == 2 and targets.shape[0] == batch:
        return targets, _lengths(name, "target_lengths", lengths, batch, targets.shape[1], "S, the targets in a row")
    if targets.ndim != 1:
        raise RuntimeError(f"{name}(): targets have shape (batch, S), with a batch of {batch}, or stand in one row; "
                           f"given {list(targets.shape)}")
    lengths = _lengths(name, "target_lengths", lengths, batch, targets.size, "the targets in the row")
    if batch > 1 and lengths.sum() != targets.size:
        raise RuntimeError(f"{name}(): Expected targets of length {lengths.sum()}, the sum of target_lengths, given "
                           f"{targets.size}")
    rows = np.zeros((batch, max(lengths, default=0)), np.int64)
    rows[np.arange(rows.shape[1]) < lengths[:, None]] = targets[: lengths.sum()]
    return rows, lengths


@operation(log_y=lambda g, log_y, labels, times, ends, zero_infinity, kept: _ctc_gradient(
    g, log_y, labels, times, ends, zero_infinity, *kept))
def _ctc_loss(log_y, labels, times, ends, zero_infinity):
    log_y = np.ascontiguousarray(log_y, like=log_y)
    alpha = np.empty((log_y.shape[1], log_y.shape[0], labels.shape[1]), log_y.dtype, like=log_y)
    loss = np.empty(log_y.shape[1], log_y.dtype, like=log_y)
    run(kernels.ctc, loss.size, log_y, labels, times, ends, alpha, loss)
    return (np.where(np.isinf(loss), 0, loss) if zero_infinity else loss), (alpha, loss)


def _ctc_gradient(g, log_y, labels, times, ends, zero_infinity, alpha, loss):
    if isinstance(g, Taped):
        raise RuntimeError("ctc_loss(): the derivative of its gradient is not implemented; leave out create_graph=True")
    log_y, g = np.ascontiguousarray(log_y, like=log_y), np.ascontiguousarray(g, like=g)
    beta, du = np.empty_like(alpha), np.empty_like(log_y)
    run(kernels.ctc_backward, loss.size, log_y, labels, times, ends, beta)
    run(kernels.ctc_gradient_rows, loss.size, log_y, labels, times, ends, alpha, beta, loss, g, du)
    return where(np.isinf(loss)[:, None], 0.0, du) if zero_infinity else du
