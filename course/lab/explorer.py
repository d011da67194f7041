"""The one mechanism behind every slider: a scene, its controls, and a picture that answers at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

import numpy as np
import traitlets

from . import locks
from .controls import Control
from .picture import figure_html, jpeg, png, show
from .stage import Stage
from .style import CSS_PIXELS_PER_INCH
from .text import inline_html, number, one_line, plain
from .widget import Widget, source

STILL_WIDTH, STILL_HEIGHT = 3.1, 3.0  # inches, for each axes of a scene; three stills fill a notebook's column
SEGMENT = 2**16  # bytes: what TCP sends in one piece between two programs of one machine
KEPT_STAGES = 12  # of some 6 MB each; every run of a cell makes one, and an older one is built anew when it is moved


def explore(scene, *, after: str | Iterable[str] = (), stills: Sequence[dict] = (), **controls: Control) -> None:
    """Show a scene with controls; every move of a control is drawn at once.

        explore(Descent(Bowl(), {"yours": my_step}), lr=log_slider(1e-3, 3, 0.1, label="learning rate α"),
                after="03.stable-range", stills=[dict(lr=0.05), dict(lr=0.9), dict(lr=2.1)])

    Args:
        scene: what to draw, see below.
        after: keys of predictions (`predict(..., key=...)`); the controls unlock when all have been locked in.
        stills: values for the static pictures, side by side, that stay for readers without a running kernel
            (default: one picture of the starting values). Values not named are the controls' starting values.
        controls: `log_slider`, `slider`, `choice` or `switch`, one for each argument of `scene.move`.

    A scene is any object with `draw` and `move`. `draw` draws what stands still and makes, with `animated=True`, the
    artists that move; `move` changes those and returns a caption that teaches. Optional attributes: `alt`, a sentence
    for people who cannot see the picture, and `size`, in inches. (`draw` keeps its artists on `self`; every picture
    works on a copy of the scene, so one scene can be explored twice.)

        class Tangent:
            alt = "A parabola and the tangent at a point."
            def draw(self, fig):
                (ax,) = panels(fig, 1)
                x = np.linspace(-2, 2, 100)
                ax.plot(x, x**2)
                (self.line,) = ax.plot([], [], animated=True)
            def move(self, at):
                self.line.set_data([at - 1, at + 1], [at**2 - 2 * at, at**2 + 2 * at])
                return f"At θ = {number(at)} the slope is {number(2 * at)}."

    What `move` raises is shown as a sentence below the picture, and the controls go on working. Changing anything that
    is not animated, an axis limit say, is allowed: that frame is drawn anew, which takes 60 ms instead of 5.

    Raises: TypeError for something that is no control; ValueError for a still that names no control.
    """
    explorer = Explorer(scene, controls, after=[after] if isinstance(after, str) else list(after))
    markup, words = explorer.static(stills)
    show(markup, words, **explorer.mime())


class Explorer(Widget):
    """The widget that `explore` shows. The browser sends the controls' positions, one message at a time and always the
    newest; the kernel answers each with a picture, a caption and an alternative text."""

    _esm = source("explorer")

    controls = traitlets.List().tag(sync=True)
    positions = traitlets.List().tag(sync=True)
    turn = traitlets.Int(0).tag(sync=True)  # the message that the state below answers
    picture = traitlets.Bytes().tag(sync=True)
    width = traitlets.Int().tag(sync=True)  # CSS pixels
    caption = traitlets.Unicode().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    failed = traitlets.Bool(False).tag(sync=True)
    locked = traitlets.Unicode().tag(sync=True)  # why the controls are locked; empty when they are not

    _stages: ClassVar[dict[Explorer, Stage]] = {}  # the least recently moved first

    def __init__(self, scene, controls: dict[str, Control], after: Sequence[str] = ()):
        for name, control in controls.items():
            if not isinstance(control, Control):
                raise TypeError(f"explore() was given {name}={control!r}, which is no control. Write for example "
                                f"{name}=slider(0, 1, 0.5), log_slider(...), choice([...]) or switch().")
        self._scene, self._named, self._after = scene, controls, list(after)
        super().__init__(controls=[control.spec(name) for name, control in controls.items()])
        self.width = round(self._stage().figure.get_figwidth() * CSS_PIXELS_PER_INCH)
        self.move([control.start for control in controls.values()])
        self.on_msg(lambda _, message, __: self.move(message["positions"], message["turn"]))
        locks.watch(self.unlock)
        self.unlock()

    def move(self, positions: Sequence[int], turn: int = 0) -> None:
        """Draw the picture for these positions, one index for each control."""
        positions = [min(max(int(at), 0), len(control.values) - 1)
                     for at, control in zip(positions, self._named.values(), strict=True)]
        values = {name: control.values[at] for at, (name, control) in zip(positions, self._named.items())}
        image, caption, failed = _frame(self._stage(), values)
        if failed:
            caption = f"{caption} Mend it and run its cell again, or move the control."
        with self.hold_sync():  # one message for all of it
            self.picture = _filling_a_segment(jpeg(image), turn)
            self.caption = inline_html(caption)
            self.alt = _alt(self._scene, caption)
            self.failed = failed
            self.positions = positions
            self.turn = turn

    def unlock(self) -> None:
        """Unlock the controls when every prediction they wait for has been made."""
        missing = [key for key in self._after if locks.prediction(key) is None]
        self.locked = ("" if not missing else "Choose a prediction above to unlock the controls." if len(missing) == 1
                       else f"Choose the {len(missing)} predictions above to unlock the controls.")

    def static(self, stills: Sequence[dict] = ()) -> tuple[str, str]:
        """The figure for readers without a kernel: its HTML, and its words for a terminal."""
        start = {name: control.values[control.start] for name, control in self._named.items()}
        for still in stills:
            if unknown := still.keys() - start.keys():
                raise ValueError(f"stills names {', '.join(sorted(unknown))}, and the controls are {', '.join(start)}.")
        if not stills:
            image, caption, _ = _frame(self._stage(), start)
            return (figure_html(png(image), _alt(self._scene, caption), inline_html(caption)),
                    _alt(self._scene, caption))
        stage = Stage(self._scene, (STILL_WIDTH, STILL_HEIGHT * len(self._stage().figure.axes)))
        title = stage.figure.suptitle("0", fontsize=11, fontweight="bold", animated=True)
        images, titles, captions = [], [], []
        for still in stills:
            titles.append(", ".join(f"{self._named[name].label or name} = {_reading(value)}"
                                    for name, value in still.items()))
            title.set_text(titles[-1])
            image, caption, _ = _frame(stage, start | still)
            images.append(image.copy())
            captions.append(caption)
        words = " ".join(f"{title}: {caption}" for title, caption in zip(titles, captions))
        markup = "<br>".join(f"<strong>{inline_html(title)}.</strong> {inline_html(caption)}"
                             for title, caption in zip(titles, captions))
        alt = f"{len(stills)} pictures side by side. {_alt(self._scene, words)}"
        return figure_html(png(np.hstack(images)), alt, markup), alt

    def _stage(self) -> Stage:
        stage = Explorer._stages.pop(self, None) or Stage(self._scene)
        Explorer._stages[self] = stage
        while len(Explorer._stages) > KEPT_STAGES:
            Explorer._stages.pop(next(iter(Explorer._stages)))
        return stage


def _filling_a_segment(picture: bytes, turn: int) -> bytes:
    """The JPEG and something behind its end, where nobody looks, so that every answer is a large message and a new one.

    Jupyter's server leaves TCP's delay on: a message smaller than a segment, such as an answer whose picture is the
    last one again, waits until the browser has acknowledged the message before it, which takes it up to 40 ms.
    """
    return (picture + turn.to_bytes(4, "little")).ljust(SEGMENT, b"\0")


def _frame(stage: Stage, values: dict) -> tuple[np.ndarray, str, bool]:
    """The picture, its caption, and whether the scene failed: then the caption is a sentence that says how."""
    try:
        return *stage.frame(**values), False
    except KeyboardInterrupt:
        return stage.empty(), "Stopped before the picture was finished.", True
    except Exception as error:
        given = ", ".join(f"{name} = {_reading(value)}" for name, value in values.items())
        return stage.empty(), f"With {given} the function stopped: `{one_line(error).replace('`', '’')}`.", True


def _reading(value) -> str:
    return number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def _alt(scene, caption: str) -> str:
    return f"{getattr(scene, 'alt', '')} {plain(caption)}".strip()
