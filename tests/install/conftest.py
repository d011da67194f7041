"""The built packages, a student's virtual environment with the wheel in it, and the places where the student works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# In a container one is root, for whom no folder is read-only: without this capability root is like anybody else.
LIKE_ANYBODY = ["setpriv", "--bounding-set", "-dac_override"] if os.geteuid() == 0 else []
NO_NETWORK = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def run(*command, **options) -> str:
    """What the command prints; a failure shows all of it."""
    done = subprocess.run([str(word) for word in command], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout[-5000:]}"
    return done.stdout


@dataclass(frozen=True)
class Packages:
    """The wheel and the source distribution, each built from the checkout."""

    wheel: Path
    sdist: Path

    @classmethod
    def build(cls, folder: Path) -> Packages:
        run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--sdist", "--outdir", folder, ROOT)
        (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
        return cls(wheel, sdist)


@dataclass(frozen=True)
class Place:
    """Where a student works: an installation, a home, a desk to start from, and what the machine refuses."""

    environment: Path
    home: Path
    desk: Path
    prefix: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, *command, **options) -> str:
        path = os.pathsep.join([str(self.environment / "bin"), "/usr/bin", "/bin", "/usr/sbin", "/sbin"])
        variables = {"PATH": path, "HOME": str(self.home), "LANG": "C.UTF-8", **self.variables}
        return run(*self.prefix, *command, cwd=self.desk, env=variables, **options)


@pytest.fixture(scope="session")
def packages(tmp_path_factory) -> Packages:
    return Packages.build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def environment(packages, tmp_path_factory) -> Path:
    """A fresh virtual environment with the wheel and what it depends on, in a folder with an awkward name."""
    environment = tmp_path_factory.mktemp("Kurs für 学生") / "my venv"
    run(sys.executable, "-m", "venv", environment)
    run(environment / "bin" / "pip", "install", "--quiet", packages.wheel)
    return environment


@pytest.fixture(scope="session", params=["at home", "read-only home", "no network"])
def place(request, environment, tmp_path_factory):
    folder = tmp_path_factory.mktemp("Büro 学")
    home, desk = folder / "home", folder / "my desk"
    home.mkdir()
    desk.mkdir()
    if request.param == "at home":
        yield Place(environment, home, desk)
    elif request.param == "read-only home":
        home.chmod(0o555)
        yield Place(environment, home, desk, LIKE_ANYBODY)
    elif shutil.which("unshare") and subprocess.run([*NO_NETWORK, "true"], capture_output=True).returncode == 0:
        yield Place(environment, home, desk, NO_NETWORK)
    else:  # where namespaces are forbidden, whoever would ask the network asks a port at which nobody listens
        nowhere = "http://127.0.0.1:9"
        yield Place(environment, home, desk, variables={"http_proxy": nowhere, "https_proxy": nowhere,
                                                        "no_proxy": "127.0.0.1,localhost", "PIP_NO_INDEX": "1"})
