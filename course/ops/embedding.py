"""Embedding: rows of a table, chosen by number; and classes as rows with a single 1."""

import numpy as np

from ..autograd import Taped, check_tensors, no_grad, operation
from ..device import different_devices, on_gpu, run
from ..kernels.embedding import add_rows
from ..tracing import look
from .indexing import with_items
from .reduction import norm


@operation(weight=lambda g, index, weight, padding, share: _weight_gradient(g, index, weight, padding, share))
def _embedding(weight, index, padding, share=None):
    return np.take(weight, index, 0)  # half the time of weight[index]


def _weight_gradient(g, index, weight, padding, share):
    return _rows_back(g if share is None else g * share, index, padding, tuple(weight.shape))


@operation(g=lambda u, index, padding: _embedding(_without_row(u, padding), index, padding))
def _rows_back(g, index, padding, shape):
    """Zeros of `shape`, to which each row of g is added at its number; row `padding` stays 0."""
    out = np.zeros(shape, g.dtype, like=g)
    run(add_rows, shape[1], np.ascontiguousarray(g, like=g).reshape(-1, shape[1]), index.reshape(-1), out)
    if padding is not None:
        out[padding] = 0
    return out


def _without_row(weight, padding):
    """The table with zeros in row `padding`."""
    return weight if padding is None else with_items(weight, 0.0, padding)


def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    """Row `input` of the table `weight`.

    Args: padding_idx: a row that gets no gradient; max_norm: rows that are looked up and longer than this are first
    shortened to it, in the table itself, by their norm of order `norm_type`; scale_grad_by_freq: the gradient of a row
    is divided by how often it was looked up.
    Differs from PyTorch: `sparse` gradients are refused.
    Shapes: input (…) of integers, weight (rows, columns), result (…, columns).
    Raises IndexError for a row that does not exist, RuntimeError for numbers that are no integers.
    """
    if sparse:
        raise NotImplementedError("embedding(): the course has no sparse gradients; leave sparse=False")
    check_tensors("embedding", input=input, weight=weight)
    if weight.ndim != 2:
        raise RuntimeError(f"'weight' must be 2-D: (rows, columns), given {list(weight.shape)}")
    index, rows = input._array, weight.shape[0]
    _check_rows(input, weight)
    if padding_idx is not None:
        if not -rows <= padding_idx < rows:
            raise AssertionError(f"padding_idx must be within num_embeddings: {padding_idx} of {rows} rows")
        padding_idx %= rows
    if max_norm is not None:
        _shorten(weight, index, max_norm, norm_type)
    return _embedding(weight, index, padding_idx, _share(index, weight) if scale_grad_by_freq else None)


def _check_rows(input, weight):
    """Raises RuntimeError and IndexError where `input` does not name rows of `weight`."""
    if input._array.dtype.kind not in "iu":
        raise RuntimeError(f"Expected tensor for argument #1 'indices' to have scalar type Long or Int, but got "
                           f"{input.dtype}; convert with .long()")
    if on_gpu(input._array) != on_gpu(weight._array):
        raise different_devices()
    if isinstance(input._array, np.ndarray):
        look(_refuse_row, input._array, weight.shape[0])


def _share(index, weight):
    """For each row that is looked up: 1, divided by how often it is."""
    often = np.bincount(index.reshape(-1), minlength=weight.shape[0])[index]
    return (1 / often)[..., None].astype(weight._array.dtype)


def _refuse_row(index, rows):
    if index.size and not 0 <= index.min() <= index.max() < rows:
        wrong = index[(index < 0) | (index >= rows)].reshape(-1)[0]
        raise IndexError(f"index out of range in self: the table has rows 0 to {rows - 1}, and {wrong} was asked for")


@no_grad()
def _shorten(weight, index, max_norm, norm_type):
    """Scale the rows of `weight` that are looked up to a length of at most `max_norm`, in place."""
    rows = np.unique(index)
    lengths = norm(weight[rows], norm_type, 1, True)._array
    long = lengths[:, 0] > max_norm
    weight[rows[long]] = weight[rows[long]] * (max_norm / (lengths[long] + 1e-7)).astype(lengths.dtype)


def one_hot(tensor, num_classes=-1):
    """Class k as a row of zeros with a 1 in place k. Shapes: (…) of int64 → (…, num_classes), as int64.

    num_classes=−1 takes the largest class and 1 more. Raises RuntimeError for classes that do not exist.
    """
    check_tensors("one_hot", tensor=tensor)
    classes = tensor._array
    if classes.dtype != np.int64:
        raise RuntimeError(f"one_hot is only applicable to index tensor of type LongTensor, given {tensor.dtype}")
    if num_classes == -1:
        if not classes.size:
            raise RuntimeError("Can not infer total number of classes from empty tensor; give num_classes")
        num_classes = int(classes.max()) + 1
    if classes.size and classes.min() < 0:
        raise RuntimeError("Class values must be non-negative")
    if classes.size and classes.max() >= num_classes:
        raise RuntimeError(f"Class values must be smaller than num_classes: {classes.max()} of {num_classes}")
    return Taped.tensor((classes[..., None] == np.arange(num_classes, like=classes)).astype(np.int64))
