"""Signs, bounds and what division leaves."""

import math

import numpy as np

from ..autograd import check_tensors, elementwise
from .elementwise import _refuse_integer_over_zero, _zero, clamp, isnan, trunc_divide, where
from .shapes import clone


@elementwise(input=lambda g: g, other=lambda g, input, other: -g * trunc_divide(input, other))
def fmod(input, other):
    """What is left of input / other rounded towards 0, with the sign of `input`, as C's %."""
    _refuse_integer_over_zero("fmod", input, other)
    return np.fmod(input, other)


@elementwise(input=lambda g: g)
def frac(input):
    """The part behind the point, with the sign of the number: of −1.25 it is −0.25."""
    return input - np.trunc(input)


@elementwise()
def signbit(input):
    """Whether the number carries a minus; −0.0 does."""
    return np.signbit(input)


@elementwise(
    floating=True,
    input=lambda g, input, out: g * where(input == 0, 0.0, out / where(input == 0, 1.0, input)),
    other=lambda g: _zero(g),
)
def copysign(input, other):
    """|input| with the sign of `other`; the derivative at 0 is taken as 0."""
    return np.copysign(input, other)


@elementwise()
def _heaviside(input, values):
    return np.where(input == 0, values, (input > 0).astype(input.dtype))


def heaviside(input, values):
    """The step: 0 below 0, 1 above, and `values` at 0. Raises RuntimeError for two types."""
    check_tensors("heaviside", input=input, values=values)
    if input.dtype != values.dtype:
        raise RuntimeError(f"heaviside is not yet implemented for tensors with different dtypes, given {input.dtype} "
                           f"and {values.dtype}; convert one with .to(dtype)")
    return _heaviside(input, values)


def fmax(input, other):
    """The larger of the two, and where one is NaN the other; of equal ones `input` gets the gradient."""
    check_tensors("fmax", input=input, other=other)
    return where((input >= other) | isnan(other), input, other)


def fmin(input, other):
    """The smaller of the two, and where one is NaN the other; of equal ones `input` gets the gradient."""
    check_tensors("fmin", input=input, other=other)
    return where((input <= other) | isnan(other), input, other)


def positive(input):
    """The tensor itself, as `+input`. Raises RuntimeError for bools."""
    check_tensors("positive", input=input)
    if input._array.dtype.kind == "b":
        raise RuntimeError("positive(): the + operator is not supported on a bool tensor")
    return input


def nan_to_num(input, nan=0.0, posinf=None, neginf=None):
    """`nan` for NaN, `posinf` for ∞ and `neginf` for −∞, by default the largest and the least number of the type."""
    check_tensors("nan_to_num", input=input)
    if not input.is_floating_point():
        return clone(input)
    largest = float(np.finfo(input._array.dtype).max)
    for found, number in (
        (isnan(input), 0.0 if nan is None else nan),
        (input == math.inf, largest if posinf is None else posinf),
        (input == -math.inf, -largest if neginf is None else neginf),
    ):
        input = where(found, number, input)
    return input


def clamp_min(input, min):
    """`clamp` from below: the larger of the number and `min`, a number or a tensor."""
    return clamp(input, min=min)


def clamp_max(input, max):
    """`clamp` from above: the smaller of the number and `max`, a number or a tensor."""
    return clamp(input, max=max)
