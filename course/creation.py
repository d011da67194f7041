"""Making tensors: from data, filled, spaced, random."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from . import dtype as dtypes
from .autograd import Taped, check_tensors, of_tensor
from .device import CPU, device_of, like, move, placed
from .memory_format import check as check_memory_format
from .ops.shapes import whole_numbers
from .random import stream
from .tensor import Size, Tensor, check_can_require_grad


def _finished(array, requires_grad, device=None) -> Tensor:
    if requires_grad:
        check_can_require_grad(array)
    if device is not None or isinstance(array, np.ndarray):
        array = move(array, placed(device))
    return Tensor._of(array, requires_grad)


def tensor(data, *, dtype=None, device=None, requires_grad: bool = False) -> Tensor:
    """A tensor with a copy of `data`: numbers, nested lists of numbers, a NumPy array or a tensor.

    Python floats become float32 (the default type), integers int64; a NumPy array keeps its type.
    Raises ValueError for ragged lists, TypeError for what is not made of numbers.

    >>> tensor([[1.0, 2.0], [3.0, 4.0]])
    tensor([[1., 2.],
            [3., 4.]])
    """
    return _finished(_array_of(data, dtype).copy(), requires_grad, device)


def as_tensor(data, dtype=None, device=None) -> Tensor:
    """`data` as a tensor, without copying where a tensor or NumPy array already fits."""
    if isinstance(data, Tensor):
        return data.to(dtype=dtype, device=device)
    return _finished(_array_of(data, dtype), False, device)


def asarray(obj, *, dtype=None, device=None, copy=None, requires_grad: bool = False) -> Tensor:
    """`obj` as a tensor off the tape, sharing memory where it can: `copy=True` never shares, `copy=False` always.

    Raises ValueError where copy=False and only a copy would do.
    """
    obj = obj.detach() if isinstance(obj, Tensor) else obj
    if copy:
        return tensor(obj, dtype=dtype, device=device, requires_grad=requires_grad)
    out = as_tensor(obj, dtype, device)
    memory = obj._array if isinstance(obj, Tensor) else obj
    if copy is not None and not (type(memory) is type(out._array) and np.may_share_memory(memory, out._array)):
        raise ValueError(f"asarray(): can't alias {_shortened(obj)} as a tensor of {out.dtype} on {out.device}; leave "
                         "out copy=False")
    return out.requires_grad_(requires_grad)


def from_numpy(array: np.ndarray) -> Tensor:
    """A tensor that shares memory with a NumPy array: a change of one is seen in the other."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(array).__name__}); use course.tensor(...) for other data")
    dtypes.as_numpy(array.dtype)
    return Tensor._of(array)


def _array_of(data, dtype):
    given = data
    if isinstance(data, Taped):
        return data._array.astype(data._array.dtype if dtype is None else dtypes.as_numpy(dtype), copy=False)
    if isinstance(data, list | tuple) and _has_tensors(data):
        data = _as_numbers(data)
    if not isinstance(data, np.ndarray | np.generic):
        try:
            array = np.array(data)
        except ValueError:
            raise ValueError(f"expected a grid of numbers; the rows of {_shortened(data)} differ in length") from None
        if array.dtype == np.float64 and dtype is None and not _holds_doubles(data):
            dtype = dtypes.get_default_dtype()
        data = array.astype(np.float32) if array.size == 0 and dtype is None else array
    if data.dtype.kind not in "fiub":
        raise TypeError(f"a tensor is made of numbers or bools (at most 64 bits wide), given {_shortened(given)}")
    return np.asarray(data, dtypes.as_numpy(data.dtype if dtype is None else dtype))


def _has_tensors(rows) -> bool:
    """Whether tensors stand in a list, or in the first list within it."""
    return any(isinstance(x, Taped) for x in rows) or bool(
        rows and isinstance(rows[0], list | tuple) and _has_tensors(rows[0]))


def _as_numbers(data):
    """A tensor in a list counts as a number where it has only one element."""
    if isinstance(data, list | tuple):
        return [_as_numbers(x) for x in data]
    array = move(data._array, CPU) if isinstance(data, Taped) else data
    return array.reshape(()) if isinstance(data, Taped) and array.size == 1 else array


def _holds_doubles(data) -> bool:
    """Whether some numbers in a list are tensors' or NumPy's float64, which keep their type where Python's do not."""
    if isinstance(data, list | tuple):
        return any(map(_holds_doubles, data))
    return isinstance(data, np.ndarray | np.generic) and data.dtype == np.float64


def _shortened(data) -> str:
    text = repr(data)
    return text if len(text) < 60 else text[:57] + "..."


def _shape(sizes, size=None):
    """The shape that one or several sizes name, or the keyword `size`."""
    if size is not None:
        sizes = (size,)
    sizes = tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], tuple | list) else tuple(sizes)
    if any(isinstance(n, bool) for n in sizes):
        raise TypeError(f"a shape is made of integers, given {sizes}")
    sizes = whole_numbers(sizes)
    if any(n < 0 for n in sizes):
        raise RuntimeError(f"a tensor cannot have a negative dimension: {sizes}")
    return sizes


def old_form(dtype, *data) -> np.ndarray:
    """The array that `Tensor(2, 3)` (a shape) or `Tensor([2, 3])` (numbers) stands for; one that fits is shared."""
    if len(data) == 1 and not isinstance(data[0], int | np.integer | Size):
        if not isinstance(data[0], Taped | Sequence | np.ndarray) or isinstance(data[0], str):
            raise TypeError(f"new(): data must be a sequence or sizes (got {type(data[0]).__name__}); use tensor(...)")
        return _array_of(data[0], dtype)
    return np.zeros(_shape(data or (0,)), dtype.numpy)


def zeros(*sizes, size=None, dtype=None, device=None, requires_grad=False) -> Tensor:
    """A tensor of zeros: `zeros(2, 3)` or `zeros((2, 3))`."""
    return _finished(np.zeros(_shape(sizes, size), dtypes.as_numpy(dtype), like=like(device)), requires_grad, device)


def ones(*sizes, size=None, dtype=None, device=None, requires_grad=False) -> Tensor:
    """A tensor of ones."""
    return _finished(np.ones(_shape(sizes, size), dtypes.as_numpy(dtype), like=like(device)), requires_grad, device)


def empty(*sizes, size=None, dtype=None, device=None, requires_grad=False) -> Tensor:
    """A tensor whose elements are whatever the memory held."""
    return _finished(np.empty(_shape(sizes, size), dtypes.as_numpy(dtype), like=like(device)), requires_grad, device)


def full(size, fill_value, *, dtype=None, device=None, requires_grad=False) -> Tensor:
    """A tensor in which every element is `fill_value`, a number or a tensor of one."""
    fill_value = fill_value.item() if isinstance(fill_value, Tensor) else fill_value
    kind = dtypes.result_type(fill_value) if dtype is None else dtypes.as_numpy(dtype)
    return _finished(np.full(_shape((size,)), fill_value, kind, like=like(device)), requires_grad, device)


def _like(make):
    def made(input, *, dtype=None, device=None, requires_grad=False, memory_format=None):
        check_memory_format(memory_format)
        return make(tuple(input.shape), dtype=dtype or input.dtype, device=device or input.device,
                    requires_grad=requires_grad)

    made.__name__ = made.__qualname__ = f"{make.__name__}_like"
    made.__doc__ = f"`{make.__name__}` with the shape, dtype and device of `input`."
    return of_tensor(made)


zeros_like, ones_like, empty_like = _like(zeros), _like(ones), _like(empty)


@of_tensor
def full_like(input, fill_value, *, dtype=None, device=None, requires_grad=False, memory_format=None) -> Tensor:
    """`full` with the shape, dtype and device of `input`."""
    check_memory_format(memory_format)
    return full(tuple(input.shape), fill_value, dtype=dtype or input.dtype, device=device or input.device,
                requires_grad=requires_grad)


def eye(n: int, m: int | None = None, *, dtype=None, device=None, requires_grad=False) -> Tensor:
    """The identity matrix of n rows and m (by default n) columns."""
    n, m = _number(n), _number(m)
    return _finished(np.eye(n, m, dtype=dtypes.as_numpy(dtype), like=like(device)), requires_grad, device)


def arange(start, end=None, step=1, *, dtype=None, device=None, requires_grad=False) -> Tensor:
    """start, start + step, … below end; `arange(n)` is 0, …, n − 1."""
    if end is None:
        start, end = 0, start
    start, end, step = map(_number, (start, end, step))
    kind = dtypes.result_type(start, end, step) if dtype is None else dtypes.as_numpy(dtype)
    if kind.kind in "iu":
        start, end, step = int(start), int(end), int(step)
    if step == 0 or (end - start) * step < 0:
        raise RuntimeError(f"arange(): from {start} to {end} there is no way in steps of {step}")
    count = math.ceil((end - start) / step)
    return _finished((start + step * np.arange(count, like=like(device))).astype(kind), requires_grad, device)


def _number(x):
    """A number, which may have come as a tensor of one."""
    return x.item() if isinstance(x, Taped) else x


def linspace(start, end, steps: int, *, dtype=None, device=None, requires_grad=False) -> Tensor:
    """`steps` numbers at equal distances, from start to end, both included."""
    start, end = _number(start), _number(end)
    return _finished(np.linspace(start, end, steps).astype(dtypes.as_numpy(dtype)), requires_grad, device)


def logspace(start, end, steps: int, base=10.0, *, dtype=None, device=None, requires_grad=False) -> Tensor:
    """`steps` powers of `base`, from base^start to base^end, each as many times the one before."""
    exponents = np.linspace(start, end, steps)
    return _finished((float(base) ** exponents).astype(dtypes.as_numpy(dtype)), requires_grad, device)


def tril_indices(row: int, col: int, offset: int = 0, *, dtype=dtypes.int64, device=None) -> Tensor:
    """The places on and below the diagonal of a matrix, row by row: their rows above their columns, (2, places).

    >>> tril_indices(2, 2)
    tensor([[0, 1, 1],
            [0, 0, 1]])
    """
    return _places_in_triangle(np.tril_indices, row, col, offset, dtype, device)


def triu_indices(row: int, col: int, offset: int = 0, *, dtype=dtypes.int64, device=None) -> Tensor:
    """The places on and above the diagonal of a matrix, row by row: their rows above their columns, (2, places)."""
    return _places_in_triangle(np.triu_indices, row, col, offset, dtype, device)


def _places_in_triangle(find, row, col, offset, dtype, device):
    row, col = _shape((row, col))
    return _finished(np.stack(find(row, offset, col)).astype(dtypes.as_numpy(dtype)), False, device)


# --- random -----------------------------------------------------------------------------------------------------


def rand(*sizes, size=None, generator=None, dtype=None, device=None, requires_grad=False) -> Tensor:
    """Random numbers spread evenly over [0, 1)."""
    draw = stream(device, generator).uniform
    return _finished(draw(_shape(sizes, size), dtypes.as_numpy(dtype)), requires_grad, device)


def randn(*sizes, size=None, generator=None, dtype=None, device=None, requires_grad=False) -> Tensor:
    """Normally distributed random numbers with mean 0 and standard deviation 1."""
    draw = stream(device, generator).normal
    return _finished(draw(_shape(sizes, size), dtypes.as_numpy(dtype)), requires_grad, device)


def randint(low=0, high=None, size=None, *, generator=None, dtype=dtypes.int64, device=None,
            requires_grad=False) -> Tensor:
    """Random integers low, …, high − 1; `randint(high, size)` starts at 0."""
    if size is None:
        low, high, size = 0, low, high
        if size is None:
            raise TypeError("randint(): say below which number and how many to draw, as in randint(10, (3,))")
    elif high is None:
        low, high = 0, low
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    drawn = stream(device, generator).integers(_shape((size,)), low, high)
    return _finished(drawn.astype(dtypes.as_numpy(dtype)), requires_grad, device)


def randperm(n: int, *, generator=None, dtype=dtypes.int64, device=None) -> Tensor:
    """0, …, n − 1 in random order."""
    return Tensor._of(stream(device, generator).permutation(_number(n)).astype(dtypes.as_numpy(dtype), copy=False))


def normal(mean, std=1.0, size=None, *, generator=None, dtype=None, device=None, requires_grad=False) -> Tensor:
    """Normally distributed numbers around `mean` with standard deviation `std`: numbers (and a `size`) or tensors.

    Raises RuntimeError for a negative `std`.
    """
    if np.any(np.less(std._array if isinstance(std, Tensor) else std, 0)):
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
    given = [x._array for x in (mean, std) if isinstance(x, Tensor)]
    draw = stream(device_of(given[0]) if given else device, generator).normal
    if not given:
        if size is None:
            raise TypeError("normal(): with numbers for mean and std, say how many to draw: normal(0.0, 1.0, (2, 3))")
        return _finished(draw(_shape((size,)), dtypes.as_numpy(dtype), mean, std), requires_grad, device)
    unit = draw(np.broadcast_shapes(*[a.shape for a in given]), dtypes.result_type(*given))
    return Tensor._of(unit) * std + mean


def bernoulli(input, p=None, *, generator=None) -> Tensor:
    """1 with the probability that `input` gives for each element (or with `p` for all), else 0, in input's dtype.

    Raises RuntimeError for what is no probability.
    """
    check_tensors("bernoulli", input=input)
    if p is not None:
        return empty_like(input).bernoulli_(p, generator=generator)
    chances = input._array
    if chances.dtype.kind != "f":
        raise RuntimeError(f"bernoulli() needs probabilities, given {input.dtype}; convert with .float()")
    if not np.all((chances >= 0) & (chances <= 1)):
        raise RuntimeError("bernoulli(): Expected p_in >= 0 && p_in <= 1: probabilities lie between 0 and 1")
    unit = stream(input.device, generator).uniform(chances.shape, chances.dtype)
    return Tensor._of((unit < chances).astype(chances.dtype))


def poisson(input, generator=None) -> Tensor:
    """How often an event happens whose average number of times is the rate: for each rate a whole number, as a float.

    On CUDA the CPU draws: a copy there and one back. Raises RuntimeError for a rate that is negative or no float.
    """
    check_tensors("poisson", input=input)
    return _counted("poisson", generator, input)


def binomial(count, prob, generator=None) -> Tensor:
    """How many of `count` tries succeed, each with the probability `prob`: tensors of floats of one shape.

    On CUDA the CPU draws: a copy there and one back. Raises RuntimeError for counts and probabilities that cannot be.
    """
    check_tensors("binomial", count=count, prob=prob)
    if count.shape != prob.shape or not np.all((prob._array >= 0) & (prob._array <= 1)):
        raise RuntimeError(f"binomial(): a probability from 0 to 1 for each count, given counts of shape "
                           f"{list(count.shape)} and probabilities of shape {list(prob.shape)}")
    return _counted("binomial", generator, count, prob)


def _counted(name, generator, first, *others):
    parameters = [move(x._array, CPU) for x in (first, *others)]
    if any(x.dtype.kind != "f" for x in parameters):
        raise RuntimeError(f"{name}() needs floats, given {first.dtype}; convert with .float()")
    if not np.all(np.isfinite(parameters[0]) & (parameters[0] >= 0)):
        raise RuntimeError(f"{name}(): rates and counts are numbers of 0 or more")
    return Tensor._of(move(getattr(stream(CPU, generator), name)(*parameters), first.device))


def multinomial(input, num_samples: int, replacement: bool = False, *, generator=None) -> Tensor:
    """The numbers of `num_samples` classes drawn with the chances `input` (need not add up to 1), row by row.

    Shapes: (classes,) → (num_samples,); (rows, classes) → (rows, num_samples). Raises RuntimeError for chances that are
    negative or all 0, and for more samples than classes without replacement.
    """
    check_tensors("multinomial", input=input)
    chances, generator = input._array, stream(input.device, generator)
    if chances.ndim not in (1, 2) or chances.dtype.kind != "f":
        raise RuntimeError(f"multinomial(): chances are floats of shape (classes,) or (rows, classes), given "
                           f"{input.dtype} of shape {list(input.shape)}")
    if num_samples < 1:
        raise RuntimeError(f"multinomial(): cannot sample n_sample <= 0 samples, given {num_samples}")
    if not replacement and num_samples > chances.shape[-1]:
        raise RuntimeError(f"multinomial(): cannot sample n_sample > prob_dist.size(-1) samples without replacement, "
                           f"given {num_samples} of {chances.shape[-1]} classes")
    if not np.all(np.isfinite(chances) & (chances >= 0)):
        raise RuntimeError("multinomial(): probability tensor contains either `inf`, `nan` or element < 0")
    if not np.all(chances.sum(-1) > 0):
        raise RuntimeError("multinomial(): invalid multinomial distribution (sum of probabilities <= 0)")
    if not replacement or num_samples == 1:  # the race of exponential clocks: who rings first is drawn first
        ranks = chances / generator.exponential(chances.shape, chances.dtype)
        return Tensor._of(np.argsort(-ranks, axis=-1, kind="stable")[..., :num_samples])
    shares = np.cumsum(chances, axis=-1)
    shares /= shares[..., -1:]
    rows = shares.reshape(-1, shares.shape[-1])
    drawn = [np.searchsorted(row, generator.uniform((num_samples,), np.float64)) for row in rows]
    return Tensor._of(np.stack(drawn).reshape(*chances.shape[:-1], num_samples))


rand_like, randn_like = _like(rand), _like(randn)


@of_tensor
def randint_like(input, low, high=None, *, generator=None, dtype=None, device=None, memory_format=None) -> Tensor:
    """`randint` with the shape and dtype of `input`."""
    check_memory_format(memory_format)
    size = tuple(input.shape)
    low, high = (0, low) if high is None else (low, high)
    return randint(low, high, size, generator=generator, dtype=dtype or input.dtype, device=device)
