"""Normalisation over batches, channels, groups and features; and dropout."""

from __future__ import annotations

import warnings

from ..creation import empty, ones, tensor, zeros
from . import functional as F
from .applied import Applied
from .layers import natural_number
from .module import Module
from .parameter import Parameter


class _PerChannel(Module):
    """What the normalisations with one weight, bias and pair of running statistics for each channel share."""

    dims: tuple  # how many dimensions the input may have

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True,
                 track_running_stats: bool = True, device=None, dtype=None, *, bias: bool = True):
        super().__init__()
        self.num_features = natural_number(type(self).__name__, "num_features", num_features)
        self.eps, self.momentum, self.affine, self.track_running_stats = eps, momentum, affine, track_running_stats
        options = {"dtype": dtype, "device": device}
        self.register_parameter("weight", Parameter(ones(num_features, **options)) if affine else None)
        self.register_parameter("bias", Parameter(zeros(num_features, **options)) if affine and bias else None)
        self.register_buffer("running_mean", zeros(num_features, **options) if track_running_stats else None)
        self.register_buffer("running_var", ones(num_features, **options) if track_running_stats else None)
        self.register_buffer("num_batches_tracked", tensor(0, device=device) if track_running_stats else None)

    def reset_running_stats(self) -> None:
        """Forget the running mean and variance."""
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Start anew: weight 1, bias 0, nothing seen."""
        self.reset_running_stats()
        _restart(self.weight, self.bias)

    def _check_dims(self, input):
        if input.ndim not in self.dims:
            raise ValueError(f"expected {' or '.join(f'{n}D' for n in self.dims)} input (got {input.ndim}D input)")

    def extra_repr(self):
        return (f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
                f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}")


class _BatchNorm(_PerChannel):
    def forward(self, input):
        self._check_dims(input)
        momentum = self.momentum
        if self.training and self.track_running_stats:
            self.num_batches_tracked.add_(1)
            if momentum is None:  # the plain average of all batches so far
                momentum = 1 / self.num_batches_tracked.item()
        by_batch = self.training or self.running_mean is None
        kept = not self.training or self.track_running_stats
        return F.batch_norm(input, self.running_mean if kept else None, self.running_var if kept else None, self.weight,
                            self.bias, by_batch, momentum or 0.0, self.eps)


class BatchNorm1d(_BatchNorm):
    """(x − μ) / √(σ² + ε) · weight + bias for each feature: `functional.batch_norm` (Ioffe and Szegedy, 2015).

    Shapes: (batch, features) or (batch, features, length). `momentum=None` averages all batches alike.
    While training, μ and σ² are the batch's; after `eval()` the running ones.
    """

    dims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """`BatchNorm1d` for images: a mean and variance for each channel. Shapes: (images, channels, height, width)."""

    dims = (4,)


class _InstanceNorm(_PerChannel):
    """The base: a sample without a batch has one dimension fewer."""

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = False,
                 track_running_stats: bool = False, device=None, dtype=None, *, bias: bool = True):
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def forward(self, input):
        self._check_dims(input)
        single = input.ndim == self.dims[0]
        x = input.unsqueeze(0) if single else input
        if x.shape[1] != self.num_features:
            said = (f"expected input's size at dim={int(not single)} to match num_features ({self.num_features}), but "
                    f"got: {x.shape[1]}")
            if self.affine:
                raise ValueError(said)
            warnings.warn(f"{said}; without affine=True nothing depends on it", stacklevel=2)
        own = self.training or not self.track_running_stats
        out = F.instance_norm(x, self.running_mean, self.running_var, self.weight, self.bias, own, self.momentum or 0.0,
                              self.eps)
        return out.squeeze(0) if single else out


class InstanceNorm1d(_InstanceNorm):
    """(x − μ) / √(σ² + ε) · weight + bias for each channel of each sequence by itself: `functional.instance_norm`.

    Shapes: (batch, features, length), or (features, length). With track_running_stats=True, `eval()` takes the running
    averages of μ and σ², as `BatchNorm1d` does.
    """

    dims = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """`InstanceNorm1d` for images. Shapes: (images, channels, height, width), or without `images`."""

    dims = (3, 4)


class GroupNorm(Module):
    """(x − μ) / √(σ² + ε) · weight + bias, μ and σ² over groups of channels: `functional.group_norm` (Wu and He, 2018).

    Args: num_groups: 1 takes all channels together, num_channels each one by itself.
    Shapes: (batch, num_channels, …). Raises ValueError where num_channels is not divisible by num_groups.
    """

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True, device=None,
                 dtype=None, *, bias: bool = True):
        super().__init__()
        if num_channels % num_groups:
            raise ValueError(f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})")
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        options = {"dtype": dtype, "device": device}
        self.register_parameter("weight", Parameter(ones(num_channels, **options)) if affine else None)
        self.register_parameter("bias", Parameter(zeros(num_channels, **options)) if affine and bias else None)

    def reset_parameters(self) -> None:
        """Start anew: weight 1, bias 0."""
        _restart(self.weight, self.bias)

    def forward(self, input):
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self):
        return (f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
                f"bias={self.bias is not None}")


def _restart(weight, bias=None):
    """Weight 1, bias 0."""
    if weight is not None:
        weight.data.fill_(1)
    if bias is not None:
        bias.data.zero_()


class LayerNorm(Module):
    """(x − μ) / √(σ² + ε) · weight + bias, μ and σ² over the last dimensions of each sample (Ba et al., 2016)."""

    def __init__(self, normalized_shape, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True,
                 device=None, dtype=None):
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        new = lambda: Parameter(empty(self.normalized_shape, dtype=dtype, device=device))
        self.register_parameter("weight", new() if elementwise_affine else None)
        self.register_parameter("bias", new() if elementwise_affine and bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start anew: weight 1, bias 0."""
        _restart(self.weight, self.bias)

    def forward(self, input):
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self):
        shown = f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        return shown + f", bias={self.bias is not None}"


class LocalResponseNorm(Applied, function=F.local_response_norm, options=("size",)):
    """x / (k + α · mean of x² over `size` neighbouring channels)^β (Krizhevsky, Sutskever and Hinton, 2012)."""

    def extra_repr(self):
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


class RMSNorm(Module):
    """x / √(mean(x²) + ε) · weight, the mean over the last dimensions of each sample: `functional.rms_norm`."""

    def __init__(self, normalized_shape, eps: float | None = None, elementwise_affine: bool = True, device=None,
                 dtype=None):
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        weight = Parameter(ones(self.normalized_shape, dtype=dtype, device=device)) if elementwise_affine else None
        self.register_parameter("weight", weight)

    def reset_parameters(self) -> None:
        """Start anew: weight 1."""
        _restart(self.weight)

    def forward(self, input):
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self):
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class Dropout(Module):
    """While training, each number becomes 0 with probability p, the others x / (1 − p) (Srivastava et al., 2014)."""

    function = staticmethod(F.dropout)

    def __init__(self, p: float = 0.5, inplace: bool = False):
        super().__init__()
        if isinstance(p, bool) or not isinstance(p, int | float):
            raise TypeError(f"{type(self).__name__}: p is a probability, a number from 0 to 1, given {p!r}")
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p, self.inplace = p, inplace

    def forward(self, input):
        return self.function(input, self.p, self.training, self.inplace)

    def extra_repr(self):
        return f"p={self.p}, inplace={self.inplace}"


class Dropout1d(Dropout):
    """`Dropout` of whole channels. Shapes: (sequences, channels, length) or (channels, length)."""

    function = staticmethod(F.dropout1d)


class Dropout2d(Dropout):
    """`Dropout` of whole channels. Shapes: (images, channels, height, width)."""

    function = staticmethod(F.dropout2d)


class Dropout3d(Dropout):
    """`Dropout` of whole channels. Shapes: (volumes, channels, depth, height, width), or one volume."""

    function = staticmethod(F.dropout3d)


class AlphaDropout(Dropout):
    """`functional.alpha_dropout`, for networks of `SELU`: mean 0 and variance 1 stay as they are."""

    function = staticmethod(F.alpha_dropout)

    def forward(self, input):
        return self.function(input, self.p, self.training)  # PyTorch does not heed `inplace` here


class FeatureAlphaDropout(AlphaDropout):
    """`AlphaDropout` of whole channels. Shapes: (samples, channels, …)."""

    function = staticmethod(F.feature_alpha_dropout)
