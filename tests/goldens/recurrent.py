"""Recurrent cells and layers: parameters from one seed, numbers, all gradients, second derivatives of the cells."""

import itertools

from .families import Cases

case = CASES = Cases()

CELLS = [("RNNCell", {}), ("RNNCell", {"nonlinearity": "relu", "bias": False}), ("LSTMCell", {}),
         ("LSTMCell", {"bias": False}), ("GRUCell", {}), ("GRUCell", {"bias": False})]  # fmt: skip

LAYERS = [
    ("LSTM", {}, (4, 2, 3)), ("LSTM", {"num_layers": 2, "bidirectional": True}, (3, 2, 3)),
    ("LSTM", {"num_layers": 3, "dropout": 0.4, "batch_first": True}, (2, 3, 3)),
    ("LSTM", {"bias": False, "bidirectional": True, "batch_first": True}, (2, 4, 3)),
    ("LSTM", {"num_layers": 2}, (3, 3)), ("LSTM", {"batch_first": True}, (3, 3)),
    ("GRU", {}, (4, 2, 3)), ("GRU", {"num_layers": 2, "bidirectional": True, "dropout": 0.5}, (3, 2, 3)),
    ("GRU", {"batch_first": True}, (3, 3)), ("RNN", {}, (3, 2, 3)),
    ("RNN", {"nonlinearity": "relu", "num_layers": 2, "bias": False}, (3, 2, 3)),
    ("RNN", {"bidirectional": True, "dropout": 0.5, "num_layers": 2}, (3, 1, 3)),
]  # fmt: skip


def weighed(torch, tensors):
    """A number that depends on every element of the tensors, on each in a different way."""
    return sum((x * torch.cos(torch.arange(x.numel(), dtype=x.dtype)).reshape(x.shape)).sum() for x in tensors)


def states_of(name, found):
    return list(found) if name.startswith("LSTM") else [found]


def _cell(name, options, dtype):
    def run(torch):
        torch.manual_seed(2)
        cell = getattr(torch.nn, name)(3, 2, **options, dtype=getattr(torch, dtype))
        x = torch.randn(4, 3, dtype=getattr(torch, dtype), requires_grad=True)
        state = [torch.randn(4, 2, dtype=x.dtype, requires_grad=True) for _ in states_of(name, (0, 0))]
        given = tuple(state) if len(state) > 1 else state[0]
        first = cell(x)
        second = states_of(name, cell(x * 2, given))
        alone = states_of(name, cell(x[0], tuple(s[0] for s in state) if len(state) > 1 else state[0][0]))
        inputs = [x, *state, *cell.parameters()]
        slopes = torch.autograd.grad(weighed(torch, second), inputs, create_graph=True)
        bends = torch.autograd.grad(sum((g * g).sum() for g in slopes), inputs, allow_unused=True)
        found = {"text": repr(cell), "names": " ".join(cell.state_dict()), "first": states_of(name, first),
                 "second": second, "alone": alone, "slopes": list(slopes)}
        return {**found, "bends": [torch.zeros_like(p) if b is None else b for b, p in zip(bends, inputs)]}

    return run


def _layers(name, options, shape, dtype):
    def run(torch):
        torch.manual_seed(3)
        layers = getattr(torch.nn, name)(3, 2, **options, dtype=getattr(torch, dtype))
        x = torch.randn(*shape, dtype=getattr(torch, dtype), requires_grad=True)
        torch.manual_seed(4)
        out, state = layers(x)
        again = [torch.full_like(s, 0.3).requires_grad_() for s in states_of(name, state)]
        second, end = layers(x, tuple(again) if len(again) > 1 else again[0])
        learned = [x, *again, *layers.parameters()]
        slopes = torch.autograd.grad(weighed(torch, [out, second, *states_of(name, end)]), learned)
        layers.eval()
        found = {"text": repr(layers), "names": " ".join(layers.state_dict()), "out": out, "second": second,
                 "evaluated": layers(x)[0], "next": torch.rand(1)}
        return found | {"state": states_of(name, state), "end": states_of(name, end), "slopes": list(slopes)}

    return run


for (_i, _entry), _dtype in itertools.product(enumerate(CELLS), ("float64", "float32")):
    CASES[f"{_i} {_entry[0]}[{_dtype}]"] = _cell(*_entry, _dtype)
for (_i, _entry), _dtype in itertools.product(enumerate(LAYERS), ("float64", "float32")):
    CASES[f"{_i} {_entry[0]}[{_dtype}]"] = _layers(*_entry, _dtype)


@case
def characters(torch):
    """A small network that reads letters: embedding, LSTM, linear; some steps of Adam with clipped gradients."""
    torch.manual_seed(0)
    letters, hidden = 5, 6
    embed, lstm = torch.nn.Embedding(letters, 3), torch.nn.LSTM(3, hidden, num_layers=2, batch_first=True)
    head = torch.nn.Linear(hidden, letters)
    model = torch.nn.ModuleList([embed, lstm, head]).double()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    text = torch.tensor([[0, 1, 2, 3, 4, 3, 2], [1, 0, 1, 0, 1, 0, 1]])
    losses, norms = [], []
    for _ in range(5):
        optimizer.zero_grad()
        out, _ = lstm(embed(text[:, :-1]))
        loss = torch.nn.functional.cross_entropy(head(out).reshape(-1, letters), text[:, 1:].reshape(-1))
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), 0.2))
        optimizer.step()
        losses.append(loss.detach())
    return {"losses": losses, "norms": norms, "bias": lstm.bias_hh_l1, "table": embed.weight}
