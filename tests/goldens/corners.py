"""Corners of programs, found by comparing random ones with PyTorch: what is copied, which gradients are asked for."""

import copy
import warnings

import numpy as np

from .families import Cases

case = CASES = Cases()


# --- gradients ------------------------------------------------------------------------------------------------------


@case
def gradients_of_some_inputs_only(torch):
    torch.manual_seed(0)
    layer, x = torch.nn.Linear(2, 1), torch.ones(3, 2, requires_grad=True)
    layer(x).sum().backward(inputs=[layer.weight])
    found = {"weight": layer.weight.grad.clone(), "others": [str(layer.bias.grad), str(x.grad)]}
    hidden = layer(x)
    hidden.pow(2).sum().backward(inputs=layer.bias, retain_graph=True)
    torch.autograd.backward([hidden.sum(), (hidden**3).mean()], inputs=[layer.weight, layer.bias])
    return found | {"added": layer.weight.grad, "bias": layer.bias.grad, "x": str(x.grad)}


@case
def the_deviation_of_numbers_that_are_alike(torch):
    """A constant column has the deviation 0 and, as PyTorch takes it, the slope 0."""
    x = torch.tensor([[2.0, 2.0, 2.0], [1.0, 3.0, 8.0]], requires_grad=True)
    number = torch.tensor(4.0, requires_grad=True)
    (x.std(1) ** 2 + torch.std_mean(x, 1, correction=0)[0]).sum().backward()
    number.std(correction=0).backward()
    return {"slope": x.grad, "number": number.grad}


@case
def recording_switched_on_and_off(torch):
    x = torch.ones(2, requires_grad=True)

    @torch.inference_mode()
    def switched_off():
        return x * 2

    @torch.inference_mode
    def bare():
        return x * 2

    with torch.no_grad(), torch.inference_mode(False):
        inside = [torch.is_grad_enabled(), (x * 2).requires_grad]
    with torch.inference_mode(False):
        again = (x * 2).requires_grad
    return {"recorded": [str(flag) for flag in (*inside, again, switched_off().requires_grad, bare().requires_grad)]}


@case
def floats_with_gradients_put_among_integers(torch):
    counts = torch.tensor([1, 2, 3])
    counts[:2].copy_(torch.tensor([1.5, 2.5], requires_grad=True))
    counts[1:][1] = torch.tensor(9.7, requires_grad=True)
    return {"counts": counts, "on the tape": str(counts.requires_grad)}


@case
def a_hinge_whose_target_requires_a_gradient(torch):
    x = torch.tensor([0.5, 2.0, -1.0], requires_grad=True)
    y = torch.tensor([1.0, -1.0, -1.0], requires_grad=True)
    loss = torch.nn.functional.hinge_embedding_loss(x, y)
    loss.backward()
    return {"loss": loss, "slope": x.grad}


@case
def angles_at_the_origin(torch):
    y = torch.tensor([0.0, 1.0, 0.0], requires_grad=True)
    x = torch.tensor([0.0, 2.0, -1.0], requires_grad=True)
    torch.atan2(y, x).sum().backward()
    return {"y": y.grad, "x": x.grad}


@case
def where_an_exponential_is_most_likely(torch):
    rate = torch.tensor([1.0, 2.0], requires_grad=True)
    mode = torch.distributions.Exponential(rate).mode
    return {"mode": mode, "on the tape": str(mode.requires_grad)}


@case
def the_margins_of_one_row(torch):
    scores = torch.tensor([0.5, 2.0, -1.0])
    loss = torch.nn.MultiMarginLoss(reduction="none")
    return {"row": loss(scores, torch.tensor([2])), "number": loss(scores, torch.tensor(1))}


# --- copies ---------------------------------------------------------------------------------------------------------


@case
def copies_of_parameters_have_no_gradient(torch):
    torch.manual_seed(0)
    layer = torch.nn.Linear(2, 1)
    layer(torch.ones(1, 2)).sum().backward()
    copied = copy.deepcopy(layer)
    leaf = torch.ones(2, requires_grad=True)
    (leaf * 2).sum().backward()
    return {"gradients": [str(copied.weight.grad), str(copy.copy(layer.bias).grad)], "bias": copied.bias,
            "kind": type(copied.weight).__name__, "requires": str(copied.weight.requires_grad),
            "leaf": copy.deepcopy(leaf).grad}


@case
def copies_of_layers_that_do_not_know_their_shape(torch):
    torch.manual_seed(0)
    lazy = torch.nn.LazyLinear(2)
    copied = copy.deepcopy(lazy)
    out = copied(torch.ones(1, 3))
    return {"out": out, "kinds": [type(lazy.weight).__name__, type(copied.weight).__name__]}


# --- indices and shapes ---------------------------------------------------------------------------------------------


@case
def masks_of_bytes(torch):
    """Programs older than bools have masks of uint8."""
    x = torch.arange(6.0).reshape(2, 3)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = {"row": x[torch.tensor([0, 1], dtype=torch.uint8)], "elements": x[(x > 2).byte()],
                 "column": x[:, torch.tensor([1, 0, 1], dtype=torch.uint8)]}
    return found | {"warned": sorted({str(w.message).replace("torch.", "")[:40] for w in told})}


@case
def numbers_have_a_dimension_for_functions_along_one(torch):
    whole, x = torch.tensor(3, dtype=torch.int32), torch.tensor(3.0, requires_grad=True)
    (x.cumsum(0) * x.cumprod(-1) + 2 * x.flip(0)).backward()
    return {"cumsum": whole.cumsum(0), "cumprod": whole.cumprod(-1), "flags": torch.tensor(True).cumsum(0),
            "flip": whole.flip(0), "slope": x.grad}


@case
def matrices_are_two_dimensional_already(torch):
    x, row = torch.ones(2, 2), torch.ones(2)
    return {"places of a number": list(torch.where(torch.tensor(2.5) > 0)),
            "same": [str(torch.atleast_2d(x) is x), str(torch.atleast_2d(row) is row)]}


@case
def numbers_and_tensors_in_one_list(torch):
    """Python's floats take the default type beside tensors too."""
    one, whole = torch.tensor(1.5), torch.tensor(3)
    double = torch.tensor(0.1, dtype=torch.float64)
    return {"float": torch.tensor([one, 1.0]), "whole": torch.tensor([whole, 1.0]), "two": torch.tensor((one, whole)),
            "small": torch.tensor([whole.int(), 3.0]), "double": torch.tensor([double, 1]),
            "ints": torch.tensor([whole, 1]),
            "arange": torch.arange(3.5, dtype=torch.int64),
            "full": torch.full((2,), whole), "full of floats": torch.full((2,), double),
            "full like": torch.full_like(one, whole), "kept": torch.full((1,), whole, dtype=torch.float32)}


@case
def compared_with_what_is_no_number(torch):
    x = torch.tensor([1.0, 2.0])
    answers = [x == None, x != None, x == "a", x != "a", x == object(), x in [None], None in [x]]  # noqa: E711
    rows, number = torch.tensor([[1, 2], [3, 4]]), torch.tensor(2.5)
    among = [4 in rows, 5 in rows, 2.0 in rows, 2.5 in number, np.int64(4) in rows, torch.tensor([1, 4]) in rows,
             torch.tensor([7, 1]) in rows]
    return {"answers": [str(answer) for answer in answers], "among": [str(found) for found in among]}


# --- schedules ------------------------------------------------------------------------------------------------------


@case
def factors_after_another_schedule(torch):
    schedules = torch.optim.lr_scheduler
    optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)
    halved = schedules.StepLR(optimizer, 2, gamma=0.5)
    multiplied = schedules.MultiplicativeLR(optimizer, lambda t: 0.9 + 0.01 * t)
    schedule = schedules.SequentialLR(optimizer, [halved, multiplied], [3])
    rates = []
    for _ in range(6):
        optimizer.step()
        schedule.step()
        rates.append(optimizer.param_groups[0]["lr"])
    return {"rates": rates}


# --- optimisers -----------------------------------------------------------------------------------------------------


@case
def parameters_named_twice(torch):
    """As where two modules share one: it takes two steps, and PyTorch warns."""
    found = {}
    for make in (torch.optim.SGD, torch.optim.Adam):
        p = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            optimizer = make([p, p], lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            (p**2).sum().backward()
            optimizer.step()
        found |= {make.__name__: p, f"{make.__name__} warned": str(told[0].message)[:59]}
    return found


# --- random numbers -------------------------------------------------------------------------------------------------


@case
def every_bit_of_even_numbers(torch):
    """What layers begin with is PyTorch's to the last bit."""
    torch.manual_seed(0)
    x = torch.empty(12, device="cpu").uniform_(-0.3, 0.7)
    layer = torch.nn.Linear(3, 2, device="cpu")
    return {"bits": [number.hex() for tensor in (x, layer.weight, layer.bias) for number in tensor.flatten().tolist()]}


# --- names ----------------------------------------------------------------------------------------------------------


@case
def arguments_by_name(torch):
    x = torch.arange(6.0).reshape(2, 3)
    layer = torch.nn.GRU(2, 1)
    layer.flatten_parameters()
    return {"kind": type(layer).__name__, "pieces": list(x.split(split_size=2, dim=1))}
