import pytest

from course.lab import progress_bar, training, training_curve


@pytest.fixture
def time(monkeypatch):
    """A clock that the test moves."""
    class Clock:
        now = 0.0

        def __call__(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(training, "clock", clock)
    return clock


class Shell:
    """What a notebook's shell does with displays and the end of a cell."""

    kernel = None

    def __init__(self):
        self.callbacks, self.events, self.shown = [], self, []

    def register(self, event, callback):
        assert event == "post_run_cell"
        self.callbacks.append(callback)

    def unregister(self, event, callback):
        self.callbacks.remove(callback)

    def display(self, bundle, raw, display_id):
        self.shown.append(bundle)
        return self

    def update(self, bundle, raw):
        self.shown.append(bundle)

    def end_cell(self):
        for callback in list(self.callbacks):
            callback(None)


@pytest.fixture
def shell(monkeypatch):
    shell = Shell()
    monkeypatch.setattr(training, "get_ipython", lambda: shell)
    monkeypatch.setattr(training, "display", shell.display)
    return shell


def test_redraws_are_few(time, shell):
    for epoch in (curve := training_curve(1000)):
        curve.add(loss=1 / (epoch + 1), accuracy=0.5)
        time.now += 0.01
    assert curve.redraws <= 8 * 10 + 2


def test_dear_redraws_are_fewer(time, shell, monkeypatch):
    draw = training.TrainingCurve._frame
    monkeypatch.setattr(training.TrainingCurve, "_frame",
                        lambda self: (setattr(time, "now", time.now + 0.05), draw(self))[1])
    for epoch in (curve := training_curve(1000)):
        curve.add(loss=1 / (epoch + 1))
        time.now += 0.01
    assert curve.redraws <= 10 / (0.05 / training.SHARE) + 3


def test_the_cell_ends_with_a_still_picture_of_everything(time, shell):
    for epoch in (curve := training_curve(20)):
        curve.add(loss=2.0 / (epoch + 1), accuracy=epoch / 20)
    assert "application/vnd.jupyter.widget-view+json" in shell.shown[0]
    shell.end_cell()
    still = shell.shown[-1]
    assert still["text/plain"] == "After 20 of 20 epochs: loss 0.1 (first 2); accuracy 0.95 (first 0)."
    assert 'alt="Training curve. After 20 of 20 epochs' in still["text/html"]
    assert not shell.callbacks


def test_an_error_in_the_loop_leaves_the_last_picture(time, shell):
    with pytest.raises(RuntimeError):
        for epoch in (curve := training_curve(20)):
            curve.add(loss=1.0)
            if epoch == 4:
                raise RuntimeError
    shell.end_cell()
    assert "After 5 of 20 epochs" in shell.shown[-1]["text/html"]


@pytest.mark.parametrize("log", [True, False])
def test_divergence_is_drawn(time, shell, log):
    for _, loss in zip(curve := training_curve(5, log=log), [1.0, 1e300, float("inf"), float("nan"), 0.0]):
        curve.add(loss=loss)
    shell.end_cell()
    assert shell.shown[-1]["text/html"]


def test_outside_a_notebook_the_last_line_is_printed(time, capsys):
    for _ in (curve := training_curve(3)):
        curve.add(loss=0.5)
        time.now += 1
    assert capsys.readouterr().out == "After 3 of 3 epochs: loss 0.5 (first 0.5).\n"


def test_values_must_keep_their_names(time, capsys):
    curve = training_curve(3)
    curve.add(loss=1.0)
    with pytest.raises(ValueError, match="Add the same names"):
        curve.add(accuracy=1.0)


@pytest.mark.parametrize("steps", [0, -1, 2.5, None])
def test_steps_must_be_a_whole_number(steps):
    with pytest.raises(ValueError, match="above 0"):
        training_curve(steps)


def test_progress_bar_outside_a_notebook(time, capsys):
    assert list(progress_bar(range(3), "digits")) == [0, 1, 2]
    assert capsys.readouterr().out == "digits: 3 of 3\n"


def test_progress_bar_in_a_notebook(time, shell):
    for _ in progress_bar(range(1000), "a<b"):
        time.now += 0.01
    assert len(shell.shown) <= 8 * 10 + 2
    assert shell.shown[-1]["text/html"] == '<label>a&lt;b: 1000 of 1000 <progress max="1000" value="1000">' \
        "</progress></label>"


def test_progress_bar_without_a_length(time, capsys):
    list(progress_bar((x for x in range(3)), "lines"))
    assert "lines: 3" in capsys.readouterr().out
