"""finfo, iinfo: the largest, smallest and finest numbers that a type can hold."""

from __future__ import annotations

import numpy as np

from .dtype import as_numpy, dtype


class finfo:
    """The limits of a floating-point type, by default the one that Python floats become.

    Attributes: `bits`; `max`, `min`; `eps`, the step from 1 to the next number; `tiny` and `smallest_normal`, the
    smallest positive number with all its digits; `resolution`, 10 to the minus number of digits that can be trusted.
    Raises TypeError for a type of integers.
    """

    def __init__(self, type: dtype | None = None):
        kind = as_numpy(type)
        if kind.kind != "f":
            raise TypeError(f"torch.finfo() requires a floating point input type, given {type!r}: use iinfo")
        limits = np.finfo(kind)
        self.dtype, self.bits = kind.name, limits.bits
        self.max, self.min, self.eps = float(limits.max), float(limits.min), float(limits.eps)
        self.tiny = self.smallest_normal = float(limits.smallest_normal)
        self.resolution = float(limits.resolution)

    def __repr__(self):
        return (f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, eps={self.eps:g}, "
                f"smallest_normal={self.smallest_normal:g}, tiny={self.tiny:g}, dtype={self.dtype})")


class iinfo:
    """The limits of an integer type: `bits`, `max`, `min`. Raises TypeError for a floating-point type and bool."""

    def __init__(self, type: dtype):
        kind = as_numpy(type)
        if kind.kind not in "iu":
            raise TypeError(f"torch.iinfo() requires an integer input type, given {type!r}: use finfo")
        limits = np.iinfo(kind)
        self.dtype, self.bits, self.max, self.min = kind.name, limits.bits, int(limits.max), int(limits.min)

    def __repr__(self):
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"
