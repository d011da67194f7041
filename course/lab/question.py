"""What predictions and quizzes share: a question with options, answered once a button is pressed."""

from __future__ import annotations

import random
from collections.abc import Sequence

import traitlets

from .text import inline_html, plain
from .widget import Widget, source


class Question(Widget):
    """A question with radio buttons. Subclasses say in `answered` what happens when option `at` is given.

    `tone` colours the feedback: "", "right" or "wrong"; the words say it too.
    """

    _esm = source("question")

    question = traitlets.Unicode().tag(sync=True)
    options = traitlets.List().tag(sync=True)
    chosen = traitlets.Int(-1).tag(sync=True)
    button = traitlets.Unicode().tag(sync=True)
    feedback = traitlets.Unicode().tag(sync=True)
    tone = traitlets.Unicode().tag(sync=True)

    def __init__(self, question: str, options: Sequence[str], button: str):
        self.texts = list(options)
        super().__init__(question=inline_html(question), options=[inline_html(text) for text in options],
                         button=button)
        self.on_msg(lambda _, message, __: self._receive(message["choice"]))

    def answered(self, at: int) -> None:
        raise NotImplementedError

    def _receive(self, at: int) -> None:
        with self.hold_sync():
            if 0 <= at < len(self.texts):
                self.chosen = at
                self.answered(at)
            else:
                self.feedback, self.tone = "Choose one of the answers first.", ""


def check_options(who: str, options: Sequence[str]) -> None:
    """At least two different options, all of them text."""
    if isinstance(options, str) or not all(isinstance(text, str) and text.strip() for text in options):
        raise TypeError(f"{who} needs its options as texts, and was given {options!r}.")
    if len(set(options)) < 2 or len(set(options)) < len(options):
        raise ValueError(f"{who} needs at least two options, all different, and was given {list(options)}.")


def shuffled(options: Sequence[str], seed: str) -> list[str]:
    """The options in an order that tells nothing, the same in every run."""
    order = list(options)
    random.Random(seed).shuffle(order)
    return order


def static_question(question: str, options: Sequence[str], rest: str = "") -> tuple[str, str]:
    """The question for readers without a kernel: its HTML, with `rest` below, and its words for a terminal."""
    items = "".join(f"<li>{inline_html(text)}</li>" for text in options)
    return (f"<p><strong>{inline_html(question)}</strong></p><ul>{items}</ul>{rest}",
            "\n".join([plain(question), *(f"  ( ) {plain(text)}" for text in options)]))
