"""Scenes of arrays show what the library does, and say when the learner's function does something else."""

import numpy as np
import pytest

import course as torch
from course.lab import Broadcasting, Memory
from course.lab.stage import Stage

SHAPES = [(3, 1), (4,), (3, 4), (1, 1), (), (3,), (2, 4)]


def entry(a, i, j):
    return a[i if a.shape[0] > 1 else 0, j if a.shape[1] > 1 else 0]


def address(i, j, offset, strides):
    return offset + i * strides[0] + j * strides[1]


@pytest.fixture
def image():
    return torch.arange(24).reshape(4, 6) / 24


@pytest.mark.parametrize("a", SHAPES, ids=str)
@pytest.mark.parametrize("b", SHAPES, ids=str)
def test_broadcasting_says_what_numpy_says(a, b):
    caption = Stage(Broadcasting(entry)).frame(a=a, b=b)[1]
    try:
        shape = np.broadcast_shapes(a, b)
    except ValueError:
        assert "they do not fit" in caption
    else:
        assert f"the sum has the shape {shape}. Your `entry` agrees" in caption


def test_the_boards_hold_the_repeated_numbers():
    stage = Stage(Broadcasting(entry))
    stage.frame(a=(3, 1), b=(4,))
    assert [[text.get_text() for text in row] for row in stage.scene._boards[2].texts] == [
        ["11", "12", "13", "14"], ["21", "22", "23", "24"], ["31", "32", "33", "34"]]
    stage.frame(a=(3, 4), b=(3,))
    assert not any(text.get_text() for row in stage.scene._boards[2].texts for text in row)


def test_an_entry_that_errs_is_told():
    assert "does *not* agree" in Stage(Broadcasting(lambda a, i, j: a[0, 0])).frame(a=(3, 1), b=(4,))[1]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("first, down, right", [(0, 1, 1), (2, 1, 3), (1, 2, 2)])
def test_memory_finds_every_view(image, first, down, right, turned):
    caption = Stage(Memory(image, address)).frame(first=first, down=down, right=right, turned=turned)[1]
    assert "is exactly what the view shows" in caption and f"first entry at place {6 * first}" in caption


def test_an_address_that_errs_is_told(image):
    caption = Stage(Memory(image, lambda i, j, offset, strides: i + j)).frame(first=0, down=1, right=1, turned=False)[1]
    assert "is *not* what the view shows" in caption


def test_a_scene_is_the_same_picture_when_it_is_used_again(image):
    shapes = [dict(a=a, b=(4,)) for a in SHAPES]
    views = [dict(first=k, down=1 + k, right=2, turned=k > 0) for k in range(3)]
    for scene, moves in ((Broadcasting(entry), shapes), (Memory(image, address), views)):
        reused = Stage(scene)
        for values in moves:
            assert np.array_equal(reused.frame(**values)[0].copy(), Stage(scene).frame(**values)[0]), values
