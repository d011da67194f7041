"""The sandbox around a submission, by bubblewrap: what it may not touch is not there.

Inside there is a read-only system and Python, an empty home in memory, no network, and no process but the submission's
own. References, solutions, other submissions and the grades are not hidden but absent: nothing to open, list or kill.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import course

PACKAGE = Path(course.__file__).resolve().parent
HOME = "/home/student"
HOME_BYTES = 64 * 2**20  # the home lives in memory
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/etc/ld.so.cache", "/etc/alternatives",
          "/etc/fonts", "/etc/localtime")  # fmt: skip


def hidden_paths() -> list[str]:
    """What no submission may read: specifications, the grader, the solutions, other processes."""
    teaching = [PACKAGE / "exercises", PACKAGE / "grading"]
    content = [PACKAGE.parent / "solutions", PACKAGE / "_content" / "solutions", PACKAGE.parent / "tests"]
    return [str(path) for path in (*teaching, *content, Path("/proc"))]


def sandboxed(command: Sequence[str], hidden: Sequence[str] = (), readable: Sequence[str] = ()) -> list[str]:
    """The command line that runs `command` inside, with more that is `readable`, and without what is `hidden`."""
    line = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    visible = [*visible_paths(), *readable]
    for path in visible:
        line += ["--ro-bind-try", path, path]
    # Mounted over, so that it is gone although its surroundings are visible.
    emptied = [path for path in map(os.path.realpath, [*hidden_paths(), *hidden]) if _shows(path, visible)]
    for path in emptied:
        line += ["--tmpfs", path]
    for needed in map(str, _needed()):
        line += ["--ro-bind", needed, needed]
    line += ["--dev", "/dev", "--size", str(HOME_BYTES), "--tmpfs", HOME, "--chdir", HOME]
    for path in [*emptied, "/dev", "/"]:
        line += ["--remount-ro", path]
    return [*line, "--", *command]


@lru_cache
def missing() -> str:
    """Why there is no sandbox on this machine; nothing where there is one. It is found out by trying."""
    if sys.platform != "linux" or shutil.which("bwrap") is None:
        return "bubblewrap is not installed"
    try:
        tried = subprocess.run(sandboxed([sys.executable, "-c", ""]), capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not start here ({error})"
    told = tried.stderr.strip().splitlines() or [f"exit status {tried.returncode}"]
    return f"bubblewrap does not work here ({told[-1]})" if tried.returncode else ""


def visible_paths() -> Iterator[str]:
    """The system, this Python with its packages, and the library."""
    python = {os.path.realpath(path) for path in (sys.prefix, sys.base_prefix, sys.base_exec_prefix)}
    yield from dict.fromkeys([*SYSTEM, sys.prefix, *sorted(python - {"/"}), str(PACKAGE)])


def _needed() -> list[Path]:
    """What the runner imports before the student's first line: all that teaches but the specifications."""
    teaching = {*PACKAGE.glob("exercises/*.py"), *PACKAGE.glob("grading/*.py")}
    return sorted(teaching - {*PACKAGE.glob("exercises/unit_*")})


def _shows(path: str, visible: Sequence[str]) -> bool:
    return os.path.isdir(path) and any(Path(path).is_relative_to(os.path.realpath(place)) for place in visible)
