"""Functions to minimise that can be sent to another process: what an exercise passes where it expects a function.

They are plain data (arrays and numbers) with a formula, so a case that holds one can be written as JSON and `.npy`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course import threads as threads_of_cuda


@dataclass(frozen=True, eq=False)
class Quadratic:
    """J(θ) = ½ θᵀAθ − bᵀθ with a symmetric matrix A."""

    A: np.ndarray
    b: np.ndarray

    def __call__(self, theta) -> float:
        return float(theta @ self.A @ theta / 2 - self.b @ theta)

    def gradient(self, theta) -> np.ndarray:
        return self.A @ theta - self.b

    def __str__(self) -> str:
        if not self.b.any():
            return f"½ θᵀAθ with A = {self.A.tolist()}"
        return f"½ θᵀAθ − bᵀθ with A = {self.A.tolist()}, b = {self.b.tolist()}"


@dataclass(frozen=True, eq=False)
class LogCosh:
    """J(θ) = Σ sᵢ log cosh θᵢ: a parabola near the minimum, straight lines far from it."""

    s: np.ndarray

    def __call__(self, theta) -> float:
        return float(np.sum(self.s * np.log(np.cosh(theta))))

    def gradient(self, theta) -> np.ndarray:
        return self.s * np.tanh(theta)

    def __str__(self) -> str:
        return f"Σ sᵢ log cosh θᵢ with s = {self.s.tolist()}"


@dataclass(frozen=True, eq=False)
class GradientOf:
    """The gradient of one of the problems above, as a function of θ."""

    problem: Quadratic | LogCosh

    def __call__(self, theta) -> np.ndarray:
        return self.problem.gradient(np.asarray(theta, dtype=np.float64))

    def __str__(self) -> str:
        return f"the gradient of J(θ) = {self.problem}"


@dataclass(frozen=True)
class Launch:
    """launch(kernel, blocks, threads, *arguments) runs a CUDA kernel, thread by thread, and raises what is wrong."""

    def __call__(self, kernel, blocks, threads, *arguments) -> None:
        threads_of_cuda.launch(kernel, blocks, threads, *arguments)

    def __str__(self) -> str:
        return "kernel[blocks, threads](…), watched"


@dataclass(frozen=True)
class ParallelFor:
    """parallel_for(body, n, *arguments) calls body(i, *arguments) as `prange` may; iterations that meet raise."""

    def __call__(self, body, count, *arguments) -> None:
        threads_of_cuda.parallel_for(body, count, *arguments)

    def __str__(self) -> str:
        return "for i in prange(n): body(i, …), watched"


PROBLEMS = {kind.__name__: kind for kind in (Quadratic, LogCosh, GradientOf, Launch, ParallelFor)}
RUNNERS = (Launch, ParallelFor)  # what an exercise passes to have a kernel run by it
