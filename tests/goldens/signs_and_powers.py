"""Functions of numbers beyond the core, second names, questions about types, and random states."""

from .differentiated import differentiated, normal, positive
from .families import Cases
from .tensor_functions import between, changed, with_zeros

case = CASES = Cases()

NAN, INF = float("nan"), float("inf")

OPERATIONS = {  # name -> (function(torch, *inputs), *inputs)
    "fmod": (lambda t, x, y: t.fmod(x, y) + x.fmod(0.7), normal(4), positive(4)),
    "frac": (lambda t, x: t.frac(3 * x) ** 2, normal(4)),
    "hypot": (lambda t, x, y: t.hypot(x, y), normal(2, 1), normal(3)),
    "copysign": (lambda t, x, y: t.copysign(x, y) ** 2 * x.copysign(-1.0), normal(4), normal(4)),
    "nan_to_num": (lambda t, x: t.nan_to_num(x) ** 2, normal(4)),
    "exp2": (lambda t, x: t.exp2(x), normal(4)),
    "sinc": (lambda t, x: t.sinc(x), normal(4)),
    "degrees": (lambda t, x: t.deg2rad(x) * x.rad2deg(), normal(4)),
    "float_power": (lambda t, x, y: t.float_power(x, y) + x.float_power(2), positive(4), normal(4)),
    "logit": (lambda t, x: t.logit(x) * x.logit(0.2), between(0.25, 0.75, 4)),
    "logit_clamped": (lambda t, x: t.special.logit(x, eps=0.4), between(0.1, 0.9, 5)),
    "clamps": (lambda t, x, y: t.clamp_min(x, 0.1) * x.clamp_max(y), normal(6), normal(6)),
    "entr": (lambda t, x: t.special.entr(x), positive(4)),
    "ndtr": (lambda t, x: t.special.ndtr(x), normal(4)),
    "xlog1py": (lambda t, x, y: t.special.xlog1py(x, y), with_zeros(3), positive(2, 1)),
    "in_place": (
        lambda t, x: changed(x, ("clamp_min_", 0.3), ("clamp_max_", 2.0), ("fmod_", 1.1), ("frac_",),
                             ("subtract_", 0.5), ("divide_", 3.0), ("negative_",), ("nan_to_num_",), ("exp2_",)),
        positive(4)),
}  # fmt: skip

CASES.update(differentiated(OPERATIONS))


@case
def edges(torch):
    """Zeros, infinities and what is no number."""
    found, x = {}, [0.0, -0.0, 1.0, -2.5, INF, -INF, NAN]
    for name, function in {
        "frac": lambda x: x[:4].frac(), "nan_to_num": torch.nan_to_num, "sinc": lambda x: torch.sinc(x[:4]),
        "others": lambda x: x.nan_to_num(1.0, posinf=2.0, neginf=3.0),
        "copysign": lambda x: x.copysign(torch.tensor(-1.0)),
        "fmod": lambda x: x[:4].fmod(torch.tensor([2.0, 2.0, -0.3, 1.0])), "hypot": lambda x: x[2:6].hypot(x[2:6]),
        "entr": torch.special.entr, "clip": lambda x: torch.clip(x, -1.0, 1.0),
    }.items():
        leaf = torch.tensor(x, requires_grad=True)
        out = function(leaf)
        out.nansum().backward()
        found |= {name: out, f"{name} slope": leaf.grad}
    x = torch.tensor(x)
    return found | {
        "signbit": torch.signbit(x), "heaviside": torch.heaviside(x, torch.tensor(0.5)), "signs": x[2:4].sgn(),
        "ints": torch.signbit(torch.tensor([-1, 0, 2])),
        "fmod of ints": torch.fmod(torch.tensor([-7, 7]), torch.tensor([3, -3])),
        "by number": torch.tensor([-7, 7]).fmod(3), "exp2": torch.exp2(torch.tensor([3, -1])),
        "step": torch.heaviside(torch.tensor([-1, 0]), torch.tensor([3, 4])),
        "degrees": torch.rad2deg(torch.tensor([1, 2])), "float_power": torch.float_power(torch.tensor([2, 3]), 2),
        "base": torch.float_power(2, torch.tensor([1, 2])),
        "copysign": torch.copysign(torch.tensor([1, -2]), torch.tensor([-3, 3])),
        "logit": torch.logit(torch.tensor([0.0, 1.0, 2.0])),
        "nans of ints": torch.nan_to_num(torch.tensor([1, 2])),
        "hypot": torch.hypot(torch.tensor([3.0]), torch.tensor([4.0])),
        "double": torch.nan_to_num(torch.tensor([INF], dtype=torch.float64)),
        "sinc of ints": torch.sinc(torch.tensor([0, 1])),
    }  # fmt: skip


@case
def second_names(torch):
    x, y = torch.tensor([0.5, -0.25, 0.0]), torch.tensor([0.25, 0.5, 0.0])
    m = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    found = {name: getattr(torch, name)(x, y) for name in (
        "multiply", "subtract", "divide", "true_divide", "greater", "greater_equal", "less", "less_equal", "not_equal",
        "arctan2")}
    found |= {f"x.{name}": getattr(x, name)(y) for name in ("multiply", "subtract", "greater", "less_equal")}
    found |= {name: getattr(torch, name)(x) for name in (
        "negative", "absolute", "arccos", "arcsin", "arctan", "fix", "sgn", "argwhere")}
    return found | {
        "concat": torch.concat([x, y]), "concatenate": torch.concatenate((m, m), dim=1),
        "moveaxis": torch.moveaxis(m, 0, 1),
        "swapdims": m.swapdims(0, 1), "clip": x.clip(min=0.0), "expit": torch.special.expit(x),
        "scaled": torch.subtract(x, y, alpha=2),
        "floor": x.divide(0.2, rounding_mode="floor"), "softmax": torch.special.softmax(x, 0),
        "log_softmax": torch.special.log_softmax(m, dim=1),
        "logsumexp": torch.special.logsumexp(m, 1), "xlogy": torch.special.xlogy(y, m[:1].T),
        "exp2": torch.special.exp2(x),
        "xlog1py": torch.special.xlog1py(x, 3), "xlog1py of number": torch.special.xlog1py(2, y),
        **{name: getattr(torch.special, name)(x) for name in ("expm1", "log1p", "erf", "sinc", "round")},
    }  # fmt: skip


@case
def questions(torch):
    x, ints = torch.tensor([1.5, 2.5]), torch.tensor([1, 2], dtype=torch.int32)
    asked = {
        "tensor": torch.is_tensor(x), "list": torch.is_tensor([1]), "floats": torch.is_floating_point(x),
        "ints": torch.is_floating_point(ints), "numel": torch.numel(x), "zero": torch.is_nonzero(ints[0] - 1),
        "method": ints[0].is_nonzero(), "promoted": torch.promote_types(torch.int64, torch.float32),
        "unsigned": torch.promote_types(torch.uint8, torch.int8),
        "result": torch.result_type(ints, 1.5), "by number": torch.result_type(ints, 2),
        "by 0-d": torch.result_type(x, torch.tensor(1.0, dtype=torch.float64)),
        "float to int": torch.can_cast(torch.float32, torch.int64),
        "int to float": torch.can_cast(torch.int64, torch.float32),
        "int to bool": torch.can_cast(torch.int8, torch.bool), "down": torch.can_cast(torch.float64, torch.float32),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "precision": torch.get_float32_matmul_precision(),
    }  # fmt: skip
    return {name: str(answer) for name, answer in asked.items()} | {
        "asarray": torch.asarray([1.5, 2]), "typed": torch.asarray(x, dtype=torch.float64),
        "copied": torch.asarray(x, copy=True),
        "asked": str(torch.asarray(x, requires_grad=True).requires_grad),
        "same": str(torch.asarray(x, copy=False) is not None),
    }


@case
def functions_of_layers(torch):
    x, w = torch.arange(8.0).reshape(1, 2, 4) / 7, torch.ones(2, 2, 2) / 3
    image = torch.arange(16.0).reshape(1, 1, 4, 4)
    return {
        "conv1d": torch.conv1d(x, w, padding=1), "conv2d": torch.conv2d(image, torch.ones(1, 1, 2, 2), stride=2),
        "back": torch.conv_transpose1d(x, w), "up": torch.conv_transpose2d(image, torch.ones(1, 1, 2, 2)),
        "max": torch.max_pool1d(x, 2), "largest": torch.max_pool2d(image, 2), "mean": torch.avg_pool1d(x, 2),
        "adaptive": torch.adaptive_avg_pool1d(x, 2), "layer": torch.layer_norm(x, (4,)),
        "groups": torch.group_norm(x, 2),
        "rms": torch.rms_norm(x, (4,)), "not dropped": torch.dropout(x, 0.5, False), "selu": torch.selu(-x),
        "celu": torch.celu(-x),
        "prelu": torch.prelu(-x, torch.tensor([0.5])), "threshold": torch.threshold(x, 0.5, 2.0),
        "shuffled": torch.pixel_shuffle(image.reshape(1, 4, 2, 2), 2), "unshuffled": torch.pixel_unshuffle(image, 2),
        "bilinear": torch.bilinear(x[0, :, :2], x[0, :, 2:], w, torch.zeros(2)),
    }  # fmt: skip


@case
def random_states(torch):
    torch.manual_seed(3)
    state = torch.get_rng_state()
    first = torch.rand(3)
    torch.set_rng_state(state)
    again = torch.rand(3)
    with torch.random.fork_rng():
        inside = torch.randn(2)
    behind = torch.randn(2)
    with torch.random.fork_rng(enabled=False):
        torch.rand(1)
    return {"first": first, "again": again, "inside": inside, "behind": behind, "at last": torch.rand(2)}
