"""numba's simulator of a GPU, made ten times faster: threads take turns, and so nobody asks all the time who waits."""

from __future__ import annotations

import contextlib
import math
import threading
import types
import warnings
from collections import deque

import numpy as np
from numba.cuda.simulator import kernel
from numba.cuda.simulator.kernel import BlockManager, BlockThread, Dim3


def _lgamma(x):
    return math.lgamma(x) if x > 0 or x % 1 != 0 else math.inf


# Python's own exp and lgamma raise where a GPU's give infinity.
MATH = types.SimpleNamespace(**{**vars(math), "exp": np.exp, "lgamma": _lgamma})


class _Worker(BlockThread):
    """A thread of Python's that is one thread of the block after the other, until one of them comes to a barrier."""

    def __init__(self, work, block, at, waiting):
        super().__init__(self._one_by_one, block, at, waiting[0], block._debug)
        self.work, self.waiting = work, waiting
        self.stopped, self.ended = threading.Semaphore(0), False

    def _one_by_one(self):
        while self.waiting:
            self.threadIdx = Dim3(*self.waiting.popleft())
            self.work()

    def go_on(self):
        """Run to the next barrier or the end. Raises what the thread raised."""
        if self.ident is None:
            self.start()
        else:
            self.syncthreads_event.set()
        self.stopped.acquire()
        if self.exception:
            raise self.exception[0].with_traceback(self.exception[1])

    def run(self):
        super().run()
        self.ended = True
        self.stopped.release()

    def syncthreads(self):
        self.stopped.release()
        super().syncthreads()


class _Block(BlockManager):
    """A block whose threads run one after the other; all come to a barrier before the first goes on behind it."""

    def run(self, at, *args):
        waiting, workers = deque(np.ndindex(*self._block_dim)), []
        try:
            while waiting:
                workers.append(_Worker(lambda: self._f(*args), self, at, waiting))
                workers[-1].go_on()
            while workers := [worker for worker in workers if not worker.ended]:
                for worker in workers:
                    worker.go_on()
        finally:
            for worker in workers:  # after an error the others still wait at their barrier
                worker.abort = True
                worker.syncthreads_event.set()


@contextlib.contextmanager
def in_turns():
    """Kernels that are launched meanwhile run so, and NumPy does not warn of infinity and NaN in their threads."""
    before, kernel.BlockManager = kernel.BlockManager, _Block
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            yield
    finally:
        kernel.BlockManager = before
