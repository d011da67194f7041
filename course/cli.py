"""The command `course`: each subcommand is registered, and explained, by the module that does its work.

To register must cost nothing: those modules import what is heavy only when they run.
"""

from __future__ import annotations

import argparse
import os
import sys

from . import __version__
from .doctor import add_doctor
from .grading.command import add_check, add_grade
from .grading.editions import add_new_class, add_student_edition
from .notebook_server import add_lab
from .warmup import add_warmup


def main(argv: list[str] | None = None) -> int:
    """Run one command; its exit status."""
    try:
        try:
            return _run(sys.argv[1:] if argv is None else list(argv))
        finally:
            sys.stdout.flush()  # here, where a reader that is gone does no harm, and not when Python ends
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(argv: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a path must print even where the terminal lacks its letters
    argv, passed_on = _split(argv)
    parser = _parser()
    args, unknown = parser.parse_known_args(argv)
    if unknown:
        where = f". Is it JupyterLab's? Then after --: course lab -- {unknown[0]}" if argv[0] == "lab" else ""
        parser.error(f"unrecognized arguments: {' '.join(unknown)}{where}")
    if args.run is None:
        parser.print_help()
        return 0
    args.passed_on = passed_on
    return args.run(args)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="course", description="A course on optimisation and loss functions.")
    parser.add_argument("--version", action="version", version=f"course {__version__}")
    parser.set_defaults(run=None)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    for add in (add_lab, add_check, add_grade, add_new_class, add_student_edition, add_doctor,
                add_warmup):
        add(subparsers)
    return parser


def _split(argv: list[str]) -> tuple[list[str], list[str]]:
    """The command's own words, and what stands after `--` in `course lab`, which is for JupyterLab."""
    if argv[:1] == ["lab"] and "--" in argv:
        cut = argv.index("--")
        return argv[:cut], argv[cut + 1:]
    return argv, []
