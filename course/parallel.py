"""Processes that share arrays: what the lesson on parallel training runs in them.

    with Team(2, theta=np.zeros(10), cells=np.zeros(100)) as team:
        team.run(count, [(0,), (1,)])     # count(arrays, 0) in the first process, count(arrays, 1) in the second
        team.arrays.cells                 # the same memory in all of them
        team.run(train, [(model,), (model,)])     # and one model in both, after model.share_memory()

A process finds a function by its name in a module, so the functions below stand here and not in the notebook. Processes
start by "forkserver" (see `course.utils.data.worker`), each with one thread for its matrix products: two processes on
two cores then do not fight for them.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from . import nn, optim
from .creation import from_numpy
from .distributed import is_mpi_available
from .nn.utils import parameters_to_vector, vector_to_parameters
from .shared_memory import share
from .utils.data.worker import PATIENCE, START_METHOD

ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Team:
    """`count` processes over shared arrays.

    Args: count: how many processes. arrays: name -> array; each is copied once, into memory that all of them see.
    `team.arrays.NAME` is that memory. Leaving the `with` ends the processes; the arrays stay readable.
    """

    def __init__(self, count: int, **arrays):
        context: Any = multiprocessing.get_context(START_METHOD)
        if START_METHOD == "forkserver":
            context.set_forkserver_preload([__name__])  # imported once, not by every process
        shared = {name: from_numpy(share(np.asarray(array))) for name, array in arrays.items()}
        self.arrays = _by_name(shared)
        self.pipes, self.processes = [], []
        try:
            with _environment(ONE_THREAD):
                for _ in range(count):
                    ours, theirs = context.Pipe()
                    self.pipes.append(ours)
                    self.processes.append(context.Process(target=_work, args=(theirs, shared), daemon=True))
                    self.processes[-1].start()
                    theirs.close()
            self.run(ready, [()] * count)
        except BaseException:
            self.close()
            raise

    def run(self, function: Callable, calls: Sequence[tuple]) -> list:
        """Call function(arrays, *call) in one process for each of `calls`, all at once; their answers, in order.

        Raises ValueError for more calls than processes; PicklingError for a function that stands in no module;
        RuntimeError, with the trace, for what a process raised, and when one has died.
        """
        if len(calls) > len(self.pipes):
            raise ValueError(f"{len(calls)} calls were given to a team of {len(self.pipes)} processes.")
        if function.__module__ == "__main__":
            raise pickle.PicklingError(f"{function.__name__} stands in the notebook or script itself, where another "
                                       "process cannot look it up. Put it into a .py file and import it.")
        for pipe, call in zip(self.pipes, calls):
            pipe.send((function, call))
        answers = [self._answer(number) for number in range(len(calls))]  # all of them, before any is complained of
        for number, (failed, answer) in enumerate(answers):
            if failed:
                raise RuntimeError(f"process {number} of the team stopped in {function.__name__}:\n{answer}")
        return [answer for _, answer in answers]

    def _answer(self, number: int) -> tuple:
        try:
            return self.pipes[number].recv()
        except (EOFError, ConnectionError):
            process = self.processes[number]
            process.join(PATIENCE)
            self.close()
            raise RuntimeError(f"process {number} of the team has died (exit code {process.exitcode}).") from None
        except BaseException:  # an interrupt: the answers that are still to come belong to nobody
            self.close()
            raise

    def close(self) -> None:
        """End the processes."""
        for pipe in self.pipes:
            pipe.close()
        for process in self.processes:
            if process.pid is not None:
                process.join(PATIENCE)
            if process.is_alive():
                process.terminate()
                process.join()
        self.pipes, self.processes = [], []

    def __enter__(self) -> Team:
        return self

    def __exit__(self, *error) -> None:
        self.close()


@contextlib.contextmanager
def _environment(values: dict):
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def _by_name(tensors: dict) -> SimpleNamespace:
    return SimpleNamespace(**{name: tensor.numpy() for name, tensor in tensors.items()})


def _work(pipe, shared: dict) -> None:
    """The life of a process: do what it is sent, until nothing can be sent any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process; the parent decides
    arrays = _by_name(shared)
    with contextlib.suppress(EOFError, OSError):
        while True:
            function, call = pipe.recv()
            try:
                answer = False, function(arrays, *call)
            except Exception as error:
                answer = True, "".join(traceback.format_exception(error))
            pipe.send(answer)


# --- programs under MPI -----------------------------------------------------------------------------------------------

# Open MPI by itself starts no program for root, as which containers run, and none with more ranks than cores.
ANYWHERE = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
            "OMPI_MCA_rmaps_base_oversubscribe": "1", "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe"}


def has_mpi() -> bool:
    """Whether programs can be run under MPI here: there are `mpiexec` and mpi4py."""
    return shutil.which("mpiexec") is not None and is_mpi_available()


def mpiexec(ranks: int, *arguments: str, timeout: float = 120.0) -> subprocess.CompletedProcess[str]:
    """Run `mpiexec -n RANKS python ARGUMENTS`, each rank with one thread; what it printed, and its exit code.

    Raises TimeoutExpired for a program that has not ended after `timeout` seconds.
    """
    return subprocess.run(["mpiexec", "-n", str(ranks), sys.executable, *arguments], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=timeout, env={**os.environ, **ONE_THREAD, **ANYWHERE})


# --- what the lesson runs ---------------------------------------------------------------------------------------------


def ready(arrays) -> None:
    """Nothing: who answers has started."""


def count(arrays, seed: int, repeats: int, cells: int) -> None:
    """Add 1 to a random one of the first `cells` of `arrays.cells`, `repeats` times, without any lock."""
    np.add.at(arrays.cells, np.random.default_rng(seed).integers(cells, size=repeats), 1)


def network(pixels: int, hidden: int) -> nn.Sequential:
    """The network of the lesson: pixels -> hidden -> 10 classes."""
    return nn.Sequential(nn.Linear(pixels, hidden), nn.ReLU(), nn.Linear(hidden, 10))


_networks: dict[tuple[int, int], nn.Sequential] = {}  # one for each size, in each process


def network_gradient(arrays, number: int, rows: slice, hidden: int) -> tuple[float, float, float]:
    """Write the gradient of the mean cross-entropy over `rows` to `arrays.gradients[number]`.

    Reads `arrays.theta` (all parameters as one vector), `arrays.x`, `arrays.y`. Returns (begin, end, loss): seconds on
    the machine's clock, which all processes share.
    """
    begin = time.perf_counter()
    size = arrays.x.shape[1], hidden
    model = _networks.setdefault(size, network(*size))
    vector_to_parameters(from_numpy(arrays.theta), model.parameters())
    model.zero_grad()
    loss = nn.functional.cross_entropy(model(from_numpy(arrays.x[rows])), from_numpy(arrays.y[rows]))
    loss.backward()
    arrays.gradients[number] = parameters_to_vector([p.grad for p in model.parameters() if p.grad is not None]).numpy()
    return begin, time.perf_counter(), loss.item()


def hogwild(arrays, order: np.ndarray, lr: float) -> tuple[float, float]:
    """Stochastic gradient descent, one sample at a time, on θ that others change meanwhile. Returns (begin, end).

    A linear model with softmax: `arrays.theta` (features, classes), `arrays.x` (samples, features), `arrays.y`.
    Only the rows of θ whose feature is not zero are read and written.
    """
    begin = time.perf_counter()
    theta, x, y = arrays.theta, arrays.x, arrays.y
    for i in order:
        present = np.flatnonzero(x[i])
        features = x[i, present]
        scores = features @ theta[present]
        p = np.exp(scores - scores.max())
        p /= p.sum()
        p[y[i]] -= 1
        theta[present] -= lr * features[:, None] * p
    return begin, time.perf_counter()


def hogwild_network(arrays, model: nn.Module, order: np.ndarray, lr: float, batch: int) -> None:
    """Stochastic gradient descent on a network in shared memory that others change meanwhile.

    Gradients are this process's own, the parameters everyone's; `arrays.x` (samples, features), `arrays.y`.
    Raises ValueError for a network that is not in shared memory: each process would train a copy.
    """
    if not all(p.is_shared() for p in model.parameters()):
        raise ValueError("the processes have each a copy of this network: call model.share_memory() first")
    optimizer = optim.SGD(model.parameters(), lr=lr)
    for first in range(0, len(order), batch):
        rows = order[first:first + batch]
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(from_numpy(arrays.x[rows])), from_numpy(arrays.y[rows])).backward()
        optimizer.step()
