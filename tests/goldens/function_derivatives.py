"""Jacobians, Hessians and their products with vectors: `autograd.functional` and `func`."""

import itertools
import zlib

import numpy as np

from .families import Cases

case = CASES = Cases()

CLASSES = [0, 1]


def network(t, W, V):
    """The loss of two layers, by their weights."""
    x = t.tensor([[1.0, -2.0], [0.5, 3.0]], dtype=W.dtype)
    return t.nn.functional.cross_entropy(t.tanh(x @ W) @ V, t.tensor(CLASSES))


FUNCTIONS = {  # name -> (function(torch, *inputs), *shapes of the inputs)
    "each by itself": (lambda t, x: x.sin() * x, (3,)),
    "rows summed": (lambda t, x: x.exp().sum(1), (2, 3)),
    "two inputs": (lambda t, x, y: 2 * x.exp() + 3 * y, (2,), (2,)),
    "two outputs": (lambda t, x: (x**2, x.sum()), (3,)),
    "two of both": (lambda t, x, y: (x * y[0], y.prod()), (3,), (2,)),
    "a product of matrices": (lambda t, x, y: x @ y, (2, 3), (3, 2)),
    "softmax": (lambda t, x: x.softmax(-1), (2, 3)),
    "layer norm": (lambda t, x: t.nn.functional.layer_norm(x, (3,)), (2, 3)),
    "a column": (lambda t, x: x.T[1:].flip(0), (2, 3)),
    "a number to a vector": (lambda t, x: t.stack([x, x**2, x**3]), ()),
    "itself": (lambda t, x: x, (2,)),
    "without the second": (lambda t, x, y: x * 2, (2,), (3,)),
    "with a constant": (lambda t, x: (x * x, t.ones(2, dtype=x.dtype)), (2,)),
}  # fmt: skip
LOSSES = {  # of which there are Hessians
    "cubes": (lambda t, x: (x**3).sum(), (2, 2)),
    "two squares": (lambda t, x, y: (2 * x**2 + 3 * y**2).sum(), (2,), (2,)),
    "mixed": (lambda t, x, y: (x * y).sin().sum() + x.prod() * y.sum(), (2,), (2, 1)),
    "a network": (network, (2, 3), (3, 2)),
    "log-sum-exp": (lambda t, x: x.logsumexp(0), (4,)),
    "rosenbrock": (lambda t, x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2, (2,)),
    "one element in brackets": (lambda t, x: (x * x).sum().reshape(1, 1), (2,)),
    "a number": (lambda t, x: x.exp(), ()),
    "a plane": (lambda t, x: (2 * x).sum(), (2,)),
    "one of two": (lambda t, x, y: (x**3).sum(), (2,), (1,)),
}


def drawn(name, shapes, dtype):
    random = np.random.RandomState(zlib.crc32(name.encode()))
    return [random.standard_normal(shape).astype(dtype) for shape in shapes]


def leaves(tree, path=""):
    """The tensors in nested tuples, lists and dicts, by where they stand: "(0)(1)" or "(weight)"."""
    if isinstance(tree, tuple | list | dict):
        items = tree.items() if isinstance(tree, dict) else enumerate(tree)
        return {k: v for key, part in items for k, v in leaves(part, f"{path}({key})").items()}
    return {path: tree}


def found_at(**results):
    """Results by name and place; whether they are on the tape, too."""
    found = {name + path: value for name, tree in results.items() for path, value in leaves(tree).items()}
    return found | {f"{name} is on the tape": str(value.requires_grad) for name, value in found.items()}


def as_given(tensors):
    return tensors[0] if len(tensors) == 1 else tuple(tensors)


def _of_a_function(name, dtype, create_graph):
    function, *shapes = (FUNCTIONS | LOSSES)[name]

    def run(torch):
        f = torch.autograd.functional
        x = [torch.tensor(a, requires_grad=create_graph) for a in drawn(name, shapes, dtype)]
        here = as_given(x)
        y = function(torch, *x)
        v = as_given([torch.tensor(a) for a in drawn(name + "v", [tuple(t.shape) for t in leaves(y).values()], dtype)])
        d = as_given([torch.tensor(a) for a in drawn(name + "d", shapes, dtype)])
        call = lambda *inputs: function(torch, *inputs)
        results = {"jacobian": f.jacobian(call, here, create_graph=create_graph),
                   "vjp": f.vjp(call, here, v, create_graph=create_graph),
                   "jvp": f.jvp(call, here, d, create_graph=create_graph)}
        if name in LOSSES:
            results |= {"hessian": f.hessian(call, here, create_graph=create_graph),
                        "vhp": f.vhp(call, here, d, create_graph=create_graph),
                        "hvp": f.hvp(call, here, d, create_graph=create_graph)}
        found = found_at(**results)
        if create_graph:
            for kind, tree in results.items():
                total = sum((t * t).sum() for t in leaves(tree).values())
                slopes = [None] * len(x)
                if total.requires_grad:
                    slopes = torch.autograd.grad(total, x, allow_unused=True)
                found |= {f"slope of {kind} {i}": torch.zeros_like(t) if g is None else g
                          for i, (t, g) in enumerate(zip(x, slopes))}
        return found

    return run


for _name, _dtype in itertools.product((*FUNCTIONS, *LOSSES), ("float64", "float32")):
    CASES[f"{_name}[{_dtype}]"] = _of_a_function(_name, _dtype, False)
for _name in (*FUNCTIONS, *LOSSES):
    if _name != "layer norm":  # of which PyTorch's third derivative is not what differences give
        CASES[f"{_name}, on the tape"] = _of_a_function(_name, "float64", True)


@case
def without_a_vector_where_there_is_one_number(torch):
    f, x = torch.autograd.functional, torch.tensor([2.0])
    return found_at(vjp=f.vjp(lambda x: (x**3).sum(), x), jvp=f.jvp(lambda x: torch.cat([x, x**2]), x),
                    vhp=f.vhp(lambda x: (x**3).sum(), x), hvp=f.hvp(lambda x: (x**3).sum(), x),
                    one=f.vjp(lambda x: x**2, (x,)))


@case
def what_the_function_holds_stays_as_it_is(torch):
    """A model's weights get no gradient, and a graph that was there before can still be gone back through."""
    torch.manual_seed(0)
    layer = torch.nn.Linear(2, 2)
    held = layer.weight.sum() ** 2
    J = torch.autograd.functional.jacobian(lambda x: layer(x) * held, torch.ones(2))
    H = torch.autograd.functional.hessian(lambda x: (layer(x) ** 3).sum() * held, torch.ones(2))
    untouched = str(layer.weight.grad)
    held.backward()
    return {"J": J, "H": H, "untouched": untouched, "slope": layer.weight.grad}


@case
def without_the_tape_around(torch):
    f, x = torch.autograd.functional, torch.tensor([1.0, 2.0])
    with torch.no_grad():
        return found_at(J=f.jacobian(lambda x: x**2, x), H=f.hessian(lambda x: (x**3).sum(), x),
                        jvp=f.jvp(lambda x: x**2, x, x), vhp=f.vhp(lambda x: (x**3).sum(), x, x),
                        on=f.jacobian(lambda x: x**2, x, create_graph=True))


@case
def strict_where_all_depend_on_all(torch):
    f, x = torch.autograd.functional, torch.tensor([1.0, 2.0])
    cube = lambda x: (x**3).sum()
    return found_at(J=f.jacobian(lambda x: x**2, x, strict=True), H=f.hessian(cube, x, strict=True),
                    vjp=f.vjp(lambda x: x**2, x, x, strict=True), jvp=f.jvp(lambda x: x**2, x, x, strict=True),
                    vhp=f.vhp(cube, x, x, strict=True), hvp=f.hvp(cube, x, x, strict=True),
                    on=f.hessian(cube, x, create_graph=True, strict=True))


@case
def at_once_and_forwards(torch):
    f, x = torch.autograd.functional, torch.tensor([1.0, 2.0])
    both = {"vectorize": True}
    return {"J": f.jacobian(lambda x: x**2, x, **both), "H": f.hessian(lambda x: (x**3).sum(), x, **both),
            "forwards": f.jacobian(lambda x: x**2, x, strategy="forward-mode", **both),
            "bent": f.hessian(lambda x: (x**3).sum(), x, outer_jacobian_strategy="forward-mode", **both)}


@case
def newtons_method(torch):
    x, found = torch.tensor([1.2, -0.7], dtype=torch.float64), {}
    f = lambda x: (x**4).sum() + (x[0] - x[1]) ** 2
    for step in range(4):
        (g,) = torch.autograd.functional.vjp(f, (x,))[1]
        x = x - torch.linalg.solve(torch.autograd.functional.hessian(f, x), g)
        found[str(step)] = x
    return found


# --- func ---------------------------------------------------------------------------------------------------------


@case
def gradients_of_gradients(torch):
    grad, x = torch.func.grad, torch.tensor(2.0)
    cube = lambda x: x**3
    return found_at(first=grad(cube)(x), second=grad(grad(cube))(x), third=grad(grad(grad(cube)))(x),
                    beside=grad(lambda x: x * grad(lambda y: x * y * y)(x))(x), plane=grad(grad(lambda x: 2 * x))(x))


@case
def by_which_argument(torch):
    f = lambda x, y, *, scale=1.0: scale * (x**2 * y).sum()
    x, y = torch.tensor([1.0, 2.0]), torch.tensor([3.0, -1.0])
    grad, jacrev, hessian = torch.func.grad, torch.func.jacrev, torch.func.hessian
    return found_at(first=grad(f)(x, y), second=grad(f, 1)(x, y), last=grad(f, -1)(x, y), both=grad(f, (0, 1))(x, y),
                    turned=grad(f, (1, 0))(x, y), one=grad(f, argnums=(1,))(x, y), scaled=grad(f)(x, y, scale=2.0),
                    J=jacrev(f, (0, 1))(x, y), H=hessian(f, (0, 1))(x, y), H1=hessian(f, 1)(x, y))


@case
def with_the_value_and_more_beside(torch):
    f = lambda x: (x.prod(), {"square": x * x})
    x = torch.tensor([1.0, 2.0, 4.0])
    slope, beside = torch.func.grad(f, has_aux=True)(x)
    slopes, (value, more) = torch.func.grad_and_value(f, has_aux=True)(x)
    J, third = torch.func.jacrev(lambda x: (x**2, x.sum()), has_aux=True)(x)
    plain = torch.func.grad_and_value(lambda x: x.prod())(x)
    return found_at(slope=slope, square=beside["square"], slopes=slopes, value=value, more=more["square"], J=J,
                    third=third, plain=plain)


@case
def dicts_and_lists_and_tuples(torch):
    p = {"w": torch.tensor([[1.0, 2.0]]), "b": [torch.tensor([0.5]), (torch.tensor(2.0),)]}
    f = lambda p, x: ((p["w"] @ x + p["b"][0]) ** 2 * p["b"][1][0]).sum()
    x = torch.tensor([3.0, -1.0])
    parts = lambda x: {"square": x**2, "rest": (x.sum(), [x[0] * x[1]])}
    return found_at(slopes=torch.func.grad(f)(p, x), J=torch.func.jacrev(parts)(x), H=torch.func.hessian(f)(p, x),
                    of_both=torch.func.jacrev(lambda p: {"y": p["w"] * 2})(p))


@case
def jacobians_as_functions(torch):
    x = torch.tensor([[1.0, 2.0], [-1.0, 0.5]])
    return found_at(J=torch.func.jacrev(lambda x: x.exp().sum(1))(x), H=torch.func.hessian(lambda x: (x**3).sum())(x),
                    both=torch.func.jacrev(torch.func.jacrev(lambda x: x[0] * x[1]))(x),
                    plane=torch.func.hessian(lambda x: x.sum())(x))


@case
def products_with_a_jacobian(torch):
    vjp, jvp, x, y = torch.func.vjp, torch.func.jvp, torch.tensor([1.0, 2.0]), torch.tensor([3.0, -1.0])
    value, product = vjp(lambda x: x**2, x)
    both, of_both = vjp(lambda x, y: {"mul": x * y, "sum": (x.sum(), y[0])}, x, y)
    v = {"mul": torch.tensor([1.0, 10.0]), "sum": (torch.tensor(2.0), torch.tensor(3.0))}
    third = vjp(lambda x: (x.exp(), x * 2), x, has_aux=True)
    J = torch.vmap(product)(torch.eye(2))
    f = lambda p: p["a"] * p["b"] ** 2
    p = {"a": x, "b": y}
    return found_at(value=value, product=product(y), again=product(x), both=both, of_both=of_both(v), third=third[0],
                    slope=third[1](y), beside=third[2], J=J, direction=jvp(lambda x: x.sin() * x, (x,), (y,)),
                    two=jvp(lambda x, y: (x * y, y.sum()), (x, y), (y, x)), parts=jvp(f, (p,), ({"a": y, "b": x},)),
                    aux=jvp(lambda x: (x**2, x + 1), (x,), (y,), has_aux=True), none=jvp(lambda x: y * 1, (x,), (y,)),
                    curved=torch.func.grad(lambda x: jvp(lambda x: (x**3).sum(), (x,), (y,))[1])(x),
                    bent=torch.func.jvp(torch.func.grad(lambda x: (x**3).sum()), (x,), (y,)))


@case
def column_by_column(torch):
    jacfwd, x, y = torch.func.jacfwd, torch.tensor([[1.0, 2.0], [-1.0, 0.5]]), torch.tensor([3.0])
    return found_at(J=jacfwd(lambda x: x.exp().sum(1))(x), both=jacfwd(lambda x, y: x[0] * y, (0, 1))(x, y),
                    outputs=jacfwd(lambda x: (x[0], {"sum": x.sum()}))(x),
                    aux=jacfwd(lambda x: (x[0], x), has_aux=True)(x),
                    H=jacfwd(torch.func.jacrev(lambda x: (x**3).sum()))(x), H2=jacfwd(jacfwd(lambda x: x.prod()))(x),
                    unused=jacfwd(lambda x, y: x[0], 1)(x, y))


@case
def what_is_on_the_tape_stays_there(torch):
    w, x = torch.tensor([2.0, 3.0], requires_grad=True), torch.tensor([1.0, -1.0])
    f = lambda x: (w * x**3).sum()
    held, by_itself = torch.func.grad(f)(x), torch.func.grad(lambda x: (x**3).sum())(x)
    itself, value = torch.func.grad_and_value(lambda x: (x**3).sum())(w)
    J = torch.func.jacrev(lambda x: w * x**2)(x)
    found = found_at(held=held, by_itself=by_itself, itself=itself, value=value, J=J)
    for name in ("held", "itself", "value", "J"):
        found[f"slope of {name}"] = torch.autograd.grad(found[name].sum(), w, retain_graph=True)[0]
    return found


@case
def a_module_as_a_function_of_its_parameters(torch):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
    x, y = torch.randn(4, 2), torch.randn(4, 1)
    parameters = {name: p.detach() for name, p in model.named_parameters()}

    def loss(parameters):
        return torch.nn.functional.mse_loss(torch.func.functional_call(model, parameters, (x,)), y)

    found = {}
    for step in range(3):
        slopes, value = torch.func.grad_and_value(loss)(parameters)
        parameters = {name: p - 0.1 * slopes[name] for name, p in parameters.items()}
        found |= found_at(**{f"loss {step}": value})
    H = torch.func.hessian(loss)(parameters)["2.bias"]["0.weight"]
    return found | found_at(learned=parameters) | {"kept": model(x), "H": H}


@case
def some_of_its_parameters(torch):
    torch.manual_seed(0)
    model, x = torch.nn.Linear(2, 2), torch.ones(1, 2)
    call, w, b = torch.func.functional_call, torch.zeros(2, 2), torch.ones(2)
    return found_at(bias=call(model, {"bias": b}, x), both=call(model, ({"weight": w}, {"bias": b}), (x,)),
                    named=call(model, {"bias": b}, kwargs={"input": x}), none=call(model, {}, x),
                    strict=call(model, {"weight": w, "bias": b}, x, strict=True), after=model(x))


@case
def parameters_that_are_tied(torch):
    class Tied(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.a = torch.nn.Parameter(torch.tensor([2.0]))
            self.b = self.a

        def forward(self, x):
            return self.a * x + self.b

    call, model, x = torch.func.functional_call, Tied(), torch.tensor([5.0])
    zero, one = torch.zeros(1), torch.ones(1)
    return found_at(one=call(model, {"a": one}, x), other=call(model, {"b": one}, x),
                    both=call(model, {"a": zero, "b": zero}, x), loose=call(model, {"a": zero}, x, tie_weights=False),
                    two=call(model, {"a": zero, "b": one}, x, tie_weights=False), after=model(x))


@case
def buffers_that_the_module_changes(torch):
    class Counting(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("calls", torch.tensor(0))

        def forward(self, x):
            self.calls = self.calls + 1
            return x * self.calls

    model, given = Counting(), {"calls": torch.tensor(4)}
    out = torch.func.functional_call(model, given, torch.ones(2))
    torch.manual_seed(0)
    norm = torch.nn.BatchNorm1d(2)
    state = {name: t.clone() for name, t in norm.state_dict().items()}
    y = torch.func.functional_call(norm, state, torch.randn(4, 2))
    return {"out": out, "given": given["calls"], "own": model.calls, "y": y, "mean": state["running_mean"],
            "count": state["num_batches_tracked"], "own mean": norm.running_mean}


@case
def several_models_at_once(torch):
    torch.manual_seed(0)
    models = [torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2)).eval() for _ in range(3)]
    for model in models:
        model.requires_grad_(False)
    parameters, buffers = torch.func.stack_module_state(models)
    learned, _ = torch.func.stack_module_state([torch.nn.Linear(1, 1) for _ in range(2)])
    x = torch.randn(3, 4, 2)
    call = lambda p, b, x: torch.func.functional_call(models[0], (p, b), (x,))
    each = torch.vmap(call)(parameters, buffers, x)
    return found_at(parameters=parameters, buffers=buffers, each=each, learned=learned,
                    all=torch.vmap(call, in_dims=(0, 0, None))(parameters, buffers, x[0]))


@case
def the_function_of_a_batch(torch):
    vmap, x, y = torch.vmap, torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), torch.tensor([1.0, -1.0])
    parts = lambda x: (x.sum(), {"square": x * x})
    return found_at(dot=vmap(torch.dot)(x, x), shared=vmap(torch.dot, in_dims=(0, None))(x, y),
                    columns=vmap(lambda c: c.sum(), in_dims=1)(x), last=vmap(lambda c: c.sum(), -1)(x),
                    out=vmap(lambda r: r * 2, out_dims=1)(x), parts=vmap(parts)(x), outs=vmap(
                        lambda x: (x * 2, x * 3), out_dims=(0, 1))(x),
                    dicts=vmap(lambda d: d["a"] * d["b"], in_dims=({"a": 0, "b": None},))({"a": x, "b": y}),
                    nested=torch.func.vmap(vmap(torch.mul))(x, x), keyword=vmap(lambda x, *, c: x.sum() + c)(x, c=y))


@case
def gradients_sample_by_sample(torch):
    torch.manual_seed(0)
    model = torch.nn.Linear(2, 2)
    x, y = torch.randn(3, 2), torch.tensor([0, 1, 1])
    parameters = {name: p.detach() for name, p in model.named_parameters()}

    def loss(parameters, x, y):
        out = torch.func.functional_call(model, parameters, (x.unsqueeze(0),))
        return torch.nn.functional.cross_entropy(out, y.unsqueeze(0))

    each = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))(parameters, x, y)
    J = torch.func.vmap(torch.func.jacrev(lambda x: x**2))(x)
    w = torch.ones(2, requires_grad=True)
    total = torch.func.vmap(lambda x: (x * w).sum() ** 2)(x).sum()
    return found_at(each=each, J=J) | {"slope": torch.autograd.grad(total, w)[0]}
