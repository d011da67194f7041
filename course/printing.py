"""How a tensor prints: the same text as PyTorch's, to the space."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np

from . import dtype as dtypes
from .device import CPU, move

_PROFILES: dict[str, dict] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}
_options = SimpleNamespace(sci_mode=None, **_PROFILES["default"])


def set_printoptions(precision=None, threshold=None, edgeitems=None, linewidth=None, profile=None, sci_mode=None):
    """How tensors print from here on; what is not named stays as it is.

    Args: precision: digits behind the point (4); threshold: tensors of more elements (1000) are summarised; edgeitems:
    how many are shown then at each end (3); linewidth: characters a line (80); profile: "default", "short" or "full",
    to begin with; sci_mode: always (True) or never (False) as 1.0000e+00, otherwise (None) as the numbers need it.

    >>> import course
    >>> course.set_printoptions(precision=2)
    >>> course.tensor(3.14159)
    tensor(3.14)
    >>> course.set_printoptions(profile="default")
    """
    if profile is not None:
        if profile not in _PROFILES:
            raise ValueError(f"set_printoptions(): there is no profile {profile!r}; use one of {', '.join(_PROFILES)}")
        vars(_options).update(_PROFILES[profile])
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    vars(_options).update({name: value for name, value in given.items() if value is not None}, sci_mode=sci_mode)


def tensor_text(tensor) -> str:
    """The text of `repr(tensor)`."""
    array = move(tensor._array, CPU)
    kind = dtypes.of(array)
    prefix = "Parameter containing:\n" if type(tensor).__name__ == "Parameter" else ""
    suffixes = []
    if tensor.device.type != "cpu":
        suffixes.append(f"device='{tensor.device}'")
    if array.size == 0:
        body = "[]"
        if array.ndim != 1:
            suffixes.append(f"size={tuple(array.shape)}")
        if kind is not dtypes.get_default_dtype():
            suffixes.append(f"dtype={kind}")
    else:
        if kind not in (dtypes.get_default_dtype(), dtypes.int64, dtypes.bool):
            suffixes.append(f"dtype={kind}")
        summarise = array.size > _options.threshold
        body = _body(array, len("tensor("), summarise, _Format(_edges(array) if summarise else array))
    if tensor.grad_fn is not None:
        suffixes.append(f"grad_fn={tensor.grad_fn!r}")
    elif tensor.requires_grad:
        suffixes.append("requires_grad=True")
    return prefix + _with_suffixes("tensor(" + body, suffixes)


class _Format:
    """One width and one notation for all numbers of a tensor."""

    def __init__(self, array):
        self.floating = array.dtype.kind == "f"
        self.scientific, self.whole, self.width = False, True, 1
        values = array.reshape(-1)
        if self.floating:
            values = values[np.isfinite(values) & (values != 0)].astype(np.float64)
            if values.size == 0:
                return
            self.whole = bool((values == np.ceil(values)).all())
            low, high = np.abs(values).min(), np.abs(values).max()
            self.scientific = bool(high / low > 1000 or high > 1e8 or (not self.whole and low < 1e-4))
            if _options.sci_mode is not None:
                self.scientific = _options.sci_mode
        self.width = max(len(self.bare(v)) for v in values.tolist())

    def bare(self, value) -> str:
        if not self.floating:
            return str(value)
        if self.scientific:
            return f"{value:.{_options.precision}e}"
        if self.whole:
            return f"{value:.0f}" + ("." if math.isfinite(value) else "")
        return f"{value:.{_options.precision}f}"

    def __call__(self, value) -> str:
        return self.bare(value).rjust(self.width)


def _body(array, indent, summarise, form):
    if array.ndim == 0:
        return form(array.item())
    if array.ndim == 1:
        return _row(array, indent, summarise, form)
    parts = _ends(array, summarise)
    texts = [p if isinstance(p, str) else _body(p, indent + 1, summarise, form) for p in parts]
    return "[" + ("," + "\n" * (array.ndim - 1) + " " * (indent + 1)).join(texts) + "]"


def _row(array, indent, summarise, form):
    per_line = max(1, (_options.linewidth - indent) // (form.width + 2))
    texts = [" ..." if isinstance(v, str) else form(v.item()) for v in _ends(array, summarise)]
    lines = [", ".join(texts[i : i + per_line]) for i in range(0, len(texts), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def _ends(array, summarise):
    if summarise and len(array) > 2 * _options.edgeitems:
        return [*array[:_options.edgeitems], "...", *array[-_options.edgeitems:]]
    return list(array)


def _edges(array):
    """The part of an array that is shown when it is summarised."""
    for axis, n in enumerate(array.shape):
        if n > 2 * _options.edgeitems:
            array = np.take(array, [*range(_options.edgeitems), *range(n - _options.edgeitems, n)], axis)
    return array


def _with_suffixes(text, suffixes):
    used = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if used + len(suffix) + 2 > _options.linewidth:
            text += ",\n" + " " * len("tensor(") + suffix
            used = len("tensor(") + len(suffix)
        else:
            text += ", " + suffix
            used += len(suffix) + 2
    return text + ")"
