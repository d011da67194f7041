"""Transforms: small changes of images, for augmentation. They act on tensors (…, channels, height, width).

Random ones draw from the course's random stream, so a seed repeats them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .creation import rand, randint, randn
from .tensor import Tensor


def _image(x, name):
    if not isinstance(x, Tensor) or x.ndim < 2:
        given = tuple(x.shape) if isinstance(x, Tensor) else type(x).__name__
        raise TypeError(f"{name} changes tensors (…, channels, height, width), given {given}")
    return x


class Compose:
    """Several transforms, one after the other."""

    def __init__(self, transforms: Sequence[Callable[[Tensor], Tensor]]):
        self.transforms = list(transforms)

    def __call__(self, x):
        for transform in self.transforms:
            x = transform(x)
        return x

    def __repr__(self):
        return "Compose(\n" + "".join(f"    {t}\n" for t in self.transforms) + ")"


class ToTensor:
    """An array of bytes (height, width) or (height, width, channels) as float32 (channels, height, width) from 0 to 1.

    Other arrays keep their type; a tensor stays as it is: the course's datasets give tensors already.
    """

    def __call__(self, x):
        if isinstance(x, Tensor):
            return x
        array = np.asarray(x)
        if array.ndim not in (2, 3):
            raise ValueError(f"ToTensor takes images of 2 or 3 dimensions, given an array of shape {array.shape}")
        array = array[None] if array.ndim == 2 else np.moveaxis(array, -1, 0)
        scaled = array / np.float32(255) if array.dtype == np.uint8 else array
        return Tensor._of(np.ascontiguousarray(scaled))

    def __repr__(self):
        return "ToTensor()"


class Normalize:
    """(x − mean) / std for each channel."""

    def __init__(self, mean: Sequence[float], std: Sequence[float]):
        self.mean, self.std = list(mean), list(std)
        if any(s == 0 for s in self.std):
            raise ValueError(f"std must not be 0, given {self.std}")

    def __call__(self, x):
        kind = _image(x, "Normalize")._array.dtype.type
        mean, std = (np.array(v, kind)[:, None, None] for v in (self.mean, self.std))
        return (x - Tensor._of(mean)) / Tensor._of(std)

    def __repr__(self):
        return f"Normalize(mean={self.mean}, std={self.std})"


class RandomHorizontalFlip:
    """The image mirrored left to right, with probability p."""

    def __init__(self, p: float = 0.5):
        if not 0 <= p <= 1:
            raise ValueError(f"p is a probability, from 0 to 1, given {p}")
        self.p = p

    def __call__(self, x):
        flip = rand(1).item() < self.p
        return Tensor._of(_image(x, "RandomHorizontalFlip")._array[..., ::-1].copy()) if flip else x

    def __repr__(self):
        return f"RandomHorizontalFlip(p={self.p})"


class RandomCrop:
    """A random part of size (height, width), after `padding` rows and columns of zeros were put around the image."""

    def __init__(self, size: int | tuple[int, int], padding: int = 0):
        self.size = (size, size) if isinstance(size, int) else tuple(size)
        self.padding = padding
        if min(*self.size, padding + 1) < 1:
            raise ValueError(f"RandomCrop needs sizes of 1 or more and no negative padding, given {size} and {padding}")

    def __call__(self, x):
        array = _image(x, "RandomCrop")._array
        around = [(0, 0)] * (array.ndim - 2) + [(self.padding, self.padding)] * 2
        array = np.pad(array, around)
        (height, width), (h, w) = array.shape[-2:], self.size
        if h > height or w > width:
            raise ValueError(f"Required crop size {self.size} is larger than input image size {(height, width)}; "
                             "use more padding")
        top, left = randint(0, height - h + 1, (1,)).item(), randint(0, width - w + 1, (1,)).item()
        return Tensor._of(array[..., top : top + h, left : left + w].copy())

    def __repr__(self):
        return f"RandomCrop(size={self.size}, padding={self.padding})"


class RandomNoise:
    """x plus normal noise of standard deviation `std`."""

    def __init__(self, std: float = 0.1):
        if std < 0:
            raise ValueError(f"std must not be negative, given {std}")
        self.std = std

    def __call__(self, x):
        return x + self.std * randn(*_image(x, "RandomNoise").shape, dtype=x.dtype)

    def __repr__(self):
        return f"RandomNoise(std={self.std})"
