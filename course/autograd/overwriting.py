"""Changing a tensor in place: what an operation gives is written over the tensor itself, and noted on the tape."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec

import numpy as np

from .. import dtype as dtypes
from ..tracing import not_replayed, tracing
from .modes import is_grad_enabled, set_grad_enabled
from .tape import Operation, Taped, changed_through, no_tensor, origin

if TYPE_CHECKING:
    from ..tensor import Tensor

P = ParamSpec("P")


def in_place(operate: Callable[P, Tensor]) -> Callable[P, Tensor]:
    """The method that writes what an operation gives over the tensor itself."""
    return _named_for(operate, overwrite)


def shown_anew(operate: Callable[P, Tensor]) -> Callable[P, Tensor]:
    """The method that makes the tensor itself the view of its numbers that an operation gives."""
    return _named_for(operate, _show_anew)


def _named_for(operate, change):
    @functools.wraps(operate)
    def method(self, *args, **options):
        return change(self, operate, *args, **options)

    method.__name__ = method.__qualname__ = f"{operate.__name__.strip('_')}_"
    method.__doc__ = f"In place: {operate.__doc__}"
    return method


def overwrite(tensor, operate, *args, **options):
    """tensor ← operate(tensor, *args, **options), in the tensor's own memory."""
    if not isinstance(tensor, Taped):
        raise no_tensor(operate.__name__, "input", tensor)
    recorded = is_recorded(tensor, *args, *options.values())
    if tracing.trace is not None:
        tracing.trace.adopt(tensor)
    before = Taped.tensor(tensor._array.copy() if recorded else tensor._array, tensor.requires_grad, tensor._node)
    result = operate(before, *args, **options)
    out, own = result._array, tensor._array
    if out.shape != own.shape:
        raise RuntimeError(
            f"output with shape {list(own.shape)} doesn't match the broadcast shape {list(out.shape)}: "
            "a tensor changed in place keeps its shape"
        )
    if not dtypes.can_hold(own.dtype, out.dtype):
        raise RuntimeError(
            f"result type {dtypes.of(out)!r} can't be cast to the desired output type {tensor.dtype!r}; "
            "write x = x + y instead of x += y, or convert first"
        )
    try:
        own[...] = out
    except ValueError:
        raise RuntimeError("more than one element of the written-to tensor refers to a single memory location: it was "
                           "made by expand(). Change a clone() of it") from None
    tensor._count_change()
    if recorded:
        tensor._node, tensor.requires_grad = result._node, result.requires_grad
        changed_through(tensor)
    return tensor


def _show_anew(tensor, operate, *args, **options):
    """tensor ← the view operate(tensor, *args, **options) of its own memory."""
    is_recorded(tensor)
    not_replayed("a new shape in place")
    before = Taped.tensor(tensor._array, tensor.requires_grad, tensor._node)
    before._changes, before._shown = tensor._watched()[0], tensor._shown
    with set_grad_enabled(tensor._node is not None or (is_grad_enabled() and not tensor.requires_grad)):
        view = operate(before, *args, **options)
    tensor._count_change()
    tensor._array, tensor._node, tensor._shown = view._array, view._node, view._shown
    return tensor


def is_recorded(tensor, *others) -> bool:
    """Whether a change of `tensor` by `others` has to stand on the tape. Raises RuntimeError where it cannot."""
    if not is_grad_enabled() or tensor._array.dtype.kind != "f":
        return False
    origin(tensor)
    if not (tensor.requires_grad or any(isinstance(o, Taped) and o.requires_grad for o in others)):
        return False
    whole = tensor
    while whole is not None:
        if whole.requires_grad and whole._node is None:
            raise RuntimeError(
                f"{'a' if whole is tensor else 'a view of a'} leaf Variable that requires grad is being used in an "
                "in-place operation. To change a parameter by hand, do it inside `with course.no_grad():`; otherwise "
                "write x = x + 1 instead of x += 1"
            )
        whole = whole._shown and whole._shown.owner
    return True


def takes_out(function: Callable[P, Tensor]) -> Callable[P, Tensor]:
    """The function, which then also takes `out`, a tensor to write its result into, as operations do."""

    @functools.wraps(function)
    def called(*args, out=None, **options):
        result = function(*args, **options)
        return result if out is None else written_into(out, result)

    return called  # type: ignore[return-value]


def written_into(out, result):
    """`result` written into the tensor `out`, which takes its shape where it is empty; returns `out`."""
    if not isinstance(out, Taped):
        raise TypeError(f"argument 'out' must be a Tensor, not {type(out).__name__}")
    if is_grad_enabled() and (out.requires_grad or result.requires_grad):
        raise RuntimeError("functions with out=... arguments don't support automatic differentiation, but one of the "
                           "arguments requires grad. Write out = f(x), or do it inside `with course.no_grad():`")
    if not out._array.size:
        out._array = np.empty(result._array.shape, out._array.dtype, like=out._array)
    return overwrite(out, lambda before: result)


Operation.write_into = staticmethod(written_into)
