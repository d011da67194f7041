"""Margins, lengths, angles and distances, embeddings with all their options: functions and modules."""

from .differentiated import differentiated, normal
from .families import Cases

case = CASES = Cases()

PADS = {  # name -> (shape, pad, options)
    "zeros": ((2, 3), (1, 2), {}), "value": ((2, 3), (0, 1, 2, 0), {"value": -1.5}),
    "cut": ((4, 3), (-1, 1, 2, -2), {}),
    "only_cut": ((5,), (-2, -1), {}), "nothing": ((2,), (), {}), "reflect": ((2, 5), (4, 2), {"mode": "reflect"}),
    "reflect_2d": ((1, 2, 3, 4), (2, 1, 0, 2), {"mode": "reflect"}),
    "reflect_3d": ((1, 2, 2, 3), (1, 1, 1, 0, 1, 1), {"mode": "reflect"}),
    "replicate": ((2, 3), (2, 5), {"mode": "replicate"}),
    "replicate_2d": ((1, 2, 3), (1, 2, 3, 0), {"mode": "replicate"}),
    "replicate_cut": ((2, 5), (-2, 1), {"mode": "replicate"}), "circular": ((2, 3), (3, 1), {"mode": "circular"}),
    "circular_2d": ((2, 2, 3), (1, 2, 2, 1), {"mode": "circular"}),
    "circular_cut": ((2, 5), (-1, 2), {"mode": "circular"}),
}  # fmt: skip


def _padded(shape, pad, options):
    return lambda t, x: t.nn.functional.pad(x, pad, **options) ** 2, normal(*shape)


def _call(name, *shapes, **options):
    return lambda t, *x: getattr(t.nn.functional, name)(*x, **options), *[normal(*shape) for shape in shapes]


def _triplet(**options):
    def run(t, x, y, z):
        distances = {"cosine": lambda a, b: 1 - t.nn.functional.cosine_similarity(a, b),
                     "one": t.nn.PairwiseDistance(p=1)}
        chosen = {"distance_function": distances[options["by"]]} if "by" in options else {}
        return t.nn.functional.triplet_margin_with_distance_loss(
            x, y, z, **chosen, **{k: v for k, v in options.items() if k != "by"})

    return run, normal(4, 3), normal(4, 3), normal(4, 3)


def _looked_up(t, w, **options):
    return t.nn.functional.embedding(t.tensor([[0, 2, 2], [1, 0, 2]]), w, **options) ** 2


OPERATIONS = {
    **{f"pad_{name}": _padded(*entry) for name, entry in PADS.items()},
    "normalize": _call("normalize", (3, 4)), "normalize_1": _call("normalize", (3, 4), p=1.0, dim=0),
    "normalize_3": _call("normalize", (2, 3, 2), p=3.0, dim=-1),
    "normalize_inf": _call("normalize", (3, 4), p=float("inf")),
    "normalize_short": _call("normalize", (3, 4), eps=2.0),
    "cosine_similarity": _call("cosine_similarity", (3, 4), (3, 4)),
    "cosine_similarity_0": _call("cosine_similarity", (3, 4), (3, 4), dim=0),
    "cosine_similarity_all_pairs": _call("cosine_similarity", (3, 1, 4), (2, 4), dim=-1),
    "cosine_similarity_vectors": _call("cosine_similarity", (4,), (4,), dim=0),
    "cosine_similarity_short": _call("cosine_similarity", (3, 4), (3, 4), eps=1.8),
    "pairwise_distance": _call("pairwise_distance", (3, 4), (3, 4)),
    "pairwise_distance_1": _call("pairwise_distance", (3, 4), (3, 4), p=1.0, keepdim=True),
    "pairwise_distance_3": _call("pairwise_distance", (3, 4), (1, 4), p=3.0, eps=0.1),
    "pairwise_distance_vector": _call("pairwise_distance", (3, 4), (4,)),
    "pairwise_distance_inf": _call("pairwise_distance", (4,), (4,), p=float("inf")),
    "triplet_distance": _triplet(), "triplet_distance_swap": _triplet(swap=True, reduction="sum", margin=0.5),
    "triplet_distance_cosine": _triplet(by="cosine", reduction="none"), "triplet_distance_one": _triplet(by="one"),
    "embedding_by_frequency": (lambda t, w: _looked_up(t, w, scale_grad_by_freq=True), normal(4, 3)),
    "embedding_all": (lambda t, w: _looked_up(t, w, scale_grad_by_freq=True, padding_idx=-2), normal(4, 3)),
}  # fmt: skip
CASES.update(differentiated(OPERATIONS, once=("embedding_",)))  # PyTorch's second forgets scale_grad_by_freq


@case
def margins_of_other_types(torch):
    pad = torch.nn.functional.pad
    ints, bools = torch.arange(4).reshape(2, 2), torch.tensor([[True, False]])
    return {"ints": pad(ints, (1, 1), value=7), "bools": pad(bools, (0, 2, 1, 0), value=True),
            "empty": pad(torch.zeros(0, 2), (1, 0, 2, 0)), "list": pad(ints, [0, 1])}


@case
def vectors_of_no_length(torch):
    F, x = torch.nn.functional, torch.tensor([[0.0, 0.0], [3.0, 4.0]], dtype=torch.float64, requires_grad=True)
    y = torch.tensor([[1.0, 2.0], [0.0, 0.0]], dtype=torch.float64, requires_grad=True)
    found = {}
    for name in ("cosine_similarity", "pairwise_distance"):
        out = getattr(F, name)(x, y)
        found |= {name: out, f"{name} slopes": list(torch.autograd.grad(out.sum(), [x, y]))}
    out = F.normalize(x)
    return found | {"normalize": out, "normalize slope": torch.autograd.grad(out.sum(), x)[0]}


MODULES = [  # (name, arguments, options, shapes of the inputs)
    ("ZeroPad1d", (2,), {}, [(2, 3)]), ("ZeroPad2d", (1,), {}, [(1, 2, 2)]),
    ("ZeroPad2d", ((1, 0, -1, 2),), {}, [(2, 2)]),
    ("ConstantPad1d", ((1, 2), 3.5), {}, [(2, 2)]), ("ConstantPad2d", (1, -1), {}, [(1, 2, 2)]),
    ("ReflectionPad1d", (2,), {}, [(2, 3)]), ("ReflectionPad2d", ((1, 1, 0, 1),), {}, [(1, 2, 2)]),
    ("ReplicationPad1d", (2,), {}, [(2, 3)]), ("ReplicationPad2d", (1,), {}, [(1, 1, 2, 2)]),
    ("CircularPad1d", (2,), {}, [(2, 3)]), ("CircularPad2d", (1,), {}, [(1, 2, 2)]),
    ("CosineSimilarity", (), {}, [(3, 4), (3, 4)]), ("CosineSimilarity", (0,), {"eps": 0.1}, [(3, 4), (3, 4)]),
    ("PairwiseDistance", (), {}, [(3, 4), (3, 4)]), ("PairwiseDistance", (1,), {"keepdim": True}, [(3, 4), (3, 4)]),
    ("Conv2d", (2, 3, 3), {"padding": (1, 2), "padding_mode": "reflect"}, [(1, 2, 3, 4)]),
    ("Conv2d", (2, 2, 2), {"padding": "same", "padding_mode": "circular", "bias": False}, [(2, 3, 3)]),
    ("Conv1d", (2, 2, 3), {"padding": 2, "padding_mode": "replicate", "stride": 2}, [(1, 2, 4)]),
    ("TripletMarginWithDistanceLoss", (), {"swap": True, "margin": 2.0}, [(3, 4)] * 3),
]  # fmt: skip


@case
def modules(torch):
    found = {}
    for i, (name, args, options, shapes) in enumerate(MODULES):
        torch.manual_seed(i)
        module = getattr(torch.nn, name)(*args, **options)
        found |= {f"{i} text": repr(module), f"{i}": module(*[torch.randn(*shape) for shape in shapes])}
    return found


@case
def embeddings(torch):
    """max_norm changes the table itself, and only the rows that are looked up."""
    found, index = {}, torch.tensor([[0, 2], [2, 3]])
    for i, options in enumerate([{"max_norm": 1.0}, {"max_norm": 0.5, "norm_type": 1.0, "padding_idx": 2},
                                 {"scale_grad_by_freq": True, "max_norm": 100.0}, {"norm_type": 3.0}]):
        torch.manual_seed(i)
        layer = torch.nn.Embedding(4, 3, **options)
        out = layer(index)
        (out**2).sum().backward()
        found |= {f"{i} text": repr(layer), f"{i} out": out, f"{i} table": layer.weight,
                  f"{i} slope": layer.weight.grad}
    table = torch.arange(6.0).reshape(3, 2)
    given = torch.nn.Embedding.from_pretrained(table, freeze=False, padding_idx=0, max_norm=2.0)
    shared = torch.nn.Embedding(3, 2, _weight=torch.ones(3, 2))
    return found | {"given": given(torch.tensor([0, 2])), "table": given.weight, "text": [repr(given), repr(shared)],
                    "learns": [str(given.weight.requires_grad), str(shared.weight.requires_grad)]}
