"""The memory behind tensors: one row of numbers, of which a tensor and its views show parts."""

from __future__ import annotations

import numpy as np

from .device import CPU, address, move, on_gpu


class UntypedStorage:
    """The memory that a tensor shares with all views of it, as so many bytes."""

    def __init__(self, array):
        while not on_gpu(array) and isinstance(array.base, np.ndarray):
            array = array.base
        whole = array if array.base is None or not on_gpu(array) else array.base
        self._row = whole.ravel() if on_gpu(whole) else whole.ravel("K")

    def data_ptr(self) -> int:
        """Where the memory begins."""
        return address(self._row)

    def nbytes(self) -> int:
        """How many bytes it has."""
        return self._row.nbytes

    def __len__(self):
        return self._row.nbytes

    size = __len__


class Storage(UntypedStorage):
    """The memory that a tensor shares with all views of it, as the numbers in it, one after the other."""

    def __len__(self):
        return self._row.size

    size = __len__

    def __getitem__(self, place):
        return self._row[place].item()

    def __setitem__(self, place, value):
        self._row[place] = value

    def tolist(self) -> list:
        """All numbers."""
        return move(self._row, CPU).tolist()

    def __iter__(self):
        return iter(self.tolist())

    def __repr__(self):
        return f"{self.tolist()}, a storage of {len(self)} numbers"
