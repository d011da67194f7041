"""The tool that executes notebooks in place."""

import importlib.util
from pathlib import Path

import nbformat
import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "execute_notebooks.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("execute_notebooks", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write(path, *sources):
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources)]
    cells[0].metadata["tags"] = ["keep-me"]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_widgets_leave_their_figure_and_a_second_run_changes_nothing(tool, tmp_path):
    path = write(tmp_path / "a.ipynb",
                 "from course.lab import Parabola, Descent, explore, predict, slider",
                 "predict('What then?', ['this', 'that'], 'key')",
                 "explore(Descent(Parabola(), lambda theta, gradient, lr: theta - lr * gradient), "
                 "lr=slider(0.0, 2.0, 0.5), after='key')",
                 "import ipywidgets; display(ipywidgets.IntSlider())",
                 "print(1)\nprint(2)")
    assert tool.main([str(path)]) == 0
    first = path.read_bytes()
    assert tool.main([str(path)]) == 0 and path.read_bytes() == first
    notebook = nbformat.read(path, 4)
    assert [cell.id for cell in notebook.cells] == [f"cell-{i}" for i in range(5)]
    assert notebook.cells[0].metadata == {"tags": ["keep-me"]}
    assert "widget-view" not in first.decode() and "widgets" not in notebook.metadata
    assert "<img alt=" in notebook.cells[2].outputs[0].data["text/html"]
    assert notebook.cells[3].outputs == []
    assert notebook.cells[4].outputs[0].text == "1\n2\n"
    assert notebook.metadata.language_info == {"name": "python"}
    assert sorted(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("source, said", [("1 / 0", "ZeroDivisionError"),
                                          ("import sys; print('oh', file=sys.stderr)", "cell 0 wrote to stderr:\noh")])
def test_errors_and_warnings_fail_and_leave_the_file_alone(tool, tmp_path, capsys, source, said):
    path = write(tmp_path / "a.ipynb", source)
    before = path.read_bytes()
    assert tool.main([str(path)]) == 1
    assert said in capsys.readouterr().err
    assert path.read_bytes() == before


@pytest.mark.parametrize("folder, changed, translated", [("lessons", True, True), ("lessons", False, False),
                                                         ("solutions", True, False)])
def test_a_changed_lesson_has_its_translation_generated_anew(tool, tmp_path, monkeypatch, folder, changed, translated):
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    monkeypatch.setattr(tool, "execute", lambda path, timeout: changed)
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "translate_lessons.py").write_text("open(__file__ + '.ran', 'w').close()")
    assert tool.main([str(tmp_path / folder / "00_welcome.ipynb")]) == 0
    assert (tmp_path / "tools" / "translate_lessons.py.ran").exists() == translated
