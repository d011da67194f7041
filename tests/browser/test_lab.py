"""Every widget of the lab, on a small notebook that the test writes."""

from __future__ import annotations

import nbformat
import pytest
from labpage import summary

IMPORT = "from course.lab import *"
STEP = "def step(theta, gradient, lr):\n    return theta - lr * gradient"
EXPLORE = """explore(Descent(Bowl(), {"yours": step, "library": lambda theta, gradient, lr: theta - lr * gradient}),
        lr=log_slider(1e-3, 1, 0.1, label="learning rate $\\\\alpha$"), after="stable",
        stills=[dict(lr=0.05), dict(lr=0.3), dict(lr=0.42)])"""
PREDICT = """predict("What does $\\\\alpha = 2.1/L$ do?", ["It converges to $\\\\theta^*$", "It diverges"], "stable",
        answer="It diverges", because="Every step multiplies the error by $1 - \\\\alpha L = -1.1$.")"""
QUIZ = """quiz("Which way does $-\\\\nabla J$ point?", "Downhill", {"Uphill": "That is $+\\\\nabla J$."}, because="Yes.")"""
TRAIN = """import time
for epoch in (curve := training_curve(20)):
    time.sleep(0.05)
    curve.add(loss=2.3 / (epoch + 1), accuracy=1 - 1 / (epoch + 2))"""
FIGURE = """fig, ax = subplots()
ax.plot([1, 2, 3])
figure(fig, alt="A line that rises from 1 to 3.", caption="It *rises* like $y = x$.")"""


@pytest.fixture
def notebook(server):
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in
               (IMPORT, STEP, PREDICT, EXPLORE, 'recall("stable")', QUIZ, TRAIN, FIGURE)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
    path = server.folder / "lab_test.ipynb"
    nbformat.write(book, path)
    return path.name


def test_predict_unlock_move_and_answer(lab, notebook, capsys, request):
    lab.open(notebook)
    assert lab.run_all() == []
    page = lab.page
    slider = page.get_by_role("slider", name="learning rate α")
    slider.wait_for()
    page.screenshot(path="/tmp/w/shot-a.png")
    assert slider.is_disabled()
    page.get_by_label("It diverges").check()
    page.get_by_role("button", name="Lock in").click()
    page.wait_for_timeout(1500); page.screenshot(path="/tmp/w/shot-c.png"); page.wait_for_function("() => !document.querySelector('.course-controls').disabled")
    slider.focus(); page.keyboard.press("ArrowRight"); page.wait_for_timeout(1500); page.screenshot(path="/tmp/w/shot-d.png"); print(lab.errors)
    image = page.locator(".course-explorer img")
    with capsys.disabled():
        print("\n" + summary(lab.latencies(slider, image, 100)))
    page.screenshot(path="/tmp/w/shot-b.png")
    print(lab.errors, lab.outside)
