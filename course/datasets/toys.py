"""Made-up data of a known shape. Each has a seed of its own: equal seeds give equal data, and no other random number
changes."""

from __future__ import annotations

import math

import numpy as np

from ..creation import from_numpy
from ..random import Generator
from ..utils.data import TensorDataset


def _points(x, labels, noise, random):
    x = x + random.normal(x.shape, np.float64, std=noise)
    return TensorDataset(from_numpy(x.astype(np.float32)), from_numpy(labels.astype(np.int64)))


def _shares(n, classes):
    """The class of each of n points, as evenly as it goes: 0, …, 0, 1, …, 1, 2, …"""
    _check(n=n)
    return np.arange(n) * classes // n


def moons(n: int = 200, noise: float = 0.1, seed: int = 0) -> TensorDataset:
    """Two half circles that reach into each other: no straight line parts them.

    Class 0 is (cos t, sin t), class 1 is (1 − cos t, ½ − sin t), 0 ≤ t ≤ π, plus normal noise.
    Shapes: points (n, 2) float32, classes (n,) int64.
    """
    labels = _shares(n, 2)
    t = math.pi * np.concatenate([np.linspace(0, 1, (labels == k).sum()) for k in (0, 1)])
    upper, lower = np.stack([np.cos(t), np.sin(t)], 1), np.stack([1 - np.cos(t), 0.5 - np.sin(t)], 1)
    x = np.where(labels[:, None] == 0, upper, lower)
    return _points(x, labels, noise, Generator().manual_seed(seed))


def blobs(n: int = 200, classes: int = 3, spread: float = 1.0, seed: int = 0) -> TensorDataset:
    """Normally distributed clouds of standard deviation `spread`, their centres anywhere in [−6, 6]².

    Shapes: points (n, 2) float32, classes (n,) int64.
    """
    _check(classes=classes)
    labels, random = _shares(n, classes), Generator().manual_seed(seed)
    centres = random.uniform((classes, 2), np.float64, -6.0, 6.0)
    return _points(centres[labels], labels, spread, random)


def spirals(n: int = 300, classes: int = 3, turns: float = 0.75, noise: float = 0.03, seed: int = 0) -> TensorDataset:
    """Arms of a spiral that wind `turns` times about the origin, one for each class.

    Point r of arm k, 0 ≤ r ≤ 1, lies at distance r and angle 2π (r · turns + k / classes), plus normal noise.
    Shapes: points (n, 2) float32, classes (n,) int64.
    """
    _check(classes=classes)
    labels = _shares(n, classes)
    r = np.concatenate([np.linspace(0, 1, (labels == k).sum()) for k in range(classes)])
    angle = 2 * math.pi * (r * turns + labels / classes)
    return _points(r[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1), labels, noise,
                   Generator().manual_seed(seed))


def sparse_features(n: int = 500, features: int = 50, rarest: float = 0.01, noise: float = 0.01,
                    seed: int = 0) -> TensorDataset:
    """A linear rule on features that are mostly 0: feature 0 is there in every sample, the last in a share `rarest`.

    Feature j is 1 with probability rarest^(j / (features − 1)), else 0; the target is their sum with weights drawn from
    the standard normal distribution, plus noise. A method with one step size for all learns the rare ones last.
    Shapes: (n, features) float32, targets (n, 1) float32.
    """
    _check(n=n, features=features)
    random = Generator().manual_seed(seed)
    often = rarest ** (np.arange(features) / max(features - 1, 1))
    x = (random.uniform((n, features), np.float64) < often).astype(np.float32)
    weights = random.normal((features, 1), np.float64)
    y = x @ weights + random.normal((n, 1), np.float64, std=noise)
    return TensorDataset(from_numpy(x), from_numpy(y.astype(np.float32)))


def _check(**counts):
    for name, value in counts.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(f"{name} must be a positive integer, given {value!r}")
