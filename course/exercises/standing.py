"""Where a student stands, read from the log of `course.progress`: what is passed, and what comes next."""

from __future__ import annotations

from course import progress
from course.exercises import registry
from course.exercises.specification import Exercise
from course.exercises.verdict import PASSED


def passed() -> set[str]:
    """The names of the exercises that were passed at least once."""
    return {entry.get("exercise", "") for entry in progress.events("checked") if entry.get("outcome") == PASSED}


def hints_taken(name: str) -> int:
    return sum(entry.get("exercise") == name for entry in progress.events("hint"))


def points_by_unit() -> list[tuple[str, int, int]]:
    """For each unit its name, the points reached and the points there are."""
    done = passed()
    return [
        (
            unit,
            sum(exercise.points for exercise in registry.exercises(unit) if exercise.name in done),
            sum(exercise.points for exercise in registry.exercises(unit)),
        )
        for unit in registry.units()
    ]


def next_exercise() -> Exercise | None:
    """The first that is not passed yet, after the last one that was worked on; else the first of all."""
    done = passed()
    everything = [exercise for unit in registry.units() for exercise in registry.exercises(unit)]
    tried = {entry.get("exercise", "") for entry in progress.events("checked")}
    last = max((place for place, exercise in enumerate(everything) if exercise.name in tried), default=0)
    return next((exercise for exercise in everything[last:] + everything[:last] if exercise.name not in done), None)
