"""Recognises a mistake that nobody has foreseen, by how all of the answers lie to the right ones.

Is each the right one but for a sign, a factor, an order? Or is it the right answer to another question, with two
arguments exchanged, one of them ignored, a count that is one too high? A guess must explain every answer.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import combinations, permutations
from typing import Any

import numpy as np

from course.exercises.answering import trusted_answer
from course.exercises.compare import difference, is_number
from course.exercises.diagnose import Fault
from course.exercises.plain import NUMBERS
from course.exercises.specification import Exercise, Tolerance

TELLING = 3  # wrong answers that a guess must explain: by chance alone it may explain one or two


@dataclass(frozen=True)
class _Seen:
    """One case: what was asked, what is right, what was given."""

    arguments: tuple
    expected: Any
    given: Any


@dataclass(frozen=True)
class _Guess:
    """`answer(case)` is what would have been given if the guess were right."""

    name: str
    message: str
    answer: Callable[..., Any]


def relation(exercise: Exercise, seen: Sequence[tuple]) -> Fault | None:
    """The first guess that explains every answer. `seen` has (arguments, expected, given) for each case."""
    subject, pick, cases = _wrong_part([_Seen(*one) for one in seen], exercise.tolerance)
    telling = [case for case in cases if difference(case.expected, case.given, exercise.tolerance)]
    if len(telling) < TELLING or any(type(case.expected) is tuple is not type(case.given) for case in telling):
        return None  # too little is known, or the tuple itself is what is missing
    for guess in _guesses(exercise, pick, telling):
        # the wrong answers first: almost every guess fails on the first of them
        if all(_explains(guess, case, exercise.tolerance) for case in (*telling, *cases)):
            return Fault(guess.name, f"{subject} {guess.message}")
    return None


def where_it_fails(parameters: Sequence[str], seen: Sequence[tuple[tuple, bool]]) -> str:
    """What the cases that fail have in common and most others have not, as a sentence; "" where there is nothing.

    `seen` has (arguments, whether it fails) for each case.
    """
    marked = [marks(parameters, arguments) for arguments, _ in seen]
    fails = sum(bad for _, bad in seen)
    common = set.intersection(*(mark for mark, (_, bad) in zip(marked, seen) if bad))
    counts = {mark: sum(mark in others for others in marked) for mark in common}
    rarest = min(sorted(counts), key=counts.__getitem__, default="")
    if not rarest or 2 * fails < counts[rarest] or counts[rarest] > 0.8 * len(seen):
        return ""
    return f" {len(seen) - fails} of {len(seen)} cases are right; what is common to the wrong ones: {rarest}."


def _explains(guess: _Guess, case: _Seen, tolerance: Tolerance) -> bool:
    try:
        with np.errstate(all="ignore"):
            answer = guess.answer(case)
    except (TypeError, ValueError, IndexError, ArithmeticError):
        return False  # no such thing here: the transpose of a number, say
    return answer is not None and difference(answer, case.given, tolerance) is None


def _wrong_part(cases: list[_Seen], tolerance: Tolerance) -> tuple[str, Callable, list[_Seen]]:
    """Of a tuple in which one item is wrong and all others are right: that item. Else the whole."""
    pairs = [(case.expected, case.given) for case in cases]
    if all(type(expected) is type(given) is tuple and len(expected) == len(given) for expected, given in pairs):
        wrong = {k for pair in pairs for k, items in enumerate(zip(*pair)) if difference(*items, tolerance)}
        if len(wrong) == 1 < len(cases[0].expected):
            (k,) = wrong
            parts = [_Seen(case.arguments, case.expected[k], case.given[k]) for case in cases]
            return f"Item {k + 1} of the tuple, the only one that is wrong,", lambda value: value[k], parts
    return "On every case your result", lambda value: value, cases


def _guesses(exercise: Exercise, pick: Callable, telling: list[_Seen]) -> Iterator[_Guess]:
    what = "is True where it should be False, and the other way round."
    yield _Guess("the opposite", what, lambda case: _not(case.expected))
    yield _Guess("always 0", "is 0. What should it depend on?", lambda case: _times(case.expected, 0))
    what = "is the same, whatever your function is given. Which of its parameters should decide?"
    if all(type(case.given) in NUMBERS or isinstance(case.given, np.generic) for case in telling):
        yield _Guess("always the same", what, lambda case: telling[0].given)
    yield from _factors(exercise, telling)
    yield from _arrangements(telling[0])
    yield from _other_questions(exercise, pick, telling[0])


# --- the right answer, but for … --------------------------------------------------------------------------------------


def _factors(exercise: Exercise, telling: list[_Seen]) -> Iterator[_Guess]:
    case = max(telling, key=lambda case: max(map(abs, _numbers(case.expected)), default=0.0))
    expected, given = _numbers(case.expected), _numbers(case.given)
    if not expected or len(expected) != len(given):
        return
    right, mine = max(zip(expected, given), key=lambda pair: abs(pair[0]))
    if right and mine and np.isfinite(factor := mine / right):
        if abs(factor + 1) < 1e-6:
            what = "is the right one with the opposite sign. Where is a minus missing, or one too many?"
            yield _Guess("the sign", what, lambda case: _times(case.expected, -1))
        what = f"is {_in_words(factor)} times the right one. Which factor is missing, or one too many?"
        yield _Guess("a constant factor", what, lambda case: _times(case.expected, factor))
    if np.isfinite(more := mine - right) and more:
        size, name = ("large", "much") if more > 0 else ("small", "little")
        what = f"is {abs(more):.6g} too {size}. Which number is added, or left out?"
        yield _Guess(f"a constant too {name}", what, lambda case: _plus(case.expected, more))
    for digits in range(7):
        what = f"is rounded to {digits} decimals. Return it as it is: rounding is for printing."
        yield _Guess("rounded", what, lambda case, digits=digits: _rounded(case.expected, digits))
    for k, (name, argument) in enumerate(zip(exercise.parameters, case.arguments)):
        for of, count in _counts(argument):
            why = "Is it a sum where the mean is asked for?" if of else f"How often does `{name}` enter?"
            yield _Guess(
                f"times {of}{name}",
                f"is the right one times {of}`{name}`. {why}",
                lambda case, k=k, count=count: _times(case.expected, count(case.arguments[k])),
            )
            why = "Is it a mean where the sum is asked for, or divided twice?" if of else why
            yield _Guess(
                f"divided by {of}{name}",
                f"is the right one divided by {of}`{name}`. {why}",
                lambda case, k=k, count=count: _times(case.expected, 1 / count(case.arguments[k])),
            )


def _counts(argument: Any) -> Iterator[tuple[str, Callable]]:
    if type(argument) is np.ndarray and argument.ndim:
        yield "the length of ", len
        if argument.ndim > 1:
            yield "the number of columns of ", lambda array: array.shape[1]
            yield "the number of entries of ", np.size
    elif type(argument) in (int, float):
        yield "", lambda number: number


def _arrangements(case: _Seen) -> Iterator[_Guess]:
    if type(case.expected) is tuple and len(case.expected) <= 4:
        what = "has the right values in the wrong order. Which one does the docstring name first?"
        for order in permutations(range(len(case.expected))):
            yield _Guess("in another order", what, lambda case, order=order: tuple(case.expected[k] for k in order))
    if type(case.given) is np.ndarray and is_number(case.expected):
        what = "is an array that holds the one number that is asked for: [0] takes it out."
        yield _Guess("an array of one number", what, lambda case: case.given if case.given.size == 1 else None)
        for name, reduced in ("mean", np.mean), ("sum", np.sum):
            what = f"is an array; its {name} is the number that is asked for."
            yield _Guess("not reduced to one number", what, lambda case, reduced=reduced: _given_if(case, reduced))
    if type(case.expected) is np.ndarray:
        what = "is the right one with rows and columns exchanged."
        yield _Guess("transposed", what, lambda case: case.expected.T.copy())
        what = "is the right one in the opposite order: last comes first."
        yield _Guess("turned round", what, lambda case: case.expected[::-1].copy())
    if type(case.expected) is type(case.given) is np.ndarray and case.given.ndim:
        what = (f"has the right numbers in another shape, here {case.given.shape} in place of {case.expected.shape}. "
                "Is an axis of length 1 too many (from keepdims, [None] or a column), or one too few?")
        yield _Guess("wrong shape", what, lambda case: case.expected.reshape(case.given.shape))
        more = len(case.given) - len(case.expected)
        what = (f"has {abs(more)} too {'many' if more > 0 else 'few'} along the first axis. Is the start or the end "
                "missing, or there twice? How often does a loop go round, and where is its `return`?")
        yield _Guess("another number of rows", what, lambda case: case.given if _longer(case) == more != 0 else None)


# --- the right answer to another question -----------------------------------------------------------------------------


def _other_questions(exercise: Exercise, pick: Callable, first: _Seen) -> Iterator[_Guess]:
    def asked(change: Callable[[list], None]) -> Callable[[_Seen], Any]:
        def answer(case: _Seen):
            arguments = list(case.arguments)
            change(arguments)
            other = trusted_answer(exercise.reference, exercise.parameters, tuple(arguments))
            return None if other.raised else pick(other.value)

        return answer

    def put(k: int, value: Callable) -> Callable[[_Seen], Any]:
        return asked(lambda arguments: arguments.__setitem__(k, value(arguments[k])))

    named = list(enumerate(zip(exercise.parameters, first.arguments)))
    yes_or_no = type(first.expected) in (bool, np.bool_)  # too little to go by: it agrees with many questions by chance
    for k, (name, argument) in named:
        if type(argument) in (*NUMBERS, np.ndarray):  # and no function, which nothing can be compared with
            yield _Guess(f"{name}, unchanged", f"is `{name}` itself.", lambda case, k=k: case.arguments[k])
    for (i, (one, a)), (j, (other, b)) in combinations(named, 2):
        if type(a) is type(b) and type(a) in (*NUMBERS, np.ndarray) and not yes_or_no:
            what = f"is what `{one}` and `{other}` would give if they changed places. Which is which?"
            change = partial(_exchange, i=i, j=j)
            yield _Guess(f"{one} and {other} exchanged", what, asked(change))
    for k, (name, argument) in named:
        if type(argument) is int:
            for by, count, size in (1, "many", "high"), (-1, "few", "low"):
                what = f"is the right one for a `{name}` that is one too {size}. Where does your count begin, and end?"
                yield _Guess(f"one too {count}", what, put(k, lambda number, by=by: number + by))
        if type(argument) in (int, float) or type(argument) is np.ndarray and argument.dtype.kind in "if":
            for number in 0, 1:
                what = f"is what it would be with {number} for `{name}`. Where should `{name}` enter?"
                yield _Guess(f"{name} left out", what, put(k, partial(_all, number=number)))
            if not yes_or_no:
                what = f"is what it would be with −`{name}`. Which sign has it in the formula?"
                yield _Guess(f"the sign of {name}", what, put(k, operator.neg))


# --- what is special about a case -------------------------------------------------------------------------------------


def marks(parameters: Sequence[str], arguments: tuple) -> set[str]:
    """What a student would notice in the arguments, as a clause."""
    found = set()
    for name, value in zip(parameters, arguments):
        if type(value) is bool:
            found.add(f"`{name}` is {value}")
        elif type(value) in (int, float):
            found |= {f"`{name}` is {number}" for number in (0, 1) if value == number}
            found |= {f"`{name}` is above 1"} if value > 1 else set()
            found |= {f"`{name}` is negative"} if value < 0 else set()
        elif type(value) is np.ndarray and value.dtype.kind in "if":
            found |= {f"`{name}` {what}" for what, so in _of_array(value).items() if so}
    for (one, array), (other, number) in permutations(zip(parameters, arguments), 2):
        if type(array) is not np.ndarray or not array.ndim or type(number) is not int:
            continue
        if 0 < number <= len(array) and len(array) % number:
            found.add(f"the length of `{one}` is no multiple of `{other}`")
    return found


def _of_array(array: np.ndarray) -> dict[str, bool]:
    present = array[~np.isnan(array)] if array.dtype.kind == "f" else array
    return {
        "is empty": not array.size,
        "has more than one entry": array.size > 1,
        "has more than one row": array.ndim > 1 and array.shape[0] > 1,
        "has more than one column": array.ndim > 1 and array.shape[1] > 1,
        "is not square": array.ndim == 2 and array.shape[0] != array.shape[1],
        "has a NaN": present.size < array.size,
        "has a 0": bool((present == 0).any()),
        "has a negative entry": bool((present < 0).any()),
        "has an entry beyond ±20": bool((np.abs(present) > 20).any()),
        "has an entry twice": np.unique(present).size < present.size,
    }


# --- small things -----------------------------------------------------------------------------------------------------


def _numbers(value: Any) -> list[float]:
    """All numbers of a value, tuples and arrays flattened; none where it holds something else."""
    if type(value) in (tuple, list):
        parts = [_numbers(item) for item in value]
        return sum(parts, []) if all(parts) else []
    if type(value) is np.ndarray:
        return np.ravel(value).astype(float).tolist() if value.dtype.kind in "iuf" else []
    return [float(value)] if is_number(value) and abs(value) < 1e300 and type(value) is not complex else []


def _times(value: Any, factor: float):
    if type(value) in (tuple, list):
        return type(value)(_times(item, factor) for item in value)
    if type(value) is np.ndarray and value.dtype.kind == "f":
        return (value * factor).astype(value.dtype)
    whole = int(round(factor)) if abs(factor - round(factor)) < 1e-9 else factor
    return value * whole


def _plus(value: Any, number: float):
    if type(value) in (tuple, list):
        return type(value)(_plus(item, number) for item in value)
    if type(value) is np.ndarray and value.dtype.kind == "f":
        return (value + number).astype(value.dtype)
    return value + (int(number) if float(number).is_integer() else number)


def _not(value: Any):
    if type(value) is np.ndarray and value.dtype == bool:
        return ~value
    return not value if type(value) in (bool, np.bool_) else None


def _given_if(case: _Seen, reduced: Callable):
    """What was given, where it reduces to what is right."""
    return case.given if case.given.size and np.allclose(reduced(case.given), case.expected, 1e-5, 1e-9) else None


def _rounded(value: Any, digits: int):
    if type(value) in (tuple, list):
        return type(value)(_rounded(item, digits) for item in value)
    return np.round(value, digits)


def _longer(case: _Seen) -> int | None:
    """By how much an array is longer than the right one, if its other axes are as long."""
    alike = type(case.given) is np.ndarray and case.given.shape[1:] == case.expected.shape[1:]
    return len(case.given) - len(case.expected) if alike else None


def _all(value: Any, number: int):
    return np.full_like(value, number) if type(value) is np.ndarray else type(value)(number)


def _exchange(arguments: list, i: int, j: int) -> None:
    arguments[i], arguments[j] = arguments[j], arguments[i]


def _in_words(factor: float) -> str:
    near = Fraction(factor).limit_denominator(12)
    return str(near) if abs(near - factor) < 1e-6 * abs(factor) else f"{factor:.6g}"
