"""The solutions' text. There is one source of it: the solution cells of the notebooks in `solutions/`."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import course

_FOR_THE_STUDENT = re.compile(r"^[ \t]*(### (BEGIN|END) SOLUTION|# TODO\b.*)\n?", re.MULTILINE)


def solutions_folder() -> Path | None:
    """The solutions beside a checkout's package or inside an installed one; None in a student edition."""
    package = Path(course.__file__).parent
    for folder in (package.parent / "solutions", package / "_content" / "solutions"):
        if folder.is_dir():
            return folder
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
