"""The functions that a student calls in a notebook."""

from __future__ import annotations

from collections.abc import Callable

from course import progress as log
from course.exercises.show import Shown, note_shown, progress_shown, show, verdict_shown


class NotYet(AssertionError):
    """What `require` raises: the words of the check."""

    def _render_traceback_(self) -> list[str]:
        """IPython shows these lines instead of a trace through the checker."""
        return [f"NotYet: {self}"]


def check(function: Callable) -> None:
    """Tries your function on many cases and shows what it found. It never raises."""
    shown, _ = _examined(function)
    show(shown)


def require(function: Callable) -> None:
    """Like `check`, but raises where the function is not right: for the cells that give points."""
    shown, right = _examined(function)
    if not right:
        raise NotYet(shown.text)
    show(shown)


def hint(function: Callable | str) -> None:
    """Shows the next hint for this exercise; each call goes one step further."""
    from course.exercises.standing import hints_taken

    exercise, unknown = _exercise(function)
    if unknown:
        return show(unknown)
    number = min(hints_taken(exercise.name) + 1, len(exercise.hints))
    log.record("hint", exercise=exercise.name, unit=exercise.unit, number=number)
    of = f"hint {number} of {len(exercise.hints)}"
    show(note_shown(of, exercise.name, exercise.hints[number - 1]))


def picture(function: Callable) -> None:
    """Shows what each thread of your CUDA kernel reads and writes, beside what each thread should."""
    from course.exercises.thread_pictures import show_threads

    exercise, unknown = _exercise(function, called=True)
    show(unknown) if unknown else show_threads(exercise, function)


def solution(function: Callable | str, anyway: bool = False) -> None:
    """Shows the solution once you have passed; `anyway=True` shows it before, and your progress remembers that."""
    from course.exercises.solutions import solution_source
    from course.exercises.standing import passed

    exercise, unknown = _exercise(function)
    if unknown:
        return show(unknown)
    if not anyway and exercise.name not in passed():
        return show(note_shown("solution", exercise.name, "You have not passed this exercise yet. Take a hint "
                               f"first: hint({exercise.name!r}). To read the solution all the same, and have that "
                               f"noted in your progress: solution({exercise.name!r}, anyway=True)."))
    source = solution_source(exercise.unit, exercise.name)
    if source is None:
        return show(note_shown("solution", exercise.name, "This is a student edition: it comes without the "
                               "solutions. Your instructor has them; the hints are here."))
    log.record("solution", exercise=exercise.name, unit=exercise.unit, anyway=anyway)
    show(note_shown("solution", exercise.name, "One way to write it:", source))


def progress(start_afresh: bool = False) -> None:
    """Shows the units with your points, and what comes next. `start_afresh=True` puts everything so far aside first.

    What was put aside is kept in a file beside the new one; nothing is deleted.
    """
    from course.exercises.standing import next_exercise, points_by_unit

    kept = log.reset() if start_afresh else None
    following = next_exercise()
    advice = f"Next: {following.name} in {following.unit}." if following else "Every exercise is passed."
    if kept:
        advice += f" Your progress until now is kept in {kept}."
    show(progress_shown(points_by_unit(), advice))


def _examined(function) -> tuple[Shown, bool]:
    """What to show of a check, and whether the function is right. The result goes into the progress log."""
    from course.exercises.answering import FunctionAnswerer
    from course.exercises.checking import examine

    exercise, unknown = _exercise(function, called=True)
    if unknown:
        return unknown, False
    answerer = FunctionAnswerer(function, exercise.parameters, exercise.uses, exercise.seconds)
    verdict = examine(exercise, answerer)
    told = {"outcome": verdict.outcome, "diagnosis": verdict.diagnosis}
    log.record("checked", exercise=exercise.name, unit=exercise.unit, **told)
    return verdict_shown(verdict, exercise.points), verdict.passed


def _exercise(function, called: bool = False):
    """The exercise that a function or a name belongs to, or what to show where there is none."""
    from course.exercises.answering import is_function
    from course.exercises.plain import plain
    from course.exercises.registry import UnknownExercise, find
    from course.exercises.values_as_text import what_is

    if type(function) is str and not called:
        name = function
    elif is_function(function):
        name = function.__name__
    else:
        given = f"the name {function!r}" if type(function) is str else what_is(plain(function))
        return None, note_shown("?", "not a function", f"You gave {given}; expected the function itself, without "
                                "quotes or brackets, as in check(gradient_descent_step).")
    try:
        return find(name), None
    except UnknownExercise as error:
        return None, note_shown("?", "unknown exercise", str(error))
