"""The same grades from a Dask cluster of two workers."""

import sys
from contextlib import closing

import pytest

from .submissions import IMPORTS, LARGEST, LINE, MINIMISE, RIGHT, STEP, UNIT, write
from .test_command import run

pytestmark = [
    pytest.mark.instructor,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(sys.platform == "win32", reason="grading needs POSIX limits"),
]
distributed = pytest.importorskip("distributed", reason="the extra `instructor` is not installed")


@pytest.fixture(scope="module")
def address():
    options = {"dashboard_address": None, "worker_dashboard_address": None}
    with closing(distributed.LocalCluster(n_workers=2, threads_per_worker=1, **options)) as cluster:
        yield cluster.scheduler_address


def test_two_workers_give_the_grades_that_this_machine_gives(tmp_path, capsys, address):
    folder = tmp_path / "class"
    for number in range(6):
        write(folder / f"right{number}.ipynb", *RIGHT)
        write(folder / f"uphill{number}.ipynb", IMPORTS, STEP.replace("- lr", "+ lr"), MINIMISE, LARGEST, LINE)
    write(folder / "hostile.ipynb", *RIGHT, "import os\nos._exit(1)")
    (folder / "broken.ipynb").write_text("{")
    assert run("grade", folder, "--seed", "s", "--unit", UNIT, "--out", tmp_path / "dask", "--dask", address) == 0
    assert run("grade", folder, "--seed", "s", "--unit", UNIT, "--out", tmp_path / "here", "--jobs", 1) == 0
    for name in ("grades.json", "grades.csv", "class.html"):
        assert (tmp_path / "dask" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()
    capsys.readouterr()


def test_no_scheduler_is_told_in_a_sentence(tmp_path, capsys):
    write(tmp_path / "class" / "ann.ipynb", *RIGHT)
    assert run("grade", tmp_path / "class", "--dask", "127.0.0.1:9") == 2
    assert "No Dask scheduler answers at 127.0.0.1:9" in capsys.readouterr().err
