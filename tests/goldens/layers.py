"""Convolution, pooling, normalisation, dropout, embeddings, recurrent cells: functions, modules, whole networks."""



from .differentiated import differentiated, normal
from .families import Cases

case = CASES = Cases()

# --- convolution and pooling ------------------------------------------------------------------------------------------

CONVOLUTIONS = {  # name -> (dims, image, weight, options)
    "plain": (2, (2, 2, 5, 4), (3, 2, 3, 2), {}),
    "stride": (2, (2, 2, 6, 5), (2, 2, 3, 2), {"stride": (2, 3), "padding": (1, 0)}),
    "dilation": (2, (1, 2, 6, 7), (2, 2, 2, 3), {"dilation": (3, 2), "padding": 1}),
    "groups": (2, (2, 4, 4, 3), (6, 2, 2, 2), {"groups": 2, "stride": 2, "padding": 1}),
    "depthwise": (2, (1, 3, 4, 4), (3, 1, 3, 3), {"groups": 3, "padding": "same"}),
    "same": (2, (1, 1, 4, 5), (2, 1, 4, 2), {"padding": "same", "dilation": (1, 2)}),
    "valid": (2, (2, 3, 3), (2, 2, 2, 2), {"padding": "valid"}),
    "one_by_one": (2, (2, 3, 2, 2), (2, 3, 1, 1), {}),
    "sequence": (1, (2, 3, 7), (4, 3, 3), {"stride": 2, "padding": 1}),
    "one_sequence": (1, (2, 6), (3, 2, 2), {"dilation": 2, "padding": "same"}),
}


def _convolution(dims, image, weight, options, bias):
    function = f"conv{dims}d"
    inputs = [normal(*image), normal(*weight), *([normal(weight[0])] if bias else [])]
    return lambda t, *x: getattr(t.nn.functional, function)(*x, **options), *inputs


def _pooling(name, image, *args, **options):
    return lambda t, x: squared(getattr(t.nn.functional, name)(x, *args, **options)), normal(*image)


def squared(out):
    """So that the gradient depends on the input and has a derivative itself."""
    return (out[0] ** 2, out[1]) if isinstance(out, tuple) else out**2


OPERATIONS = {
    **{f"conv_{name}": _convolution(*rest, bias=name != "valid") for name, rest in CONVOLUTIONS.items()},
    "max_pool2d": _pooling("max_pool2d", (2, 2, 4, 5), 2),
    "max_pool2d_options": _pooling("max_pool2d", (2, 6, 7), (3, 2), stride=(2, 1), padding=1, dilation=(1, 2)),
    "max_pool2d_dilated": _pooling("max_pool2d", (1, 7, 7), 3, 1, 1, 2),
    "max_pool2d_ceil": _pooling("max_pool2d", (1, 1, 5, 6), 3, 2, 1, ceil_mode=True),
    "max_pool2d_indices": _pooling("max_pool2d", (1, 2, 4, 4), 3, 1, return_indices=True),
    "max_pool1d": _pooling("max_pool1d", (2, 2, 7), 3, 2, 1),
    "avg_pool2d": _pooling("avg_pool2d", (2, 2, 4, 5), 2),
    "avg_pool2d_margin": _pooling("avg_pool2d", (2, 5, 5), 3, 2, 1),
    "avg_pool2d_ceil": _pooling("avg_pool2d", (1, 1, 6, 6), 3, 2, 1, ceil_mode=True),
    "avg_pool2d_inside": _pooling("avg_pool2d", (1, 1, 5, 6), (3, 2), 2, 1, ceil_mode=True, count_include_pad=False),
    "avg_pool2d_divisor": _pooling("avg_pool2d", (1, 1, 4, 4), 2, divisor_override=3),
    "avg_pool1d": _pooling("avg_pool1d", (2, 2, 7), 3, 2, 1),
    "adaptive_avg_pool2d": _pooling("adaptive_avg_pool2d", (2, 1, 5, 7), (2, 3)),
    "adaptive_avg_pool2d_square": _pooling("adaptive_avg_pool2d", (2, 5, 4), 1),
    "adaptive_avg_pool2d_none": _pooling("adaptive_avg_pool2d", (1, 2, 5, 4), (None, 3)),
    "adaptive_avg_pool1d": _pooling("adaptive_avg_pool1d", (1, 2, 7), 3),
}


# --- normalisation and embedding ------------------------------------------------------------------------------------


def _batch_norm(*shape, **options):
    def run(t, x, w, b):
        mean, var = t.linspace(-1, 1, shape[1], dtype=x.dtype), t.linspace(1, 2, shape[1], dtype=x.dtype)
        out = t.nn.functional.batch_norm(x, mean, var, w, b, **options)
        return out**2, mean, var

    return run, normal(*shape), normal(shape[1]), normal(shape[1])


def _looked_up(t, w, **options):
    return t.nn.functional.embedding(t.tensor([[0, 2, 2], [1, 0, 3]]), w, **options) ** 2


OPERATIONS |= {
    "batch_norm": _batch_norm(4, 3, training=True),
    "batch_norm_length": _batch_norm(2, 3, 4, training=True, momentum=0.3, eps=0.1),
    "batch_norm_images": _batch_norm(2, 2, 3, 2, training=True),
    "batch_norm_running": _batch_norm(2, 2, 3),
    "batch_norm_plain": (lambda t, x: t.nn.functional.batch_norm(x, None, None, training=True) ** 2, normal(4, 3)),
    "layer_norm": (lambda t, x, w, b: t.nn.functional.layer_norm(x, (4,), w, b) ** 2,
                   normal(2, 3, 4), normal(4), normal(4)),
    "layer_norm_plain": (lambda t, x: t.nn.functional.layer_norm(x, [3, 2], eps=0.1) ** 3, normal(2, 3, 2)),
    "embedding": (_looked_up, normal(4, 3)),
    "embedding_padding": (lambda t, w: _looked_up(t, w, padding_idx=2), normal(4, 3)),
}
CASES.update(differentiated(OPERATIONS))

# --- modules --------------------------------------------------------------------------------------------------------

MODULES = [  # (name, arguments, options, shape of the input)
    ("Conv2d", (3, 4, 3), {}, (2, 3, 5, 5)), ("Conv2d", (2, 4, (3, 2)), {"stride": 2, "padding": 1}, (2, 2, 5, 5)),
    ("Conv2d", (2, 4, 3), {"padding": "same", "groups": 2, "bias": False}, (2, 2, 5, 5)),
    ("Conv2d", (1, 1, 2), {"dilation": 2}, (1, 1, 5, 5)), ("Conv1d", (3, 2, 3), {"padding": 2}, (2, 3, 5)),
    ("MaxPool2d", (2,), {}, (1, 2, 4, 4)), ("MaxPool2d", ((3, 2), 1), {"padding": 1, "ceil_mode": True}, (1, 2, 4, 4)),
    ("MaxPool1d", (2,), {}, (1, 2, 4)), ("AvgPool2d", (2,), {}, (1, 2, 4, 4)), ("AvgPool1d", (2,), {}, (1, 2, 4)),
    ("AvgPool2d", (3, 2, 1), {"count_include_pad": False}, (1, 2, 4, 4)),
    ("AdaptiveAvgPool2d", (2,), {}, (1, 2, 5, 4)), ("AdaptiveAvgPool2d", ((1, None),), {}, (1, 2, 5, 4)),
    ("AdaptiveAvgPool1d", (2,), {}, (1, 2, 5)),
    ("BatchNorm1d", (3,), {}, (4, 3)), ("BatchNorm1d", (3,), {"momentum": None, "affine": False}, (4, 3, 2)),
    ("BatchNorm2d", (3,), {"track_running_stats": False}, (2, 3, 2, 2)), ("LayerNorm", (4,), {}, (2, 4)),
    ("LayerNorm", ((2, 3),), {"bias": False}, (4, 2, 3)),
    ("LayerNorm", ([2, 3],), {"elementwise_affine": False}, (2, 3)),
    ("Dropout", (0.3,), {}, (5, 7)), ("Dropout", (), {"inplace": True}, (3,)), ("Dropout", (1.0,), {}, (3,)),
    ("Dropout2d", (0.4,), {}, (3, 4, 2, 2)), ("Unflatten", (1, (2, 3)), {}, (2, 6)),
    ("Unflatten", (-1, (2, -1)), {}, (2, 6)),
]  # fmt: skip


def _module(name, args, options, shape):
    def run(torch):
        torch.manual_seed(3)
        module = getattr(torch.nn, name)(*args, **options)
        x = torch.randn(*shape)
        return {"text": repr(module), "out": module(x).detach(), **module.state_dict(), "next": torch.rand(2)}

    return run


for _i, _entry in enumerate(MODULES):
    CASES[f"module {_i} {_entry[0]}"] = _module(*_entry)



@case
def running_statistics(torch):
    """What batch normalisation remembers, and what it does with it after eval()."""
    torch.manual_seed(2)
    found = {}
    for momentum in (0.1, None):
        layer = torch.nn.BatchNorm1d(3, momentum=momentum)
        for _ in range(3):
            layer(torch.randn(5, 3) * 2 + 1)
        layer.eval()
        x = torch.randn(2, 3)
        found |= {f"{momentum} {name}": value for name, value in layer.state_dict().items()}
        found |= {f"{momentum} out": layer(x).detach()}
        layer.reset_parameters()
        found |= {f"{momentum} reset": layer(x).detach()}
    return found


@case
def embeddings(torch):
    torch.manual_seed(4)
    plain, padded = torch.nn.Embedding(5, 3), torch.nn.Embedding(4, 2, padding_idx=-1)
    given = torch.nn.Embedding.from_pretrained(torch.arange(6.0).reshape(3, 2))
    index = torch.tensor([[1, 3], [0, 1]])
    return {"text": [repr(plain), repr(padded), repr(given)], "plain": plain(index).detach(), "table": padded.weight,
            "given": given(index[1:]), "frozen": str(given.weight.requires_grad)}


@case
def one_hot(torch):
    F = torch.nn.functional
    classes = torch.tensor([[0, 2], [1, 0]])
    return {"inferred": F.one_hot(classes), "four": F.one_hot(classes, 4), "empty": F.one_hot(classes[:0], 3)}


# --- whole networks ---------------------------------------------------------------------------------------------------


def document_network(nn):
    """The network of the documents: 3 × 32 × 32 → 16 → 32 → 10 classes."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(3, 16, 3, padding=1)
            self.pool = nn.MaxPool2d(2, 2)
            self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
            self.fc = nn.Linear(32 * 8 * 8, 10)

        def forward(self, x):
            x = self.pool(nn.functional.relu(self.conv1(x)))
            x = self.pool(nn.functional.relu(self.conv2(x)))
            return self.fc(x.view(-1, 32 * 8 * 8))

    return Net()


def _images(dtype):
    def run(torch):
        torch.manual_seed(5)
        model = document_network(torch.nn).to(getattr(torch, dtype))
        images, labels = torch.randn(8, 3, 32, 32, dtype=getattr(torch, dtype)), torch.randint(0, 10, (8,))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
        losses = []
        for _ in range(5):
            optimizer.zero_grad()
            loss = torch.nn.CrossEntropyLoss()(model(images), labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return {"text": repr(model), "losses": torch.tensor(losses, dtype=getattr(torch, dtype)),
                "bias": model.conv1.bias, "filter": model.conv2.weight[0], "last": model.fc.bias}

    return run


for _dtype in ("float64", "float32"):
    CASES[f"document_network[{_dtype}]"] = _images(_dtype)
