"""Worker processes: batches are fetched beside the training, in order.

Each worker is joined to this process by one pipe: tasks (indices) go in, batches come out, and whoever dies closes its
end. So a worker whose parent is gone sees the end of its tasks and leaves, and a worker that was killed is noticed at
once. Tasks are dealt to the workers in turn and their answers are taken in turn, which keeps the batches in order.

Workers start by "forkserver" ("spawn" on Windows): a process of their own, made from a clean one, so that no thread of
numba, of the notebook or of a BLAS is copied halfway through its work, which is what makes "fork" hang. The price:
dataset and collate_fn are sent by pickle, so their classes must stand in a module, not in a notebook's cell.
`multiprocessing_context="fork"` does without that, at your own risk.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import pickle
import queue
import random
import signal
import threading
import traceback
from collections import deque
from collections.abc import Iterator
from itertools import cycle, islice
from multiprocessing.reduction import ForkingPickler
from typing import NamedTuple

import numpy as np

from ...random import manual_seed
from .fetch import Fetcher

START_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
PATIENCE = 1.0  # seconds that a worker has to finish what it is doing when it is no longer needed
BY_NAME = ("A worker process looks up classes and functions by their name in a module: define the dataset and the "
           "collate_fn in a .py file, not in a notebook or inside a function, or use num_workers=0")


class WorkerInfo(NamedTuple):
    """What a worker knows of itself: its number, how many there are, its seed, its copy of the dataset."""

    id: int
    num_workers: int
    seed: int
    dataset: object


class Ended(NamedTuple):
    """A worker's answer when its part of a stream is at its end."""


class Failed(NamedTuple):
    """A worker's answer when something was raised."""

    kind: type
    where: str
    trace: str

    def error(self, worker: int) -> Exception:
        """The error to raise here: of the same kind, with the worker's trace."""
        text = f"Caught {self.kind.__name__} in DataLoader worker process {worker}, {self.where}.\n{self.trace}"
        if issubclass(self.kind, KeyError):
            text = _Plain(text)
        try:
            return self.kind(text)
        except Exception:  # a kind of error that is not made of one text
            return RuntimeError(text)


class _Plain(str):
    """A text that KeyError shows as it is."""

    __repr__ = str.__str__


_info: WorkerInfo | None = None


def get_worker_info() -> WorkerInfo | None:
    """In a worker process: its id, num_workers, seed and dataset. In the main process: None."""
    return _info


# --- in the worker ------------------------------------------------------------------------------------------------


def work(pipe, number: int, workers: int, job, inherited=()) -> None:
    """The life of a worker: do each task that comes, until none can come any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process; the parent decides
    for other in inherited:
        other.close()  # a forked worker holds copies of its parent's ends: with them open, no end would ever be seen
    answers: queue.SimpleQueue = queue.SimpleQueue()
    threading.Thread(target=_send_all, args=(pipe, answers), daemon=True).start()
    begun = fetch = None
    with contextlib.suppress(EOFError, OSError):
        while True:
            kind, content = pipe.recv()
            if kind == "epoch":
                try:
                    begun = begun or _begin(number, workers, content, job)
                    fetch = Fetcher(*begun)
                except Exception as error:
                    fetch = _refusing(error)
            else:
                answers.put(_answer(fetch, content))


def _begin(number: int, workers: int, base_seed: int, job) -> tuple:
    """What `Fetcher` needs. Every worker has random numbers of its own, the same for one seed of the main process."""
    global _info
    seed = base_seed + number
    random.seed(seed)
    manual_seed(seed)
    np.random.seed(np.random.SeedSequence([number, base_seed & 0xFFFFFFFF, base_seed >> 32, 0]).generate_state(4))
    dataset, init, *options = pickle.loads(job) if isinstance(job, bytes) else job
    _info = WorkerInfo(number, workers, seed, dataset)
    if init is not None:
        init(number)
    return dataset, *options


def _refusing(error):
    """A fetcher of a worker that could not begin: each task fails with that error."""
    def fetch(indices):
        raise error

    fetch.reached = "as it began"
    return fetch


def _answer(fetch, indices) -> memoryview:
    try:
        return ForkingPickler.dumps(fetch(indices))
    except Exception as error:
        if isinstance(error, StopIteration) and indices is None:
            return ForkingPickler.dumps(Ended())
        trace = "Original " + "".join(traceback.format_exception(error))
        if isinstance(error, AttributeError | ImportError | pickle.PicklingError) and fetch.reached == "as it began":
            trace += BY_NAME
        with contextlib.suppress(Exception):
            return _checked(ForkingPickler.dumps(Failed(type(error), fetch.reached, trace)))
        return ForkingPickler.dumps(Failed(RuntimeError, fetch.reached, trace))


def _checked(answer):
    pickle.loads(answer)  # an error's class that has no name in a module cannot be sent
    return answer


def _send_all(pipe, answers):
    """Sends answers as the parent takes them, so that the worker itself never waits for that but for tasks alone."""
    with contextlib.suppress(OSError):
        while True:
            pipe.send_bytes(answers.get())


# --- in the main process ------------------------------------------------------------------------------------------


class Workers:
    """Processes that fetch batches. `run(tasks)` yields the batch of each task, in order.

    Args: count; job: (dataset, worker_init_fn, *options of `Fetcher`); prefetch: tasks that each worker is given ahead;
    timeout: seconds to wait for a batch, 0 for ever; context: a start method or multiprocessing context.
    Raises PicklingError for a job that cannot be sent to another process.
    """

    def __init__(self, count: int, job: tuple, prefetch: int, timeout: float, context=None):
        self.pipes, self.processes, self.waiting = [], [], deque()
        if context is None or isinstance(context, str):
            context = multiprocessing.get_context(context or START_METHOD)
        method = context.get_start_method()
        if method == "forkserver":
            context.set_forkserver_preload([__name__])  # imported once, not by every worker
        self.prefetch, self.timeout = prefetch, timeout
        task = job if method == "fork" else _pickled(job)
        try:
            for number in range(count):
                ours, theirs = context.Pipe()
                self.pipes.append(ours)
                inherited = self.pipes if method == "fork" else ()
                process = context.Process(target=work, args=(theirs, number, count, task, inherited), daemon=True)
                process.start()
                theirs.close()
                self.processes.append(process)
        except BaseException:
            self.close()
            raise

    def run(self, tasks: Iterator, base_seed: int):
        """Yield the batch of each task, in the tasks' order. Raises what a worker raised, with its trace."""
        self._forget_answers()
        for number in range(len(self.pipes)):
            self._send(number, ("epoch", base_seed))
        active = set(range(len(self.pipes)))  # the others have come to the end of their part of a stream
        turns = cycle(range(len(self.pipes)))

        def deal():
            for task in islice(tasks, 1 if active else 0):
                number = next(number for number in turns if number in active)
                self._send(number, ("task", task))
                self.waiting.append(number)

        for _ in range(self.prefetch * len(self.pipes)):
            deal()
        while self.waiting:
            number = self.waiting[0]
            answer = self._receive(number)
            self.waiting.popleft()
            if isinstance(answer, Failed):
                raise answer.error(number)
            if number not in active:
                continue  # it was dealt this task before it said that its stream had ended
            if isinstance(answer, Ended):
                active.discard(number)
            deal()
            if not isinstance(answer, Ended):
                yield answer

    def _forget_answers(self):
        """Take what is still under way of an epoch that was left early."""
        while self.waiting:
            self._receive(self.waiting[0])
            self.waiting.popleft()

    def _send(self, number, message):
        try:
            self.pipes[number].send(message)
        except OSError:
            raise self._died(number) from None

    def _receive(self, number):
        pipe = self.pipes[number]
        try:
            if self.timeout and not pipe.poll(self.timeout):
                raise RuntimeError(f"DataLoader timed out after {self.timeout} seconds waiting for worker {number}")
            return pipe.recv()
        except (EOFError, ConnectionError):
            raise self._died(number) from None

    def _died(self, number):
        process = self.processes[number]
        process.join(PATIENCE)
        code = process.exitcode
        how = f"by signal {-code}" if code is not None and code < 0 else f"with exit code {code}"
        hint = ("" if code is None or code < 0 else '. If your program is a script, its training must stand under '
                'if __name__ == "__main__": since a worker imports the script')
        return RuntimeError(f"DataLoader worker (pid {process.pid}) exited unexpectedly {how}{hint}")

    def close(self) -> None:
        """Let the workers go: each sees the end of its tasks, and is ended if it does not leave in time."""
        for pipe in self.pipes:
            pipe.close()
        for process in self.processes:
            process.join(PATIENCE)
            if process.is_alive():
                process.terminate()
                process.join()
        self.pipes, self.processes = [], []

    def __del__(self):
        self.close()


def _pickled(job) -> bytes:
    try:
        return bytes(ForkingPickler.dumps(job))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise pickle.PicklingError(f"this DataLoader cannot be sent to worker processes: {error}. {BY_NAME}") from error
