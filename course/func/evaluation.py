"""A function at a point where its derivatives are asked for."""

from __future__ import annotations

from ..autograd import enable_grad, is_grad_enabled
from ..autograd.functional import _copied
from ..autograd.way_back import nodes_behind
from ..tensor import Tensor
from .structures import leaves, mapped


def evaluated(called, func, argnums, has_aux, args, kwargs):
    """Copies x of what to differentiate by, the arguments that they were, func's value and what else it returned."""
    chosen = _chosen(argnums, len(args))
    given = tuple(args[i] for i in chosen)
    x = []

    def copy(t):
        if not isinstance(t, Tensor):
            raise ValueError(f"{called}(): what to differentiate by must be Tensor, got {type(t).__name__}")
        x.append(_copied(t, True))
        return x[-1]

    with enable_grad():
        copies = dict(zip(chosen, mapped(copy, given)))
        value = func(*(copies.get(i, a) for i, a in enumerate(args)), **kwargs)
    given = given if isinstance(argnums, tuple) else given[0]
    if not has_aux:
        return x, given, value, None
    if not (isinstance(value, tuple) and len(value) == 2):
        raise RuntimeError(f"{called}(f)(*args): output of function f should be a tuple: (output, aux) if has_aux is "
                           "True")
    return x, given, *value


def _chosen(argnums, count):
    """argnums as a tuple, counted from the front."""
    several = argnums if isinstance(argnums, tuple) else (argnums,)
    for i in several:
        if not isinstance(i, int):
            raise RuntimeError(f"argnums must be int or a tuple of them, got {type(i).__name__}")
        if not -count <= i < count:
            raise RuntimeError(f"Got argnum={i}, but only {count} positional inputs")
    chosen = tuple(i % count for i in several)
    if not chosen or len(set(chosen)) < len(chosen):
        raise RuntimeError(f"argnums must be non-empty and its elements unique, got {argnums}")
    return chosen


def depends_on_more(outputs, x):
    """Whether the tape leads from the outputs to something beside the copies x, so that it must be kept."""
    if not is_grad_enabled():
        return False
    if any(t._node is not None for t in x):  # copied on the tape
        return True
    leaves = {edge for node in nodes_behind(outputs) for edge in node.edges if isinstance(edge, Tensor)}
    return bool(leaves - set(x))


def off_the_tape(value):
    return value.detach() if isinstance(value, Tensor) else value


def tensors_in(called, outputs):
    """The tensors among the outputs of a function. Raises RuntimeError where there is something else."""
    y = leaves(outputs)
    for t in y:
        if not isinstance(t, Tensor) or not t.is_floating_point():
            raise RuntimeError(f"{called}: expected f(*args) to return only tensors of floating-point numbers, got "
                               f"{t.dtype if isinstance(t, Tensor) else type(t).__name__}")
    return y
