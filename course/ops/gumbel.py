"""Choosing one of several at random, in a way that gradients pass through."""

import warnings

from ..autograd import Taped, check_tensors
from ..random import stream
from .activations import softmax
from .elementwise import log
from .indexing import scatter
from .reduction import argmax


def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    """softmax((z + G) / τ) along `dim`, with random G = −log E, where E is drawn from an exponential distribution.

    The largest z + G is that of class k with the probability softmax(z)ₖ (Gumbel, 1954); the smaller τ, the nearer is
    the result to 1 there and 0 elsewhere (Jang, Gu and Poole, 2017). With `hard` it is just that, with the gradient of
    the soft one. `eps` has no effect. Raises ValueError for a τ that is not positive.

    >>> import course
    >>> _ = course.manual_seed(0)
    >>> course.nn.functional.gumbel_softmax(course.tensor([0., 5., 0.]), hard=True)
    tensor([0., 1., 0.])
    """
    check_tensors("gumbel_softmax", logits=logits)
    if not tau > 0:
        raise ValueError(f"gumbel_softmax(): the temperature tau must be positive, given {tau}")
    if eps != 1e-10:
        warnings.warn("gumbel_softmax: eps has no effect", UserWarning, stacklevel=2)
    E = Taped.tensor(stream(logits.device).exponential(tuple(logits.shape), logits.dtype.numpy))
    soft = softmax((logits - log(E)) / tau, dim)
    if not hard:
        return soft
    chosen = scatter(soft.detach() * 0, dim, argmax(soft, dim, keepdim=True), 1.0)
    return chosen - soft.detach() + soft
