"""Adadelta: steps in the units of the parameters, with no learning rate to speak of."""

from __future__ import annotations

from ..kernels import update_rules
from .optimizer import Optimizer, apply_rule


class Adadelta(Optimizer):
    r"""The step is the gradient times the ratio of two decaying averages: of past steps, and of past gradients.

    .. math::
        v &\leftarrow \rho v + (1 - \rho) g^2 \\
        \Delta &= \frac{\sqrt{u + \epsilon}}{\sqrt{v + \epsilon}}\, g, \qquad
        u \leftarrow \rho u + (1 - \rho) \Delta^2 \\
        \theta &\leftarrow \theta - \eta \Delta

    Args: lr η (1: the paper has none); rho ρ; eps ε, inside the roots; weight_decay λ; maximize.
    The formula is `adadelta` in `course/kernels/update_rules.py`. Raises ValueError for options out of range.

    Source: Zeiler (2012).
    """

    def __init__(self, params, lr: float = 1.0, rho: float = 0.9, eps: float = 1e-6, weight_decay: float = 0, *,
                 maximize: bool = False, foreach=None):
        super().__init__(params, {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize})

    def update(self, p, g, state, group):
        apply_rule(update_rules.update_adadelta, p, g, state, ("square_avg", "acc_delta"),
                   (group["lr"], group["rho"], group["eps"], group["weight_decay"]), (group["maximize"],))
