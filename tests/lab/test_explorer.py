import io
import re

import pytest
from PIL import Image

from course.lab import Bowl, Descent, explore, log_slider, panels, slider, switch
from course.lab.explorer import KEPT_STAGES, Explorer
from course.lab.locks import predicted


class Dot:
    """A scene that records what it was asked, and fails where it is told to."""

    alt = "A dot."

    def __init__(self):
        self.asked = []

    def draw(self, fig):
        (ax,) = panels(fig, 1)
        ax.set(xlim=(0, 10), ylim=(0, 1))
        (self.dot,) = ax.plot([], [], "o", animated=True)

    def move(self, at):
        self.asked.append(at)
        if at == 3:
            raise ZeroDivisionError("division by `zero`")
        if at == 4:
            raise KeyboardInterrupt
        self.dot.set_data([at], [0.5])
        return f"At **{at}** of <10>."


@pytest.fixture
def explorer():
    return Explorer(Dot(), {"at": slider(0, 9, 1, label="place $x$")})


def send(explorer, positions, turn):
    """What the browser's message does."""
    explorer._handle_custom_msg({"positions": positions, "turn": turn}, [])


def shown(explorer):
    """The numbers of the picture."""
    return Image.open(io.BytesIO(explorer.picture)).tobytes()


def test_a_move_changes_picture_caption_alt_and_acknowledges(explorer):
    before = explorer.picture
    send(explorer, [7], 5)
    assert explorer.turn == 5 and explorer.positions == [7]
    assert explorer.picture != before
    assert explorer.caption == "At <strong>7</strong> of &lt;10&gt;."
    assert explorer.alt == "A dot. At 7 of <10>."
    image = Image.open(io.BytesIO(explorer.picture))
    assert image.format == "JPEG" and image.width == 1.5 * explorer.width


def test_the_last_position_wins(explorer):
    for turn, at in enumerate([2, 8, 5], start=1):
        send(explorer, [at], turn)
    assert (explorer.turn, explorer.positions, explorer._scene.asked[-1]) == (3, [5], 5)


def test_every_answer_is_one_message(explorer, monkeypatch):
    sent = []
    monkeypatch.setattr(explorer, "send_state", lambda key=None: sent.append(set(key)))
    send(explorer, [7], 1)
    assert len(sent) == 1 and {"picture", "caption", "alt", "positions", "turn"} <= sent[0]


def test_every_answer_fills_a_segment_also_when_nothing_changed(explorer, monkeypatch):
    """A smaller message would wait for the browser's acknowledgement of the one before."""
    sent = []
    monkeypatch.setattr(explorer, "send_state", lambda key=None: sent.append(set(key)))
    for turn in (1, 2):
        send(explorer, [7], turn)
        assert "picture" in sent.pop() and len(explorer.picture) >= 2**16


@pytest.mark.parametrize("at, sentence", [
    (3, "With at = 3 the function stopped: <code>ZeroDivisionError: division by ’zero’</code>."),
    (4, "Stopped before the picture was finished."),
])
def test_a_failing_scene_is_a_sentence_and_then_goes_on(explorer, at, sentence):
    send(explorer, [at], 1)
    assert explorer.failed and explorer.caption.startswith(sentence) and explorer.turn == 1
    send(explorer, [5], 2)
    assert not explorer.failed and explorer.caption.startswith("At")


def test_a_failing_scene_shows_no_stale_picture(explorer):
    send(explorer, [7], 1)
    seven = shown(explorer)
    send(explorer, [3], 2)
    failed = shown(explorer)
    send(explorer, [4], 3)
    assert seven != failed == shown(explorer)


def test_positions_outside_are_brought_inside(explorer):
    send(explorer, [99], 1)
    assert explorer.positions == [9]


def test_controls_have_labels_and_readings(explorer):
    (spec,) = explorer.controls
    assert spec["label"] == "place $x$" and spec["texts"][1] == "1" and spec["kind"] == "range"


def test_predictions_unlock_an_open_explorer():
    explorer = Explorer(Dot(), {"at": slider(0, 9, 1)}, after=["one", "two"])
    assert "2 predictions" in explorer.locked
    predicted("one", "yes")
    assert explorer.locked == "Choose a prediction above to unlock the controls."
    predicted("two", "no")
    assert explorer.locked == ""
    assert Explorer(Dot(), {"at": slider(0, 9, 1)}, after=["two"]).locked == ""  # remembered


def test_old_stages_are_let_go_and_come_back():
    explorers = [Explorer(Dot(), {"at": slider(0, 9, 1)}) for _ in range(KEPT_STAGES + 2)]
    assert len(Explorer._stages) == KEPT_STAGES and explorers[0] not in Explorer._stages
    send(explorers[0], [5], 1)
    assert explorers[0].caption.startswith("At") and explorers[0].picture == _fresh_picture(5)


def _fresh_picture(at):
    explorer = Explorer(Dot(), {"at": slider(0, 9, 1)})
    send(explorer, [at], 1)
    return explorer.picture


def test_the_bundle_holds_the_widget_and_stills_with_alt(displayed, step):
    explore(Descent(Bowl(), step), lr=log_slider(0.01, 1, 0.1, label="learning rate α"),
            stills=[dict(lr=0.05), dict(lr=0.3), dict(lr=0.42)])
    (bundle,) = displayed
    assert "application/vnd.jupyter.widget-view+json" in bundle
    html = bundle["text/html"]
    assert html.count("<img") == 1 and len(html) < 150_000
    alt = re.search(r'alt="([^"]+)"', html)[1]
    assert alt.startswith("3 pictures side by side.") and "learning rate α = 0.42: It diverges" in alt
    assert html.count("<strong>learning rate α = ") == 3


def test_without_stills_the_starting_picture_stays(displayed):
    explore(Dot(), at=slider(0, 9, 1))
    assert 'alt="A dot. At 1 of &lt;10&gt;."' in displayed[0]["text/html"]


def test_a_failing_function_does_not_stop_run_all(displayed):
    explore(Dot(), at=slider(0, 9, 3), stills=[dict(at=3), dict(at=5)])
    assert "the function stopped" in displayed[0]["text/html"]


def test_mistakes_are_sentences():
    with pytest.raises(TypeError, match="at=3, which is no control"):
        explore(Dot(), at=3)
    with pytest.raises(ValueError, match="stills names lr"):
        explore(Dot(), at=slider(0, 9, 1), stills=[dict(lr=0.1)])


def test_switches_and_choices_hand_over_their_values():
    class Shows(Dot):
        def move(self, at, on):
            return f"{at!r} {on!r}"

    explorer = Explorer(Shows(), {"at": slider(0.0, 1.0, 0.5), "on": switch(label="noise")})
    send(explorer, [0, 1], 1)
    assert explorer.caption == "0.0 True"
