"""What an instructor makes of the course: `course student-edition` to hand out, `course new-class` to teach from.

Both are copies, of the whole course or of chosen units, from which `pip install .` works as from the course itself.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOR_STUDENTS = ("course", "lessons", "exercises", "docs", "README.md", "LICENSE", "pyproject.toml")
FOR_A_CLASS = (*FOR_STUDENTS, "solutions", "tools/generate_exercises.py", ".github/workflows/class.yml",
               "tests/__init__.py", "tests/conftest.py", "tests/nbval.cfg", "tests/exercises/__init__.py",
               "tests/exercises/conftest.py", "tests/exercises/test_gates.py")
CLASS_REPOSITORY = ROOT / "tools" / "class_repository"  # what a class has and the course has not
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".ipynb_checkpoints", "_content", ".*")
LINK = re.compile(r"\[([^\]]*)\]\(((?!https?:|#)[^)#]+)[^)]*\)")


def add_student_edition(subparsers) -> None:
    """Registers `student-edition`."""
    parser = subparsers.add_parser("student-edition", help="make a copy of the course without the solutions",
                                   description=run_student_edition.__doc__)  # fmt: skip
    parser.add_argument("folder", type=Path, help="a new folder")
    _add_units(parser)
    parser.set_defaults(run=run_student_edition)


def add_new_class(subparsers) -> None:
    """Registers `new-class`."""
    parser = subparsers.add_parser("new-class", help="make a repository for a class of your own",
                                   description=run_new_class.__doc__)
    parser.add_argument("folder", type=Path, help="a new folder")
    _add_units(parser)
    parser.set_defaults(run=run_new_class)


def run_student_edition(arguments: argparse.Namespace) -> int:
    """Copy the course, without solutions and tests, into a new folder, from which students install it."""
    return _make(arguments, make_student_edition,
                 f"The student edition is in {arguments.folder}. Students install it as its README says; solution() "
                 "tells them that it comes without solutions. The checker's references are in course/exercises, as any "
                 "checker's must be.")


def run_new_class(arguments: argparse.Namespace) -> int:
    """Make a repository to teach from: the course or chosen units of it, solutions, a README for the instructor, and
    checks that run on every push and by hand."""
    return _make(arguments, make_class,
                 f"The class is in {arguments.folder}; its README.md says how to go on. First, in that folder: ci/run")


def make_student_edition(folder: Path, units: list[str] | None = None) -> None:
    """Writes the copy for students, of all units or of some."""
    _copy(FOR_STUDENTS, folder)
    own = ROOT / "STUDENTS.md"  # a class has its own; README.md is for instructors too
    shutil.copy(own if own.is_file() else CLASS_REPOSITORY / "STUDENTS.md", folder / "README.md")
    project = folder / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    text = re.sub(r'^"solutions" = .*\n|, "solutions"', "", text, flags=re.MULTILINE)
    project.write_text(text, encoding="utf-8")
    if units is not None:
        keep_units(folder, units)


def make_class(folder: Path, units: list[str] | None = None) -> None:
    """Writes the repository of a class with all units or some."""
    _copy(FOR_A_CLASS, folder)
    shutil.copytree(CLASS_REPOSITORY, folder, dirs_exist_ok=True)
    (folder / "gitignore").rename(folder / ".gitignore")  # under its own name it would be obeyed in the course itself
    if units is not None:
        keep_units(folder, units)


def keep_units(folder: Path, units: list[str]) -> None:
    """Takes out of a copy what belongs to other units, and the links that led there."""
    for notebook in list(folder.rglob("*.ipynb")):
        if notebook.stem not in ("00_welcome", *units):
            notebook.unlink()
            if not any(notebook.parent.iterdir()):
                notebook.parent.rmdir()
    for specification in (folder / "course" / "exercises").glob("unit_*.py"):
        if specification.stem.removeprefix("unit_") not in units:
            specification.unlink()
    for notebook in folder.rglob("*.ipynb"):
        _unlink_what_is_gone(notebook)


def _unlink_what_is_gone(path: Path) -> None:
    """Of a link that leads nowhere only the words stay."""
    def kept(link: re.Match) -> str:
        return link[0] if (path.parent / link[2]).exists() else link[1]

    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = LINK.sub(kept, "".join(cell["source"])).splitlines(keepends=True)
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _make(arguments: argparse.Namespace, make: Callable[[Path, list[str] | None], None], done: str) -> int:
    try:
        units = _chosen(arguments.units)
        _refuse_all_but_a_new_folder(arguments.folder)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    make(arguments.folder, units)
    print(done)
    return 0


def _add_units(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--units", nargs="+", metavar="UNIT", help="only these, such as 03 08 (all, if not given)")


def _chosen(words: list[str] | None) -> list[str] | None:
    """The units that the words name, each by its number or its full name."""
    from course.exercises import registry

    if words is None:
        return None
    found = {word: [unit for unit in registry.units() if word in (unit, unit.split("_")[0])] for word in words}
    if unknown := [word for word, units in found.items() if not units]:
        raise ValueError(f"There is no unit {unknown[0]}; expected the name or number of one of "
                         f"{', '.join(registry.units())}.")
    return sorted({unit for units in found.values() for unit in units})


def _refuse_all_but_a_new_folder(folder: Path) -> None:
    if not (ROOT / "pyproject.toml").is_file() or not (ROOT / "solutions").is_dir():
        raise ValueError("This is made from a checkout of the course that has its solutions; this course runs from "
                         f"{ROOT}. Run the command in the checkout.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueError(f"{folder} is there already and not empty; expected the name of a new folder.")
    if folder.resolve().is_relative_to(ROOT / "course"):
        raise ValueError(f"{folder} lies in the folder that is copied. Choose one outside of the course.")


def _copy(names: tuple[str, ...], folder: Path) -> None:
    for name in names:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=LEFT_OUT)
        elif source.is_file():
            shutil.copy(source, target)
