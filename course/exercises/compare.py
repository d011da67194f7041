"""Compares an answer with the expected one. Both are plain values: no code of the student's runs here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course.exercises.plain import NUMBERS, Odd
from course.exercises.specification import Tolerance
from course.exercises.values_as_text import what_is


@dataclass(frozen=True)
class Difference:
    """The first thing in which two values differ."""

    kind: str  # type, length, shape, dtype, nan or value
    given: str
    expected: str
    where: str = ""  # "", or as in "item 2 of the tuple"


def difference(expected, given, tolerance: Tolerance, where: str = "") -> Difference | None:
    """None where the two are the same within the tolerance. An array without axes counts as the number in it."""
    expected, given = _without_axes(expected), _without_axes(given)
    if type(expected) in (tuple, list):
        if type(given) is not type(expected):
            return Difference("type", what_is(given), what_is(expected), where)
        if len(given) != len(expected):
            return Difference("length", str(len(given)), str(len(expected)), where)
        for number, pair in enumerate(zip(expected, given), start=1):
            found = difference(*pair, tolerance, f"item {number} of the {type(expected).__name__}")
            if found:
                return found
        return None
    if type(expected) is np.ndarray:
        return _array_difference(expected, given, tolerance, where)
    if expected is None or type(expected) in (bool, str):
        same = type(given) in (type(expected), np.bool_) and given == expected
        return None if same else _scalar_difference(expected, given, where)
    if not is_number(given) or (_is_whole(expected) and not _is_whole(given)):
        return Difference("type", what_is(given), what_is(expected), where)
    return _number_difference(np.asarray(expected), np.asarray(given), tolerance, where)


def _array_difference(expected: np.ndarray, given, tolerance: Tolerance, where: str) -> Difference | None:
    if type(given) is not np.ndarray:
        return Difference("type", what_is(given), what_is(expected), where)
    if given.shape != expected.shape:
        return Difference("shape", str(given.shape), str(expected.shape), where)
    if given.dtype != expected.dtype:
        return Difference("dtype", str(given.dtype), str(expected.dtype), where)
    return _number_difference(expected, given, tolerance, where)


def _number_difference(expected: np.ndarray, given: np.ndarray, tolerance: Tolerance, where: str) -> Difference | None:
    if given.dtype == object:  # an int beyond 64 bits
        return Difference("value", "", "", where)
    if expected.dtype.kind in "fc" and not np.isfinite(given).all() and np.isfinite(expected).all():
        what = "NaN" if np.isnan(given).any() else "infinity"
        if expected.ndim:
            return Difference("nan", f"contains {what}", "finite numbers", where)
        return Difference("nan", f"is {what}", "a finite number", where)
    # float32 carries 7 digits: an answer in it can be no closer than that.
    relative = max(tolerance.relative, 1e-5) if np.float32 in (expected.dtype, given.dtype) else tolerance.relative
    if np.allclose(given, expected, rtol=relative, atol=tolerance.absolute, equal_nan=True):
        return None
    return Difference("value", "", "", where)


def _without_axes(value):
    return value[()] if type(value) is np.ndarray and value.ndim == 0 else value


def _scalar_difference(expected, given, where: str) -> Difference:
    kind = "value" if type(given) is type(expected) else "type"
    return Difference(kind, what_is(given), what_is(expected), where)


def is_number(value) -> bool:
    if isinstance(value, Odd):
        return False
    return type(value) in NUMBERS and type(value) is not bool or isinstance(value, np.number)


def _is_whole(value) -> bool:
    return type(value) is int or isinstance(value, np.integer)
