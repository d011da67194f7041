"""Checks a function: tries it on cases, finds the smallest that fails, and recognises the mistake behind it.

The same checker serves the notebook, where the function runs in this process, and grading, where it runs in a child.
For one seed it always says the same.
"""

from __future__ import annotations

import contextlib
import random
import tempfile
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, Phase, configuration, find, given, seed, settings

from course.exercises.answering import Answer, Answerer, trusted_answer
from course.exercises.compare import difference
from course.exercises.contest import fault_in_contest
from course.exercises.diagnose import REMEMBERS, Fault, fault, fault_before_calling
from course.exercises.relations import relation, where_it_fails
from course.exercises.specification import Exercise, Misconception
from course.exercises.values_as_text import as_text, both_as_text
from course.exercises.verdict import NOT_YET, PASSED, Verdict

DRAWN = 30  # cases drawn beside the examples
SHRINKING_CALLS = 120  # at most so many calls to make a failing case smaller


@dataclass(frozen=True, eq=False)
class Case:
    """Arguments, and the answer that the reference gives to them."""

    arguments: tuple
    expected: Answer


@dataclass(frozen=True)
class _Failure:
    case: Case
    answer: Answer
    fault: Fault


def examine(exercise: Exercise, answerer: Answerer, seed: int = 0, shrink: bool = True) -> Verdict:
    """Checks whatever function the answerer stands for. Only `shrink` looks for cases beyond those of the seed."""
    if found := fault_before_calling(exercise, answerer.describe()):
        return Verdict(exercise.name, found.outcome, found.name, found.message)
    cases = cases_for(exercise, seed)
    answers: list[Answer] = []
    failures: list[_Failure] = []
    for case in cases:
        answers.append(answerer.answer(case.arguments))
        if found := fault(exercise, answers[-1], case.expected):
            failures.append(_Failure(case, answers[-1], found))
            if found.final:
                failures = failures[-1:]
                break
    if not failures:
        if exercise.contest and (found := fault_in_contest(exercise, answerer)):
            return Verdict(exercise.name, found.outcome, found.name, found.message)
        return Verdict(exercise.name, PASSED, cases=len(cases))
    first = failures[0]
    if first.fault.final:
        return _verdict(exercise, first, first.fault, len(answers))
    known = recognise(exercise, answers, seed)
    related = None if known else _relation(exercise, cases, answers)
    if not related:
        known = known or recognise(exercise, answers, seed, partly=True)
    alike = [failure for failure in failures if failure.fault.name == first.fault.name]
    if shrink:
        smaller = _smaller(exercise, answerer, first.fault.name, seed)
        alike += sorted(smaller, key=lambda one: _size(one.case.arguments))[:20]
    smallest = min(alike, key=lambda one: (_also_explained(exercise, known, one), _size(one.case.arguments)))
    if known:
        named = Fault(known.name, known.question, NOT_YET)
    elif _remembers(exercise, answerer, smallest):
        named = REMEMBERS
    else:
        named = related or _with_where(exercise, cases, answers, smallest.fault)
    return _verdict(exercise, smallest, named, len(answers))


@lru_cache(maxsize=512)
def cases_for(exercise: Exercise, seed: int) -> tuple[Case, ...]:
    """The examples, then the cases that this seed draws; with the reference's answers."""
    return tuple(_case(exercise, arguments) for arguments in (*exercise.examples, *_draw(exercise, seed)))


def recognise(exercise: Exercise, answers: list[Answer], seed: int, partly: bool = False) -> Misconception | None:
    """The misconception that explains the answers: the same as its own wherever it gives itself away.

    It explains the right answers too, unless `partly`: then it must have explained several, and half of what is wrong.
    By chance alone two mistakes may agree on a case.
    """
    cases, found = cases_for(exercise, seed), []
    mistaken = sum(not same(exercise, case.expected, mine) for mine, case in zip(answers, cases))
    for misconception, wrong in zip(exercise.misconceptions, _wrong_answers(exercise, seed)):
        telling = [
            (mine, theirs)
            for mine, theirs, case in zip(wrong, answers, cases)
            if not same(exercise, mine, case.expected)
        ]
        if telling and all(same(exercise, *pair) for pair in telling):
            if all(same(exercise, *pair) for pair in zip(wrong, answers)):
                return misconception
            if len(telling) >= max(3, mistaken / 2):
                found.append((len(telling), misconception))
    return max(found, key=lambda pair: pair[0])[1] if partly and found else None


def _relation(exercise: Exercise, cases: tuple[Case, ...], answers: list[Answer]) -> Fault | None:
    """How the answers lie to the right ones, where there are answers and right ones to compare."""
    if exercise.judge or any(one.raised for one in (*answers, *(case.expected for case in cases))):
        return None
    seen = [(case.arguments, case.expected.value, answer.value) for case, answer in zip(cases, answers)]
    return relation(exercise, seen)


def _with_where(exercise: Exercise, cases: tuple[Case, ...], answers: list[Answer], found: Fault) -> Fault:
    """The fault, and what the cases that have it have in common."""
    pairs = zip(cases, answers)
    failed = [(case.arguments, fault(exercise, answer, case.expected) is not None) for case, answer in pairs]
    return replace(found, message=found.message + where_it_fails(exercise.parameters, failed))


def _remembers(exercise: Exercise, answerer: Answerer, failure: _Failure) -> bool:
    """Whether the same call comes to something else this time. What differs even from itself says nothing."""
    first, again = failure.answer, answerer.answer(failure.case.arguments)
    return not again.stopped and same(exercise, first, first) and not same(exercise, first, again)


def same(exercise: Exercise, one: Answer, other: Answer) -> bool:
    """Whether two calls came to the same: the value, the arrays written to, the exception."""
    if one.stopped or other.stopped or bool(one.raised) != bool(other.raised) or one.wrote != other.wrote:
        return False
    if one.raised:
        return one.raised.type == other.raised.type
    return difference(one.value, other.value, exercise.tolerance) is None


@lru_cache(maxsize=512)
def _wrong_answers(exercise: Exercise, seed: int) -> tuple[tuple[Answer, ...], ...]:
    """What each misconception answers to the cases of a seed."""
    return tuple(
        tuple(
            trusted_answer(misconception.function, exercise.parameters, case.arguments)
            for case in cases_for(exercise, seed)
        )
        for misconception in exercise.misconceptions
    )


def _case(exercise: Exercise, arguments: tuple) -> Case:
    return Case(arguments, trusted_answer(exercise.reference, exercise.parameters, arguments))


def _draw(exercise: Exercise, number: int) -> list[tuple]:
    drawn: list[tuple] = []

    @seed(number)
    @_quiet(phases=[Phase.generate], max_examples=DRAWN)
    @given(exercise.cases)
    def collect(case):
        drawn.append(case)

    with _no_folder():
        collect()
    return drawn


def _smaller(exercise: Exercise, answerer: Answerer, name: str, seed: int) -> list[_Failure]:
    """Failures of the same name that hypothesis found on its way to the smallest."""
    found: list[_Failure] = []
    calls = 0

    def fails(arguments: tuple) -> bool:
        nonlocal calls
        calls += 1
        if calls > SHRINKING_CALLS:
            raise _Enough
        case = _case(exercise, arguments)
        answer = answerer.answer(arguments)
        if answer.stopped:
            raise _Enough
        wrong = fault(exercise, answer, case.expected)
        if wrong is None or wrong.name != name:
            return False
        found.append(_Failure(case, answer, wrong))
        return True

    # Whatever ends the search (nothing found, enough, a function that answers differently each time): `found` counts.
    with _no_folder(), contextlib.suppress(Exception, _Enough):
        find(exercise.cases, fails, settings=_quiet(max_examples=100), random=random.Random(seed))
    return found


class _Enough(BaseException):
    """Ends the search for a smaller case."""


def _quiet(**details) -> settings:
    """Settings without a database, a deadline or an opinion on slow strategies."""
    return settings(database=None, deadline=None, suppress_health_check=list(HealthCheck), **details)


@contextlib.contextmanager
def _no_folder():
    """Hypothesis keeps notes in `.hypothesis` where it runs: not in a student's folder."""
    configuration.set_hypothesis_home_dir(Path(tempfile.gettempdir(), "course-hypothesis"))
    try:
        yield
    finally:
        configuration.set_hypothesis_home_dir(None)


def _also_explained(exercise: Exercise, known: Misconception | None, failure: _Failure) -> int:
    """How many other misconceptions give the same answer: a case that shows only the one which was named is better."""
    if known is None:
        return 0
    others = [misconception.function for misconception in exercise.misconceptions if misconception is not known]
    answers = [trusted_answer(other, exercise.parameters, failure.case.arguments) for other in others]
    return sum(same(exercise, answer, failure.answer) for answer in answers)


def _size(arguments: tuple) -> tuple[int, int, int]:
    """How much there is to follow in a case: its entries, then its counts (of steps, say), then its characters."""
    return (
        sum(map(_entries, arguments)),
        sum(abs(argument) for argument in arguments if type(argument) is int),
        sum(len(as_text(argument)) for argument in arguments),
    )


def _entries(value) -> int:
    """How many numbers a case's argument holds, also in a list of arrays of different shapes."""
    return sum(map(_entries, value)) if type(value) in (list, tuple) else np.size(value)


def _verdict(exercise: Exercise, failure: _Failure, named: Fault, cases: int) -> Verdict:
    case, answer = failure.case, failure.answer
    expected, given = both_as_text(case.expected.value, answer.value)
    if answer.stopped or answer.raised:
        # a misconception's words say nothing of the exception: it stands in the answer's place
        given = f"{answer.raised.type}: {answer.raised.message}" if answer.raised and named.outcome == NOT_YET else ""
    elif answer.wrote:
        given += f", and {' and '.join(answer.wrote)} changed"
    return Verdict(
        exercise.name,
        named.outcome,
        named.name,
        named.message,
        tuple((name, as_text(value)) for name, value in zip(exercise.parameters, case.arguments)),
        expected,
        given,
        answer.printed,
        cases,
    )
