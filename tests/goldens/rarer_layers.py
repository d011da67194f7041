"""Layers and functions that a program meets now and then: shrinking, bags, unpooling, spatial transformers."""

import itertools

import numpy as np

from .differentiated import differentiated, normal, positive
from .families import Cases
from .more_functions import function
from .more_modules import weighed

case = CASES = Cases()


def places(*shape):
    """Places in an image, some of them outside, none where a pixel begins."""
    return lambda random: random.uniform(-1.4, 1.4, shape)


def apart(*shape):
    """Numbers of which no two are close."""
    return lambda random: random.permutation(np.prod(shape)).reshape(shape) * 0.3 - 1.1


def bag(*args, weights=None, **options):
    """`embedding_bag` of a table, squared."""

    def run(t, table, *more):
        given = [t.tensor(a) if isinstance(a, list) else a for a in args]
        found = t.nn.functional.embedding_bag(given[0], table, *given[1:], **options,
                                              **({"per_sample_weights": more[0]} if more else {}))
        return found**2

    return run, normal(5, 3), *([normal(*weights)] if weights else [])


def unpooled(dims, *args, size=None, **options):
    """Pooled and back, squared."""

    def run(t, x):
        F = t.nn.functional
        pooled, at = getattr(F, f"max_pool{dims}d")(x, *args, return_indices=True, **options)
        return getattr(F, f"max_unpool{dims}d")(pooled**2, at, *args, output_size=size, **options)

    return run


def looked_up(mode, padding, corners):
    return lambda t, x, grid: t.nn.functional.grid_sample(x, grid, mode, padding, corners)


OPERATIONS = {
    "hardshrink": (function("hardshrink"), normal(3, 4)),
    "hardshrink_lambda": (function("hardshrink", 1.2), normal(3, 4)),
    "softshrink": (function("softshrink"), normal(3, 4)),
    "softshrink_lambda": (function("softshrink", 0.1), normal(3, 4)),
    "tanhshrink": (function("tanhshrink"), normal(3, 4)),
    "rrelu": (function("rrelu"), normal(3, 4)),
    "rrelu_options": (lambda t, x: t.nn.functional.rrelu(x * 2, 0.3, 0.7, inplace=True), normal(3, 4)),
    "bag_mean": bag([[0, 2], [4, 2], [1, 1]]),
    "bag_sum": bag([[0, 2], [4, 2]], mode="sum"),
    "bag_max": bag([[0, 2, 1], [4, 2, 4]], mode="max"),
    "bag_offsets": bag([0, 3, 3, 1, 4], [0, 2, 2]),
    "bag_offsets_max": bag([0, 3, 3, 1, 4], [0, 3, 3], mode="max"),
    "bag_last_offset": bag([0, 3, 3, 1, 4], [0, 2, 5], include_last_offset=True),
    "bag_padding": bag([[0, 2], [4, 2], [2, 2]], padding_idx=2),
    "bag_padding_max": bag([0, 2, 2, 1, 4], [0, 1, 3], mode="max", padding_idx=-3),
    "bag_weights": bag([[0, 2], [4, 2]], mode="sum", weights=(2, 2)),
    "bag_weights_padding": bag([0, 2, 2, 1], [0, 3], mode="sum", padding_idx=2, weights=(4,)),
    "bag_empty": bag([3], [0, 1, 1], mode="max"),
    "local_response_norm": (function("local_response_norm", 3, alpha=0.5), normal(2, 4, 3)),
    "local_response_norm_images": (function("local_response_norm", 2, alpha=0.3, beta=0.6, k=2.0), normal(1, 3, 2, 2)),
    "lp_pool2d": (function("lp_pool2d", 2, 2), normal(1, 2, 4, 3)),
    "lp_pool2d_options": (function("lp_pool2d", 3.0, (2, 1), stride=(1, 2), ceil_mode=True), positive(1, 1, 4, 4)),
    "lp_pool1d": (function("lp_pool1d", 4, 3, stride=2), normal(2, 2, 7)),
    "lp_pool1d_largest": (function("lp_pool1d", float("inf"), 2), normal(1, 2, 4)),
    "max_unpool2d": (unpooled(2, 2), apart(2, 1, 4, 4)),
    "max_unpool2d_size": (unpooled(2, 2, size=(2, 1, 5, 4)), apart(2, 1, 5, 4)),
    "max_unpool1d": (unpooled(1, 2), apart(1, 2, 6)),
    "channel_shuffle": (function("channel_shuffle", 2), normal(1, 6, 2, 2)),
    **{f"grid_sample_{mode}_{padding}_{corners}": (looked_up(mode, padding, corners), normal(2, 2, 3, 4),
                                                   places(2, 3, 2, 2))
       for mode, padding, corners in itertools.product(
           ("bilinear", "nearest"), ("zeros", "border", "reflection"), (True, False))},
    "affine_grid": (lambda t, theta: t.nn.functional.affine_grid(theta, (2, 1, 3, 2), align_corners=False) ** 2,
                    normal(2, 2, 3)),
    "affine_grid_corners": (lambda t, theta: t.nn.functional.affine_grid(theta, (1, 3, 2, 4), align_corners=True) ** 2,
                            normal(1, 2, 3)),
}  # fmt: skip
CASES.update(differentiated(OPERATIONS, once=("bag", "grid_sample", "hardshrink", "softshrink", "rrelu")))

SHARED_OUT = {  # their slopes are no derivatives: shares by frequency; places that two windows name get both slopes
    "bag_offsets_sum": bag([0, 4, 4, 1, 3], [0, 0, 3], mode="sum", scale_grad_by_freq=True),
    "max_unpool2d_overlap": (unpooled(2, 3, 2, 1, size=(5, 4)), apart(1, 1, 5, 4)),
    "max_unpool1d_one": (unpooled(1, 3, 2, size=(8,)), apart(2, 8)),
}
CASES.update(differentiated(SHARED_OUT, once=("bag",)))


MODULES = [  # (name, arguments, options, shapes of the inputs)
    ("Hardshrink", (), {}, (2, 3)), ("Softshrink", (0.2,), {}, (2, 3)), ("Tanhshrink", (), {}, (2, 3)),
    ("RReLU", (), {}, (3, 4)), ("RReLU", (0.2, 0.4), {"inplace": True}, (2, 5)), ("Softmax2d", (), {}, (2, 3, 2, 1)),
    ("Dropout1d", (), {}, (2, 3, 2)), ("Dropout1d", (0.3,), {}, (4, 3)), ("Dropout3d", (0.4,), {}, (2, 3, 1, 2, 1)),
    ("AlphaDropout", (), {}, (3, 4)), ("AlphaDropout", (0.2,), {"inplace": True}, (3, 4)),
    ("AlphaDropout", (1.0,), {}, (2, 2)), ("FeatureAlphaDropout", (0.4,), {}, (2, 3, 2)),
    ("LocalResponseNorm", (2,), {}, (2, 3, 2)), ("LocalResponseNorm", (3, 0.1), {"k": 2.0}, (1, 4, 2, 2)),
    ("LPPool2d", (2, 2), {}, (1, 1, 4, 4)), ("LPPool1d", (2, 3), {"stride": 1, "ceil_mode": True}, (1, 2, 5)),
    ("UpsamplingNearest2d", (), {"scale_factor": 2}, (1, 1, 2, 3)),
    ("UpsamplingBilinear2d", ((3, 5),), {}, (1, 2, 2, 3)), ("ChannelShuffle", (3,), {}, (1, 6, 2, 1)),
]  # fmt: skip


def _module(name, args, options, shape, dtype):
    def run(torch):
        torch.manual_seed(3)
        module = getattr(torch.nn, name)(*args, **options)
        x = torch.randn(*shape, dtype=getattr(torch, dtype)).requires_grad_()
        out = module(x * 1)
        (slope,) = torch.autograd.grad(weighed(torch, [out]), [x])
        after = torch.rand(2)
        return {"text": repr(module), "out": out, "slope": slope, "next": after, "evaluated": module.eval()(x * 1)}

    return run


for (_i, _entry), _dtype in itertools.product(enumerate(MODULES), ("float64", "float32")):
    CASES[f"module {_i} {_entry[0]}[{_dtype}]"] = _module(*_entry, dtype=_dtype)


@case
def bags_of_words(torch):
    torch.manual_seed(0)
    bag = torch.nn.EmbeddingBag(6, 2, max_norm=1.0, mode="sum", padding_idx=-1)
    found = {"text": repr(bag), **bag.state_dict()}
    out = bag(torch.tensor([1, 5, 2, 2, 0]), torch.tensor([0, 3]))
    weighed(torch, [out]).backward()
    table = torch.arange(6.0).reshape(3, 2)
    given = torch.nn.EmbeddingBag.from_pretrained(table, mode="max", norm_type=1.0)
    return found | {"out": out, "slope": bag.weight.grad, "shortened": bag.weight, "given": repr(given),
                    "plain": repr(torch.nn.EmbeddingBag(3, 4)), "frozen": str(given.weight.requires_grad),
                    "largest": given(torch.tensor([[0, 2], [1, 0]]))}


@case
def there_and_back(torch):
    nn = torch.nn
    x = torch.arange(25.0).reshape(1, 1, 5, 5)
    pool, back = nn.MaxPool2d(2, stride=2, return_indices=True), nn.MaxUnpool2d(2, stride=2)
    row, way = nn.MaxPool1d(3, 2, return_indices=True), nn.MaxUnpool1d(3, 2)
    return {"text": [repr(back), repr(way), repr(nn.MaxUnpool2d((3, 2), padding=1))],
            "image": back(*pool(x[..., :4, :4])),
            "size": back(*pool(x), output_size=x.size()), "row": way(*row(x[0, 0]), output_size=(5,))}


@case
def parameters_by_name(torch):
    nn = torch.nn
    held = nn.ParameterDict({"b": torch.ones(2), "a": nn.Parameter(torch.zeros(1))})
    found = {"sorted": list(held), "state": list(held.state_dict()), "kind": type(held["b"]).__name__}
    held["c"] = torch.full((2,), 3.0)
    held.update([("d", torch.ones(1)), ("b", torch.zeros(3))])
    found |= {"grown": list(held.keys()), "shapes": [str(tuple(p.shape)) for p in held.values()],
              "in": [str("c" in held), str("x" in held), str(held.get("x")), str(len(held))],
              "names": [name for name, _ in held.named_parameters()], "back": list(reversed(held))}
    found |= {"popped": held.pop("c"), "last": held.popitem()[0],
              "left": list(held.copy() | nn.ParameterDict({"z": 3})),
              "default": held.setdefault("e", torch.ones(1)), "other": list(held.fromkeys(["u", "v"]))}
    del held["a"]
    held |= {"f": torch.ones(1)}
    model = nn.Module()
    model.held = held
    found |= {"end": list(model.state_dict())}
    held.clear()
    held["w"], held["n"] = torch.ones(2, 1, dtype=torch.float64, device="cpu"), 3
    found["text"] = repr(held)
    held.clear()
    return found | {"cleared": [*map(str, held.keys()), str(len(held))]}


@case
def types_by_their_old_names(torch):
    x, old = torch.tensor([1.7, -2.2], device="cpu"), torch.__name__
    found = {name: x.to(getattr(torch, name)).type() for name in (
        "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool")}
    return found | {"made": x.type(torch.LongTensor), "said": x.type(f"{old}.DoubleTensor"),
                    "dtype": x.type(torch.int32), "same": str(x.type(torch.FloatTensor).dtype)}


@case
def buffers_assigned(torch):
    nn = torch.nn
    model = nn.Module()
    model.mean, model.scratch = nn.Buffer(torch.ones(2)), nn.Buffer(torch.zeros(1), persistent=False)
    found = {"state": list(model.state_dict()), "buffers": [name for name, _ in model.named_buffers()],
             "kinds": [str(isinstance(model.mean, nn.Buffer)), str(isinstance(torch.ones(1), nn.Buffer)),
                       str(model.mean.requires_grad), type(model.mean + 1).__name__]}
    model.mean = torch.full((2,), 5.0)
    model.scratch = nn.Buffer(torch.ones(3))
    return found | {"set": model.mean, "later": list(model.state_dict())}


@case
def a_softmax_in_parts(torch):
    torch.manual_seed(0)
    layer = torch.nn.AdaptiveLogSoftmaxWithLoss(6, 9, [2, 5], div_value=2.0, head_bias=True)
    x = torch.randn(5, 6, requires_grad=True)
    found = {"text": repr(layer), "state": list(layer.state_dict())}
    out, loss = layer(x, torch.tensor([0, 8, 3, 1, 2]))
    loss.backward()
    one = layer(x[0], torch.tensor(4))
    return found | {"out": out, "loss": loss, "slope": x.grad, "slopes": [p.grad for p in layer.parameters()],
                    "all": layer.log_prob(x), "class": layer.predict(x), "one": one.output, "one loss": one.loss,
                    "short": layer(x[:2], torch.tensor([1, 0])).output}


@case
def of_a_parameter(torch):
    """What is learned may be an image itself."""
    F, found = torch.nn.functional, {}
    torch.manual_seed(0)
    for name, made in {
        "dropout": lambda x: F.dropout(x, 0.5),
        "interpolate": lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"),
        "alpha_dropout": lambda x: F.alpha_dropout(x, 0.5, True), "rrelu": lambda x: F.rrelu(x, training=True),
        "max_unpool2d": lambda x: F.max_unpool2d(x, torch.tensor([[[[0, 3]]]]), (1, 2)),
        "grid_sample": lambda x: F.grid_sample(x, torch.full((1, 1, 1, 2), 0.3), align_corners=True),
    }.items():
        x = torch.nn.Parameter(torch.tensor([[[[-1.0, 2.0]]]]))
        out = made(x)
        out.sum().backward()
        found |= {name: out, f"{name} slope": x.grad}
    return found


@case
def shrunk_far_out(torch):
    F, found = torch.nn.functional, {}
    for name in ("hardshrink", "softshrink", "tanhshrink", "rrelu"):
        x = torch.tensor([float("nan"), float("inf"), -float("inf"), 0.5, -0.5, 0.0], requires_grad=True)
        out = getattr(F, name)(x)
        out.sum().backward()
        found |= {name: out, f"{name} slope": x.grad}
    return found


@case
def straight_back(torch):
    """The grid that changes nothing: each place is a pixel, and its last bit decides between which two it lies."""
    F, found = torch.nn.functional, {}
    x = (torch.arange(64.0).reshape(1, 1, 8, 8) ** 2).sin()
    for padding, corners in (("zeros", False), ("border", True)):
        theta = torch.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]], requires_grad=True)
        grid = F.affine_grid(theta, x.size(), align_corners=corners)
        out = F.grid_sample(x, grid, padding_mode=padding, align_corners=corners)
        (out * x).sum().backward()
        found |= {f"{padding} {corners}": out.detach(), f"{padding} {corners} slope": theta.grad}
    return found


@case
def a_spatial_transformer_learns(torch):
    nn, F, losses = torch.nn, torch.nn.functional, []
    torch.manual_seed(0)
    where, what = nn.Sequential(nn.Flatten(), nn.Linear(36, 6)), nn.Sequential(nn.Flatten(), nn.Linear(36, 3))
    where[1].weight.data.zero_()
    where[1].bias.data.copy_(torch.tensor([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]))
    optimizer = torch.optim.SGD([*where.parameters(), *what.parameters()], lr=0.1)
    x, y = torch.rand(4, 1, 6, 6), torch.tensor([0, 2, 1, 0])
    for _ in range(3):
        optimizer.zero_grad()
        grid = F.affine_grid(where(x).view(-1, 2, 3), x.size(), align_corners=False)
        loss = F.cross_entropy(what(F.grid_sample(x, grid, align_corners=False)), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return {"losses": losses, "turned by": where[1].bias}
