"""Functions of tensors that programs from elsewhere use: arranged, counted, put in place."""

from .differentiated import differentiated, normal, positive
from .families import Cases
from .tensor_functions import between, changed, with_zeros

case = CASES = Cases()

OPERATIONS = {  # name -> (function(torch, *inputs), *inputs)
    "logaddexp": (lambda t, x, y: t.logaddexp(x, y), normal(2, 3), normal(3)),
    "asin": (lambda t, x: t.asin(x), between(-0.9, 0.9, 4)),
    "acos": (lambda t, x: x.acos(), between(-0.9, 0.9, 4)),
    "cumprod": (lambda t, x: t.cumprod(x, 1), positive(2, 4)),
    "cumprod_first": (lambda t, x: x.cumprod(0) ** 2, normal(3, 2)),
    "cumprod_with_zeros": (lambda t, x: x.cumprod(-1), with_zeros(2, 4)),
    "cumprod_with_zeros_first": (lambda t, x: x.mT.cumprod(0), with_zeros(2, 3)),
    "cumprod_number": (lambda t, x: x.cumprod(0), normal()),
    "var_mean": (lambda t, x: t.var_mean(x, 1), normal(2, 3)),
    "var_mean_options": (lambda t, x: t.var_mean(x, dim=0, correction=0, keepdim=True), normal(2, 3)),
    "std_mean": (lambda t, x: t.std_mean(x), normal(2, 3)),
    "std_mean_unbiased": (lambda t, x: t.std_mean(x, False), normal(4)),
    "meshgrid": (lambda t, x, y: tuple(g**2 for g in t.meshgrid(x, y, indexing="ij")), normal(2), normal(3)),
    "meshgrid_xy": (lambda t, x, y, z: tuple(g**2 for g in t.meshgrid([x, y, z], indexing="xy")),
                    normal(2), normal(3), normal()),
    "narrow": (lambda t, x: t.narrow(x, 1, 1, 2) * x.narrow(-1, -2, 2), normal(2, 4)),
    "select": (lambda t, x: t.select(x, 1, -1) * x.select(0, 1).sum(), normal(2, 3)),
    "unflatten": (lambda t, x: t.unflatten(x, 1, (2, -1)) ** 2 * x.unflatten(-1, [2, 3]), normal(2, 6)),
    "swapaxes": (lambda t, x: t.swapaxes(x, 0, 1) ** 2 * x.swapaxes(1, 0), normal(2, 3)),
    "repeat_interleave": (lambda t, x: t.repeat_interleave(x, 2, dim=1) ** 2, normal(2, 3)),
    "repeat_interleave_flat": (lambda t, x: x.repeat_interleave(3) ** 2, normal(2, 2)),
    "repeat_interleave_each": (lambda t, x: x.repeat_interleave(t.tensor([2, 0, 1]), dim=0) ** 2, normal(3, 2)),
    "tile": (lambda t, x: t.tile(x, (2,)) ** 2, normal(2, 2)),
    "tile_more": (lambda t, x: x.tile(2, 1, 2) ** 2, normal(2, 2)),
    "trace": (lambda t, x: t.trace(x) ** 2 + x.trace(), normal(3, 2)),
    "diag_of_vector": (lambda t, x: t.diag(x, 1) ** 2, normal(3)),
    "diag_of_matrix": (lambda t, x: x.diag(-1) ** 2, normal(3, 3)),
    "flips": (lambda t, x: t.fliplr(x) * x.flipud(), normal(2, 3)),
    "rot90": (lambda t, x: t.rot90(x) * x.rot90(3) + x.rot90(-1), normal(3, 3)),
    "rot90_plane": (lambda t, x: t.rot90(x, 2, (0, 2)) * x.rot90(4, [1, 2]), normal(2, 2, 3)),
    "take_along_dim": (lambda t, x: t.take_along_dim(x, t.argsort(x, 1), 1) ** 2, normal(2, 3)),
    "take_along_dim_broadcast": (lambda t, x: x.take_along_dim(t.tensor([[2, 0]]), dim=1) ** 2, normal(2, 3)),
    "take_along_dim_flat": (lambda t, x: x.take_along_dim(t.tensor([5, 0, 5])) ** 2, normal(2, 3)),
    "index_add": (lambda t, x, y: t.index_add(x, 1, t.tensor([2, 0, 2]), y, alpha=2) ** 2, normal(2, 3), normal(2, 3)),
    "index_fill": (lambda t, x: t.index_fill(x, 0, t.tensor([1, -1]), 2.0) ** 2, normal(3, 2)),
    "more_in_place": (
        lambda t, x, y: changed(x, ("index_add_", 0, t.tensor([1, 1]), y), ("index_fill_", 0, t.tensor([0]), 3.0),
                                ("cumsum_", 0), ("cumprod_", 0)),
        normal(3), normal(2)),
    "baddbmm_in_place": (lambda t, x, y: changed(x, ("baddbmm_", y, y), ("asin_",)),
                         between(0.1, 0.2, 1, 2, 2), between(0.1, 0.4, 1, 2, 2)),
}

CASES.update(differentiated(OPERATIONS))


@case
def distinct(torch):
    x = torch.tensor([[3, 1, 3], [1, 2, 3]])
    rows = torch.tensor([[1.0, 2.0], [0.0, 5.0], [1.0, 2.0]])
    return {
        "unique": torch.unique(x), "all": list(x.unique(return_inverse=True, return_counts=True)),
        "counts": list(torch.unique(rows, return_counts=True)), "rows": rows.unique(dim=0),
        "rows all": list(torch.unique(rows, sorted=True, return_inverse=True, return_counts=True, dim=0)),
        "columns": list(torch.unique(x, dim=1, return_inverse=True)), "bools": torch.unique(x > 1),
        "nan": torch.tensor([float("nan"), 1.0, float("nan")]).unique(), "number": torch.tensor(2.0).unique(),
        "nothing": torch.zeros(0).unique(),
    }


@case
def counted(torch):
    x = torch.tensor([1.0, 2.5, 1.0, 4.0, -1.0])
    ints = torch.tensor([3, 1, 3, 0])
    edges = torch.tensor([0.0, 1.0, 3.0])
    return {
        "bincount": torch.bincount(ints), "longer": ints.bincount(minlength=6),
        "weights": torch.bincount(ints, torch.tensor([0.5, 1.0, 2.0, 1.0])),
        "doubles": torch.bincount(ints, weights=torch.tensor([1, 2, 3, 4])),
        "no ints": torch.bincount(torch.tensor([], dtype=torch.int64)),
        "histc": torch.histc(x, 4, 0, 4), "whole": x.histc(bins=3), "doubles of histc": x.double().histc(3, -1, 4),
        "all the same": torch.histc(torch.ones(3), 4), "out": torch.histc(x, bins=2, min=1, max=2),
        "empty": torch.histc(torch.zeros(0), 3), "histogram": list(torch.histogram(x, 4, range=(0.0, 4.0))),
        "edges": list(torch.histogram(x, edges)), "default": list(x.histogram(bins=2)),
        "density": torch.histogram(x, 3, range=(0.0, 3.0), weight=x.abs(), density=True).hist,
        "same": list(torch.histogram(torch.ones(2), 3)), "shown": str(torch.histogram(x, edges)),
    }


@case
def places(torch):
    row = torch.tensor([1.0, 3.0, 5.0, 5.0])
    rows = torch.tensor([[1, 2, 3], [4, 5, 6]])
    return {
        "left": torch.searchsorted(row, torch.tensor([[0.0, 5.0], [3.0, 9.0]])),
        "right": torch.searchsorted(row, torch.tensor([5.0, 3.0]), right=True), "number": torch.searchsorted(row, 4.0),
        "side": torch.searchsorted(row, torch.tensor([5.0]), side="right", out_int32=True),
        "rows": torch.searchsorted(rows, torch.tensor([[2, 9], [4, 0]])),
        "sorter": torch.searchsorted(row[[2, 0, 1]], torch.tensor([4.0]), sorter=torch.tensor([1, 2, 0])),
    }


@case
def kinds_of_arrangements(torch):
    x = torch.tensor([[1, 2, 3], [4, 5, 6]])
    numbers, twice = torch.tensor([2.0, 3.0, 4.0]), torch.tensor([0, 0, 2])
    return {
        "positions": torch.repeat_interleave(torch.tensor([1, 2, 0])), "trace": x.trace(), "int32": x.int().trace(),
        "of number": torch.tensor(5).repeat_interleave(2), "by tensor": x.repeat_interleave(torch.tensor([2]), dim=1),
        "diag far out": torch.diag(x, 5), "narrow by tensor": x.narrow(1, torch.tensor(1), 2),
        "none": x.narrow(1, 3, 0), "cumprod": x.cumprod(1), "cumprod of bools": (x > 1).cumprod(0),
        "cumprod in double": x.cumprod(1, dtype=torch.float64), "cumsum": torch.cumsum(x, 0, dtype=torch.float32),
        "fliplr": x.fliplr(), "rot90": torch.rot90(x, -1, [0, 1]), "ties": (numbers - 3).cumprod(0),
        "multiplied": torch.ones(3).scatter(0, twice, numbers, reduce="multiply"),
        "multiplied by a number": torch.ones(2).scatter_(0, torch.tensor([1]), 3.0, reduce="multiply"),
        "added": torch.ones(3).scatter_(0, twice, 2.0, reduce="add"), "elements": torch.tensor(x.nelement()),
        "all added": numbers.scatter(0, twice, numbers, reduce="add"), "asin out": torch.asin(numbers),
        "index_fill": x.index_fill(1, torch.tensor([-1]), 0), "index_add": x.index_add(0, twice[:2], x, alpha=-1),
        "logaddexp": torch.logaddexp(torch.tensor([1000.0]), torch.tensor(999.0)),
        "meshgrid of numbers": list(torch.meshgrid(torch.tensor(1), torch.tensor(2), indexing="ij")),
    }


@case
def ways_to_print(torch):
    x = torch.tensor([[0.12345, 1234.5], [float("nan"), -2.0]])
    many, found = torch.arange(40.0), {}
    for name, options in {
        "precision": {"precision": 2}, "never scientific": {"sci_mode": False}, "scientific": {"sci_mode": True},
        "short": {"profile": "short", "sci_mode": False}, "threshold": {"threshold": 10, "edgeitems": 2},
        "lines": {"linewidth": 30}, "full": {"profile": "full", "linewidth": 60},
    }.items():
        torch.set_printoptions(**options)
        found |= {name: str(x), f"{name}, many": str(many), f"{name}, whole": str(many[:3] * 1e5)}
        torch.set_printoptions(profile="default")
    return found


@case
def switches(torch):
    model = torch.nn.Linear(1, 1)
    torch.backends.cudnn.benchmark = False
    numbers = torch.tensor([torch.pi, torch.e, torch.inf, torch.nan])
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.set_float32_matmul_precision("high")
    told = f"{torch.are_deterministic_algorithms_enabled()}, {torch.get_float32_matmul_precision()}"
    torch.use_deterministic_algorithms(False)
    torch.set_float32_matmul_precision("highest")
    return {"told": told, "mps": str(torch.backends.mps.is_available()), "numbers": numbers,
            "same": str(torch.compile(model, disable=True) is model)}


@case
def gradients_asked_for(torch):
    """As WGAN-GP asks for its penalty, and for an input without a part in the outputs."""
    x, unused = torch.tensor([3.0, 4.0], requires_grad=True), torch.ones(2, requires_grad=True)
    y = x**2
    (slope,) = torch.autograd.grad(outputs=y, inputs=x, grad_outputs=torch.ones_like(y), create_graph=True,
                                   retain_graph=True, only_inputs=True)  # fmt: skip
    ((slope.norm(2) - 1) ** 2).backward()
    zeros = torch.autograd.grad((x * 2).sum(), [x, unused], materialize_grads=True)
    return {"slope": slope, "penalty": x.grad, "zeros": list(zeros)}
