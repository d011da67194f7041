"""What parameters and values must be: `positive.check(x)` says of each number whether it is, `repr(positive)` how."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..autograd import operation
from ..tensor import Tensor


@operation()
def _met(x, meets, low, high):
    return meets(*[value for value in (x, low, high) if value is not None])


class Constraint:
    """A condition on numbers, or on the vectors or matrices in the last dimensions of a tensor.

    Args: words: what is true of those that meet it, as in "greater than {}"; meets: a function of arrays, the numbers
    and the bounds, whose result is True for each that does; bounds: one or two numbers or tensors, which stand for {};
    advice: what to try where a number does not meet it.
    """

    def __init__(self, words: str, meets: Callable, *bounds, advice: str = ""):
        self.words, self.meets, self.bounds, self.advice = words, meets, bounds, advice

    def check(self, x: Tensor) -> Tensor:
        """Of each number, vector or matrix, whether it meets the condition."""
        return _met(x, self.meets, *self.bounds, *(None,) * (2 - len(self.bounds)))

    def __repr__(self):
        return self.words.format(*self.bounds)


def greater_than(bound) -> Constraint:
    """Above a number, or each above its own of a tensor."""
    return Constraint("greater than {}", lambda x, a: x > a, bound)


def less_than(bound) -> Constraint:
    """Below a number, or each below its own of a tensor."""
    return Constraint("less than {}", lambda x, b: x < b, bound)


def interval(low, high) -> Constraint:
    """From `low` to `high`, both included."""
    return Constraint("from {} to {}", lambda x, a, b: (a <= x) & (x <= b), low, high)


def integer_interval(low, high) -> Constraint:
    """The whole numbers from `low` to `high`, both included."""
    return Constraint("a whole number from {} to {}", lambda x, a, b: (x % 1 == 0) & (a <= x) & (x <= b), low, high)


def multinomial(total_count) -> Constraint:
    """Vectors of whole numbers from 0 on with the sum `total_count`."""
    return Constraint("whole numbers, 0 or greater and with the sum {}",
                      lambda x, n: np.all((x % 1 == 0) & (x >= 0), -1) & (np.sum(x, -1) == n), total_count)


_positive = "a network's output becomes positive by exp() or softplus()"
_probabilities = "logits, which may be any numbers, are given as logits=..."

real = Constraint("a number, not NaN", lambda x: x == x, advice="has training diverged?")
positive = Constraint("greater than 0", lambda x: x > 0, advice=_positive)
nonnegative = Constraint("0 or greater", lambda x: x >= 0, advice=_positive)
unit_interval = Constraint("from 0 to 1", lambda x: (x >= 0) & (x <= 1), advice=_probabilities)
boolean = Constraint("0 or 1", lambda x: (x == 0) | (x == 1))
nonnegative_integer = Constraint("a whole number, 0 or greater", lambda x: (x % 1 == 0) & (x >= 0))
real_vector = Constraint("vectors of numbers, not NaN", lambda x: np.all(x == x, -1), advice="has training diverged?")
simplex = Constraint(
    "probabilities, 0 or greater and with the sum 1",
    lambda p: np.all(p >= 0, -1) & (np.absolute(np.sum(p, -1) - 1) < 1e-6), advice=_probabilities)


def _is_lower_cholesky(L):
    return np.all(np.tril(L) == L, (-2, -1)) & np.all(np.diagonal(L, 0, -2, -1) > 0, -1)


def _is_positive_definite(A):
    symmetric = np.all(np.isclose(A, A.mT, 1e-5, 1e-6), (-2, -1))
    return np.linalg.eigh(A)[0][..., 0] > 0 if np.all(symmetric) else symmetric


lower_cholesky = Constraint("lower triangular with a positive diagonal", _is_lower_cholesky)
positive_definite = Constraint(
    "symmetric and positive-definite", _is_positive_definite, advice="a factor L of L Lᵀ is given as scale_tril=...")
