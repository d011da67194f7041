"""Weights that are computed from others: weight norm, spectral norm and parametrizations of one's own."""

import itertools

import numpy as np

from .families import Cases

case = CASES = Cases()

LAYERS = {  # name -> (module of nn, shape of its input)
    "linear": (lambda nn: nn.Linear(3, 2), (4, 3)),
    "conv": (lambda nn: nn.Conv2d(2, 3, 2), (1, 2, 3, 3)),
    "transposed": (lambda nn: nn.ConvTranspose1d(2, 3, 2), (1, 2, 4)),
}
NORMS = {  # name -> what is done with the layer, by nn.utils.parametrizations
    "weight norm": lambda p, layer: p.weight_norm(layer),
    "weight norm by columns": lambda p, layer: p.weight_norm(layer, dim=1),
    "one weight norm": lambda p, layer: p.weight_norm(layer, dim=None),
    "spectral norm": lambda p, layer: p.spectral_norm(layer),
    "spectral norm by columns": lambda p, layer: p.spectral_norm(layer, n_power_iterations=3, dim=1),
    "norms of both": lambda p, layer: p.weight_norm(p.spectral_norm(layer), "bias"),
    "a bias of length one": lambda p, layer: p.spectral_norm(layer, "bias", dim=0),
}


def _trained(layer, norm, dtype):
    make, shape = LAYERS[layer]

    def run(torch):
        draw = np.random.RandomState(0).standard_normal
        module = make(torch.nn).to(getattr(torch, dtype))
        with torch.no_grad():
            for p in module.parameters():
                p.copy_(torch.tensor(draw(p.shape)))
        torch.manual_seed(0)
        module = NORMS[norm](torch.nn.utils.parametrizations, module)
        x = torch.tensor(draw(shape).astype(dtype))
        optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
        found = {"text": repr(module), "keys": ", ".join(module.state_dict()),
                 "learned": ", ".join(name for name, _ in module.named_parameters())}
        for step in range(2):
            optimizer.zero_grad()
            out = module(x)
            (out * out).sum().backward()
            found |= {f"{step} out": out.detach().clone(),
                      f"{step} slopes": [p.grad.clone() for p in module.parameters()]}
            optimizer.step()
        module.eval()
        found |= {"weight": module.weight, "again": module.weight, "bias": module.bias, **module.state_dict()}
        return {key: value.detach().clone() if hasattr(value, "detach") else value for key, value in found.items()}

    return run


for _layer, _norm, _dtype in itertools.product(LAYERS, NORMS, ("float64", "float32")):
    if _dtype == "float64" or _layer == "linear":
        CASES[f"{_norm} of a {_layer} layer[{_dtype}]"] = _trained(_layer, _norm, _dtype)


HOOKS = {  # the older form, as hooks
    "weight norm": lambda u, layer: u.weight_norm(layer),
    "one weight norm": lambda u, layer: u.weight_norm(layer, dim=None),
    "weight norm of a bias": lambda u, layer: u.weight_norm(layer, "bias"),
    "spectral norm": lambda u, layer: u.spectral_norm(layer),
    "spectral norm by columns": lambda u, layer: u.spectral_norm(layer, n_power_iterations=3, dim=1),
}


def _hooked(layer, norm):
    make, shape = LAYERS[layer]

    def run(torch):
        draw = np.random.RandomState(0).standard_normal
        module = make(torch.nn).to(torch.float64)
        with torch.no_grad():
            for p in module.parameters():
                p.copy_(torch.tensor(draw(p.shape)))
        torch.manual_seed(0)
        utils = torch.nn.utils
        module = HOOKS[norm](utils, module)
        found = {"keys": ", ".join(module.state_dict()), "at first": module.weight.detach().clone()}
        optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
        for step in range(2):
            optimizer.zero_grad()
            out = module(torch.tensor(draw(shape)))
            (out * out).sum().backward()
            found |= {f"{step} out": out.detach().clone(),
                      f"{step} slopes": [p.grad.clone() for p in module.parameters()]}
            optimizer.step()
        module.eval()
        found |= {"out": module(torch.tensor(draw(shape))).detach(),
                  **{key: value.clone() for key, value in module.state_dict().items()}}
        remove = utils.remove_weight_norm if "weight norm" in norm else utils.remove_spectral_norm
        remove(module, "bias" if "bias" in norm else "weight")
        return found | {"then": ", ".join(module.state_dict()), "weight": module.weight, "bias": module.bias}

    return run


for _layer, _norm in itertools.product(LAYERS, HOOKS):
    CASES[f"{_norm} of a {_layer} layer, by a hook"] = _hooked(_layer, _norm)


def symmetric(torch):
    class Symmetric(torch.nn.Module):
        def forward(self, x):
            return x.triu() + x.triu(1).transpose(-1, -2)

        def right_inverse(self, x):
            return x.triu()

    return Symmetric()


def doubled(torch):
    class Doubled(torch.nn.Module):
        def forward(self, x):
            return 2 * x

        def right_inverse(self, x):
            return x / 2

    return Doubled()


def positive(torch):
    class Positive(torch.nn.Module):
        def forward(self, x):
            return x.abs()

    return Positive()


@case
def one_after_the_other(torch):
    torch.manual_seed(0)
    p, layer = torch.nn.utils.parametrize, torch.nn.Linear(2, 2)
    before = [str(p.is_parametrized(layer)), str(p.is_parametrized(layer, "weight"))]
    p.register_parametrization(layer, "weight", symmetric(torch))
    first = layer.weight.detach().clone()
    p.register_parametrization(layer, "weight", doubled(torch))
    second = layer.weight.detach().clone()
    layer.weight = torch.tensor([[2.0, 4.0], [4.0, 6.0]])
    return {"first": first, "second": second, "set": layer.weight.detach(), "text": repr(layer), "before": before,
            "original": layer.parametrizations.weight.original.detach(),
            "after": [str(p.is_parametrized(layer)), str(p.is_parametrized(layer, "bias"))]}


@case
def taken_away_again(torch):
    p, found = torch.nn.utils.parametrize, {}
    for make, leave in itertools.product((symmetric, doubled, positive), (True, False)):
        torch.manual_seed(0)
        layer = torch.nn.Linear(2, 2)
        p.register_parametrization(layer, "weight", make(torch))
        own = layer.parametrizations.weight.original
        p.remove_parametrizations(layer, "weight", leave_parametrized=leave)
        name = f"{make.__name__} {leave}"
        found |= {name: layer.weight.detach(), f"text {name}": repr(layer), f"same {name}": str(layer.weight is own),
                  f"keys {name}": ", ".join(layer.state_dict())}
    torch.manual_seed(0)
    layer = torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(2, 2))
    p.remove_parametrizations(layer, "weight")
    return found | {"norm": layer.weight.detach(), "kind": type(layer.weight).__name__}


@case
def a_buffer_and_two_tensors(torch):
    p, module = torch.nn.utils.parametrize, torch.nn.Module()
    module.register_buffer("scale", torch.tensor([-1.0, 2.0]))
    p.register_parametrization(module, "scale", positive(torch))
    layer = torch.nn.Linear(2, 2)
    p.register_parametrization(layer, "weight", symmetric(torch))
    p.register_parametrization(layer, "bias", positive(torch))
    p.remove_parametrizations(layer, "bias")
    return {"scale": module.scale, "keys": ", ".join(module.state_dict()), "layer": ", ".join(layer.state_dict()),
            "text": repr(layer)}


@case
def copied_and_saved(torch):
    import copy

    torch.manual_seed(0)
    norm = torch.nn.utils.parametrizations.weight_norm
    layer = norm(torch.nn.Linear(2, 2))
    twin = copy.deepcopy(layer)
    other = norm(torch.nn.Linear(2, 2))
    matched = str(other.load_state_dict(layer.state_dict()))
    with torch.no_grad():
        twin.parametrizations.weight.original0.fill_(1.0)
    x = torch.ones(1, 2)
    return {"matched": matched, "out": layer(x).detach(), "other": other(x).detach(), "twin": twin(x).detach()}
