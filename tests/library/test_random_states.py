"""Where the random stream stands: kept, taken up again, begun anew."""

import pytest

import course


def test_a_state_survives_saving(tmp_path):
    course.manual_seed(1)
    course.save({"random numbers": course.get_rng_state()}, tmp_path / "state.pt")
    drawn = course.randn(3)
    course.set_rng_state(course.load(tmp_path / "state.pt")["random numbers"])
    assert course.equal(course.randn(3), drawn)


def test_a_seed_of_the_operating_system_begins_a_stream_that_can_be_repeated():
    chosen = course.seed()
    drawn = course.rand(3)
    assert course.initial_seed() == chosen != course.seed()
    course.manual_seed(chosen)
    assert course.equal(course.rand(3), drawn)


def test_an_exception_inside_a_fork_brings_the_stream_back_too():
    course.manual_seed(1)
    try:
        with course.random.fork_rng():
            course.rand(5)
            raise KeyError
    except KeyError:
        pass
    drawn = course.rand(3)
    course.manual_seed(1)
    assert course.equal(course.rand(3), drawn)


@pytest.mark.parametrize("dtype", [course.float32, course.float64])
@pytest.mark.parametrize("count", [64, 100, 111])
def test_what_is_drawn_in_parts_is_what_is_drawn_at_once(monkeypatch, count, dtype):
    def drawn():
        course.manual_seed(1)
        x = course.empty(count, dtype=dtype)
        return [y.tolist() for y in (x.normal_(1.0, 0.5), course.randn(count, dtype=dtype), x.uniform_(-1.0, 2.0),
                                     course.rand(count, dtype=dtype), course.nn.functional.dropout(x, 0.4))]

    at_once = drawn()
    monkeypatch.setattr(course.random, "_AT_ONCE", 32)
    assert drawn() == at_once
