"""A function that must be fast as well as right. The clock is replaced: no timing decides a test."""

import dataclasses

import pytest

from course.exercises import contest, registry
from course.exercises.answering import Answer
from course.exercises.checking import examine
from course.exercises.verdict import NOT_YET, PASSED

LOSS = registry.find("truncated_mse")


class Timed:
    """Answers rightly, and says that it took so many seconds."""

    def __init__(self, *seconds, right=True):
        self.seconds, self.right = list(seconds), right

    def answer(self, arguments):
        took = self.seconds[0] if len(self.seconds) == 1 else self.seconds.pop(0)
        return Answer(LOSS.reference(*arguments) + (not self.right), seconds=took)


@pytest.fixture(autouse=True)
def lines_take_a_second(monkeypatch):
    monkeypatch.setattr(contest, "_seconds", lambda function, arguments: 1.0)


def test_the_ratio_decides():
    assert contest.fault_in_contest(LOSS, Timed(1 / 3.1)) is None
    assert contest.fault_in_contest(LOSS, Timed(1 / 2.9)).name == "right, but too slow"


def test_the_first_call_is_not_timed_and_one_good_try_is_enough():
    compiles_then_disturbed = [60.0] + 10 * [5.0] + [0.1] + 100 * [5.0]
    assert contest.fault_in_contest(LOSS, Timed(*compiles_then_disturbed)) is None


def test_a_wrong_answer_on_many_numbers_is_no_win():
    assert contest.fault_in_contest(LOSS, Timed(0.001, right=False)).name == "too far off on a million numbers"


def test_it_comes_after_the_cases():
    class Student(Timed):
        def describe(self):
            from course.exercises.answering import Description

            return Description(parameters=LOSS.parameters)

    assert examine(LOSS, Student(0.1)).outcome == PASSED
    slow = examine(LOSS, Student(1.0))
    assert (slow.outcome, slow.diagnosis) == (NOT_YET, "right, but too slow")
    assert examine(dataclasses.replace(LOSS, contest=None), Student(1.0)).outcome == PASSED
