"""Habits of programs that people teach with: NumPy's numbers beside tensors, and names from before PyTorch 1.0."""

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
