"""Tensors joined, cut, combined and put in place, with derivatives."""

from .differentiated import differentiated, normal
from .families import Cases
from .tensor_functions import changed

case = CASES = Cases()

INDEX = [[0, 1, 0], [2, 0, 0]]


def reduced(how, **options):
    return lambda t, x, src: t.scatter_reduce(x, 1, t.tensor(INDEX), src, how, **options) ** 2


OPERATIONS = {  # name -> (function(torch, *inputs), *inputs)
    "vstack": (lambda t, x, y: t.vstack([x, y]) ** 2, normal(3), normal(2, 3)),
    "hstack": (lambda t, x, y: t.hstack((x, y)) ** 2, normal(2, 1), normal(2, 2)),
    "hstack_rows": (lambda t, x, y: t.hstack([x, y]) ** 2, normal(2), normal()),
    "dstack": (lambda t, x, y: t.dstack([x, y]) ** 2, normal(2), normal(1, 2, 2)),
    "column_stack": (lambda t, x, y: t.column_stack([x, y]) ** 2, normal(2), normal(2, 2)),
    "atleast": (lambda t, x, y: (t.atleast_2d(x) * t.atleast_3d(y), *(v**2 for v in t.atleast_1d(x, y))),
                normal(3), normal(2, 2)),
    "tensor_split": (lambda t, x: tuple(p**2 for p in t.tensor_split(x, 2)), normal(3, 2)),
    "tensor_split_at": (lambda t, x: tuple(p**2 for p in x.tensor_split((1, 3), dim=1)), normal(2, 4)),
    "hsplit": (lambda t, x: tuple(p**2 for p in x.hsplit(2)), normal(2, 4)),
    "diag_embed": (lambda t, x: t.diag_embed(x) ** 2, normal(2, 3)),
    "diag_embed_dims": (lambda t, x: x.diag_embed(-1, 0, 2) ** 2, normal(2, 2)),
    "diag_embed_turned": (lambda t, x: x.diag_embed(offset=1, dim1=1, dim2=0) ** 2, normal(2, 2)),
    "block_diag": (lambda t, x, y, z: t.block_diag(x, y, z) ** 2, normal(2, 1), normal(2), normal()),
    "broadcast_tensors": (lambda t, x, y: t.stack(t.broadcast_tensors(x, y)) ** 2, normal(2, 1), normal(3)),
    "cartesian_prod": (lambda t, x, y: t.cartesian_prod(x, y) ** 2, normal(2), normal(3)),
    "combinations": (lambda t, x: t.combinations(x, 2) ** 2, normal(3)),
    "take": (lambda t, x: t.take(x, t.tensor([[0, 5], [5, -2]])) ** 2, normal(2, 3)),
    "index_copy": (lambda t, x, y: t.index_copy(x, 1, t.tensor([2, 0]), y) ** 2, normal(2, 3), normal(2, 2)),
    "masked_scatter": (
        lambda t, x, y: x.masked_scatter(t.tensor([True, False, True]), y) ** 2, normal(2, 3), normal(5)),
    "put_in_place": (
        lambda t, x, y: changed(x, ("index_copy_", 0, t.tensor([1]), y[:1]), ("clip_", -1.0, 1.0),
                                ("multiply_", 2), ("masked_scatter_", x > 9, y),
                                ("scatter_reduce_", 0, t.tensor([0, 0]), y, "sum")),
        normal(3), normal(2)),
    **{f"scatter_reduce_{how}": (reduced(how), normal(2, 3), normal(2, 3)) for how in ("sum", "mean", "amax", "amin")},
    **{f"scatter_reduce_{how}_alone": (reduced(how, include_self=False), normal(2, 4), normal(2, 3))
       for how in ("sum", "mean", "amax", "amin")},
    "scatter_reduce_prod": (reduced("prod"), normal(2, 3), normal(2, 3)),
    "scatter_reduce_prod_alone": (reduced("prod", include_self=False), normal(2, 3), normal(2, 3)),
    "inner": (lambda t, x, y: t.inner(x, y) ** 2, normal(2, 3), normal(2, 2, 3)),
    "inner_numbers": (lambda t, x, y: x.inner(y) * y.reshape(1) * t.inner(x, x), normal(3), normal()),
    "vdot": (lambda t, x, y: t.vdot(x, y) * x.vdot(x), normal(3), normal(3)),
    "addmv": (lambda t, x, y, z: t.addmv(x, y, z, beta=0.5, alpha=2) ** 2, normal(2), normal(2, 3), normal(3)),
    "addr": (lambda t, x, y, z: x.addr(y, z, beta=2) ** 2, normal(2, 3), normal(2), normal(3)),
}  # fmt: skip

CASES.update(differentiated(OPERATIONS, once=("scatter_reduce_prod",)))


@case
def ties(torch):
    """Equal extremes share the gradient, and a factor of 0 has one too."""
    found = {}
    for how, own in (("amax", True), ("amin", False), ("prod", True), ("prod", False)):
        x = torch.tensor([1.0, 0.0, 2.0] if own else [5.0, 5.0, 5.0], requires_grad=True)
        src = torch.tensor([1.0, 1.0, 0.0, 3.0], requires_grad=True)
        out = x.scatter_reduce(0, torch.tensor([0, 0, 1, 1]), src, how, include_self=own)
        out.sum().backward()
        found |= {f"{how} {own}": out, f"{how} {own} slope": x.grad, f"{how} {own} slope of src": src.grad}
    return found


@case
def kinds(torch):
    x, index = torch.tensor([[1, 2, 3], [4, 5, 6]]), torch.tensor([[0, 0, 1], [2, 2, 2]])
    one = torch.tensor(5)
    return {
        **{f"{how} {own}": x.scatter_reduce(1, index, x * 2 - 5, how, include_self=own)
           for how in ("sum", "prod", "mean", "amax", "amin") for own in (True, False)},
        "first": x.scatter_reduce(0, torch.tensor([[1, 1, 1]]), x, "amax"),
        "vstack": torch.vstack([one, one]), "row_stack": torch.row_stack([x[0], x[1].float()]),
        "hstack": torch.hstack([one, x[0]]), "dstack": torch.dstack([one, one]),
        "columns": torch.column_stack([one, one]),
        "1d": list(torch.atleast_1d([one, x])), "2d": torch.atleast_2d(one), "3d": torch.atleast_3d(x[0]),
        "split": list(torch.tensor_split(x, torch.tensor([1, 2]), dim=1)), "far": list(x.tensor_split([1, 5], dim=-1)),
        "by number": list(x.tensor_split(torch.tensor(3), dim=1)), "many": list(x.tensor_split(3)),
        "hsplit": list(torch.hsplit(x[0], [1])), "vsplit": list(torch.vsplit(x, 2)), "dsplit": list(x[None].dsplit(3)),
        "tril": torch.tril_indices(3, 2), "offset": torch.tril_indices(2, 3, 1),
        "triu": torch.triu_indices(2, 4, -1, dtype=torch.int32),
        "combinations": torch.combinations(x[0], 2, True), "three": torch.combinations(x[0], r=3),
        "too few": torch.combinations(x[0], 4),
        "none": torch.combinations(x[0], r=0), "one": torch.cartesian_prod(x[0]),
        "shape": torch.tensor(torch.broadcast_shapes((2, 1), 3, (1, 3))),
        "take": x.take(one), "inner": torch.inner(x, x[0]), "logspace": torch.logspace(0, 2, 3),
        "base": torch.logspace(-1, 1, steps=3, base=2),
        "block": torch.block_diag(x, one), "masked": x.masked_scatter(x > 4, x), "diag": torch.diag_embed(x, 1, -1, 0),
        "into a number": one.scatter(0, torch.tensor(0), torch.tensor(7)), "number": x[0].index_copy(0, one - 4, one),
        "number added": one.scatter_add(0, torch.tensor(0), one),
        "numbers": [one.scatter_reduce(0, torch.tensor(0), one + 1, how) for how in ("sum", "prod", "mean", "amax")],
        "ones kept": torch.ones(2).index_copy(0, torch.tensor([], dtype=torch.int64), torch.ones(0)),
    }  # fmt: skip
