"""Watching a training loop: a live curve and a progress bar, drawn too rarely to slow the loop down."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterable, Iterator, Sized
from html import escape

import numpy as np
import traitlets
from IPython import get_ipython
from IPython.display import display

from .picture import figure_html, jpeg, png
from .stage import Stage
from .style import CSS_PIXELS_PER_INCH, LOOKS_OF_LINES, panels
from .text import inline_html, number
from .widget import Widget, source

PER_SECOND = 8
MOST = 1e100  # an axis goes no further; matplotlib's ticks overflow near the largest float
SHARE = 0.05  # at most this part of the loop's time goes into drawing
clock = time.perf_counter  # tests put their own here


def training_curve(total_steps: int, *, label: str = "epoch", log: bool = True) -> TrainingCurve:
    """Count a training loop's rounds and draw what it adds, while it runs.

        for epoch in (curve := training_curve(20)):
            ...
            curve.add(loss=loss.item(), accuracy=accuracy)

    Args:
        total_steps: how many rounds the loop has. label: what one round is called.
        log: whether the loss has a logarithmic scale. Values with "accuracy" in their name get a panel from 0 to 1.
    The picture is drawn at most 8 times a second and for at most 5 % of the loop's time. When the cell ends, also by an
    error or an interrupt, a still picture of everything that was added takes its place.
    Raises: ValueError when `total_steps` is not a whole number above 0.
    """
    return TrainingCurve(total_steps, label=label, log=log)


class TrainingCurve:
    """What `training_curve` returns. `history` holds everything that was added: name -> list of values."""

    def __init__(self, total_steps: int, *, label: str = "epoch", log: bool = True):
        if not isinstance(total_steps, int) or total_steps < 1:
            raise ValueError(f"training_curve() needs the number of rounds, above 0, and was given {total_steps!r}.")
        self.total, self.label, self._log = total_steps, label, log
        self.history: dict[str, list[float]] = {}
        self.redraws = 0
        self._rounds: list[int] = []  # in which round each value was added
        self._round = 0
        self._pace = _Pace()
        self._stage: Stage | None = None
        self._live: LiveCurve | None = None

    def __iter__(self) -> Iterator[int]:
        for index in range(self.total):
            self._round = index + 1
            yield index
        self._draw(end=True)

    def add(self, **values: float) -> None:
        """Add this round's values, such as `loss=0.3, accuracy=0.9`: numbers, or anything that `float` takes."""
        if self._rounds and values.keys() != self.history.keys():
            raise ValueError(f"add() was given {', '.join(values)}, and {', '.join(self.history)} before. "
                             "Add the same names in every round.")
        for name, value in values.items():
            self.history.setdefault(name, []).append(float(value))
        self._rounds.append(self._round or len(self._rounds) + 1)
        if self._pace.due():
            self._draw()

    def _draw(self, end: bool = False) -> None:
        if not self.history:
            return
        with self._pace.drawing():
            self.redraws += 1
            if not _in_notebook():
                _write_line(self._caption(), end)
                return
            if self._stage is None:
                self._stage = Stage(_Curve(self.total, self.label, list(self.history), self._log))
                self._live = LiveCurve(width=round(self._stage.figure.get_figwidth() * CSS_PIXELS_PER_INCH),
                                       total=self.total)
                self._shown = display(self._live.mime() | {"text/plain": ""}, raw=True, display_id=True)
                get_ipython().events.register("post_run_cell", self._finish)
            image, caption = self._frame()
            with self._live.hold_sync():
                self._live.picture, self._live.alt = jpeg(image), f"Training curve. {caption}"
                self._live.caption, self._live.done = inline_html(caption), self._rounds[-1]

    def _finish(self, *_) -> None:
        """The cell has ended, in whatever way: leave a still picture."""
        get_ipython().events.unregister("post_run_cell", self._finish)
        image, caption = self._frame()
        self._shown.update({"text/html": figure_html(png(image), f"Training curve. {caption}", inline_html(caption)),
                            "text/plain": caption}, raw=True)
        self._live.close()
        self._stage = self._live = None

    def _frame(self) -> tuple[np.ndarray, str]:
        image, _ = self._stage.frame(rounds=self._rounds, history=self.history)
        return image, self._caption()

    def _caption(self) -> str:
        said = "; ".join(f"{name} {number(values[-1])} (first {number(values[0])})"
                         for name, values in self.history.items())
        return f"After {self._rounds[-1]} of {self.total} {self.label}s: {said}."


class LiveCurve(Widget):
    """The moving picture and its progress bar."""

    _esm = source("training")

    picture = traitlets.Bytes().tag(sync=True)
    width = traitlets.Int().tag(sync=True)  # CSS pixels
    alt = traitlets.Unicode().tag(sync=True)
    caption = traitlets.Unicode().tag(sync=True)
    done = traitlets.Int(0).tag(sync=True)
    total = traitlets.Int(1).tag(sync=True)


class _Curve:
    """The scene: values against rounds. Limits grow by leaps, because every leap is a full redraw."""

    size = (9, 3.2)

    def __init__(self, total: int, label: str, names: list[str], log: bool):
        self.total, self.label, self.names, self.log = total, label, names, log

    def draw(self, fig) -> None:
        shares = [name for name in self.names if "accuracy" in name]
        groups = [group for group in ([name for name in self.names if name not in shares], shares) if group]
        self._lines, self._open = {}, []
        for ax, group in zip(panels(fig, len(groups)), groups):
            ax.set(xlim=(0, self.total), xlabel=self.label, title=", ".join(group))
            if group is shares:
                ax.set_ylim(0, 1.02)
            else:
                ax.set_yscale("log" if self.log else "linear")
                self._open.append(ax)
            for name, look in zip(group, LOOKS_OF_LINES * len(group)):
                (self._lines[name],) = ax.plot([], [], animated=True, label=name, **look)
            if len(group) > 1:
                ax.legend()

    def move(self, rounds: list[int], history: dict[str, list[float]]) -> str:
        for name, line in self._lines.items():
            line.set_data(rounds, history[name])
            line.set_marker("o" if len(rounds) <= 40 else "")
        for ax in self._open:
            self._make_room(ax)
        return ""

    def _make_room(self, ax) -> None:
        values = np.concatenate([line.get_ydata() for line in ax.lines])
        values = values[np.isfinite(values) & ((values > 0) | (not self.log))]
        if not len(values):
            return
        low, high = ax.get_ylim()
        if low <= values.min() and values.max() <= high and ax.get_autoscaley_on() is False:
            return
        low, high = np.clip([values.min(), values.max()], -MOST, MOST)
        if self.log:  # whole decades, and one below the lowest for what is still to come
            low, high = max(low, 1 / MOST), max(high, 1 / MOST)
            ax.set_ylim(10.0 ** (math.floor(math.log10(low)) - 1), 10.0 ** math.ceil(math.log10(high) + 0.1))
        else:
            ax.set_ylim(min(0.0, 1.5 * low), max(1.2 * high, 1 / MOST))


def progress_bar(iterable: Iterable, label: str = "", total: int | None = None) -> Iterator:
    """Go through `iterable` and show how far it is: `for batch in progress_bar(loader, "training")`.

    Args: label: what is going on. total: how many rounds there are (default: `len(iterable)`, where it has one).
    Outside Jupyter it is a line of text.
    """
    if total is None:
        total = len(iterable) if isinstance(iterable, Sized) else None
    pace, done, handle = _Pace(), 0, None

    def show(end: bool = False) -> None:
        nonlocal handle
        words = f"{label}: {done}" + (f" of {total}" if total is not None else "")
        if not _in_notebook():
            _write_line(words, end)
            return
        limits = f'max="{total}" value="{done}"' if total is not None else ""
        bundle = {"text/html": f"<label>{escape(words)} <progress {limits}></progress></label>", "text/plain": words}
        if handle is None:
            handle = display(bundle, raw=True, display_id=True)
        else:
            handle.update(bundle, raw=True)

    try:
        for item in iterable:
            yield item
            done += 1
            if pace.due():
                with pace.drawing():
                    show()
    finally:
        show(end=True)


class _Pace:
    """When to draw again: at most PER_SECOND times a second, and so that drawing takes at most SHARE of the time."""

    def __init__(self):
        self._next = -math.inf
        self._first = True

    def due(self) -> bool:
        return clock() >= self._next

    def drawing(self) -> _Pace:
        return self

    def __enter__(self) -> None:
        self._began = clock()

    def __exit__(self, *_) -> None:
        now = clock()
        cost = 0.0 if self._first else now - self._began  # the first sets up everything, and would count too much
        self._first = False
        self._next = now + max(1 / PER_SECOND, cost / SHARE)


def _in_notebook() -> bool:
    return hasattr(get_ipython(), "kernel")


def _write_line(words: str, end: bool) -> None:
    """One line of a terminal, written over and over; where the output is kept in a file, only the last."""
    if end:
        print(f"\r{words}" if sys.stdout.isatty() else words)
    elif sys.stdout.isatty():
        print(f"\r{words}", end="", flush=True)
