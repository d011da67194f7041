"""Tensors in shared memory: several processes write to one, and nothing of it is left when they are gone."""

import gc
import multiprocessing
import os
import pickle
import subprocess
import sys
import weakref
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

import numpy as np
import pytest

import course
from course import nn, parallel, shared_memory
from course.utils.data.worker import START_METHOD

linux = pytest.mark.skipif(not Path(shared_memory.FOLDER).is_dir(), reason="only Linux shows its shared memory")


def sent(tensor):
    """The tensor as another process would receive it."""
    return pickle.loads(bytes(ForkingPickler.dumps(tensor)))


def fill(tensor, value):
    """What processes do here."""
    tensor.fill_(value)


def fill_model(arrays, model, value):
    for p in model.parameters():
        p.data.fill_(value)


NUMBERS = {"table": np.arange(6.0).reshape(2, 3), "number": np.array(2.5), "empty": np.zeros((0, 3)),
           "bool": np.array([True]), "transposed": np.arange(6).reshape(2, 3).T}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_shared_tensor_holds_the_same_numbers(name):
    numbers = NUMBERS[name]
    tensor = course.from_numpy(numbers)
    assert not tensor.is_shared() and tensor.share_memory_() is tensor and tensor.is_shared()
    np.testing.assert_array_equal(tensor.numpy(), numbers)
    assert (tensor.numpy().dtype, tensor.shape) == (numbers.dtype, numbers.shape)
    array = tensor.numpy()
    assert tensor.share_memory_().numpy() is array  # what is shared stays where it is


def test_the_receiver_writes_to_the_same_memory():
    table = course.zeros(3, 4).share_memory_()
    column = table[1:, 2]
    assert column.is_shared()
    sent(column).fill_(7)
    sent(table)[0, 0] = 1
    assert table.tolist() == [[1, 0, 0, 0], [0, 0, 7, 0], [0, 0, 7, 0]]


def test_a_tensor_that_is_not_shared_is_sent_as_a_copy():
    table = course.zeros(3)
    sent(table).fill_(7)
    assert table.tolist() == [0, 0, 0]


def test_a_module_stays_itself():
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    assert model.share_memory() is model
    other = sent(model)
    assert [type(p) for p in other.parameters()] == [nn.Parameter] * 4
    assert all(p.requires_grad and p.is_leaf and p.is_shared() for p in other.parameters())
    for name, value in other.state_dict().items():
        assert value.tolist() == before[name].tolist()
        value.fill_(3)
        assert model.state_dict()[name].tolist() == value.tolist()


def test_an_ordinary_process_writes_to_it():
    tensor = course.zeros(3).share_memory_()
    process = multiprocessing.get_context(START_METHOD).Process(target=fill, args=(tensor, 5))
    process.start()
    process.join()
    assert process.exitcode == 0 and tensor.tolist() == [5, 5, 5]


def test_a_team_gets_models():
    shared, own = nn.Linear(2, 2).share_memory(), nn.Linear(2, 2)
    with parallel.Team(1, x=np.zeros((4, 2), np.float32), y=np.zeros(4, int)) as team:
        team.run(fill_model, [(shared, 2.0)])
        team.run(fill_model, [(own, 2.0)])
        with pytest.raises(RuntimeError, match=r"call model.share_memory\(\) first"):
            team.run(parallel.hogwild_network, [(own, np.arange(4), 0.1, 2)])
    assert shared.weight.tolist() == [[2, 2], [2, 2]] != own.weight.tolist()


def test_hogwild_reaches_what_one_process_reaches():
    """Four passes over the digits, five seeds: the median ratio of two processes' loss to one's lies within 15 %.

    Some orders of the samples end higher than others, whoever takes them: a single run only has to end within twice
    the loss. Nothing learned would be 2.3, eight times as much.
    """
    digits, _ = course.datasets.digits()
    x, y = digits.tensors[0].reshape(-1, 64), digits.tensors[1]
    losses = np.zeros((5, 2))
    with parallel.Team(2, x=x, y=y) as team:
        for seed in range(5):
            order = np.random.default_rng(seed).permutation(np.tile(np.arange(len(y)), 4))
            for count in (1, 2):
                course.manual_seed(seed)
                model = parallel.network(64, 32).share_memory()
                team.run(parallel.hogwild_network, [(model, order[k::count], 0.03, 5) for k in range(count)])
                losses[seed, count - 1] = nn.functional.cross_entropy(model(x), y).item()
    ratios = losses[:, 1] / losses[:, 0]
    assert losses[:, 0].max() < 0.35 and abs(np.median(ratios) - 1) < 0.15 and ratios.max() < 2, losses


# --- nothing is left --------------------------------------------------------------------------------------------------


def test_memory_ends_with_its_last_array():
    tensor = course.zeros(3, 4).share_memory_()
    row = tensor.numpy()[1]
    other = sent(tensor)
    segment = weakref.ref(shared_memory.segment_of(row))
    del tensor
    gc.collect()
    assert segment() is not None
    del row
    gc.collect()
    assert segment() is None
    other.fill_(2)  # who was sent the memory still has it
    assert other.sum().item() == 24


@linux
def test_more_than_the_system_has_is_refused():
    with pytest.raises(RuntimeError, match="bytes of shared memory are needed, .* left in /dev/shm"):
        shared_memory.share(np.lib.stride_tricks.as_strided(np.zeros(1), (10**15,), (0,)))


PROGRAM = """
import os, signal
import numpy as np
from course import parallel

if __name__ == "__main__":
    model = parallel.network(4, 3).share_memory()
    team = parallel.Team(2, x=np.zeros(5), y=np.zeros(5, int))
    print(*os.listdir("/dev/shm"), flush=True)
    {}
"""
ENDS = {
    "it comes to its end": "pass",
    "it raises": "raise SystemExit(3)",
    "a worker is killed": "os.kill(team.processes[0].pid, signal.SIGKILL)",
    "it is killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "all it has started is killed with it": "os.killpg(0, signal.SIGKILL)",  # as Jupyter does with a kernel
}


@linux
@pytest.mark.parametrize("end", ENDS)
def test_no_memory_is_left_after_a_program(end, tmp_path):
    """What has no name while the program runs cannot stay when it, or all it has started, is killed."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(ENDS[end]), encoding="utf-8")
    path = os.pathsep.join(filter(None, [str(Path(course.__file__).parents[1]), os.environ.get("PYTHONPATH")]))
    before = set(os.listdir(shared_memory.FOLDER))
    # The pipes end with the last process that the program has started.
    found = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, timeout=120,
                           env={**os.environ, "PYTHONPATH": path}, start_new_session=True)
    assert found.stdout and found.stderr == ""
    after = set(os.listdir(shared_memory.FOLDER))
    assert not {name for name in after & set(found.stdout.split()) - before if name.startswith("psm_")}
