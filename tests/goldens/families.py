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


def families() -> dict:
    """Family name -> its cases."""
    package = __name__.rpartition(".")[0]
    modules = {
        info.name: importlib.import_module(f"{package}.{info.name}" if package else info.name)
        for info in pkgutil.iter_modules([str(Path(__file__).parent)])
    }
    return {name: module.CASES for name, module in modules.items() if hasattr(module, "CASES")}


@functools.cache
def goldens(family: str) -> dict:
    """What PyTorch gave for a family's cases."""
    return json.loads((FOLDER / f"{family}.json").read_text())
