"""Layers that learn the size of their input: before, at and after their first call."""

from .families import Cases

case = CASES = Cases()

LAYERS = [  # (name, arguments, options, shape of the input)
    ("LazyLinear", (3,), {}, (2, 4)), ("LazyLinear", (2,), {"bias": False}, (2, 2, 3)),
    ("LazyConv1d", (2, 2), {}, (2, 3, 4)), ("LazyConv2d", (4, 3), {"padding": 1, "groups": 2}, (2, 4, 3, 3)),
    ("LazyConv2d", (2, 2), {"bias": False, "stride": 2}, (3, 4, 4)),
    ("LazyConvTranspose1d", (2, 2), {}, (1, 3, 2)),
    ("LazyConvTranspose2d", (4, 2), {"stride": 2, "output_padding": 1, "groups": 2}, (1, 2, 2, 2)),
    ("LazyBatchNorm1d", (), {}, (4, 3)), ("LazyBatchNorm2d", (), {"momentum": None, "eps": 0.1}, (2, 3, 2, 2)),
    ("LazyBatchNorm2d", (), {"affine": False}, (2, 3, 2, 2)),
]  # fmt: skip


def _layer(name, args, options, shape):
    def run(torch):
        torch.manual_seed(3)
        layer = getattr(torch.nn, name)(*args, **options)
        before = [repr(layer), " ".join(layer.state_dict()), " ".join(n for n, _ in layer.named_parameters()),
                  " ".join(repr(p) for p in layer.parameters())]
        layer.double()
        held = list(layer.parameters())
        x = torch.randn(*shape, dtype=torch.float64)
        out = layer(x)
        return {"before": before, "text": repr(layer), "out": out, "again": layer(x), "next": torch.rand(2),
                "kept": str([a is b for a, b in zip(held, layer.parameters())]), **layer.state_dict()}

    return run


for _i, _entry in enumerate(LAYERS):
    CASES[f"{_i} {_entry[0]}"] = _layer(*_entry)


@case
def network(torch):
    """As books build theirs: a dry run, then training; a twin gets the state before its first call."""
    nn = torch.nn
    torch.manual_seed(0)
    net, other = (
        nn.Sequential(nn.LazyConv2d(2, 3, padding=1), nn.LazyBatchNorm2d(), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                      nn.LazyLinear(4), nn.ReLU(), nn.LazyLinear(3)) for _ in range(2))
    text = repr(net)
    x, y = torch.randn(5, 1, 6, 4), torch.tensor([0, 1, 2, 0, 1])
    net(x)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    losses = []
    for _ in range(3):
        loss = nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    said = repr(other.load_state_dict(net.state_dict()))
    net.eval()
    return {"text": [text, repr(other), repr(net)], "losses": losses, "said": said, "same": other.eval()(x),
            "out": net(x), "next": torch.rand(1)}


@case
def filled_before_its_first_call(torch):
    """As a book does it, in PyTorch too without effect: the layer draws its numbers when it learns its shape."""
    torch.manual_seed(3)
    layer = torch.nn.LazyLinear(2)
    layer.weight.data.normal_(0, 0.01)
    layer.bias.data.fill_(0)
    before = [str(list(p.data.shape)) for p in layer.parameters()]
    return {"before": before, "out": layer(torch.randn(3, 4)), "weight": layer.weight, "next": torch.rand(2)}
