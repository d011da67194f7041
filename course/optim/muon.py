"""Muon: momentum whose matrix is turned into the nearest orthogonal one."""

from __future__ import annotations

import math

from ..tensor import Tensor
from .optimizer import Optimizer, begun

_RATES = {  # what a step is multiplied by, for a matrix of a rows and b columns
    "original": lambda a, b: math.sqrt(max(1, a / b)),
    "match_rms_adamw": lambda a, b: 0.2 * math.sqrt(max(a, b)),
}


class Muon(Optimizer):
    r"""Momentum for the weight matrices of hidden layers, orthogonalised: it steps equally far in every direction.

    .. math::
        B &\leftarrow \mu B + (1 - \mu)\, G, \qquad M = B \quad\text{(Nesterov: } M = (1 - \mu)\, G + \mu B\text{)} \\
        O &= \mathrm{orthogonal}(M) \approx U V^\top \text{ for } M = U \Sigma V^\top \\
        \theta &\leftarrow (1 - \eta\lambda)\,\theta - \eta\, r\, O

    with r = √max(1, a / b) for a × b weights ("original"), or 0.2 √max(a, b), with which the rates and decays that
    suit AdamW suit Muon ("match_rms_adamw"). Biases, and the first and last layers, belong to another optimiser.

    Args: params: matrices only; lr η; weight_decay λ; momentum μ; nesterov; ns_coefficients, eps, ns_steps: see
    `orthogonal`; adjust_lr_fn: which r, "original" where it is None.
    Raises ValueError for options out of range, and for a parameter that is no matrix.
    Differs from PyTorch: PyTorch rounds M to bfloat16 first, so its O is another one by about 1 %.

    Sources: Jordan et al., Muon: An optimizer for hidden layers in neural networks (2024); Liu et al., Muon is
    Scalable for LLM Training (2025), for "match_rms_adamw".
    """

    def __init__(self, params, lr: float = 1e-3, weight_decay: float = 0.1, momentum: float = 0.95,
                 nesterov: bool = True, ns_coefficients: tuple[float, float, float] = (3.4445, -4.7750, 2.0315),
                 eps: float = 1e-7, ns_steps: int = 5, adjust_lr_fn: str | None = None):
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum, "nesterov": nesterov,
                                  "ns_coefficients": ns_coefficients, "eps": eps, "ns_steps": ns_steps,
                                  "adjust_lr_fn": adjust_lr_fn})

    def check(self, group):
        super().check(group)
        if group["adjust_lr_fn"] not in (None, *_RATES):
            raise ValueError(f"Adjust learning rate function {group['adjust_lr_fn']} is not supported; "
                             f"there are {' and '.join(map(repr, _RATES))}")
        if len(group["ns_coefficients"]) != 3:
            raise ValueError(f"ns_coefficients must be a tuple of exactly 3 values, given {group['ns_coefficients']}")
        if group["ns_steps"] >= 100:
            raise ValueError(f"ns_steps must be less than 100, given {group['ns_steps']}; 5 are enough")
        for p in group["params"]:
            if p.ndim != 2:
                raise ValueError(f"Muon only supports 2D parameters whereas we found a parameter with size: "
                                 f"{list(p.shape)}; give biases and the like to another optimiser, such as AdamW")

    def update(self, p, g, state, group):
        lr, momentum = group["lr"], group["momentum"]
        buffer = begun(state, "momentum_buffer", g).lerp_(g, 1 - momentum)
        m = g.lerp(buffer, momentum) if group["nesterov"] else buffer
        o = orthogonal(m, group["ns_coefficients"], group["ns_steps"], group["eps"])
        p.mul_(1 - lr * group["weight_decay"])
        p.sub_(o, alpha=lr * _RATES[group["adjust_lr_fn"] or "original"](*p.shape))


def orthogonal(m: Tensor, coefficients: tuple[float, float, float], steps: int, eps: float) -> Tensor:
    r"""Nearly U Vᵀ, where m = U Σ Vᵀ, by Newton and Schulz's iteration: products of matrices and nothing else.

    .. math:: X \leftarrow a X + \left(b A + c A^2\right) X, \qquad A = X X^\top, \qquad X_0 = M / \max(\|M\|, \epsilon)

    Each step sends every singular value σ to a σ + b σ³ + c σ⁵. With Muon's coefficients (a, b, c) five steps bring
    all but the smallest between about 0.7 and 1.2, sooner than coefficients with which they would become 1.
    """
    a, b, c = coefficients
    wide = m.shape[0] <= m.shape[1]
    x = m if wide else m.T  # so that A is the smaller of the two products
    x = x / x.norm().clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return x if wide else x.T
