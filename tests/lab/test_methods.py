import sys
import types

import numpy as np
import pytest

from course.lab import Bowl, Parabola, walk


def test_a_step_is_given_only_what_it_names(step):
    path = walk(step, Bowl(), (1.0, 1.0), 3, {"lr": 0.1, "beta": 0.9})
    assert path.shape == (4, 2) and path[1] == pytest.approx([0.9, 0.5])


def test_a_step_that_takes_everything_is_given_everything():
    seen = {}
    walk(lambda theta, gradient, **values: seen.update(values) or theta, Parabola(), 1.0, 1, {"lr": 1, "beta": 2})
    assert seen == {"lr": 1, "beta": 2}


def test_a_loop_may_return_or_yield_with_the_start_or_without(step):
    def returns(gradient, start, steps, lr):
        path = [start]
        for _ in range(steps):
            path.append(path[-1] - lr * gradient(path[-1]))
        return np.array(path)

    def yields(gradient, start, steps, lr):
        for _ in range(steps):
            start = start - lr * gradient(start)
            yield start

    paths = [walk(method, Bowl(), (1.0, 1.0), 5, {"lr": 0.1}) for method in (step, returns, yields)]
    assert np.array_equal(paths[0], paths[1]) and np.array_equal(paths[0], paths[2])


def test_a_step_that_writes_into_theta_does_not_spoil_the_path():
    def in_place(theta, gradient, lr):
        theta -= lr * gradient
        return theta

    assert walk(in_place, Bowl(), (1.0, 1.0), 2, {"lr": 0.1})[0] == pytest.approx([1, 1])


@pytest.mark.parametrize("method, message", [
    (lambda theta, gradient: None, "return"),
    (lambda theta, gradient: (1.0, 2.0, 3.0), r"shape \(3,\)"),
    (lambda gradient, start, steps: [start] * 7, "7 iterates for 3 steps"),
    (lambda gradient, start, steps: None, "return"),
])
def test_wrong_answers_are_named(method, message):
    with pytest.raises((TypeError, ValueError), match=message):
        walk(method, Bowl(), (1.0, 1.0), 3, {})


def test_the_notebooks_latest_function_is_walked(monkeypatch, step):
    notebook = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", notebook)
    exec("def mine(theta, gradient, lr): return theta", notebook.__dict__)
    first = notebook.mine
    notebook.mine = step
    assert walk(first, Parabola(), 1.0, 1, {"lr": 0.5})[-1] == 0.5
