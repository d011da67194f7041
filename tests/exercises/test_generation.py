"""`exercises/` is what nbgrader makes of `solutions/`, the same each time, and shows no solution."""

import importlib.util
import json
import shutil
from pathlib import Path

import pytest

pytest.importorskip("nbgrader", reason="the extra `instructor` is not installed")
ROOT = Path(__file__).resolve().parents[2]
specification = importlib.util.spec_from_file_location("generate_exercises", ROOT / "tools" / "generate_exercises.py")
tool = importlib.util.module_from_spec(specification)
specification.loader.exec_module(tool)
UNIT = "03_gradient_descent"


def change(path, old, new):
    """Replaces text in the notebook's source; `old` has to be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_exercises_are_in_step_with_solutions():
    assert tool.drift(ROOT / "solutions", ROOT / "exercises") == []


def test_no_solution_shows_in_the_exercises():
    assert tool.leaks(ROOT / "solutions", ROOT / "exercises") == []


@pytest.mark.parametrize("where", ["source", "outputs", "markdown", "metadata"])
def test_a_planted_leak_is_found(tmp_path, where):
    shutil.copytree(ROOT / "exercises", tmp_path / "exercises")
    path = tmp_path / "exercises" / UNIT / f"{UNIT}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["id"] == "largest-stable-lr")
    line = "return 2 / np.linalg.eigvalsh(A)[-1]"
    if where == "source":
        cell["source"].append(f"\n    # {line}")
    elif where == "markdown":
        notebook["cells"][0]["source"] = ["The answer: ", "return 2 /  np.linalg.eigvalsh( A )[-1]"]
    elif where == "metadata":
        cell["metadata"]["author's note"] = {"kept": [{"for later": line}]}
    else:
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": [line]}]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    (leak,) = tool.leaks(ROOT / "solutions", tmp_path / "exercises")
    assert line in leak


def test_generating_twice_gives_the_same_bytes(tmp_path):
    first, second = (tool.generate(ROOT / "solutions", tmp_path / name)[0].read_bytes() for name in "ab")
    assert first == second


def test_drift_is_found(tmp_path):
    shutil.copytree(ROOT / "exercises", tmp_path / "exercises")
    change(tmp_path / "exercises" / UNIT / f"{UNIT}.ipynb", "When to stop", "When to go")
    (tmp_path / "exercises" / "99_gone").mkdir()
    shutil.copy(tmp_path / "exercises" / UNIT / f"{UNIT}.ipynb", tmp_path / "exercises" / "99_gone" / "99_gone.ipynb")
    (tmp_path / "exercises" / UNIT / "answers.txt").write_text("return 2 / np.linalg.eigvalsh(A)[-1]")
    changed, planted, left_over = tool.drift(ROOT / "solutions", tmp_path / "exercises")
    assert UNIT in changed and "answers.txt" in planted and "99_gone" in left_over
