"""Functions made of a function: its gradient, its Jacobian, its Hessian.

Arguments may be tensors and whatever dicts, lists and tuples hold them: the parameters of a model, say.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from ..autograd.functional import _blocks, _complete, _gradients
from ..creation import ones_like
from ..tensor import Tensor
from .evaluation import depends_on_more, evaluated, off_the_tape, tensors_in
from .structures import like, mapped


def grad(func: Callable, argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Callable:
    """The function x ↦ ∇f(x), for a function whose value is one number. It can be differentiated again.

    Args: argnums: which of the arguments to differentiate by, the first if not said; several in a tuple, whose
    gradients then come in a tuple; has_aux: func returns the number and something else, and so does the new function.
    Gradients have the structure of their argument: of a dict of parameters, a dict of gradients. What requires a
    gradient, among the arguments or in what func uses, is on the tape afterwards: detach parameters that need not be.
    Raises RuntimeError for a value that is no number and an argument that is not there, ValueError for one to
    differentiate by that is no tensor.

    >>> import course
    >>> slope = grad(lambda x: x**3)
    >>> slope(course.tensor(2.)), grad(slope)(course.tensor(2.))
    (tensor(12.), tensor(12.))
    """
    both = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func, updated=())
    def gradient(*args, **kwargs):
        slopes, value = both(*args, **kwargs)
        return (slopes, value[1]) if has_aux else slopes

    return gradient


def grad_and_value(func: Callable, argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Callable:
    """The function x ↦ (∇f(x), f(x)): `grad`, with the value beside it.

    With has_aux, x ↦ (∇f(x), (f(x), something else)).

    >>> import course
    >>> grad_and_value(lambda w, x: (w * x).sum())(course.tensor([1., 2.]), course.tensor([3., 4.]))
    (tensor([3., 4.]), tensor(11.))
    """

    @functools.wraps(func, updated=())
    def both(*args, **kwargs):
        x, given, value, aux = evaluated("grad_and_value", func, argnums, has_aux, args, kwargs)
        if not isinstance(value, Tensor):
            raise RuntimeError("grad_and_value(f)(*args): Expected f(*args) to return a Tensor, got "
                               f"{type(value).__name__}")
        if value.ndim:
            raise RuntimeError("grad_and_value(f)(*args): Expected f(*args) to return a scalar Tensor, got tensor with "
                               f"{value.ndim} dims; reduce it (mean, sum), or ask jacrev for all slopes")
        on_tape = depends_on_more([value], x)
        slopes = _gradients([value], x, [ones_like(value)], on_tape)
        slopes = _complete("grad", slopes, x, on_tape, False, "input")
        value, aux = (value, aux) if on_tape else mapped(off_the_tape, (value, aux))
        return like(given, slopes), (value, aux) if has_aux else value

    return both


def jacrev(func: Callable, argnums: int | tuple[int, ...] = 0, *, has_aux: bool = False,
           chunk_size: int | None = None) -> Callable:
    """The function x ↦ ∂f/∂x, row by row and backwards: for each output a tensor of its shape and then that of x.

    Outputs and arguments may be dicts, lists and tuples: where an output stood there stands, in the structure of the
    argument, its Jacobian by each tensor there. Arguments and errors are those of `grad`; `chunk_size` changes nothing.

    >>> import course
    >>> jacrev(lambda x: x**2)(course.tensor([1., 2.]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError(f"jacrev: `chunk_size` should be greater than 0, given {chunk_size}")

    @functools.wraps(func, updated=())
    def jacobian(*args, **kwargs):
        x, given, outputs, aux = evaluated("jacrev", func, argnums, has_aux, args, kwargs)
        on_tape = depends_on_more(tensors_in("jacrev", outputs), x)
        found = mapped(lambda t: like(given, _blocks("jacrev", t, x, on_tape)), outputs)
        aux = aux if on_tape else mapped(off_the_tape, aux)
        return (found, aux) if has_aux else found

    return jacobian


def hessian(func: Callable, argnums: int | tuple[int, ...] = 0) -> Callable:
    """The function x ↦ ∂²f/∂x²: the Jacobian of the Jacobian.

    Differs from PyTorch: the outer Jacobian is worked out backwards too.

    >>> import course
    >>> hessian(lambda x: x[0] * x[1] ** 2)(course.tensor([1., 2.]))
    tensor([[0., 4.],
            [4., 2.]])
    """
    return jacrev(jacrev(func, argnums), argnums)
