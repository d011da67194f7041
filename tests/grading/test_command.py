"""`course check` and `course grade`, as they are called."""

import argparse
import sys

import pytest

from course.grading import grade
from course.grading.command import _Progress, add_check, add_grade

from .submissions import IMPORTS, LARGEST, LINE, MINIMISE, RIGHT, STEP, UNIT, write

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="grading needs POSIX limits")


def run(*words):
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers()
    add_check(subparsers)
    add_grade(subparsers)
    arguments = parser.parse_args([str(word) for word in words])
    return arguments.run(arguments)


def test_check_says_what_passes_and_what_does_not(tmp_path, capsys):
    assert run("check", write(tmp_path / "a.ipynb", *RIGHT)) == 0
    assert "6 of 6 points" in capsys.readouterr().out
    wrong = write(tmp_path / "b.ipynb", IMPORTS, STEP.replace("- lr", "+ lr"), MINIMISE, LARGEST, LINE)
    assert run("check", wrong) == 1
    told = capsys.readouterr().out
    assert "gradient_descent_step: uphill" in told and "5 of 6 points" in told


def test_check_asks_for_the_unit_where_the_notebook_does_not_say(tmp_path, capsys):
    path = write(tmp_path / "a.ipynb", *RIGHT, unit=None)
    assert run("check", path) == 2
    assert "--unit" in capsys.readouterr().err
    assert run("check", path, "--unit", UNIT) == 0


@pytest.mark.parametrize(
    "words, sentence",
    [
        (["check", "none.ipynb"], "There is no notebook none.ipynb"),
        (["check", "none.ipynb", "--unit", "99"], "There is no unit '99'"),
        (["grade", "no-such-folder"], "There is no folder no-such-folder"),
        (["grade", "."], "name the unit with --unit"),
    ],
)
def test_what_is_not_there_is_told_in_a_sentence(tmp_path, monkeypatch, capsys, words, sentence):
    monkeypatch.chdir(tmp_path)
    assert run(*words) == 2
    assert sentence in capsys.readouterr().err


def test_a_senseless_number_is_refused(capsys):
    with pytest.raises(SystemExit):
        run("grade", ".", "--jobs", "0")
    assert "above 0" in capsys.readouterr().err


def test_grade_writes_beside_the_folder_and_shows_progress(tmp_path, capsys):
    write(tmp_path / "class" / "ann.ipynb", *RIGHT)
    write(tmp_path / "class" / "bob.ipynb", IMPORTS, STEP)
    assert run("grade", tmp_path / "class", "--seed", "s", "--jobs", 2) == 0
    told = capsys.readouterr()
    assert "gradient_descent_step: 2 of 2 passed" in told.out and "graded 2 of 2" in told.err
    first = (tmp_path / "class-grades" / "grades.csv").read_text()
    assert first.splitlines()[1:] == ["ann,1,2,1,2,6,6", "bob,1,0,0,0,1,6"]
    assert run("grade", tmp_path / "class", "--seed", "s", "--out", tmp_path / "again", "--jobs", 1) == 0
    assert (tmp_path / "again" / "grades.json").read_bytes() == (tmp_path / "class-grades" / "grades.json").read_bytes()


def test_ids_and_files_elsewhere(tmp_path, capsys):
    write(tmp_path / "class" / "ann.ipynb", *RIGHT)
    write(tmp_path / "class" / "bob.ipynb", *RIGHT)
    (tmp_path / "ids.csv").write_text("student,id\nann,17\n")
    words = ["--ids", tmp_path / "ids.csv", "--csv", tmp_path / "new" / "marks.csv", "--json", tmp_path / "marks.json"]
    assert run("grade", tmp_path / "class", *words) == 0
    assert (tmp_path / "new" / "marks.csv").read_text().splitlines()[1:] == ["17,ann,1,2,1,2,6,6", ",bob,1,2,1,2,6,6"]
    assert "without an id" in (told := capsys.readouterr().out) and "Every notebook ran in" in told
    assert (tmp_path / "marks.json").exists()


def test_a_fault_of_the_grader_costs_one_student_and_is_told(tmp_path, monkeypatch, capsys):
    for name in ("ada", "bob"):
        write(tmp_path / "class" / name / "a.ipynb", *RIGHT)
    grade_student = grade.grade_student

    def failing(work, *rest, **options):
        if work.student == "bob" and work.cells:
            raise OSError("no space left")
        return grade_student(work, *rest, **options)

    monkeypatch.setattr(grade, "grade_student", failing)
    assert run("grade", tmp_path / "class", "--seed", "s", "--jobs", "1") == 1
    told = capsys.readouterr().out
    assert "Not graded: bob." in told and "no space left" in told
    monkeypatch.undo()
    assert run("grade", tmp_path / "class", "--seed", "s", "--jobs", "1") == 0
    assert "Not graded" not in capsys.readouterr().out


def test_no_grading_without_a_sandbox_that_is_required(tmp_path, monkeypatch, capsys):
    from course.grading import sandbox

    monkeypatch.setattr(sandbox, "missing", lambda: "bubblewrap is not installed")
    (tmp_path / "class").mkdir()
    assert run("grade", tmp_path / "class", "--sandbox", "required") == 2
    assert "bubblewrap is not installed" in capsys.readouterr().err


def test_in_a_terminal_there_is_a_bar(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    progress = _Progress(4)
    for _ in range(4):
        progress({})
    lines = capsys.readouterr().err.split("\r")
    assert lines[2].startswith("█" * 15 + "░" * 15 + " graded 2 of 4") and lines[-1].endswith("0 s left \n")
