"""Words and numbers as a learner reads them."""

from __future__ import annotations

import html
import math
import re

_MARKS = re.compile(r"(\$[^$\n]+\$)|`([^`\n]+)`|\*\*([^*\n]+)\*\*|\*([^*\n]+)\*")
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def inline_html(text: str) -> str:
    """`text` as HTML: `` `code` ``, `**strong**`, `*emphasis*`; `$maths$` is left for the notebook to typeset."""
    parts, end = [], 0
    for match in _MARKS.finditer(text):
        maths, code, strong, emphasis = (part and html.escape(part) for part in match.groups())
        parts += [html.escape(text[end:match.start()]),
                  maths or code and f"<code>{code}</code>" or strong and f"<strong>{strong}</strong>"
                  or f"<em>{emphasis}</em>"]
        end = match.end()
    return "".join(parts) + html.escape(text[end:])


def plain(text: str) -> str:
    """`text` without its marks, for alt texts and terminals: `$\\alpha$` becomes "alpha"."""
    return _MARKS.sub(lambda match: next(part for part in match.groups() if part).strip("$").replace("\\", ""), text)


def number(value: float, digits: int = 3) -> str:
    """`value` with `digits` significant digits: 0.0123, 12.3, 1.2×10⁻⁸, "infinity", "not a number".

    >>> number(0.30000000000000004), number(1234567.0), number(float("inf"))
    ('0.3', '1.23×10⁶', 'infinity')
    """
    value = float(value)
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinity" if value > 0 else "minus infinity"
    if value == 0 or 1e-4 <= abs(value) < 1e5:
        short = f"{value:.{digits}g}"
        return (f"{value:.0f}" if "e" in short else short).replace("-", "−")
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa.replace('-', '−')}×10{str(int(exponent)).translate(_SUPERSCRIPTS)}"


def one_line(error: BaseException) -> str:
    """An exception as "ZeroDivisionError: division by zero": its name and the first line of its message."""
    message = str(error).strip().splitlines()
    return f"{type(error).__name__}: {message[0][:200]}" if message else type(error).__name__
