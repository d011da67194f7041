"""RAdam: Adam that does not trust its first few steps."""

from __future__ import annotations

import math

from ..kernels import update_rules
from .optimizer import Optimizer, apply_rule, count_step


class RAdam(Optimizer):
    r"""Rectified Adam: no division by √v̂ until the average covers enough gradients to be trusted.

    .. math::
        \rho_\infty &= \frac{2}{1 - \beta_2} - 1, \qquad
        \rho_t = \rho_\infty - \frac{2 t \beta_2^t}{1 - \beta_2^t} \\
        r_t &= \sqrt{\frac{(\rho_t - 4)(\rho_t - 2)\rho_\infty}{(\rho_\infty - 4)(\rho_\infty - 2)\rho_t}} \\
        \theta &\leftarrow \theta - \eta\, \hat m\, r_t / (\sqrt{\hat v} + \epsilon) \text{ if } \rho_t > 5,
        \text{ else } \theta - \eta\, \hat m

    Args: lr η; betas (β₁, β₂); eps ε; weight_decay λ; decoupled_weight_decay as in AdamW; maximize.
    The formula is `radam` in `course/kernels/update_rules.py`. Raises ValueError for options out of range.

    Source: Liu et al., On the Variance of the Adaptive Learning Rate and Beyond (2020).
    """

    def __init__(self, params, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 0, decoupled_weight_decay: bool = False, *, maximize: bool = False,
                 foreach=None):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
                                  "decoupled_weight_decay": decoupled_weight_decay, "maximize": maximize})

    def update(self, p, g, state, group):
        t, (beta1, beta2) = count_step(state), group["betas"]
        correction2 = 1 - beta2**t
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * t * beta2**t / correction2
        rectification = 0.0
        if length > 5:
            r = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
            rectification = math.sqrt(r * correction2)
        apply_rule(
            update_rules.update_radam, p, g, state, ("exp_avg", "exp_avg_sq"),
            (group["lr"], beta1, beta2, group["eps"], 1 - beta1**t, rectification, group["weight_decay"]),
            (group["decoupled_weight_decay"], group["maximize"]),
        )  # fmt: skip
