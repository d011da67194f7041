"""Rprop: only the signs of the gradients count."""

from __future__ import annotations

from ..kernels import update_rules
from .optimizer import Optimizer, apply_rule, begun, count_step


class Rprop(Optimizer):
    r"""Resilient backpropagation: each number has a step of its own, which grows while its gradient keeps its sign.

    .. math::
        s &\leftarrow \begin{cases}
            \min(s\,\eta_+, s_{\max}) & g\, g_\text{before} > 0 \\
            \max(s\,\eta_-, s_{\min}),\ g \leftarrow 0 & g\, g_\text{before} < 0 \\
            s & \text{otherwise}
        \end{cases} \\
        \theta &\leftarrow \theta - s\, \mathrm{sign}(g)

    For whole data sets: in a mini-batch the sign of a small gradient is chance.

    Args: lr: the first step s; etas (η₋, η₊) with 0 < η₋ < 1 < η₊; step_sizes (s_min, s_max); maximize. `foreach` and
    `capturable` are accepted: every update here is one fused pass.
    The formula is `rprop` in `course/kernels/update_rules.py`. Raises ValueError for options out of range.

    Source: Riedmiller and Braun, A Direct Adaptive Method for Faster Backpropagation Learning (1993).
    """

    def __init__(self, params, lr: float = 1e-2, etas: tuple[float, float] = (0.5, 1.2),
                 step_sizes: tuple[float, float] = (1e-6, 50), *, capturable: bool = False, foreach=None,
                 maximize: bool = False):
        super().__init__(params, {"lr": lr, "etas": etas, "step_sizes": step_sizes, "maximize": maximize})

    def check(self, group):
        super().check(group)
        minus, plus = group["etas"]
        if not 0.0 < minus < 1.0 < plus:
            raise ValueError(f"Invalid eta values: {minus}, {plus}; the first must lie in (0, 1), the second above 1")

    def update(self, p, g, state, group):
        count_step(state)
        begun(state, "step_size", p, group["lr"])
        apply_rule(update_rules.update_rprop, p, g, state, ("prev", "step_size"),
                   (*group["etas"], *group["step_sizes"]), (group["maximize"],))
