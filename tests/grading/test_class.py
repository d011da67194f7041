"""A class with right, mistaken, broken and hostile submissions: each costs its author only what it should."""

import csv
import json
import sys

import pytest

from course.grading.child import Child
from course.grading.grade import grade_class
from course.grading.limits import Limits
from course.grading.report import write_reports
from course.grading.submissions import find_submissions

from .submissions import FULL, HARMLESS, IMPORTS, LARGEST, LINE, MINIMISE, RIGHT, STEP, UNIT, write

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="grading needs POSIX limits")
LIMITS = Limits(cell_seconds=0.5, wall_seconds=20.0, grace=3.0)


def points(result):
    return [exercise["points"] for exercise in result["exercises"]]


def diagnoses(result):
    return [exercise["diagnosis"] for exercise in result["exercises"]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The class, in all the forms in which notebooks are handed in."""
    folder = tmp_path_factory.mktemp("class")
    write(folder / "right.ipynb", *RIGHT)
    write(folder / "in_a_folder" / f"{UNIT}.ipynb", *RIGHT, unit=None)
    write(folder / "two_versions" / "old copy.ipynb", IMPORTS)
    write(folder / "two_versions" / f"{UNIT}.ipynb", *RIGHT)
    write(folder / ".ipynb_checkpoints" / "right.ipynb", IMPORTS)
    write(folder / "uphill.ipynb", IMPORTS, STEP.replace("- lr", "+ lr"), MINIMISE, LARGEST, LINE)
    write(folder / "endless.ipynb", IMPORTS, STEP, MINIMISE.replace("return theta, steps", "continue").replace(
        "for steps in range(max_steps)", "while True"), LARGEST, LINE)  # fmt: skip
    write(folder / "deleted.ipynb", IMPORTS, STEP, LARGEST)
    write(folder / "reordered.ipynb", LINE, LARGEST, IMPORTS, MINIMISE, STEP)
    todo = "def gradient_descent_step(theta, gradient, lr):\n    raise NotImplementedError"
    write(folder / "duplicated.ipynb", *RIGHT, todo, STEP.replace("gradient_descent_step", "another_name"))
    write(folder / "renamed.ipynb", IMPORTS, STEP.replace("gradient_descent_step", "my_step"), MINIMISE, LARGEST, LINE)
    write(folder / "unsolved.ipynb", IMPORTS, todo)
    write(folder / "empty.ipynb")
    write(folder / "harmless.ipynb", *[cell for pair in zip(RIGHT, [*HARMLESS.values()][:5]) for cell in pair])
    (folder / "not_json.ipynb").write_text("{nope")
    (folder / "not_a_notebook.ipynb").write_text("[1, 2]")
    (folder / "binary.ipynb").write_bytes(b"\x89PNG\xff" * 100)
    return folder


@pytest.fixture(scope="module")
def graded(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("grades")
    results = grade_class(find_submissions(folder), [UNIT], "secret", out / "students", 2, LIMITS, [folder])
    write_reports(out, results, [UNIT], "secret")
    return out, {result["student"]: result for result in results}


@pytest.mark.parametrize("student", ["right", "in_a_folder", "two_versions", "reordered", "duplicated", "harmless"])
def test_right_answers_get_full_marks_wherever_they_stand(graded, student):
    assert points(graded[1][student]) == FULL


@pytest.mark.parametrize(
    "student, expected, diagnosis",
    [
        ("uphill", [0, 2, 1, 2], "uphill"),
        ("endless", [1, 0, 1, 2], "ran too long"),
        ("deleted", [1, 0, 1, 0], "not defined"),
        ("renamed", [0, 2, 1, 2], "not defined"),
        ("unsolved", [0, 0, 0, 0], "not started"),
        ("empty", [0, 0, 0, 0], "not defined"),
        ("not_json", [0, 0, 0, 0], "unreadable notebook"),
        ("not_a_notebook", [0, 0, 0, 0], "unreadable notebook"),
        ("binary", [0, 0, 0, 0], "unreadable notebook"),
    ],
)
def test_each_mistake_costs_its_own_exercise(graded, student, expected, diagnosis):
    assert points(graded[1][student]) == expected
    assert diagnosis in diagnoses(graded[1][student])


def test_every_student_is_in_the_reports(graded, folder):
    out, results = graded
    with open(out / "grades.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["student"] for row in rows] == sorted(results) and len(rows) == 15
    assert all(int(row["points"]) == sum(points(results[row["student"]])) for row in rows)
    assert {row["possible"] for row in rows} == {"6"}
    told = json.loads((out / "grades.json").read_text())
    assert told["students"] == [results[name] for name in sorted(results)]
    step = told["exercises"][0]
    assert step["exercise"] == "gradient_descent_step" and step["students"] == 15
    assert step["diagnoses"]["uphill"] == 1


def test_serial_gives_the_same_as_parallel(graded, folder, tmp_path):
    again = grade_class(find_submissions(folder), [UNIT], "secret", tmp_path / "students", 1, LIMITS, [folder])
    write_reports(tmp_path, again, [UNIT], "secret")
    for name in ("grades.csv", "grades.json"):
        assert (tmp_path / name).read_bytes() == (graded[0] / name).read_bytes()


def test_an_interrupted_run_goes_on(folder, tmp_path, monkeypatch):
    three = find_submissions(folder)[:3]

    def interrupt(result):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grade_class(three[:1], [UNIT], "s", tmp_path, 1, LIMITS, graded=interrupt)
    from course.grading import grade

    asked = []
    original = grade.grade_student
    monkeypatch.setattr(grade, "grade_student", lambda one, *rest: asked.append(one.student) or original(one, *rest))
    grade_class(three, [UNIT], "s", tmp_path, 1, LIMITS)
    assert asked == [one.student for one in three[1:]]
    grade_class(three[:1], [UNIT], "another seed", tmp_path, 1, LIMITS)
    assert len(asked) == 3
    assert not [path for path in tmp_path.iterdir() if path.suffix != ".json"]  # no half-written file is left


def test_an_interruption_ends_the_children_that_still_run(tmp_path):
    """Nobody waits for them, and what they were interrupted in does not count."""
    write(tmp_path / "in" / "quick.ipynb", *RIGHT)
    write(tmp_path / "in" / "slow.ipynb", "import time\ntime.sleep(600)", *RIGHT)

    def interrupt(result):
        raise KeyboardInterrupt

    limits = Limits(cell_seconds=600.0, wall_seconds=600.0)
    with pytest.raises(KeyboardInterrupt):
        grade_class(find_submissions(tmp_path / "in"), [UNIT], "s", tmp_path / "out", 2, limits, graded=interrupt)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["quick.json"]
    assert not list(Child._alive)


def test_a_fault_of_the_grader_does_not_cost_the_class_its_grades(folder, tmp_path, monkeypatch):
    from course.grading import grade

    original = grade.grade_notebook

    def fails_for_one(cells, *rest, **options):
        if LINE in cells:
            raise OSError("no more processes")
        return original(cells, *rest, **options)

    monkeypatch.setattr(grade, "grade_notebook", fails_for_one)
    chosen = [one for one in find_submissions(folder) if one.student in ("right", "deleted")]
    deleted, right = grade_class(chosen, [UNIT], "s", tmp_path, 2, LIMITS)
    assert points(deleted) == [1, 0, 1, 0] and points(right) == [0, 0, 0, 0]
    assert "no more processes" in right["remarks"][0]
    assert not (tmp_path / "right.json").exists()  # it is graded anew next time
