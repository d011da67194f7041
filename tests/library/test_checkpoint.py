"""What a checkpoint forgets, and what it computes again."""

import gc
import weakref

import pytest

import course
from course.utils.checkpoint import CheckpointError, checkpoint, checkpoint_sequential


def test_what_was_computed_on_the_way_is_not_kept():
    seen = []

    def part(x):
        h = (x * 2).exp()
        seen.append(weakref.ref(h._array))
        return h.sin()

    x = course.ones(3, requires_grad=True)
    out = part(x)
    gc.collect()
    assert seen[-1]() is not None  # the derivative of sin will ask for it
    out = checkpoint(part, x)
    gc.collect()
    assert seen[-1]() is None
    out.sum().backward()
    gc.collect()
    assert len(seen) == 3 and seen[-1]() is None


def test_checkpoints_within_checkpoints():
    x = course.linspace(-1, 1, 5, dtype=course.float64, requires_grad=True)
    inner = lambda x: checkpoint(lambda x: (x * x).exp().sin(), x) * x
    assert course.autograd.gradcheck(lambda x: checkpoint(inner, x).sum(), x)


def test_a_graph_that_is_kept_is_computed_again_each_time():
    calls = []

    def part(x):
        calls.append(1)
        return x.exp().sin()

    x = course.ones(2, requires_grad=True)
    out = checkpoint(part, x).sum()
    out.backward(retain_graph=True)
    out.backward()
    assert len(calls) == 3
    assert course.allclose(x.grad, 2 * course.exp(course.ones(2)) * course.cos(course.exp(course.ones(2))))
    with pytest.raises(RuntimeError, match="second time"):
        out.backward()


@pytest.mark.parametrize("preserve", [True, False])
def test_random_numbers_are_the_same_again_unless_it_is_told_otherwise(preserve):
    drawn = []

    def part(x):
        drawn.append(course.rand(2))
        return x * drawn[-1]

    course.manual_seed(0)
    out = checkpoint(part, course.ones(2, requires_grad=True), preserve_rng_state=preserve)
    after = course.rand(1)
    out.sum().backward()
    assert course.equal(drawn[0], drawn[1]) is preserve
    course.manual_seed(0)
    course.rand(2)
    assert course.equal(after, course.rand(1))


def test_another_function_the_second_time_is_noticed():
    more = []
    out = checkpoint(lambda x: x.exp().cos() if more else x.exp(), course.ones(2, requires_grad=True))
    more.append(1)
    with pytest.raises(CheckpointError, match="1 operations at first, 2 now"):
        out.sum().backward()


def test_segments_that_do_not_come_out():
    with pytest.raises(ValueError, match="3 functions make 1 to 3 segments"):
        checkpoint_sequential([course.exp] * 3, 4, course.ones(1))
