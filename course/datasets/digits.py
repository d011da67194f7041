"""Hand-written digits, 8 by 8 pixels."""

from __future__ import annotations

import numpy as np

from .split import DATA, Split, every_fifth_held_out


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
    return every_fifth_held_out(images[:, None] / np.float32(16), labels.astype(np.int64))
