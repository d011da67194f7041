"""Values survive the way through bytes; bytes that nobody honest wrote are refused before they cost anything."""

import struct

import numpy as np
import pytest

from course.exercises.encoding import BadMessage, decode, encode
from course.exercises.plain import Odd, plain
from course.exercises.problems import GradientOf, LogCosh, Quadratic


@pytest.mark.parametrize(
    "value",
    [None, True, 3, -(10**200), 0.1, float("inf"), 2j, "∇", (1, [2.0, (None,)]), {"a": 1, "b": [False]}, Odd("a T")],
)
def test_plain_values_come_back(value):
    back = decode(encode(value))
    assert back == value and type(back) is type(value)


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "?", "c16", ">f8"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 4)])
def test_arrays_come_back(dtype, shape):
    array = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    for given in (array, np.asfortranarray(array)):
        back = decode(encode(given))
        assert back.dtype == given.dtype and back.shape == given.shape and np.array_equal(back, given)
        assert back.flags.writeable


def test_scalars_and_nan_come_back():
    back = decode(encode([np.float32(0.1), float("nan"), np.array([np.nan])]))
    assert type(back[0]) is np.float32 and back[0] == np.float32(0.1)
    assert np.isnan(back[1]) and np.isnan(back[2]).all()


@pytest.mark.parametrize("problem", [Quadratic(np.eye(2), np.ones(2)), LogCosh(np.ones(2))])
def test_problems_come_back_from_the_trusted_side_only(problem):
    data = encode((GradientOf(problem),))
    (back,) = decode(data, problems=True)
    theta = np.array([0.3, -2.0])
    assert np.array_equal(back(theta), problem.gradient(theta)) and str(back) == str(GradientOf(problem))
    with pytest.raises(BadMessage):
        decode(data)


def test_the_gradients_are_those_of_the_values():
    theta, h = np.array([0.3, -2.0]), 1e-6
    for problem in (Quadratic(np.array([[2.0, 1.0], [1.0, 3.0]]), np.ones(2)), LogCosh(np.array([1.0, 2.0]))):
        slopes = [(problem(theta + h * axis) - problem(theta - h * axis)) / (2 * h) for axis in np.eye(2)]
        assert np.allclose(problem.gradient(theta), slopes, rtol=1e-6)


def message(tree: bytes, *arrays: bytes) -> bytes:
    sizes = [len(tree), *map(len, arrays)]
    return struct.pack(f">I{len(sizes)}Q", len(sizes), *sizes) + tree + b"".join(arrays)


def npy(header: str, data: bytes = b"") -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


HUGE = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"
OBJECTS = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x00\x00\x01",
        struct.pack(">I", 2**31),
        struct.pack(">IQ", 1, 2**62),
        message(b"nonsense"),
        message(b'{"pickle": "cos"}'),
        message(b'{"int": "1", "float": "0x1p0"}'),
        message(b'{"array": 0}'),
        message(b'{"array": -1}', b"x"),
        message(b'{"array": 0}', npy(HUGE, b"12345678")),
        message(b'{"array": 0}', npy(OBJECTS, b"\x80\x04N.")),
        message(b'{"float": "one"}'),
        message(b"[1, 2]"),
        message(b"[" * 100_000 + b"]" * 100_000),
        encode([np.ones(3)])[:-1],
    ],
)
def test_what_nobody_honest_writes_is_refused(data):
    with pytest.raises(BadMessage):
        decode(data)


def test_what_is_not_plain_is_named_not_kept():
    class Number(float):
        pass

    class Meta(type):
        __name__ = property(lambda self: 1 / 0)

    class Odder(metaclass=Meta):
        pass

    assert plain(Number(1)) == Odd("a Number")
    assert plain(Odder()) == Odd("an Odder")
    assert plain((1, [Number(2)])) == (1, [Odd("a Number")])
    assert plain(np.array([None])) == Odd("an array of Python objects")
    assert type(plain([0] * 20_000)) is Odd
    with pytest.raises(TypeError, match="problems"):
        encode(object())
