"""Functions of tensors beyond the core: each with its derivatives, and what has none."""

import numpy as np

from .differentiated import coarse, differentiated, normal, positive
from .families import Cases

case = CASES = Cases()


def between(low, high, *shape):
    return lambda random: random.uniform(low, high, shape)


def with_zeros(*shape):
    """Numbers among which the second of the first row is 0."""

    def draw(random):
        x = random.uniform(0.5, 2.0, shape)
        x[..., 1] = 0.0
        return x

    return draw


def changed(x, *changes):
    """x after changes in place."""
    x = x * 1
    for name, *args in changes:
        getattr(x, name)(*args)
    return x


def method(name, *args, **options):
    return lambda t, x, *more: getattr(x, name)(*more, *args, **options)


OPERATIONS = {  # name -> (function(torch, *inputs), *inputs)
    **{name: (lambda t, x, name=name: getattr(t, name)(x), make(4)) for name, make in {
        "log1p": positive, "expm1": normal, "log2": positive, "log10": positive, "rsqrt": positive, "erf": normal,
        "reciprocal": positive, "sinh": normal, "cosh": normal, "atan": normal, "ravel": normal}.items()},
    **{name: (lambda t, x, name=name: x * getattr(t, name)(x), normal(4))
       for name in ("floor", "ceil", "round", "trunc")},
    "tan": (method("tan"), between(-1, 1, 4)),
    "round_decimals": (lambda t, x: x * t.round(x, decimals=1), normal(4)),
    "sign_alone": (lambda t, x: t.sign(x) + x, normal(4)),
    "atan2": (lambda t, x, y: t.atan2(x, y), normal(3, 1), normal(2)),
    "xlogy": (lambda t, x, y: t.xlogy(x, y), with_zeros(3), positive(2, 1)),
    "lerp": (lambda t, x, y, w: t.lerp(x, y, w), normal(2, 3), normal(3), normal(3)),
    "lerp_number": (lambda t, x, y: x.lerp(y, 0.3), normal(3), normal(3)),
    "add_scaled": (lambda t, x, y: t.add(x, y, alpha=2).sub(y, alpha=0.5), normal(2, 1), normal(3)),
    "add_scaled_number": (lambda t, x: x.add(3, alpha=2), normal(2)),
    "addcmul": (lambda t, x, y, z: t.addcmul(x, y, z, value=2), normal(3), normal(3), normal(3)),
    "addcdiv": (lambda t, x, y, z: x.addcdiv(y, z, value=0.5), normal(3), normal(3), positive(3)),
    "remainder": (lambda t, x, y: x % y + t.remainder(x, 0.7), normal(4), positive(4)),
    "floor_divided": (lambda t, x, y: x * t.div(x, y, rounding_mode="floor"), normal(4), positive(4)),
    "trunc_divided": (lambda t, x, y: x * t.div(x, y, rounding_mode="trunc"), normal(4), positive(4)),
    "clamp_tensors": (lambda t, x, a, b: t.clamp(x, a, b), normal(6), between(-2, 0.5, 6), between(-0.5, 2, 6)),
    "clamp_min_tensor": (lambda t, x, a: x.clamp(min=a), normal(3, 2), normal(2)),
    "clamp_max_tensor": (lambda t, x, a: x.clamp(max=a), normal(3, 2), normal(3, 1)),
    "where_method": (lambda t, x, y: x.where(x > y, y), normal(3), normal(3)),
    "prod": (method("prod"), normal(2, 3)),
    "prod_dim": (lambda t, x: t.prod(x, -1, keepdim=True) * x.prod(0), normal(2, 3)),
    "prod_with_zeros": (method("prod", 1), with_zeros(2, 3)),
    "prod_with_zeros_all": (method("prod"), with_zeros(3)),
    "prod_of_a_number": (method("prod"), normal()),
    "var_unbiased": (lambda t, x: x.var(unbiased=False) + x.std(0, unbiased=True) + x.var(1, False, True),
                     normal(3, 3)),
    "norm": (method("norm"), normal(2, 3)),
    **{f"norm_{p}": (method("norm", p, 1), normal(2, 3)) for p in (1, 2, 3, 1.5, float("inf"), -float("inf"))},
    "norm_0": (lambda t, x: x * x.norm(0, dim=1, keepdim=True), with_zeros(2, 3)),
    "norm_fro": (lambda t, x: t.norm(x, dim=(0, 1), keepdim=True) * x.norm(p="fro"), normal(2, 2)),
    "norm_infinite_with_ties": (lambda t, x: x.norm(float("inf")), coarse(6)),
    "cumsum": (lambda t, x: t.cumsum(x, 1) ** 2, normal(2, 3)),
    "cumsum_number": (method("cumsum", 0), normal()),
    "median": (lambda t, x: x.median() * x, normal(5)),
    "median_even_with_ties": (method("median"), coarse(6)),
    "median_dim": (lambda t, x: t.median(x, 1).values ** 2, normal(2, 4)),
    "median_keepdim": (method("median", dim=0, keepdim=True), normal(3, 2)),
    "max_function": (lambda t, x: t.max(x, 1).values * t.min(x, dim=0, keepdim=True).values, normal(3, 3)),
    "sort": (lambda t, x: tuple(t.sort(x)), normal(2, 4)),
    "sort_descending": (lambda t, x: x.sort(0, descending=True).values ** 2, normal(4, 2)),
    "topk": (lambda t, x: tuple(t.topk(x, 2)), normal(2, 4)),
    "topk_smallest": (lambda t, x: x.topk(2, 0, largest=False).values ** 2, normal(4, 2)),
    "mm": (lambda t, x, y: t.mm(x, y), normal(2, 3), normal(3, 2)),
    "bmm": (lambda t, x, y: t.bmm(x, y), normal(2, 1, 3), normal(2, 3, 2)),
    "mv": (lambda t, x, y: x.mv(y), normal(2, 3), normal(3)),
    "dot": (lambda t, x, y: t.dot(x, y), normal(3), normal(3)),
    "outer": (lambda t, x, y: t.outer(x, y), normal(2), normal(3)),
    "addmm": (lambda t, x, a, b: t.addmm(x, a, b, beta=0.5, alpha=2), normal(2), normal(2, 3), normal(3, 2)),
    "shapes_of_others": (lambda t, x, y: x.reshape_as(y) * x.view_as(y) * y[:1].expand_as(y),
                         normal(6), normal(2, 3)),
    "movedim_several": (lambda t, x: t.movedim(x, (0, 2), (1, 0)) ** 2, normal(2, 1, 3)),
    "repeat": (lambda t, x: x.repeat(2, 1, 2) ** 2, normal(2, 2)),
    "repeat_number": (method("repeat", 3), normal()),
    "flip": (lambda t, x: t.flip(x, [0, -1]) * x.flip(1), normal(2, 3)),
    "roll": (lambda t, x: t.roll(x, 1) * x.roll((1, -1), (0, 1)), normal(2, 3)),
    "tril_triu": (lambda t, x: t.tril(x, -1) * 2 + t.triu(x, 1) ** 2, normal(3, 3)),
    "diagonal": (lambda t, x: (x.diagonal() ** 2).sum() + (t.diagonal(x, 1) ** 3).sum(), normal(3, 4)),
    "diagonal_of_a_batch": (lambda t, x: t.diagonal(x, -1, -2, -1) ** 2, normal(2, 3, 3)),
    "split": (lambda t, x: tuple(y * y for y in t.split(x, 2)), normal(5)),
    "split_sizes": (lambda t, x: tuple(y * y for y in x.split([1, 3], dim=1)), normal(2, 4)),
    "chunk": (lambda t, x: tuple(y * y for y in t.chunk(x, 3, -1)), normal(2, 5)),
    "unbind": (lambda t, x: tuple(y * y for y in t.unbind(x, 1)), normal(2, 2)),
    "gather": (lambda t, x: t.gather(x, 1, t.tensor([[0, 0, 2], [1, 2, 1]])) ** 2, normal(2, 3)),
    "gather_less": (lambda t, x: x.gather(0, t.tensor([[2, 0]])) ** 2, normal(3, 3)),
    "scatter": (lambda t, x, y: x.scatter(1, t.tensor([[2, 0], [1, 2]]), y) ** 2, normal(2, 3), normal(2, 2)),
    "scatter_number": (lambda t, x: t.scatter(x, 0, t.tensor([[1, 0, 1]]), 3.0) ** 2, normal(2, 3)),
    "scatter_add": (lambda t, x, y: x.scatter_add(0, t.tensor([[0, 0], [0, 1]]), y) ** 2, normal(2, 3), normal(2, 2)),
    "index_select": (lambda t, x: t.index_select(x, 1, t.tensor([2, 0, 2])) ** 2, normal(2, 3)),
    "masked_select": (lambda t, x: t.masked_select(x, t.tensor([True, False, True])) ** 2, normal(2, 3)),
    "masked_fill": (lambda t, x: t.masked_fill(x, x > 0, -1.0) * x, normal(2, 3)),
    "index_number_and_list": (lambda t, x: x[0, :, [0, 1, 1]] ** 2, normal(2, 2, 3)),
    "index_lists_apart": (lambda t, x: x[[0, 1], :, t.tensor([2, 0])] ** 2, normal(2, 2, 3)),
    "index_number_none_and_mask": (lambda t, x: x[1, None, t.tensor([True, False])] ** 2, normal(2, 2, 3)),
    "index_assigned_number_and_list": (lambda t, x, y: changed(x, ("__setitem__", (0, slice(None), [0, 2]), y)),
                                       normal(2, 2, 3), normal(2)),
    "changed_in_place": (
        lambda t, x, y: changed(x, ("sub_", y), ("pow_", 2), ("clamp_", 0.1, 5.0), ("sqrt_",)),
        normal(4), between(-2, -1, 4)),
    "changed_by_operators": (lambda t, x, y: by_operators(x * 1, y), normal(4), positive(4)),
    "masked_in_place": (lambda t, x: changed(x, ("masked_fill_", x > 0, 0.5), ("tanh_",)), normal(4)),
    "scattered_in_place": (
        lambda t, x, y: changed(x, ("scatter_add_", 0, t.tensor([0, 0]), y), ("scatter_", 0, t.tensor([2]), 1.0)) ** 2,
        normal(4), normal(2)),
}


def by_operators(x, y):
    x += y
    x *= y
    x -= 1
    x /= y
    x **= 2
    x %= 3
    return x


CASES.update(differentiated(OPERATIONS))


# --- what has no derivative -----------------------------------------------------------------------------------------


@case
def pythons_division(torch):
    ints, floats = torch.tensor([-7, 7, -7, 6]), torch.tensor([-7.0, 7.0, 7.5, 0.0])
    other, fraction = torch.tensor([2, -2, -2, 3]), torch.tensor([2.0, -2.0, 0.0, 0.0])
    return {
        "//": ints // other, "%": ints % other, "// number": ints // 2, "number //": 7 // other, "% number": ints % -3,
        "number %": 7 % other, "floats //": floats // fraction, "floats %": floats % fraction,
        "mixed": ints // 2.0, "floor": torch.div(ints, other, rounding_mode="floor"),
        "trunc": torch.div(ints, other, rounding_mode="trunc"), "floor_divide": torch.floor_divide(floats, 2),
    }


@case
def truth(torch):
    a, b = torch.tensor([True, True, False]), torch.tensor([True, False, False])
    x, y = torch.tensor([0.0, 2.0, float("nan")]), torch.tensor([1, 0, 3])
    return {
        "and": a & b, "or": a | b, "xor": a ^ b, "not": ~a, "and number": a & True, "ints": y & 1, "int or": 4 | y,
        "int not": ~y, "logical_and": torch.logical_and(x, y), "logical_or": x.logical_or(y),
        "logical_xor": torch.logical_xor(x, y), "isinf": torch.isinf(x / 0), "between": (y > 0) & (y < 3),
        "in place": torch.tensor([True, False]).logical_not_(), "isclose": torch.isclose(x, x + 1e-9, equal_nan=True),
        "allclose": torch.allclose(x[:2], x[:2] + 1e-9), "equal": torch.equal(x, x),
        "equal shapes": torch.equal(a, b[:2]),
        "is nan close": torch.allclose(x, x),
    }


@case
def counting_and_finding(torch):
    x = torch.tensor([[0, 3, 0], [1, 0, 2]])
    return {
        "count": torch.count_nonzero(x), "count0": x.count_nonzero(0), "count01": x.count_nonzero(dim=(0, 1)),
        "nonzero": torch.nonzero(x), "as_tuple": list(x.nonzero(as_tuple=True)), "of number": torch.tensor(3).nonzero(),
        "prod": x.prod(1), "cumsum": x.cumsum(0), "cumsum of bools": (x > 0).cumsum(1), "prod of bools": (x > 0).prod(),
        "max": list(torch.max(x, 0)), "where": torch.where(x > 1, x, 0), "sum of bools": (x > 0).sum(),
    }


@case
def order(torch):
    nan = float("nan")
    x = torch.tensor([[2.0, nan, -1.0, 5.0], [0.0, 3.0, 3.5, -2.0]])
    ties = torch.tensor([3, 1, 3, 1, 2])
    return {
        "sort": list(x.sort()), "down": list(x.sort(descending=True)), "argsort": torch.argsort(x, 0),
        "stable": list(ties.sort(stable=True)), "stable down": list(torch.sort(ties, stable=True, descending=True)),
        "median": x.median(), "median1": list(x.median(1)), "odd": ties.median(), "even": ties[:4].median(),
        "topk": list(x.topk(3)), "smallest": list(x.topk(2, largest=False)), "all": list(ties[:1].topk(1)),
        "number": list(torch.tensor(2.0).sort()), "median of a number": list(torch.tensor(2.0).median(0)),
        "empty": torch.tensor([]).median(), "none": list(torch.tensor([]).sort()),
        "shown": str(ties.max(0)), "median shown": repr(ties[:3].median(dim=0)), "sort shown": str(ties[:2].sort()),
    }


@case
def changes_of_types(torch):
    x = torch.tensor([1.7, -1.7, 2.5])
    kinds = {name: getattr(torch.tensor([2, 3]), name)() for name in ("log1p", "rsqrt", "reciprocal", "sinh", "erf")}
    return kinds | {
        "floor of ints": torch.tensor([2, 3]).floor(), "round of ints": torch.round(torch.tensor([2, 3])),
        "masked_fill": torch.tensor([1, 2]).masked_fill(torch.tensor([True, False]), 7), "int": x.int(),
        "double": x.double(),
        "scatter one-hot": torch.zeros(2, 3).scatter_(1, torch.tensor([[2], [0]]), 1.0), "round": x.round(),
        "lerp": torch.lerp(x, torch.zeros(3), 0.25), "norm0": x.norm(0),
        "xlogy": torch.xlogy(torch.tensor([0, 2]), 3.0),
        "copy": torch.zeros(2, dtype=torch.int64).copy_(torch.tensor([1.9, -1.9])), "item": torch.tensor([3]).item(),
        "tolist": x.double().tolist(), "clamp": torch.tensor([1, 5]).clamp(max=3.5), "pow": torch.tensor([2, 3]) ** 2,
    }


@case
def old_and_new_constructors(torch):
    x = torch.zeros(2, dtype=torch.float64)
    torch.manual_seed(3)
    return {
        "Tensor": torch.Tensor([1, 2]), "shape": torch.Tensor(2, 3) * 0, "nested": torch.Tensor([[1.5], [2]]),
        "LongTensor": torch.LongTensor([1.5, 2]), "FloatTensor": torch.FloatTensor([1, 2]), "nothing": torch.Tensor(),
        "BoolTensor": torch.BoolTensor([1, 0]), "sizes": torch.LongTensor(2, 1) * 0, "tuple": torch.Tensor((1, 2)),
        "new_zeros": x.new_zeros(2, 2), "new_ones": x.new_ones((2,), dtype=torch.int64),
        "new_full": x.new_full((2,), 3),
        "new_tensor": x.new_tensor([1, 2]), "new_empty": x.new_empty(3, 0), "randint_like": torch.randint_like(x, 5),
        "of a tensor": torch.Tensor(torch.ones(2)),
    }


@case
def not_a_number(torch):
    nan, inf = float("nan"), float("inf")
    x = torch.tensor([nan, inf, -inf, 0.0, -2.0])
    names = ("log1p", "expm1", "log2", "rsqrt", "reciprocal", "erf", "atan", "floor", "round", "sinh", "isinf")
    return {name: getattr(torch, name)(x) for name in names} | {
        "cumsum": x[1:].cumsum(0), "prod": x.prod(), "norm": x.norm(), "xlogy": torch.xlogy(x * 0, x),
        "xlogy0": torch.xlogy(torch.zeros(5), x), "clamp": x.clamp(torch.tensor(-1.0), torch.tensor(1.0)),
    }


@case
def where_there_is_no_derivative(torch):
    def slope(f, *numbers):
        x = torch.tensor(numbers, requires_grad=True)
        f(x).sum().backward()
        return x.grad

    return {
        "norm at 0": slope(torch.norm, 0.0, 0.0), "norm1 at 0": slope(lambda x: x.norm(1), 0.0, 1.0),
        "norm3 at 0": slope(lambda x: x.norm(3), 0.0, 1.0),
        "xlogy at 0": slope(lambda x: torch.xlogy(x, 0.0), 0.0, 1.0),
        "floor": slope(torch.floor, 0.0, 1.5), "sign": slope(torch.sign, 0.0, 1.5), "abs": slope(torch.abs, 0.0, -1.0),
        "max ties": slope(torch.max, 1.0, 1.0), "clamp edges": slope(lambda x: x.clamp(0, 1), 0.0, 1.0),
    }


# --- the tape -------------------------------------------------------------------------------------------------------


def functions(torch):
    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, scale):
            ctx.save_for_backward(x)
            ctx.scale = scale
            return scale * x**3

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * ctx.scale * 3 * x**2, None

    class Exp(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = x.exp()
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx, g):
            (y,) = ctx.saved_tensors
            return g * y

    class SumAndProduct(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            ctx.save_for_backward(a, b)
            larger = a > b
            ctx.mark_non_differentiable(larger)
            return a + b, a * b, larger

        @staticmethod
        def backward(ctx, g, h, _):
            a, b = ctx.saved_tensors
            return (g + h * b if ctx.needs_input_grad[0] else None), (g + h * a if ctx.needs_input_grad[1] else None)

    return Cube, Exp, SumAndProduct


@case
def functions_of_ones_own(torch):
    Cube, Exp, SumAndProduct = functions(torch)
    x = torch.tensor([1.0, -2.0], requires_grad=True)
    y = torch.tensor([0.5, 3.0], requires_grad=True)
    cube, exp = Cube.apply(x, 2.0), Exp.apply(x)
    total, product, larger = SumAndProduct.apply(x, y)
    loss = (cube + exp).sum() + (total * product**2).sum()
    first = torch.autograd.grad(loss, [x, y], create_graph=True)
    second = torch.autograd.grad(sum((g * g).sum() for g in first), [x, y])
    (only,) = torch.autograd.grad(SumAndProduct.apply(x, y.detach())[1].sum(), x)
    return {
        "cube": cube, "exp": exp, "total": total, "product": product, "larger": larger, "first": list(first),
        "second": list(second), "only": only, "name": cube.grad_fn.name(), "constant": larger.requires_grad,
        "unrecorded": Cube.apply(x.detach(), 1.0).requires_grad,
    }


@case
def hooks_and_modes(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    seen = []
    y = x * 3
    y.retain_grad()
    handle = y.register_hook(lambda g: g * 2)
    x.register_hook(lambda g: seen.append(g.clone()))
    (y * y).sum().backward()
    handle.remove()
    with torch.inference_mode():
        inside = (x * 2).requires_grad
    with torch.no_grad(), torch.enable_grad():
        again = (x * 2).requires_grad

    @torch.inference_mode()
    def predict(x):
        return (x * 2).requires_grad

    with torch.inference_mode(False):
        off = (x * 2).requires_grad
    return {"x": x.grad, "y": y.grad, "seen": seen, "inside": inside, "again": again, "function": predict(x),
            "off": off}


@case
def names_of_more_nodes(torch):
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    made = [torch.add(x, x, alpha=2), x.log1p(), x.erf(), x.cumsum(0), x.prod(), x % 2, x.lerp(x, 0.5)]
    return {str(i): y.grad_fn.name() for i, y in enumerate(made)}


# --- random numbers -------------------------------------------------------------------------------------------------


@case
def random_draws(torch):
    torch.manual_seed(7)
    p = torch.tensor([[0.1, 0.5, 0.9], [0.0, 1.0, 0.3]])
    weights = torch.tensor([[0.1, 0.0, 0.3, 0.6], [5.0, 1.0, 1.0, 1.0]])
    own = torch.Generator().manual_seed(1)
    return {
        "bernoulli": torch.bernoulli(p), "double": torch.bernoulli(p.double()), "of one": torch.bernoulli(p, 0.3),
        "in place": torch.empty(30).bernoulli_(0.4), "ints": torch.zeros(5, dtype=torch.int64).bernoulli_(0.5),
        "many": torch.empty(500).bernoulli_(0.8).sum(), "normal": torch.normal(2.0, 3.0, (3,)),
        "normal tensors": torch.normal(p, p + 1), "normal mean": torch.normal(p[0].repeat(7), 0.5),
        "normal std": torch.normal(1.0, p[0]), "multinomial": torch.multinomial(weights, 3),
        "again": torch.multinomial(weights, 12, replacement=True), "row": torch.multinomial(weights[1].double(), 4),
        "generator": torch.multinomial(weights[1], 5, True, generator=own), "own": torch.bernoulli(p, generator=own),
        "after": torch.rand(2), "normal double": torch.normal(p.double(), 1.0), "last": torch.randn(3),
    }


@case
def numbers_as_given(torch):
    x = np.array([[1.5, 2.5]])
    t = torch.from_numpy(x)
    x[0, 0] = 9.0
    return {"shared": t, "numpy": t.numpy(), "array": np.asarray(t * 2), "list": torch.tensor(t.tolist())}


@case
def signs(torch):
    nan, inf = float("nan"), float("inf")
    x = torch.tensor([nan, -0.0, 0.0, inf, -inf, -2.0], requires_grad=True)
    x.abs().sum().backward()
    return {"floats": torch.sign(x.detach()), "ints": torch.sign(torch.tensor([-3, 0, 5])), "slope of abs": x.grad}


@case
def numpys_names_of_arguments(torch):
    x, index = torch.tensor([[1.0, 5.0, 3.0], [4.0, 2.0, 6.0]], dtype=torch.float64), torch.tensor([[0, 1, 1]])
    found = {}
    for name in ("sum", "mean", "var", "std", "prod", "amax", "amin", "max", "min", "argmax", "argmin", "any", "all",
                 "logsumexp", "median"):
        out = getattr(torch, name)(x, axis=0), getattr(x, name)(axis=1, keepdims=True)
        found[name] = [part for o in out for part in (o if isinstance(o, tuple) else (o,))]
    for name in ("cumsum", "sort", "argsort", "count_nonzero", "softmax", "log_softmax", "unbind", "unsqueeze"):
        out = getattr(torch, name)(x, axis=0)
        found[name] = list(out) if isinstance(out, tuple) else out
    return found | {
        "squeeze": x[:1].squeeze(axis=0),
        "cat": torch.cat([x, x], axis=1), "stack": torch.stack([x, x], axis=1),
        "topk": list(x.topk(1, axis=1)), "chunk": list(x.chunk(2, axis=1)),
        "gather": x.gather(axis=0, index=index), "index_select": x.index_select(axis=1, index=index[0]),
    }
