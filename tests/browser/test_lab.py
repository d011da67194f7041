"""Every widget of the lab in a real notebook: one that the test writes, so that no lesson has to hold still for it."""

from __future__ import annotations

import nbformat
import pytest
from labpage import NOTHING_LOCKED, summary

pytestmark = pytest.mark.browser

CELLS = {
    "import": "from course.lab import *",
    "step": "def step(theta, gradient, lr):\n    return theta - lr * gradient",
    "predict": r'''predict(r"What does $\alpha = 2.1/L$ do on a bowl?", [r"It converges to $\theta^*$", "It diverges"],
        "stable", answer="It diverges", because=r"Each step multiplies the error by $1 - \alpha L = -1.1$.")''',
    "explore": r'''explore(Descent(Bowl(), {"yours": step, "again": step}),
        lr=log_slider(1e-3, 1, 0.1, label=r"learning rate $\alpha$"), after="stable",
        stills=[dict(lr=0.05), dict(lr=0.3), dict(lr=0.42)])''',
    "recall": 'recall("stable")',
    "quiz": r'''quiz(r"Which way does $-\nabla J$ point?", "Downhill", {"Uphill": r"That is $+\nabla J$."})''',
    "train": """for epoch in (curve := training_curve(2000)):
    curve.add(loss=2.3 / (epoch + 1), accuracy=1 - 1 / (epoch + 2))""",
    "fails": """explore(Descent(Parabola(), lambda theta, gradient, lr: theta / (lr - 2) * 0), lr=slider(0, 4, 1))""",
    "figure": r'''fig, ax = subplots()
ax.plot([1, 2, 3])
figure(fig, alt="A line that rises from 1 to 3.", caption="It *rises* like $y = x$.")''',
}


@pytest.fixture
def notebook(server):
    """The notebook's path, as the server names it."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = nbformat.v4.new_notebook(metadata={"kernelspec": kernel},
                                    cells=[nbformat.v4.new_code_cell(source) for source in CELLS.values()])
    path = server.folder / "every-widget.ipynb"
    nbformat.write(book, path)
    yield path.name
    path.unlink()


def test_a_learner_predicts_explores_and_answers(lab, notebook, report):
    lab.open(notebook)
    assert lab.run_all() == []
    page = lab.page
    slider = page.get_by_role("slider", name="learning rate α")
    image = page.locator(".course-explorer img").first
    assert slider.is_disabled() and page.get_by_text("Choose a prediction above to unlock").is_visible()

    page.get_by_role("button", name="Lock in").press("Enter")
    page.get_by_text("Choose one of the answers first.").wait_for()
    page.get_by_label("It diverges").check()
    page.get_by_role("button", name="Lock in").press("Enter")
    page.get_by_text("You predicted: It diverges").first.wait_for()
    page.wait_for_function(NOTHING_LOCKED)
    page.get_by_text("That holds.").wait_for()  # the recall below follows

    report(summary(lab.latencies(slider, image)))
    for key, words in (("End", "it diverges"), ("Home", "began at")):
        slider.press(key)
        page.locator(".course-caption").first.filter(has_text=words).wait_for()
        assert words in image.get_attribute("alt")
    assert slider.get_attribute("aria-valuetext") == "0.001"

    page.get_by_label("Uphill").check()
    page.get_by_role("button", name="Answer").click()
    page.get_by_text("Not this one.").wait_for()
    page.get_by_label("Downhill").check()
    page.get_by_role("button", name="Answer").click()
    page.get_by_text("Right.").wait_for()

    assert page.get_by_alt_text("After 2000 of 2000 epochs").count() == 1
    assert page.get_by_alt_text("A line that rises").evaluate("(image) => image.naturalWidth") == 1296
    assert page.locator("mjx-container").count() >= 6  # formulas are typeset, in widgets too
    lab.assert_quiet()


def test_holding_a_key_ends_at_the_last_value(lab, notebook):
    """While a slider is dragged, values that nobody waits for are skipped, and the last one is always drawn."""
    lab.open(notebook)
    lab.run_all()
    lab.lock_in_all()
    slider = lab.page.get_by_role("slider", name="learning rate α")
    moved = slider.evaluate("""(slider) => {
      for (let at = 0; at <= 100; at++) { slider.value = at; slider.dispatchEvent(new Event("input")); }
      return slider.getAttribute("aria-valuetext");
    }""")
    picture = lab.page.locator(".course-explorer").first
    lab.wait_until_still(picture)
    expected = picture.locator("img").get_attribute("alt")
    slider.press("ArrowLeft")
    lab.wait_until_still(picture)
    slider.press("ArrowRight")
    lab.wait_until_still(picture)
    assert slider.get_attribute("aria-valuetext") == moved
    assert picture.locator("img").get_attribute("alt") == expected
    lab.assert_quiet()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_words_can_be_read_in_both_themes(lab, notebook, theme):
    lab.open(notebook, theme)
    lab.run_all()
    for selector in (".course-caption", ".course-notice", ".course-question legend", ".course-option label",
                     ".course-controls label", "figcaption"):
        assert lab.contrast(lab.page.locator(selector).first) >= 4.5, selector
    lab.assert_quiet()
