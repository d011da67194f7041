"""Lessons as a learner meets them: run all, lock the predictions in, move each slider with the keyboard.

Five of them as a rule; all of them with COURSE_BROWSER=all.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from labpage import summary

pytestmark = pytest.mark.browser

ALL = sorted((Path(__file__).resolve().parents[2] / "lessons").glob("*.ipynb"))
# a surface with one ball, two optimisers side by side, curves and probabilities, images, threads
FIVE = ("03", "08", "15", "19", "25")
LESSONS = [lesson for lesson in ALL if os.environ.get("COURSE_BROWSER") == "all" or lesson.name.startswith(FIVE)]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_a_lesson_runs_and_its_sliders_answer(lab, lesson, report):
    lab.open(lesson.name)
    assert lab.run_all() == []
    lab.lock_in_all()
    for explorer in lab.page.locator(".course-explorer").all():
        image = explorer.locator("img")
        for slider in explorer.get_by_role("slider").all():
            name = slider.get_attribute("name")
            report(f"{lesson.stem}, {name}: {summary(lab.latencies(slider, image))}")
            assert lab.changes_the_picture(slider, explorer), f"{name} changes nothing"
            assert explorer.locator("figcaption").inner_text()
            assert "course-failed" not in explorer.get_attribute("class")
    for image in lab.page.locator(".jp-OutputArea img").all():
        assert image.get_attribute("alt"), "a picture without alt"
    lab.assert_quiet()
