"""Parametrizations of weights: their length apart from their direction, and a layer that stretches nothing."""

from __future__ import annotations

from ...autograd import no_grad
from ...ops.distances import normalize
from ...tensor import Tensor
from ...unknown import names_of
from ..convolution import ConvTranspose1d, ConvTranspose2d
from ..module import Module
from .parametrize import register_parametrization

__getattr__ = names_of(__name__)


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Let the weight be w = g · v / ‖v‖, its length g and its direction v learned apart; returns the module.

    Lengths are those of the slices along `dim`: with 0 each output has its own, with None the whole weight has one.
    g and v are `module.parametrizations.weight.original0` and `original1`.
    Source: Salimans and Kingma, Weight Normalization (2016).
    """
    return register_parametrization(module, name, _WeightNorm(dim), unsafe=True)


class _WeightNorm(Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, g, v):
        return g * v / length(v, self.dim)

    def right_inverse(self, weight):
        return length(weight, self.dim), weight


def length(v: Tensor, dim: int | None) -> Tensor:
    """‖v‖ of the slices along `dim`, or of the whole where it is None or -1."""
    if dim is None or dim == -1:
        return (v * v).sum().sqrt()
    others = tuple(d for d in range(v.ndim) if d != dim % v.ndim)
    return (v * v).sum(others, keepdim=True).sqrt() if others else v.abs()


def spectral_norm(module: Module, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12,
                  dim: int | None = None) -> Module:
    """Let the weight be W / σ, σ its largest singular value: the layer lengthens no vector. Returns the module.

    σ ≈ uᵀWv comes from the power method, u ← Wv / ‖Wv‖, v ← Wᵀu / ‖Wᵀu‖: 15 times at the start, then
    `n_power_iterations` times whenever the weight is asked for while training. A weight of more dimensions counts as a
    matrix with a row for each position along `dim` (0, and 1 for transposed convolutions).
    Raises ValueError for a tensor that is not there and fewer iterations than one, IndexError for a dim that is not.
    Source: Miyato et al., Spectral Normalization for Generative Adversarial Networks (2018).
    """
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    dim = dim_of_outputs(module) if dim is None else dim
    return register_parametrization(module, name, _SpectralNorm(weight, n_power_iterations, dim, eps))


class _SpectralNorm(Module):
    def __init__(self, weight, n_power_iterations, dim, eps):
        super().__init__()
        if not -weight.ndim <= dim < weight.ndim:
            raise IndexError(f"Dimension out of range (expected to be in range of [{-weight.ndim}, {weight.ndim - 1}] "
                             f"but got {dim})")
        if n_power_iterations <= 0:
            raise ValueError("Expected n_power_iterations to be positive, but got "
                             f"n_power_iterations={n_power_iterations}")
        self.n_power_iterations, self.dim, self.eps = n_power_iterations, dim % weight.ndim, eps
        if weight.ndim > 1:
            W = rows(weight.detach(), self.dim)
            m, n = W.shape
            u, v = W.new_empty(m).normal_(), W.new_empty(n).normal_()
            self.register_buffer("_u", normalize(u, dim=0, eps=eps))
            self.register_buffer("_v", normalize(v, dim=0, eps=eps))
            self._iterate(W, 15)

    def forward(self, weight):
        if weight.ndim == 1:
            return normalize(weight, dim=0, eps=self.eps)
        W = rows(weight, self.dim)
        if self.training:
            self._iterate(W, self.n_power_iterations)
        u, v = self._u.clone(), self._v.clone()  # the buffers change before the way back
        return weight / u.dot(W.mv(v))

    def right_inverse(self, value):
        return value

    @no_grad()
    def _iterate(self, W, times):
        for _ in range(times):
            self._u.copy_(normalize(W.mv(self._v), dim=0, eps=self.eps))
            self._v.copy_(normalize(W.T.mv(self._u), dim=0, eps=self.eps))


def dim_of_outputs(module: Module) -> int:
    """The dimension of a layer's weight along which its outputs lie."""
    return 1 if isinstance(module, ConvTranspose1d | ConvTranspose2d) else 0


def rows(weight: Tensor, dim: int) -> Tensor:
    """The weight as a matrix with a row for each position along `dim`."""
    return weight.movedim(dim, 0).reshape(weight.shape[dim], -1)
