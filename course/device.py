"""cpu and cuda: what a device can do, how arrays move between them, and which kernel runs where."""

from __future__ import annotations

import contextlib
import importlib.util

import numpy as np
from numba import config

from .cores import at_once, get_num_threads
from .kernels.block import THREADS as ROW_THREADS
from .tracing import tracing

MANY = 2**19  # how many numbers make a part for a thread: 100 microseconds of work or more; to wake one takes 10 to 60
ELEMENT_THREADS = 256  # threads a block for kernels that give each element its own thread


class device:
    """Where a tensor lives: `device("cpu")`, `device("cuda")`, `device("cuda:0")` or `device("cuda", 0)`.

    Raises RuntimeError for a name that is not a device.
    """

    __slots__ = ("index", "type")

    def __init__(self, name, index: int | None = None):
        if isinstance(name, device):
            name, index = name.type, name.index
        kind, _, number = str(name).partition(":")
        if kind not in ("cpu", "cuda") or (number and not number.isdigit()):
            raise RuntimeError(f"there is no device {name!r}; the course knows 'cpu', 'cuda' and 'cuda:0'")
        self.type = kind
        self.index = int(number) if number else index

    def __repr__(self):
        return f"device(type='{self.type}'" + (f", index={self.index})" if self.index is not None else ")")

    def __str__(self):
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other):
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self):
        return hash((self.type, self.index))

    def __enter__(self):
        """`with device("cuda"):` new tensors are made there."""
        _before.append(_default[0])
        set_default_device(self)
        return self

    def __exit__(self, *error):
        _default[0] = _before.pop()


CPU = device("cpu")
_default, _before = [CPU], []  # where new tensors are made, and where they were outside of each `with`


def set_default_device(place) -> None:
    """Make new tensors there from now on, unless they are told `device=...`; None stands for "cpu".

    Raises RuntimeError when the device is not there.
    """
    wanted = CPU if place is None else device(place)
    like(wanted)
    _default[0] = wanted


def get_default_device() -> device:
    """Where new tensors are made."""
    return _default[0]


def device_of(array) -> device:
    """The device on which an array lies."""
    return CPU if isinstance(array, np.ndarray | np.generic) else device("cuda", 0)


def cuda_is_available() -> bool:
    """Whether CUDA kernels can run here: on an NVIDIA GPU, or in numba's simulator (NUMBA_ENABLE_CUDASIM=1)."""
    if importlib.util.find_spec("numba.cuda") is None:
        return False
    from numba import cuda

    return bool(cuda.is_available())


def no_cuda(consequence: str) -> RuntimeError:
    """The error for a program that needs CUDA where there is none."""
    return RuntimeError(
        f"there is no CUDA device here, {consequence}. `course doctor` says what is missing; without an NVIDIA GPU, "
        "set NUMBA_ENABLE_CUDASIM=1 before Python starts to run CUDA kernels in numba's (slow) simulator, or stay on "
        "'cpu'"
    )


def on_gpu(array) -> bool:
    """Whether an array, or a number of NumPy's, lies on the GPU."""
    return hasattr(array, "plain")


def address(array) -> int:
    """Where an array begins in the memory of its device."""
    return array.address if on_gpu(array) else array.__array_interface__["data"][0]


def different_devices() -> RuntimeError:
    """The error for an operation between a tensor on the GPU and one on the CPU."""
    return RuntimeError(
        "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu! "
        "Move one of them: x.to(y.device)"
    )


def move(array, to: device):
    """`array` on the device `to`: itself when it is there already, else a copy.

    Raises RuntimeError when the device is not there.
    """
    if device_of(array).type == to.type:
        return array
    if to.type == "cpu":
        return array.to_host()
    return _device_arrays().from_host(array)


def placed(place) -> device:
    """The device that `device=place` names; None stands for the default one."""
    return _default[0] if place is None else device(place)


def like(place):
    """What to pass as NumPy's `like=` so that a new array lies on the device `place`; None stands for the default."""
    return None if placed(place).type == "cpu" else _device_arrays().prototype()


def _device_arrays():
    """The module of arrays on the GPU: not imported before something goes there, as it needs `numba.cuda`."""
    if not cuda_is_available():
        raise no_cuda("so nothing can be moved to 'cuda'")
    return importlib.import_module("course.device_array")


def lasting(beside):
    """In this context arrays are made that stay for a whole training, on the device of the array `beside`."""
    return contextlib.nullcontext() if isinstance(beside, np.ndarray) else _device_arrays().pool.lasting()


def flag(beside):
    """An array of one -1 on the device of the array `beside`, where a kernel notes what it found wrong: for `check`."""
    if not isinstance(beside, np.ndarray):
        return _device_arrays().flags.take()
    if tracing.trace is not None:
        return np.full(1, -1, np.int64, like=beside)
    wrong = np.empty(1, np.int64)
    wrong[0] = -1
    return wrong


def check(wrong, error) -> None:
    """Raise `error(n)` where a kernel has noted n in the last flag.

    On CUDA, as with PyTorch, the error comes later: when numbers are fetched the next time. To ask now would be to wait
    for the GPU at every step.
    """
    if tracing.trace is not None:
        tracing.trace.look(check, (wrong, error))
    elif not isinstance(wrong, np.ndarray):
        _device_arrays().flags.errors.append(error)
    elif wrong[0] >= 0:
        raise error(int(wrong[0]))


def beside(array, *tables):
    """Small tables worked out on the CPU, on the device of `array`, where they are kept for the next time."""
    return tables if isinstance(array, np.ndarray) else [_device_arrays().kept(table) for table in tables]


def run(kernel, size: int, *args) -> None:
    """Run `kernel` on the device where its first argument lies; on CUDA over `size` elements (or rows).

    Raises RuntimeError where another argument lies elsewhere, or where the kernel cannot be launched.
    """
    if tracing.trace is not None:
        tracing.trace.kernel(run, kernel, size, args, shared=_is_shared(kernel, args))
    elif isinstance(args[0], np.ndarray):
        try:
            if get_num_threads() > 1 and _is_shared(kernel, args):
                at_once(lambda part: kernel.cpu(*part), kernel.parts(args, args[0].size // MANY))
            else:
                kernel.cpu(*args)
        except Exception:
            if any(map(on_gpu, args)):
                raise different_devices() from None
            raise
    elif size:
        if any(isinstance(a, np.ndarray) for a in args):
            raise different_devices()
        if kernel.rows:
            blocks, threads = size, kernel.threads or ROW_THREADS
        else:
            blocks, threads = -(-size // ELEMENT_THREADS), ELEMENT_THREADS
        own = [a.plain() if on_gpu(a) else a for a in args]
        try:
            with _launching():
                kernel.cuda[blocks, threads](*own)
        except Exception as error:
            raise RuntimeError(_not_launched(kernel, args, error)) from None


def _is_shared(kernel, args):
    """Whether the work is so large that several threads share it, if there are several."""
    return kernel.pieces and args[0].size >= 2 * MANY


def _launching():
    """What a launch takes place in: in the simulator, its own way to run threads."""
    if config.ENABLE_CUDASIM:  # type: ignore[attr-defined]
        return importlib.import_module("course.simulator").in_turns()
    return contextlib.nullcontext()


def _not_launched(kernel, args, error) -> str:
    given = [f"{a.dtype}{list(a.shape)}" if hasattr(a, "shape") else f"{type(a).__name__}" for a in args]
    said = ": ".join([type(error).__name__, *str(error).strip().splitlines()[:1]])
    return f"the CUDA kernel {kernel.__name__}({', '.join(given)}) could not run: {said}"
