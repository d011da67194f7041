"""A function that lets the library do its work is answered with just that."""

import sys
import types

import numpy as np
import pytest

from course.exercises import registry
from course.exercises.answering import FunctionAnswerer
from course.exercises.checking import examine
from course.exercises.library_calls import library_calls

STEP = registry.find("gradient_descent_step")


@pytest.fixture
def library(monkeypatch):
    """Two modules that stand for the library: `course.a.step` calls `course.b.helper`."""
    a, b = types.ModuleType("course.made_up_a"), types.ModuleType("course.made_up_b")
    exec("def helper(x):\n    return x", vars(b))
    a.helper = b.helper
    exec("def step(theta, gradient, lr):\n    return helper(theta - lr * gradient)", vars(a))
    for module in (a, b):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return a


def test_it_is_named(library):
    def lazy(theta, gradient, lr):
        return library.step(theta, gradient, lr)

    found = examine(STEP, FunctionAnswerer(lazy, STEP.parameters))
    assert found.diagnosis == "the library did it for you"
    assert "course.made_up_a.step" in found.message


def test_what_is_allowed_may_be_called_and_may_call_the_rest(library):
    with library_calls(["course.made_up_a.step"]) as called:
        library.step(np.ones(1), np.ones(1), 0.1)
    assert called == []
    with library_calls() as called:
        library.step(np.ones(1), np.ones(1), 0.1)
    assert called == ["course.made_up_a.step"]


def use_of_a_kernel(theta, gradient, lr):
    from course.kernels import update_rules

    return theta - lr * gradient if theta.size else update_rules.update_sgd.cpu(theta, gradient, lr)


def use_by_a_helper(theta, gradient, lr):
    return use_of_a_kernel(theta, gradient, lr)


@pytest.mark.parametrize("function", [use_of_a_kernel, use_by_a_helper])
def test_compiled_kernels_are_noticed_too(function):
    """They run past any profiler, so naming one is enough."""
    import course.kernels.update_rules  # noqa: F401

    found = examine(STEP, FunctionAnswerer(function, STEP.parameters))
    assert found.diagnosis == "the library did it for you" and "update_sgd" in found.message


def test_a_kernel_of_the_students_own_is_fine():
    numba = pytest.importorskip("numba")
    own = numba.njit(lambda x: x + 1)

    def solved(theta, gradient, lr):
        assert own is not None
        return theta - lr * gradient

    assert examine(STEP, FunctionAnswerer(solved, STEP.parameters)).passed


def test_the_profiler_that_was_there_is_put_back():
    before = sys.getprofile()
    with library_calls():
        assert sys.getprofile() is not before
    assert sys.getprofile() is before
