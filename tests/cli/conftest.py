"""A small course, a home of its own and a way to run `course` in a process, for the tests of the command line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]

# Runs the command with the notebooks of another folder in place of the course's.
WITH_CONTENT = """
import sys
from pathlib import Path
from course import cli, workspace
workspace.content = Path(sys.argv[1]).joinpath
sys.exit(cli.main(sys.argv[2:]))
"""


def notebook(source: str, output: str = "<b>stored</b>") -> bytes:
    """A notebook of one cell with a stored HTML output and stable ids."""
    shown = nbformat.v4.new_output("display_data", data={"text/html": output})
    cell = nbformat.v4.new_code_cell(source, id="cell-1", outputs=[shown], execution_count=1)
    return nbformat.writes(nbformat.v4.new_notebook(cells=[cell])).encode()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """A home folder of the test's own, so that no test touches or reads the real one."""
    home = tmp_path / "home"
    home.mkdir()
    for name in list(os.environ):
        if name.startswith(("JUPYTER", "IPYTHON", "COURSE_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    return home


@pytest.fixture
def shelf(tmp_path, monkeypatch) -> Path:
    """A course of two lessons and an exercise, put in place of the real one."""
    from course import workspace

    shelf = tmp_path / "shelf"
    unit = "03_gradient_descent"
    for name in ("lessons/00_welcome", f"lessons/{unit}", f"exercises/{unit}/{unit}"):
        path = shelf / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(notebook("print(1)"))
    monkeypatch.setattr(workspace, "content", shelf.joinpath)
    return shelf


def ctrl_c_works():
    """As in a terminal: a shell's background jobs, such as a test run's, ignore SIGINT and hand that on."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def course(shelf, tmp_path):
    """Start `course ARGUMENTS` in a process of its own, in an empty folder, with the small course's notebooks."""
    started = []

    def start(*arguments, script=WITH_CONTENT, **options) -> subprocess.Popen:
        desk = tmp_path / "desk"
        desk.mkdir(exist_ok=True)
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
        process = subprocess.Popen([sys.executable, "-c", script, str(shelf), *arguments], cwd=desk, env=environment,
                                   text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   preexec_fn=ctrl_c_works, **options)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.communicate()
