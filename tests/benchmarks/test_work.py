"""What is timed computes what it should: each row's numbers beside those of plain NumPy."""

import numpy as np
import pytest

import course
from benchmarks.work import WORK

ROWS = [name for name, work in WORK.items() if work.plain and not name.endswith("1e7 parameters")]
BY_CHANCE = "dropout 2048×512"


def numbers(name, steps=3):
    """What course and NumPy leave after some steps, and what the course started with."""
    work = WORK[name]
    task = work.make(course, "cpu")
    given = [tensor.detach().numpy().copy() for tensor in task.given]
    plain_step = work.plain(*(array.copy() for array in given))
    for _ in range(steps):
        task.step()
        expected = plain_step()
    return [tensor.detach().numpy() for tensor in task.left()], expected, given


@pytest.mark.parametrize("name", [name for name in ROWS if name != BY_CHANCE])
def test_the_numbers_are_those_of_plain_numpy(name):
    """Where a step changes parameters, the changes are compared: they are much smaller than the parameters."""
    left, expected, given = numbers(name)
    starts = {array.shape: array for array in given} if "DataLoader" not in name else {}
    assert len(left) == len(expected)
    for ours, plain in zip(left, expected):
        assert (ours.shape, ours.dtype) == (plain.shape, plain.dtype)
        change = plain - starts.get(plain.shape, 0)
        assert np.abs(change).max() > 0
        assert np.linalg.norm(ours - plain) <= 1e-3 * np.linalg.norm(change)


def test_what_is_left_to_chance_has_the_same_odds():
    (gradient, _), (plain_gradient, _), (_, given) = numbers(BY_CHANCE)
    for found in gradient / given, plain_gradient / given:
        assert set(np.unique(found.round(3))) == {0, 2}
        assert abs(found.mean() - 1) < 0.01


def test_only_ctc_has_no_plain_version():
    assert [name for name, work in WORK.items() if not work.plain] == ["CTC 50×16×20"]
    WORK["CTC 50×16×20"].make(course, "cpu").step()


def test_every_row_has_a_target():
    assert all(work.target > 0 and work.target_2 > 0 for work in WORK.values())
