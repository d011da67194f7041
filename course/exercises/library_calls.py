"""Notices when a student's function lets the library do the work."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_OWN = "course.exercises"  # problems and checks live there: calling them is no cheating


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


def _in_course(frame) -> bool:
    module = frame.f_globals.get("__name__")
    return type(module) is str and module.startswith("course.") and not module.startswith(_OWN)


def _places(names: Sequence[str]) -> tuple[str, ...]:
    """Where public names such as `course.nn.Linear` are defined, `course.nn.modules.linear.Linear` say."""
    places = [_OWN]
    for name in names:
        places.append(name)
        package, _, attribute = name.rpartition(".")
        thing = getattr(importlib.import_module(package), attribute, None)
        if hasattr(thing, "__qualname__"):
            places.append(f"{thing.__module__}.{thing.__qualname__}")
    return tuple(places)
