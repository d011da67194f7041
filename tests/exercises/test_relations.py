"""Mistakes that no exercise has foreseen, recognised by how the answers lie to the right ones."""

import numpy as np
import pytest
from hypothesis import strategies as st

from course.exercises import registry
from course.exercises.answering import FunctionAnswerer
from course.exercises.checking import examine
from course.exercises.plain import Odd, plain
from course.exercises.relations import marks, relation, where_it_fails
from course.exercises.specification import exercise
from course.exercises.verdict import NOT_YET, PASSED

_NUMBERS = st.integers(1, 6).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(-8, 8), min_size=n, max_size=n).map(lambda k: np.array(k) / 2)] * 2)
)


_WEIGHED = st.tuples(_NUMBERS, st.floats(0.5, 4), st.integers(1, 5)).map(lambda case: (*case[0], *case[1:]))


@exercise(examples=[], hints=[], cases=_WEIGHED)
def mean_gap(x, y, w, k):
    """mean(w · x^k + y)"""
    return np.mean(w * x**k + y)


@exercise(examples=[], hints=[], cases=_NUMBERS)
def two(x, y):
    """x − 2y, and the sum of x."""
    return x - 2 * y, np.sum(x)


@exercise(examples=[], hints=[], cases=st.tuples(st.integers(1, 4), st.integers(1, 4)))
def table(rows, columns):
    """0, 1, 2, … in rows."""
    return np.arange(3.0 * rows * columns).reshape(rows, 3 * columns)


@exercise(examples=[], hints=[], cases=st.tuples(st.integers(-9, 9)))
def is_even(n):
    """Whether n is even."""
    return n % 2 == 0


def right(x, y, w, k):
    return np.mean(w * x**k + y)


@pytest.mark.parametrize(
    "of, function, name, words",
    [
        (mean_gap, lambda x, y, w, k: -right(x, y, w, k), "the sign", "opposite sign"),
        (mean_gap, lambda x, y, w, k: right(x, y, w, k) / 2, "a constant factor", "1/2 times"),
        (mean_gap, lambda x, y, w, k: right(x, y, w, k) + 1.5, "a constant too much", "1.5 too large"),
        (mean_gap, lambda x, y, w, k: np.sum(w * x**k + y), "times the length of x", "the length of `x`"),
        (mean_gap, lambda x, y, w, k: right(x, y, w, k) / len(y), "divided by the length of x", "twice"),
        (mean_gap, lambda x, y, w, k: w * x**k + y, "not reduced to one number", "mean"),
        (mean_gap, lambda x, y, w, k: right(y, x, w, k), "x and y exchanged", "changed places"),
        (mean_gap, lambda x, y, w, k: right(x, y, 1.0, k), "w left out", "1 for `w`"),
        (mean_gap, lambda x, y, w, k: right(x, 0, w, k), "y left out", "0 for `y`"),
        (mean_gap, lambda x, y, w, k: right(x, -y, w, k), "the sign of y", "−`y`"),
        (mean_gap, lambda x, y, w, k: right(x, y, w, k + 1), "one too many", "`k`"),
        (mean_gap, lambda x, y, w, k: right(x, y, w, k - 1), "one too few", "`k`"),
        (mean_gap, lambda x, y, w, k: 0.25, "always the same", "parameters"),
        (two, lambda x, y: (x - 2 * y, -np.sum(x)), "the sign", "Item 2 of the tuple"),
        (two, lambda x, y: (y - 2 * x, np.sum(x)), "x and y exchanged", "Item 1 of the tuple"),
        (two, lambda x, y: (np.sum(x), x - 2 * y), "in another order", "wrong order"),
        (two, lambda x, y: (x, np.sum(x)), "x, unchanged", "`x` itself"),
        (two, lambda x, y: (2 * x - 4 * y, 2 * np.sum(x)), "a constant factor", "2 times"),
        (table, lambda rows, columns: table.reference(rows, columns).T, "transposed", "rows and columns"),
        (table, lambda rows, columns: table.reference(rows, columns)[::-1], "turned round", "opposite order"),
        (table, lambda rows, columns: table.reference(rows, columns)[:, None], "wrong shape", "keepdims"),
        (table, lambda rows, columns: table.reference(rows + 1, columns)[1:, 1:], "wrong shape", "One is missing"),
        (table, lambda rows, columns: np.zeros((rows + 2, 3 * columns)), "another number of rows", "2 too many"),
        (mean_gap, lambda x, y, w, k: round(right(x, y, w, k), 1), "rounded", "1 decimals"),
        (is_even, lambda n: n % 2 == 1, "the opposite", "the other way round"),
    ],
)
def test_it_is_named(of, function, name, words):
    found = verdict(of, function)
    assert (found.outcome, found.diagnosis) == (NOT_YET, name)
    assert words in found.message
    assert found.arguments and found.expected != found.given


def verdict(of, function):
    return examine(of, FunctionAnswerer(function, of.parameters))


def test_what_explains_only_some_answers_is_not_said():
    def sometimes(x, y, w, k):
        return right(x, y, w, k) * (2 if k > 2 else 3)

    assert verdict(mean_gap, sometimes).diagnosis == "another value"


def test_two_wrong_answers_are_too_few():
    seen = [((np.ones(n), np.ones(n), 1.0, 1), 2.0, -2.0 if n < 3 else 2.0) for n in range(1, 20)]
    assert relation(mean_gap, seen) is None


def test_the_exercise_s_own_words_come_first():
    step = registry.find("gradient_descent_step")
    assert verdict(step, lambda theta, gradient, lr: theta + lr * gradient).diagnosis == "uphill"


@pytest.mark.parametrize(
    "odd",
    [None, "words", 10**400, 10**30, 1j, np.nan, np.inf, True, [], (), (1,), [[1], 2], np.array("a"), np.array([]),
     np.array(1j), np.zeros((2, 3)), np.array([np.nan, np.inf]), Odd("a thing"), (Odd("a thing"), 1.0), (10**30, 1.0)],
    ids=lambda odd: str(odd)[:20],
)
def test_no_answer_is_too_odd(odd):
    """Whatever came back, the check must not raise; at most it says that it is always the same."""
    for of, expected in (mean_gap, 2.0), (two, (np.ones(2), 2.0)), (table, np.ones((1, 3))), (is_even, True):
        arguments = {"mean_gap": (np.ones(2), np.ones(2), 1.0, 1), "two": (np.ones(2), np.ones(2))}.get(of.name, (1, 1))
        found = relation(of, [(arguments, expected, plain(odd))] * 3)
        assert found is None or isinstance(found.message, str)


def test_an_argument_that_is_a_function_is_compared_with_nothing():
    def one_step_behind(gradient, checkpoint, lr, mu, total):
        theta, v, step = resume.reference(gradient, checkpoint, lr, mu, total)
        return theta, v, step * 3 + 1

    resume = registry.find("resume_training")
    assert verdict(resume, one_step_behind).outcome == NOT_YET


def test_an_overflow_on_the_way_counts_only_where_the_exercise_says_so():
    def naive(x):
        return 1 / (1 + np.exp(-x))

    sigmoid = registry.find("safe_sigmoid")
    found = verdict(sigmoid, naive)
    assert (found.outcome, found.diagnosis) == (NOT_YET, "overflow on the way")
    assert float(found.arguments[0][1].strip("[]")) < -700
    assert verdict(sigmoid, lambda x: np.exp(-np.logaddexp(0, -x))).outcome == PASSED

    @exercise(examples=sigmoid.examples, cases=sigmoid.cases, hints=[])
    def any_sigmoid(x):
        """The same, however it is computed."""
        return sigmoid.reference(x)

    assert verdict(any_sigmoid, naive).outcome == PASSED


@pytest.mark.parametrize(
    "function, words",
    [
        (lambda x, y, w, k: right(x, y, w, k) + (k > 1) * x[0] / 7, "`k` is above 1"),
        (lambda x, y, w, k: right(x, y, w, k) + (x.min() < 0) / k, "`x` has a negative entry"),
        (lambda x, y, w, k: right(x[:1], y[:1], w, k), "has more than one entry"),
        (lambda x, y, w, k: right(x, y, w, k) if len(x) % k == 0 else x.missing, "length of `x` is no multiple of `k`"),
    ],
)
def test_what_the_wrong_cases_have_in_common_is_said(function, words):
    message = verdict(mean_gap, function).message
    assert " cases are right; what is common to the wrong ones: " in message and words in message


def test_what_all_cases_have_in_common_says_nothing():
    seen = [((np.ones(2), k), k % 2 == 0) for k in range(2, 20)]
    assert where_it_fails(("x", "k"), seen) == ""
    assert where_it_fails(("x", "k"), [(arguments, True) for arguments, _ in seen]) == ""


@pytest.mark.parametrize(
    "value, clause",
    [
        (True, "`a` is True"),
        (0, "`a` is 0"),
        (1.0, "`a` is 1"),
        (-2.5, "`a` is negative"),
        (3, "`a` is above 1"),
        (np.array([]), "`a` is empty"),
        (np.array([1.0, np.nan]), "`a` has a NaN"),
        (np.array([0, 5]), "`a` has a 0"),
        (np.array([1000.0, 1.0]), "`a` has an entry beyond ±20"),
        (np.array([2.0, 2.0]), "`a` has an entry twice"),
        (np.ones((2, 1)), "`a` has more than one row"),
        (np.ones((1, 2)), "`a` has more than one column"),
        (np.ones((3, 2)), "`a` is not square"),
    ],
    ids=str,
)
def test_the_marks_of_a_case(value, clause):
    assert clause in marks(["a"], (value,))
    assert clause not in marks(["a"], (0.5,)) | marks(["a"], (np.array([[0.5]]),))


def test_a_kernel_that_never_runs_is_seen():
    square = registry.find("square_all")
    found = verdict(square, lambda launch, x, threads: x * x)
    assert (found.outcome, found.diagnosis) == (NOT_YET, "launch is never called")
    assert "nothing has run side by side" in found.message


def test_where_a_mistake_raises_what_was_raised_stands_in_the_answer_s_place():
    square = registry.find("square_all")
    unguarded = next(mistake for mistake in square.misconceptions if mistake.name == "no guard")
    found = verdict(square, unguarded.function)
    assert found.diagnosis == "no guard" and found.given.startswith("OutOfBounds: thread ")


def test_what_explains_everything_comes_before_what_explains_a_part():
    walks = registry.find("walks_as_average")
    found = verdict(walks, lambda gradients, path, lr, beta: not walks.reference(gradients, path, lr, beta))
    assert found.diagnosis == "the opposite"
