"""Whether a function that is right is also fast: timed against given lines, by turns, on the same numbers."""

from __future__ import annotations

import time
from collections.abc import Callable

from course.exercises.answering import Answerer, trusted_answer
from course.exercises.diagnose import Fault, fault
from course.exercises.specification import Exercise

ROUNDS = 12  # as soon as one is won, it is over
CALLS = 4  # in each round, by turns; the fastest of each side counts


def fault_in_contest(exercise: Exercise, answerer: Answerer) -> Fault | None:
    """None where some round is won. The words hold no timings: the same notebook gets the same words each time."""
    contest = exercise.contest
    arguments = contest.arguments()
    expected = trusted_answer(exercise.reference, exercise.parameters, arguments)
    if found := fault(exercise, answerer.answer(arguments), expected):  # also compiles, and is not timed
        if found.name == "another value":
            return Fault("too far off on a million numbers", "Your function is right on short arrays. On a million "
                         "float32 numbers its result is too far off: a running total in float32 loses the small ones. "
                         "Is the line with @numba.njit still there, and does the total begin with 0.0?")
        return found
    for _ in range(ROUNDS):
        lines, given = [], []
        for _ in range(CALLS):
            lines.append(_seconds(contest.lines, arguments))
            given.append(answerer.answer(arguments).seconds)
        if min(lines) >= contest.ratio * min(given) > 0:
            return None
    return Fault("right, but too slow", f"Your function is right. But in {ROUNDS} tries it was never {contest.ratio:g} "
                 "times as fast as the NumPy lines on a million numbers. Is it compiled? Does it make an array on the "
                 "way? May its sum be reordered? Time it with %timeit while you look.")


def _seconds(function: Callable, arguments: tuple) -> float:
    started = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - started
