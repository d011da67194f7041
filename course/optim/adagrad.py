"""Adagrad: a step of its own for each parameter, smaller the more it has moved."""

from __future__ import annotations

from ..kernels import update_rules
from .optimizer import Optimizer, apply_rule, begun, count_step


class Adagrad(Optimizer):
    r"""Adaptive gradient: each parameter's step is divided by the root of all its squared gradients so far.

    .. math::
        v &\leftarrow v + g^2 \\
        \theta &\leftarrow \theta - \frac{\eta}{1 + (t - 1)\,d} \cdot \frac{g}{\sqrt{v} + \epsilon}

    v only grows, so steps only shrink: good for sparse features, whose rare gradients stay large.

    Args: lr η; lr_decay d; weight_decay λ; initial_accumulator_value: where v starts; eps ε; maximize.
    The formula is `adagrad` in `course/kernels/update_rules.py`. Raises ValueError for options out of range.

    Sources: document 000 (without ε: `course.optim.documents.Adagrad`); Duchi, Hazan and Singer (2011).
    """

    def __init__(self, params, lr: float = 1e-2, lr_decay: float = 0, weight_decay: float = 0,
                 initial_accumulator_value: float = 0, eps: float = 1e-10, *, maximize: bool = False, foreach=None,
                 fused=None):
        super().__init__(params, {"lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay,
                                  "initial_accumulator_value": initial_accumulator_value, "maximize": maximize})

    def update(self, p, g, state, group):
        begun(state, "sum", p, group["initial_accumulator_value"])
        lr = group["lr"] / (1 + (count_step(state) - 1) * group["lr_decay"])
        apply_rule(update_rules.update_adagrad, p, g, state, ("sum",), (lr, group["eps"], group["weight_decay"]),
                   (group["maximize"],))
