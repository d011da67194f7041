"""Adamax: Adam with a maximum in place of the root of a mean."""

from __future__ import annotations

from ..kernels import update_rules
from .optimizer import Optimizer, apply_rule, count_step


class Adamax(Optimizer):
    r"""Adam whose step is divided by the largest recent gradient (the infinity norm).

    .. math::
        m &\leftarrow \beta_1 m + (1 - \beta_1) g \\
        u &\leftarrow \max(\beta_2 u, |g| + \epsilon) \\
        \theta &\leftarrow \theta - \frac{\eta}{1 - \beta_1^t} \cdot \frac{m}{u}

    Args: lr η; betas (β₁, β₂); eps ε; weight_decay λ; maximize.
    The formula is `adamax` in `course/kernels/update_rules.py`. Raises ValueError for options out of range.

    Source: Kingma and Ba (2015), section 7.1.
    """

    def __init__(self, params, lr: float = 2e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 0, *, maximize: bool = False, foreach=None):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
                                  "maximize": maximize})

    def update(self, p, g, state, group):
        t, (beta1, beta2) = count_step(state), group["betas"]
        apply_rule(update_rules.update_adamax, p, g, state, ("exp_avg", "exp_inf"),
                   (group["lr"], beta1, beta2, group["eps"], 1 - beta1**t, group["weight_decay"]), (group["maximize"],))
