"""Adafactor: RMSprop that remembers a matrix of squared gradients by its rows and columns alone."""

from __future__ import annotations

import math

import numpy as np

from ..tensor import Tensor
from .optimizer import Optimizer, begun, count_step


class Adafactor(Optimizer):
    r"""Each gradient is divided by the root of an averaged square that a matrix keeps as row means times column means.

    .. math::
        R &\leftarrow \beta_t R + (1 - \beta_t)\, \text{row means of } G^2, \qquad
        C \leftarrow \beta_t C + (1 - \beta_t)\, \text{column means of } G^2, \qquad \beta_t = 1 - t^{\tau} \\
        V &= R\,C / \max(\overline{R}, \epsilon_1), \qquad U = G / \sqrt{\max(V, \epsilon_1^2)} \\
        \theta &\leftarrow (1 - \eta\lambda)\,\theta - \min\!\left(\eta, \tfrac{1}{\sqrt t}\right)
        \frac{\max(\epsilon_2, \mathrm{RMS}(\theta))}{\max(1, \mathrm{RMS}(U) / d)}\, U

    For m × n weights it keeps m + n numbers where Adam keeps 2 m n. A vector keeps V itself: V ← β_t V + (1 − β_t) G².
    RMS(x) is √(mean of x²), of θ before its decay.

    Args: lr η: the longest relative step; beta2_decay τ ≤ 0; eps (ε₁, ε₂), where None stands for the smallest ε₁ with
    1 + ε₁ ≠ 1; d ≥ 1: the RMS above which U is shortened; weight_decay λ; maximize. `foreach` is accepted.
    Raises ValueError for options out of range.

    Source: Shazeer and Stern, Adafactor: Adaptive Learning Rates with Sublinear Memory Cost (2018).
    """

    def __init__(self, params, lr: float = 1e-2, beta2_decay: float = -0.8,
                 eps: tuple[float | None, float] = (None, 1e-3), d: float = 1.0, weight_decay: float = 0.0, *,
                 foreach=None, maximize: bool = False):
        super().__init__(params, {"lr": lr, "beta2_decay": beta2_decay, "eps": eps, "d": d,
                                  "weight_decay": weight_decay, "maximize": maximize})

    def check(self, group):
        if not isinstance(group["eps"], tuple | list) or len(group["eps"]) != 2:
            raise TypeError(f"eps must be a pair (epsilon 1 or None, epsilon 2), given {group['eps']!r}")
        for eps in group["eps"]:
            super().check({**group, "eps": 0.0 if eps is None else eps})

    def update(self, p, g, state, group):
        t, lr, (eps1, eps2) = count_step(state), group["lr"], group["eps"]
        eps1 = float(np.finfo(p._array.dtype).eps) if eps1 is None else eps1
        share = t ** group["beta2_decay"]
        g = -g if group["maximize"] else g
        length = min(lr, 1 / math.sqrt(t)) * max(eps2, _rms(p))
        if group["weight_decay"] != 0:
            p.mul_(1 - lr * group["weight_decay"])
        squares = g * g
        if g.ndim > 1:
            rows = _average(state, "row_var", squares.mean(-1, keepdim=True), share)
            columns = _average(state, "col_var", squares.mean(-2, keepdim=True), share)
            v = rows * columns / rows.mean(-2, keepdim=True).clamp(min=eps1)
        else:
            v = _average(state, "variance", squares, share)
        u = g / v.clamp(min=eps1 * eps1).sqrt()
        p.sub_(u, alpha=length / max(1.0, _rms(u) / group["d"]))


def _rms(x: Tensor) -> float:
    """√(mean of x²)."""
    return x.norm().item() / math.sqrt(x.numel())


def _average(state: dict, name: str, x: Tensor, share: float) -> Tensor:
    """A decaying average of the state, which begins as zeros: a ← (1 − share) a + share x."""
    return begun(state, name, x).lerp_(x, share)
