"""What a student has done, kept on the student's own disk and nowhere else.

Progress is a log: one JSON object a line, only ever appended to, by one process at a time, so two windows never
overwrite each other; and after a crash at most the last line is incomplete, which reading skips.
"""

from __future__ import annotations

import errno
import json
import os
import time
import warnings
from pathlib import Path

from .locking import wait_until_alone

_unsaved: list[dict] = []  # events of this process that the disk refused


def progress_file() -> Path:
    """The log: `$COURSE_PROGRESS`, else in the `.course` folder of the workspace around us, else at home."""
    if path := os.environ.get("COURSE_PROGRESS"):
        return Path(path)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / ".course").is_dir():
            return folder / ".course" / "progress.jsonl"
    return Path.home() / ".course" / "progress.jsonl"


def record(event: str, **details) -> None:
    """Append one event, such as `record("predicted", key="03.divergence", choice="it diverges")`.

    A disk that cannot be written costs the student nothing but a warning: the event is kept until the kernel stops.
    """
    entry = {"event": event, "time": round(time.time(), 3), **details}
    line = (json.dumps(entry, ensure_ascii=False) + "\n").encode()
    path = progress_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "ab", buffering=0) as file:
            wait_until_alone(file)
            if not _ends_with_newline(path):
                line = b"\n" + line  # the last writer was killed in mid-line
            if file.write(line) < len(line):  # a disk that fills up in mid-line says so only the next time
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as error:
        _unsaved.append(entry)
        warnings.warn(f"Your progress could not be written to {path} ({error.strerror}); it lasts until this kernel "
                      "stops. Free some space or choose a writable folder with COURSE_PROGRESS.", stacklevel=2)


def events(kind: str | None = None) -> list[dict]:
    """All recorded events, oldest first; with `kind`, only those of that name. Damaged lines are skipped."""
    found = []
    try:
        lines = progress_file().read_bytes().splitlines()
    except OSError:
        lines = []
    for line in lines:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict) and "event" in entry:
            found.append(entry)
    found += _unsaved
    return [entry for entry in found if kind is None or entry["event"] == kind]


def reset() -> Path | None:
    """Start afresh. The old log is renamed, never deleted; returns its new path, or None where there was no log."""
    _unsaved.clear()
    path = progress_file()
    if not path.exists():
        return None
    kept = path.with_name(f"progress-until-{time.strftime('%Y%m%d-%H%M%S')}-{time.monotonic_ns() % 10**6}.jsonl")
    path.rename(kept)
    return kept


def _ends_with_newline(path: Path) -> bool:
    """Whether the next line can follow; in an empty log it can."""
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - 1, 0))
        return file.read(1) in (b"", b"\n")
