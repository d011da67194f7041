"""The map of the course: from a formula to its lesson, the library's function, the kernel and the exercise."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field

from IPython import get_ipython
from IPython.display import Markdown, display

from ..content import content


@dataclass(frozen=True)
class Formula:
    """One entry of `lessons/formulas.toml`; what a formula does not have is empty."""

    name: str
    latex: str
    lesson: str  # notebook#cell id
    test: str
    documents: list[str] = field(default_factory=list)
    library: str = ""
    kernel: str = ""
    exercise: str = ""

    @property
    def unit(self) -> str:
        """The lesson's notebook, which is the exercises' unit too."""
        return self.lesson.partition("#")[0]


def formulas() -> list[Formula]:
    """Every formula of the map, in the order of the course."""
    text = (content("lessons") / "formulas.toml").read_text(encoding="utf-8")
    return [Formula(**entry) for entry in tomllib.loads(text)["formula"]]


def formula_map() -> None:
    """Show the map as a table; outside Jupyter, print it."""
    rows = ["| formula | | lesson | library | kernel | exercise |", "|---|---|---|---|---|---|"]
    for f in formulas():
        cells = [f.name, f"${f.latex}$", f"[{f.unit.partition('_')[0]}]({f.unit}.ipynb)",
                 _code(f.library.removeprefix("course.")), _code(f.kernel.rpartition(".")[2]),
                 f"[`{f.exercise}`](../exercises/{f.unit}/{f.unit}.ipynb)" if f.exercise else ""]
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    table = "\n".join(rows)
    if get_ipython() is None:
        print(table)
    else:
        display(Markdown(table))


def _code(name: str) -> str:
    return f"`{name}`" if name else ""
