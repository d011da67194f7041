"""Whether there is something faster than the CPU, by a name that programs need not know: as `torch.accelerator`."""

from __future__ import annotations

from .cuda import current_device as current_device_index
from .cuda import device_count, is_available, synchronize
from .device import device
from .unknown import names_of

__all__ = ["current_accelerator", "current_device_index", "device_count", "is_available", "synchronize"]
__getattr__ = names_of(__name__)


def current_accelerator(check_available: bool = False) -> device | None:
    """The device "cuda" where there is one, else None.

    Differs from PyTorch: what the course was built with is what there is, whether one asks to `check_available` or not.
    """
    return device("cuda") if is_available() else None
