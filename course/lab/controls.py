"""What a learner can turn: each control is a list of values and how they read; the browser only ever names an index."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .text import inline_html, number

MOST_STEPS = 5000


@dataclass(frozen=True)
class Control:
    """One control: `kind` is "range", "choice" or "switch"; `start` is the index of the value it begins with."""

    kind: str
    values: tuple
    texts: tuple[str, ...]
    start: int
    label: str

    def spec(self, name: str) -> dict:
        """What the browser needs to draw it."""
        return {"name": name, "kind": self.kind, "label": inline_html(self.label or name), "texts": list(self.texts)}


def log_slider(low: float, high: float, value: float, *, label: str = "", steps: int = 120) -> Control:
    """A slider on a logarithmic scale, for quantities such as a learning rate.

    Args: low, high: the ends, both above 0. value: where it starts. label: what stands beside it; may hold `$maths$`.
    steps: how many steps lie between the ends; values are rounded to 3 significant digits, the start is kept exactly.
    Raises: ValueError when the ends are not 0 < low < high or the start lies outside them.
    """
    _check_ends("log_slider", low, high, value)
    if low <= 0:
        raise ValueError(f"log_slider's ends must be above 0, and low is {low}: a logarithmic scale has no zero. "
                         "Take a small positive number, or use slider().")
    _check_steps("log_slider", steps)
    return _range([float(f"{x:.3g}") for x in np.geomspace(low, high, steps + 1)], low, high, value, label)


def slider(low: float, high: float, value: float, *, step: float | None = None, label: str = "") -> Control:
    """A slider with even steps.

    Args: low, high: the ends. value: where it starts. step: the distance of neighbours (default: 1/100 of the way; 1
    where all three are whole numbers). label: what stands beside it; may hold `$maths$`.
    Raises: ValueError when the ends are not low < high, the start lies outside them or the step is not positive.
    """
    _check_ends("slider", low, high, value)
    whole = all(isinstance(x, int) for x in (low, high, value))
    step = step if step is not None else 1 if whole else (high - low) / 100
    if not step > 0:
        raise ValueError(f"slider's step must be above 0, and is {step}.")
    count = math.floor((high - low) / step + 1e-9)
    _check_steps("slider", count)
    values = [low + i * step for i in range(count + 1)]
    exact = whole and isinstance(step, int)
    return _range(values if exact else [float(f"{x:.10g}") for x in values], low, high, value, label)


def choice(options: Sequence, *, value=None, label: str = "") -> Control:
    """A drop-down list. Args: options: the values, shown by their text. value: the first shown (default: the first)."""
    options = tuple(options)
    if not options:
        raise ValueError("choice() needs at least one option, and was given an empty list.")
    if value is not None and value not in options:
        raise ValueError(f"choice() starts with {value!r}, which is not among its options {list(options)}.")
    return Control("choice", options, tuple(map(str, options)), 0 if value is None else options.index(value), label)


def switch(value: bool = False, *, label: str = "") -> Control:
    """A box to tick, False or True. Args: value: where it starts. label: what stands beside it."""
    return Control("switch", (False, True), ("off", "on"), int(bool(value)), label)


def _range(values: list, low, high, value, label: str) -> Control:
    """The slider's values: the grid, both ends and the start itself, each once."""
    values = sorted({low, high, value, *(x for x in values if low <= x <= high)})
    return Control("range", tuple(values), tuple(map(number, values)), values.index(value), label)


def _check_ends(name: str, low, high, value) -> None:
    if not low < high:
        raise ValueError(f"{name}'s first number must be below its second, and they are {low} and {high}.")
    if not low <= value <= high:
        raise ValueError(f"{name} starts at {value}, which is not between its ends {low} and {high}.")


def _check_steps(name: str, count: int) -> None:
    if not 1 <= count <= MOST_STEPS:
        raise ValueError(f"{name} would have {count} steps; between 1 and {MOST_STEPS} can be drawn. "
                         "Choose a larger step.")
