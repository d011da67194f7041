"""compile: a training step is recorded once and then replayed, without the tape and without new memory."""

from __future__ import annotations

import copy
import functools
import gc
import itertools
import logging
import threading
import types
import weakref
from functools import partial

import numpy as np
from numpy.lib.array_utils import byte_bounds

from .autograd import is_grad_enabled, on_arrays
from .autograd.way_back import nodes_behind
from .nn.module import Module
from .optim.optimizer import Optimizer
from .tensor import Tensor
from .tracing import Stepping, Trace, Traced, structure, tracing

_log = logging.getLogger("course.compile")
MOST_RECORDINGS = 8  # of one step: for as many combinations of shapes, modes, …


def compile(model=None, *, fullgraph: bool = False, dynamic: bool | None = None, backend="inductor", mode=None,
            options: dict | None = None, disable: bool = False):
    """A training step, a module or a function of tensors that is recorded once and then replayed.

    The first call runs as ever, while every call of NumPy and of a kernel is noted with the memory that it used. The
    second runs as ever too and is replayed besides: both must agree in each bit. From then on a call copies the
    arguments into place and goes through the list: no tape, no new tensors, the same numbers.

        @course.compile
        def step(x, y):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            return loss

    Each combination of shapes, dtypes, modes (train, eval) and other arguments has its own recording, up to 8. What
    cannot be replayed runs as before, and `step.reason` says why: numbers that the program looks at (`.item()`, `if`,
    `print`), hooks, `create_graph=True`, a result that is differentiated outside. Optimisers and schedules are called
    at each replay, so learning rates may change. Gradients stay in the same memory from step to step: `clone()` one
    that you want to keep. Other effects on Python's side (a counter, a list) happen in the first two calls only.

    Args: model: the function or module; without it a decorator is returned; fullgraph: raise RuntimeError instead of
    running as before; disable: return `model` itself. `dynamic`, `backend`, `mode` and `options` are accepted.
    Differs from PyTorch: no code is generated; the kernels are those that run anyway.
    """
    if model is None:
        return partial(compile, fullgraph=fullgraph, disable=disable)
    if not callable(model):
        raise TypeError(f"compile(): a function or a module is compiled, given {type(model).__name__}")
    return model if disable else Compiled(model, fullgraph)


class Compiled:
    """What `compile` returns: called like the function; its other attributes are the function's or module's.

    Attributes: reason: why the last call that was not replayed could not be, None if nothing stood in the way;
    recordings: those made so far.
    """

    def __init__(self, function, fullgraph: bool = False):
        functools.update_wrapper(self, function, updated=())
        self.function, self.fullgraph = function, fullgraph
        self.reason: str | None = None
        self.recordings: list[Recording] = []
        self._world = World(function)
        self._lock = threading.RLock()  # the memory of a recording serves one call at a time
        self._methods: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()

    def __getattr__(self, name):
        return getattr(self.__dict__["function"], name)

    def __get__(self, instance, kind=None):
        if instance is None:
            return self
        if instance not in self._methods:
            self._methods[instance] = Compiled(types.MethodType(self.function, instance), self.fullgraph)
        return self._methods[instance]

    def __call__(self, *args, **kwargs):
        if tracing.trace is not None:  # part of another recording
            return self.function(*args, **kwargs)
        with self._lock:
            tensors: list[Tensor] = []
            key = self._world.now(), is_grad_enabled(), _form(args, tensors), kwargs and _form(kwargs, tensors)
            for recording in self.recordings:
                if recording.key == key and recording.fits():
                    break
            else:
                if len(self.recordings) == MOST_RECORDINGS:
                    return self._as_before(f"it was recorded for {MOST_RECORDINGS} combinations of shapes, modes and "
                                           "other arguments, and this is another", args, kwargs)
                recording = Recording(key, self._world)
                result = recording.record(self.function, tensors, args, kwargs)
                self.recordings.append(recording)
                return self._told(recording.reason, result)
            if recording.checked:
                return recording.replay(tensors)
            if recording.reason is not None:
                return self._as_before(recording.reason, args, kwargs)
            return self._told(recording.reason, recording.check(self.function, tensors, args, kwargs))

    def _as_before(self, reason, args, kwargs):
        return self._told(reason, self.function(*args, **kwargs))

    def _told(self, reason, result):
        """The result, after a word about why it was not or will not be replayed."""
        if reason is not None:
            if reason != self.reason:
                _log.info("%s runs as if it were not compiled: %s", _name(self.function), reason)
            self.reason = reason
            if self.fullgraph:
                raise RuntimeError(f"compile(fullgraph=True): {_name(self.function)} cannot be replayed: {reason}")
        return result

    def __repr__(self):
        found = "; ".join(map(str, self.recordings)) or "not called yet"
        return f"<compiled {_name(self.function)}: {found}>"


def _name(function):
    return getattr(function, "__name__", type(function).__name__)


class Recording:
    """One run of a function as a list of calls on fixed memory.

    Attributes: calls: the list; buffers: the arrays that were made on the way; copying: how many calls compute into new
    memory first; reason: why it cannot be replayed, if so; checked: whether a replay agreed with the function.
    """

    def __init__(self, key, world):
        self.key, self.world = key, world
        self.calls: list = []
        self.buffers: list[np.ndarray] = []
        self.copying = 0
        self.reason: str | None = None
        self.checked = False

    def __str__(self):
        if self.reason is not None:
            return f"not replayed: {self.reason}"
        size = sum(a.nbytes for a in self.buffers)
        return f"{len(self.calls)} calls, {len(self.buffers)} buffers of {size / 2**20:.2f} MB"

    def names(self) -> list[str]:
        """What is called, in order."""
        return [_called(call) for call in self.calls]

    # --- the first call -------------------------------------------------------------------------------------------

    def record(self, function, tensors, args, kwargs):
        """function(*args, **kwargs), noted."""
        trace = Trace()
        for tensor in tensors:
            if tensor.requires_grad:
                trace.fail("an argument requires a gradient")
            if type(tensor._array) is not np.ndarray:
                trace.fail("a tensor that is not on the CPU")
        inputs = [Tensor._of(trace.new(_copied(t._array))) for t in tensors] if trace.reason is None else tensors
        stand_ins = iter(inputs)
        args, kwargs = _with(args, stand_ins), _with(kwargs, stand_ins)
        tracing.trace = trace
        try:
            for tensor in self.world.tensors:
                trace.adopt(tensor)
            result = function(*args, **kwargs)
        except BaseException:
            trace.fail("an error")
            tracing.trace = None
            self._finish(trace, tensors, inputs, [])
            raise
        tracing.trace = None
        results: list[Tensor] = []
        _form(result, results)
        self._result = _with(result, itertools.repeat(_TENSOR))
        self._makers = [self._maker(trace, t, inputs) for t in results]
        if self.world.now() != self.key[0]:
            trace.fail("the step changes a global name or an attribute of a module")
        self._finish(trace, tensors, inputs, results)
        if self.reason is None:
            return self._returned(tensors)
        given = dict(zip(map(id, inputs), tensors))
        return _with(result, iter([given.get(id(t), t) for t in results]))

    def _maker(self, trace, tensor, inputs):
        """What makes, from the arguments of a replay, the tensor that it returns."""
        for i, x in enumerate(inputs):
            if tensor is x:
                return lambda tensors: tensors[i]
        if any(tensor is t for t in trace.lasting()):
            return lambda tensors: tensor
        node, requires_grad = tensor._node, tensor.requires_grad
        if node is not None and all(behind.saved is not None for behind in nodes_behind([tensor])):
            trace.fail("the result is differentiated outside (let the step call backward, or use no_grad)")
        array = _plain(tensor)
        return lambda tensors: Tensor._of(array.copy(), requires_grad, node)

    def _finish(self, trace, tensors, inputs, results):
        for given, tensor in zip(tensors, inputs):
            if trace.has_written(tensor._array):
                trace.fail("an argument is changed in place")
                given._array[...] = _plain(tensor)
                given._count_change()
        for tensor in (*inputs, *results):
            tensor._array = _plain(tensor)
        self._changed = [t for t, _ in trace.captured if trace.has_written(t._array)]
        trace.finish(_holders)
        self.reason = trace.reason
        if self.reason is None:
            self.calls, self.copying, self.buffers = trace.calls, trace.copying, trace.buffers()
        trace.reason = "over"  # what still holds a traced array, such as a function that makes an error, notes nothing
        self._arguments = [t._array for t in inputs]
        self.captured = [(t, array, t.requires_grad) for t, array in trace.captured]
        self._gradients = list(trace.gradients.items())
        self.generators, self.leaves = trace.generators, trace.settled
        self._owners = list(_stepping(trace.owners))

    # --- later calls ----------------------------------------------------------------------------------------------

    def fits(self) -> bool:
        """Whether the tensors that the recording relies on are as they were."""
        for tensor, array, requires_grad in self.captured:
            if tensor._array is not array or tensor.requires_grad is not requires_grad or tensor._hooks:
                return False
        return all(leaf._grad is gradient for leaf, gradient in self._gradients)

    def replay(self, tensors):
        """Put the arguments into place and go through the calls."""
        for array, tensor in zip(self._arguments, tensors):
            np.copyto(array, tensor._array)
        with on_arrays():
            for call in self.calls:
                call()
        for tensor in self._changed:
            tensor._count_change()
        return self._returned(tensors)

    def _returned(self, tensors):
        made = [make(tensors) for make in self._makers]
        return made[0] if self._result is _TENSOR else _with(self._result, iter(made))

    def check(self, function, tensors, args, kwargs):
        """function(*args, **kwargs), and then a replay from where that began, which must agree in each bit."""
        itself = {id(x): x for x in (*self._owners, *_parameters(self._owners))}
        copies = [copy.deepcopy(vars(owner), dict(itself)) for owner in self._owners]
        before = _Numbers(self)
        result = function(*args, **kwargs)
        after = _Numbers(self)
        attributes = [dict(vars(owner)) for owner in self._owners]
        before.restore()
        for owner, copied in zip(self._owners, copies):
            vars(owner).update(copied)
        try:
            again = self.replay(tensors)
            agree = _same((after.found, result, attributes),
                          (_Numbers(self).found, again, list(map(vars, self._owners))))
        except Exception:
            agree = False
        for owner, own in zip(self._owners, attributes):
            vars(owner).update(own)
        self.checked = agree
        if not agree:
            after.restore()
            self.reason, self.calls = "a replay gave other numbers: the step depends on more than tensors", []
        return result


def _called(call):
    while isinstance(call, partial):
        call = call.func
    return getattr(call, "__qualname__", getattr(call, "__name__", "a call")).removeprefix("_Closure.")


class _Numbers:
    """What a step may change in tensors and in random streams, as it is now."""

    def __init__(self, recording):
        self.leaves = {t: t._grad for t in (*recording.leaves, *(t for t, _, _ in recording.captured))}
        self.arrays = [array for _, array, _ in recording.captured]
        self.arrays += [g._array for g in self.leaves.values() if g is not None]
        self.generators = recording.generators
        self.found = ([a.copy() for a in self.arrays], [g is None for g in self.leaves.values()],
                      [g.get_state() for g in self.generators])

    def restore(self):
        copies, _, states = self.found
        for leaf, gradient in self.leaves.items():
            leaf._grad = gradient
        for array, copied in zip(self.arrays, copies):
            array[...] = copied
        for generator, state in zip(self.generators, states):
            generator.set_state(state)


class World:
    """What a function finds outside its arguments: names, modules, tensors.

    Attributes: tensors: those that it can reach.
    """

    def __init__(self, function):
        self.function = function
        self.tensors: list[Tensor] = []
        self._names: list = []  # (where to look it up, what was there)
        self._changes = -1
        self._known: dict = {}  # what was found -> its number
        self._number = 0

    def now(self) -> int:
        """A number for what is there now: the same whenever the same objects are, in the same modes."""
        if self._changes != structure.changes or any(look_up() is not value for look_up, value in self._names):
            self._explore()
        return self._number

    def _explore(self):
        self._changes = structure.changes
        self._names, modules, tensors, seen = [], {}, {}, set()
        pending = [self.function]
        while pending:
            value = pending.pop()
            if id(value) in seen:
                continue
            seen.add(id(value))
            if isinstance(value, Compiled):
                pending.append(value.function)
            elif isinstance(value, Module):
                modules.update(dict.fromkeys(value.modules()))
                tensors.update(dict.fromkeys((*value.parameters(), *value.buffers())))
            elif isinstance(value, Tensor):
                tensors[value] = None
            elif isinstance(value, types.MethodType):
                pending += [value.__self__, value.__func__]
                if not isinstance(value.__self__, Module):
                    pending += self._read(vars(value.__self__), list(vars(value.__self__)))
            elif isinstance(value, partial):
                pending += [value.func, *value.args, *value.keywords.values()]
            elif isinstance(value, types.FunctionType) and not value.__module__.startswith("course."):
                pending += self._read(value.__globals__, _global_names(value.__code__))
                pending += [*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()]
                for cell in value.__closure__ or ():
                    self._names.append((partial(getattr, cell, "cell_contents", None), _content(cell)))
                    pending.append(_content(cell))
            elif type(value) in (list, tuple):
                pending += value
            elif type(value) is dict:
                pending += value.values()
        self.tensors = list(tensors)
        found = [value for _, value in self._names]
        for module in modules:
            found += [module, module._is_watched(), *vars(module).values()]
        content = tuple(v if isinstance(v, bool | int | float | str | None) else id(v) for v in found)
        # what was found is kept, so that no id is used again
        self._number, _ = self._known.setdefault(content, (len(self._known), found))

    def _read(self, place, names):
        """The values of names in a dict that are there and may change."""
        values = [(name, place[name]) for name in names if name in place and not isinstance(place[name], _FIXED)]
        self._names += [(partial(place.get, name), value) for name, value in values]
        return [value for _, value in values]


_FIXED = types.ModuleType, types.BuiltinFunctionType, type


def _content(cell):
    return getattr(cell, "cell_contents", None)


def _global_names(code):
    """The names that a function and those written in it may look up outside."""
    inner = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return set(code.co_names).union(*map(_global_names, inner))


# --- arguments and results ----------------------------------------------------------------------------------------


class _Place:
    def __repr__(self):
        return "a tensor"


_TENSOR = _Place()  # where one stands among arguments or results


def _form(value, tensors):
    """What a value is besides the numbers of its tensors, which are added to `tensors`; for use as a key."""
    kind = type(value)
    if isinstance(value, Tensor):
        tensors.append(value)
        return value._array.shape, value._array.dtype, value.requires_grad
    if kind is tuple or kind is list:
        return kind, *[_form(v, tensors) for v in value]
    if kind is dict:
        return kind, *[(k, _form(v, tensors)) for k, v in value.items()]
    if isinstance(value, Module):
        return value, *[(m.training, m._is_watched()) for m in value.modules()]
    return kind, value if kind.__hash__ else id(value)


def _with(value, tensors):
    """The value with the tensors in it replaced, in order."""
    kind = type(value)
    if isinstance(value, Tensor) or value is _TENSOR:
        return next(tensors)
    if kind is tuple or kind is list:
        return kind([_with(v, tensors) for v in value])
    return {k: _with(v, tensors) for k, v in value.items()} if kind is dict else value


def _copied(array):
    """A copy whose numbers lie as far apart in memory: else a BLAS might add them up in another order."""
    if array.flags.forc:
        return array.copy("K")
    low, high = byte_bounds(array)
    apart = np.ndarray(array.shape, array.dtype, np.empty(high - low, np.uint8), array.ctypes.data - low, array.strides)
    apart[...] = array
    return apart


def _plain(tensor):
    return tensor._array.array if type(tensor._array) is Traced else tensor._array


def _holders(arrays):
    """The tensors that hold one of the traced arrays. One call for all: it looks through everything that there is.

    Those in garbage do not count, such as the frames of a step that an exception knows which was caught meanwhile.
    """
    if any(isinstance(r, Tensor) for r in gc.get_referrers(*arrays)):
        gc.collect()
    return [r for r in gc.get_referrers(*arrays) if isinstance(r, Tensor)]


def _stepping(owners, seen=None):
    """Optimisers, schedules and what they work on, each once."""
    seen = {} if seen is None else seen
    for owner in owners:
        if isinstance(owner, Stepping) and owner not in seen:
            seen[owner] = None
            values = list(vars(owner).values())
            _stepping([*values, *(v for value in values if isinstance(value, list) for v in value)], seen)
    return seen


def _parameters(owners):
    return [p for o in owners if isinstance(o, Optimizer) for group in o.param_groups for p in group["params"]]


def _same(a, b) -> bool:
    """Whether two values agree, the numbers of arrays and tensors bit for bit."""
    if isinstance(a, Tensor):
        a, b = a._array, b._array if isinstance(b, Tensor) else b
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(map(_same, a.values(), b.values()))
    if isinstance(a, tuple | list):
        return isinstance(b, tuple | list) and len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, int | float | str):
        return a == b or (a != a and b != b)
    return type(a) is type(b)
