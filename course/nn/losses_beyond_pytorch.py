"""Losses that the course teaches and PyTorch does not have: ranking, robust, and with weights that are learned."""

from __future__ import annotations

import math

import numpy as np

from ..creation import tensor, zeros
from ..ops.elementwise import exp, sigmoid
from ..ops.losses import check_options, check_tensors, reduced
from ..ops.margin_losses import bpr_loss
from ..ops.reduction import logsumexp
from ..ops.regression_losses import general_robust, robust_loss
from .losses import Loss
from .module import Module
from .parameter import Parameter


class BPRLoss(Loss, function=bpr_loss):
    """`bpr_loss`: −log σ(x⁺ − x⁻), called with the scores of what a user chose and of what he did not.

    Source: Rendle et al., "BPR: Bayesian Personalized Ranking from Implicit Feedback", 2009.
    """


class RobustLoss(Loss, function=robust_loss):
    """`robust_loss`: Barron's general loss with a fixed shape α and scale c; α = 2 is ½ e², 1 nearly |e|, 0 Cauchy's.

    Source: Barron, "A General and Adaptive Robust Loss Function", 2019.
    """


class AdaptiveRobustLoss(Module):
    """Barron's loss with its shape α and scale c learned from the data: ρ(e / c, α) + log c + log Z(α).

    It is −log of a probability density, Z(α) = ∫ exp(−ρ(x, α)) dx. Without Z and c a small α would always be the
    cheaper one; with them it has to pay for the outliers it permits.
    Args: alpha: where α begins, between 0 and 2 (it stays there); scale: where c begins; reduction.
    Give `parameters()` to the optimiser together with the model's. Source: as for `RobustLoss`.
    """

    LEAST, MOST = 0.001, 1.999  # between Cauchy's and Gauss's distributions, at neither of which formulas divide by 0

    def __init__(self, alpha: float = 1.0, scale: float = 1.0, reduction: str = "mean"):
        super().__init__()
        check_options("AdaptiveRobustLoss", alpha=alpha, scale=scale, reduction=reduction)
        if not self.LEAST < alpha < self.MOST:
            raise ValueError(f"AdaptiveRobustLoss: alpha must lie between {self.LEAST} and {self.MOST}, given {alpha}")
        share = (alpha - self.LEAST) / (self.MOST - self.LEAST)
        self.alpha_logit = Parameter(tensor(math.log(share / (1 - share))))
        self.log_scale = Parameter(tensor(math.log(scale)))
        self.reduction = reduction

    @property
    def alpha(self):
        """α, as a tensor that the gradient passes through."""
        return self.LEAST + (self.MOST - self.LEAST) * sigmoid(self.alpha_logit)

    @property
    def scale(self):
        """c, as a tensor that the gradient passes through."""
        return exp(self.log_scale)

    def forward(self, input, target):
        check_tensors("AdaptiveRobustLoss", input=input, target=target)
        alpha = self.alpha
        losses = general_robust((input - target) / self.scale, alpha) + self.log_scale + log_partition(alpha)
        return reduced(losses, self.reduction)

    def extra_repr(self):
        return f"alpha={self.alpha.item():.4g}, scale={self.scale.item():.4g}"


def log_partition(alpha, points: int = 256):
    """log Z(α) = log ∫ exp(−ρ(x, α)) dx for a tensor α in (0, 2), as a sum over x = √2 tan θ at even steps of θ.

    What is summed is constant for α → 0 and smooth and flat at the ends otherwise: such a sum converges fast.
    """
    angles = (np.arange(points) + 0.5) / points * np.pi - np.pi / 2
    kind = alpha.detach().numpy().dtype
    x = tensor((math.sqrt(2) * np.tan(angles)).astype(kind))
    log_steps = tensor(np.log(math.sqrt(2) * np.pi / points / np.cos(angles) ** 2).astype(kind))
    return logsumexp(log_steps - general_robust(x, alpha), 0)


class MultiTaskLoss(Module):
    """Σ exp(−s_i) L_i (½ of it for a regression) + ½ s_i: the weight of each task's loss, learned with s_i = log σ_i².

    A task whose loss stays large is taken for a noisy one and weighs less; ½ s keeps all weights from going to 0.
    Args: tasks: "regression" or "classification" for each task, as ["regression", "classification"].
    It is called with one loss for each task; `log_variances` (tasks,) starts at 0. Give `parameters()` to the
    optimiser together with the model's.
    Source: Kendall, Gal and Cipolla, "Multi-Task Learning Using Uncertainty to Weigh Losses", 2018.
    """

    FACTORS = {"regression": 0.5, "classification": 1.0}

    def __init__(self, tasks):
        super().__init__()
        self.tasks = [tasks] if isinstance(tasks, str) else list(tasks)
        unknown = [task for task in self.tasks if task not in self.FACTORS]
        if unknown or not self.tasks:
            raise ValueError(f"MultiTaskLoss: each task is one of {', '.join(self.FACTORS)}, given {tasks!r}")
        self.log_variances = Parameter(zeros(len(self.tasks)))

    @property
    def weights(self):
        """By what each task's loss is multiplied now."""
        return exp(-self.log_variances) * tensor([self.FACTORS[task] for task in self.tasks])

    def forward(self, *losses):
        if len(losses) != len(self.tasks):
            raise ValueError(f"MultiTaskLoss: {len(self.tasks)} tasks ({', '.join(self.tasks)}) need as many losses, "
                             f"given {len(losses)}")
        weights, total = self.weights, 0.5 * self.log_variances.sum()
        for i, loss in enumerate(losses):
            total = total + weights[i] * loss
        return total

    def extra_repr(self):
        return f"tasks={self.tasks}"
