#!/usr/bin/env python3
"""Execute notebooks in place and store what reads well without a kernel.

    python tools/execute_notebooks.py [--timeout SECONDS] [FILE ...]

Without FILE: all lessons and solutions. Stored outputs hold nothing that a reader cannot use or that differs from one
machine to the next: of a widget only its static figure stays; timings, widget state and version numbers go. Equal
outputs give an equal file, byte for byte. A cell that raises or writes to stderr is reported; its file is not touched.
When a lesson has changed, tools/translate_lessons.py carries its outputs into the translated one.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

ROOT = Path(__file__).resolve().parents[1]
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


class Failure(Exception):
    """Why a notebook was not stored, as a sentence."""


def execute(path: Path, timeout: int) -> bool:
    """Run the notebook and store it; whether the file changed. Raises Failure, and then leaves the file alone."""
    before = path.read_text("utf-8")
    notebook = nbformat.reads(before, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    # kernel_dirs=[]: the kernel of this interpreter, whatever "python3" the user has installed.
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    client = NotebookClient(notebook, km=manager, timeout=timeout, store_widget_state=False, record_timing=False,
                            extra_arguments=["--IPKernelApp.log_level=40"],
                            resources={"metadata": {"path": str(path.parent)}})
    client.owns_km = True  # nbclient shuts down only managers that it made itself
    with tempfile.TemporaryDirectory() as scratch:
        environment = os.environ | {
            "COURSE_PROGRESS": str(Path(scratch, "progress.jsonl")),  # nobody's predictions, nobody's progress
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        }
        try:
            client.execute(env=environment)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise Failure(str(error).strip()) from error
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            cell.outputs = tidy(cell.outputs)
            warned = "".join(output.text for output in cell.outputs if output.get("name") == "stderr")
            if warned:
                raise Failure(f"cell {index} wrote to stderr:\n{warned}")
    strip_metadata(notebook)
    after = nbformat.writes(notebook) + "\n"
    if after == before:
        return False
    write_atomically(path, after)
    return True


def tidy(outputs: list) -> list:
    """Outputs as they are kept: streams joined, of widgets only the static figure."""
    kept: list = []
    for output in outputs:
        if output.output_type == "stream" and kept and kept[-1].get("name") == output.name:
            kept[-1].text += output.text
            continue
        if WIDGET_VIEW in output.get("data", {}):
            del output.data[WIDGET_VIEW]
            if output.data.keys() <= {"text/plain"}:
                continue  # a bare widget; its plain text says nothing to a reader
        output.pop("transient", None)
        kept.append(output)
    return kept


def strip_metadata(notebook) -> None:
    notebook.metadata.pop("widgets", None)
    notebook.metadata["kernelspec"] = dict(KERNEL)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)


def write_atomically(path: Path, text: str) -> None:
    """Write beside the file and put it in place in one step: an interrupt leaves the old file or the new one."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="\n", dir=path.parent, prefix=f".{path.stem}-",
                                     suffix=".tmp", delete=False) as file:
        try:
            file.write(text)
            file.close()
            os.chmod(file.name, path.stat().st_mode & 0o777)
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--timeout", type=int, default=300, help="seconds a cell may take (default 300)")
    options = parser.parse_args(arguments)
    files = options.files or sorted([*ROOT.glob("lessons/*.ipynb"), *ROOT.glob("solutions/*/*.ipynb")])
    failed, lesson_stored = 0, False
    for path in files:
        try:
            stored = execute(path.resolve(), options.timeout)
            lesson_stored |= stored and path.resolve().parent == ROOT / "lessons"
            print(f"{path}: {'stored' if stored else 'unchanged'}", flush=True)
        except Failure as failure:
            failed += 1
            print(f"{path}: NOT stored\n{failure}", file=sys.stderr, flush=True)
    if lesson_stored:
        subprocess.run([sys.executable, ROOT / "tools" / "translate_lessons.py"])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
