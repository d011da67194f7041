"""What an exercise is: a reference, cases to try it on, and the mistakes people make with it.

A unit's file reads from top to bottom like a lesson plan:

    @exercise(examples=[...], cases=..., hints=[...])
    def gradient_descent_step(theta, gradient, lr):
        '''The statement.'''
        return theta - lr * gradient

    @gradient_descent_step.misconception("uphill", "The gradient points to where J grows. Which way do you want to go?")
    def uphill(theta, gradient, lr):
        return theta + lr * gradient
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


@dataclass(frozen=True)
class Tolerance:
    """How far a number may lie from the expected one: |given − expected| ≤ absolute + relative·|expected|."""

    relative: float = 1e-7
    absolute: float = 1e-10


@dataclass(frozen=True)
class Misconception:
    """A mistake with a name: the function that makes it, and the question that leads out of it."""

    name: str
    question: str
    function: Callable


@dataclass(frozen=True)
class Contest:
    """A function that is right must also be fast: `ratio` times as fast as `lines`, called with `arguments()`.

    The solution exceeds the ratio at least twice over and the best of several tries counts, so noise fails no right
    answer.
    """

    lines: Callable
    arguments: Callable[[], tuple]
    ratio: float


@dataclass(eq=False)
class Exercise:
    """One function that a student writes. `reference` carries its name, its parameters and its statement."""

    reference: Callable
    examples: Sequence[tuple]  # arguments chosen by hand, small and telling; tried first
    cases: SearchStrategy  # draws tuples of arguments
    hints: Sequence[str]
    points: int = 1
    uses: Sequence[str] = ()  # what of `course` the function may call, such as "course.nn.Linear"
    tolerance: Tolerance = Tolerance()
    seconds: float = 2.0  # for one call
    may_overflow: bool = True  # on the way to a result that is right
    contest: Contest | None = None  # for a function that must also be fast
    judge: Callable[[Any], str] | None = None  # where many answers are right: "" or what an answer still lacks
    indistinguishable: str = ""  # which mistakes no case can tell apart, and why
    misconceptions: list[Misconception] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.reference.__name__

    @property
    def unit(self) -> str:
        """The unit's name, as in `03_gradient_descent`: that of the file which holds the specification."""
        return self.reference.__module__.rpartition(".")[2].removeprefix("unit_")

    @property
    def statement(self) -> str:
        return inspect.getdoc(self.reference) or ""

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(inspect.signature(self.reference).parameters)

    def misconception(self, name: str, question: str) -> Callable[[Callable], Callable]:
        """Decorates a wrong answer: its name, and what to ask the student who gave it."""

        def add(function: Callable) -> Callable:
            self.misconceptions.append(Misconception(name, question, function))
            return function

        return add


def exercise(**details) -> Callable[[Callable], Exercise]:
    """Decorates the reference of an exercise; the details are the other fields of `Exercise`."""
    return lambda reference: Exercise(reference, **details)
