"""Grades: one notebook, one student, a class. The same seed gives the same grades, in whatever order they are made."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

import course
from course.exercises import registry
from course.exercises.checking import cases_for, examine
from course.exercises.specification import Exercise
from course.exercises.verdict import NOT_ATTEMPTED, Verdict
from course.grading.child import Child, ChildAnswerer
from course.grading.limits import DEFAULT, Limits
from course.grading.submissions import Submission, Unreadable, code_cells


def hidden_seed(seed: str, exercise: str) -> int:
    """The seed of an exercise's hidden cases: it follows from the instructor's, and cannot be guessed without it."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{exercise}".encode()).digest()[:8])


def grade_notebook(
    path: Path, unit: str, seed: str, limits: Limits = DEFAULT, shrink: bool = False, hidden=()
) -> list[Verdict]:
    """A verdict for each exercise of the unit, in its order."""
    exercises = registry.exercises(unit)
    try:
        cells = code_cells(path)
    except Unreadable as error:
        return [Verdict(exercise.name, NOT_ATTEMPTED, "unreadable notebook", str(error)) for exercise in exercises]
    uses = sorted({name for exercise in exercises for name in exercise.uses})
    with Child(cells, limits, uses, hidden) as child:
        return [
            examine(exercise, ChildAnswerer(child, exercise), hidden_seed(seed, exercise.name), shrink)
            for exercise in exercises
        ]


def grade_student(submission: Submission, units: list[str], seed: str, limits: Limits = DEFAULT, hidden=()) -> dict:
    """A student's result as plain data: points, and for each exercise what the student would have been told."""
    results = []
    for unit in units:
        path = submission.notebooks.get(unit)
        if path is None:
            verdicts = [
                Verdict(exercise.name, NOT_ATTEMPTED, "not handed in", f"There is no notebook for {unit}.")
                for exercise in registry.exercises(unit)
            ]
        else:
            verdicts = grade_notebook(path, unit, seed, limits, hidden=hidden)
        results += [_result(exercise, verdict) for exercise, verdict in zip(registry.exercises(unit), verdicts)]
    return {
        "student": submission.student,
        "points": sum(result["points"] for result in results),
        "possible": sum(result["possible"] for result in results),
        "exercises": results,
        "remarks": submission.remarks,
    }


def grade_class(
    submissions: list[Submission],
    units: list[str],
    seed: str,
    kept: Path,
    jobs: int = 2,
    limits: Limits = DEFAULT,
    hidden=(),
    graded: Callable[[dict], None] = lambda result: None,
) -> list[dict]:
    """The results of all students, in the order of `submissions`.

    Each is written to `kept` as soon as it is there, so that an interrupted run goes on where it stopped; a result
    counts as long as the notebooks, the seed, the limits and the exercises are what they were.
    """
    for unit in units:  # drawn once, here: the threads below only read them
        for exercise in registry.exercises(unit):
            cases_for(exercise, hidden_seed(seed, exercise.name))

    def one(submission: Submission) -> dict:
        mark = _fingerprint(submission, units, seed, limits)
        path = kept / f"{submission.student}.json"
        result = _kept(path, mark)
        if result is None:
            try:
                result = grade_student(submission, units, seed, limits, hidden)
            except Exception as error:  # a fault of the grader's own must not cost the class its grades
                return _ungraded(submission, units, error)
            write_atomically(path, json.dumps({"fingerprint": mark, "result": result}, indent=1) + "\n")
        return result

    kept.mkdir(parents=True, exist_ok=True)
    results: dict[str, dict] = {}
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        waiting = [pool.submit(one, submission) for submission in submissions]
        try:
            for future in as_completed(waiting):
                result = future.result()
                results[result["student"]] = result
                graded(result)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [results[submission.student] for submission in submissions]


def write_atomically(path: Path, text: str) -> None:
    """Writes the whole file or nothing."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", dir=path.parent, delete=False) as file:
        try:
            file.write(text)
            file.close()
            os.chmod(file.name, 0o644)
            os.replace(file.name, path)
        except BaseException:  # Ctrl-C too
            os.unlink(file.name)
            raise


def _result(exercise: Exercise, verdict: Verdict) -> dict:
    points = exercise.points if verdict.passed else 0
    told = {**asdict(verdict), "arguments": [list(pair) for pair in verdict.arguments]}  # as JSON gives it back
    return {"unit": exercise.unit, "points": points, "possible": exercise.points, **told}


def _ungraded(submission: Submission, units: list[str], error: Exception) -> dict:
    result = grade_student(Submission(submission.student), units, seed="")
    problem = f"The grader itself failed ({type(error).__name__}: {error}); grade this student again."
    return {**result, "remarks": [*submission.remarks, problem]}


def _fingerprint(submission: Submission, units: list[str], seed: str, limits: Limits) -> str:
    digest = hashlib.sha256(f"{course.__version__} {seed} {units} {limits} {submission.remarks}".encode())
    package = Path(course.__file__).parent
    for source in sorted([*package.glob("exercises/*.py"), *package.glob("grading/*.py")]):
        digest.update(source.read_bytes())
    for unit, path in sorted(submission.notebooks.items()):
        digest.update(unit.encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _kept(path: Path, mark: str) -> dict | None:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return kept["result"] if kept["fingerprint"] == mark else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
