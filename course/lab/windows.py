"""Scenes of a window that slides: over a picture, as a convolution does, and along a row, to count its places.

    explore(Sliding(image, convolve, filters), at=slider(0, 675, 470), filter=choice(list(filters)))
    explore(Windows(12), k=slider(1, 7, 3), s=slider(1, 5, 1), p=slider(0, 3, 0))

`convolve` is the learner's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.patches import Rectangle

from .methods import newest
from .style import BLUE, PALE, VERMILION, panels
from .text import number


class Sliding:
    """A picture with a window on it; beside it, what the filter has computed up to there.

    Controls: at: the number of the window, row by row from the upper left. filter: a name.
    Args:
        image: an array of two axes. convolve: `convolve(image, filter)` returns one number for each window.
        filters: name -> the filter's weights, all of one size.
    """

    alt = "A picture with a small window on it; beside it, what the filter has computed so far."

    def __init__(self, image: np.ndarray, convolve: Callable, filters: Mapping):
        self.image, self.convolve = image, convolve
        self.filters = {name: np.array(weights, dtype=float) for name, weights in filters.items()}

    def draw(self, fig) -> None:
        (k, m), *others = {weights.shape for weights in self.filters.values()}
        if others:
            raise ValueError(f"Sliding's filters must all be of one size, and there are {(k, m)} and {others[0]}.")
        self._places = self.image.shape[0] - k + 1, self.image.shape[1] - m + 1
        seen, result = panels(fig, 2)
        seen.imshow(self.image, cmap="gray_r")
        self._window = seen.add_patch(Rectangle((0, 0), m, k, fill=False, color=VERMILION, lw=3, animated=True))
        self._result = result.imshow(np.zeros(self._places), cmap="PuOr", vmin=-2, vmax=2, animated=True)
        seen.set(title="what it sees", xticks=[], yticks=[])
        result.set(title="what it computed", xticks=[], yticks=[])

    def move(self, at: int, filter: str) -> str:
        i, j = divmod(at, self._places[1])
        out = newest(self.convolve)(self.image, self.filters[filter])
        self._window.set_xy((j - 0.5, i - 0.5))
        done = np.arange(out.size).reshape(out.shape) <= at
        self._result.set_data(np.where(done, out, np.nan))
        return f"Row {i}, column {j}: the sum is {number(out[i, j])}. Purple is positive, brown negative."


class Windows:
    """A row of pixels with its margin of zeros; below it, a bar for each place at which the window stands.

    Controls: k: how wide the window is. s: the stride. p: zeros on each side.
    Args: length: how many pixels the row has.
    """

    def __init__(self, length: int):
        self.length = length
        self.alt = f"A row of {length} pixels with its margin of zeros; below it, a bar for each place of the window."

    def draw(self, fig) -> None:
        (ax,) = panels(fig, 1)
        ax.set(xlim=(-4, self.length + 4), ylim=(-self.length - 6.5, 1.2), xlabel="pixel", yticks=[])
        look = dict(linestyle="", marker="s", markersize=10, markeredgecolor="white")
        ax.plot(range(self.length), [0] * self.length, color=BLUE, **look)
        (self._zeros,) = ax.plot([], [], color=PALE, animated=True, **look)
        (self._bars,) = ax.plot([], [], color=VERMILION, linewidth=5, solid_capstyle="butt", animated=True)

    def move(self, k: int, s: int, p: int) -> str:
        starts = np.arange(-p, self.length + 1 + p - k, s)
        self._zeros.set_data([*range(-p, 0), *range(self.length, self.length + p)], [0] * 2 * p)
        bars = np.stack([starts - 0.5, starts + k - 0.5, starts * np.nan], 1).ravel()  # NaN: the pen is lifted
        self._bars.set_data(bars, np.repeat(-1 - np.arange(len(starts)), 3))
        places = (self.length + 2 * p - k) // s + 1
        return f"{len(starts)} bars; ⌊({self.length} + 2·{p} − {k})/{s}⌋ + 1 = {places}."
