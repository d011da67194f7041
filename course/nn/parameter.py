"""Parameter: a tensor that a module learns."""

from __future__ import annotations

from ..creation import empty
from ..tensor import Tensor, check_can_require_grad


class Parameter(Tensor):
    """A tensor that belongs to the module it is assigned to and requires a gradient. It shares memory with `data`."""

    __slots__ = ()

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True):
        data = empty(0) if data is None else data
        if not isinstance(data, Tensor):
            raise TypeError(f"Parameter data must be a Tensor, given {type(data).__name__}; use course.tensor(...)")
        if requires_grad:
            check_can_require_grad(data._array)
        super().__init__(data._array, requires_grad)
