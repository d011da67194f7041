"""The methods that change a tensor in place: `x.add_(y)` writes x + y over x."""

from __future__ import annotations

import numpy as np

from .autograd import Taped, in_place, overwrite, shown_anew
from .device import device_of
from .ops import (
    distances,
    elementwise,
    gamma,
    indexing,
    linear,
    other_names,
    reduction,
    scattering,
    shapes,
    signs,
    special,
)  # fmt: skip
from .random import stream


class InPlace(Taped):
    """Those of `Tensor`: every operation whose result fits into its input has a twin with _ behind its name."""

    __slots__ = ()

    # arithmetic
    add_ = in_place(elementwise.add)
    sub_ = in_place(elementwise.sub)
    mul_ = in_place(elementwise.mul)
    div_ = in_place(elementwise.div)
    floor_divide_ = in_place(elementwise.floor_divide)
    remainder_ = in_place(elementwise.remainder)
    neg_ = in_place(elementwise.neg)
    pow_ = in_place(elementwise.pow)
    square_ = in_place(elementwise.square)
    reciprocal_ = in_place(elementwise.reciprocal)
    abs_ = in_place(elementwise.abs)
    sign_ = in_place(elementwise.sign)
    lerp_ = in_place(elementwise.lerp)
    addcmul_ = in_place(elementwise.addcmul)
    addcdiv_ = in_place(elementwise.addcdiv)
    # rounding
    floor_ = in_place(elementwise.floor)
    ceil_ = in_place(elementwise.ceil)
    trunc_ = in_place(elementwise.trunc)
    round_ = in_place(elementwise.round)
    # exponentials, powers and angles
    exp_ = in_place(elementwise.exp)
    expm1_ = in_place(elementwise.expm1)
    log_ = in_place(elementwise.log)
    log1p_ = in_place(elementwise.log1p)
    log2_ = in_place(elementwise.log2)
    log10_ = in_place(elementwise.log10)
    xlogy_ = in_place(elementwise.xlogy)
    sqrt_ = in_place(elementwise.sqrt)
    rsqrt_ = in_place(elementwise.rsqrt)
    erf_ = in_place(elementwise.erf)
    erfc_ = in_place(elementwise.erfc)
    erfinv_ = in_place(elementwise.erfinv)
    lgamma_ = in_place(gamma.lgamma)
    digamma_ = in_place(gamma.digamma)
    sigmoid_ = in_place(elementwise.sigmoid)
    tanh_ = in_place(elementwise.tanh)
    sinh_ = in_place(elementwise.sinh)
    cosh_ = in_place(elementwise.cosh)
    sin_ = in_place(elementwise.sin)
    cos_ = in_place(elementwise.cos)
    tan_ = in_place(elementwise.tan)
    asin_ = in_place(elementwise.asin)
    acos_ = in_place(elementwise.acos)
    atan_ = in_place(elementwise.atan)
    atan2_ = in_place(elementwise.atan2)
    exp2_ = in_place(special.exp2)
    float_power_ = in_place(special.float_power)
    hypot_ = in_place(special.hypot)
    deg2rad_ = in_place(special.deg2rad)
    rad2deg_ = in_place(special.rad2deg)
    sinc_ = in_place(special.sinc)
    asinh_ = in_place(special.asinh)
    acosh_ = in_place(special.acosh)
    atanh_ = in_place(special.atanh)
    ldexp_ = in_place(special.ldexp)
    logit_ = in_place(special.logit)
    # choices
    relu_ = in_place(elementwise.relu)
    clamp_ = in_place(elementwise.clamp)
    clamp_min_ = in_place(signs.clamp_min)
    clamp_max_ = in_place(signs.clamp_max)
    nan_to_num_ = in_place(signs.nan_to_num)
    # signs and what division leaves
    fmod_ = in_place(signs.fmod)
    frac_ = in_place(signs.frac)
    copysign_ = in_place(signs.copysign)
    heaviside_ = in_place(signs.heaviside)
    # comparisons and truth
    eq_ = in_place(elementwise.eq)
    ne_ = in_place(elementwise.ne)
    lt_ = in_place(elementwise.lt)
    le_ = in_place(elementwise.le)
    gt_ = in_place(elementwise.gt)
    ge_ = in_place(elementwise.ge)
    logical_not_ = in_place(elementwise.logical_not)
    logical_and_ = in_place(elementwise.logical_and)
    logical_or_ = in_place(elementwise.logical_or)
    logical_xor_ = in_place(elementwise.logical_xor)
    bitwise_not_ = in_place(elementwise.bitwise_not)
    bitwise_and_ = in_place(elementwise.bitwise_and)
    bitwise_or_ = in_place(elementwise.bitwise_or)
    bitwise_xor_ = in_place(elementwise.bitwise_xor)
    bitwise_left_shift_ = in_place(special.bitwise_left_shift)
    bitwise_right_shift_ = in_place(special.bitwise_right_shift)
    # reductions
    cumsum_ = in_place(reduction.cumsum)
    cumprod_ = in_place(reduction.cumprod)
    # statistics and calculus
    renorm_ = in_place(distances.renorm)
    # shapes
    tril_ = in_place(shapes.tril)
    triu_ = in_place(shapes.triu)
    # elements picked out
    scatter_ = in_place(indexing.scatter)
    scatter_add_ = in_place(indexing.scatter_add)
    index_add_ = in_place(indexing.index_add)
    index_fill_ = in_place(indexing.index_fill)
    masked_fill_ = in_place(indexing.masked_fill)
    index_copy_ = in_place(scattering.index_copy)
    index_put_ = in_place(scattering.index_put)
    masked_scatter_ = in_place(scattering.masked_scatter)
    scatter_reduce_ = in_place(scattering.scatter_reduce)
    # matrix products
    addmm_ = in_place(linear.addmm)
    baddbmm_ = in_place(linear.baddbmm)
    addmv_ = in_place(linear.addmv)
    addr_ = in_place(linear.addr)
    # second names
    absolute_ = in_place(other_names.absolute)
    arccos_ = in_place(other_names.arccos)
    arcsin_ = in_place(other_names.arcsin)
    arctan_ = in_place(other_names.arctan)
    arctan2_ = in_place(other_names.arctan2)
    arccosh_ = in_place(other_names.arccosh)
    arcsinh_ = in_place(other_names.arcsinh)
    arctanh_ = in_place(other_names.arctanh)
    clip_ = in_place(other_names.clip)
    divide_ = in_place(other_names.divide)
    true_divide_ = in_place(other_names.true_divide)
    greater_equal_ = in_place(other_names.greater_equal)
    greater_ = in_place(other_names.greater)
    less_equal_ = in_place(other_names.less_equal)
    less_ = in_place(other_names.less)
    multiply_ = in_place(other_names.multiply)
    not_equal_ = in_place(other_names.not_equal)
    negative_ = in_place(other_names.negative)
    sgn_ = in_place(other_names.sgn)
    subtract_ = in_place(other_names.subtract)
    fix_ = in_place(other_names.fix)
    # shapes: the same numbers shown anew
    squeeze_ = shown_anew(shapes.squeeze)
    unsqueeze_ = shown_anew(shapes.unsqueeze)
    transpose_ = shown_anew(shapes.transpose)
    swapaxes_ = shown_anew(shapes.swapaxes)
    swapdims_ = shown_anew(other_names.swapdims)
    t_ = shown_anew(shapes.t)

    # --- numbers written over it --------------------------------------------------------------------------------

    def copy_(self, other):
        """self ← other, converted and broadcast to this tensor."""
        return overwrite(self, shapes.copied, other)

    def fill_(self, value):
        """Every element ← value."""
        return overwrite(self, shapes.copied, value)

    def zero_(self):
        """Every element ← 0."""
        return self.fill_(0)

    def bernoulli_(self, p: float = 0.5, generator=None):
        """Every element ← 1 with probability p, else 0."""
        if not 0 <= p <= 1:
            raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p}")
        return overwrite(self, _drawn, "bernoulli", generator, p, 1)

    def uniform_(self, low: float = 0.0, high: float = 1.0, generator=None):
        """Every element ← a random number from [low, high)."""
        if not low <= high:
            raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found [{low}, {high})")
        return overwrite(self, _drawn_floats, "uniform", generator, low, high)

    def normal_(self, mean: float = 0.0, std: float = 1.0, generator=None):
        """Every element ← a normally distributed random number."""
        if not std >= 0:
            raise RuntimeError(f"normal_ expects std >= 0.0, but found std {std}")
        return overwrite(self, _drawn_floats, "normal", generator, mean, std)

    def exponential_(self, lambd: float = 1.0, generator=None):
        """Every element ← a waiting time with the mean 1/λ: a random number with the density λ exp(−λx)."""
        if not lambd > 0:
            raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd}")
        return overwrite(self, _drawn_floats, "exponential", generator).div_(lambd)

    def random_(self, low: int | None = None, high: int | None = None, *, generator=None):
        """Every element ← a random integer of low, …, high − 1; `random_(high)` starts at 0.

        Without bounds, from 0 to the largest integer of the type; for floats, the largest up to which none is left out.
        """
        start, end = (0, low) if high is None else (low or 0, high)
        end = _beyond_all_integers(self._array.dtype) if end is None else end
        if start >= end:
            raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={start} >= to={end}")
        return overwrite(self, _integers, generator, start, end)

    def fill_diagonal_(self, fill_value: float):
        """Every element of the diagonal of a matrix, or of a cube, ← a number."""
        shape = self._array.shape
        if len(shape) < 2 or (len(shape) > 2 and len(set(shape)) > 1):
            raise RuntimeError(f"fill_diagonal_(): a matrix, or all dimensions of equal length; given {list(shape)}")
        places = list(range(min(shape)))
        return overwrite(self, indexing.with_items, fill_value, (places,) * len(shape))

    __iadd__, __isub__, __imul__, __itruediv__, __ifloordiv__, __imod__, __ipow__ = (
        add_, sub_, mul_, div_, floor_divide_, remainder_, pow_)  # fmt: skip
    __iand__, __ior__, __ixor__ = bitwise_and_, bitwise_or_, bitwise_xor_


def _drawn(before, distribution, generator, *numbers):
    array = before._array
    draw = getattr(stream(device_of(array), generator), distribution)
    return Taped.tensor(draw(array.shape, array.dtype, *numbers))


def _drawn_floats(before, *how):
    if before._array.dtype.kind != "f":
        raise RuntimeError(f"random numbers need a floating-point tensor, this one is {before.dtype}")
    return _drawn(before, *how)


def _integers(before, generator, low, high):
    array = before._array
    return Taped.tensor(stream(device_of(array), generator).integers(array.shape, low, high).astype(array.dtype))


def _beyond_all_integers(dtype):
    if dtype.kind == "b":
        return 2
    return 2 ** (np.finfo(dtype).nmant + 1) + 1 if dtype.kind == "f" else int(np.iinfo(dtype).max) + 1
