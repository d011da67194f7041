"""The solutions' text. There is one source of it: the solution cells of the notebooks in `solutions/`."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

from ..content import content

_FOR_THE_STUDENT = re.compile(r"^[ \t]*(### (BEGIN|END) SOLUTION|# TODO\b.*)\n?", re.MULTILINE)


def solutions_folder() -> Path | None:
    """The folder of the solutions; None in a student edition."""
    try:
        return content("solutions")
    except FileNotFoundError:
        return None


def solution_source(unit: str, name: str) -> str | None:
    """The cell that defines `name` in a unit's solutions, without markers and TODO; None where there is none."""
    folder = solutions_folder()
    path = folder / unit / f"{unit}.ipynb" if folder else None
    if path is None or not path.is_file():
        return None
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and "### BEGIN SOLUTION" in source and _defines(source, name):
            return _FOR_THE_STUDENT.sub("", source).strip("\n")
    return None


def _defines(source: str, name: str) -> bool:
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in ast.parse(source).body)
