"""Predictions: a choice made before the slider unlocks, kept, and taken up again when the learner has seen."""

from __future__ import annotations

from collections.abc import Sequence

import traitlets

from . import locks
from .picture import show
from .question import Question, check_options, shuffled, static_question
from .text import inline_html, plain
from .widget import Widget, source

_asked: dict[str, Prediction] = {}


def predict(question: str, options: Sequence[str], key: str, answer: str | None = None, because: str = "") -> None:
    """Ask for a prediction; `explore(..., after=key)` unlocks when it is locked in, and `recall(key)` takes it up.

    The order of the options is shuffled, the same in every run: authors put the right one in the middle too often.

    Args:
        question, options: texts, which may hold `$maths$` and `` `code` ``.
        key: names the prediction in the progress log, such as "03.stable-range".
        answer: the option that holds. It is shown by `recall`, not before.
        because: why it holds.
    Run again, it shows the earlier choice, which can be changed; every choice stays in the log.
    Raises: TypeError or ValueError for options that are no texts or not different, or an answer that is none of them.
    """
    check_options("predict()", options)
    if answer is not None and answer not in options:
        raise ValueError(f"predict()'s answer {answer!r} is none of its options {list(options)}.")
    if not key:
        raise ValueError('predict() needs a key that names the prediction, such as key="03.stable-range".')
    options = shuffled(options, key)
    _asked[key] = asked = Prediction(question, options, key, answer, because)
    locks.announce()  # a recall further up may now know the answer
    show(*static_question(question, options), **asked.mime())


def recall(key: str) -> None:
    """Show what was predicted under `key`, and whether it holds and why. It follows when the prediction changes."""
    asked = _asked.get(key)
    answer = "" if asked is None else asked.explanation()
    recalled = Recall(key)
    show(f"<p>{inline_html(answer)}</p>", plain(recalled.sentence()[0]), **recalled.mime())


class Prediction(Question):
    def __init__(self, question: str, options: Sequence[str], key: str, answer: str | None, because: str):
        super().__init__(question, options, "Lock in")
        self.key, self.answer, self.because = key, answer, because
        earlier = locks.prediction(key)
        if earlier in self.texts:
            self.chosen = self.texts.index(earlier)
            self._confirm(f"Earlier you predicted: {earlier}")

    def answered(self, at: int) -> None:
        choice = self.texts[at]
        if choice != locks.prediction(self.key):
            locks.predicted(self.key, choice)
        self._confirm(f"You predicted: {choice}")

    def explanation(self) -> str:
        return "" if self.answer is None else f"What holds: “{self.answer}”. {self.because}".strip()

    def _confirm(self, sentence: str) -> None:
        self.feedback, self.button = f"{inline_html(sentence)}<br>Now try it out.", "Change my prediction"


class Recall(Widget):
    """The prediction of one key, seen again."""

    _esm = source("words")

    words = traitlets.Unicode().tag(sync=True)
    tone = traitlets.Unicode().tag(sync=True)

    def __init__(self, key: str):
        super().__init__()
        self.key = key
        self.refresh()
        locks.watch(self.refresh)

    def refresh(self) -> None:
        sentence, tone = self.sentence()
        with self.hold_sync():
            self.words, self.tone = inline_html(sentence), tone

    def sentence(self) -> tuple[str, str]:
        """What to say, and its tone."""
        choice, asked = locks.prediction(self.key), _asked.get(self.key)
        if choice is None:
            return "You have not locked in your prediction yet. It is asked further up.", ""
        said = f"You predicted: “{choice}”"
        if asked is None or asked.answer is None:
            return said, ""
        if choice == asked.answer:
            return f"{said}. That holds. {asked.because}".strip(), "right"
        return f"{said}. It turns out otherwise. {asked.explanation()}".strip(), "wrong"
