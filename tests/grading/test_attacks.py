"""Hostile submissions, in the sandbox and without it: none gains a point, stops the class or costs anyone else."""

import os
import sys
import tempfile
from pathlib import Path

import pytest

from course.grading.child import isolation
from course.grading.file_rules import file_rules_version
from course.grading.grade import grade_class
from course.grading.limits import Limits
from course.grading.sandbox import missing
from course.grading.submissions import find_submissions

from .submissions import ATTACKS, FULL, HARMLESS, IMPORTS, LARGEST, LINE, MINIMISE, RIGHT, STEP, UNIT, in_step, write

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="grading needs POSIX limits")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["what is here", pytest.param("no sandbox", marks=pytest.mark.instructor)])
def limits(request):
    """In bubblewrap where it works. Where it does, a run without it is one more, for those who have the time."""
    sandbox = request.param == "what is here" and not missing()
    limits = Limits(cell_seconds=0.5, wall_seconds=20.0, grace=1.0, sandbox=sandbox)
    print(isolation(limits))
    return limits


def graded(folder, limits):
    """The points of each student; a bystander's right notebook is graded with them, and loses nothing."""
    write(folder / "in" / "bystander.ipynb", *RIGHT)
    results = grade_class(find_submissions(folder / "in"), [UNIT], "s", folder / "out", 2, limits, [folder / "in"])
    found = {result["student"]: result for result in results}
    assert [one["points"] for one in found.pop("bystander")["exercises"]] == FULL
    return found


def points(results):
    return {student: [one["points"] for one in result["exercises"]] for student, result in results.items()}


def test_there_are_enough_attacks():
    assert len(HARMLESS) + len(ATTACKS) > 60


def test_nothing_a_cell_does_costs_a_right_answer_or_stops_the_class(tmp_path, limits):
    for name, cell in HARMLESS.items():
        write(tmp_path / "in" / f"{name}.ipynb", IMPORTS, cell, STEP, MINIMISE, LARGEST, LINE, cell)
    assert points(graded(tmp_path, limits)) == dict.fromkeys(HARMLESS, FULL)


def test_no_attack_gains_a_point_or_costs_another_exercise(tmp_path, limits):
    for name, lines in ATTACKS.items():
        write(tmp_path / "in" / f"{name}.ipynb", IMPORTS, in_step(lines), MINIMISE, LARGEST, LINE)
    found = graded(tmp_path, limits)
    # numpy stays patched for the rest of that process; it is the author's own, and does not reach the comparison
    assert points(found) == dict.fromkeys(ATTACKS, [0, *FULL[1:]])
    raised = {student: result["exercises"][0]["diagnosis"] for student, result in found.items()}
    stopped = ["reading the specification", "listing the solutions", "a link to the specification", "parent's memory"]
    assert {raised[name] for name in stopped} == {"raised PermissionError"}
    assert raised["importing the specification"] == "raised ModuleNotFoundError"
    assert not Path(tempfile.gettempdir(), "grades.csv").exists()


def test_a_notebook_gets_no_more_time_than_the_limit(tmp_path, limits):
    """Cells, and answers, that each stay below their own limit: together they cost their author the rest."""
    slow = "import time\ntime.sleep(0.4)"
    write(tmp_path / "in" / "cells.ipynb", STEP, *[slow] * 100)
    found = graded(tmp_path, Limits(**{**vars(limits), "wall_seconds": 3.0}))
    assert {one["diagnosis"] for one in found["cells"]["exercises"]} == {"no time left"}


def test_what_is_no_notebook_costs_its_author_only(tmp_path, limits):
    solution = ROOT / "solutions" / UNIT / f"{UNIT}.ipynb"
    folder = tmp_path / "in"
    for name in ("link to the solution", "link to a classmate", "linked folder", "pipe", "folder"):
        write(folder / name / "own.ipynb", IMPORTS, STEP)
    (folder / "link to the solution" / f"{UNIT}.ipynb").symlink_to(solution)
    (folder / "link to a classmate" / f"{UNIT}.ipynb").symlink_to(folder / "bystander.ipynb")
    (folder / "linked folder" / "there").symlink_to(solution.parent)
    os.mkfifo(folder / "pipe" / f"{UNIT}.ipynb")
    (folder / "folder" / f"{UNIT}.ipynb").mkdir()
    (folder / "deep.ipynb").write_text("[" * 100_000)
    (folder / "large.ipynb").write_bytes(b" " * (21 * 2**20))
    write(folder / "much code.ipynb", *RIGHT, "x = 1\n" * 200_000)
    write(folder / f"{'long' * 60}.ipynb", *RIGHT)
    write(folder / "<script>alert(1)<\x1b[2J>".replace("/", "") / "own.ipynb", *RIGHT)
    write(folder / os.fsdecode(b"no \xff letter") / "own.ipynb", *RIGHT)
    found = points(graded(tmp_path, limits))
    right = [student for student in found if found[student] == FULL]
    assert sorted(right) == ["<script>alert(1)<\\x1b[2J>", "long" * 60, "no \\xdcff letter"]
    first = [student for student in found if found[student] == [FULL[0], 0, 0, 0]]
    assert sorted(first) == ["folder", "link to a classmate", "link to the solution", "linked folder", "pipe"]
    assert found["deep"] == found["large"] == found["much code"] == [0, 0, 0, 0]


@pytest.mark.skipif(not file_rules_version(), reason="this kernel has no Landlock")
def test_compiled_code_finds_nothing(tmp_path, limits):
    """No audit hook stops compiled code; Linux does: no specification, no library, no solution, no submission."""
    look = f"""
import ctypes, json
libc = ctypes.CDLL(None, use_errno=True)
found = [path for path in {[str(path) for path in secrets(tmp_path)]!r} if libc.open(path.encode(), 0) >= 0]
found += ["a socket"] * (libc.socket(2, 1, 0) >= 0) + ["a process"] * (libc.kill(libc.getppid(), 0) == 0)
found += ["a writable system"] * (libc.open(b"/usr/x", 0o101, 0o600) >= 0)
raise ValueError(json.dumps(found))
"""
    write(tmp_path / "in" / "spy.ipynb", look)
    limits = Limits(cell_seconds=2.0, sandbox=limits.sandbox)
    assert graded(tmp_path, limits)["spy"]["troubles"] == {UNIT: ["Code cell 1: ValueError: []"]}


def secrets(folder):
    from course.grading.sandbox import PACKAGE

    unit = PACKAGE / "exercises" / f"unit_{UNIT}.py"
    library = PACKAGE / "kernels" / "update_rules.py"
    elsewhere = "/proc/1", "/etc/passwd"
    return unit, unit.parent, library, ROOT / "solutions", ROOT / "tests", folder, folder / "in", *elsewhere
