"""Products with the Jacobian, from the left and from the right; and the Jacobian column by column."""

from __future__ import annotations

import functools
from collections.abc import Callable

from ..autograd import enable_grad, is_grad_enabled
from ..autograd.functional import _complete, _gradients
from ..creation import eye, zeros_like
from ..ops.shapes import stack
from ..tensor import Tensor
from .evaluation import depends_on_more, evaluated, off_the_tape, tensors_in
from .structures import leaves, like, mapped


def vjp(func: Callable, *primals, has_aux: bool = False):
    """f(x) and the function v ↦ vᵀJ, which goes back from f(x) once for each v it is given.

    Args: primals: the arguments of func, tensors or dicts, lists and tuples of them; has_aux: func returns its value
    and something else, which then comes as a third result.
    The function takes a v of the structure of f(x) and returns a tuple with a product for each argument. It may be
    called as often as one likes: `vmap` of it over `course.eye(m)` is the Jacobian.
    Raises RuntimeError where v does not fit, or func returns other things than tensors.

    >>> import course
    >>> value, product = vjp(lambda x: x**2, course.tensor([1., 2.]))
    >>> product(course.tensor([1., 10.]))
    (tensor([ 2., 40.]),)
    """
    x, given, outputs, aux = evaluated("vjp", func, tuple(range(len(primals))), has_aux, primals, {})
    y = tensors_in("vjp", outputs)
    on_tape = depends_on_more(y, x)

    def product(cotangents):
        v = _fitting("vjp", "cotangents", cotangents, outputs)
        recorded = on_tape or (is_grad_enabled() and any(t.requires_grad for t in v))
        return like(given, _complete("vjp", _gradients(y, x, v, recorded), x, recorded, False, "input"))

    value = outputs if on_tape else mapped(off_the_tape, outputs)
    return (value, product, aux if on_tape else mapped(off_the_tape, aux)) if has_aux else (value, product)


def jvp(func: Callable, primals: tuple, tangents: tuple, *, strict: bool = False, has_aux: bool = False):
    """f(x) and Jv: how fast f(x) changes where x sets out in the direction v.

    Args: primals: a tuple of the arguments of func; tangents: v, of the same structure; strict: refuse an output that
    depends on no argument, for which there are zeros otherwise; has_aux: as for `vjp`.
    Raises RuntimeError where v does not fit. Differs from PyTorch: Jv is worked out by going back twice.

    >>> import course
    >>> jvp(course.sin, (course.tensor(0.),), (course.tensor(2.),))
    (tensor(0.), tensor(2.))
    """
    if not isinstance(primals, tuple):
        raise RuntimeError("jvp(f, primals, tangents): Expected primals to be a tuple, given "
                           f"{type(primals).__name__}; write (x,) for one argument")
    v = _fitting("jvp", "tangents", tangents, primals)
    x, _, outputs, aux = evaluated("jvp", func, tuple(range(len(primals))), has_aux, primals, {})
    y = tensors_in("jvp", outputs)
    on_tape = depends_on_more(y, x) or (is_grad_enabled() and any(t.requires_grad for t in v))
    u, way_back = _way_back(y, x)
    slopes = _complete("jvp", _gradients(way_back, u, v, on_tape), y, False, strict, "output")
    value, aux = (outputs, aux) if on_tape else mapped(off_the_tape, (outputs, aux))
    return (value, like(outputs, slopes), aux) if has_aux else (value, like(outputs, slopes))


def jacfwd(func: Callable, argnums: int | tuple[int, ...] = 0, has_aux: bool = False, *,
           randomness: str = "error") -> Callable:
    """The function x ↦ ∂f/∂x of `jacrev`, column by column: the better one where there are more outputs than inputs.

    Arguments and errors are those of `jacrev`. Differs from PyTorch: a column is worked out by going back twice, as in
    `jvp`, and `randomness` changes nothing.

    >>> import course
    >>> jacfwd(lambda x: course.stack([x, x**2, x**3]))(course.tensor(2.))
    tensor([ 1.,  4., 12.])
    """

    @functools.wraps(func, updated=())
    def jacobian(*args, **kwargs):
        x, given, outputs, aux = evaluated("jacfwd", func, argnums, has_aux, args, kwargs)
        y = tensors_in("jacfwd", outputs)
        on_tape = depends_on_more(y, x)
        columns = _columns(y, x, on_tape)
        found = like(outputs, [like(given, row) for row in zip(*columns)])
        return (found, aux if on_tape else mapped(off_the_tape, aux)) if has_aux else found

    return jacobian


def _way_back(y, x):
    """uᵀJ for each of the x as a function of the u, on the tape: it is linear in them, so any u will do."""
    u = [zeros_like(t, requires_grad=True) for t in y]
    return u, _gradients(y, x, u, create_graph=True)


def _columns(y, x, on_tape):
    """∂y/∂x for each of the x: a list of what belongs to each of the y."""
    u, way_back = _way_back(y, x)
    blocks = []
    for t, back in zip(x, way_back):
        basis = eye(t.numel(), dtype=t.dtype, device=t.device)
        columns = [_complete("jacfwd", _gradients([back], u, [e.reshape(t.shape)], on_tape), y, False, False, "output")
                   for e in basis]
        with enable_grad():
            blocks.append([stack(column, -1).reshape(*out.shape, *t.shape) for out, column in zip(y, zip(*columns))])
    return blocks


def _fitting(called, what, given, to):
    """The tensors in what is given, which must have the structure and the shapes of something."""
    try:
        fits = all(leaves(mapped(lambda t, v: isinstance(v, Tensor) and t.shape == v.shape, to, given)))
        fits = fits and len(leaves(given)) == len(leaves(to))
    except (TypeError, KeyError, AttributeError):
        fits = False
    if not fits:
        raise RuntimeError(f"{called}(): the {what} must have the structure and the shapes of what they belong to, "
                           f"{mapped(_described, to)}; given {mapped(_described, given)}")
    return leaves(given)


def _described(value):
    return list(value.shape) if isinstance(value, Tensor) else type(value).__name__
