"""Habits of programs that people teach with: NumPy's numbers beside tensors, and names from before PyTorch 1.0."""

import warnings

import numpy as np

from .families import Cases

case = CASES = Cases()


@case
def numpys_numbers_beside_tensors(torch):
    x = torch.tensor([4.0, -1.0], requires_grad=True)
    attention = (x @ x.T) / np.sqrt(2)
    scaled = x * np.float64(3) + np.float32(0.5) - np.int64(1)
    powers = np.float64(2) ** x / np.log(3.0)
    (attention + scaled.sum() + powers.sum()).backward()
    whole, flags = torch.tensor([3, 5]), torch.tensor([True, False])
    return {"attention": attention, "scaled": scaled, "powers": powers, "slope": x.grad,
            "double": x.detach().double() * np.float32(0.1), "whole": whole * np.int32(2),
            "to float": whole * np.float64(0.5), "quotient": whole / np.int64(2), "flags": flags * np.float64(2.5),
            "larger": x > np.float64(0), "clamped": x.clamp(max=np.float64(1)),
            "chosen": torch.where(flags, x, np.float64(7))}


@case
def variables(torch):
    variable = torch.autograd.Variable
    x = torch.tensor([1.0, -2.0], requires_grad=True)
    wrapped, leaf = variable(x * 3), variable(data=x, requires_grad=True)
    (leaf ** 2).sum().backward()
    with torch.no_grad():
        leaf[0] = 5.0  # wrapped around the same memory
    return {"wrapped": wrapped, "leaf": leaf, "slope": leaf.grad, "memory": x.detach(), "kind": type(wrapped).__name__,
            "flags": [str(wrapped.requires_grad), str(variable(x).requires_grad), str(x.grad),
                      *(str(isinstance(thing, variable)) for thing in (x, torch.ones(1), 1))]}


@case
def tensors_and_modules_of_old_types(torch):
    weight = torch.nn.Parameter(torch.zeros(2, dtype=torch.float64))
    state = weight.new(2, 1, 3).zero_()
    torch.manual_seed(0)
    layer = torch.nn.Linear(2, 1).type(torch.DoubleTensor)
    return {"state": state, "numbers": weight.new([1, 2.5]), "long": torch.tensor([1, 2]).new([3.7]),
            "byte": torch.tensor([0.0, 2.9]).byte(),
            "flags": [str(state.requires_grad), type(state).__name__], "weight": layer.weight,
            "float": layer.type(torch.float32).bias}


@case
def a_gradient_penalty(torch):
    x = torch.tensor([[3.0, 4.0], [0.5, -1.0]], requires_grad=True)
    w, unused = torch.tensor([1.0, 2.0], requires_grad=True), torch.ones(2, 1, requires_grad=True)
    scores = ((x * w) ** 2).sum(1, keepdim=True)
    (slope,) = torch.autograd.grad(outputs=scores, inputs=x, grad_outputs=torch.ones_like(scores), create_graph=True,
                                   retain_graph=True, only_inputs=True)
    penalty = ((slope.norm(2, dim=1) - 1) ** 2).mean()
    penalty.backward(retain_graph=True)
    parts = torch.autograd.grad(penalty, [w, unused], None, True, False, True, True)
    zeros = torch.autograd.grad(penalty, [w, unused], materialize_grads=True)
    return {"slope": slope, "penalty": penalty, "second": w.grad, "zeros": list(zeros),
            "parts": [parts[0], str(parts[1])]}


@case
def the_accelerator(torch):
    found, there = torch.accelerator, torch.cuda.is_available()
    device = found.current_accelerator(check_available=True)
    return {"answers": [str(found.is_available() == there), str((device is not None) == there),
                        str(found.device_count() == torch.cuda.device_count()),
                        str(device is None or device.type == "cuda")]}


@case
def an_optimiser_of_ones_own(torch):
    """Options may have any names and values, states any layout."""
    class Wanderer(torch.optim.Optimizer):
        def __init__(self, params, lr=None, beta=10, betas=("first", 1.5)):
            super().__init__(params, {"lr": lr, "beta": beta, "betas": betas})

        @torch.no_grad()
        def step(self, closure=None):
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad.is_sparse:
                        raise RuntimeError("no sparse gradients")
                    state = self.state[p]
                    if len(state) == 0:
                        state["mean"] = torch.zeros_like(p, memory_format=torch.preserve_format)
                        state["start"] = torch.clone(p, memory_format=torch.preserve_format)
                        state["kept"] = p.detach().clone(memory_format=torch.contiguous_format)
                        state["noise"] = torch.full_like(p, 0.5, memory_format=torch.contiguous_format)
                    state["mean"].mul_(group["beta"] / 20).add_(p.grad, alpha=0.5)
                    p.add_(state["mean"].sign() * state["noise"], alpha=-0.1).lerp_(state["start"], 0.01)

    p = torch.tensor([1.0, -2.0, 3.0], requires_grad=True)
    optimizer = Wanderer([{"params": [p], "lr": -1.0}])
    for _ in range(5):
        optimizer.zero_grad()
        (p**2).sum().backward()
        optimizer.step()
    return {"p": p, "kept": optimizer.state[p]["kept"], "contiguous": p.detach().contiguous(
        memory_format=torch.contiguous_format), "printed": str(optimizer).splitlines(),
            "dimensions": str(p.ndimension())}


@case
def limits_of_numbers(torch):
    x = torch.tensor([[1.0, 2.0, 3.0]])
    hidden = x.masked_fill(torch.tensor([[False, True, False]]), -torch.finfo(x.dtype).max)
    limits = [torch.finfo(), torch.finfo(torch.float64), *map(torch.iinfo, (torch.uint8, torch.int32, torch.int64))]
    return {"hidden": hidden, "printed": [str(kind) for kind in limits], "bits": [str(kind.bits) for kind in limits],
            "types": [str(kind.dtype) for kind in limits], "largest": [str(kind.max) for kind in limits],
            "eps": [str(kind.eps) for kind in limits[:2]], "tiny": [str(kind.tiny) for kind in limits[:2]]}


@case
def patches_by_unfold(torch):
    x = torch.arange(48.0).reshape(2, 4, 6).requires_grad_()
    patches = x.unfold(1, 2, 2).unfold(2, 3, 3)
    (patches * torch.arange(6.0).reshape(2, 3)).sin().sum().backward()
    series = torch.arange(7)
    return {"patches": patches, "slope": x.grad, "windows": series.unfold(0, 3, 2), "last": x.unfold(-1, 6, 1),
            "all": series.unfold(dimension=0, size=7, step=1), "none": series.unfold(0, 0, 5)}


@case
def weights_of_recurrent_layers_by_name(torch):
    torch.manual_seed(0)
    layer = torch.nn.GRU(2, 3, num_layers=2, bidirectional=True)
    for name in layer._flat_weights_names:
        if "weight" in name:
            torch.nn.init.xavier_uniform_(layer._parameters[name])
    one = torch.nn.LSTM(2, 1, bias=False)
    return {"names": layer._flat_weights_names, "last": layer.all_weights[3][1],
            "lengths": [str(len(w)) for w in (layer.all_weights, *layer.all_weights)],
            "first": one.all_weights[0][0], "out": layer(torch.ones(2, 1, 2))[0]}


@case
def names_without_their_underscore(torch):
    torch.manual_seed(0)
    init, w = torch.nn.init, torch.zeros(3, 2)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        drawn = [f(w).clone() for f in (init.uniform, init.normal, init.xavier_uniform, init.xavier_normal,
                                        init.kaiming_uniform, init.kaiming_normal, init.orthogonal, init.eye)]
        drawn.append(init.constant(w, 0.5).clone())
        p = torch.ones(2, requires_grad=True)
        p.grad = torch.tensor([3.0, 4.0])
        norm = torch.nn.utils.clip_grad_norm([p], 1)
    return {"drawn": drawn, "norm": norm, "slope": p.grad, "warnings": [w.category.__name__ for w in heard]}


@case
def strides_and_shapes_by_name(torch):
    x = torch.arange(12).reshape(shape=(3, 4))
    return {"strides": [str(n) for n in (x.stride(0), x.stride(-1), x.t().stride(dim=0), x.stride())],
            "reshaped": torch.reshape(x, shape=(2, -1)), "tiled": torch.tile(x, dims=(1, 2)), "again": x.tile(2, 1)}


@case
def lists_of_tensors_of_one_number(torch):
    """As replay buffers hold them: actions that a distribution drew, each in a list of its own."""
    a, b, n = torch.tensor([0.5]), torch.tensor([[2.0]], dtype=torch.float64), torch.tensor(3)
    return {"actions": torch.tensor([[a], [a * 2]]), "mixed": torch.tensor([(a, 1.0), (2, a)]),
            "doubles": torch.tensor([[b, 1.0]]), "whole": torch.tensor([[[n], [4]]]), "flat": torch.tensor([a, 3.0]),
            "floats": torch.FloatTensor([[a], [n]]), "as": torch.as_tensor([[n, n]])}


@case
def new_tensors_lie_in_reading_order(torch):
    """So that `view` takes them, and dropout its random numbers in that order."""
    f = torch.nn.functional
    x = torch.arange(24.0).reshape(2, 3, 4).requires_grad_()
    places = torch.tensor([2, 0])
    grid = torch.tensor([[[[0.0, 0.5], [-0.5, 1.0]]]])
    made = [x[:, places], x[..., places], x[:, :, [1, 3]], x.index_select(1, places), x.index_select(2, places),
            x.softmax(1), x.log_softmax(0), f.softmin(x, 0), f.pad(x, (1, 2), mode="reflect"),
            f.pad(x, (1, 1), mode="replicate"), f.grid_sample(x[None], grid, align_corners=True), x.take_along_dim(
                places.reshape(1, 2, 1), 1), x.gather(1, torch.ones(2, 2, 4, dtype=torch.long))]
    sum((m.view(-1) * torch.arange(m.numel())).sum() for m in made).backward()
    torch.manual_seed(0)
    return {"strides": [str(m.stride()) for m in made], "slope": x.grad, "dropped": f.dropout(x.softmax(1), 0.5),
            "picked": f.dropout(x[:, places], 0.5)}


@case
def sizes_that_are_tensors(torch):
    """As in torch.arange(lengths.max()) and features.reshape(labels.max() + 1, -1)."""
    lengths, x = torch.tensor([1, 3, 2]), torch.arange(12.0)
    n = lengths.max()
    mask = torch.arange(n)[None] < lengths[:, None]
    torch.manual_seed(0)
    return {"mask": mask, "reshaped": x.reshape(n, -1), "viewed": x.view((n, 4)), "zeros": torch.zeros(n, 2),
            "ones": torch.ones((2, n)), "full": torch.full((n,), 0.5), "drawn": torch.randn(n, n - 1),
            "integers": torch.randint(0, 5, (n,)), "order": torch.randperm(n), "new": x.new_zeros(n, 1),
            "counted": torch.arange(1, n + 4, lengths[2]), "spaced": torch.linspace(0, n, lengths[1]),
            "fractions": torch.arange(0, torch.tensor(1.5), 0.5), "repeated": x[:2].repeat(n, lengths[2]),
            "split": list(x.split(n)), "unequal": list(x[:6].split(lengths.tolist())), "dim": x.unsqueeze(n - 3),
            "tensor": [str(list(torch.Tensor(n, 2).shape))], "grown": x[:1].expand(n), "eye": torch.eye(n)}
