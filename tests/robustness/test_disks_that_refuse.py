"""A full disk and a folder that one may not write: a sentence, and nothing that was there is lost."""

import os
import resource
import tempfile
import warnings
from pathlib import Path

import pytest

import course
from course import progress, workspace
from course.cli import main

from .processes import said_by

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
NOBODY = 65534


def on_a_full_disk(work, size: int = 1000) -> list[str]:
    """What `work` says where no file can grow beyond `size` bytes."""
    def limited(say):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        work(say)

    return said_by(limited)


def as_a_guest(work) -> list[str]:
    """What `work` says as a user without rights: to the superuser no folder is read-only."""
    def humble(say):
        if os.geteuid() == 0:
            os.setuid(NOBODY)
        work(say)

    return said_by(humble)


@pytest.fixture
def read_only(monkeypatch):
    """A folder that everyone may read and nobody may write."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o555)
        monkeypatch.chdir(folder)
        yield Path(folder)
        monkeypatch.undo()
        os.chmod(folder, 0o755)


def recording(log: Path, count: int = 1):
    """Records `count` events; says what it warned of, and how many events this process knows at the end."""
    def work(say):
        os.environ["COURSE_PROGRESS"] = str(log)
        with warnings.catch_warnings(record=True, action="always") as warned:
            for i in range(count):
                progress.record("step", i=i)
        for warning in warned[:1]:
            say(warning.message)
        say(len(progress.events("step")))

    return work


def test_progress_on_a_full_disk_is_kept_until_the_kernel_stops(tmp_path, monkeypatch):
    log = tmp_path / "progress.jsonl"
    warning, known = on_a_full_disk(recording(log, 40))
    assert warning.startswith(f"Your progress could not be written to {log} (") and "Free some space" in warning
    assert known == "40"
    monkeypatch.setenv("COURSE_PROGRESS", str(log))
    whole = len(progress.events())
    assert 10 < whole < 40 and log.stat().st_size == 1000  # the last line was cut
    progress.record("after")
    assert [event["event"] for event in progress.events()][whole - 1 :] == ["step", "after"]


def test_progress_in_a_read_only_folder_is_kept_until_the_kernel_stops(read_only):
    warning, known = as_a_guest(recording(read_only / ".course" / "progress.jsonl"))
    assert "(Permission denied)" in warning and "choose a writable folder with COURSE_PROGRESS" in warning
    assert known == "1"


def refusal(save):
    """Says the error of `save`."""
    def work(say):
        with pytest.raises(OSError) as error:
            save()
        say(error.value)

    return work


@pytest.mark.parametrize("format", ["course", "pth"])
def test_a_model_on_a_full_disk(tmp_path, format):
    path = tmp_path / "model"
    course.save([1], path, format=format)
    (words,) = on_a_full_disk(refusal(lambda: course.save(course.ones(1000), path, format=format)))
    assert "There is no space left to save this file; what was there before is whole." in words and str(path) in words
    assert course.load(path) == [1] and os.listdir(tmp_path) == ["model"]


def test_a_model_in_a_read_only_folder_or_in_none(read_only, tmp_path):
    (words,) = as_a_guest(refusal(lambda: course.save([1], "model")))
    assert f"You may not write in the folder {read_only}. Save this file in another" in words
    with pytest.raises(FileNotFoundError, match="There is no folder .*nowhere to save this file in. Make it first"):
        course.save([1], tmp_path / "nowhere" / "model")
    with pytest.raises(IsADirectoryError, match="could not be saved"):
        course.save([1], tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_workspace_on_a_full_disk(tmp_path, monkeypatch, capsys):
    for kind in workspace.CONTENT:
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "small.txt").write_text("a")
        (tmp_path / kind / "large.txt").write_text("b" * 2000)
    monkeypatch.setattr(workspace, "content", tmp_path.joinpath)
    folder = tmp_path / "workspace"

    def lab(say):
        main(["lab", "--update-only", str(folder)])
        say(capsys.readouterr().err.splitlines()[0])

    (words,) = on_a_full_disk(lab)
    assert "There is no space left" in words and "the copy goes on where it stopped" in words
    assert all(path.read_text() in ("a", "b" * 2000) for path in folder.rglob("*.txt"))
    assert not list(folder.rglob("*.part"))
    assert sorted(workspace.update(folder).pristine) == [f"{kind}/{size}.txt" for kind in ("exercises", "lessons")
                                                         for size in ("large", "small")]


def test_a_workspace_in_a_read_only_folder(read_only):
    (words,) = as_a_guest(lambda say: say(refused(read_only / "workspace")))
    assert "Choose a folder that you may write, with: course lab FOLDER" in words


def refused(folder) -> str:
    with pytest.raises(workspace.WorkspaceError) as error:
        workspace.update(folder)
    return str(error.value)
