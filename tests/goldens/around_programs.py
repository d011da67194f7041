"""Around a program: samplers and data sets, comparing in tests, checkpoints, mixed precision that is switched off."""

import importlib

from .families import Cases

case = CASES = Cases()


# --- data -----------------------------------------------------------------------------------------------------------


@case
def some_indices_in_random_order(torch):
    data = torch.utils.data
    torch.manual_seed(1)
    sampler = data.SubsetRandomSampler([5, 3, 8, 1, 0])
    seeded = data.SubsetRandomSampler(range(10, 16), generator=torch.Generator("cpu").manual_seed(4))
    loader = data.DataLoader(torch.arange(10), 2, sampler=sampler)
    return {"first": list(sampler), "second": list(sampler), "seeded": list(seeded), "length": len(sampler),
            "batches": list(loader), "next": torch.rand(1)}


@case
def data_sets_joined(torch):
    data = torch.utils.data

    class Stream(data.IterableDataset):
        def __init__(self, *numbers):
            self.numbers = numbers

        def __iter__(self):
            return iter(self.numbers)

        def __len__(self):
            return len(self.numbers)

    x, y = data.TensorDataset(torch.arange(4.0)), torch.arange(4) * 10
    pairs, named = data.StackDataset(x, y), data.StackDataset(image=x, label=y)
    batch, by_name = next(iter(data.DataLoader(pairs, 2))), next(iter(data.DataLoader(named, 3)))
    chain = data.ChainDataset([Stream(1, 2), Stream(3)])
    return {"pair": [pairs[1][0][0], pairs[1][1]], "length": [len(pairs), len(named), len(chain)],
            "batch": [batch[0][0], batch[1]], "named": [by_name["image"][0], by_name["label"]],
            "chain": list(chain), "sum": list(Stream(4) + Stream(5, 6)), "kind": type(Stream(4) + Stream(5)).__name__,
            "batches": list(data.DataLoader(chain, 2))}


# --- testing --------------------------------------------------------------------------------------------------------


def said(torch, actual, expected, **options):
    """What `assert_close` has to say; "" where nothing."""
    try:
        torch.testing.assert_close(actual, expected, **options)
    except (AssertionError, TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


@case
def close_or_not(torch):
    t, nan = torch.tensor, float("nan")
    x = t([[1.0, 2.0], [3.0, 4.0]])
    double = x.double()
    pairs = [
        (x, x + 1e-6), (x, x + t([[0.0, 1e-3], [0.5, 0.0]])), (double, double + 1e-8), (double, double * 1.01),
        (x, x[0]), (x, double), (t([1, 2, 3]), t([1, 5, 3])), (t([True, False]), t([True, True])), (t(1.0), t(1.5)),
        (t([1.0, nan]), t([1.0, nan])), (1.0, 1.0 + 1e-9), (1.0, 1.25), (2, 3), (1, 1.0), (True, False), (None, None),
        (None, 1.0), ([x, x], [x, x + 1]), ({"a": x, "b": [1.0, 2.0]}, {"a": x, "b": [1.0, 2.5]}), ([1.0], [1.0, 2.0]),
        ({"a": 1}, {"b": 1}), ("a", "a"), (t([0.0, 1.0]), t([1.0, 0.0])), (x[:0], x[:0]), (nan, nan),
        (torch.nn.Parameter(x), x), (t([2**40]), t([2**40 + 3])), (x.float() / 3, (x / 3).double().float()),
    ]
    found = {f"{i}": said(torch, *pair) for i, pair in enumerate(pairs)}
    options = {"dtype": (x, double, {"check_dtype": False}), "number": (1, 1.0, {"check_dtype": False}),
               "wide": (x, x + 0.1, {"rtol": 0.2, "atol": 0.0}), "exact": (x, x + 1e-6, {"rtol": 0, "atol": 0}),
               "nan": (t([nan]), t([nan]), {"equal_nan": True}), "half": (x, x, {"rtol": 0.1}),
               "stride": (x, x.T.contiguous().T, {"check_stride": True}), "own": (x, x + 1, {"msg": "not so"}),
               "more": ([x], [x + 1], {"msg": lambda said: f"layer 3: {said}"}),
               "nans": (nan, nan, {"equal_nan": True}), "mixed": (x + 1e-5, double, {"check_dtype": False})}
    return found | {name: said(torch, a, b, **given) for name, (a, b, given) in options.items()}


# --- checkpoints ----------------------------------------------------------------------------------------------------


@case
def computed_again(torch):
    """Gradients with parts forgotten are those without, dropout and all."""
    nn = torch.nn
    remember = torch.utils.checkpoint.checkpoint
    torch.manual_seed(0)
    first = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Dropout(0.4))
    last = nn.Linear(4, 2)
    x = torch.randn(5, 3, requires_grad=True)
    found, calls = {}, []
    first.register_forward_pre_hook(lambda *_: calls.append(len(calls)))
    for how in ("plain", "forgotten"):
        torch.manual_seed(1)
        again = (lambda f, *x: f(*x)) if how == "plain" else (lambda f, *x: remember(f, *x, use_reentrant=False))
        h = again(first, x)
        h = h + again(lambda a, b: a * torch.sigmoid(b), h, h)
        loss = (last(h) ** 2).sum()
        slopes = torch.autograd.grad(loss, [x, *first.parameters()], retain_graph=True)
        loss.backward()
        found |= {how: loss, f"{how} slopes": list(slopes), f"{how} x": x.grad.clone(), f"{how} calls": len(calls),
                  f"{how} next": torch.rand(2)}
        x.grad = None
    return found


@case
def computed_again_in_segments(torch):
    nn = torch.nn
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 1))
    x, calls = torch.randn(4, 2, requires_grad=True), []
    for i, layer in enumerate(model):
        layer.register_forward_pre_hook(lambda *_, i=i: calls.append(i))
    out = torch.utils.checkpoint.checkpoint_sequential(model, 2, x, use_reentrant=False)
    before = list(calls)
    out.sum().backward()
    with torch.no_grad():
        still = torch.utils.checkpoint.checkpoint(model, x, use_reentrant=False)
    return {"out": out, "slope": x.grad, "before": before, "calls": sorted(calls), "still": still,
            "weights": [p.grad for p in model.parameters()]}


@case
def several_results_and_keywords(torch):
    x, y = torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor([3.0, 4.0], requires_grad=True)

    def part(x, *, scale):
        h = torch.exp(x) * scale
        return {"a": h * y, "b": [h.sum(), 3]}, x * 2

    out, twice = torch.utils.checkpoint.checkpoint(part, x, use_reentrant=False, scale=0.5)
    first = torch.autograd.grad((out["a"] * twice).sum() + out["b"][0] ** 2, [x, y], create_graph=True)
    second = torch.autograd.grad(first[0].sum() + first[1].sum(), [x, y])
    return {"first": list(first), "second": list(second)}


# --- mixed precision and several GPUs -------------------------------------------------------------------------------


@case
def precision_as_it_is(torch):
    torch.manual_seed(0)
    model = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler, found = torch.amp.GradScaler("cuda", enabled=False), {}
    with torch.autocast("cpu", enabled=False), torch.amp.autocast(device_type="cuda", enabled=False):
        loss = model(torch.ones(3, 2)).square().mean()
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    scaler.step(optimizer)
    scaler.update()

    @torch.autocast("cpu", enabled=False)
    def predicted(x):
        return model(x)

    scaler.load_state_dict(scaler.state_dict())
    found |= {"loss": loss, "weight": model.weight, "predicted": predicted(torch.ones(1, 2)),
              "scale": scaler.get_scale(), "on": str(scaler.is_enabled()), "state": repr(scaler.state_dict())}
    old = importlib.import_module(f"{torch.__name__}.cuda.amp")
    return found | {"old": [str(issubclass(old.autocast, torch.amp.autocast)),
                            str(issubclass(old.GradScaler, torch.amp.GradScaler))]}


@case
def no_gpu_to_share_with(torch):
    torch.manual_seed(0)
    model = torch.nn.DataParallel(torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU()))
    place = importlib.import_module(f"{torch.__name__}.nn.parallel")
    return {"text": repr(model), "state": list(model.state_dict()), "out": model(torch.ones(3, 2)),
            "inner": repr(model.module[0]), "place": str(place.DataParallel is torch.nn.DataParallel)}
