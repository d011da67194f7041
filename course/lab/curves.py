"""A scene of curves that a function computes anew for every value of the controls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import cycle

import numpy as np

from .methods import newest
from .style import GREY, LOOKS_OF_LINES, legend_below, panels
from .text import plain


class Curves:
    """Lines y(x), recomputed at every move: learning curves, schedules, losses against a margin.

    Args:
        function: is given the controls' values and returns `(x, y)`, or a dict name -> `(x, y)`.
        x_label, y_label: the axes' names, with units. x, y: (low, high), the range that is shown, always the same so
            that pictures compare; a value beyond it is marked with an arrow at the edge.
        names: the curves' names, for the legend, in order (needed only where the function returns a dict).
        y_scale: "linear" or "log". caption: a function of the controls' values that returns the sentence below.
        title: stands above the picture. alt: what the picture shows, for people who cannot see it.
        still: (x, y) or a dict of them: curves to compare with, which do not move.
    """

    size = (9, 3.4)

    def __init__(self, function: Callable, x_label: str, y_label: str, *, x: tuple[float, float],
                 y: tuple[float, float], names: tuple[str, ...] = (), y_scale: str = "linear", title: str = "",
                 caption: Callable[..., str] | None = None, alt: str = "", still: Mapping | tuple = ()):
        self.function, self.caption, self.names = function, caption, tuple(names) or ("",)
        self.x_label, self.y_label, self.x, self.y = x_label, y_label, x, y
        self.y_scale, self.title = y_scale, title
        self.still = still if isinstance(still, Mapping) else {"": still} if still else {}
        self.alt = alt or plain(f"{title or y_label} against {x_label}.")

    def draw(self, fig) -> None:
        (ax,) = panels(fig, 1)
        ax.set(xlim=self.x, ylim=self.y, xlabel=self.x_label, ylabel=self.y_label, yscale=self.y_scale,
               title=self.title)
        for (name, (x, y)), dashes in zip(self.still.items(), cycle((":", (0, (6, 2, 1, 2))))):
            ax.plot(x, y, color=GREY, linewidth=1.5, linestyle=dashes, label=name)
        self._lines, self._arrows = {}, {}
        for name, look in zip(self.names, LOOKS_OF_LINES):
            (self._lines[name],) = ax.plot([], [], animated=True, label=name, **look)
            (self._arrows[name],) = ax.plot([], [], linestyle="", marker="^", markersize=11, color=look["color"],
                                            markeredgecolor="white", clip_on=False, zorder=5, animated=True)
        if any(self.names) or any(self.still):
            legend_below(fig, ax)

    def move(self, **values) -> str:
        curves = newest(self.function)(**values)
        curves = curves if isinstance(curves, Mapping) else {self.names[0]: curves}
        if unknown := curves.keys() - self._lines.keys():
            raise ValueError(f"the function returned curves named {', '.join(map(str, unknown))}; "
                             f"Curves was told of {', '.join(self.names)}.")
        for name, line in self._lines.items():
            x, y = (np.asarray(side, dtype=float) for side in curves.get(name, ((), ())))
            line.set_data(x, np.clip(np.nan_to_num(y, nan=np.inf), -1e300, 1e300))
            above = ~(y <= self.y[1])
            self._arrows[name].set_data(*([[x[np.argmax(above)]], [self.y[1]]] if above.any() else [[], []]))
        return "" if self.caption is None else newest(self.caption)(**values)
