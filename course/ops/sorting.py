"""Order: the largest, the smallest, the middle, all in a row; the gradient goes to the element that was taken."""

import numpy as np

from .. import return_types
from ..autograd import Variable, check_tensors, numpys_names, operation
from .elementwise import maximum, minimum
from .indexing import take_along
from .reduction import amax, amin, argmax, argmin
from .shapes import _dim, squeeze


@numpys_names
def max(input, dim=None, keepdim=False):
    """The largest element; with `dim`, the largest along it and where they stand; of two tensors, their `maximum`."""
    return _extreme(return_types.max, input, dim, keepdim, amax, argmax, maximum)


@numpys_names
def min(input, dim=None, keepdim=False):
    """The smallest element; with `dim`, the smallest along it and where they stand; of two tensors, their `minimum`."""
    return _extreme(return_types.min, input, dim, keepdim, amin, argmin, minimum)


def _extreme(pair, input, dim, keepdim, find, locate, of_two):
    check_tensors(pair.__name__, input=input)
    if dim is None:
        return find(input)
    if isinstance(dim, Variable):
        return of_two(input, dim)
    return _taken(pair, input, locate(input, dim, True), dim, keepdim)


def _taken(pair, input, positions, dim, keepdim=True):
    """The elements at `positions` along `dim`, and the positions."""
    along = _dim(dim, input.ndim)
    values = take_along(input, positions._array, along) if input.ndim else input.clone()
    return pair(values, positions) if keepdim else pair(squeeze(values, dim), squeeze(positions, dim))


@operation()
def _ranked(input, dim, descending):
    """The positions of the elements in order; equal ones keep theirs; NaN counts as the largest."""
    if not descending:
        return np.argsort(input, axis=dim, kind="stable")
    backwards = np.argsort(np.flip(input, dim), axis=dim, kind="stable")
    return input.shape[dim] - 1 - np.flip(backwards, dim)


@numpys_names
def argsort(input, dim=-1, descending=False, stable=False):
    """The positions of the elements along `dim` in the order of their size; equal elements keep their order."""
    check_tensors("argsort", input=input)
    dim = _dim(dim, input.ndim)
    return _ranked(input, dim, descending) if input.ndim else _ranked(input.reshape(1), 0, False).reshape(())


@numpys_names
def sort(input, dim=-1, descending=False, stable=False):
    """The elements along `dim` in the order of their size, and where they stood; equal elements keep their order."""
    return _taken(return_types.sort, input, argsort(input, dim, descending), dim)


@numpys_names
def topk(input, k, dim=-1, largest=True, sorted=True):
    """The `k` largest (or smallest) elements along `dim`, in order, and where they stand.

    Raises RuntimeError for a k that is negative or more than there are.
    """
    order = argsort(input, dim, largest)
    along = _dim(dim, input.ndim)
    size = input.shape[along] if input.ndim else 1
    if not 0 <= k <= size:
        raise RuntimeError(f"topk(): selected index k out of range: k = {k} of {size} elements along dim {dim}")
    return _taken(return_types.topk, input, order[(slice(None),) * along + (slice(k),)] if input.ndim else order, dim)


@operation()
def _middle(input, dim):
    """The position of the middle element, of an even number the lower one; of a NaN where there is one."""
    order = np.argsort(input, axis=dim, kind="stable")
    half = (input.shape[dim] - 1) // 2
    middle = order[(slice(None),) * dim + (slice(half, half + 1),)]
    missing = np.isnan(input)
    return np.where(missing.any(dim, keepdims=True), missing.argmax(dim, keepdims=True), middle)


@numpys_names
def median(input, dim=None, keepdim=False):
    """The middle element, of an even number the lower one; with `dim`, along it, and where they stand.

    Without `dim` the gradient is shared by all elements that equal the median.
    """
    check_tensors("median", input=input)
    if dim is None:
        return _overall_median(input)
    along = _dim(dim, input.ndim)
    if input.ndim and not input.shape[along]:
        raise IndexError(f"median(): along dim={dim} a tensor of shape {list(input.shape)} has no elements")
    positions = _middle(input, along) if input.ndim else argsort(input)
    return _taken(return_types.median, input, positions, dim, keepdim)


@operation(input=lambda g, input, out: _evenly_shared(g, input, out))
def _overall_median(input):
    if not input.size:
        return np.full((), np.nan, input.dtype, like=input)
    flat = input.reshape(-1)
    return flat[_middle.forward(flat, 0)[0]]


def _evenly_shared(g, input, out):
    taken = (input == out) | ((input != input) & (out != out))
    return g * taken / taken.sum()
