"""Tensors joined and cut by NumPy's names, and every way to combine their elements."""

import itertools

import numpy as np

from ..autograd import Taped, check_tensors
from .contraction import _grown
from .shapes import _dim, _on_diagonal, cat, meshgrid, split, stack

# --- at least so many dimensions --------------------------------------------------------------------------------------


def atleast_1d(*tensors):
    """A number as a tensor of shape (1,); others as they are. Several tensors, or a list of them, give a tuple."""
    return _of_each("atleast_1d", tensors, lambda x: x if x.ndim else x.reshape(1))


def atleast_2d(*tensors):
    """A number as (1, 1), a vector as a row (1, n); others as they are. Several tensors, or a list, give a tuple."""
    return _of_each("atleast_2d", tensors,
                    lambda x: x if x.ndim > 1 else x.reshape((1,) * (2 - x.ndim) + tuple(x.shape)))


def atleast_3d(*tensors):
    """A number as (1, 1, 1), a vector as (1, n, 1), a matrix as (n, m, 1); several tensors, or a list, give a tuple."""
    return _of_each("atleast_3d", tensors,
                    lambda x: x if x.ndim > 2 else x.reshape((1,) * (2 - x.ndim) + tuple(x.shape) + (1,)))


def _of_each(name, tensors, grown):
    tensors = tensors[0] if len(tensors) == 1 else tensors
    if isinstance(tensors, Taped):
        return grown(tensors)
    return tuple(map(grown, _several(name, tensors)))


def _several(name, tensors):
    """A list of at least one tensor."""
    if not isinstance(tensors, tuple | list):
        raise TypeError(f"{name}(): 'tensors' must be a tuple or list of Tensors, not {type(tensors).__name__}")
    if not tensors:
        raise RuntimeError(f"{name} expects a non-empty list of tensors")
    check_tensors(name, **{f"tensor {k}": x for k, x in enumerate(tensors)})
    return list(tensors)


# --- joined -----------------------------------------------------------------------------------------------------------


def vstack(tensors):
    """One below the other: vectors become rows, more dimensions are joined along the first.

    >>> import course
    >>> course.vstack([course.tensor([1, 2]), course.tensor([3, 4])])
    tensor([[1, 2],
            [3, 4]])
    """
    return cat(atleast_2d(_several("vstack", tensors)), 0)


def hstack(tensors):
    """Side by side: along the second dimension; vectors become one longer vector.

    >>> import course
    >>> course.hstack([course.tensor([1, 2]), course.tensor([3])])
    tensor([1, 2, 3])
    """
    tensors = atleast_1d(_several("hstack", tensors))
    return cat(tensors, 0 if tensors[0].ndim == 1 else 1)


def dstack(tensors):
    """One behind the other: along the third dimension."""
    return cat(atleast_3d(_several("dstack", tensors)), 2)


def column_stack(tensors):
    """Side by side, vectors as columns.

    >>> import course
    >>> course.column_stack([course.tensor([1, 2]), course.tensor([3, 4])])
    tensor([[1, 3],
            [2, 4]])
    """
    return hstack([x.reshape(x.numel(), 1) if x.ndim < 2 else x for x in _several("column_stack", tensors)])


def block_diag(*tensors):
    """The matrices along the diagonal of a larger one, zeros around them; a vector counts as a row.

    Raises RuntimeError for more than two dimensions.
    """
    tensors = _several("block_diag", tensors)
    if any(x.ndim > 2 for x in tensors):
        raise RuntimeError(f"block_diag: Input tensors must have 2 or fewer dimensions, given "
                           f"{[list(x.shape) for x in tensors]}")
    blocks, before = atleast_2d(tensors), 0
    width, rows = sum(x.shape[1] for x in blocks), []
    for block in blocks:
        n, m = block.shape
        rows.append(cat([block.new_zeros(n, before), block, block.new_zeros(n, width - before - m)], 1))
        before += m
    return cat(rows, 0)


def diag_embed(input, offset=0, dim1=-2, dim2=-1):
    """Each vector along the last dimension as the diagonal of a matrix of zeros in the dimensions dim1 and dim2.

    Shapes: (…, n) → (…, n, n), larger by |offset|; `offset` > 0 lies above the diagonal.
    """
    check_tensors("diag_embed", input=input)
    dims = _dim(dim1, input.ndim + 1), _dim(dim2, input.ndim + 1)
    if dims[0] == dims[1] or not input.ndim:
        raise RuntimeError(f"diag_embed() lays a vector into two different dimensions, given dims {dim1} and {dim2} "
                           f"for shape {list(input.shape)}")
    sizes = list(input.shape[:-1])
    for d in sorted(dims):
        sizes.insert(d, input.shape[-1] + abs(offset))
    return _on_diagonal(input, offset, *dims, tuple(sizes))


# --- cut --------------------------------------------------------------------------------------------------------------


def tensor_split(input, indices_or_sections, dim=0):
    """Cut along `dim` into so many pieces, the first ones larger by 1 if need be, or before each of several indices.

    Raises RuntimeError for less than one piece.

    >>> import course
    >>> course.tensor_split(course.arange(5), 2)
    (tensor([0, 1, 2]), tensor([3, 4]))
    >>> course.tensor_split(course.arange(5), (1, 4))
    (tensor([0]), tensor([1, 2, 3]), tensor([4]))
    """
    check_tensors("tensor_split", input=input)
    cuts = indices_or_sections.tolist() if isinstance(indices_or_sections, Taped) else indices_or_sections
    if not input.ndim:
        raise RuntimeError("tensor_split expected at least a 1-dimensional tensor, but got a single number")
    dim = _dim(dim, input.ndim)
    if isinstance(cuts, int):
        if cuts < 1:
            raise RuntimeError(f"tensor_split: number of sections must be larger than 0, got {cuts}")
        size, larger = divmod(input.shape[dim], cuts)
        return split(input, [size + 1] * larger + [size] * (cuts - larger), dim)
    between = itertools.pairwise((0, *cuts, None))
    return tuple(input[(slice(None),) * dim + (slice(begin, end),)] for begin, end in between)


def hsplit(input, indices_or_sections):
    """Cut side by side, along the second dimension (a vector along its only one): equal pieces, or at each index."""
    check_tensors("hsplit", input=input)
    return _cut("hsplit", input, indices_or_sections, 0 if input.ndim == 1 else 1, 1)


def vsplit(input, indices_or_sections):
    """Cut into pieces one below the other, along the first dimension: equal ones, or at each index."""
    return _cut("vsplit", input, indices_or_sections, 0, 2)


def dsplit(input, indices_or_sections):
    """Cut into pieces one behind the other, along the third dimension: equal ones, or at each index."""
    return _cut("dsplit", input, indices_or_sections, 2, 3)


def _cut(name, input, cuts, dim, least):
    check_tensors(name, input=input)
    if input.ndim < least:
        raise RuntimeError(f"{name} requires a tensor with at least {least} dimension{'s' * (least > 1)}, but got a "
                           f"tensor with {input.ndim} dimensions")
    if isinstance(cuts, int) and (cuts < 1 or input.shape[dim] % cuts):
        raise RuntimeError(f"{name} attempted to split along dimension {dim}, but the size of the dimension "
                           f"{input.shape[dim]} is not divisible by the split_size {cuts}; tensor_split() takes any")
    return tensor_split(input, cuts, dim)


# --- all that go together ---------------------------------------------------------------------------------------------


def broadcast_shapes(*shapes):
    """The shape to which tensors of these shapes are broadcast. Raises RuntimeError where they do not fit together.

    >>> import course
    >>> course.broadcast_shapes((2, 1), (3,))
    course.Size([2, 3])
    """
    from ..tensor import Size

    try:
        return Size(np.broadcast_shapes(*shapes))
    except ValueError:
        raise RuntimeError("Shape mismatch: objects cannot be broadcast to a single shape, given "
                           f"{' and '.join(map(str, shapes))}") from None


def broadcast_tensors(*tensors):
    """The tensors, each expanded (without copying) to the shape they have together, as a tuple."""
    shape = tuple(broadcast_shapes(*[tuple(x.shape) for x in _several("broadcast_tensors", tensors)]))
    return tuple(_grown(x, shape) for x in tensors)


def cartesian_prod(*tensors):
    """Every combination of an element of each vector, one a row; for a single vector, the vector itself.

    >>> import course
    >>> course.cartesian_prod(course.tensor([1, 2]), course.tensor([4, 5]))
    tensor([[1, 4],
            [1, 5],
            [2, 4],
            [2, 5]])
    """
    if any(x.ndim != 1 for x in _several("cartesian_prod", tensors)):
        raise RuntimeError(f"cartesian_prod: Expect a 1D vector, but got {[list(x.shape) for x in tensors]}")
    return tensors[0] if len(tensors) == 1 else stack([x.reshape(-1) for x in meshgrid(*tensors)], -1)


def vander(x, N=None, *, increasing=False):
    """The powers of the numbers of a vector, a row for each: x^(N−1), …, x, 1; in reverse order if `increasing`.

    >>> import course
    >>> course.vander(course.tensor([1, 2, 3]), increasing=True)
    tensor([[1, 1, 1],
            [1, 2, 4],
            [1, 3, 9]])
    """
    check_tensors("vander", x=x)
    if x.ndim != 1:
        raise RuntimeError(f"vander(): x must be a one-dimensional tensor, given shape {list(x.shape)}")
    powers = range(x.numel() if N is None else N)
    columns = [x**k for k in (powers if increasing else reversed(powers))]
    return stack(columns, 1) if columns else x.new_empty(x.numel(), 0)


def combinations(input, r=2, with_replacement=False):
    """Every choice of `r` elements of a vector in their order, one a row; `with_replacement` the same one repeatedly.

    >>> import course
    >>> course.combinations(course.tensor([1, 2, 3]))
    tensor([[1, 2],
            [1, 3],
            [2, 3]])
    """
    check_tensors("combinations", input=input)
    if input.ndim != 1 or r < 0:
        raise RuntimeError(f"combinations: Expect a 1D vector and a non-negative number, but got shape "
                           f"{list(input.shape)} and r = {r}")
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    chosen = np.array(list(choose(range(len(input)), r)), np.int64)
    return input[chosen.reshape(-1, r) if r else chosen.reshape(-1)[:0]]
