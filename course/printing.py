"""How a tensor prints: the same text as PyTorch's, to the space."""

from __future__ import annotations

import math

import numpy as np

from . import dtype as dtypes
from .device import device_of, move

PRECISION, THRESHOLD, EDGE_ITEMS, LINE_WIDTH = 4, 1000, 3, 80


def tensor_text(tensor) -> str:
    """The text of `repr(tensor)`."""
    array = move(tensor._array, device_of(np.empty(0)))
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
        summarise = array.size > THRESHOLD
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
        self.width = max(len(self.bare(v)) for v in values.tolist())

    def bare(self, value) -> str:
        if not self.floating:
            return str(value)
        if self.scientific:
            return f"{value:.{PRECISION}e}"
        if self.whole:
            return f"{value:.0f}" + ("." if math.isfinite(value) else "")
        return f"{value:.{PRECISION}f}"

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
    per_line = max(1, (LINE_WIDTH - indent) // (form.width + 2))
    texts = [" ..." if isinstance(v, str) else form(v.item()) for v in _ends(array, summarise)]
    lines = [", ".join(texts[i : i + per_line]) for i in range(0, len(texts), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def _ends(array, summarise):
    if summarise and len(array) > 2 * EDGE_ITEMS:
        return [*array[:EDGE_ITEMS], "...", *array[-EDGE_ITEMS:]]
    return list(array)


def _edges(array):
    """The part of an array that is shown when it is summarised."""
    for axis, n in enumerate(array.shape):
        if n > 2 * EDGE_ITEMS:
            array = np.take(array, [*range(EDGE_ITEMS), *range(n - EDGE_ITEMS, n)], axis)
    return array


def _with_suffixes(text, suffixes):
    used = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if used + len(suffix) + 2 > LINE_WIDTH:
            text += ",\n" + " " * len("tensor(") + suffix
            used = len("tensor(") + len(suffix)
        else:
            text += ", " + suffix
            used += len(suffix) + 2
    return text + ")"
