"""The random numbers of the devices: the published answers, and what numbers that are random must be like."""

import numpy as np
import pytest

from course.kernels import philox

from .examples import philox_words

SEED = np.uint64(20240607)


def draw(kernel, n, *numbers, dtype=np.float32, counter=0):
    out = np.empty(n, np.int64 if kernel is philox.draw_integer else dtype)
    if kernel is not philox.draw_integer:
        numbers = (2.0**-53 if dtype is np.float64 else 0, *numbers)
    kernel.cpu(out, SEED, np.uint64(counter), tuple(map(out.dtype.type, numbers)))
    return out


@pytest.mark.parametrize("counter, key, answer", [
    ([0, 0, 0, 0], [0, 0], [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    ([0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], [0xA4093822, 0x299F31D0],
     [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]),
])
def test_the_answers_that_were_published_with_random123(counter, key, answer):
    assert list(philox.philox(np.uint64(counter), *np.uint64(key))) == answer
    whole = sum(word << 32 * k for k, word in enumerate(counter))
    assert philox_words(whole, key[0] + (key[1] << 32)) == answer  # the examples' own form, too


def test_a_seed_and_a_counter_fill_two_words_each():
    seed, counter = 0x123456789ABCDEF0, 0xFEDCBA9876543210
    assert list(philox.words(np.uint64(seed), np.uint64(counter))) == philox_words(counter, seed)


def test_a_stream_goes_on_where_it_stood():
    whole = draw(philox.draw_normal, 100, 0, 1)
    np.testing.assert_array_equal(draw(philox.draw_normal, 60, 0, 1, counter=40), whole[40:])


def test_float32_and_float64_are_one_stream():
    np.testing.assert_allclose(draw(philox.draw_uniform, 100, 0, 1),
                               draw(philox.draw_uniform, 100, 0, 1, dtype=np.float64), atol=2.0**-24)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kernel, numbers, mean, variance", [
    (philox.draw_uniform, (-1, 3), 1, 4 / 3),
    (philox.draw_normal, (2, 3), 2, 9),
    (philox.draw_exponential, (4,), 1 / 4, 1 / 16),
    (philox.draw_bernoulli, (0.2, 5), 1, 4),
    (philox.draw_integer, (-1, 9), 3, 20 / 3),
], ids=lambda x: getattr(x, "__name__", ""))
def test_mean_variance_and_neighbours(kernel, numbers, mean, variance, dtype):
    """Within five standard errors, of 200 000 numbers of one seed."""
    n = 200_000
    x = draw(kernel, n, *numbers, dtype=dtype).astype(np.float64)
    assert np.isfinite(x).all()
    d = x - mean
    assert abs(d.mean()) < 5 * np.sqrt(variance / n)
    assert abs((d * d).mean() - variance) < 5 * (d * d).std() / np.sqrt(n)
    assert abs((d[1:] * d[:-1]).mean()) < 5 * variance / np.sqrt(n)


def test_uniform_numbers_reach_0_but_never_1():
    largest = np.uint64(0xFFFFFFFF)
    for one in (np.float32(0), 2.0**-53):
        assert 1 - 2.0**-23 < philox.unit(largest, largest, one) < 1
        assert philox.unit(np.uint64(0), np.uint64(0), one) == 0


def test_the_cosine():
    v = np.linspace(0, 1, 1001)
    np.testing.assert_allclose([philox.cosine_of_turns(x) for x in v], np.cos(2 * np.pi * v), atol=1e-15)


def test_integers_reach_every_number_of_their_span():
    assert np.unique(draw(philox.draw_integer, 1000, 10, 7)).tolist() == list(range(10, 17))


def test_a_random_order_is_the_order_of_random_integers():
    order = np.argsort(draw(philox.draw_integer, 1000, 0, 2**63 - 1), kind="stable")
    assert np.sort(order).tolist() == list(range(1000))
    assert (order == np.arange(1000)).mean() < 0.01
