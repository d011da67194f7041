"""A module as a function of its parameters, and the parameters of several models as those of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..nn.module import Module
from ..ops.shapes import stack
from ..tensor import Tensor
from ..tracing import structure
from ..unknown import meant


def functional_call(module: Module, parameter_and_buffer_dicts, args=None, kwargs: Mapping | None = None, *,
                    tie_weights: bool = True, strict: bool = False):
    """module(*args, **kwargs), computed with the given parameters and buffers in the place of the module's own.

    Args: parameter_and_buffer_dicts: tensors by their dotted names, as `named_parameters()` gives them, in a dict or in
    several that have no name in common; what is not among them stays; args: a tuple, or the only argument;
    tie_weights: a tensor that the module knows by several names is replaced under all of them; strict: refuse to leave
    any of its own. A buffer that the module assigns anew is put into the dict.
    Raises RuntimeError for names that the module does not have, ValueError where one is given twice.

    >>> import course
    >>> layer = course.nn.Linear(2, 1)
    >>> functional_call(layer, {"weight": course.tensor([[3., 4.]]), "bias": course.zeros(1)}, course.ones(2))
    tensor([7.])
    """
    given = _joined(parameter_and_buffer_dicts)
    own = {**dict(module.named_parameters(remove_duplicate=False)),
           **dict(module.named_buffers(remove_duplicate=False))}
    chosen = _tied(given, own) if tie_weights else given
    _check_names(module, chosen, own, strict)
    args = args if isinstance(args, tuple) else () if args is None else (args,)
    try:
        _replace(module, chosen)
        return module(*args, **(kwargs or {}))
    finally:
        now = _replace(module, {name: own[name] for name in chosen})
        given.update({name: now[name] for name in given})


def stack_module_state(models: Sequence[Module]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The parameters and the buffers of several models by name, those of one name stacked: for `vmap` over the models.

    The stacked parameters are new leaves. Raises RuntimeError for no models, models of unlike classes or modes, and
    parameters of which only some require a gradient.

    >>> import course
    >>> parameters, _ = stack_module_state([course.nn.Linear(3, 2) for _ in range(5)])
    >>> parameters["weight"].shape
    course.Size([5, 2, 3])
    """
    if len(models) == 0:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0")
    if any(model.training != models[0].training for model in models):
        raise RuntimeError("stack_module_state: Expected all models to have the same training/eval mode")
    if any(type(model) is not type(models[0]) for model in models):
        raise RuntimeError("stack_module_state: Expected all models to be of the same class, given "
                           f"{', '.join(sorted({type(model).__name__ for model in models}))}")
    parameters = _stacked([dict(model.named_parameters()) for model in models])
    buffers = _stacked([dict(model.named_buffers()) for model in models])
    return parameters, buffers


def _stacked(states):
    found = {}
    for name in states[0]:
        tensors = [state[name] for state in states]
        learned = {t.requires_grad for t in tensors}
        if len(learned) > 1:
            raise RuntimeError(f"Expected {name} from each model to have the same .requires_grad")
        found[name] = stack(tensors).detach().requires_grad_(learned == {True})
    return found


def _replace(module, tensors):
    """Put tensors into their places, past the module's check that a parameter remains one; returns what was there."""
    places = {name: (vars(module.get_submodule(path)), attribute)
              for name, path, attribute in ((name, *name.rpartition(".")[::2]) for name in tensors)}
    before = {name: attributes[attribute] for name, (attributes, attribute) in places.items()}
    for name, (attributes, attribute) in places.items():
        attributes[attribute] = tensors[name]
    structure.changes += 1
    return before


def _joined(dicts):
    if isinstance(dicts, dict):
        return dicts
    if not isinstance(dicts, Sequence):
        raise ValueError("functional_call(): expected parameter_and_buffer_dicts to be a dict, or a list/tuple of "
                         f"dicts, but got {type(dicts).__name__}")
    given: dict = {}
    for tensors in dicts:
        if not isinstance(tensors, dict):
            raise ValueError("functional_call(): expected all elements of parameter_and_buffer_dicts to be "
                             f"dictionaries, one is {type(tensors).__name__}")
        twice = given.keys() & tensors.keys()
        if twice:
            raise ValueError(f"functional_call(): {sorted(twice)} appeared in multiple dictionaries; give each once")
        given.update(tensors)
    return given


def _tied(given, own):
    """`given`, with each tensor also under the other names that the module has for the one that it replaces."""
    names = {}
    for name, tensor in own.items():
        names.setdefault(tensor, []).append(name)
    chosen = dict(given)
    for tied in names.values():
        found = [given[name] for name in tied if name in given]
        if any(tensor is not found[0] for tensor in found):
            raise ValueError(f"functional_call() got multiple values for keys {sorted(tied)}, which are tied: they are "
                             "one tensor of the module. Give one value, or tie_weights=False")
        chosen.update({name: found[0] for name in tied if found})
    return chosen


def _check_names(module, chosen, own, strict):
    faults = [f"Unexpected key '{name}'{meant(name, own)}" for name in chosen if name not in own]
    if strict:
        faults += [f"Missing key '{name}'" for name in own if name not in chosen]
    if faults:
        raise RuntimeError(f"Error(s) in functional_call of {type(module).__name__}:\n\t" + "\n\t".join(faults))
    for name, tensor in chosen.items():
        if not isinstance(tensor, Tensor):
            raise TypeError(f"functional_call(): '{name}' must be a Tensor, not {type(tensor).__name__}")
