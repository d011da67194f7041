"""Tensors changed in place: each function beside its twin, shapes changed in place, and random numbers."""

from .families import Cases

case = CASES = Cases()

ALONE = [
    "abs", "absolute", "acos", "arccos", "arcsin", "arctan", "asin", "atan", "ceil", "clamp_max", "clamp_min",
    "clip", "cos", "cosh", "deg2rad", "digamma", "erf", "erfc", "erfinv", "exp", "exp2", "expm1", "fix",
    "floor", "frac", "lgamma", "log", "log10", "log1p", "log2", "logit", "nan_to_num", "neg", "negative",
    "rad2deg", "reciprocal", "relu", "round", "rsqrt", "sgn", "sigmoid", "sign", "sin", "sinc", "sinh", "sqrt",
    "square", "tan", "tanh", "trunc",
]  # fmt: skip
PAIRS = [
    "add", "arctan2", "atan2", "copysign", "div", "divide", "eq", "floor_divide", "fmod", "ge", "greater",
    "greater_equal", "gt", "heaviside", "hypot", "le", "less", "less_equal", "logical_and", "logical_or",
    "logical_xor", "lt", "mul", "multiply", "ne", "not_equal", "pow", "remainder", "sub", "subtract",
    "true_divide", "xlogy",
]  # fmt: skip
BOUNDS = {"clamp_max": (0.5,), "clamp_min": (0.5,), "clip": (0.4, 0.6)}


def twin(torch, name, x, *others):
    """What the twin leaves in a tensor that is the middle row of another."""
    rows = torch.stack([x, x, x])
    changed = getattr(rows[1], f"{name}_")(*others)
    assert changed.data_ptr() == rows[1].data_ptr()
    return rows


@case
def twins_of_functions_of_one_number(torch):
    x = torch.tensor([0.25, 0.75])
    return {name: twin(torch, name, x, *BOUNDS.get(name, ())) for name in ALONE}


@case
def twins_of_functions_of_two(torch):
    x, y = torch.tensor([0.25, 1.5]), torch.tensor([0.25, -2.0])
    return {name: twin(torch, name, x, y) for name in PAIRS} | {
        "bitwise": [twin(torch, f"bitwise_{name}", torch.tensor([6, 3]), torch.tensor([5, 2]))
                    for name in ("and", "or", "xor")],
        "not": [twin(torch, "bitwise_not", torch.tensor([6, -3])), twin(torch, "logical_not", x)],
        "double": twin(torch, "float_power", x.double(), 2),
    }  # fmt: skip


@case
def twins_of_functions_of_several(torch):
    x, v = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([1.0, -1.0])
    mask, at = torch.tensor([[True, False], [False, True]]), torch.tensor([1, 0])
    return {
        "addmm": x.clone().addmm_(x, x, beta=0.5), "addmv": v.clone().addmv_(x, v), "addr": x.clone().addr_(v, v),
        "renorm": x.clone().renorm_(2, 0, 3.0), "fill_diagonal": torch.zeros(3, 2).fill_diagonal_(7.0),
        "cube": torch.zeros(2, 2, 2).fill_diagonal_(1), "masked_scatter": x.clone().masked_scatter_(mask, v),
        "index_put": x.clone().index_put_((at, at), v), "row": x.clone().index_put_((at[:1],), v),
        "added": x.clone().index_put_((at * 0, at * 0), v * 2, accumulate=True),
        "function": torch.index_put(x, (torch.tensor([0]), torch.tensor([1])), torch.tensor(9.0)),
        "index_fill": x.clone().index_fill_(1, at[:1], -1.0),
    }  # fmt: skip


@case
def shapes_changed_in_place(torch):
    x, base = torch.arange(6.0).reshape(2, 3), torch.zeros(2, 3)
    w = torch.ones(2, 3, requires_grad=True)
    h = w * x
    same = h.unsqueeze_(0)
    h.transpose_(1, 2).mul_(torch.tensor([1.0, 2.0]))
    part = (w * 2)[1]
    part.unsqueeze_(1).mul_(x[1].reshape(3, 1))
    (h.sum() + part.sum()).backward()
    column = base[:, 1]
    column.unsqueeze_(0).add_(4)
    return {"h": h, "same": str(same is h), "slope": w.grad, "base": base, "x": x.t_(), "again": x.swapaxes_(0, 1),
            "squeezed": torch.ones(1, 2, 1).squeeze_(0), "all": torch.ones(1, 2, 1).squeeze_(), "column": column}


@case
def put_on_the_tape(torch):
    w, v = torch.tensor([1.0, 2.0, 3.0], requires_grad=True), torch.tensor([5.0, 7.0], requires_grad=True)
    at = torch.tensor([0, 2])
    once = (w * 1).index_put_((at,), v * 2)
    twice = torch.index_put(w * 3, (at * 0,), v, accumulate=True)
    ((once**2).sum() + (twice**2).sum()).backward()
    return {"once": once, "twice": twice, "w": w.grad, "v": v.grad}


@case
def random_numbers(torch):
    torch.manual_seed(3)
    return {"below": torch.empty(4, dtype=torch.long).random_(5), "between": torch.empty(3).random_(-2, 2),
            "bits": torch.empty(5).random_(0, 2), "long": torch.empty(2, dtype=torch.long).random_(),
            "float": torch.empty(2).random_(), "double": torch.empty(1, dtype=torch.float64).random_(),
            "waiting": torch.empty(3).exponential_(2.0)}
