"""How a verdict, a hint or the progress looks: HTML in a notebook, plain text elsewhere, the same words in both."""

from __future__ import annotations

import html
import re
import sys
import unicodedata
from dataclasses import dataclass
from textwrap import fill

from course.exercises.verdict import NOT_ATTEMPTED, NOT_YET, PASSED, RAISED, Verdict

# White on each of these has a contrast above 4.5; the words carry the outcome, the colour only repeats it.
_COLOURS = {PASSED: "#1a7f37", NOT_YET: "#9a6700", RAISED: "#b42318", NOT_ATTEMPTED: "#57606a"}
_MARKS = {PASSED: "✓", NOT_YET: "○", RAISED: "✗", NOT_ATTEMPTED: "–"}
_BLUE = "#0b5cad"


@dataclass(frozen=True)
class Shown:
    """Something to display. It is neither true nor false in any useful way: a verdict is for reading."""

    text: str
    html: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def show(shown: Shown) -> None:
    """Displays in a notebook, prints elsewhere."""
    if _in_notebook():
        from IPython.display import display

        display(shown)
    else:
        print(shown.text)


def verdict_shown(verdict: Verdict, points: int) -> Shown:
    """One of the four outcomes with what helps to go on."""
    mark = f"{_MARKS[verdict.outcome]} {verdict.outcome}"
    title = f"{verdict.exercise}: {verdict.diagnosis}" if verdict.diagnosis else verdict.exercise
    message = verdict.message or f"Right on all {verdict.cases} cases; {points_text(points)}."
    rows = [*verdict.arguments]
    if verdict.expected:
        rows.append(("expected", verdict.expected))
    if verdict.given:
        rows.append(("yours", verdict.given))
    if verdict.printed:
        rows.append(("printed", verdict.printed.rstrip("\n")))
    return Shown(
        _lines(f"{mark} | {title}", message, _table_text(rows)),
        _card(_COLOURS[verdict.outcome], mark, title, message, _table_html(rows)),
    )


def note_shown(label: str, title: str, message: str, code: str = "") -> Shown:
    """A hint, a solution, or word that there is none."""
    code_html = f"<pre style='margin:.5em 0 0'><code>{html.escape(code)}</code></pre>" if code else ""
    return Shown(_lines(f"{label} | {title}", message, code), _card(_BLUE, label, title, message, code_html))


def progress_shown(units: list[tuple[str, int, int]], advice: str) -> Shown:
    """Units as bars: name, points reached, points there are."""
    reached, possible = (sum(points) for points in ([u[1] for u in units], [u[2] for u in units]))
    title = f"{reached} of {points_text(possible)}"
    width = max((len(name) for name, *_ in units), default=0)
    text = "\n".join(f"{name:<{width}}  {_bar(got, total)}  {got}/{total}" for name, got, total in units)
    rows = "".join(
        f"<tr><th scope='row' style='text-align:left;font-weight:normal'>{html.escape(name)}</th>"
        f"<td><progress value='{got}' max='{total}' aria-label='{html.escape(name)}: {got} of {points_text(total)}'>"
        f"</progress></td><td>{got} of {total}</td></tr>"
        for name, got, total in units
    )
    return Shown(
        _lines(f"progress | {title}", text, advice),
        _card(_BLUE, "progress", title, advice, f"<table style='color:inherit;font-size:inherit'>{rows}</table>"),
    )


def points_text(points: int) -> str:
    return f"{points} point" if points == 1 else f"{points} points"


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


def _lines(*parts: str) -> str:
    head, message, *rest = parts
    return _clean("\n".join(part for part in (head, _filled(message), *rest) if part))


def _clean(text: str) -> str:
    """Without what a terminal would obey (escape sequences) or refuse (half characters): it may be a student's text."""
    text = text.encode("utf-8", "replace").decode()
    return "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs"))


def _filled(message: str) -> str:
    return message if "\n" in message else fill(message, 100)


def _table_text(rows: list[tuple[str, str]]) -> str:
    width = max((len(name) for name, _ in rows), default=0)
    indent = "\n" + " " * (width + 5)
    return "\n".join(f"  {name:<{width}} = {value.replace(chr(10), indent)}" for name, value in rows)


def _table_html(rows: list[tuple[str, str]]) -> str:
    body = "".join(
        f"<tr><th scope='row' style='text-align:left;vertical-align:top'>{html.escape(name)}</th>"
        f"<td style='text-align:left'><code style='white-space:pre-wrap'>{html.escape(value)}</code></td></tr>"
        for name, value in rows
    )
    return f"<table style='margin:.5em 0 0;color:inherit;font-size:inherit'>{body}</table>" if rows else ""


def _card(colour: str, mark: str, title: str, message: str, below: str) -> str:
    """Text in the theme's own colour on the theme's own ground; only the badge brings colours of its own."""
    return _clean(
        f"<div role='status' style='border-left:4px solid {colour};padding:.4em .8em;margin:.3em 0'><strong "
        f"style='background:{colour};color:#fff;padding:.1em .6em;border-radius:3px'>{html.escape(mark)}</strong> "
        f"<strong>{html.escape(title)}</strong><p style='margin:.5em 0 "
        f"0;max-width:46em'>{_with_code(message)}</p>{below}</div>"
    )


def _with_code(message: str) -> str:
    """A sentence as HTML; what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(message))


def _bar(got: int, total: int, width: int = 20) -> str:
    full = round(width * got / total) if total else 0
    return "█" * full + "░" * (width - full)
