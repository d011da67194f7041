"""How parameters start: all of `nn.init`, from one seed, in both precisions, and what the stream gives afterwards."""

import itertools

from .families import Cases

case = CASES = Cases()

INITIALIZERS = [  # (name, shape, options)
    ("uniform_", (3, 4), {"a": -2.0, "b": 1.0}), ("normal_", (4, 5), {"mean": 1.0, "std": 3.0}),
    ("constant_", (2,), {"val": 0.3}), ("ones_", (2, 1), {}), ("zeros_", (3,), {}),
    ("eye_", (2, 3), {}), ("dirac_", (4, 3, 3), {}), ("dirac_", (6, 2, 2, 3), {"groups": 2}),
    ("dirac_", (2, 2, 1, 2, 3), {}),
    ("xavier_uniform_", (3, 4), {}), ("xavier_uniform_", (3, 2, 2), {"gain": 2.0}),
    ("xavier_normal_", (3, 4), {}), ("xavier_normal_", (4, 2, 3), {"gain": 0.5}),
    ("kaiming_uniform_", (3, 4), {}), ("kaiming_uniform_", (3, 2, 3), {"a": 0.2, "mode": "fan_out"}),
    ("kaiming_normal_", (5, 4), {"nonlinearity": "relu"}), ("kaiming_normal_", (3, 4), {"mode": "fan_out"}),
    ("kaiming_normal_", (2, 4), {"nonlinearity": "tanh"}), ("kaiming_normal_", (0, 4), {}),
    ("orthogonal_", (4, 4), {}), ("orthogonal_", (3, 5), {"gain": 2.0}), ("orthogonal_", (5, 2, 2), {}),
    ("orthogonal_", (2, 0), {}), ("sparse_", (7, 3), {"sparsity": 0.5, "std": 2.0}),
    ("trunc_normal_", (5, 6), {"a": -1.0, "b": 0.5}), ("trunc_normal_", (3,), {"mean": 1.0, "std": 0.1}),
    ("trunc_normal_", (4, 5), {"a": 1.0, "b": 2.0}), ("trunc_normal_", (17,), {"mean": 3.0, "std": 2.0, "b": 1.0}),
]  # fmt: skip


def _initialized(name, shape, options, dtype):
    def run(torch):
        initialize, tensor = getattr(torch.nn.init, name), torch.empty(*shape, dtype=getattr(torch, dtype))
        torch.manual_seed(5)
        found = {"same": str(initialize(tensor, **options) is tensor), "numbers": tensor, "next": torch.rand(1)}
        if name in ("ones_", "zeros_", "constant_", "eye_", "dirac_"):
            return found
        parameter = torch.nn.Parameter(torch.zeros(*shape, dtype=getattr(torch, dtype)))
        initialize(parameter, **options, generator=torch.Generator().manual_seed(9))
        return found | {"generator": parameter, "leaf": str(parameter.is_leaf), "after": torch.rand(1)}

    return run


for (_i, _entry), _dtype in itertools.product(enumerate(INITIALIZERS), ("float64", "float32")):
    CASES[f"{_i} {_entry[0]}[{_dtype}]"] = _initialized(*_entry, _dtype)


@case
def gains(torch):
    gain = torch.nn.init.calculate_gain
    names = ("linear", "conv1d", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu")
    return {"plain": [float(gain(name)) for name in names], "slope": [gain("leaky_relu", 0.2), gain("leaky_relu", 1)]}
