"""`course warmup`: the kernels of the first lessons are compiled ahead of time, so that a first run does not wait."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable


def train_linear() -> None:
    """One step of linear regression with SGD, as in the lesson on gradient descent."""
    import course

    model = course.nn.Linear(2, 1)
    _step(course, model, course.nn.MSELoss(), course.zeros(4, 2), course.zeros(4, 1))


def train_classifier() -> None:
    """One step of a small classifier with momentum, as in the lesson on the training loop."""
    import course

    model = course.nn.Sequential(course.nn.Linear(4, 3), course.nn.ReLU(), course.nn.Linear(3, 2))
    labels = course.zeros(4, dtype=course.int64)
    _step(course, model, course.nn.CrossEntropyLoss(), course.zeros(4, 4), labels, momentum=0.9)


def draw_a_picture() -> None:
    """matplotlib lists the machine's fonts once, and says so in red if a student has to wait for it."""
    from .lab import subplots

    fig, _ = subplots()
    fig.canvas.draw()


STEPS: tuple[Callable[[], None], ...] = (train_linear, train_classifier, draw_a_picture)


def warmup(steps: tuple[Callable[[], None], ...] = STEPS, report: Callable[[str], None] = print) -> bool:
    """Run the steps and report on each; True if all went well. A step that fails does not stop the others."""
    well = True
    for number, step in enumerate(steps, 1):
        start = time.perf_counter()
        name = step.__name__.replace("_", " ")
        try:
            step()
        except Exception as error:
            well = False
            print(f"Warm-up step {name!r} failed ({type(error).__name__}: {error}). "
                  "To see what works here: course doctor", file=sys.stderr)
        else:
            report(f"[{number}/{len(steps)}] {name}: {time.perf_counter() - start:.1f} s")
    return well


def add_warmup(subparsers) -> None:
    """Register `course warmup`."""
    parser = subparsers.add_parser("warmup", help="compile the kernels of the first lessons now",
                                   description="Compile the kernels of the first lessons now. `course lab` does "
                                               "the same in the background.")
    parser.set_defaults(run=run)


def run(args) -> int:
    """Compile with a report on each step; 1 if a step failed."""
    return 0 if warmup() else 1


def _step(course, model, loss, inputs, targets, **options) -> None:
    optimizer = course.optim.SGD(model.parameters(), lr=0.1, **options)
    optimizer.zero_grad()
    loss(model(inputs), targets).backward()
    optimizer.step()


def _end_with_parent() -> None:
    """Stop when standard input is closed: its other end is held by `course lab` and falls with it, even if killed."""
    os.read(0, 1)  # not sys.stdin, whose lock a waiting thread would hold while Python shuts down
    os._exit(0)


if __name__ == "__main__":
    if "--background" in sys.argv:
        threading.Thread(target=_end_with_parent, daemon=True).start()
        if hasattr(os, "nice"):
            os.nice(10)
    sys.exit(0 if warmup() else 1)
