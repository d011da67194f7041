"""What is compared with PyTorch: programs that run with either `torch` or `course` as their argument.

`tools/make_goldens.py` runs them with PyTorch and keeps what they return; `tests/library/test_goldens.py` runs them
with the course and compares. A case returns a dict of tensors, numbers, lists and texts.
"""

import copy
import itertools

import numpy as np

from .differentiated import coarse, differentiated, is_float, normal, positive
from .families import Cases

case = CASES = Cases()

# --- operations: value, gradient and second derivative -----------------------------------------------------------

REDUCED = {"all": {}, "dim": {"dim": 1}, "last": {"dim": -1, "keepdim": True}, "dims": {"dim": (0, -1)}}

OPERATIONS = {  # name -> (function(torch, *inputs), *inputs)
    "add": (lambda t, x, y: x + y, normal(2, 3, 4), normal(3, 1)),
    "add_function": (lambda t, x, y: t.add(x, y), normal(3), normal(2, 1)),
    "add_number": (lambda t, x: 2 + x + 0.5, normal(3, 2)),
    "sub": (lambda t, x, y: x - y, normal(3, 1), normal(4)),
    "sub_reflected": (lambda t, x: 1 - x, normal(3)),
    "mul": (lambda t, x, y: x * y, normal(2, 1, 3), normal(4, 1)),
    "mul_itself": (lambda t, x: x * x * x, normal(4)),
    "div": (lambda t, x, y: x / y, normal(3, 2), positive(2)),
    "div_reflected": (lambda t, x: 1 / x, positive(3)),
    "neg": (lambda t, x: -x, normal(3)),
    "pow_2": (lambda t, x: x**2, normal(4)),
    "pow_3": (lambda t, x: x**3, normal(4)),
    "pow_half": (lambda t, x: x**0.5, positive(4)),
    "pow_minus_1": (lambda t, x: x**-1, positive(4)),
    "pow_0": (lambda t, x: x**0, coarse(5)),
    "pow_tensor": (lambda t, x, y: x**y, positive(3, 2), normal(2)),
    "pow_reflected": (lambda t, x: 2**x, normal(3)),
    "square": (lambda t, x: t.square(x), normal(3)),
    "abs": (lambda t, x: t.abs(x) + abs(x), coarse(6)),
    "sign": (lambda t, x: x * t.sign(x), coarse(6)),
    "exp": (lambda t, x: t.exp(x), normal(3)),
    "log": (lambda t, x: t.log(x), positive(3)),
    "sqrt": (lambda t, x: t.sqrt(x), positive(3)),
    "tanh": (lambda t, x: t.tanh(x), normal(5)),
    "sigmoid": (lambda t, x: t.sigmoid(20 * x), normal(5)),
    "sin_cos": (lambda t, x: t.sin(x) * t.cos(2 * x), normal(4)),
    "relu": (lambda t, x: t.relu(x), coarse(3, 3)),
    "maximum": (lambda t, x, y: t.maximum(x, y), coarse(3, 4), coarse(4)),
    "minimum": (lambda t, x, y: t.minimum(x, y), coarse(3, 4), coarse(4)),
    "clamp": (lambda t, x: t.clamp(x, -1, 1) + x.clamp(min=0) + x.clamp(max=0.5), coarse(8)),
    "where": (lambda t, x, y: t.where(x > y, x * y, y), normal(3, 1), normal(4)),
    "where_number": (lambda t, x: t.where(x > 0, x, 0.5), normal(6)),
    **{
        f"{name}_{how}": (lambda t, x, name=name, options=options: getattr(t, name)(x, **options), make(2, 3, 4))
        for name, make in {"sum": normal, "mean": normal, "var": normal, "std": normal, "amax": coarse,
                           "amin": coarse, "logsumexp": normal}.items()
        for how, options in REDUCED.items() if not (name == "logsumexp" and how == "all")
    },
    "var_biased": (lambda t, x: x.var(0, correction=0) + x.std(0, correction=2), normal(4, 2)),
    "max": (lambda t, x: x.max(), normal(3, 2)),
    "min": (lambda t, x: x.min(), normal(3, 2)),
    "max_dim": (lambda t, x: x.max(1), normal(3, 4)),
    "max_dim_squared": (lambda t, x: x.max(1).values ** 2, normal(3, 4)),
    "min_dim": (lambda t, x: x.min(dim=-2, keepdim=True), normal(3, 4)),
    "max_of_two": (lambda t, x, y: x.max(y), normal(3), normal(3)),
    "softmax": (lambda t, x: t.softmax(3 * x, -1), normal(3, 4)),
    "log_softmax": (lambda t, x: x.log_softmax(0), normal(3, 4)),
    "matmul": (lambda t, x, y: x @ y, normal(2, 3), normal(3, 4)),
    "matmul_dot": (lambda t, x, y: x @ y, normal(3), normal(3)),
    "matmul_row": (lambda t, x, y: x @ y, normal(3), normal(3, 2)),
    "matmul_column": (lambda t, x, y: x @ y, normal(2, 3), normal(3)),
    "matmul_batch": (lambda t, x, y: t.matmul(x, y), normal(2, 1, 2, 3), normal(4, 3, 2)),
    "matmul_batch_matrix": (lambda t, x, y: x @ y, normal(2, 1, 4, 3), normal(3, 2)),
    "matmul_batch_column": (lambda t, x, y: x.matmul(y), normal(2, 4, 3), normal(3)),
    "matmul_row_batch": (lambda t, x, y: x @ y, normal(3), normal(2, 3, 4)),
    "linear": (lambda t, x, w, b: t.nn.functional.linear(x, w, b), normal(4, 3), normal(2, 3), normal(2)),
    "linear_one_row": (lambda t, x, w, b: t.nn.functional.linear(x, w, b), normal(3), normal(2, 3), normal(2)),
    "linear_3d": (lambda t, x, w: t.nn.functional.linear(x, w), normal(2, 4, 3), normal(2, 3)),
    "reshape": (lambda t, x: x.reshape(3, -1) * x.view((3, 4)), normal(2, 6)),
    "flatten": (lambda t, x: t.flatten(x, 1) ** 2, normal(2, 3, 2)),
    "permute": (lambda t, x: x.permute(2, 0, -2) ** 2, normal(2, 3, 4)),
    "transpose": (lambda t, x: x.transpose(0, -1) * x.T.mT, normal(3, 3)),
    "t": (lambda t, x: x.t() @ x, normal(3, 2)),
    "movedim": (lambda t, x: t.movedim(x, 0, -1) ** 2, normal(2, 3, 4)),
    "squeeze": (lambda t, x: x.squeeze() * x.squeeze(1).squeeze(-1), normal(2, 1, 3, 1)),
    "unsqueeze": (lambda t, x: x.unsqueeze(-1) * x.unsqueeze(0), normal(3)),
    "expand": (lambda t, x: x.expand(2, 3, -1) * x.expand(3, 4), normal(3, 1)),
    "broadcast_to": (lambda t, x: t.broadcast_to(x, (2, 3)) ** 2, normal(3)),
    "cat": (lambda t, x, y: t.cat([x, y, x], dim=-1) ** 2, normal(2, 3), normal(2, 1)),
    "stack": (lambda t, x, y: t.stack([x, y, x], dim=-1) ** 2, normal(2, 3), normal(2, 3)),
    "clone": (lambda t, x: x.clone().contiguous() * x.detach(), normal(3)),
    "index_integer": (lambda t, x: x[1] * x[-1, 2], normal(3, 4)),
    "index_slices": (lambda t, x: x[1:, ::2] ** 2, normal(3, 4)),
    "index_none_and_dots": (lambda t, x: x[..., None, 1] ** 2, normal(2, 3, 4)),
    "index_list": (lambda t, x: x[[0, 0, 2]] ** 2, normal(3, 2)),
    "index_tensor": (lambda t, x: x[t.tensor([[0, 2], [2, 2]])] ** 2, normal(3, 2)),
    "index_pairs": (lambda t, x: x[t.tensor([0, 1, 0]), t.tensor([1, 1, 1])] ** 2, normal(3, 2)),
    "index_mask": (lambda t, x: x[x > 0] ** 2, normal(3, 4)),
    "index_row_mask": (lambda t, x: x[t.tensor([True, False, True])] ** 2, normal(3, 2)),
    "index_assigned": (lambda t, x, y: assigned(x * 1, y), normal(3, 4), normal(4)),
    "in_place": (lambda t, x, y: (x * 2).add_(y).mul_(x).sub_(1).div_(4), normal(3, 2), normal(2)),
    "copied_in_place": (lambda t, x, y: (x * 2).copy_(y) * x, normal(3, 2), normal(2)),
    "to_and_back": (lambda t, x: x.float().double() * x, normal(3)),
    "same_twice": (lambda t, x: (x + x) * x - x / 2, normal(2, 2)),
    "mse_loss": (lambda t, x, y: t.nn.functional.mse_loss(x, y), normal(4, 2), normal(4, 2)),
    "mse_loss_sum": (lambda t, x, y: t.nn.MSELoss(reduction="sum")(x, y), normal(4), normal(4)),
    "mse_loss_none": (lambda t, x, y: t.nn.MSELoss(reduction="none")(x, y), normal(4), normal(4)),
}


def assigned(x, y):
    """x with a column and a row assigned to, by numbers and by a tensor."""
    x[:, 1] = 0.5
    x[1] = y
    return x


def _cross_entropy(logits, target, **options):
    def run(t, z):
        weights = {"weight": t.tensor(options["weight"], dtype=z.dtype)} if "weight" in options else {}
        wanted = t.tensor(target)
        return t.nn.CrossEntropyLoss(**{**options, **weights})(z, wanted.to(z.dtype) if is_float(wanted) else wanted)

    return run, logits


_CLASSES = [2, 0, 1, 2]
_PROBABILITIES = [[0.2, 0.5, 0.3], [1.0, 0.0, 0.0], [0.1, 0.1, 0.8], [0.4, 0.4, 0.2]]
_CROSS_ENTROPY = {
    "plain": {},
    "weight": {"weight": [0.5, 2.0, 1.5]},
    "ignore": {"ignore_index": 2},
    "smoothing": {"label_smoothing": 0.1},
    "everything": {"weight": [0.5, 2.0, 1.5], "ignore_index": 0, "label_smoothing": 0.2},
}
for (_how, _options), _reduction in itertools.product(_CROSS_ENTROPY.items(), ("mean", "sum", "none")):
    _name = f"cross_entropy_{_how}_{_reduction}"
    OPERATIONS[_name] = _cross_entropy(normal(4, 3), _CLASSES, reduction=_reduction, **_options)
    _options = {k: v for k, v in _options.items() if k != "ignore_index"}
    OPERATIONS[f"{_name}_probabilities"] = _cross_entropy(
        normal(4, 3), _PROBABILITIES, reduction=_reduction, **_options)
OPERATIONS["cross_entropy_one_row"] = _cross_entropy(normal(3), 1)
OPERATIONS["cross_entropy_one_row_probabilities"] = _cross_entropy(normal(3), [0.2, 0.5, 0.3])
OPERATIONS["cross_entropy_images"] = _cross_entropy(normal(2, 3, 2), [[0, 1], [2, 1]], weight=[1.0, 2.0, 3.0])
OPERATIONS["cross_entropy_images_none"] = _cross_entropy(normal(2, 3, 2), [[0, 1], [2, 1]], reduction="none")


CASES.update(differentiated(OPERATIONS))


# --- results that have no derivative --------------------------------------------------------------------------------


@case
def comparisons(torch):
    x, y = torch.tensor([[1.0, 2.0, float("nan")]]), torch.tensor([[2.0], [1.0]])
    z = torch.tensor([0.0, float("inf"), float("nan"), -1.0])
    return {
        "eq": x == y, "ne": x != y, "lt": x < y, "le": x <= y, "gt": x > y, "ge": x >= y, "number": x >= 2,
        "isnan": torch.isnan(x), "isfinite": torch.isfinite(z), "not": ~(z == 0), "logical_not": torch.logical_not(z),
    }


@case
def positions_and_truth(torch):
    x = torch.tensor([[3.0, 1.0, 3.0], [0.0, 5.0, -5.0]])
    b = x > 2
    return {
        "argmax": x.argmax(), "argmax0": x.argmax(0), "argmax1": torch.argmax(x, dim=-1, keepdim=True),
        "argmin": x.argmin(), "argmin1": x.argmin(1), "any": b.any(), "any0": b.any(0), "all": b.all(),
        "all1": torch.all(b, -1, keepdim=True), "max": list(x.max(1)), "min": list(x.min(0)),
    }


@case
def not_a_number_and_infinity(torch):
    nan, inf = float("nan"), float("inf")
    x = torch.tensor([[1.0, nan, -1.0], [inf, -inf, 0.0], [inf, inf, -inf]])
    return {
        "relu": torch.relu(x), "maximum": torch.maximum(x, torch.tensor(0.5)), "clamp": x.clamp(-1, 1),
        "amax": x.amax(1), "amin": x.amin(0), "max": list(x.max(1)), "argmax": x.argmax(1), "sum": x.sum(1),
        "mean": x.mean(0), "softmax": x.softmax(1), "log_softmax": x.log_softmax(1), "logsumexp": x.logsumexp(1),
        "sigmoid": x.sigmoid(), "tanh": x.tanh(), "exp": x.exp(), "log": x.log(), "sqrt": x.sqrt(),
        "division": 1 / torch.tensor([0.0, -0.0]), "power": torch.tensor([0.0, -8.0]) ** (1 / 3),
        "cross_entropy": torch.nn.functional.cross_entropy(x, torch.tensor([0, 2, 0]), reduction="none"),
    }


@case
def not_a_number_backwards(torch):
    def slope(f):
        x = torch.tensor([float("nan"), 1.0, -1.0, 0.0, float("inf")], requires_grad=True)
        f(x).sum().backward()
        return x.grad

    return {"relu": slope(torch.relu), "clamp": slope(lambda x: x.clamp(-1, 1)), "sigmoid": slope(torch.sigmoid),
            "exp": slope(torch.exp), "amax": slope(torch.amax), "square": slope(torch.square)}


@case
def empty_tensors(torch):
    x = torch.zeros(0, 3)
    return {
        "sum": x.sum(), "sum0": x.sum(0), "mean": x.mean(), "mean0": x.mean(0), "mean1": x.mean(1), "relu": x.relu(),
        "matmul": x @ torch.ones(3, 2), "matmul_inner": torch.ones(2, 0) @ torch.ones(0, 2),
        "linear": torch.nn.Linear(3, 2)(x).detach(), "cat": torch.cat([x, torch.ones(1, 3)]),
        "index": x[:, 1], "any": x.any(), "all": x.all(), "numel": x.numel(), "reshape": x.reshape(3, 0),
        "cross_entropy": torch.nn.functional.cross_entropy(x, torch.zeros(0, dtype=torch.int64), reduction="none"),
        "cross_entropy_mean": torch.nn.functional.cross_entropy(x, torch.zeros(0, dtype=torch.int64)),
        "mse": torch.nn.functional.mse_loss(x, x), "softmax": x.softmax(0), "log_softmax": x.log_softmax(0),
        "logsumexp": x.logsumexp(0),
    }


@case
def single_numbers(torch):
    x = torch.tensor(2.5, requires_grad=True)
    made = {"max": x.max(0).values, "min": x.min(-1).values, "sum": x.sum(0), "mean": x.mean(-1),
    "softmax": x.softmax(0),
            "movedim": x.movedim(0, -1), "transpose": x.transpose(0, -1), "permute": x.permute(()), "t": x.t(),
            "T": x.T,
            "squeeze": x.squeeze(0), "unsqueeze": x.unsqueeze(-1), "flatten": x.flatten(), "reshape": x.reshape(1, 1),
            "expand": x.expand(2, 3), "index": x[...], "new": x[None], "amax": x.amax(0), "cat": torch.stack([x, x])}
    sum(y.sum() for y in made.values()).backward()
    return made | {"grad": x.grad, "argmax": x.argmax(0), "position": x.max(0).indices}


@case
def all_ignored(torch):
    z = torch.tensor([[1.0, 2.0], [3.0, 1.0]], requires_grad=True)
    loss = torch.nn.CrossEntropyLoss(ignore_index=1)(z, torch.tensor([1, 1]))
    loss.backward()
    return {"loss": loss, "grad": z.grad}


@case
def creation(torch):
    x = torch.zeros(2, 3, dtype=torch.float64)
    return {
        "tensor": torch.tensor([[1, 2], [3, 4]]), "floats": torch.tensor([1, 2.5]),
        "bools": torch.tensor([True, False]),
        "number": torch.tensor(3.0), "nested": torch.tensor([[[1.0]], [[2.0]]]), "nothing": torch.tensor([]),
        "from_double": torch.tensor(np.arange(3.0)), "from_int": torch.from_numpy(np.arange(3)),
        "zeros": torch.zeros(2, 3), "zeros_tuple": torch.zeros((2, 3), dtype=torch.int64), "ones": torch.ones(2),
        "full": torch.full((2, 2), 7), "full_float": torch.full((2,), 7.0), "full_bool": torch.full((2,), True),
        "eye": torch.eye(3), "eye_wide": torch.eye(2, 3), "arange": torch.arange(5),
        "arange_from": torch.arange(1, 10, 3),
        "arange_float": torch.arange(0, 1, 0.3), "arange_down": torch.arange(5, 0, -2),
        "arange_double": torch.arange(3, dtype=torch.float64), "arange_mixed": torch.arange(1.0, 4),
        "linspace": torch.linspace(-1, 1, 7), "linspace_one": torch.linspace(3, 4, 1),
        "zeros_like": torch.zeros_like(x), "ones_like": torch.ones_like(x, dtype=torch.int32),
        "full_like": torch.full_like(x, 2), "empty_shape": list(torch.empty(2, 0, 3).shape),
        "as_tensor": torch.as_tensor([1.5, 2.5]), "scalar_double": torch.tensor(1.0, dtype=torch.float64),
        "of_tensors": torch.tensor([torch.tensor(1.0), torch.tensor(2.0)]), "cast": torch.tensor([1.9, -1.9]).long(),
        "truth": torch.tensor([0.0, 0.5, -1.0]).bool(), "int": torch.tensor([2.7]).int(),
    }


@case
def types_of_results(torch):
    kinds = {k: getattr(torch, k) for k in
             ("bool", "uint8", "int8", "int16", "int32", "int64", "float32", "float64")}
    operate = {
        "add": lambda a, b: a + b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b, "lt": lambda a, b: a < b,
        "maximum": torch.maximum, "where": lambda a, b: torch.where(torch.tensor([True]), a, b),
        "cat": lambda a, b: torch.cat([a, b]),
    }
    found = {}
    for (a, ka), (b, kb) in itertools.product(kinds.items(), repeat=2):
        x, y, y0 = torch.ones(1, dtype=ka), torch.ones(1, dtype=kb), torch.ones((), dtype=kb)
        for name, f in operate.items():
            found[f"{name} {a} {b}"] = str(f(x, y).dtype)
        found[f"add {a} 0-d {b}"] = str((x + y0).dtype)
        found[f"add 0-d {a} 0-d {b}"] = str((torch.ones((), dtype=ka) + y0).dtype)
        found[f"in place {a} {b}"] = str(x.add_(y).dtype) if can_hold(a, b) else ""
    for (a, ka), number in itertools.product(kinds.items(), (True, 2, 2.5)):
        for x in (torch.ones(1, dtype=ka), torch.ones((), dtype=ka)):
            found[f"add {a} {x.ndim}-d {number}"] = str((x + number).dtype)
            if a != "bool":
                found[f"pow {a} {x.ndim}-d {number}"] = str((x ** number).dtype)
            found[f"div {a} {x.ndim}-d {number}"] = str((number / x).dtype)
    for a, ka in kinds.items():
        x = torch.ones(2, dtype=ka)
        for name in ("sum", "exp", "sqrt", "sigmoid", "sin", "square", "argmax", "any", "amax"):
            if (a, name) not in {("bool", "square"), ("bool", "argmax"), ("uint8", "any")}:
                found[f"{name} {a}"] = str(getattr(x, name)().dtype)
    return found


def can_hold(a, b):
    """Whether a tensor of type `a` can be changed in place by one of type `b`."""
    kind = lambda name: 0 if name == "bool" else 2 if "float" in name else 1
    return kind(a) >= kind(b)


# --- random numbers -------------------------------------------------------------------------------------------------


def _stream(seed):
    def run(torch):
        torch.manual_seed(seed)
        f64 = torch.float64
        return {
            "rand": torch.rand(5), "rand_2d": torch.rand(2, 3), "rand_double": torch.rand(5, dtype=f64),
            "randn_few": torch.randn(5), "randn_odd": torch.randn(3), "randn_16": torch.randn(16),
            "randn_37": torch.randn(37), "randn_double_few": torch.randn(3, dtype=f64),
            "randn_double": torch.randn(40, dtype=f64), "randint": torch.randint(3, 100, (7,)),
            "randint_wide": torch.randint(0, 2**30, (5,)), "randint_very_wide": torch.randint(-(2**40), 2**40, (5,)),
            "randint_high": torch.randint(10, (2, 2)), "randperm": torch.randperm(20), "randperm_1": torch.randperm(1),
            "rand_like": torch.rand_like(torch.zeros(2, 2)), "randn_like": torch.randn_like(torch.zeros(4, 5)),
            "uniform_": torch.empty(7).uniform_(-0.3, 0.4), "normal_": torch.empty(20).normal_(2.0, 3.0),
            "normal_few": torch.empty(4).normal_(-1.0, 0.5),
            "uniform_double": torch.empty(3, dtype=f64).uniform_(-1, 1),
            "own": torch.randn(4, generator=torch.Generator().manual_seed(seed + 1)), "after": torch.rand(2),
            "seed": torch.initial_seed(),
        }

    return run


for _seed in (0, 42, 2**33 + 5):
    CASES[f"random_stream[{_seed}]"] = _stream(_seed)


@case
def unseeded_generator(torch):
    g = torch.Generator()
    return {"rand": torch.rand(3, generator=g), "seed": g.initial_seed()}


@case
def initial_parameters(torch):
    torch.manual_seed(7)
    layers = [torch.nn.Linear(5, 3), torch.nn.Linear(4, 6, bias=False), torch.nn.Linear(2, 3, dtype=torch.float64)]
    found = {f"{i}.{name}": p for i, layer in enumerate(layers) for name, p in layer.named_parameters()}
    w = torch.empty(4, 6)
    init = torch.nn.init
    found["kaiming"] = init.kaiming_uniform_(w, nonlinearity="relu").clone()
    found["kaiming_out"] = init.kaiming_uniform_(w, a=0.2, mode="fan_out").clone()
    found["xavier"] = init.xavier_uniform_(w, gain=2.0).clone()
    found["uniform"], found["normal"] = init.uniform_(w, -2, 1).clone(), init.normal_(w, 1, 2).clone()
    found["constant"], found["ones"] = init.constant_(w, 3).clone(), init.ones_(w).clone()
    names = ["linear", "sigmoid", "tanh", "relu", "selu", "leaky_relu"]
    return found | {f"gain {name}": float(init.calculate_gain(name)) for name in names}


# --- data -----------------------------------------------------------------------------------------------------------


@case
def order_of_batches(torch):
    data = torch.utils.data
    rows = data.TensorDataset(torch.arange(11), torch.arange(11) * 2.0)
    numbers = list(range(11))
    torch.manual_seed(3)
    loaders = {
        "in_order": data.DataLoader(rows, batch_size=4),
        "shuffled": data.DataLoader(rows, batch_size=4, shuffle=True),
        "drop_last": data.DataLoader(rows, batch_size=4, shuffle=True, drop_last=True),
        "list": data.DataLoader(numbers, batch_size=3, shuffle=True),
        "generator": data.DataLoader(numbers, 5, True, generator=torch.Generator().manual_seed(1)),
        "replacement": data.DataLoader(numbers, 4, sampler=data.RandomSampler(numbers, True, 40)),
        "longer": data.DataLoader(numbers, 4, sampler=data.RandomSampler(numbers, num_samples=25)),
        "batch_sampler": data.DataLoader(numbers, batch_sampler=[[1, 2], [3]]),
        "no_batches": data.DataLoader(numbers, batch_size=None),
    }
    found = {}
    for name, loader in loaders.items():
        for epoch in range(2):
            for i, batch in enumerate(loader):
                found[f"{name} {epoch} {i}"] = batch[0] if isinstance(batch, list | tuple) else batch
        found[f"{name} length"] = len(loader)
    found["afterwards"] = torch.rand(2)
    return found


@case
def parts_of_a_dataset(torch):
    split = torch.utils.data.random_split
    torch.manual_seed(5)
    parts = [*split(range(10), [7, 3]), *split(range(11), [0.5, 0.3, 0.2]),
             *split(range(6), [4, 2], torch.Generator().manual_seed(2))]
    return {str(i): [part[k] for k in range(len(part))] for i, part in enumerate(parts)}


@case
def batches_of_all_kinds(torch):
    collate = torch.utils.data.default_collate
    mixed = collate([{"x": torch.ones(2), "y": 1, "name": "a"}, {"x": torch.zeros(2), "y": 2, "name": "b"}])
    return {
        "tensors": collate([torch.tensor(1), torch.tensor(2)]), "ints": collate([1, 2]), "floats": collate([1.0, 2.0]),
        "arrays": collate([np.zeros(2), np.ones(2)]), "pairs": collate([(1, 2.0), (3, 4.0)]),
        "bools": collate([True, False]), "dict x": mixed["x"], "dict y": mixed["y"],
        "dict name": ",".join(mixed["name"]),
        "float32": collate([np.float32(1), np.float32(2)]),
    }


# --- optimisers -----------------------------------------------------------------------------------------------------

SGD_OPTIONS = {
    "plain": {}, "decay": {"weight_decay": 0.1}, "momentum": {"momentum": 0.9}, "climbing": {"maximize": True},
    "dampened": {"momentum": 0.8, "dampening": 0.5}, "nesterov": {"momentum": 0.9, "nesterov": True},
    "everything": {"momentum": 0.5, "dampening": 0.2, "weight_decay": 0.05, "maximize": True},
    "nesterov_decay": {"momentum": 0.7, "nesterov": True, "weight_decay": 0.1},
    "nesterov_climbing": {"momentum": 0.7, "nesterov": True, "maximize": True, "weight_decay": 0.2},
}


def _descent(make_optimizer, dtype, steps=4):
    def run(torch):
        start = np.random.RandomState(1)
        a = torch.tensor(start.standard_normal((3, 2)).astype(dtype), requires_grad=True)
        b = torch.tensor(start.standard_normal(2).astype(dtype), requires_grad=True)
        idle = torch.ones(2, requires_grad=True)  # never gets a gradient
        optimizer = make_optimizer(torch, a, b, idle)
        found = {}
        for step in range(steps):
            optimizer.zero_grad()
            loss = ((a @ b) ** 2).sum() + (torch.sin(a)).mean()
            loss.backward()
            optimizer.step()
            found[f"a{step}"], found[f"b{step}"] = a.detach().clone(), b.detach().clone()
        found["idle"] = idle
        return found

    return run


for (_name, _options), _dtype in itertools.product(SGD_OPTIONS.items(), ("float64", "float32")):
    CASES[f"sgd_{_name}[{_dtype}]"] = _descent(
        lambda torch, a, b, idle, options=_options: torch.optim.SGD([a, b, idle], lr=0.03, **options), _dtype)


CASES["sgd_default_rate"] = _descent(lambda torch, a, b, idle: torch.optim.SGD([a, b]), "float64")
CASES["sgd_groups"] = _descent(
    lambda torch, a, b, idle: torch.optim.SGD(
        [{"params": [a], "lr": 0.1, "weight_decay": 0.1}, {"params": b, "momentum": 0.5}], lr=0.01, momentum=0.9),
    "float64")


@case
def optimizer_state_round_trip(torch):
    def start(x0):
        x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
        return x, torch.optim.SGD([x], lr=0.01, momentum=0.9)

    def step(x, optimizer):
        optimizer.zero_grad()
        (x**4).sum().backward()
        optimizer.step()

    x, optimizer = start([1.0, -2.0])
    step(x, optimizer)
    saved = copy.deepcopy(optimizer.state_dict())  # PyTorch's two optimisers would share their buffers
    y, other = start(x.tolist())
    other.load_state_dict(saved)
    for _ in range(3):
        step(x, optimizer)
        step(y, other)
    return {"x": x, "y": y, "buffer": other.state_dict()["state"][0]["momentum_buffer"], "keys": sorted(saved),
            "params": saved["param_groups"][0]["params"], "lr": saved["param_groups"][0]["lr"]}


@case
def closure(torch):
    x = torch.tensor([3.0], requires_grad=True)
    optimizer = torch.optim.SGD([x], lr=0.1)

    def loss():
        optimizer.zero_grad()
        out = (x**2).sum()
        out.backward()
        return out

    return {"losses": [optimizer.step(loss).item() for _ in range(3)], "x": x}


@case
def clipped_gradients(torch):
    a, b = torch.tensor([3.0, 4.0], requires_grad=True), torch.tensor([12.0], requires_grad=True)
    ((a * a).sum() / 2 + (b * b).sum() / 2).backward()
    norm = torch.nn.utils.clip_grad_norm_([a, b], 2.0)
    return {"norm": norm, "a": a.grad, "b": b.grad, "again": torch.nn.utils.clip_grad_norm_([a, b], 5.0)}


# --- whole programs -------------------------------------------------------------------------------------------------


@case
def module_state(torch):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    twin = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    result = twin.load_state_dict(model.state_dict())
    x = torch.randn(5, 3)
    return {"names": list(model.state_dict()), "result": str(result), "same": twin(x).detach() - model(x).detach(),
            **{name: p for name, p in twin.state_dict().items()}, "out": model(x).detach()}


def _training(dtype):
    def run(torch):
        torch.manual_seed(11)
        centres = 2 * torch.randn(4, 16)
        labels = torch.randint(0, 4, (90,))
        images = (centres[labels] + torch.randn(90, 16)).reshape(90, 1, 4, 4).to(getattr(torch, dtype))
        loader = torch.utils.data.DataLoader(
            torch.utils.data.TensorDataset(images, labels), batch_size=16, shuffle=True)
        model = torch.nn.Sequential(
            torch.nn.Flatten(), torch.nn.Linear(16, 20), torch.nn.ReLU(), torch.nn.Linear(20, 12), torch.nn.Tanh(),
            torch.nn.Linear(12, 4)).to(getattr(torch, dtype))
        criterion = torch.nn.CrossEntropyLoss(label_smoothing=0.05)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-3)
        losses = []
        for _ in range(4):
            model.train()
            for x, y in loader:
                optimizer.zero_grad()
                loss = criterion(model(x), y)
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            right = (model(images).argmax(1) == labels).float().mean().item()
        return {"losses": torch.tensor(losses, dtype=getattr(torch, dtype)), "right": right,
                "weight": model[1].weight, "bias": model[-1].bias}

    return run


CASES["training[float64]"], CASES["training[float32]"] = _training("float64"), _training("float32")


@case
def asked_of_a_tensor(torch):
    x = torch.tensor([[1.0, 2.0]], requires_grad=True)
    y = torch.tensor([3])
    return {"forced": (x * 2).numpy(force=True), "cuda": str(x.is_cuda), "type_as": y.type_as(x),
            "cosine": torch.cosine_similarity(x, 3 * x), "distance": torch.pairwise_distance(x, 3 * x)}


# --- printing -------------------------------------------------------------------------------------------------------


@case
def printed_tensors(torch):
    nan, inf = float("nan"), float("inf")
    t = torch.tensor
    torch.manual_seed(0)
    w = t([1.0, 2.0], requires_grad=True)
    shown = {
        "whole": t([1.0, 2.0]), "mixed": t([1.0, 2.5]), "negative": t([-1.0, 0.25, 100.125]), "ints": t([1, -20, 300]),
        "bools": t([True, False]), "matrix": t([[1.0, 2.0], [3.5, -4.0]]), "cube": torch.arange(12).reshape(2, 2, 3),
        "four": torch.arange(16.0).reshape(2, 2, 2, 2), "scalar": t(3.0), "scalar_int": t(7), "scalar_bool": t(True),
        "scalar_fraction": t(3.14159265), "tiny": t([1e-7, 1.0]), "huge": t([1e10, 1.0]), "tiny_alone": t([1e-5]),
        "large_whole": t([1e7, 2.0]), "wide": t([0.001, 999.0]), "wider": t([0.001, 1001.0]), "nan": t([nan, 1.0, inf]),
        "nan_fraction": t([nan, 1.5, -inf]), "only_nan": t([nan, inf, -inf]), "scalar_nan": t(nan),
        "zeros": torch.zeros(3),
        "minus_zero": t([-0.0, 1.5]), "double": t([1.5], dtype=torch.float64), "int32": t([1], dtype=torch.int32),
        "empty": t([]), "empty_2d": torch.zeros(0, 3), "empty_int": torch.zeros(0, dtype=torch.int64),
        "empty_double": torch.zeros(2, 0, dtype=torch.float64), "long_row": torch.arange(30),
        "long_float": torch.rand(25),
        "summary": torch.arange(2000), "summary_2d": torch.arange(1200.0).reshape(40, 30),
        "summary_3d": torch.zeros(12, 10, 11), "summary_narrow": torch.zeros(600, 2), "leaf": w,
        "result": w * 2, "sum": w.sum(), "double_leaf": t([1.25], dtype=torch.float64, requires_grad=True),
        "long_leaf": torch.arange(18.0, requires_grad=True), "wide_result": torch.rand(2, 8) * w.sum(),
        "parameter": torch.nn.Parameter(t([1.0, 2.0])), "frozen": torch.nn.Parameter(t([1.0]), requires_grad=False),
        "none_size": torch.zeros(2, 3).shape, "size": torch.Size([2, 3]), "dtype": torch.float32,
        "exact": t([16777216.0]),
        "device": torch.device("cuda:0"), "device_type": torch.device("cpu"), "one_by_one": torch.ones(1, 1, 1),
        "rounding": t([0.99999, 2.00001]), "small_ints": t([100000.0, 0.5]), "uint8": t([1, 255], dtype=torch.uint8),
    }
    return {name: repr(x) for name, x in shown.items()} | {
        "format": f"{t(3.14159):.2f} {t(2):d} {t(1.5)} {t([1.5, 2.5])}", "str": str(t([1.5])),
        "list": repr([t(1.0), t([2.0])]),
    }


@case
def printed_modules(torch):
    nn = torch.nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.flatten = nn.Flatten()
            self.stack = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2, bias=False))
            self.scale = nn.Parameter(torch.ones(1))
            self.nothing = nn.Sequential()

    shown = [Net(), nn.Linear(2, 3), nn.ReLU(), nn.ReLU(inplace=True), nn.Flatten(), nn.Flatten(0, -2), nn.Sigmoid(),
             nn.Tanh(), nn.Softmax(dim=1), nn.Identity(), nn.Sequential(nn.Sequential(nn.Tanh())), nn.MSELoss(),
             nn.CrossEntropyLoss(), nn.Module()]
    return {str(i): repr(module) for i, module in enumerate(shown)}


@case
def names_of_nodes(torch):
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    made = [x + 1, x - 1, x * 2, x / 2, -x, x**2, x.exp(), x.log(), x.sqrt(), x.tanh(), x.sigmoid(), x.relu(), x.sum(),
            x.mean(), x.sin(), x.abs(), x.clone(), x.var(), x.amax(), x.logsumexp(0)]
    return {str(i): y.grad_fn.name() for i, y in enumerate(made)}
