"""Plain values: what an answer may consist of, and nothing that could run code of its own.

Types are compared with `is`, never with `isinstance`: a subclass of float whose `__eq__` always says yes is not plain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NUMBERS = (bool, int, float, complex)
MAX_ITEMS = 10_000
MAX_BYTES = 32 * 2**20
MAX_INT = 10**300


@dataclass(frozen=True)
class Odd:
    """Stands for a value that is not plain: it names what was there."""

    what: str


def plain(value, depth: int = 0):
    """A copy of `value` made of plain types only; an `Odd` where that cannot be."""
    kind = type(value)
    if kind is int and abs(value) > MAX_INT:
        return Odd("a huge int")
    if value is None or kind in NUMBERS:
        return value
    if kind is str:
        return value if len(value) <= MAX_ITEMS else Odd("a very long string")
    if kind is np.ndarray:
        if value.dtype.kind not in "biufc":
            return Odd("an array of Python objects" if value.dtype.kind == "O" else f"an array of {value.dtype}")
        return value.copy() if value.nbytes <= MAX_BYTES else Odd(f"an array of {value.nbytes / 2**20:.0f} MB")
    if kind in (tuple, list):
        if depth > 3 or len(value) > MAX_ITEMS:
            return Odd(f"a deeply nested or very long {kind.__name__}")
        return kind(plain(item, depth + 1) for item in value)
    if kind in np.sctypeDict.values() and issubclass(kind, np.number | np.bool_):
        return value
    return Odd(with_article(type_name(kind)))


def type_name(kind: type) -> str:
    """The name of a type, past any metaclass that would like to answer for it."""
    return str(type.__dict__["__name__"].__get__(kind))


def with_article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"
