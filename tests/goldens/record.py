"""How results are kept and compared: as plain JSON, one case a line, so that a change shows in a diff."""

import json

import numpy as np

# How far a number may be from PyTorch's: absolutely, and relative to it.
TOLERANCE = {"float64": 1e-6, "float32": 1e-4}


def record(results: dict) -> dict:
    """The results of a case: a tensor as [type, shape, numbers], texts as they are with `torch` called `course`."""
    found = {}
    for key, value in results.items():
        for suffix, part in enumerate_parts(value):
            found[key + suffix] = part.replace("torch", "course") if isinstance(part, str) else _array(part)
    return found


def enumerate_parts(value):
    """A list of tensors or texts counts as so many results."""
    if isinstance(value, list | tuple) and value and not isinstance(value[0], int | float):
        return [(f".{i}", part) for i, part in enumerate(value)]
    return [("", value)]


def _array(value):
    array = value.detach().cpu().clone().numpy() if hasattr(value, "detach") else np.asarray(value)
    numbers = array.reshape(-1).tolist()
    if array.dtype.kind == "f":
        numbers = [float(f"{x:.10g}") for x in numbers]
    return [array.dtype.name, list(array.shape), numbers]


def difference(got, wanted) -> str:
    """What is wrong with a recorded result, as a sentence; empty where nothing is."""
    if isinstance(wanted, str) or isinstance(got, str):
        return "" if got == wanted else f"{got!r} instead of {wanted!r}"
    if got[:2] != wanted[:2]:
        return f"{got[0]} of shape {got[1]} instead of {wanted[0]} of shape {wanted[1]}"
    tolerance = TOLERANCE.get(wanted[0], 0)
    if np.allclose(got[2], wanted[2], tolerance, tolerance, equal_nan=True):
        return ""
    return f"{got[2]} instead of {wanted[2]}"


def write(path, goldens: dict) -> None:
    """One case a line."""
    lines = [f"{json.dumps(name)}: {json.dumps(found, separators=(',', ':'))}" for name, found in goldens.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
