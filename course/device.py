"""cpu and cuda: what a device can do, how arrays move between them, and which kernel runs where."""

from __future__ import annotations

import importlib.util

import numpy as np

from .kernels.block import THREADS as ROW_THREADS

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


CPU = device("cpu")


def device_of(array) -> device:
    """The device on which an array lies."""
    return CPU if isinstance(array, np.ndarray) else device("cuda", 0)


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


def move(array, to: device):
    """`array` on the device `to`: itself when it is there already, else a copy.

    Raises RuntimeError when the device is not there.
    """
    if device_of(array).type == to.type:
        return array
    if to.type == "cpu":
        return array.copy_to_host()
    if not cuda_is_available():
        raise no_cuda("so nothing can be moved to 'cuda'")
    from numba import cuda

    return cuda.to_device(array)


def run(kernel, size: int, *args) -> None:
    """Run `kernel` on the device where its first argument lies; on CUDA over `size` elements (or rows)."""
    if isinstance(args[0], np.ndarray):
        kernel.cpu(*args)
    elif size:
        blocks, threads = (size, ROW_THREADS) if kernel.rows else (-(-size // ELEMENT_THREADS), ELEMENT_THREADS)
        kernel.cuda[blocks, threads](*args)
