"""autograd.Function: an operation whose derivative the user writes."""

from __future__ import annotations

import math

import numpy as np

from .modes import current, no_grad
from .tape import Node, Taped, _Rule, operation
from .way_back import as_tensor


class FunctionCtx:
    """What `forward` of a Function keeps for its `backward`; any attribute may be added."""

    needs_input_grad: tuple[bool, ...] = ()  # for each argument of forward, whether its gradient is wanted
    _saved: tuple = ()
    _constant: tuple = ()

    def save_for_backward(self, *tensors) -> None:
        """Keep tensors (or None): the tape notices when one is changed in place before `backward`."""
        for x in tensors:
            if not (x is None or isinstance(x, Taped)):
                raise TypeError(f"save_for_backward can only save tensors, but argument is of type {type(x).__name__}")
        self._saved = tensors

    @property
    def saved_tensors(self) -> tuple:
        """The tensors given to `save_for_backward`."""
        return self._saved

    def mark_non_differentiable(self, *tensors) -> None:
        """Say that these outputs have no derivative."""
        self._constant = tensors


class Function:
    """An operation with a derivative of your own: a subclass with two static methods, called as `Sub.apply(x, …)`.

        class Cube(course.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x**3

            @staticmethod
            def backward(ctx, g):        # g = ∂J/∂output; an argument for each output
                (x,) = ctx.saved_tensors
                return g * 3 * x**2      # ∂J/∂input; one for each argument of forward, None where there is none

    Inside `forward` nothing is recorded. If `backward` is written with differentiable operations, second derivatives
    follow by themselves.
    """

    @staticmethod
    def forward(ctx, *args):
        raise NotImplementedError("a Function needs a static method forward(ctx, *inputs)")

    @staticmethod
    def backward(ctx, *gradients):
        raise NotImplementedError("a Function needs a static method backward(ctx, *gradients) to be differentiated")

    @classmethod
    def apply(cls, *args):
        """Compute `forward(ctx, *args)` and, where a gradient may be asked for, remember how to go back."""
        ctx = FunctionCtx()
        ctx.needs_input_grad = tuple(isinstance(a, Taped) and a.requires_grad for a in args)
        with no_grad():
            outputs = cls.forward(ctx, *args)
        if not (current.recording and any(ctx.needs_input_grad)):
            return outputs
        several = isinstance(outputs, tuple)
        outputs = [
            Taped.tensor(o._array) if any(o is a for a in args) else o  # an input handed through: a new tensor
            for o in (outputs if several else (outputs,))
        ]
        _remember(cls, ctx, args, outputs)
        return tuple(outputs) if several else outputs[0]


def _remember(function, ctx, args, outputs):
    """Put a Function on the tape. Its several outputs are one there: all their elements in a row, and pieces of it."""
    constant = [not isinstance(o, Taped) or o._array.dtype.kind != "f" or any(o is c for c in ctx._constant)
                for o in outputs]
    learned = [o for o, fixed in zip(outputs, constant) if not fixed]
    if not learned:
        return
    inputs = [a._array.shape if needed else None for a, needed in zip(args, ctx.needs_input_grad)]
    applied = _Applied(function, inputs, [(o._array.shape, fixed) for o, fixed in zip(outputs, constant)
                                           if isinstance(o, Taped)])
    edges = tuple((a._node or a) if needed else None for a, needed in zip(args, ctx.needs_input_grad))
    changes = [x._watched() for x in ctx._saved if x is not None]
    if len(learned) == 1:
        learned[0]._node, learned[0].requires_grad = Node(applied, edges, [ctx], changes, learned[0]._array), True
        return
    row = np.concatenate([o._array.reshape(-1) for o in learned])
    node, start = Node(applied, edges, [ctx], changes, row), 0
    for o in learned:
        end = start + o._array.size
        o._node, o.requires_grad = Node(_piece, (node,), [start, end, row.size], [], o._array), True
        start = end


@operation(row=lambda g, start, end, size: _in_row(g, start, end, size))
def _piece(row, start, end, size, shape):
    return row[start:end].reshape(shape)


@operation(values=lambda g, values, start, end, size: _piece(g, start, end, size, tuple(values.shape)))
def _in_row(values, start, end, size):
    """Zeros, but for `values` from start to end."""
    row = np.zeros(size, values.dtype, like=values)
    row[start:end] = values.reshape(-1)
    return row


class _Applied:
    """What stands on the tape for one call of a Function."""

    starred = True  # one rule gives the gradients of all inputs
    sources = ("kept",)  # which is handed the ctx
    promote = None

    def __init__(self, function, inputs, outputs):
        self.function = function
        self.inputs = inputs  # shapes of the arguments that get a gradient, None for others
        self.outputs = outputs  # shapes, and whether the output is a constant
        self.__name__ = function.__name__
        self.node_name = f"{function.__name__}Backward"
        self.rules = [_Rule(lambda g, ctx: self.gradients(g, ctx), (), joint=True)]
        self.rules[0].needs = [0]

    def gradients(self, g, ctx):
        """What the Function's `backward` makes of the gradient of the row, checked."""
        row, parts, start = as_tensor(g), [], 0
        alone = sum(not fixed for _, fixed in self.outputs) == 1
        for shape, fixed in self.outputs:
            if fixed:
                parts.append(Taped.tensor(np.zeros(shape, row._array.dtype, like=row._array)))
                continue
            end = start + math.prod(shape)
            parts.append(row if alone else _piece(row, start, end, row._array.size, shape))
            start = end
        found = self.function.backward(ctx, *parts)
        found = found if isinstance(found, tuple) else (found,)
        wanted = len(ctx.needs_input_grad)
        if len(found) < wanted or any(x is not None for x in found[wanted:]):
            raise RuntimeError(
                f"function {self.node_name} returned an incorrect number of gradients (expected {wanted}, got "
                f"{len(found)}): one for each argument of forward, None where there is none"
            )
        for x, shape in zip(found, self.inputs):
            if not (x is None or isinstance(x, Taped)):
                raise RuntimeError(f"{self.node_name} returned a {type(x).__name__}; a gradient is a Tensor or None")
            if x is not None and shape is not None and not _stretches(shape, x._array.shape):
                raise RuntimeError(f"function {self.node_name} returned an invalid gradient - got {list(x.shape)} but "
                                   f"expected shape compatible with {list(shape)}")
        # a view says that it is not ours alone: whoever wrote `backward` may keep what it returns
        return [x if x is None or isinstance(g, Taped) else x._array.view() for x in found[:wanted]]


def _stretches(shape, to) -> bool:
    """Whether a tensor of `shape`, broadcast, has the shape `to`."""
    return len(shape) <= len(to) and all(n in (1, m) for n, m in zip(shape[::-1], to[::-1]))
