"""Order: the largest, the smallest, the middle, all in a row; the gradient goes to the element that was taken."""

import numpy as np

from .. import return_types
from ..autograd import Taped, check_tensors, numpys_names, operation
from .elementwise import maximum, minimum
from .indexing import take_along
from .reduction import _candidates, _extreme_gradient, amax, amin, argmax, argmin
from .shapes import _dim, squeeze


@operation(input=lambda g, input, out: _extreme_gradient(g, input, out, None, False))
def _max(input):
    return np.max(input, axis=_candidates("max", input, None))


@operation(input=lambda g, input, out: _extreme_gradient(g, input, out, None, False))
def _min(input):
    return np.min(input, axis=_candidates("min", input, None))


@numpys_names
def max(input, dim=None, keepdim=False):
    """The largest element; with `dim`, the largest along it and where they stand; of two tensors, their `maximum`."""
    return _extreme(return_types.max, input, dim, keepdim, _max, argmax, maximum)


@numpys_names
def min(input, dim=None, keepdim=False):
    """The smallest element; with `dim`, the smallest along it and where they stand; of two tensors, their `minimum`."""
    return _extreme(return_types.min, input, dim, keepdim, _min, argmin, minimum)


def _extreme(pair, input, dim, keepdim, find, locate, of_two):
    check_tensors(pair.__name__, input=input)
    if dim is None:
        return find(input)
    if isinstance(dim, Taped):
        return of_two(input, dim)
    return _taken(pair, input, locate(input, dim, True), dim, keepdim)


@numpys_names
def aminmax(input, *, dim=None, keepdim=False):
    """`amin` and `amax` as a pair `min`, `max`."""
    check_tensors("aminmax", input=input)
    return return_types.aminmax(amin(input, dim, keepdim), amax(input, dim, keepdim))


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


@numpys_names
def kthvalue(input, k, dim=-1, keepdim=False):
    """The `k`-th smallest element along `dim`, counted from 1, and where it stands.

    Raises RuntimeError for a k that is less than 1 or more than there are.
    """
    order, along = argsort(input, dim), _nonempty("kthvalue", input, dim)
    size = input.shape[along] if input.ndim else 1
    if not 1 <= k <= size:
        raise RuntimeError(f"kthvalue(): selected number k out of range: k = {k} of {size} elements along dim {dim}")
    position = order[(slice(None),) * along + (slice(k - 1, k),)] if input.ndim else order
    return _taken(return_types.kthvalue, input, position, dim, keepdim)


def _nonempty(name, input, dim):
    """`dim` counted from 0. Raises IndexError where there are no elements along it."""
    along = _dim(dim, input.ndim)
    if input.ndim and not input.shape[along]:
        raise IndexError(f"{name}(): along dim={dim} a tensor of shape {list(input.shape)} has no elements")
    return along


@operation()
def _middle(input, dim):
    """The position of the middle element, of an even number the lower one; of a NaN where there is one."""
    order = np.argsort(input, axis=dim, kind="stable")
    half = (input.shape[dim] - 1) // 2
    middle = order[(slice(None),) * dim + (slice(half, half + 1),)]
    missing = np.isnan(input)
    return np.where(missing.any(dim, keepdims=True), missing.argmax(dim, keepdims=True), middle)


@operation()
def _middle_number(input, dim):
    """As `_middle`, of the elements that are numbers; of a NaN only where there is nothing else."""
    order = np.argsort(input, axis=dim, kind="stable")  # NaN counts as the largest
    numbers = np.count_nonzero(input == input, dim, keepdims=True)
    return np.take_along_axis(order, np.maximum(numbers - 1, 0) // 2, dim)


@numpys_names
def median(input, dim=None, keepdim=False):
    """The middle element, of an even number the lower one; with `dim`, along it, and where they stand.

    Without `dim` the gradient is shared by all elements that equal the median.
    """
    return _median(return_types.median, input, dim, keepdim, _middle)


@numpys_names
def nanmedian(input, dim=None, keepdim=False):
    """`median` of the elements that are not NaN; NaN where all are."""
    return _median(return_types.nanmedian, input, dim, keepdim, _middle_number)


def _median(pair, input, dim, keepdim, middle):
    name = pair.__name__
    check_tensors(name, input=input)
    if dim is None:
        return _overall_median(input, middle)
    along = _nonempty(name, input, dim)
    positions = middle(input, along) if input.ndim else argsort(input)
    return _taken(pair, input, positions, dim, keepdim)


@operation(input=lambda g, input, out: _evenly_shared(g, input, out))
def _overall_median(input, middle):
    if not input.size:
        return np.full((), np.nan, input.dtype, like=input)
    flat = input.reshape(-1)
    return flat[middle.forward(flat, 0)[0]]


def _evenly_shared(g, input, out):
    taken = (input == out) | ((input != input) & (out != out))
    return g * taken / taken.sum()


# --- the largest so far, the most frequent ------------------------------------------------------------------------


@numpys_names
def cummax(input, dim):
    """The largest of the elements up to each one along `dim`, and where the last of these stands. NaN counts as larger.

    >>> import course
    >>> course.cummax(course.tensor([1, 3, 2]), 0).values
    tensor([1, 3, 3])
    """
    return _extreme_so_far(return_types.cummax, input, dim, np.maximum)


@numpys_names
def cummin(input, dim):
    """The smallest of the elements up to each one along `dim`, and where the last of these stands. NaN counts as less.

    >>> import course
    >>> course.cummin(course.tensor([3, 1, 2]), 0).values
    tensor([3, 1, 1])
    """
    return _extreme_so_far(return_types.cummin, input, dim, np.minimum)


def _extreme_so_far(pair, input, dim, extreme):
    check_tensors(pair.__name__, input=input)
    along = _dim(dim, input.ndim)
    return _taken(pair, input, _records(input, along, extreme) if input.ndim else argsort(input), dim)


@operation()
def _records(input, dim, extreme):
    """Where the extreme of the elements up to each one stands, the last of equal ones; a NaN stays one for ever."""
    so_far = extreme.accumulate(input, dim)
    return np.maximum.accumulate(np.where((input == so_far) | (input != input), _places(input, dim), 0), dim)


def _places(x, dim):
    """0, 1, 2, … along `dim`."""
    return np.arange(x.shape[dim], like=x).reshape(-1, *(1,) * (x.ndim - dim - 1))


@numpys_names
def mode(input, dim=-1, keepdim=False):
    """The value that occurs most often along `dim`, of several the smallest, and the last place where it stands.

    >>> import course
    >>> course.mode(course.tensor([3, 1, 3, 2])).values
    tensor(3)
    """
    check_tensors("mode", input=input)
    along = _nonempty("mode", input, dim)
    positions = _most_frequent(input, along) if input.ndim else argsort(input)
    return _taken(return_types.mode, input, positions, dim, keepdim)


@operation()
def _most_frequent(input, dim):
    """In order, equal elements stand in runs; the first of the longest runs ends where the most have come in a row."""
    order = np.argsort(input, axis=dim, kind="stable")
    in_order = np.take_along_axis(input, order, dim)
    places = _places(input, dim)
    begins = (places == 0) | (in_order != np.roll(in_order, 1, dim))
    in_a_row = places - np.maximum.accumulate(np.where(begins, places, 0), dim)
    return np.take_along_axis(order, np.argmax(in_a_row, dim, keepdims=True), dim)
