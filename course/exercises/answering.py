"""Calls a student's function on one case and writes down what happened: nothing that it does gets further than that."""

from __future__ import annotations

import contextlib
import dis
import inspect
import linecache
import time
import traceback
import types
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter  # bound before a student could put another clock in its place
from typing import Protocol

import numpy as np

from course.exercises.bounded_output import BoundedOutput
from course.exercises.library_calls import kernels_named, library_calls
from course.exercises.plain import plain, type_name
from course.exercises.problems import RUNNERS
from course.exercises.time_limit import TooLong, time_limit


@dataclass(frozen=True)
class Raised:
    """An exception of the student's: its type, its message, and the line of the student's that led to it."""

    type: str
    message: str = ""
    line: int | None = None  # counted from the `def`
    source: str = ""


@dataclass(frozen=True)
class Answer:
    """What came of one call. `value` is plain (see `course.exercises.plain`), or an `Odd` that stands for it."""

    value: object = None
    wrote: tuple[str, ...] = ()  # parameters whose arrays were changed
    printed: str = ""
    raised: Raised | None = None
    stopped: str = ""  # "time", "died" or "protocol" where there was no answer at all
    seconds: float = 0.0  # that the call took
    library: tuple[str, ...] = ()  # functions of the library that were called though the exercise does not allow it
    overflowed: bool = False  # some NumPy operation had a result beyond the largest float
    idle: tuple[str, ...] = ()  # parameters that run kernels and were never called


@dataclass(frozen=True)
class Description:
    """What can be said of a function without calling it."""

    defined: bool = True
    parameters: tuple[str, ...] = ()
    fits: bool = True  # it can be called with as many arguments as the exercise passes
    unsolved: bool = False  # its body is still the TODO


class Answerer(Protocol):
    """A student's function, wherever it runs: here, or in a child process."""

    def describe(self) -> Description: ...

    def answer(self, arguments: tuple) -> Answer: ...


def trusted_answer(function: Callable, parameters: Sequence[str], arguments: tuple) -> Answer:
    """What one of the course's own functions answers: no limit and no capture, so any thread may ask."""
    given = tuple(_copy(argument) for argument in arguments)
    try:
        with np.errstate(all="ignore"):
            value, raised = plain(function(*given)), None
    except Exception as error:
        value, raised = None, Raised(type(error).__name__)
    return Answer(value, _written(parameters, given, arguments), raised=raised)


class FunctionAnswerer:
    """Answers by calling a function in this process: for at most `seconds` a call, and five times that in all."""

    def __init__(self, function: Callable, parameters: Sequence[str], uses: Sequence[str] = (), seconds: float = 2.0):
        self.function, self.parameters, self.uses, self.seconds = function, tuple(parameters), tuple(uses), seconds
        self._left = 5 * seconds
        self._took = 0.0  # by the latest call

    @cached_property
    def _kernels(self) -> list[str]:
        return kernels_named(_python_function(self.function), self.uses)

    def describe(self) -> Description:
        if not is_function(self.function):
            return Description(defined=False)
        signature = inspect.signature(_python_function(self.function), follow_wrapped=False)
        try:
            signature.bind(*self.parameters)
            fits = True
        except TypeError:
            fits = False
        return Description(True, tuple(signature.parameters), fits, is_unsolved(self.function))

    def answer(self, arguments: tuple) -> Answer:
        given = tuple(_copy(argument) for argument in arguments)
        runners = {name: _Counted(run) for name, run in zip(self.parameters, given) if type(run) in RUNNERS}
        handed = tuple(runners.get(name, argument) for name, argument in zip(self.parameters, given))
        output = BoundedOutput()
        overflows: list[str] = []
        started = time.monotonic()
        with (
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(output),
            np.errstate(all="ignore", over="call", call=lambda kind, flag: overflows.append(kind)),
        ):
            value, raised, stopped, library = self._call(handed)
        self._left -= time.monotonic() - started
        written = _written(self.parameters, given, arguments)
        idle = tuple(name for name, run in runners.items() if not run.calls)
        return Answer(value, written, output.text, raised, stopped, self._took, library, bool(overflows), idle)

    def _call(self, given: tuple) -> tuple[object, Raised | None, str, tuple[str, ...]]:
        library: list[str] = []
        seconds = max(min(self.seconds, self._left), 1e-3)
        try:
            with time_limit(seconds), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    with library_calls(self.uses) as library:
                        started = perf_counter()
                        value = self.function(*given)
                        self._took = perf_counter() - started
                    library += self._kernels
                    return plain(value), None, "", tuple(library)
                except (TooLong, KeyboardInterrupt):
                    raise
                except BaseException as error:  # sys.exit() included: it must not close the student's kernel
                    return None, describe_error(error, _python_function(self.function).__code__), "", tuple(library)
        except TooLong:
            return None, None, "time", tuple(library)


class _Counted:
    """Runs a kernel as what it stands for does, and counts."""

    def __init__(self, run: Callable):
        self._run, self.calls = run, 0

    def __call__(self, *arguments) -> None:
        self.calls += 1
        self._run(*arguments)


def is_function(thing) -> bool:
    """A Python function, or one compiled by numba."""
    return type(_python_function(thing)) is types.FunctionType


def is_unsolved(function: Callable) -> bool:
    """Whether the body is still the TODO: `...`, `pass` or `raise NotImplementedError`, with or without a docstring."""
    code = _python_function(function).__code__
    used = set(code.co_names) - {"NotImplementedError"}
    constants = [constant for constant in code.co_consts if constant is not None and not isinstance(constant, str)]
    if used or [c for c in constants if c is not Ellipsis] or code.co_nlocals > _parameter_count(code):
        return False
    return _instructions(code) in _empty_bodies()


def _instructions(code: types.CodeType) -> tuple[str, ...]:
    return tuple(step.opname for step in dis.get_instructions(code) if step.opname not in ("RESUME", "NOP"))


def _empty_bodies() -> set[tuple[str, ...]]:
    def todo():
        raise NotImplementedError

    def todo_called():
        raise NotImplementedError()

    def todo_told():
        raise NotImplementedError("not yet")

    def nothing(): ...

    return {_instructions(function.__code__) for function in (todo, todo_called, todo_told, nothing)}


def _parameter_count(code: types.CodeType) -> int:
    variadic = bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
    return code.co_argcount + code.co_kwonlyargcount + variadic


def describe_error(error: BaseException, code: types.CodeType) -> Raised:
    """The exception in the student's terms: the last line of their own file that it passed through."""
    try:
        message = str(error)[:300]
    except Exception:
        message = ""
    name = type_name(type(error))
    own = [
        (frame.f_code, number)
        for frame, number in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == code.co_filename
    ]
    if not own:
        return Raised(name, message)
    last_code, number = own[-1]
    source = linecache.getline(last_code.co_filename, number).strip()
    return Raised(name, message, number - code.co_firstlineno + 1 if last_code is code else None, source)


def _python_function(thing):
    """The Python function behind one that numba has compiled; anything else as it is."""
    if type(thing).__module__.startswith("numba."):
        return getattr(thing, "py_func", thing)
    return thing


def _copy(argument):
    if type(argument) is np.ndarray:
        return argument.copy()
    if type(argument) in (list, tuple):
        return type(argument)(_copy(item) for item in argument)
    return argument


def _written(parameters: Sequence[str], given: tuple, arguments: tuple) -> tuple[str, ...]:
    return tuple(name for name, now, before in zip(parameters, given, arguments) if not _unchanged(now, before))


def _unchanged(now, before) -> bool:
    if type(before) is np.ndarray:
        return now.shape == before.shape and now.dtype == before.dtype and now.tobytes() == before.tobytes()
    if type(before) in (list, tuple):
        return len(now) == len(before) and all(_unchanged(*pair) for pair in zip(now, before))
    return now is before or now == before if type(before) in (int, float, str, bool) else True
