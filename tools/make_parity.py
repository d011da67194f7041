"""Write docs/parity.md: every public name of the course beside PyTorch's, made from the code.

    python tools/make_parity.py            # the table, from the course and the stored list of PyTorch's names
    python tools/make_parity.py --names    # first store that list anew; needs PyTorch 2.13

A difference is told where it belongs, in the docstring: a sentence that begins "Differs from PyTorch:".
"""

import importlib.util
import inspect
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAMES = ROOT / "docs" / "pytorch-2.13-names.json"
TABLE = ROOT / "docs" / "parity.md"
SECTIONS = {  # title -> where it lives, below `course` and below `torch`
    "Functions": "", "Tensor": "Tensor", "Linear algebra": "linalg", "Special functions": "special",
    "Autograd": "autograd", "Jacobians and Hessians": "autograd.functional", "Functions of functions": "func",
    "Modules": "nn",
    "Functional": "nn.functional",
    "Initialisation": "nn.init", "Training helpers": "nn.utils",
    "Parametrizations": "nn.utils.parametrize", "Norms of weights": "nn.utils.parametrizations",
    "Sequences of unlike length": "nn.utils.rnn", "Distributions": "distributions",
    "Optimisers": "optim",
    "Learning-rate schedules": "optim.lr_scheduler", "Averages of weights": "optim.swa_utils", "Data": "utils.data",
    "Several processes": "distributed",
    "CUDA": "cuda", "Checkpoints": "utils.checkpoint", "Mixed precision": "amp", "Testing": "testing",
    "Pruning": "nn.utils.prune",
    "Losses that PyTorch lacks": "nn.losses_beyond_pytorch", "The documents' optimisers": "optim.documents",
    "Datasets": "datasets", "Transforms": "transforms", "Metrics": "metrics",
}  # fmt: skip
DEFINED_THERE = {"nn.utils.parametrize", "nn.utils.parametrizations"}  # not what they import from elsewhere
CLASSES_ONLY = {"nn", "optim", "optim.lr_scheduler", "utils.data", "nn.losses_beyond_pytorch", "optim.documents"}


def place(package, path):
    """The module or class at a dotted path, or None."""
    found = importlib.import_module(package)
    for part in filter(None, path.split(".")):
        if not hasattr(found, part) and importlib.util.find_spec(f"{found.__name__}.{part}"):
            importlib.import_module(f"{found.__name__}.{part}")
        found = getattr(found, part, None)
    return found


def public_names(package, path):
    """What a user may call or ask for there: no modules and no private names."""
    where = place(package, path)
    names = {}
    for name in sorted(set(dir(where)) if where is not None else ()):
        value = inspect.getattr_static(where, name)
        if isinstance(value, staticmethod | classmethod):
            value = value.__func__
        asked = isinstance(value, property) or inspect.isgetsetdescriptor(value)
        imported = inspect.ismodule(value) or getattr(value, "__module__", None) == "collections.abc"
        if name.startswith("_") or imported or not (callable(value) or asked):
            continue
        if path in CLASSES_ONLY and not inspect.isclass(value):
            continue
        names[name] = value
    return names


def course_names(path, theirs):
    """The course's public names there: PyTorch's, and those of its own that were not imported for inner use."""
    own = f"course.{path}"
    return {name: value for name, value in public_names("course", path).items()
            if name in theirs and path not in DEFINED_THERE
            or (getattr(value, "__module__", None) or "").startswith(own) and path != "Tensor"}


def store_pytorch_names():
    found = {path: sorted(public_names("torch", path)) for path in SECTIONS.values()}
    NAMES.write_text(json.dumps(found, indent=0) + "\n")


def told_difference(value) -> str:
    text = " ".join((inspect.getdoc(value) or "").split())
    found = re.search(r"Differs from PyTorch: (.+?)(?:\.(?: |$)|$)", text)
    return found[1] if found else ""


def first_line(value) -> str:
    return (inspect.getdoc(value) or "").partition("\n")[0].replace("|", "\\|")


def table() -> str:
    theirs = json.loads(NAMES.read_text())
    lines = [
        "# The course beside PyTorch 2.13", "",
        "Made from the code by `tools/make_parity.py`. A name that PyTorch has too means what it means there, with the",
        "difference that is told, if any; *ours* marks names that only the course has.", "",
    ]  # fmt: skip
    for title, path in SECTIONS.items():
        names = course_names(path, theirs[path])
        both = [n for n in names if n in theirs[path]]
        lines += [
            f"## {title}", "",
            f"`course{'.' * bool(path)}{path}`: {len(both)} names of PyTorch's, {len(names) - len(both)} our own.", "",
            "| name | whose | what it is | difference |", "|---|---|---|---|",
        ]  # fmt: skip
        for name, value in names.items():
            ours = "PyTorch's" if name in theirs[path] else "*ours*"
            lines.append(f"| `{name}` | {ours} | {first_line(value)} | {told_difference(value)} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    if "--names" in sys.argv:
        store_pytorch_names()
    else:
        TABLE.write_text(table(), encoding="utf-8")
