"""Sums of products over named dimensions: einsum, and what else is one."""

import functools
import math
import string

import numpy as np

from ..autograd import Taped, check_tensors, operation
from ..matrix_product import product
from .reduction import sum
from .shapes import _dims, broadcast_to, diagonal, permute


@operation(
    a=lambda g, b, of_a, of_b, of_out: _contract(g, b, of_out, of_b, of_a),
    b=lambda g, a, of_a, of_b, of_out: _contract(g, a, of_out, of_a, of_b),
)
def _contract(a, b, of_a, of_b, of_out):
    """Σ a · b over the labels that the result lacks: with ij, jk and ik, outᵢₖ = Σⱼ aᵢⱼ bⱼₖ.

    A label has one size and stands once in each place; one that a single operand has stands in the result too. So a
    derivative is a contraction again: the labels change places.
    """
    order_of_a, order_of_b, order_of_out, n, r, s = _arrangement(of_a, of_b, of_out)
    a, b = np.transpose(a, order_of_a), np.transpose(b, order_of_b)
    height, inner, width = map(math.prod, (a.shape[n : n + r], a.shape[n + r :], b.shape[n + s :]))
    left, right = a.reshape(*a.shape[:n], height, inner), b.reshape(*b.shape[:n], inner, width)
    out = np.empty_like(a, shape=a.shape[: n + r] + b.shape[n + s :], order="C")
    (product if s else np.multiply)(left, right, out=out.reshape(*a.shape[:n], height, width))
    return out if order_of_out is None else np.transpose(out, order_of_out).copy()


@functools.cache
def _arrangement(of_a, of_b, of_out):
    """How to lay out a as (batch, rows, summed), b as (batch, summed, columns) and then the result, if it has to be;
    and how many dimensions are batch, rows and summed."""
    batch = [i for i in of_a if i in of_b and i in of_out]
    summed = [i for i in of_a if i in of_b and i not in of_out]
    rows, columns = [i for i in of_a if i not in of_b], [i for i in of_b if i not in of_a]
    found = batch + rows + columns
    return ([of_a.index(i) for i in batch + rows + summed], [of_b.index(i) for i in batch + summed + columns],
            None if found == list(of_out) else [found.index(i) for i in of_out], len(batch), len(rows), len(summed))


def einsum(equation, *operands):
    """Σ of products, as the equation says: "ij,jk->ik" is the matrix product, "ii" the trace, "bij,bj->bi" a batch.

    A letter names a dimension; what the result lacks is summed over. Without "->" the result has the letters that stand
    once, in alphabetical order. "..." stands for any number of dimensions, which broadcast; so do those of size 1.
    Forms: einsum("ij,jk", a, b), einsum("ij,jk", [a, b]) and einsum(a, [0, 1], b, [1, 2], [0, 2]).
    Raises RuntimeError for an equation that does not fit its operands.

    >>> import course
    >>> a, b = course.tensor([[1., 2.], [3., 4.]]), course.tensor([10., 1.])
    >>> course.einsum("ij,j->i", a, b)
    tensor([12., 34.])
    """
    if isinstance(equation, Taped):
        equation, operands = _as_equation([equation, *operands])
    elif len(operands) == 1 and isinstance(operands[0], tuple | list):
        operands = operands[0]
    for k, x in enumerate(operands):
        check_tensors("einsum", **{f"operand {k}": x})
        _check_same_type("einsum", operands[0], x)
    terms, of_out, shapes = _labels(equation, tuple([x._array.shape for x in operands]))
    pairs = [_without_repeats(_grown(x, shape), term) for x, shape, term in zip(operands, shapes, terms)]
    product, labels = pairs[0]
    for k, (x, term) in enumerate(pairs[1:], 1):
        wanted = set(of_out).union(*(later for _, later in pairs[k + 1:]))
        product, labels = _summed(product, labels, wanted | set(term))
        x, term = _summed(x, term, wanted | set(labels))
        kept = of_out if k + 1 == len(pairs) else tuple(i for i in dict.fromkeys(labels + term) if i in wanted)
        product, labels = _contract(product, x, labels, term, kept), kept
    product, labels = _summed(product, labels, of_out)
    return product if labels == of_out else permute(product, [labels.index(i) for i in of_out])


_SUBSCRIPTS = string.ascii_uppercase + string.ascii_lowercase  # what the numbers 0 to 51 stand for, sorted alike


def _as_equation(parts):
    """The form einsum(a, [0, 1], b, [1, 2], [0, 2]) as an equation and its operands."""
    subscripts = parts[1::2] + parts[-1:] * (len(parts) % 2)
    for numbers in subscripts:
        if not (isinstance(numbers, tuple | list) and all(i is ... or i in range(52) for i in numbers)):
            raise TypeError(f"einsum(): behind each operand stands the list of its subscripts, numbers from 0 to 51 "
                            f"and at most one ..., given {numbers!r}")
    words = ["".join("..." if i is ... else _SUBSCRIPTS[i] for i in numbers) for numbers in subscripts]
    operands = parts[: 2 * (len(parts) // 2) : 2]
    return ",".join(words[: len(operands)]) + "".join(f"->{word}" for word in words[len(operands) :]), operands


@functools.lru_cache(1024)
def _labels(equation, shapes):
    """The labels of every operand and of the result, and the shapes that operands grow to.

    The dimensions of "..." are numbered from the right.
    """
    terms, arrow, result = equation.replace(" ", "").partition("->")
    words = terms.split(",")
    for word in (*words, result):
        wrong = set(word.replace("...", "", 1)) - set(string.ascii_letters)
        if wrong:
            raise RuntimeError(f"einsum(): invalid subscript {min(wrong)!r} in {equation!r}: subscripts are letters, "
                               "'...' once a term, ',' between operands and '->' before the result")
    if len(words) != len(shapes):
        raise RuntimeError(f"einsum(): {equation!r} speaks of {len(words)} operands and {len(shapes)} were given")
    labels = [_of_one(word, shape, k) for k, (word, shape) in enumerate(zip(words, shapes))]
    grown = _grown_shapes(labels, shapes)
    ellipsis = max(([i for i in one if isinstance(i, int)] for one in labels), key=len)
    if not arrow:
        letters = terms.replace("...", "").replace(",", "")
        return labels, (*ellipsis, *sorted(c for c in letters if letters.count(c) == 1)), grown
    before, dots, after = result.partition("...")
    unknown = set(before + after) - set(terms)
    if unknown or len(set(before + after)) < len(before + after):
        raise RuntimeError(f"einsum(): the result {result!r} of {equation!r} names letters of the operands, each once")
    return labels, (*before, *(ellipsis if dots else ()), *after), grown


def _of_one(word, shape, k):
    before, dots, after = word.partition("...")
    more = len(shape) - len(before + after)
    if more < 0 or (more and not dots):
        raise RuntimeError(f"einsum(): the number of subscripts in {word!r} does not match the {len(shape)} dimensions "
                           f"of operand {k}, whose shape is {list(shape)}")
    return (*before, *range(-more, 0), *after)


def _grown_shapes(labels, shapes):
    """The shapes, where a dimension of size 1 has grown to the size that its label has elsewhere."""
    seen = {}
    for k, (term, shape) in enumerate(zip(labels, shapes)):
        for i, n in zip(term, shape):
            own = shape[term.index(i)]
            if n != own:
                raise RuntimeError(f"einsum(): subscript {i} is repeated but the sizes don't match, {own} != {n}")
            if n != 1 and seen.setdefault(i, n) != n:
                subscript = "..." if isinstance(i, int) else i
                raise RuntimeError(f"einsum(): subscript {subscript} has size {n} for operand {k} which does not "
                                   f"broadcast with previously seen size {seen[i]}")
    return [tuple(seen.get(i, 1) for i in term) for term in labels]


def _grown(x, shape):
    return x if x._array.shape == shape else broadcast_to(x, shape)


def _without_repeats(x, labels):
    """Of a label that stands twice, the diagonal."""
    for i in labels if len(set(labels)) < len(labels) else ():
        while labels.count(i) > 1:
            first = labels.index(i)
            second = labels.index(i, first + 1)
            x = diagonal(x, 0, first, second)
            labels = (*(j for d, j in enumerate(labels) if d not in (first, second)), i)
    return x, labels


def _summed(x, labels, wanted):
    """Σ over the dimensions whose labels nobody wants."""
    gone = tuple(d for d, i in enumerate(labels) if i not in wanted)
    return (sum(x, gone), tuple(i for i in labels if i in wanted)) if gone else (x, labels)


def tensordot(a, b, dims=2):
    """Σ a · b over the last `dims` dimensions of a and the first of b, or over those that dims = (of a, of b) lists.

    The result has the other dimensions of a, then those of b. Raises RuntimeError where sizes differ.

    >>> import course
    >>> course.tensordot(course.ones(2, 3, 4), course.ones(3, 4, 5), dims=2).shape
    course.Size([2, 5])
    """
    check_tensors("tensordot", a=a, b=b)
    dims = dims.tolist() if isinstance(dims, Taped) else dims
    if isinstance(dims, int):
        if not 0 <= dims <= min(a.ndim, b.ndim):
            raise RuntimeError(f"tensordot(): dims must lie between 0 and the smaller number of dimensions, "
                               f"{min(a.ndim, b.ndim)}, given {dims}")
        dims = range(a.ndim - dims, a.ndim), range(dims)
    of_first, of_second = _dims(tuple(dims[0]), a.ndim), _dims(tuple(dims[1]), b.ndim)
    if len(of_first) != len(of_second):
        raise RuntimeError(f"tensordot(): both dimension lists should have same length, given {len(of_first)} and "
                           f"{len(of_second)} dimensions")
    _check_same_type("tensordot", a, b)
    for i, j in zip(of_first, of_second):
        if a.shape[i] != b.shape[j] and 1 not in (a.shape[i], b.shape[j]):
            raise RuntimeError(f"tensordot(): contracted dimensions need to match, but first has size {a.shape[i]} in "
                               f"dim {i} and second has size {b.shape[j]} in dim {j}")
    of_a, shared = tuple(range(a.ndim)), dict(zip(of_second, of_first))
    of_b = tuple(shared.get(j, a.ndim + j) for j in range(b.ndim))
    a, b = map(_grown, (a, b), _grown_shapes((of_a, of_b), (a.shape, b.shape)))
    return _contract(a, b, of_a, of_b, tuple(i for i in of_a + of_b if i not in of_first))


def _check_same_type(name, a, b):
    if a.dtype != b.dtype:
        raise RuntimeError(f"{name}(): expected tensors of one type, given {a.dtype} and {b.dtype}; "
                           "convert one of them with .to(dtype)")


def kron(input, other):
    """The Kronecker product: every element of `input` times the whole of `other`, side by side in blocks.

    Shapes: (a, b) and (c, d) → (a · c, b · d), and likewise for any number of dimensions.

    >>> import course
    >>> course.kron(course.eye(2), course.tensor([[1., 2.]]))
    tensor([[1., 2., 0., 0.],
            [0., 0., 1., 2.]])
    """
    check_tensors("kron", input=input, other=other)
    n = max(input.ndim, other.ndim)
    a, b = ((1,) * (n - x.ndim) + tuple(x.shape) for x in (input, other))
    blocks = input.reshape([k for size in a for k in (size, 1)]) * other.reshape([k for size in b for k in (1, size)])
    return blocks.reshape([i * j for i, j in zip(a, b)])
