"""All parameters of a model as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable

from ...ops.shapes import cat, reshape
from ...tensor import Tensor


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """The numbers of all parameters in one row; gradients pass through."""
    return cat([reshape(p, -1) for p in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Give the parameters, one after the other, the numbers of `vec`, whose memory they share from then on.

    Raises RuntimeError for a vector that is too short.
    """
    if not isinstance(vec, Tensor):
        raise TypeError(f"vector_to_parameters(): expected a Tensor, but got: {type(vec).__name__}")
    start = 0
    for p in parameters:
        end = start + p.numel()
        p.data = reshape(vec[start:end], tuple(p.shape)).data
        start = end
