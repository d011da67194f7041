"""`course student-edition FOLDER`: the course without its solutions, to hand to students."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOR_STUDENTS = ("course", "lessons", "exercises", "docs", "README.md", "LICENSE", "pyproject.toml")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".ipynb_checkpoints", "_content", ".*")


def add_student_edition(subparsers) -> None:
    """Registers `student-edition`."""
    parser = subparsers.add_parser("student-edition", help="make a copy of the course without the solutions",
                                   description=run_student_edition.__doc__)  # fmt: skip
    parser.add_argument("folder", type=Path, help="a new folder")
    parser.set_defaults(run=run_student_edition)


def run_student_edition(arguments: argparse.Namespace) -> int:
    """Copies the course, without solutions and tests, into a new folder, from which students install it."""
    folder = arguments.folder
    if not (ROOT / "pyproject.toml").is_file() or not (ROOT / "solutions").is_dir():
        print("A student edition is made from a checkout of the course that has its solutions; this course runs from "
              f"{ROOT}. Run the command in the checkout.", file=sys.stderr)  # fmt: skip
        return 2
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        print(f"{folder} is there already and not empty; expected was the name of a new folder.", file=sys.stderr)
        return 2
    if folder.resolve().is_relative_to(ROOT / "course"):
        print(f"{folder} lies in the folder that is copied. Choose one outside of the course.", file=sys.stderr)
        return 2
    make_student_edition(folder)
    print(f"The student edition is in {folder}. Students install it as the README says; solution() tells them that it "
          "comes without solutions. The checker's references are in course/exercises, as any checker's must be.")
    return 0


def make_student_edition(folder: Path) -> None:
    """Writes the copy."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in FOR_STUDENTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=LEFT_OUT)
        elif source.is_file():
            shutil.copy(source, folder / name)
    project = folder / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    text = re.sub(r'^"solutions" = .*\n|, "solutions"', "", text, flags=re.MULTILINE)
    project.write_text(text, encoding="utf-8")
