"""Quiz questions: every wrong option is answered with its reason."""

from __future__ import annotations

import re
from collections.abc import Mapping

from course import progress

from .picture import show
from .question import Question, check_options, shuffled, static_question
from .text import inline_html, plain


def quiz(question: str, right: str, wrong: Mapping[str, str], because: str = "", key: str = "") -> None:
    """Ask a question with one right option. The order of the options is shuffled, the same in every run.

    Args:
        question, right: texts, which may hold `$maths$` and `` `code` ``.
        wrong: each wrong option with the reason why it is wrong.
        because: why the right one is right.
        key: names the question in the progress log (default: made from the question's first words).
    Raises: TypeError or ValueError for options that are no texts or not different, or where a reason is missing.
    """
    options = [right, *wrong]
    check_options("quiz()", options)
    for option, reason in wrong.items():
        if not reason:
            raise ValueError(f"quiz() needs a reason why {option!r} is wrong: the learner who chose it wants to know.")
    options = shuffled(options, question)
    asked = Quiz(question, options, right, dict(wrong), because, key or _slug(question))
    answer = f"<details><summary>Answer</summary>{inline_html(f'{right}. {because}'.strip())}</details>"
    show(*static_question(question, options, answer), **asked.mime())


class Quiz(Question):
    def __init__(self, question: str, options: list[str], right: str, wrong: dict[str, str], because: str, key: str):
        super().__init__(question, options, "Answer")
        self.right, self.wrong, self.because, self.key = right, wrong, because, key

    def answered(self, at: int) -> None:
        choice = self.texts[at]
        is_right = choice == self.right
        progress.record("quiz", key=self.key, right=is_right, choice=choice)
        self.tone = "right" if is_right else "wrong"
        self.feedback = inline_html(f"**Right.** {self.because}" if is_right else
                                    f"**Not this one.** {self.wrong[choice]} Choose again.")
        self.button = "Answer" if is_right else "Answer again"


def _slug(question: str) -> str:
    return "-".join(re.findall(r"\w+", plain(question).lower())[:8])
