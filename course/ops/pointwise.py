"""Operations made from a formula, its slope and its curvature: fused activations and losses.

The forward pass is one kernel, the backward pass one kernel, and the backward pass is an operation itself, whose
derivative is the curvature: that is what second derivatives need.
"""

from __future__ import annotations

import numpy as np

from ..autograd import Operation
from ..device import on_gpu, run
from ..dtype import promote_types
from ..kernels.pointwise import SUM_BLOCK


def _flat(*arrays):
    """The arrays with one shape and one dtype, contiguous and flat; and that shape."""
    shape, kind = arrays[0].shape, arrays[0].dtype
    for a in arrays:
        if a.shape != shape or a.dtype is not kind:
            break
    else:  # as a rule: nothing to broadcast, nothing to convert
        return [a.ravel() for a in arrays], shape
    shape = np.broadcast_shapes(*[a.shape for a in arrays])
    for a in arrays[1:]:
        kind = promote_types(kind, a.dtype)
    return [np.ascontiguousarray(np.broadcast_to(a, shape), kind, like=a).reshape(-1) for a in arrays], shape


def _mapped(kernel, arrays, numbers):
    """kernel(*arrays, out, numbers) for every element."""
    flat, shape = _flat(*arrays)
    out = np.empty_like(flat[0], shape=shape)
    run(kernel, out.size, *flat, out.ravel(), tuple(map(out.dtype.type, numbers)))
    return out


def _even(kernel, g, arrays, numbers):
    """As `_mapped`, for one g that all elements share."""
    flat, shape = _flat(*arrays)
    out = np.empty_like(flat[0], shape=shape)
    run(kernel, out.size, *flat, out.ravel(), out.dtype.type(g), tuple(map(out.dtype.type, numbers)))
    return out


def activation(name: str, kernels: dict) -> Operation:
    """The operation y = f(x, *numbers) of an activation's kernels, called as `op(x, numbers)`."""

    def times_curvature(g, input, numbers):
        return _mapped(kernels["curvatures"], (g, input), numbers)

    bent = Operation(times_curvature, {"g": lambda u, input, numbers: bent(u, input, numbers)})

    def times_slope(g, input, numbers):
        return _mapped(kernels["slopes"], (g, input), numbers)

    rules: dict = {"g": lambda u, input, numbers: sloped(u, input, numbers)}
    if kernels["curvatures"]:
        rules["input"] = lambda u, g, input, numbers: bent(u * g, input, numbers)
    sloped = Operation(times_slope, rules)

    def applied(input, numbers=()):
        return _mapped(kernels["values"], (input,), numbers)

    applied.__name__ = name
    return Operation(applied, {"input": lambda g, input, numbers: sloped(g, input, numbers)})


def loss(name: str, kernels: dict, by_target=None, across=None) -> Operation:
    """The operation Σ f(x, y, *numbers) / n of a loss's kernels, called as `op(x, y, numbers, reduction)`.

    `by_target(x, y, *numbers)` is ∂f/∂y and `across(x, y, *numbers)` is ∂²f/∂x∂y, written with operations. Without
    them f is taken for a function of x − y, so that they are minus the slope and minus the curvature.
    """

    def times_curvature(g, input, target, numbers):
        return _mapped(kernels["curvatures"], (g, input, target), numbers)

    def no_third(u):
        raise RuntimeError(f"{name}(): a loss is differentiated twice at most here, and this asks for a third time")

    third = {} if kernels["parabolic"] else {"input": no_third, "target": no_third}
    bent = Operation(
        times_curvature, {"g": lambda u, input, target, numbers: bent(u, input, target, numbers), **third}
    )

    def times_slope(g, input, target, numbers):
        if g.size == 1 and not on_gpu(g):  # there a number would have to be fetched first
            return _even(kernels["even_slopes"], g.reshape(())[()], (input, target), numbers)
        return _mapped(kernels["slopes"], (g, input, target), numbers)

    rules: dict = {"g": lambda u, input, target, numbers: sloped(u, input, target, numbers)}
    if kernels["curvatures"]:
        rules["input"] = lambda u, g, input, target, numbers: bent(u * g, input, target, numbers)
    if across:
        rules["target"] = lambda u, g, input, target, numbers: u * g * across(input, target, *numbers)
    elif kernels["curvatures"]:
        rules["target"] = lambda u, g, input, target, numbers: -bent(u * g, input, target, numbers)
    sloped = Operation(times_slope, rules)

    def share(g, count):
        """What each element gets of the gradient of their mean, or (without a count) of their sum."""
        return g if count is None else g * (1.0 / count if count else np.nan)

    def input_gradient(g, input, target, numbers, kept):
        return sloped(share(g, kept), input, target, numbers)

    def target_gradient(g, input, target, numbers, kept):
        g = share(g, kept)
        return g * by_target(input, target, *numbers) if by_target else -sloped(g, input, target, numbers)

    def reduced(input, target, numbers=(), reduction="mean"):
        if reduction == "none":
            return _mapped(kernels["values"], (input, target), numbers), None
        flat, _ = _flat(input, target)
        sums = np.empty(-(-flat[0].size // SUM_BLOCK), flat[0].dtype, like=flat[0])
        run(kernels["sums"], sums.size, *flat, sums, tuple(map(sums.dtype.type, numbers)))
        total = sums.sum()
        return (total / total.dtype.type(flat[0].size), flat[0].size) if reduction == "mean" else (total, None)

    reduced.__name__ = name
    return Operation(reduced, {"input": input_gradient, "target": target_gradient})
