"""Where compiled kernels are kept between starts, and when they are out of date.

Numba stamps a cached kernel with its own source file only, so a formula that was edited in *another* file would go on
being served in its old form. Here the stamp is a hash of the whole folder of kernels.
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
import tempfile
from pathlib import Path

from numba.core import config
from numba.core.caching import _CacheLocator

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
    if chosen := config.CACHE_DIR:  # type: ignore[attr-defined]
        return [Path(chosen) / "course"]
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA")
    elif sys.platform == "darwin":
        home = os.path.expanduser("~/Library/Caches")
    else:
        home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return [_KERNELS / "__pycache__", *([Path(home) / "course" / "kernels"] if home else [])]


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
        return cls() if Path(py_file).parent == _KERNELS and cache_folder() else None

    def get_cache_path(self):
        return str(cache_folder())

    def get_source_stamp(self):
        return source_stamp()

    def get_disambiguator(self):
        return "kernel"  # kernel names are unique
