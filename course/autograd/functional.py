"""Jacobians and Hessians of a function, whole or times a vector.

For y = f(x), with n numbers in x and m in y, J = ∂y/∂x is a matrix of m rows and n columns. One way back through the
tape gives vᵀJ for one v. All else is made of that:

    vjp        vᵀJ
    jacobian   J, row after row: eᵢᵀJ
    jvp        Jv. The way back u ↦ uᵀJ is linear in u, and the way back through *it* is v ↦ Jv

The gradient ∇f of a function with one number for its value is a function too, and its Jacobian is the Hessian
H = ∂²f/∂x²:

    vhp        vᵀH, the vjp of ∇f
    hessian    H, the jacobian of ∇f
    hvp        Hv, the jvp of ∇f

Tensors of any shape stand for all their numbers: ∂y/∂x has the shape of y and then that of x.
"""

from __future__ import annotations

from ..creation import eye, ones_like, zeros_like
from ..ops.shapes import stack
from ..tensor import Tensor
from ..unknown import names_of
from .modes import enable_grad
from .way_back import _same, send_back

__getattr__ = names_of(__name__)


def vjp(func, inputs, v=None, create_graph: bool = False, strict: bool = False):
    """f(x) and vᵀJ, the gradient of Σ v · f(x) by each input.

    Args: func: a function of tensors, with a tensor or a tuple of them for its value; inputs: a tensor or a tuple of
    them; v: shaped as the value, and not needed for one number; create_graph: record all of it, so that it can be
    differentiated again; strict: refuse an input that plays no part, for which there are zeros otherwise.
    Raises RuntimeError for a v of another shape, TypeError for what is no tensor.

    >>> import course
    >>> vjp(lambda x: x**2, course.tensor([1., 2., 3.]), course.ones(3))[1]
    tensor([2., 4., 6.])
    """
    return _vjp("vjp", func, inputs, v, create_graph, strict)


def jvp(func, inputs, v=None, create_graph: bool = False, strict: bool = False):
    """f(x) and Jv: how fast f(x) changes where x sets out in the direction v.

    Args: v: shaped as the inputs, and not needed for one number; the others as for `vjp`. It takes two ways back.

    >>> import course
    >>> jvp(lambda x, y: x * y, (course.tensor(2.), course.tensor(5.)), (course.tensor(1.), course.tensor(0.)))
    (tensor(10.), tensor(5.))
    """
    return _jvp("jvp", func, inputs, v, create_graph, strict)


def jacobian(func, inputs, create_graph: bool = False, strict: bool = False, vectorize: bool = False,
             strategy: str = "reverse-mode"):
    """J = ∂f/∂x: for each output and each input a tensor with the shape of that output and then of that input.

    What comes back is a tensor, a tuple of tensors where inputs or outputs are a tuple, a tuple of tuples where both
    are: `J[i][j]` is ∂yᵢ/∂xⱼ. The other arguments are those of `vjp`. Raises AssertionError for another strategy than
    "reverse-mode" and "forward-mode". Differs from PyTorch: rows are always computed one after the other and backwards,
    so `vectorize` and `strategy` change nothing.

    >>> import course
    >>> jacobian(lambda x: course.stack([x.sum(), x.prod()]), course.tensor([2., 3.]))
    tensor([[1., 1.],
            [3., 2.]])
    """
    return _jacobian("jacobian", func, inputs, create_graph, strict, strategy)


def vhp(func, inputs, v=None, create_graph: bool = False, strict: bool = False):
    """f(x) and vᵀH, for a function whose value is one number. H is never formed.

    Args: v: shaped as the inputs, and not needed for one number; the others as for `vjp`. Where f is twice continuously
    differentiable H is symmetric, and this is Hv too.
    Raises RuntimeError for a value of more numbers than one.

    >>> import course
    >>> vhp(lambda x: (x**3).sum(), course.tensor([1., 2.]), course.tensor([1., 10.]))
    (tensor(9.), tensor([  6., 120.]))
    """
    gradient = _Gradient("vhp", func, inputs, strict)
    _, product = _vjp("vhp", gradient, inputs, v, create_graph, strict)
    return gradient.value(create_graph), product


def hvp(func, inputs, v=None, create_graph: bool = False, strict: bool = False):
    """f(x) and Hv, for a function whose value is one number. `vhp` gives the same numbers in one way back less.

    >>> import course
    >>> hvp(lambda x: x[0] * x[1] ** 2, course.tensor([1., 2.]), course.tensor([1., 0.]))
    (tensor(4.), tensor([0., 4.]))
    """
    gradient = _Gradient("hvp", func, inputs, strict)
    _, product = _jvp("hvp", gradient, inputs, v, create_graph, strict)
    return gradient.value(create_graph), product


def hessian(func, inputs, create_graph: bool = False, strict: bool = False, vectorize: bool = False,
            outer_jacobian_strategy: str = "reverse-mode"):
    """H = ∂²f/∂x², for a function whose value is one number: the Jacobian of its gradient.

    For one input a tensor with the input's shape twice, for a tuple of them a tuple of tuples: `H[i][j]` is
    ∂²f/∂xᵢ∂xⱼ. Arguments, errors and what differs from PyTorch are as for `jacobian`; RuntimeError for a value of more
    numbers than one.

    >>> import course
    >>> hessian(lambda x: x[0] * x[1] ** 2, course.tensor([1., 2.]))
    tensor([[0., 4.],
            [4., 2.]])
    """
    gradient = _Gradient("hessian", func, inputs, strict)
    return _jacobian("hessian", gradient, inputs, create_graph, strict, outer_jacobian_strategy)


# --- the three, of any function -----------------------------------------------------------------------------------


def _vjp(called, func, inputs, v, create_graph, strict):
    x, y, outputs = _evaluated(called, func, inputs, create_graph, strict)
    product = _gradients(y, x, _vector(called, v, y, create_graph), create_graph)
    product = _complete(called, product, x, create_graph, strict, "input")
    return _like(outputs, _off_the_tape(y, create_graph)), _like(inputs, product)


def _jvp(called, func, inputs, v, create_graph, strict):
    x, y, outputs = _evaluated(called, func, inputs, create_graph, strict)
    v = _vector(called, v, x, create_graph)
    u = [zeros_like(t, requires_grad=True) for t in y]  # any number will do: uᵀJ is linear in u
    way_back = _gradients(y, x, u, create_graph=True)
    if strict:
        _complete(called, way_back, x, True, strict, "input")
    product = _complete(called, _gradients(way_back, u, v, create_graph), y, create_graph, strict, "output")
    return _like(outputs, _off_the_tape(y, create_graph)), _like(outputs, product)


def _jacobian(called, func, inputs, create_graph, strict, strategy):
    if strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError(f'{called}(): expected the strategy "reverse-mode" or "forward-mode" (both compute the '
                             f"same here), given {strategy!r}")
    x, y, outputs = _evaluated(called, func, inputs, create_graph, strict)
    return _like(outputs, [_like(inputs, _blocks(called, t, x, create_graph, strict)) for t in y])


def _blocks(called, y, x, create_graph, strict=False):
    """∂y/∂x for each of the x: the gradients of the elements of y, one below the other."""
    basis = eye(y.numel(), dtype=y.dtype, device=y.device)
    rows = [_gradients([y], x, [e.reshape(y.shape)], create_graph) for e in basis]
    rows = [_complete(called, row, x, create_graph, strict, "input") for row in rows]
    with enable_grad():
        return [stack(column).reshape(*y.shape, *t.shape) for t, column in zip(x, zip(*rows))]


class _Gradient:
    """x ↦ ∇f(x), and f(x) where it was last computed."""

    def __init__(self, called, func, inputs, strict):
        self.called, self.func, self.inputs, self.strict = called, func, inputs, strict

    def __call__(self, *x):
        y = self.func(*x)
        if not isinstance(y, Tensor) or y.numel() != 1:
            given = f"a tensor of shape {list(y.shape)}" if isinstance(y, Tensor) else type(y).__name__
            raise RuntimeError(f"{self.called}(): the function should return a single Tensor that should contain a "
                               f"single element, as a loss does; it returned {given}")
        if self.strict:
            _refuse_constants(self.called, "the function's value", [y])
        self.y = y
        slope = _gradients([y], x, [ones_like(y)], create_graph=True)
        slope = _complete(self.called, slope, x, True, self.strict, "input")
        return _like(self.inputs, slope)

    def value(self, on_tape):
        return _off_the_tape([self.y], on_tape)[0]


def _gradients(outputs, x, v, create_graph):
    """vᵀ ∂outputs/∂x for each of the x, None for one on which no output depends. An output may be None, too."""
    pairs = [(y, u) for y, u in zip(outputs, v) if y is not None and y.requires_grad]
    if not pairs:
        return [None] * len(x)
    # what the function has captured may be used again, so the tape keeps it; copies end the way at x
    return send_back(*zip(*pairs), retain_graph=True, create_graph=create_graph, wanted=x, beyond=False)


# --- what goes in and what comes out --------------------------------------------------------------------------------


def _evaluated(called, func, inputs, create_graph, strict):
    """Copies x of the inputs to differentiate by, and func(*x) as a tuple and as it was returned."""
    with enable_grad():
        x = [_copied(t, create_graph) for t in _as_tuple(called, "inputs", inputs)]
        outputs = func(*x)
    y = _as_tuple(called, "outputs of the function", outputs)
    if strict:
        _refuse_constants(called, "an output of the function", y)
    return x, y, outputs


def _copied(tensor, on_tape):
    """The same numbers as a tensor of its own, which nothing else can have been computed from."""
    return _same(tensor) if on_tape and tensor.requires_grad else tensor.detach().requires_grad_()


def _as_tuple(called, what, given):
    several = given if isinstance(given, tuple) else (given,)
    for i, t in enumerate(several):
        if not isinstance(t, Tensor):
            at = f" at index {i}" if isinstance(given, tuple) else ""
            raise TypeError(f"{called}(): {what} must be a Tensor or a tuple of Tensors, given {type(t).__name__}{at}")
    return several


def _like(given, found):
    """One of `found` where one tensor was given, a tuple of them all where a tuple was."""
    return tuple(found) if isinstance(given, tuple) else found[0]


def _off_the_tape(tensors, on_tape):
    return tensors if on_tape else [t.detach() for t in tensors]


def _vector(called, v, like, create_graph):
    """v as a tuple, shaped as the tensors that it is multiplied with; without one 1, if they are one number."""
    if v is None:
        if len(like) != 1 or like[0].numel() != 1:
            raise RuntimeError(f"{called}(): the vector v can only be left out for a single number; give a v of shape "
                               f"{_shapes(like)}")
        return [ones_like(like[0])]
    v = _as_tuple(called, "v", v)
    if len(v) != len(like) or any(a.shape != b.shape for a, b in zip(v, like)):
        raise RuntimeError(f"{called}(): v has invalid size: should be {_shapes(like)} but got {_shapes(v)}")
    return _off_the_tape(v, create_graph)


def _shapes(tensors):
    return " and ".join(str(list(t.shape)) for t in tensors)


def _complete(called, found, like, create_graph, strict, what):
    """`found` with zeros for None, which says that there is no dependence; `strict` refuses that."""
    if strict:
        for i, t in enumerate(found):
            if t is None:
                raise RuntimeError(f"{called}(): the derivative is zero, since the function is independent of {what} "
                                   f"{i}. This is not allowed in strict mode; strict=False gives zeros")
        if create_graph:
            _refuse_constants(called, "the derivative", found)
    return [zeros_like(t) if d is None else d for d, t in zip(found, like)]


def _refuse_constants(called, what, tensors):
    if not all(t.requires_grad for t in tensors):
        raise RuntimeError(f"{called}(): {what} is a constant, computed from none of the inputs. This is not allowed "
                           "in strict mode; strict=False gives zeros for its derivative")
