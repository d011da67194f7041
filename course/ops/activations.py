"""Softmax and its logarithm: a row of numbers to a row of probabilities."""

import numpy as np

from ..autograd import operation
from .elementwise import exp
from .reduction import _need_floats, sum
from .shapes import _dim


@operation(input=lambda g, out, dim: out * (g - sum(g * out, dim, True)))
def _softmax(input, dim):
    _need_floats("softmax", input)
    e = np.exp(input - np.max(input, axis=dim, keepdims=True, initial=-np.inf))
    return e / np.sum(e, axis=dim, keepdims=True)


@operation(input=lambda g, out, dim: g - exp(out) * sum(g, dim, True))
def _log_softmax(input, dim):
    _need_floats("log_softmax", input)
    z = input - np.max(input, axis=dim, keepdims=True, initial=-np.inf)
    return z - np.log(np.sum(np.exp(z), axis=dim, keepdims=True))


def softmax(input, dim):
    """p_k = exp(z_k) / Σ exp(z_j) along `dim`, worked out from z − max z so that nothing overflows."""
    return _softmax(input, _dim(dim, len(input.shape)))


def log_softmax(input, dim):
    """log softmax(z) = z − m − log Σ exp(z_j − m) with m = max z: exact where softmax itself would round to 0."""
    return _log_softmax(input, _dim(dim, len(input.shape)))
