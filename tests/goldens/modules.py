"""Modules: what belongs to them, their names, their state and their hooks; containers; helpers for training."""

from collections import OrderedDict

from .families import Cases

case = CASES = Cases()


def names(pairs):
    return " ".join(name or "(itself)" for name, _ in pairs)


def shared(torch):
    """A module with parameters, buffers and children that stand in it under two names."""
    nn = torch.nn
    torch.manual_seed(0)
    model = nn.Module()
    model.register_buffer("seen", torch.zeros(2))
    model.first = nn.Linear(2, 2)
    model.scale = nn.Parameter(torch.ones(1))
    model.again = model.first
    model.register_parameter("later", None)
    model.inner = nn.ModuleDict({"one": nn.Sequential(nn.Linear(2, 1), nn.ReLU()), "two": model.first})
    model.register_buffer("scratch", torch.ones(1), persistent=False)
    model.empty = None
    model.tied = nn.Linear(2, 2, bias=False)
    model.tied.weight = model.first.weight
    model.later = nn.Parameter(torch.zeros(3))
    model.register_module("nothing", None)
    return model


@case
def what_belongs_to_a_module(torch):
    model = shared(torch)
    options = {"plain": {}, "prefix": {"prefix": "net"}, "own": {"recurse": False}, "all": {"remove_duplicate": False}}
    found = {"text": repr(model), "state": " ".join(model.state_dict()),
             "children": names(model.named_children()),
             "modules": names(model.named_modules()), "modules prefix": names(model.named_modules(prefix="net")),
             "modules all": names(model.named_modules(remove_duplicate=False))}
    for how, chosen in options.items():
        found |= {f"parameters {how}": names(model.named_parameters(**chosen)),
                  f"buffers {how}": names(model.named_buffers(**chosen))}
    counts = [len(list(of())) for of in (model.parameters, model.buffers, model.children, model.modules)]
    kept = [" ".join(f"{k}:{v is None}" for k, v in held.items())
            for held in (model._parameters, model._buffers, model._modules)]
    return found | {"counts": counts, "kept": kept,
                    "sub": [str(model.get_submodule("") is model),
                            str(model.get_submodule("inner.two") is model.first)],
                    "parameter": model.get_parameter("inner.one.0.weight"), "buffer": model.get_buffer("seen")}


@case
def names_that_come_and_go(torch):
    """What is assigned, replaced and deleted, and where its name then stands."""
    nn, model, steps = torch.nn, shared(torch), []

    def note():
        steps.append(f"{' '.join(model.state_dict())} | {names(model.named_children())}")

    note()
    model.scale = None
    note()
    model.scale = nn.Parameter(torch.ones(2))
    note()
    model.first = nn.Identity()
    note()
    model.seen = nn.Parameter(torch.ones(2))
    note()
    del model.again
    note()
    model.later = None
    del model.later
    model.later = torch.ones(2)
    note()
    model.scratch = torch.ones(5)
    note()
    del model.scratch
    model.register_buffer("scratch", torch.ones(1))
    note()
    model.inner = None
    note()
    return {"steps": steps, "hasattr": [str(hasattr(model, name)) for name in ("inner", "again", "later", "scale")]}


@case
def state_of_a_module(torch):
    model, twin = shared(torch), shared(torch)
    state = model.state_dict(prefix="net.", keep_vars=True)
    given = model.state_dict(destination=OrderedDict(before=torch.zeros(1)), prefix="m.")
    twin.load_state_dict({name: torch.full_like(value, 2.0) for name, value in model.state_dict().items()})
    some = {"scale": torch.tensor([5.0]), "else": torch.ones(1), "inner.three": torch.ones(1)}
    result = model.load_state_dict(some, strict=False)
    assigned, new = shared(torch), torch.tensor([7.0], dtype=torch.float64)
    assigned.first.weight.requires_grad_(False)
    said = assigned.load_state_dict({"scale": new, "first.weight": torch.ones(2, 2)}, strict=False, assign=True)
    return {
        "prefix": " ".join(state), "keep": str(state["net.scale"] is model.scale), "given": " ".join(given),
        "all": repr(twin.load_state_dict(twin.state_dict())), "scale": twin.scale,
        "weight": twin.inner["one"][0].weight,
        "missing": result.missing_keys, "unexpected": result.unexpected_keys, "some": model.scale,
        "assigned": assigned.scale, "said": str(len(said.missing_keys)), "types": [type(assigned.scale).__name__,
        str(assigned.first.weight.requires_grad), str(assigned.scale.requires_grad)], "tied": assigned.tied.weight,
    }


# --- hooks ----------------------------------------------------------------------------------------------------------


@case
def forward_hooks(torch):
    calls = []

    class Scaled(torch.nn.Module):
        def forward(self, x, *, by=1.0):
            calls.append(f"forward {x.item()} {by}")
            return x * by

    def before(module, inputs):
        calls.append(f"before {inputs[0].item()}")
        return inputs[0] + 1

    def with_keywords(module, inputs, kwargs):
        calls.append(f"with keywords {inputs[0].item()} {sorted(kwargs)}")
        return inputs, {"by": kwargs.get("by", 1.0) * 10}

    def after(module, inputs, out):
        calls.append(f"after {inputs[0].item()} {out.item()}")
        return out + 0.5

    def after_with_keywords(module, inputs, kwargs, out):
        calls.append(f"after with keywords {kwargs['by']} {out.item()}")

    layer = Scaled()
    handles = [
        layer.register_forward_pre_hook(before), layer.register_forward_pre_hook(with_keywords, with_kwargs=True),
        layer.register_forward_pre_hook(before, prepend=True), layer.register_forward_hook(after),
        layer.register_forward_hook(after_with_keywords, with_kwargs=True),
        layer.register_forward_hook(after, prepend=True),
    ]
    out = [layer(torch.tensor(1.0)), layer(torch.tensor(1.0), by=2.0)]
    for handle in handles[:4]:
        handle.remove()
    return {"out": out + [layer(torch.tensor(1.0), by=3.0)], "calls": calls}


@case
def a_hook_that_is_always_called(torch):
    calls = []

    class Broken(torch.nn.Module):
        def forward(self, x):
            raise ValueError("broken")

    layer = Broken()
    layer.register_forward_hook(lambda m, inputs, out: calls.append(f"always {out}"), always_call=True)
    layer.register_forward_hook(lambda m, inputs, out: calls.append("not called"))
    try:
        layer(torch.ones(1))
    except ValueError as error:
        calls.append(str(error))
    return {"calls": calls}


def _noted(calls, gradients):
    calls.append(" ".join("None" if g is None else str([round(x, 4) for x in g.reshape(-1).tolist()])
                          for g in gradients))


@case
def backward_hooks(torch):
    """Two inputs and outputs, hooks that look, hooks that change, an input without gradient."""
    calls = []

    class Pair(torch.nn.Module):
        def forward(self, x, y):
            return x * y, x + 2 * y

    def looks(module, grad_input, grad_output):
        _noted(calls, grad_input)
        _noted(calls, grad_output)

    def run(layer, *inputs):
        inputs = [x.clone().requires_grad_(needs) for x, needs in inputs]
        out = layer(*inputs)
        sum((o * o).sum() for o in (out if isinstance(out, tuple) else (out,))).backward()
        return [x.grad for x in inputs if x.grad is not None]

    x, y = torch.tensor([1.0, 2.0]), torch.tensor([3.0, -1.0])
    layer = Pair()
    layer.register_full_backward_hook(looks)
    found = {"look": run(layer, (x, True), (y, True)), "one": run(layer, (x, True), (y, False))}
    layer.register_full_backward_pre_hook(lambda m, g: (g[0] * 2, g[1]))
    layer.register_full_backward_hook(lambda m, gi, go: (gi[0] * 10, gi[1]), prepend=True)
    found["changed"] = run(layer, (x, True), (y, True))
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh())
    net[0].register_full_backward_hook(looks)
    handle = net[1].register_full_backward_pre_hook(lambda m, g: _noted(calls, g))
    found["net"] = run(net, (x, True)) + run(net, (x, False))
    handle.remove()
    net(x).sum().backward()
    return found | {"weight": net[0].weight.grad, "calls": calls}


# --- containers -------------------------------------------------------------------------------------------------------


def _read(container):
    return [repr(container), " ".join(container.state_dict()), str(len(container))]


@case
def sequential(torch):
    nn = torch.nn
    found = {"empty": _read(nn.Sequential())}
    net = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1), nn.Tanh())
    found |= {"plain": _read(net), "slice": _read(net[1:3]), "sum": _read(net + nn.Sequential(nn.ELU())),
              "twice": _read(net[:2] * 2), "twice reflected": _read(2 * net[:1])}
    net.insert(1, nn.SELU())
    net.insert(-1, nn.GELU())
    found["inserted"] = _read(net)
    net[0], net[-1] = nn.Identity(), nn.Mish()
    found |= {"set": _read(net), "popped": repr(net.pop(2)), "left": _read(net)}
    del net[1:3]
    net += nn.Sequential(nn.Linear(3, 3))
    net.extend([nn.Softsign()]).append(nn.ReLU())
    net *= 2
    found["end"] = _read(net)
    named = nn.Sequential(OrderedDict(one=nn.Linear(1, 1), two=nn.Sequential(nn.ReLU())))
    found |= {"named": _read(named), "named slice": _read(named[1:])}
    named.append(nn.Linear(1, 1))
    found["appended"] = _read(named)
    del named[0]
    return found | {"deleted": _read(named)}


@case
def module_list(torch):
    nn = torch.nn
    layers = nn.ModuleList([nn.Linear(1, 1) for _ in range(3)])
    found = {"empty": _read(nn.ModuleList()), "plain": _read(layers), "slice": _read(layers[1:]),
             "more": _read(layers + [nn.ReLU(), nn.Sequential(nn.ReLU())] + layers[:1])}
    layers.insert(1, nn.Sequential(nn.ReLU(), nn.Linear(1, 2)))
    layers += [nn.ReLU(), nn.ReLU()]
    layers.append(nn.Tanh()).extend(nn.ModuleList([nn.ELU()]))
    layers[-2] = nn.Identity()
    found |= {"grown": _read(layers), "popped": repr(layers.pop(1))}
    del layers[0], layers[-2:]
    return found | {"end": _read(layers), "walk": [repr(layer) for layer in layers], "last": repr(layers[-1])}


@case
def module_dict(torch):
    nn = torch.nn
    layers = nn.ModuleDict({"one": nn.Linear(1, 1), "two": nn.ReLU()})
    found = {"empty": _read(nn.ModuleDict()), "plain": _read(layers),
             "pairs": _read(nn.ModuleDict([["a", nn.ReLU()], ("b", nn.Tanh())]))}
    layers["three"] = nn.Tanh()
    layers.update(OrderedDict(one=nn.Linear(2, 2), four=nn.ModuleDict({"x": nn.ReLU()})))
    layers.update(nn.ModuleDict({"five": nn.ELU()}))
    found |= {"grown": _read(layers), "keys": list(layers.keys()), "walk": list(layers),
              "in": [str("one" in layers), str("six" in layers)], "values": [repr(v) for v in layers.values()]}
    found["popped"] = repr(layers.pop("two"))
    del layers["one"]
    found["left"] = [f"{key}: {value!r}" for key, value in layers.items()]
    layers.clear()
    return found | {"cleared": _read(layers)}


@case
def parameter_list(torch):
    nn = torch.nn
    held = nn.ParameterList([nn.Parameter(torch.ones(2, 3)), torch.zeros(1)])
    found = {"empty": _read(nn.ParameterList()), "plain": _read(held), "one": _read(held[:1])}
    held.append(torch.zeros(())).extend([nn.Parameter(torch.ones(2), requires_grad=False)])
    held += nn.ParameterList([torch.ones(4)])
    held[1] = torch.full((2,), 3.0)
    return found | {"grown": _read(held), "kinds": [type(p).__name__ for p in held], "set": held[1],
                    "learns": [str(p.requires_grad) for p in held[-3:]], "names": names(held.named_parameters())}



# --- helpers for training ---------------------------------------------------------------------------------------------


def _with_gradients(torch, dtype):
    """Two parameters with gradients, and one without."""
    torch.manual_seed(1)
    made = [torch.nn.Parameter(torch.zeros(*shape, dtype=dtype)) for shape in ((2, 3), (4,), (1,))]
    for p in made[:2]:
        p.grad = torch.randn(*p.shape, dtype=dtype)
    return made


@case
def gradients_in_bounds(torch):
    utils, found = torch.nn.utils, {}
    for name in ("float64", "float32"):
        dtype = getattr(torch, name)
        for p in (2, 1, 3.5, float("inf"), "inf", 0.5):
            made = _with_gradients(torch, dtype)
            total = utils.clip_grad_norm_(made, 1.5, norm_type=p)
            found |= {f"{name} {p} total": total, f"{name} {p} clipped": made[0].grad}
        made = _with_gradients(torch, dtype)
        found |= {f"{name} alone": utils.get_total_norm(made[1].grad, 3), f"{name} before": made[0].grad.clone()}
        utils.clip_grads_with_norm_(made[0], 0.5, torch.tensor(2.0, dtype=dtype))
        utils.clip_grad_value_(made[1], 0.5)
        found |= {f"{name} scaled": made[0].grad, f"{name} bounded": made[1].grad}
        utils.clip_grad_value_((p for p in made), 0.1)
        found |= {f"{name} all bounded": made[0].grad}
    made[0].grad[0, 0] = float("inf")
    utils.clip_grad_norm_(made, 1.0)
    empty = [utils.clip_grad_norm_([], 1.0), utils.get_total_norm([]), utils.clip_grad_norm_(made[2:], 1.0)]
    return found | {"infinite": made[0].grad, "empty": empty}


@case
def parameters_in_a_row(torch):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 1))
    row = torch.nn.utils.parameters_to_vector(model.parameters())
    (row**2).sum().backward()
    new = torch.arange(13.0)
    torch.nn.utils.vector_to_parameters(new, model.parameters())
    found = {"row": row.detach(), "slope": model[0].weight.grad, "weight": model[0].weight, "bias": model[1].bias}
    new.zero_()
    return found | {"shared": model[0].weight, "learns": str(model[0].weight.requires_grad)}


@case
def places_of_names(torch):
    """Programs import from PyTorch's own places."""
    import importlib

    package, found = torch.__name__, []
    for place, name in {
        "nn.modules": "Module", "nn.modules.module": "Module", "nn.modules.linear": "Linear",
        "nn.modules.container": "ModuleList", "nn.modules.loss": "MSELoss", "nn.modules.activation": "ReLU",
        "nn.modules.conv": "Conv2d", "nn.modules.pooling": "MaxPool2d", "nn.modules.batchnorm": "BatchNorm1d",
        "nn.modules.normalization": "LayerNorm", "nn.modules.dropout": "Dropout", "nn.modules.sparse": "Embedding",
        "nn.modules.flatten": "Flatten", "nn.modules.rnn": "LSTM",
        "nn.parameter": "Parameter", "nn.utils.clip_grad": "clip_grad_norm_",
        "nn.utils.convert_parameters": "parameters_to_vector", "nn.functional": "relu", "nn.init": "eye_",
    }.items():
        held = getattr(importlib.import_module(f"{package}.{place}"), name)
        found.append(f"{place} {name} {getattr(torch.nn, name, held) is held}")
    return {"found": found}
