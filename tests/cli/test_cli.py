"""The command explains itself, quickly, and ends as a command should."""

import subprocess
import sys

import pytest

import course
from course import cli, warmup
from course.cli import main

from .conftest import ROOT


def test_version(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"course {course.__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_help_names_every_command(arguments, capsys):
    try:
        assert main(arguments) == 0
    except SystemExit as exit:
        assert exit.code == 0
    out = capsys.readouterr().out
    assert all(f"\n    {command} " in out for command in ("lab", "check", "grade", "doctor", "warmup"))


@pytest.mark.parametrize("command", ["lab", "check", "grade", "doctor", "warmup"])
def test_every_command_has_help_and_refuses_what_it_does_not_know(command, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    with pytest.raises(SystemExit, match="2"):
        main([command, "--no-such-option"])


def test_help_imports_nothing_heavy():
    """Beyond what `import course` itself needs, registering the commands loads no numba, Jupyter or matplotlib."""
    script = """if 1:
        import sys, course
        before = set(sys.modules)
        from course import cli
        cli._parser().format_help()
        loaded = {name.split(".")[0] for name in set(sys.modules) - before}
        heavy = {"numba", "numpy", "matplotlib", "IPython", "ipywidgets", "anywidget", "nbformat", "tornado", "zmq"}
        print(sorted(name for name in loaded if name in heavy or name.startswith(("jupyter", "ipykernel"))))
    """
    out = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert out == "[]\n"


def test_python_dash_m():
    out = subprocess.run([sys.executable, "-m", "course", "--version"], cwd=ROOT, capture_output=True, text=True).stdout
    assert out.startswith("course ")


def test_interrupted(monkeypatch):
    def interrupted(args):
        raise KeyboardInterrupt

    monkeypatch.setattr("course.doctor.run", interrupted)
    assert main(["doctor"]) == 130


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX")
def test_reader_that_stops_listening():
    script = f"{sys.executable} -m course --help | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_only_lab_passes_arguments_on():
    assert cli._split(["lab", "here", "--", "--x", "--", "y"]) == (["lab", "here"], ["--x", "--", "y"])
    assert cli._split(["check", "--", "-odd.ipynb"]) == (["check", "--", "-odd.ipynb"], [])


def test_an_option_of_jupyterlab_is_told_where_it_goes(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["lab", "--allow-root"])
    assert "course lab -- --allow-root" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["doctor", "--debug"])
    assert "course lab" not in capsys.readouterr().err


def test_warmup_reports_and_goes_on_after_a_failure(capsys):
    def compile_kettle():
        raise RuntimeError("cold")

    def compile_pan():
        pass

    assert warmup.warmup((compile_kettle, compile_pan)) is False
    captured = capsys.readouterr()
    assert captured.out.startswith("[2/2] compile pan: 0.")
    assert captured.err == ("Warm-up step 'compile kettle' failed (RuntimeError: cold). To see what works here: course "
                            "doctor\n")
    assert warmup.warmup((compile_pan,)) is True


def test_warmup_command(monkeypatch):
    monkeypatch.setattr(warmup, "warmup", lambda: False)
    assert main(["warmup"]) == 1


def test_warmup_ends_with_its_parent():
    script = """if 1:
        import threading
        from course import warmup
        threading.Thread(target=warmup._end_with_parent, daemon=True).start()
        threading.Event().wait()
    """
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE)
    process.stdin.close()  # as when its parent is killed
    assert process.wait(60) == 0


def test_warmup_in_the_background_compiles_the_first_lessons_and_ends_quietly():
    process = subprocess.Popen([sys.executable, "-m", "course.warmup", "--background"], cwd=ROOT, text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.wait(120) == 0  # with its standard input still open
    assert process.stderr.read() == ""
    assert len(process.stdout.readlines()) == len(warmup.STEPS)
    process.communicate()
