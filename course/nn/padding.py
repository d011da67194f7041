"""Margins around sequences (1d) and images (2d), as modules."""

import math

from ..ops.convolution import sizes
from . import functional as F
from .module import Module


class _Pad(Module):
    """The base: margins of `dims` dimensions, filled in the way of `mode`; see `functional.pad`."""

    dims = 2
    mode = "constant"
    value: float = 0

    def __init_subclass__(cls, **fixed):
        super().__init_subclass__()
        for name, value in fixed.items():
            setattr(cls, name, value)

    def __init__(self, padding):
        super().__init__()
        self.padding = sizes(type(self).__name__, "padding", padding, 2 * self.dims, least=-math.inf)

    def forward(self, input):
        return F.pad(input, self.padding, self.mode, self.value)

    def extra_repr(self):
        return f"{self.padding}"


class ZeroPad1d(_Pad, dims=1):
    """Zeros before and after sequences. Args: padding: (left, right), or one number for both."""


class ZeroPad2d(_Pad):
    """Zeros around images. Args: padding: (left, right, top, bottom), or one number for all."""


class ConstantPad1d(_Pad, dims=1):
    """`value` before and after sequences."""

    def __init__(self, padding, value: float):
        super().__init__(padding)
        self.value = value

    def extra_repr(self):
        return f"padding={self.padding}, value={self.value}"


class ConstantPad2d(ConstantPad1d, dims=2):
    """`value` around images."""


class ReflectionPad1d(_Pad, dims=1, mode="reflect"):
    """Sequences mirrored at their ends."""


class ReflectionPad2d(_Pad, mode="reflect"):
    """Images mirrored at their edges."""


class ReplicationPad1d(_Pad, dims=1, mode="replicate"):
    """The first and last number of sequences, repeated."""


class ReplicationPad2d(_Pad, mode="replicate"):
    """The edges of images, repeated."""


class CircularPad1d(_Pad, dims=1, mode="circular"):
    """Sequences that go on with their other end."""


class CircularPad2d(_Pad, mode="circular"):
    """Images that go on with their other side."""
