"""Slopes and areas of functions that are known at points: differences, gradients, trapezoids."""

from ..autograd import Taped, check_tensors
from ..dtype import get_default_dtype
from .reduction import _cumsum, sum
from .shapes import _dim, _dims, cat, clone, movedim


def diff(input, n=1, dim=-1, prepend=None, append=None):
    """xᵢ₊₁ − xᵢ along `dim`, `n` times over; of bools, whether they differ.

    Args: prepend, append: tensors to be put before or behind the input first. Raises RuntimeError for a single number,
    for a negative n and for others of another number of dimensions.

    >>> import course
    >>> course.diff(course.tensor([1, 4, 9]))
    tensor([3, 5])
    """
    check_tensors("diff", input=input)
    if input.ndim == 0 or n < 0:
        raise RuntimeError(f"diff expects input to be at least one-dimensional and n non-negative, given shape "
                           f"{list(input.shape)} and n = {n}")
    dim = _dim(dim, input.ndim)
    parts = [x for x in (prepend, input, append) if x is not None]
    if any(x.ndim != input.ndim for x in parts):
        raise RuntimeError("diff expects prepend or append to be the same dimension as input, given "
                           f"{[list(x.shape) for x in parts]}")
    x = cat(parts, dim) if len(parts) > 1 else clone(input)
    for _ in range(min(n, x.shape[dim])):
        left, right = _neighbours(x, dim)
        x = right ^ left if x._array.dtype == bool else right - left
    return x


def _neighbours(x, dim):
    """All along `dim` but the last, and all but the first."""
    before = (slice(None),) * dim
    return x[(*before, slice(None, -1))], x[(*before, slice(1, None))]


def gradient(input, *, spacing=1, dim=None, edge_order=1):
    """The slopes of a function known at the points of a grid: for each dimension in `dim` (all by default) a tensor.

    Between neighbours at distances h₁ and h₂ the slope is (h₂ s₁ + h₁ s₂) / (h₁ + h₂), the slopes s₁ and s₂ on both
    sides weighted; at the ends that of the outermost piece, for edge_order=2 that of the parabola through three points.
    Args: spacing: the distance, or for each dimension a distance or a vector of coordinates. Raises RuntimeError for
    another edge_order, for too few points, and for a spacing that does not fit.

    >>> import course
    >>> course.gradient(course.tensor([0., 1., 4., 9.]))
    (tensor([1., 2., 4., 5.]),)
    """
    check_tensors("gradient", input=input)
    if edge_order not in (1, 2):
        raise RuntimeError(f"gradient only supports edge_order=1 and edge_order=2, given {edge_order}")
    dims = tuple(range(input.ndim)) if dim is None else _dims(dim, input.ndim)
    spacings = spacing if isinstance(spacing, tuple | list) else [spacing] * len(dims)
    if len(spacings) != len(dims):
        raise RuntimeError(f"gradient expected spacing to be a number or a list with one for each of the {len(dims)} "
                           f"dimensions, given {len(spacings)}")
    if any(input.shape[d] <= edge_order for d in dims):
        raise RuntimeError(f"gradient expected each dimension size to be at least edge_order+1, given "
                           f"{list(input.shape)} and edge_order={edge_order}")
    f = input if input.is_floating_point() else input.to(get_default_dtype())
    return tuple(_slopes(f, spacing, d, edge_order) for spacing, d in zip(spacings, dims))


def _slopes(f, spacing, dim, edge_order):
    f = movedim(f, dim, -1)
    if isinstance(spacing, Taped):
        if tuple(spacing.shape) != f.shape[-1:]:
            raise RuntimeError(f"gradient expected one coordinate for each of the {f.shape[-1]} points along dimension "
                               f"{dim}, given shape {list(spacing.shape)}")
        h = spacing[1:] - spacing[:-1]
    else:
        h = f.new_full((f.shape[-1] - 1,), spacing)
    s = (f[..., 1:] - f[..., :-1]) / h
    (h1, h2), (s1, s2) = (h[:-1], h[1:]), (s[..., :-1], s[..., 1:])
    inside, first, last = (h2 * s1 + h1 * s2) / (h1 + h2), s[..., :1], s[..., -1:]
    if edge_order == 2:
        bend = (s2 - s1) / (h1 + h2)
        first, last = first - h[:1] * bend[..., :1], last + h[-1:] * bend[..., -1:]
    return movedim(cat([first, inside, last], -1), -1, dim)


def trapezoid(y, x=None, *, dx=1, dim=-1):
    """The area under the straight lines between points: Σ (xᵢ₊₁ − xᵢ)(yᵢ + yᵢ₊₁) / 2 along `dim`.

    x holds the places of the points, a vector or a tensor like y; without it they lie `dx` apart. Raises RuntimeError
    where there are not as many places as points.

    >>> import course
    >>> course.trapezoid(course.tensor([1., 5., 9.]))
    tensor(10.)
    """
    return sum(_strips("trapezoid", y, x, dx, dim), dim)


def cumulative_trapezoid(y, x=None, *, dx=1, dim=-1):
    """`trapezoid` up to each point but the first.

    >>> import course
    >>> course.cumulative_trapezoid(course.tensor([1., 5., 9.]))
    tensor([ 3., 10.])
    """
    return _cumsum(_strips("cumulative_trapezoid", y, x, dx, dim), _dim(dim, y.ndim))


def _strips(name, y, x, dx, dim):
    """The areas between neighbouring points."""
    check_tensors(name, y=y, **({} if x is None else {"x": x}))
    if not y.ndim:
        raise IndexError(f"{name}(): a single number has no neighbours; y needs a dimension")
    if any(x._array.dtype == bool for x in (y, x) if x is not None):
        raise RuntimeError(f"{name}: received a bool input for x or y, but bool is not supported; convert it")
    dim = _dim(dim, y.ndim)
    width, (left, right) = dx, _neighbours(y, dim)
    if x is not None:
        if x.ndim == 1:
            if len(x) != y.shape[dim]:
                raise RuntimeError(f"{name}: There must be one `x` value for each sample point, given {len(x)} for "
                                   f"{y.shape[dim]} points along dim {dim}")
            x = x.reshape(-1, *(1,) * (y.ndim - dim - 1))
        x = x.reshape((1,) * (y.ndim - x.ndim) + tuple(x.shape))
        near, far = _neighbours(x, dim)
        width = far - near
    return width * (left + right) / 2
