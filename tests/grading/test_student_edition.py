"""The copy for students: everything but the solutions."""

import subprocess
import sys
from pathlib import Path

import pytest

from course.cli import main

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
