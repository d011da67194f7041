"""The optimisers as the course's source documents write them, where that is not what PyTorch computes.

They exist to be compared with the standard ones: see lessons 05 to 08 and 23.
"""

from __future__ import annotations

from ..kernels import update_rules
from .optimizer import Optimizer, apply_rule, count_step


class Momentum(Optimizer):
    """Momentum as an average (document 001, 3.2): v ← β v + (1 − β) g from v = 0, θ ← θ − η v.

    PyTorch's `SGD(momentum=β)` has no (1 − β), so the same path needs an η that is 1 − β times as large there.
    """

    def __init__(self, params, lr: float = 0.01, beta: float = 0.9):
        super().__init__(params, {"lr": lr, "beta": beta})

    def update(self, p, g, state, group):
        apply_rule(update_rules.update_momentum_average, p, g, state, ("v",), (group["lr"], group["beta"]))


class Adagrad(Optimizer):
    """Adagrad without ε (document 000, 3.3.3): v ← v + g², θ ← θ − α g / √v. NaN where every gradient so far was 0."""

    def __init__(self, params, lr: float = 0.01):
        super().__init__(params, {"lr": lr})

    def update(self, p, g, state, group):
        apply_rule(update_rules.update_adagrad_without_eps, p, g, state, ("v",), (group["lr"],))


class RMSprop(Optimizer):
    """What document 001, 3.3 calls RMSprop: g ← g / √(1 + α t), v ← β v + (1 − β) g², θ ← θ − η g / √v.

    The factor stands in the numerator and under the root and so almost cancels; t counts from 1.
    """

    def __init__(self, params, lr: float = 0.01, alpha: float = 0.99, beta: float = 0.9):
        super().__init__(params, {"lr": lr, "alpha": alpha, "beta": beta})

    def update(self, p, g, state, group):
        alpha_t = group["alpha"] * count_step(state)
        apply_rule(update_rules.update_rmsprop_001, p, g, state, ("v",), (group["lr"], alpha_t, group["beta"]))


class Adam(Optimizer):
    """Adam without ε (document 001, 3.4): θ ← θ − η m̂ / √v̂. NaN where every gradient so far was 0."""

    def __init__(self, params, lr: float = 0.01, betas: tuple[float, float] = (0.9, 0.999)):
        super().__init__(params, {"lr": lr, "betas": betas})

    def update(self, p, g, state, group):
        t, (beta1, beta2) = count_step(state), group["betas"]
        apply_rule(update_rules.update_adam_without_eps, p, g, state, ("m", "v"),
                   (group["lr"], beta1, beta2, 1 - beta1**t, 1 - beta2**t))
