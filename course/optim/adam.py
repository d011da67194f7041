"""Adam and AdamW: momentum and RMSprop in one, with their start corrected."""

from __future__ import annotations

from ..kernels import update_rules
from .optimizer import Optimizer, apply_rule, count_step


class Adam(Optimizer):
    r"""Adaptive moment estimation.

    .. math::
        g &\leftarrow \nabla J(\theta) + \lambda\theta \\
        m &\leftarrow \beta_1 m + (1 - \beta_1) g, \qquad \hat m = m / (1 - \beta_1^t) \\
        v &\leftarrow \beta_2 v + (1 - \beta_2) g^2, \qquad \hat v = v / (1 - \beta_2^t) \\
        \theta &\leftarrow \theta - \eta\, \hat m / (\sqrt{\hat v} + \epsilon)

    m is a decaying average of gradients, v of their squares (not a variance: nothing is subtracted). Both start from 0;
    the hats undo that. ε keeps the division finite.

    Args: lr η; betas (β₁, β₂); eps ε; weight_decay λ; amsgrad: divide by the largest v̂ so far; maximize;
    decoupled_weight_decay: AdamW's decay, θ ← θ − η λ θ, instead of λθ in the gradient.
    The formulas are `adam` and `adam_amsgrad` in `course/kernels/update_rules.py`.
    Raises ValueError for options out of range.

    Sources: documents 001 (without ε: `course.optim.documents.Adam`), 003, 004; Kingma and Ba (2015); Reddi et al.
    (2018) for AMSGrad.
    """

    def __init__(self, params, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 0, amsgrad: bool = False, *, maximize: bool = False, foreach=None, fused=None,
                 decoupled_weight_decay: bool = False):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
                                  "amsgrad": amsgrad, "maximize": maximize,
                                  "decoupled_weight_decay": decoupled_weight_decay})

    def update(self, p, g, state, group):
        t, (beta1, beta2) = count_step(state), group["betas"]
        numbers = (group["lr"], beta1, beta2, group["eps"], 1 - beta1**t, 1 - beta2**t, group["weight_decay"])
        flags = (group["decoupled_weight_decay"], group["maximize"])
        if group["amsgrad"]:
            apply_rule(update_rules.update_adam_amsgrad, p, g, state, ("exp_avg", "exp_avg_sq", "max_exp_avg_sq"),
                       numbers, flags)
        else:
            apply_rule(update_rules.update_adam, p, g, state, ("exp_avg", "exp_avg_sq"), numbers, flags)


class AdamW(Adam):
    r"""Adam with decoupled weight decay: θ ← θ − η λ θ, then Adam's step from the bare gradient.

    In Adam the decay λθ is part of the gradient and so divided by √v̂: parameters with large gradients hardly decay.
    Here all decay alike. Args and errors as for `Adam`; weight_decay λ is 0.01 by default.

    Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019).
    """

    def __init__(self, params, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 1e-2, amsgrad: bool = False, *, maximize: bool = False, foreach=None,
                 fused=None):
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True)
