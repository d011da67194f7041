"""The student's own folder: lessons and exercises are copied into it and kept up to date, never over a student's work.

What was copied is remembered in `.course/manifest.json`. A notebook counts as changed when its cells do: running it
changes only its outputs. Where the course changed other cells than the student did, the student's are carried over into
the new version; otherwise the student's notebook stays as it is, and the new version arrives beside it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath

from . import __version__
from .carry_over import carried_over, fingerprint, fingerprints, written
from .content import content
from .locking import wait_until_alone

CONTENT = ("lessons", "exercises")
_MANIFEST = Path(".course", "manifest.json")


class WorkspaceError(Exception):
    """The workspace cannot be made or updated; the message says why and what to try."""


@dataclass(frozen=True)
class Version:
    """One state of a file: a hash of its bytes, one of what a person wrote in it, and one of each cell by its id."""

    sha256: str
    text: str
    cells: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, data: bytes) -> Version:
        whole, cells = hashlib.sha256(data).hexdigest(), written(data) if name.endswith(".ipynb") else None
        text = whole if cells is None else fingerprint([words for _, words in cells])
        return cls(whole, text, fingerprints(cells))


@dataclass
class Update:
    """What one update did, as paths relative to the workspace."""

    folder: Path
    added: list[str] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)
    carried: list[str] = field(default_factory=list)  # notebooks of a new version, with the student's cells in it
    beside: dict[str, str] = field(default_factory=dict)  # the student's changed file: the new version beside it
    deleted: list[str] = field(default_factory=list)  # by the student, and left so
    pristine: list[str] = field(default_factory=list)  # byte for byte the course's

    def sentences(self) -> list[str]:
        """The same for a person to read."""
        updated = self.renewed + self.carried
        news = [f"{len(names)} {what}" for names, what in ((self.added, "added"), (updated, "updated")) if names]
        lines = [f"Your folder is {self.folder} ({', '.join(news) or 'nothing new'})."]
        lines += [f"{yours} is the course's new version, with what you wrote in it." for yours in self.carried]
        lines += [f"You changed {yours}, so the course's new version is beside it, as {PurePosixPath(new).name}."
                  for yours, new in self.beside.items()]
        if self.deleted:
            lines.append(f"Missing, since you deleted it: {', '.join(self.deleted)}. "
                         "To have it back: course lab --restore")
        return lines


def around(path: Path) -> Path | None:
    """The workspace that `path` lies in, or None."""
    path = path.absolute()
    return next((folder for folder in (path, *path.parents) if (folder / _MANIFEST).is_file()), None)


def update(folder: Path, restore: bool = False) -> Update:
    """Bring `folder` up to date with the installed course, and make it where there is none.

    Interrupted at any moment it leaves whole files only, and the next call does the rest.

    Args:
        restore: copy again what the student deleted.

    Raises:
        WorkspaceError: the folder cannot be written, the disk is full, or the installation holds no lessons.
    """
    folder = folder.expanduser().absolute()
    report = Update(folder)
    try:
        sources = [(f"{kind}/{path.relative_to(root).as_posix()}", path)
                   for kind in CONTENT for root in [content(kind)] for path in _files(root)]
        (folder / ".course").mkdir(parents=True, exist_ok=True)
        with _only_one(folder):
            manifest = _Manifest(folder)
            try:
                for name, source in sources:
                    _deliver(name, source.read_bytes(), manifest, report, restore)
            finally:
                manifest.save()
    except FileNotFoundError as error:
        if error.errno is None:  # not the system's word but that of content()
            raise WorkspaceError(str(error)) from None
        raise WorkspaceError(_explained(error, folder)) from error
    except OSError as error:
        raise WorkspaceError(_explained(error, folder)) from error
    return report


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that at any moment it is there in its old form or its new one, never in part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        with open(part, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def writable(folder: Path) -> bool:
    """Whether files can be made in `folder`, or in the nearest folder above it that exists. Leaves nothing behind."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    try:
        tempfile.TemporaryFile(dir=existing).close()
    except OSError:
        return False
    return True


class _Manifest:
    """What the course has put into a workspace: for each path the version copied, and the latest text offered."""

    def __init__(self, folder: Path):
        self.path = folder / _MANIFEST
        self.copied: dict[str, Version] = {}
        self.offered: dict[str, str] = {}
        with contextlib.suppress(FileNotFoundError, ValueError, TypeError, AttributeError, KeyError):
            # A damaged manifest counts as none: then whatever differs from the course is taken for the student's.
            saved = json.loads(self.path.read_bytes())
            self.copied = {name: Version(**version) for name, version in saved["copied"].items()}
            self.offered = dict(saved["offered"])
        self.before = self._content()

    def remember(self, name: str, version: Version) -> None:
        self.copied[name], self.offered[name] = version, version.text

    def save(self) -> None:
        if self._content() != self.before:
            write_whole(self.path, self._content())

    def _content(self) -> bytes:
        copied = {name: asdict(version) for name, version in self.copied.items()}
        return json.dumps({"course": __version__, "copied": copied, "offered": self.offered}, indent=1).encode()


def _deliver(name: str, data: bytes, manifest: _Manifest, report: Update, restore: bool) -> None:
    """Bring one file to the student: in place where nothing of theirs is lost, beside their own otherwise."""
    target, new, copied = report.folder / name, Version.of(name, data), manifest.copied.get(name)
    theirs = Version.of(name, target.read_bytes()) if target.exists() else None
    if theirs is None and copied and not restore:
        report.deleted.append(name)
    elif theirs is None:
        _put(name, data, manifest, report)
        report.added.append(name)
    elif theirs.sha256 == new.sha256:
        manifest.remember(name, new)
        report.pristine.append(name)
    elif copied and (theirs.sha256 == copied.sha256 or theirs.text == copied.text != new.text):
        _put(name, data, manifest, report)
        report.renewed.append(name)
    elif theirs.text == new.text:
        manifest.remember(name, new)  # run, or copied over by hand: the next version may come in its place
    elif manifest.offered.get(name) == new.text:
        pass  # the student knows of it
    elif copied and (merged := carried_over(copied.cells, target.read_bytes(), data)):
        write_whole(target, merged)
        manifest.remember(name, new)
        report.carried.append(name)
    else:
        report.beside[name] = _free_name_beside(name, new, manifest, report.folder)
        _put(report.beside[name], data, manifest, report)
        manifest.offered[name] = new.text


def _put(name: str, data: bytes, manifest: _Manifest, report: Update) -> None:
    write_whole(report.folder / name, data)
    manifest.remember(name, Version.of(name, data))
    report.pristine.append(name)


def _free_name_beside(name: str, new: Version, manifest: _Manifest, folder: Path) -> str:
    """`03_x.ipynb` becomes `03_x.new.ipynb`, which replaces only a new version that the student has not changed."""
    path = PurePosixPath(name)
    for number in itertools.count(1):
        beside = str(path.with_name(f"{path.stem}.new{number if number > 1 else ''}{path.suffix}"))
        if not (folder / beside).exists():
            break
        there, copied = Version.of(beside, (folder / beside).read_bytes()), manifest.copied.get(beside)
        if there.text == new.text or (copied and there.text == copied.text):
            break
    return beside


def _files(root: Path) -> list[Path]:
    """The files of a course folder, without hidden ones such as an editor's checkpoints."""
    return sorted(path for path in root.rglob("*") if path.is_file() and path.suffix != ".pyc"
                  and not any(part.startswith(".") for part in path.relative_to(root).parts))


@contextlib.contextmanager
def _only_one(folder: Path):
    """While one process copies into the folder, others wait."""
    with open(folder / ".course" / "lock", "ab") as lock:
        wait_until_alone(lock)
        yield


def _explained(error: OSError, folder: Path) -> str:
    """A sentence for the student: what failed, why, what to try."""
    path = Path(error.filename or folder)
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return (f"There is no space left for {path}. Free some and start again: the copy goes on where it stopped, and "
                "nothing of yours was changed.")
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        in_the_way = next((above for above in (path, *path.parents) if above.is_file()), path)
        return (f"{in_the_way} is a file, but the course needs a folder there. Rename the file, or choose another "
                "folder, with: course lab FOLDER")
    if error.errno == errno.EISDIR:
        return f"{path} is a folder, but the course has a file of that name. Rename the folder and start again."
    return (f"The course could not use {path} ({error.strerror}). Choose a folder that you may write, with: "
            "course lab FOLDER")

