"""Gradients held against central differences."""

import numpy as np

from .. import dtype as dtypes
from .tape import Taped
from .way_back import send_back


def gradcheck(func, inputs, eps: float = 1e-6, atol: float = 1e-5, rtol: float = 1e-3, raise_exception: bool = True):
    """Whether the gradients that `func` reports agree with central differences (f(x + ε) − f(x − ε)) / 2ε.

    Args: inputs: a tensor or tuple of tensors; those that require a gradient are checked and should be float64.
    Raises RuntimeError (unless `raise_exception=False`, then returns False) naming the input, the element and the two
    numbers where they differ most.
    """
    inputs = (inputs,) if isinstance(inputs, Taped) else tuple(inputs)

    def outputs():
        out = func(*inputs)
        return [o for o in (out if isinstance(out, tuple | list) else [out]) if isinstance(o, Taped)]

    checked = [(k, x) for k, x in enumerate(inputs) if isinstance(x, Taped) and x.requires_grad]
    if not checked:
        raise ValueError("gradcheck(): at least one input must have requires_grad=True")
    for k, x in checked:
        if x._array.dtype != np.float64:
            raise ValueError(f"gradcheck(): input {k} is {dtypes.of(x._array)}; differences need course.float64")
    count = len(outputs())
    for o in range(count):
        for position in np.ndindex(outputs()[o]._array.shape):
            out = outputs()[o]
            if not out.requires_grad:
                continue
            seed = np.zeros_like(out._array)
            seed[position] = 1
            reported = send_back([out], [Taped.tensor(seed)], wanted=[x for _, x in checked])
            for (k, x), analytic in zip(checked, reported):
                numeric = _central_differences(lambda o=o, position=position: outputs()[o]._array[position], x, eps)
                given = np.zeros_like(numeric) if analytic is None else analytic._array
                wrong = ~(np.abs(given - numeric) <= atol + rtol * np.abs(numeric))
                if wrong.any():
                    if not raise_exception:
                        return False
                    i = tuple(map(int, np.unravel_index(np.argmax(np.abs(given - numeric) * wrong), numeric.shape)))
                    raise RuntimeError(
                        f"Jacobian mismatch for output {o} with respect to input {k}: at element {i} the gradient is "
                        f"{given[i]:.8g}, central differences give {numeric[i]:.8g}"
                    )
    return True


def _central_differences(value, x, eps):
    slope = np.empty_like(x._array)
    for i in np.ndindex(x._array.shape):
        here = x._array[i]
        x._array[i] = here + eps
        above = value()
        x._array[i] = here - eps
        below = value()
        x._array[i] = here
        slope[i] = (above - below) / (2 * eps)
    return slope
