"""NumPy's OpenBLAS: what it is asked and told for which NumPy has no words. Another BLAS obeys the environment only."""

from __future__ import annotations

import ctypes
import functools
from pathlib import Path

import numpy as np

AVX_512_CORES = ("SkylakeX", "Cooperlake", "SapphireRapids")
CPUINFO = Path("/proc/cpuinfo")


class OpenBLAS:
    """The library that NumPy's wheels bring.

    Attributes: threads: how many it takes for a product; tell(count): let it take so many until it is told otherwise.
    """

    def __init__(self, path: Path):
        library = ctypes.PyDLL(str(path))  # these calls are over before a lock could be given away and taken back
        self.tell = library.scipy_openblas_set_num_threads64_
        self.tell.restype = None
        self.threads = library.scipy_openblas_get_num_threads64_()
        self._core = library.scipy_openblas_get_corename64_
        self._core.restype = ctypes.c_char_p

    def set_threads(self, count: int) -> None:
        self.threads = count
        self.tell(count)

    def core(self) -> str:
        """The processor for which it takes this one, such as "Haswell"."""
        return self._core().decode()


@functools.cache
def openblas() -> OpenBLAS | None:
    """NumPy's OpenBLAS, None where its matrix products are another BLAS's."""
    home = Path(np.__file__).parent
    for path in [*home.parent.glob("numpy.libs/*openblas*"), *home.glob(".dylibs/*openblas*")]:
        try:
            return OpenBLAS(path)
        except (OSError, AttributeError):
            continue
    return None


def avx_512_unused() -> bool:
    """Whether OpenBLAS takes this processor for an older one and leaves its AVX-512 alone, as it does with some by AMD.

    `OPENBLAS_CORETYPE=SkylakeX`, set before Python starts, makes matrix products up to 1.6 times as fast there. What
    they need is more than avx512f, and every processor with avx512vl has it.
    """
    blas = openblas()
    return (blas is not None and blas.core() not in AVX_512_CORES
            and CPUINFO.is_file() and "avx512vl" in CPUINFO.read_text().split())
