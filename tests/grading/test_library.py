"""Notebooks whose exercises may use the library: its compiled kernels are lent to them, to read and not to change."""

import os
import subprocess
import sys

import pytest

from course.grading import child
from course.grading.limits import Limits
from course.grading.sandbox import missing

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="grading needs POSIX limits")
LOSS = """import course
course.nn.CrossEntropyLoss()(course.zeros(4, 3, dtype=course.float32), course.zeros(4, dtype=course.int64))"""


@pytest.mark.parametrize("sandbox", [False, pytest.param(True, marks=pytest.mark.skipif(bool(missing()), reason="-"))])
def test_kernels_are_lent_and_cannot_be_spoiled(tmp_path, monkeypatch, sandbox):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", LOSS], env=environment, check=True)
    kernels = tmp_path / "course"
    before = {path.name: path.read_bytes() for path in kernels.iterdir()}
    assert before
    monkeypatch.setattr(child, "cache_folder", lambda: kernels)
    spoil = """
import os
for name in os.listdir("course"):
    if not os.path.islink("course/" + name): raise ValueError("compiled anew: " + name)
    try:
        open("course/" + name, "wb")
    except OSError: pass
    else: raise ValueError("written")
"""
    anew = LOSS.replace("float32", "float64") + "\nimport os\nassert not all(map(os.path.islink, os.scandir('course')))"
    with child.Child([LOSS, spoil, anew], Limits(sandbox=sandbox), ["course.nn.CrossEntropyLoss"]) as asked:
        asked.ask({"describe": "nothing", "parameters": [], "uses": [], "seconds": 1.0}, 10.0)
        assert asked.troubles == []
    assert {path.name: path.read_bytes() for path in kernels.iterdir()} == before
