"""What there is to know of the GPU, as `torch.cuda` tells it."""

from __future__ import annotations

from numba import config

from ..device import cuda_is_available as is_available
from ..device import device as Device
from ..device import no_cuda
from ..device_memory import OutOfMemoryError as OutOfMemoryError
from ..device_memory import pool
from ..old_types import ON_CUDA
from ..random import stream as _stream
from . import amp as amp
from .events import Event as Event

FloatTensor, DoubleTensor, CharTensor, ShortTensor, IntTensor, LongTensor, ByteTensor, BoolTensor = ON_CUDA


def device_count() -> int:
    """How many CUDA devices there are; the simulator counts as one."""
    if not is_available():
        return 0
    from numba import cuda

    return len(cuda.gpus)


def current_device() -> int:
    """The number of the device in use: the course works on the first. Raises RuntimeError where there is none."""
    _numba_cuda()
    return 0


def set_device(device) -> None:
    """Use this device from here on. Raises RuntimeError for any but the first, or where there is none."""
    _numba_cuda()
    if (Device(device).index or 0) if isinstance(device, str | Device) else device:
        raise RuntimeError(f"set_device(): the course works on the first device, number 0, given {device!r}")


def manual_seed(seed: int) -> None:
    """Start the random stream of the GPU anew; without one, that of the GPU to come."""
    _stream("cuda").manual_seed(seed)


def manual_seed_all(seed: int) -> None:
    """Start the random streams of all GPUs anew: the course works on one."""
    manual_seed(seed)


def get_device_name(device=None) -> str:
    """What the maker calls the device: "NVIDIA H100", say. Raises RuntimeError where there is none."""
    cuda = _numba_cuda()
    if config.ENABLE_CUDASIM:  # type: ignore[attr-defined]
        return "numba's simulator"
    name = cuda.get_current_device().name
    return name.decode() if isinstance(name, bytes) else str(name)


def synchronize(device=None) -> None:
    """Wait until the device has done all that was asked of it.

    Raises RuntimeError where there is none, and whatever error a kernel has noted meanwhile.
    """
    _numba_cuda().synchronize()
    from ..device_array import flags

    flags.check_now()


def memory_allocated(device=None) -> int:
    """The bytes of the GPU's memory that tensors hold."""
    return pool.allocated


def max_memory_allocated(device=None) -> int:
    """The most bytes that tensors have held at one time, since the start or `reset_peak_memory_stats()`."""
    return pool.most


def reset_peak_memory_stats(device=None) -> None:
    """Let `max_memory_allocated()` begin anew."""
    pool.most = pool.allocated


def memory_reserved(device=None) -> int:
    """The bytes that tensors hold and those that are kept for the next ones."""
    return pool.reserved


def empty_cache() -> None:
    """Hand the memory that is kept for the next tensors back to the GPU, for other programs."""
    pool.empty()


def _numba_cuda():
    if not is_available():
        raise no_cuda("so there is nothing to ask of it")
    from numba import cuda

    return cuda
