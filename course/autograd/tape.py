"""The tape: what was computed, and how the gradient flows back through it.

An operation is a function on arrays with a derivative rule for each input written beside it. Calling it on tensors
computes the result and, where a gradient may be asked for, remembers a `Node`: the operation, what its rules need, and
the nodes that its inputs came from. `backward` visits the nodes from the youngest to the oldest.

A rule is written once and serves twice: it is handed arrays when only the gradient is wanted, and tensors when the
gradient itself is to be differentiated (`create_graph=True`).
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import itertools
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

from .. import dtype as dtypes
from ..device import different_devices, on_gpu
from ..quiet import restore, silence
from ..tracing import not_replayed, tracing

if TYPE_CHECKING:
    from ..tensor import Tensor

P = ParamSpec("P")
T = TypeVar("T")


class _Mode(threading.local):
    recording = True  # tensors that require a gradient leave nodes on the tape
    in_rules = False  # derivative rules are running on arrays
    looking = False  # for NaN in gradients


_mode = _Mode()
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
        """PyTorch's kind of name, such as MulBackward0."""
        return self.operation.node_name

    @property
    def next_functions(self):
        """The nodes of the inputs, as PyTorch lists them; a leaf stands for its own accumulation."""
        return tuple((edge, 0) for edge in self.edges)


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

    def __init__(self, forward, rules, promote=None):
        functools.update_wrapper(self, forward)
        self.forward = forward
        self.promote = promote
        self.called = self.__name__.strip("_")  # in messages
        self.node_name = "".join(part.title() for part in self.called.split("_")) + "Backward0"
        self.names = _names(forward)
        self.defaults = forward.__defaults__ or ()
        self.starred = bool(forward.__code__.co_flags & inspect.CO_VARARGS)

        self.inputs = [n for name in rules for n in name.split("_and_")]  # the differentiable ones
        self.input_positions = [self.names.index(n) for n in self.inputs]
        self.rules = []
        for name, function in rules.items():
            edges = [self.inputs.index(n) for n in name.split("_and_")]
            self.rules.append(_Rule(function, edges, joint=len(edges) > 1 or self.starred))
        needed = dict.fromkeys(itertools.chain.from_iterable(rule.needs for rule in self.rules))
        self.saves_out = "out" in needed
        self.keeps = "kept" in needed  # forward returns (out, kept): values worked out on the way
        self.saved_names = list(needed)
        for rule in self.rules:
            rule.needs = [self.saved_names.index(name) for name in rule.needs]
        self.sources = [self._source(name) for name in self.saved_names]
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
                if a.requires_grad or (a._shown is not None and _mode.recording and origin(a) is not a):
                    records = True
            else:
                arrays.append(a)
        if not found:
            if _mode.in_rules:  # where NumPy makes numbers, which would count as Python's, of arrays without dimensions
                return self._compute([np.asarray(a) if isinstance(a, np.generic) else a for a in arrays], trace)[0]
            check_tensors(self.called, **{self.names[0]: args[0] if args else None})
        silenced = silence()
        try:
            out, kept = self._compute(arrays, trace)
        finally:
            restore(silenced)
        if records and self.rules and _mode.recording and out.dtype.kind == "f":
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
            raise TypeError(f"{self.called}(): {error}") from None
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
        saved, changes = [], []
        for source in self.sources if len(edges) == 1 or self.starred else self._needed(edges):
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
        if present not in self.sources_by_edges:
            asked = {i for rule in self.rules if any(present[edge] for edge in rule.edges) for i in rule.needs}
            self.sources_by_edges[present] = [s if i in asked else None for i, s in enumerate(self.sources)]
        return self.sources_by_edges[present]

    def _bind(self, args, kwargs):
        if kwargs or self.starred:
            try:
                bound = inspect.signature(self.forward).bind(*args, **_renamed(kwargs, self.names))
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
                if _mode.recording:
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
        again = shown.of(shown.owner)
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
        return function(*args, **(_renamed(kwargs, names) if kwargs else kwargs))

    return called


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
            raise TypeError(
                f"{function}(): argument '{name}' must be a Tensor, not {type(given).__name__}; "
                "make one with course.tensor(...)"
            )


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


# --- the way back -----------------------------------------------------------------------------------------------


def send_back(roots, gradients, *, retain_graph=False, create_graph=False, wanted=None, beyond=True):
    """Send `gradients` (∂J/∂root for each root) back through the tape.

    Without `wanted`, what arrives at a leaf is added to its `.grad`. With `wanted`, a list of tensors, nothing is added
    anywhere: their gradients are returned in order, None for one that the roots do not depend on. The way ends at them
    where none of them lies `beyond` another.
    """
    if create_graph:
        not_replayed("create_graph=True")
    way = (_LookedAt if _mode.looking else _WayBack)(create_graph, wanted)
    before = _mode.recording, _mode.in_rules
    _mode.recording, _mode.in_rules = create_graph, not create_graph
    silenced = silence()
    try:
        for root, g in zip(roots, gradients):
            way.deposit(root._node or root, g if create_graph else g._array, unshared=False)
        for node in sorted(_nodes_behind(roots, () if beyond else way.targets), key=_birth, reverse=True):
            way.visit(node)
            if node.saved and not (retain_graph or create_graph):
                node.forget()
        return way.finish()
    finally:
        restore(silenced)
        _mode.recording, _mode.in_rules = before


def _birth(node):
    return node.birth


def _nodes_behind(roots, ends=()):
    """Every node from which some root was made, short of the `ends`."""
    stack = list({root._node for root in roots if root._node is not None})
    seen = set(stack)
    while stack:
        for edge in stack.pop().edges:
            if edge.__class__ is Node and edge not in seen and edge not in ends:
                seen.add(edge)
                stack.append(edge)
    return seen


def gradients_of(function, g, *inputs):
    """∂J/∂input of out = function(*inputs) with g = ∂J/∂out, as tensors that can be differentiated again.

    The second derivatives of a fused operation come from the plain form that it stands for. An input that is not a
    tensor has None.
    """
    own = [_same(x) if isinstance(x, Taped) else x for x in inputs]  # so that the way back ends here
    tensors = [x for x in own if isinstance(x, Taped)]
    found = iter(send_back([function(*own)], [g], create_graph=True, wanted=tensors, beyond=False))
    return [next(found) if isinstance(x, Taped) else None for x in own]


@operation(x=lambda g: g)
def _same(x):
    return x.view()


@operation(input=lambda g, shown: _overlaid(g, 0.0, shown), values=lambda g, shown: shown.of(g))
def _overlaid(input, values, shown):
    """A copy of `input` with `values` in the part `shown`."""
    out = input.copy()
    shown.of(out)[...] = values
    return out


class _WayBack:
    """One backward pass: the gradients that have arrived so far, by node or leaf."""

    def __init__(self, create_graph, wanted):
        self.create_graph = create_graph
        self.wanted = wanted
        self.targets = {} if wanted is None else {v._node or v: None for v in wanted}
        self.arrived = {}
        self.unshared = set()  # nodes and leaves whose gradient, so far, is an array that nobody else holds

    def visit(self, node):
        """Apply the rules of one node to the gradient of its result and hand on what comes out."""
        g = self.arrived.pop(node, None)
        if g is None:
            return
        operation, edges = node.operation, node.edges
        kept = node.hooks or node in self.targets or operation.__class__ is not Operation  # perhaps, by others
        passes_on = not kept and node in self.unshared and sum([edge is not None for edge in edges]) == 1
        if node.hooks:
            g = _through_hooks(node.hooks, g)
        if node in self.targets:
            self.targets[node] = g
        saved = _saved_values(node, self.create_graph)
        trace = tracing.trace if operation.__class__ is Operation else None
        for rule in operation.rules:
            function = rule.function if trace is None else trace.of_rule(rule.function)
            if not rule.joint:
                edge = edges[rule.edges[0]]
                if edge is not None:
                    self.hand_on(function(g, *[saved[i] for i in rule.needs]), edge, g, passes_on)
                continue
            own = edges if operation.starred else [edges[i] for i in rule.edges]
            if any(edge is not None for edge in own):
                for gradient, edge in zip(function(g, *[saved[i] for i in rule.needs]), own):
                    if edge is not None and gradient is not None:
                        self.hand_on(gradient, edge, g, passes_on)

    def hand_on(self, gradient, edge, g, passes_on):
        gradient = _fitted(gradient, edge)
        self.deposit(edge, gradient, not self.create_graph and _is_unshared(gradient, g, passes_on))

    def deposit(self, edge, gradient, unshared):
        if edge in self.arrived:
            if edge in self.unshared and tracing.trace is None:  # a replay has memory for every sum
                self.arrived[edge] += gradient
            else:
                total = self.arrived[edge] + gradient
                self.arrived[edge] = np.asarray(total) if isinstance(total, np.generic) else total
                if not self.create_graph:
                    self.unshared.add(edge)
        elif edge.__class__ is Node or edge._hooks or self.wanted is not None or self.create_graph:
            self.arrived[edge] = gradient
            if unshared:
                self.unshared.add(edge)
        else:
            _accumulate(edge, gradient, unshared)

    def finish(self):
        if self.wanted is None:
            for leaf, g in self.arrived.items():
                _accumulate(leaf, _through_hooks(leaf._hooks, g) if leaf._hooks else g, unshared=False)
            return None
        found = self.targets | {end: _through_hooks(end._hooks, g) if isinstance(end, Taped) and end._hooks else g
                                for end, g in self.arrived.items() if end in self.targets}
        return [None if (g := found[v._node or v]) is None else _as_tensor(g) for v in self.wanted]


def _is_unshared(gradient, g, passes_on):
    """Whether nobody else holds the array that a rule made of its g: it is new, or it is g's own memory, passed on.

    Otherwise it may be g itself, which two inputs get, or a view of what was saved.
    """
    base = gradient.base
    if base is None and gradient is not g:
        return True
    whole = g if g.base is None else g.base
    return (passes_on and (gradient if base is None else base) is whole
            and gradient.size == g.size and gradient.flags.c_contiguous)


class _LookedAt(_WayBack):
    """One that looks for the operation whose derivative is not a number."""

    def visit(self, node):
        self.node = node
        super().visit(node)

    def hand_on(self, gradient, edge, g, passes_on):
        if np.isnan(_as_tensor(gradient)._array).any():
            place = next(i for i, own in enumerate(self.node.edges) if own is edge)
            raise RuntimeError(
                f"Function '{self.node.name()}' returned nan values in its {place}th output: the gradient of an input "
                f"of {self.node.operation.__name__}(). Look for 0 / 0, 0 · ∞ and √0 there"
            )
        super().hand_on(gradient, edge, g, passes_on)


def _accumulate(leaf, gradient, unshared):
    """leaf.grad ← leaf.grad + gradient."""
    trace = tracing.trace
    if trace is not None:
        gradient = trace.arriving(leaf, gradient)
    if isinstance(gradient, Taped):
        leaf._grad = gradient.clone() if leaf._grad is None else leaf._grad + gradient
    elif leaf._grad is None:
        leaf._grad = Taped.tensor(gradient if unshared else gradient.copy())
        if trace is not None:
            trace.gradient_set(leaf)
    else:
        leaf._grad._array += gradient
        leaf._grad._count_change()


def _fitted(gradient, edge):
    """The gradient of a broadcast input: summed over the axes along which the input was repeated, in its own dtype.

    This is the one place where broadcasting is undone.
    """
    array = edge._array if isinstance(edge, Taped) else edge  # a Node has shape and dtype too
    if gradient.shape != array.shape:
        gradient = _sum_to(gradient, array.shape)
    if gradient.__class__ is np.ndarray:
        return gradient if gradient.dtype is array.dtype else gradient.astype(array.dtype)
    if isinstance(gradient, Taped):
        return gradient if gradient._array.dtype is array.dtype else gradient.to(dtypes.of(array))
    if isinstance(gradient, np.generic):
        return np.asarray(gradient, array.dtype)
    return gradient.astype(array.dtype, copy=False)


def _sum_to(gradient, shape):
    extra = len(gradient.shape) - len(shape)
    axes = (*range(extra), *(extra + i for i, n in enumerate(shape) if n == 1 and gradient.shape[extra + i] != 1))
    return (gradient.sum(axes) if axes else gradient).reshape(shape)


def _saved_values(node, as_tensors):
    """What the rules of `node` asked for: arrays, or tensors when the gradient is to be differentiated again."""
    if node.saved is None:
        raise RuntimeError(
            "Trying to backward through the graph a second time: what it remembered was freed after the first "
            "backward(). Compute the loss again, or call backward(retain_graph=True) the first time"
        )
    for counter, count in node.changes:
        if counter[0] != count:
            raise RuntimeError(
                f"one of the variables needed for gradient computation has been modified by an inplace operation: "
                f"{node.operation.__name__}() remembered a tensor that was changed after it was used. "
                "Write x = x + 1 instead of x += 1, or work on x.clone()"
            )
    values = []
    for value, source in zip(node.saved, node.operation.sources):
        if source == "out" and as_tensors and value is not None:
            value = Taped.tensor(value, True, node)
        elif isinstance(value, Taped) and not as_tensors:
            value = value._array
        values.append(value)
    return values


def _through_hooks(hooks, g):
    not_replayed("a hook")
    for _, hook in sorted(hooks.items()):
        out = hook(_as_tensor(g))
        if out is not None:
            g = out if isinstance(g, Taped) else out._array
    return g


def _as_tensor(g):
    return g if isinstance(g, Taped) else Taped.tensor(g)


class on_arrays:
    """Inside, forward passes and rules are called on arrays, outside a backward pass too."""

    def __enter__(self):
        self.before, _mode.in_rules = _mode.in_rules, True
        self.silenced = silence()

    def __exit__(self, *exception):
        restore(self.silenced)
        _mode.in_rules = self.before


# --- switching the tape off and on --------------------------------------------------------------------------------


def is_grad_enabled() -> bool:
    """Whether operations are recorded on the tape."""
    return _mode.recording


class set_grad_enabled(contextlib.ContextDecorator):
    """Record operations (True) or not (False) from here on; as a context manager or decorator, only inside."""

    def __init__(self, mode: bool):
        self.mode, self.before = bool(mode), _mode.recording
        _mode.recording = self.mode

    def __call__(self, function):
        _mode.recording = self.before
        return super().__call__(function)

    def _recreate_cm(self):  # a decorated function switches anew at each call
        return set_grad_enabled(self.mode)

    def __enter__(self):
        _mode.recording = self.mode

    def __exit__(self, *exception):
        _mode.recording = self.before


class set_detect_anomaly:
    """Stop backward at the operation whose derivative is NaN (True) or not, from here on; in a `with`, only inside.

    The RuntimeError names it. It costs a look at every gradient. Differs from PyTorch: the line that called the
    operation is not told.
    """

    def __init__(self, mode: bool, check_nan: bool = True):
        self.before, _mode.looking = _mode.looking, bool(mode and check_nan)

    def __enter__(self):
        pass

    def __exit__(self, *exception):
        _mode.looking = self.before


class detect_anomaly(set_detect_anomaly):
    """`with detect_anomaly():` stops backward at the operation whose derivative is NaN; see `set_detect_anomaly`."""

    def __init__(self, check_nan: bool = True):
        super().__init__(True, check_nan)


class _Recording(contextlib.ContextDecorator):
    """Switches recording inside a block or function: `with no_grad():`, `@no_grad()` or `@no_grad`."""

    recording: bool

    def __new__(cls, function=None):
        self = super().__new__(cls)
        self.before = []
        return self if function is None else self(function)

    def _recreate_cm(self):  # threads that call one decorated function must not share `before`
        return type(self)()

    def __enter__(self):
        self.before.append(_mode.recording)
        _mode.recording = self.recording

    def __exit__(self, *exception):
        _mode.recording = self.before.pop()


class no_grad(_Recording):
    """Inside, operations leave no trace on the tape: for validation, and for changing parameters by hand."""

    recording = False


class enable_grad(_Recording):
    """Inside, operations are recorded again, even within `no_grad`."""

    recording = True


class inference_mode(_Recording):
    """`no_grad` under the name for programs that only predict; `inference_mode(False)` is `enable_grad`.

    Differs from PyTorch: what was made inside is an ordinary tensor, which may be used on the tape later.
    """

    recording = False

    def __new__(cls, mode=True):
        return super().__new__(cls, mode if callable(mode) else None)

    def __init__(self, mode=True):
        self.recording = not mode

    def _recreate_cm(self):
        return inference_mode(not self.recording)


# --- asking for gradients -----------------------------------------------------------------------------------------


def first_gradient(root, gradient):
    """What backward starts from: `gradient`, or 1 for a scalar root.

    Raises RuntimeError for a root that needs no gradient or has more than one element and no `gradient` given.
    """
    if not root.requires_grad:
        raise RuntimeError(
            "element 0 of tensors does not require grad and does not have a grad_fn: nothing it was computed from was "
            "made with requires_grad=True (or it was computed inside no_grad())"
        )
    if gradient is None:
        if root._array.size != 1:
            raise RuntimeError(
                f"grad can be implicitly created only for scalar outputs, and this one has shape {root._array.shape}; "
                "reduce it first (loss.mean() or loss.sum()) or pass backward(gradient=...)"
            )
        array = root._array
        if isinstance(array, np.ndarray):
            return Taped.tensor(np.array(1, array.dtype).reshape(array.shape))
        return Taped.tensor(np.full(array.shape, 1, array.dtype, like=array))
    check_tensors("backward", gradient=gradient)
    if gradient._array.shape != root._array.shape:
        raise RuntimeError(
            f"Mismatch in shape: the gradient has shape {gradient._array.shape}, the tensor {root._array.shape}"
        )
    return gradient


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, *, inputs=None) -> None:
    """Add ∂Σtensors/∂leaf to the `.grad` of every leaf: `Tensor.backward` of one tensor or of several at once.

    Args: grad_tensors: ∂J/∂tensor for each tensor that is no scalar; the others as for `Tensor.backward`.
    Raises RuntimeError for a tensor that needs no gradient, one of several elements without its `grad_tensors`, and an
    empty list of `inputs`.
    """
    tensors, start = _with_gradients(tensors, grad_tensors)
    keep = create_graph if retain_graph is None else retain_graph
    wanted = None if inputs is None else _differentiable(inputs)
    if wanted == []:
        raise RuntimeError("'inputs' argument to backward cannot be empty: name the tensors whose .grad is asked for")
    found = send_back(tensors, start, retain_graph=keep, create_graph=create_graph, wanted=wanted)
    for tensor, g in zip(wanted or (), found or ()):
        if g is not None:
            _accumulate(tensor, g if create_graph else g._array, unshared=False)


def _with_gradients(roots, gradients):
    """The roots as a list, and what backward starts from at each."""
    roots = [roots] if isinstance(roots, Taped) else list(roots)
    gradients = list(gradients) if isinstance(gradients, list | tuple) else [gradients]
    gradients += [None] * (len(roots) - len(gradients))
    return roots, [first_gradient(root, g) for root, g in zip(roots, gradients)]


def _differentiable(inputs):
    """The inputs as a list. Raises RuntimeError where one of them needs no gradient."""
    inputs = [inputs] if isinstance(inputs, Taped) else list(inputs)
    if not all(v.requires_grad for v in inputs):
        raise RuntimeError("one of the inputs does not require grad; make it with requires_grad=True")
    return inputs


def grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, only_inputs=True, allow_unused=None,
         *, materialize_grads=False):
    """∂Σoutputs/∂inputs as a tuple, without touching any `.grad`.

    Args: outputs, inputs: a tensor or a sequence of them; grad_outputs: ∂J/∂output for each output that is no scalar;
    create_graph: record the computation of the gradients, so that they can be differentiated again; allow_unused: None
    for an input that has no part in the outputs; materialize_grads: zeros for it; only_inputs: without effect, as in
    PyTorch.
    Raises RuntimeError when an input has no part in the outputs, unless one of the two is asked for, and ValueError
    for allow_unused=False with materialize_grads.
    """
    if materialize_grads and allow_unused is False:
        raise ValueError("Expected allow_unused to be True or not passed when materialize_grads=True, but got: False")
    inputs = _differentiable(inputs)
    outputs, start = _with_gradients(outputs, grad_outputs)
    keep = create_graph if retain_graph is None else retain_graph
    found = send_back(outputs, start, retain_graph=keep, create_graph=create_graph, wanted=inputs)
    if materialize_grads:
        found = [v.new_zeros(v.shape) if g is None else g for v, g in zip(inputs, found)]
    if not allow_unused and any(g is None for g in found):
        raise RuntimeError(
            "one of the differentiated tensors appears to not have been used in the graph; "
            "set allow_unused=True to get None for it"
        )
    return tuple(found)


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
