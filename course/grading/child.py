"""The grader's side of the child process: starts it, asks it, and ends it whatever it does."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import course
from course.exercises.answering import Answer, Description, Raised
from course.exercises.encoding import BadMessage
from course.exercises.specification import Exercise
from course.grading.channel import Channel, Closed
from course.grading.limits import DEFAULT, Limits

PACKAGE = Path(course.__file__).parent
RESTARTS = 5  # after as many cells that end the process, the rest of the notebook counts as not run


def hidden_paths() -> list[str]:
    """What no submission may read: specifications, the grader, the solutions, other processes."""
    teaching = [PACKAGE / "exercises", PACKAGE / "grading"]
    content = [PACKAGE.parent / "solutions", PACKAGE / "_content" / "solutions", PACKAGE.parent / "tests"]
    return [str(path) for path in (*teaching, *content, Path("/proc"))]


def command_line(root: str, descriptor: int) -> list[str]:
    """The child's command. A sandbox such as bubblewrap would stand in front of it here."""
    return [sys.executable, "-I", "-X", "utf8", str(Path(__file__).with_name("runner.py")), root, str(descriptor)]


class Child:
    """One submission's notebook in a process of its own, in an empty folder that is its home.

    It may be asked about one exercise after the other. Where an answer ends the process, the next exercise gets a new
    one: what a function does costs its own exercise only.
    """

    def __init__(self, cells: Sequence[str], limits: Limits = DEFAULT, uses: Sequence[str] = (), hidden=()):
        self.limits = limits
        self._cells, self._uses = list(cells), list(uses)
        self._hidden = [*hidden_paths(), *map(str, hidden)]
        self._deadly: list[int] = []  # cells that ended the process
        self._process: subprocess.Popen | None = None
        self._next_id = 0

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_) -> None:
        self._end()

    def ask(self, request: dict, seconds: float) -> dict:
        """One question and its answer; Closed, TimeoutError or BadMessage where the child has none."""
        if self._process is None:
            self._start()
        self._next_id += 1
        try:
            self._channel.send({"id": self._next_id, **request}, seconds)
            reply = self._channel.receive(seconds)
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
                self._channel.send(
                    {
                        "cells": self._cells,
                        "skip": self._deadly,
                        "uses": self._uses,
                        "hidden": self._hidden,
                        "limits": asdict(self.limits),
                    },
                    self.limits.wall_seconds,
                )
                while not (message := self._channel.receive(self.limits.cell_seconds + self.limits.grace)).get("ready"):
                    number = message.get("cell")
                    if type(number) is not int or not cell < number < len(self._cells):
                        raise BadMessage("a cell out of order")
                    cell = number
                return
            except (Closed, TimeoutError, BadMessage):
                self._end()
                if cell < 0:
                    raise Closed from None  # it died before a student's line ran
                # Out of attempts: leave out this cell and all that follow.
                lost = [cell] if len(self._deadly) < RESTARTS else range(cell, len(self._cells))
                self._deadly += [number for number in lost if number not in self._deadly]

    def _spawn(self) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="course-grading-", ignore_cleanup_errors=True)
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                command_line(str(PACKAGE.parent), theirs.fileno()),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=self._home.name,
                env=_environment(self._home.name),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._channel = Channel(ours)

    def _end(self) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        self._channel.close()
        self._home.cleanup()


class ChildAnswerer:
    """One exercise's function in a child; the counterpart of `FunctionAnswerer`."""

    def __init__(self, child: Child, exercise: Exercise):
        self._child, self._exercise = child, exercise

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
                reply = self._child.ask(request, self._child.limits.wall_seconds)
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
        try:
            reply = self._child.ask({"arguments": arguments}, self._exercise.seconds + self._child.limits.grace)
            return _answer(reply, self._exercise)
        except TimeoutError:
            return Answer(stopped="time")
        except Closed:
            return Answer(stopped="died")
        except (BadMessage, KeyError, TypeError):
            return Answer(stopped="protocol")


def _answer(reply: dict, exercise: Exercise) -> Answer:
    """The child's words, none of them believed before its type and size are seen."""
    raised = reply["raised"]
    if raised is not None:
        words = {name: _checked(raised[name], str)[:300] for name in ("type", "message", "source")}
        raised = Raised(**words, line=_checked(raised["line"], int, type(None)))
    return Answer(
        value=reply["value"],
        wrote=tuple(name for name in exercise.parameters if name in _checked(reply["wrote"], tuple)),
        printed=_checked(reply["printed"], str)[:600],
        raised=raised,
        stopped="time" if reply["stopped"] == "time" else "",
        library=tuple(_checked(name, str)[:200] for name in _checked(reply["library"], tuple)[:5]),
    )


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
        **{name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")},
    }
