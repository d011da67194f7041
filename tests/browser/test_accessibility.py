"""What axe-core finds in a lesson: nothing serious in what is ours, in both themes. JupyterLab's own is listed apart.

Ours is what the course writes into a notebook: prose, and outputs with their figures, tables and widgets.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from test_lessons import FIVE

pytestmark = pytest.mark.browser

LESSONS = sorted((Path(__file__).resolve().parents[2] / "lessons").glob("*.ipynb"))
IS_OURS = "(element) => element.closest('.jp-OutputArea-output, .jp-RenderedMarkdown') !== null"
SERIOUS = ("serious", "critical")


def findings(page, kind: str = "violations", **options) -> list[tuple[str, str, bool]]:
    """Serious findings of axe in the notebook: the rule, the element, and whether it is ours."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install 'course[browser]'")
    # JupyterLab's body has no height, and axe takes for hidden what lies in an element without one.
    page.add_style_tag(content="body { height: 100vh }")
    found = axe.Axe().run(page, ".jp-Notebook", {"preload": False, "resultTypes": [kind], **options}).response[kind]
    return [(rule["id"], node["html"][:200], page.locator(node["target"][0]).first.evaluate(IS_OURS))
            for rule in found for node in rule["nodes"] if node["impact"] in SERIOUS]


@pytest.mark.parametrize("lesson", [path for path in LESSONS if path.name.startswith(FIVE)], ids=lambda path: path.stem)
def test_axe_finds_nothing_serious_in_what_is_ours(lab, lesson, report):
    lab.open(lesson.name)
    assert lab.run_all() == []
    lab.lock_in_all()
    found = findings(lab.page)
    lab.use_theme("JupyterLab Dark")
    found += findings(lab.page, runOnly=["color-contrast"])
    jupyterlabs = Counter(rule for rule, _, ours in found if not ours)
    report(f"{lesson.stem}, JupyterLab's own: {', '.join(f'{n} {rule}' for rule, n in jupyterlabs.items()) or 'none'}")
    assert [(rule, html) for rule, html, ours in found if ours] == []


def test_axe_sees_what_is_ours(lab):
    """Words that are too pale and a picture without words are found, in an output and in prose."""
    lab.open("00_welcome.ipynb")
    lab.page.locator(".jp-RenderedMarkdown").first.evaluate(
        "(prose) => prose.insertAdjacentHTML('beforeend', '<p style=\"color: #ddd; background: #fff\">pale</p>')")
    lab.page.locator(".jp-OutputArea-output").first.evaluate(
        "(output) => output.insertAdjacentHTML('beforeend', '<img src=\"data:,\">')")
    assert {rule for rule, _, ours in findings(lab.page) if ours} == {"color-contrast", "image-alt"}
