"""Walking a method down a surface: a learner's step, a whole loop, or one of the library's optimisers."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable

import numpy as np

from .surfaces import Surface


def walk(method: Callable, surface: Surface, start, steps: int, values: dict) -> np.ndarray:
    """The iterates θ₀ … θ_steps of `method`, of shape (steps + 1,) or (steps + 1, 2).

    Args: method: one of
            step(theta, gradient, **values), which returns the next θ; `gradient` is the gradient's value;
            loop(gradient, start, steps, **values), known by its arguments `start` and `steps`, which returns or yields
            the iterates, with θ₀ or without; `gradient` is the function. Optimisers that remember need this form.
        values: hyperparameters; each method is given only those that it names.
    Raises: what the method raises; TypeError and ValueError when it returns something that is no θ.
    """
    method = newest(method)
    surface = surface.fresh()
    theta = np.asarray(start, dtype=float)[()]  # a number in one dimension
    named = inspect.signature(method).parameters
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in named.values()):
        accepted = values
    else:
        accepted = {name: value for name, value in values.items() if name in named}
    if {"start", "steps"} <= named.keys():
        path = method(gradient=surface.gradient, start=_copy(theta), steps=steps, **accepted)
        return _checked_path(path, theta, steps)
    path = [theta]
    for _ in range(steps):
        theta = _checked(method(_copy(theta), surface.gradient(theta), **accepted), theta)
        path.append(theta)
    return np.array(path)


def optimizer(kind: type, **fixed) -> Callable:
    """A library optimiser as a method: `optimizer(course.optim.SGD)`, `optimizer(course.optim.SGD, momentum=0.9)`.

    Args: kind: a class of `course.optim`. fixed: arguments that stay the same. Control values of the names that the
    class takes (`lr`, `momentum`, ...) are passed on; `beta1` and `beta2` together become its `betas`.
    """
    named = inspect.signature(kind).parameters

    def loop(gradient, start, steps, **values):
        import course  # the library is loaded when it is first walked, not when a notebook imports its pictures

        if "betas" in named and {"beta1", "beta2"} <= values.keys():
            values["betas"] = (values["beta1"], values["beta2"])
        theta = course.tensor(np.atleast_1d(start), dtype=course.float64, requires_grad=True)
        stepper = kind([theta], **{name: value for name, value in (fixed | values).items() if name in named})
        for _ in range(steps):
            at = theta.detach().numpy().reshape(np.shape(start))
            theta.grad = course.tensor(np.atleast_1d(gradient(at)), dtype=course.float64)
            stepper.step()
            yield theta.detach().numpy().copy().reshape(np.shape(start))

    return loop


def newest(function: Callable) -> Callable:
    """The notebook's latest function of this name: a learner who mends a function and runs its cell again sees the new
    one at the slider's next move."""
    name, notebook = getattr(function, "__name__", ""), sys.modules.get("__main__")
    if getattr(function, "__module__", "") == "__main__" and getattr(function, "__qualname__", "") == name:
        latest = getattr(notebook, name, function)
        return latest if callable(latest) else function
    return function


def _copy(theta):
    return theta.copy() if isinstance(theta, np.ndarray) else theta


def _checked(answer, theta):
    """The method's answer as θ of the right shape."""
    if answer is None:
        raise TypeError("it returned None instead of the new θ. Does its last line begin with return?")
    answer = np.asarray(answer, dtype=float)[()]
    if np.shape(answer) != np.shape(theta):
        raise ValueError(f"it returned a θ of shape {np.shape(answer)}, and θ has shape {np.shape(theta)}.")
    return answer


def _checked_path(path: Iterable | None, start, steps: int) -> np.ndarray:
    if path is None:
        raise TypeError("it returned None instead of the iterates. Does its last line begin with return?")
    path = [_checked(theta, start) for theta in path]
    if len(path) == steps:
        path.insert(0, start)
    if len(path) != steps + 1:
        raise ValueError(f"it gave {len(path)} iterates for {steps} steps; {steps} were expected, or {steps + 1} "
                         "with the start.")
    return np.array(path)
