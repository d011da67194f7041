"""The grades of a class as files: a CSV for the gradebook, a JSON with everything."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path

from course.grading.grade import write_atomically


def write_reports(folder: Path, results: list[dict], units: list[str], seed: str) -> list[Path]:
    """Writes `grades.csv` and `grades.json`; the same results give the same bytes."""
    files = {"grades.csv": as_csv(results), "grades.json": as_json(results, units, seed)}
    for name, text in files.items():
        write_atomically(folder / name, text)
    return [folder / name for name in files]


def as_csv(results: list[dict]) -> str:
    """A line a student: the points for each exercise, the sum, and what there is to get."""
    names = [exercise["exercise"] for exercise in results[0]["exercises"]] if results else []
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["student", *names, "points", "possible"])
    for result in results:
        points = [exercise["points"] for exercise in result["exercises"]]
        writer.writerow([result["student"], *points, result["points"], result["possible"]])
    return text.getvalue()


def as_json(results: list[dict], units: list[str], seed: str) -> str:
    """All results, and for each exercise how many passed and which mistakes were made how often."""
    told = {"units": units, "seed": seed, "exercises": summary(results), "students": results}
    return json.dumps(told, indent=1, ensure_ascii=True) + "\n"


def summary(results: list[dict]) -> list[dict]:
    """For each exercise the number of students who passed, and the diagnoses, the most frequent first."""
    passed: Counter[str] = Counter()
    diagnoses: dict[str, Counter[str]] = {}
    for result in results:
        for exercise in result["exercises"]:
            name = exercise["exercise"]
            passed[name] += exercise["outcome"] == "passed"
            diagnoses.setdefault(name, Counter()).update([exercise["diagnosis"]] if exercise["diagnosis"] else [])
    return [
        {
            "exercise": name,
            "passed": passed[name],
            "students": len(results),
            "diagnoses": dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
        }
        for name, counts in diagnoses.items()
    ]
