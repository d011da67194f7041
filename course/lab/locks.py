"""Which predictions have been made, and who waits for one: a slider unlocks in the open notebook at once."""

from __future__ import annotations

import weakref
from collections.abc import Callable

from course import progress

_watchers: list[weakref.WeakMethod] = []


def prediction(key: str) -> str | None:
    """The latest choice recorded under `key`, in this or an earlier session; None before the first."""
    choices = [event.get("choice") for event in progress.events("predicted") if event.get("key") == key]
    return choices[-1] if choices else None


def predicted(key: str, choice: str) -> None:
    """Record a prediction and tell everybody who waits."""
    progress.record("predicted", key=key, choice=choice)
    announce()


def watch(method: Callable[[], None]) -> None:
    """Call this bound method at every announcement, for as long as its object lives."""
    _watchers.append(weakref.WeakMethod(method))


def announce() -> None:
    """Something about predictions has changed: let everybody look again."""
    _watchers[:] = [watcher for watcher in _watchers if watcher() is not None]
    for watcher in list(_watchers):
        if method := watcher():
            method()
