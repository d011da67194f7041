"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from ..kernels import update_rules
from .optimizer import Optimizer, apply_rule


class SGD(Optimizer):
    r"""Gradient descent on whatever sample the gradient was taken, with momentum and Nesterov's variant.

    .. math::
        g &\leftarrow \nabla J(\theta) + \lambda\theta \\
        v &\leftarrow \mu v + (1 - \tau) g \qquad (v = g \text{ at the first step}) \\
        \theta &\leftarrow \theta - \eta v \qquad\text{(Nesterov: } \theta \leftarrow \theta - \eta (g + \mu v)\text{)}

    Args: lr η ≥ 0; momentum μ ≥ 0; dampening τ; weight_decay λ ≥ 0; nesterov (needs μ > 0 and τ = 0);
    maximize: climb instead of descend. `foreach` and `fused` are accepted: every update here is one fused pass.
    The formulas are `sgd` and `sgd_momentum` in `course/kernels/update_rules.py`.
    Raises ValueError for options out of range.

    Sources: documents 000 and 001 (whose momentum is an average, with 1 − β before g: see lesson 05);
    Polyak (1964); Nesterov (1983); Sutskever et al. (2013).
    """

    def __init__(self, params, lr: float = 1e-3, momentum: float = 0, dampening: float = 0, weight_decay: float = 0,
                 nesterov: bool = False, *, maximize: bool = False, foreach=None, fused=None):
        super().__init__(params, {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay,
                                  "nesterov": nesterov, "maximize": maximize})

    def check(self, group):
        super().check(group)
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")

    def update(self, p, g, state, group):
        lr, momentum, weight_decay = group["lr"], group["momentum"], group["weight_decay"]
        if momentum == 0:
            apply_rule(update_rules.update_sgd, p, g, state, (), (lr, weight_decay), (group["maximize"],))
            return
        dampening = group["dampening"] if "momentum_buffer" in state else 0.0
        apply_rule(
            update_rules.update_sgd_momentum, p, g, state, ("momentum_buffer",),
            (lr, momentum, dampening, weight_decay), (group["nesterov"], group["maximize"]),
        )  # fmt: skip
