"""The two ways of convolution give the same numbers: sliding over the image, and columns for a matrix product."""

import numpy as np
import pytest

import course
from course.nn import functional as F
from course.ops import convolution

RTOL = {course.float32: 2e-5, course.float64: 1e-12}
CASES = {  # input, weight, and how the filter moves
    "3 × 3": ((3, 2, 12, 13), (4, 2, 3, 3), {"padding": 1}),
    "no margin": ((2, 3, 12, 15), (8, 3, 3, 2), {}),
    "filters and taps that are no multiples of four and three": ((2, 1, 9, 40), (3, 1, 2, 2), {}),
    "one filter of one tap": ((2, 1, 12, 11), (1, 1, 1, 1), {}),
    "groups": ((2, 6, 12, 12), (9, 2, 3, 3), {"padding": 1, "groups": 3}),
    "each channel alone": ((2, 5, 12, 12), (5, 1, 3, 3), {"padding": "same", "groups": 5}),
    "dilation": ((2, 2, 16, 16), (4, 2, 3, 3), {"padding": (2, 1), "dilation": (2, 1)}),
    "a margin wider than the filter reaches": ((2, 2, 12, 12), (4, 2, 3, 2), {"padding": 4}),
    "one long row": ((2, 3, 1, 200), (5, 3, 1, 5), {}),
    "no images": ((0, 2, 12, 12), (4, 2, 3, 3), {}),
}


def both_ways(monkeypatch, work):
    """What `work` gives by sliding and by columns."""
    slid = []
    count = lambda *args: slid.append(args) or slide(*args)
    slide = convolution._slide
    monkeypatch.setattr(convolution, "_slide", count)
    by_sliding = work()
    assert slid
    monkeypatch.setattr(convolution, "LARGE", np.inf)
    slid.clear()
    by_columns = work()
    assert not slid
    return zip(by_sliding, by_columns)


def results(x, weight, bias, options):
    """The output, all gradients, and the gradients of their squares."""
    y = F.conv2d(x, weight, bias, **options)
    g = course.arange(y.numel(), dtype=y.dtype).reshape(y.shape).sin()
    first = course.autograd.grad((y * g * y).sum(), [x, weight, bias], create_graph=True)
    second = course.autograd.grad(sum((d * d).sum() for d in first), [x, weight, bias])
    return [t.detach().numpy() for t in (y, *first, *second)]


@pytest.mark.parametrize("dtype", RTOL, ids=str)
@pytest.mark.parametrize("case", CASES)
def test_sliding_and_columns_agree_with_first_and_second_derivatives(monkeypatch, case, dtype):
    course.manual_seed(0)
    size, filter, options = CASES[case]
    x, weight = (course.randn(*shape, dtype=dtype, requires_grad=True) for shape in (size, filter))
    bias = course.randn(filter[0], dtype=dtype, requires_grad=True)
    for a, b in both_ways(monkeypatch, lambda: results(x, weight, bias, options)):
        assert a.shape == b.shape and a.dtype == b.dtype
        np.testing.assert_allclose(a, b, RTOL[dtype], RTOL[dtype] * max(1, abs(b).max(initial=0)))


@pytest.mark.parametrize("strange", [np.nan, np.inf])
def test_what_is_not_finite_reaches_only_those_who_saw_it(monkeypatch, strange):
    """A pixel at the right edge lies, in memory, beside the left edge of the next row."""
    course.manual_seed(0)
    x, weight = course.randn(2, 2, 12, 12), course.randn(4, 2, 3, 3, requires_grad=True)
    x[1, 0, 5, 11] = strange
    x.requires_grad_()

    def work():
        y = F.conv2d(x, weight, padding=1)
        return y.detach().numpy(), *[t.numpy() for t in course.autograd.grad(y.sum(), [x, weight])]

    for a, b in both_ways(monkeypatch, work):
        assert np.isfinite(a).any() and (np.isfinite(a) == np.isfinite(b)).all()
        np.testing.assert_allclose(a, b, 1e-4, 1e-4)


def test_arrays_need_not_be_contiguous(monkeypatch):
    course.manual_seed(0)
    x, weight = course.randn(12, 12, 3, 2).permute(3, 2, 0, 1), course.randn(3, 3, 3, 4).permute(3, 2, 1, 0)
    for a, b in both_ways(monkeypatch, lambda: [F.conv2d(x, weight, padding=1).numpy()]):
        np.testing.assert_allclose(a, b, 1e-4, 1e-4)
