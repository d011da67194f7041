"""How a value is printed beside another: short, rounded, and never so rounded that a difference disappears."""

from __future__ import annotations

import numpy as np

from course.exercises.plain import Odd, type_name, with_article


def as_text(value, digits: int = 6) -> str:
    """The value on as few lines as it needs, long arrays abridged."""
    if isinstance(value, Odd):
        return value.what
    if type(value) is np.ndarray:
        text = np.array2string(value, precision=digits, separator=", ", threshold=24, edgeitems=3, floatmode="maxprec",
                               formatter=_formatter(value, digits))
        return text if value.dtype in (np.float64, np.int64, np.bool_) else f"{text} ({value.dtype})"
    if isinstance(value, np.generic):
        return as_text(value.item(), digits)
    if type(value) is float:
        return _number(value, digits)
    if type(value) in (tuple, list):
        inside = ", ".join(as_text(item, digits) for item in value[:10]) + (", …" if len(value) > 10 else "")
        if type(value) is list:
            return f"[{inside}]"
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if type(value) is str:
        return repr(value if len(value) <= 60 else value[:60] + "…")
    return str(value)[:200]


def what_is(value) -> str:
    """A value's kind in words: `an array of shape (2, 3)`, `a float`, `None`."""
    if value is None:
        return "None"
    if isinstance(value, Odd):
        return value.what
    if type(value) is np.ndarray:
        return f"an array of shape {value.shape}"
    if type(value) is tuple:
        return f"a tuple of {len(value)}"
    if type(value) is list:
        return f"a list of {len(value)}"
    if isinstance(value, np.number | np.bool_):
        value = value.item()  # to its reader a float64 is a float
    return with_article(type_name(type(value)))


def both_as_text(expected, given) -> tuple[str, str]:
    """Two values with as many digits as it takes to see them differ; few where they do not."""
    pairs = [(as_text(expected, digits), as_text(given, digits)) for digits in (6, 9, 12, 17)]
    return next((pair for pair in pairs if pair[0] != pair[1]), pairs[0])


def _formatter(array: np.ndarray, digits: int):
    return {"float_kind": lambda number: _number(float(number), digits)} if array.dtype.kind == "f" else None


def _number(number: float, digits: int) -> str:
    text = f"{number:.{digits}g}"
    return text if any(mark in text for mark in ".en") else text + ".0"
