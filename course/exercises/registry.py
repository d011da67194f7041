"""Finds an exercise by its name, and a unit's exercises in their order; imports only the unit files it needs."""

from __future__ import annotations

import difflib
import importlib
import re
from functools import cache
from pathlib import Path

from course.exercises.specification import Exercise

_HERE = Path(__file__).parent


class UnknownExercise(LookupError):
    """No exercise has that name; the message lists the near ones."""


@cache
def units() -> tuple[str, ...]:
    """All units that have exercises, such as `03_gradient_descent`, in the order of the course."""
    return tuple(sorted(path.stem.removeprefix("unit_") for path in _HERE.glob("unit_*.py")))


@cache
def exercises(unit: str) -> tuple[Exercise, ...]:
    """The exercises of a unit in the order in which its file defines them."""
    if unit not in units():
        raise UnknownExercise(f"There is no unit {unit!r}. The units with exercises are: {', '.join(units())}.")
    module = importlib.import_module(f"course.exercises.unit_{unit}")
    return tuple(value for value in vars(module).values() if isinstance(value, Exercise))


@cache
def find(name: str) -> Exercise:
    """The exercise of that name."""
    for unit in units():
        if name in _names(unit):
            return next(exercise for exercise in exercises(unit) if exercise.name == name)
    known = [known for unit in units() for known in _names(unit)]
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    suggestion = f"Did you mean {' or '.join(near)}?" if near else "The name of your function decides which one it is."
    raise UnknownExercise(f"There is no exercise called {name!r}. {suggestion}")


@cache
def _names(unit: str) -> tuple[str, ...]:
    """The names of a unit's exercises, read from the text of its file: importing all units takes longer."""
    text = (_HERE / f"unit_{unit}.py").read_text(encoding="utf-8")
    return tuple(re.findall(r"^@exercise\(.*?^\)\ndef (\w+)\(", text, re.MULTILINE | re.DOTALL))
