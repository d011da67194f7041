"""The built packages are all that a student needs: no checkout in sight, awkward folder names, and on a bad day a home
that cannot be written or no network."""

import json
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from .conftest import ROOT, run

pytestmark = pytest.mark.install
UNIT = "03_gradient_descent"
SERVED = Path(__file__).with_name("at_the_browser.py")


def content(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def solve(workspace):
    """The first exercise in a student's folder, solved."""
    return shutil.copy(ROOT / "solutions" / UNIT / f"{UNIT}.ipynb", workspace / "exercises" / UNIT)


def test_the_wheel_holds_every_notebook_as_it_is_here(packages):
    held = content(packages.wheel)
    for kind in ("lessons", "exercises", "solutions"):
        here = {f"course/_content/{path.relative_to(ROOT).as_posix()}": path.read_bytes()
                for path in (ROOT / kind).rglob("*") if path.is_file() and ".ipynb_checkpoints" not in path.parts}
        assert here and here.items() <= held.items()


def test_the_sdist_builds_the_same_wheel(packages, tmp_path):
    with tarfile.open(packages.sdist) as archive:
        archive.extractall(tmp_path, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))  # since 3.11.4
    (source,) = tmp_path.iterdir()
    assert {"lessons", "exercises", "tests", "README.md", "LICENSE"} <= {path.name for path in source.iterdir()}
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", tmp_path / "dist", source)
    (again,) = (tmp_path / "dist").glob("*.whl")
    assert content(again) == content(packages.wheel)


def test_the_place_is_what_it_says(place, request):
    name = request.node.callspec.params["place"]
    if name == "read-only home":
        with pytest.raises(AssertionError, match="Permission denied"):
            place.run("touch", place.home / "file")
    if name == "no network" and place.prefix:
        interfaces = place.run("python", "-c", "import socket; print([name for _, name in socket.if_nameindex()])")
        assert interfaces.strip() == "['lo']"
    assert str(ROOT) not in place.run("python", "-c", "import course, sys; print(course.__file__, sys.path)")


def test_doctor_finds_no_problem_in_the_students_folder(place):
    place.run("course", "lab", "--update", place.desk)
    findings = {finding["check"]: finding for finding in json.loads(place.run("course", "doctor", "--json"))}
    assert str(place.environment) in findings["course"]["found"]
    assert not [finding for finding in findings.values() if finding["status"] == "problem"]


def test_lab_serves_the_notebooks_and_runs_a_lesson(place):
    found = json.loads(place.run("python", "-P", SERVED, f"{UNIT}.ipynb").splitlines()[-1])
    assert len(found["lessons"]) >= 28 and UNIT in found["exercises"]
    assert found["ran"][0] == found["ran"][1] > 10
    assert found["status"] == 0 and not found["complaints"]


def test_an_exercise_is_checked(place):
    place.run("course", "lab", "--update", place.desk)
    with pytest.raises(AssertionError, match=rf"{UNIT}: 0 of"):
        place.run("course", "check", place.desk / "exercises" / UNIT / f"{UNIT}.ipynb")
    assert place.run("course", "check", solve(place.desk)).rstrip().endswith("6 of 6 points")


@pytest.mark.parametrize("place", ["no network"], indirect=True)
def test_a_lesson_by_nbconvert(place):
    place.run("course", "lab", "--update", place.desk)
    lesson = place.desk / "lessons" / "00_welcome.ipynb"
    place.run("jupyter", "nbconvert", "--to", "notebook", "--execute", "--output", place.desk / "ran.ipynb", lesson)
