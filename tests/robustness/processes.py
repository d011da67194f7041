"""Processes that do one thing over and over until they are killed, or one thing under limits."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import traceback
import warnings


@contextlib.contextmanager
def forked(work):
    """A copy of this process that runs `work(say)`: its pid, and a file with the lines it says. Killed at last."""
    reading, writing = os.pipe()
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # that there are other threads
        pid = os.fork()
    if not pid:
        try:
            work(lambda line="": os.write(writing, f"{line}\n".encode()))
        except BaseException as error:
            traceback.print_exc()
            os.write(writing, f"{type(error).__name__}: {error}\n".encode())
        os._exit(0)
    os.close(writing)
    try:
        with open(reading) as lines:
            yield pid, lines
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def killed_while(step, seed: int) -> int:
    """Run step(0), step(1), … in another process and kill it at a random moment; how many it had finished for sure."""
    def work(say):
        i = 0
        while True:
            step(i)
            say(i)
            i += 1

    moment = random.Random(seed)
    finished = moment.randrange(1, 12)
    with forked(work) as (pid, lines):
        assert [next(lines) for _ in range(finished)] == [f"{i}\n" for i in range(finished)]
        for _ in range(moment.randrange(30_000)):
            pass
        os.kill(pid, signal.SIGKILL)
        return finished + len(lines.readlines())


def said_by(work) -> list[str]:
    """The lines that `work` says in a process of its own."""
    with forked(work) as (_, lines):
        return lines.read().splitlines()
