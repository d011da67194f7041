"""What stands around the code, for whoever installs, teaches or contributes, is valid and says the same everywhere."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import course
from course import cli, doctor

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
YAML = [*ROOT.glob(".github/**/*.yml"), ROOT / ".pre-commit-config.yaml", ROOT / "CITATION.cff"]
RECIPES = [ROOT / ".devcontainer/devcontainer.json", ROOT / "binder/postBuild", ROOT / "docs/jupyterhub/Dockerfile",
           ROOT / "tools/class_repository/ci/run", *ROOT.glob("*.md"), *ROOT.glob("docs/*.md"),
           *ROOT.glob("tools/class_repository/*.md"), *ROOT.glob(".github/**/*.*")]


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def named(path):
    return path.relative_to(ROOT).as_posix()


def subcommands():
    (group,) = (action for action in cli._parser()._actions if hasattr(action, "choices") and action.choices)
    return group.choices


@pytest.mark.parametrize("path", YAML, ids=named)
def test_yaml_is_valid(path):
    assert yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", RECIPES, ids=named)
def test_commands_that_are_recommended_exist(path):
    for command in re.findall(r"(?:^|bin/|(?<!import)[\s`;&])course ([a-z][a-z-]+)(?=[\s`'\",;.]|$)", code(path)):
        assert command in subcommands(), command
    for tool in re.findall(r"\b((?:tools|tests|ci|\.ci)/\w[\w/]*(?:\.py)?)", code(path)):
        assert any((folder / tool).exists() for folder in (ROOT, ROOT / "tools/class_repository")), tool


def code(path):
    """What is meant to be typed or run: of prose only what stands between backticks."""
    content = path.read_text(encoding="utf-8")
    if path.suffix != ".md":
        return "\n".join(line for line in content.splitlines() if not line.lstrip().startswith("#"))
    blocks = re.findall(r"(?ms)^ *```sh\n(.*?)```", content)
    return "\n".join(blocks + re.findall(r"`([^`\n]+)`", re.sub(r"(?ms)^ *```.*?```", "", content)))


def test_versions_agree():
    cited = yaml.safe_load(text("CITATION.cff"))
    newest = re.search(r"(?m)^## (\S+?),? ", text("CHANGELOG.md"))[1]
    assert PROJECT["version"] == course.__version__ == cited["version"] == newest
    assert PROJECT["license"] == cited["license"]


def test_pythons_agree():
    said = re.findall(r"Python :: (3\.\d+)", " ".join(PROJECT["classifiers"]))
    jobs = yaml.safe_load(text(".github/workflows/ci.yml"))["jobs"]
    (first,) = [step["with"]["python-version"] for step in jobs["everything"]["steps"] if "python-version" in
                step.get("with", {})]
    assert said == [first, *jobs["pythons"]["strategy"]["matrix"]["python"]]
    assert PROJECT["requires-python"] == f">={said[0]}"
    assert ".".join(map(str, doctor.NEWEST_PYTHON)) == said[-1]
    assert str(said).replace("'", '"') in text("tests/install/test_other_pythons.py")
    assert f"You need Python {said[0]} or newer" in text("README.md")
    for other in ("binder/runtime.txt", ".devcontainer/devcontainer.json", "docs/jupyterhub/Dockerfile"):
        assert re.search(r"3\.\d+", text(other))[0] in said, other


def test_every_kind_of_user_finds_a_line():
    start = text("README.md").split("## Start")[1].split("## ")[0]
    for tool in (".venv/bin/pip install .", "uv pip install .", "conda create", r"py -m venv"):
        assert tool in start, tool


def test_the_dev_container_installs_the_course():
    container = json.loads(text(".devcontainer/devcontainer.json"))
    extras = PROJECT["optional-dependencies"]
    assert re.search(r"\.\[(\w+)\]", container["postCreateCommand"])[1] in extras
    subprocess.run(["bash", "-n", "-c", container["postCreateCommand"]], check=True)
    interpreter = container["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert interpreter.endswith("/.venv/bin/python") and ".venv" in container["postCreateCommand"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
@pytest.mark.parametrize("script", [".ci/run", "binder/postBuild", "tools/class_repository/ci/run"])
def test_scripts_can_be_run(script):
    assert os.access(ROOT / script, os.X_OK)
    subprocess.run(["bash", "-n", ROOT / script], check=True)


def test_binder_installs_this_folder():
    assert text("binder/requirements.txt").split() == ["."]
    assert re.fullmatch(r"python-3\.\d+\n", text("binder/runtime.txt"))


def test_the_image_of_a_hub():
    lines = [line for line in text("docs/jupyterhub/Dockerfile").splitlines() if line and not line.startswith("#")]
    words = [shlex.split(line)[0] for line in lines]
    assert words == ["FROM", "USER", "COPY", "RUN", "ENV", "RUN", "USER"], "as root to install, not to teach"
    assert lines[-1] == "USER ${NB_UID}"
    folder = re.search(r"NUMBA_CACHE_DIR=(\S+)", text("docs/jupyterhub/Dockerfile"))[1]
    assert lines[5].endswith(f"chmod -R a+rX,go-w {folder}")
    assert f"NUMBA_CACHE_DIR={folder} course warmup" in text("docs/jupyterhub.md")


@pytest.mark.parametrize("hook", yaml.safe_load(text(".pre-commit-config.yaml"))["repos"][0]["hooks"],
                         ids=lambda hook: hook["id"])
def test_hooks_name_what_exists(hook):
    places = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    assert shutil.which(hook["entry"].split()[0], path=places) or hook["id"] == "ruff"
    assert all((ROOT / word).exists() for word in hook["entry"].split() if word.endswith(".py"))
    assert hook["language"] == "system", "no download before a commit"


def test_every_part_of_ci_says_what_it_proves():
    parts = re.findall(r'(?m)^part "(.+?)"', text(".ci/run"))
    for part in parts:
        assert f"| {part} |" in text("CONTRIBUTING.md"), part
