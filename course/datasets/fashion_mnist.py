"""Pictures of clothes, 28 by 28 pixels."""

from __future__ import annotations

import numpy as np

from ..creation import from_numpy
from ..utils.data import TensorDataset
from .split import DATA, Split


def fashion_mnist() -> Split:
    """6,000 real pictures of clothes from Fashion-MNIST (Zalando, MIT licence; see `course/datasets/data/README.md`).

    500 of each class to train on, 100 of each to test. Both parts hold (images, labels) with images (n, 1, 28, 28)
    float32 from 0 (background) to 1 and labels (n,) int64, whose names are `FashionMNIST.classes`.

    >>> train, test = fashion_mnist()
    >>> len(train), len(test), train.tensors[0].shape
    (5000, 1000, course.Size([5000, 1, 28, 28]))
    """
    with np.load(DATA / "fashion_mnist.npz") as file:
        return Split(*(
            TensorDataset(from_numpy(file[f"{part}_images"][:, None] / np.float32(255)),
                          from_numpy(file[f"{part}_labels"].astype(np.int64)))
            for part in ("train", "test")
        ))
