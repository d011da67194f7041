"""Activation checkpointing: what a part of a model computed is forgotten, and computed again on the way back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from .. import random
from ..autograd.modes import current, is_grad_enabled
from ..autograd.tape import Node, Taped, _births
from ..tracing import not_replayed
from ..unknown import names_of


class CheckpointError(RuntimeError):
    """The second computation was not the same as the first."""


def checkpoint(function: Callable, *args, use_reentrant: bool | None = None, preserve_rng_state: bool = True,
               determinism_check: str = "default", debug: bool = False, early_stop: bool = True, **kwargs):
    """function(*args, **kwargs), of which the tape keeps only the inputs: memory for time (Chen et al., 2016).

    The way back computes the function once more. With `preserve_rng_state` random numbers are then the same, so that
    dropout drops the same. Raises CheckpointError on the way back where the function did something else this time.
    Differs from PyTorch: both values of `use_reentrant` stand for PyTorch's False, which it recommends;
    `determinism_check`, `debug` and `early_stop` are accepted and change nothing.
    """
    if not is_grad_enabled():
        return function(*args, **kwargs)
    not_replayed("checkpoint, which computes a part twice,")
    return _Part(partial(function, *args, **kwargs), preserve_rng_state).forward()


def checkpoint_sequential(functions: Iterable[Callable], segments: int, input,
                          use_reentrant: bool | None = None, preserve_rng_state: bool = True):
    """The functions one after the other, in so many segments, each but the last a `checkpoint`.

    Raises ValueError for fewer functions than segments.
    """
    functions = list(functions)
    if not 1 <= segments <= len(functions):
        raise ValueError(f"checkpoint_sequential(): {len(functions)} functions make 1 to {len(functions)} segments, "
                         f"given segments={segments}")
    length = len(functions) // segments
    ends = [length * n for n in range(1, segments)]
    for start, end in zip([0, *ends], ends):
        input = checkpoint(_one_after_the_other, functions[start:end], input, preserve_rng_state=preserve_rng_state)
    return _one_after_the_other(functions[ends[-1] if ends else 0 :], input)


def _one_after_the_other(functions, input):
    for function in functions:
        input = function(input)
    return input


class _Part:
    """One call of `checkpoint`: how to compute it again, and what of that has not been handed out yet."""

    def __init__(self, compute, preserve_rng_state):
        self.compute = compute
        self.random = _random_states() if preserve_rng_state else None
        self.saved: dict[int, Sequence] = {}
        self.names: list[str] = []

    def forward(self):
        """The function's result; each of its nodes is left with a `_Forgotten` in place of what it saved."""
        before = _births()
        out = self.compute()
        nodes = _nodes_since(before, out)
        self.names = [node.name() for node in nodes]
        for number, node in enumerate(nodes):
            node.saved = _Forgotten(self, number)
        return out

    def handed_out(self, number) -> Sequence:
        """What node `number` saved. It is asked for once a backward pass, and kept no longer."""
        if number not in self.saved:
            with _as_in_the_forward_pass(self.random):
                before = _births()
                nodes = _nodes_since(before, self.compute())
            if (names := [node.name() for node in nodes]) != self.names:
                raise CheckpointError(
                    "checkpoint(): a different number of tensors, or others, were saved during the original forward "
                    f"and recomputation: {len(self.names)} operations at first, {len(names)} now. The function must do "
                    "the same again: it must not depend on what changes in between")
            self.saved = {i: node.saved for i, node in enumerate(nodes)}
        return self.saved.pop(number)


class _Forgotten:
    """What a node saved, as long as nobody asks for it."""

    __slots__ = ("number", "part")

    def __init__(self, part, number):
        self.part, self.number = part, number

    def __iter__(self):
        return iter(self.part.handed_out(self.number))


def _nodes_since(birth, out) -> list[Node]:
    """The nodes behind the tensors in `out` that are younger than `birth`, the oldest first."""
    stack: list = [x._node for x in _tensors(out)]
    found = set()
    while stack:
        node = stack.pop()
        if node.__class__ is Node and node.birth > birth and node not in found:
            found.add(node)
            stack.extend(node.edges)
    return sorted(found, key=lambda node: node.birth)


def _tensors(out):
    """The tensors in a result, however deep in tuples, lists and dicts."""
    if isinstance(out, Taped):
        yield out
    elif isinstance(out, tuple | list | Mapping):
        for part in out.values() if isinstance(out, Mapping) else out:
            yield from _tensors(part)


def _random_states():
    return {device: stream.get_state() for device, stream in random._streams.items()}


@contextlib.contextmanager
def _as_in_the_forward_pass(random_states):
    """The tape records, and random numbers are those that came then."""
    before = current.recording, current.in_rules
    current.recording, current.in_rules = True, False
    try:
        with random.fork_rng(enabled=bool(random_states)):
            for device, state in (random_states or {}).items():
                random._streams[device].set_state(state)
            yield
    finally:
        current.recording, current.in_rules = before


__getattr__ = names_of(__name__)
