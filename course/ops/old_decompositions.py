"""Decompositions as old programs call them; `linalg` has those of today."""

from .. import return_types
from ..autograd import check_tensors
from . import decompositions, linear_algebra


def svd(input, some=True):
    """A = U diag(S) Vᵀ with V where `linalg.svd` gives Vᵀ; U and V are square for some=False."""
    U, S, Vh = linear_algebra.svd(input, full_matrices=not some)
    return return_types.svd(U, S, Vh.mT)


def qr(input, some=True):
    """A = Q R as `linalg.qr` finds it; Q is square for some=False."""
    Q, R = decompositions.qr(input, "reduced" if some else "complete")
    return return_types.qr(Q, R)


def cholesky(input, upper=False):
    """The triangular L with A = L Lᵀ, as `linalg.cholesky` finds it; with `upper` the Lᵀ."""
    check_tensors("cholesky", input=input)
    return decompositions.cholesky(input, upper=upper)


def triangular_solve(input, A, upper=True, transpose=False, unitriangular=False):
    """The X of A X = `input` with a triangular A (with `transpose`, of Aᵀ X = `input`), and A."""
    check_tensors("triangular_solve", input=input, A=A)
    given, upper = (A.mT, not upper) if transpose else (A, upper)
    solution = decompositions.solve_triangular(given, input, upper=upper, unitriangular=unitriangular)
    return return_types.triangular_solve(solution, A.clone())
