"""What tests of numerical programs compare with."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from . import dtype as dtypes
from .creation import as_tensor
from .tensor import Tensor
from .unknown import names_of

_TOLERANCES = {dtypes.float32: (1.3e-6, 1e-5), dtypes.float64: (1e-7, 1e-7)}  # dtype -> (rtol, atol); others: exact


class _Mismatch(Exception):
    """The kind of error to raise, and its sentence."""

    def __init__(self, kind: type[Exception], sentence: str):
        self.kind, self.sentence = kind, sentence


def assert_close(actual, expected, *, allow_subclasses: bool = True, rtol: float | None = None,
                 atol: float | None = None, equal_nan: bool = False, check_device: bool = True,
                 check_dtype: bool = True, check_layout: bool = True, check_stride: bool = False,
                 msg: str | Callable[[str], str] | None = None) -> None:
    """Raises AssertionError unless |actual − expected| ≤ atol + rtol · |expected| everywhere; says where it is not.

    Both are tensors, arrays, numbers or None, or sequences and mappings of such, one inside the other.
    Args: rtol and atol: both or none; by default 1.3e-6 and 1e-5 for float32, 1e-7 and 1e-7 for float64, 0 and 0 for
    integers and bools; equal_nan: whether NaN is close to NaN; check_device, check_dtype, check_stride: whether these
    must agree (check_layout: all tensors have one); msg: the sentence of the error, or a function that makes it of the
    usual one.
    Raises TypeError for what cannot be compared, ValueError for one tolerance without the other.

    >>> import course
    >>> assert_close(course.tensor([1.0, 2.0]), course.tensor([1.0, 2.1]))
    Traceback (most recent call last):
        ...
    AssertionError: Tensor-likes are not close!
    <BLANKLINE>
    Mismatched elements: 1 / 2 (50.0%)
    Greatest absolute difference: 0.09999990463256836 at index (1,) (up to 1e-05 allowed)
    Greatest relative difference: 0.04761900380253792 at index (1,) (up to 1.3e-06 allowed)
    """
    __tracebackhide__ = True
    for way, a, b in list(_pairs(actual, expected, ())):
        try:
            _compare(a, b, (rtol, atol), equal_nan, check_device, check_dtype, check_stride, allow_subclasses)
        except _Mismatch as mismatch:
            sentence = mismatch.sentence + _item(way)
            raise mismatch.kind(msg(sentence) if callable(msg) else msg or sentence) from None


def _item(way) -> str:
    return f"\n\nThe failure occurred for item {''.join(f'[{key!r}]' for key in way)}" if way else ""


def _pairs(actual, expected, way):
    """(the way to it, actual, expected) for each pair within nested sequences and mappings."""
    if _both(Sequence, actual, expected) and not isinstance(actual, str) and not isinstance(expected, str):
        if len(actual) != len(expected):
            raise AssertionError(f"The length of the sequences mismatch: {len(actual)} != {len(expected)}{_item(way)}")
        for i, (a, b) in enumerate(zip(actual, expected)):
            yield from _pairs(a, b, (*way, i))
    elif _both(Mapping, actual, expected):
        if actual.keys() != expected.keys():
            missing, more = expected.keys() - actual.keys(), actual.keys() - expected.keys()
            raise AssertionError("The keys of the mappings do not match:\n"
                                 f"Missing keys in the actual mapping: {sorted(missing)}\n"
                                 f"Additional keys in the actual mapping: {sorted(more)}{_item(way)}")
        for key in actual:
            yield from _pairs(actual[key], expected[key], (*way, key))
    else:
        yield way, actual, expected


def _both(kind, *given):
    return all(isinstance(x, kind) for x in given)


def _compare(actual, expected, tolerances, equal_nan, check_device, check_dtype, check_stride, allow_subclasses):
    """Raises _Mismatch unless the two are close."""
    if actual is None or expected is None:
        if actual is not expected:
            raise _Mismatch(AssertionError, f"None mismatch: {actual} is not {expected}")
    elif _both(bool | np.bool_, actual, expected):
        if bool(actual) is not bool(expected):
            raise _Mismatch(AssertionError, f"Booleans mismatch: {actual} is not {expected}")
    elif _both(int | float | np.number, actual, expected):
        a, b = (x.item() if isinstance(x, np.number) else x for x in (actual, expected))
        kinds = [dtypes.int64 if isinstance(x, int) else dtypes.float64 for x in (a, b)]
        rtol, atol = _tolerances(tolerances, *kinds)
        if check_dtype and type(a) is not type(b):
            raise _Mismatch(AssertionError, f"The (d)types do not match: {type(a)} != {type(b)}.")
        _compare_numbers(a, b, rtol, atol, equal_nan)
    elif (isinstance(actual, type(expected)) or isinstance(expected, type(actual))) and _both(
            Tensor | np.ndarray, actual, expected) and (allow_subclasses or type(actual) is type(expected)):
        a, b = as_tensor(actual).detach(), as_tensor(expected).detach()
        rtol, atol = _tolerances(tolerances, a.dtype, b.dtype)
        _compare_attributes(a, b, shape=True, stride=check_stride, device=check_device, dtype=check_dtype)
        _compare_tensors(a.cpu(), b.cpu(), rtol, atol, equal_nan)
    else:
        raise _Mismatch(TypeError, "No comparison pair was able to handle inputs of type "
                                   f"{type(actual)} and {type(expected)}.")


def _tolerances(given, *kinds):
    rtol, atol = given
    if (rtol is None) != (atol is None):
        raise _Mismatch(ValueError, "Both 'rtol' and 'atol' must be either specified or omitted, but got no "
                                    f"{'rtol' if rtol is None else 'atol'}.")
    return given if rtol is not None else map(max, zip(*(_TOLERANCES.get(kind, (0.0, 0.0)) for kind in kinds)))


def _compare_attributes(actual, expected, **wanted):
    for name, checked in wanted.items():
        a, b = (x.stride() if name == "stride" else getattr(x, name) for x in (actual, expected))
        if checked and a != b:
            called = "stride()" if name == "stride" else name
            raise _Mismatch(AssertionError, f"The values for attribute '{called}' do not match: {a} != {b}.")


def _compare_numbers(actual, expected, rtol, atol, equal_nan):
    off = abs(actual - expected)
    same = actual == expected or (equal_nan and math.isnan(actual) and math.isnan(expected))
    if same or (math.isfinite(off) and off <= atol + rtol * abs(expected)):
        return
    relative = off / abs(expected) if expected else math.inf
    raise _Mismatch(AssertionError, _sentence("Scalars", f"Expected {expected} but got {actual}.", rtol, atol,
                                              ("Absolute", off, ""), ("Relative", relative, "")))


def _compare_tensors(actual, expected, rtol, atol, equal_nan):
    common = dtypes.promote_types(actual._array.dtype, expected._array.dtype)
    actual, expected = (Tensor._of(x._array.astype(common)) for x in (actual, expected))
    a, b = actual._array, expected._array
    close = np.isclose(a, b, rtol, atol, equal_nan) if rtol or atol or equal_nan else np.equal(a, b)
    if close.all():
        return
    if close.ndim == 0:
        _compare_numbers(actual.item(), expected.item(), rtol, atol, equal_nan)
    whole, floats = (common, common) if common.kind == "f" else (np.int64, np.float32)
    a, b = a.astype(whole), b.astype(whole)
    with np.errstate(all="ignore"):
        off = np.where(close, 0, abs(a - b))
        relative = np.where(close, 0, off.astype(floats) / abs(b).astype(floats))
    wrong = close.size - int(close.sum())
    greatest = [(f"Greatest {kind}", x.max().item(), f" at index {_place_of_the_largest(x)}")
                for kind, x in (("absolute", off), ("relative", relative))]
    raise _Mismatch(AssertionError, _sentence(
        "Tensor-likes", f"Mismatched elements: {wrong} / {close.size} ({wrong / close.size:.1%})", rtol, atol,
        *greatest))


def _place_of_the_largest(x):
    return tuple(map(int, np.unravel_index(np.argmax(x), x.shape)))


def _sentence(what, how, rtol, atol, *differences) -> str:
    """What is not close, by how much, and how much is allowed."""
    exact = rtol == 0 and atol == 0
    lines = [f"{what} are not {'equal' if exact else 'close'}!", "", how]
    for (kind, off, where), allowed in zip(differences, (atol, rtol)):
        lines.append(f"{kind} difference: {off}{where}" + ("" if exact else f" (up to {allowed} allowed)"))
    return "\n".join(lines)


__getattr__ = names_of(__name__)
