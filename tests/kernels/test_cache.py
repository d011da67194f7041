"""Compiled kernels are kept between starts, and thrown away when any formula changes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import course

SOURCES = Path(course.__file__).parent

# Runs a kernel of each kind once and prints what the cache did and what came out.
PROGRAM = """
import json, warnings
warnings.simplefilter("error")
import numpy as np
from course.kernels import cross_entropy, update_rules
f = np.float32
loss, total, m, s = np.zeros((4, 1), f)
p, g, v = np.ones((3, 2), f)
cross_entropy.cross_entropy.cpu(np.zeros((1, 2), f), np.array([0]), np.ones(2, f), f(0), f(2), -100, loss, total, m, s,
                                np.array([-1]))
update_rules.update_sgd.cpu(p, g, (f(0.5), f(0), False))
update_rules.update_sgd_momentum.cpu(p, g, v, (f(0), f(0), f(0), f(0), False, False))
stats = [k.cpu.stats for k in (cross_entropy.cross_entropy, update_rules.update_sgd, update_rules.update_sgd_momentum)]
print(json.dumps({"hits": sum(sum(s.cache_hits.values()) for s in stats),
                  "misses": sum(sum(s.cache_misses.values()) for s in stats), "loss": loss.item(), "p": p.tolist()}))
"""


def start(library, prefix=(), program=PROGRAM, **environment):
    """The program in a process of its own, with the library in the folder `library`."""
    inherited = {k: v for k, v in os.environ.items() if k not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "PYTHONPATH")}
    found = subprocess.run([*prefix, sys.executable, "-c", program], capture_output=True, text=True, cwd=library,
                           env={**inherited, "PYTHONPATH": str(library), **environment})
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


def files(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def library(tmp_path):
    """A folder with a copy of the library's sources, nothing compiled."""
    shutil.copytree(SOURCES, tmp_path / "library" / "course",
                    ignore=shutil.ignore_patterns("__pycache__", "lab", "grading", "exercises", "jupyter"))
    return tmp_path / "library"


def test_a_second_start_compiles_nothing_and_the_cache_does_not_grow(library, tmp_path):
    cache = tmp_path / "cache"
    first = start(library, NUMBA_CACHE_DIR=str(cache))
    assert (first["hits"], first["misses"]) == (0, 3)
    kept = files(cache / "course")
    assert len(kept) == 6, "an index and a compiled form for each of the three kernels"
    for _ in range(2):
        again = start(library, NUMBA_CACHE_DIR=str(cache))
        assert (again["hits"], again["misses"]) == (3, 0)
        assert files(cache) == kept


def test_a_formula_that_changed_in_another_file_is_noticed(library):
    before = start(library)
    assert before["loss"] == pytest.approx(0.6931472)
    formulas = library / "course" / "kernels" / "exponential.py"
    right = "return _scaled(polynomial"
    assert right in formulas.read_text()
    formulas.write_text(formulas.read_text().replace(right, right.replace("return", "return np.float32(2) *")))
    after = start(library)
    assert (after["hits"], after["misses"]) == (0, 3)
    assert after["loss"] == pytest.approx(2 * 0.6931472)


def test_the_cache_lies_beside_the_sources_or_else_in_the_users_cache_folder(library, tmp_path):
    start(library)
    assert any(name.endswith(".nbi") for name in files(library / "course" / "kernels" / "__pycache__"))

    shutil.rmtree(library / "course" / "kernels" / "__pycache__")
    (library / "course" / "kernels" / "__pycache__").touch()  # a file in its place: nothing can be written there
    home = tmp_path / "home"
    assert start(library, XDG_CACHE_HOME=str(home))["misses"] == 3
    assert any(name.endswith(".nbi") for name in files(home / "course" / "kernels"))
    assert start(library, XDG_CACHE_HOME=str(home))["hits"] == 3


@pytest.mark.parametrize("setting", ["NUMBA_CACHE_DIR", "XDG_CACHE_HOME"])
def test_where_nothing_can_be_written_kernels_are_compiled_at_each_start(library, tmp_path, setting):
    (library / "course" / "kernels" / "__pycache__").touch()
    (tmp_path / "file").touch()
    nowhere = str(tmp_path / "file" / "cache")
    found = start(library, HOME=nowhere, LOCALAPPDATA=nowhere, **{setting: nowhere})
    assert found["hits"] == 0
    assert found["p"] == [0.5, 0.5]


# In a container one is root, for whom no folder is read-only: without this capability root is like anybody else.
LIKE_ANYBODY = ["setpriv", "--bounding-set", "-dac_override"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


@pytest.mark.skipif(os.name == "nt", reason="folders of Windows are made read-only by other means")
@pytest.mark.parametrize("where, writable", [("chosen", "home"), ("beside the sources", "nothing")])
def test_kernels_of_an_image_are_shared_and_stay_as_they_are(library, tmp_path, where, writable):
    kernels, home = library / "course" / "kernels", tmp_path / "home"
    chosen = {"NUMBA_CACHE_DIR": str(tmp_path / "shared")} if where == "chosen" else {}
    start(library, **chosen)
    shared = tmp_path / "shared" / "course" if chosen else kernels / "__pycache__"
    kept = files(shared)
    home.mkdir(mode=0o755 if writable == "home" else 0o555)
    for folder in (kernels, shared):
        folder.chmod(0o555)
    again = start(library, LIKE_ANYBODY, HOME=str(home), **chosen)
    assert (again["hits"], again["misses"]) == (3, 0)
    other = start(library, LIKE_ANYBODY, PROGRAM.replace("float32", "float64"), HOME=str(home), **chosen)
    assert (other["hits"], other["misses"]) == (0, 3)
    for folder in (kernels, shared):
        folder.chmod(0o755)
    assert files(shared) == kept
    assert len([name for name in files(home) if name.endswith(".nbi")]) == (3 if writable == "home" else 0)
