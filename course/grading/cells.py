"""Runs the cells of a notebook without Jupyter: what one cell breaks costs that cell and no other."""

from __future__ import annotations

import ast
import contextlib
import linecache
import re
import sys
import types

from course.exercises.answering import is_function, is_unsolved
from course.exercises.bounded_output import BoundedOutput
from course.exercises.plain import type_name
from course.exercises.time_limit import TooLong, time_limit

_MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)


class Notebook:
    """The names that a notebook's cells define, as far as they ran: they are the process's `__main__`."""

    def __init__(self):
        self._module = sys.modules["__main__"] = types.ModuleType("__main__")
        self.namespace = vars(self._module)
        self._solved: dict[str, object] = {}

    def run(self, number: int, source: str, seconds: float) -> str:
        """Executes one cell statement by statement: an import that fails does not cost the function below it.

        Returns what went wrong first, in a line; nothing where all went well.
        """
        filename = f"<code cell {number + 1}>"
        source = _without_magics(source)
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        output = BoundedOutput(0)
        quiet = contextlib.redirect_stdout(output), contextlib.redirect_stderr(output)
        troubles: list[str] = []
        try:
            with quiet[0], quiet[1], time_limit(seconds):
                try:
                    statements = ast.parse(source, filename).body
                except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                    statements = []
                    troubles.append(_in_a_line(error))
                for statement in statements:
                    troubles += self._execute(statement, filename)
        except TooLong:
            troubles.insert(0, f"stopped after {seconds:g} seconds")
        self._keep_solved()
        return troubles[0] if troubles else ""

    def function(self, name: str):
        """What is called `name`: the last version that is not an untouched copy of the TODO."""
        return self._solved.get(name, self.namespace.get(name))

    def _execute(self, statement: ast.stmt, filename: str) -> list[str]:
        try:
            exec(compile(ast.Module([statement], []), filename, "exec"), self.namespace)
        except TooLong:
            raise
        except NotImplementedError:  # a TODO that is not done yet
            pass
        except BaseException as error:  # whatever it is, sys.exit() included, it is this statement's own affair
            return [_in_a_line(error)]
        return []

    def _keep_solved(self) -> None:
        for name, value in list(self.namespace.items()):
            if type(name) is str and is_function(value) and not is_unsolved(value):
                self._solved[name] = value


def _in_a_line(error: BaseException) -> str:
    try:
        message = str(error)[:200]
    except Exception:
        message = ""
    return f"{type_name(type(error))}: {message}".removesuffix(": ")


def _without_magics(source: str) -> str:
    """IPython's `%…` and `!…` lines are left out; a cell in another language is left out whole."""
    if source.lstrip().startswith("%%"):
        first, _, rest = source.lstrip().partition("\n")
        return rest if first.split()[0] in ("%%time", "%%timeit", "%%capture") else ""
    return _MAGIC.sub(r"\1pass", source)
