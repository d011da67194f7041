"""Functions with names of their own: powers and logarithms, angles and their like, entropy, the normal distribution."""

import math

import numpy as np

from .. import dtype as dtypes
from ..autograd import Taped, check_tensors, elementwise
from .elementwise import clamp, erf, floor_divide, log, log1p, mul, pow, sin, sqrt, where


@elementwise(floating=True, input=lambda g, out: g * out * math.log(2))
def exp2(input):
    """2^input."""
    return np.exp2(input)


def float_power(input, exponent):
    """input ^ exponent, worked out in float64 whatever the types; one of the two may be a number."""
    if not (isinstance(input, Taped) or isinstance(exponent, Taped)):
        check_tensors("float_power", input=input)
    return pow(*(x.to(dtypes.float64) if isinstance(x, Taped) else x for x in (input, exponent)))


@elementwise(
    floating=True, input=lambda g, input, out: g * input / out, other=lambda g, other, out: g * other / out
)
def hypot(input, other):
    """√(input² + other²): the length of the longest side of a right triangle."""
    return np.hypot(input, other)


@elementwise(floating=True, input=lambda g, input: g / sqrt(input * input + 1.0))
def asinh(input):
    """The number whose hyperbolic sine is x: log(x + √(x² + 1))."""
    return np.arcsinh(input)


@elementwise(floating=True, input=lambda g, input: g / sqrt(input * input - 1.0))
def acosh(input):
    """The number from 0 on whose hyperbolic cosine is x: log(x + √(x² − 1)); NaN below 1."""
    return np.arccosh(input)


@elementwise(floating=True, input=lambda g, input: g / (1.0 - input * input))
def atanh(input):
    """The number whose hyperbolic tangent is x: ½ log((1 + x) / (1 − x)); NaN beyond ±1."""
    return np.arctanh(input)


def ldexp(input, other):
    """input · 2^other."""
    return mul(input, pow(2.0, other))


def bitwise_left_shift(input, other):
    """input · 2^other of integers: the bits moved to the left. Raises TypeError for floats."""
    _need_integers("bitwise_left_shift", input, other)
    return mul(input, 2**other)


def bitwise_right_shift(input, other):
    """⌊input / 2^other⌋ of integers: the bits moved to the right. Raises TypeError for floats."""
    _need_integers("bitwise_right_shift", input, other)
    return floor_divide(input, 2**other)


def _need_integers(name, *operands):
    for x in operands:
        if isinstance(x, float) or (isinstance(x, Taped) and x.is_floating_point()):  # type: ignore[attr-defined]
            raise TypeError(f"{name}(): only integers have bits to move, given {x}; convert with .long()")


def deg2rad(input):
    """Degrees in radians: input · π / 180."""
    check_tensors("deg2rad", input=input)
    return mul(input, math.pi / 180)


def rad2deg(input):
    """Radians in degrees: input · 180 / π."""
    check_tensors("rad2deg", input=input)
    return mul(input, 180 / math.pi)


def sinc(input):
    """sin(πx) / (πx), and 1 at 0."""
    check_tensors("sinc", input=input)
    angle = where(input == 0, 1.0, math.pi * input)
    return where(input == 0, 1.0, sin(angle) / angle)


def logit(input, eps=None):
    """log(x / (1 − x)), the inverse of `sigmoid`; with `eps`, of x clamped to [ε, 1 − ε]. NaN outside [0, 1]."""
    check_tensors("logit", input=input)
    x = input if eps is None else clamp(input, eps, 1 - eps)
    return log(x) - log1p(-x)


@elementwise(floating=True, input=lambda g, input: -g * (log(input) + 1.0))
def entr(input):
    """−x log x, and 0 at 0: what an outcome of probability x adds to the entropy; −∞ below 0."""
    return np.where(input > 0, -input * np.log(input), np.where(input < 0, -np.inf, input))


@elementwise(
    floating=True,
    input=lambda g, input, other: where((input == 0) & (other <= -1), 0.0, xlog1py(g, other)),
    other=lambda g, input, other: g * input / (1.0 + other),
)
def xlog1py(input, other):
    """input · log(1 + other), and 0 where input is 0, even at log 0."""
    return np.where((input == 0) & ~np.isnan(other), 0, input * np.log1p(other, dtype=np.result_type(input, other)))


def ndtr(input):
    """Φ(x) = ½ (1 + erf(x / √2)): how likely a normally distributed number is below x."""
    check_tensors("ndtr", input=input)
    return 0.5 * (1 + erf(input * math.sqrt(0.5)))
