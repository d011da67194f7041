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
