"""`course lab`: the student's folder brought up to date, and JupyterLab started in it."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import itertools
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import workspace
from .openblas import avx_512_unused

WELCOME = "lessons/00_welcome.ipynb"

# Defaults of JupyterLab's settings that suit the course. They rank below the student's own settings.
_SETTINGS = Path(__file__).with_name("jupyter")

_OPTIONS = (
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",  # the course makes no request to the network
    "--LabApp.news_url=None",
    "--LabApp.extension_manager=readonly",
)


def add_lab(subparsers) -> None:
    """Register `course lab`."""
    parser = subparsers.add_parser(
        "lab", help="start JupyterLab in your own copy of the course",
        description="Copy lessons and exercises into your own folder, or bring it up to date, and start JupyterLab "
                    "there. A file that you changed is never overwritten: a new version of it arrives beside it.",
        epilog="What stands after -- goes to JupyterLab, as in: course lab -- --debug")
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER",
                        help="your folder (the one you are in if it is one already, else my-course)")
    parser.add_argument("--update-only", "--update", action="store_true", help="copy, but do not start JupyterLab")
    parser.add_argument("--restore", action="store_true", help="copy again what you deleted")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser; the address is printed")
    parser.add_argument("--port", type=_port, help="the port of JupyterLab (8888, or the next free one)")
    parser.set_defaults(run=run)


def run(args) -> int:
    """Update the workspace, then run JupyterLab until it ends; its exit status, or 1 and a sentence."""
    folder = args.folder or workspace.around(Path.cwd()) or Path("my-course")
    try:
        update = workspace.update(folder, restore=args.restore)
    except workspace.WorkspaceError as error:
        return _refuse(error)
    print(*update.sentences(), sep="\n")
    if importlib.util.find_spec("jupyterlab") is None:
        return 0 if args.update_only else _refuse(
            f"JupyterLab is not installed for {sys.executable}. Install it, with: "
            f'"{sys.executable}" -m pip install jupyterlab')
    environment = _environment(update.folder)
    _trust(update, environment)
    if args.update_only:
        return 0
    if args.port and (reason := _refused(args.port)):
        return _refuse(f"Port {args.port} cannot be used ({reason}). Choose another one, or leave --port out: then "
                       "JupyterLab looks for a free one.")
    if _is_root():
        print("You are root, as is usual in a container; anywhere else an ordinary account is safer.")
    print("JupyterLab is starting; Ctrl-C in this window stops it.", flush=True)
    return _serve(_command(update.folder, args), environment)


def _command(folder: Path, args) -> list[str]:
    page = f"/lab/tree/{WELCOME}" if (folder / WELCOME).is_file() else "/lab"
    # -P: a file of the student's called random.py must not stand in for Python's own
    command = [sys.executable, "-P", "-m", "jupyterlab", *_OPTIONS, f"--ServerApp.root_dir={folder}",
               f"--LabApp.default_url={page}", f"--LabApp.workspaces_dir={folder / '.course' / 'layout'}"]
    if args.no_browser:
        command.append("--no-browser")
    if args.port:
        command += [f"--ServerApp.port={args.port}", "--ServerApp.port_retries=0"]
    if _is_root():
        command.append("--allow-root")
    return command + args.passed_on


def _environment(folder: Path) -> dict[str, str]:
    """The variables for JupyterLab and its kernels: this Python's kernel, the course's defaults, folders that can be
    written even where the home folder cannot."""
    from jupyter_core.paths import jupyter_config_dir, jupyter_data_dir

    environment = {"JUPYTER_PREFER_ENV_PATH": "1", **os.environ}
    if avx_512_unused():
        environment.setdefault("OPENBLAS_CORETYPE", "SkylakeX")
    environment["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [str(_SETTINGS),
                                                                       os.environ.get("JUPYTER_CONFIG_PATH")]))
    home = Path.home()
    kept = {"JUPYTER_CONFIG_DIR": Path(jupyter_config_dir()), "JUPYTER_DATA_DIR": Path(jupyter_data_dir()),
            "IPYTHONDIR": home / ".ipython", "MPLCONFIGDIR": home / ".config", "NUMBA_CACHE_DIR": home / ".cache"}
    moved = [name for name, place in kept.items() if name not in os.environ and not workspace.writable(place)]
    if moved:
        environment |= {name: str(folder / ".course" / "home" / name.lower()) for name in moved}
        print(f"Your home folder {home} cannot be written, so settings and compiled kernels are kept in "
              f"{folder / '.course' / 'home'}.")
    return environment


def _trust(update: workspace.Update, environment: dict[str, str]) -> None:
    """Sign the notebooks that are the course's own, so that JupyterLab shows their stored pictures."""
    import nbformat
    from jupyter_core.paths import jupyter_data_dir
    from nbformat.sign import NotebookNotary

    try:
        folder = Path(environment.get("JUPYTER_DATA_DIR") or jupyter_data_dir())
        folder.mkdir(parents=True, exist_ok=True)
        notary = NotebookNotary(data_dir=str(folder))
        for name in update.pristine:
            if name.endswith(".ipynb"):
                notary.sign(nbformat.read(update.folder / name, as_version=4))
        notary.store.close()
    except Exception as error:  # a locked database, a notebook that is none: the lessons work without
        print(f"The notebooks could not be marked as trusted ({error}): their pictures show once you run the cells.",
              file=sys.stderr)


def _serve(command: list[str], environment: dict[str, str]) -> int:
    """Run JupyterLab to its end, with the kernels of the first lessons compiling beside it; JupyterLab's status."""
    server, times, early = None, itertools.count(1), []

    def stop(*_):
        time = next(times)  # a single step: a second signal may interrupt this function anywhere
        if server is None:
            early.append(time)
        elif time == 1:
            server.terminate()
        elif time > 2:  # twice in a row is a habit of Jupyter's users; the third time they mean it
            server.kill()

    if os.name != "nt":
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
                signal.signal(number, stop)
    else:
        signal.signal(signal.SIGINT, lambda *_: None)  # the console tells JupyterLab itself
    warmup = _start_warmup(environment)
    try:
        # A session of its own: JupyterLab fails when Ctrl-C reaches it twice, from the terminal and from here.
        server = subprocess.Popen(command, env=environment, start_new_session=os.name != "nt")
        if early:
            server.terminate()
        while True:
            # Not one long wait: a signal that lands on another thread, such as one of BLAS, would not interrupt it.
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = server.wait(timeout=1)
                return status if status >= 0 else 128 - status
    finally:
        warmup.kill()
        warmup.wait()


def _start_warmup(environment: dict[str, str]) -> subprocess.Popen:
    """Compile in a child of low priority. It ends with its standard input, so with this process, however that ends."""
    apart: dict[str, Any]
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.BELOW_NORMAL_PRIORITY_CLASS}
    else:
        apart = {"start_new_session": True}  # Ctrl-C is for JupyterLab
    return subprocess.Popen([sys.executable, "-P", "-m", "course.warmup", "--background"], env=environment,
                            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, **apart)


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; give a number from 1 to 65535")
    return int(text)


def _refused(port: int) -> str | None:
    """Why JupyterLab could not listen on the port, or None."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        return os.strerror(error.errno or 0)
    return None


def _refuse(sentence) -> int:
    print(sentence, file=sys.stderr)
    return 1
