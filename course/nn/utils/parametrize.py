"""Tensors of a module that are computed from others: each time a weight is asked for, it is made anew.

What is learned is the *original*; the weight that the layer works with is a function of it, its parametrization: of
length one, symmetric, or whatever else a module can compute. Gradients pass through.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

from ...autograd import no_grad
from ...tensor import Tensor
from ...unknown import names_of
from ..containers import ModuleDict, ModuleList
from ..module import Module
from ..parameter import Parameter

__getattr__ = names_of(__name__)


def register_parametrization(module: Module, tensor_name: str, parametrization: Module, *,
                             unsafe: bool = False) -> Module:
    """Let `module.weight`, or another of its tensors, be `parametrization(original)`; returns the module.

    A second parametrization is applied to the result of the first. The original is
    `module.parametrizations.weight.original`. A parametrization with a method `right_inverse(weight)` says there which
    original gives a weight, so that `module.weight = …` works; if that returns several tensors, they are `original0`,
    `original1`, …, parameters that an optimiser made before does not know.

    Args: unsafe: do not check that shape and dtype stay as they are.
    Raises ValueError where they do not, and for a tensor that the module does not have.

    >>> import course
    >>> class Symmetric(course.nn.Module):
    ...     def forward(self, x):
    ...         return x.triu() + x.triu(1).T
    >>> layer = register_parametrization(course.nn.Linear(3, 3), "weight", Symmetric())
    >>> bool((layer.weight == layer.weight.T).all())
    True
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        parts = module.parametrizations[tensor_name]
        if not unsafe:
            parts.check_also(parametrization, getattr(module, tensor_name))
        parts.append(parametrization)
        parts.unsafe |= unsafe
        return module
    if not isinstance(getattr(module, tensor_name, None), Tensor) or tensor_name not in module._registered:
        raise ValueError(f"Module '{module}' does not have a parameter, a buffer, or a parametrized element with name "
                         f"'{tensor_name}'")
    parts = ParametrizationList([parametrization], getattr(module, tensor_name), unsafe)
    delattr(module, tensor_name)
    if not is_parametrized(module):
        _become(module, type(f"Parametrized{type(module).__name__}", (_Parametrized, type(module)), {}))
        module.parametrizations = ModuleDict()
    module.parametrizations[tensor_name] = parts
    return module


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether a tensor of the module, or any if none is named, is computed by a parametrization."""
    parts = vars(module).get("parametrizations")
    return isinstance(parts, ModuleDict) and (len(parts) > 0 if tensor_name is None else tensor_name in parts)


def remove_parametrizations(module: Module, tensor_name: str, leave_parametrized: bool = True) -> Module:
    """Let a tensor be an ordinary one again: as it is now, or else the original; returns the module.

    Raises ValueError for a tensor that has no parametrization, and where the original is to stay but is several.
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    parts = module.parametrizations[tensor_name]
    if not (parts.is_tensor or leave_parametrized):
        raise ValueError("Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in "
                         "terms of a sequence of tensors")
    tensor = parts.original if parts.is_tensor else getattr(module, tensor_name)
    if not parts.is_tensor:
        tensor = Parameter(tensor.detach()) if tensor.requires_grad else tensor
    elif leave_parametrized:
        with no_grad():
            tensor.data = getattr(module, tensor_name)
    del module.parametrizations[tensor_name]
    if not is_parametrized(module):
        del module.parametrizations
        _become(module, type(module).__bases__[1])
    _register(module, tensor_name, tensor)
    return module


class _Parametrized(Module):
    """What a module becomes while some of its tensors are computed."""

    def __getattr__(self, name):
        if is_parametrized(self, name):
            return self.parametrizations[name]()
        return super().__getattr__(name)

    def __setattr__(self, name, value):
        if is_parametrized(self, name):
            self.parametrizations[name].right_inverse(value)
        else:
            super().__setattr__(name, value)

    def __deepcopy__(self, memo):
        replica = memo[id(self)] = self.__new__(type(self))
        vars(replica).update(copy.deepcopy(vars(self), memo))
        return replica

    def __getstate__(self):
        raise RuntimeError("Serialization of parametrized modules is only supported through state_dict(): save that, "
                           "and load it into a module that was parametrized in the same way")


class ParametrizationList(ModuleList):
    """The parametrizations of one tensor, and its original or originals. `register_parametrization` makes it."""

    def __init__(self, modules: Sequence[Module], original: Tensor, unsafe: bool = False):
        super().__init__(modules)
        self.unsafe = unsafe
        shape, dtype = original.shape, original.dtype
        new = self._inverse(original, only_where_there_is_one=True)
        self.is_tensor = isinstance(new, Tensor)
        self.ntensors = 1 if self.is_tensor else len(new)
        if self.is_tensor:
            if new.dtype != dtype:
                raise ValueError("When `right_inverse` outputs one tensor, it may not change the dtype; it made "
                                 f"{new.dtype} of {dtype}")
            if new is not original:
                original.data = new
            _register(self, "original", original)
        else:
            for i, part in enumerate(new):
                part = part.detach()
                if isinstance(original, Parameter):
                    part = Parameter(part, original.requires_grad)
                _register(self, f"original{i}", part)
        if not unsafe:
            _check("Registering a parametrization", self(), shape, dtype)

    def forward(self):
        """The tensor, made anew."""
        first, *others = self
        x = first(*self._originals())
        for parametrization in others:
            x = parametrization(x)
        return x

    def right_inverse(self, value: Tensor) -> None:
        """Set the originals so that the tensor is `value`. Raises RuntimeError where no parametrization says how."""
        new = self._inverse(value)
        parts = [new] if self.is_tensor else new
        if len(parts) != self.ntensors:
            raise ValueError(f"'right_inverse' must return a sequence of tensors of length {self.ntensors}, given "
                             f"{len(parts)}")
        for original, part in zip(self._originals(), parts):
            if original.dtype != part.dtype:
                raise ValueError(f"The tensor returned by `right_inverse` has dtype {part.dtype} while the original "
                                 f"has dtype {original.dtype}")
            original.data = part

    def check_also(self, parametrization, tensor):
        """Raises ValueError for one more parametrization that changes shape or dtype, forwards or back."""
        new = parametrization(tensor)
        _check("Registering a parametrization", new, tensor.shape, tensor.dtype)
        if hasattr(parametrization, "right_inverse"):
            _check("parametrization.right_inverse", parametrization.right_inverse(new), tensor.shape, tensor.dtype)

    def _originals(self):
        names = ["original"] if self.is_tensor else [f"original{i}" for i in range(self.ntensors)]
        return [getattr(self, name) for name in names]

    @no_grad()
    def _inverse(self, value, only_where_there_is_one=False):
        for parametrization in reversed(list(self)):
            if hasattr(parametrization, "right_inverse"):
                value = parametrization.right_inverse(value)
            elif not only_where_there_is_one:
                raise RuntimeError(f"parametrization {type(parametrization).__name__} does not implement "
                                   "right_inverse, so the tensor cannot be set; set its original")
        if not isinstance(value, Tensor) and not (isinstance(value, Sequence) and all(
                isinstance(part, Tensor) for part in value)):
            raise ValueError("'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got "
                             f"{type(value).__name__}")
        return value


def _become(module, kind):
    object.__setattr__(module, "__class__", kind)  # a module's own __setattr__ makes attributes only


def _register(module, name, tensor):
    if isinstance(tensor, Parameter):
        module.register_parameter(name, tensor)
    else:
        module.register_buffer(name, tensor)


def _check(what, tensor, shape, dtype):
    if not isinstance(tensor, Tensor):
        raise ValueError(f"A parametrization must return a tensor. Got {type(tensor).__name__}")
    if tensor.dtype != dtype or tensor.shape != shape:
        raise ValueError(f"{what} may not change the dtype or the shape of the tensor, unless with unsafe=True; "
                         f"{dtype} of shape {list(shape)} became {tensor.dtype} of shape {list(tensor.shape)}")
