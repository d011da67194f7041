"""Scenes of arrays: what broadcasting repeats, and which places of memory a view looks at.

    explore(Broadcasting(entry), a=choice(shapes), b=choice(shapes))
    explore(Memory(image, address), first=slider(0, 6, 0), down=slider(1, 4, 1), ...)

`entry` and `address` are the learner's own; the sentence below says whether they agree with the library.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .methods import newest
from .style import panels

TINTS = (0.5, 0.75, 0.95), (0.98, 0.75, 0.45), (0.75, 0.9, 0.75)  # of a, of b, of their sum
CHOSEN = (1, 0.72, 0.35)


class Broadcasting:
    """Two small grids of numbers and their sum. What is repeated is pale.

    Controls: a, b: shapes of at most (3, 4).
    Args: entry: `entry(a, i, j)` is what stands at (i, j) once `a`, an array of two axes, has been repeated.
    """

    alt, size = "Two small grids of numbers and their sum. What is repeated is pale.", (9, 2.7)

    def __init__(self, entry: Callable):
        self.entry = entry

    def draw(self, fig) -> None:
        self._boards = [_Board(ax, title, tint) for ax, title, tint in zip(panels(fig, 3), ("a", "b", "a + b"), TINTS)]

    def move(self, a, b) -> str:
        from course import arange  # the library is loaded when it is first needed

        a, b = (unit * (1 + arange(int(np.prod(shape)))).reshape(shape) for unit, shape in ((10, a), (1, b)))
        grids = [np.atleast_2d(x.numpy()) for x in (a, b)]
        title = f"{tuple(a.shape)} + {tuple(b.shape)}"
        try:
            library = np.atleast_2d((a + b).numpy())
        except RuntimeError:
            for board, grid in zip(self._boards, (*grids, np.zeros((0, 0)))):
                board.show(grid, grid.shape)
            return f"{title}: they do not fit. Compare the sizes from the right."
        entry = newest(self.entry)
        repeated = [np.reshape([entry(grid, i, j) for i, j in np.ndindex(library.shape)], library.shape)
                    for grid in grids]
        total = repeated[0] + repeated[1]
        for board, grid, own in zip(self._boards, (*repeated, total), (*grids, total)):
            board.show(grid, own.shape)
        agrees = "agrees" if np.array_equal(total, library) else "does *not* agree"
        return (f"{title}: the sum has the shape {tuple((a + b).shape)}. "
                f"Your `{entry.__name__}` {agrees} with the library.")


class _Board:
    """A grid of at most 3 x 4 numbers on a tinted ground."""

    def __init__(self, ax, title: str, tint):
        ax.set(title=title, xticks=[], yticks=[])
        ax.grid(False)
        self.tint = np.array(tint)
        self.texts = [[ax.text(j, i, "", ha="center", va="center", animated=True) for j in range(4)] for i in range(3)]
        self.ground = ax.imshow(np.ones((3, 4, 3)), animated=True)

    def show(self, grid: np.ndarray, own: tuple[int, ...]) -> None:
        """The numbers of `grid`; those beyond the shape `own` are repeated, and pale."""
        shades = np.ones((3, 4, 3))
        for i, j in np.ndindex(3, 4):
            there = i < grid.shape[0] and j < grid.shape[1]
            self.texts[i][j].set_text(str(grid[i, j]) if there else "")
            if there:
                shades[i, j] = 1 - (1 - self.tint) * (1 if i < own[0] and j < own[1] else 0.3)
        self.ground.set_data(shades)


class Memory:
    """An image with chosen pixels tinted, the view that they make, and the strip of memory in which they lie.

    Controls: first, down, right: the view is `image[first::down, ::right]`. turned: whether it is transposed.
    Args:
        image: a tensor of two axes whose rows follow one another in memory, entries from 0 (white) to 1.
        address: `address(i, j, offset, strides)` is the place in memory of the view's entry (i, j).
    """

    alt = "An image with chosen pixels tinted, the view that they make, and the places of memory."
    size = (9, 3.9)

    def __init__(self, image, address: Callable):
        self.image, self.address = image, address

    def draw(self, fig) -> None:
        wide = fig.get_figwidth() > fig.get_figheight()
        grid = fig.add_gridspec(*((2, 2) if wide else (3, 1)), height_ratios=(6, 1) if wide else (6, 6, 1))
        places = (grid[0, 0], grid[0, 1], grid[1, :]) if wide else (grid[0], grid[1], grid[2])
        rows, columns = self.image.shape
        shapes = (rows, columns), (rows, columns), (1, rows * columns)
        self._pictures = []
        for place, (n, m), title in zip(places, shapes, ("the digit", "the view", "memory")):
            ax = fig.add_subplot(place)
            self._pictures.append(ax.imshow(np.ones((n, m, 3)), animated=True, extent=(0, m, n, 0)))
            ax.set(title=title, xticks=[], yticks=[], xlim=(0, m), ylim=(n, 0), aspect=1 if n > 1 else "auto")
            ax.grid(False)

    def move(self, first: int, down: int, right: int, turned: bool) -> str:
        view = self.image[first::down, ::right]
        view = view.T if turned else view
        offset, address = first * self.image.stride()[0], newest(self.address)
        memory = self.image.numpy().ravel()
        places = np.array([address(i, j, offset, view.stride()) for i, j in np.ndindex(*view.shape)]) % memory.size
        whole, part = (1 - 0.9 * x.numpy()[..., None] * np.ones(3) for x in (self.image, view))
        strip = whole.reshape(-1, 3).copy()
        strip[places] *= CHOSEN
        for picture, pixels in zip(self._pictures, (strip.reshape(whole.shape), part, strip[None])):
            picture.set_data(pixels)
        self._pictures[1].set_extent((0, view.shape[1], view.shape[0], 0))
        found = "exactly" if np.array_equal(memory[places], view.numpy().ravel()) else "*not*"
        return (f"Shape {tuple(view.shape)}, strides {view.stride()}, first entry at place {offset}. "
                f"What lies at your addresses is {found} what the view shows.")
