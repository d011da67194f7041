"""Layers that learn the size of their input from the first one they see, and are ordinary layers from then on."""

from __future__ import annotations

import inspect
from typing import Any

from .convolution import Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d
from .layers import Linear
from .module import Module
from .normalization import BatchNorm1d, BatchNorm2d
from .parameter import UninitializedBuffer, UninitializedParameter, Unknown


class _Lazy(Module):
    """The base: `class LazyLinear(_Lazy, Linear, size="in_features", dim=-1)` is all it takes to write one.

    `size` is the first argument of the layer that it becomes, to be found as the size of the input's dimension `dim`.
    """

    becomes: Any
    size: str
    dim: int
    __signature__: inspect.Signature

    def __init_subclass__(cls, size: str, dim: int):
        super().__init_subclass__()
        cls.becomes, cls.size, cls.dim = cls.__bases__[1], size, dim
        first, *others = inspect.signature(cls.becomes).parameters.values()
        cls.__signature__ = inspect.Signature(others)

    def __init__(self, *args, **options):
        super().__init__(0, *args, **options)
        self._options = dict(self.__signature__.bind(*args, **options).arguments)
        for name, p in self._parameters.items():
            if p is not None:
                self.__dict__[name] = UninitializedParameter(p.requires_grad, p.device, p.dtype)
        for name, b in self._buffers.items():
            if b is not None and b.numel() == 0:
                self.__dict__[name] = UninitializedBuffer(False, b.device, b.dtype)

    def _unknown(self):
        return {name: t for name, t in {**self._parameters, **self._buffers}.items() if isinstance(t, Unknown)}

    def reset_parameters(self) -> None:
        """Draw the parameters anew, once they are there."""
        if getattr(self, self.size) and not self._unknown():
            self.becomes.reset_parameters(self)

    def initialize_parameters(self, input) -> None:
        """Make the parameters that this input needs, unless a state with them was loaded."""
        if input.ndim < (self.dim + 1 if self.dim >= 0 else -self.dim):
            raise RuntimeError(f"{type(self).__name__}: an input of shape {list(input.shape)} has no dimension "
                               f"{self.dim}, whose size would be {self.size}")
        setattr(self, self.size, int(input.shape[self.dim]))
        unknown = self._unknown()
        if unknown:
            like = next(iter(unknown.values()))
            known = {**self._options, self.size: getattr(self, self.size), "dtype": like.dtype, "device": like.device}
            layer = self.becomes(**known)
            for name, t in unknown.items():
                t.materialize(layer.__dict__[name].shape)
                t.data = layer.__dict__[name].data

    def forward(self, input, *args, **options):
        self.initialize_parameters(input)
        del self._options
        object.__setattr__(self, "__class__", self.becomes)  # a module's own attributes are kept elsewhere
        return self.forward(input, *args, **options)


class LazyLinear(_Lazy, Linear, size="in_features", dim=-1):
    """`Linear` of as many inputs as its first input has numbers a row."""


class LazyConv1d(_Lazy, Conv1d, size="in_channels", dim=-2):
    """`Conv1d` of as many channels as its first input has."""


class LazyConv2d(_Lazy, Conv2d, size="in_channels", dim=-3):
    """`Conv2d` of as many channels as its first input has."""


class LazyConvTranspose1d(_Lazy, ConvTranspose1d, size="in_channels", dim=-2):
    """`ConvTranspose1d` of as many channels as its first input has."""


class LazyConvTranspose2d(_Lazy, ConvTranspose2d, size="in_channels", dim=-3):
    """`ConvTranspose2d` of as many channels as its first input has."""


class LazyBatchNorm1d(_Lazy, BatchNorm1d, size="num_features", dim=1):
    """`BatchNorm1d` of as many features as its first input has."""


class LazyBatchNorm2d(_Lazy, BatchNorm2d, size="num_features", dim=1):
    """`BatchNorm2d` of as many channels as its first input has."""
