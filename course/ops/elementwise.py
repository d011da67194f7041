"""Functions of numbers, applied to each element: the derivative of every input stands above the formula."""

import math

import numpy as np

from ..autograd import Taped, elementwise, operation
from ..dtype import result_type
from ..kernels import activations, error_function
from . import pointwise

# --- arithmetic -------------------------------------------------------------------------------------------------

_ONE = 1  # the very object that alpha=1 is: to ask for it takes half the time of ==, and 1 · y is y in any case


@elementwise(input=lambda g: g, other=lambda g: g)
def _add(input, other):
    return np.add(input, other)


def add(input, other, alpha=1):
    """input + alpha · other; in the old order too, add(x, alpha, y)."""
    return _add(input, other if alpha is _ONE else other * alpha)


@elementwise(input=lambda g: g, other=lambda g: -g)
def _sub(input, other):
    return np.subtract(input, other)


def sub(input, other, alpha=1):
    """input − alpha · other; see `add`."""
    return _sub(input, other if alpha is _ONE else other * alpha)


@elementwise(input=lambda g, other: g * other, other=lambda g, input: g * input)
def mul(input, other):
    """input · other."""
    return np.multiply(input, other)


@elementwise(
    floating=True, input=lambda g, other: g / other, other=lambda g, input, other: -g * input / (other * other)
)
def _div(input, other):
    return np.divide(input, other)


def div(input, other, *, rounding_mode=None):
    """input / other; integers become floats first.

    With `rounding_mode` "floor" rounded down, as `//` does; with "trunc" towards 0.
    """
    if rounding_mode is None:
        return _div(input, other)
    if rounding_mode not in ("floor", "trunc"):
        raise RuntimeError(f"div expected rounding_mode to be None, 'trunc', or 'floor' but found {rounding_mode!r}")
    return floor_divide(input, other) if rounding_mode == "floor" else trunc_divide(input, other)


@elementwise(input=lambda g: _zero(g), other=lambda g: _zero(g))
def floor_divide(input, other):
    """⌊input / other⌋: rounded down, so −7 // 2 is −4. Raises RuntimeError for an integer divided by 0."""
    _refuse_integer_over_zero("floor_divide", input, other)
    return np.floor_divide(input, other)


@elementwise(input=lambda g: _zero(g), other=lambda g: _zero(g))
def trunc_divide(input, other):
    """input / other rounded towards 0. Raises RuntimeError for an integer divided by 0."""
    _refuse_integer_over_zero("div", input, other)
    kind = np.result_type(input, other)
    return np.trunc(np.divide(input, other)).astype(kind, copy=False)


@elementwise(input=lambda g: g, other=lambda g, input, other: -g * floor_divide(input, other))
def remainder(input, other):
    """input − ⌊input / other⌋ · other, which has the sign of `other`, as Python's %."""
    _refuse_integer_over_zero("remainder", input, other)
    return np.remainder(input, other)


def _refuse_integer_over_zero(name, input, other):
    if np.result_type(input, other).kind != "f" and np.any(np.equal(other, 0)):
        raise RuntimeError(f"ZeroDivisionError: {name}() of integers by 0; convert with .float() to get inf or nan")


def _zero(g):
    """The gradient of a function that is flat wherever it has a derivative."""
    return where(False, g, 0.0)


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


@elementwise(input=lambda g: _zero(g))
def sign(input):
    """−1, 0 or 1, as the number is less than 0, neither or more; so 0 for NaN, as in PyTorch."""
    return (input > 0).astype(input.dtype) - (input < 0)


@elementwise(floating=True, input=lambda g, out: -g * out * out)
def reciprocal(input):
    """1 / input."""
    return 1 / input


@elementwise(
    input=lambda g, weight: g * (1.0 - weight),
    end=lambda g, weight: g * weight,
    weight=lambda g, input, end: g * (end - input),
)
def lerp(input, end, weight):
    """(1 − w) · input + w · end: on the straight line from one to the other."""
    return input + weight * (end - input)


def addcmul(input, tensor1, tensor2, value=1):
    """input + value · tensor1 · tensor2; in the old order too, addcmul(x, value, tensor1, tensor2)."""
    return add(input, mul(tensor1, tensor2), alpha=value)


def addcdiv(input, tensor1, tensor2, value=1):
    """input + value · tensor1 / tensor2; in the old order too, addcdiv(x, value, tensor1, tensor2)."""
    if isinstance(value, Taped):
        value, tensor1, tensor2 = tensor1, tensor2, value
    return add(input, div(tensor1, tensor2), alpha=value)


# --- rounding: flat everywhere, so the gradient is 0 ------------------------------------------------------------------


@elementwise(input=lambda g: _zero(g))
def floor(input):
    """⌊input⌋: the largest whole number that is not above it."""
    return np.floor(input)


@elementwise(input=lambda g: _zero(g))
def ceil(input):
    """⌈input⌉: the smallest whole number that is not below it."""
    return np.ceil(input)


@elementwise(input=lambda g: _zero(g))
def trunc(input):
    """Without the fraction: rounded towards 0."""
    return np.trunc(input)


@elementwise(input=lambda g: _zero(g))
def round(input, decimals=0):
    """The nearest number with that many decimals; halves go to the even neighbour: 0.5 to 0, 1.5 to 2."""
    return np.round(input, decimals)


# --- exponentials -----------------------------------------------------------------------------------------------


@elementwise(floating=True, input=lambda g, out: g * out)
def exp(input):
    """e^input."""
    return np.exp(input)


@elementwise(floating=True, input=lambda g, input: g / input)
def log(input):
    """The natural logarithm; −inf at 0, NaN below."""
    return np.log(input)


@elementwise(floating=True, input=lambda g, input: g / (1.0 + input))
def log1p(input):
    """log(1 + x), exact for tiny x."""
    return np.log1p(input)


@elementwise(floating=True, input=lambda g, out: g * (out + 1.0))
def expm1(input):
    """e^x − 1, exact for tiny x."""
    return np.expm1(input)


@elementwise(floating=True, input=lambda g, input: g / (input * math.log(2)))
def log2(input):
    """The logarithm to base 2."""
    return np.log2(input)


@elementwise(floating=True, input=lambda g, input: g / (input * math.log(10)))
def log10(input):
    """The logarithm to base 10."""
    return np.log10(input)


@elementwise(
    floating=True,
    input=lambda g, input, other: where((input == 0) & (other <= 0), 0.0, xlogy(g, other)),
    other=lambda g, input, other: g * input / other,
)
def xlogy(input, other):
    """input · log(other), and 0 where input is 0, even at log 0."""
    return np.where((input == 0) & ~np.isnan(other), 0, input * np.log(other, dtype=np.result_type(input, other)))


@elementwise(
    floating=True,
    input=lambda g, input, other: g * sigmoid(input - other),
    other=lambda g, input, other: g * sigmoid(other - input),
)
def logaddexp(input, other):
    """log(e^input + e^other), also where e^input would overflow."""
    return np.logaddexp(input, other)


@elementwise(floating=True, input=lambda g, out: g / (2.0 * out))
def sqrt(input):
    """√input; NaN below 0."""
    return np.sqrt(input)


@elementwise(floating=True, input=lambda g, out: -0.5 * g * out * out * out)
def rsqrt(input):
    """1 / √input."""
    return 1 / np.sqrt(input)


@elementwise(floating=True, input=lambda g, input: g * (2 / math.sqrt(math.pi)) * exp(-input * input))
def erf(input):
    """The error function (2/√π) ∫₀ˣ e^(−t²) dt."""
    return pointwise._mapped(error_function.error_function, (input,), ())


@elementwise(floating=True, input=lambda g, input: g * (-2 / math.sqrt(math.pi)) * exp(-input * input))
def erfc(input):
    """1 − erf(x), exact for large x too, where erf(x) would round to 1."""
    return pointwise._mapped(error_function.complement_of_error_function, (input,), ())


@elementwise(floating=True, input=lambda g, out: g * (math.sqrt(math.pi) / 2) * exp(out * out))
def erfinv(input):
    """The x whose erf(x) is given: ±∞ for ±1, NaN beyond."""
    return pointwise._mapped(error_function.inverse_error_function, (input,), ())


@elementwise(floating=True, input=lambda g, out: g * (1.0 - out * out))
def tanh(input):
    """(e^x − e^−x) / (e^x + e^−x)."""
    return np.tanh(input)


@elementwise(floating=True, input=lambda g, out: g * out * (1.0 - out))
def sigmoid(input):
    """1 / (1 + e^−x)."""
    return pointwise._mapped(activations.sigmoid_of_each, (input,), ())


@elementwise(floating=True, input=lambda g, input: g * cos(input))
def sin(input):
    """sin x, x in radians."""
    return np.sin(input)


@elementwise(floating=True, input=lambda g, input: -g * sin(input))
def cos(input):
    """cos x, x in radians."""
    return np.cos(input)


@elementwise(floating=True, input=lambda g, out: g * (1.0 + out * out))
def tan(input):
    """sin x / cos x."""
    return np.tan(input)


@elementwise(floating=True, input=lambda g, input: g * cosh(input))
def sinh(input):
    """(e^x − e^−x) / 2."""
    return np.sinh(input)


@elementwise(floating=True, input=lambda g, input: g * sinh(input))
def cosh(input):
    """(e^x + e^−x) / 2."""
    return np.cosh(input)


@elementwise(floating=True, input=lambda g, input: g * rsqrt(1.0 - input * input))
def asin(input):
    """The angle between −π/2 and π/2 whose sine is x; NaN where |x| > 1."""
    return np.arcsin(input)


@elementwise(floating=True, input=lambda g, input: -g * rsqrt(1.0 - input * input))
def acos(input):
    """The angle between 0 and π whose cosine is x; NaN where |x| > 1."""
    return np.arccos(input)


@elementwise(floating=True, input=lambda g, input: g / (1.0 + input * input))
def atan(input):
    """The angle between −π/2 and π/2 whose tangent is x."""
    return np.arctan(input)


@elementwise(
    floating=True,
    input=lambda g, input, other: g * other / _squared_length(input, other),
    other=lambda g, input, other: -g * input / _squared_length(input, other),
)
def atan2(input, other):
    """The angle between −π and π of the point (x, y) = (other, input); the derivative at the origin is taken as 0."""
    return np.arctan2(input, other)


def _squared_length(x, y):
    """x² + y², and 1 for the origin."""
    length = x * x + y * y
    return where(length == 0, 1.0, length)


# --- choices: the gradient follows the element that was taken; two equal ones share it --------------------------------


@operation(g=lambda u, y: _where_positive(u, y))
def _where_positive(g, y):
    """g where y is positive, or not a number; else 0."""
    return pointwise._mapped(activations.relu_gradient_of_each, (g, y), ())


@elementwise(input=lambda g, out: _where_positive(g, out))
def relu(input):
    """max(0, x)."""
    if input.dtype.kind != "f":
        return np.maximum(input, 0)
    return pointwise._mapped(activations.relu_of_each, (input,), ())


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


@elementwise(
    input=lambda g, input, min, max: g * _inside(input, min, max),
    min=lambda g, input, min, max: g * _below(input, min, max),
    max=lambda g, input, min, max: g * _above(input, min, max),
)
def _clamp(input, min, max):
    return np.clip(input, min, max)


def clamp(input, min=None, max=None):
    """input, but no less than `min` and no more than `max`: numbers, tensors or None, not both None."""
    if min is None and max is None:
        raise RuntimeError("clamp(): at least one of 'min' or 'max' must not be None")
    return _clamp(input, min, max)


def _inside(x, low, high):
    inside = 1.0
    if low is not None:
        inside = where(x >= low, inside, 0.0)
    if high is not None:
        inside = where(x <= high, inside, 0.0)
    return inside


def _below(x, low, high):
    below = where(x < low, 1.0, 0.0)
    return below if high is None else where(low < high, below, 0.0)


def _above(x, low, high):
    above = where(x > high, 1.0, 0.0)
    return above if low is None else where(low > high, 1.0, above)


@operation(
    input=lambda g, condition: where(condition, g, 0.0), other=lambda g, condition: where(condition, 0.0, g)
)
def where(condition, input, other):
    """`input` where `condition` holds, else `other`."""
    return np.where(condition, *_promoted(input, other))


def _promoted(*operands):
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


@elementwise()
def isnan(input):
    """Whether the element is not a number."""
    return np.isnan(input)


@elementwise()
def isinf(input):
    """Whether the element is +∞ or −∞."""
    return np.isinf(input)


@elementwise()
def isfinite(input):
    """Whether the element is neither infinite nor NaN."""
    return np.isfinite(input)


@elementwise()
def isclose(input, other, rtol=1e-5, atol=1e-8, equal_nan=False):
    """|input − other| ≤ atol + rtol · |other|."""
    return np.isclose(input, other, rtol, atol, equal_nan)


# --- truth: a number counts as true unless it is 0 --------------------------------------------------------------------


@operation()
def logical_not(input):
    """Whether the element is 0 (or False)."""
    return np.logical_not(input)


@elementwise()
def logical_and(input, other):
    """Whether both are true."""
    return np.logical_and(input, other)


@elementwise()
def logical_or(input, other):
    """Whether at least one is true."""
    return np.logical_or(input, other)


@elementwise()
def logical_xor(input, other):
    """Whether exactly one is true."""
    return np.logical_xor(input, other)


@elementwise()
def bitwise_not(input):
    """Every bit turned over: `~`; for bools, not."""
    _check_bits(input)
    return np.invert(input)


@elementwise()
def bitwise_and(input, other):
    """The bits that both have: `&`; for bools, and."""
    _check_bits(input, other)
    return np.bitwise_and(input, other)


@elementwise()
def bitwise_or(input, other):
    """The bits that at least one has: `|`; for bools, or."""
    _check_bits(input, other)
    return np.bitwise_or(input, other)


@elementwise()
def bitwise_xor(input, other):
    """The bits that exactly one has: `^`; for bools, either but not both."""
    _check_bits(input, other)
    return np.bitwise_xor(input, other)


def _check_bits(*operands):
    if np.result_type(*operands).kind == "f":
        raise TypeError("&, |, ^ and ~ work on bools and integers, not on floats; compare first: (x > 0) & (x < 1)")
