"""The same numbers in another arrangement: reshaping, permuting, repeating, joining, cutting."""

import itertools
import math
import operator

import numpy as np

from .. import dtype as dtypes
from ..autograd import Taped, check_tensors, numpys_names, of_tensor, operation
from ..device import CPU, device_of, different_devices, move
from ..memory_format import check as check_memory_format


@operation(input=lambda g, input_shape: g.reshape(input_shape))
def _reshape(input, shape):
    return input.reshape(shape)


@of_tensor
def reshape(input, *sizes, shape=None):
    """The elements in the same order with another shape; one size may be −1: whatever is left."""
    return _reshape(input, _sizes(sizes if shape is None else (shape,), input))


def shaped(input, *sizes):
    """The tensor itself if it has that shape, else `reshape`: without a step on the tape that changes nothing."""
    return input if input.shape == sizes else reshape(input, *sizes)


@of_tensor
def view(input, *shape):
    """`reshape`, but always the same memory. Raises RuntimeError where only a copy could have that shape."""
    if len(shape) == 1 and isinstance(shape[0], dtypes.dtype):
        raise TypeError("view(dtype) reads memory as another type; the course's tensors convert with .to(dtype)")
    out = _reshape(input, _sizes(shape, input))
    if out._changes is None and out._array.size:  # not counted together with the input's: a copy
        raise RuntimeError(
            f"view size {list(out.shape)} is not compatible with input tensor's size {list(input.shape)} and stride "
            f"{list(input.stride())}: its elements do not lie in that order. Use .reshape(...) instead"
        )
    return out


@of_tensor
def unflatten(input, dim, sizes):
    """Dimension `dim` cut into several of the given sizes, one of which may be −1: the reverse of `flatten`."""
    dim, sizes = _dim(dim, input.ndim), tuple(sizes)
    known = math.prod(n for n in sizes if n != -1)
    total = input.shape[dim]
    if not sizes or sizes.count(-1) > 1 or (total % known if -1 in sizes and known else total != known):
        raise RuntimeError(f"unflatten(): sizes {list(sizes)} don't multiply up to the size of dim {dim}, {total}")
    sizes = tuple(total // known if n == -1 else n for n in sizes)
    return _reshape(input, (*input.shape[:dim], *sizes, *input.shape[dim + 1 :]))


def reshape_as(input, other):
    """`input` in the shape of `other`."""
    return reshape(input, tuple(other.shape))


def view_as(input, other):
    """`view` in the shape of `other`."""
    return view(input, tuple(other.shape))


@of_tensor
def ravel(input):
    """All elements in one row."""
    return reshape(input, -1)


def whole_numbers(sizes):
    """Sizes, some of them tensors of one integer, as Python's. Raises TypeError where one is no integer."""
    try:
        return tuple(map(operator.index, sizes))
    except TypeError:
        raise TypeError(f"a shape is made of integers, given {sizes}") from None


def _sizes(shape, x):
    sizes = tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], tuple | list) else tuple(shape)
    if any([n.__class__ is not int for n in sizes]):
        sizes = whole_numbers(sizes)
    count = math.prod([n for n in sizes if n != -1])
    fits = x.numel() % count == 0 if -1 in sizes and count else x.numel() == count
    if not fits or sizes.count(-1) > 1:
        raise RuntimeError(
            f"shape '{list(sizes)}' is invalid for input of size {x.numel()} (its shape is {list(x.shape)})"
        )
    return sizes


@of_tensor
def flatten(input, start_dim=0, end_dim=-1):
    """Dimensions `start_dim` to `end_dim` (both included) joined into one."""
    n = len(input.shape)
    if n == 0:
        return reshape(input, 1)
    first, last = _dim(start_dim, n), _dim(end_dim, n)
    if first > last:
        raise RuntimeError(f"flatten(): start_dim {start_dim} comes after end_dim {end_dim}")
    if first == last:
        return input
    joined = math.prod(input.shape[first : last + 1])
    return reshape(input, *input.shape[:first], joined, *input.shape[last + 1 :])


def _dim(dim, ndim):
    if dim.__class__ is not int:
        if not isinstance(dim, int | np.integer | Taped):
            raise TypeError(f"dim must be an integer, given {dim!r}")
        dim = operator.index(dim)
    n = ndim or 1  # a single number has one too
    if not -n <= dim < n:
        raise IndexError(
            f"Dimension out of range: dim {dim} of a tensor with {ndim} dimensions; it must lie in [{-n}, {n - 1}]"
        )
    return dim % n


def _dims(dims, ndim):
    """One dimension or several as a tuple, counted from 0. Raises RuntimeError where one is named twice."""
    if not isinstance(dims, tuple | list):
        return (_dim(dims, ndim),)
    found = tuple([_dim(d, ndim) for d in dims])
    if len(set(found)) != len(found):
        raise RuntimeError(f"dim {dims} names a dimension twice")
    return found


@operation(input=lambda g, dims: _permute(g, tuple(sorted(range(len(dims)), key=dims.__getitem__))))
def _permute(input, dims):
    return input.transpose(dims)


@of_tensor
def permute(input, *places, dims=None):
    """Dimension i of the result is dimension dims[i] of the input."""
    if dims is None:
        dims = tuple(places[0]) if len(places) == 1 and isinstance(places[0], tuple | list) else places
    n = len(input.shape)
    order = tuple(_dim(d, n) for d in dims)
    if sorted(order) != list(range(n)):
        raise RuntimeError(f"permute(): dims {dims} must name each of the {n} dimensions once")
    return _permute(input, order)


@of_tensor
def transpose(input, dim0, dim1):
    """Dimensions dim0 and dim1 exchanged."""
    n = len(input.shape)
    order = list(range(n))
    a, b = _dim(dim0, n), _dim(dim1, n)
    if n:
        order[a], order[b] = order[b], order[a]
    return _permute(input, tuple(order))


@of_tensor
def swapaxes(input, axis0, axis1):
    """`transpose` under NumPy's name."""
    return transpose(input, axis0, axis1)


@of_tensor
def t(input):
    """The transpose of a matrix; a vector stays as it is."""
    if len(input.shape) > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {len(input.shape)}D")
    return _permute(input, tuple(range(len(input.shape)))[::-1])


@of_tensor
def movedim(input, source, destination):
    """Dimension `source` (or several) moved to place `destination`, the others kept in order."""
    n = len(input.shape)
    if n == 0:
        return _permute(input, ())
    sources, destinations = _dims(source, n), _dims(destination, n)
    if len(sources) != len(destinations):
        raise RuntimeError(f"movedim(): {len(sources)} dimensions have no room in {len(destinations)} places")
    order = [i for i in range(n) if i not in sources]
    for place, dim in sorted(zip(destinations, sources)):
        order.insert(place, dim)
    return _permute(input, tuple(order))


@numpys_names
def squeeze(input, dim=None):
    """Without the dimensions of size 1 (or without `dim`, if its size is 1)."""
    n = len(input.shape)
    dims = range(n) if dim is None else _dims(dim, n)
    return _reshape(input, tuple(size for i, size in enumerate(input.shape) if i not in dims or size != 1))


@numpys_names
def unsqueeze(input, dim):
    """With a dimension of size 1 inserted at `dim`."""
    sizes = list(input.shape)
    sizes.insert(_dim(dim, len(sizes) + 1), 1)
    return _reshape(input, tuple(sizes))


@operation(input=lambda g: g)
def broadcast_to(input, size):
    """`input` repeated (without copying) so that its shape becomes `size`."""
    out = np.broadcast_to(input, size)
    return out if out.size != input.size else input.reshape(out.shape)  # NumPy's can never be written to


@of_tensor
def expand(input, *sizes):
    """Repeated without copying: dimensions of size 1 grow to `sizes`; −1 keeps a size."""
    sizes = tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], tuple | list) else sizes
    own = (None,) * (len(sizes) - len(input.shape)) + tuple(input.shape)
    target = tuple(o if n == -1 else n for n, o in zip(sizes, own))
    if len(sizes) < len(input.shape) or any(o not in (None, 1, n) for n, o in zip(target, own)):
        raise RuntimeError(
            f"expand(): a tensor of shape {list(input.shape)} cannot grow to {list(sizes)}; "
            "only dimensions of size 1 grow, and new ones stand in front"
        )
    return broadcast_to(input, target)


def expand_as(input, other):
    """`expand` to the shape of `other`."""
    return expand(input, tuple(other.shape))


@of_tensor
def repeat(input, *sizes):
    """Copied so many times along each dimension; more sizes than dimensions add dimensions in front."""
    sizes = whole_numbers(sizes[0] if len(sizes) == 1 and isinstance(sizes[0], tuple | list) else sizes)
    own = (1,) * (len(sizes) - input.ndim) + tuple(input.shape)
    if len(sizes) < input.ndim:
        raise RuntimeError(f"repeat(): {list(sizes)} must say for each of the {input.ndim} dimensions how often")
    between = tuple(n for size in own for n in (1, size))
    repeated = tuple(n for times, size in zip(sizes, own) for n in (times, size))
    copied = clone(broadcast_to(reshape(input, between), repeated))
    return reshape(copied, tuple(t * n for t, n in zip(sizes, own)))


@of_tensor
def tile(input, *times, dims=None):
    """`repeat`, but fewer numbers than dimensions count for the last ones."""
    if dims is None:
        dims = times[0] if len(times) == 1 and isinstance(times[0], tuple | list) else times
    dims = tuple(dims)
    return repeat(input, (1,) * (input.ndim - len(dims)) + dims)


@of_tensor
def repeat_interleave(input, repeats=None, dim=None, *, output_size=None):
    """Each element (with `dim` each slice along it) so many times in a row: 1, 2 → 1, 1, 2, 2.

    `repeats` is one number, or a vector with a number for each. Alone, repeat_interleave(repeats) gives the positions:
    of 1, 2, 0 they are 0, 1, 1. Raises RuntimeError for repeats that are negative or not as many as elements.

    >>> import course
    >>> course.repeat_interleave(course.tensor([5, 7]), 2)
    tensor([5, 5, 7, 7])
    """
    if repeats is None:
        return repeat_interleave(Taped.tensor(np.arange(input.numel(), like=input._array)), input)
    if dim is None or input.ndim == 0:
        input, dim = ravel(input), 0
    dim = _dim(dim, input.ndim)
    times = move(repeats._array.ravel(), CPU) if isinstance(repeats, Taped) else np.asarray([repeats])
    size = input.shape[dim]
    if times.dtype.kind != "i" or (times < 0).any():
        raise RuntimeError(f"repeat_interleave(): repeats must be non-negative integers, given {repeats}")
    if len(times) not in (1, size):
        raise RuntimeError(f"repeat_interleave(): repeats must have the same size as input along dim, but got "
                           f"{len(times)} repeats and {size} elements")
    if len(times) == 1:
        sizes = (*input.shape[: dim + 1], int(times[0]), *input.shape[dim + 1 :])
        out = flatten(clone(broadcast_to(unsqueeze(input, dim + 1), sizes)), dim, dim + 1)
    else:
        out = input[(slice(None),) * dim + (np.repeat(np.arange(size), times),)]
    if output_size not in (None, out.shape[dim]):
        raise RuntimeError(f"repeat_interleave(): invalid output_size, expected {out.shape[dim]} but got {output_size}")
    return out


def meshgrid(*tensors, indexing="ij"):
    """The coordinates of all points of a grid: for x (n,) and y (m,) two tensors (n, m), X[i, j] = xᵢ and Y[i, j] = yⱼ.

    With indexing="xy", NumPy's habit, both are (m, n). Takes tensors, or a list of them; the results are views.
    Raises RuntimeError for what is no row of numbers, and for rows of unlike types.

    >>> import course
    >>> course.meshgrid(course.arange(2), course.arange(3), indexing="ij")[1]
    tensor([[0, 1, 2],
            [0, 1, 2]])
    """
    tensors = tuple(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], tuple | list) else tensors
    check_tensors("meshgrid", **{f"tensor {k}": x for k, x in enumerate(tensors)})
    if indexing not in ("ij", "xy"):
        raise RuntimeError(f"meshgrid(): indexing must be 'xy' or 'ij', given {indexing!r}")
    if not tensors or any(x.ndim > 1 for x in tensors) or len({x.dtype for x in tensors}) > 1:
        raise RuntimeError(f"meshgrid() expects one or more rows of numbers of the same dtype, given "
                           f"{[(list(x.shape), x.dtype) for x in tensors]}")
    if len({x.device for x in tensors}) > 1:
        raise different_devices()
    sizes = tuple(x.numel() for x in tensors)
    along = [[-1 if i == k else 1 for i in range(len(sizes))] for k in range(len(sizes))]
    grids = tuple(broadcast_to(reshape(x, shape), sizes) for x, shape in zip(tensors, along))
    return tuple(transpose(x, 0, 1) for x in grids) if indexing == "xy" and len(sizes) > 1 else grids


@operation(input=lambda g, dims: _flip(g, dims))
def _flip(input, dims):
    return (np.flip(input, dims) if input.ndim else input).copy()


@of_tensor
def flip(input, *places, dims=None):
    """The elements in reverse order along `dims`."""
    if dims is None:
        dims = places[0] if len(places) == 1 else places
    return _flip(input, _dims(dims, input.ndim))


@of_tensor
def fliplr(input):
    """Left and right exchanged: dimension 1 reversed."""
    if input.ndim < 2:
        raise RuntimeError(f"fliplr(): input must be >= 2-d, given {list(input.shape)}")
    return flip(input, 1)


@of_tensor
def flipud(input):
    """Up and down exchanged: dimension 0 reversed."""
    if input.ndim < 1:
        raise RuntimeError("flipud(): input must be >= 1-d, given a single number")
    return flip(input, 0)


@of_tensor
def rot90(input, k=1, dims=(0, 1)):
    """Turned by `k` · 90° in the plane of `dims`, from the first towards the second.

    >>> import course
    >>> course.rot90(course.tensor([[1, 2], [3, 4]]))
    tensor([[2, 4],
            [1, 3]])
    """
    if not isinstance(k, int):
        raise TypeError(f"rot90(): k must be an integer, given {k!r}")
    if input.ndim < 2 or len(dims) != 2:
        raise RuntimeError(f"rot90() turns a plane: dims {tuple(dims)} must name two dimensions of {list(input.shape)}")
    first, second = _dims(tuple(dims), input.ndim)
    turned = {0: input.clone, 1: lambda: flip(input, second), 2: lambda: flip(input, (first, second)),
              3: lambda: flip(input, first)}[k % 4]()
    return transpose(turned, first, second) if k % 2 else turned


@operation(input=lambda g, shifts, dims: _roll(g, tuple(-s for s in shifts), dims))
def _roll(input, shifts, dims):
    return np.roll(input, shifts, dims)


@of_tensor
def roll(input, shifts, dims=None):
    """The elements moved on by `shifts` places along `dims`; what falls off the end comes back in front."""
    shifts = (shifts,) if isinstance(shifts, int) else tuple(shifts)
    if dims is None:
        return reshape(_roll(ravel(input), shifts, (0,)), tuple(input.shape))
    dims = _dims(dims, input.ndim)
    if len(shifts) != len(dims):
        raise RuntimeError(f"roll(): shifts and dimensions must align, given {len(shifts)} shifts and {len(dims)} dims")
    return _roll(input, shifts, dims)


# --- triangles and diagonals --------------------------------------------------------------------------------------


@operation(input=lambda g, diagonal: _tril(g, diagonal))
def _tril(input, diagonal):
    return np.tril(input, diagonal)


@operation(input=lambda g, diagonal: _triu(g, diagonal))
def _triu(input, diagonal):
    return np.triu(input, diagonal)


@of_tensor
def tril(input, diagonal=0):
    """The lower triangle of a matrix (or of each matrix of a batch), zeros above `diagonal`."""
    return _tril(_matrices("tril", input), diagonal)


@of_tensor
def triu(input, diagonal=0):
    """The upper triangle of a matrix (or of each matrix of a batch), zeros below `diagonal`."""
    return _triu(_matrices("triu", input), diagonal)


def _matrices(name, input):
    if input.ndim < 2:
        raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions, this one has {input.ndim}")
    return input


@operation(input=lambda g, input_shape, offset, dim1, dim2: _on_diagonal(g, offset, dim1, dim2, input_shape))
def _diagonal(input, offset, dim1, dim2):
    out = np.diagonal(input, offset, dim1, dim2)
    if isinstance(out, np.ndarray):
        out.flags.writeable = input.flags.writeable  # NumPy's is read-only so far
    return out


@operation(values=lambda g, offset, dim1, dim2: _diagonal(g, offset, dim1, dim2))
def _on_diagonal(values, offset, dim1, dim2, shape):
    """Zeros of `shape` with `values` on the diagonal."""
    out = np.zeros(shape, values.dtype, like=values)
    rows = np.arange(values.shape[-1], like=values)
    np.moveaxis(out, (dim1, dim2), (-2, -1))[..., rows + max(-offset, 0), rows + max(offset, 0)] = values
    return out


@of_tensor
def diagonal(input, offset=0, dim1=0, dim2=1):
    """The diagonal of the matrix that dim1 and dim2 span, as the last dimension; `offset` > 0 lies above it."""
    return _diagonal(input, offset, *_dims((dim1, dim2), input.ndim))


@of_tensor
def diag(input, diagonal=0):
    """A vector as the diagonal of a matrix of zeros; of a matrix, its diagonal as a vector.

    >>> import course
    >>> course.diag(course.tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    """
    if input.ndim == 2:
        return _diagonal(input, diagonal, 0, 1).clone()
    if input.ndim != 1:
        raise RuntimeError(f"diag(): supports 1D or 2D tensors, given {list(input.shape)}; diagonal() takes batches")
    n = input.shape[0] + abs(diagonal)
    return _on_diagonal(input, diagonal, 0, 1, (n, n))


@of_tensor
def trace(input):
    """Σ of the diagonal of a matrix."""
    if input.ndim != 2:
        raise RuntimeError(f"trace(): expected a matrix, but got a tensor of shape {list(input.shape)}")
    return _diagonal(input, 0, 0, 1).sum()


# --- joining ----------------------------------------------------------------------------------------------------


@operation(tensors=lambda g, dim, kept: _pieces(g, dim, kept))
def _cat(dim, *tensors):
    return np.concatenate(_of_one_type(tensors), dim), [x.shape[dim] for x in tensors]


def _of_one_type(arrays):
    kind = arrays[0].dtype
    if any([x.dtype is not kind for x in arrays]):
        common = dtypes.result_type(*arrays)
        arrays = [x.astype(common, copy=False) for x in arrays]
    return arrays


def _pieces(g, dim, sizes):
    ends = itertools.accumulate(sizes)
    before = (slice(None),) * dim
    return [g[(*before, slice(end - size, end))] for end, size in zip(ends, sizes)]


def _listed(name, tensors):
    try:
        return list(tensors)
    except TypeError:
        raise TypeError(f"{name}(): argument 'tensors' must be a list or tuple of Tensors, not "
                        f"{type(tensors).__name__}") from None


@numpys_names
def cat(tensors, dim=0):
    """The tensors one after the other along `dim`; their other sizes must agree.

    A vector without elements, as `course.tensor([])`, fits everywhere, so that a loop can start from it.
    """
    tensors = _listed("cat", tensors)
    if not tensors:
        raise ValueError("cat(): expected a non-empty list of tensors")
    if any(x.ndim > 1 for x in tensors):
        rest = [x for x in tensors if x.shape != (0,)]
        if len(rest) < len(tensors):
            return cat(rest, dim).to(dtypes.named(dtypes.result_type(*[x._array for x in tensors])))
    return _cat(_dim(dim, len(tensors[0].shape)), *tensors)


@numpys_names
def stack(tensors, dim=0):
    """The tensors, all of one shape, along a new dimension `dim`."""
    tensors = _listed("stack", tensors)
    if not tensors:
        raise RuntimeError("stack(): expected a non-empty list of tensors")
    shape = tensors[0].shape
    if any([x.shape != shape for x in tensors]):
        raise RuntimeError(f"stack expects each tensor to be equal size, but got {[list(x.shape) for x in tensors]}")
    return _stack(_dim(dim, len(shape) + 1), *tensors)


@operation(tensors=lambda g, dim: [g[(slice(None),) * dim + (i,)] for i in range(g.shape[dim])])
def _stack(dim, *tensors):
    shape = tensors[0].shape
    slices = (*shape[:dim], 1, *shape[dim:])
    return np.concatenate([x.reshape(slices) for x in _of_one_type(tensors)], dim)


# --- cutting: every piece is a view -------------------------------------------------------------------------------


@of_tensor
def split(input, split_size_or_sections, dim=0):
    """Pieces of `split_size` along `dim` (the last may be smaller), or of the given sizes."""
    dim, sizes = _dim(dim, input.ndim), split_size_or_sections
    total = input.shape[dim]
    if isinstance(sizes, Taped):
        sizes = operator.index(sizes) if sizes.ndim == 0 else sizes.tolist()
    if isinstance(sizes, int):
        if sizes < 0 or (sizes == 0 and total):
            raise RuntimeError(f"split_size must be greater than 0, given {sizes}")
        sizes = [min(sizes, total - at) for at in range(0, total, sizes or 1)] or [0]
    if sum(sizes) != total or min(sizes) < 0:
        raise RuntimeError(f"split_with_sizes expects split_sizes to sum exactly to {total} "
                           f"(input tensor's size at dimension {dim}), but got split_sizes={list(sizes)}")
    ends = itertools.accumulate(sizes)
    return tuple(input[(slice(None),) * dim + (slice(end - size, end),)] for end, size in zip(ends, sizes))


@numpys_names
def chunk(input, chunks, dim=0):
    """`chunks` pieces along `dim`, of one size but perhaps the last; fewer where the size does not allow as many."""
    if chunks < 1:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    size = -(-input.shape[_dim(dim, input.ndim)] // chunks)
    return split(input, size, dim) if size else (input,) * chunks


@of_tensor
def narrow(input, dim, start, length):
    """The `length` slices from `start` on along `dim`. Raises RuntimeError where there are not that many."""
    dim = _dim(dim, input.ndim)
    size, start = input.shape[dim], int(start)
    if not -size <= start <= size:
        raise IndexError(f"narrow(): start must lie in [{-size}, {size}], but got {start}")
    start += size * (start < 0)
    if length < 0 or start + length > size:
        raise RuntimeError(f"narrow(): start ({start}) + length ({length}) must not exceed dimension size ({size})")
    return input[(slice(None),) * dim + (slice(start, start + length),)]


@of_tensor
def select(input, dim, index):
    """Slice number `index` along `dim`, without that dimension. Raises IndexError where there is none."""
    if input.ndim == 0:
        raise IndexError("select() cannot be applied to a 0-dim tensor")
    dim = _dim(dim, input.ndim)
    if not -input.shape[dim] <= index < input.shape[dim]:
        raise IndexError(f"select(): index {index} out of range for a tensor of {list(input.shape)} at dimension {dim}")
    return input[(slice(None),) * dim + (int(index),)]


@numpys_names
def unbind(input, dim=0):
    """The slices along `dim`, without that dimension."""
    dim = _dim(dim, input.ndim)
    return tuple(input[(slice(None),) * dim + (i,)] for i in range(input.shape[dim]))


@of_tensor
def unfold(input, dimension, size, step):
    """Windows of `size` elements along `dimension`, each `step` behind the one before; they lie along a new last one.

    An image is cut into patches by `image.unfold(1, 8, 8).unfold(2, 8, 8)`. Raises RuntimeError for windows that do not
    fit. Differs from PyTorch: a copy, not a view.
    """
    dim = _dim(dimension, input.ndim)
    length = input.shape[dim]
    if not 0 <= size <= length:
        raise RuntimeError(f"maximum size for tensor at dimension {dim} is {length} but size is {size}")
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    windows = np.arange(0, length - size + 1, step)[:, None] + np.arange(size)
    return movedim(input[(slice(None),) * dim + (windows,)], dim + 1, -1)


# --- copies and conversions ---------------------------------------------------------------------------------------


@operation(input=lambda g: g)
def _clone(input):
    return input.copy()


def clone(input, *, memory_format=None):
    """A copy that the gradient passes through."""
    check_memory_format(memory_format)
    return _clone(input)


@operation(input=lambda g: g)
def convert(input, kind):
    """The numbers in another dtype (a NumPy type); the gradient comes back in the old one."""
    return input.astype(kind)


@operation(other=lambda g: g)
def copied(before, other):
    """`other`, broadcast and converted to the shape and type of `before`."""
    if not hasattr(other, "dtype"):
        return np.full_like(before, other)
    return np.broadcast_to(move(other, device_of(before)), before.shape).astype(before.dtype)
