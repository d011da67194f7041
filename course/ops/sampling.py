"""Images looked up at any places: how a spatial transformer turns, shifts and stretches them."""

import warnings

import numpy as np

from ..autograd import Taped, check_tensors, operation
from ..device import beside
from .elementwise import abs, clamp, floor, minimum, remainder, round, where
from .embedding import _embedding
from .linear import linear
from .padding import pad
from .shapes import permute, reshape, stack

_UNSAID = ("Default grid_sample and affine_grid behavior is align_corners=False: −1 and 1 are the outer edges of an "
           "image (True: the middles of its first and last pixels). Say which is meant")


def affine_grid(theta, size, align_corners=None):
    """For each pixel of an image to be made, the place (x, y) = θ (column, row, 1) where `grid_sample` shall look.

    Args: theta: a matrix for each image; size: (images, C, H, W) of those to be made; align_corners: see `grid_sample`.
    Shapes: theta (images, 2, 3), result (images, H, W, 2). Raises ValueError for shapes that do not fit,
    NotImplementedError for volumes. Source: Jaderberg et al., "Spatial Transformer Networks", 2015.
    """
    check_tensors("affine_grid", theta=theta)
    align_corners = _said(align_corners)
    if not theta.is_floating_point():
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    if len(size) != 4:
        raise NotImplementedError(f"affine_grid(): the course turns images, size (images, C, H, W), given {list(size)}")
    if tuple(theta.shape[1:]) != (2, 3):
        raise ValueError(f"Expected a batch of 2D affine matrices of shape Nx2x3 for size {list(size)}. Got "
                         f"{list(theta.shape)}.")
    if min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {list(size)}")
    images, _, height, width = size
    if len(theta) != images:
        raise RuntimeError(f"affine_grid(): expected one matrix for each of {images} images, given {len(theta)}")
    columns, rows = (_even_places(n, align_corners, theta._array.dtype) for n in (width, height))
    places = np.stack([*np.meshgrid(columns, rows), np.ones((height, width), columns.dtype)], -1).reshape(-1, 3)
    (places,) = beside(theta._array, places)
    looked_at = linear(reshape(theta, -1, 3), Taped.tensor(places))
    return permute(reshape(looked_at, images, 2, height, width), 0, 2, 3, 1)


def _even_places(n, align_corners, dtype):
    """n pixels between −1 and 1: their middles, or with align_corners from end to end.

    They are rounded as PyTorch rounds them: a grid that changes nothing looks at the pixels themselves, and the last
    bit decides between which two of them a place lies, and so its slope.
    """
    if n == 1:
        return np.zeros(1, dtype)
    step, i = float(dtype.type(2 / (n - 1))), np.arange(n)
    places = np.where(i < n // 2, -1 + step * i, 1 - step * (n - 1 - i)).astype(dtype)
    return places if align_corners else places * dtype.type(n - 1) / dtype.type(n)


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    """The image at the places (x, y) of the grid: −1, −1 is its corner at the top left, 1, 1 at the bottom right.

    Args: mode: 'bilinear' mixes the four pixels around a place by how near they are, 'nearest' takes the nearest, for
    which the grid's gradient is 0; padding_mode: outside are 'zeros', the nearest pixel of the 'border', or the image
    mirrored ('reflection'); align_corners: whether −1 and 1 are the middles of the first and last pixels, instead of
    their outer edges.
    Shapes: input (images, C, height, width), grid (images, H, W, 2), result (images, C, H, W). Raises RuntimeError for
    shapes and types that do not fit, ValueError for other modes, NotImplementedError for 'bicubic' and for volumes.
    """
    check_tensors("grid_sample", input=input, grid=grid)
    if mode not in ("bilinear", "nearest", "bicubic"):
        raise ValueError(f"grid_sample(): expected mode to be 'bilinear' or 'nearest', but got: {mode!r}")
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ValueError(f"grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: "
                         f"{padding_mode!r}")
    align_corners = _said(align_corners)
    _check_grid(input, grid, mode)
    channels, height, width = input.shape[1:]
    columns, across = _around(_place(grid[..., 0], width, padding_mode, align_corners), mode)
    rows, down = _around(_place(grid[..., 1], height, padding_mode, align_corners), mode)
    framed = pad(input, (1, 1, 1, 1))  # what is outside is looked up in a frame of zeros
    pixels = reshape(permute(framed, 0, 2, 3, 1), -1, channels)
    found = _embedding(pixels, _numbers(rows, columns, height, width), None)
    mixed = (found * (down.unsqueeze(1) * across).unsqueeze(-1)).sum((0, 1))
    return permute(mixed, 0, 3, 1, 2).contiguous()


def _around(place, mode):
    """The two pixels around each place, or the nearest one, and how much of each is taken."""
    here = place.detach()
    if mode == "nearest":
        return round(here).unsqueeze(0), where(False, place, 1.0).unsqueeze(0)  # all of it, wherever the place is
    before = floor(here)
    return stack([before, before + 1]), stack([before + 1 - place, place - before])


@operation()
def _numbers(rows, columns, height, width):
    """The numbers of the pixels in these rows and columns of each image with its frame.

    Shapes: (r, images, H, W) and (c, images, H, W) → (r, c, images, H, W).
    """
    framed = lambda x, n: (np.where(x >= 0, np.minimum(x, n), -1) + 1).astype(np.int64)
    image = np.arange(rows.shape[1], like=rows)[:, None, None]
    row = image * (height + 2) + framed(rows, height)
    return (row * (width + 2))[:, None] + framed(columns, width)


def _said(align_corners):
    if align_corners is None:
        warnings.warn(_UNSAID, UserWarning, stacklevel=3)
    return bool(align_corners)


def _check_grid(input, grid, mode):
    if mode == "bicubic" or input.ndim == 5:
        raise NotImplementedError("grid_sample(): the course looks up images, (images, C, H, W), in the modes "
                                  f"'bilinear' and 'nearest', given mode {mode!r} and {input.ndim}D input")
    if input.ndim != 4 or grid.ndim != 4 or grid.shape[-1] != 2:
        raise RuntimeError("grid_sampler(): expected 4D input (images, C, height, width) and a grid (images, H, W, 2), "
                           f"but got input with sizes {list(input.shape)} and grid with sizes {list(grid.shape)}")
    if len(input) != len(grid):
        raise RuntimeError("grid_sampler(): expected grid and input to have same batch size, but got input with sizes "
                           f"{list(input.shape)} and grid with sizes {list(grid.shape)}")
    if 0 in input.shape[1:]:
        raise RuntimeError("grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes "
                           f"{list(input.shape)}")
    if input.dtype != grid.dtype or not input.is_floating_point():
        raise RuntimeError(f"grid_sampler(): expected input and grid to be floats of the same type, but got "
                           f"{input.dtype} and {grid.dtype}")


def _place(coordinate, n, padding_mode, align_corners):
    """A coordinate from −1 to 1 along n pixels as a place from 0 to n − 1."""
    first, span = (0.0, n - 1) if align_corners else (-0.5, n)  # where the image begins, and how far it reaches
    place = (coordinate + 1) * (span / 2) + first
    if padding_mode == "reflection":
        if span == 0:
            return place * 0
        there_and_back = remainder(abs(place - first), 2 * span)
        place = minimum(there_and_back, 2 * span - there_and_back) + first
    if padding_mode == "zeros":
        return place
    return where((place > 0) & (place < n - 1), place, clamp(place.detach(), 0, n - 1))  # flat at the border and beyond
