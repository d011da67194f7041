"""Every lesson as a learner meets it: run all, lock the predictions in, move each slider with the keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from labpage import summary

pytestmark = pytest.mark.browser

LESSONS = sorted((Path(__file__).resolve().parents[2] / "lessons").glob("*.ipynb"))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_a_lesson_runs_and_its_sliders_answer(lab, lesson, report):
    lab.open(lesson.name)
    assert lab.run_all() == []
    lab.lock_in_all()
    for explorer in lab.page.locator(".course-explorer").all():
        image = explorer.locator("img")
        for slider in explorer.get_by_role("slider").all():
            assert slider.is_enabled(), "a control stays locked after every prediction was locked in"
            name = slider.get_attribute("name")
            report(f"{lesson.stem}, {name}: {summary(lab.latencies(slider, image))}")
            assert lab.changes_the_picture(slider, explorer), f"{name} changes nothing"
            assert explorer.locator("figcaption").inner_text()
            assert "course-failed" not in explorer.get_attribute("class")
    for image in lab.page.locator(".jp-OutputArea img").all():
        assert image.get_attribute("alt"), "a picture without alt"
    lab.assert_quiet()
