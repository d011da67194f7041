"""Killed at any moment: progress, saved models, a workspace and its notebooks are whole."""

import json
import os

import nbformat
import pytest

import course
from course import progress, workspace

from .processes import forked, killed_while

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
MOMENTS = range(12)  # seeds of the moment


@pytest.fixture
def log(tmp_path, monkeypatch):
    path = tmp_path / "progress.jsonl"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    return path


@pytest.mark.parametrize("seed", MOMENTS)
def test_progress(log, seed):
    finished = killed_while(lambda i: progress.record("step", i=i, text="ü" * 5000), seed)
    found = [event["i"] for event in progress.events("step")]
    assert found == list(range(len(found))) and len(found) >= finished
    progress.record("after")
    assert [event["event"] for event in progress.events()] == ["step"] * len(found) + ["after"]


def test_progress_cut_anywhere_in_its_last_line(log):
    for i in range(3):
        progress.record("step", i=i, text="ü")
    whole = log.read_bytes()
    for length in range(whole.rindex(b"\n", 0, -1) + 1, len(whole)):
        log.write_bytes(whole[:length])
        progress.record("after")
        found = [event.get("i", "after") for event in progress.events()]
        assert found in ([0, 1, "after"], [0, 1, 2, "after"]) and (len(found) == 4) == (length == len(whole) - 1)


@pytest.mark.parametrize("line", [b"[" * 100_000, b"\xff\xfe", b"7", b"null", b"9" * 10_000, b'{"no": "event"}'],
                         ids=range(6))
def test_damaged_lines_of_progress_are_passed_over(log, line):
    progress.record("before")
    log.write_bytes(log.read_bytes() + line + b"\n")
    progress.record("after")
    assert [event["event"] for event in progress.events()] == ["before", "after"]


def test_two_windows_lose_no_progress(log):
    waiting, start = os.pipe()

    def window(name):
        def work(say):
            os.read(waiting, 1)
            for i in range(400):
                progress.record("step", window=name, i=i, text="x" * 3000)

        return work

    with forked(window("a")) as (_, one), forked(window("b")) as (_, other):
        os.write(start, b"go")
        assert one.read() == other.read() == ""
    os.close(waiting), os.close(start)
    for name in "ab":
        assert [event["i"] for event in progress.events() if event["window"] == name] == list(range(400))
    for line in log.read_bytes().splitlines():
        json.loads(line)


@pytest.mark.parametrize("format", ["course", "pth"])
@pytest.mark.parametrize("seed", MOMENTS)
def test_a_saved_model(tmp_path, seed, format):
    path = tmp_path / "model"
    save = lambda i: course.save({"step": i, "weight": course.full((100, 1000), i)}, path, format=format)
    finished = killed_while(save, seed)
    saved = course.load(path)
    assert saved["step"] >= finished - 1 and saved["weight"].shape == (100, 1000)
    assert (saved["weight"] == saved["step"]).all()
    save(99)
    assert course.load(path)["step"] == 99


def book(*sources):
    """A notebook of such cells."""
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources)]
    return nbformat.v4.new_notebook(cells=cells)


@pytest.mark.parametrize("seed", MOMENTS)
def test_a_workspace(tmp_path, monkeypatch, seed):
    """Two editions of the course come in turns; the student has changed a cell of one notebook."""
    names = [f"{kind}/{i}.ipynb" for kind in workspace.CONTENT for i in range(3)]
    for edition in "01":
        for name in names:
            path = tmp_path / edition / name
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(book(f"print({edition})", "pass"), path)
    editions = {name: [(tmp_path / edition / name).read_bytes() for edition in "01"] for name in names}
    folder = tmp_path / "workspace"

    def update(i):
        monkeypatch.setattr(workspace, "content", (tmp_path / str(i % 2)).joinpath)
        return workspace.update(folder)

    update(0)
    mine = folder / names[0]
    nbformat.write(book("print(0)", "mine = 1"), mine)
    finished = killed_while(lambda i: update(i + 1), seed)
    for name in names[1:]:
        assert (folder / name).read_bytes() in editions[name]
    assert "mine = 1" in [cell.source for cell in nbformat.read(mine, 4).cells]
    report = update(finished)
    assert not report.beside
    assert [cell.source for cell in nbformat.read(mine, 4).cells] == [f"print({finished % 2})", "mine = 1"]
    for name in names[1:]:
        assert (folder / name).read_bytes() == editions[name][finished % 2]


@pytest.mark.parametrize("seed", MOMENTS)
def test_a_notebook_that_the_server_saves(tmp_path, seed):
    """Jupyter's server keeps a copy while it writes, and takes it up again when it next opens the notebook."""
    from jupyter_server.services.contents.filemanager import FileContentsManager

    contents = FileContentsManager(root_dir=str(tmp_path))
    save = lambda i: contents.save({"type": "notebook", "content": book(f"i = {i}", "x" * 300_000)}, "mine.ipynb")
    finished = killed_while(save, seed)
    cells = contents.get("mine.ipynb")["content"]["cells"]
    assert int(cells[0]["source"].removeprefix("i = ")) >= finished - 1
    assert cells[1]["source"] == "x" * 300_000
