"""Finds the students' notebooks in a folder, and reads the code out of one."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from course.exercises import registry

MAX_NOTEBOOK = 20 * 2**20
MAX_CODE = 2**20 - 2**16  # it crosses to the child in one message
LOG = "progress.jsonl"
NO_LINE = {"attempts": 0, "hints": 0, "solution": False, "passed": False}  # what a log says of an exercise not begun


class Unreadable(ValueError):
    """A file that is no notebook; the message says why, for the student to read."""


@dataclass
class Submission:
    """What one student handed in: for each unit the notebook that counts, and the log of `check` where it is there."""

    student: str
    notebooks: dict[str, Path] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    log: Path | None = None


@dataclass
class HandedIn:
    """A submission that has been read: plain data, so that any machine can grade it."""

    student: str
    cells: dict[str, list[str] | Unreadable] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    log: dict[str, dict] | None = None  # for each exercise the attempts and hints, as the student's own log says


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
        submission = students.setdefault(_student(path, folder), Submission(_student(path, folder)))
        if not path.is_file() or not path.resolve().is_relative_to(folder.resolve().joinpath(*inside[:-1])):
            submission.remarks.append(f"{_printable(path.name)} is no file but a link, or the like; it was left out.")
            continue
        belongs[path] = unit_of(path) or unit
    units = {named for named in belongs.values() if named}
    for path, named in belongs.items():
        submission = students[_student(path, folder)]
        named = named or (min(units) if len(units) == 1 else None)
        if named is None:
            name = _printable(path.relative_to(folder).as_posix())
            submission.remarks.append(f"{name} does not say which unit it belongs to; it was left out.")
        elif unit in (None, named):
            _add(submission, named, path)
    for log in sorted(folder.rglob(LOG)):
        owner = students.get(_student(log, folder))
        if owner and log.is_file() and not log.is_symlink() and len(log.relative_to(folder).parts) > 1:
            owner.log = owner.log or log
    return [students[name] for name in sorted(students)]


def unit_of(path: Path) -> str | None:
    """The unit that the notebook names in its metadata, or else by its file name."""
    try:
        named = _load(path)["metadata"]["course"]["unit"]
    except (Unreadable, KeyError, TypeError):
        named = None
    return next((name for name in (named, path.stem) if name in registry.units()), None)


def handed_in(submission: Submission) -> HandedIn:
    """Reads what a student handed in."""
    cells: dict[str, list[str] | Unreadable] = {}
    for unit, path in sorted(submission.notebooks.items()):
        try:
            cells[unit] = code_cells(path)
        except Unreadable as error:
            cells[unit] = error
    return HandedIn(submission.student, cells, submission.remarks, _read_log(submission.log))


def code_cells(path: Path) -> list[str]:
    """The source of the code cells, in their order. Raises Unreadable for what is no notebook."""
    cells = _load(path).get("cells")
    if type(cells) is not list:
        raise Unreadable(f"{_printable(path.name)} has no cells. Was it saved by Jupyter?")
    found = []
    for cell in cells:
        if type(cell) is dict and cell.get("cell_type") == "code":
            source = cell.get("source", "")
            lines = source if type(source) is list else [source]
            found.append("".join(line for line in lines if type(line) is str))
    if len(json.dumps(found)) > MAX_CODE:
        raise Unreadable(f"{_printable(path.name)} holds more than a million characters of code. Keep data out of the "
                         "cells, and hand it in again.")
    return found


def file_name(student: str, ending: str) -> str:
    """A name for a student's file: the student's own, unless that is too long for a disk."""
    name = f"{student}{ending}"
    if len(name.encode()) <= 200:
        return name
    return f"{student[:40]}-{hashlib.sha256(student.encode()).hexdigest()[:12]}{ending}"


def _read_log(path: Path | None) -> dict[str, dict] | None:
    """Attempts, hints and a look at the solution, for each exercise; None where no log was handed in."""
    if path is None:
        return None
    found: dict[str, dict] = {}
    try:
        lines = path.read_bytes()[:MAX_NOTEBOOK].splitlines()
    except OSError:
        return None
    for line in lines:
        try:
            entry = json.loads(line)
            name, event = entry["exercise"], entry["event"]
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        if type(name) is not str or event not in ("checked", "hint", "solution"):
            continue
        about = found.setdefault(name[:80], dict(NO_LINE))
        about["attempts"] += event == "checked" and not about["passed"]
        about["hints"] += event == "hint"
        about["solution"] |= event == "solution" and not about["passed"]
        about["passed"] |= event == "checked" and entry.get("outcome") == "passed"
    return found


def _student(path: Path, folder: Path) -> str:
    inside = path.relative_to(folder).parts
    return _printable(inside[0] if len(inside) > 1 else path.stem)


def _printable(name: str) -> str:
    """A file's name without what no file can be written with, or what a terminal would obey."""
    unfit = ("Cc", "Cs", "Cf")
    return "".join(f"\\x{ord(letter):x}" if unicodedata.category(letter) in unfit else letter for letter in name)


def _add(submission: Submission, unit: str, path: Path) -> None:
    """Of several notebooks for a unit the one that carries the unit's name counts, else the last by name."""
    before = submission.notebooks.get(unit)
    counts = before if before and before.stem == unit else path
    if before is not None:
        submission.remarks.append(f"There are several notebooks for {unit}; {_printable(counts.name)} was graded.")
    submission.notebooks[unit] = counts


def _load(path: Path) -> dict:
    name = _printable(path.name)
    try:
        if path.stat().st_size > MAX_NOTEBOOK:
            raise Unreadable(f"{name} is larger than {MAX_NOTEBOOK // 2**20} MB. Clear its outputs and save it again.")
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except Unreadable:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise Unreadable(f"{name} is no notebook that can be read ({error}). Save it again in Jupyter.") from None
    if type(notebook) is not dict:
        raise Unreadable(f"{name} is not a notebook: it holds a {type(notebook).__name__}.")
    return notebook
