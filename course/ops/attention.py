"""Attention: each query takes the mean of the values, weighted by how well their keys answer it."""

import math

import numpy as np

from ..autograd import Taped, check_tensors
from ..device import move
from .activations import softmax
from .elementwise import where
from .linear import matmul
from .normalization import dropout
from .shapes import expand, reshape


def scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None,
                                 enable_gqa=False):
    """softmax(Q Kᵀ / √E + M) V.

    Args: attn_mask: M, which is added to the scores, or True where a query may look and False where not (M = −∞);
    is_causal: query i looks at keys 0 … i only; scale: in place of 1 / √E; dropout_p: the probability that a weight
    becomes 0, at every call, so pass 0 after training; enable_gqa: there are fewer heads of keys and values than of
    queries, each for several neighbours. A query that may look nowhere gets zeros.
    Shapes: query (…, L, E), key (…, S, E), value (…, S, F), mask (…, L, S), result (…, L, F); leading ones broadcast.
    Raises RuntimeError for shapes and types that do not fit, and for a mask together with is_causal.
    Source: Vaswani et al., "Attention Is All You Need", 2017.
    """
    name = "scaled_dot_product_attention"
    check_tensors(name, query=query, key=key, value=value, **({} if attn_mask is None else {"attn_mask": attn_mask}))
    _check(name, query, key, value)
    if is_causal:
        if attn_mask is not None:
            raise RuntimeError(f"{name}: Explicit attn_mask should not be set when is_causal=True: give one of them")
        attn_mask = Taped.tensor(move(np.tri(query.shape[-2], key.shape[-2], dtype=bool), query.device))
    if enable_gqa:
        key, value = (_for_each_head(x, query) for x in (key, value))
    seeing = None if attn_mask is None else _seeing(attn_mask)
    if seeing is not None:  # the others look everywhere, so that nothing is divided by 0, and get nothing of it
        attn_mask = where(seeing, attn_mask, True if _is_bool(attn_mask) else 0.0)
    weights = attention_weights(query, key, attn_mask, scale)
    weights = weights if seeing is None else where(seeing, weights, 0.0)
    return matmul(dropout(weights, dropout_p), value)


def attention_weights(query, key, mask=None, scale=None):
    """softmax(Q Kᵀ / √E + M): how much each query looks at each key."""
    scores = matmul(query * (1 / math.sqrt(query.shape[-1]) if scale is None else scale), key.mT)
    if mask is not None:
        _check_mask(mask, scores)
        scores = where(mask, scores, -math.inf) if _is_bool(mask) else scores + mask
    return softmax(scores, -1)


def _is_bool(mask):
    return mask._array.dtype == bool


def _seeing(mask):
    """Which queries the mask lets look anywhere; None where that is all of them."""
    sees = mask._array if _is_bool(mask) else mask._array != -math.inf
    seeing = sees.any(-1, keepdims=True)
    return None if seeing.all() else Taped.tensor(seeing)


def _for_each_head(x, query):
    """Heads (…, H, S, E), each repeated for as many neighbouring heads of the query as it serves."""
    times = query.shape[-3] // x.shape[-3]
    if times * x.shape[-3] != query.shape[-3]:
        raise RuntimeError(f"scaled_dot_product_attention: {query.shape[-3]} heads of queries must be divisible by the "
                           f"{x.shape[-3]} heads of keys and values")
    *leading, heads, length, numbers = x.shape
    return reshape(expand(x.unsqueeze(-3), *leading, heads, times, length, numbers), *leading, -1, length, numbers)


def _check(name, query, key, value):
    shapes = [list(x.shape) for x in (query, key, value)]
    if min(query.ndim, key.ndim, value.ndim) < 2:
        raise RuntimeError(f"{name}: Expected query, key, and value to all be at least 2 dimensional, (…, length, "
                           f"numbers), but got {shapes}")
    if not (query.dtype is key.dtype is value.dtype) or not query.is_floating_point():
        raise RuntimeError(f"{name}: Expected query, key, and value to have the same floating-point dtype, but got "
                           f"{query.dtype}, {key.dtype} and {value.dtype}")
    if query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
        raise RuntimeError(f"{name}: queries and keys must have as many numbers, keys and values the same length; "
                           f"given query, key and value of shapes {shapes}")


def _check_mask(mask, scores):
    if not _is_bool(mask) and mask.dtype is not scores.dtype:
        raise RuntimeError("Expected attn_mask dtype to be bool or to match query dtype, but got "
                           f"{mask.dtype} and query dtype {scores.dtype}")
    try:
        fits = np.broadcast_shapes(mask._array.shape, scores._array.shape) == scores._array.shape
    except ValueError:
        fits = False
    if not fits:
        raise RuntimeError(f"a mask of shape {list(mask.shape)} does not fit scores of shape {list(scores.shape)}: "
                           "(…, queries, keys)")
