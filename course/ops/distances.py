"""How long vectors are and how far apart they lie: normalised, compared by angle, compared by distance."""

import numpy as np

from ..autograd import check_tensors
from .elementwise import clamp, where
from .reduction import norm, sum
from .shapes import _dim


def normalize(input, p=2.0, dim=1, eps=1e-12):
    """x / max(‖x‖_p, ε) along `dim`: vectors of length 1."""
    check_tensors("normalize", input=input)
    return input / clamp(norm(input, p, dim, True), min=eps)


def cosine_similarity(x1, x2, dim=1, eps=1e-8):
    """x₁ · x₂ / (max(‖x₁‖, ε) max(‖x₂‖, ε)) along `dim`: 1 for the same direction, 0 for a right angle.

    Shapes: broadcastable; the result lacks `dim`. Raises RuntimeError for integers.
    """
    check_tensors("cosine_similarity", x1=x1, x2=x2)
    if not (x1.is_floating_point() or x2.is_floating_point()):
        raise RuntimeError(f"cosine_similarity(): expected common dtype to be floating point, given {x1.dtype} and "
                           f"{x2.dtype}; convert with .float()")
    shape = (x1.detach() * x2.detach()).shape  # both get it first, so that `dim` means the same for both
    x1, x2 = x1.broadcast_to(shape), x2.broadcast_to(shape)
    return sum(x1 / _length(x1, dim, eps) * (x2 / _length(x2, dim, eps)), dim)


def _length(x, dim, eps):
    """max(‖x‖, ε), whose gradient is that of ‖x‖ also below ε, as in PyTorch."""
    length = norm(x, 2, dim, True)
    known = length.detach()
    return length + (clamp(known, min=eps) - known)


_COMPUTE_MODES = (
    "use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist")


def pdist(input, p=2.0):
    """‖xᵢ − xⱼ‖_p of all pairs of rows, i < j: (n, d) → (n (n − 1) / 2,). Raises RuntimeError for no matrix."""
    check_tensors("pdist", input=input)
    if input.ndim != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {input.ndim}D")
    return cdist(input, input, p)[np.triu_indices(len(input), 1)]


def cdist(x1, x2, p=2.0, compute_mode=_COMPUTE_MODES[0]):
    """‖x₁ − x₂‖_p of every row of x1 and every row of x2.

    Shapes: (…, n, d) and (…, m, d) → (…, n, m); the batches broadcast. Raises RuntimeError for rows of unlike length,
    for integers and for p < 0.
    Differs from PyTorch: `compute_mode` changes nothing, differences are always taken directly.

    >>> import course
    >>> course.cdist(course.tensor([[0., 0.], [3., 0.]]), course.tensor([[0., 4.]]))
    tensor([[4.],
            [5.]])
    """
    check_tensors("cdist", x1=x1, x2=x2)
    if compute_mode not in _COMPUTE_MODES:
        raise ValueError(f"{compute_mode} is not a valid value for compute_mode; use one of {_COMPUTE_MODES}")
    if x1.ndim < 2 or x2.ndim < 2 or x1.shape[-1] != x2.shape[-1]:
        raise RuntimeError(f"cdist() compares rows of the same length in (…, rows, columns), given {list(x1.shape)} "
                           f"and {list(x2.shape)}")
    if not x1.is_floating_point() or x1.dtype != x2.dtype:
        raise RuntimeError(f"cdist() compares floats of one type, given {x1.dtype} and {x2.dtype}; use .float()")
    if p < 0:
        raise RuntimeError(f"cdist() only supports non-negative p values, given {p}")
    return norm(x1.unsqueeze(-2) - x2.unsqueeze(-3), p, -1)


def pairwise_distance(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    """‖x₁ − x₂ + ε‖_p along the last dimension. Shapes: (batch, features) or (features,), broadcastable."""
    check_tensors("pairwise_distance", x1=x1, x2=x2)
    return norm(x1 - x2 + eps, p, -1, keepdim)


def dist(input, other, p=2):
    """‖input − other‖_p of two tensors that broadcast: one number."""
    check_tensors("dist", input=input, other=other)
    return norm(input - other, p)


def renorm(input, p, dim, maxnorm):
    """Every slice along `dim` whose norm ‖·‖_p is larger than `maxnorm`, shortened to it; the others as they are.

    Raises RuntimeError for fewer than two dimensions, for a p that is not positive and for a negative maxnorm.
    """
    check_tensors("renorm", input=input)
    if input.ndim < 2 or p <= 0 or maxnorm < 0:
        raise RuntimeError(f"renorm: input needs at least 2 dimensions, p > 0 and maxnorm >= 0, given shape "
                           f"{list(input.shape)}, p = {p} and maxnorm = {maxnorm}")
    dim = _dim(dim, input.ndim)
    length = norm(input, p, tuple(d for d in range(input.ndim) if d != dim), True)
    return input * where(length > maxnorm, maxnorm / (length + 1e-7), 1.0)
