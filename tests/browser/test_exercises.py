"""Exercises as a student does them in JupyterLab: not attempted, stuck, a mistake that is named, then full marks."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from course.exercises import registry

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
UNITS = ("03_gradient_descent", "08_adam", "15_cross_entropy") if os.environ.get("COURSE_BROWSER") == "all" else (
    "08_adam",)
# Sets the source of a cell, runs it, and gives back what it shows as text.
RUN_CELL = """async ([id, source]) => {
  const panel = window.jupyterapp.shell.currentWidget;
  const cells = panel.content.widgets;
  const index = cells.findIndex((cell) => cell.model.id === id);
  if (source !== null) cells[index].model.sharedModel.setSource(source);
  panel.content.activeCellIndex = index;
  await window.jupyterapp.commands.execute("notebook:run-cell");
  await new Promise((resolve) => {
    const look = () => panel.sessionContext.session.kernel.status === "idle" ? resolve() : requestAnimationFrame(look);
    look();
  });
  cells[index].node.scrollIntoView();
  return (cells[index].model.toJSON().outputs ?? [])
    .map((output) => output.text ?? output.data?.["text/plain"] ?? output.evalue).join("");
}"""


def solved(unit: str) -> dict[str, str]:
    """The source of each cell of the instructor's notebook, by its id."""
    notebook = json.loads((ROOT / "solutions" / unit / f"{unit}.ipynb").read_text())
    return {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}


@pytest.mark.parametrize("unit", UNITS)
def test_from_the_empty_notebook_to_full_marks(lab, unit, tmp_path):
    folder = lab.server.folder / "exercises"  # a lesson and its exercises have one name
    folder.mkdir(exist_ok=True)
    shutil.copy(ROOT / "exercises" / unit / f"{unit}.ipynb", folder)
    lab.open(f"exercises/{unit}.ipynb")
    pictures = Path(os.environ.get("COURSE_BROWSER_PICTURES", tmp_path))

    def run(cell: str, source: str | None = None) -> str:
        text = lab.page.evaluate(RUN_CELL, [cell, source])
        lab.page.screenshot(path=pictures / f"{unit}-{len(list(pictures.glob(unit + '*'))):02}-{cell}.png")
        return text

    answers = solved(unit)
    run("imports")
    for exercise in registry.exercises(unit):
        cell = exercise.name.replace("_", "-")
        run(cell)
        assert "not attempted" in run(f"{cell}-check").lower()
        assert exercise.hints[0].split()[0] in run(f"{cell}-hint", f"hint({exercise.name})")
        assert "hint 2 of" in run(f"{cell}-hint").lower()
        lines = answers[cell].splitlines()
        run(cell, f"{lines[0]}\n    print('done')")
        assert "print" in run(f"{cell}-check").lower(), "an answer that is printed and not returned is named as such"
        run(cell, answers[cell])
        assert "passed" in run(f"{cell}-check").lower()
        assert "passed" in run(f"{cell}-points").lower()
    standing = run("progress")
    points = sum(exercise.points for exercise in registry.exercises(unit))
    assert f"{points}/{points}" in standing
    lab.assert_quiet()
