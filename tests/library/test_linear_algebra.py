"""Linear algebra where PyTorch's numbers say nothing: singular matrices, reconstructed ones, gradients it lacks."""

import numpy as np
import pytest

import course


def random(*shape):
    return course.tensor(np.random.RandomState(0).standard_normal(shape), requires_grad=True)


@pytest.mark.parametrize("shape", [(3, 3), (2, 4, 2), (2, 1, 3, 5)])
@pytest.mark.parametrize("full", [True, False])
def test_an_svd_puts_the_matrix_together_again(shape, full):
    A = random(*shape).detach()
    U, S, Vh = course.linalg.svd(A, full_matrices=full)
    k = S.shape[-1]
    assert U.shape[-1] == (shape[-2] if full else k) and Vh.shape[-2] == (shape[-1] if full else k)
    assert course.allclose((U[..., :k] * S.unsqueeze(-2)) @ Vh[..., :k, :], A)
    for turn in (U.mT @ U, Vh @ Vh.mT):
        assert course.allclose(turn, course.eye(turn.shape[-1], dtype=course.float64).expand_as(turn))


def test_eigenvectors_keep_their_direction():
    A = random(2, 4, 4).detach()
    A = A + A.mT
    L, V = course.linalg.eigh(A)
    assert course.allclose(A @ V, V * L.unsqueeze(-2))
    assert bool((L[..., 1:] >= L[..., :-1]).all())


@pytest.mark.parametrize("solve", [course.linalg.inv, lambda A: course.linalg.solve(A, course.ones(2))])
def test_a_singular_matrix_is_refused_with_a_kind_of_its_own(solve):
    with pytest.raises(course.linalg.LinAlgError, match="singular: its rows depend on one another"):
        solve(course.ones(2, 2))
    assert issubclass(course.linalg.LinAlgError, RuntimeError)


def test_a_matrix_that_is_not_positive_definite_has_no_cholesky_factor():
    with pytest.raises(course.linalg.LinAlgError, match="not positive-definite"):
        course.linalg.cholesky(course.tensor([[1.0, 2.0], [2.0, 1.0]]))


@pytest.mark.parametrize("decompose", [course.linalg.svd, course.linalg.svdvals])
def test_what_is_not_a_number_has_no_decomposition(decompose):
    with pytest.raises(course.linalg.LinAlgError, match="is there inf or NaN|are there inf or NaN"):
        decompose(course.full((2, 2), float("nan")))


@pytest.mark.parametrize("rank", [0, 1, 2])
def test_the_determinant_of_a_singular_matrix_has_its_slope(rank):
    A = (random(3, rank) @ random(rank, 3)).detach().requires_grad_()
    assert course.autograd.gradcheck(course.linalg.det, A)


def test_values_that_repeat_have_gradients_when_nobody_asks_for_the_vectors():
    A = course.eye(3, dtype=course.float64, requires_grad=True)
    for values in (course.linalg.svdvals, course.linalg.eigvalsh, lambda A: course.linalg.eigh(A).eigenvalues):
        (g,) = course.autograd.grad(values(A).sum(), A, create_graph=True)
        assert course.equal(g, A)
        assert all(course.isfinite(h).all() for h in course.autograd.grad((g * g).sum(), A))


def test_what_is_added_by_scatter_has_a_gradient_although_pytorch_has_none():
    index = course.tensor([[0, 0, 1], [1, 1, 1]])
    assert course.autograd.gradcheck(
        lambda x, y: x.scatter(1, index, y, reduce="add") ** 2, (random(2, 3), random(2, 3)))


def test_a_contraction_may_be_changed_in_place():
    x = random(2, 3)
    product = course.einsum("ij,jk->ki", x, random(3, 2).detach())
    product.mul_(2)
    product.sum().backward()
    assert x.grad is not None
