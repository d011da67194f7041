"""The course finds its notebooks in a checkout, in an installed wheel, and never an old copy in place of the new."""

import pytest

from course import content as module
from course.content import content


def place(tmp_path, monkeypatch, *folders, checkout):
    package = tmp_path / "course"
    package.mkdir()
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True)
    if checkout:
        (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(module, "_PACKAGE", package)


def test_checkout(tmp_path, monkeypatch):
    place(tmp_path, monkeypatch, "lessons", "exercises", "solutions", checkout=True)
    for name in ("lessons", "exercises", "solutions"):
        assert content(name) == tmp_path / name


def test_checkout_wins_over_a_stale_copy(tmp_path, monkeypatch):
    place(tmp_path, monkeypatch, "lessons", "course/_content/lessons", checkout=True)
    assert content("lessons") == tmp_path / "lessons"


def test_installed_package_ignores_a_neighbour_called_lessons(tmp_path, monkeypatch):
    place(tmp_path, monkeypatch, "lessons", "course/_content/lessons", "course/_content/exercises", checkout=False)
    for name in ("lessons", "exercises"):
        assert content(name) == tmp_path / "course" / "_content" / name


def test_a_student_edition_has_no_solutions(tmp_path, monkeypatch):
    place(tmp_path, monkeypatch, "course/_content/lessons", checkout=False)
    with pytest.raises(FileNotFoundError, match="student edition"):
        content("solutions")


def test_incomplete_installation(tmp_path, monkeypatch):
    place(tmp_path, monkeypatch, checkout=False)
    with pytest.raises(FileNotFoundError, match="installation is incomplete"):
        content("lessons")
