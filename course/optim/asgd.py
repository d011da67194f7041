"""Averaged SGD: walk as SGD does, and remember the average of where one was."""

from __future__ import annotations

from ..kernels import update_rules
from .optimizer import Optimizer, apply_rule, count_step


class ASGD(Optimizer):
    r"""Stochastic gradient descent whose average path θ̄ is better than its last point.

    .. math::
        \theta &\leftarrow (1 - \lambda\eta_t)\,\theta - \eta_t\, g, \qquad
        \eta_t = \frac{\eta}{(1 + \lambda\eta\, t)^\alpha} \\
        \bar\theta &\leftarrow \bar\theta + \mu_t\, (\theta - \bar\theta), \qquad \mu_t = \frac{1}{\max(1, t - t_0)}

    θ̄ is kept in `optimizer.state[p]["ax"]`: copy it into the parameters when the training is over. η_t and μ_t are
    those of the step before; the first step takes η and 1.

    Args: lr η; lambd λ; alpha α: how fast the rate falls; t0 t₀: the step after which the average begins;
    weight_decay; maximize. `foreach` and `capturable` are accepted: every update here is one fused pass.
    The formula is `asgd` in `course/kernels/update_rules.py`. Raises ValueError for options out of range.

    Source: Polyak and Juditsky, Acceleration of Stochastic Approximation by Averaging (1992).
    """

    def __init__(self, params, lr: float = 1e-2, lambd: float = 1e-4, alpha: float = 0.75, t0: float = 1e6,
                 weight_decay: float = 0, foreach=None, maximize: bool = False, *, capturable: bool = False):
        super().__init__(params, {"lr": lr, "lambd": lambd, "alpha": alpha, "t0": t0, "weight_decay": weight_decay,
                                  "maximize": maximize})

    def update(self, p, g, state, group):
        lr, lambd, t = group["lr"], group["lambd"], count_step(state)
        apply_rule(update_rules.update_asgd, p, g, state, ("ax",),
                   (state.get("eta", lr), lambd, state.get("mu", 1.0), group["weight_decay"]), (group["maximize"],))
        state["eta"] = lr / (1 + lambd * lr * t) ** group["alpha"]
        state["mu"] = 1 / max(1, t - group["t0"])
