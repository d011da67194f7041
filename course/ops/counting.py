"""What there is and how often: distinct elements, counts, histograms, places in an order. None has a derivative."""

import math

import numpy as np

from .. import return_types
from ..autograd import Taped, check_tensors, numpys_names, operation
from .shapes import _dim


@numpys_names
def unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    """The distinct elements, in ascending order; with `dim`, the distinct slices along it. NaNs are all distinct.

    `return_inverse` also gives, for every element, where it stands among them; `return_counts` how often each occurs:
    then the result is a tuple. Differs from PyTorch: always sorted.

    >>> import course
    >>> course.unique(course.tensor([3, 1, 3]), return_counts=True)
    (tensor([1, 3]), tensor([1, 2]))
    """
    check_tensors("unique", input=input)
    axis = None if dim is None else _dim(dim, input.ndim)
    array = input._array
    values, inverse, counts = np.unique(
        array, return_inverse=True, return_counts=True, axis=axis, equal_nan=False)
    found = [values, *[inverse] * return_inverse, *[counts] * return_counts]
    tensors = tuple(Taped.tensor(x) for x in found)
    return tensors if len(tensors) > 1 else tensors[0]


def unique_consecutive(input, return_inverse=False, return_counts=False, dim=None):
    """The elements without those that equal the one before them; with `dim`, the slices along it. Nothing is sorted.

    `return_inverse` also gives, for every element, where it stands among them; `return_counts` how often each occurs
    in a row: then the result is a tuple.

    >>> import course
    >>> course.unique_consecutive(course.tensor([3, 3, 1, 3]), return_counts=True)
    (tensor([3, 1, 3]), tensor([2, 1, 1]))
    """
    check_tensors("unique_consecutive", input=input)
    array = input._array
    slices = array.reshape(-1) if dim is None else np.moveaxis(array, _dim(dim, input.ndim), 0)
    new = np.ones(len(slices), bool, like=array)
    new[1:] = (slices[1:] != slices[:-1]).any(tuple(range(1, slices.ndim)))
    group = np.cumsum(new) - 1
    values = slices[new] if dim is None else np.moveaxis(slices[new], 0, dim)
    found = [values, *[group.reshape(array.shape) if dim is None else group] * return_inverse,
             *[np.bincount(group)] * return_counts]
    tensors = tuple(Taped.tensor(x) for x in found)
    return tensors if len(tensors) > 1 else tensors[0]


def bincount(input, weights=None, minlength=0):
    """How often each of the integers 0, 1, 2, … occurs in a vector; with `weights`, the sum of its weights.

    Shapes: (n,) → (the largest integer + 1 or `minlength`,). Raises RuntimeError for what is not a vector of integers
    from 0 on, or not as many weights.

    >>> import course
    >>> course.bincount(course.tensor([1, 3, 1]))
    tensor([0, 2, 0, 1])
    """
    check_tensors("bincount", input=input)
    numbers = input._array
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu" or (numbers.size and numbers.min() < 0):
        raise RuntimeError(f"bincount() counts a vector of integers from 0 on, given {input.dtype} of shape "
                           f"{list(input.shape)}{'' if numbers.dtype.kind == 'f' else ', or numbers below 0 in it'}")
    if minlength < 0:
        raise RuntimeError(f"bincount(): minlength should be >= 0, given {minlength}")
    if weights is None:
        return _bincount(input, None, minlength)
    check_tensors("bincount", weights=weights)
    if weights.shape != input.shape:
        raise RuntimeError(f"bincount(): weights should be 1-d and have the same length as input, {len(input)}, "
                           f"given {list(weights.shape)}")
    return _bincount(input, weights, minlength)


@operation()
def _bincount(input, weights, minlength):
    counts = np.bincount(input, weights, minlength)
    return counts if weights is None or weights.dtype != np.float32 else counts.astype(np.float32)


def histc(input, bins=100, min=0, max=0):
    """How many elements lie in each of `bins` equally wide bins between `min` and `max`, as floats.

    Others are not counted. With min = max the bins reach from the smallest element to the largest.
    Raises RuntimeError for integers, for no bins, and for a range upside down or not finite.

    >>> import course
    >>> course.histc(course.tensor([1., 2., 1.]), bins=4, min=0, max=3)
    tensor([0., 2., 1., 0.])
    """
    _check_histogram("histc", input, bins)
    if min == max and input.numel():
        min, max = input.min().item(), input.max().item()
    if min == max:
        min, max = min - 1, max + 1
    return histogram(input, bins, range=(min, max)).hist


def histogram(input, bins=100, *, range=None, weight=None, density=False):
    """How many elements lie in each bin, as floats, and the edges of the bins; the last bin contains its right edge.

    Args: bins: their number, between the two numbers of `range` (by default the extremes), or a vector of edges;
    weight: what each element counts for; density: divided by widths and total, so that the area is 1.
    Raises RuntimeError for integers, for no bins, and for a range upside down or not finite.

    >>> import course
    >>> course.histogram(course.tensor([1., 2., 1.]), bins=2).hist
    tensor([2., 1.])
    """
    _check_histogram("histogram", input, bins)
    edges = bins._array if isinstance(bins, Taped) else bins
    if isinstance(bins, Taped) and range is not None:
        raise TypeError("histogram(): a range belongs to a number of bins; given edges have theirs")
    if range is not None and not (math.isfinite(range[0]) and math.isfinite(range[1]) and range[0] <= range[1]):
        raise RuntimeError(f"histogram(): the range must be finite, its min not above its max, given {range}")
    if range is None and not isinstance(bins, Taped) and not np.isfinite(input._array).all():
        raise RuntimeError("histogram(): the range of the elements is not finite; give one, range=(min, max)")
    if weight is not None and weight.shape != input.shape:
        raise RuntimeError(f"histogram(): expected as many weights as elements, {list(input.shape)}, given "
                           f"{list(weight.shape)}")
    array = input._array.reshape(-1)
    weights = None if weight is None else weight._array.reshape(-1)
    hist, edges = np.histogram(array, edges, range, density, weights)
    return return_types.histogram(*(Taped.tensor(x.astype(array.dtype)) for x in (hist, edges)))


def _check_histogram(name, input, bins):
    check_tensors(name, input=input)
    if not input.is_floating_point():
        raise RuntimeError(f"{name}(): expected floats, given {input.dtype}; convert with .float(), or count integers "
                           "with bincount()")
    if isinstance(bins, Taped):
        if bins.ndim != 1 or len(bins) < 2 or not bool((bins[1:] >= bins[:-1]).all()):
            raise RuntimeError(f"{name}(): the edges of the bins are one ascending row, given shape {list(bins.shape)}")
    elif isinstance(bins, bool) or not isinstance(bins, int):
        raise TypeError(f"{name}(): bins must be an integer or a tensor of edges, given {bins!r}")
    elif bins < 1:
        raise RuntimeError(f"{name}(): bins must be > 0, but got {bins}")


def searchsorted(sorted_sequence, input, *, out_int32=False, right=False, side=None, sorter=None):
    """Where each of `input` would have to be inserted into an ascending row, so that the row stays in order.

    Before equal elements; with `right=True` (or side="right") behind them. Rows (…, n) take inputs (…, k) with the same
    sizes in front; one row takes any. `sorter` is what `argsort` gave for a row that is not in order itself.
    Raises RuntimeError where shapes do not match or `side` and `right` disagree.

    >>> import course
    >>> course.searchsorted(course.tensor([1., 3., 5.]), course.tensor([0., 3., 4.]))
    tensor([0, 1, 2])
    """
    check_tensors("searchsorted", sorted_sequence=sorted_sequence)
    if side not in (None, "left", "right") or (side == "left" and right):
        raise RuntimeError(f"searchsorted(): side is 'left' or 'right' and must not contradict `right`, given "
                           f"side={side!r} and right={right}")
    if sorter is not None:
        if sorter.shape != sorted_sequence.shape:
            raise RuntimeError(f"searchsorted(): boundary and sorter must have the same size, given "
                               f"{list(sorted_sequence.shape)} and {list(sorter.shape)}")
        sorted_sequence = sorted_sequence.gather(-1, sorter)
    x = input if isinstance(input, Taped) else sorted_sequence.new_tensor(input, dtype=None)
    if sorted_sequence.ndim != 1 and sorted_sequence.shape[:-1] != x.shape[:-1]:
        raise RuntimeError(f"searchsorted(): the rows must be a single one or match the input in all dimensions but "
                           f"the last, given {list(sorted_sequence.shape)} and {list(x.shape)}")
    positions = _searchsorted(sorted_sequence, x, "right" if right or side == "right" else "left")
    return positions.int() if out_int32 else positions


def bucketize(input, boundaries, *, out_int32=False, right=False):
    """In which of the bins between ascending `boundaries` each number lies: `searchsorted`, its arguments exchanged.

    A number on a boundary lies in the bin below it, with `right=True` in the one above.

    >>> import course
    >>> course.bucketize(course.tensor([0., 3., 9.]), course.tensor([1., 3., 5.]))
    tensor([0, 1, 3])
    """
    check_tensors("bucketize", boundaries=boundaries)
    if boundaries.ndim != 1:
        raise RuntimeError(f"bucketize(): boundaries tensor should be 1 dimension, given {list(boundaries.shape)}")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


@operation()
def _searchsorted(rows, x, side):
    if rows.ndim == 1:
        return np.searchsorted(rows, x, side)
    found = np.empty_like(x, dtype=np.int64, order="C")
    for i in np.ndindex(rows.shape[:-1]):
        found[i] = np.searchsorted(rows[i], x[i], side)
    return found


@operation()
def _isin(elements, test_elements, invert):
    return np.isin(elements, test_elements, invert=invert)


def isin(elements, test_elements, *, assume_unique=False, invert=False):
    """Whether each of the `elements` stands among the `test_elements` (with `invert`, whether it does not).

    Either may be one number. `assume_unique` changes nothing.

    >>> import course
    >>> course.isin(course.tensor([1, 2, 3]), course.tensor([2, 5]))
    tensor([False,  True, False])
    """
    if not (isinstance(elements, Taped) or isinstance(test_elements, Taped)):
        check_tensors("isin", elements=elements)
    return _isin(elements, test_elements, invert)
