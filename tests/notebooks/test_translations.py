"""The translated lessons are generated, complete, and say what the English ones say now."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("translate_lessons", ROOT / "tools" / "translate_lessons.py")
tool = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(tool)


@pytest.fixture(params=tool.lessons(), ids=lambda path: path.stem)
def lesson(request):
    return request.param


def test_a_translation_is_complete_and_keeps_formulas_code_and_links(lesson):
    assert tool.faults(lesson) == []


def test_the_generated_notebook_is_up_to_date(lesson):
    stored = ROOT / "lessons" / tool.LANGUAGE / lesson.name
    assert stored.read_text(encoding="utf-8") == tool.translated_notebook(lesson), "run tools/translate_lessons.py"


def test_every_link_of_the_generated_notebook_leads_somewhere(lesson):
    cells = json.loads(tool.translated_notebook(lesson))["cells"]
    shown = [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]
    shown += [output.get("data", {}).get("text/markdown", []) for cell in cells for output in cell.get("outputs", [])]
    links = re.findall(r"\]\(([^)\s#]+)", "".join(line for lines in shown for line in lines))
    folder = ROOT / "lessons" / tool.LANGUAGE
    assert [link for link in links if "://" not in link and not (folder / link).is_file()] == []


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A lesson of one cell and its translation, to be changed."""
    monkeypatch.setattr(tool, "TRANSLATIONS", tmp_path / "translations")
    (tmp_path / "translations" / "zh").mkdir(parents=True)
    lesson, told = tmp_path / "01_small.ipynb", tmp_path / "translations" / "zh" / "01_small.md"

    def write(english, chinese, mark=None):
        cell = {"cell_type": "markdown", "id": "title", "source": [english]}
        lesson.write_text(json.dumps({"cells": [cell]}))
        told.write_text(f"<!-- title {mark or tool.stamp(english)} -->\n{chinese}\n", encoding="utf-8")
        return lesson

    return write


def test_a_changed_english_cell_is_found(small):
    assert tool.faults(small("# Loss $J$", "# 损失 $J$")) == []
    (fault,) = tool.faults(small("# The loss $J$", "# 损失 $J$", mark=tool.stamp("# Loss $J$")))
    assert "has changed since" in fault


@pytest.mark.parametrize(("english", "chinese", "what"), [
    ("step along $-g$", "沿 $g$ 走", "formulas"),
    ("call `step()`", "调用 step()", "pieces of code"),
    ("see [01](01_small.ipynb)", "见 [01](02_small.ipynb)", "links"),
    ("# Loss", "损失", "headings"),
])
def test_what_a_translation_must_keep_is_compared(small, english, chinese, what):
    (fault,) = tool.faults(small(english, chinese))
    assert what in fault


def test_links_out_of_the_lessons_lead_one_folder_further(small):
    lesson = small("[Do](../exercises/01/01.ipynb), [02](02.ipynb)",
                   "[做](../exercises/01/01.ipynb)，再看 [02](02.ipynb)")
    cell = json.loads(tool.translated_notebook(lesson))["cells"][0]
    text, _, english = "".join(cell["source"]).rpartition("\n\n")
    assert text == "[做](../../exercises/01/01.ipynb)，再看 [02](02.ipynb)"
    assert english == "[English](../01_small.ipynb)"
