"""Split: a dataset in two parts."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..creation import from_numpy
from ..utils.data import TensorDataset

DATA = Path(__file__).parent / "data"


class Split(NamedTuple):
    """A dataset in two parts: what is learnt from, and what is held out to see whether it was learnt."""

    train: TensorDataset
    test: TensorDataset


def every_fifth_held_out(*arrays: np.ndarray) -> Split:
    """Rows 4, 9, 14, … are the test part, all others the training part: the same on every machine."""
    held_out = np.arange(len(arrays[0])) % 5 == 4
    parts = (TensorDataset(*(from_numpy(a[rows]) for a in arrays)) for rows in (~held_out, held_out))
    return Split(*parts)
