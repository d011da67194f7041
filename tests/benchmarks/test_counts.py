"""What makes a step fast and can be counted: kernels that run in it, and memory that it asks for."""

import gc
import tracemalloc
from collections import Counter

import pytest

import course
from benchmarks.work import WORK
from course.kernels.kernel import Kernel

MLP = ["bias_relu", "cross_entropy", "cross_entropy_gradient", "bias_gradient_relu_gradient"]
LAUNCHES = {  # matrix products are the BLAS's; a parameter is changed in one pass
    "MLP 784-128-10, batch 64, SGD": Counter([*MLP, *["update_sgd"] * 4]),
    "MLP 784-128-10, batch 64, Adam": Counter([*MLP, *["update_2_states_adam"] * 4]),
    "Linear(1, 1), batch 32, MSE, SGD": Counter(
        ["sum_squared_error", "even_slope_squared_error_slope", *["update_sgd"] * 2]),
    "softmax cross-entropy 64×10": Counter(["cross_entropy", "cross_entropy_gradient"]),
    "LSTM 32 steps, batch 16, 64→64": Counter({"lstm": 32, "lstm_gradient": 32, "sum_chunks": 1}),
}
HIDDEN = 64 * 128 * 4  # bytes: what the hidden layer gives for a batch
MOST_BYTES = {  # that a step holds at once beyond what it found, Python's own objects aside
    "MLP 784-128-10, batch 64, SGD": HIDDEN,
    "MLP 784-128-10, batch 64, Adam": HIDDEN,
    "Linear(1, 1), batch 32, MSE, SGD": 3 * 32 * 4,
    "Adam, 1e6 parameters": 0,
    "SGD momentum, 1e6 parameters": 0,
    "softmax 2048×512": 2 * 4 * 2048 * 512,
}
OBJECTS = 8192


def after_some_steps(name):
    step = WORK[name].make(course, "cpu").step
    for _ in range(3):
        step()
    return step


@pytest.mark.parametrize("name", LAUNCHES)
def test_kernels_of_a_step(name, monkeypatch):
    step, launched = after_some_steps(name), Counter()

    def counted(kernel, run):
        def count(*args):
            launched[kernel.__name__] += 1
            return run(*args)

        return count

    for kernel in gc.get_objects():
        if type(kernel) is Kernel and "cpu" in vars(kernel):  # isinstance would ask dead proxies
            monkeypatch.setitem(vars(kernel), "cpu", counted(kernel, kernel.cpu))
    step()
    assert launched == LAUNCHES[name]


@pytest.mark.parametrize("name", MOST_BYTES)
def test_memory_of_a_step(name):
    step = after_some_steps(name)
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        step()
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for _ in range(10):
            step()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert peak - before < MOST_BYTES[name] + OBJECTS
    assert after - before < OBJECTS, "steps leave nothing behind"
