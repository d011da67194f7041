"""Products of vectors along a dimension, powers of a matrix, products of many matrices."""

import functools

from ..autograd import check_tensors
from .contraction import tensordot
from .elementwise import mul, where
from .linear import dot, matmul
from .linear_algebra import _check_matrices, _eye, inv
from .reduction import sum


def inner(input, other):
    """Σ input · other over the last dimension of both: outᵢⱼ = Σₖ xᵢₖ yⱼₖ; with a number, all times it.

    Raises RuntimeError where the last sizes differ.
    """
    check_tensors("inner", input=input, other=other)
    if not (input.ndim and other.ndim):
        return mul(input, other)
    if input.shape[-1] != other.shape[-1]:
        raise RuntimeError(f"inner() the last dimension must match on both input tensors but got shapes "
                           f"{list(input.shape)} and {list(other.shape)}")
    return tensordot(input, other, ([-1], [-1]))


def vdot(input, other):
    """`dot`: for real numbers there is no difference."""
    return dot(input, other)


def vecdot(x, y, *, dim=-1):
    """Σ x · y along `dim`; the other dimensions broadcast.

    >>> import course
    >>> course.linalg.vecdot(course.ones(2, 3), course.tensor([1., 2., 3.]))
    tensor([6., 6.])
    """
    check_tensors("linalg.vecdot", x=x, y=y)
    return sum(x * y, dim)


def matrix_power(input, n):
    """The matrix times itself, n factors in all, by repeated squaring; for a negative n of its inverse.

    Shapes: (…, m, m) → (…, m, m). Raises RuntimeError for what is not square, LinAlgError for an inverse that is not
    there.

    >>> import course
    >>> course.linalg.matrix_power(course.tensor([[1., 1.], [0., 1.]]), 5)
    tensor([[1., 5.],
            [0., 1.]])
    """
    _check_matrices("matrix_power", input, floats=False)
    if isinstance(n, bool) or not isinstance(n, int):
        raise TypeError(f"linalg.matrix_power(): n must be an integer, given {n!r}")
    if n == 0:
        return where(_eye(input), 1, input.new_zeros(input.shape))
    square, left, power = input if n > 0 else inv(input), abs(n), None
    while left:
        if left % 2:
            power = square if power is None else power @ square
        left //= 2
        square = square @ square if left else square
    return power


def multi_dot(tensors):
    """The product of matrices in the order of the fewest multiplications; first and last may be vectors.

    To multiply (n, k) by (k, m) takes n · k · m of them. Raises RuntimeError for fewer than two, and for shapes that do
    not fit.

    >>> import course
    >>> course.linalg.multi_dot([course.ones(2, 3), course.ones(3, 4), course.ones(4)])
    tensor([12., 12.])
    """
    tensors = list(tensors)
    check_tensors("linalg.multi_dot", **{f"tensor {k}": x for k, x in enumerate(tensors)})
    if len(tensors) < 2:
        raise RuntimeError(f"linalg.multi_dot(): expected at least 2 tensors but got {len(tensors)}")
    if any(x.ndim != 2 for x in tensors[1:-1]) or any(x.ndim not in (1, 2) for x in tensors):
        raise RuntimeError(f"linalg.multi_dot(): expected matrices, the first and the last possibly vectors, given "
                           f"{[list(x.shape) for x in tensors]}")
    first, last = tensors[0].ndim == 1, tensors[-1].ndim == 1
    matrices = [tensors[0].unsqueeze(0) if first else tensors[0], *tensors[1:]]
    matrices[-1] = matrices[-1].unsqueeze(1) if last else matrices[-1]
    sizes = [matrices[0].shape[0], *[x.shape[1] for x in matrices]]

    @functools.cache
    def fewest(i, j):
        """How many multiplications matrices i to j take, and behind which one to cut them."""
        return min((fewest(i, k)[0] + fewest(k + 1, j)[0] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                   for k in range(i, j)) if i < j else (0, i)

    def product(i, j):
        k = fewest(i, j)[1]
        return matmul(product(i, k), product(k + 1, j)) if i < j else matrices[i]

    out = product(0, len(matrices) - 1)
    return out.reshape([n for n, vector in zip(out.shape, (first, last)) if not vector])
