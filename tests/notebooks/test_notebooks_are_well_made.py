"""Every stored notebook reads well: headings, alt text, short cells, stable ids, no traces of one machine."""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
LESSONS = sorted((ROOT / "lessons").glob("*.ipynb"))
NOTEBOOKS = [*LESSONS, *sorted((ROOT / "solutions").rglob("*.ipynb")), *sorted((ROOT / "exercises").rglob("*.ipynb"))]
LONGEST_CELL = 15


def named(path):
    return str(path.relative_to(ROOT))


@pytest.fixture(params=NOTEBOOKS, ids=named)
def notebook(request):
    return nbformat.read(request.param, 4)


@pytest.fixture(params=LESSONS, ids=named)
def lesson(request):
    return nbformat.read(request.param, 4)


def code_cells(notebook):
    return [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]


def headings(notebook):
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    return [(len(m[1]), m[2]) for m in re.finditer(r"(?m)^(#{1,6}) (.+)$", re.sub(r"(?s)```.*?```", "", text))]


def outputs(notebook):
    return [o for c in code_cells(notebook) for o in c.outputs]


def html_outputs(notebook):
    return ["".join(o.data["text/html"]) for o in outputs(notebook) if "text/html" in o.get("data", {})]


def test_the_notebook_is_valid_with_unique_cell_ids(notebook):
    nbformat.validate(notebook)
    ids = [c.id for c in notebook.cells]
    assert len(set(ids)) == len(ids)


def test_it_has_one_title_and_its_headings_are_in_order(notebook):
    levels = [level for level, _ in headings(notebook)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(levels, levels[1:]))


def test_no_code_cell_is_long(lesson):
    for cell in code_cells(lesson):
        assert len(cell.source.strip().splitlines()) <= LONGEST_CELL, cell.id


def test_every_picture_has_words(notebook):
    for html in html_outputs(notebook):
        for image in re.findall(r"<img[^>]*>", html):
            assert re.search(r'alt="[^"]{20,}"', image), image[:120]
    assert not any("image/png" in o.get("data", {}) for o in outputs(notebook)), "use course.lab.figure, which sets alt"


def test_outputs_hold_no_errors_warnings_or_widget_state(notebook):
    for o in outputs(notebook):
        assert o.output_type != "error"
        assert o.get("name") != "stderr"
        assert "application/vnd.jupyter.widget-view+json" not in o.get("data", {})


def test_nothing_points_to_one_machine(notebook):
    text = nbformat.writes(notebook)
    assert not re.search(r'(?<![\w.:/])/(home|root|work|tmp|Users|usr)/', text)
    assert notebook.metadata.kernelspec.name == "python3"


def test_links_between_notebooks_lead_somewhere(notebook, request):
    path = request.node.callspec.params["notebook"]
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (path.parent / target).exists(), target


def test_a_lesson_has_every_part_of_the_template(lesson):
    titles = [title.lower() for _, title in headings(lesson)]
    source = "\n".join(c.source for c in lesson.cells)
    for part in ("you will be able to", "a picture first", "exercises", "common mistakes"):
        assert any(part in title for title in titles), part
    assert source.count("predict(") >= 1 and source.count("quiz(") == 3 and "explore(" in source
    assert "| symbol | meaning |" in source or lesson.cells[0].source.startswith("# Welcome")
    assert re.search(r"\]\(\d\d_\w+\.ipynb\)", lesson.cells[-1].source), "the last cell says where to go next"


def test_the_answer_of_a_question_is_folded_away(lesson):
    asked = [c for c in code_cells(lesson) if re.search(r"^(predict|quiz)\(", c.source, re.MULTILINE)]
    for cell in asked:
        assert cell.metadata.get("jupyter") == {"source_hidden": True}, cell.id
        first, *_ = cell.source.splitlines()  # JupyterLab shows this line of a folded cell
        assert re.match(r"predict\(|quiz\(", first), f"{cell.id} folds more than a question away"
        assert not re.search(r"\b(answer|right|because|wrong)=", first), f"{cell.id} gives its answer away"


def test_a_lesson_is_stored_executed(lesson):
    assert all(c.execution_count for c in code_cells(lesson))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=named)
def test_a_notebook_stays_below_a_megabyte(path):
    assert path.stat().st_size < 1_000_000
