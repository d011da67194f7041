"""Several threads share large work: the same numbers to the last bit, from every thread, and after a fork."""

import importlib
import os
import threading

import numpy as np
import pytest

import course as torch
from course.cores import at_once, get_num_threads, set_num_threads

from .test_import import python

functional = torch.nn.functional


@pytest.fixture(autouse=True)
def threads_as_before():
    before = get_num_threads()
    yield
    set_num_threads(before)


ROWS, COLUMNS = 2053, 521  # more than one part, and neither a multiple of what a vector holds


def of_each(function):
    def results():
        x = torch.randn(ROWS, COLUMNS, requires_grad=True)
        y = function(x)
        y.backward(torch.randn(*y.shape))
        return [y.detach(), x.grad]

    return results


def optimised(make):
    def results():
        p = torch.randn(ROWS * COLUMNS, requires_grad=True)
        optimizer = make([p])
        for _ in range(2):
            p.grad = torch.randn(ROWS * COLUMNS)
            optimizer.step()
        return [p.detach()]

    return results


def convolved():
    x, w, b = torch.randn(9, 5, 41, 43), torch.randn(24, 5, 3, 3), torch.randn(24)
    inputs = [t.requires_grad_() for t in (x, w, b)]
    y = functional.conv2d(*inputs, padding=1)
    y.backward(torch.randn(*y.shape))
    return [y.detach(), *(t.grad for t in inputs)]


LARGE = {
    "gelu": of_each(functional.gelu),
    "silu": of_each(functional.silu),
    "softmax": of_each(lambda x: torch.softmax(x, 1)),
    "log_softmax": of_each(lambda x: torch.log_softmax(x, 1)),
    "cross_entropy": of_each(lambda x: functional.cross_entropy(x, torch.arange(ROWS) % COLUMNS)),
    "sum": of_each(torch.sum),
    "sum_of_softmax": of_each(lambda x: torch.softmax(x, 1).sum()),
    "layer_norm": of_each(torch.nn.LayerNorm(COLUMNS)),
    "batch_norm": of_each(torch.nn.BatchNorm1d(COLUMNS)),
    "mse_loss": of_each(lambda x: functional.mse_loss(x, x.detach().flip(0))),
    "huber_loss": of_each(lambda x: functional.huber_loss(x, x.detach().flip(0))),
    "huber_of_each": of_each(lambda x: functional.huber_loss(x, x.detach().flip(0), reduction="none")),
    "sgd": optimised(lambda p: torch.optim.SGD(p, lr=0.1)),
    "momentum": optimised(lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)),
    "adam": optimised(torch.optim.Adam),
    "amsgrad": optimised(lambda p: torch.optim.Adam(p, amsgrad=True)),
    "conv2d": convolved,
}


@pytest.mark.parametrize("name", LARGE)
def test_the_numbers_are_the_same_for_any_number_of_threads(name):
    def results(count):
        set_num_threads(count)
        torch.manual_seed(0)
        return LARGE[name]()

    alone = results(1)
    for count in (2, 3, 7):
        for wanted, found in zip(alone, results(count)):
            np.testing.assert_array_equal(found.numpy(), wanted.numpy())


@pytest.mark.parametrize("name", ["gelu", "softmax", "sgd"])
def test_several_threads_do_share_the_work(name, monkeypatch):
    parts = []
    device = importlib.import_module("course.device")
    monkeypatch.setattr(device, "at_once", lambda work, given: parts.append(len(given)) or at_once(work, given))
    set_num_threads(2)
    LARGE[name]()
    assert parts and min(parts) > 1
    parts.clear()
    set_num_threads(1)
    LARGE[name]()
    assert parts == []


def test_a_class_that_does_not_exist_is_named_with_its_place_in_the_whole_batch():
    set_num_threads(2)
    y = torch.zeros(ROWS, dtype=torch.int64)
    y[900] = y[1000] = COLUMNS
    with pytest.raises(IndexError, match=rf"Target {COLUMNS} is out of bounds.*sample 900 "):
        functional.cross_entropy(torch.randn(ROWS, COLUMNS), y)


def test_results_come_in_order_and_errors_come_through():
    set_num_threads(3)
    assert at_once(lambda i: i * i, range(20)) == [i * i for i in range(20)]
    with pytest.raises(ZeroDivisionError):
        at_once(lambda i: 1 // (i - 10), range(20))
    assert at_once(str, [1]) == ["1"]


def test_work_that_shares_its_own_work_comes_to_an_end():
    set_num_threads(2)
    assert at_once(lambda i: at_once(lambda j: i + j, range(4)), range(4)) == [
        [i + j for j in range(4)] for i in range(4)
    ]


def test_several_threads_may_ask_at_once():
    set_num_threads(2)
    torch.manual_seed(0)
    x = torch.randn(ROWS, COLUMNS)
    wanted, found = torch.softmax(x, 1).numpy(), {}

    def ask(number):
        found[number] = torch.softmax(x, 1).numpy()

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and all(np.array_equal(p, wanted) for p in found.values())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_has_threads_of_its_own():
    assert python("""
import os, warnings
warnings.simplefilter("ignore")  # newer Pythons warn of threads at a fork: this is what is tested
import course as torch
torch.set_num_threads(2)
x = torch.randn(2053, 521)
torch.softmax(x, 1)
child = os.fork()
if child == 0:
    os._exit(0 if torch.softmax(x, 1).shape == x.shape else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
""") == "0"


def test_one_thread_means_that_none_is_started():
    assert python("""
import threading
import course as torch
torch.set_num_threads(1)
torch.softmax(torch.randn(2053, 521), 1)
print(threading.active_count(), torch.get_num_threads())
torch.set_num_threads(2)
torch.softmax(torch.randn(2053, 521), 1)
print(threading.active_count(), torch.get_num_threads())
""").split("\n") == ["1 1", "2 2"]


@pytest.mark.parametrize("name", ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"])
def test_the_environment_sets_the_number(name, monkeypatch):
    monkeypatch.setenv(name, "1")
    assert python("import course; print(course.get_num_threads())") == "1"


def test_matrix_products_obey_too():
    """Where NumPy came with OpenBLAS, which can be asked."""
    assert python("""
import ctypes, pathlib
import numpy as np
import course
libraries = list(pathlib.Path(np.__file__).parent.parent.glob("numpy.libs/libscipy_openblas64_*.so"))
for count in (2, 1):
    course.set_num_threads(count)
    course.ones(99, 99) @ course.ones(99, 99)
    found = [ctypes.CDLL(str(path)).scipy_openblas_get_num_threads64_() for path in libraries]
    assert all(n == count for n in found), found
""") == ""


@pytest.mark.parametrize("wrong, error", [(0, RuntimeError), (-1, RuntimeError), (1.5, TypeError), ("2", TypeError),
                                          (True, TypeError), (None, TypeError)])
def test_a_number_of_threads_is_a_positive_integer(wrong, error):
    with pytest.raises(error, match="set_num_threads expects"):
        set_num_threads(wrong)


def test_where_no_thread_can_be_started_the_caller_works_alone(monkeypatch):
    def refused(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(importlib.import_module("course.cores"), "_all", [])
    monkeypatch.setattr(importlib.import_module("course.cores"), "_idle", [])
    monkeypatch.setattr(threading.Thread, "start", refused)
    set_num_threads(4)
    assert at_once(lambda part: part * 10, range(5)) == [0, 10, 20, 30, 40]
