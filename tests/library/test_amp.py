"""Programs for mixed precision run, and are told once a line that they run in float32."""

import warnings

import pytest

import course
from course import amp


@pytest.mark.parametrize("make", [
    lambda: course.autocast("cpu"), lambda: amp.autocast(device_type="cuda"), lambda: course.cuda.amp.autocast(),
    lambda: amp.GradScaler(), lambda: course.cuda.amp.GradScaler(),
])  # fmt: skip
def test_an_enabled_one_says_that_it_changes_nothing(make):
    with pytest.warns(UserWarning, match="the course (has no half precision|computes in float32)") as said:
        make()
    assert [warning.filename for warning in said] == [__file__]


@pytest.mark.parametrize("make", [
    lambda: course.autocast("cuda", enabled=False), lambda: course.autocast("cpu", dtype=course.float32),
    lambda: course.cuda.amp.autocast(False), lambda: course.cuda.amp.GradScaler(enabled=False),
])  # fmt: skip
def test_one_that_is_off_says_nothing(make):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make()


@pytest.mark.filterwarnings("ignore:autocast", "ignore:GradScaler")
def test_a_training_step_is_that_without():
    weights = []
    for mixed in (False, True):
        course.manual_seed(0)
        model = course.nn.Linear(3, 1)
        optimizer, scaler = course.optim.SGD(model.parameters(), lr=0.1), amp.GradScaler(enabled=mixed)
        with course.autocast("cpu", enabled=mixed):
            loss = model(course.ones(2, 3)).square().mean()
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        scaler.step(optimizer)
        scaler.update()
        weights.append(model.weight)
    assert loss.dtype is course.float32
    assert course.equal(*weights)
