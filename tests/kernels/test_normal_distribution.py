"""The course's own Φ: as close to the truth as float32 allows, and closer than PyTorch's GELU is."""

import math

import numpy as np
import pytest
from numba import njit

from course.kernels.kernel import CPU_OPTIONS
from course.kernels.normal_distribution import normal_share


@njit(**CPU_OPTIONS)
def share_of_each(x, out):
    for i in range(x.size):
        out[i] = normal_share(x[i])


@pytest.mark.parametrize(("kind", "bound"), [("float32", 2.5e-7), ("float64", 3e-16)])
def test_the_error_is_within_its_bound(kind, bound):
    tiny = 0.5 ** np.arange(160.0)
    x = np.concatenate([np.linspace(-12, 12, 1_500_001), tiny, -tiny, [1e30, -1e30, np.inf, -np.inf, np.nan]])
    x = x.astype(kind)
    out = np.empty_like(x)
    share_of_each(x, out)
    np.testing.assert_allclose(out, [math.erfc(-v / math.sqrt(2)) / 2 for v in x.tolist()], 0, bound)


def test_shares_lie_between_nothing_and_everything_and_grow():
    x = np.linspace(-20, 20, 2001).astype(np.float32)
    out = np.empty_like(x)
    share_of_each(x, out)
    assert out.min() >= 0 and out.max() == 1
    assert (np.diff(out) >= 0).all()
