"""Where the random stream stands: kept, taken up again, begun anew."""

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
