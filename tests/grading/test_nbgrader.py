"""nbgrader's own autograde gives the unsolved notebook 0 and the solution full marks; export says so."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbgrader", reason="the extra `instructor` is not installed")
ROOT = Path(__file__).resolve().parents[2]
UNIT = "03_gradient_descent"


@pytest.mark.filterwarnings("ignore")
def test_unsolved_gets_nothing_and_the_solution_everything(tmp_path, monkeypatch):
    from nbgrader.api import Gradebook
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    monkeypatch.chdir(tmp_path)
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    binaries = [str(Path(sys.executable).parent), os.environ["PATH"]]  # nbgrader calls `alembic`
    monkeypatch.setenv("PATH", os.pathsep.join(binaries))
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.jsonl"))
    shutil.copytree(ROOT / "solutions" / UNIT, tmp_path / "source" / UNIT)
    for student, folder in (("unsolved", "exercises"), ("solved", "solutions")):
        target = tmp_path / "submitted" / student / UNIT
        target.mkdir(parents=True)
        shutil.copy(ROOT / folder / UNIT / f"{UNIT}.ipynb", target)
    config = Config()
    config.CourseDirectory.root = str(tmp_path)
    config.CourseDirectory.db_url = "sqlite:///" + str(tmp_path / "gradebook.db")
    config.ExecutePreprocessor.timeout = 120
    api = NbGraderAPI(config=config)
    assert api.generate_assignment(UNIT)["success"]
    for student in ("unsolved", "solved"):
        graded = api.autograde(UNIT, student)
        assert graded["success"], graded
    with Gradebook(config.CourseDirectory.db_url) as gradebook:
        scores = {name: gradebook.find_submission(UNIT, name).score for name in ("unsolved", "solved")}
        assert scores == {"unsolved": 0, "solved": gradebook.find_assignment(UNIT).max_score}
        assert scores["solved"] == 6
    database = f"--CourseDirectory.db_url={config.CourseDirectory.db_url}"
    command = [sys.executable, "-m", "nbgrader", "export", "--to", "grades.csv", "--course", str(tmp_path), database]
    subprocess.run(command, check=True, capture_output=True)
    with open(tmp_path / "grades.csv", newline="") as file:
        exported = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)}
    assert exported == {"unsolved": (0, 6), "solved": (6, 6)}
