"""One look for every picture of the course.

Colours are Okabe and Ito's, which people with any of the common colour-vision deficiencies can tell apart; lines never
differ by colour alone. Pictures keep a white ground in JupyterLab's dark theme too, so they print and read the same.
"""

from __future__ import annotations

import matplotlib
from cycler import cycler
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, YELLOW = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
INK, GREY, PALE = "#1a1a1a", "#595959", "#dddddd"
PALETTE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)  # YELLOW is too pale for a line on white

LOOKS_OF_LINES = tuple(dict(color=color, linestyle=dashes) for color, dashes in zip(
    PALETTE, ("-", (0, (5, 2)), "-.", ":", (0, (8, 2)), (0, (3, 1, 1, 1, 1, 1)))))

CSS_PIXELS_PER_INCH = 96
SCALE = 1.5  # picture pixels per CSS pixel: crisp on a HiDPI screen, while a lesson's dozen pictures stay under 1 MB

LOOK = {
    "figure.dpi": CSS_PIXELS_PER_INCH,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "figure.constrained_layout.h_pad": 0.06,
    "figure.constrained_layout.w_pad": 0.06,
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same picture on every machine
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.labelsize": 11,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.fontsize": 10,
    "legend.framealpha": 0.9,
    "legend.edgecolor": PALE,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": PALE,
    "grid.linewidth": 0.7,
    "lines.linewidth": 2,
    "lines.markersize": 5,
    "axes.prop_cycle": cycler(color=PALETTE),
    "image.cmap": "cividis",
}


LETTERS_PER_INCH = 12  # of a legend


def use() -> None:
    """Give every matplotlib figure of this process the course's look. Importing `course.lab` does it."""
    matplotlib.rcParams.update(LOOK)  # type: ignore[arg-type]


def new_figure(width: float = 9, height: float = 3.7) -> Figure:
    """An empty figure of `width` x `height` inches (96 CSS pixels each), drawn by Agg and unknown to pyplot."""
    fig = Figure(figsize=(width, height), dpi=CSS_PIXELS_PER_INCH * SCALE, layout="constrained")
    FigureCanvasAgg(fig)
    return fig


def subplots(rows: int = 1, columns: int = 1, *, width: float = 9, height: float = 3.7, **options):
    """A figure in the course's look and its axes, like `plt.subplots`.

    Args: rows, columns: the grid of axes. width, height: inches; 9 fills a notebook's column.
    options: passed on to `Figure.subplots` (`sharex`, `width_ratios`, ...).
    """
    fig = new_figure(width, height)
    return fig, fig.subplots(rows, columns, **options)


def panels(fig: Figure, count: int, **ratios):
    """`count` axes: side by side in a wide figure, one above the other in a tall one. Scenes use it, so that the same
    scene fills the live picture and the narrow stills. `ratios`: `width_ratios`, used where they lie side by side."""
    width, height = fig.get_size_inches()
    axes = fig.subplots(1, count, squeeze=False, **ratios) if width > height else fig.subplots(count, 1, squeeze=False)
    return list(axes.flat)


def legend_below(fig: Figure, ax) -> None:
    """The names of an axes' lines in rows below it, where they cover nothing, in live pictures and in narrow ones."""
    handles, names = ax.get_legend_handles_labels()
    widest = max(map(len, names)) + 5  # letters, the line in front of a name counted
    columns = max(1, min(len(names), int(fig.get_figwidth() * LETTERS_PER_INCH / widest)))
    fig.legend(handles, names, loc="outside lower center", ncols=columns, frameon=False)
