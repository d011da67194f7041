"""NumPy's functions of numbers on CUDA: applied to each element of arrays that lie in memory with any strides.

On the CPU NumPy's own loops do this. Here each of its functions stands beside its formula; where that is one numba's
functions of the same name, no formula need be written.
"""

from __future__ import annotations

import math
import types

import numpy as np
from numba import config

from .kernel import Kernel, cuda, specialised
from .maximum import maximum

formula = None  # each kernel puts its own formula here


def place(i, sizes, layout):
    """Where in memory element number i of an array of four dimensions lies: start + Σ digit · stride.

    sizes: of the last three dimensions; layout: where the array starts, then its four strides.
    """
    if i < sizes[2]:  # most arrays are one long row: nothing to divide
        return layout[0] + i * layout[4]
    at = layout[0] + i % sizes[2] * layout[4]
    i //= sizes[2]
    at += i % sizes[1] * layout[3]
    i //= sizes[1]
    return at + i % sizes[0] * layout[2] + i // sizes[0] * layout[1]


# --- loops: one thread writes one element and nothing else ----------------------------------------------------------
# An operand is the memory that an array lies in, or, for a number, a tuple of that one number. `sizes` are those of the
# result, along which a broadcast operand has stride 0.


def each_1_cuda(out, x, size, sizes, to, of_x):
    i = cuda.grid(1)
    if i < size:
        out[place(i, sizes, to)] = formula(x[place(i, sizes, of_x)])


def each_2_cuda(out, x, y, size, sizes, to, of_x, of_y):
    i = cuda.grid(1)
    if i < size:
        out[place(i, sizes, to)] = formula(x[place(i, sizes, of_x)], y[place(i, sizes, of_y)])


def each_3_cuda(out, x, y, z, size, sizes, to, of_x, of_y, of_z):
    i = cuda.grid(1)
    if i < size:
        out[place(i, sizes, to)] = formula(x[place(i, sizes, of_x)], y[place(i, sizes, of_y)], z[place(i, sizes, of_z)])


def count_cuda(out, start, step):
    """out[i] = start + i · step."""
    i = cuda.grid(1)
    if i < out.size:
        out[i] = start + type(out[i])(i) * step


# --- formulas -------------------------------------------------------------------------------------------------------


def minimum(a, b):
    """min(a, b); NaN if either is NaN."""
    return a if a < b or a != a else b


def sign(x):
    """−1, 0 or 1; NaN for NaN."""
    zero, one = type(x)(0), type(x)(1)
    return one if x > zero else -one if x < zero else x


def rint(x):
    """The nearest whole number; of two that are equally near the even one."""
    one, half = type(x)(1), type(x)(0.5)
    below = floor(x)
    rest = x - below
    return below + one if rest > half or (rest == half and below * half != floor(below * half)) else below


def where(condition, a, b):
    """a if the condition holds, else b."""
    return a if condition else b


# The simulator is Python, whose `math` raises where a GPU gives NaN or infinity; NumPy's functions do not.
SIMULATED = config.ENABLE_CUDASIM  # type: ignore[attr-defined]
_MATH = {name: getattr(np, name) if SIMULATED else getattr(math, name.replace("arc", "a")) for name in (
    "sqrt", "exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan",
    "arctan2", "floor", "ceil", "trunc",
)}  # fmt: skip
floor = _MATH["floor"]

FORMULAS = {
    np.positive: lambda x: x,
    np.negative: lambda x: -x,
    np.absolute: lambda x: abs(x),
    np.square: lambda x: x * x,
    np.reciprocal: lambda x: type(x)(1) / x,
    np.sign: sign,
    np.rint: rint,
    np.isnan: lambda x: x != x,
    np.isfinite: lambda x: math.isfinite(x),
    np.isinf: lambda x: math.isinf(x),
    np.add: lambda a, b: a + b,
    np.subtract: lambda a, b: a - b,
    np.multiply: lambda a, b: a * b,
    np.divide: lambda a, b: a / b,
    np.floor_divide: lambda a, b: a // b,
    np.remainder: lambda a, b: a % b,
    np.power: lambda a, b: a**b,
    np.maximum: maximum,
    np.minimum: minimum,
    np.equal: lambda a, b: a == b,
    np.not_equal: lambda a, b: a != b,
    np.less: lambda a, b: a < b,
    np.less_equal: lambda a, b: a <= b,
    np.greater: lambda a, b: a > b,
    np.greater_equal: lambda a, b: a >= b,
    np.where: where,
} | {getattr(np, name): function for name, function in _MATH.items()} | {f: f for f in (
    np.invert, np.logical_not, np.logical_and, np.logical_or, np.logical_xor, np.bitwise_and, np.bitwise_or,
    np.bitwise_xor,
)}  # fmt: skip

_loops = {1: each_1_cuda, 2: each_2_cuda, 3: each_3_cuda}


def _kernel(function, formula) -> Kernel:
    if isinstance(formula, types.FunctionType):
        formula = specialised(formula, function.__name__)
    return Kernel(None, _loops[function.nin if function is not np.where else 3], formula=formula)


EACH = {function: _kernel(function, formula) for function, formula in FORMULAS.items()}
count = Kernel(None, count_cuda)
