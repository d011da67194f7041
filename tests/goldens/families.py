"""The families of cases: every file of this folder that has `CASES`, each with a file of goldens of its own."""

import functools
import importlib
import json
import pkgutil
from pathlib import Path

FOLDER = Path(__file__).parent / "pytorch-2.13"


class Cases(dict):
    """name -> function(torch). A new family begins with `case = CASES = Cases()` and registers with `@case`."""

    def __call__(self, function):
        self[function.__name__] = function
        return function


def _tables(name: str) -> dict:
    """Family -> what is called `name` in its file, for the families that have it."""
    package = __name__.rpartition(".")[0]
    modules = {
        info.name: importlib.import_module(f"{package}.{info.name}" if package else info.name)
        for info in pkgutil.iter_modules([str(Path(__file__).parent)])
    }
    return {family: getattr(module, name) for family, module in modules.items() if hasattr(module, name)}


def families() -> dict:
    """Family name -> its cases."""
    return _tables("CASES")


def operations() -> dict:
    """Every operation of every family: name -> (function(torch, *inputs), *makers of inputs)."""
    return {name: entry for table in _tables("OPERATIONS").values() for name, entry in table.items()}


@functools.cache
def goldens(family: str) -> dict:
    """What PyTorch gave for a family's cases."""
    return json.loads((FOLDER / f"{family}.json").read_text())
