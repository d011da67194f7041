"""Pruned weights: which go, what the module then holds, and how it learns."""

import importlib

from .families import Cases

case = CASES = Cases()


def pruned(torch, how, *shape, **options):
    """A seeded layer and its prune module."""
    torch.manual_seed(2)
    prune = importlib.import_module(f"{torch.__name__}.nn.utils.prune")
    layer = torch.nn.Conv2d(*shape) if len(shape) == 3 else torch.nn.Linear(*shape)
    getattr(prune, how)(layer, "weight", **options)
    return layer, prune


CHANCES = {
    "l1_unstructured": {"amount": 0.3}, "random_unstructured": {"amount": 5},
    "ln_structured": {"amount": 1, "n": 2, "dim": 0}, "random_structured": {"amount": 0.5, "dim": 1},
}  # fmt: skip


def _learned(how, options, shape):
    def run(torch):
        layer, prune = pruned(torch, how, *shape, **options)
        x = torch.randn(2, *((shape[0], 4, 4) if len(shape) == 3 else shape[:1]))
        optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
        (layer(x) ** 2).mean().backward()
        optimizer.step()
        found = {"state": list(layer.state_dict()), **layer.state_dict(), "out": layer(x), "weight": layer.weight,
                 "slope": layer.weight_orig.grad, "is": str(prune.is_pruned(torch.nn.Sequential(layer)))}
        getattr(prune, how)(layer, "weight", **options)
        found |= {"again": layer.weight_mask, "names": [name for name, _ in layer.named_parameters()]}
        prune.remove(layer, "weight")
        return found | {"removed": layer.weight, "left": list(layer.state_dict()),
                        "is not": str(prune.is_pruned(layer)), "kind": type(layer.weight).__name__}

    return run


for _how, _options in CHANCES.items():
    CASES[_how] = _learned(_how, _options, (6, 4))
    CASES[f"{_how} of images"] = _learned(_how, _options, (2, 3, 2))


@case
def several_layers_as_one(torch):
    nn = torch.nn
    prune = importlib.import_module(f"{torch.__name__}.nn.utils.prune")
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    parts = [(model[0], "weight"), (model[2], "weight"), (model[2], "bias")]
    prune.l1_unstructured(model[0], "weight", 2)
    prune.global_unstructured(parts, pruning_method=prune.L1Unstructured, amount=0.4)
    found = {"masks": [model[0].weight_mask, model[2].weight_mask, model[2].bias_mask]}
    prune.global_unstructured(parts, prune.RandomUnstructured, amount=3)
    return found | {"state": list(model.state_dict()), "out": model(torch.ones(1, 3)),
                    "later": [model[0].weight_mask, model[2].weight_mask, model[2].bias_mask]}


@case
def a_method_of_ones_own(torch):
    prune = importlib.import_module(f"{torch.__name__}.nn.utils.prune")

    class EverySecond(prune.BasePruningMethod):
        PRUNING_TYPE = "unstructured"

        def compute_mask(self, t, default_mask):
            mask = default_mask.clone()
            mask.view(-1)[::2] = 0
            return mask

    torch.manual_seed(0)
    layer = torch.nn.Linear(3, 2)
    EverySecond.apply(layer, "weight")
    prune.custom_from_mask(layer, "bias", torch.tensor([1, 0]))
    found = {"weight": layer.weight, "bias": layer.bias, "state": list(layer.state_dict())}
    scored = prune.l1_unstructured(torch.nn.Linear(2, 2), "bias", 1, importance_scores=torch.tensor([1.0, 3.0]))
    return found | {"scored": scored.bias_mask}
