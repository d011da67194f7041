"""Making tensors: from data, filled, spaced, random."""

from __future__ import annotations

import math

import numpy as np

from . import dtype as dtypes
from .autograd import Variable
from .device import device as Device
from .device import move
from .random import default_generator
from .tensor import Tensor, check_can_require_grad


def _finished(array, requires_grad, device=None) -> Tensor:
    if requires_grad:
        check_can_require_grad(array)
    if device is not None:
        array = move(array, Device(device))
    return Tensor(array, requires_grad)


def tensor(data, *, dtype=None, device=None, requires_grad: bool = False) -> Tensor:
    """A tensor with a copy of `data`: numbers, nested lists of numbers, a NumPy array or a tensor.

    Python floats become float32 (the default type), integers int64; a NumPy array keeps its type.
    Raises ValueError for ragged lists, TypeError for what is not made of numbers.

    >>> tensor([[1.0, 2.0], [3.0, 4.0]])
    tensor([[1., 2.],
            [3., 4.]])
    """
    return _finished(np.array(_array_of(data, dtype), copy=True), requires_grad, device)


def as_tensor(data, dtype=None, device=None) -> Tensor:
    """`data` as a tensor, without copying where a tensor or NumPy array already fits."""
    if isinstance(data, Tensor):
        return data.to(dtype=dtype, device=device)
    return _finished(_array_of(data, dtype), False, device)


def from_numpy(array: np.ndarray) -> Tensor:
    """A tensor that shares memory with a NumPy array: a change of one is seen in the other."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(array).__name__}); use course.tensor(...) for other data")
    dtypes.as_numpy(array.dtype)
    return Tensor(array)


def _array_of(data, dtype):
    given = data
    if isinstance(data, Variable):
        data = data._array
    elif isinstance(data, list | tuple) and any(isinstance(x, Variable) for x in data):
        data = np.array([x._array if isinstance(x, Variable) else x for x in data])
    elif not isinstance(data, np.ndarray | np.generic):
        try:
            array = np.array(data)
        except ValueError:
            raise ValueError(f"expected a grid of numbers; the rows of {_shortened(data)} differ in length") from None
        if array.dtype.kind == "f" and dtype is None:
            dtype = dtypes.get_default_dtype()
        data = array.astype(np.float32) if array.size == 0 and dtype is None else array
    if data.dtype.kind not in "fiub":
        raise TypeError(f"a tensor is made of numbers or bools (at most 64 bits wide), given {_shortened(given)}")
    return np.asarray(data, dtypes.as_numpy(data.dtype if dtype is None else dtype))


def _shortened(data) -> str:
    text = repr(data)
    return text if len(text) < 60 else text[:57] + "..."


def _shape(size):
    sizes = tuple(size[0]) if len(size) == 1 and isinstance(size[0], tuple | list) else tuple(size)
    for n in sizes:
        if isinstance(n, bool) or not isinstance(n, int | np.integer):
            raise TypeError(f"a shape is made of integers, given {sizes}")
        if n < 0:
            raise RuntimeError(f"a tensor cannot have a negative dimension: {sizes}")
    return tuple(int(n) for n in sizes)


def zeros(*size, dtype=None, device=None, requires_grad=False) -> Tensor:
    """A tensor of zeros: `zeros(2, 3)` or `zeros((2, 3))`."""
    return _finished(np.zeros(_shape(size), dtypes.as_numpy(dtype)), requires_grad, device)


def ones(*size, dtype=None, device=None, requires_grad=False) -> Tensor:
    """A tensor of ones."""
    return _finished(np.ones(_shape(size), dtypes.as_numpy(dtype)), requires_grad, device)


def empty(*size, dtype=None, device=None, requires_grad=False) -> Tensor:
    """A tensor whose elements are whatever the memory held."""
    return _finished(np.empty(_shape(size), dtypes.as_numpy(dtype)), requires_grad, device)


def full(size, fill_value, *, dtype=None, device=None, requires_grad=False) -> Tensor:
    """A tensor in which every element is `fill_value`."""
    kind = dtypes.result_type(fill_value) if dtype is None else dtypes.as_numpy(dtype)
    return _finished(np.full(_shape((size,)), fill_value, kind), requires_grad, device)


def _like(make):
    def made(input, *, dtype=None, device=None, requires_grad=False):
        return make(tuple(input.shape), dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)

    made.__name__ = made.__qualname__ = f"{make.__name__}_like"
    made.__doc__ = f"`{make.__name__}` with the shape and dtype of `input`."
    return made


zeros_like, ones_like, empty_like = _like(zeros), _like(ones), _like(empty)


def full_like(input, fill_value, *, dtype=None, device=None, requires_grad=False) -> Tensor:
    """`full` with the shape and dtype of `input`."""
    return full(tuple(input.shape), fill_value, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def eye(n: int, m: int | None = None, *, dtype=None, requires_grad=False) -> Tensor:
    """The identity matrix of n rows and m (by default n) columns."""
    return _finished(np.eye(n, m, dtype=dtypes.as_numpy(dtype)), requires_grad)


def arange(start, end=None, step=1, *, dtype=None, requires_grad=False) -> Tensor:
    """start, start + step, … below end; `arange(n)` is 0, …, n − 1."""
    if end is None:
        start, end = 0, start
    if step == 0 or (end - start) * step < 0:
        raise RuntimeError(f"arange(): from {start} to {end} there is no way in steps of {step}")
    kind = dtypes.result_type(start, end, step) if dtype is None else dtypes.as_numpy(dtype)
    count = math.ceil((end - start) / step)
    return _finished((start + step * np.arange(count)).astype(kind), requires_grad)


def linspace(start, end, steps: int, *, dtype=None, requires_grad=False) -> Tensor:
    """`steps` numbers at equal distances, from start to end, both included."""
    return _finished(np.linspace(start, end, steps).astype(dtypes.as_numpy(dtype)), requires_grad)


# --- random -----------------------------------------------------------------------------------------------------


def rand(*size, generator=None, dtype=None, device=None, requires_grad=False) -> Tensor:
    """Random numbers spread evenly over [0, 1)."""
    draw = (generator or default_generator).uniform
    return _finished(draw(_shape(size), dtypes.as_numpy(dtype)), requires_grad, device)


def randn(*size, generator=None, dtype=None, device=None, requires_grad=False) -> Tensor:
    """Normally distributed random numbers with mean 0 and standard deviation 1."""
    draw = (generator or default_generator).normal
    return _finished(draw(_shape(size), dtypes.as_numpy(dtype)), requires_grad, device)


def randint(low, high=None, size=None, *, generator=None, dtype=dtypes.int64, device=None) -> Tensor:
    """Random integers low, …, high − 1; `randint(high, size)` starts at 0."""
    if size is None:
        low, high, size = 0, low, high
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    drawn = (generator or default_generator).integers(_shape((size,)), low, high)
    return _finished(drawn.astype(dtypes.as_numpy(dtype)), False, device)


def randperm(n: int, *, generator=None, dtype=dtypes.int64) -> Tensor:
    """0, …, n − 1 in random order."""
    return Tensor((generator or default_generator).permutation(n).astype(dtypes.as_numpy(dtype), copy=False))


rand_like, randn_like = _like(rand), _like(randn)
