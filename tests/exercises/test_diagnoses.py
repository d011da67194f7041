"""What any function can do wrong, and what the check says of it."""

import math
import threading

import numpy as np
import pytest
from hypothesis import strategies as st

from course.exercises import registry
from course.exercises.answering import FunctionAnswerer
from course.exercises.checking import examine
from course.exercises.specification import exercise
from course.exercises.verdict import NOT_ATTEMPTED, NOT_YET, PASSED, RAISED

STEP = registry.find("gradient_descent_step")
MINIMISE = registry.find("minimise")
LARGEST = registry.find("largest_stable_lr")


def verdict(function, exercise=STEP, seconds=2.0):
    return examine(exercise, FunctionAnswerer(function, exercise.parameters, exercise.uses, seconds))


def right(theta, gradient, lr):
    return theta - lr * gradient


class AlwaysEqual(float):
    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


class LyingArray(np.ndarray):
    def __eq__(self, other):
        return np.True_


def forgets_to_return(theta, gradient, lr):
    theta - lr * gradient


def prints(theta, gradient, lr):
    print(theta - lr * gradient)


def returns_a_list(theta, gradient, lr):
    return list(theta - lr * gradient)


def returns_float64(theta, gradient, lr):
    return (theta - lr * gradient).astype(np.float64)


def returns_another_shape(theta, gradient, lr):
    return (theta - lr * gradient)[None]


def returns_nan(theta, gradient, lr):
    return (theta - lr * gradient) * np.nan


def raises(theta, gradient, lr):
    step = lr * gradient
    return theta - step.missing


def exits(theta, gradient, lr):
    raise SystemExit(3)


def returns_a_lying_array(theta, gradient, lr):
    return theta.view(LyingArray)


def returns_a_function(theta, gradient, lr):
    return lambda: theta


def returns_objects(theta, gradient, lr):
    return np.array([AlwaysEqual(1)] * len(theta), dtype=object)


def other_parameters(weights, gradient, lr):
    return weights - lr * gradient


def too_few_parameters(theta, gradient):
    return theta - gradient


@pytest.mark.parametrize(
    "function, outcome, diagnosis, words",
    [
        (forgets_to_return, NOT_YET, "returned None", ["None", "array of shape (1,)", "return"]),
        (prints, NOT_YET, "printed instead of returned", ["print", "return"]),
        (returns_a_list, NOT_YET, "another type", ["a list of 1", "array of shape (1,)", "np.array"]),
        (returns_float64, NOT_YET, "wrong dtype", ["float64", "float32"]),
        (returns_another_shape, NOT_YET, "wrong shape", ["(1, 1)", "(1,)"]),
        (returns_nan, NOT_YET, "NaN or infinity", ["NaN", "finite"]),
        (raises, RAISED, "raised AttributeError", ["line 3", "return theta - step.missing", "missing"]),
        (exits, RAISED, "raised SystemExit", ["3"]),
        (returns_a_lying_array, NOT_YET, "another type", ["LyingArray"]),
        (returns_a_function, NOT_YET, "another type", ["a function"]),
        (returns_objects, NOT_YET, "another type", ["Python objects"]),
        (other_parameters, NOT_YET, "another signature", ["weights", "gradient_descent_step(theta, gradient, lr)"]),
        (too_few_parameters, NOT_YET, "another signature", ["gradient_descent_step(theta, gradient, lr)"]),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_it_says_which(function, outcome, diagnosis, words):
    found = verdict(function)
    assert (found.outcome, found.diagnosis) == (outcome, diagnosis)
    assert [word for word in words if word not in found.message] == []


def branches_on_an_array(theta, gradient, lr):
    return theta - lr * gradient if gradient > 0 or gradient <= 0 else theta


def takes_math_for_numpy(theta, gradient, lr):
    return theta - lr * math.exp(gradient)


def forgets_a_name(theta, gradient, lr):
    return theta - learning_rate * gradient  # noqa: F821


@pytest.mark.parametrize(
    "function, words",
    [
        (branches_on_an_array, "np.where"),
        (takes_math_for_numpy, "np.exp"),
        (forgets_a_name, "spelt"),
        (lambda theta, gradient, lr: theta.sum(dim=0), "axis"),
        (lambda theta, gradient, lr: theta.sum(keepdim=True), "keepdims"),
        (lambda theta, gradient, lr: theta.clone(), "np.exp(x)"),
        (lambda theta, gradient, lr: theta - lr(gradient), "brackets"),
        (lambda theta, gradient, lr: None + theta, "None"),
        (lambda theta, gradient, lr: lr ^ 2, "power"),
        (lambda theta, gradient, lr: lr * len, "not called"),
        (lambda theta, gradient, lr: range(len(theta) / 2), "`//`"),
        (lambda theta, gradient, lr: theta[: theta.size / 2], "`//`"),
        (lambda theta, gradient, lr: np.array([[1.0], [1.0, 2.0]]), "rectangles"),
        (lambda theta, gradient, lr: theta.reshape(7), "keeps every number"),
        (lambda theta, gradient, lr: theta.sum(axis=9), "fewer axes"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_an_exception_comes_with_what_to_try(function, words):
    found = verdict(function)
    assert found.outcome == RAISED and words in found.message


@pytest.mark.parametrize(
    "given, expected, words",
    [
        ([1.0], np.ones(1), "np.array"),
        ((1.0, 2.0), [1.0, 2.0], "list("),
        ([2.0], 2.0, "One number"),
        (np.ones(2).sum, 2.0, "brackets"),
        ("two", (2.0,), "condition"),
        (np.ones(3), 1.0, "One number is asked for"),
        (1.0, np.ones(3), "One number for each entry"),
        (1.0, 1, "whole number"),
        (np.array([True]), True, "np.all"),
        ([1.0, 2.0], (1.0, 2.0), "commas"),
        (object(), 1.0, "plain number"),
    ],
    ids=["list", "tuple for list", "list for number", "no brackets", "text", "array for number", "number for array",
         "float", "array for bool", "list for tuple", "odd"],
)
def test_another_type_comes_with_what_to_try(given, expected, words):
    @exercise(examples=[(1,)], cases=st.just((1,)), hints=[])
    def asked(n):
        """Whatever is expected."""
        return expected

    found = verdict(lambda n: given, asked)
    assert found.diagnosis == "another type" and words in found.message


def todo(theta, gradient, lr):
    """The docstring stays."""
    raise NotImplementedError


def dots(theta, gradient, lr): ...


def todo_after_a_start(theta, gradient, lr):
    step = lr * gradient
    raise NotImplementedError(step)


@pytest.mark.parametrize("function", [todo, dots, todo_after_a_start])
def test_what_is_not_done_counts_as_not_attempted(function):
    assert verdict(function).outcome == NOT_ATTEMPTED


def test_a_function_that_returns_none_on_purpose_is_attempted():
    def nothing(theta, gradient, lr):
        theta = theta - lr * gradient

    assert verdict(nothing).outcome == NOT_YET


def test_a_float_whose_eq_lies_gains_nothing():
    found = verdict(lambda A: AlwaysEqual(1), LARGEST)
    assert (found.outcome, found.diagnosis) == (NOT_YET, "another type")
    assert "AlwaysEqual" in found.message


def test_a_number_may_be_of_any_plain_kind():
    for kind in (float, np.float64, lambda number: np.float64(number)):
        assert verdict(lambda A, kind=kind: kind(2 / np.linalg.eigvalsh(A)[-1]), LARGEST).outcome == PASSED


def test_a_tuple_of_the_wrong_length_is_named():
    found = verdict(lambda gradient, theta, lr, tolerance, max_steps: (theta, 0, 0), MINIMISE)
    assert found.diagnosis == "wrong length" and "3" in found.message and "2" in found.message


def test_a_missing_tuple_is_named():
    found = verdict(lambda gradient, theta, lr, tolerance, max_steps: theta, MINIMISE)
    assert found.diagnosis == "another type" and "a tuple of 2" in found.message


def test_writing_to_the_input_is_named_and_the_caller_keeps_its_array():
    found = verdict(lambda theta, gradient, lr: np.subtract(theta, lr * gradient, out=theta))
    assert found.diagnosis == "changes θ in place"

    def spoils_the_gradient(theta, gradient, lr):
        gradient *= lr
        return theta - gradient

    found = verdict(spoils_the_gradient)
    assert found.diagnosis == "wrote to its input" and "gradient" in found.message
    assert STEP.examples[0][1].tolist() == [2.0]


def test_an_endless_loop_is_stopped_and_named():
    def loops(theta, gradient, lr):
        while True:
            pass

    found = verdict(loops, seconds=0.05)
    assert (found.outcome, found.diagnosis) == (NOT_YET, "ran too long")
    assert "loop" in found.message


def test_an_endless_loop_that_swallows_exceptions_is_stopped_too():
    def loops(theta, gradient, lr):
        while True:
            try:
                theta = theta + 1
            except:  # noqa: E722
                theta = 0

    assert verdict(loops, seconds=0.05).diagnosis == "ran too long"


def test_an_endless_loop_is_stopped_in_another_thread():
    def loops(theta, gradient, lr):
        while True:
            pass

    found = []
    thread = threading.Thread(target=lambda: found.append(verdict(loops, seconds=0.05)))
    thread.start()
    thread.join(30)
    assert found and found[0].diagnosis == "ran too long"
    assert verdict(right).outcome == PASSED


def test_the_timer_and_its_handler_are_put_back():
    import signal

    if not hasattr(signal, "setitimer"):
        pytest.skip("this system has no interval timer")
    before = signal.getsignal(signal.SIGALRM)
    signal.setitimer(signal.ITIMER_REAL, 1000)
    try:
        verdict(right)
        left, _ = signal.getitimer(signal.ITIMER_REAL)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    assert signal.getsignal(signal.SIGALRM) is before
    assert 900 < left <= 1000


def test_a_megabyte_of_output_is_cut(capsys):
    def chatty(theta, gradient, lr):
        print("x" * 2**20)
        return theta + lr * gradient

    found = verdict(chatty)
    assert found.diagnosis == "uphill"
    assert len(found.printed) < 3000 and "more characters" in found.printed
    assert capsys.readouterr().out == ""


def test_the_smallest_failing_case_is_shown():
    def wrong_for_long_arrays(theta, gradient, lr):
        return theta - lr * gradient + (theta.size > 2)

    found = verdict(wrong_for_long_arrays)
    assert dict(found.arguments)["theta"].count(",") == 2  # three entries, none fewer would fail
    assert found == verdict(wrong_for_long_arrays)


def test_expected_and_given_are_printed_so_that_they_differ():
    found = verdict(lambda theta, gradient, lr: theta - lr * gradient * 1.00001)
    assert found.expected != found.given


def test_two_mistakes_at_once_are_not_taken_for_one():
    found = verdict(lambda theta, gradient, lr: theta + gradient + 1)
    assert found.diagnosis == "another value"


@pytest.mark.parametrize("size", [30, 400, 5000])
def test_a_whole_number_beyond_any_array_is_a_wrong_answer_like_others(size):
    assert verdict(lambda A: 10**size, LARGEST).outcome == NOT_YET


def test_of_what_numba_says_the_line_that_matters_is_shown():
    import numba

    @numba.njit
    def step(theta, gradient, lr):
        return theta.length

    found = verdict(step, seconds=20.0)
    assert "Unknown attribute 'length'" in found.message and "nopython" not in found.message


def test_an_exception_whose_message_raises_is_described():
    class Nasty(Exception):
        def __str__(self):
            raise ValueError

    def raises_it(theta, gradient, lr):
        raise Nasty

    assert verdict(raises_it).diagnosis == "raised Nasty"


def test_a_list_of_arrays_of_different_shapes_is_compared_like_any_other_case():
    @exercise(examples=[([np.ones((2, 3)), np.ones(2)],)], cases=st.just(([np.ones(1)],)), hints=["one", "two"])
    def total(arrays):
        """The sum of all entries."""
        return float(sum(array.sum() for array in arrays))

    found = verdict(lambda arrays: 0.0, total)
    assert found.outcome == NOT_YET and found.arguments


def test_where_many_answers_are_right_a_judge_decides():
    @exercise(examples=[(3,), (4,)], cases=st.tuples(st.integers(2, 9)), hints=[],
              judge=lambda value: "" if value > 10 else f"{value} is not above 10.")
    def beyond_ten(n):
        return 10 + n

    assert verdict(lambda n: 11 * n, beyond_ten).outcome == PASSED
    found = verdict(lambda n: n, beyond_ten)
    assert (found.outcome, found.diagnosis) == (NOT_YET, "short of the target")
    assert "is not above 10" in found.message
    assert verdict(lambda n: f"{n} apples", beyond_ten).diagnosis == "another type"


def test_a_number_may_come_as_an_array_without_axes():
    assert verdict(lambda A: np.array(2 / np.linalg.eigvalsh(A)[-1]), LARGEST).outcome == PASSED


def adds_up(theta, gradient, lr, steps=[]):  # noqa: B006
    steps.append(lr * gradient)
    return theta - sum(np.sum(step) for step in steps)


def grows(theta, gradient, lr, path=[]):  # noqa: B006
    path.append(lr)
    return np.array(path)


@pytest.mark.parametrize("function", [adds_up, grows])
def test_what_outlives_a_call_is_noticed(function):
    found = verdict(function)
    assert found.diagnosis == "remembers earlier calls" and "default" in found.message
    assert found.arguments and found.expected and found.given
