"""Margins around a tensor: of one value, mirrored, of the last value, or as if it went round in a circle."""

import numpy as np

from ..autograd import check_tensors, operation


@operation(input=lambda g, input, margins: g[_inside(input, margins)])
def _framed(input, margins, value):
    return np.pad(input, margins, constant_values=input.dtype.type(value))


def _inside(input, margins):
    """Where, in the framed tensor, the input stands."""
    return tuple(slice(before, before + n) for n, (before, _) in zip(input.shape, margins))


def _mirrored(places, n):
    return n - 1 - np.abs(n - 1 - np.abs(places))


def _nearest(places, n):
    return np.clip(places, 0, n - 1)


def _around(places, n):
    return places % n


# mode -> (which element stands at each place from −before to n + after, how wide a margin may be, in words)
_MODES = {
    "reflect": (_mirrored, lambda margin, n: margin < n, "less than the size of the dimension"),
    "replicate": (_nearest, lambda margin, n: n > 0, "at the edge of at least one element"),
    "circular": (_around, lambda margin, n: margin <= n, "no more than the size of the dimension: once around"),
}


def pad(input, pad, mode="constant", value=None):
    """`input` with margins: pad = (left, right) of the last dimension, then (top, bottom) of the one before, and so on.

    mode 'constant' fills them with `value` (0), 'reflect' mirrors at the edge, 'replicate' repeats the edge, 'circular'
    goes on with the other end. A negative margin cuts off. All but 'constant' leave the batch and the channels alone:
    at least the first dimension, at most the first two.
    Raises RuntimeError for margins that do not fit, NotImplementedError for a mode or a number of dimensions that
    PyTorch does not have either.
    """
    check_tensors("pad", input=input)
    pairs = _pairs(pad, input)
    if mode != "constant" and mode not in _MODES:
        raise NotImplementedError(f"Unrecognised padding mode {mode!r}; use constant, {', '.join(_MODES)}")
    if mode == "constant":
        return _framed(*_cut(input, pairs), 0 if value is None else value)
    if value:
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument, given {value}')
    padded = len(pad) // 2
    if not (1 <= padded <= 3 and padded + 1 <= input.ndim <= padded + 2):
        raise NotImplementedError(f"mode {mode!r} pads the dimensions behind batch and channels: {padded} of them need "
                                  f"a tensor of {padded + 1} or {padded + 2} dimensions, given {list(input.shape)}")
    taken, fits, allowed = _MODES[mode]
    input, margins = _cut(input, pairs)
    for dim, (before, after) in enumerate(margins):
        n = input.shape[dim]
        if not (before or after):
            continue
        if not fits(max(before, after), n):
            raise RuntimeError(f"Padding size should be {allowed}, but got: padding ({before}, {after}) at dimension "
                               f"{dim} of input {list(input.shape)}")
        input = input[(slice(None),) * dim + (taken(np.arange(-before, n + after), n),)]
    return input


def _cut(input, pairs):
    """`input` without what negative margins cut off, and the other margins."""
    if any(n < 0 for pair in pairs for n in pair):
        input = input[tuple(slice(max(0, -a), n + min(0, b)) for n, (a, b) in zip(input.shape, pairs))]
    return input, tuple((max(0, a), max(0, b)) for a, b in pairs)


def _pairs(pad, input):
    """The margins before and after each dimension, from the first to the last."""
    pad = tuple(pad) if isinstance(pad, tuple | list) else pad
    if not isinstance(pad, tuple) or not all(isinstance(n, int | np.integer) for n in pad):
        raise TypeError(f"pad(): argument 'pad' must be a tuple of ints, given {pad!r}")
    if len(pad) % 2:
        raise RuntimeError(f"Padding length must be divisible by 2: one number before and one after, given {pad}")
    if len(pad) > 2 * input.ndim:
        raise RuntimeError(f"Padding length should be less than or equal to two times the input dimension but got "
                           f"padding length {len(pad)} and input of dimension {input.ndim}")
    pairs = [(0, 0)] * (input.ndim - len(pad) // 2) + list(zip(pad[::2], pad[1::2]))[::-1]
    if any(a + b + n < 0 for n, (a, b) in zip(input.shape, pairs)):
        raise RuntimeError(f"The input size {list(input.shape)}, plus negative padding {pad}, resulted in a negative "
                           "output size, which is invalid")
    return pairs
