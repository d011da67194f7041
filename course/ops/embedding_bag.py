"""Bags of rows of a table: the sum, the mean or the largest numbers of each, in one call."""

import numpy as np

from ..autograd import Taped, check_tensors
from ..device import CPU, device_of, move
from . import sorting
from .elementwise import where
from .embedding import _check_rows, _embedding, _rows_back, _share, _shorten


def embedding_bag(input, weight, offsets=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, mode="mean",
                  sparse=False, per_sample_weights=None, include_last_offset=False, padding_idx=None):
    """The rows `input` of the table `weight`, bag by bag: their sum, mean or, column by column, largest number.

    Args: mode: 'sum', 'mean' or 'max'; offsets: where in a one-dimensional `input` each bag begins, with
    `include_last_offset` also where the last one ends; per_sample_weights: what each row of a sum is multiplied by;
    padding_idx: a row that counts in no bag; max_norm, norm_type, scale_grad_by_freq: see `embedding`.
    An empty bag gives zeros. Differs from PyTorch: `sparse` gradients are refused.
    Shapes: input (bags, n), or (numbers,) with offsets (bags,); weight (rows, columns), result (bags, columns).
    Raises ValueError for shapes and options that do not fit, IndexError for a row that does not exist, RuntimeError for
    numbers that are no integers and for offsets that do not ascend from 0.
    """
    check_tensors("embedding_bag", input=input, weight=weight)
    _check_options(input, weight, mode, scale_grad_by_freq, sparse, per_sample_weights)
    starts = _starts(input, offsets, include_last_offset)
    _check_rows(input, weight)
    index, counts, often = input._array.reshape(-1)[: starts[-1]], np.diff(starts), per_sample_weights
    bag = move(np.repeat(np.arange(len(counts)), counts), device_of(index))
    if often is not None:
        often = often.reshape(-1, 1)[: starts[-1]]
    if max_norm is not None:
        _shorten(weight, index, max_norm, norm_type)
    if padding_idx is not None:
        counted = index != _row(padding_idx, weight.shape[0])
        index, bag, often = index[counted], bag[counted], often if often is None else often[Taped.tensor(counted)]
        counts = move(np.bincount(bag, minlength=len(counts)), CPU)
    if mode == "max" and index.size:
        return _largest(weight, index, counts)
    rows = _embedding(weight, index, None, _share(index, weight) if scale_grad_by_freq else None)
    sums = _rows_back(rows if often is None else rows * often, bag, None, (len(counts), weight.shape[1]))
    if mode != "mean":
        return sums
    counts = np.maximum(counts, 1).astype(weight._array.dtype)
    return sums / Taped.tensor(move(counts, device_of(index))).unsqueeze(1)


def _check_options(input, weight, mode, scale_grad_by_freq, sparse, per_sample_weights):
    if weight.ndim != 2:
        raise ValueError(f"weight has to be a 2D Tensor, but got Tensor of dimension {weight.ndim}")
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"mode has to be one of sum, mean or max, given {mode!r}")
    if mode == "max" and scale_grad_by_freq:
        raise ValueError("max mode does not support scaling the gradient by the frequency")
    if sparse:
        raise NotImplementedError("embedding_bag(): the course has no sparse gradients; leave sparse=False")
    if per_sample_weights is None:
        return
    if per_sample_weights.shape != input.shape:
        raise ValueError(f"embedding_bag: If per_sample_weights ({list(per_sample_weights.shape)}) is not None, then "
                         f"it must have the same shape as the input ({list(input.shape)})")
    if mode != "sum":
        raise NotImplementedError(f"embedding_bag: per_sample_weights is only supported for mode='sum' (got "
                                  f"mode={mode!r})")
    if per_sample_weights.dtype != weight.dtype:
        raise RuntimeError(f"embedding_bag: expected per_sample_weights of the type of weight, {weight.dtype}, but got "
                           f"{per_sample_weights.dtype}")


def _starts(input, offsets, include_last_offset):
    """Where each bag begins, and where the last one ends, as an array on the CPU."""
    if input.ndim == 2:
        if offsets is not None:
            raise ValueError("if input is 2D, then offsets has to be None, as input is treated as a mini-batch of "
                             f"fixed length sequences. However, found offsets of type {type(offsets).__name__}")
        bags, length = input.shape
        return np.arange(bags + 1) * length
    if input.ndim != 1:
        raise ValueError(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.ndim}")
    if offsets is None or offsets.ndim != 1:
        given = None if offsets is None else list(offsets.shape)
        raise ValueError(f"offsets has to be a 1D Tensor but got {given}: it says where in a one-dimensional input "
                         "each bag begins")
    if offsets._array.dtype.kind not in "iu":
        raise RuntimeError(f"Expected tensor for argument #1 'offsets' to have scalar type Long or Int, but got "
                           f"{offsets.dtype}; convert with .long()")
    starts = move(offsets._array, CPU)
    starts = np.asarray(starts) if include_last_offset else np.append(starts, len(input))
    if not len(starts) or starts[0] != 0:
        raise RuntimeError("offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from "
                           f"position 0. However, got {offsets.tolist()}")
    if starts[-1] > len(input) or (np.diff(starts) < 0).any():
        raise RuntimeError(f"offsets must ascend and can not be greater than input's length, {len(input)}, given "
                           f"{offsets.tolist()}")
    return starts


def _row(padding_idx, rows):
    """`padding_idx` counted from 0."""
    if not -rows <= padding_idx < rows:
        raise RuntimeError(f"padding_idx must be within the number of embeddings, -{rows} through {rows - 1}, but got "
                           f"{padding_idx}")
    return padding_idx % rows


def _largest(weight, index, counts):
    """The largest number of each column, bag by bag: bags as rows of one length, filled up with −∞."""
    place = np.arange(counts.max())
    there = place < counts[:, None]
    places = np.where(there, (np.cumsum(counts) - counts)[:, None] + place, 0)
    there, places = (move(x, device_of(index)) for x in (there, places))
    rows = where(Taped.tensor(there[..., None]), _embedding(weight, index[places], None), -np.inf)
    return where(Taped.tensor(there[:, :1]), sorting.max(rows, 1).values, 0.0)
