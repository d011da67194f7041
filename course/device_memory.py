"""Memory of the GPU, kept for the next array: to ask the driver for some takes longer than most kernels.

All work is put on the default stream, which does one thing after the other: what a new owner of a block writes comes
after everything that kernels of the old one still had to read, so a block can be handed on at once.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

SMALL, LARGE = 512, 2 * 2**20  # bytes: blocks of less than LARGE come in multiples of SMALL, others of LARGE
BYTES = np.dtype(np.uint8)


class OutOfMemoryError(RuntimeError):
    """The GPU has no memory left for a tensor."""


class Block:
    """A piece of the GPU's memory. It goes back to the pool when nobody holds it any more."""

    __slots__ = ("pool", "size", "views")

    def __init__(self, pool, size, views):
        self.pool, self.size = pool, size
        self.views = views  # the memory as flat arrays of numba's, by the type of the numbers

    def typed(self, dtype):
        """The whole block as a flat array of numba's, of numbers of that type."""
        if dtype not in self.views:
            self.views[dtype] = self.views[BYTES].view(dtype)
        return self.views[dtype]

    def __del__(self):
        self.pool.give_back(self)


@dataclass
class Pool:
    """Blocks in use and blocks that wait for their next use, and what has been counted of both, in bytes."""

    free: defaultdict[int, list] = field(default_factory=lambda: defaultdict(list))
    allocated: int = 0
    most: int = 0
    reserved: int = 0
    requests: int = 0  # how often the driver was asked for memory
    reuses: bool = True

    def take(self, nbytes: int) -> Block:
        """A block of at least that size. Raises OutOfMemoryError."""
        step = SMALL if nbytes < LARGE else LARGE
        size = max(-(-nbytes // step) * step, SMALL)
        waiting = self.free[size] if self.reuses else ()
        block = Block(self, size, waiting.pop() if waiting else self._new(size))
        self.allocated += size
        self.most = max(self.most, self.allocated)
        return block

    def _new(self, size):
        for last_try in (False, True):
            try:
                memory = _driver_memory(size)
            except MemoryError:
                if last_try:
                    raise OutOfMemoryError(
                        f"CUDA out of memory. Tried to allocate {_readable(size)}; tensors hold "
                        f"{_readable(self.allocated)}, and what was kept for later has been freed. Take smaller "
                        "batches, or del tensors that are no longer needed"
                    ) from None
                self.empty()
            else:
                self.reserved += size
                self.requests += 1
                return memory

    def give_back(self, block: Block) -> None:
        """Keep the block's memory for the next array of its size."""
        self.allocated -= block.size
        self.free[block.size].append(block.views)

    @contextlib.contextmanager
    def lasting(self):
        """Inside, blocks are new ones, for what stays: what a step of training gives back is left for the next step."""
        before, self.reuses = self.reuses, False
        try:
            yield
        finally:
            self.reuses = before

    def empty(self) -> None:
        """Hand the memory that waits for its next use back to the driver."""
        for size, waiting in self.free.items():
            self.reserved -= size * len(waiting)
        self.free.clear()


def _driver_memory(size):
    """Raises MemoryError where there is not so much left."""
    from numba import cuda

    try:
        return {BYTES: cuda.device_array(size, np.uint8)}
    except Exception as error:  # the driver's errors have no common type in all versions of numba
        if "OUT_OF_MEMORY" in str(error):
            raise MemoryError from None
        raise


def _readable(size: float) -> str:
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.4g} {unit}"
        size /= 1024
    return f"{size:.4g} GiB"


@dataclass
class Transfers:
    """How often numbers went over to the GPU and came back: each time the program waits."""

    to_device: int = 0
    to_host: int = 0


pool = Pool()
transfers = Transfers()
