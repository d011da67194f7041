"""Grades: one notebook, one student, a class. The same seed gives the same grades, in whatever order they are made."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path

import course
from course.exercises import registry
from course.exercises.checking import cases_for, examine
from course.exercises.specification import Exercise
from course.exercises.verdict import NOT_ATTEMPTED, NOT_YET, Verdict
from course.grading import child
from course.grading.child import Child, ChildAnswerer, isolation
from course.grading.limits import DEFAULT, Limits
from course.grading.submissions import NO_LINE, HandedIn, Submission, Unreadable, file_name, handed_in


def hidden_seed(seed: str, exercise: str) -> int:
    """The seed of an exercise's hidden cases: it follows from the instructor's, and cannot be guessed without it."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{exercise}".encode()).digest()[:8])


def grade_notebook(
    cells: list[str], unit: str, seed: str, limits: Limits = DEFAULT, shrink: bool = False, hidden=()
) -> tuple[list[Verdict], list[str]]:
    """A verdict for each exercise of the unit, in its order; and what went wrong in which cell."""
    exercises = registry.exercises(unit)
    uses = sorted({name for exercise in exercises for name in exercise.uses})
    with Child(cells, limits, uses, hidden) as asked:
        verdicts = [_examined(exercise, asked, seed, shrink) for exercise in exercises]
        return verdicts, asked.troubles


def grade_student(work: HandedIn, units: list[str], seed: str, limits: Limits = DEFAULT, hidden=()) -> dict:
    """A student's result as plain data: points, and for each exercise what the student would have been told."""
    results, troubles = [], {}
    for unit in units:
        exercises = registry.exercises(unit)
        match work.cells.get(unit):
            case None:
                verdicts = _not_attempted(exercises, "not handed in", f"There is no notebook for {unit}.")
            case Unreadable() as error:
                verdicts = _not_attempted(exercises, "unreadable notebook", str(error))
            case cells:
                verdicts, troubles[unit] = grade_notebook(cells, unit, seed, limits, hidden=hidden)
        results += [_result(exercise, verdict, work.log) for exercise, verdict in zip(exercises, verdicts)]
    return {
        "student": work.student,
        "points": sum(result["points"] for result in results),
        "possible": sum(result["possible"] for result in results),
        "exercises": results,
        "remarks": work.remarks,
        "troubles": {unit: told for unit, told in troubles.items() if told},
        "isolation": isolation(limits),
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
    pool: Callable[[int], AbstractContextManager[Executor]] = ThreadPoolExecutor,
) -> list[dict]:
    """The results of all students, in the order of `submissions`.

    Each is written to `kept` as soon as it is there, so that an interrupted run goes on where it stopped; a result
    counts as long as the notebooks, the seed, the limits and the exercises are what they were.
    """
    for unit in units:  # drawn once, here: the threads below only read them
        for exercise in registry.exercises(unit):
            cases_for(exercise, hidden_seed(seed, exercise.name))
    child.may_start.set()
    hidden = [str(path) for path in hidden]
    results: dict[str, dict] = {}
    waiting: dict[Future, tuple[HandedIn, str]] = {}
    with pool(jobs) as workers:
        try:
            for submission in submissions:
                work = handed_in(submission)
                mark = _fingerprint(work, units, seed, limits)
                if result := _kept(kept / file_name(work.student, ".json"), mark):
                    results[work.student] = result
                    graded(result)
                else:
                    waiting[workers.submit(grade_student, work, units, seed, limits, hidden)] = work, mark
            for future in as_completed(waiting):
                work, mark = waiting[future]
                if error := future.exception():  # a fault of the grader's own must not cost the class its grades
                    result = _ungraded(work, units, error)
                else:
                    result = future.result()
                    told = json.dumps({"fingerprint": mark, "result": result}, indent=1)
                    write_atomically(kept / file_name(work.student, ".json"), told + "\n")
                results[work.student] = result
                graded(result)
        except BaseException:
            for future in waiting:
                future.cancel()
            Child.end_all()
            raise
    return [results[submission.student] for submission in submissions]


def _examined(exercise: Exercise, asked: Child, seed: str, shrink: bool) -> Verdict:
    if not asked.spent:
        verdict = examine(exercise, ChildAnswerer(asked, exercise), hidden_seed(seed, exercise.name), shrink)
    if asked.spent:
        return Verdict(exercise.name, NOT_YET, "no time left", f"Your notebook was stopped after "
                       f"{asked.limits.wall_seconds:g} seconds, before this exercise was checked. Which cell takes so "
                       "long? Delete what is not part of the exercises.")  # fmt: skip
    return verdict


def _not_attempted(exercises: tuple[Exercise, ...], diagnosis: str, message: str) -> list[Verdict]:
    return [Verdict(exercise.name, NOT_ATTEMPTED, diagnosis, message) for exercise in exercises]


def write_atomically(path: Path, text: str) -> Path:
    """Writes the whole file or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", dir=path.parent, delete=False) as file:
        try:
            file.write(text)
            file.close()
            os.chmod(file.name, 0o644)
            os.replace(file.name, path)
        except BaseException:  # Ctrl-C too
            os.unlink(file.name)
            raise
    return path


def _result(exercise: Exercise, verdict: Verdict, log: dict[str, dict] | None) -> dict:
    points = exercise.points if verdict.passed else 0
    told = {**asdict(verdict), "arguments": [list(pair) for pair in verdict.arguments]}  # as JSON gives it back
    on_the_way = None if log is None else log.get(exercise.name, NO_LINE)
    return {"unit": exercise.unit, "points": points, "possible": exercise.points, **told, "log": on_the_way}


def _ungraded(work: HandedIn, units: list[str], error: BaseException) -> dict:
    result = grade_student(HandedIn(work.student), units, seed="")
    problem = f"The grader itself failed ({type(error).__name__}: {error}); grade this student again."
    return {**result, "remarks": [*work.remarks, problem], "ungraded": True}


def _fingerprint(work: HandedIn, units: list[str], seed: str, limits: Limits) -> str:
    told: list = [course.__version__, seed, units, str(limits), isolation(limits), work.remarks, work.log]
    told.append({unit: str(cells) for unit, cells in sorted(work.cells.items())})
    digest = hashlib.sha256(json.dumps(told).encode())
    package = Path(course.__file__).parent
    for source in sorted([*package.glob("exercises/*.py"), *package.glob("grading/*.py")]):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _kept(path: Path, mark: str) -> dict | None:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return kept["result"] if kept["fingerprint"] == mark else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
