"""Pictures of a CUDA kernel: which thread read which cell, and which cells it wrote.

    draw_threads(kernel, blocks, threads, *arrays)            one launch, with a caption that counts
    explore(Threads(launch), n=slider(...), ...)              launch(n) returns (kernel, blocks, threads, *arrays)

The kernel runs in `course.threads`, so no GPU is needed and what is wrong with it is said below the picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection

from ..threads import Index, Trace, trace
from .picture import figure
from .style import BLUE, GREY, INK, PALETTE, PURPLE, VERMILION, new_figure, panels

MOST_TEXTS = 120  # numbers in cells and threads; above it they would be too small to read
LOOKS = {"read": (BLUE, 1.1), "write": (VERMILION, 1.8), "atomic": (PURPLE, 1.8)}
RED = "#b00020"


class Threads:
    """A scene of one launch: arrays that are only read above, threads in the middle, arrays that are written below.

    Args:
        launch: given the controls' values, returns (kernel, blocks, threads, *arrays).
        caption: given the trace, returns the sentence below; by default it counts, and names what is wrong.
        alt: what the picture shows, for people who cannot see it.
    """

    size = (9, 4.2)

    def __init__(self, launch: Callable[..., tuple], caption: Callable[[Trace], str] | None = None, alt: str = ""):
        self.launch, self.caption = launch, caption or in_words
        self.alt = alt or "Cells that are read, the threads below them, and the cells that they write, joined by lines."

    def draw(self, fig) -> None:
        (ax,) = panels(fig, 1)
        self.canvas = Canvas(ax, animated=True)

    def move(self, **values) -> str:
        kernel, blocks, threads, *arrays = self.launch(**values)
        done = trace(kernel, blocks, threads, *arrays)
        self.canvas.show(done)
        return self.caption(done)


def draw_threads(kernel: Callable, blocks: int | Index, threads: int | Index, *arrays, caption: str = "") -> Trace:
    """Show what each thread of kernel[blocks, threads](*arrays) reads and writes, and return the trace.

    The arrays are written to, as by a launch. `caption` stands below the picture, before the counts.
    """
    done = trace(kernel, blocks, threads, *arrays)
    fig = new_figure(9, 4.2)
    Canvas(fig.subplots()).show(done)
    words = in_words(done)
    figure(fig, alt=f"Memory cells and threads, joined by lines for reads and writes. {words}",
           caption=f"{caption} {words}".strip())
    return done


def draw_side_by_side(traces: dict[str, Trace], words: dict[str, str]) -> None:
    """Show several launches beside each other, each under its name, with a sentence for each."""
    fig = new_figure(9, 3.9)
    for ax, (name, done) in zip(fig.subplots(1, len(traces), squeeze=False).flat, traces.items()):
        Canvas(ax).show(done)
        ax.set_title(name)
    caption = " ".join(f"*{name}*: {sentence}" for name, sentence in words.items())
    figure(fig, alt=f"{len(traces)} pictures of threads and memory cells, side by side. {caption}", caption=caption)


def in_words(done: Trace) -> str:
    """How much was read and written, by how many threads, and what is wrong."""
    count = {kind: sum(access.kind == kind and access.array not in done.shared for access in done.accesses)
             for kind in LOOKS}
    all_threads = math.prod(done.blocks) * math.prod(done.threads)
    busy = len({(access.block, access.thread) for access in done.accesses})
    said = [f"{all_threads} threads, of which {all_threads - busy} do nothing: {count['read']} reads, "
            f"{count['write']} writes" + (f", {count['atomic']} atomics" if count["atomic"] else "")]
    if done.shared:
        inside = sum(access.array in done.shared for access in done.accesses)
        said.append(f"{inside} visits to shared memory, {done.barriers} barriers")
    faults = "".join(f" **{type(fault).__name__}**: {fault}." for fault in done.faults)
    return "; ".join(said) + "." + faults.replace("**", "*")


class Canvas:
    """Draws traces on one axes, each in place of the one before."""

    def __init__(self, ax, animated: bool = False):
        ax.set(xlim=(0, 1), ylim=(0, 1))
        ax.axis("off")
        width, height = ax.figure.get_size_inches()
        columns = ax.get_subplotspec().get_gridspec().ncols if ax.get_subplotspec() else 1
        self.aspect = width / columns / height
        self.inches = width / columns
        self.lines = ax.add_collection(LineCollection([], animated=animated, zorder=1))
        self.cells = ax.add_collection(PolyCollection([], animated=animated, zorder=2, linewidths=1))
        self.texts = [ax.text(0, 0, "", ha="center", va="center", fontsize=8, animated=animated, zorder=3)
                      for _ in range(MOST_TEXTS)]
        self.names = [ax.text(0, 0, "", ha="left", va="bottom", fontsize=9, color=GREY, animated=animated, zorder=3,
                              bbox=dict(facecolor="white", linewidth=0, pad=0.5)) for _ in range(16)]

    def show(self, done: Trace) -> None:
        bands = _bands(done)
        places, names, size = _layout(bands, self.aspect)
        self._show_cells(done, places, size)
        self._show_lines(done, places)
        for text, (x, y, name) in zip(self.names, names + [(0, 0, "")] * len(self.names)):
            text.set_position((x, y))
            text.set_text(name)

    def _show_cells(self, done: Trace, places: dict, size: tuple[float, float]) -> None:
        written = {(a.array, _owner(done, a), a.cell) for a in done.accesses if a.kind != "read" and a.inside}
        outside = {(a.array, _owner(done, a), a.cell) for a in done.accesses if not a.inside}
        busy = {(a.block, a.thread) for a in done.accesses}
        polygons, faces, edges, texts = [], [], [], []
        for key, (x, y) in places.items():
            if key[0] == "thread":
                block, thread = key[1:]
                colour = PALETTE[_number(block, done.blocks) % len(PALETTE)]
                polygons.append(_round(x, y, size))
                faces.append(colour if (block, thread) in busy else "white")
                edges.append(colour)
                texts.append((x, y, _name(thread, done.threads), "white" if (block, thread) in busy else colour))
            else:
                wrong = key in outside
                polygons.append(_square(x, y, size))
                faces.append("#fde7ea" if wrong else "#fbd5bd" if key in written else "white")
                edges.append(RED if wrong else INK)
                texts.append((x, y, ",".join(map(str, key[2])), RED if wrong else GREY))
        self.cells.set_verts(polygons)
        self.cells.set_facecolor(faces)
        self.cells.set_edgecolor(edges)
        longest = max((len(word) for _, _, word, _ in texts), default=1)
        if len(texts) > MOST_TEXTS or size[0] * self.inches < 0.1 * longest:
            texts = []
        for text, (x, y, word, colour) in zip(self.texts, texts + [(0, 0, "", INK)] * (MOST_TEXTS - len(texts))):
            text.set_position((x, y))
            text.set_text(word)
            text.set_color(colour)

    def _show_lines(self, done: Trace, places: dict) -> None:
        found = {}
        for a in done.accesses:
            found[(a.array, _owner(done, a), a.cell), ("thread", a.block, a.thread), a.kind] = None
        lines = [(places[cell], places[thread], kind) for cell, thread, kind in found if cell in places]
        self.lines.set_segments([(one, other) for one, other, _ in lines])
        self.lines.set_color([LOOKS[kind][0] for *_, kind in lines] or [INK])
        self.lines.set_linewidth([LOOKS[kind][1] for *_, kind in lines] or [1])
        self.lines.set_alpha(0.75 if len(lines) < 80 else 0.4)


def _bands(done: Trace) -> list[list[tuple[str, dict]]]:
    """What lies on one level, from the top: for each thing its name and its keys in rows and columns."""
    written = {a.array for a in done.accesses if a.kind != "read"}
    above, shared, below = [], [], []
    for name, shape in done.shapes.items():
        if math.prod(shape) == 0:
            continue
        owners = sorted({a.block for a in done.accesses if a.array == name}) if name in done.shared else [None]
        for owner in owners:
            touched = {a.cell for a in done.accesses if a.array == name}
            thing = (f"{name} of block {_number(owner, done.blocks)}" if owner and len(owners) > 1 else name,
                     _rows(name, owner, shape, touched, whole=name not in done.shared))
            (shared if name in done.shared else below if name in written else above).append(thing)
    grid: dict[int, dict[int, tuple]] = {}
    for block in np.ndindex(*done.blocks):
        for thread in np.ndindex(*done.threads):
            x, y = (block[axis] * (done.threads[axis] + 0.6) + thread[axis] for axis in (0, 1))
            grid.setdefault(y, {})[x] = ("thread", block, thread)
    return [band for band in (above, [("threads", grid)], shared, below) if band]


def _rows(name: str, owner, shape: Index, touched: set, whole: bool) -> dict:
    """Row -> column -> key of an array's cells (not `whole`: of those in use), and of what was touched beside it."""
    cells = {cell for cell in touched if all(-4 < at < 4 + n for at, n in zip(cell, shape))}
    cells |= set(np.ndindex(*shape)) if whole else set()
    rows: dict[int, dict[int, tuple]] = {}
    for cell in sorted(cells):
        row, column = (0, cell[0]) if len(cell) == 1 else cell[-2:]
        rows.setdefault(row, {})[column] = (name, owner, cell)
    return rows


def _layout(bands: list, aspect: float):
    """Where each key stands, the names and where, and the size of a cell."""
    def extent(rows):
        columns = [x for row in rows.values() for x in row]
        return max(columns) - min(columns) + 1, max(rows) - min(rows) + 1

    widest = max(sum(extent(rows)[0] for _, rows in band) + 1.5 * (len(band) - 1) for band in bands)
    tallest = sum(max(extent(rows)[1] for _, rows in band) for band in bands)
    gaps = 1.4 * (len(bands) - 1) + 0.9
    width = min(0.94 / widest, 0.94 / (tallest + gaps) / aspect, 0.06)
    height = width * aspect
    spare = (0.94 - tallest * height - 0.9 * height) / max(len(bands) - 1, 1)
    places, names, top = {}, [], 0.97 - 0.7 * height
    for band in bands:
        full = sum(extent(rows)[0] for _, rows in band) + 1.5 * (len(band) - 1)
        left = 0.5 - full * width / 2
        for name, rows in band:
            columns, _ = extent(rows)
            first = min(x for row in rows.values() for x in row)
            names.append((left, top + 0.12 * height, name))
            for y, row in rows.items():
                for x, key in row.items():
                    places[key] = (left + (x - first + 0.5) * width, top - (y - min(rows) + 0.5) * height)
            left += (columns + 1.5) * width
        top -= max(extent(rows)[1] for _, rows in band) * height + spare
    return places, names, (0.84 * width, 0.84 * height)


def _owner(done: Trace, access):
    return access.block if access.array in done.shared else None


def _number(index: Index, sizes: Index) -> int:
    return index[0] + sizes[0] * (index[1] + sizes[1] * index[2])


def _name(index: Index, sizes: Index) -> str:
    return str(index[0]) if sizes[1:] == (1, 1) else ",".join(map(str, index[:2]))


def _square(x: float, y: float, size: Sequence[float]) -> list:
    w, h = size[0] / 2, size[1] / 2
    return [(x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h)]


def _round(x: float, y: float, size: Sequence[float]) -> list:
    return [(x + size[0] / 2 * math.cos(turn), y + size[1] / 2 * math.sin(turn))
            for turn in np.linspace(0, 2 * math.pi, 20, endpoint=False)]
