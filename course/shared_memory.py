"""Numbers that several processes see: `tensor.share_memory_()`, over `multiprocessing.shared_memory`.

A tensor that is sent to another process (as an argument of a `Process` or a `Team`'s call, through a `Pipe` or `Queue`)
arrives as a copy. One in shared memory arrives as a *handle*: both processes then write to the same numbers.

The memory is returned to the system with the last array over it in the process that made it, at that process's end,
or, where it was killed, by the resource tracker that Python starts beside it.
"""

from __future__ import annotations

import ctypes
import os
import shutil
from multiprocessing.reduction import ForkingPickler
from multiprocessing.shared_memory import SharedMemory
from multiprocessing.util import Finalize

import numpy as np

from .autograd import Variable
from .nn.parameter import Parameter
from .tensor import Tensor

FOLDER = "/dev/shm"  # where Linux keeps shared memory; often small in a container


class Segment:
    """A piece of shared memory that NumPy takes for an array of bytes, `np.asarray(segment)`.

    Arrays over it keep it. It is not closed beneath them, as memory is that one asks `SharedMemory.close` to close.
    Args: size: bytes of new memory, or name: of memory that another process made.
    Raises RuntimeError for more than the system has left, or for memory that is gone.
    """

    def __init__(self, size: int = 0, name: str | None = None):
        if name is None and os.path.isdir(FOLDER) and size > (left := shutil.disk_usage(FOLDER).free):
            raise RuntimeError(f"{size:,} bytes of shared memory are needed, {left:,} are left in {FOLDER}; "
                               "a container gets more with docker run --shm-size")
        try:
            self.memory = SharedMemory(name, create=name is None, size=max(size, 1))
        except FileNotFoundError:
            raise RuntimeError("the shared memory of this tensor is gone: the process that made it must keep the "
                               "tensor for as long as others use it") from None
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self.memory.buf))  # type: ignore[arg-type]
        self.__array_interface__ = {"data": (self.address, False), "shape": (self.memory.size,), "typestr": "|u1",
                                    "version": 3}
        if name is None:
            Finalize(self, self.memory.unlink, exitpriority=0)  # not in a fork of this process, which Finalize knows


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
    return _attached, (type(tensor), tensor.requires_grad, segment.memory.name, array.dtype, array.shape, start,
                       array.strides)


def _attached(kind, requires_grad, name, dtype, shape, start, strides):
    memory = np.asarray(Segment(name=name))
    tensor = kind.__new__(kind)
    Variable.__init__(tensor, np.ndarray(shape, dtype, memory, start, strides), requires_grad)
    return tensor


ForkingPickler.register(Tensor, _reduce)
ForkingPickler.register(Parameter, _reduce)
