"""The copy for students, without the solutions, and the repository of a class, with its own checks."""

import json
import os
import re
import site
import subprocess
import sys
from pathlib import Path

import pytest

from course.cli import main
from course.grading.report import read_ids

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edition") / "course"
    assert main(["student-edition", str(folder)]) == 0
    return folder


def test_it_holds_no_solution(edition):
    assert {path.name for path in edition.iterdir()} >= {"course", "exercises", "lessons", "pyproject.toml"}
    assert not [path for path in edition.rglob("*") if path.name in ("solutions", "tests", "__pycache__")]
    assert "solutions" not in (edition / "pyproject.toml").read_text(encoding="utf-8")
    assert "pytest" not in (edition / "README.md").read_text(encoding="utf-8"), "it is for students, not for teachers"


def test_solution_says_that_there_is_none_and_check_works(edition, tmp_path):
    program = f"""
import sys
sys.path.insert(0, {str(edition)!r})
from course.exercises import check, solution
def gradient_descent_step(theta, gradient, lr):
    return theta - lr * gradient
solution("gradient_descent_step", anyway=True)
check(gradient_descent_step)
import course
assert course.__file__.startswith({str(edition)!r})
"""
    environment = {"COURSE_PROGRESS": str(tmp_path / "log"), "NUMBA_CACHE_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-c", program]
    told = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert "This is a student edition" in told.stdout and "Right on all" in told.stdout, told.stderr


def test_a_folder_with_something_in_it_is_left_alone(edition, capsys):
    assert main(["student-edition", str(edition)]) == 2
    assert "not empty" in capsys.readouterr().err


def links(notebook):
    text = "".join("".join(cell["source"]) for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"])
    return re.findall(r"\]\((?!https?:|#)([^)#]+)", text)


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    folder = tmp_path_factory.mktemp("new class") / "class of 2027"
    assert main(["new-class", str(folder), "--units", "08", "03_gradient_descent"]) == 0
    return folder


def test_a_class_has_the_chosen_units_and_no_others(school):
    assert {path.stem for path in school.rglob("*.ipynb")} == {"00_welcome", "03_gradient_descent", "08_adam"}
    assert sorted(path.stem for path in school.rglob("unit_*.py")) == ["unit_03_gradient_descent", "unit_08_adam"]
    assert sorted(path.name for path in (school / "solutions").iterdir()) == ["03_gradient_descent", "08_adam"]


def test_no_link_of_a_class_leads_nowhere(school):
    for notebook in school.rglob("*.ipynb"):
        for target in links(notebook):
            assert (notebook.parent / target).exists(), (notebook.name, target)
    lesson = school / "lessons" / "03_gradient_descent.ipynb"
    assert "../exercises/03_gradient_descent/03_gradient_descent.ipynb" in links(lesson)


def test_what_concerns_students_stays_out_of_a_class_repository(school):
    subprocess.run(["git", "init", "-q"], cwd=school, check=True)
    for private in ("roster.csv", "submissions/ann.ipynb", "submissions-grades/grades.csv", "handout/README.md"):
        assert subprocess.run(["git", "check-ignore", "-q", private], cwd=school).returncode == 0
    assert subprocess.run(["git", "check-ignore", "-q", "roster.example.csv"], cwd=school).returncode == 1
    assert read_ids(school / "roster.example.csv")


def test_the_script_of_a_class_does_what_its_workflow_does(school):
    script = (school / "ci" / "run").read_text(encoding="utf-8")
    steps = re.findall(r"run: (.*)", (school / ".github/workflows/class.yml").read_text(encoding="utf-8"))
    assert len(steps) == 5 and all(step in script for step in steps)


@pytest.mark.parametrize("command", ["new-class", "student-edition"])
def test_an_unknown_unit_is_refused(command, tmp_path, capsys):
    assert main([command, str(tmp_path / "new"), "--units", "03", "99"]) == 2
    assert "There is no unit 99; expected the name or number of one of 01_" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


@pytest.mark.instructor
def test_the_checks_of_a_class_pass_and_hand_out_an_edition_for_students(school):
    """Its packages are those of this Python, since installing them once more would prove nothing new."""
    subprocess.run([sys.executable, "-m", "venv", school / ".venv"], check=True)
    (packages,) = (school / ".venv").rglob("site-packages")
    (packages / "these.pth").write_text("\n".join([str(school), *site.getsitepackages()]))
    command = school / ".venv" / "bin" / "course"
    command.write_text("#!/bin/sh\nexec python -m course \"$@\"\n")
    command.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON"))}
    checks = subprocess.run([school / "ci" / "run"], env=environment, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)
    assert checks.returncode == 0, checks.stdout[-5000:]
    assert checks.stdout.count(" passed") == 2 and "failed" not in checks.stdout and "skipped" not in checks.stdout
    handout = school / "handout"
    assert (handout / "README.md").read_text(encoding="utf-8").startswith("# Welcome to the class")
    assert {path.name for path in (handout / "exercises").iterdir()} == {"03_gradient_descent", "08_adam"}
    assert not (handout / "solutions").exists()
