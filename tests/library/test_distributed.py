"""course.distributed: two ranks compute what one process does with the joined batch, and nobody waits for ever."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

import course
from course import distributed as dist
from course import parallel
from course.optim import SGD
from course.utils.data import DataLoader, DistributedSampler, TensorDataset

from . import distributed_programs

PROGRAMS = Path(distributed_programs.__file__)
needs_mpi = pytest.mark.skipif(not parallel.has_mpi(), reason="there is no mpiexec or no mpi4py here")


def run(name, ranks=2):
    return parallel.mpiexec(ranks, str(PROGRAMS), name)


@pytest.fixture(scope="module")
def answers():
    """name of a program -> what each of its two ranks answered."""
    done = {}

    def ask(name):
        if name not in done:
            found = run(name)
            assert found.returncode == 0, found.stderr
            done[name] = json.loads(found.stdout)
        return done[name]

    return ask


@pytest.fixture
def alone(monkeypatch):
    for name in dist.LAUNCHED:
        monkeypatch.delenv(name, raising=False)
    dist.init_process_group()
    yield
    if dist.is_initialized():
        dist.destroy_process_group()


# --- two ranks --------------------------------------------------------------------------------------------------------


@needs_mpi
@pytest.mark.parametrize("name", [*distributed_programs.OPTIMIZERS, "equal parts"])
def test_two_ranks_end_where_one_process_with_the_joined_batch_does(name, answers, alone):
    first, second = (answer[name] for answer in answers("train"))
    local = {"loss"} if name not in ("LBFGS", "equal parts") else set()  # without a closure a loss is its rank's own
    assert {k: v for k, v in first.items() if k not in local} == {k: v for k, v in second.items() if k not in local}
    one = distributed_programs.trained(name.replace("equal parts", "Adam"))
    for key in one.keys() - local:
        np.testing.assert_allclose(first[key], one[key], rtol=1e-6, atol=1e-6, err_msg=key)


@needs_mpi
def test_gradients_on_a_gpu_travel_too(monkeypatch):
    monkeypatch.setenv("NUMBA_ENABLE_CUDASIM", "1")  # for the ranks
    found = run("on_cuda")
    assert found.returncode == 0, found.stderr
    for w, device, numbers in json.loads(found.stdout):
        assert (w, device, numbers) == (pytest.approx([1 - 0.5 * 5 / 3] * 3), "cuda", [2, 2])


@needs_mpi
def test_what_ranks_say_to_each_other(answers):
    first, second = answers("talk")
    assert (first.pop("who"), second.pop("who")) == ([0, 2, "mpi"], [1, 2, "mpi"])
    assert (first.pop("sampler"), second.pop("sampler")) == ([5, 4, 0, 1], [3, 6, 2, 5])
    assert first == second == {
        "SUM": [3, -6, 9], "AVG": [1.5, -3, 4.5], "PRODUCT": [2, 8, 18], "MIN": [1, -4, 3], "MAX": [2, -2, 6],
        "view": [[0, 2, 2], [3, 8, 5]], "number": 1.5, "broadcast": [1, 1], "leaf": [True, True],
        "gathered": [[0, 10], [1, 11]],
    }  # fmt: skip


DISAGREEMENTS = {
    "shapes": r"in all_reduce: rank 0 has the tensor: course.float32 \[3\], rank 1 has .* \[4\]",
    "types": "in broadcast: rank 0 has the tensor: course.float32 .*, rank 1 has the tensor: course.float64",
    "sources": "in broadcast: rank 0 has src 0, rank 1 has src 1",
    "operations": "in all_reduce: rank 0 has SUM, rank 1 has MAX",
    "calls": "rank 0 is at all_reduce, rank 1 at barrier. All ranks must make the same calls",
    "parameters": r"rank 0 has parameter 1: course.float32 \[2\], rank 1 has nothing more",
    "parameter shapes": r"rank 0 has parameter 0: course.float32 \[3\], rank 1 has parameter 0: course.float32 \[2\]",
    "options": "in DistributedOptimizer: rank 0 has lr=0.1, rank 1 has lr=0.2",
    "rules": "in DistributedOptimizer: rank 0 has Adam, rank 1 has RMSprop",
    "gradients": r"step: rank 0 has gradient of parameter 1: .*, rank 1 has no gradient of parameter 1",
    "weights": "step: rank 0 has no samples, rank 1 has samples",
}


@needs_mpi
@pytest.mark.parametrize("name", DISAGREEMENTS)
def test_ranks_that_disagree_all_say_how(name, answers):
    for answer in answers("disagree"):
        assert answer["a"] == [1, 1, 1]  # no step was taken
        with pytest.raises(RuntimeError, match=DISAGREEMENTS[name]):
            raise RuntimeError(answer[name])


@needs_mpi
@pytest.mark.parametrize("name, message", [
    ("leaves", "rank 0 is at DistributedOptimizer.step, rank 1 at destroy_process_group or the end of its program"),
    ("fails", "KeyError: 'a reason of its own'"),
])  # fmt: skip
def test_nobody_waits_for_a_rank_that_is_gone(name, message):
    found = run(name)
    assert found.returncode != 0 and message in found.stderr


# --- one process ------------------------------------------------------------------------------------------------------


def test_a_process_that_was_started_alone_is_a_world_of_one(alone):
    assert (dist.get_rank(), dist.get_world_size(), dist.get_backend()) == (0, 1, "single")
    numbers = course.tensor([1.0, 2.0])
    for op in dist.ReduceOp:
        dist.all_reduce(numbers, op)
    dist.broadcast(numbers, 0)
    dist.all_gather([place := course.zeros(2)], numbers)
    dist.barrier()
    assert numbers.tolist() == place.tolist() == [1, 2]


def test_alone_the_optimiser_does_what_it_does_without_ranks(alone):
    steps = []
    for wrap in (lambda optimizer: optimizer, dist.DistributedOptimizer):
        p = course.tensor([1.0, -2.0], requires_grad=True)
        optimizer = wrap(SGD([p], lr=0.1, momentum=0.9))
        for _ in range(3):
            optimizer.zero_grad()
            (p * p).sum().backward()
            optimizer.step()
        velocity = optimizer.state_dict()["state"][0]["momentum_buffer"]
        steps.append((p.tolist(), optimizer.steps_taken, velocity.tolist()))
    assert steps[0] == steps[1]


def test_the_wrapped_optimiser_can_be_saved_grown_and_scheduled(alone):
    p, q = course.ones(2, requires_grad=True), course.ones(3, requires_grad=True)
    optimizer = dist.DistributedOptimizer(SGD([p], lr=0.1, momentum=0.9))
    optimizer.add_param_group({"params": [q], "lr": 0.5})
    (p.sum() + q.sum()).backward()
    optimizer.step()
    other = dist.DistributedOptimizer(SGD([{"params": [p]}, {"params": [q]}], lr=1.0, momentum=0.5))
    other.load_state_dict(optimizer.state_dict())
    assert [g["lr"] for g in other.optimizer.param_groups] == [0.1, 0.5]
    schedule = course.optim.lr_scheduler.ExponentialLR(other, 0.5)
    other.step()
    schedule.step()
    assert [g["lr"] for g in other.optimizer.param_groups] == [0.05, 0.25]
    assert repr(other).startswith("DistributedOptimizer (\nParameter Group 0")


def test_without_a_group_every_call_says_what_to_do():
    for call in (dist.get_rank, dist.get_world_size, dist.barrier, dist.destroy_process_group, dist.get_backend,
                 lambda: dist.all_reduce(course.ones(2)), lambda: DistributedSampler(range(3)),
                 lambda: dist.DistributedOptimizer(SGD([course.ones(2, requires_grad=True)], lr=0.1))):
        with pytest.raises(ValueError, match="make sure to call init_process_group"):
            call()
    assert not dist.is_initialized() and dist.is_available()


def test_where_mpi_is_missing_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    with pytest.raises(RuntimeError, match=r"apt install openmpi-bin.*pip install 'course\[distributed\]'"):
        dist.init_process_group("mpi")
    monkeypatch.setenv("OMPI_COMM_WORLD_SIZE", "2")  # two processes that each took themselves for the only one
    with pytest.raises(RuntimeError, match="mpi4py"):
        dist.init_process_group()
    assert not dist.is_initialized()


BAD = {
    "another backend": (ValueError, "knows the backend 'mpi', given 'gloo'", lambda: dist.init_process_group("gloo")),
    "twice": (ValueError, "twice", lambda: dist.init_process_group()),
    "no tensor": (TypeError, "all_reduce takes a Tensor, given float", lambda: dist.all_reduce(1.0)),
    "no operation": (TypeError, "ReduceOp.SUM, given 'sum'", lambda: dist.all_reduce(course.ones(2), "sum")),
    "bools": (RuntimeError, "no SUM of course.bool", lambda: dist.all_reduce(course.ones(2) > 0)),
    "a mean of integers": (RuntimeError, "no AVG of course.int64",
                           lambda: dist.all_reduce(course.tensor([1]), dist.ReduceOp.AVG)),
    "no such rank": (ValueError, "from rank 1, but the ranks are 0 to 0", lambda: dist.broadcast(course.ones(2), 1)),
    "too few places": (RuntimeError, "expected 1, given 0", lambda: dist.all_gather([], course.ones(2))),
    "a place of another shape": (RuntimeError, r"shape \[2\], given \[3\]",
                                 lambda: dist.all_gather([course.ones(3)], course.ones(2))),
    "no optimiser": (TypeError, "takes an optimiser.*given list", lambda: dist.DistributedOptimizer([])),
    "no samples": (ValueError, "at least 1; given 0", lambda: dist.DistributedOptimizer(
        SGD([course.ones(2, requires_grad=True)], lr=0.1)).step(samples=0)),
    "a rank outside": (ValueError, r"Invalid rank 2, rank should be in the interval \[0, 1\]",
                       lambda: DistributedSampler(range(4), 2, 2)),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_done_is_said(name, alone):
    kind, message, call = BAD[name]
    with pytest.raises(kind, match=message):
        call()


# --- DistributedSampler: PyTorch 2.13's orders, stored ----------------------------------------------------------------


@pytest.mark.parametrize("n, replicas, options, epoch, expected", [
    (7, 2, {}, 0, [[4, 5, 2, 1], [0, 3, 6, 4]]),
    (7, 2, {}, 1, [[0, 1, 5, 4], [6, 3, 2, 0]]),
    (7, 3, {"seed": 5}, 0, [[1, 2, 3], [0, 6, 1], [4, 5, 0]]),
    (7, 3, {"seed": 5, "drop_last": True}, 2, [[5, 1], [0, 2], [3, 6]]),
    (7, 2, {"shuffle": False}, 0, [[0, 2, 4, 6], [1, 3, 5, 0]]),
    (2, 5, {"shuffle": False}, 0, [[0], [1], [0], [1], [0]]),
    (2, 3, {"drop_last": True}, 0, [[], [], []]),
    (6, 3, {"drop_last": True}, 0, [[2, 0], [5, 1], [3, 4]]),
])  # fmt: skip
def test_the_parts_are_pytorchs(n, replicas, options, epoch, expected):
    parts = []
    for rank in range(replicas):
        sampler = DistributedSampler(range(n), replicas, rank, **options)
        sampler.set_epoch(epoch)
        parts.append(list(sampler))
        assert len(sampler) == len(parts[-1])
    assert parts == expected


def test_a_loader_takes_a_rank_s_part():
    data = TensorDataset(course.arange(5))
    batches = DataLoader(data, batch_size=2, sampler=DistributedSampler(data, 2, 1, shuffle=False))
    assert [batch.tolist() for (batch,) in batches] == [[1, 3], [0]]
