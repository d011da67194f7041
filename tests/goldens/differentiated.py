"""Operations as cases: value, gradient and second derivative of each, in float64 and float32.

A family lists its operations in a table `OPERATIONS`; `CASES.update(differentiated(OPERATIONS))` makes cases of them,
and `tests/library/test_gradients.py` finds the tables of all families for its finite differences.
"""

import itertools
import zlib

import numpy as np


def normal(*shape):
    return lambda random: random.standard_normal(shape)


def positive(*shape):
    return lambda random: random.uniform(0.2, 3.0, shape)


def coarse(*shape):
    """Numbers among which many are equal."""
    return lambda random: random.randint(-2, 3, shape).astype(float)


def is_float(tensor):
    return "float" in str(tensor.dtype)


def inputs_of(name, makers, dtype):
    """The inputs of an operation's case as NumPy arrays: always the same for one name."""
    random = np.random.RandomState(zlib.crc32(name.encode()))
    return [make(random).astype(dtype) for make in makers]


def differentiated(operations: dict, once: tuple = ()) -> dict:
    """Cases of a table name -> (function(torch, *inputs), *makers of inputs).

    Those whose name begins as one in `once` have no second derivative in PyTorch.
    """
    return {
        f"{name}[{dtype}]": _case(name, *operations[name], dtype=dtype, twice=not name.startswith(once))
        for name, dtype in itertools.product(operations, ("float64", "float32"))
    }


def _case(name, function, *makers, dtype, twice):
    def run(torch):
        inputs = [torch.tensor(x).requires_grad_() for x in inputs_of(name, makers, dtype)]
        outputs = function(torch, *inputs)
        outputs = list(outputs) if isinstance(outputs, tuple) else [outputs]
        found = {f"out{i}": out for i, out in enumerate(outputs)}
        # a different weight for each element, so that no two gradients are mixed up unnoticed
        total = sum((out * torch.cos(torch.arange(out.numel(), dtype=out.dtype)).reshape(out.shape)).sum()
                    for out in outputs if is_float(out))
        first = torch.autograd.grad(total, inputs, create_graph=twice)
        found |= {f"d{i}": g.detach() for i, g in enumerate(first)}
        if not twice:
            return found
        slope = sum((g * g).sum() for g in first)
        if slope.requires_grad:
            second = torch.autograd.grad(slope, inputs, allow_unused=True)
            found |= {f"dd{i}": torch.zeros_like(x) if g is None else g for i, (x, g) in enumerate(zip(inputs, second))}
        else:
            found |= {f"dd{i}": torch.zeros_like(x) for i, x in enumerate(inputs)}
        return found

    return run
