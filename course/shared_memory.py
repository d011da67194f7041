"""Numbers that several processes see: `tensor.share_memory_()`, over `multiprocessing.shared_memory`.

A tensor that is sent to another process (as an argument of a `Process` or a `Team`'s call, through a `Pipe` or `Queue`)
arrives as a copy. One in shared memory arrives as a *handle*: both processes then write to the same numbers.

It has no name, on Windows no file: the system takes it back with the last array over it in the last process, however
that process ends. (A name would outlive a notebook's kernel that is killed together with all it has started.)
"""

from __future__ import annotations

import ctypes
import mmap
import os
import shutil
from multiprocessing import reduction
from multiprocessing.shared_memory import SharedMemory
from multiprocessing.util import Finalize
from typing import Any

import numpy as np

from .nn.parameter import Parameter
from .tensor import Tensor

FOLDER = "/dev/shm"  # where Linux keeps shared memory; often small in a container
POSIX = os.name == "posix"


class Segment:
    """A piece of shared memory that NumPy takes for an array of bytes, `np.asarray(segment)`; arrays over it keep it.

    Args: size: bytes; handle: what another process's `handle()` gave, for its memory instead of new one.
    Raises RuntimeError for more than the system has left.
    """

    def __init__(self, size: int, handle=None):
        if handle is None and os.path.isdir(FOLDER) and size > (left := shutil.disk_usage(FOLDER).free):
            raise RuntimeError(f"{size:,} bytes of shared memory are needed, {left:,} are left in {FOLDER}; "
                               "a container gets more with docker run --shm-size")
        self.size = size = max(size, 1)
        if POSIX:
            self.descriptor = _without_name(size) if handle is None else handle.detach()
            Finalize(self, os.close, (self.descriptor,))
            self.memory: Any = mmap.mmap(self.descriptor, size)
        else:
            self.memory = SharedMemory(handle, create=handle is None, size=size)
        # By its address: a view of the memory would forbid closing it.
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self.memory if POSIX else self.memory.buf))
        self.__array_interface__ = {"data": (self.address, False), "shape": (size,), "typestr": "|u1", "version": 3}

    def handle(self):
        """What one other process needs to see this memory."""
        return reduction.DupFd(self.descriptor) if POSIX else self.memory.name


def _without_name(size: int) -> int:
    """The file descriptor of new shared memory."""
    memory = SharedMemory(create=True, size=size)
    memory.unlink()
    descriptor = os.dup(memory._fd)  # type: ignore[attr-defined]
    memory.close()
    return descriptor


def segment_of(array) -> Segment | None:
    """The shared memory that an array, or a view of one, lies in."""
    while isinstance(array, np.ndarray):
        array = array.base
    return array if isinstance(array, Segment) else None


def share(array: np.ndarray) -> np.ndarray:
    """The array itself if it lies in shared memory, else a copy that does."""
    if segment_of(array):
        return array
    shared = np.asarray(Segment(array.nbytes))[:array.nbytes].view(array.dtype).reshape(array.shape)
    shared[...] = array
    return shared


def _reduce(tensor: Tensor):
    """How a tensor is sent to another process."""
    array = tensor._array
    segment = segment_of(array)
    if segment is None or not tensor.is_leaf:
        return tensor.__reduce_ex__(2)
    start = array.__array_interface__["data"][0] - segment.address
    return _attached, (type(tensor), tensor.requires_grad, segment.size, segment.handle(), array.dtype, array.shape,
                       start, array.strides)


def _attached(kind, requires_grad, size, handle, dtype, shape, start, strides):
    memory = np.asarray(Segment(size, handle))
    return kind._of(np.ndarray(shape, dtype, memory, start, strides), requires_grad)


reduction.ForkingPickler.register(Tensor, _reduce)
reduction.ForkingPickler.register(Parameter, _reduce)
