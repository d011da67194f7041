"""Hand-written digits, 8 by 8 pixels."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..tensor import Tensor
from ..utils.data import TensorDataset

DATA = Path(__file__).parent / "data"


class Split(NamedTuple):
    """A dataset in two parts: what is learnt from, and what is held out to see whether it was learnt."""

    train: TensorDataset
    test: TensorDataset


def digits() -> Split:
    """1,797 real images of the digits 0 to 9 (UCI, CC BY 4.0; see `course/datasets/data/README.md`).

    Every fifth image is held out: 1,438 to train on, 359 to test. Both parts hold (images, labels) with images
    (n, 1, 8, 8) float32 from 0 (white) to 1 (black) and labels (n,) int64.

    >>> train, test = digits()
    >>> len(train), len(test), train.tensors[0].shape
    (1438, 359, course.Size([1438, 1, 8, 8]))
    """
    with np.load(DATA / "digits.npz") as file:
        images, labels = file["images"], file["labels"]
    images = (images[:, None] / np.float32(16)).astype(np.float32)
    held_out = np.arange(len(labels)) % 5 == 4
    parts = (TensorDataset(Tensor(images[m]), Tensor(labels[m].astype(np.int64))) for m in (~held_out, held_out))
    return Split(*parts)
