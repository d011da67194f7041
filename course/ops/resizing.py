"""Images made larger or smaller: by repeating numbers, by mixing neighbours, or out of their channels."""

import math

import numpy as np

from ..autograd import Taped, check_tensors
from ..device import beside
from .linear import matmul
from .losses import warn
from .pooling import _sum_pool_back, adaptive_avg_pool1d, adaptive_avg_pool2d
from .shapes import permute, reshape, transpose

MODES = {  # mode -> for how many dimensions behind batch and channels
    "nearest": (1, 2), "nearest-exact": (1, 2), "linear": (1,), "bilinear": (2,), "area": (1, 2),
}


def interpolate(input, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None,
                antialias=False):
    """A sequence or image of another size.

    Args: size: one number or (H, W); scale_factor: how many times larger, instead; mode: 'nearest' repeats (or leaves
    out) numbers, 'linear' (sequences) and 'bilinear' (images) mix the two neighbours along each dimension by how near
    they are, 'area' takes means; align_corners: whether the corners of both images are the middles of their first and
    last pixels, instead of those pixels' outer corners; recompute_scale_factor: place the pixels by the two sizes
    rather than by scale_factor.
    Shapes: (sequences, C, length) or (images, C, height, width). Raises ValueError for sizes that do not make sense,
    NotImplementedError for other modes. Differs from PyTorch: no 'bicubic', 'trilinear' and antialias.
    """
    check_tensors("interpolate", input=input)
    dims = input.ndim - 2
    if mode not in MODES or antialias:
        raise NotImplementedError(f"interpolate(): mode {mode!r} with antialias={antialias} is not part of the course; "
                                  f"it has {', '.join(MODES)} without antialias")
    if dims not in MODES[mode]:
        raise NotImplementedError(f"Got {input.ndim}D input, but mode {mode!r} needs "
                                  f"{' or '.join(f'{n + 2}D' for n in MODES[mode])} input: (batch, channels, …)")
    if align_corners is not None and mode not in ("linear", "bilinear"):
        raise ValueError("align_corners option can only be set with the interpolating modes: linear | bilinear")
    target, scales = _target(input.shape[2:], size, scale_factor, recompute_scale_factor)
    if min(target) < 1 or input.numel() == 0:
        raise RuntimeError("Input and output sizes should be greater than 0, but got input "
                           f"{list(input.shape)} and output {list(target)}")
    if mode == "area":
        return adaptive_avg_pool1d(input, *target) if dims == 1 else adaptive_avg_pool2d(input, target)
    if mode.startswith("nearest"):
        middle = 0.5 if mode == "nearest-exact" else 0.0
        windows = [_nearest(*sizes, middle) for sizes in zip(input.shape[2:], target, scales)]
        rows, columns = windows if dims == 2 else ((np.array([0]), np.array([1])), *windows)
        planes = reshape(input, -1, *((1,) * (2 - dims)), *input.shape[2:])
        shape = (planes.shape[0], *((1,) * (2 - dims)), *target)
        return reshape(_sum_pool_back(planes, rows, columns, shape), *input.shape[:2], *target)
    mixing = [Taped.tensor(*beside(input._array, _mixing(*sizes, align_corners).astype(input._array.dtype)))
              for sizes in zip(input.shape[2:], target, scales)]
    out = matmul(input, mixing[-1].mT)
    return out if dims == 1 else matmul(mixing[0], out)


def _target(image, size, scale_factor, recompute):
    """The sizes to reach, and how far apart in the input the middles of two neighbours of the output are."""
    if (size is None) == (scale_factor is None):
        raise ValueError(f"{'either' if size is None else 'only one of'} size or scale_factor should be defined, given "
                         f"size={size} and scale_factor={scale_factor}")
    given = scale_factor if size is None else size
    several = tuple(given) if isinstance(given, tuple | list) else (given,) * len(image)
    if len(several) != len(image):
        raise ValueError(f"Input and {'scale_factor' if size is None else 'output'} must have the same number of "
                         f"spatial dimensions, but got input with spatial dimensions of {list(image)} and {given}")
    if size is not None:
        if recompute:
            raise ValueError("recompute_scale_factor is not meaningful with an explicit size")
        return several, [n / m if m else 0.0 for n, m in zip(image, several)]
    target = tuple(math.floor(n * float(s)) for n, s in zip(image, several))
    return target, [n / m if recompute and m else 1 / s for n, m, s in zip(image, target, several)]


def _nearest(n, count, step, middle):
    """For each of n numbers the window of the `count` outputs that show it: pooling backwards is then repeating."""
    shown = np.floor((np.arange(count, dtype=np.float32) + np.float32(middle)) * np.float32(step)).astype(int)
    shown = np.minimum(shown, n - 1)
    return np.searchsorted(shown, np.arange(n), "left"), np.searchsorted(shown, np.arange(n), "right")


def _mixing(n, count, step, align_corners):
    """The matrix (count, n) that mixes, for each output, its two neighbours."""
    if align_corners:
        place = np.linspace(0, n - 1, count) if count > 1 else np.zeros(1)
    else:
        place = np.maximum((np.arange(count) + 0.5) * step - 0.5, 0)
    low = np.minimum(place.astype(int), n - 1)
    share = place - low
    mixing = np.zeros((count, n))
    np.add.at(mixing, (np.arange(count), low), 1 - share)
    np.add.at(mixing, (np.arange(count), np.minimum(low + 1, n - 1)), share)
    return mixing


def pixel_shuffle(input, upscale_factor):
    """Channels become pixels: each r · r of them one larger image. Shapes: (…, C r², H, W) → (…, C, H r, W r)."""
    *leading, channels, height, width = _image("pixel_shuffle", input, upscale_factor)
    r = upscale_factor
    if channels % r**2:
        raise RuntimeError("pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of "
                           f"upscale_factor, but input.size(-3)={channels} is not divisible by {r**2}")
    blocks = reshape(input, -1, channels // r**2, r, r, height, width)
    return reshape(permute(blocks, 0, 1, 4, 2, 5, 3), *leading, channels // r**2, height * r, width * r)


def pixel_unshuffle(input, downscale_factor):
    """The way back from `pixel_shuffle`. Shapes: (…, C, H r, W r) → (…, C r², H, W)."""
    *leading, channels, height, width = _image("pixel_unshuffle", input, downscale_factor)
    r = downscale_factor
    if height % r or width % r:
        raise RuntimeError(f"pixel_unshuffle expects height and width to be divisible by downscale_factor, but "
                           f"({height}, {width}) is not divisible by {r}")
    blocks = reshape(input, -1, channels, height // r, r, width // r, r)
    return reshape(permute(blocks, 0, 1, 3, 5, 2, 4), *leading, channels * r**2, height // r, width // r)


def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    """The old name of `interpolate`."""
    warn("`nn.functional.upsample` is deprecated. Use `nn.functional.interpolate` instead.")
    return interpolate(input, size, scale_factor, mode, align_corners)


def channel_shuffle(input, groups):
    """The channels dealt out like cards: those of `groups` groups of neighbours, in turns.

    Shapes: (images, C, …) → the same. Raises RuntimeError where the channels do not divide into the groups.
    Source: Zhang et al., "ShuffleNet", 2018.
    """
    check_tensors("channel_shuffle", input=input)
    if input.ndim < 3:
        raise RuntimeError(f"channel_shuffle expects input with > 2 dims, but got input with sizes {list(input.shape)}")
    if isinstance(groups, bool) or not isinstance(groups, int):
        raise TypeError(f"channel_shuffle(): groups must be an integer, given {groups!r}")
    images, channels, *image = input.shape
    if groups < 1 or channels % groups:
        raise RuntimeError(f"Number of channels must be divisible by groups, which must be positive. Got {channels} "
                           f"channels and {groups} groups")
    return reshape(transpose(reshape(input, images, groups, channels // groups, *image), 1, 2), *input.shape)


def _image(name, input, factor):
    """The input's sizes, if it can be shuffled by the factor."""
    check_tensors(name, input=input)
    if input.ndim < 3:
        raise RuntimeError(f"{name} expects input to have at least 3 dimensions, but got input with {input.ndim} "
                           "dimension(s)")
    if isinstance(factor, bool) or not isinstance(factor, int):
        raise TypeError(f"{name}(): the factor must be an integer, given {factor!r}")
    if factor < 1:
        raise RuntimeError(f"{name} expects a positive factor, but got {factor}")
    return tuple(input.shape)
