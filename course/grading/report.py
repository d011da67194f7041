"""The grades of a class as files: a CSV for the gradebook, a JSON with everything, pages to read."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path
from statistics import median

from course.grading.grade import write_atomically
from course.grading.pages import class_page, student_page
from course.grading.submissions import file_name


class BadMapping(ValueError):
    """A file of ids that cannot be used; the message says why."""


def write_reports(
    folder: Path, results: list[dict], units: list[str], seed: str, ids: dict[str, str] | None = None
) -> list[Path]:
    """Writes `grades.csv`, `grades.json`, `class.html` and a page a student; the same results give the same bytes."""
    lines = summary(results)
    files = {
        "grades.csv": as_csv(results, ids),
        "grades.json": as_json(results, units, seed),
        "class.html": class_page(results, units, lines),
    }
    pages = folder / "pages"
    for result in results:
        write_atomically(pages / file_name(result["student"], ".html"), student_page(result))
    return [*(write_atomically(folder / name, text) for name, text in files.items()), pages]


def as_csv(results: list[dict], ids: dict[str, str] | None = None) -> str:
    """A line a student: the points for each exercise, the sum, and what there is to get; with `ids`, the id first."""
    names = [exercise["exercise"] for exercise in results[0]["exercises"]] if results else []
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*(["id"] if ids is not None else []), "student", *names, "points", "possible"])
    for result in results:
        known = [] if ids is None else [_no_formula(ids.get(result["student"], ""))]
        points = [exercise["points"] for exercise in result["exercises"]]
        writer.writerow([*known, _no_formula(result["student"]), *points, result["points"], result["possible"]])
    return text.getvalue()


def as_json(results: list[dict], units: list[str], seed: str) -> str:
    """All results, and for each exercise how many passed and which mistakes were made how often."""
    told = {"units": units, "seed": seed, "exercises": summary(results), "students": results}
    return json.dumps(told, indent=1, ensure_ascii=True) + "\n"


def summary(results: list[dict]) -> list[dict]:
    """For each exercise the number of students who passed, the diagnoses, the most frequent first, and the attempts.

    `attempts` is the median over the students who handed in their log and tried at least once; None without any.
    """
    lines: dict[str, dict] = {}
    for exercise in (exercise for result in results for exercise in result["exercises"]):
        line = lines.setdefault(
            exercise["exercise"], {"unit": exercise["unit"], "passed": 0, "diagnoses": Counter(), "attempts": []}
        )
        line["passed"] += exercise["outcome"] == "passed"
        line["diagnoses"].update([exercise["diagnosis"]] if exercise["diagnosis"] else [])
        line["attempts"] += [exercise["log"]["attempts"]] if exercise["log"] and exercise["log"]["attempts"] else []
    return [
        {
            "exercise": name,
            **line,
            "students": len(results),
            "diagnoses": dict(sorted(line["diagnoses"].items(), key=lambda item: (-item[1], item[0]))),
            "attempts": median(line["attempts"]) if line["attempts"] else None,
        }
        for name, line in lines.items()
    ]


def read_ids(path: Path) -> dict[str, str]:
    """The ids of a learning-management system, from a CSV: in a line the student's name here, then the id.

    A first line that names the columns (`student,id`) is passed over, and so are further columns.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, ValueError, csv.Error) as error:
        raise BadMapping(f"The ids in {path} cannot be read: {error}.") from None
    if short := next((row for row in rows if len(row) < 2), None):
        raise BadMapping(f"{path} has a line with one column, {short[0]!r}; expected a name and an id.")
    ids = {row[0].strip(): row[1].strip() for row in rows if row[0].strip().lower() != "student"}
    if not ids:
        raise BadMapping(f"{path} has no ids; expected lines with a student's name and an id.")
    return ids


def _no_formula(text: str) -> str:
    """A spreadsheet would calculate what begins like this; names come from students."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
