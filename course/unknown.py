"""What is said of a name that is not there: which one was perhaps meant."""

import difflib
import importlib.util
import sys
from collections.abc import Callable


def meant(name: str, names) -> str:
    """"; did you mean …?" with the most similar of `names`, or nothing where none is similar."""
    close = [] if name.startswith("_") else difflib.get_close_matches(name, [n for n in names if n[0] != "_"], 1)
    return "".join(f"; did you mean {other}?" for other in close)


class NoAttribute(AttributeError):
    """Works out what else there is to say only when it is read: `hasattr` asks often and reads nothing."""

    def __init__(self, said: str, more: Callable[[], str]):
        super().__init__(said)
        self.more = more

    def __str__(self):
        return super().__str__() + self.more()

    def __reduce__(self):
        return AttributeError, (str(self),)


NoAttribute.__name__ = NoAttribute.__qualname__ = "AttributeError"  # as it is shown
NoAttribute.__module__ = "builtins"


def no_attribute(owner, name: str) -> NoAttribute:
    """What `owner.name` raises where there is no such attribute."""
    left_out = getattr(type(owner), "_left_out", {})
    return NoAttribute(f"'{type(owner).__name__}' object has no attribute '{name}'",
                       lambda: f": {left_out[name]}" if name in left_out else meant(name, dir(owner)))


def names_of(module: str, left_out: dict[str, str] | None = None):
    """The `__getattr__` of a module: it refuses every name that the module does not have.

    `left_out`: names that are missing on purpose, and what to do without them.
    """

    def __getattr__(name):
        if name.startswith("_"):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        raise NoAttribute(f"{module} has no {name}", lambda: more(name))

    def more(name):
        known = vars(sys.modules[module])
        if "__path__" in known and importlib.util.find_spec(f"{module}.{name}"):
            return f" yet, as it is a module that is not imported: write import {module}.{name}"
        question = f": {left_out[name]};" if name in (left_out or ()) else meant(name, known) or ";"
        return f"{question} docs/parity.md lists what there is"

    return __getattr__
