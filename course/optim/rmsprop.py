"""RMSprop: Adagrad with a memory that fades."""

from __future__ import annotations

from ..kernels import update_rules
from .optimizer import Optimizer, apply_rule


class RMSprop(Optimizer):
    r"""Each parameter's step is divided by the root of a decaying average of its squared gradients.

    .. math::
        v &\leftarrow \alpha v + (1 - \alpha) g^2 \\
        \theta &\leftarrow \theta - \eta \frac{g}{\sqrt{v} + \epsilon}

    With momentum μ > 0, b ← μ b + g / (√v + ε) is followed instead; centred, √(v − ḡ²) stands in place of √v.

    Args: lr η; alpha α: the averaging factor (document 001 calls it β); eps ε; weight_decay λ; momentum μ; centered;
    maximize. The formulas are `rmsprop`, `rmsprop_momentum` and `rmsprop_centered` in
    `course/kernels/update_rules.py`. Raises ValueError for options out of range.

    Sources: Tieleman and Hinton, Lecture 6.5 (2012); Graves (2013) for the centred form. What document 001 calls
    RMSprop is another formula: `course.optim.documents.RMSprop`.
    """

    def __init__(self, params, lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8, weight_decay: float = 0,
                 momentum: float = 0, centered: bool = False, *, maximize: bool = False, foreach=None, fused=None):
        super().__init__(params, {"lr": lr, "alpha": alpha, "eps": eps, "weight_decay": weight_decay,
                                  "momentum": momentum, "centered": centered, "maximize": maximize})

    def update(self, p, g, state, group):
        lr, alpha, eps, momentum = group["lr"], group["alpha"], group["eps"], group["momentum"]
        weight_decay, flags = group["weight_decay"], (group["maximize"],)
        if group["centered"]:
            apply_rule(update_rules.update_rmsprop_centered, p, g, state, ("square_avg", "grad_avg", "momentum_buffer"),
                       (lr, alpha, eps, momentum, weight_decay), flags)
        elif momentum > 0:
            apply_rule(update_rules.update_rmsprop_momentum, p, g, state, ("square_avg", "momentum_buffer"),
                       (lr, alpha, eps, momentum, weight_decay), flags)
        else:
            apply_rule(update_rules.update_rmsprop, p, g, state, ("square_avg",), (lr, alpha, eps, weight_decay), flags)
