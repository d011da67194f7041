"""Sequences of unlike length: padded, packed, and recurrent layers that walk along packed ones."""

import itertools

from .families import Cases

case = CASES = Cases()

LENGTHS = {"sorted": [4, 2, 2, 1], "unsorted": [2, 4, 1, 3], "alike": [3, 3]}

LAYERS = [
    ("LSTM", {"num_layers": 2, "bidirectional": True}, "unsorted"), ("LSTM", {}, "sorted"),
    ("GRU", {"bidirectional": True, "batch_first": True}, "unsorted"),
    ("GRU", {"num_layers": 2, "dropout": 0.5}, "sorted"), ("RNN", {"bias": False, "bidirectional": True}, "alike"),
    ("RNN", {"nonlinearity": "relu"}, "unsorted"),
]  # fmt: skip


def rows(torch, lengths, *sizes, dtype="float64"):
    return [torch.randn(n, *sizes, dtype=getattr(torch, dtype)).requires_grad_() for n in lengths]


def weighed(torch, tensors):
    """A number that depends on every element of the tensors, on each in a different way."""
    return sum((x * torch.cos(torch.arange(x.numel(), dtype=x.dtype)).reshape(x.shape)).sum() for x in tensors)


def kept(prefix, packed):
    """Everything that a packed batch holds."""
    return {f"{prefix} {name}": value for name, value in zip(packed._fields, packed) if value is not None}


def _walk(name, options, lengths, dtype):
    def run(torch):
        R = torch.nn.utils.rnn
        torch.manual_seed(3)
        layers = getattr(torch.nn, name)(3, 2, **options, dtype=getattr(torch, dtype))
        sequences = rows(torch, LENGTHS[lengths], 3, dtype=dtype)
        torch.manual_seed(4)
        packed = R.pack_sequence(sequences, enforce_sorted=lengths != "unsorted")
        out, state = layers(packed)
        state = state if name == "LSTM" else (state,)
        again = [torch.linspace(-1, 1, s.numel(), dtype=s.dtype).reshape(s.shape).requires_grad_() for s in state]
        second, end = layers(packed, tuple(again) if name == "LSTM" else again[0])
        end = end if name == "LSTM" else (end,)
        padded, long = R.pad_packed_sequence(second, batch_first=layers.batch_first, padding_value=-1.0)
        learned = [*sequences, *again, *layers.parameters()]
        slopes = torch.autograd.grad(weighed(torch, [out.data, padded, *end]), learned)
        layers.eval()
        return {**kept("out", out), "second": second.data, "padded": padded, "lengths": long, "state": list(state),
                "end": list(end), "slopes": list(slopes), "evaluated": layers(packed)[0].data, "next": torch.rand(1)}

    return run


for (_i, _entry), _dtype in itertools.product(enumerate(LAYERS), ("float64", "float32")):
    CASES[f"{_i} {_entry[0]}[{_dtype}]"] = _walk(*_entry, _dtype)


@case
def padding_and_packing(torch):
    R = torch.nn.utils.rnn
    found = {}
    for name, lengths in LENGTHS.items():
        torch.manual_seed(1)
        sequences = rows(torch, lengths, 2)
        padded, first = R.pad_sequence(sequences), R.pad_sequence(sequences, batch_first=True, padding_value=9.0)
        left = R.pad_sequence(sequences, batch_first=True, padding_side="left")
        packed = R.pack_padded_sequence(first, torch.tensor(lengths), batch_first=True, enforce_sorted=name == "sorted")
        back, long = R.pad_packed_sequence(packed, total_length=5)
        slopes = torch.autograd.grad(weighed(torch, [padded, first, left, packed.data, back]), sequences)
        found |= {f"{name} padded": padded, f"{name} first": first, f"{name} left": left, f"{name} back": back,
                  f"{name} long": long, f"{name} slopes": list(slopes), **kept(name, packed),
                  f"{name} apart": R.unpack_sequence(packed), f"{name} cut": R.unpad_sequence(padded * 1, long),
                  f"{name} twice": packed.to(torch.float32).data}
    return found


@case
def padding_of_other_kinds(torch):
    R = torch.nn.utils.rnn
    words = [torch.tensor([3, 1, 2]), torch.tensor([5])]
    images = R.pack_sequence([torch.arange(8.0).reshape(2, 2, 2), torch.ones(1, 2, 2)])
    return {"words": R.pad_sequence(words, batch_first=True, padding_value=-1), **kept("images", images),
            "text": repr(R.pack_sequence(words)), "inverse": R.invert_permutation(torch.tensor([2, 0, 1])),
            "one": R.pad_sequence([torch.ones(2)])}


@case
def second_derivatives(torch):
    """Of a packed batch through both directions of a GRU."""
    R = torch.nn.utils.rnn
    torch.manual_seed(5)
    layers = torch.nn.GRU(2, 2, bidirectional=True, dtype=torch.float64)
    sequences = rows(torch, [1, 3, 2], 2)
    out, end = layers(R.pack_sequence(sequences, enforce_sorted=False))
    learned = [*sequences, *layers.parameters()]
    slopes = torch.autograd.grad(weighed(torch, [out.data, end]), learned, create_graph=True)
    bends = torch.autograd.grad(sum((g * g).sum() for g in slopes), learned)
    return {"slopes": list(slopes), "bends": list(bends)}


@case
def classifier(torch):
    """A GRU reads words of unlike length, packed, and says of what kind each is; steps of Adam."""
    R = torch.nn.utils.rnn
    torch.manual_seed(0)
    words = [torch.tensor(w) for w in ([1, 4, 2], [3], [2, 2, 5, 1, 1], [4, 3])]
    kinds = torch.tensor([0, 1, 1, 0])
    table, gru = torch.nn.Embedding(6, 3, padding_idx=0), torch.nn.GRU(3, 4, bidirectional=True, batch_first=True)
    head = torch.nn.Linear(8, 2)
    model = torch.nn.ModuleList([table, gru, head])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    losses = []
    for _ in range(4):
        padded, lengths = R.pad_sequence(words, batch_first=True), [len(w) for w in words]
        _, h = gru(R.pack_padded_sequence(table(padded), lengths, batch_first=True, enforce_sorted=False))
        loss = torch.nn.functional.cross_entropy(head(torch.cat([h[0], h[1]], 1)), kinds)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return {"losses": losses, "table": table.weight}
