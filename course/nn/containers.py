"""Modules that hold others, or parameters, in a list or by name."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..ops.linear import linear_relu
from ..tensor import Tensor
from .activations import ReLU
from .layers import Linear
from .module import Module
from .parameter import Parameter


class _Listed(Module):
    """What is common to lists: things held under the names '0', '1', '2', … and found by their place."""

    def _names(self) -> list[str]:
        return list(self._modules)

    def _hold(self, name, value):
        self.add_module(name, value)

    def _name_at(self, index) -> str:
        names = self._names()
        try:
            return names[operator.index(index)]
        except IndexError:
            raise IndexError(f"index {index} is out of range: there are {len(names)} modules") from None

    def _replace_all(self, values) -> None:
        """Hold these, numbered anew, and nothing else."""
        for name in self._names():
            delattr(self, name)
        for i, value in enumerate(values):
            self._hold(str(i), value)

    def __len__(self):
        return len(self._names())

    def __iter__(self) -> Iterator:
        return iter([self.__dict__[name] for name in self._names()])

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)([self.__dict__[name] for name in self._names()[index]])
        return self.__dict__[self._name_at(index)]

    def __setitem__(self, index, value):
        setattr(self, self._name_at(index), value)

    def __delitem__(self, index):
        gone = self._names()[index] if isinstance(index, slice) else [self._name_at(index)]
        self._replace_all([self.__dict__[name] for name in self._names() if name not in gone])

    def append(self, value):
        """Add one at the end; returns the whole."""
        self._hold(str(len(self)), value)
        return self

    def extend(self, values: Iterable):
        """Add several at the end; returns the whole."""
        if not isinstance(values, Iterable) or isinstance(values, Tensor):
            raise TypeError(f"{type(self).__name__}.extend should be called with an iterable, but got "
                            f"{type(values).__name__}")
        for value in list(values):
            self.append(value)
        return self

    __iadd__ = extend

    def pop(self, index):
        """Take one out (or a slice) and return it."""
        taken = self[index]
        del self[index]
        return taken


class Sequential(_Listed):
    """Modules that are applied one after the other; made from modules or from an OrderedDict of named ones.

    A `Linear` with a `ReLU` behind it is computed as one: the same numbers in one pass fewer.
    """

    def __init__(self, *modules):
        super().__init__()
        named = modules[0].items() if len(modules) == 1 and isinstance(modules[0], OrderedDict) else None
        for name, module in named or ((str(i), m) for i, m in enumerate(modules)):
            self._hold(name, module)

    def _hold(self, name, value):
        if not isinstance(value, Module):
            raise TypeError(
                f"Sequential is made of modules; number {name} is {type(value).__name__}"
                + (" (a class: write it with brackets)" if isinstance(value, type) else "")
            )
        super()._hold(name, value)

    def forward(self, input):
        steps = list(self)
        i = 0
        while i < len(steps):
            if i + 1 < len(steps) and _fusible(steps[i], steps[i + 1]):
                input = linear_relu(input, steps[i].weight, steps[i].bias)
                i += 2
            else:
                input = steps[i](input)
                i += 1
        return input

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(OrderedDict(list(self._modules.items())[index]))
        return super().__getitem__(index)

    def insert(self, index: int, module: Module) -> Sequential:
        """Put a module before number `index`; returns the whole."""
        if not isinstance(module, Module):
            raise AssertionError(f"module should be of type Module, given {type(module).__name__}")
        if not -len(self) <= index <= len(self):
            raise IndexError(f"Index out of range: {index} of {len(self)} modules")
        modules = list(self)
        modules.insert(index, module)
        self._replace_all(modules)
        return self

    def __add__(self, other):
        return Sequential(*self, *_sequential(other))

    def __iadd__(self, other):
        return self.extend(_sequential(other))

    def __mul__(self, times):
        return Sequential(*list(self) * _times(self, times))

    __rmul__ = __mul__

    def __imul__(self, times):
        return self.extend(list(self) * (_times(self, times) - 1))


def _sequential(other):
    if not isinstance(other, Sequential):
        raise ValueError(f"add operator supports only objects of Sequential class, but {type(other).__name__} is given")
    return other


def _times(module, times):
    if not isinstance(times, int):
        raise TypeError(f"unsupported operand type(s) for *: {type(module).__name__} and {type(times).__name__}")
    if times <= 0:
        raise ValueError(f"Non-positive multiplication factor {times} for {type(module).__name__}")
    return times


def _fusible(layer, activation) -> bool:
    return (
        type(layer) is Linear and type(activation) is ReLU and layer.bias is not None
        and not layer._is_watched() and not activation._is_watched()
    )  # fmt: skip


class ModuleList(_Listed):
    """Modules in a list, so that all of them belong to the module that holds it; it has no forward of its own."""

    def __init__(self, modules: Iterable[Module] | None = None):
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def insert(self, index: int, module: Module) -> None:
        """Put a module before number `index`."""
        modules = list(self)
        modules.insert(index, module)
        self._replace_all(modules)

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *other])

    def __repr__(self):
        groups = []  # [first, last, text]: neighbours that read alike stand in one line
        for i, text in enumerate(map(repr, self)):
            if groups and groups[-1][2] == text:
                groups[-1][1] = i
            else:
                groups.append([i, i, text])
        lines = [f"({a}): {text}" if a == b else f"({a}-{b}): {b - a + 1} x {text}" for a, b, text in groups]
        lines = [line.replace("\n", "\n  ") for line in lines]
        return f"{type(self).__name__}(" + ("\n  " + "\n  ".join(lines) + "\n" if lines else "") + ")"


class ParameterList(_Listed):
    """Parameters in a list, so that they belong to the module that holds it. A tensor becomes a parameter."""

    def __init__(self, values: Iterable | None = None):
        super().__init__()
        self._size = 0
        if values is not None:
            self.extend(values)

    def _names(self):
        return [str(i) for i in range(self._size)]

    def _hold(self, name, value):
        setattr(self, name, _as_parameter(value))
        self._size = max(self._size, int(name) + 1)

    def __setitem__(self, index, value):
        self._hold(self._name_at(index), value)

    def _replace_all(self, values):
        super()._replace_all(values)
        self._size = len(values)

    def __call__(self, *inputs):
        raise RuntimeError("ParameterList should not be called: it only holds parameters")

    def extra_repr(self):
        return _listing(enumerate(self), lambda parameter: parameter.dtype)


def _as_parameter(value):
    return Parameter(value) if isinstance(value, Tensor) and not isinstance(value, Parameter) else value


def _listing(pairs, kind) -> str:
    """A line for each that is held; `kind` says of a parameter what its numbers are."""
    return "\n".join(f"  ({name}): {_described(value, kind)}" for name, value in pairs)


def _described(value, kind) -> str:
    if not isinstance(value, Tensor):
        return f"Object of type: {type(value).__name__}"
    return f"Parameter containing: [{kind(value)} of size {'x'.join(map(str, value.shape))}]"


class _Named(Module):
    """What is common to dicts: things held under names of the program's choice."""

    def __init__(self, values: Mapping | Iterable | None = None):
        super().__init__()
        if values is not None:
            self.update(values)

    def _held(self) -> dict:
        """What is held, by name."""
        return self._modules

    def __getitem__(self, key):
        return self._held()[key]

    def __delitem__(self, key):
        self[key]  # KeyError where there is none
        delattr(self, key)

    def __len__(self):
        return len(self._held())

    def __iter__(self):
        return iter(self._held())

    def __contains__(self, key):
        return key in self._held()

    def clear(self) -> None:
        """Hold nothing any more."""
        for key in list(self):
            del self[key]

    def pop(self, key):
        """Take out what is held under `key` and return it."""
        taken = self[key]
        del self[key]
        return taken

    def keys(self):
        """The names, in the order in which they came."""
        return self._held().keys()

    def values(self):
        """What is held."""
        return self._held().values()

    def items(self):
        """Names, and what is held under each."""
        return self._held().items()

    def update(self, values: Mapping | Iterable) -> None:
        """Take up a mapping, or pairs of name and value; what has a name that is there already is replaced."""
        if not isinstance(values, Iterable):
            raise TypeError(f"{type(self).__name__}.update should be called with an iterable of key/value pairs, but "
                            f"got {type(values).__name__}")
        pairs: Any = values.items() if isinstance(values, Mapping | _Named) else values
        for i, pair in enumerate(pairs):
            what = f"{type(self).__name__} update sequence element #{i}"
            if not hasattr(pair, "__iter__"):
                raise TypeError(f"{what} should be Iterable; is {type(pair).__name__}")
            if len(pair) != 2:
                raise ValueError(f"{what} has length {len(pair)}; 2 is required")
            self[pair[0]] = pair[1]


class ModuleDict(_Named):
    """Modules by name, so that all of them belong to the module that holds it; it has no forward of its own."""

    def __setitem__(self, key, module):
        self.add_module(key, module)


class ParameterDict(_Named):
    """Parameters by name, so that they belong to the module that holds it. A tensor becomes a parameter.

    As in PyTorch, a plain dict is taken up in the order of its names, an OrderedDict in its own.
    """

    def __init__(self, parameters: Mapping | Iterable | None = None):
        self.__dict__["_names"] = {}  # the order in which they came
        super().__init__(parameters)

    def _held(self):
        return {name: self.__dict__[name] for name in self._names}

    def __setitem__(self, key, value):
        if not isinstance(key, str):
            raise TypeError(f"Index given to ParameterDict cannot be used as a key as it is not a string (type is "
                            f"'{type(key).__name__}')")
        if key not in self._names:
            if hasattr(self, key) or "." in key or not key:
                raise KeyError(f"ParameterDict cannot use the key '{key}': it is empty, a method's name or has a dot")
            self._names[key] = None
        setattr(self, key, _as_parameter(value))

    def __delattr__(self, name):
        super().__delattr__(name)
        self._names.pop(name, None)

    def __reversed__(self):
        return reversed(self._names)

    def __or__(self, other):
        both = self.copy()
        both.update(other)
        return both

    def __ior__(self, other):
        self.update(other)
        return self

    def update(self, values) -> None:
        """Take up a mapping, or pairs of name and value; what has a name that is there already is replaced."""
        plain = isinstance(values, Mapping) and not isinstance(values, OrderedDict)
        super().update(sorted(values.items()) if plain else values)

    def get(self, key, default=None):
        """What is held under `key`, or `default`."""
        return self._held().get(key, default)

    def setdefault(self, key, default=None):
        """What is held under `key`, once `default` was put there if nothing was."""
        if key not in self:
            self[key] = default
        return self[key]

    def popitem(self) -> tuple:
        """Take out what came last; returns its name and itself."""
        key = next(reversed(self))
        return key, self.pop(key)

    def fromkeys(self, keys: Iterable, default=None) -> ParameterDict:
        """Another one with `default` under each of the names."""
        return ParameterDict((key, default) for key in keys)

    def copy(self) -> ParameterDict:
        """Another one that holds the same parameters."""
        return ParameterDict(OrderedDict(self.items()))

    def __call__(self, *inputs):
        raise RuntimeError("ParameterDict should not be called: it only holds parameters")

    def extra_repr(self):
        return _listing(self.items(), lambda parameter: parameter.type())
