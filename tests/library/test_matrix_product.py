"""Matrix products: large ones are shared among threads, and the BLAS wakes none of its own meanwhile."""

from types import SimpleNamespace

import numpy as np
import pytest

import course
from course import compile, matrix_product, nn, set_num_threads
from course.matrix_product import product


@pytest.fixture(autouse=True)
def as_before():
    before = course.get_num_threads()
    yield
    set_num_threads(before)


@pytest.fixture
def told(monkeypatch):
    """What an OpenBLAS is told, in order; its own number of threads is 7."""
    words = []
    monkeypatch.setattr(matrix_product, "openblas", lambda: SimpleNamespace(tell=words.append, threads=7))
    return words


@pytest.fixture
def strips(monkeypatch, told):
    """How many strips each shared product was cut into; 100 multiplications are worth a thread."""
    counts, at_once = [], matrix_product.at_once

    def counted(work, parts):
        counts.append(len(parts))
        return at_once(work, parts)

    monkeypatch.setattr(matrix_product, "SHARE", 100)
    monkeypatch.setattr(matrix_product, "at_once", counted)
    return counts


def numbers(shape, dtype="float64", seed=0):
    return np.random.default_rng(seed).integers(-9, 9, shape).astype(dtype)  # their products have no rounding


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
@pytest.mark.parametrize("a, b, count", [
    ((200, 3), (3, 50), 3),  # rows are cut
    ((5, 30), (30, 301), 3),  # columns
    ((97, 4), (4, 97), 3),  # the last strip is a row
    ((49, 9), (9, 9), 2),  # not more than two blocks of 48 rows
    ((48, 9), (9, 9), 1),
    ((5, 6, 7), (5, 7, 8), 3),  # matrices of a batch
    ((5, 6, 7), (7, 8), 3),  # one serves all
    ((6, 7), (5, 7, 8), 3),
    ((1, 6, 7), (5, 7, 8), 3),
    ((2, 1, 6, 7), (3, 7, 8), 2),
    ((1, 99, 7), (7, 8), 3),  # a batch of one
    ((1, 3, 6, 7), (1, 3, 7, 8), 1),
])  # fmt: skip
def test_strips_are_the_whole_product(strips, dtype, a, b, count):
    set_num_threads(3)
    a, b = numbers(a, dtype), numbers(b, dtype, 1)
    want = np.matmul(a, b)
    for given in ((a, b), (np.asfortranarray(a), np.asfortranarray(b))):
        out = np.full_like(want, 99)
        assert product(*given, out) is out
        for got in (product(*given), out):
            assert got.dtype == want.dtype and got.shape == want.shape
            np.testing.assert_array_equal(got, want)
    assert strips == [count] * 4


def test_what_is_not_shared(strips):
    a = numbers((300, 20))
    for x, y, threads in ((numbers((9, 3)), numbers((3, 3)), 3),  # too small
                          (a, numbers(20), 3), (numbers(300), a, 3),  # vectors
                          (a.T, a, 3),  # of which a BLAS mirrors one half
                          (np.empty((300, 0)), np.empty((0, 300)), 3), (np.empty((0, 300)), np.empty((300, 9)), 3),
                          (a, a.T.copy(), 1)):  # one thread
        set_num_threads(threads)
        np.testing.assert_array_equal(product(x, y), np.matmul(x, y))
    assert strips == []


@pytest.mark.parametrize("threads, want", [(1, []), (2, [1, 7])])
def test_the_blas_wakes_no_thread_meanwhile(told, threads, want):
    set_num_threads(threads)
    product(numbers((3, 4)), numbers((4, 5)))
    with pytest.raises(ValueError, match="not aligned"):
        product(numbers((3, 4)), numbers((5, 4)))
    assert told == 2 * want


def test_a_layer_there_and_back_is_told_each_time(told):
    set_num_threads(2)
    layer, x = nn.Linear(3, 4), course.randn(5, 3, requires_grad=True)
    layer(x).sum().backward()
    assert told == 3 * [1, 7]  # y = x Wᵀ, ∂J/∂x and ∂J/∂W


def test_a_compiled_step_shares_products_too(strips):
    set_num_threads(3)
    a, b = course.tensor(numbers((200, 3))), course.tensor(numbers((3, 50)))
    step = compile(lambda a, b: a @ b)
    for _ in range(3):
        assert (step(a, b) == course.tensor(np.matmul(numbers((200, 3)), numbers((3, 50))))).all()
    assert step.reason is None
    assert strips == [3] * 4  # recorded, done again beside the first replay, and replayed
