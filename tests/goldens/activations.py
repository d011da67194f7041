"""Activation functions and softmax: functions, modules, printing."""

from .differentiated import differentiated, normal
from .families import Cases

case = CASES = Cases()


def _function(name, *args, **options):
    return lambda t, x: getattr(t.nn.functional, name)(3 * x, *args, **options), normal(3, 4)


OPERATIONS = {
    "relu_inplace": (lambda t, x: t.nn.functional.relu(3 * x, inplace=True) + t.nn.ReLU(True)(2 * x), normal(3, 4)),
    "relu6": _function("relu6"),
    "leaky_relu": _function("leaky_relu"),
    "leaky_relu_steep": _function("leaky_relu", 0.3, inplace=True),
    "elu": _function("elu"),
    "elu_alpha": _function("elu", alpha=0.5),
    "selu": _function("selu"),
    "gelu": _function("gelu"),
    "gelu_tanh": _function("gelu", approximate="tanh"),
    "silu": _function("silu"),
    "mish": _function("mish"),
    "hardtanh": _function("hardtanh"),
    "hardtanh_bounds": _function("hardtanh", -2.0, 3.0),
    "logsigmoid": _function("logsigmoid"),
    "softplus": _function("softplus"),
    "softplus_options": _function("softplus", beta=2.0, threshold=3.0),
    "softsign": _function("softsign"),
    "threshold": _function("threshold", 0.5, -2.0),
    "prelu": (lambda t, x, w: t.nn.functional.prelu(x, w), normal(2, 3, 4), normal(1)),
    "prelu_channels": (lambda t, x, w: t.nn.functional.prelu(x, w), normal(2, 3, 4), normal(3)),
    "softmax_dtype": (lambda t, x: t.nn.functional.softmax(x, dim=0, dtype=t.float64).to(x.dtype), normal(3, 4)),
}
CASES.update(differentiated(OPERATIONS))

MODULES = [
    ("ReLU", {}), ("ReLU", {"inplace": True}), ("ReLU6", {}), ("LeakyReLU", {}), ("LeakyReLU", {"negative_slope": 0.2}),
    ("ELU", {}), ("ELU", {"alpha": 2.0, "inplace": True}), ("SELU", {}), ("GELU", {}),
    ("GELU", {"approximate": "tanh"}), ("SiLU", {}), ("Mish", {}), ("Hardtanh", {}), ("Hardtanh", {"min_val": -2.0}),
    ("Sigmoid", {}), ("LogSigmoid", {}), ("Tanh", {}), ("Softplus", {}), ("Softplus", {"beta": 2.0}), ("Softsign", {}),
    ("Softmax", {"dim": 1}),     ("LogSoftmax", {"dim": 0}), ("Threshold", {"threshold": 0.5, "value": 2.0}),
    ("PReLU", {}), ("PReLU", {"num_parameters": 3, "init": 0.1}),
]


@case
def modules(torch):
    found = {}
    for i, (name, options) in enumerate(MODULES):
        module = getattr(torch.nn, name)(**options)
        x = torch.linspace(-4, 4, 6).reshape(2, 3)
        found |= {f"{i} text": repr(module), f"{i} out": module(x).detach(), f"{i} names": list(module.state_dict())}
    return found


@case
def far_out(torch):
    """Arguments for which a careless formula overflows."""
    x = torch.tensor([-1e4, -100.0, -30.0, 0.0, 30.0, 100.0, 1e4, float("nan")])
    F = torch.nn.functional
    functions = [F.elu, F.selu, F.gelu, F.silu, F.mish, F.logsigmoid, F.softplus, F.softsign, F.hardtanh, F.leaky_relu]
    found = {}
    for function in [*functions, lambda x: F.gelu(x, approximate="tanh")]:
        leaf = x.clone().requires_grad_()
        out = function(leaf)
        out.sum().backward()
        found |= {f"{len(found)}": out.detach(), f"{len(found)} slope": leaf.grad}
    return found
