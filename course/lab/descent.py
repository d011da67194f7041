"""The scene of every optimiser lesson: paths down a surface, and the loss against steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.markers import MarkerStyle

from .methods import walk
from .style import BLUE, GREEN, GREY, INK, PURPLE, VERMILION, panels
from .surfaces import Surface
from .text import number

GROUND = LinearSegmentedColormap.from_list("ground", ["#ffffff", "#dbe6ee", "#b3c8d8"])
# The first method is broad and pale, the second dark, thin and dashed: where they coincide, both are seen.
LOOKS = (dict(color="#8cc2e6", linestyle="-", linewidth=6, marker="o", markersize=9),
         dict(color=INK, linestyle=(0, (3, 2)), linewidth=1.5, marker="o", markersize=3.5),
         dict(color=VERMILION, linestyle="-", linewidth=1.5, marker="s", markersize=3.5),
         dict(color=GREEN, linestyle="-.", linewidth=1.5, marker="D", markersize=3.5),
         dict(color=PURPLE, linestyle=":", linewidth=2, marker="^", markersize=4))
ALONE = dict(color=BLUE, linestyle="-", linewidth=1.8, marker="o", markersize=5)
HIGHEST, LOWEST = 1e3, 1e-6  # the loss panel's range, as multiples of the loss at the start
FAR = 1e7  # coordinates beyond this are as good as infinite for a picture
SAME = 1e-5  # paths closer than this, relative to the start, are called the same


class Descent:
    """Paths of one or several methods down a surface, from one start, with the loss against steps beside them.

    Args:
        surface: where to walk, a `Surface`.
        methods: name -> method; or one method alone. A method is `step(theta, gradient, lr, ...)`, which returns the
            next θ, or `loop(gradient, start, steps, lr, ...)`, which returns all of them (see `walk`); it is given the
            controls that it names. For the library's optimisers: `optimizer(course.optim.SGD)`.
        start: θ₀ (default: the surface's). steps: how many steps are walked.
        remark: a function of the controls' values that returns one more sentence for the caption.
    A path that leaves the picture ends in an arrow at its edge; a loss beyond its panel, in an arrow at the top.
    """

    def __init__(self, surface: Surface, methods: Mapping[str, Callable] | Callable, *, start=None, steps: int = 40,
                 remark: Callable[..., str] | None = None):
        if not isinstance(surface, Surface):
            raise TypeError(f"Descent walks on a surface such as Bowl() or Parabola(), and was given {surface!r}.")
        if not isinstance(steps, int) or steps < 1:
            raise ValueError(f"steps must be a whole number above 0, and {steps!r} was given.")
        self.surface, self.steps, self.remark = surface, steps, remark
        self.methods = dict(methods) if isinstance(methods, Mapping) else {"": methods}
        if not 1 <= len(self.methods) <= len(LOOKS):
            raise ValueError(f"Descent shows 1 to {len(LOOKS)} methods, and was given {len(self.methods)}.")
        self.start = np.asarray(surface.start if start is None else start, dtype=float)[()]
        if np.shape(self.start) != (() if surface.dimensions == 1 else (2,)):
            raise ValueError(f"start holds {surface.dimensions} number(s) on {surface.name}, and {start!r} was given.")
        self._lowest = 0.0 if surface.minimum is None else float(surface(np.asarray(surface.minimum, dtype=float)))
        self._first = float(surface(self.start)) - self._lowest
        names = " and ".join(name for name in self.methods if name)
        self.alt = (f"Descent on {surface.name}{', with the paths of ' + names if names else ''}; "
                    f"beside it, the loss at each of {steps} steps.")

    # The picture -----------------------------------------------------------------------------------------------------

    def draw(self, fig) -> None:
        self._map, self._losses = panels(fig, 2, width_ratios=(1.15, 1))
        (self._draw_curve if self.surface.dimensions == 1 else self._draw_contours)(self._map)
        self._draw_loss_panel(self._losses)
        looks = LOOKS if len(self.methods) > 1 else (ALONE,)
        self._trails = [_Trail(self._map, self._losses, name, look, self.steps)
                        for name, look in zip(self.methods, looks)]
        if len(self.methods) > 1:
            legend = self._losses.legend(handles=[trail.loss for trail in self._trails], loc="upper left")
            legend.set(animated=True, zorder=6)  # a diverging loss runs below it, not across

    def _draw_curve(self, ax) -> None:
        (low, high), = self.surface.view
        theta = np.linspace(low, high, 300)
        loss = self.surface(theta)
        ax.plot(theta, loss, color=GREY, linewidth=1.5)
        span = loss.max() - loss.min()
        ax.set(xlim=(low, high), ylim=(loss.min() - 0.06 * span, loss.max() + 0.02 * span),
               xlabel="θ", ylabel="J(θ)", title="path on the loss")
        self._mark_ends(ax, (self.start, self.surface(self.start)),
                        None if self.surface.minimum is None else (self.surface.minimum, self._lowest))

    def _draw_contours(self, ax) -> None:
        (left, right), (bottom, top) = self.surface.view
        x, y = np.meshgrid(np.linspace(left, right, 121), np.linspace(bottom, top, 121))
        loss = self.surface(np.stack([x, y]))
        spread = np.linspace(0, 1, 14) ** (2 if self.surface.minimum is not None else 1)
        levels = loss.min() + (loss.max() - loss.min()) * spread
        ax.contourf(x, y, loss, levels, cmap=GROUND)
        ax.contour(x, y, loss, levels, colors="#7c93a5", linewidths=0.6)
        ax.grid(False)
        ax.set(xlim=(left, right), ylim=(bottom, top), xlabel="θ₁", ylabel="θ₂", title="path over the loss")
        self._mark_ends(ax, self.start, self.surface.minimum)

    def _mark_ends(self, ax, start, minimum) -> None:
        ax.plot(*start, "o", color="white", markeredgecolor=INK, markeredgewidth=1.5, markersize=9)
        ax.annotate("start", start, xytext=(0, 9), textcoords="offset points", ha="center", fontsize=10)
        if minimum is not None:
            ax.plot(*minimum, "*", color="white", markeredgecolor=INK, markersize=14)

    def _draw_loss_panel(self, ax) -> None:
        ax.set(xlim=(0, self.steps), xlabel="step", ylabel="J(θ)" if self._lowest == 0 else "J(θ) above its minimum",
               title="loss at each step")
        if self.surface.minimum is None or self._first <= 0:
            spread = max(abs(self._first), 1.0)
            ax.set_ylim(-10 * spread, 10 * spread)
        else:
            ax.set_yscale("log")
            ax.set_ylim(LOWEST * self._first, HIGHEST * self._first)
            ax.axhline(self._first, color=GREY, linewidth=1, linestyle=":")
            ax.annotate("loss at the start", (self.steps, self._first), xytext=(0, 3), textcoords="offset points",
                        ha="right", fontsize=9, color=GREY)

    # What moves ------------------------------------------------------------------------------------------------------

    def move(self, **values) -> str:
        paths, tales = [], []
        for method, trail in zip(self.methods.values(), self._trails):
            path = walk(method, self.surface, self.start, self.steps, values)
            losses = self.surface(path.T)
            points = np.column_stack([path, losses]) if self.surface.dimensions == 1 else path
            left_at = trail.show(points, losses - self._lowest)
            paths.append(path)
            tales.append(self._tell(losses - self._lowest, left_at))
        sentences = self._sentences(paths, tales)
        if self.remark is not None:
            sentences.append(self.remark(**values))
        return " ".join(sentences)

    def _tell(self, losses: np.ndarray, left_at: int | None) -> str:
        finite = np.abs(losses) < 1e300  # False for what is not a number
        steps = self.steps if finite.all() else max(int(np.argmin(finite)) - 1, 0)
        last, first = losses[steps], self._first
        leaves = f" (step {left_at} leaves the picture)" if left_at is not None else ""
        values = f"the loss is {number(last)}, and it began at {number(first)}."
        if self.surface.minimum is not None and (steps < self.steps or last > 1.05 * first):
            return f"it diverges{leaves}; {_after(steps)} {values}"
        if self.surface.minimum is not None and last <= LOWEST * first:
            return f"{_after(int(np.argmax(losses <= LOWEST * first)))} the loss is below a millionth of its start."
        return f"{_after(steps)}{leaves} {values}"

    def _sentences(self, paths: list[np.ndarray], tales: list[str]) -> list[str]:
        if len(paths) == 1:
            return [tales[0][0].upper() + tales[0][1:]]
        names = [f"**{name}**" for name in self.methods]
        if len(paths) == 2:
            with np.errstate(invalid="ignore"):
                apart = np.nanmax(np.where(paths[0] == paths[1], 0, np.abs(paths[0] - paths[1])))
            if apart <= SAME * max(1.0, np.nanmax(np.abs(paths[0]))):
                how = ", bit for bit" if apart == 0 else f" to within {number(apart, 1)}" if apart < SAME else ""
                return [f"{' and '.join(names)}, the same path{how}: {tales[0]}"]
        return [f"{name}: {tale}" for name, tale in zip(names, tales)]


class _Trail:
    """One method's artists: its path, its loss, and the arrows where either leaves the picture."""

    def __init__(self, chart, losses, name: str, look: dict, steps: int):
        look = look | ({"marker": ""} if steps > 80 else {})
        self.chart, self.axes = chart, losses
        (self.path,) = chart.plot([], [], animated=True, **look)
        (self.loss,) = losses.plot([], [], animated=True, label=name, **look | {"marker": ""})
        mark = dict(linestyle="", color=look["color"], markeredgecolor="white", animated=True, clip_on=False, zorder=5)
        (self.exit,) = chart.plot([], [], marker=">", markersize=13, **mark)
        (self.climb,) = losses.plot([], [], marker="^", markersize=12, **mark)

    def show(self, points: np.ndarray, losses: np.ndarray) -> int | None:
        """Draw the path and its loss; the step that leaves the picture, or None."""
        lost = ~np.isfinite(points).all(axis=1)
        points = np.clip(np.nan_to_num(points, nan=FAR, posinf=FAR, neginf=-FAR), -FAR, FAR)
        points = points[:np.argmax(lost) + 1] if lost.any() else points
        self.path.set_data(*points.T)
        left_at = self._show_exit(points)
        top = self.axes.get_ylim()[1]
        above = ~(losses <= top)
        self.loss.set_data(np.arange(len(losses)), np.clip(np.nan_to_num(losses, nan=np.inf), -1e300, 1e300))
        self.climb.set_data(*([[np.argmax(above)], [top]] if above.any() else [[], []]))
        return left_at

    def _show_exit(self, points: np.ndarray) -> int | None:
        """Where the path leaves the picture for good, an arrow instead of what follows."""
        low, high = np.array([self.chart.get_xlim(), self.chart.get_ylim()]).T
        inside = ((points >= low) & (points <= high)).all(axis=1)
        self.exit.set_data([], [])
        if inside[-1] or not inside.any():
            return None
        step = len(points) - int(np.argmax(inside[::-1]))
        inner, outer = points[step - 1], points[step]
        wall = np.where(outer > high, high, low)
        reach = np.where((outer > high) | (outer < low), (wall - inner) / (outer - inner), 1.0).min()
        edge = inner + reach * (outer - inner)
        across, up = self.chart.transData.transform(edge) - self.chart.transData.transform(inner)
        self.path.set_data(*np.vstack([points[:step], edge]).T)
        self.exit.set_marker(MarkerStyle(">").rotated(rad=float(np.arctan2(up, across))))
        self.exit.set_data(*edge[:, None])
        return step


def _after(steps: int) -> str:
    return f"after {steps} step{'' if steps == 1 else 's'}"
