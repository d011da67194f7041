"""How many threads work at once. This is the one place that decides it.

A kernel of the course and a matrix product run in the thread that calls them and hold no lock meanwhile, so `at_once`
shares a large one among several threads, each with some of the rows (see `run` in `course/device.py`, and
`course/matrix_product.py`, which keeps the BLAS from waking threads of its own). Those wait asleep, not spinning, and
take nothing from others between kernels.

The number is the least of `OMP_NUM_THREADS`, `OPENBLAS_NUM_THREADS`, `MKL_NUM_THREADS` and `NUMBA_NUM_THREADS`, where
they are set, and of the cores that this process may use; `set_num_threads` changes it. Whatever it is, a kernel gives
the same numbers to the last bit: no number depends on where the work is cut, or it is cut by its size alone.
Of a matrix product the last digit may depend on it.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Sequence

from .openblas import openblas

LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def _allowed() -> int:
    limits = [int(os.environ[name]) for name in LIMITS if os.environ.get(name, "").isdigit()]
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([mine, *limits]))


_threads = _allowed()


def get_num_threads() -> int:
    """How many threads share large work."""
    return _threads


def set_num_threads(count: int) -> None:
    """Let so many threads share large work, in kernels, matrix products and, where it came with OpenBLAS, in NumPy.

    Raises TypeError for what is no integer, RuntimeError for less than 1.
    """
    global _threads
    if isinstance(count, bool) or not isinstance(count, int):
        raise TypeError(f"set_num_threads expects an int, but got {type(count).__name__}")
    if count < 1:
        raise RuntimeError(f"set_num_threads expects a positive integer, given {count}; 1 means no other thread")
    _threads = count
    if blas := openblas():
        blas.set_threads(count)


class _Helper(threading.Thread):
    """A thread that sleeps until it is given work. The standard library's executors take four times as long to begin
    and to end, which is as long as a whole kernel takes.
    """

    def __init__(self):
        super().__init__(name="course", daemon=True)
        self.given, self.job = _closed(), None
        self.start()

    def give(self, work: Callable[[], None]) -> "_Job":
        self.job = job = _Job(work)
        self.given.release()
        return job

    def run(self) -> None:
        while True:
            self.given.acquire()
            job, self.job = self.job, None
            try:
                job.work()
            except BaseException as error:
                job.error = error
            _idle.append(self)
            job.done.release()
            del job  # and with it the arrays, while it sleeps


class _Job:
    def __init__(self, work):
        self.work, self.done, self.error = work, _closed(), None


def _closed():
    """A lock that lets nobody in before it is released."""
    lock = threading.Lock()
    lock.acquire()
    return lock


_all: list[_Helper] = []
_idle: list[_Helper] = []


def _forget() -> None:
    _all.clear()
    _idle.clear()


if hasattr(os, "register_at_fork"):  # a forked process has none of the threads
    os.register_at_fork(after_in_child=_forget)


def _borrow(count: int) -> list[_Helper]:
    """At most `count` helpers that sleep. Who asks while all are at work gets none, and does its work alone: so nobody
    waits for one who waits for somebody else. Nor does it fail where no thread can be started.
    """
    while len(_all) < count:
        try:
            helper = _Helper()
        except RuntimeError:
            break
        _all.append(helper)
        _idle.append(helper)
    found = []
    with contextlib.suppress(IndexError):
        while len(found) < count:
            found.append(_idle.pop())
    return found


def at_once(work: Callable, parts: Sequence) -> list:
    """[work(part) for part in parts], by several threads at the same time; whoever is done takes the next part.

    The caller works too. It returns when all is done, even where something was raised.
    """
    if _threads == 1 or len(parts) == 1:
        return [work(part) for part in parts]
    results, rest = [None] * len(parts), iter(range(len(parts)))

    def some():
        for i in rest:
            results[i] = work(parts[i])

    jobs = [helper.give(some) for helper in _borrow(min(_threads, len(parts)) - 1)]
    try:
        some()
    finally:
        for job in jobs:
            job.done.acquire()
    for job in jobs:
        if job.error is not None:
            raise job.error
    return results
