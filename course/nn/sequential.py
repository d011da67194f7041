"""Sequential: modules one after the other."""

from __future__ import annotations

from collections import OrderedDict

from ..ops.linear import linear_relu
from .activations import ReLU
from .layers import Linear
from .module import Module


class Sequential(Module):
    """Modules that are applied one after the other; made from modules or from an OrderedDict of named ones.

    A `Linear` with a `ReLU` behind it is computed as one: the same numbers in one pass fewer.
    """

    def __init__(self, *modules):
        super().__init__()
        named = modules[0].items() if len(modules) == 1 and isinstance(modules[0], OrderedDict) else None
        for name, module in named or ((str(i), m) for i, m in enumerate(modules)):
            if not isinstance(module, Module):
                raise TypeError(
                    f"Sequential is made of modules; number {name} is {type(module).__name__}"
                    + (" (a class: write it with brackets)" if isinstance(module, type) else "")
                )
            self.add_module(name, module)

    def forward(self, input):
        steps = list(self.children())
        i = 0
        while i < len(steps):
            if i + 1 < len(steps) and _fusible(steps[i], steps[i + 1]):
                input = linear_relu(input, steps[i].weight, steps[i].bias)
                i += 2
            else:
                input = steps[i](input)
                i += 1
        return input

    def append(self, module: Module) -> Sequential:
        """Add a module at the end; returns the whole."""
        self.add_module(str(len(self)), module)
        return self

    def __len__(self):
        return sum(1 for _ in self.children())

    def __iter__(self):
        return self.children()

    def __getitem__(self, index):
        named = list(self.named_children())
        if isinstance(index, slice):
            return type(self)(OrderedDict(named[index]))
        try:
            return named[index][1]
        except IndexError:
            raise IndexError(f"index {index} is out of range: there are {len(named)} modules") from None


def _fusible(layer, activation) -> bool:
    return (
        type(layer) is Linear and type(activation) is ReLU and layer.bias is not None
        and not (layer._forward_hooks or layer._forward_pre_hooks)
        and not (activation._forward_hooks or activation._forward_pre_hooks)
    )  # fmt: skip
