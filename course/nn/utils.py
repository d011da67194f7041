"""Helpers for training: keeping gradients in bounds."""

from __future__ import annotations

import math

from ..autograd import no_grad
from ..tensor import Tensor


@no_grad
def clip_grad_norm_(parameters, max_norm: float) -> Tensor:
    """Scale all gradients together so that √Σ g² is at most `max_norm`; returns what it was before."""
    from ..creation import tensor

    grads = [p.grad for p in ([parameters] if isinstance(parameters, Tensor) else parameters) if p.grad is not None]
    total = math.sqrt(sum(float((g * g).sum()) for g in grads))
    scale = max_norm / (total + 1e-6)
    if scale < 1:
        for g in grads:
            g.mul_(scale)
    return tensor(total)
