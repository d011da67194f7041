"""Functions of numbers, applied to each element: the derivative of every input stands above the formula."""

import math

import numpy as np

from ..autograd import elementwise, operation

# --- arithmetic -------------------------------------------------------------------------------------------------


@elementwise(input=lambda g: g, other=lambda g: g)
def add(input, other):
    """input + other."""
    return np.add(input, other)


@elementwise(input=lambda g: g, other=lambda g: -g)
def sub(input, other):
    """input − other."""
    return np.subtract(input, other)


@elementwise(input=lambda g, other: g * other, other=lambda g, input: g * input)
def mul(input, other):
    """input · other."""
    return np.multiply(input, other)


@elementwise(
    floating=True, input=lambda g, other: g / other, other=lambda g, input, other: -g * input / (other * other)
)
def div(input, other):
    """input / other; integers become floats first."""
    return np.divide(input, other)


@elementwise(input=lambda g: -g)
def neg(input):
    """−input."""
    return np.negative(input)


@elementwise(
    input=lambda g, input, exponent: g * _power_slope(input, exponent),
    exponent=lambda g, input, out: g * out * _log_of_base(input),
)
def pow(input, exponent):
    """input ^ exponent."""
    return np.power(input, exponent)


def _power_slope(x, n):
    """n xⁿ⁻¹, and 0 for n = 0, even at x = 0."""
    if isinstance(n, int | float):
        return n * x ** (n - 1) if n else 0.0
    constant = n == 0
    return n * x ** where(constant, 1.0, n - 1)


def _log_of_base(x):
    """log x, and 0 for x = 0, whose powers stay 0."""
    if isinstance(x, int | float):
        return math.log(x) if x > 0 else 0.0 if x == 0 else math.nan
    return log(where(x == 0, 1.0, x))


@elementwise(input=lambda g, input: g * 2.0 * input)
def square(input):
    """input²."""
    return np.square(input)


@elementwise(input=lambda g, input: g * sign(input))
def abs(input):
    """|input|; the derivative at 0 is taken as 0."""
    return np.absolute(input)


@elementwise()
def sign(input):
    """−1, 0 or 1; NaN stays NaN (PyTorch gives 0)."""
    return np.sign(input)


# --- exponentials -----------------------------------------------------------------------------------------------


@elementwise(floating=True, input=lambda g, out: g * out)
def exp(input):
    """e^input."""
    return np.exp(input)


@elementwise(floating=True, input=lambda g, input: g / input)
def log(input):
    """The natural logarithm; −inf at 0, NaN below."""
    return np.log(input)


@elementwise(floating=True, input=lambda g, out: g / (2.0 * out))
def sqrt(input):
    """√input; NaN below 0."""
    return np.sqrt(input)


@elementwise(floating=True, input=lambda g, out: g * (1.0 - out * out))
def tanh(input):
    """(e^x − e^−x) / (e^x + e^−x)."""
    return np.tanh(input)


@elementwise(floating=True, input=lambda g, out: g * out * (1.0 - out))
def sigmoid(input):
    """1 / (1 + e^−x), written so that exp never overflows."""
    small = np.exp(-np.abs(input))
    return np.where(input >= 0, 1, small) / (1 + small)


@elementwise(floating=True, input=lambda g, input: g * cos(input))
def sin(input):
    """sin x, x in radians."""
    return np.sin(input)


@elementwise(floating=True, input=lambda g, input: -g * sin(input))
def cos(input):
    """cos x, x in radians."""
    return np.cos(input)


# --- choices: the gradient follows the element that was taken; two equal ones share it --------------------------------


@elementwise(input=lambda g, out: where(out <= 0, 0.0, g))
def relu(input):
    """max(0, x)."""
    return np.maximum(input, 0)


@elementwise(
    input=lambda g, input, other: g * _share(input > other, input == other),
    other=lambda g, input, other: g * _share(input < other, input == other),
)
def maximum(input, other):
    """The larger of the two; NaN where either is NaN."""
    return np.maximum(input, other)


@elementwise(
    input=lambda g, input, other: g * _share(input < other, input == other),
    other=lambda g, input, other: g * _share(input > other, input == other),
)
def minimum(input, other):
    """The smaller of the two; NaN where either is NaN."""
    return np.minimum(input, other)


def _share(wins, ties):
    return where(wins, 1.0, where(ties, 0.5, 0.0))


@elementwise(input=lambda g, input, min, max: g * _inside(input, min, max))
def clamp(input, min=None, max=None):
    """input, but no less than `min` and no more than `max`."""
    return np.clip(input, min, max)


def _inside(x, low, high):
    inside = 1.0
    if low is not None:
        inside = where(x >= low, inside, 0.0)
    if high is not None:
        inside = where(x <= high, inside, 0.0)
    return inside


@operation(
    input=lambda g, condition: where(condition, g, 0.0), other=lambda g, condition: where(condition, 0.0, g)
)
def where(condition, input, other):
    """`input` where `condition` holds, else `other`."""
    return np.where(condition, *_promoted(input, other))


def _promoted(*operands):
    from ..dtype import result_type

    common = result_type(*operands)
    return [np.asarray(x, common) if not hasattr(x, "astype") else x.astype(common, copy=False) for x in operands]


# --- comparisons: results are bool and have no derivative -------------------------------------------------------------


@elementwise()
def eq(input, other):
    """input = other."""
    return np.equal(input, other)


@elementwise()
def ne(input, other):
    """input ≠ other."""
    return np.not_equal(input, other)


@elementwise()
def lt(input, other):
    """input < other."""
    return np.less(input, other)


@elementwise()
def le(input, other):
    """input ≤ other."""
    return np.less_equal(input, other)


@elementwise()
def gt(input, other):
    """input > other."""
    return np.greater(input, other)


@elementwise()
def ge(input, other):
    """input ≥ other."""
    return np.greater_equal(input, other)


@operation()
def logical_not(input):
    """Whether the element is 0 (or False)."""
    return np.logical_not(input)


@elementwise()
def isnan(input):
    """Whether the element is not a number."""
    return np.isnan(input)


@elementwise()
def isfinite(input):
    """Whether the element is neither infinite nor NaN."""
    return np.isfinite(input)
