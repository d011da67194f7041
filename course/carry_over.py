"""What a person wrote in a notebook, and a student's cells carried over into the course's new version of it.

As git merges lines, this merges cells, which it knows by their ids. A cell that both sides changed is no matter for a
program to decide.
"""

from __future__ import annotations

import contextlib
import hashlib
import json


def written(data: bytes) -> list[tuple[str | None, list]] | None:
    """For each cell its id and what a person wrote: no outputs, no counters; None if `data` is no notebook."""
    with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
        return [(cell.get("id"), [cell["cell_type"], "".join(cell["source"]), cell.get("attachments"),
                                  cell.get("metadata", {}).get("nbgrader")]) for cell in json.loads(data)["cells"]]
    return None


def fingerprints(cells: list[tuple[str | None, list]] | None) -> dict[str, str]:
    """For each cell id a hash of what is `written` there; nothing unless every cell has an id of its own."""
    found = {key: fingerprint(words)[:16] for key, words in cells or [] if isinstance(key, str)}
    return found if len(found) == len(cells or []) else {}


def fingerprint(words: list) -> str:
    """A hash of what a person wrote."""
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()


def carried_over(base: dict[str, str], theirs: bytes, new: bytes) -> bytes | None:
    """The notebook `new` with the cells that the student changed, added or deleted in `theirs`; None where the two
    cannot be told apart cell by cell.

    Args:
        base: the `fingerprints` of the version that the student started from.
    """
    student, course = fingerprints(written(theirs)), fingerprints(written(new))
    if not (base and student and course and (_same_order(student, base) or _same_order(student, course))):
        return None
    own = [key for key, text in student.items() if text not in (base.get(key), course.get(key))]
    if any(base.get(key) != course.get(key) for key in own):
        return None
    deleted = {key for key, text in base.items() if key not in student and course.get(key) == text}
    cell_of = {cell["id"]: cell for cell in json.loads(theirs)["cells"]}
    notebook = json.loads(new)
    cells = [cell_of[cell["id"]] if cell["id"] in own else cell
             for cell in notebook["cells"] if cell["id"] not in deleted]
    above = dict(zip(student, [None, *student]))
    for key in own:
        if key not in base:  # it goes where it stood, below the same cell
            order = [None, *(cell["id"] for cell in cells)]
            if above[key] not in order:
                return None
            cells.insert(order.index(above[key]), cell_of[key])
    return (json.dumps({**notebook, "cells": cells}, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _same_order(one: dict, other: dict) -> bool:
    return [key for key in one if key in other] == [key for key in other if key in one]
