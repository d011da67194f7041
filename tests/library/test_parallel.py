"""Processes that share arrays: the same numbers as one process, and nobody left behind whatever happens."""

import multiprocessing
import os
import pickle

import numpy as np
import pytest

from course import parallel
from course.nn.utils import parameters_to_vector


def by_name(arrays, number):
    """What this module's processes do: change shared memory, and answer."""
    arrays.table[number] += number + 1
    return os.getpid()


def fails(arrays):
    raise KeyError("a reason")


def dies(arrays):
    os._exit(3)


@pytest.fixture(scope="module")
def team():
    draw = np.random.default_rng(0)
    theta = parameters_to_vector(parallel.network(4, 3).parameters()).detach().numpy()
    arrays = dict(theta=theta, gradients=np.zeros((2, theta.size), np.float32),
                  x=draw.random((10, 4), np.float32), y=draw.integers(10, size=10))
    with parallel.Team(2, table=np.zeros((2, 3)), cells=np.zeros(5, int), **arrays) as team:
        yield team


def test_processes_write_to_one_memory(team):
    assert len({os.getpid(), *team.run(by_name, [(0,), (1,)])}) == 3
    assert team.arrays.table.tolist() == [[1, 1, 1], [2, 2, 2]]


def test_the_weighted_mean_of_the_shards_gradients_is_the_joined_batchs(team):
    team.run(parallel.network_gradient, [(0, slice(0, 10), 3)])
    whole = team.arrays.gradients[0].copy()
    team.run(parallel.network_gradient, [(0, slice(0, 3), 3), (1, slice(3, 10), 3)])
    np.testing.assert_allclose([0.3, 0.7] @ team.arrays.gradients, whole, rtol=1e-5, atol=1e-7)


def test_one_process_alone_loses_no_count(team):
    team.arrays.cells[:] = 0
    team.run(parallel.count, [(0, 1000, 2)])
    assert team.arrays.cells.sum() == 1000 and not team.arrays.cells[2:].any()


def test_hogwild_learns():
    x = np.eye(10, dtype=np.float32)
    with parallel.Team(2, theta=np.zeros((10, 10), np.float32), x=x, y=np.arange(10)) as team:
        team.run(parallel.hogwild, [(np.tile(np.arange(10), 20), 0.5)] * 2)
    assert (team.arrays.theta.argmax(axis=0) == np.arange(10)).all()


def test_what_a_process_raises_is_raised_here_and_the_team_goes_on(team):
    with pytest.raises(RuntimeError, match="stopped in fails") as raised:
        team.run(fails, [(), ()])
    assert "KeyError: 'a reason'" in str(raised.value)
    assert len(team.run(parallel.ready, [(), ()])) == 2


def test_a_function_of_the_notebook_is_refused(team):
    def mine(arrays):
        pass

    mine.__module__ = "__main__"
    with pytest.raises(pickle.PicklingError, match="mine stands in the notebook"):
        team.run(mine, [()])


def test_more_calls_than_processes_are_refused(team):
    with pytest.raises(ValueError, match="3 calls"):
        team.run(parallel.ready, [()] * 3)


def test_a_process_that_died_is_noticed_and_nobody_stays():
    before = set(multiprocessing.active_children())
    with parallel.Team(2, a=np.zeros(2)) as team, pytest.raises(RuntimeError, match=r"died \(exit code 3\)"):
        team.run(dies, [()])
    assert set(multiprocessing.active_children()) <= before
    assert team.arrays.a.tolist() == [0, 0]  # what was shared stays readable
