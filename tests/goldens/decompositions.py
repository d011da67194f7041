"""Cholesky, QR, slogdet, pinv and what is built of them: what is computed, with its derivatives."""

from .differentiated import differentiated, normal
from .families import Cases
from .linear_algebra import regular

case = CASES = Cases()

INF = float("inf")


def positive_definite(x):
    return x @ x.mT + 0.5 * (x + x.mT)


OPERATIONS = {  # name -> (function(torch, *inputs), *inputs)
    "cholesky": (lambda t, x: t.linalg.cholesky(positive_definite(x)) ** 2, regular(2, 3, 3)),
    "cholesky_upper": (lambda t, x: t.linalg.cholesky(positive_definite(x), upper=True) ** 2, regular(2, 2)),
    "triangular": (lambda t, x, y: t.linalg.solve_triangular(x, y, upper=True), regular(2, 3, 3), normal(3, 2)),
    "triangular_right": (
        lambda t, x, y: t.linalg.solve_triangular(x, y, upper=False, left=False, unitriangular=True),
        regular(2, 2), normal(3, 2)),
    "cholesky_solve": (lambda t, x, y: t.cholesky_solve(y, t.linalg.cholesky(positive_definite(x))),
                       regular(2, 2), normal(2, 3)),
    "cholesky_solve_upper": (lambda t, x, y: y.cholesky_solve(t.triu(x), upper=True), regular(2, 2), normal(2, 1)),
    "qr": (lambda t, x: tuple(t.linalg.qr(x)), regular(2, 3, 3)),
    "qr_tall": (lambda t, x: tuple(t.linalg.qr(x, mode="reduced")), normal(4, 2)),
    "qr_wide": (lambda t, x: tuple(t.linalg.qr(x)), normal(2, 4)),
    "qr_wide_complete": (lambda t, x: tuple(t.linalg.qr(x, "complete")), normal(2, 3)),
    "slogdet": (lambda t, x: t.linalg.slogdet(x).logabsdet ** 2, regular(2, 3, 3)),
    "slogdet_negative": (lambda t, x: t.slogdet(-x)[1] * x.slogdet()[0], regular(3, 3)),
    "logdet": (lambda t, x: t.logdet(positive_definite(x)) * positive_definite(x).logdet(), regular(2, 2)),
    "pinv": (lambda t, x: t.linalg.pinv(x), regular(2, 2, 2)),
    "pinv_tall": (lambda t, x: t.linalg.pinv(x), normal(4, 2)),
    "pinv_wide": (lambda t, x: t.pinverse(x) @ x.pinverse().mT, normal(2, 3)),
    "pinv_rank_1": (lambda t, x, y: t.linalg.pinv(x @ y, rtol=1e-3) ** 2, normal(3, 1), normal(1, 2)),
    "lstsq": (lambda t, x, y: t.linalg.lstsq(x, y).solution, normal(4, 2), normal(4, 3)),
    "lstsq_batch": (lambda t, x, y: t.linalg.lstsq(x, y).solution ** 2, normal(2, 3, 2), normal(2, 3, 1)),
    "matrix_power": (lambda t, x: t.linalg.matrix_power(x, 3), normal(2, 2, 2)),
    "matrix_power_negative": (lambda t, x: t.matrix_power(x, -2), regular(2, 2)),
    "matrix_power_0": (lambda t, x: x * x.matrix_power(0), normal(2, 2)),
    "multi_dot": (lambda t, x, y, z: t.linalg.multi_dot([x, y, z]) ** 2, normal(2, 3), normal(3, 1), normal(1, 2)),
    "multi_dot_vectors": (lambda t, x, y, z: t.linalg.multi_dot((x, y, z)) ** 2, normal(2), normal(2, 3), normal(3)),
    "multi_dot_two": (lambda t, x, y: t.linalg.multi_dot([x, y]) ** 2, normal(2, 3), normal(3)),
    "vecdot": (lambda t, x, y: t.linalg.vecdot(x, y, dim=0) ** 2, normal(3, 2), normal(3, 1)),
    "cond": (lambda t, x: t.linalg.cond(x) * t.linalg.cond(x, -2), regular(2, 2, 2)),
    "cond_tall": (lambda t, x: t.linalg.cond(x), normal(3, 2)),
}  # fmt: skip

CASES.update(differentiated(OPERATIONS))


@case
def special_matrices(torch):
    flat = torch.tensor([[1.0, 2.0], [2.0, 4.0]])
    tall = torch.tensor([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    of_flat = torch.linalg.lstsq(torch.vstack([flat, flat]), torch.ones(4, 1))
    complete = torch.linalg.qr(tall, mode="complete")
    R = torch.linalg.qr(tall, mode="r")
    lower = torch.tensor([[4.0, 9.0], [2.0, 2.0]], requires_grad=True)  # only the lower triangle is read
    slope, = torch.autograd.grad(torch.linalg.cholesky(lower)[1].sum(), lower)
    return {
        "slogdet": list(torch.linalg.slogdet(flat * 0)), "logdet": torch.logdet(torch.tensor([[0.0, 1.0], [1.0, 0.0]])),
        "shown": str(torch.linalg.slogdet(torch.eye(2))),
        "rank": torch.linalg.matrix_rank(torch.stack([flat, torch.eye(2)])),
        "rank of tall": torch.linalg.matrix_rank(tall), "rank by atol": torch.linalg.matrix_rank(tall, atol=2.0),
        "rank by rtol": torch.linalg.matrix_rank(tall, rtol=0.5), "rank of zero": torch.linalg.matrix_rank(flat * 0),
        "rank by both": torch.linalg.matrix_rank(tall, atol=0.1, rtol=0.9), "pinv": torch.linalg.pinv(flat),
        "pinv by atol": torch.linalg.pinv(tall, atol=2.0), "pinv of zero": torch.linalg.pinv(flat * 0),
        **{f"{driver} {i}": part for driver in (None, "gelsy", "gels", "gelsd", "gelss")
           for i, part in enumerate(torch.linalg.lstsq(tall, torch.tensor([[1.0], [3.0], [6.0]]), driver=driver))},
        "vector": torch.linalg.lstsq(tall, torch.tensor([1.0, 3.0, 6.0]), driver="gels").solution,
        "shortest": of_flat.solution, "nothing left": of_flat.residuals,
        "rank of flat": of_flat.rank, "Q": complete.Q, "R": complete.R, "no Q": R.Q, "R alone": R.R,
        "lower": torch.linalg.cholesky(lower), "slope of both halves": slope,
        "upper read": torch.linalg.cholesky(torch.tensor([[4.0, 2.0], [9.0, 2.0]]), upper=True),
        **{f"cond of flat {p}": torch.linalg.cond(torch.stack([flat, tall[:2]]), p) for p in (1, INF, "fro")},
        "rank by tol": torch.linalg.matrix_rank(tall, 2.0), "pinv by rcond": torch.linalg.pinv(tall, 0.9),
        "paths": torch.matrix_power(torch.tensor([[0, 1], [1, 1]]), 5), "no step": torch.eye(2).long().matrix_power(0),
        **{f"cond {p}": torch.linalg.cond(tall[1:], p) for p in (None, 2, -2, 1, -1, INF, -INF, "fro", "nuc")},
    }  # fmt: skip
