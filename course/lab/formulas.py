"""The map of the course: from a formula to its lesson, the library's function, the kernel and the exercise."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from IPython import get_ipython
from IPython.display import Markdown, display

from ..content import content

WIDEST_NAME = 26


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
    return sorted((Formula(**entry) for entry in tomllib.loads(text)["formula"]), key=lambda f: f.unit)


def formula_map() -> None:
    """Show the map as a table; outside Jupyter, print it."""
    rows = ["| lesson | formula | library, and its kernel | exercise |", "|---|:--|:--|:--|"]
    exercises = "../../exercises" if Path.cwd().parent.name == "lessons" else "../exercises"  # translations lie deeper
    for f in formulas():
        names = [_code(f.library.removeprefix("course.")), _code(f.kernel.rpartition(".")[2])]
        cells = [f"[{f.unit.partition('_')[0]}]({f.unit}.ipynb)", f"{f.name}<br>${_without_bars(f.latex)}$",
                 "<br>".join(filter(None, names)),
                 f"[`{f.exercise}`]({exercises}/{f.unit}/{f.unit}.ipynb)" if f.exercise else ""]
        rows.append("| " + " | ".join(cells) + " |")
    table = "\n".join(rows)
    if get_ipython() is None:
        print(table)
    else:
        display(Markdown(table))


def _without_bars(latex: str) -> str:
    """The same formula without the character that ends a cell of a Markdown table."""
    return latex.replace(r"\|", r"\Vert ").replace("|", r"\vert ")


def _code(name: str) -> str:
    """In the type of code; a name that would make the table too wide goes over two lines."""
    if len(name) > WIDEST_NAME:
        return "<br>".join(f"`{part}`" for part in name.rsplit(".", 1))
    return f"`{name}`" if name else ""
