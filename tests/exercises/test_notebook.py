"""What a student calls: check, require, hint, solution, progress."""

import numpy as np
import pytest

from course import progress as log
from course.exercises import NotYet, check, hint, progress, registry, require, solution, solutions
from course.exercises.show import note_shown, verdict_shown
from course.exercises.verdict import RAISED, Verdict


def gradient_descent_step(theta, gradient, lr):
    return theta - lr * gradient


def uphill(theta, gradient, lr):
    return theta + lr * gradient


uphill.__name__ = "gradient_descent_step"


def test_check_shows_and_returns_nothing(capsys):
    assert check(gradient_descent_step) is None
    assert "✓ passed | gradient_descent_step" in capsys.readouterr().out
    assert check(uphill) is None
    told = capsys.readouterr().out
    assert "not yet | gradient_descent_step: uphill" in told
    assert "expected = [0.8]" in told and "yours    = [1.2]" in told


def test_check_is_recorded():
    check(uphill)
    check(gradient_descent_step)
    kept = [(entry["exercise"], entry["outcome"], entry["diagnosis"]) for entry in log.events("checked")]
    assert kept == [("gradient_descent_step", "not yet", "uphill"), ("gradient_descent_step", "passed", "")]


def test_require_raises_with_the_words_of_the_check(capsys):
    with pytest.raises(NotYet, match="Your step goes up the hill") as caught:
        require(uphill)
    assert isinstance(caught.value, AssertionError)
    assert require(gradient_descent_step) is None


@pytest.mark.parametrize(
    "thing, words",
    [
        (lambda theta: theta, "no exercise called '<lambda>'"),
        ("gradient_descent_step", "the function itself"),
        (3, "an int"),
        (None, "None"),
        (np.float64(1), "a float"),
    ],
)
def test_what_is_no_exercise_is_answered_with_a_sentence(capsys, thing, words):
    assert check(thing) is None
    assert words in " ".join(capsys.readouterr().out.split())
    with pytest.raises(NotYet):
        require(thing)


def test_a_misspelt_name_is_answered_with_near_ones(capsys):
    def gradient_decent_step(theta, gradient, lr):
        return theta

    check(gradient_decent_step)
    assert "Did you mean gradient_descent_step" in capsys.readouterr().out


def test_hints_go_on_step_by_step_and_are_recorded(capsys):
    told = []
    for _ in range(4):
        hint(gradient_descent_step)
        told.append(capsys.readouterr().out)
    assert [text.split(" | ")[0] for text in told] == ["hint 1 of 3", "hint 2 of 3", "hint 3 of 3", "hint 3 of 3"]
    assert [entry["number"] for entry in log.events("hint")] == [1, 2, 3, 3]
    hint("minimise")
    assert "hint 1 of 3 | minimise" in capsys.readouterr().out


def test_the_solution_comes_after_passing_or_on_request(capsys):
    solution(gradient_descent_step)
    assert "not passed" in capsys.readouterr().out and not log.events("solution")
    solution("gradient_descent_step", anyway=True)
    assert "return theta - lr * gradient" in capsys.readouterr().out
    check(gradient_descent_step)
    capsys.readouterr()
    solution(gradient_descent_step)
    assert "return theta - lr * gradient" in capsys.readouterr().out
    assert [entry["anyway"] for entry in log.events("solution")] == [True, False]


def test_a_student_edition_says_that_it_has_no_solutions(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(solutions, "solutions_folder", lambda: None)
    solution("minimise", anyway=True)
    assert "student edition" in capsys.readouterr().out


def test_progress_shows_points_and_what_comes_next(capsys, monkeypatch):
    monkeypatch.setattr(registry, "units", lambda: ("03_gradient_descent",))
    progress()
    assert "03_gradient_descent" in (text := capsys.readouterr().out) and "Next: gradient_descent_step" in text
    check(gradient_descent_step)
    check(uphill)  # what was passed once stays passed
    capsys.readouterr()
    progress()
    assert "1/6" in (text := capsys.readouterr().out) and "Next: minimise" in text


def test_the_page_carries_a_students_text_as_text():
    nasty = "<script>alert(1)</script>\x1b[2J\ud800"
    shown = verdict_shown(Verdict("f", RAISED, nasty, nasty, (("x", nasty),), nasty, nasty, nasty), points=1)
    assert "<script>" not in shown.html and "&lt;script&gt;" in shown.html
    for text in (shown.text, shown.html):
        text.encode()
        assert "\x1b" not in text
    assert "✗ raised" in shown.html  # the outcome is in words, not in colour alone


def test_importing_the_exercises_is_light():
    import subprocess
    import sys

    heavy = "{'hypothesis', 'IPython', 'matplotlib', 'ipywidgets', 'nbgrader'}"
    code = f"import sys, course.exercises; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_what_stands_between_backticks_is_code():
    shown = note_shown("hint", "step", "Write `a < b`, no more.")
    assert "Write <code>a &lt; b</code>, no more." in shown.html
    assert "Write `a < b`, no more." in shown.text


def test_progress_can_start_afresh_and_what_was_is_kept(capsys):
    check(gradient_descent_step)
    capsys.readouterr()
    progress(start_afresh=True)
    shown = capsys.readouterr().out
    assert "0 of " in shown and "is kept in" in shown
    assert log.events("checked") == []
    kept = list(log.progress_file().parent.glob("progress-until-*.jsonl"))
    assert len(kept) == 1 and "gradient_descent_step" in kept[0].read_text()
