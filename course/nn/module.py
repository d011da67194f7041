"""Module: a function with parameters, built of other modules."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping

from .. import dtype as dtypes
from ..autograd import no_grad
from ..device import device as Device
from ..device import move
from ..old_types import of_old_name
from ..tensor import RemovableHandle, Tensor
from ..tracing import structure
from ..unknown import no_attribute
from .hooks import call_with_hooks, register
from .parameter import Buffer, Parameter, Unknown, memory


class Module:
    """The base of all layers, losses and models.

    A subclass calls `super().__init__()`, assigns its parameters and submodules as attributes and writes `forward`.
    What is assigned is an ordinary attribute; `_registered` says which names belong to the module, and as what.
    """

    training: bool = True

    def __init__(self):
        self.__dict__.update(training=True, _registered={}, _transient=set(), _forward_pre_hooks=OrderedDict(),
                             _forward_hooks=OrderedDict(), _backward_pre_hooks=OrderedDict(),
                             _backward_hooks=OrderedDict())

    def forward(self, *inputs):
        """What the module computes; every subclass writes its own."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *inputs, **kwargs):
        try:
            watched = self._is_watched()
        except AttributeError:
            raise AttributeError(self._uninitialised("call")) from None
        return call_with_hooks(self, inputs, kwargs) if watched else self.forward(*inputs, **kwargs)

    # --- what belongs to the module -------------------------------------------------------------------------------

    def __setattr__(self, name, value):
        structure.changes += 1
        registered = self.__dict__.get("_registered")
        kind = Parameter if isinstance(value, Parameter) else Module if isinstance(value, Module) else None
        if isinstance(value, Buffer) and (registered or {}).get(name) not in (Parameter, Module):
            return self.register_buffer(name, value, value.persistent)
        if registered is None:
            if kind is not None:
                raise AttributeError(self._uninitialised(f"assign {type(value).__name__} to"))
        elif (present := registered.get(name)) is not Parameter and kind not in (None, present):
            registered.pop(name, None)  # what it was before, if anything; the name moves to the end
            registered[name] = kind
            self._transient.discard(name)
        elif present is not None and not (value is None or isinstance(value, present)):
            raise TypeError(_cannot_assign(value, present, name))
        self.__dict__[name] = value

    def __delattr__(self, name):
        structure.changes += 1
        object.__delattr__(self, name)
        self._registered.pop(name, None)
        self._transient.discard(name)

    def __getattr__(self, name):
        raise no_attribute(self, name)

    def _uninitialised(self, verb):
        return (
            f"cannot {verb} this {type(self).__name__} before Module.__init__() call; "
            "let its own __init__ begin with super().__init__()"
        )

    def _register(self, name, value, kind):
        called = _CALLED[kind]
        if "_registered" not in self.__dict__:
            raise AttributeError(self._uninitialised(f"give a {called} to"))
        if not isinstance(name, str):
            raise TypeError(f"{called} name should be a string, given {type(name).__name__}")
        if "." in name or not name:
            raise KeyError(f"{called} name must not {'contain a dot' if name else 'be empty'}, given '{name}'")
        known = name in self.__dict__ or hasattr(type(self), name)  # asking the module would look for what was meant
        if known and self._registered.get(name) is not kind:
            raise KeyError(f"attribute '{name}' already exists")
        if not (value is None or isinstance(value, kind)):
            raise TypeError(f"cannot register '{type(value).__name__}' as {called} '{name}' ({_WANTED[kind]})")
        structure.changes += 1
        self._registered[name] = kind
        self.__dict__[name] = value

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Make `param` the module's parameter `name`; None reserves the name."""
        self._register(name, param, Parameter)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Make `tensor` part of the module's state without learning it; saved with it if `persistent`."""
        self._register(name, tensor, Tensor)
        (self._transient.discard if persistent else self._transient.add)(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Make `module` the child `name`."""
        self._register(name, module, Module)

    register_module = add_module

    def _own(self, kind) -> dict:
        """What is registered as parameters, buffers (kind Tensor) or children, by name; None where the name is free."""
        return {name: self.__dict__[name] for name, k in self._registered.items() if k is kind}

    _parameters = property(lambda self: self._own(Parameter))
    _buffers = property(lambda self: self._own(Tensor))
    _modules = property(lambda self: self._own(Module))

    # --- what belongs to it and to the modules below ----------------------------------------------------------------

    def named_modules(self, memo: set | None = None, prefix: str = "",
                      remove_duplicate: bool = True) -> Iterator[tuple[str, Module]]:
        """This module and all below it with dotted names, one that is shared once (unless remove_duplicate=False)."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, child in self._own(Module).items():
            if child is not None:
                yield from child.named_modules(memo, _joined(prefix, name), remove_duplicate)

    def modules(self, remove_duplicate: bool = True) -> Iterator[Module]:
        """This module and all below it."""
        return (module for _, module in self.named_modules(remove_duplicate=remove_duplicate))

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules that are attributes of this one, with their names."""
        first_name = {}
        for name, child in self._own(Module).items():
            if child is not None:
                first_name.setdefault(child, name)
        return ((name, child) for child, name in first_name.items())

    def children(self) -> Iterator[Module]:
        """The modules that are attributes of this one."""
        return (module for _, module in self.named_children())

    def _named_tensors(self, kind, prefix, recurse, remove_duplicate):
        modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]
        seen = set()
        for path, module in modules:
            for name, value in module._own(kind).items():
                if value is not None and value not in seen:
                    if remove_duplicate:
                        seen.add(value)
                    yield _joined(path, name), value

    def named_parameters(self, prefix: str = "", recurse: bool = True,
                         remove_duplicate: bool = True) -> Iterator[tuple[str, Parameter]]:
        """The parameters with dotted names, such as '0.weight'; one that is shared is listed once."""
        return self._named_tensors(Parameter, prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters, for an optimiser."""
        return (p for _, p in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True,
                      remove_duplicate: bool = True) -> Iterator[tuple[str, Tensor]]:
        """The tensors that are state but not learned, with dotted names."""
        return self._named_tensors(Tensor, prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The tensors that are state but not learned."""
        return (b for _, b in self.named_buffers(recurse=recurse))

    def get_submodule(self, target: str) -> Module:
        """The module below this one with a dotted name, such as 'features.0'; this one for ''."""
        module = self
        for name in target.split(".") if target else ():
            module = module._named(name, Module)
        return module

    def get_parameter(self, target: str) -> Parameter:
        """The parameter with a dotted name. Raises AttributeError where there is none."""
        path, _, name = target.rpartition(".")
        return self.get_submodule(path)._named(name, Parameter)

    def get_buffer(self, target: str) -> Tensor:
        """The buffer with a dotted name. Raises AttributeError where there is none."""
        path, _, name = target.rpartition(".")
        return self.get_submodule(path)._named(name, Tensor)

    def _named(self, name, kind):
        value = getattr(self, name)
        if self._registered.get(name) is not kind:
            raise AttributeError(f"`{name}` of {type(self).__name__} is not a {_CALLED[kind]}, it is "
                                 f"{type(value).__name__}")
        return value

    # --- state ----------------------------------------------------------------------------------------------------

    def state_dict(self, *, destination: dict | None = None, prefix: str = "",
                   keep_vars: bool = False) -> dict[str, Tensor]:
        """Every parameter and saved buffer by its dotted name, sharing memory with the module.

        Args: destination: the dict to add to; prefix: what the names begin with; keep_vars: the tensors themselves,
        which know the tape, instead of detached ones.
        """
        state = OrderedDict() if destination is None else destination
        for name, tensor in {**self._own(Parameter), **self._own(Tensor)}.items():
            if tensor is not None and name not in self._transient:
                state[prefix + name] = tensor if keep_vars else tensor.detach()
        for name, child in self._own(Module).items():
            if child is not None:
                child.state_dict(destination=state, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        return state

    def load_state_dict(self, state_dict: Mapping[str, Tensor], strict: bool = True, assign: bool = False):
        """Copy numbers from a `state_dict` into this module; with `assign`, take over the tensors themselves.

        Nothing is changed unless all of it fits. Returns the missing and the unexpected names. Raises RuntimeError
        that lists every one of them (unless `strict=False`) and every tensor of another shape.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"load_state_dict(): state_dict must be a dict, given {type(state_dict).__name__}")
        for name, tensor in self.state_dict(keep_vars=True).items():
            if isinstance(tensor, Unknown) and isinstance(state_dict.get(name), Tensor):
                tensor.materialize(state_dict[name].shape)
        own = self.state_dict()
        missing = [name for name in own if name not in state_dict]
        unexpected = [name for name in state_dict if name not in own]
        given = {name: (own[name], state_dict[name]) for name in own if name in state_dict}
        faults = []
        if strict and unexpected:
            faults.append(f"Unexpected key(s) in state_dict: {', '.join(map(repr, unexpected))}.")
        if strict and missing:
            faults.append(f"Missing key(s) in state_dict: {', '.join(map(repr, missing))}.")
        for name, (here, new) in given.items():
            if not isinstance(new, Tensor):
                faults.append(f'"{name}": expected a Tensor from checkpoint but received {type(new).__name__}')
            elif tuple(new.shape) != tuple(here.shape):
                faults.append(f"size mismatch for {name}: copying a param with shape {list(new.shape)} from "
                              f"checkpoint, the shape in current model is {list(here.shape)}.")
        if faults:
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t" + "\n\t".join(faults))
        with no_grad():
            for name, (here, new) in given.items():
                self._take_over(name, new) if assign else here.copy_(new)
        return IncompatibleKeys(missing, unexpected)

    def _take_over(self, target, new):
        path, _, name = target.rpartition(".")
        owner = self.get_submodule(path)
        present = owner.__dict__[name]
        if isinstance(present, Parameter) and not isinstance(new, Parameter):
            new = Parameter(new, present.requires_grad)
        setattr(owner, name, new)

    def train(self, mode: bool = True):
        """Switch this module and all below it to training (dropout drops, batch norm measures); returns it."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        structure.changes += 1
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

    def to(self, *args, device=None, dtype=None, non_blocking=False, memory_format=None):
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
                array = memory(t) if device is None else move(memory(t), Device(device))
                if kind is not None and array.dtype.kind == "f":
                    array = array.astype(kind, copy=False)
                t._array = array
        return self

    def share_memory(self):
        """Move parameters and buffers to memory that other processes see when they are sent the module; returns it."""
        for tensor in [*self.parameters(), *self.buffers()]:
            tensor.share_memory_()
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

    def type(self, dst_type):
        """Turn the module's floats into a dtype or what has its old name, `course.DoubleTensor`; returns it."""
        return self.to(**of_old_name(dst_type))

    # --- hooks: see hooks.py ----------------------------------------------------------------------------------------

    def register_forward_pre_hook(self, hook, *, prepend: bool = False, with_kwargs: bool = False) -> RemovableHandle:
        """Call `hook(module, inputs)` before each forward; what it returns, if not None, replaces the inputs.

        With `with_kwargs`, `hook(module, inputs, kwargs)`, which returns None or both anew. `prepend`: before others.
        """
        return register(self._forward_pre_hooks, (hook, with_kwargs, False), prepend)

    def register_forward_hook(self, hook, *, prepend: bool = False, with_kwargs: bool = False,
                              always_call: bool = False) -> RemovableHandle:
        """Call `hook(module, inputs, output)` after each forward; what it returns, if not None, replaces the output.

        With `with_kwargs`, `hook(module, inputs, kwargs, output)`. `always_call`: also (with output None) where forward
        raises.
        """
        return register(self._forward_hooks, (hook, with_kwargs, always_call), prepend)

    def register_full_backward_pre_hook(self, hook, prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_output)` once ∂J/∂outputs are known; what it returns, if not None, replaces them."""
        return register(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook, prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` once ∂J/∂inputs are known; it may return others in their place.

        Both are tuples with a place for each input or output: None for what is no tensor, zeros for an input that
        needs no gradient, None for all inputs where none needs one.
        """
        return register(self._backward_hooks, hook, prepend)

    def _is_watched(self) -> bool:
        return bool(self._forward_pre_hooks or self._forward_hooks
                    or self._backward_pre_hooks or self._backward_hooks)

    # --- printing ---------------------------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """What stands between the brackets when the module is printed."""
        return ""

    def __repr__(self):
        lines = self.extra_repr().split("\n") if self.extra_repr() else []
        children = [f"({name}): " + repr(child).replace("\n", "\n  ") for name, child in self._own(Module).items()]
        if not children and len(lines) <= 1:
            return f"{type(self).__name__}({''.join(lines)})"
        return f"{type(self).__name__}(\n  " + "\n  ".join(lines + children) + "\n)"


_CALLED = {Parameter: "parameter", Tensor: "buffer", Module: "module"}
_WANTED = {Parameter: "nn.Parameter or None expected", Tensor: "Tensor or None expected",
           Module: "nn.Module or None expected"}


def _cannot_assign(value, kind, name):
    called = "child module" if kind is Module else _CALLED[kind]
    said = f"cannot assign '{type(value).__name__}' as {called} '{name}' ({_WANTED[kind]})"
    if kind is Parameter:
        said += "; to change its numbers, write into them inside `with course.no_grad():`"
    return said


def _joined(path, name):
    return f"{path}.{name}" if path else name


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
