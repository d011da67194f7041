"""The way back: how gradients flow along the tape, from a loss to the leaves.

Nodes are visited from the youngest to the oldest: when one's turn comes, all that its result was used for has sent its
share. Where a tensor was used several times its gradients are added up, where it was broadcast they are summed.
"""

from __future__ import annotations

import numpy as np

from .. import dtype as dtypes
from ..quiet import restore, silence
from ..tracing import not_replayed, tracing
from .modes import current
from .tape import Node, Operation, Taped, check_tensors, operation


def send_back(roots, gradients, *, retain_graph=False, create_graph=False, wanted=None, beyond=True):
    """Send `gradients` (∂J/∂root for each root) back through the tape.

    Without `wanted`, what arrives at a leaf is added to its `.grad`. With `wanted`, a list of tensors, nothing is added
    anywhere: their gradients are returned in order, None for one that the roots do not depend on. The way ends at them
    where none of them lies `beyond` another.
    """
    if create_graph:
        not_replayed("create_graph=True")
    way = (_LookedAt if current.looking else _WayBack)(create_graph, wanted)
    before = current.recording, current.in_rules
    current.recording, current.in_rules = create_graph, not create_graph
    silenced = silence()
    try:
        for root, g in zip(roots, gradients):
            way.deposit(root._node or root, g if create_graph else g._array, unshared=False)
        for node in sorted(nodes_behind(roots, () if beyond else way.targets), key=_birth, reverse=True):
            way.visit(node)
            if node.saved and not (retain_graph or create_graph):
                node.forget()
        return way.finish()
    finally:
        restore(silenced)
        current.recording, current.in_rules = before


def _birth(node):
    return node.birth


def nodes_behind(roots, ends=()):
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
                    needed = [saved[i] for i in rule.needs]
                    if not (operation.add_part and self.has_taken(edge, operation.add_part, g, needed)):
                        self.hand_on(function(g, *needed), edge, g, passes_on)
                continue
            own = edges if operation.starred else [edges[i] for i in rule.edges]
            if any(edge is not None for edge in own):
                for gradient, edge in zip(function(g, *[saved[i] for i in rule.needs]), own):
                    if edge is not None and gradient is not None:
                        self.hand_on(gradient, edge, g, passes_on)

    def has_taken(self, edge, add_part, g, needed):
        """Whether g was added to its part of what has arrived: no zeros around it for each step of a sequence."""
        return (edge in self.unshared and edge in self.arrived and tracing.trace is None
                and add_part(self.arrived[edge], g, *needed))

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
        return [None if (g := found[v._node or v]) is None else as_tensor(g) for v in self.wanted]


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
        if np.isnan(as_tensor(gradient)._array).any():
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
        out = hook(as_tensor(g))
        if out is not None:
            g = out if isinstance(g, Taped) else out._array
    return g


def as_tensor(g):
    """A gradient, which may be an array, as a tensor."""
    return g if isinstance(g, Taped) else Taped.tensor(g)


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
