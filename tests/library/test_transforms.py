"""Transforms change images as they say, leave the original alone, and repeat themselves for a seed."""

import numpy as np
import pytest

import course
from course import transforms as T

IMAGE = course.arange(12.0).reshape(1, 3, 4)
RANDOM = [T.RandomHorizontalFlip(), T.RandomCrop(2), T.RandomCrop((3, 4), padding=1), T.RandomNoise(0.5)]


@pytest.mark.parametrize("transform", RANDOM, ids=repr)
def test_a_seed_repeats_it_and_the_original_stays(transform):
    before = IMAGE.numpy().copy()
    drawn = []
    for _ in range(2):
        course.manual_seed(3)
        drawn.append([transform(IMAGE).numpy() for _ in range(8)])
    assert all((a == b).all() for a, b in zip(*drawn))
    assert any((a != b).any() for a, b in zip(drawn[0], drawn[0][1:])), "eight draws that are all alike"
    assert (IMAGE.numpy() == before).all()


def test_a_flip_mirrors_left_and_right():
    assert T.RandomHorizontalFlip(p=1)(IMAGE).tolist() == IMAGE.flip(-1).tolist()
    assert T.RandomHorizontalFlip(p=0)(IMAGE) is IMAGE


def test_half_of_the_images_are_flipped():
    course.manual_seed(0)
    flipped = sum(T.RandomHorizontalFlip()(IMAGE) is not IMAGE for _ in range(400))
    assert 160 < flipped < 240


def test_a_crop_is_a_part_of_the_padded_image():
    course.manual_seed(0)
    padded = course.nn.functional.pad(IMAGE, (1, 1, 1, 1)).numpy()
    parts = {padded[:, i : i + 3, j : j + 4].tobytes() for i in range(3) for j in range(3)}
    found = {T.RandomCrop((3, 4), padding=1)(IMAGE).numpy().tobytes() for _ in range(200)}
    assert found == parts, "every place is drawn, and no other"


def test_noise_has_the_standard_deviation_that_was_asked_for():
    course.manual_seed(0)
    added = T.RandomNoise(0.5)(course.zeros(1, 100, 100)).numpy()
    assert abs(added.std() - 0.5) < 0.02 and abs(added.mean()) < 0.02


def test_normalising_is_by_channel():
    x = course.stack([IMAGE[0], 2 * IMAGE[0]])
    out = T.Normalize([1.0, 2.0], [2.0, 4.0])(x)
    np.testing.assert_allclose(out[0].numpy(), (IMAGE[0].numpy() - 1) / 2, rtol=1e-6)
    np.testing.assert_allclose(out[1].numpy(), out[0].numpy(), rtol=1e-6)
    assert out.dtype == course.float32


def test_bytes_become_numbers_from_0_to_1_with_channels_first():
    colours = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3) * 15
    out = T.ToTensor()(colours)
    assert out.dtype == course.float32 and list(out.shape) == [3, 2, 3]
    np.testing.assert_allclose(out.numpy(), colours.transpose(2, 0, 1) / 255, rtol=1e-6)
    assert list(T.ToTensor()(colours[..., 0]).shape) == [1, 2, 3]
    assert T.ToTensor()(IMAGE) is IMAGE


def test_a_composition_applies_each_in_turn():
    both = T.Compose([T.RandomHorizontalFlip(p=1), T.Normalize([1.0], [2.0])])
    assert both(IMAGE).tolist() == ((IMAGE.flip(-1) - 1) / 2).tolist()
    assert repr(both) == "Compose(\n    RandomHorizontalFlip(p=1)\n    Normalize(mean=[1.0], std=[2.0])\n)"


@pytest.mark.parametrize("call, kind, sentence", [
    (lambda: T.Normalize([0.0], [0.0]), ValueError, "std must not be 0"),
    (lambda: T.RandomHorizontalFlip(1.5), ValueError, "a probability"),
    (lambda: T.RandomCrop(0), ValueError, "sizes of 1 or more"),
    (lambda: T.RandomCrop(5)(IMAGE), ValueError, "larger than input image size"),
    (lambda: T.RandomNoise(-1.0), ValueError, "must not be negative"),
    (lambda: T.RandomHorizontalFlip()([1, 2]), TypeError, "given list"),
    (lambda: T.RandomNoise()(course.zeros(3)), TypeError, r"given \(3,\)"),
    (lambda: T.ToTensor()(np.zeros(3)), ValueError, "2 or 3 dimensions"),
])
def test_what_makes_no_sense_is_refused(call, kind, sentence):
    with pytest.raises(kind, match=sentence):
        call()
