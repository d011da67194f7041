"""Where compiled kernels are kept between starts, and when they are out of date.

Numba stamps a cached kernel with its own source file only, so a formula that was edited in *another* file would go on
being served in its old form. Here the stamp is a hash of the whole folder of kernels.

Kernels are looked for in every folder where they may lie, and kept in the first that can be written. So a class can
share what was compiled when its image was made, to be read only, while each student's own kernels stay at home.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import sys
import tempfile
from pathlib import Path

from numba.core import config
from numba.core.caching import IndexDataCacheFile, _CacheLocator

_KERNELS = Path(__file__).parent


@functools.cache
def source_stamp() -> str:
    """A hash of every source file of the kernels."""
    digest = hashlib.sha256()
    for path in sorted(_KERNELS.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def candidate_folders() -> list[Path]:
    """Where the cache may lie, first choice first: `$NUMBA_CACHE_DIR`, beside the sources, the user's cache folder."""
    chosen = config.CACHE_DIR  # type: ignore[attr-defined]
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA")
    elif sys.platform == "darwin":
        home = os.path.expanduser("~/Library/Caches")
    else:
        home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return [*([Path(chosen) / "course"] if chosen else []), _KERNELS / "__pycache__",
            *([Path(home) / "course" / "kernels"] if home else [])]


@functools.cache
def cache_folder() -> Path | None:
    """The first candidate that can be written, or None."""
    for folder in candidate_folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
            return folder
        except OSError:
            continue
    return None


class KernelCacheLocator(_CacheLocator):
    """Tells numba where a function of this folder is cached, and the stamp that makes it stale."""

    @classmethod
    def from_function(cls, py_func, py_file):
        return cls() if Path(py_file).parent == _KERNELS else None

    def get_cache_path(self):
        return str(cache_folder())

    def ensure_cache_path(self):
        """It is there, or there is none."""

    def get_source_stamp(self):
        return source_stamp()

    def get_disambiguator(self):
        return "kernel"  # kernel names are unique


class KernelCacheFile(IndexDataCacheFile):
    """Where numba looks for one kernel's compiled forms: in every folder, the one that it may write first."""

    def __init__(self, name: str):
        super().__init__(str(cache_folder()), name, source_stamp())
        self._others = [IndexDataCacheFile(str(folder), name, source_stamp())
                        for folder in candidate_folders() if folder != cache_folder()]

    def load(self, key):
        for load in (super().load, *(file.load for file in self._others)):
            with contextlib.suppress(OSError):  # no such folder, or one that this user may not read
                if (found := load(key)) is not None:
                    return found
        return None

    def save(self, key, data):
        if cache_folder():
            super().save(key, data)


def looked_for_everywhere(kernel):
    """A kernel of `njit(cache=True)` whose compiled forms are looked for in every folder."""
    if hasattr(kernel, "_cache"):  # not with NUMBA_DISABLE_JIT
        kernel._cache._cache_file = KernelCacheFile(kernel._cache._impl.filename_base)
    return kernel
