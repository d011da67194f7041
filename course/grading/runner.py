"""The child process: runs one notebook, then answers the grader's questions about the functions in it.

It never sees an expected value. What it knows of the course is what it needs to run a function and to send an answer;
references, misconceptions and solutions are in files that it cannot open (see `closed_doors` and `sandbox`).
"""

from __future__ import annotations

import importlib.abc
import os
import random
import socket
import sys
import types
from dataclasses import asdict


def main(root: str, descriptor: int) -> None:
    """Reads the task from the socket, runs the cells, answers until the socket closes."""
    sys.path.insert(0, root)
    # The package without its `__init__`: the library, numba with it, is imported only where a notebook asks for it.
    sys.modules["course"] = package = types.ModuleType("course")
    package.__path__ = [os.path.join(root, "course")]
    import numpy

    from course.exercises.answering import Description, FunctionAnswerer
    from course.grading.cells import Notebook
    from course.grading.channel import Channel, Closed
    from course.grading.closed_doors import close_doors
    from course.grading.file_rules import only_these_files
    from course.grading.limits import MAX_TROUBLES, Limits, impose

    channel = Channel(socket.socket(fileno=descriptor), trusts_the_other=True)
    task = channel.receive()
    limits = Limits(**task["limits"])
    hide_the_course(task["uses"])
    hidden = list(task["hidden"])
    if not task["uses"]:
        sys.path.remove(root)
        hidden.append(os.path.join(root, "course"))
    for folder in task["kernels"]:
        link_kernels(folder, os.path.join(os.getcwd(), "course"))
    random.seed(0)  # the same notebook gets the same grade: so does one that draws numbers without a seed
    numpy.random.seed(0)
    only_these_files(task["readable"], hidden, os.getcwd())
    impose(limits)
    close_doors(hidden, os.getcwd())

    notebook = Notebook()
    troubles = []
    for number, source in enumerate(task["cells"]):
        if number not in task["skip"]:
            channel.send({"cell": number})
            if trouble := notebook.run(number, source, limits.cell_seconds):
                troubles.append((number, trouble))
    channel.send({"ready": True, "troubles": troubles[:MAX_TROUBLES]})

    answerer = None
    while True:
        try:
            request = channel.receive()
        except Closed:
            return
        if "describe" in request:
            function = notebook.function(request["describe"])
            answerer = FunctionAnswerer(function, request["parameters"], request["uses"], request["seconds"])
            try:
                described = answerer.describe()
            except Exception:
                described = Description(defined=False)
            channel.send({"id": request["id"], **asdict(described)})
        else:
            answer = answerer.answer(request["arguments"])
            raised = asdict(answer.raised) if answer.raised else None
            channel.send({"id": request["id"], **vars(answer), "raised": raised})


def link_kernels(compiled: str, cache: str) -> None:
    """Fills this process's own cache of kernels with links to those that the grader has compiled, to be read only."""
    os.makedirs(cache, exist_ok=True)
    for name in os.listdir(compiled):
        if name.endswith((".nbi", ".nbc")):
            os.symlink(os.path.join(compiled, name), os.path.join(cache, name))


class _CourseIsClosed(importlib.abc.MetaPathFinder):
    """Answers every import of the course's own modules with a refusal."""

    def __init__(self, closed: tuple[str, ...]):
        self._closed = closed

    def find_spec(self, fullname, path=None, target=None):
        if any(fullname == name or fullname.startswith(name + ".") for name in self._closed):
            raise ModuleNotFoundError(f"{fullname} is not available while grading", name=fullname)
        return None


def hide_the_course(uses: list[str]) -> None:
    """Takes the course's modules away. `check` and its like stay importable and do nothing.

    An exercise that may use a part of the library gets the library; calls to other parts are noticed one by one.
    """
    for name in [name for name in sys.modules if name == "course" or name.startswith("course.")]:
        del sys.modules[name]
    teaching = ("course.exercises", "course.grading", "course.lab", "course.cli", "course.progress")
    stub = types.ModuleType("course.exercises")
    for name in ("check", "require", "hint", "picture", "solution", "progress"):
        setattr(stub, name, lambda *arguments, **options: None)
    vars(stub)["NotYet"] = AssertionError
    sys.modules["course.exercises"] = stub
    if not uses:
        sys.modules["course"] = package = types.ModuleType("course")
        vars(package)["exercises"] = stub
    sys.meta_path.insert(0, _CourseIsClosed(teaching if uses else ("course",)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
