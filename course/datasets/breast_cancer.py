"""Thirty measurements of cell nuclei, and whether the tumour was malignant."""

from __future__ import annotations

import numpy as np

from .split import DATA, Split, every_fifth_held_out

MEASURES = ("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points",
            "symmetry", "fractal dimension")
MEASUREMENTS = tuple(f"{kind} {name}" for kind in ("mean", "error of", "worst") for name in MEASURES)


def breast_cancer() -> Split:
    """569 real tumours (Wolberg et al., 1995; see `course/datasets/data/README.md`), every fifth of them held out.

    Both parts hold (features, malignant): features (n, 30) float32 in their own units, in the order of
    `MEASUREMENTS`; malignant (n, 1) float32, 1 for the 212 malignant tumours and 0 for the 357 benign ones.

    >>> train, test = breast_cancer()
    >>> len(train), len(test), train.tensors[0].shape
    (456, 113, course.Size([456, 30]))
    """
    with np.load(DATA / "breast_cancer.npz") as file:
        return every_fifth_held_out(file["features"], file["malignant"][:, None].astype(np.float32))
