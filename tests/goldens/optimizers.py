"""Every optimiser with every mathematical option it has, and the facts about them that lessons rest on."""

import itertools

import numpy as np

from .families import Cases

case = CASES = Cases()

_DECAY, _CLIMB = {"weight_decay": 0.1}, {"maximize": True}

OPTIONS = {
    "SGD": [{}, _DECAY, _CLIMB, {"momentum": 0.9}, {"momentum": 0.9, "dampening": 0.9},
            {"momentum": 0.9, "nesterov": True, **_DECAY}],
    "Adagrad": [{}, {"lr_decay": 0.1}, {"initial_accumulator_value": 0.3}, {"eps": 0.1}, _DECAY, _CLIMB,
                {"lr_decay": 0.2, "initial_accumulator_value": 0.1, **_DECAY, **_CLIMB}],
    "RMSprop": [{}, {"alpha": 0.5}, {"eps": 0.1}, {"momentum": 0.9}, {"centered": True}, _DECAY, _CLIMB,
                {"momentum": 0.5, **_DECAY, **_CLIMB}, {"centered": True, "momentum": 0.5, "alpha": 0.8, **_DECAY}],
    "Adadelta": [{}, {"rho": 0.5}, {"eps": 0.1}, _DECAY, _CLIMB],
    "Adam": [{}, {"betas": (0.5, 0.6)}, {"eps": 0.1}, {"amsgrad": True, "betas": (0.9, 0.5)}, _DECAY, _CLIMB,
             {"decoupled_weight_decay": True, **_DECAY}, {"amsgrad": True, **_DECAY, **_CLIMB}],
    "AdamW": [{}, {"betas": (0.5, 0.6), "eps": 0.1}, _DECAY, _CLIMB, {"amsgrad": True, "betas": (0.9, 0.5)}],
    "Adamax": [{}, {"betas": (0.5, 0.6)}, {"eps": 0.1}, _DECAY, _CLIMB],
    "NAdam": [{}, {"betas": (0.5, 0.6)}, {"eps": 0.1}, {"momentum_decay": 0.1}, _DECAY, _CLIMB,
              {"decoupled_weight_decay": True, **_DECAY}],
    "RAdam": [{}, {"betas": (0.5, 0.6)}, {"betas": (0.9, 0.9), "eps": 0.1}, _DECAY, _CLIMB,
              {"decoupled_weight_decay": True, **_DECAY}],
    "Rprop": [{}, {"etas": (0.3, 1.5)}, {"step_sizes": (0.04, 0.06)}, _CLIMB],
    "ASGD": [{}, {"lambd": 0.3}, {"alpha": 0.2, "lambd": 0.5}, {"t0": 4}, _DECAY, {"t0": 0, **_DECAY, **_CLIMB}],
    "Adafactor": [{}, {"lr": 0.6}, {"beta2_decay": -0.3}, {"eps": (0.5, 2.0)}, {"d": 1.5}, _DECAY,
                  {"d": 2.0, **_DECAY, **_CLIMB}],
}  # fmt: skip
KEPT = (1, 2, 6, 25)  # RAdam trusts its average from the sixth gradient on


def gradients(dtype, steps=KEPT[-1]):
    """A start and gradients of very different sizes; one element has none at first."""
    random = np.random.RandomState(0)
    start = random.standard_normal((2, 3)).astype(dtype)
    found = [(random.standard_normal((2, 3)) * np.exp(random.standard_normal())).astype(dtype) for _ in range(steps)]
    for g in found[:3]:
        g[0, 1] = 0
    return start, found


def _path(name, options, dtype):
    def run(torch):
        start, steps = gradients(dtype)
        p = torch.tensor(start, requires_grad=True)
        optimizer = getattr(torch.optim, name)([p], **{"lr": 0.05, **options})
        found = {}
        for t, g in enumerate(steps, 1):
            p.grad = torch.tensor(g)
            optimizer.step()
            if t in KEPT:
                found[str(t)] = p.detach().clone()
        return found

    return run


for _name, _dtype in itertools.product(OPTIONS, ("float64", "float32")):
    for _options in OPTIONS[_name]:
        _text = ", ".join(f"{k}={v}" for k, v in _options.items())
        CASES[f"{_name}({_text})[{_dtype}]"] = _path(_name, _options, _dtype)


def _quadratic(torch, make, steps=3):
    """Where some steps on ½ Σ θ² lead, the options being those of `make`, or the optimiser's own."""
    p = torch.tensor([3.0, -1.0], dtype=torch.float64, requires_grad=True)
    q = torch.tensor([0.5], dtype=torch.float64, requires_grad=True)
    optimizer = make(p, q)
    for _ in range(steps):
        optimizer.zero_grad()
        ((p * p).sum() / 2 + (q * q).sum() / 2).backward()
        optimizer.step()
    return {"p": p, "q": q}


def _default_rate(name):
    return lambda torch: _quadratic(torch, lambda p, q: getattr(torch.optim, name)([p, q]))


_GROUPS = {  # name -> options of the whole, options of the second group
    "SGD": ({"lr": 0.1, "momentum": 0.5}, {"lr": 0.01, "nesterov": True}),
    "Adagrad": ({"lr": 0.1}, {"lr_decay": 0.5}), "RMSprop": ({"lr": 0.1}, {"centered": True, "momentum": 0.2}),
    "Adadelta": ({"lr": 0.1}, {"rho": 0.2}), "Adam": ({"lr": 0.1}, {"amsgrad": True, "weight_decay": 0.5}),
    "AdamW": ({"lr": 0.1}, {"weight_decay": 0.5}), "Adamax": ({"lr": 0.1}, {"betas": (0.1, 0.2)}),
    "NAdam": ({"lr": 0.1}, {"momentum_decay": 0.5}), "RAdam": ({"lr": 0.1}, {"betas": (0.1, 0.2)}),
    "Rprop": ({"lr": 0.1}, {"etas": (0.2, 2.0)}), "ASGD": ({"lr": 0.1}, {"lambd": 0.5, "t0": 1}),
    "Adafactor": ({"lr": 0.1}, {"d": 3.0, "weight_decay": 0.5}),
}  # fmt: skip


def _groups(name):
    whole, second = _GROUPS[name]
    return lambda torch: _quadratic(torch, lambda p, q: getattr(torch.optim, name)(
        [{"params": [p]}, {"params": [q], **second}], **whole))


for _name in OPTIONS:
    CASES[f"{_name} with its own options"] = _default_rate(_name)
    CASES[f"{_name} in groups"] = _groups(_name)


def _constant_gradient(torch, name, steps, **options):
    p = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, name)([p], **options)
    found = []
    for _ in range(steps):
        p.grad = torch.ones(1, dtype=torch.float64)
        optimizer.step()
        found.append(p.item())
    return found


@case
def momentum_starts_from_the_whole_gradient_whatever_the_dampening(torch):
    return {"path": _constant_gradient(torch, "SGD", 4, lr=1, momentum=0.9, dampening=0.9)}  # −1, −2, …


@case
def a_large_epsilon_shrinks_the_first_step(torch):
    return {"path": _constant_gradient(torch, "Adam", 1, lr=1.0, eps=10)}  # 1 / (1 + 10) = 0.091


# --- documents 001 and 004: what becomes of y = 3x when gradients are never zeroed ------------------------------------

RATES = {"momentum": ("SGD", {"momentum": 0.9}), "sgd": ("SGD", {}), "rmsprop": ("RMSprop", {}), "adam": ("Adam", {})}


def _line(torch, method, zeroed):
    name, options = RATES[method]
    torch.manual_seed(0)
    x = torch.randn(50)
    y = 3 * x
    theta = torch.tensor([1.0], requires_grad=True)
    optimizer = getattr(torch.optim, name)([theta], lr=0.01, **options)
    found = {}
    for step in range(1, 1001):
        if zeroed:
            optimizer.zero_grad()
        ((theta * x - y) ** 2).mean().backward()
        optimizer.step()
        if step in (100, 1000):
            found[f"theta after {step}"] = theta.detach().clone()
    return found


for _method in RATES:
    for _zeroed in (True, False):
        CASES[f"y = 3x by {_method}, {'zeroed' if _zeroed else 'not zeroed'}"] = (
            lambda torch, method=_method, zeroed=_zeroed: _line(torch, method, zeroed))
