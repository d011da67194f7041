"""The grader's side of the child process: starts it, asks it, and ends it whatever it does."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from course.exercises.answering import Answer, Description, Raised
from course.exercises.encoding import BadMessage
from course.exercises.specification import Exercise
from course.grading.channel import Channel, Closed
from course.grading.file_rules import file_rules_version
from course.grading.limits import DEFAULT, MAX_TROUBLES, Limits
from course.grading.sandbox import HOME, PACKAGE, hidden_paths, missing, sandboxed, visible_paths
from course.grading.system_calls import system_calls_can_be_refused
from course.kernels.cache import cache_folder

RESTARTS = 5  # after as many cells that end the process, the rest of the notebook counts as not run
may_start = threading.Event()  # cleared where a run is interrupted
may_start.set()


class NoChild(RuntimeError):
    """The child died before a student's line ran: that is no fault of the student's."""


def in_sandbox(limits: Limits) -> bool:
    """Whether the child runs in a sandbox: where there is one, unless the limits say otherwise."""
    return not missing() if limits.sandbox is None else limits.sandbox


def isolation(limits: Limits) -> str:
    """What stands between a submission and this machine, for the instructor to read."""
    if in_sandbox(limits):
        return ("Every notebook ran in a bubblewrap sandbox: a read-only system, an empty home, no network, no process "
                "but its own.")  # fmt: skip
    why = missing() or "it was switched off"
    if file_rules_version() and system_calls_can_be_refused():
        return (f"No bubblewrap sandbox ({why}). Every notebook ran in a process of its own, where Linux refused it "
                "all files but Python's and its own, the network, and other processes.")  # fmt: skip
    return (f"No sandbox ({why}). Every notebook ran in a process of its own with limits, and Python code was kept "
            "from files, network and processes; compiled code (ctypes) could get past that.")  # fmt: skip


class Child:
    """One submission's notebook in a process of its own, in an empty folder that is its home.

    It may be asked about one exercise after the other. Where an answer ends the process, the next exercise gets a new
    one: what a function does costs its own exercise only. In all it is waited for no longer than `wall_seconds`.
    """

    _alive: set[Child] = set()

    def __init__(self, cells: Sequence[str], limits: Limits = DEFAULT, uses: Sequence[str] = (), hidden=()):
        self.limits = limits
        self._cells, self._uses, self._hidden = list(cells), list(uses), list(map(str, hidden))
        self._kernels = [str(cache_folder())] if uses and cache_folder() else []  # compiled ahead: it takes seconds
        self._left = limits.wall_seconds
        self._deadly: list[int] = []  # cells that ended the process
        self._failed: dict[int, str] = {}  # cells that raised, or ran too long
        self._process: subprocess.Popen | None = None
        self._next_id = 0

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_) -> None:
        self._end()

    @classmethod
    def end_all(cls) -> None:
        """Ends the children of this process, in whichever threads, and lets none start until `may_start` is set."""
        may_start.clear()
        for child in list(cls._alive):
            child._kill()

    @property
    def spent(self) -> bool:
        """Whether the notebook has used up its time."""
        return self._left <= 0

    @property
    def troubles(self) -> list[str]:
        """What went wrong in which cell, in the order of the cells."""
        lost = dict.fromkeys(self._deadly, "ended the Python process, or ran too long; it was left out")
        told = sorted({**self._failed, **lost}.items())[:MAX_TROUBLES]
        return [f"Code cell {number + 1}: {trouble}" for number, trouble in told]

    def ask(self, request: dict, seconds: float) -> dict:
        """One question and its answer; Closed, TimeoutError or BadMessage where the child has none."""
        if self._process is None:
            self._start()
        self._next_id += 1
        try:
            with self._waiting():
                self._channel.send({"id": self._next_id, **request}, seconds)
                reply = self._channel.receive(min(seconds, self._left))
            if reply.pop("id", None) != self._next_id:
                raise BadMessage("an answer to another question")
            return reply
        except (Closed, TimeoutError, BadMessage):
            self._end()
            raise

    def _start(self) -> None:
        """Runs the cells; one that ends the process is left out of the next attempt."""
        while True:
            self._spawn()
            cell = -1
            try:
                self._send_task()
                while not (message := self._receive_progress()).get("ready"):
                    number = message.get("cell")
                    if type(number) is not int or not cell < number < len(self._cells):
                        raise BadMessage("a cell out of order")
                    cell = number
                self._failed = {**_troubles(message, len(self._cells)), **self._failed}
                return
            except (Closed, TimeoutError, BadMessage):
                self._end()
                if self.spent:
                    raise TimeoutError from None
                if cell < 0:
                    raise NoChild("the process for the notebook did not start") from None
                # Out of attempts: leave out this cell and all that follow.
                lost = [cell] if len(self._deadly) < RESTARTS else range(cell, len(self._cells))
                self._deadly += [number for number in lost if number not in self._deadly]

    def _spawn(self) -> None:
        if not may_start.is_set():
            raise NoChild("interrupted")
        self._home = tempfile.TemporaryDirectory(prefix="course-grading-", ignore_cleanup_errors=True)
        ours, theirs = socket.socketpair()
        with theirs:
            runner = str(PACKAGE / "grading" / "runner.py")
            command = [sys.executable, "-s", "-P", "-X", "utf8", runner, str(PACKAGE.parent), str(theirs.fileno())]
            sandbox = in_sandbox(self.limits)
            self._process = subprocess.Popen(
                sandboxed(command, self._hidden, self._kernels) if sandbox else command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=self._home.name,
                env=_environment(HOME if sandbox else self._home.name),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._channel = Channel(ours)
        self._alive.add(self)
        if not may_start.is_set():  # interrupted in this moment
            self._kill()

    def _send_task(self) -> None:
        task = {
            "cells": self._cells,
            "skip": self._deadly,
            "uses": self._uses,
            "readable": [*visible_paths(), *self._kernels],
            "kernels": self._kernels,
            "hidden": [*hidden_paths(), *self._hidden],
            "limits": asdict(self.limits),
        }
        with self._waiting():
            self._channel.send(task, self._left)

    def _receive_progress(self) -> dict:
        with self._waiting():
            return self._channel.receive(min(self.limits.cell_seconds + self.limits.grace, self._left))

    @contextlib.contextmanager
    def _waiting(self) -> Iterator[None]:
        """Counts the time in its body against what the notebook has left."""
        if self.spent:
            raise TimeoutError
        started = time.monotonic()
        try:
            yield
        finally:
            self._left -= time.monotonic() - started

    def _kill(self) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)

    def _end(self) -> None:
        if self._process is None:
            return
        self._kill()
        self._process.wait()
        self._process = None
        self._alive.discard(self)
        self._channel.close()
        self._home.cleanup()


class ChildAnswerer:
    """One exercise's function in a child; the counterpart of `FunctionAnswerer`."""

    def __init__(self, child: Child, exercise: Exercise):
        self._child, self._exercise = child, exercise
        self._left = 5 * exercise.seconds + child.limits.grace  # the first part is what the child allows itself

    def describe(self) -> Description:
        exercise = self._exercise
        request = {
            "describe": exercise.name,
            "parameters": list(exercise.parameters),
            "uses": list(exercise.uses),
            "seconds": float(exercise.seconds),
        }
        for _ in range(2):  # where the exercise before has damaged the process, the second try gets a new one
            try:
                reply = self._child.ask(request, self._child.limits.cell_seconds + self._child.limits.grace)
                return Description(
                    _checked(reply["defined"], bool),
                    tuple(_checked(name, str)[:80] for name in _checked(reply["parameters"], tuple)[:20]),
                    _checked(reply["fits"], bool),
                    _checked(reply["unsolved"], bool),
                )
            except (Closed, TimeoutError, BadMessage, KeyError):
                continue
        return Description(defined=False)

    def answer(self, arguments: tuple) -> Answer:
        started = time.monotonic()
        try:
            seconds = min(self._exercise.seconds + self._child.limits.grace, max(self._left, 0.1))
            return _answer(self._child.ask({"arguments": arguments}, seconds), self._exercise)
        except TimeoutError:
            return Answer(stopped="time")
        except Closed:
            return Answer(stopped="died")
        except (BadMessage, KeyError, TypeError):
            return Answer(stopped="protocol")
        finally:
            self._left -= time.monotonic() - started


def _answer(reply: dict, exercise: Exercise) -> Answer:
    """The child's words, none of them believed before its type and size are seen."""
    raised = reply["raised"]
    if raised is not None:
        words = {name: _repeatable(_checked(raised[name], str)) for name in ("type", "message", "source")}
        raised = Raised(**words, line=_checked(raised["line"], int, type(None)))
    late = reply["stopped"] == "time"
    return Answer(
        value=reply["value"],
        wrote=tuple(name for name in exercise.parameters if name in _checked(reply["wrote"], tuple)),
        printed="" if late else _repeatable(_checked(reply["printed"], str), 600),  # how far it came differs
        raised=raised,
        stopped="time" if late else "",
        seconds=_checked(reply["seconds"], float),
        library=tuple(_checked(name, str)[:200] for name in _checked(reply["library"], tuple)[:5]),
        overflowed=_checked(reply["overflowed"], bool),
        idle=tuple(name for name in exercise.parameters if name in _checked(reply["idle"], tuple)),
    )


def _troubles(message: dict, cells: int) -> dict[int, str]:
    """What the child says of the cells that failed."""
    try:
        told = [
            (_checked(number, int), _repeatable(_checked(trouble, str)))
            for number, trouble in _checked(message["troubles"], list)[:MAX_TROUBLES]
        ]
        return {number: trouble for number, trouble in told if 0 <= number < cells}
    except (KeyError, TypeError, ValueError):
        raise BadMessage("troubles of an unknown kind") from None


def _repeatable(text: str, length: int = 300) -> str:
    """Without what differs from run to run: the name of the home, addresses of objects."""
    text = re.sub(rf"[^\s'\"]*/course-grading-\w+|{HOME}", "~", text[: 2 * length])
    return re.sub(r"\b0x[0-9a-fA-F]{6,16}\b", "0x…", text)[:length]


def _checked(value, *kinds):
    if type(value) not in kinds:
        raise BadMessage(f"a {type(value).__name__} in place of a {kinds[0].__name__}")
    return value


def _environment(home: str) -> dict[str, str]:
    """Nothing of the instructor's environment, and one thread for each library that would start more."""
    return {
        "HOME": home,
        "TMPDIR": home,
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": home,
        "NUMBA_CACHE_DIR": home,
        "PYTHONHASHSEED": "0",  # sets keep their order from run to run
        **{name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")},
    }
