"""Module: a function with parameters, built of other modules."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping

from .. import dtype as dtypes
from ..autograd import no_grad
from ..device import device as Device
from ..device import move
from ..tensor import RemovableHandle, Tensor
from .parameter import Parameter


class Module:
    """The base of all layers, losses and models.

    A subclass calls `super().__init__()`, assigns its parameters and submodules as attributes and writes `forward`.
    Its parameters are simply those of its attributes that are a `Parameter`, its children those that are a `Module`.
    """

    training: bool = True

    def __init__(self):
        self.__dict__.update(training=True, _buffer_names=set(), _transient=set(), _forward_hooks=OrderedDict(),
                             _forward_pre_hooks=OrderedDict(), _full_backward_hooks=OrderedDict())

    def forward(self, *inputs):
        """What the module computes; every subclass writes its own."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *inputs, **kwargs):
        try:
            hooked = self._forward_pre_hooks or self._forward_hooks
        except AttributeError:
            raise AttributeError(self._uninitialised("call")) from None
        if not hooked:
            return self.forward(*inputs, **kwargs)
        for hook in list(self._forward_pre_hooks.values()):
            changed = hook(self, inputs)
            if changed is not None:
                inputs = changed if isinstance(changed, tuple) else (changed,)
        out = self.forward(*inputs, **kwargs)
        for hook in list(self._forward_hooks.values()):
            changed = hook(self, inputs, out)
            out = out if changed is None else changed
        return out

    # --- what belongs to the module -------------------------------------------------------------------------------

    def __setattr__(self, name, value):
        if isinstance(value, Parameter | Module) and "_buffer_names" not in self.__dict__:
            raise AttributeError(self._uninitialised(f"assign {type(value).__name__} to"))
        present = self.__dict__.get(name)
        if isinstance(present, Parameter) and not (value is None or isinstance(value, Parameter)):
            raise TypeError(
                f"cannot assign '{type(value).__name__}' as parameter '{name}' (nn.Parameter or None expected); "
                "to change its numbers, write into them inside `with course.no_grad():`"
            )
        if isinstance(present, Module) and not (value is None or isinstance(value, Module)):
            raise TypeError(f"cannot assign '{type(value).__name__}' as child module '{name}' (Module expected)")
        self.__dict__[name] = value

    def _uninitialised(self, verb):
        return (
            f"cannot {verb} this {type(self).__name__} before Module.__init__() call; "
            "let its own __init__ begin with super().__init__()"
        )

    def __getattr__(self, name):
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Make `param` the module's parameter `name`; None reserves the name."""
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(f"cannot register '{type(param).__name__}' as parameter '{name}' (nn.Parameter expected)")
        setattr(self, name, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Make `tensor` part of the module's state without learning it; saved with it if `persistent`."""
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(f"cannot register '{type(tensor).__name__}' as buffer '{name}' (Tensor or None expected)")
        setattr(self, name, tensor)
        self._buffer_names.add(name)
        if not persistent:
            self._transient.add(name)

    def register_module(self, name: str, module: Module | None) -> None:
        """Make `module` the child `name`."""
        setattr(self, name, module)

    add_module = register_module

    def named_modules(self, prefix: str = "", seen: set | None = None) -> Iterator[tuple[str, Module]]:
        """This module and all below it, each once, with dotted names."""
        seen = set() if seen is None else seen
        if self in seen:
            return
        seen.add(self)
        yield prefix, self
        for name, child in self.named_children():
            yield from child.named_modules(f"{prefix}.{name}" if prefix else name, seen)

    def modules(self) -> Iterator[Module]:
        """This module and all below it."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules that are attributes of this one, with their names."""
        return ((name, value) for name, value in list(vars(self).items()) if isinstance(value, Module))

    def children(self) -> Iterator[Module]:
        """The modules that are attributes of this one."""
        return (module for _, module in self.named_children())

    def _named_tensors(self, own, prefix="", recurse=True):
        seen = set()
        for path, module in self.named_modules(prefix) if recurse else [(prefix, self)]:
            for name, value in list(vars(module).items()):
                if own(module, name, value) and value not in seen:
                    seen.add(value)
                    yield (f"{path}.{name}" if path else name), value

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Parameter]]:
        """The parameters with dotted names, such as '0.weight'; one that is shared is listed once."""
        return self._named_tensors(lambda module, name, value: isinstance(value, Parameter), prefix, recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters, for an optimiser."""
        return (p for _, p in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Tensor]]:
        """The tensors that are state but not learned, with dotted names."""
        is_buffer = lambda module, name, value: name in module._buffer_names and isinstance(value, Tensor)
        return self._named_tensors(is_buffer, prefix, recurse)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The tensors that are state but not learned."""
        return (b for _, b in self.named_buffers(recurse=recurse))

    # --- state ----------------------------------------------------------------------------------------------------

    def state_dict(self) -> OrderedDict[str, Tensor]:
        """Every parameter and saved buffer by its dotted name, sharing memory with the module."""
        state = OrderedDict()
        for path, module in self.named_modules():
            for name, value in vars(module).items():
                saved = name in module._buffer_names and name not in module._transient
                if isinstance(value, Tensor) and (isinstance(value, Parameter) or saved):
                    state[f"{path}.{name}" if path else name] = value.detach()
        return state

    def load_state_dict(self, state_dict, strict: bool = True):
        """Copy numbers from a `state_dict` into this module.

        Nothing is copied unless all of it fits. Raises RuntimeError that lists every missing and unexpected name
        (unless `strict=False`) and every tensor of another shape.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"load_state_dict(): state_dict must be a dict, given {type(state_dict).__name__}")
        own = self.state_dict()
        missing = [name for name in own if name not in state_dict]
        unexpected = [name for name in state_dict if name not in own]
        faults = []
        if strict and unexpected:
            faults.append(f"Unexpected key(s) in state_dict: {', '.join(map(repr, unexpected))}.")
        if strict and missing:
            faults.append(f"Missing key(s) in state_dict: {', '.join(map(repr, missing))}.")
        for name in own:
            if name in state_dict and tuple(state_dict[name].shape) != tuple(own[name].shape):
                faults.append(
                    f"size mismatch for {name}: copying a param with shape {list(state_dict[name].shape)} from "
                    f"checkpoint, the shape in current model is {list(own[name].shape)}."
                )
        if faults:
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t" + "\n\t".join(faults))
        with no_grad():
            for name in own:
                if name in state_dict:
                    own[name].copy_(state_dict[name])
        return IncompatibleKeys(missing, unexpected)

    def train(self, mode: bool = True):
        """Switch this module and all below it to training (dropout drops, batch norm measures); returns it."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        for module in self.modules():
            module.__dict__["training"] = mode
        return self

    def eval(self):
        """Switch this module and all below it to evaluation; returns it."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True):
        """Ask for gradients of all parameters, or freeze them; returns the module."""
        for p in self.parameters():
            p.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters."""
        for p in self.parameters():
            if set_to_none:
                p.grad = None
            elif p.grad is not None:
                p.grad.zero_()

    def apply(self, fn: Callable[[Module], None]):
        """Call `fn` on every module below this one and then on it; returns it."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def to(self, *args, device=None, dtype=None):
        """Move all parameters and buffers to a device and the floats among them to a dtype, in place; returns it."""
        for a in args:
            if isinstance(a, str | Device):
                device = a
            elif isinstance(a, Tensor):
                device, dtype = a.device, a.dtype
            elif a is not None and not isinstance(a, bool):
                dtype = a
        kind = None if dtype is None else dtypes.as_numpy(dtype)
        if kind is not None and kind.kind != "f":
            raise TypeError(f"nn.Module.to only accepts floating point dtypes, but got desired dtype={dtype!r}")
        for tensor in [*self.parameters(), *self.buffers()]:
            for t in (tensor, tensor._grad) if tensor._grad is not None else (tensor,):
                array = t._array if device is None else move(t._array, Device(device))
                if kind is not None and array.dtype.kind == "f":
                    array = array.astype(kind, copy=False)
                t._array = array
        return self

    def cpu(self):
        """Move the module to the CPU; returns it."""
        return self.to("cpu")

    def cuda(self, device=None):
        """Move the module to the GPU; returns it."""
        return self.to("cuda")

    def float(self):
        """Turn the module's floats into float32; returns it."""
        return self.to(dtypes.float32)

    def double(self):
        """Turn the module's floats into float64; returns it."""
        return self.to(dtypes.float64)

    # --- hooks ------------------------------------------------------------------------------------------------------

    def register_forward_hook(self, hook) -> RemovableHandle:
        """Call `hook(module, inputs, output)` after each forward; what it returns, if not None, replaces the output."""
        return RemovableHandle(self._forward_hooks, hook)

    def register_forward_pre_hook(self, hook) -> RemovableHandle:
        """Call `hook(module, inputs)` before each forward; what it returns, if not None, replaces the inputs."""
        return RemovableHandle(self._forward_pre_hooks, hook)

    # --- printing ---------------------------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """What stands between the brackets when the module is printed."""
        return ""

    def __repr__(self):
        lines = self.extra_repr().split("\n") if self.extra_repr() else []
        children = [f"({name}): " + repr(child).replace("\n", "\n  ") for name, child in self.named_children()]
        if not children and len(lines) <= 1:
            return f"{type(self).__name__}({''.join(lines)})"
        return f"{type(self).__name__}(\n  " + "\n  ".join(lines + children) + "\n)"


class IncompatibleKeys(tuple):
    """What `load_state_dict` returns: the names that were missing and those that were not expected."""

    def __new__(cls, missing, unexpected):
        return super().__new__(cls, (missing, unexpected))

    missing_keys = property(lambda self: self[0])
    unexpected_keys = property(lambda self: self[1])

    def __repr__(self):
        if not self[0] and not self[1]:
            return "<All keys matched successfully>"
        return f"IncompatibleKeys(missing_keys={self[0]}, unexpected_keys={self[1]})"
