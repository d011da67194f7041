"""Convolution and pooling layers, for sequences (1d) and images (2d)."""

from __future__ import annotations

import math
from collections.abc import Callable

from ..creation import empty
from ..ops.convolution import margins_of, sizes
from . import functional as F
from . import init
from .applied import Applied
from .layers import natural_number
from .module import Module
from .parameter import Parameter


class _Conv(Module):
    """What Conv1d, Conv2d and their transposes share; `dims` is 1 or 2, `function` the functional form."""

    dims: int
    function: Callable
    transposed = False
    output_padding: tuple = ()

    def __init__(self, in_channels: int, out_channels: int, kernel_size, stride=1, padding=0, dilation=1,
                 groups: int = 1, bias: bool = True, padding_mode: str = "zeros", device=None, dtype=None):
        super().__init__()
        name = type(self).__name__
        self.in_channels = natural_number(name, "in_channels", in_channels)
        self.out_channels = natural_number(name, "out_channels", out_channels)
        if natural_number(name, "groups", groups) == 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups or out_channels % groups:
            raise ValueError(f"in_channels and out_channels must be divisible by groups, given {in_channels}, "
                             f"{out_channels} and {groups}")
        if padding_mode not in ("zeros", "reflect", "replicate", "circular"):
            raise ValueError(f"padding_mode must be one of zeros, reflect, replicate, circular, given {padding_mode!r}")
        self.kernel_size = sizes(name, "kernel_size", kernel_size, self.dims)
        self.stride = sizes(name, "stride", stride, self.dims)
        self.dilation = sizes(name, "dilation", dilation, self.dims)
        margins = margins_of(name, padding, self.stride, self.dilation, self.kernel_size)
        self._margins = tuple(n for pair in reversed(margins) for n in pair)  # as functional.pad takes them
        self.padding = padding if isinstance(padding, str) else sizes(name, "padding", padding, self.dims, least=0)
        self.groups, self.padding_mode = groups, padding_mode
        channels = (in_channels, out_channels // groups) if self.transposed else (out_channels, in_channels // groups)
        self.weight = Parameter(empty((*channels, *self.kernel_size), dtype=dtype, device=device))
        self.register_parameter("bias", Parameter(empty(out_channels, dtype=dtype, device=device)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in = math.prod(self.weight.shape[1:])
            bound = 1 / math.sqrt(fan_in) if fan_in else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input):
        padding = self.padding
        if self.padding_mode != "zeros":
            input, padding = F.pad(input, self._margins, self.padding_mode), 0
        return self.function(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def extra_repr(self):
        shown = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        if self.padding != (0,) * self.dims:
            shown += f", padding={self.padding}"
        if self.dilation != (1,) * self.dims:
            shown += f", dilation={self.dilation}"
        if any(self.output_padding):
            shown += f", output_padding={self.output_padding}"
        if self.groups != 1:
            shown += f", groups={self.groups}"
        if self.bias is None:
            shown += ", bias=False"
        return shown if self.padding_mode == "zeros" else f"{shown}, padding_mode={self.padding_mode}"


class Conv1d(_Conv):
    """`out_channels` filters that move along sequences of `in_channels` numbers; see `Conv2d`.

    Shapes: (sequences, in_channels, length) → (sequences, out_channels, L); weight (out, in / groups, kernel_size).
    """

    dims, function = 1, staticmethod(F.conv1d)


class Conv2d(_Conv):
    """`out_channels` filters that move over images of `in_channels` channels: `functional.conv2d`.

    Args: kernel_size, stride, padding, dilation: an integer, or one for rows and one for columns; padding may be
    'valid' or 'same'; groups: channels are split into so many groups, each with filters of its own; padding_mode:
    'zeros', 'reflect', 'replicate' or 'circular', see `functional.pad`.
    Shapes: (images, in_channels, height, width) → (images, out_channels, H, W); weight (out, in / groups, h, w),
    bias (out,). Both start evenly spread over ±1/√(in / groups · h · w).

    >>> import course
    >>> course.nn.Conv2d(3, 16, 3, padding=1)
    Conv2d(3, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    """

    dims, function = 2, staticmethod(F.conv2d)


class _ConvTranspose(_Conv):
    transposed = True

    def __init__(self, in_channels: int, out_channels: int, kernel_size, stride=1, padding=0, output_padding=0,
                 groups: int = 1, bias: bool = True, dilation=1, padding_mode: str = "zeros", device=None, dtype=None):
        name = type(self).__name__
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {name}, given {padding_mode!r}')
        padding = sizes(name, "padding", padding, self.dims, least=0)
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode,
                         device, dtype)
        self.output_padding = sizes(name, "output_padding", output_padding, self.dims, least=0)

    def forward(self, input, output_size=None):
        more = self.output_padding if output_size is None else self._padding_for(input, tuple(output_size))
        return self.function(input, self.weight, self.bias, self.stride, self.padding, more, self.groups, self.dilation)

    def _padding_for(self, input, wanted):
        """The output_padding with which the result has the wanted size."""
        if len(wanted) not in (self.dims, input.ndim):
            raise ValueError(f"{type(self).__name__}: for {input.ndim}D input, output_size must have {self.dims} or "
                             f"{input.ndim} elements (got {len(wanted)})")
        wanted = wanted[-self.dims :]
        least = [(n - 1) * s - 2 * p + d * (k - 1) + 1 for n, s, p, d, k in zip(
            input.shape[-self.dims :], self.stride, self.padding, self.dilation, self.kernel_size)]
        if any(not 0 <= w - n < s for w, n, s in zip(wanted, least, self.stride)):
            raise ValueError(f"requested an output size of {list(wanted)}, but valid sizes range from {least} to "
                             f"{[n + s - 1 for n, s in zip(least, self.stride)]} (for an input of {list(input.shape)})")
        return tuple(w - n for w, n in zip(wanted, least))


class ConvTranspose1d(_ConvTranspose):
    """`ConvTranspose2d` for sequences. Shapes: (sequences, in_channels, length) → (sequences, out_channels, L)."""

    dims, function = 1, staticmethod(F.conv_transpose1d)


class ConvTranspose2d(_ConvTranspose):
    """Filters laid down on a larger image, one for each number of a smaller one: `functional.conv_transpose2d`.

    Args: as for `Conv2d`, where this is the way back: a stride of 2 doubles the size; output_padding: rows and columns
    added on one side, or name the output_size in the call.
    Shapes: (images, in_channels, height, width) → (images, out_channels, H, W); weight (in, out / groups, h, w).
    Both start evenly spread over ±1/√(out / groups · h · w).
    """

    dims, function = 2, staticmethod(F.conv_transpose2d)


# --- patches --------------------------------------------------------------------------------------------------------


class Unfold(Applied, function=F.unfold, options=("kernel_size",)):
    """`unfold`: every patch of an image as a column."""

    def extra_repr(self):
        return ", ".join(f"{name}={getattr(self, name)}" for name in self.__signature__.parameters)


class Fold(Unfold, function=F.fold, options=("output_size", "kernel_size")):
    """`fold`: the image whose patches the columns are, added where they overlap."""


# --- pooling --------------------------------------------------------------------------------------------------------


class _Pool(Module):
    """The base of the pooling layers: the arguments of `function` become attributes, `shown` says which are printed."""

    function: Callable
    shown = "kernel_size={kernel_size}, stride={stride}, padding={padding}"

    def forward(self, input):
        return self.function(input, **{name: getattr(self, name) for name in self.options})

    def _keep(self, **options):
        super().__init__()
        self.__dict__.update(options, options=tuple(options))

    def extra_repr(self):
        return self.shown.format(**{name: getattr(self, name) for name in self.options})


class _MaxPool(_Pool):
    shown = _Pool.shown + ", dilation={dilation}, ceil_mode={ceil_mode}"

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, return_indices: bool = False,
                 ceil_mode: bool = False):
        self._keep(kernel_size=kernel_size, stride=kernel_size if stride is None else stride, padding=padding,
                   dilation=dilation, return_indices=return_indices, ceil_mode=ceil_mode)


class MaxPool1d(_MaxPool):
    """The largest number of each window of a sequence: `functional.max_pool1d`."""

    function = staticmethod(F.max_pool1d)


class MaxPool2d(_MaxPool):
    """The largest number of each window of an image: `functional.max_pool2d`."""

    function = staticmethod(F.max_pool2d)


class AvgPool1d(_Pool):
    """The mean of each window of a sequence: `functional.avg_pool1d`."""

    function = staticmethod(F.avg_pool1d)

    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode: bool = False, count_include_pad: bool = True):
        one = lambda n: n if isinstance(n, tuple) else (n,)
        self._keep(kernel_size=one(kernel_size), stride=one(kernel_size if stride is None else stride),
                   padding=one(padding), ceil_mode=ceil_mode, count_include_pad=count_include_pad)


class AvgPool2d(_Pool):
    """The mean of each window of an image: `functional.avg_pool2d`."""

    function = staticmethod(F.avg_pool2d)

    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode: bool = False, count_include_pad: bool = True,
                 divisor_override: int | None = None):
        self._keep(kernel_size=kernel_size, stride=kernel_size if stride is None else stride, padding=padding,
                   ceil_mode=ceil_mode, count_include_pad=count_include_pad, divisor_override=divisor_override)


class LPPool1d(_Pool):
    """(Σ x^p)^(1/p) of each window of a sequence, p = norm_type: `functional.lp_pool1d`."""

    function = staticmethod(F.lp_pool1d)
    shown = "norm_type={norm_type}, kernel_size={kernel_size}, stride={stride}, ceil_mode={ceil_mode}"

    def __init__(self, norm_type: float, kernel_size, stride=None, ceil_mode: bool = False):
        self._keep(norm_type=norm_type, kernel_size=kernel_size, stride=stride, ceil_mode=ceil_mode)


class LPPool2d(LPPool1d):
    """(Σ x^p)^(1/p) of each window of an image, p = norm_type: `functional.lp_pool2d`."""

    function = staticmethod(F.lp_pool2d)


class MaxUnpool1d(_Pool):
    """The way back from `MaxPool1d(…, return_indices=True)`: called with the numbers, their indices and output_size."""

    function, dims = staticmethod(F.max_unpool1d), 1

    def __init__(self, kernel_size, stride=None, padding=0):
        given = {"kernel_size": kernel_size, "stride": kernel_size if stride is None else stride, "padding": padding}
        self._keep(**{name: n if isinstance(n, tuple) else (n,) * self.dims for name, n in given.items()})

    def forward(self, input, indices, output_size=None):
        return self.function(input, indices, self.kernel_size, self.stride, self.padding, output_size)


class MaxUnpool2d(MaxUnpool1d):
    """The way back from `MaxPool2d(…, return_indices=True)`: called with the numbers, their indices and output_size."""

    function, dims = staticmethod(F.max_unpool2d), 2


class AdaptiveAvgPool1d(_Pool):
    """The means of `output_size` windows that cover a sequence of any length."""

    function, shown = staticmethod(F.adaptive_avg_pool1d), "output_size={output_size}"

    def __init__(self, output_size):
        self._keep(output_size=output_size)


class AdaptiveAvgPool2d(AdaptiveAvgPool1d):
    """The means of output_size = (H, W) windows that cover an image of any size."""

    function = staticmethod(F.adaptive_avg_pool2d)


class AdaptiveMaxPool1d(_Pool):
    """The largest numbers of `output_size` windows that cover a sequence of any length."""

    function, shown = staticmethod(F.adaptive_max_pool1d), "output_size={output_size}"

    def __init__(self, output_size, return_indices: bool = False):
        self._keep(output_size=output_size, return_indices=return_indices)


class AdaptiveMaxPool2d(AdaptiveMaxPool1d):
    """The largest numbers of output_size = (H, W) windows that cover an image of any size."""

    function = staticmethod(F.adaptive_max_pool2d)
