"""The gates for every unit: nothing unsolved passes, every solution does, every mistake is called by its name."""

import ast
import json
from pathlib import Path

import pytest

from course.exercises import registry
from course.exercises.answering import FunctionAnswerer
from course.exercises.checking import examine
from course.exercises.solutions import solution_source
from course.exercises.verdict import NOT_ATTEMPTED, PASSED

ROOT = Path(__file__).resolve().parents[2]
EXERCISES = [exercise for unit in registry.units() for exercise in registry.exercises(unit)]
MISTAKES = [(exercise, mistake) for exercise in EXERCISES for mistake in exercise.misconceptions]


def verdict(exercise, function, seed=0, shrink=True):
    answerer = FunctionAnswerer(function, exercise.parameters, exercise.uses, exercise.seconds)
    return examine(exercise, answerer, seed, shrink)


def defined_in(path: Path) -> dict:
    """The functions of a notebook, without running anything else in it."""
    names = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            tree = ast.parse("".join(cell["source"]))
            kept = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef)]
            exec(compile(ast.Module(kept, []), str(path), "exec"), names)
    return names


def by_name(exercise):
    return exercise.name


@pytest.mark.parametrize("exercise", EXERCISES, ids=by_name)
def test_the_unsolved_exercise_counts_as_not_attempted(exercise):
    names = defined_in(ROOT / "exercises" / exercise.unit / f"{exercise.unit}.ipynb")
    assert verdict(exercise, names[exercise.name]).outcome == NOT_ATTEMPTED


@pytest.mark.parametrize("exercise", EXERCISES, ids=by_name)
def test_the_solution_passes_with_hidden_cases_too(exercise):
    function = defined_in(ROOT / "solutions" / exercise.unit / f"{exercise.unit}.ipynb")[exercise.name]
    for seed in range(20):
        found = verdict(exercise, function, seed)
        assert found.outcome == PASSED, found


@pytest.mark.parametrize("exercise", EXERCISES, ids=by_name)
def test_the_solution_can_be_shown_and_is_the_one_of_the_notebook(exercise):
    source = solution_source(exercise.unit, exercise.name)
    assert f"def {exercise.name}(" in source
    assert "SOLUTION" not in source and "TODO" not in source and "NotImplementedError" not in source


@pytest.mark.parametrize(
    "exercise, mistake", MISTAKES, ids=[f"{exercise.name}: {mistake.name}" for exercise, mistake in MISTAKES]
)
def test_the_misconception_is_named(exercise, mistake):
    found = verdict(exercise, mistake.function)
    assert (found.diagnosis, found.message) == (mistake.name, mistake.question)
    assert found.arguments and found.expected  # with a case that shows it


def broken_functions():
    """The functions that notebooks give to mend, with the exercise that each stands before."""
    for unit in registry.units():
        path, broken = ROOT / "exercises" / unit / f"{unit}.ipynb", ""
        names = {exercise.name for exercise in registry.exercises(unit)}
        for name in defined_in(path):
            broken = name if name.startswith("broken_") else broken
            if name in names and broken:
                yield path, broken, registry.find(name)
                broken = ""


BROKEN = list(broken_functions())


@pytest.mark.parametrize("path, name, exercise", BROKEN, ids=[f"{path.stem}: {name}" for path, name, _ in BROKEN])
def test_what_is_to_be_mended_is_named_when_it_is_handed_in_as_it_stands(path, name, exercise):
    found = verdict(exercise, defined_in(path)[name], shrink=False)
    assert found.diagnosis in [mistake.name for mistake in exercise.misconceptions]


@pytest.mark.parametrize("exercise, mistake", MISTAKES)
def test_the_misconception_is_named_with_hidden_cases_too(exercise, mistake):
    for seed in range(1, 6):
        assert verdict(exercise, mistake.function, seed, shrink=False).diagnosis == mistake.name


@pytest.mark.parametrize("exercise", EXERCISES, ids=by_name)
def test_the_specification_is_complete(exercise):
    names = [mistake.name for mistake in exercise.misconceptions]
    questions = {mistake.question for mistake in exercise.misconceptions}
    assert len(names) >= 5
    assert len(set(names)) == len(questions) == len(names)
    assert 2 <= len(exercise.hints) <= 3 and all(len(hint) > 20 for hint in exercise.hints)
    assert exercise.statement and exercise.points >= 1 and exercise.examples


def test_names_are_unique_and_each_leads_to_its_exercise():
    names = [exercise.name for exercise in EXERCISES]
    assert len(set(names)) == len(names)
    assert all(registry.find(exercise.name) is exercise for exercise in EXERCISES)


@pytest.mark.parametrize("exercise", EXERCISES, ids=by_name)
def test_the_notebook_states_what_the_specification_states(exercise):
    """The docstring in the notebook is the reference's."""
    function = defined_in(ROOT / "exercises" / exercise.unit / f"{exercise.unit}.ipynb")[exercise.name]
    assert function.__doc__ and " ".join(function.__doc__.split()) == " ".join(exercise.statement.split())
