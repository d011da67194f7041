"""What programs from before PyTorch 0.4 wrapped around their tensors."""

import warnings

from .tape import Taped


class _EveryTensor(type):
    def __instancecheck__(cls, x):
        return isinstance(x, Taped)


class Variable(metaclass=_EveryTensor):
    """The old way to write `data.detach().requires_grad_(requires_grad)`; every tensor is a Variable.

    Raises TypeError for data that are no tensor, RuntimeError where integers should require a gradient.
    """

    def __new__(cls, data, requires_grad: bool = False, volatile: bool = False):
        if not isinstance(data, Taped):
            raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}; use course.tensor(...)")
        if volatile:
            warnings.warn("volatile was removed and now has no effect; write with course.no_grad():", stacklevel=2)
        return data.detach().requires_grad_(requires_grad)  # type: ignore[attr-defined]  # what Tensor adds
