"""One process at a time, where two windows write the same files."""

from __future__ import annotations

import contextlib
import sys
from typing import BinaryIO

_BEYOND = 1 << 30  # on Windows a locked byte cannot be read: this one is none that anyone reads


def wait_until_alone(file: BinaryIO) -> None:
    """Wait until no other process holds the lock of the open `file`, and hold it until the file is closed.

    The lock falls when its process ends, even if killed. Some network disks have none; there nobody waits.
    """
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            import msvcrt
            file.seek(_BEYOND)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl
            fcntl.flock(file, fcntl.LOCK_EX)
