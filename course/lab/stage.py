"""One reused picture: what stands still is drawn once and kept, then only what moves is drawn over it.

Rebuilding a matplotlib figure takes some 70 ms; restoring a kept background and drawing a few lines takes 2.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from matplotlib.text import Text

from .style import new_figure


class Stage:
    """A scene on a figure of its own.

    What moves are the artists that `scene.draw` made with `animated=True`. When `scene.move` changes anything else, an
    axis limit say, matplotlib marks the figure as stale, and everything is drawn anew for that frame.

    Args: scene: has `draw(fig)` and `move(**values)`. size: inches; default `scene.size`, else 9 x 3.7.
    """

    def __init__(self, scene, size: tuple[float, float] | None = None):
        self.scene = copy.copy(scene)  # draw() keeps artists on it, and those belong to this figure
        width, height = size if size else getattr(scene, "size", (9, 3.7))
        self.figure = new_figure(width, height)
        self.canvas: Any = self.figure.canvas  # Agg's
        self.scene.draw(self.figure)
        self.redraws = 0  # how often everything was drawn; tests watch it
        self._background = None

    def frame(self, **values) -> tuple[np.ndarray, str]:
        """The picture for these values, (height, width, 4) bytes valid until the next call, and its caption."""
        if self._background is None:
            self._restore()  # lays the axes out, so that the first move already finds them where they stay
        with np.errstate(all="ignore"):  # divergence is drawn, not warned about
            caption = self.scene.move(**values)
        self._restore()
        renderer = self.canvas.get_renderer()
        for artist in self._moving:
            artist.draw(renderer)
        self.figure.stale = False  # a legend that is drawn calls the figure stale; only what `move` changes counts
        return self._pixels(), caption

    def empty(self) -> np.ndarray:
        """The picture with nothing that moves: what is left to show when `move` failed."""
        self._restore()
        return self._pixels()

    def _restore(self) -> None:
        canvas = self.canvas
        if self._background is None or self.figure.stale:
            self._moving = sorted(self.figure.findobj(lambda artist: artist.get_animated()),
                                  key=lambda artist: artist.zorder)
            for artist in self._moving:
                artist.set_in_layout(isinstance(artist, Text))  # a line that wanders must not push the axes about
            canvas.draw()
            self._background = canvas.copy_from_bbox(self.figure.bbox)
            self.redraws += 1
        else:
            canvas.restore_region(self._background)

    def _pixels(self) -> np.ndarray:
        return np.asarray(self.canvas.buffer_rgba())
