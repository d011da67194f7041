"""The grades as pages for a browser: one a student, one for the class. Nothing in them is fetched from elsewhere."""

from __future__ import annotations

import html
from collections.abc import Iterable
from itertools import groupby
from urllib.parse import quote

from course.exercises.show import points_text, verdict_shown
from course.exercises.verdict import Verdict
from course.grading.submissions import file_name

STYLE = """
:root { color-scheme: light dark; --ground: #ffffff; --text: #1f2328; --quiet: #59636e; --line: #d1d9e0;
  --card: #f6f8fa; --bar: #1a7f37; --rest: #d1d9e0; --link: #0b5cad }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --text: #e6edf3; --quiet: #9198a1; --line: #3d444d;
  --card: #151b23; --bar: #3fb950; --rest: #3d444d; --link: #6cb6ff } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem; background: var(--ground); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; overflow-wrap: anywhere }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem }
p { margin: .25rem 0 .75rem; max-width: 46em }
a { color: var(--link) } a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
code, pre { font: .9em/1.5 ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace }
.quiet { color: var(--quiet) }
.exercise { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .5rem .9rem;
  margin: 0 0 .9rem; overflow-x: auto }
.exercise code { background: none } .exercise td { padding-left: .75rem }
.scroll { overflow-x: auto }
table.wide { border-collapse: collapse; width: 100%; min-width: 44rem }
.wide th, .wide td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0;
  border-bottom: 1px solid var(--line) }
.wide thead th { color: var(--quiet); font-weight: 600; font-size: .875rem }
.wide tbody th { font-weight: 500 }
.number { white-space: nowrap; font-variant-numeric: tabular-nums }
.bar { display: inline-block; width: 6rem; height: .6rem; border-radius: .3rem; background: var(--rest);
  overflow: hidden; vertical-align: baseline; margin-right: .6rem }
.bar span { display: block; height: 100%; background: var(--bar) }
ol, ul { margin: 0; padding-left: 1.2rem }
@media print { .exercise { break-inside: avoid } }
"""


def student_page(result: dict) -> str:
    """What `check` would have said of each exercise, and what else the student should know."""
    name = result["student"]
    parts = [
        f"<h1>{_text(name)}</h1>",
        f"<p>{_bar(result['points'], result['possible'])}<strong class='number'>{result['points']} of "
        f"{points_text(result['possible'])}</strong></p>",
        _list(result["remarks"]),
    ]
    for unit, exercises in groupby(result["exercises"], key=lambda exercise: exercise["unit"]):
        parts.append(f"<h2>{_text(unit)}</h2>")
        parts += [_exercise(exercise) for exercise in exercises]
        if troubles := result["troubles"].get(unit):
            parts.append("<p>Cells that did not run to their end:</p>" + _list(troubles))
    return _page(f"{name}: {result['points']} of {points_text(result['possible'])}", parts)


def class_page(results: list[dict], units: list[str], lines: list[dict]) -> str:
    """Exercises with the share that passed, the attempts and the mistakes by frequency; then the students."""
    reached, possible = (sum(result[key] for result in results) for key in ("points", "possible"))
    parts = [
        "<h1>The class</h1>",
        f"<p class='quiet'>{_text(', '.join(units))}; {_count(len(results), 'student')}</p>",
        f"<p>{_bar(reached, possible)}<strong class='number'>{_percent(reached, possible)}</strong> of all points</p>",
        "<h2>Exercises</h2>",
        _table(
            "Exercises",
            ["Exercise", "Passed", "Attempts (median)", "What went wrong, most frequent first"],
            (_exercise_row(line) for line in lines),
        ),
        "<p class='quiet'>Attempts are counted in the students' own logs (<code>progress.jsonl</code>), where they "
        "handed them in.</p>",
        "<h2>Students</h2>",
        _table("Students", ["Student", "Points", "To know"], (_student_row(result) for result in results)),
        "<h2>How it was graded</h2>",
        *(f"<p>{_text(isolation)}</p>" for isolation in sorted({result["isolation"] for result in results})),
    ]
    return _page("The class", parts)


def _exercise(exercise: dict) -> str:
    told = {key: exercise[key] for key in Verdict.__dataclass_fields__}
    verdict = Verdict(**{**told, "arguments": tuple(map(tuple, exercise["arguments"]))})
    shown = verdict_shown(verdict, exercise["possible"]).html.replace(" role='status'", "", 1)
    return f"<section class='exercise'>{shown}{_log(exercise['log'])}</section>"


def _log(log: dict | None) -> str:
    if log is None or not log["attempts"]:
        return ""
    told = [_count(log["attempts"], "attempt"), _count(log["hints"], "hint")]
    told += ["looked at the solution before passing"] if log["solution"] else []
    return f"<p class='quiet'>By your log: {', '.join(told)}.</p>"


def _exercise_row(line: dict) -> str:
    mistakes = [f"{_text(name)} <span class='quiet'>({count})</span>" for name, count in line["diagnoses"].items()]
    rest = len(mistakes) - 5
    shown = mistakes[:5] + ([f"<span class='quiet'>and {rest} more</span>"] if rest > 0 else [])
    attempts = "–" if line["attempts"] is None else f"{line['attempts']:g}"
    return (
        f"<tr><th scope='row'>{_text(line['exercise'])}<br><span class='quiet'>{_text(line['unit'])}</span></th>"
        f"<td class='number'>{_bar(line['passed'], line['students'])}"
        f"{line['passed']} of {line['students']}</td>"
        f"<td class='number'>{attempts}</td><td>{'<br>'.join(shown) or '–'}</td></tr>"
    )


def _student_row(result: dict) -> str:
    page = quote("pages/" + file_name(result["student"], ".html"))
    known = [*result["remarks"], *(f"{unit}: {cells[0]}" for unit, cells in result["troubles"].items())]
    return (
        f"<tr><th scope='row'><a href='{page}'>{_text(result['student'])}</a></th>"
        f"<td class='number'>{_bar(result['points'], result['possible'])}"
        f"{result['points']} of {result['possible']}</td><td>{'<br>'.join(map(_text, known))}</td></tr>"
    )


def _page(title: str, parts: list[str]) -> str:
    body = "\n".join(part for part in parts if part)
    return (
        "<!doctype html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{_text(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _table(label: str, heads: list[str], rows: Iterable[str]) -> str:
    """A table that scrolls sideways by itself where it is wider than the window, by keyboard too."""
    head = "".join(f"<th scope='col'>{_text(name)}</th>" for name in heads)
    body = "\n".join(rows)
    return (f"<div class='scroll' role='region' aria-label='{label}' tabindex='0'><table class='wide'>"
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>")  # fmt: skip


def _bar(part: int, whole: int) -> str:
    """Decoration: the figure stands beside it in words."""
    return f"<span class='bar' aria-hidden='true'><span style='width:{_percent(part, whole)}'></span></span>"


def _percent(part: int, whole: int) -> str:
    return f"{round(100 * part / whole) if whole else 0}%"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _list(sentences: list[str]) -> str:
    return f"<ul>{''.join(f'<li>{_text(one)}</li>' for one in sentences)}</ul>" if sentences else ""


def _text(text: str) -> str:
    return html.escape(text)
