"""The words of the course in English and Chinese, with the lesson that explains each."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass

from IPython import get_ipython
from IPython.display import Markdown, display

from ..content import content


@dataclass(frozen=True)
class Term:
    """One entry of `lessons/glossary.toml`."""

    english: str
    chinese: str
    lesson: str  # notebook
    meaning: str
    pytorch: str = ""  # empty where PyTorch has no name for it
    word: str = ""  # how the lesson writes it, where that is not `english`

    @property
    def number(self) -> int:
        return int(self.lesson.partition("_")[0])


def glossary() -> list[Term]:
    """Every term, sorted by its English name."""
    return list(_terms())


@functools.cache
def _terms() -> tuple[Term, ...]:
    text = (content("lessons") / "glossary.toml").read_text(encoding="utf-8")
    return tuple(sorted((Term(**entry) for entry in tomllib.loads(text)["term"]),
                        key=lambda term: (term.english.lower(), term.number)))


def find_terms(search: str = "") -> list[Term]:
    """The terms in which `search` occurs, in English, Chinese, the meaning or PyTorch's name; all when it is empty."""
    wanted = search.strip().lower()
    return [term for term in glossary()
            if wanted in f"{term.english} {term.chinese} {term.meaning} {term.pytorch}".lower()]


def glossary_table(search: str = "") -> None:
    """Show the terms that `find_terms(search)` finds as a table; outside Jupyter, print it."""
    found = find_terms(search)
    if not found:
        print(f"No term contains {search!r}. Try a shorter piece of it, in English or Chinese.")
        return
    rows = ["| term | 中文 | meaning | lesson | in PyTorch |", "|:---|:---|:---|:---|:---|"]
    rows += [f"| {term.english} | {term.chinese} | {term.meaning} | [{term.number:02d}]({term.lesson}.ipynb) | "
             f"{f'`{term.pytorch}`' if term.pytorch else ''} |" for term in found]
    table = "\n".join(rows)
    if get_ipython() is None:
        print(table)
    else:
        display(Markdown(table))
