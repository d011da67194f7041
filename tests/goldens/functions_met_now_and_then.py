"""Functions and arguments that programs write now and then: inverse hyperbolic ones, `out=`, old decompositions."""

import warnings

from .differentiated import differentiated, normal
from .families import Cases

case = CASES = Cases()

OPERATIONS = {
    "asinh": (lambda t, x: t.asinh(x), normal(2, 3)),
    "acosh": (lambda t, x: t.acosh(1.5 + x * x), normal(4)),
    "atanh": (lambda t, x: x.tanh().mul(0.9).atanh(), normal(4)),
    "fmax": (lambda t, x, y: t.fmax(x, y), normal(4), normal(4)),
    "fmin": (lambda t, x, y: x.fmin(y), normal(4), normal(1)),
    "ldexp": (lambda t, x: x.ldexp(t.tensor([1.0, 0.0, -2.0])), normal(3)),
    "as_strided": (lambda t, x: x.as_strided((2, 2, 2), (1, 3, 1), 1), normal(3, 3)),
    "old svd": (lambda t, x: t.svd(x)[1] * 2, normal(3, 2)),
    "old qr": (lambda t, x: x.qr()[1], normal(2, 2)),
    "old cholesky": (lambda t, x: t.cholesky(x @ x.mT + 2 * t.eye(2, dtype=x.dtype), upper=True), normal(2, 2)),
    "triangular_solve": (lambda t, b, a: t.triangular_solve(b, a + 3 * t.eye(2, dtype=b.dtype), transpose=True)[0],
                         normal(2, 1), normal(2, 2)),
    "logsumexp by name": (lambda t, x: x.logsumexp(axis=1), normal(2, 3)),
    "pdist": (lambda t, x: t.pdist(x), normal(4, 3)),
    "pdist by the sum": (lambda t, x: t.nn.functional.pdist(x, p=1), normal(3, 2)),
    "broadcast_to": (lambda t, x: x.broadcast_to(2, -1) * t.broadcast_to(x, (1, -1)), normal(3)),
}  # fmt: skip
CASES.update(differentiated(OPERATIONS, once=("pdist",)))


@case
def written_into_a_tensor(torch):
    x, y, m = torch.tensor([1.0, 2.0]), torch.tensor([3.0, -1.0]), torch.tensor([[1.0, 2.0], [0.0, 1.0]])
    out, empty = torch.zeros(2), torch.empty(0)
    same = torch.add(x, y, alpha=2, out=out)
    torch.mm(m, m, out=empty)
    part = torch.zeros(2, 2)
    torch.exp(x, out=part[0])
    return {"add": out, "same": str(same is out), "mm": empty, "view": part,
            "others": [f(x, y, out=torch.zeros(2))
                       for f in (torch.sub, torch.mul, torch.div, torch.maximum, torch.pow)],
            "products": [torch.matmul(m, x, out=torch.empty(2)), torch.dot(x, y, out=torch.empty(()))],
            "cat": torch.cat([x, y], out=torch.zeros(4)), "stack": torch.stack((x, y), 1, out=torch.empty(0)),
            "sum": torch.sum(m, 0, out=torch.zeros(2)),
            "wider": torch.add(x, y, out=torch.zeros(2, dtype=torch.float64))}


@case
def bits_and_integers(torch):
    k = torch.tensor([1, -5, 6])
    return {"left": [k << 1, 1 << k.abs(), k << k.abs(), torch.bitwise_left_shift(k, 2)],
            "right": [k >> 1, 64 >> k.abs(), torch.bitwise_right_shift(k, torch.tensor(2))],
            "logsumexp": k.logsumexp(0), "positive": [+k, torch.positive(k)],
            "casts": [k.short(), k.char(), torch.tensor([1.9]).short()],
            "unravelled": torch.unravel_index(torch.tensor([[4, 0], [5, -1]]), (2, 3)),
            "vander": torch.vander(k, increasing=True), "one": torch.vander(k, 1)}


@case
def arguments_by_name(torch):
    x, at = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[1], [0]])
    torch.manual_seed(2)
    return {"flip": [torch.flip(x, dims=(0, 1)), x.flip(dims=[1])], "permute": x.permute(dims=(1, 0)),
            "integers": [torch.randint(high=9, size=(3,)), torch.randint(4, size=(2,)), torch.randint(2, 5, (2,)),
                         torch.randint(low=1, high=3, size=(2,), dtype=torch.float32, requires_grad=True)],
            "scatter": [x.scatter(dim=1, index=at, value=9.0), torch.zeros(2, 2).scatter_(1, at, value=1)],
            "drawn": [torch.ones(2).bernoulli(), torch.tensor([0.0, 1.0]).multinomial(2, True)],
            "channels last": x.reshape(1, 1, 2, 2).to(memory_format=torch.channels_last),
            "a module": torch.nn.Conv2d(1, 1, 1).to(memory_format=torch.channels_last, non_blocking=True).weight}


@case
def of_one_number(torch):
    x = torch.tensor(3.0)
    return {"flip": [x.flip(()), x.flip(0)], "index_fill": torch.tensor(1.0).index_fill_(0, torch.tensor([0]), 5.0),
            "scatter_add": torch.tensor(1.0).scatter_add_(0, torch.tensor(0), x),
            "index_select": x.index_select(0, torch.tensor([0])), "logsumexp": x.logsumexp(0)}


@case
def asked_of_real_numbers(torch):
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    before = str(y.retains_grad)
    y.retain_grad()
    return {"answers": [str(x.is_complex()), str(torch.is_complex(x)), str(x.is_sparse), str(x.retains_grad), before,
                        str(y.retains_grad), str(x.dim() == x.ndimension()), str((x.get_device() == -1) != x.is_cuda)],
            "real": y.real}


@case
def a_gradient_that_is_not_a_number(torch):
    x = torch.tensor([0.0, 1.0], requires_grad=True)

    def loss():
        return (torch.sqrt(x) * torch.tensor([0.0, 1.0])).sum()

    told, switch = [], torch.autograd.set_detect_anomaly
    for mode in (lambda: switch(True), torch.autograd.detect_anomaly, lambda: switch(False),
                 lambda: switch(True, False)):
        try:
            with warnings.catch_warnings(), mode():
                warnings.simplefilter("ignore")
                loss().backward()
            told.append("passed")
        except RuntimeError as error:
            told.append(str(error).split(".")[0].split(":")[0])
    return {"told": told, "slope": x.grad}


@case
def poles_of_digamma(torch):
    x = torch.tensor([-1.0, -2.0, 0.0, -0.5, 3.0], requires_grad=True)
    return {"digamma": torch.digamma(x), "slope of lgamma": torch.autograd.grad(torch.lgamma(x).sum(), x)[0]}


@case
def second_derivatives_where_all_is_ignored(torch):
    found = []
    for options in ({}, {"weight": torch.tensor([1.0, 2.0])}, {"reduction": "sum"}):
        x = torch.tensor([[1.0, -1.0], [0.5, 2.0]], requires_grad=True)
        loss = torch.nn.functional.cross_entropy(x, torch.tensor([-100, -100]), **options)
        (slope,) = torch.autograd.grad(loss, x, create_graph=True)
        found += [loss, slope, *torch.autograd.grad((slope * x).sum(), x)]
    return {"found": found}


@case
def a_layer_of_ones_own(torch):
    weight = torch.empty(4, 3)
    fan_in, fan_out = torch.nn.init._calculate_fan_in_and_fan_out(weight)
    return {"fans": [str(fan_in), str(fan_out)], "new axis": torch.ones(2)[:, torch.newaxis]}
