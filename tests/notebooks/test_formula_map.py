"""Every entry of the map of formulas leads somewhere."""

import importlib
import re
from pathlib import Path

import nbformat
import pytest

from course.exercises.registry import find
from course.lab.formulas import formula_map, formulas

ROOT = Path(__file__).parents[2]


def named(formula):
    return formula.name


@pytest.fixture(params=formulas(), ids=named)
def formula(request):
    return request.param


def resolve(dotted):
    """What a dotted name stands for, modules being imported on the way."""
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(dotted)


def test_the_lesson_has_the_cell(formula):
    notebook, cell = formula.lesson.split("#")
    assert cell in [c.id for c in nbformat.read(ROOT / "lessons" / f"{notebook}.ipynb", 4).cells]


def test_library_and_kernel_exist(formula):
    for name in filter(None, (formula.library, formula.kernel)):
        assert callable(resolve(name)), name


def test_the_exercise_belongs_to_the_lesson(formula):
    if formula.exercise:
        assert find(formula.exercise).unit == formula.unit


def test_the_test_exists(formula):
    file, function = formula.test.split("::")
    assert re.search(rf"^def {function}\(", (ROOT / file).read_text(), re.MULTILINE)


def test_every_formula_is_named_once():
    names = [f.name for f in formulas()]
    assert len(set(names)) == len(names)


def test_the_map_is_in_the_order_of_the_course():
    units = [f.unit for f in formulas()]
    assert units == sorted(units)


def test_the_table_keeps_absolute_values_apart_from_norms(capsys):
    formula_map()
    table = capsys.readouterr().out
    assert r"$\tfrac1n\sum_i \vert y_i - \hat y_i\vert $" in table and r"\lVert\nabla J" in table
    assert all(row.count("|") == 5 for row in table.splitlines())  # no bar within a cell


@pytest.mark.parametrize("folder, exercises", [("lessons", "../exercises/"), ("lessons/zh", "../../exercises/")])
def test_the_map_of_a_translated_lesson_finds_the_exercises(folder, exercises, tmp_path, monkeypatch, capsys):
    here = tmp_path / folder
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    formula_map()
    links = re.findall(r"\]\(([./]*exercises/)", capsys.readouterr().out)
    assert links and set(links) == {exercises}
