"""Optimizer: the parameters, their groups and their state; each optimiser adds one update rule."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable

import numpy as np

from ..autograd import enable_grad, no_grad
from ..device import lasting, run
from ..tensor import Tensor
from ..tracing import Stepping

_NOT_NEGATIVE = (lambda x: x >= 0.0, "not be negative")
_BELOW_ONE = (lambda x: 0.0 <= x < 1.0, "lie in [0, 1)")
_ANY_NUMBER = (lambda x: True, "be a number")
_PAIRS = ("betas", "etas", "step_sizes")
_RANGES = {
    "lr": ("learning rate", *_NOT_NEGATIVE), "weight_decay": ("weight_decay value", *_NOT_NEGATIVE),
    "momentum": ("momentum value", *_NOT_NEGATIVE), "eps": ("epsilon value", *_NOT_NEGATIVE),
    "beta2_decay": ("beta2_decay value", lambda x: x <= 0.0, "not be positive"),
    "d": ("clipping threshold d", lambda x: x >= 1.0, "be at least 1"),
    "lr_decay": ("lr_decay value", *_NOT_NEGATIVE), "momentum_decay": ("momentum_decay value", *_NOT_NEGATIVE),
    "initial_accumulator_value": ("initial_accumulator_value value", *_NOT_NEGATIVE),
    "alpha": ("alpha value", *_NOT_NEGATIVE), "beta": ("beta value", *_BELOW_ONE),
    "betas": ("beta parameter", *_BELOW_ONE), "rho": ("rho value", lambda x: 0.0 <= x <= 1.0, "lie in [0, 1]"),
    "lambd": ("lambd value", *_ANY_NUMBER), "t0": ("t0 value", *_ANY_NUMBER), "etas": ("eta values", *_ANY_NUMBER),
    "step_sizes": ("step sizes", *_ANY_NUMBER),
}  # fmt: skip


class Optimizer(Stepping):
    """The base of all optimisers. A subclass writes `update`, which changes one parameter by one formula.

    Args: params: parameters, (name, parameter) pairs, or dicts {"params": ..., option: value} that form groups with
    options of their own; defaults: the options of a group that does not set them.
    """

    def __init__(self, params, defaults: dict):
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got a single "
                "Tensor; write [tensor]"
            )
        self.defaults = defaults
        self.state: defaultdict[Tensor, dict] = defaultdict(dict)
        self.param_groups: list[dict] = []
        self.steps_taken = 0
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list; pass model.parameters()")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def add_param_group(self, group: dict) -> None:
        """Add parameters with options of their own: {"params": [...], "lr": 0.01}."""
        if not isinstance(group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(group).__name__}")
        params = group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        params = [p[1] if isinstance(p, tuple) else p for p in params]
        unknown = set(group) - set(self.defaults) - {"params"}
        if unknown:
            warnings.warn(f"{type(self).__name__} has no option {', '.join(sorted(unknown))}, and does not read it; "
                          f"it has {', '.join(self.defaults)}", stacklevel=3)
        seen = {id(p) for g in self.param_groups for p in g["params"]}
        for p in params:
            if not isinstance(p, Tensor):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type(p).__name__}")
            if not p.is_leaf:
                raise ValueError("can't optimize a non-leaf Tensor: it is computed from others; optimise those")
            if id(p) in seen:
                raise ValueError("some parameters appear in more than one parameter group")
        if len({id(p) for p in params}) < len(params):
            warnings.warn("optimizer contains a parameter group with duplicate parameters, which take a step for each "
                          "time they are named; in future, this will cause an error", stacklevel=3)
        group = {**self.defaults, **group, "params": params}
        if type(self).update is not Optimizer.update:  # what writes its own `step` may mean other things by these names
            self.check(group)
        self.param_groups.append(group)

    def check(self, group: dict) -> None:
        """Raises ValueError for options out of their range."""
        for option, value in group.items():
            name, fits, range_ = _RANGES.get(option, ("", lambda x: True, ""))
            for x in value if isinstance(value, tuple | list) and option in _PAIRS else (value,):
                if name and not isinstance(x, int | float | np.number | Tensor):
                    raise TypeError(f"{option} must be a number, given {x!r}")
                if not fits(x):
                    hint = "; to climb instead of descend, set maximize=True" if option == "lr" else ""
                    raise ValueError(f"Invalid {name}: {value}; it must {range_}{hint}")

    def update(self, p: Tensor, g: Tensor, state: dict, group: dict) -> None:
        """Change the parameter `p` along its gradient `g`; what must be remembered for it is kept in `state`."""
        raise NotImplementedError

    @no_grad()
    def step(self, closure: Callable[[], Tensor] | None = None):
        """Update every parameter that has a gradient; `closure`, if given, first computes the loss and gradients."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p._grad is not None:
                    self.update(p, p._grad, self.state[p], group)
        self.steps_taken += 1
        return loss

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients: `backward` adds to what is there, so each step must begin with this."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    p.grad.zero_()

    def state_dict(self) -> dict:
        """Options and state, parameters being numbered in order; for `load_state_dict` of an equal optimiser."""
        number = {p: i for i, p in enumerate(p for g in self.param_groups for p in g["params"])}
        groups = [{**g, "params": [number[p] for p in g["params"]]} for g in self.param_groups]
        return {"state": {number[p]: dict(s) for p, s in self.state.items() if s}, "param_groups": groups}

    def load_state_dict(self, state_dict: dict) -> None:
        """Continue with the options and state of a `state_dict`, its tensors copied to the parameters' device.

        Raises ValueError where the groups differ in size, KeyError for what is no state of an optimiser.
        """
        missing = {"state", "param_groups"} - set(state_dict)
        if missing:
            raise KeyError(f"this is no state_dict of an optimiser: {' and '.join(sorted(missing))} not in it")
        sizes = [len(g["params"]) for g in state_dict["param_groups"]]
        own = [len(g["params"]) for g in self.param_groups]
        if sizes != own:
            raise ValueError(
                f"loaded state dict contains parameter groups of {sizes} parameters, this optimizer has {own}"
            )
        parameters = [p for g in self.param_groups for p in g["params"]]
        for group, saved in zip(self.param_groups, state_dict["param_groups"]):
            group.update({k: v for k, v in saved.items() if k != "params"})
        self.state.clear()
        for i, saved in state_dict["state"].items():
            p = parameters[int(i)]
            self.state[p] = {k: v.item() if k in _COUNTERS and isinstance(v, Tensor) else _copied(v, p.device)
                             for k, v in saved.items()}

    def __repr__(self):
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines += [f"Parameter Group {i}", *(f"    {k}: {group[k]}" for k in sorted(group) if k != "params")]
        return "\n".join([*lines, ")"])


_COUNTERS = ("step", "mu_product", "eta", "mu")  # numbers here, tensors of one number in PyTorch's files


def _copied(value, device):
    """A state of its own for another optimiser: tensors are copied to the device."""
    if isinstance(value, list):
        return [_copied(x, device) for x in value]
    return value.detach().to(device).clone() if isinstance(value, Tensor) else value


def begun(state: dict, name: str, like: Tensor, value: float = 0.0) -> Tensor:
    """`state[name]`, which begins as a tensor of that value like another one."""
    if name not in state:
        with lasting(like._array):
            state[name] = Tensor._of(np.full_like(like._array, value))
    return state[name]


def apply_rule(kernel, p: Tensor, g: Tensor, state: dict, names: tuple[str, ...], numbers: tuple, flags: tuple = ()):
    """Run an update kernel over a parameter, its gradient and the named states, all in one pass and in place.

    `numbers` are the hyperparameters that become the parameter's dtype, `flags` the bools, in the formula's order.
    A state that is not there yet begins as zeros.
    """
    for name in names:
        if name not in state:
            begun(state, name, p)
    theta = p._array
    shape, dtype = theta.shape, theta.dtype
    hyper = (*map(dtype.type, numbers), *map(bool, flags))  # for another type of flag numba would compile anew
    arrays = [theta, g._array, *[state[name]._array for name in names]]
    if any([a.shape != shape for a in arrays]):  # lists: a generator would take longer than the update of a small layer
        raise RuntimeError(
            f"a parameter of shape {list(p.shape)} cannot be updated with a gradient or state of another shape, given "
            f"{' and '.join(str(list(a.shape)) for a in arrays[1:])}. Was the state of another model loaded?"
        )
    if all([a.flags.carray and a.dtype == dtype for a in arrays]):
        run(kernel, theta.size, *[a.ravel() for a in arrays], hyper)
    else:  # a parameter that is a view of something: update a copy, then write it back
        copies = [np.ascontiguousarray(a, dtype, like=a) for a in arrays]
        run(kernel, theta.size, *[c.reshape(-1) for c in copies], hyper)
        for array, copy in zip(arrays, copies):
            if array is not g._array:
                array[...] = copy
    p._count_change()


def count_step(state: dict) -> int:
    """t = 1, 2, …: how often this parameter has been updated, the present update included."""
    state["step"] = state.get("step", 0) + 1
    return state["step"]
