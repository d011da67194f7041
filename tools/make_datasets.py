"""Makes the bundled data files from where they come from; nothing else of the project needs that.

    pip install scikit-learn && apt-get install dataset-fashion-mnist && python tools/make_datasets.py

Fashion-MNIST may also be in another folder, given as argument (or `FashionMNIST(folder, download=True)` puts it there).
"""

import sys
from pathlib import Path

import numpy as np

DATA = Path(__file__).parent.parent / "course" / "datasets" / "data"


def digits():
    """8×8 hand-written digits: 1,797 images with grey levels 0 to 16."""
    from sklearn.datasets import load_digits

    found = load_digits()
    np.savez_compressed(DATA / "digits.npz", images=found.images.astype(np.uint8), labels=found.target.astype(np.uint8))


def diabetes():
    """Ten measurements of 442 people with diabetes and how the disease had progressed a year later, unscaled."""
    from sklearn.datasets import load_diabetes

    found = load_diabetes(scaled=False)
    np.savez_compressed(
        DATA / "diabetes.npz", features=found.data.astype(np.float32), progression=found.target.astype(np.float32)
    )


def breast_cancer():
    """Thirty measurements of 569 tumours; scikit-learn's class 0 is malignant, here malignant is 1."""
    from sklearn.datasets import load_breast_cancer

    found = load_breast_cancer()
    np.savez_compressed(
        DATA / "breast_cancer.npz", features=found.data.astype(np.float32), malignant=(found.target == 0)
    )


def fashion_mnist(folder):
    """The first 500 pictures of each class of the training part, the first 100 of the test part, in their order."""
    from course.datasets import FashionMNIST

    arrays = {}
    for part, train, count in (("train", True, 500), ("test", False, 100)):
        whole = FashionMNIST(folder, train=train)
        labels = whole.targets.numpy()
        chosen = np.sort(np.concatenate([np.flatnonzero(labels == k)[:count] for k in range(10)]))
        arrays[f"{part}_images"] = whole.data.numpy()[chosen, 0]
        arrays[f"{part}_labels"] = labels[chosen].astype(np.uint8)
    np.savez_compressed(DATA / "fashion_mnist.npz", **arrays)


if __name__ == "__main__":
    digits()
    diabetes()
    breast_cancer()
    fashion_mnist(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/datasets/fashion-mnist")
