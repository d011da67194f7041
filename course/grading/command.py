"""`course check NOTEBOOK` and `course grade FOLDER` on the command line."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path


def add_check(subparsers) -> None:
    """Registers `check`."""
    parser = subparsers.add_parser("check", help="check the exercises in one notebook", description=run_check.__doc__)
    parser.add_argument("notebook", type=Path, help="the notebook, as you saved it")
    parser.add_argument("--unit", help="the unit, where the notebook does not say: such as 03_gradient_descent")
    parser.set_defaults(run=run_check)


def add_grade(subparsers) -> None:
    """Registers `grade`."""
    parser = subparsers.add_parser("grade", help="grade a folder of notebooks", description=run_grade.__doc__)
    parser.add_argument("folder", type=Path, help="STUDENT.ipynb for each student, or a folder STUDENT/ with notebooks")
    parser.add_argument("--out", type=Path, help="where the grades go (default: FOLDER-grades beside the folder)")
    parser.add_argument("--csv", type=Path, help="write the CSV here as well")
    parser.add_argument("--json", type=Path, help="write the JSON here as well")
    parser.add_argument("--ids", type=Path, help="a CSV with the columns student and id; the ids go into grades.csv")
    parser.add_argument("--seed", default="0", help="hidden cases are drawn from it; keep it to yourself (default: 0)")
    parser.add_argument("--unit", help="grade this unit only, such as 03_gradient_descent")
    parser.add_argument("--jobs", type=_positive, default=os.cpu_count() or 1, help="submissions at a time")
    parser.add_argument("--dask", metavar="ADDRESS", help="grade on the Dask cluster whose scheduler is there")
    parser.add_argument("--seconds", type=_positive, default=120, help="wall-clock limit of a notebook (default: 120)")
    parser.add_argument("--memory", type=_positive, default=4096, help="memory limit of a notebook in MB (default: "
                                                                       "4096)")
    parser.add_argument("--sandbox", choices=("auto", "required", "off"), default="auto",
                        help="bubblewrap: where it works (default), or no grading without it, or never")  # fmt: skip
    parser.set_defaults(run=run_grade)


def run_check(arguments: argparse.Namespace) -> int:
    """Run a notebook in a process of its own and say of each exercise what `check` would. Exit code 0: all passed."""
    from course.exercises import registry
    from course.exercises.show import points_text, verdict_shown
    from course.grading.grade import grade_notebook
    from course.grading.submissions import Unreadable, code_cells, unit_of

    if problem := _cannot_grade() or _no_such_unit(arguments.unit):
        return _complain(problem)
    if not arguments.notebook.is_file():
        return _complain(f"There is no notebook {arguments.notebook}; expected a file that ends in .ipynb. Try "
                         "ls to see which there are.")
    unit = arguments.unit or unit_of(arguments.notebook)
    if unit is None:
        return _complain(f"{arguments.notebook} does not say which unit it belongs to. Name it: --unit with one of "
                         f"{', '.join(registry.units())}.")
    try:
        cells = code_cells(arguments.notebook)
    except Unreadable as error:
        return _complain(str(error))
    verdicts, troubles = grade_notebook(cells, unit, seed="check", shrink=True)
    exercises = registry.exercises(unit)
    for exercise, verdict in zip(exercises, verdicts):
        print(verdict_shown(verdict, exercise.points).text, end="\n\n")
    for trouble in troubles:
        print(trouble)
    reached = sum(exercise.points for exercise, verdict in zip(exercises, verdicts) if verdict.passed)
    print(f"{unit}: {reached} of {points_text(sum(exercise.points for exercise in exercises))}")
    return 0 if all(verdict.passed for verdict in verdicts) else 1


def run_grade(arguments: argparse.Namespace) -> int:
    """Grade every student's notebooks with hidden cases, in parallel; write a CSV, a JSON and pages to read."""
    from concurrent.futures import ThreadPoolExecutor

    from course.grading.cluster import NoCluster, dask_pool
    from course.grading.grade import grade_class, write_atomically
    from course.grading.limits import Limits
    from course.grading.report import BadMapping, as_csv, as_json, read_ids, summary, write_reports
    from course.grading.sandbox import missing
    from course.grading.submissions import find_submissions

    if problem := _cannot_grade() or _no_such_unit(arguments.unit):
        return _complain(problem)
    if not arguments.folder.is_dir():
        return _complain(f"There is no folder {arguments.folder}; expected one with the students' notebooks.")
    if arguments.sandbox == "required" and missing() and not arguments.dask:
        return _complain(f"There is no sandbox here: {missing()}. Install it, or grade without it: --sandbox auto.")
    submissions = find_submissions(arguments.folder, arguments.unit)
    units = [arguments.unit] if arguments.unit else sorted({unit for one in submissions for unit in one.notebooks})
    if not units:
        return _complain(f"No notebook in {arguments.folder} says which unit it belongs to; name the unit with --unit.")
    out = arguments.out or arguments.folder.resolve().with_name(f"{arguments.folder.resolve().name}-grades")
    seconds, memory = arguments.seconds, arguments.memory * 2**20
    sandbox = {"auto": None, "required": True, "off": False}[arguments.sandbox]
    limits = Limits(wall_seconds=float(seconds), cpu_seconds=seconds, memory=memory, sandbox=sandbox)
    progress = _Progress(len(submissions))
    try:
        ids = read_ids(arguments.ids) if arguments.ids else None
        results = grade_class(
            submissions,
            units,
            arguments.seed,
            out / "students",
            arguments.jobs,
            limits,
            hidden=[arguments.folder.resolve(), out.resolve()],
            graded=progress,
            pool=(lambda jobs: dask_pool(arguments.dask)) if arguments.dask else ThreadPoolExecutor,
        )
    except KeyboardInterrupt:
        return _complain("\nInterrupted. What is graded is kept: the same command goes on from there.")
    except (NoCluster, BadMapping) as error:
        return _complain(str(error))
    files = write_reports(out, results, units, arguments.seed, ids)
    if arguments.csv:
        files.append(write_atomically(arguments.csv, as_csv(results, ids)))
    if arguments.json:
        files.append(write_atomically(arguments.json, as_json(results, units, arguments.seed)))
    _print_summary(summary(results), results)
    if ids is not None and (unknown := [result["student"] for result in results if result["student"] not in ids]):
        print(f"without an id in {arguments.ids}:", *unknown)
    for isolation in sorted({result["isolation"] for result in results}):
        print(isolation)
    print("written:", *files)
    if ungraded := [result["student"] for result in results if result.get("ungraded")]:
        print("Not graded:", ", ".join(ungraded) + ". The same command grades them, and keeps what is graded.")
    return 1 if ungraded else 0


def _print_summary(lines: list[dict], results: list[dict]) -> None:
    """A line for each exercise with its most frequent mistakes, and what there is to say of single students."""
    for line in lines:
        mistakes = "; ".join(f"{name} ({count})" for name, count in list(line["diagnoses"].items())[:3])
        share = f"{line['passed']} of {line['students']} passed"
        print(f"{line['exercise']}: {share}" + (f". Most frequent: {mistakes}" if mistakes else ""))
    for result in results:
        for remark in result["remarks"]:
            print(f"{result['student']}: {remark}")


class _Progress:
    """A bar that is written over; in a log, where that is impossible, a line now and then."""

    def __init__(self, total: int):
        self._total, self._done, self._live = total, 0, sys.stderr.isatty()
        self._started = time.monotonic()

    def __call__(self, result: dict) -> None:
        self._done += 1
        last = self._done == self._total
        told = f"graded {self._done} of {self._total}"
        if self._live:
            full = 30 * self._done // self._total
            left = (time.monotonic() - self._started) / self._done * (self._total - self._done)
            bar = f"\r{'█' * full}{'░' * (30 - full)} {told}, {left:.0f} s left "
            print(bar, end="\n" if last else "", file=sys.stderr, flush=True)
        elif last or self._done % 25 == 0:
            print(told, file=sys.stderr, flush=True)


def _cannot_grade() -> str:
    if sys.platform == "win32":
        return ("Grading needs the process limits of Linux or macOS, which Windows lacks. Run it there, or in WSL; "
                "check(…) in a notebook works everywhere.")  # fmt: skip
    return ""


def _no_such_unit(unit: str | None) -> str:
    from course.exercises import registry

    if unit is None or unit in registry.units():
        return ""
    return f"There is no unit {unit!r}. The units with exercises are: {', '.join(registry.units())}."


def _complain(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} was given, a whole number above 0 was expected")
    return number
