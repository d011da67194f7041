"""What all loss functions share: how their options are checked, and how many losses become one number."""

import functools
import os
import sys
import warnings
from collections.abc import Callable
from numbers import Number
from typing import ParamSpec, TypeVar

import numpy as np

from ..autograd import Taped, check_tensors
from .reduction import mean, sum

P = ParamSpec("P")
T = TypeVar("T")

REDUCTIONS = ("none", "mean", "sum")
_HERE = os.path.dirname(os.path.dirname(__file__))


def check_reduction(reduction, known=REDUCTIONS):
    """Raises ValueError for a `reduction` that is not known."""
    if reduction not in known:
        raise ValueError(f"{reduction!r} is not a valid value for reduction; use one of {', '.join(known)}")


def reduced(losses, reduction):
    """The losses of all elements as one number: their mean, their sum, or (reduction='none') as they are."""
    check_reduction(reduction)
    return {"none": lambda x: x, "mean": mean, "sum": sum}[reduction](losses)


def old_reduction(loss: Callable[P, T]) -> Callable[P, T]:
    """The loss, which then also takes `size_average` and `reduce`, with which old programs choose its reduction."""

    @functools.wraps(loss)
    def called(*args, **options):
        if "size_average" in options or "reduce" in options:
            options = todays(options)
        return loss(*args, **options)

    return called  # type: ignore[return-value]


def todays(options: dict) -> dict:
    """The options with `reduction` in place of `size_average` and `reduce`, which win over it; and a warning."""
    average, reduce = options.get("size_average"), options.get("reduce")
    options = {name: value for name, value in options.items() if name not in ("size_average", "reduce")}
    if average is not None or reduce is not None:
        options["reduction"] = "none" if reduce is False else "sum" if average is False else "mean"
        warn(f"size_average and reduce args will be deprecated, please use reduction={options['reduction']!r} instead.")
    return options


# --- options ------------------------------------------------------------------------------------------------------


def _is_number(value):
    return value.__class__ is float or isinstance(value, Number) and not isinstance(value, bool | complex)


def _is_integer(value):
    return value.__class__ is int or isinstance(value, np.integer)


def _is_flag(value):
    return isinstance(value, bool | np.bool_)


def _is_weight(value):
    return value is None or isinstance(value, Taped)


def _anything(value):
    return True


# name -> (the right type?, in words; in the right range?, in words; what PyTorch raises where it is not)
OPTIONS = {
    "delta": (_is_number, "a number", lambda v: v > 0, "more than 0", RuntimeError),
    "beta": (_is_number, "a number", lambda v: v >= 0, "0 or more", RuntimeError),
    "label_smoothing": (_is_number, "a number", lambda v: 0 <= v <= 1, "between 0.0 and 1.0", RuntimeError),
    "margin": (_is_number, "a number", _anything, "", ValueError),
    **dict.fromkeys(("triplet_margin_loss.margin", "triplet_margin_with_distance_loss.margin"),
                    (_is_number, "a number", lambda v: v > 0, "more than 0", ValueError)),
    "p": (_is_number, "a number", lambda v: v >= 0, "0 or more", ValueError),
    "multi_margin_loss.p": (_is_number, "a number", lambda v: v in (1, 2), "1 or 2", ValueError),
    "eps": (_is_number, "a number", _anything, "", ValueError),
    "var": (_is_number, "a Tensor or a number", lambda v: v >= 0, "0 or more: it has negative entries", ValueError),
    "alpha": (_is_number, "a number", lambda v: v == v, "a number", ValueError),
    "scale": (_is_number, "a number", lambda v: v > 0, "more than 0", ValueError),
    "ignore_index": (_is_integer, "an integer", _anything, "", ValueError),
    "blank": (_is_integer, "an integer", lambda v: v >= 0, "0 or more", RuntimeError),
    **dict.fromkeys(("log_input", "log_target", "full", "swap", "zero_infinity"),
                    (_is_flag, "True or False", _anything, "", ValueError)),
    **dict.fromkeys(("weight", "pos_weight"), (_is_weight, "a Tensor or None", _anything, "", ValueError)),
}  # fmt: skip


def check_options(function: str, **options) -> None:
    """Raises TypeError, ValueError or RuntimeError, as PyTorch does, for an option that `function` cannot work with."""
    for name, value in options.items():
        if name == "reduction":
            check_reduction(value, (*REDUCTIONS, "batchmean") if function == "kl_div" else REDUCTIONS)
            continue
        known = OPTIONS.get(f"{function}.{name}") or OPTIONS.get(name)
        if known is None:  # an option of a loss of one's own
            continue
        right_type, kind, in_range, wanted, error = known
        if not right_type(value):
            raise TypeError(f"{function}(): argument '{name}' must be {kind}, given {value!r}")
        if not in_range(value):
            raise error(f"{function}(): {name} must be {wanted}. Got: {value!r}")


# --- losses of one prediction and one true value ------------------------------------------------------------------


def pointwise_loss(function, operation, input, target, numbers=(), reduction="mean", weight=None, sizes="equal"):
    """`operation` on two tensors whose shapes and types have been checked.

    `sizes` says what becomes of tensors whose shapes differ but broadcast: they are "equal" by demand (ValueError),
    it is to "warn", or "any" will do. A `weight` multiplies the losses and is no part of what the mean divides by.
    """
    check_tensors(function, input=input, target=target)
    x, y = input._array, target._array
    if sizes != "any" and x.shape != y.shape:
        _refuse_or_warn(function, input, target, sizes)
    if x.dtype.kind != "f" and y.dtype.kind != "f":
        raise RuntimeError(f"{function}() needs floating-point numbers, given {input.dtype} and {target.dtype}; "
                           "convert with .float()")
    if weight is None:
        return operation(input, target, numbers, reduction)
    return reduced(operation(input, target, numbers, "none") * weight, reduction)


def _refuse_or_warn(function, input, target, sizes):
    fact = (f"{function}: using a target size ({list(target.shape)}) that is different to the input size "
            f"({list(input.shape)})")
    if sizes == "equal":
        raise ValueError(f"{fact}: each prediction needs one true value. Reshape one of them")
    warn(f"{fact}. This will likely lead to incorrect results due to broadcasting. "
         "Reshape one of them so that they have the same size")


def warn(sentence):
    """A UserWarning that points at the line outside the course from which it was called."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back and frame.f_code.co_filename.startswith(_HERE):
        level, frame = level + 1, frame.f_back
    warnings.warn(sentence, UserWarning, stacklevel=level)
