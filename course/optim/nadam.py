"""NAdam: Adam that looks ahead, as Nesterov's momentum does."""

from __future__ import annotations

from ..kernels import update_rules
from .optimizer import Optimizer, apply_rule, count_step


class NAdam(Optimizer):
    r"""Adam with Nesterov momentum.

    .. math::
        \mu_t &= \beta_1 (1 - \tfrac12 \cdot 0.96^{t\psi}) \\
        m &\leftarrow \beta_1 m + (1 - \beta_1) g, \qquad v \leftarrow \beta_2 v + (1 - \beta_2) g^2 \\
        \hat m &= \frac{\mu_{t+1}\, m}{1 - \prod_{i \le t+1} \mu_i}
            + \frac{(1 - \mu_t)\, g}{1 - \prod_{i \le t} \mu_i} \\
        \theta &\leftarrow \theta - \eta\, \hat m / (\sqrt{v / (1 - \beta_2^t)} + \epsilon)

    Args: lr η; betas (β₁, β₂); eps ε; weight_decay λ; momentum_decay ψ; decoupled_weight_decay as in AdamW; maximize.
    The formula is `nadam` in `course/kernels/update_rules.py`. Raises ValueError for options out of range.

    Source: Dozat (2016).
    """

    def __init__(self, params, lr: float = 2e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 0, momentum_decay: float = 4e-3, decoupled_weight_decay: bool = False, *,
                 maximize: bool = False, foreach=None):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
                                  "momentum_decay": momentum_decay, "decoupled_weight_decay": decoupled_weight_decay,
                                  "maximize": maximize})

    def update(self, p, g, state, group):
        t, (beta1, beta2), psi = count_step(state), group["betas"], group["momentum_decay"]
        mu = beta1 * (1 - 0.5 * 0.96 ** (t * psi))
        mu_next = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * psi))
        product = state["mu_product"] = state.get("mu_product", 1.0) * mu
        share_g, share_m = (1 - mu) / (1 - product), mu_next / (1 - product * mu_next)
        apply_rule(
            update_rules.update_nadam, p, g, state, ("exp_avg", "exp_avg_sq"),
            (group["lr"], share_g, share_m, beta1, beta2, group["eps"], 1 - beta2**t, group["weight_decay"]),
            (group["decoupled_weight_decay"], group["maximize"]),
        )  # fmt: skip
