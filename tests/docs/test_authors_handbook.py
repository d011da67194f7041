"""The author's handbook does what it says: its blocks are put into a copy of the repository, its commands run there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
HANDBOOK = (ROOT / "docs" / "authors.md").read_text(encoding="utf-8")
COPIED = ("course", "docs", "exercises", "lessons", "solutions", "tests", "tools", "pyproject.toml")
BLOCK = re.compile(r"(?:^In `(?P<path>\S+)`, (?P<where>[^\n]+):\n\n)?^```(?P<kind>\w+)\n(?P<content>.*?)^```$",
                   re.MULTILINE | re.DOTALL)
NEW_CELL = re.compile(r"after the cell `(\S+)`, (.+) `(\S+)`")
GRADED = {"autograded answer": {"solution": True, "grade": False, "locked": False},
          "autograder tests": {"solution": False, "grade": True, "locked": True, "points": 1}}


def add_cell(path: Path, after: str, kind: str, id: str, source: str) -> None:
    notebook = nbformat.read(path, 4)
    make = nbformat.v4.new_markdown_cell if "markdown" in kind else nbformat.v4.new_code_cell
    cell = make(source.rstrip("\n"), id=id)
    for name, flags in GRADED.items():
        if name in kind:
            cell.metadata["nbgrader"] = {"grade_id": id, "schema_version": 3, "task": False, **flags}
    (place,) = (i for i, other in enumerate(notebook.cells) if other.id == after)
    notebook.cells.insert(place + 1, cell)
    nbformat.write(notebook, path)


def put(path: Path, where: str, content: str) -> None:
    """Put a block into a file of the copy, at the place that the sentence above it names."""
    if cell := NEW_CELL.fullmatch(where):
        return add_cell(path, *cell.groups(), content)
    text = path.read_text(encoding="utf-8")
    if where == "at the end":
        text += content
    else:
        mark = re.fullmatch(r"before (?:the entry )?`(.+)`", where)[1]
        mark = f'[[formula]]\nname = "{mark}"' if "the entry" in where else mark
        assert text.count(f"\n{mark}") == 1, f"{mark!r} is not one place of {path}"
        text = text.replace(f"\n{mark}", f"\n{content}{mark}")
    path.write_text(text, encoding="utf-8")


@pytest.mark.slow
def test_the_worked_example_works(tmp_path):
    copy = tmp_path / "copy"
    for name in COPIED:
        source = ROOT / name
        ignore = shutil.ignore_patterns("__pycache__", ".*")
        shutil.copytree(source, copy / name, ignore=ignore) if source.is_dir() else shutil.copy(source, copy / name)
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1",
                                "NUMBA_CACHE_DIR": str(tmp_path / "cache"), "COURSE_PROGRESS": str(tmp_path / "log")}
    environment.pop("PYTEST_XDIST_WORKER", None)

    def run(*command):
        done = subprocess.run([sys.executable, *command], cwd=copy, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}{done.stderr[-2000:]}"
        return done.stdout

    cells = []
    for block in BLOCK.finditer(HANDBOOK):
        if block["path"]:
            put(copy / block["path"], block["where"], block["content"])
            if block["path"].startswith("lessons/") and block["kind"] == "python":
                cells.append(block["content"])
        elif block["kind"] == "sh":
            for command in block["content"].splitlines():
                assert command.startswith("python ")
                run(*command.split()[1:], *(["-q", "-n", "0", "-p", "no:cacheprovider"] if "pytest" in command else []))
    shown = run("-c", "import course as torch\n" + "\n".join(cells))
    assert "e =  3.0   loss   4.000   slope 2.400" in shown and "e = 30.0" in shown
