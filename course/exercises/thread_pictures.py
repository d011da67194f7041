"""The picture of a CUDA puzzle: what the threads of a student's kernel do beside what those of the reference do."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course.exercises.specification import Exercise
from course.threads import Trace, trace


class _Recorder:
    """Stands for `launch`: keeps the trace in place of raising what is wrong."""

    trace: Trace | None = None

    def __call__(self, kernel, blocks, threads, *arguments) -> None:
        self.trace = trace(kernel, blocks, threads, *arguments)


def show_threads(exercise: Exercise, function: Callable) -> None:
    """Both pictures for the first example of the exercise; only the wanted one where the student has not launched."""
    from course.lab.threads import draw_side_by_side, in_words

    traces, words = {}, {}
    for name, solver in (("yours", function), ("wanted", exercise.reference)):
        done, trouble = _traced(solver, exercise.examples[0])
        if done is not None:
            traces[name] = done
        words[name] = trouble or (in_words(done) if done else "no kernel was launched.")
    draw_side_by_side(traces, words)


def _traced(function: Callable, arguments: tuple) -> tuple[Trace | None, str]:
    """The trace of one call, and what went wrong before there was one."""
    recorder = _Recorder()
    copies = [argument.copy() if isinstance(argument, np.ndarray) else argument for argument in arguments[1:]]
    try:
        with np.errstate(all="ignore"):
            function(recorder, *copies)
    except NotImplementedError:
        return None, "not started."
    except Exception as error:
        return recorder.trace, f"stopped with {type(error).__name__}: {error}."
    return recorder.trace, ""
