"""Statistics: quantiles, what there is beside NaNs, and how rows vary together."""

from ..autograd import Taped, check_tensors, numpys_names
from ..device import on_gpu
from .elementwise import ceil, clamp, floor, isnan, lerp, round, sqrt, where
from .reduction import sum
from .shapes import _dim, diag, movedim
from .sorting import sort

# --- quantiles --------------------------------------------------------------------------------------------------------

_ROUNDED = {
    "linear": lambda rank: rank, "midpoint": lambda rank: rank, "lower": floor, "higher": ceil, "nearest": round
}  # fmt: skip


@numpys_names
def quantile(input, q, dim=None, keepdim=False, *, interpolation="linear"):
    """The value below which the share q of the elements along `dim` (of all by default) lies: q = 0.5 is the middle.

    Of n elements in order it stands at q (n − 1), counted from 0. Between two of them it lies on the straight line
    ("linear"), in the middle ("midpoint") or is one of them ("lower", "higher", "nearest"). NaN where there is one.
    Shapes: a vector of k numbers q gives a result with k in front. Raises RuntimeError for a q outside [0, 1] or of
    another type than the input, for integers, and where there are no elements.

    >>> import course
    >>> course.quantile(course.tensor([4., 1., 2.]), 0.75)
    tensor(3.)
    """
    return _quantile("quantile", input, q, dim, keepdim, interpolation)


@numpys_names
def nanquantile(input, q, dim=None, keepdim=False, *, interpolation="linear"):
    """`quantile` of the elements that are not NaN; NaN where all are."""
    return _quantile("nanquantile", input, q, dim, keepdim, interpolation)


def _quantile(name, input, q, dim, keepdim, interpolation):
    q = _shares(name, input, q, interpolation)
    along = None if dim is None else _dim(dim, input.ndim)
    rows = input.reshape(-1) if along is None or not input.ndim else movedim(input, along, -1)
    if not rows.numel():
        raise RuntimeError(f"{name}() input tensor must be non-empty, given shape {list(input.shape)}")
    rows = sort(rows, -1).values  # NaN stands last
    missing, last = isnan(rows), rows.shape[-1] - 1
    if name == "nanquantile":
        ranks = q.reshape(-1) * clamp(last - missing.sum(-1, True), min=0)
    else:
        ranks = where(missing.any(-1, True), last, q.reshape(-1) * last)
    ranks = _ROUNDED[interpolation](ranks)
    below, above = (rows.gather(-1, place(ranks).long()) for place in (floor, ceil))
    out = movedim(lerp(below, above, 0.5 if interpolation == "midpoint" else ranks - floor(ranks)), -1, 0)
    reduced = range(input.ndim) if along is None else (along,)
    return out.reshape(*q.shape, *[1 if d in reduced else n for d, n in enumerate(input.shape)
                                   if keepdim or d not in reduced])


def _shares(name, input, q, interpolation):
    """q as a tensor, when it and what is asked for make sense."""
    check_tensors(name, input=input)
    if not input.is_floating_point():
        raise RuntimeError(f"{name}() input tensor must be either float or double dtype, given {input.dtype}; "
                           "convert it with .float()")
    if interpolation not in _ROUNDED:
        raise RuntimeError(f"{name}() interpolation must be one of {', '.join(_ROUNDED)}, given {interpolation!r}")
    if not isinstance(q, Taped):
        if isinstance(q, bool) or not isinstance(q, int | float):
            raise TypeError(f"{name}(): q must be a number or a Tensor, given {q!r}")
        inside, given, q = 0 <= q <= 1, q, input.new_tensor(q)
    elif q.dtype != input.dtype or q.ndim > 1:
        raise RuntimeError(f"{name}() q tensor must be same dtype as the input tensor, a number or a row; given "
                           f"{q.dtype} of shape {list(q.shape)} for {input.dtype}")
    else:  # on CUDA to look at it would be to wait
        inside, given = on_gpu(q._array) or bool(((q >= 0) & (q <= 1)).all()), q
    if not inside:
        raise RuntimeError(f"{name}() q must be in the range [0, 1] but got {given}")
    return q


# --- beside NaNs ------------------------------------------------------------------------------------------------------


@numpys_names
def nansum(input, dim=None, keepdim=False, *, dtype=None):
    """`sum` of the elements that are not NaN."""
    check_tensors("nansum", input=input)
    return sum(where(isnan(input), 0, input), dim, keepdim, dtype)


@numpys_names
def nanmean(input, dim=None, keepdim=False, *, dtype=None):
    """`mean` of the elements that are not NaN; NaN where all are. Raises RuntimeError for integers."""
    check_tensors("nanmean", input=input)
    if not input.is_floating_point():
        raise RuntimeError(f"nanmean(): expected input to have floating point dtype but got {input.dtype}; "
                           "convert it with .float()")
    return nansum(input, dim, keepdim, dtype=dtype) / sum(~isnan(input), dim, keepdim)


# --- together ---------------------------------------------------------------------------------------------------------


def cov(input, *, correction=1, fweights=None, aweights=None):
    """How the rows vary together: Cᵢⱼ = Σₖ (xᵢₖ − x̄ᵢ)(xⱼₖ − x̄ⱼ) / (n − correction), variances on the diagonal.

    Shapes: (variables, observations) → (variables, variables); one row gives its variance, a number.
    Args: fweights: how often each observation was made (integers); aweights: how much each one counts (floats).
    With weights w the divisor is Σw − correction · Σ w aweights / Σw. Raises RuntimeError for more than two dimensions
    and for weights that are negative, of another type or not as many as observations.

    >>> import course
    >>> course.cov(course.tensor([[1., 2., 3.], [3., 2., 1.]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    check_tensors("cov", input=input)
    if input.ndim > 2:
        raise RuntimeError(f"cov(): expected input to have two or fewer dimensions but got shape {list(input.shape)}")
    if input._array.dtype == bool:
        raise RuntimeError("cov(): bool dtype is not supported for input; convert it with .float()")
    rows = input if input.ndim == 2 else input.reshape(1, -1)
    w = rows.new_ones(rows.shape[1])
    for name, weights, are_floats in (("fweights", fweights, False), ("aweights", aweights, True)):
        if weights is not None:
            _check_weights(name, weights, len(w), are_floats)
            w = w * weights
    total = w.sum()
    centred = rows - sum(rows * w, 1, True) / total
    lost = correction if aweights is None else correction * (w * aweights).sum() / total
    return (centred @ (centred * w).T / clamp(total - lost, min=0)).squeeze()


def _check_weights(name, weights, count, are_floats):
    check_tensors("cov", **{name: weights})
    if weights.ndim > 1 or weights.numel() != count:
        raise RuntimeError(f"cov(): expected {name} to be one for each of the {count} observations, given shape "
                           f"{list(weights.shape)}")
    if weights.is_floating_point() != are_floats:
        raise RuntimeError(f"cov(): expected {name} to have {'floating point' if are_floats else 'integral'} dtype but "
                           f"got {weights.dtype}")
    if bool((weights < 0).any()):
        raise RuntimeError(f"cov(): {name} cannot be negative")


def corrcoef(input):
    """The correlations of the rows, Cᵢⱼ / √(Cᵢᵢ Cⱼⱼ) with C = `cov`: 1 for rows that go together, −1 for opposite ones.

    >>> import course
    >>> course.corrcoef(course.tensor([[1., 2., 3.], [3., 2., 1.]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    check_tensors("corrcoef", input=input)
    C = cov(input)
    if C.ndim == 0:
        return C / C
    deviations = sqrt(diag(C))
    return clamp(C / deviations.unsqueeze(1) / deviations, -1, 1)
