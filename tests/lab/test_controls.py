import pytest

from course.lab import choice, log_slider, slider, switch


def test_log_slider_covers_its_ends_and_keeps_its_start():
    control = log_slider(1e-3, 3, 0.1234567)
    assert control.values[0] == 1e-3 and control.values[-1] == 3
    assert control.values[control.start] == 0.1234567
    assert list(control.values) == sorted(set(control.values))
    assert control.texts[control.start] == "0.123"


def test_slider_steps_are_even_and_free_of_rounding_noise():
    control = slider(0, 1, 0.3, step=0.1)
    assert control.values == (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1)
    assert slider(1, 4, 2).values == (1, 2, 3, 4)
    assert all(isinstance(value, int) for value in slider(1, 4, 2).values)


def test_slider_reaches_an_end_that_is_no_whole_number_of_steps_away():
    assert slider(0.0, 1.0, 0.0, step=0.4).values == (0.0, 0.4, 0.8, 1.0)


def test_choice_and_switch():
    assert choice(["sgd", "adam"], value="adam").start == 1
    assert switch().values == (False, True) and switch(True).start == 1


@pytest.mark.parametrize("make, message", [
    (lambda: log_slider(0, 1, 0.5), "above 0"),
    (lambda: log_slider(1, 0.1, 0.5), "below its second"),
    (lambda: slider(0, 1, 2), "not between"),
    (lambda: slider(0, 1, 0.5, step=0), "above 0"),
    (lambda: slider(0, 1, 0.5, step=1e-9), "larger step"),
    (lambda: choice([]), "at least one"),
    (lambda: choice(["a"], value="b"), "not among"),
])
def test_mistakes_are_sentences(make, message):
    with pytest.raises(ValueError, match=message):
        make()
