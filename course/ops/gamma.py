"""The gamma function Γ, which is (n − 1)! for whole numbers n: its logarithm and what that is differentiated to."""

import math

from ..autograd import check_tensors, elementwise
from ..kernels import gamma_function
from . import pointwise
from .elementwise import round, tan, where


@elementwise(floating=True, input=lambda g, input: g * _digamma(input))
def lgamma(input):
    """log |Γ(x)|: the logarithm of (x − 1)!, also between whole numbers and where the factorial itself overflows.

    ∂ log |Γ| / ∂x = ψ(x), the function `digamma`.

    >>> import course
    >>> course.lgamma(course.tensor([1., 2., 3., 4.])).exp()
    tensor([1., 1., 2., 6.])
    """
    return pointwise._mapped(gamma_function.log_gamma, (input,), ())


def digamma(input):
    """ψ(x) = Γ′(x) / Γ(x), the slope of `lgamma`; where x < 0 it is ψ(1 − x) − π / tan πx, and NaN at −1, −2, …

    >>> import course
    >>> course.digamma(course.tensor([1., 2.]))
    tensor([-0.5772,  0.4228])
    """
    check_tensors("digamma", input=input)
    return _digamma(input)


def _digamma(x):
    above = x > 0
    pole = (x < 0) & (x == round(x))  # from its two sides ψ comes from −∞ and from ∞
    part = where(above, 0.5, where(pole, math.nan, x - round(x)))  # of half a turn; 0.5, whose 1 / tan is 0, for others
    return _polygamma(where(above, x, 1 - x), 0) - where(above, 0.0, math.pi / tan(math.pi * part))


@elementwise(floating=True, input=lambda g, input, n: g * _polygamma(input, n + 1))
def _polygamma(input, n):
    """∂ⁿψ(x) / ∂xⁿ for x > 0: beyond ψ itself it is (−1)ⁿ⁺¹ n! ζ(n + 1, x)."""
    if n == 0:
        return pointwise._mapped(gamma_function.digamma_of_each, (input,), ())
    return (-1.0) ** (n + 1) * math.factorial(n) * pointwise._mapped(gamma_function.zeta_of_each, (input,), (n + 1,))
