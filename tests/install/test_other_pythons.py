"""The wheel works in every Python that the course names and that can be found on this machine."""

import glob
import json
import os
import shutil
import subprocess
import sys

import pytest

from .conftest import Place, run
from .test_install import SERVED, UNIT, solve

pytestmark = pytest.mark.install


def interpreter(version):
    """A Python of that version which starts: on the path, or among pyenv's."""
    pyenv = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    for python in [shutil.which(f"python{version}"), *sorted(glob.glob(f"{pyenv}/versions/{version}.*/bin/python"))]:
        if python and subprocess.run([python, "-c", ""], capture_output=True).returncode == 0:
            return python
    return None


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_a_student_learns_with_this_python(version, packages, tmp_path):
    if sys.version.startswith(f"{version}."):
        pytest.skip("the other tests are about this one")
    python = interpreter(version) or pytest.skip(f"there is no Python {version} here")
    run(python, "-m", "venv", tmp_path / "venv")
    run(tmp_path / "venv" / "bin" / "pip", "install", "--quiet", packages.wheel)
    (tmp_path / "home").mkdir()
    place = Place(tmp_path / "venv", tmp_path / "home", tmp_path)
    place.run("course", "lab", "--update")
    place.run("course", "doctor")
    assert place.run("course", "check", solve(tmp_path / "my-course")).rstrip().endswith("6 of 6 points")
    found = json.loads(place.run("python", "-P", SERVED, f"{UNIT}.ipynb").splitlines()[-1])
    assert found["ran"][0] == found["ran"][1] > 10 and found["status"] == 0
