"""Notices when a student's function lets the library do the work."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_OWN = ("course.exercises", "course.threads")  # problems and checks live there: calling them is no cheating


@contextmanager
def library_calls(allowed: Sequence[str] = ()) -> Iterator[list[str]]:
    """Lists the functions of `course` that the body calls directly, other than the `allowed` ones."""
    called: list[str] = []
    places = _places(allowed)

    def notice(frame, event, argument):
        if event != "call" or not _in_course(frame) or frame.f_code.co_name == "<module>":
            return
        if frame.f_back is not None and _in_course(frame.f_back):
            return  # the library calling itself
        name = f"{frame.f_globals['__name__']}.{frame.f_code.co_qualname}"
        if not name.startswith(places) and name not in called:
            called.append(name)

    before = sys.getprofile()
    sys.setprofile(notice)
    try:
        yield called
    finally:
        sys.setprofile(before)


def kernels_named(function: types.FunctionType, allowed: Sequence[str] = ()) -> list[str]:
    """The compiled kernels of the library that the function's code names: a profiler does not see those run."""
    places, found, seen = _places(allowed), [], set()

    def visit(function: types.FunctionType) -> None:
        names = set(_names(function.__code__))
        waiting = [function.__globals__[name] for name in names if name in function.__globals__]
        waiting += [sys.modules[name] for name in names if name.split(".")[0] == "course" and name in sys.modules]
        while waiting:
            thing = waiting.pop()
            if id(thing) in seen:
                continue
            seen.add(id(thing))
            if type(thing) is types.ModuleType and thing.__name__.split(".")[0] == "course":
                waiting += [vars(thing)[name] for name in names if name in vars(thing)]
            elif type(thing) is types.FunctionType and thing.__globals__ is function.__globals__:
                visit(thing)  # the student's own helper
            elif (name := _kernel_name(thing)) and not name.startswith(places):
                found.append(name)

    visit(function)
    return sorted(found)


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if type(constant) is types.CodeType:
            yield from _names(constant)


def _kernel_name(thing) -> str:
    """Where a kernel of the library is defined; nothing for other things."""
    kind = type(thing).__module__
    if kind.startswith("course.kernels"):
        return f"{kind}.{thing.__name__}"
    if kind.startswith("numba.") and getattr(thing, "__module__", "").startswith("course."):
        return f"{thing.__module__}.{thing.__name__}"
    return ""


def _in_course(frame) -> bool:
    module = frame.f_globals.get("__name__")
    return type(module) is str and module.startswith("course.") and not module.startswith(_OWN)


def _places(names: Sequence[str]) -> tuple[str, ...]:
    """Where public names such as `course.nn.Linear` are defined, `course.nn.modules.linear.Linear` say."""
    places = [*_OWN]
    for name in names:
        places.append(name)
        package, _, attribute = name.rpartition(".")
        thing = getattr(importlib.import_module(package), attribute, None)
        if hasattr(thing, "__qualname__"):
            places.append(f"{thing.__module__}.{thing.__qualname__}")
    return tuple(places)
