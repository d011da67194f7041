"""Images made larger or smaller, as modules."""

from . import functional as F
from .applied import Applied


class Upsample(Applied, function=F.interpolate, without=("antialias",)):
    """`interpolate`: a sequence or image of another size."""

    def extra_repr(self):
        given = f"size={self.size}" if self.scale_factor is None else f"scale_factor={self._factors()}"
        return f"{given}, mode={self.mode!r}"

    def _factors(self):
        several = isinstance(self.scale_factor, tuple)
        return tuple(map(float, self.scale_factor)) if several else float(self.scale_factor)


class UpsamplingNearest2d(Upsample):
    """`Upsample` of images with mode='nearest': pixels are repeated."""

    def __init__(self, size=None, scale_factor=None):
        super().__init__(size, scale_factor, "nearest")


class UpsamplingBilinear2d(Upsample):
    """`Upsample` of images with mode='bilinear' and align_corners=True: neighbours are mixed."""

    def __init__(self, size=None, scale_factor=None):
        super().__init__(size, scale_factor, "bilinear", align_corners=True)


class PixelShuffle(Applied, function=F.pixel_shuffle, options=("upscale_factor",)):
    """`pixel_shuffle`: channels become pixels. Source: Shi et al., 2016."""

    def extra_repr(self):
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Applied, function=F.pixel_unshuffle, options=("downscale_factor",)):
    """`pixel_unshuffle`: pixels become channels."""

    def extra_repr(self):
        return f"downscale_factor={self.downscale_factor}"


class ChannelShuffle(Applied, function=F.channel_shuffle, options=("groups",)):
    """`channel_shuffle`: the channels of several groups, in turns."""

    def extra_repr(self):
        return f"groups={self.groups}"
