"""One whole lesson without a mouse: Tab, arrows, Enter and Shift+Enter."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from labpage import IDLE

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
UNIT = "03_gradient_descent"
CELLS = "() => window.jupyterapp.shell.currentWidget.content.widgets.length"
ACTIVE = "() => window.jupyterapp.shell.currentWidget.content.activeCell.model.id"
ALL_RAN = """() => window.jupyterapp.shell.currentWidget.content.widgets
  .every((cell) => cell.model.type !== "code" || cell.model.executionCount)"""
FOCUSED = "(wanted) => document.activeElement.matches(wanted)"
IS_OPEN = "(path) => window.jupyterapp.shell.currentWidget.context?.path.endsWith(path)"


@pytest.fixture
def workspace(lab):
    """A folder with the lesson and its exercises, as a learner has it."""
    for name in (f"lessons/{UNIT}.ipynb", f"exercises/{UNIT}/{UNIT}.ipynb"):
        path = lab.server.folder / "workspace" / name
        path.parent.mkdir(parents=True)
        shutil.copy(ROOT / name, path)
    yield "workspace"
    shutil.rmtree(lab.server.folder / "workspace")


def test_a_lesson_by_keyboard_alone(lab, workspace):
    page, press = lab.page, lab.page.keyboard.press

    def press_until(key, wanted, at_most=60):
        for _ in range(at_most):
            press(key)
            if page.evaluate(FOCUSED, wanted):
                return
        pytest.fail(f"{at_most} times {key}, and the focus is not on {wanted}")

    lab.open(f"{workspace}/lessons/{UNIT}.ipynb")
    for _ in range(page.evaluate(CELLS) - 1):
        press("Shift+Enter")
    page.wait_for_function(ALL_RAN, timeout=120_000)
    page.wait_for_function(IDLE, timeout=120_000)

    for _ in range(page.evaluate(CELLS)):  # back to the first prediction
        if page.evaluate(ACTIVE) == "predict-overshoot":
            break
        press("ArrowUp")
    press_until("Tab", ".course-question input[type=radio]")
    press("ArrowDown")
    press_until("Tab", ".course-question button", 2)
    press("Enter")
    page.get_by_text("You predicted").first.wait_for()

    page.wait_for_function("() => !document.querySelector('.course-controls').disabled")
    press_until("Tab", ".course-explorer input[type=range]", 5)
    before = page.locator(".course-explorer img").first.get_attribute("alt")
    for _ in range(5):
        press("ArrowRight")
    lab.wait_until_still(page.locator(".course-explorer").first)
    assert page.locator(".course-explorer img").first.get_attribute("alt") != before

    quiz = page.locator(".course-question").last
    quiz.evaluate("(question) => question.classList.add('the-last')")
    press_until("Tab", ".the-last input[type=radio]")
    for _ in range(quiz.get_by_role("radio").count()):
        press("ArrowDown")
        press("Tab")
        quiz.locator(".course-feedback").evaluate("(words) => words.replaceChildren()")
        press("Enter")
        quiz.locator(".course-feedback", has_text=re.compile("Right|Not this one")).wait_for()
        if quiz.get_by_text("Right.").count():
            break
        press("Shift+Tab")
    assert quiz.get_by_text("Right.").is_visible()

    press_until("Shift+Tab", "a[href*='exercises/']")
    press("Enter")
    page.wait_for_function(IS_OPEN, arg=f"exercises/{UNIT}/{UNIT}.ipynb", timeout=60_000)
    lab.assert_quiet()
