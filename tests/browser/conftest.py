"""A real JupyterLab in a real browser.

No browser is downloaded: the one on this machine is driven. Where it or playwright is missing, these tests are skipped
and say so, unless COURSE_BROWSER=required (or =all, for every lesson), which makes that a failure.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import pytest
from labpage import LabPage

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SERVER_FLAGS = [
    "--no-browser", "--ip=127.0.0.1", "--allow-root", "--ServerApp.port_retries=0",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LabApp.news_url=None",
    "--LabApp.extension_manager=readonly", "--LabApp.expose_app_in_browser=True",
]
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker.jupyterlab-settings": '{"windowingMode": "none"}',
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": '{"fetchNews": "false"}',
}


@dataclass
class Server:
    url: str
    token: str
    folder: Path
    progress: Path


def missing(what: str):
    message = f"{what}: the browser tests cannot run (pip install 'course[browser]', apt install chromium)"
    if os.environ.get("COURSE_BROWSER") in ("required", "all"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def browser():
    playwright = None
    try:
        from playwright import sync_api as playwright
    except ImportError:
        missing("playwright is not installed")
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        missing("no Chromium was found")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(browser, tmp_path_factory):
    """JupyterLab on a copy of the lessons, with settings, progress and runtime files of its own."""
    home = tmp_path_factory.mktemp("lab")
    folder = home / "lessons"
    shutil.copytree(ROOT / "lessons", folder)
    for name, text in SETTINGS.items():
        path = home / "settings" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token, url = secrets.token_hex(16), f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "config"), "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"), "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"), "IPYTHONDIR": str(home / "ipython"),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        "COURSE_PROGRESS": str(home / "progress.jsonl"),
        "MPLCONFIGDIR": matplotlib.get_cachedir(),  # making its list of fonts anew takes seconds, and says so in red
    }
    log = home / "server.log"
    with open(log, "w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *SERVER_FLAGS, f"--port={port}", f"--IdentityProvider.token={token}",
             f"--ServerApp.root_dir={folder}"],
            cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        wait_until_up(f"{url}/api/status?token={token}", process, log)
        yield Server(url, token, folder, home / "progress.jsonl")
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_until_up(url: str, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + 90
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < end and process.poll() is None:
        try:
            opener.open(url, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture
def lab(browser, server):
    """A fresh browser page, and a learner who has not predicted anything yet."""
    server.progress.unlink(missing_ok=True)
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = LabPage(context.new_page(), server)
    yield page
    page.close()
    context.close()


@pytest.fixture
def report(capsys):
    """Print a measurement also where pytest keeps the output of passing tests: it is shown, never asserted."""
    def say(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}", end="", flush=True)
    return say
