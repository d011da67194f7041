"""Functions as modules: one mechanism for activations, losses and distances."""

from __future__ import annotations

import inspect

from ..tensor import Tensor
from .module import Module


class Applied(Module):
    """A function of `nn.functional` as a module: made with its options, then called with its tensors.

    `class ELU(Applied, function=F.elu)` is all it takes to write one. Its options are the parameters of the function
    that have a default (and those that `options` names), but for those in `without`; they become attributes of the
    module, tensors among them buffers.
    """

    function = None
    __signature__ = inspect.Signature()

    def __init_subclass__(cls, function=None, options: tuple = (), without: tuple = (), **kwargs):
        super().__init_subclass__(**kwargs)
        if function is not None:
            parameters = inspect.signature(function).parameters.values()
            kept = [p for p in parameters if (p.default is not p.empty or p.name in options) and p.name not in without]
            cls.function, cls.__signature__ = staticmethod(function), inspect.Signature(kept)

    def __init__(self, *args, **options):
        super().__init__()
        try:
            bound = self.__signature__.bind(*args, **options)
        except TypeError as error:
            raise TypeError(f"{type(self).__name__}: {error}; its options are {self.__signature__}") from None
        bound.apply_defaults()
        self._check(bound.arguments)
        for name, value in bound.arguments.items():
            if isinstance(value, Tensor) or "weight" in name:
                self.register_buffer(name, value)
            else:
                setattr(self, name, value)

    def _check(self, options: dict) -> None:
        """Raises for options that the function would refuse later."""

    def forward(self, *tensors, **named):
        """The function of the tensors, in the order in which it takes them."""
        if self.function is None:
            return super().forward(*tensors)
        return self.function(*tensors, **named, **{name: getattr(self, name) for name in self.__signature__.parameters})
