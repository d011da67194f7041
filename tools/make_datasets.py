"""Makes the bundled data files from where they come from. Needs scikit-learn; nothing else of the project does."""

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


if __name__ == "__main__":
    digits()
    diabetes()
