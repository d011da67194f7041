"""What is said of a name that is not there: which one was perhaps meant."""

import difflib
import importlib.util
import sys


def meant(name: str, names) -> str:
    """"; did you mean …?" with the most similar of `names`, or nothing where none is similar."""
    close = [] if name.startswith("_") else difflib.get_close_matches(name, [n for n in names if n[0] != "_"], 1)
    return "".join(f"; did you mean {other}?" for other in close)


class NoAttribute(AttributeError):
    """Looks for the name that was perhaps meant only when it is read: `hasattr` asks often and reads nothing."""

    def __init__(self, owner, name: str):
        super().__init__(f"'{type(owner).__name__}' object has no attribute '{name}'")
        self.asked = owner, name

    def __str__(self):
        owner, name = self.asked
        left_out = getattr(type(owner), "_left_out", {})
        return super().__str__() + (f": {left_out[name]}" if name in left_out else meant(name, dir(owner)))

    def __reduce__(self):
        return AttributeError, (str(self),)


NoAttribute.__name__ = NoAttribute.__qualname__ = "AttributeError"  # as it is shown
NoAttribute.__module__ = "builtins"


def names_of(module: str, left_out: dict[str, str] | None = None):
    """The `__getattr__` of a module: it refuses every name that the module does not have.

    `left_out`: names that are missing on purpose, and what to do without them.
    """

    def __getattr__(name):
        known = vars(sys.modules[module])
        if name.startswith("_"):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        if "__path__" in known and importlib.util.find_spec(f"{module}.{name}"):
            raise AttributeError(f"{module}.{name} is a module that is not imported yet: write import {module}.{name}")
        question = f": {left_out[name]};" if name in (left_out or ()) else meant(name, known) or ";"
        raise AttributeError(f"{module} has no {name}{question} docs/parity.md lists what there is")

    return __getattr__
