"""Windows that slide show what a convolution computes, and stand at as many places as its formula says."""

import itertools

import numpy as np
import pytest

import course as torch
from course.lab import Sliding, Windows
from course.lab.stage import Stage

IMAGE = np.random.default_rng(0).random((5, 7))
FILTERS = {"left to right": [[-1, 0, 1]] * 3, "blur": [[1 / 9] * 3] * 3}


def convolve(image, weights):
    return np.array([[np.sum(image[i:i + 3, j:j + 3] * weights) for j in range(5)] for i in range(3)])


@pytest.mark.parametrize("name", FILTERS)
def test_the_sum_is_that_of_the_library(name):
    x, w = (torch.tensor(np.array(a, float)[None, None]) for a in (IMAGE, FILTERS[name]))
    library = torch.nn.functional.conv2d(x, w).numpy()[0, 0]
    stage = Stage(Sliding(IMAGE, convolve, FILTERS))
    stage.frame(at=14, filter=name)
    assert np.allclose(stage.scene._result.get_array(), library)


def test_only_what_the_window_has_passed_is_shown():
    stage = Stage(Sliding(IMAGE, convolve, FILTERS))
    caption = stage.frame(at=6, filter="blur")[1]
    assert caption.startswith("Row 1, column 1: the sum is 0.") and stage.scene._window.get_xy() == (0.5, 0.5)
    assert np.ma.count(np.ma.masked_invalid(stage.scene._result.get_array())) == 7


def test_filters_of_two_sizes_are_refused():
    with pytest.raises(ValueError, match="one size"):
        Stage(Sliding(IMAGE, convolve, FILTERS | {"wide": [[1] * 5] * 5}))


def test_there_are_as_many_windows_as_the_formula_says():
    stage = Stage(Windows(12))
    for k, s, p in itertools.product(range(1, 8), range(1, 6), range(4)):
        bars, _, formula = stage.frame(k=k, s=s, p=p)[1].partition(" bars; ")
        assert int(bars) == int(formula.rpartition("= ")[2].rstrip(".")), (k, s, p)


def test_a_scene_is_the_same_picture_when_it_is_used_again():
    for scene, moves in ((Windows(12), [dict(k=k, s=2, p=k % 3) for k in range(1, 6)]),
                         (Sliding(IMAGE, convolve, FILTERS), [dict(at=at, filter="blur") for at in (0, 9, 4)])):
        reused = Stage(scene)
        for values in moves:
            assert np.array_equal(reused.frame(**values)[0].copy(), Stage(scene).frame(**values)[0]), values
