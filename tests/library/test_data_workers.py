"""DataLoader with worker processes: the same batches, and nobody left behind whatever happens."""

import gc
import multiprocessing
import os
import pickle
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import course
from course.utils.data import DataLoader, Dataset, TensorDataset

from . import fetched

ROOT = Path(course.__file__).parents[1]


def workers():
    gc.collect()
    return multiprocessing.active_children()


def plain(batch):
    """A batch as something that can be compared."""
    if isinstance(batch, list | tuple):
        return [plain(part) for part in batch]
    return batch.tolist() if isinstance(batch, course.Tensor) else batch


def epochs(loader, seed=0):
    """Two epochs, and the random number that follows."""
    course.manual_seed(seed)
    return [[plain(batch) for batch in loader] for _ in range(2)] + [course.rand(1).item()]


LOADERS = {
    "in order": (fetched.Numbers(), {"batch_size": 5}),
    "shuffled": (fetched.Numbers(), {"batch_size": 5, "shuffle": True, "drop_last": True}),
    "rows of tensors": (TensorDataset(course.arange(9), course.ones(9, 2)), {"batch_size": 2, "shuffle": True}),
    "single samples": (fetched.Numbers(), {"batch_size": None}),
    "batches of one's own": (fetched.Numbers(), {"batch_sampler": [[3, 1], [2], [0, 0, 0]]}),
    "collated by hand": (fetched.Numbers(), {"batch_size": 4, "collate_fn": fetched.sum_of}),
    "a list": (list(range(10)), {"batch_size": 3}),
    "nothing": ([], {}),
    "kernels": (fetched.Kernels(4), {"batch_size": 2}),
    "not a batch for each worker": (fetched.Numbers(2), {}),
}


OPTIONS = [{"num_workers": 3, "prefetch_factor": 1}, {"persistent_workers": True},
           {"multiprocessing_context": "fork", "num_workers": 3}, {"multiprocessing_context": "spawn"}]


@pytest.mark.parametrize("name, options",
                         [(name, {}) for name in LOADERS] + [("shuffled", o) for o in OPTIONS], ids=str)
def test_workers_give_the_same_batches_in_the_same_order(name, options):
    dataset, given = LOADERS[name]
    loader = DataLoader(dataset, **{"num_workers": 2, "timeout": 60, **given, **options})
    assert epochs(loader) == epochs(DataLoader(dataset, **given))
    del loader
    assert not workers()


def test_batches_and_lists_of_indices_larger_than_a_pipe_holds_get_through():
    rows = TensorDataset(course.randn(40000, 8), course.arange(40000))
    given = {"batch_size": 10000, "shuffle": True}
    loader = DataLoader(rows, **given, num_workers=2, prefetch_factor=4, timeout=60)
    assert epochs(loader) == epochs(DataLoader(rows, **given))


# --- what goes wrong ------------------------------------------------------------------------------------------------


def raised_by(dataset, **options):
    loader = DataLoader(dataset, **{"batch_size": 2, "num_workers": 2, **options})
    with pytest.raises(Exception) as found:
        list(loader)
    assert not workers()
    return found.value


@pytest.mark.parametrize("persistent", [False, True])
def test_what_a_worker_raises_comes_with_its_trace_and_the_index(persistent):
    error = raised_by(fetched.Divides(), persistent_workers=persistent)
    assert type(error) is ZeroDivisionError
    assert str(error).startswith("Caught ZeroDivisionError in DataLoader worker process 0, at index 5.\nOriginal Trace")
    assert "fetched.py" in str(error) and "return 1 / 0" in str(error)


def test_the_batches_before_it_arrive():
    found = []
    with pytest.raises(ZeroDivisionError):
        for numbers, _ in DataLoader(fetched.Divides(), batch_size=2, num_workers=2):
            found.append(numbers.tolist())
    assert found == [[0, 1], [2, 3]]


def test_every_kind_of_error_reads_well():
    assert "at index 5" in repr(raised_by(fetched.MissesKey())) and "\\n" not in str(raised_by(fetched.MissesKey()))
    for dataset, kind in ((fetched.RaisesItsOwn(), "TwoPartError"), (fetched.RaisesWhatHasNoName(), "Nameless")):
        error = raised_by(dataset)
        assert type(error) is RuntimeError and kind in str(error) and "at index 5" in str(error)
    error = raised_by(fetched.Numbers(), collate_fn=fetched.wrong)
    assert type(error) is ValueError and "while joining the samples [0, 1]" in str(error)
    error = raised_by(fetched.Numbers(), worker_init_fn=fetched.start_badly)
    assert type(error) is OSError and "no disk for 0" in str(error)
    error = raised_by(TensorDataset(course.arange(3)), sampler=[0, 7])
    assert type(error) is IndexError and "[0, 7]" in str(error)


def test_a_worker_that_is_killed_or_leaves_is_noticed():
    assert "exited unexpectedly by signal 9" in str(raised_by(fetched.Killed()))
    assert "exited unexpectedly with exit code 3" in str(raised_by(fetched.Leaves()))


def test_a_worker_that_hangs_is_given_up_after_the_timeout():
    assert "timed out after 0.2 seconds" in str(raised_by(fetched.Hangs(), timeout=0.2))


def test_what_cannot_be_sent_to_a_worker_is_refused_with_a_way_out():
    class Local(Dataset):
        __len__ = lambda self: 3

    for job in ({"dataset": Local()}, {"dataset": [1], "collate_fn": lambda batch: batch}):
        with pytest.raises(pickle.PicklingError, match=r"in a .py file, not in a notebook .* or use num_workers=0"):
            next(iter(DataLoader(**job, num_workers=1)))
    assert [x.tolist() for x in DataLoader([1], collate_fn=lambda b: course.tensor(b), num_workers=1,
                                           multiprocessing_context="fork")] == [[1]]


# --- who stays and who goes -----------------------------------------------------------------------------------------


def test_leaving_the_loop_early_ends_the_workers():
    for _ in DataLoader(fetched.Numbers(), num_workers=2):
        assert len(workers()) == 2
        break
    assert not workers()
    iterator = iter(DataLoader(fetched.Hangs(), num_workers=2))
    next(iterator)
    del iterator  # one of its workers hangs
    assert not workers()


def test_persistent_workers_stay_until_the_loader_goes():
    loader = DataLoader(fetched.Pids(), num_workers=2, persistent_workers=True)
    first = {batch["pid"].item() for batch in loader}
    for _ in loader:
        break  # what was fetched ahead is forgotten
    assert len(first) == 2 and {batch["pid"].item() for batch in loader} == first
    course.manual_seed(0)
    a, b = iter(loader), iter(loader)  # two epochs at once: the second one has workers of its own
    next(a)
    assert next(b)["pid"].item() not in first
    del a, b, loader
    assert not workers()


def test_workers_know_who_they_are_and_draw_their_own_random_numbers():
    def seen():
        course.manual_seed(3)
        return [{k: v.item() for k, v in batch.items()} for batch in DataLoader(fetched.Pids(), num_workers=2)]

    one, two = seen(), seen()
    course.manual_seed(3)
    base = course.random.default_generator.seed_for_another()
    for i, batch in enumerate(one):
        assert (batch["id"], batch["of"], batch["n"]) == (i % 2, 2, 8)
        assert batch["seed"] == batch["course"] == base + i % 2
        assert [batch[k] for k in ("random", "numpy")] == [two[i][k] for k in ("random", "numpy")]
    assert len({batch["random"] for batch in one}) == len({batch["numpy"] for batch in one}) == 8
    assert course.utils.data.get_worker_info() is None


PROGRAM = """
from course.utils.data import DataLoader
from tests.library.fetched import Hangs, Pids

class Both(Pids):
    def __getitem__(self, index):
        return Hangs()[5] if index == 4 else super().__getitem__(index)["pid"]

if __name__ == "__main__":
    for pid in DataLoader(Both(), num_workers=2):
        print(pid.item(), flush=True)
"""


@pytest.fixture
def program(tmp_path):
    """A training that hangs in a worker, and handles of the two workers."""
    (tmp_path / "program.py").write_text(PROGRAM)
    process = subprocess.Popen([sys.executable, str(tmp_path / "program.py")], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, start_new_session=True,
                               env={**os.environ, "PYTHONPATH": str(ROOT)},
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    handles = [os.pidfd_open(int(process.stdout.readline())) for _ in range(2)]
    yield process, handles
    if process.poll() is None:
        process.kill()
    process.communicate()
    for handle in handles:
        os.close(handle)


def all_end(handles):
    return all(select.select([handle], [], [], 60)[0] for handle in handles)


linux = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="watches processes as Linux does")


@linux
def test_ctrl_c_ends_the_workers_too(program):
    process, handles = program
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert all_end(handles)
    assert errors.count("Traceback") == 1 and errors.rstrip().endswith("KeyboardInterrupt")


@linux
def test_a_killed_program_leaves_no_worker_that_waits(tmp_path, program):
    process, handles = program
    process.kill()
    assert select.select([handles[1]], [], [], 60)[0]  # the first one hangs in the dataset's own code
    signal.pidfd_send_signal(handles[0], signal.SIGKILL)
    assert all_end(handles)


def test_a_script_without_its_guard_is_told_what_is_missing(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("from course.utils.data import DataLoader\nprint(list(DataLoader([1], num_workers=1)))\n")
    found = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120,
                           env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert found.returncode == 1
    assert 'must stand under if __name__ == "__main__"' in found.stderr


# --- streams ----------------------------------------------------------------------------------------------------------


def stream(dataset, **options):
    return [plain(batch) for batch in DataLoader(dataset, **options)]


def test_streams_come_in_batches_and_in_pytorchs_order():
    assert stream(fetched.Stream(), batch_size=4) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert stream(fetched.Stream(), batch_size=4, drop_last=True) == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert stream(fetched.Stream(3), batch_size=None) == [0, 1, 2]
    assert stream(fetched.Stream(), batch_size=2, num_workers=2) == [[0, 2], [1, 3], [4, 6], [5, 7], [8], [9]]
    assert stream(fetched.Stream(), batch_size=3, num_workers=3) == [[0, 3, 6], [1, 4, 7], [2, 5, 8], [9]]
    assert stream(fetched.Uneven(), batch_size=2, num_workers=2) == [[0, 1], [100], [2, 3], [4, 5], [6]]
    assert stream(fetched.Uneven(), batch_size=None, num_workers=2, prefetch_factor=1, persistent_workers=True) == [
        0, 100, 1, 2, 3, 4, 5, 6]
    assert not workers()


def test_a_stream_of_known_length_tells_its_batches():
    class Known(fetched.Stream):
        __len__ = lambda self: self.n

    assert [len(DataLoader(Known(10), **options)) for options in (
        {"batch_size": 4}, {"batch_size": 4, "drop_last": True}, {"batch_size": None})] == [3, 2, 10]
    with pytest.raises(TypeError):
        len(DataLoader(fetched.Stream(10)))


@pytest.mark.parametrize("kind, words, options", [
    (ValueError, "non-negative; use num_workers=0", {"num_workers": -1}),
    (TypeError, "num_workers must be an integer", {"num_workers": 1.5}),
    (ValueError, "timeout option", {"timeout": -1}),
    (ValueError, "needs num_workers > 0", {"prefetch_factor": 2}),
    (ValueError, "positive number of batches", {"num_workers": 1, "prefetch_factor": -1}),
    (ValueError, "persistent_workers option needs", {"persistent_workers": True}),
    (ValueError, "can only be used with num_workers", {"multiprocessing_context": "spawn"}),
    (ValueError, "should be one of", {"multiprocessing_context": "thread", "num_workers": 1}),
    (TypeError, "name of a start method", {"multiprocessing_context": 3, "num_workers": 1}),
    (ValueError, "drop_last", {"batch_size": None, "drop_last": True}),
    (ValueError, "a stream decides", {"dataset": fetched.Stream(), "shuffle": True}),
    (ValueError, "expected unspecified a sampler", {"dataset": fetched.Stream(), "sampler": [0]}),
])
def test_options_that_make_no_sense_are_refused(kind, words, options):
    with pytest.raises(kind, match=words):
        DataLoader(**{"dataset": [1], **options})


def test_what_a_loader_is_made_of_stays():
    loader = DataLoader([1, 2])
    with pytest.raises(ValueError, match="batch_size attribute should not be set"):
        loader.batch_size = 2
