"""Activation functions as modules. Each is its function in `nn.functional`, whose options become attributes."""

from __future__ import annotations

from ..creation import full
from . import functional as F
from .applied import Applied
from .module import Module
from .parameter import Parameter


class Activation(Applied):
    """The base of the activations: `class ELU(Activation, function=F.elu)` takes elu's options and calls it."""

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs, without=("dtype", "training"))

    def extra_repr(self):
        shown = [f"{name}={getattr(self, name)!r}" for name in self.__signature__.parameters if name != "inplace"]
        return ", ".join([*shown, "inplace=True"] if self.__dict__.get("inplace") else shown)


class ReLU(Activation, function=F.relu):
    """max(0, x)."""


class ReLU6(Activation, function=F.relu6):
    """min(max(0, x), 6)."""


class LeakyReLU(Activation, function=F.leaky_relu):
    """x for x > 0, a x below, a = negative_slope: no unit is ever without gradient."""


class RReLU(Activation, function=F.rrelu):
    """x for x > 0, a x below, a drawn anew for each number while training (Xu et al., 2015)."""

    def forward(self, input):
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)


class ELU(Activation, function=F.elu):
    """x for x > 0, α (eˣ − 1) below."""


class SELU(Activation, function=F.selu):
    """s · elu(x, α) with the s and α that keep mean 0 and variance 1 (Klambauer et al., 2017)."""


class CELU(Activation, function=F.celu):
    """x for x > 0, α (e^(x/α) − 1) below."""


class GELU(Activation, function=F.gelu):
    """x Φ(x); approximate='tanh' takes Φ ≈ (1 + tanh u) / 2 (Hendrycks and Gimpel, 2016)."""


class SiLU(Activation, function=F.silu):
    """x σ(x), also called swish."""


class Mish(Activation, function=F.mish):
    """x tanh log(1 + eˣ) (Misra, 2019)."""


class Hardtanh(Activation, function=F.hardtanh):
    """x, but no less than min_val and no more than max_val."""


class Hardsigmoid(Activation, function=F.hardsigmoid):
    """min(max(0, x + 3), 6) / 6: three straight lines in place of σ(x)."""

    extra_repr = Module.extra_repr  # PyTorch does not show `inplace` here


class Hardswish(Activation, function=F.hardswish):
    """x · hardsigmoid(x)."""

    extra_repr = Module.extra_repr


class Hardshrink(Activation, function=F.hardshrink):
    """x, and 0 where |x| ≤ λ = lambd."""

    def extra_repr(self):
        return str(self.lambd)


class Softshrink(Hardshrink, function=F.softshrink):
    """x brought nearer to 0 by λ = lambd, and 0 where |x| ≤ λ."""


class Tanhshrink(Activation, function=F.tanhshrink):
    """x − tanh x."""


class Sigmoid(Activation, function=F.sigmoid):
    """1 / (1 + e⁻ˣ)."""


class LogSigmoid(Activation, function=F.logsigmoid):
    """log σ(x)."""


class Tanh(Activation, function=F.tanh):
    """tanh x."""


class Softplus(Activation, function=F.softplus):
    """log(1 + e^βx) / β, a smooth ReLU."""


class Softsign(Activation, function=F.softsign):
    """x / (1 + |x|)."""


class Threshold(Activation, function=F.threshold, options=("threshold", "value")):
    """x above the threshold, `value` elsewhere."""


class Softmax(Activation, function=F.softmax):
    """exp(z_k) / Σ exp(z_j) along `dim`."""


class Softmax2d(Module):
    """exp(z_k) / Σ exp(z_j) over the channels at each place of an image. Shapes: (…, channels, height, width)."""

    def forward(self, input):
        if input.ndim not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {input.ndim}D instead")
        return F.softmax(input, -3)


class Softmin(Activation, function=F.softmin):
    """exp(−z_k) / Σ exp(−z_j) along `dim`."""


class GLU(Activation, function=F.glu):
    """a σ(b) of the two halves a and b of `dim`."""


class LogSoftmax(Activation, function=F.log_softmax):
    """log softmax(z) along `dim`."""


class PReLU(Module):
    """x for x > 0, a x below, with a learned: one (num_parameters=1), or one for each channel."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device=None, dtype=None):
        super().__init__()
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(full((num_parameters,), float(init), dtype=dtype, device=device))

    def forward(self, input):
        return F.prelu(input, self.weight)

    def extra_repr(self):
        return f"num_parameters={self.num_parameters}"
