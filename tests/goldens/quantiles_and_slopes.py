"""Statistics, order and calculus on points: what is computed, with its derivatives."""

from .differentiated import differentiated, normal, positive
from .families import Cases

case = CASES = Cases()

NAN, INF = float("nan"), float("inf")


def ascending(*shape):
    return lambda random: random.uniform(0.3, 1.0, shape).cumsum(-1)


def beside_nans(name, *args, **options):
    """NaNs are put in after the inputs: a NaN among the inputs could not be compared by differences."""

    def run(t, x):
        mask = t.zeros(x.shape).bool()
        mask[..., 1] = True
        out = getattr(t.where(mask, NAN, x), name)(*args, **options)
        return out[0] if isinstance(out, tuple) else out

    return run


OPERATIONS = {  # name -> (function(torch, *inputs), *inputs)
    "quantile": (lambda t, x: t.quantile(x, 0.4), normal(3, 2)),
    "quantile_row": (lambda t, x: x.quantile(t.tensor([0.1, 0.7, 1.0], dtype=x.dtype), dim=1), normal(3, 4)),
    "quantile_keepdim": (lambda t, x: x.quantile(0.3, dim=0, keepdim=True) * x, normal(4, 2)),
    "quantile_all_keepdim": (lambda t, x: t.quantile(x, t.tensor([0.2], dtype=x.dtype), keepdim=True) ** 2,
                             normal(2, 3)),
    "quantile_share": (lambda t, x, q: t.quantile(x, q, 0) ** 2, normal(5), lambda random: random.uniform(0.1, 0.9, 2)),
    **{f"quantile_{how}": (lambda t, x, how=how: t.quantile(x, 0.4, 1, interpolation=how) ** 2, normal(2, 4))
       for how in ("lower", "higher", "nearest", "midpoint")},
    "nanquantile": (beside_nans("nanquantile", 0.4, dim=-1), normal(2, 5)),
    "nanquantile_all": (beside_nans("nanquantile", 0.6, interpolation="nearest"), normal(2, 3)),
    "nansum": (beside_nans("nansum", 1), normal(2, 3)),
    "nanmean": (beside_nans("nanmean", 1, keepdim=True), normal(2, 3)),
    "nanmean_all": (beside_nans("nanmean"), normal(2, 3)),
    "nanmedian": (beside_nans("nanmedian"), normal(2, 4)),
    "nanmedian_dim": (beside_nans("nanmedian", 1, keepdim=True), normal(2, 4)),
    "cov": (lambda t, x: t.cov(x), normal(2, 4)),
    "cov_row": (lambda t, x: x.cov(correction=0), normal(4)),
    "cov_weights": (lambda t, x, w: t.cov(x, fweights=t.tensor([1, 2, 1, 3]), aweights=w), normal(2, 4), positive(4)),
    "corrcoef": (lambda t, x: t.corrcoef(x), normal(3, 4)),
    "diff": (lambda t, x: t.diff(x) ** 2, normal(2, 4)),
    "diff_twice": (lambda t, x, y: x.diff(2, 0, prepend=y, append=y) ** 2, normal(3, 2), normal(1, 2)),
    "gradient": (lambda t, x: t.gradient(x)[0] ** 2, normal(4)),
    "gradient_of_dims": (lambda t, x: tuple(g**2 for g in t.gradient(x, spacing=[0.5, 2.0], dim=(0, 1))), normal(3, 4)),
    "gradient_edges": (lambda t, x: t.gradient(x, spacing=0.5, dim=1, edge_order=2)[0] ** 2, normal(2, 4)),
    "gradient_uneven": (lambda t, x, at: t.gradient(x, spacing=(at,), edge_order=2)[0], normal(5), ascending(5)),
    "gradient_uneven_dim": (lambda t, x, at: t.gradient(x, spacing=(at,), dim=0)[0], normal(4, 2), ascending(4)),
    "trapezoid": (lambda t, y: t.trapezoid(y, dx=0.5, dim=0) ** 2, normal(4, 2)),
    "trapezoid_x": (lambda t, y, x: t.trapz(y, x, dim=0) ** 2, normal(4, 2), ascending(4)),
    "trapezoid_grid": (lambda t, y, x: t.trapezoid(y, x) ** 2, normal(2, 3), ascending(2, 3)),
    "cumulative_trapezoid": (lambda t, y, x: t.cumulative_trapezoid(y, x), normal(2, 4), ascending(4)),
    "cummax": (lambda t, x: t.cummax(x, 1)[0] ** 2, normal(2, 5)),
    "cummin": (lambda t, x: x.cummin(0).values ** 2, normal(4, 2)),
    "logcumsumexp": (lambda t, x: t.logcumsumexp(x, 1), normal(2, 4)),
    "logcumsumexp_first": (lambda t, x: x.logcumsumexp(0) ** 2, normal(3, 2)),
    "aminmax": (lambda t, x: tuple(v**2 for v in t.aminmax(x)), normal(2, 3)),
    "aminmax_dim": (lambda t, x: tuple(x.aminmax(dim=1, keepdim=True)), normal(2, 3)),
    "kthvalue": (lambda t, x: t.kthvalue(x, 2)[0] ** 2, normal(2, 4)),
    "kthvalue_keepdim": (lambda t, x: x.kthvalue(3, 0, True).values ** 2, normal(3, 2)),
    "mode_of_unlike": (lambda t, x: t.mode(x, 0)[0] ** 2, normal(3, 2)),
    "dist": (lambda t, x, y: t.dist(x, y), normal(2, 3), normal(3)),
    "dist_p": (lambda t, x, y: x.dist(y, 3), normal(2, 2), normal(2, 2)),
    "renorm": (lambda t, x: t.renorm(x, 2, 0, 1.5), normal(3, 3)),
    "renorm_columns": (lambda t, x: x.renorm(1, 1, 2.0), normal(2, 3, 2)),
}  # fmt: skip

CASES.update(differentiated(OPERATIONS))


@case
def order(torch):
    x = torch.tensor([[3, 1, 3, 1, 2], [2, 2, 0, 5, 5]])
    y = torch.tensor([1.0, 3.0, 3.0, NAN, 2.0, NAN])
    return {
        "mode": list(torch.mode(x)), "first": list(x.mode(0, True)), "kthvalue": list(torch.kthvalue(x[1, 1:4], 2)),
        "cummax": list(torch.cummax(x, 1)), "cummin": list(x.cummin(-1)), "nan": list(torch.cummax(y, 0)),
        "least nan": list(torch.cummin(y, 0)), "number": list(torch.cummax(torch.tensor(2.0), 0)),
        "mode of number": list(torch.mode(torch.tensor(2.0))), "aminmax": list(torch.aminmax(x)),
        "nanmedian": list(torch.nanmedian(y[:5], 0)), "all": torch.nanmedian(y), "ints": x.nanmedian(),
        "none": torch.nanmedian(y[3:4]), "shown": str(torch.mode(x)), "more": str(x.aminmax(dim=1)),
        "bools": list(torch.cummax(x > 2, 1)), "third": torch.kthvalue(y, 3).values,
        "logcumsumexp": torch.tensor([1000.0, 1000.0, -INF]).logcumsumexp(0),
        "from nothing": torch.tensor([-INF, -INF, 2.0]).logcumsumexp(0),
    }


@case
def statistics(torch):
    x, y = torch.tensor([[1, 2, 4], [8, 0, 2]]), torch.tensor([1.0, NAN, 3.0])
    return {
        "quantile": y.quantile(0.5), "beside": y.nanquantile(torch.tensor([0.0, 0.5, 1.0])),
        "number": x[0, 1].float().quantile(0.3),
        "rows": torch.stack([y, y[[0, 0, 2]]]).quantile(torch.tensor([0.5, 0.25]), dim=1),
        "nothing": y[1:2].nanquantile(0.5), "nansum": x.nansum(1), "sum": y.nansum(),
        "double": y.nansum(dtype=torch.float64),
        "nanmean": y.nanmean(), "of none": y[1:2].nanmean(), "cov": torch.cov(x),
        "observed": x.cov(fweights=torch.tensor([1, 0, 2])),
        "corrcoef": x.corrcoef(), "of row": x[0].float().corrcoef(), "diff": x.diff(), "of bools": (x > 1).diff(dim=0),
        "no diff": x.diff(n=0), "many": x.diff(n=5), "gradient": list(torch.gradient(x)), "area": torch.trapezoid(x),
        "areas": torch.cumulative_trapezoid(x, dx=2.0, dim=0), "at": torch.trapezoid(x, torch.tensor([0, 1, 3])),
    }  # fmt: skip


@case
def counted(torch):
    x = torch.tensor([[1, 1, 2], [2, 2, 1]])
    rows, edges = torch.tensor([[1.0, 2.0], [1.0, 2.0], [0.0, 2.0]]), torch.tensor([1, 3, 5])
    return {
        "isin": torch.isin(x, torch.tensor([2, 7])), "inverted": torch.isin(x, torch.tensor([[1]]), invert=True),
        "of number": torch.isin(2, x), "number": torch.isin(x, 1), "bucketize": torch.bucketize(x, edges),
        "right": torch.bucketize(torch.tensor([[1.0, 4.0]]), edges, right=True),
        "short": torch.bucketize(3, edges, out_int32=True), "consecutive": torch.unique_consecutive(x),
        "all": list(x.unique_consecutive(return_inverse=True, return_counts=True)),
        "rows": list(torch.unique_consecutive(rows, return_inverse=True, return_counts=True, dim=0)),
        "columns": list(torch.unique_consecutive(x, return_counts=True, dim=1)),
    }
