"""The number types of tensors, and which type a mixture of them has (PyTorch's rules, not NumPy's)."""

from __future__ import annotations

import builtins

import numpy as np

_CATEGORY = {"b": 0, "u": 1, "i": 1, "f": 2}


class dtype:
    """A number type, such as `course.float32`.

    Attributes: `numpy` (the NumPy type), `itemsize` (bytes), `is_floating_point`.
    """

    __slots__ = ("name", "numpy")

    def __init__(self, name: str):
        self.name = name
        self.numpy = np.dtype(name)

    def __repr__(self):
        return f"course.{self.name}"

    def __reduce__(self):
        return self.name

    @property
    def itemsize(self) -> builtins.int:
        return self.numpy.itemsize

    @property
    def is_floating_point(self) -> builtins.bool:
        return self.numpy.kind == "f"


float32 = float = dtype("float32")
float64 = double = dtype("float64")
int8 = dtype("int8")
int16 = short = dtype("int16")
int32 = int = dtype("int32")
int64 = long = dtype("int64")
uint8 = dtype("uint8")
bool = dtype("bool")

_BY_NUMPY = {t.numpy: t for t in (float32, float64, int8, int16, int32, int64, uint8, bool)}
_default = float32


def get_default_dtype() -> dtype:
    """The type that Python floats become: float32 unless `set_default_dtype` says otherwise."""
    return _default


def set_default_dtype(d: dtype) -> None:
    """Make `d` (float32 or float64) the type that Python floats become."""
    global _default
    if d not in (float32, float64):
        raise TypeError(f"set_default_dtype(): expected course.float32 or course.float64, given {d!r}")
    _default = d


def of(array) -> dtype:
    """The course's name for an array's type."""
    return _BY_NUMPY[array.dtype]


def named(numpy_dtype: np.dtype) -> dtype:
    """The course's name for a type of NumPy's."""
    return _BY_NUMPY[numpy_dtype]


def supported(numpy_dtype: np.dtype) -> builtins.bool:
    return numpy_dtype in _BY_NUMPY


def as_numpy(d) -> np.dtype:
    """The NumPy type for `course.float32`, Python's `float`, a NumPy type…

    Raises TypeError for a type that tensors do not have.
    """
    if isinstance(d, dtype):
        return d.numpy
    if d is None:
        return _default.numpy
    if isinstance(d, type) and d in (builtins.float, builtins.int, builtins.bool):
        return {builtins.float: _default, builtins.int: int64, builtins.bool: bool}[d].numpy
    try:
        found = np.dtype(d)
    except TypeError:
        found = None
    if found not in _BY_NUMPY:
        raise TypeError(f"{d!r} is not a tensor type; use one of {', '.join(map(repr, _BY_NUMPY.values()))}")
    return found


def promote_types(a: np.dtype, b: np.dtype) -> np.dtype:
    """The type of a result of `a` and `b`: floats beat integers beat bool, whatever their sizes; then the larger."""
    if a == b:
        return a
    rank_a, rank_b = _CATEGORY[a.kind], _CATEGORY[b.kind]
    if rank_a != rank_b:
        return a if rank_a > rank_b else b
    return np.promote_types(a, b)


def can_hold(own: np.dtype, other: np.dtype) -> builtins.bool:
    """Whether numbers of the type `other` may be written into a tensor of type `own`: no float into an integer."""
    return _CATEGORY[own.kind] >= _CATEGORY[other.kind]


def result_type(*operands) -> np.dtype:
    """The type of an elementwise result of arrays and Python numbers.

    Arrays with dimensions decide. A 0-d array, and after it a Python number, matters only when its kind (bool, integer,
    float) is higher than theirs; a Python float that decides becomes the default type.
    """
    found: list = [None, None, None]  # with dimensions, 0-d, Python numbers
    for x in operands:
        if isinstance(x, builtins.bool | np.bool_):
            level, t = 2, bool.numpy
        elif isinstance(x, builtins.int):
            level, t = 2, int64.numpy
        elif isinstance(x, builtins.float):
            level, t = 2, _default.numpy
        else:
            try:
                level, t = (0 if x.ndim else 1), x.dtype
            except AttributeError:
                raise TypeError(f"expected tensors and numbers, given {type(x).__name__}") from None
        found[level] = t if found[level] is None else promote_types(found[level], t)
    decided, *weaker = [t for t in found if t is not None]
    for t in weaker:
        if _CATEGORY[t.kind] > _CATEGORY[decided.kind]:
            decided = t
    return decided
