"""Hooks: what is called before and after a module's forward, and when the gradient passes through it."""

from __future__ import annotations

from collections import OrderedDict

from ..autograd import Function, Taped
from ..tensor import RemovableHandle
from ..tracing import not_replayed, structure


def register(hooks: OrderedDict, hook, prepend: bool) -> RemovableHandle:
    """Add a hook behind the others, or in front of them."""
    structure.changes += 1
    handle = RemovableHandle(hooks, hook)
    if prepend:
        hooks.move_to_end(handle._key, last=False)
    return handle


def call_with_hooks(module, inputs, kwargs):
    """`module.forward(*inputs, **kwargs)` with all of the module's hooks around it."""
    not_replayed("a hook of a module")
    after = list(module._forward_hooks.values())
    try:
        out = _forward(module, inputs, kwargs, after)
    except Exception:
        for hook, with_kwargs, always in after:
            if always:
                hook(module, inputs, kwargs, None) if with_kwargs else hook(module, inputs, None)
        raise
    return out


def _forward(module, inputs, kwargs, after):
    for hook, with_kwargs, _ in list(module._forward_pre_hooks.values()):
        changed = hook(module, inputs, kwargs) if with_kwargs else hook(module, inputs)
        if changed is None:
            continue
        if not with_kwargs:
            inputs = _tuple(changed)
        elif isinstance(changed, tuple) and len(changed) == 2:
            inputs, kwargs = changed
        else:
            raise RuntimeError(f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got "
                               f"{changed!r}")
    call = _WatchedCall(module, len(inputs)) if module._backward_pre_hooks or module._backward_hooks else None
    if call is not None:
        inputs = call.watch_inputs(inputs)
    out = module.forward(*inputs, **kwargs)
    for hook, with_kwargs, _ in after:
        changed = hook(module, inputs, kwargs, out) if with_kwargs else hook(module, inputs, out)
        out = out if changed is None else changed
    return out if call is None else call.watch_outputs(out)


class _WatchedCall:
    """One call of a module whose backward hooks wait for the gradients of its outputs, and then of its inputs."""

    def __init__(self, module, count):
        self.module = module
        self.count = count  # of inputs
        self.waits_for_inputs = False
        self.grad_output = None

    def watch_inputs(self, inputs):
        watched = _watched(inputs, self.inputs_known)
        self.waits_for_inputs = watched is not inputs
        return watched

    def watch_outputs(self, out):
        several = isinstance(out, tuple)
        watched = _watched(out if several else (out,), self.outputs_known)
        return watched if several else watched[0]

    def outputs_known(self, gradients):
        for hook in list(self.module._backward_pre_hooks.values()):
            gradients = _replaced(gradients, hook(self.module, gradients))
        self.grad_output = gradients
        if not self.waits_for_inputs:
            self.inputs_known((None,) * self.count)
        return gradients

    def inputs_known(self, gradients):
        for hook in list(self.module._backward_hooks.values()):
            gradients = _replaced(gradients, hook(self.module, gradients, self.grad_output))
        return gradients


def _watched(values: tuple, known) -> tuple:
    """The values, their tensors tied to a node that calls `known(gradients)`; themselves where none needs a gradient.

    As in PyTorch `gradients` has zeros for a tensor that needs none, and None for what is no tensor.
    """
    places = [i for i, v in enumerate(values) if isinstance(v, Taped) and v.requires_grad]
    if not places:
        return values

    def back(gradients):
        spread = [v.new_zeros(v.shape) if isinstance(v, Taped) else None for v in values]
        for place, g in zip(places, gradients):
            spread[place] = g
        found = known(tuple(spread))
        return [found[place] for place in places]

    out = list(values)
    for place, tied in zip(places, _Passing.apply(back, *(values[i] for i in places))):
        out[place] = tied
    return tuple(out)


class _Passing(Function):
    """Tensors handed through, whose gradients pass through `back`."""

    @staticmethod
    def forward(ctx, back, *tensors):
        ctx.back = back
        return tensors

    @staticmethod
    def backward(ctx, *gradients):
        return None, *ctx.back(gradients)


def _replaced(gradients, changed):
    if changed is None:
        return gradients
    changed = _tuple(changed)
    if len(changed) != len(gradients):
        raise RuntimeError(f"Backward hook returned an invalid number of grad_input, got {len(changed)}, but expected "
                           f"{len(gradients)}")
    return changed


def _tuple(value):
    return value if isinstance(value, tuple) else (value,)
