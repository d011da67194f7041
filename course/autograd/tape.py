"""The tape: what was computed, so that the gradient can flow back through it.

An operation is a function on arrays with a derivative rule for each input written beside it. Calling it on tensors
computes the result and, where a gradient may be asked for, remembers a `Node`: the operation, what its rules need, and
the nodes that its inputs came from. `way_back` goes along them.

A rule is written once and serves twice: it is handed arrays when only the gradient is wanted, and tensors when the
gradient itself is to be differentiated (`create_graph=True`).
"""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

from .. import dtype as dtypes
from ..device import different_devices, on_gpu
from ..quiet import restore, silence
from ..tracing import tracing
from .modes import current
from .node_names import name_of

if TYPE_CHECKING:
    from ..tensor import Tensor

P = ParamSpec("P")
T = TypeVar("T")


_births = itertools.count().__next__
_new = object.__new__


class Taped:
    """What the tape knows of a tensor: its array, its gradient and the node that made it. `Tensor` adds the rest."""

    __slots__ = ("__weakref__", "_array", "_changes", "_grad", "_hooks", "_node", "_shown", "requires_grad")
    tensor: Callable  # makes what operations return, `Tensor._of`; set once `Tensor` exists

    _array: Any
    requires_grad: bool
    _node: Node | None
    _grad: Any
    _changes: list[int] | None  # a one-element list that counts in-place changes, shared by all views of one storage
    _hooks: dict | None  # of a leaf; another tensor's hooks stand in its node
    _shown: Shown | None  # of a view: the `Shown` part of the tensor whose memory it shares

    @classmethod
    def _of(cls, array, requires_grad=False, node=None):
        """The tensor around an array, as the library makes all of them; `Tensor(data)` is what programs call."""
        self = _new(cls)
        self._array = array
        self.requires_grad = requires_grad
        self._node = node
        self._grad = self._changes = self._hooks = self._shown = None
        return self

    def _count_change(self):
        if self._changes is None:
            self._changes = [0]
        self._changes[0] += 1

    def _watched(self):
        """The counter of in-place changes and where it stands now."""
        if self._changes is None:
            self._changes = [0]
        return self._changes, self._changes[0]


class Node:
    """One step of a computation, as remembered for the way back."""

    __slots__ = ("birth", "changes", "dtype", "edges", "hooks", "operation", "saved", "shape")

    def __init__(self, operation, edges, saved, changes, out):
        self.operation = operation
        self.edges = edges  # for each differentiable input: the Node that made it, the leaf itself, or None
        self.saved = saved
        self.changes = changes
        self.shape, self.dtype = out.shape, out.dtype
        self.birth = _births()
        self.hooks = None

    def __repr__(self):
        return f"<{self.name()}>"

    def forget(self) -> None:
        """Free what was remembered. A node that knows no numbers, only shapes, may be gone through again."""
        if self.changes or self.operation.promote is not None or any(hasattr(x, "shape") for x in self.saved):
            self.saved = None

    def name(self) -> str:
        """PyTorch's name, such as MulBackward0."""
        return name_of(self) if self.operation.__class__ is Operation else self.operation.node_name

    @property
    def next_functions(self):
        """The nodes of the inputs, as PyTorch lists them: pairs (node, 0), None for an input without gradient."""
        return tuple((AccumulateGrad(edge) if isinstance(edge, Taped) else edge, 0) for edge in self.edges)


class AccumulateGrad:
    """Where the way back ends: what adds to the gradient of a leaf, `variable`."""

    next_functions = ()

    def __init__(self, variable):
        self.variable = variable

    def __repr__(self):
        return f"<{self.name()}>"

    def __eq__(self, other):
        return isinstance(other, AccumulateGrad) and self.variable is other.variable

    def __hash__(self):
        return id(self.variable)

    def name(self) -> str:
        """PyTorch's name for it."""
        return "AccumulateGrad"


def _names(function) -> list[str]:
    """The parameters of a plain function, *args being the last. `inspect.signature` takes 20 times as long to tell."""
    code = function.__code__
    return list(code.co_varnames[:code.co_argcount + bool(code.co_flags & inspect.CO_VARARGS)])


class _Rule:
    """A derivative rule: for which inputs, and the positions among the saved values of what it asks for."""

    __slots__ = ("edges", "function", "joint", "needs")

    def __init__(self, function, edges, joint):
        self.function, self.edges, self.joint = function, edges, joint
        _, *self.needs = _names(function)  # the first is the gradient that arrives


class Operation:
    """A function on arrays that can be called on tensors and differentiated; made by `operation`."""

    write_into: Callable  # what `out=` asks for; set where tensors are written over
    add_part: Callable | None = None  # of one that takes a part: adds g to a gradient of the whole, or returns False

    def __init__(self, forward, rules, promote=None):
        functools.update_wrapper(self, forward)
        self.forward = forward
        self.promote = promote
        self.called = self.__name__.strip("_")  # in messages
        self.names = _names(forward)
        self.defaults = forward.__defaults__ or ()
        self.by_default = dict(zip(reversed(self.names), reversed(self.defaults)))
        self.starred = bool(forward.__code__.co_flags & inspect.CO_VARARGS)

        self.inputs = [n for name in rules for n in name.split("_and_")]  # the differentiable ones
        self.input_positions = [self.names.index(n) for n in self.inputs]
        self.rules = []
        for name, function in rules.items():
            edges = [self.inputs.index(n) for n in name.split("_and_")]
            self.rules.append(_Rule(function, edges, joint=len(edges) > 1 or self.starred))
        needed = dict.fromkeys(itertools.chain.from_iterable(rule.needs for rule in self.rules))
        self.keeps = "kept" in needed  # forward returns (out, kept): values worked out on the way
        self.saved_names = list(needed)
        for rule in self.rules:
            rule.needs = [self.saved_names.index(name) for name in rule.needs]
        self.sources = [self._source(name) for name in self.saved_names]
        self.chooses = len(self.rules) > 1 and bool(self.sources)  # not every rule may be used, nor what it asks for
        self.sources_by_edges: dict = {}

    def _source(self, name):
        """Where a saved value is found: a position among the arguments, or the name itself."""
        if name in self.names:
            return self.names.index(name)
        whose, _, what = name.rpartition("_")
        return _ShapeOf(self.names.index(whose)) if what == "shape" else name

    def __repr__(self):
        return f"<operation {self.__name__}>"

    def __get__(self, tensor, kind=None):
        return self if tensor is None else functools.partial(self, tensor)

    def __call__(self, *args, **kwargs):
        if kwargs or (len(args) != len(self.names) and not self.starred):
            if "out" in kwargs:
                return Operation.write_into(kwargs.pop("out"), self(*args, **kwargs))
            args = self._bind(args, kwargs)
        arrays, records, found, trace = [], False, False, tracing.trace
        for a in args:
            if isinstance(a, Taped):
                found = True
                if trace is not None:
                    trace.adopt(a)
                arrays.append(a._array)
                if a.requires_grad or (a._shown is not None and current.recording and origin(a) is not a):
                    records = True
            else:
                arrays.append(a)
        if not found:
            if current.in_rules:  # NumPy makes numbers of arrays without dimensions: they count as Python's
                return self._compute([np.asarray(a) if isinstance(a, np.generic) else a for a in arrays], trace)[0]
            check_tensors(self.called, **{self.names[0]: args[0] if args else None})
        silenced = silence()
        try:
            out, kept = self._compute(arrays, trace)
        finally:
            restore(silenced)
        if records and self.rules and current.recording and out.dtype.kind == "f":
            result = self._record(args, out, kept)
        else:
            result = Taped.tensor(out)
        if out.base is not None:
            self._share_changes(result, args)
        return result

    def _compute(self, arrays, trace=None):
        kept = None
        try:
            if self.promote is not None:
                arrays = self.promote(arrays)
            out = self.forward(*arrays) if trace is None else trace.attempt(self.forward, arrays, self.keeps)
        except ValueError as error:
            shapes = [tuple(a.shape) for a in arrays if hasattr(a, "shape")]
            together = " and ".join(map(str, shapes))
            why = _first_misfit(shapes) if self.promote is not None else ""
            raise RuntimeError(
                f"{self.called}(): tensors of shapes {together} do not fit together: {why or error}") from None
        except TypeError as error:
            if any(map(on_gpu, arrays)) and any(isinstance(a, np.ndarray) and a.ndim for a in arrays):
                raise different_devices() from None
            kind = RuntimeError if "numpy boolean" in str(error) else TypeError
            raise kind(f"{self.called}(): {error}") from None
        if self.keeps:
            out, kept = out
        if out.__class__ is not np.ndarray and isinstance(out, np.generic):
            out = np.asarray(out)
        return out, kept

    def _record(self, args, out, kept):
        result = Taped.tensor(out, True)
        inputs = args[self.input_positions[0]:] if self.starred else [args[i] for i in self.input_positions]
        edges = tuple([
            (a._node or a if a._shown is None else origin(a)) if isinstance(a, Taped) and a.requires_grad else None
            for a in inputs
        ])
        saved, changes = ([], []) if self.sources else ((), ())
        for source in self._needed(edges) if self.chooses else self.sources:
            if source is None:
                value = None
            elif source.__class__ is int:
                value = args[source]
                if isinstance(value, Taped):
                    changes.append(value._watched())
            elif source.__class__ is _ShapeOf:
                value = tuple(args[source].shape)
            elif source == "out":
                value = out
                counter = result._changes = [0]
                changes.append((counter, 0))
            else:
                value = kept
            saved.append(value)
        result._node = Node(self, edges, saved, changes, out)
        return result

    def _needed(self, edges):
        """The sources of what the rules of these edges ask for; None in place of what only the other rules would."""
        present = tuple([edge is not None for edge in edges])
        sources = self.sources_by_edges.get(present)
        if sources is None:
            asked = {i for rule in self.rules if any(present[edge] for edge in rule.edges) for i in rule.needs}
            sources = [s if i in asked else None for i, s in enumerate(self.sources)]
            self.sources_by_edges[present] = sources
        return sources

    def _bind(self, args, kwargs):
        if kwargs or self.starred:
            kwargs = _renamed(kwargs, self.names)
            given = dict(zip(self.names, args)) | kwargs
            found = self.by_default | given
            if len(given) == len(args) + len(kwargs) and found.keys() == set(self.names) and not self.starred:
                return tuple([found[name] for name in self.names])
            try:  # what has more to it, or what is wrong
                bound = inspect.signature(self.forward).bind(*args, **kwargs)
            except TypeError as error:
                raise TypeError(f"{self.called}(): {error}; it takes ({', '.join(self.names)})") from None
            bound.apply_defaults()
            return bound.args
        missing = len(self.names) - len(args)
        if missing < 0 or missing > len(self.defaults):
            raise TypeError(f"{self.called}() takes ({', '.join(self.names)}); {len(args)} arguments were given")
        return args + self.defaults[len(self.defaults) - missing:]

    def _share_changes(self, view, args):
        """A view counts its in-place changes together with the tensor whose memory it shows."""
        owner = view._array.base
        for a in args:
            if isinstance(a, Taped) and (a._array is owner or a._array.base is owner):
                view._changes, count = a._watched()
                if current.recording:
                    view._shown = Shown(a, self, args, count)
                return


class _ShapeOf(int):
    """The position of an argument of which a rule asks for the shape alone, as `input_shape`."""


class Shown:
    """Which part of which tensor a view shows: what `operation(*args)` gives, where `owner` is one of `args`.

    A view that is changed in place changes its owner, and the other way round. The history of the changed one is noted
    at once (`changed_through`), that of other views when they are used next (`origin`): until then `count`, the changes
    that their node knows of, lags behind.
    """

    __slots__ = ("args", "count", "operation", "owner")

    def __init__(self, owner, operation, args, count):
        self.owner, self.operation, self.args, self.count = owner, operation, args, count

    def of(self, whole):
        """The same part of another tensor, or of an array, of the owner's shape."""
        args = [whole if a is self.owner else a for a in self.args]
        return self.operation(*args) if isinstance(whole, Taped) else self.operation.forward(*args)


def origin(tensor):
    """Where the gradient of a tensor goes: to the node that made it, or to the leaf itself."""
    shown = tensor._shown
    if shown is not None and shown.count != tensor._changes[0]:
        owner = shown.owner
        if owner.requires_grad or (owner._shown is not None and origin(owner) is not owner):
            again = shown.of(owner)
            if (again._array.shape, again._array.strides) != (tensor._array.shape, tensor._array.strides):
                raise RuntimeError("the tensor that this is a view of was given another shape in place: take the "
                                   "view after that")
            if again._node is not None:
                tensor._node, tensor.requires_grad = again._node, True
        shown.count = tensor._changes[0]
    return tensor._node or tensor


def changed_through(view):
    """Note on the tape that a change of `view` in place has changed the tensor that it shows, and so on."""
    while (shown := view._shown) is not None:
        shown.count, owner = view._changes[0], shown.owner
        before = Taped.tensor(owner._array, owner.requires_grad, owner._node)
        owner._node, owner.requires_grad = _overlaid._record((before, view, shown), owner._array, None)._node, True
        view = owner


_NUMPYS = {"axis": "dim", "keepdims": "keepdim"}


def _renamed(kwargs, names):
    """Keywords by the names of the course, which are PyTorch's, where they stand there by NumPy's."""
    return {name if name in names else _NUMPYS.get(name, name): value for name, value in kwargs.items()}


def numpys_names(function: Callable[P, T]) -> Callable[P, T]:
    """The function, which then also takes NumPy's `axis` and `keepdims` for dim and keepdim, as operations do."""
    names = inspect.signature(function).parameters

    @functools.wraps(function)
    def called(*args, **kwargs):
        try:
            return function(*args, **(_renamed(kwargs, names) if kwargs else kwargs))
        except AttributeError as error:
            raise _explained(error, function, args) from None

    return called


def of_tensor(function: Callable[P, T]) -> Callable[P, T]:
    """The function, which raises TypeError where its first argument is no tensor, or a list with others in it.

    It looks at that only once it has failed: derivative rules hand it arrays, and nobody else waits for the look.
    """

    @functools.wraps(function)
    def called(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except AttributeError as error:
            raise _explained(error, function, args) from None

    return called


def _explained(error, function, args) -> Exception:
    """What to raise for an AttributeError of a function: that its first argument is no tensor, or else the error."""
    name = next(iter(inspect.signature(function).parameters))
    several = name == "tensors" and args and isinstance(args[0], tuple | list)
    given = {f"tensor {k}": x for k, x in enumerate(args[0])} if several else dict(zip([name], args))
    others = [no_tensor(function.__name__, name, x) for name, x in given.items() if not isinstance(x, Taped)]
    return others[0] if others else error


def _first_misfit(shapes) -> str:
    """Which sizes cannot be broadcast, if any. Shapes are compared from their ends; a 1 fits every size."""
    for back, sizes in enumerate(itertools.zip_longest(*[shape[::-1] for shape in shapes], fillvalue=1), 1):
        unlike = list(dict.fromkeys(n for n in sizes if n != 1))
        if len(unlike) > 1:
            dimension = max(map(len, shapes)) - back
            return (f"The size of tensor a ({unlike[0]}) must match the size of tensor b ({unlike[1]}) at "
                    f"non-singleton dimension {dimension} (sizes are compared from the right; a 1 fits every size)")
    return ""


def check_tensors(function: str, **arguments) -> None:
    """Raises TypeError for an argument of `function` that is not a tensor."""
    for name, given in arguments.items():
        if not isinstance(given, Taped):
            raise no_tensor(function, name, given)


def no_tensor(function: str, name: str, given) -> TypeError:
    """The error for an argument of `function` that is not a tensor."""
    return TypeError(f"{function}(): argument '{name}' must be a Tensor, not {type(given).__name__}; "
                     "make one with course.tensor(...)")


def operation(**rules) -> Callable[[Callable[P, object]], Callable[P, Tensor]]:
    """Make an operation of a function on arrays: `@operation(x=lambda g, y: g * y, y=lambda g, x: g * x)`.

    Each keyword names an input (or several: `x_and_y`) and gives ∂J/∂input from `g` = ∂J/∂out. A rule asks by name for
    what else it needs: inputs, other arguments, `out`, or `kept`, which forward then returns beside the result. Only
    what some rule asks for is kept in memory. Where an input was broadcast, the tape sums the gradient itself.
    """
    return lambda forward: Operation(forward, rules)


def elementwise(floating: bool = False, **rules) -> Callable[[Callable[P, object]], Callable[P, Tensor]]:
    """Like `operation`, for functions of numbers: mixed dtypes are promoted first, integers to floats if `floating`."""

    def promote(arrays):
        common, mixed, scalars = None, False, False
        for a in arrays:
            if isinstance(a, np.ndarray):
                if common is None:
                    common = a.dtype
                elif a.dtype is not common:
                    mixed = True
            elif isinstance(a, np.generic):
                scalars = True
            elif not (a is None or isinstance(a, int | float) or hasattr(a, "dtype")):
                raise TypeError(f"expected tensors and numbers, given {type(a).__name__}; use course.tensor(...)")
        if scalars:  # np.sqrt(d) is a number, not an array: it takes the type of the arrays too
            arrays = [a.item() if isinstance(a, np.generic) else a for a in arrays]
        if not mixed and common is not None and common.kind == "f":
            return arrays  # Python numbers take the type of the arrays beside them
        common = dtypes.result_type(*[a for a in arrays if a is not None])
        if floating and common.kind != "f":
            common = dtypes.get_default_dtype().numpy
        return [a.astype(common, copy=False) if hasattr(a, "dtype") else a for a in arrays]

    return lambda forward: Operation(forward, rules, promote)


@operation(input=lambda g, shown: _overlaid(g, 0.0, shown), values=lambda g, shown: shown.of(g))
def _overlaid(input, values, shown):
    """A copy of `input` with `values` in the part `shown`."""
    out = input.copy()
    shown.of(out)[...] = values
    return out
