"""A workspace follows the course and keeps whatever the student wrote, through changes, crashes and bad places."""

import errno
import json
import os
import signal

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course import workspace
from course.carry_over import written
from course.workspace import WorkspaceError, update

from .conftest import notebook

LESSON = "lessons/03_gradient_descent.ipynb"
BESIDE = "lessons/03_gradient_descent.new.ipynb"
FILES = {LESSON, "lessons/00_welcome.ipynb", "exercises/03_gradient_descent/03_gradient_descent.ipynb"}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "my course für 学生"


def files(folder):
    return {path.relative_to(folder).as_posix() for kind in workspace.CONTENT
            for path in (folder / kind).rglob("*") if path.is_file()}


def test_first_copy(shelf, folder):
    report = update(folder)
    assert files(folder) == set(report.added) == set(report.pristine) == FILES
    assert all((folder / name).read_bytes() == (shelf / name).read_bytes() for name in FILES)
    assert report.sentences() == [f"Your folder is {folder} (3 added)."]


def test_second_start_does_nothing(shelf, folder):
    update(folder)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    report = update(folder)
    assert not report.added and not report.renewed and set(report.pristine) == FILES
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_untouched_file_follows_the_course(shelf, folder):
    update(folder)
    (shelf / LESSON).write_bytes(notebook("print(2)"))
    assert update(folder).renewed == [LESSON]
    assert (folder / LESSON).read_bytes() == notebook("print(2)")


def test_file_that_was_only_run_follows_the_course(shelf, folder):
    update(folder)
    (folder / LESSON).write_bytes(notebook("print(1)", output="of the student's run"))
    (shelf / LESSON).write_bytes(notebook("print(1)", output="of another machine"))
    assert update(folder).renewed == []  # the course's text is the same: the student's outputs stay
    (shelf / LESSON).write_bytes(notebook("print(2)"))
    assert update(folder).renewed == [LESSON]


def test_changed_file_stays_and_the_new_version_arrives_beside_it(shelf, folder):
    update(folder)
    (folder / LESSON).write_bytes(notebook("mine"))
    report = update(folder)
    assert not report.beside  # the course has nothing new
    (shelf / LESSON).write_bytes(notebook("print(2)"))
    report = update(folder)
    assert report.beside == {LESSON: BESIDE}
    assert report.sentences()[1:] == [f"You changed {LESSON}, so the course's new version is beside it, as "
                                      "03_gradient_descent.new.ipynb."]
    assert (folder / LESSON).read_bytes() == notebook("mine")
    assert (folder / BESIDE).read_bytes() == notebook("print(2)")
    assert not update(folder).beside  # said once


def test_new_versions_do_not_pile_up(shelf, folder):
    update(folder)
    (folder / LESSON).write_bytes(notebook("mine"))
    for text in ("print(2)", "print(3)"):
        (shelf / LESSON).write_bytes(notebook(text))
        update(folder)
    assert files(folder) == FILES | {BESIDE}
    assert (folder / BESIDE).read_bytes() == notebook("print(3)")


def test_new_version_that_the_student_changed_is_theirs(shelf, folder):
    update(folder)
    (folder / LESSON).write_bytes(notebook("mine"))
    (shelf / LESSON).write_bytes(notebook("print(2)"))
    update(folder)
    (folder / BESIDE).write_bytes(notebook("mine too"))
    (shelf / LESSON).write_bytes(notebook("print(3)"))
    assert update(folder).beside == {LESSON: "lessons/03_gradient_descent.new2.ipynb"}
    assert (folder / BESIDE).read_bytes() == notebook("mine too")


def test_new_version_that_the_student_deleted_stays_away(shelf, folder):
    update(folder)
    (folder / LESSON).write_bytes(notebook("mine"))
    (shelf / LESSON).write_bytes(notebook("print(2)"))
    update(folder)
    (folder / BESIDE).unlink()
    update(folder)
    assert not (folder / BESIDE).exists()


def test_student_who_takes_the_new_version_over_follows_the_course_again(shelf, folder):
    update(folder)
    (folder / LESSON).write_bytes(notebook("mine"))
    (shelf / LESSON).write_bytes(notebook("print(2)"))
    update(folder)
    (folder / BESIDE).replace(folder / LESSON)
    update(folder)
    (shelf / LESSON).write_bytes(notebook("print(3)"))
    assert update(folder).renewed == [LESSON]


def test_deleted_file_stays_away_until_asked_for(shelf, folder):
    update(folder)
    (folder / LESSON).unlink()
    (shelf / LESSON).write_bytes(notebook("print(2)"))
    (shelf / "lessons/04_new.ipynb").write_bytes(notebook("new"))
    report = update(folder)
    assert report.deleted == [LESSON] and report.added == ["lessons/04_new.ipynb"]
    assert report.sentences()[1] == f"Missing, since you deleted it: {LESSON}. To have it back: course lab --restore"
    assert update(folder, restore=True).added == [LESSON]


def test_file_of_the_students_with_the_name_of_a_new_lesson(shelf, folder):
    update(folder)
    (folder / "lessons/04_new.ipynb").write_bytes(b"notes, not even a notebook")
    (shelf / "lessons/04_new.ipynb").write_bytes(notebook("new"))
    assert update(folder).beside == {"lessons/04_new.ipynb": "lessons/04_new.new.ipynb"}
    assert (folder / "lessons/04_new.ipynb").read_bytes() == b"notes, not even a notebook"


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"null", b'{"copied": {"a": 1}}'])
def test_damaged_manifest_never_costs_the_student_work(shelf, folder, damage):
    update(folder)
    (folder / LESSON).write_bytes(notebook("mine"))
    (folder / ".course/manifest.json").write_bytes(damage)
    update(folder)
    assert (folder / LESSON).read_bytes() == notebook("mine")
    assert json.loads((folder / ".course/manifest.json").read_bytes())["copied"]


def test_editor_leftovers_are_not_copied(shelf, folder):
    for name in ("lessons/.ipynb_checkpoints/00_welcome-checkpoint.ipynb", "lessons/.DS_Store"):
        (shelf / name).parent.mkdir(exist_ok=True)
        (shelf / name).touch()
    update(folder)
    assert files(folder) == FILES


def test_around(shelf, folder, tmp_path):
    update(folder)
    assert workspace.around(folder / "lessons") == workspace.around(folder) == folder
    assert workspace.around(tmp_path) is None


# What breaks in mid-copy

@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
def test_interrupted_copy_leaves_whole_files_and_is_completed(shelf, folder, monkeypatch, error):
    calls = []

    def fsync(descriptor):
        calls.append(descriptor)
        if len(calls) == 2:
            raise error

    monkeypatch.setattr(workspace.os, "fsync", fsync)
    with pytest.raises((KeyboardInterrupt, WorkspaceError)) as raised:
        update(folder)
    if isinstance(error, OSError):
        assert "no space left" in str(raised.value) and "Free some" in str(raised.value)
    assert len(files(folder)) == 1
    assert update(folder).added and files(folder) == FILES


KILLED = """
import os, signal, sys
from pathlib import Path
from course import workspace
workspace.content = Path(sys.argv[1]).joinpath
function, left = getattr(os, sys.argv[2]), int(sys.argv[3])
def killed(*arguments):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return function(*arguments)
setattr(os, sys.argv[2], killed)
workspace.update(Path("my-course"))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("function", ["fsync", "replace"])
@pytest.mark.parametrize("call", [1, 3, 4])  # the first file, the last one, the manifest
def test_killed_copy_is_completed(shelf, course, tmp_path, function, call):
    assert course(function, str(call), script=KILLED).wait() == -signal.SIGKILL
    folder = tmp_path / "desk" / "my-course"
    for name in FILES:
        assert not (folder / name).exists() or (folder / name).read_bytes() == (shelf / name).read_bytes()
    report = update(folder)
    assert files(folder) == FILES == set(report.pristine)
    assert not report.beside


def test_two_starts_at_once(shelf, course, tmp_path):
    both = [course("lab", "--update-only") for _ in range(2)]
    assert [process.communicate()[1] for process in both] == ["", ""]
    assert [process.returncode for process in both] == [0, 0]
    assert files(tmp_path / "desk" / "my-course") == FILES


# Where the course changed other cells than the student

def cells(text):
    """A notebook of such cells as in `a=text b=stub`, where a and b are ids."""
    named = [cell.split("=") for cell in text.split()]
    return nbformat.writes(nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source, id=id) for id, source in named])).encode()


@pytest.mark.parametrize("base, theirs, new, merged", [
    ("a=text b=stub", "a=text b=mine", "a=better b=stub", "a=better b=mine"),
    ("a=text b=stub", "a=text b=mine", "a=text c=more b=stub d=end", "a=text c=more b=mine d=end"),
    ("a=text b=stub", "a=text x=note b=mine y=try z=again", "a=better b=stub d=end",
     "a=better x=note b=mine y=try z=again d=end"),
    ("a=text b=stub", "x=note a=text b=stub", "a=better b=stub", "x=note a=better b=stub"),
    ("a=text b=stub c=end", "a=text b=mine", "a=better b=stub c=end", "a=better b=mine"),
    ("a=text b=stub c=end", "a=text b=mine", "a=text b=stub c=new", "a=text b=mine c=new"),
    ("a=text b=stub c=end", "a=text b=mine c=end", "b=stub c=new", "b=mine c=new"),
    ("a=1 b=2 c=3", "a=1 b=2 c=mine", "b=2 a=1 c=3", "b=2 a=1 c=mine"),
], ids=["answer", "course adds", "student adds", "added on top", "student deletes", "deleted cell is new",
        "course deletes", "course moves"])
def test_what_the_student_wrote_is_carried_over(shelf, folder, base, theirs, new, merged):
    (shelf / LESSON).write_bytes(cells(base))
    update(folder)
    (folder / LESSON).write_bytes(cells(theirs))
    (shelf / LESSON).write_bytes(cells(new))
    report = update(folder)
    assert report.carried == [LESSON] and LESSON not in report.pristine
    assert report.sentences() == [f"Your folder is {folder} (1 updated).",
                                  f"{LESSON} is the course's new version, with what you wrote in it."]
    assert written((folder / LESSON).read_bytes()) == written(cells(merged))
    nbformat.validate(nbformat.read(folder / LESSON, 4))
    report = update(folder)
    assert not report.carried and not report.beside  # said once


@pytest.mark.parametrize("base, theirs, new", [
    ("a=text b=stub", "a=text b=mine", "a=text b=other-stub"),
    ("a=text b=stub", "a=text b=mine", "a=text"),
    ("a=text b=stub", "a=text b=stub c=mine", "a=text b=stub c=other"),
    ("a=text b=stub", "b=mine a=text", "a=better b=stub"),
    ("a=text b=stub", "a=text x=note b=stub", "b=stub"),
], ids=["both changed it", "course deleted it", "both added it", "student moved", "its neighbour went"])
def test_what_cannot_be_told_apart_arrives_beside(shelf, folder, base, theirs, new):
    (shelf / LESSON).write_bytes(cells(base))
    update(folder)
    (folder / LESSON).write_bytes(cells(theirs))
    (shelf / LESSON).write_bytes(cells(new))
    report = update(folder)
    assert report.beside == {LESSON: BESIDE} and not report.carried
    assert (folder / LESSON).read_bytes() == cells(theirs)


@pytest.mark.parametrize("ids", [b'"id": "a"', b'"number": "b"'], ids=["repeated", "missing"])
def test_cells_without_ids_of_their_own_are_not_told_apart(shelf, folder, ids):
    (shelf / LESSON).write_bytes(cells("a=text b=stub"))
    update(folder)
    (folder / LESSON).write_bytes(cells("a=text b=mine").replace(b'"id": "b"', ids))
    (shelf / LESSON).write_bytes(cells("a=better b=stub"))
    assert update(folder).beside == {LESSON: BESIDE}


def test_outputs_stay_with_the_students_cells(shelf, folder):
    (shelf / LESSON).write_bytes(cells("a=text b=stub"))
    update(folder)
    theirs = nbformat.reads(cells("a=text b=mine"), 4)
    theirs.cells[1].outputs = [nbformat.v4.new_output("stream", text="42")]
    nbformat.write(theirs, folder / LESSON)
    (shelf / LESSON).write_bytes(cells("a=better b=stub"))
    update(folder)
    assert nbformat.read(folder / LESSON, 4).cells[1].outputs[0].text == "42"


def test_carried_over_again_and_again(shelf, folder):
    (shelf / LESSON).write_bytes(cells("a=text b=stub"))
    update(folder)
    (folder / LESSON).write_bytes(cells("a=text b=mine"))
    for text in ("2", "3"):
        (shelf / LESSON).write_bytes(cells(f"a={text} b=stub"))
        assert update(folder).carried == [LESSON]
        assert written((folder / LESSON).read_bytes()) == written(cells(f"a={text} b=mine"))


@given(st.data())
def test_no_line_of_the_students_is_ever_lost(tmp_path_factory, data):
    shelf, folder = tmp_path_factory.mktemp("shelf"), tmp_path_factory.mktemp("folder")
    (shelf / "lessons").mkdir()
    (shelf / "exercises").mkdir()
    content, workspace.content = workspace.content, shelf.joinpath
    try:
        notebooks = st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("123")).map("=".join), min_size=1,
                             unique_by=lambda cell: cell[0]).map(" ".join)
        (shelf / "lessons/n.ipynb").write_bytes(cells(data.draw(notebooks, "base")))
        update(folder)
        for number in range(2):
            theirs = nbformat.read(folder / "lessons/n.ipynb", 4)
            own = [f"mine {number} {place}" for place in range(data.draw(st.integers(0, 2), "cells of the student's"))]
            for place, text in enumerate(own):
                at = data.draw(st.integers(0, len(theirs.cells)), "at")
                if at < len(theirs.cells) and "mine" not in theirs.cells[at].source:
                    theirs.cells[at].source = text
                else:
                    theirs.cells.insert(at, nbformat.v4.new_code_cell(text, id=f"x{number}{place}"))
            nbformat.write(theirs, folder / "lessons/n.ipynb")
            before = {cell.source for cell in theirs.cells if "mine" in cell.source}
            (shelf / "lessons/n.ipynb").write_bytes(cells(data.draw(notebooks, "new")))
            update(folder)
            assert before <= {cell.source for cell in nbformat.read(folder / "lessons/n.ipynb", 4).cells}
    finally:
        workspace.content = content


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("function", ["fsync", "replace"])
@pytest.mark.parametrize("call", [1, 2, 3])  # the merged notebook, the one beside, the manifest
def test_killed_update_is_completed(shelf, course, tmp_path, function, call):
    folder, other = tmp_path / "desk" / "my-course", "lessons/00_welcome.ipynb"
    (shelf / LESSON).write_bytes(cells("a=text b=stub"))
    update(folder)
    (folder / LESSON).write_bytes(cells("a=text b=mine"))
    (folder / other).write_bytes(notebook("mine"))
    (shelf / LESSON).write_bytes(cells("a=better b=stub c=end"))
    (shelf / other).write_bytes(notebook("print(2)"))
    assert course(function, str(call), script=KILLED).wait() == -signal.SIGKILL
    assert any("mine" in str(words) for _, words in written((folder / LESSON).read_bytes()))
    assert (folder / other).read_bytes() == notebook("mine")
    update(folder)
    assert written((folder / LESSON).read_bytes()) == written(cells("a=better b=mine c=end"))
    assert (folder / "lessons/00_welcome.new.ipynb").read_bytes() == notebook("print(2)")
    assert not list(folder.rglob("*.new2.*"))
    report = update(folder)
    assert not report.carried and not report.beside and not report.renewed


# Places that cannot hold a workspace

def refusal(folder):
    with pytest.raises(WorkspaceError) as raised:
        update(folder)
    return str(raised.value)


def test_folder_is_a_file(shelf, folder):
    folder.write_text("mine")
    assert refusal(folder).startswith(f"{folder} is a file, but the course needs a folder there. Rename the file")
    assert folder.read_text() == "mine"


def test_subfolder_is_a_file(shelf, folder):
    folder.mkdir()
    (folder / "lessons").write_text("mine")
    assert refusal(folder).startswith(f"{folder / 'lessons'} is a file")


def test_file_is_a_folder(shelf, folder):
    (folder / LESSON).mkdir(parents=True)
    assert refusal(folder).startswith(f"{folder / LESSON} is a folder, but the course has a file of that name")


def test_folder_without_write_permission(shelf, folder, monkeypatch):
    def refused(path, *arguments, **options):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(workspace.Path, "mkdir", refused)
    assert refusal(folder) == (f"The course could not use {folder / '.course'} (Permission denied). Choose a folder "
                               "that you may write, with: course lab FOLDER")


def test_installation_without_lessons(folder, monkeypatch):
    def missing(name):
        raise FileNotFoundError("this installation is incomplete")

    monkeypatch.setattr(workspace, "content", missing)
    assert refusal(folder) == "this installation is incomplete"
    assert not folder.exists()
