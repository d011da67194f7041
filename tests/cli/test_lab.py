"""`course lab` starts JupyterLab in the student's folder and leaves nothing running behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from course import notebook_server, workspace
from course.cli import main

from .conftest import notebook

POSIX = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """The folder in which the student calls `course lab`."""
    desk = tmp_path / "desk"
    desk.mkdir()
    monkeypatch.chdir(desk)
    return desk


@pytest.fixture
def command(monkeypatch):
    """What would be run in place of JupyterLab: the command and its environment."""
    seen = {}

    def serve(command, environment):
        seen.update(command=command, environment=environment)
        return 7

    monkeypatch.setattr(notebook_server, "_serve", serve)
    return seen


def trusted(path, data_dir):
    notary = NotebookNotary(data_dir=str(data_dir))
    try:
        return notary.check_signature(nbformat.read(path, as_version=4))
    finally:
        notary.store.close()


def test_default_folder_and_its_update_from_within(shelf, desk, monkeypatch, capsys):
    assert main(["lab", "--update-only"]) == 0
    monkeypatch.chdir(desk / "my-course" / "lessons")
    assert main(["lab", "--update"]) == 0
    assert os.listdir(desk) == ["my-course"]
    assert capsys.readouterr().out.splitlines()[1] == f"Your folder is {desk / 'my-course'} (nothing new)."


def test_copies_are_trusted_and_changed_ones_are_not(shelf, desk, home, capsys):
    from jupyter_core.paths import jupyter_data_dir

    assert main(["lab", "--update-only", "Mein Kurs ü"]) == 0
    lesson = desk / "Mein Kurs ü" / "lessons" / "00_welcome.ipynb"
    assert home in lesson.parents[3].joinpath(jupyter_data_dir()).parents
    assert trusted(lesson, jupyter_data_dir())
    lesson.write_bytes(notebook("print(1)", output="<script>not the course's</script>"))
    assert main(["lab", "--update-only", "Mein Kurs ü"]) == 0
    assert not trusted(lesson, jupyter_data_dir())
    assert capsys.readouterr().err == ""


def test_jupyterlab_is_told_what_suits_a_course(shelf, desk, command):
    assert main(["lab", "--no-browser", "--", "--ServerApp.token=abc"]) == 7
    assert command["command"][:4] == [sys.executable, "-P", "-m", "jupyterlab"]
    assert command["command"][-1] == "--ServerApp.token=abc"
    assert f"--ServerApp.root_dir={desk / 'my-course'}" in command["command"]
    assert "--LabApp.default_url=/lab/tree/lessons/00_welcome.ipynb" in command["command"]
    assert {"--no-browser", "--LabApp.news_url=None"} < set(command["command"])


def test_student_without_the_welcome_notebook_gets_the_plain_page(shelf, desk, command):
    main(["lab", "--update-only"])
    (desk / "my-course/lessons/00_welcome.ipynb").unlink()
    main(["lab"])
    assert "--LabApp.default_url=/lab" in command["command"]


def test_settings_of_the_student_and_of_the_site_are_kept(shelf, desk, command, monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/site")
    main(["lab"])
    assert command["environment"]["JUPYTER_CONFIG_PATH"].split(os.pathsep)[1:] == ["/site"]
    assert "JUPYTER_CONFIG_DIR" not in command["environment"]
    assert "JUPYTERLAB_SETTINGS_DIR" not in command["environment"]


def test_home_that_cannot_be_written(shelf, desk, command, monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(workspace, "writable", lambda folder: tmp_path / "home" not in folder.parents)
    assert main(["lab"]) == 7
    inside = desk / "my-course" / ".course" / "home"
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR", "MPLCONFIGDIR", "NUMBA_CACHE_DIR"):
        assert command["environment"][name].startswith(str(inside))
    assert trusted(desk / "my-course/lessons/00_welcome.ipynb", command["environment"]["JUPYTER_DATA_DIR"])
    assert capsys.readouterr().out.count("home folder") == 1


def test_signatures_that_cannot_be_kept_cost_one_sentence(shelf, desk, monkeypatch, capsys):
    import nbformat.sign

    def broken(*arguments, **options):
        raise OSError("database is locked")

    monkeypatch.setattr(nbformat.sign, "NotebookNotary", broken)
    assert main(["lab", "--update-only"]) == 0
    assert capsys.readouterr().err == ("The notebooks could not be marked as trusted (database is locked): their "
                                       "pictures show once you run the cells.\n")


# Refusals are sentences with a remedy, and a status of 1

def refusal(capsys, *arguments):
    assert main(["lab", *arguments]) == 1
    return capsys.readouterr().err


def test_folder_is_a_file(shelf, desk, capsys):
    (desk / "my-course").touch()
    assert "is a file, but the course needs a folder" in refusal(capsys)


def test_port_in_use(shelf, desk, command, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert refusal(capsys, "--port", str(port)).startswith(f"Port {port} cannot be used (Address already in use). "
                                                               "Choose another one, or leave --port out")
    assert not command


@pytest.mark.parametrize("port", ["0", "65536", "x", "-1"])
def test_port_out_of_range(port, capsys):
    with pytest.raises(SystemExit):
        main(["lab", "--port", port])
    assert "give a number from 1 to 65535" in capsys.readouterr().err or port == "-1"


def test_without_jupyterlab(shelf, desk, command, monkeypatch, capsys):
    monkeypatch.setattr(notebook_server.importlib.util, "find_spec", lambda name: None)
    assert "-m pip install jupyterlab" in refusal(capsys)
    assert not command and (desk / "my-course/lessons/00_welcome.ipynb").exists()


# A real JupyterLab

def serve(course, *arguments):
    """`course lab` in a process, and its address once JupyterLab answers there."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = course("lab", "--no-browser", "--port", str(port), *arguments, "--", "--ServerApp.token=key")
    address = f"http://127.0.0.1:{port}"
    while process.poll() is None:
        try:
            get(address, "/api/status")
            return process, address
        except urllib.error.URLError:
            os.sched_yield()
    raise AssertionError(process.communicate())


def get(address, path):
    request = urllib.request.Request(address + path, headers={"Authorization": "token key"})
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)


def children(process):
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True).stdout
    return [int(pid) for pid in listed.split()]


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@POSIX
def test_jupyterlab_serves_the_workspace_until_interrupted(shelf, course, home):
    settings = home / ".jupyter/lab/user-settings/@jupyterlab/notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text('{"recordTiming": true}')
    process, address = serve(course, "Mein Kurs ü 学")
    lesson = get(address, "/api/contents/lessons/00_welcome.ipynb")["content"]
    assert lesson["cells"][0]["source"] == "print(1)" and lesson["cells"][0]["metadata"]["trusted"]
    tracker = get(address, "/lab/api/settings/@jupyterlab/notebook-extension:tracker")
    assert tracker["schema"]["properties"]["windowingMode"]["default"] == "none"
    assert tracker["settings"] == {"recordTiming": True}
    notification = get(address, "/lab/api/settings/@jupyterlab/apputils-extension:notification")
    assert notification["schema"]["properties"]["fetchNews"]["default"] == "false"
    started = children(process)
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 0
    assert not any(map(alive, started))
    with pytest.raises(urllib.error.URLError):
        get(address, "/api")


@POSIX
def test_stopped_twice_it_stops_as_cleanly(shelf, course):
    process, _ = serve(course)
    started = children(process)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 0
    assert not any(map(alive, started))
