"""What programs ask of a tensor or of number types before they use them."""

from __future__ import annotations

import builtins

from .autograd import check_tensors
from .dtype import as_numpy, can_hold, dtype, named
from .dtype import promote_types as promote
from .dtype import result_type as type_of_result
from .tensor import Tensor


def is_tensor(obj) -> builtins.bool:
    """Whether `obj` is a tensor."""
    return isinstance(obj, Tensor)


def is_floating_point(input) -> builtins.bool:
    """Whether the elements are floats."""
    check_tensors("is_floating_point", input=input)
    return input.is_floating_point()


def is_complex(input) -> builtins.bool:
    """Whether the elements are complex numbers: never."""
    check_tensors("is_complex", input=input)
    return False


def is_nonzero(input) -> builtins.bool:
    """Whether the only element is not 0. Raises RuntimeError for a tensor with several."""
    check_tensors("is_nonzero", input=input)
    return bool(input)


def numel(input) -> builtins.int:
    """The number of elements."""
    check_tensors("numel", input=input)
    return input.numel()


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """The type of a result of tensors of two types: floats before integers before bool, then the larger one."""
    return named(promote(as_numpy(type1), as_numpy(type2)))


def result_type(tensor1, tensor2) -> dtype:
    """The type of a result of two tensors, or of a tensor and a number, which counts only if its kind is higher."""
    return named(type_of_result(*[x._array if isinstance(x, Tensor) else x for x in (tensor1, tensor2)]))


def can_cast(from_: dtype, to: dtype) -> builtins.bool:
    """Whether numbers of one type may be written into a tensor of another: no float into an integer, none into bool."""
    return can_hold(as_numpy(to), as_numpy(from_))
