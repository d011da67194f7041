"""What a program asks of NumPy and of the kernels, written down call by call, so that it can be done again.

While a `Trace` is being made, tensors hold `Traced` arrays. Each call on one is carried out at once, as ever, and noted
with the memory that it read and wrote: a reshape is a view, which needs no call the next time; `a + b` is
`np.add(a, b, out)` into the memory of the first result. Nothing else can reach the numbers unseen: `float(x)`, `if x:`
or `np.asarray(x)` *escape*. An operation or derivative rule in which something escapes is noted as one call of the
whole; where it happens in the program itself, the trace has a `reason` why it cannot be replayed, and goes on.
"""

from __future__ import annotations

import contextlib
import functools
import linecache
import operator
import os
import sys
import threading
import types
import weakref
from functools import partial

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from .matrix_product import product

_HERE = os.path.dirname(__file__)
_OF_SHAPES = {np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.may_share_memory, np.shares_memory}
_FILLED: dict = {np.empty: None, np.zeros: 0, np.ones: 1, np.empty_like: None, np.zeros_like: 0, np.ones_like: 1}
_COUNTING = {np.nonzero, np.flatnonzero, np.argwhere, np.unique, np.extract, np.compress}  # the numbers set the shape
_COPIES = {"astype", "copy", "flatten", "ravel", "reshape"}
_INTO_OUT = {"all", "any", "argmax", "argmin", "clip", "cumprod", "cumsum", "max", "mean", "min", "prod", "round",
             "std", "sum", "take", "var"}  # methods that take `out`
_IN_PLACE = {"fill", "partition", "put", "sort"}


class _Tracing(threading.local):
    trace: Trace | None = None


tracing = _Tracing()  # what this thread is noting, if anything
structure = types.SimpleNamespace(changes=0)  # counts what is assigned to modules, their switches of mode, their hooks


class Escaped(Exception):
    """Numbers were asked for in a way that cannot be noted."""


class Cell:
    """A value that is no array and that a replay computes anew: what a forward pass keeps for its rules."""

    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value

    def _escape(self, *_):
        raise Escaped

    __getattr__ = __iter__ = __getitem__ = __len__ = __bool__ = __float__ = __int__ = __array__ = _escape  # type: ignore


class Traced(NDArrayOperatorsMixin):
    """An array whose every use is noted. `isinstance` takes it for an ndarray; NumPy's C code cannot."""

    __slots__ = ("__weakref__", "array", "owner", "trace")
    __class__ = property(lambda self: np.ndarray)  # type: ignore[assignment]
    __hash__ = object.__hash__

    def __init__(self, array, trace, owner=None):
        self.array, self.trace = array, trace
        self.owner = self if owner is None else owner  # the one that has the memory of which this is a view
        trace.alive.append(weakref.ref(self))

    @property
    def base(self):
        return None if self.owner is self else self.owner

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        return self.trace.ufunc(ufunc, method, inputs, out, options)

    def __array_function__(self, function, types, args, kwargs):
        return self.trace.call(function, args, kwargs)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        value = getattr(self.array, name)
        if callable(value):
            return partial(self.trace.method, self, name)
        return self.trace.taken(value) if isinstance(value, np.ndarray) else value

    def __getitem__(self, index):
        return self.trace.item(self, index)

    def __setitem__(self, index, value):
        self.trace.write(self, self.array.__setitem__, (index, value))

    def __len__(self):
        return len(self.array)

    def __iter__(self):
        return (self[i] for i in range(len(self.array)))

    def __bool__(self):
        return bool(self.trace.escape(self))

    def __int__(self):
        return int(self.trace.escape(self))

    def __float__(self):
        return float(self.trace.escape(self))

    def __index__(self):
        return self.trace.escape(self).__index__()

    def __array__(self, dtype=None, copy=None):
        return np.array(self.trace.escape(self), dtype, copy=copy)

    def __repr__(self):
        return repr(self.trace.escape(self))

    def __reduce_ex__(self, protocol):
        return self.trace.escape(self).__reduce_ex__(protocol)


def look(check, *args) -> None:
    """check(*args), which raises for numbers that are not allowed; a replay looks again."""
    if tracing.trace is None:
        check(*args)
    else:
        tracing.trace.look(check, args)


def plain(value):
    """The numbers themselves, where `value` is a traced array or holds some."""
    if type(value) is Traced:
        return value.array
    if type(value) is Cell:
        raise Escaped
    if type(value) in (tuple, list):
        found = [plain(v) for v in value]
        return value if all(map(operator.is_, found, value)) else type(value)(found)
    return {k: plain(v) for k, v in value.items()} if type(value) is dict else value


class Stepping:
    """What has a method `step` that changes more than the numbers of tensors: a replay calls it."""

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        step = cls.__dict__.get("step")
        if step is None:
            return

        @functools.wraps(step)
        def called(self, *args, **options):
            if tracing.trace is None:
                return step(self, *args, **options)
            return tracing.trace.aside(self, partial(step, self, *args, **options), (*args, *options.values()))

        setattr(cls, "step", called)  # noqa: B010  a method, to mypy


def not_replayed(what: str) -> None:
    """Say, where a trace is being made, that the program does something which a replay would leave out."""
    if tracing.trace is not None:
        tracing.trace.fail(what)


class Trace:
    """The calls of one run of a program, in order."""

    def __init__(self):
        self.calls: list = []
        self.copying = 0  # calls that compute into new memory first
        self.reason: str | None = None  # why it cannot be replayed, if so
        self.captured: list = []  # (tensor, its array): tensors that were there before
        self.made: list = []  # tensors that outlive the run: gradients
        self.gradients: dict = {}  # leaf -> the gradient, or None, that it had at the start, where that mattered
        self.settled: set = set()  # leaves whose gradient the run itself has set
        self.owners: list = []  # optimisers and the like whose methods were called
        self.generators: set = set()
        self.written: set = set()  # ids of the owners of memory that was changed in place
        self.alive: list = []
        self._owners: dict = {}
        self._depth = 0

    # --- what cannot be noted -------------------------------------------------------------------------------------

    def fail(self, what: str) -> None:
        """Remember the first reason why this cannot be replayed, and the line of the program where it stands."""
        if self.reason is None:
            self.reason = what + _line_of_the_program()

    def escape(self, traced):
        """The numbers themselves. Inside an operation: Escaped."""
        if self._depth and self.reason is None:
            raise Escaped
        if self is tracing.trace:
            self.fail("the step looks at its numbers, which differ from call to call")
        return traced.array

    # --- arrays -----------------------------------------------------------------------------------------------------

    def adopt(self, tensor):
        """From here on, a tensor that was there before holds a traced array."""
        array = tensor._array
        if type(array) is Traced:
            return
        if type(array) is not np.ndarray:
            self.fail("a tensor that is not on the CPU")
            return
        self.captured.append((tensor, array))
        known = self.taken(array)
        tensor._array = self.new(array) if known is None else known

    def new(self, array):
        """A traced array with memory of its own."""
        whole = _root(array)
        owner = self._owners[id(whole)] = Traced(whole, self)
        return owner if whole is array else Traced(array, self, owner)

    def taken(self, array):
        """The traced array for memory that is known, else None."""
        owner = self._owners.get(id(_root(array)))
        return owner if owner is None or owner.array is array else Traced(array, self, owner)

    # --- calls --------------------------------------------------------------------------------------------------------

    def note(self, call) -> None:
        if self.reason is None:
            self.calls.append(call)

    def _noted(self, result, again, refill=None):
        """The result of a call, which `refill(buffer)` writes again; without that, `again()` is copied there."""
        if isinstance(result, np.generic):
            result = np.asarray(result)
        if isinstance(result, tuple | list):
            parts = [self._noted(r, lambda i=i: again()[i]) for i, r in enumerate(result)]
            return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)  # SVDResult and its kin
        if not isinstance(result, np.ndarray):
            if self._depth and self.reason is None:
                raise Escaped
            self.fail("NumPy was asked for a value that is no array")
            return result
        view = self.taken(result)
        if view is not None:
            return view
        if refill is not None:
            self.note(refill(result))
        else:
            self.copying += 1
            self.note(partial(_recompute, result, again))
        return self.new(result)

    def ufunc(self, ufunc, method, inputs, out, options):
        function = getattr(ufunc, method) if method != "__call__" else product if ufunc is np.matmul else ufunc
        if method == "at":
            return self.write(inputs[0], function, inputs)
        if out is not None:
            self.write(out[0], partial(function, out=plain(out[0]), **plain(options)), inputs)
            return out[0]
        arrays, options = plain(inputs), plain(options)
        again = partial(function, *arrays, **options)
        return self._noted(again(), again, lambda buffer: partial(again, out=buffer))

    def call(self, function, args, options):
        if function is np.copyto:
            return self.write(args[0], function, args, **options)
        if function in _COUNTING:
            self.fail(f"{function.__name__}: the shape of its result depends on the numbers")
        arrays, options = plain(args), plain(options)
        again = partial(function, *arrays, **options)
        if function in _OF_SHAPES:
            return again()
        if function in _FILLED or function in (np.full, np.full_like):
            value = _FILLED.get(function) if function in _FILLED else arrays[1]
            result = again()
            if value is not None:
                self.note(partial(np.copyto, result, value))
            return self.new(result)
        return self._noted(again(), again)

    def method(self, traced, name, *args, **options):
        if name in _IN_PLACE:
            return self.write(traced, getattr(traced.array, name), args, **options)
        array, args, options = traced.array, plain(args), plain(options)
        again = partial(getattr(array, name), *args, **options)
        result = again()
        if name in _COPIES:
            return self._noted(result, again, lambda buffer: partial(np.copyto, buffer.reshape(array.shape), array,
                                                                     casting="unsafe"))
        if not isinstance(result, np.ndarray | np.generic):
            self.escape(traced)
            return result
        return self._noted(result, again, (lambda buffer: partial(again, out=buffer)) if name in _INTO_OUT else None)

    def item(self, traced, index):
        index = plain(index)
        parts = index if isinstance(index, tuple) else (index,)
        if any(getattr(part, "dtype", None) is np.dtype(bool) for part in parts):
            self.fail("an index of bools: the shape of its result depends on the numbers")
        again = partial(traced.array.__getitem__, index)
        result = again()
        return self._noted(result if isinstance(result, np.ndarray) else traced.array[(*parts, ...)], again)

    def write(self, target, function, args, **options):
        """A call that changes `target` in place."""
        if type(target) is Traced:
            self.written.add(id(target.owner))
        elif self._depth and self.reason is None:
            raise Escaped
        else:
            self.fail("numbers are written into an array that is not part of the step")
        call = partial(function, *plain(args), **plain(options))
        call()
        self.note(call)

    def kernel(self, run, kernel, size, args, shared):
        """`run` the kernel; if it is not `shared` among threads, a replay calls it without looking at types again."""
        constant = self._depth and not any(type(a) is Traced for a in args)
        if constant or self.reason is not None:
            with self.resting():
                run(kernel, size, *plain(args))
            return
        if any(type(a) is np.ndarray for a in args):  # memory that was made behind our back may be what is written
            if self._depth and self.reason is None:
                raise Escaped
            self.fail(f"the kernel {kernel.__name__} works on an array that is not part of the step")
        arrays = plain(args)
        with self.resting():
            run(kernel, size, *arrays)
        self.note(partial(run, kernel, size, *arrays) if shared else bound(kernel, arrays))

    def look(self, check, args):
        again = partial(check, *plain(args))
        with self.resting():
            again()
        self.note(again)

    def drawn(self, generator, draw, count):
        """Random bits: a replay draws anew."""
        self.generators.add(generator)
        return self._noted(draw(count), partial(draw, count))

    def attempt(self, function, args, keeps=False):
        """function(*args), noted call by call where its body allows that, else as one call.

        The functions are forward passes and rules: they change nothing but what they return. With `keeps` that is a
        pair whose second part only rules will see.
        """
        if self.reason is not None:
            return function(*[a.value if type(a) is Cell else a for a in args])
        mark, self._depth = (len(self.calls), self.copying), self._depth + 1
        try:
            return function(*args)
        except Escaped:
            pass
        finally:
            self._depth -= 1
        del self.calls[mark[0]:]
        self.copying = mark[1]
        given = [a if type(a) is Cell else plain(a) for a in args]
        again = lambda: function(*[a.value if type(a) is Cell else a for a in given])
        with self.resting():
            result = again()
        if not keeps:
            return self._noted_whole(result, again)
        kept = None if result[1] is None else Cell(result[1])

        def forward():
            out, value = again()
            if kept is not None:
                kept.value = value
            return out

        return self._noted_whole(result[0], forward), kept

    def of_rule(self, function):
        """The derivative rule, attempted."""
        return lambda *args: self.attempt(function, args)

    def _noted_whole(self, result, again):
        several = isinstance(result, tuple | list)
        results = [np.asarray(r) if isinstance(r, np.generic) else r for r in (result if several else [result])]
        known = [self.taken(r) if isinstance(r, np.ndarray) else r for r in results]
        buffers = [r.copy() if k is None else None for r, k in zip(results, known)]
        for i, buffer in enumerate(buffers):
            if buffer is not None:
                known[i] = self.new(buffer)
        self.copying += 1
        self.note(partial(_recompute_all, buffers, again if several else lambda: [again()]))
        return type(result)(known) if several else known[0]

    def aside(self, owner, call, args):
        """Call what changes more than arrays, on plain tensors."""
        if any(callable(a) for a in args):
            self.fail("a closure")
        self.owners.append(owner)
        self.made.extend(a for a in args if hasattr(a, "_array"))
        with self.paused():
            result = call()
        self.note(call)
        return result

    @contextlib.contextmanager
    def resting(self):
        """Nothing is noted here."""
        tracing.trace = None
        try:
            yield
        finally:
            tracing.trace = self

    @contextlib.contextmanager
    def paused(self):
        """Nothing is noted here, and tensors that were there before, and gradients, hold plain arrays."""
        before = [(t, t._array) for t in self.lasting() if type(t._array) is Traced]
        for tensor, traced in before:
            tensor._array = traced.array
        try:
            with self.resting():
                yield
        finally:
            for tensor, traced in before:
                if tensor._array is traced.array:
                    tensor._array = traced

    def lasting(self):
        """The tensors that were there before, and the gradients."""
        return [tensor for tensor, _ in self.captured] + self.made

    # --- what happens to gradients ------------------------------------------------------------------------------------

    def gradient_read(self, leaf):
        """The program depends on the gradient that a leaf has now, or on its having none."""
        if leaf not in self.settled and leaf not in self.gradients:
            self.gradients[leaf] = leaf._grad

    def arriving(self, leaf, gradient):
        """The gradient that is to be added to a leaf's, in memory of its own if it is a constant."""
        self.gradient_read(leaf)
        if leaf._grad is not None:
            self.adopt(leaf._grad)
        if type(gradient) is not np.ndarray:
            return gradient
        buffer = gradient.copy()
        self.note(partial(np.copyto, buffer, gradient))
        return self.new(buffer)

    def gradient_set(self, leaf):
        """A leaf has been given a gradient, or None."""
        self.settled.add(leaf)
        if leaf._grad is not None:
            self.made.append(leaf._grad)
        self.note(partial(setattr, leaf, "_grad", leaf._grad))

    def has_written(self, array):
        """Whether the memory of an array was changed in place."""
        owner = self._owners.get(id(_root(plain(array))))
        return owner is not None and id(owner) in self.written

    def buffers(self):
        """The memory that was made on the way."""
        before = {id(_root(array)) for _, array in self.captured}
        return [owner.array for i, owner in self._owners.items() if i not in before]

    # --- the end ------------------------------------------------------------------------------------------------------

    def finish(self, holders) -> None:
        """Tensors hold plain arrays again: those that last, and those that `holders(arrays)` finds left."""
        for tensor, array in self.captured:
            if type(tensor._array) is not Traced or tensor._array.array is not array:
                self.fail("a tensor was given other memory (x.data = …)")
        for tensor in self.lasting():
            if type(tensor._array) is Traced:
                tensor._array = tensor._array.array
        for tensor in holders([traced for reference in self.alive if (traced := reference()) is not None]):
            if type(tensor._array) is Traced:
                tensor._array = tensor._array.array
                self.fail("a tensor made in the step is kept outside it (in a list, an attribute, …)")


def bound(kernel, args):
    """The kernel on these arguments, as a call that need not look at their types again."""
    loop = kernel.cpu
    try:
        return partial(loop.overloads[tuple(map(loop.typeof_pyval, args))].entry_point, *args)
    except (AttributeError, KeyError):  # not compiled (NUMBA_DISABLE_JIT), or compiled for types that these become
        return partial(loop, *args)


def _root(array):
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _recompute(buffer, again):
    result = again()
    if result.shape != buffer.shape:
        raise RuntimeError(
            f"a compiled step met a result of shape {list(result.shape)} where it was {list(buffer.shape)} when the "
            "step was recorded: a shape that depends on the numbers cannot be replayed. Do not compile this function"
        )
    np.copyto(buffer, result)


def _recompute_all(buffers, again):
    for buffer, result in zip(buffers, again()):
        if buffer is not None:
            _recompute(buffer, lambda result=result: result)


def _line_of_the_program() -> str:
    frame: types.FrameType | None = sys._getframe(2)
    while frame is not None and (frame.f_code.co_filename.startswith(_HERE) or frame.f_code.co_filename[:1] == "<"):
        frame = frame.f_back
    if frame is None:
        return ""
    file, line = frame.f_code.co_filename, frame.f_lineno
    place = f"{os.path.basename(file)}, line" if os.path.exists(file) else "line"  # a notebook's cell is in no file
    return f" ({place} {line}: {linecache.getline(file, line).strip()})"
