"""NumPy beside tensors: its numbers in sums and lists, its functions of tensors; and the forms of old programs."""

import numpy as np

from .families import Cases

case = CASES = Cases()


@case
def numbers_of_numpy(torch):
    """They take the type of the tensor, as Python's do."""
    x, k, number, half, two = torch.ones(2), torch.tensor([1, 2]), np.sqrt(2.0), np.float32(0.5), np.int64(2)
    w = torch.ones(2, requires_grad=True)
    (slope,) = torch.autograd.grad((w * number / np.sqrt(3.0)).sum() * number, w)
    return {
        "beside": [x + number, number - x, x**number, number**x, x / number, number * x, x % number, x > number],
        "of integers": [k * number, k * half, k / two, k + two, k == number],
        "0-d": [x.sum() * number, number + x.sum(), torch.tensor(1.0, dtype=torch.float64) * half],
        "arguments": [x.clamp(0, number), torch.add(x, x, alpha=number), torch.where(x > 0, x, number),
                      torch.full((2,), number), torch.tensor(number), torch.nn.functional.leaky_relu(-x, number)],
        "in place": [torch.ones(2).mul_(number), torch.ones(2).sub_(half)],
        "slope": slope,
    }


@case
def lists_with_numbers_of_numpy(torch):
    number = np.float64(1.5)
    made = [torch.tensor([number, 2]), torch.tensor([[number], [2.0]]), torch.tensor([2.0, np.float32(1.5)]),
            torch.tensor([np.ones(2), np.zeros(2)]), torch.as_tensor([1.0, number]), torch.tensor([np.int64(1)]),
            torch.tensor([np.float32(1)]), torch.tensor([number], dtype=torch.float32)]  # fmt: skip
    return {"made": made, "types": [str(x.dtype) for x in made]}


@case
def functions_of_numpy(torch):
    x = torch.linspace(0, 3, 4)
    found = [np.exp(x), np.maximum(x, 1), np.add(x, x), np.clip(x, 0, 1), np.cumsum(x), np.sqrt(torch.tensor(4.0)),
             np.reshape(x, (2, 2)), np.matmul(torch.ones(2, 2), torch.ones(2, 2)), np.abs(-x)]  # fmt: skip
    return {"found": found, "tensors": all(isinstance(y, torch.Tensor) for y in found)}


@case
def forms_of_old_programs(torch):
    x = torch.tensor([[1.5, -2.0], [0.0, 3.0]])
    old = [x, x.double(), x.long(), x.int(), x.to(torch.int16), x.to(torch.int8), x.to(torch.uint8), x > 0]
    return {
        "names": [y.type().split(".")[-1] for y in old],
        "new": [x.new([1, 2]), x.long().new([1.5]), list(x.new(2, 3).shape), list(x.new(x.size()).shape),
                x.new().numel()],
        "where": torch.where(x > 0), "histogram": torch.histogram(x, density=True).hist.shape == (100,),
        "size=": [torch.zeros(size=(2,)), torch.ones(size=(1, 2)), list(torch.empty(size=()).shape),
                  list(torch.rand(size=(3,)).shape), list(torch.randn(size=[2, 1]).shape)],
        "sizes": [type(y).__name__ for y in (x.shape[:1], x.shape + (3,), x.size()[-1:])],
    }  # fmt: skip


@case
def a_schedule_of_an_old_program(torch):
    class Halved(torch.optim.lr_scheduler._LRScheduler):
        def get_lr(self):
            return [rate * 0.5**self.last_epoch for rate in self.base_lrs]

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.8)
    schedule, rates = Halved(optimizer), []
    for _ in range(3):
        optimizer.step()
        schedule.step()
        rates += schedule.get_last_lr()
    return {"rates": rates}
