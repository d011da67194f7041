"""Closes what a submission has no business with: references, solutions, other processes, the network.

An audit hook cannot be removed by Python code, and it can say why it refuses. It is no sandbox: compiled code (ctypes,
a numba function that calls libc) goes past it, to what `sandbox` and `system_calls` leave.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

_FORBIDDEN = (  # how the names of the events begin
    "os.fork", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.startfile", "subprocess.", "pty.", "os.kill",
    "signal.pthread_kill", "socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "gc.get_",
    "sys._current_frames",
)  # fmt: skip
_READING = ("open", "os.listdir", "os.scandir", "os.chdir")
_CHANGING = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod")
_ENTRIES = ("os.rename", "os.remove", "os.rmdir")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def close_doors(hidden: Sequence[str], writable: str) -> None:
    """From now on the `hidden` paths cannot be opened or listed, and nothing outside `writable` can be changed."""
    hidden = tuple(os.path.realpath(path) for path in hidden)
    writable = os.path.realpath(writable)
    realpath, fsdecode, separator = os.path.realpath, os.fsdecode, os.sep
    dirname, basename, join = os.path.dirname, os.path.basename, os.path.join

    def inside(path: str, folder: str) -> bool:
        return path == folder or path.startswith(folder + separator)

    def guard(event, arguments):
        if event.startswith(_FORBIDDEN):
            raise PermissionError(f"{event} is not available while grading")
        if event not in _READING and event not in _CHANGING:
            return
        changes = event in _CHANGING or (event == "open" and bool(arguments[2] & _WRITING))
        paths = arguments[:2] if event in ("os.rename", "os.link", "os.symlink") else arguments[:1]
        for path in paths:
            if path is None or isinstance(path, int):
                continue  # a descriptor that is open already
            path = fsdecode(path)
            if event in _ENTRIES:  # a link is itself replaced or removed, not what it leads to
                path = join(realpath(dirname(path)), basename(path))
            else:
                path = realpath(path)
            if any(inside(path, folder) for folder in hidden):
                raise PermissionError("this path is not available while grading")
            if changes and not inside(path, writable) and path != os.devnull:
                raise PermissionError(f"only the working folder can be changed while grading, not {path}")

    sys.addaudithook(guard)
