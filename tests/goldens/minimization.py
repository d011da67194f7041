"""Functions minimised by the optimisers that call a closure, treat matrices as such or average their path."""

import contextlib
import itertools
from unittest import mock

import numpy as np

from .families import Cases

case = CASES = Cases()

_SEARCH = {"line_search_fn": "strong_wolfe"}
OPTIONS = {
    "LBFGS": [{}, {"lr": 0.1}, {"max_iter": 3}, {"max_iter": 1}, {"max_iter": 6, "max_eval": 4}, {"history_size": 1},
              {"tolerance_grad": 2.0}, {"tolerance_change": 0.05}, _SEARCH, {"lr": 0.001, **_SEARCH},
              {"lr": 50.0, **_SEARCH}, {"max_iter": 1, **_SEARCH}, {"max_iter": 5, "max_eval": 3, **_SEARCH},
              {"history_size": 2, **_SEARCH}, {"tolerance_grad": 2.0, **_SEARCH},
              {"tolerance_change": 0.05, **_SEARCH}],
    "Muon": [{}, {"momentum": 0.5}, {"nesterov": False}, {"ns_steps": 2}, {"ns_coefficients": (2.0, -1.5, 0.5)},
             {"eps": 10.0}, {"weight_decay": 0.5}, {"adjust_lr_fn": "original"}, {"adjust_lr_fn": "match_rms_adamw"}],
    "Rprop": [{}, {"etas": (0.3, 1.5)}, {"step_sizes": (0.01, 0.03)}],
    "ASGD": [{}, {"lambd": 0.3}, {"alpha": 0.2, "lambd": 0.5}, {"t0": 4}, {"weight_decay": 0.1}],
    "Adafactor": [{}, {"beta2_decay": -0.3}, {"eps": (0.5, 2.0)}, {"d": 1.5}, {"weight_decay": 0.1}],
}  # fmt: skip
RATES = {"LBFGS": 1.0, "Muon": 0.02, "Rprop": 0.02, "ASGD": 0.001, "Adafactor": 0.05}


def quadratic(x):
    """½ Σ k x_k², whose curvature is another one in each direction."""
    return sum((k + 1) * (row * row).sum() for k, row in enumerate(x.reshape(-1, 1))) / 2


def rosenbrock(x):
    """A curved valley in two dimensions, one valley for each pair of numbers."""
    a, b = x.reshape(2, -1)
    return ((1 - a) ** 2 + 100 * (b - a * a) ** 2).sum()


def whole_precision(torch):
    """PyTorch's Muon rounds to bfloat16, of which no platform gives the same digits; here it does not."""
    if not hasattr(torch.Tensor, "bfloat16"):
        return contextlib.nullcontext()
    return mock.patch.object(torch.Tensor, "bfloat16", torch.Tensor.clone)


def minimised(torch, optimizer, loss, steps):
    """The losses on the way, every step with a closure."""

    def closure():
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value

    with whole_precision(torch):
        return [float(optimizer.step(closure)) for _ in range(steps)]


def _function(f, name, dtype, options, steps):
    def run(torch):
        x = torch.tensor(np.array([[-1.2, 0.5], [1.0, -0.3]], dtype), requires_grad=True)
        optimizer = getattr(torch.optim, name)([x], **{"lr": RATES[name], **options})
        losses = minimised(torch, optimizer, lambda: f(x), steps)
        return {"losses": losses, "x": x.detach().clone(), **_counted(optimizer.state[x])}

    return run


def _counted(state):
    return {key: state[key] for key in ("n_iter", "func_evals") if key in state}


def network(torch):
    """Eight numbers to four to one, and what it has to learn."""
    draw = np.random.RandomState(0).standard_normal
    model = torch.nn.Sequential(torch.nn.Linear(8, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1)).double()
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.tensor(draw(p.shape)) / 2)
    x = torch.tensor(draw((20, 8)))
    y = (x[:, :1] * x[:, 1:2]).sin()
    return model, lambda: torch.nn.functional.mse_loss(model(x), y)


def _trained(name, options, steps):
    def run(torch):
        model, loss = network(torch)
        trained = [p for p in model.parameters() if p.ndim == 2 or name != "Muon"]
        optimizer = getattr(torch.optim, name)(trained, **{"lr": RATES[name], **options})
        return {"losses": minimised(torch, optimizer, loss, steps), "weight": model[2].weight.detach().clone()}

    return run


for _name in OPTIONS:
    _steps = 2 if _name == "LBFGS" else 25
    for _options in OPTIONS[_name]:
        _text = f"{_name}({', '.join(f'{k}={v}' for k, v in _options.items())})"
        for _f, _dtype in itertools.product((quadratic, rosenbrock), ("float64", "float32")):
            _all = (_options, _steps)
            if _dtype == "float32":  # in a valley its last digit grows with every step: compare few
                _all = ({"max_iter": 6, **_options}, 1) if _name == "LBFGS" else (_options, 12)
            CASES[f"{_f.__name__} by {_text}[{_dtype}]"] = _function(_f, _name, _dtype, *_all)
        CASES[f"network by {_text}"] = _trained(_name, _options, _steps)


@case
def a_rate_that_is_changed_on_the_way(torch):
    """ASGD's rate lags a step behind, Rprop's counts at the start alone."""
    found = {}
    for name in ("ASGD", "Rprop", "Adafactor", "LBFGS"):
        x = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
        optimizer = getattr(torch.optim, name)([x], lr=0.1, **({"max_iter": 2} if name == "LBFGS" else {}))
        schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
        for _ in range(5):
            minimised(torch, optimizer, lambda x=x: quadratic(x), 1)
            schedule.step()
        found[name] = x.detach().clone()
    return found


@case
def parameters_without_a_gradient_stay(torch):
    """LBFGS counts them as having a gradient of zero."""
    x, y = (torch.ones(2, dtype=torch.float64, requires_grad=True) for _ in range(2))
    minimised(torch, torch.optim.LBFGS([x, y]), lambda: quadratic(x), 2)
    return {"x": x, "y": y}


@case
def tensors_of_three_and_no_dimensions_in_adafactor(torch):
    random = np.random.RandomState(0)
    found = {}
    for shape in ((2, 3, 4), (), (5,)):
        p = torch.tensor(random.standard_normal(shape), requires_grad=True)
        optimizer = torch.optim.Adafactor([p], lr=0.1)
        for _ in range(4):
            p.grad = torch.tensor(random.standard_normal(shape))
            optimizer.step()
        found |= {f"p{shape}": p.detach().clone(),
                  **{f"{key}{shape}": value for key, value in optimizer.state[p].items() if "var" in key}}
    return found


def _keys(name):
    def run(torch):
        model, loss = network(torch)
        trained = [p for p in model.parameters() if p.ndim == 2 or name != "Muon"]
        optimizer = getattr(torch.optim, name)(trained)
        minimised(torch, optimizer, loss, 2)
        kept = optimizer.state_dict()["state"]
        return {str(i): ", ".join(sorted(set(state) - {"al"})) for i, state in kept.items()}

    return run


for _name in OPTIONS:
    CASES[f"what {_name} keeps"] = _keys(_name)
