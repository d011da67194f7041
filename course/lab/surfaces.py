"""Losses to walk on: formulas of one or two parameters, their gradients, and how curved they are."""

from __future__ import annotations

import numpy as np


class Surface:
    """A loss J(θ). `theta` is a number in one dimension, an array (2, ...) in two; the rest of its shape is a batch.

    Attributes: name; dimensions; view: (low, high) of each parameter, worth looking at; start: where descents begin;
    minimum: the θ of the lowest loss, None where there is none; L: the largest curvature (eigenvalue of the Hessian),
    None where it has no bound. Plain gradient descent is stable for learning rates below 2/L.
    """

    name = ""
    dimensions = 2
    view: tuple = ((-2, 2), (-2, 2))
    start: float | tuple = (-1.6, 1.1)
    minimum: float | tuple | None = (0.0, 0.0)
    L: float | None = None

    def __call__(self, theta):
        raise NotImplementedError

    def gradient(self, theta):
        """∇J(θ), of the same shape as `theta`."""
        raise NotImplementedError

    def fresh(self) -> Surface:
        """The surface as it was made: where gradients are drawn by chance, the draws begin anew."""
        return self


class Parabola(Surface):
    """J(θ) = ½ c θ², in one dimension; its curvature c is L."""

    dimensions = 1
    view = ((-2, 2),)
    start = -1.5
    minimum = 0.0

    def __init__(self, curvature: float = 1.0):
        self.curvature = self.L = _positive("curvature", curvature)
        self.name = f"a parabola of curvature {curvature:g}"

    def __call__(self, theta):
        return 0.5 * self.curvature * theta**2

    def gradient(self, theta):
        return self.curvature * theta


class Bowl(Surface):
    """J(θ) = ½ (θ₁² + κ θ₂²): a bowl κ times as steep across as along; κ is its condition number, and L."""

    view = ((-2, 2), (-1.6, 1.6))

    def __init__(self, condition: float = 5.0):
        self.condition = _positive("condition", condition)
        self.L = max(1.0, self.condition)
        self.name = f"a bowl of condition {condition:g}"

    def __call__(self, theta):
        x, y = theta
        return 0.5 * (x**2 + self.condition * y**2)

    def gradient(self, theta):
        x, y = theta
        return np.stack([x, self.condition * y])


class Rosenbrock(Surface):
    """J(θ) = (1 − θ₁)² + 20 (θ₂ − θ₁²)²: a curved valley, easy to find and slow to follow."""

    name = "Rosenbrock's valley"
    view = ((-1.8, 1.8), (-0.8, 2.4))
    start = (-1.4, 1.8)
    minimum = (1.0, 1.0)
    steepness = 20.0

    def __call__(self, theta):
        x, y = theta
        return (1 - x) ** 2 + self.steepness * (y - x**2) ** 2

    def gradient(self, theta):
        x, y = theta
        across = 2 * self.steepness * (y - x**2)
        return np.stack([-2 * (1 - x) - 2 * x * across, across])


class Saddle(Surface):
    """J(θ) = ½ (θ₁² − θ₂²): flat at the origin, yet no minimum; downhill is along θ₂, for ever."""

    name = "a saddle"
    start = (-1.7, 0.02)
    minimum = None
    L = 1.0

    def __call__(self, theta):
        x, y = theta
        return 0.5 * (x**2 - y**2)

    def gradient(self, theta):
        x, y = theta
        return np.stack([x, -y])


class NoisyValley(Bowl):
    """A bowl whose gradients are measured with normal noise, as mini-batches do; the loss shown is the true one.

    Args: noise: the noise's standard deviation. seed: makes the draws repeatable. condition: the bowl's.
    """

    def __init__(self, noise: float = 0.5, seed: int = 0, condition: float = 5.0):
        super().__init__(condition)
        if not noise >= 0:
            raise ValueError(f"noise is a standard deviation: 0 or more, and {noise} was given.")
        self.noise, self.seed = noise, seed
        self.name = f"a bowl of condition {condition:g} with gradient noise {noise:g}"
        self._draws = np.random.default_rng(seed)

    def gradient(self, theta):
        exact = super().gradient(theta)
        return exact + self.noise * self._draws.standard_normal(np.shape(exact))

    def fresh(self) -> NoisyValley:
        return NoisyValley(self.noise, self.seed, self.condition)


def _positive(name: str, value: float) -> float:
    if not value > 0:
        raise ValueError(f"{name} must be above 0, and {value} was given.")
    return float(value)
