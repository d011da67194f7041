"""Finds the students' notebooks in a folder, and reads the code out of one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from course.exercises import registry

MAX_NOTEBOOK = 20 * 2**20


class Unreadable(ValueError):
    """A file that is no notebook; the message says why, for the student to read."""


@dataclass
class Submission:
    """What one student handed in: for each unit the notebook that counts."""

    student: str
    notebooks: dict[str, Path] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def find_submissions(folder: Path, unit: str | None = None) -> list[Submission]:
    """One submission a student: `student.ipynb`, or all notebooks in the folder `student/`.

    A notebook that does not say which unit it belongs to counts for `unit`, or for the only one there is.
    """
    students: dict[str, Submission] = {}
    belongs: dict[Path, str | None] = {}
    for path in sorted(folder.rglob("*.ipynb")):
        inside = path.relative_to(folder).parts
        if any(part.startswith(".") for part in inside):
            continue  # .ipynb_checkpoints and the like
        students.setdefault(_student(path, folder), Submission(_student(path, folder)))
        belongs[path] = unit_of(path) or unit
    units = {named for named in belongs.values() if named}
    for path, named in belongs.items():
        submission = students[_student(path, folder)]
        named = named or (min(units) if len(units) == 1 else None)
        if named is None:
            name = path.relative_to(folder).as_posix()
            submission.remarks.append(f"{name} does not say which unit it belongs to; it was left out.")
        elif unit in (None, named):
            _add(submission, named, path)
    return [students[name] for name in sorted(students)]


def unit_of(path: Path) -> str | None:
    """The unit that the notebook names in its metadata, or else by its file name."""
    try:
        named = _load(path)["metadata"]["course"]["unit"]
    except (Unreadable, KeyError, TypeError):
        named = None
    return next((name for name in (named, path.stem) if name in registry.units()), None)


def code_cells(path: Path) -> list[str]:
    """The source of the code cells, in their order. Raises Unreadable for what is no notebook."""
    cells = _load(path).get("cells")
    if type(cells) is not list:
        raise Unreadable(f"{path.name} has no cells. Was it saved by Jupyter?")
    found = []
    for cell in cells:
        if type(cell) is dict and cell.get("cell_type") == "code":
            source = cell.get("source", "")
            lines = source if type(source) is list else [source]
            found.append("".join(line for line in lines if type(line) is str))
    return found


def _student(path: Path, folder: Path) -> str:
    inside = path.relative_to(folder).parts
    return inside[0] if len(inside) > 1 else path.stem


def _add(submission: Submission, unit: str, path: Path) -> None:
    """Of several notebooks for a unit the one that carries the unit's name counts, else the last by name."""
    before = submission.notebooks.get(unit)
    counts = before if before and before.stem == unit else path
    if before is not None:
        submission.remarks.append(f"There are several notebooks for {unit}; {counts.name} was graded.")
    submission.notebooks[unit] = counts


def _load(path: Path) -> dict:
    try:
        if path.stat().st_size > MAX_NOTEBOOK:
            raise Unreadable(f"{path.name} is larger than {MAX_NOTEBOOK // 2**20} MB. Clear its outputs and save it "
                             "again.")
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except Unreadable:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise Unreadable(f"{path.name} is no notebook that can be read ({error}). Save it again in Jupyter.") from None
    if type(notebook) is not dict:
        raise Unreadable(f"{path.name} is not a notebook: it holds a {type(notebook).__name__}.")
    return notebook
