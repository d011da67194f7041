"""Makes `exercises/` from `solutions/`: what a student gets, with the solutions taken out by nbgrader.

    python tools/generate_exercises.py             write exercises/
    python tools/generate_exercises.py --check     write nothing; fail where exercises/ is stale or shows a solution
    python tools/generate_exercises.py --execute   first run the solutions and store their outputs

Needs the extra `instructor`. The result is the same, byte for byte, however often it runs.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STUB = "raise NotImplementedError  # your own lines go in place of this one"
SOLUTION = re.compile(r"^[ \t]*### BEGIN SOLUTION\n(.*?)^[ \t]*### END SOLUTION", re.MULTILINE | re.DOTALL)


def generate(source: Path, target: Path) -> list[Path]:
    """Writes a notebook under `target` for each unit of `source`; returns their paths."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    written = []
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(source, Path(folder, "solutions"), ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        for unit in units(source):
            config = Config()
            config.CourseDirectory.root = folder
            config.CourseDirectory.source_directory = "solutions"
            config.CourseDirectory.release_directory = "exercises"
            config.CourseDirectory.assignment_id = unit
            config.GenerateAssignment.no_database = True
            config.SaveCells.enabled = False
            config.ClearSolutions.code_stub = {"python": STUB}
            course_directory = CourseDirectory(config=config)
            converter = GenerateAssignment(coursedir=course_directory, config=config)
            converter.log.setLevel("ERROR")
            converter.start()
            notebook = json.loads(Path(folder, "exercises", unit, f"{unit}.ipynb").read_text(encoding="utf-8"))
            path = target / unit / f"{unit}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path, normalised(notebook))
            written.append(path)
    return written


def normalised(notebook: dict) -> dict:
    """Without what depends on who ran it when: outputs, counts, versions."""
    for number, cell in enumerate(notebook["cells"]):
        cell.setdefault("id", f"cell-{number}")
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
            cell["metadata"].pop("execution", None)
    notebook["metadata"] = {
        **{key: value for key, value in notebook["metadata"].items() if key == "course"},
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return {**notebook, "nbformat": 4, "nbformat_minor": 5}


def write(path: Path, notebook: dict) -> None:
    """As Jupyter writes it: indent 1, a newline at the end."""
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def execute(source: Path) -> None:
    """Runs each solutions notebook from top to bottom and stores the outputs that someone who starts afresh sees."""
    import nbformat
    from nbclient import NotebookClient

    for unit in units(source):
        path = source / unit / f"{unit}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        with tempfile.TemporaryDirectory() as folder:
            paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
            environment = {**os.environ, "COURSE_PROGRESS": str(Path(folder, "progress.jsonl")), "PYTHONPATH": paths}
            NotebookClient(notebook, timeout=300, resources={"metadata": {"path": folder}}).execute(env=environment)
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)  # when it ran
        metadata = normalised({"cells": [], "metadata": dict(notebook.metadata)})["metadata"]
        write(path, {**notebook, "metadata": metadata})


def drift(source: Path, target: Path) -> list[str]:
    """What tells `target` from a fresh generation, a sentence for each file."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        fresh = generate(source, Path(folder))
        for path in fresh:
            name = path.relative_to(folder)
            old = target / name
            if not old.is_file():
                found.append(f"{name} is missing. Run python tools/generate_exercises.py.")
            elif old.read_bytes() != path.read_bytes():
                found.append(f"{name} is not what solutions/ gives. Run python tools/generate_exercises.py.")
        names = {path.relative_to(folder) for path in fresh}
    for path in sorted(path for path in target.rglob("*") if path.is_file()):
        if ".ipynb_checkpoints" not in path.parts and path.relative_to(target) not in names:
            found.append(f"{path.relative_to(target)} has no counterpart in solutions/.")
    return found


def leaks(source: Path, target: Path) -> list[str]:
    """Solutions that can be read in the student's notebooks: a marker, or a line of a solution in its own words."""
    found = []
    for unit in units(source):
        path = target / unit / f"{unit}.ipynb"
        if not path.is_file():
            continue
        student = json.loads(path.read_text(encoding="utf-8"))
        text = "\n".join(_strings(student))
        if "SOLUTION" in text:
            found.append(f"{unit}: a solution marker is left in the student's notebook.")
        shown = _squeezed(text)
        for statement in telling_statements(source / unit / f"{unit}.ipynb"):
            if _squeezed(statement) in shown:
                found.append(f"{unit}: the student's notebook shows a line of the solution: {statement}")
    return found


def telling_statements(path: Path) -> list[str]:
    """The lines of the solutions that say something and are not part of the text that students are meant to read."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells]
    given = _squeezed("\n".join(SOLUTION.sub("", source) for source in sources))
    lines = [line.strip() for source in sources for block in SOLUTION.findall(source) for line in block.splitlines()]
    return [line for line in lines if _operations(line) and _squeezed(line) not in given]


def units(source: Path) -> list[str]:
    """The units that have a notebook of solutions."""
    return sorted(path.parent.name for path in source.glob("*/*.ipynb") if path.stem == path.parent.name)


def _strings(tree) -> Iterator[str]:
    """All text in a notebook, wherever it stands: sources, outputs, metadata, attachments."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        for value in tree.values():
            yield from _strings(value)
    elif isinstance(tree, list):
        if all(isinstance(item, str) for item in tree):
            yield "".join(tree)  # the lines of one text
        else:
            for item in tree:
                yield from _strings(item)


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _operations(line: str) -> bool:
    """Whether a line calculates, calls or compares: `return w, b` alone gives nothing away."""
    try:
        tree = ast.parse(line if not line.endswith(":") else f"{line} pass")
    except SyntaxError:
        return False
    return any(isinstance(node, ast.BinOp | ast.Call | ast.Compare | ast.AugAssign) for node in ast.walk(tree))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="report drift and leaks, write nothing")
    parser.add_argument("--execute", action="store_true", help="run the solutions first and store their outputs")
    arguments = parser.parse_args()
    source, target = ROOT / "solutions", ROOT / "exercises"
    if arguments.execute:
        execute(source)
    if not arguments.check:
        for path in generate(source, target):
            print(path.relative_to(ROOT))
    problems = drift(source, target) + leaks(source, target)
    print(*problems, sep="\n", end="\n" if problems else "", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
