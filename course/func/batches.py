"""vmap: the function of a whole batch."""

from __future__ import annotations

import functools
from collections.abc import Callable

from ..ops.shapes import movedim, select, stack
from ..tensor import Tensor
from .structures import mapped


def vmap(func: Callable, in_dims=0, out_dims=0, randomness: str = "error", *,
         chunk_size: int | None = None) -> Callable:
    """The function of a batch: func of each sample, the results stacked. It is a loop and saves writing, not time.

    Args: in_dims: along which dimension of the arguments the samples lie, None for an argument that all share; one for
    all or a tuple with one for each argument, for a dict, list or tuple also one for each part of it; out_dims: where
    the samples shall lie in the results, one for all or one for each in a tuple.
    Raises ValueError where sizes or dimensions do not fit. Differs from PyTorch: func runs once for each
    sample, draws new random numbers each time (so randomness="same" is refused) and may look at numbers; `chunk_size`
    changes nothing.

    >>> import course
    >>> vmap(course.dot, in_dims=(0, None))(course.tensor([[1., 2.], [3., 4.]]), course.tensor([1., 10.]))
    tensor([21., 43.])
    """
    if randomness not in ("error", "different"):
        raise RuntimeError("vmap: randomness 'error' and 'different' are allowed, and each sample draws numbers of "
                           f"its own; given {randomness!r}")
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError(f"vmap: chunk_size should be None or greater than 0, given {chunk_size}")

    @functools.wraps(func, updated=())
    def batched(*args, **kwargs):
        dims = in_dims if isinstance(in_dims, tuple) else (in_dims,) * len(args)
        sizes = set()
        _along(lambda t, dim: sizes.add(_size(t, dim)), args, dims)
        sizes.discard(None)
        if len(sizes) != 1 or sizes == {0}:
            raise ValueError("vmap: expected at least one tensor, and all with the same size in the mapped dimension, "
                             f"got sizes {sorted(sizes)}")
        found = [func(*_along(lambda t, dim, i=i: t if dim is None else select(t, dim, i), args, dims), **kwargs)
                 for i in range(sizes.pop())]
        return _along(lambda t, dim: movedim(t, 0, dim), mapped(_stacked, *found), out_dims)

    return batched


def _size(x, dim):
    """How many samples lie along `dim`; None where all share x."""
    if dim is None:
        return None
    if not isinstance(x, Tensor):
        raise ValueError(f"vmap: Got in_dim={dim} for an input of type {type(x).__name__}, which is no Tensor; give "
                         "None for what all samples share")
    if not -x.ndim <= dim < x.ndim:
        raise ValueError(f"vmap: Got in_dim={dim} for an input of shape {list(x.shape)}")
    return x.shape[dim]


def _stacked(*results):
    for t in results:
        if not isinstance(t, Tensor):
            raise ValueError(f"vmap: the function must only return Tensors, got type {type(t).__name__}")
    return stack(results)


def _along(f, tree, dims):
    """The tree with f(part, dim) of each part, where dims is one for all or has a part for each part of the tree."""
    if dims is None or isinstance(dims, int):
        return mapped(lambda part: f(part, dims), tree)
    if type(dims) is not type(tree) or len(dims) != len(tree):
        raise ValueError(f"vmap: dimensions {dims} are not compatible with the structure of what they are for: give "
                         "one for all, or one for each part")
    if isinstance(tree, dict):
        return {k: _along(f, part, dims[k]) for k, part in tree.items()}
    return type(tree)(_along(f, part, dim) for part, dim in zip(tree, dims))
