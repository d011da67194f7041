"""What the checker says of a function: plain strings and numbers, so that it can be shown, recorded and sent."""

from __future__ import annotations

from dataclasses import dataclass

PASSED, NOT_YET, RAISED, NOT_ATTEMPTED = "passed", "not yet", "raised", "not attempted"


@dataclass(frozen=True)
class Verdict:
    """One of four outcomes; where it is not `passed`, the diagnosis, and the smallest case that shows it."""

    exercise: str
    outcome: str
    diagnosis: str = ""  # its short name: "uphill", "returned None"
    message: str = ""  # what to tell the student, in sentences
    arguments: tuple[tuple[str, str], ...] = ()  # the case: names and values as text
    expected: str = ""
    given: str = ""
    printed: str = ""
    cases: int = 0  # on how many the function was tried

    @property
    def passed(self) -> bool:
        return self.outcome == PASSED
