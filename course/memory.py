"""What becomes of memory that is freed: it stays at hand for the next array.

A training step makes the same large arrays again and again. The C library (glibc) gives large blocks back to the
system as they are freed; the next ones are new to the process, and their first touch costs an interrupt for every 4 kB:
three times what it costs to fill them, or more. So glibc is told to keep up to `KEPT` bytes. Nothing else changes: an
array lives as long as somebody holds it, as ever.
"""

import ctypes
import os

KEPT = 2**27  # 128 MB
LARGE = 2**25  # 32 MB, the most that glibc takes: blocks larger than that come from the system, each by itself

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # names of options in glibc's <malloc.h>
_CHOSEN_BY_THE_USER = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")


def keep_freed_memory() -> bool:
    """Ask for it, once. False where the user has chosen otherwise, and where there is no glibc."""
    if any(name in os.environ for name in _CHOSEN_BY_THE_USER):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # Windows, macOS, musl
        return False
    return bool(mallopt(_MMAP_THRESHOLD, LARGE) and mallopt(_TRIM_THRESHOLD, KEPT))
