"""What a submission may use, and how the child process imposes it on itself before it runs a student's line."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from course.grading.system_calls import refuse_system_calls

MAX_TROUBLES = 10  # at most this many failed cells are reported


@dataclass(frozen=True)
class Limits:
    """Per process. The parent's clock ends what these do not catch."""

    cell_seconds: float = 10.0  # one cell of the notebook
    wall_seconds: float = 120.0  # the notebook: its cells, again after each death, and all answers
    grace: float = 5.0  # beyond a limit that the child keeps itself, before the parent ends it
    cpu_seconds: int = 120
    memory: int = 4 * 2**30  # bytes of address space; NumPy alone reserves a few hundred MB
    file_size: int = 16 * 2**20
    open_files: int = 64
    sandbox: bool | None = None  # None: where the machine has one


DEFAULT = Limits()


def impose(limits: Limits) -> None:
    """Lowers this process's own limits. They cannot be raised again, except by root."""
    import resource

    for what, value in (
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
        # No new process and no new thread. The limit counts all processes of the user, so any positive number would
        # depend on what else runs; zero does not. It does not bind root, whom the filter of system calls stops.
        (resource.RLIMIT_NPROC, 0),
    ):
        _, hard = resource.getrlimit(what)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS knows RLIMIT_AS and refuses it
            resource.setrlimit(what, (value, value))
    refuse_system_calls()
