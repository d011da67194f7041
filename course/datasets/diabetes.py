"""Ten measurements of people with diabetes, and how the disease progressed."""

from __future__ import annotations

import numpy as np

from .split import DATA, Split, every_fifth_held_out

FEATURES = ("age", "sex", "bmi", "blood pressure", "s1", "s2", "s3", "s4", "s5", "s6")


def diabetes() -> Split:
    """442 real people (Efron et al., 2004; see `course/datasets/data/README.md`), every fifth of them held out.

    Both parts hold (features, progression): features (n, 10) float32 in their own units, in the order of `FEATURES`
    (bmi is column 2, in kg/m²); progression (n, 1) float32, from 25 to 346, one year later.

    >>> train, test = diabetes()
    >>> len(train), len(test), train.tensors[0].shape
    (354, 88, course.Size([354, 10]))
    """
    with np.load(DATA / "diabetes.npz") as file:
        return every_fifth_held_out(file["features"], file["progression"][:, None])
