"""Softmax over very many classes: the frequent ones in one layer, the rare ones in smaller layers behind it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from ..creation import tensor
from ..ops.counting import searchsorted
from ..ops.elementwise import where
from ..ops.shapes import cat
from ..tensor import Tensor
from . import functional as F
from .containers import ModuleList, Sequential
from .layers import Linear
from .module import Module


class ASMoutput(NamedTuple):
    """What `AdaptiveLogSoftmaxWithLoss` returns."""

    output: Tensor
    loss: Tensor


class AdaptiveLogSoftmaxWithLoss(Module):
    """log p(class) = log p(cluster) + log p(class | cluster) of the true class, and the mean of −log p as the loss.

    Classes before the first of the `cutoffs` are clusters of their own, found by the `head`; from each cutoff to the
    next reaches a cluster of rarer ones, with a layer of its own in the `tail`, which only its samples pass through.
    Args: n_classes: sorted from frequent to rare; div_value: how many times fewer numbers each next cluster has.
    Shapes: input (batch, in_features) and target (batch,), or one sample. Raises ValueError for cutoffs that do not
    ascend, RuntimeError for classes that do not exist and for shapes that do not fit. Source: Grave et al., 2017.
    """

    def __init__(self, in_features: int, n_classes: int, cutoffs: Sequence[int], div_value: float = 4.0,
                 head_bias: bool = False, device=None, dtype=None):
        super().__init__()
        cutoffs = list(cutoffs)
        ascend = all(a < b and b == int(b) for a, b in pairwise([0, *cutoffs, n_classes]))
        if not cutoffs or not ascend:
            raise ValueError("cutoffs should be a sequence of unique, positive integers sorted in an increasing order, "
                             f"where each value is between 1 and n_classes-1, given {cutoffs} of {n_classes} classes")
        self.in_features, self.n_classes, self.cutoffs = in_features, n_classes, [*cutoffs, n_classes]
        self.div_value, self.head_bias = div_value, head_bias
        self.shortlist_size, self.n_clusters = cutoffs[0], len(cutoffs)
        self.head_size = self.shortlist_size + self.n_clusters
        made = {"device": device, "dtype": dtype}
        self.head = Linear(in_features, self.head_size, head_bias, **made)
        self.tail = ModuleList()
        for i, (first, end) in enumerate(pairwise(self.cutoffs), 1):
            narrow = int(in_features // div_value**i)
            self.tail.append(Sequential(Linear(in_features, narrow, bias=False, **made),
                                        Linear(narrow, end - first, bias=False, **made)))

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        for layer in (self.head, *(layer for pair in self.tail for layer in pair)):
            layer.reset_parameters()

    def forward(self, input, target) -> ASMoutput:
        if target.ndim > 1 or input.ndim != target.ndim + 1 or input.shape[:-1] != target.shape:
            raise RuntimeError("AdaptiveLogSoftmaxWithLoss: Input and target should have the same size in the batch "
                               f"dimension, (batch, {self.in_features}) and (batch,), or be one sample, given "
                               f"{list(input.shape)} and {list(target.shape)}")
        if target.ndim == 0:
            output, loss = self.forward(input.unsqueeze(0), target.unsqueeze(0))
            return ASMoutput(output[0], loss)
        if len(target) and not 0 <= target.min().item() <= target.max().item() < self.n_classes:
            raise RuntimeError(f"Target values should be in [0, {self.n_classes - 1}], but values in range "
                               f"[{target.min().item()}, {target.max().item()}] were found. ")
        cluster = searchsorted(tensor(self.cutoffs, device=target.device), target, right=True)
        place = where(cluster == 0, target, cluster + (self.shortlist_size - 1))
        output = F.log_softmax(self.head(input), 1).gather(1, place.unsqueeze(1)).squeeze(1)
        for i, layer in enumerate(self.tail, 1):
            rows = (cluster == i).nonzero().squeeze(1)
            if len(rows):
                within = (target[rows] - self.cutoffs[i - 1]).unsqueeze(1)
                output = output.index_add(0, rows, F.log_softmax(layer(input[rows]), 1).gather(1, within).squeeze(1))
        return ASMoutput(output, (-output).mean())

    def log_prob(self, input):
        """The logarithms of the probabilities of all classes. Shapes: (batch, in_features) → (batch, n_classes)."""
        head = F.log_softmax(self.head(input), 1)
        shortlist, *clusters = head.split([self.shortlist_size, *[1] * self.n_clusters], 1)
        return cat([shortlist, *(F.log_softmax(layer(input), 1) + c for layer, c in zip(self.tail, clusters))], 1)

    def predict(self, input):
        """The most probable class of each row."""
        return self.log_prob(input).argmax(1)
