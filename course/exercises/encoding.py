"""Values as bytes and back: JSON for the structure, `.npy` for the arrays; nothing that is read can run code.

What is decoded may come from a hostile process, so every length is checked before anything is allocated.
"""

from __future__ import annotations

import io
import json
import math
import struct
from dataclasses import fields, is_dataclass

import numpy as np

from course.exercises.plain import MAX_BYTES, MAX_INT, Odd
from course.exercises.problems import PROBLEMS

MAX_HEADER = 2**20


class BadMessage(ValueError):
    """Bytes that no honest sender writes."""


def encode(value) -> bytes:
    """Plain values, dicts with string keys, and the problems of `course.exercises.problems`."""
    arrays: list[bytes] = []
    tree = json.dumps(_to_tree(value, arrays)).encode()
    sizes = [len(tree), *map(len, arrays)]
    return struct.pack(f">I{len(sizes)}Q", len(sizes), *sizes) + tree + b"".join(arrays)


def decode(data: bytes, problems: bool = False):
    """What `encode` was given. Only the trusted side may send problems."""
    try:
        (count,) = struct.unpack_from(">I", data)
        if not 1 <= count <= 1000:
            raise BadMessage(f"{count} parts")
        sizes = struct.unpack_from(f">{count}Q", data, 4)
        start = 4 + 8 * count
        if sizes[0] > MAX_HEADER or start + sum(sizes) != len(data):
            raise BadMessage("sizes that do not add up")
        parts = []
        for size in sizes:
            parts.append(data[start : start + size])
            start += size
        return _from_tree(json.loads(parts[0]), parts[1:], problems)
    except BadMessage:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, struct.error) as error:
        raise BadMessage(str(error)) from None


def _to_tree(value, arrays: list[bytes]):
    kind = type(value)
    if value is None or kind in (bool, str):
        return value
    if kind is int:
        return {"int": str(value)} if abs(value) <= MAX_INT else {"odd": "a huge int"}
    if kind is float:
        return {"float": value.hex()}
    if kind is complex:
        return {"complex": [value.real.hex(), value.imag.hex()]}
    if kind is Odd:
        return {"odd": value.what[:200]}
    if kind is np.ndarray or isinstance(value, np.generic):
        arrays.append(_to_npy(np.asarray(value)))
        return {"array" if kind is np.ndarray else "scalar": len(arrays) - 1}
    if kind in (list, tuple):
        return {kind.__name__: [_to_tree(item, arrays) for item in value]}
    if kind is dict:
        return {"dict": {key: _to_tree(item, arrays) for key, item in value.items()}}
    if kind in PROBLEMS.values() and is_dataclass(value):
        inside = {field.name: _to_tree(getattr(value, field.name), arrays) for field in fields(value)}
        return {"problem": [kind.__name__, inside]}
    raise TypeError(f"{kind.__name__} cannot be sent; use plain values, arrays and course.exercises.problems")


def _from_tree(tree, arrays: list[bytes], problems: bool):
    if tree is None or type(tree) in (bool, str):
        return tree
    ((kind, inside),) = tree.items()
    match kind:
        case "int":
            return int(inside[:310])
        case "float":
            return float.fromhex(inside)
        case "complex":
            return complex(*map(float.fromhex, inside))
        case "odd":
            return Odd(str(inside)[:200])
        case "array":
            return _from_npy(arrays[_index(inside)])
        case "scalar":
            return _from_npy(arrays[_index(inside)])[()]
        case "list" | "tuple":
            items = [_from_tree(item, arrays, problems) for item in inside]
            return items if kind == "list" else tuple(items)
        case "dict":
            return {key: _from_tree(item, arrays, problems) for key, item in inside.items()}
        case "problem" if problems:
            name, values = inside
            return PROBLEMS[name](**{key: _from_tree(item, arrays, problems) for key, item in values.items()})
    raise BadMessage(f"an unknown kind of value, {str(kind)[:40]!r}")


def _index(number) -> int:
    if type(number) is not int or number < 0:
        raise BadMessage("an array that is not there")
    return number


def _to_npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _from_npy(data: bytes) -> np.ndarray:
    """Reads the header first: `np.load` would allocate whatever shape a hostile header names."""
    buffer = io.BytesIO(data)
    if np.lib.format.read_magic(buffer) != (1, 0):
        raise BadMessage("an unknown version of .npy")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(buffer)
    size = math.prod(shape) * dtype.itemsize
    if dtype.kind not in "biufc" or size > MAX_BYTES or size != len(data) - buffer.tell():
        raise BadMessage("an array whose header does not fit it")
    return np.frombuffer(data, dtype, offset=buffer.tell()).reshape(shape, order="F" if fortran else "C").copy()
