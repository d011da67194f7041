"""What test_distributed.py runs under mpiexec: `python distributed_programs.py NAME`. Answers are printed as JSON."""

import json
import sys

import course as torch
from course import distributed as dist

OPTIMIZERS = {
    "SGD": lambda ps: torch.optim.SGD(ps, lr=0.1),
    "momentum": lambda ps: torch.optim.SGD(ps, lr=0.1, momentum=0.9, weight_decay=0.01),
    "Adam": lambda ps: torch.optim.Adam(ps, lr=0.05),
    "LBFGS": lambda ps: torch.optim.LBFGS(ps, lr=0.5, max_iter=5, line_search_fn="strong_wolfe"),
}


class Model(torch.nn.Module):
    """Two layers in float64, a factor in float32, a parameter that is never used, and a buffer."""

    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.Linear(5, 3)).double()
        self.factor = torch.nn.Parameter(torch.rand(1))
        self.unused = torch.nn.Parameter(torch.rand(2))
        self.register_buffer("shift", torch.rand(3, dtype=torch.float64))

    def forward(self, x):
        return self.layers(x) * self.factor.double() + self.shift


EQUAL, UNEQUAL = ((0, 4), (4, 8)), ((0, 3), (3, 8))  # ranks' parts of a batch of 8


def trained(name, parts=UNEQUAL):
    """All parameters after four batches of 8 samples, of which each rank sees its part; and the last loss."""
    draw = torch.Generator().manual_seed(5)
    x, y = torch.randn(4, 8, 4, dtype=torch.float64, generator=draw), torch.randint(3, (4, 8), generator=draw)
    torch.manual_seed(dist.get_rank())  # each rank would begin elsewhere
    model = Model().double() if name == "LBFGS" else Model()  # its line search would magnify float32's rounding
    optimizer = dist.DistributedOptimizer(OPTIMIZERS[name](model.parameters()), buffers=model.buffers())
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 2)
    part = slice(*parts[dist.get_rank()]) if dist.get_world_size() > 1 else slice(0, 8)
    for batch, classes in zip(x[:, part], y[:, part]):

        def closure(batch=batch, classes=classes):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(batch), classes)
            loss.backward()
            return loss

        if parts == EQUAL:
            loss = optimizer.step(closure)
        elif name == "LBFGS":
            loss = optimizer.step(closure, samples=len(batch))
        else:
            loss = closure()
            optimizer.step(samples=len(batch))
        schedule.step()
    return {name: value.tolist() for name, value in model.state_dict().items()} | {"loss": loss.item()}


def train():
    return {name: trained(name) for name in OPTIMIZERS} | {"equal parts": trained("Adam", EQUAL)}


def on_cuda():
    rank = dist.get_rank()
    w = torch.ones(3, device="cuda", requires_grad=True)
    optimizer = dist.DistributedOptimizer(torch.optim.SGD([w], lr=0.5))
    (w * (rank + 1)).sum().backward()
    optimizer.step(samples=1 + rank)  # g = (1·1 + 2·2) / 3
    numbers = torch.ones(2, device="cuda")
    dist.all_reduce(numbers)
    return [w.tolist(), w.grad.device.type, numbers.tolist()]


def talk():
    rank = dist.get_rank()
    found = {"who": [dist.get_rank(), dist.get_world_size(), dist.get_backend()]}
    for op in dist.ReduceOp:
        numbers = torch.tensor([1.0, -2.0, 3.0]) * (rank + 1)
        assert dist.all_reduce(numbers, op) is None
        found[op.name] = numbers.tolist()
    table = torch.arange(6).reshape(2, 3)
    dist.all_reduce(table[:, 1])  # a view that is not contiguous
    number = torch.tensor(rank + 0.5)
    dist.all_reduce(number, op=dist.ReduceOp.MAX)
    leaf = torch.full((2,), float(rank), requires_grad=True)
    dist.broadcast(leaf, src=1)
    places = [torch.zeros(2) for _ in range(2)]
    dist.all_gather(places, torch.tensor([rank, rank + 10.0]))
    dist.barrier()
    sampler = torch.utils.data.DistributedSampler(range(7), seed=3)
    return found | {"view": table.tolist(), "number": number.item(), "broadcast": leaf.tolist(),
                    "leaf": [leaf.is_leaf, leaf.requires_grad],
                    "gathered": [p.tolist() for p in places], "sampler": list(sampler)}


def disagree():
    rank = dist.get_rank()
    a, b = torch.ones(3, requires_grad=True), torch.ones(2, requires_grad=True)
    optimizer = dist.DistributedOptimizer(torch.optim.SGD([a, b], lr=0.1))

    def step_without_a_gradient():
        loss = a.sum() if rank else a.sum() + b.sum()
        loss.backward()
        optimizer.step()

    tries = {
        "shapes": lambda: dist.all_reduce(torch.ones(3 + rank)),
        "types": lambda: dist.broadcast(torch.ones(3, dtype=(torch.float32, torch.float64)[rank]), 0),
        "sources": lambda: dist.broadcast(torch.ones(3), rank),
        "operations": lambda: dist.all_reduce(torch.ones(3), (dist.ReduceOp.SUM, dist.ReduceOp.MAX)[rank]),
        "calls": lambda: dist.barrier() if rank else dist.all_reduce(torch.ones(3)),
        "parameters": lambda: dist.DistributedOptimizer(torch.optim.SGD([a, b][: 2 - rank], lr=0.1)),
        "parameter shapes": lambda: dist.DistributedOptimizer(torch.optim.SGD([(a, b)[rank]], lr=0.1)),
        "options": lambda: dist.DistributedOptimizer(torch.optim.SGD([a], lr=(0.1, 0.2)[rank])),
        "rules": lambda: dist.DistributedOptimizer((torch.optim.Adam, torch.optim.RMSprop)[rank]([a])),
        "gradients": step_without_a_gradient,
        "weights": lambda: optimizer.step(samples=(None, 3)[rank]),
    }
    found = {}
    for name, attempt in tries.items():
        try:
            attempt()
        except RuntimeError as error:
            found[name] = str(error)
    dist.barrier()  # and they go on together
    return found | {"a": a.tolist()}


def leaves():
    """Rank 1 has one batch less."""
    a = torch.ones(3, requires_grad=True)
    optimizer = dist.DistributedOptimizer(torch.optim.SGD([a], lr=0.1))
    for _ in range(3 - dist.get_rank()):
        a.sum().backward()
        optimizer.step()
    sys.exit()  # without destroy_process_group


def fails():
    if dist.get_rank():
        raise KeyError("a reason of its own")
    dist.barrier()


if __name__ == "__main__":
    dist.init_process_group()
    mine = globals()[sys.argv[1]]()
    everyone = dist._meet("the answers", (), mine)
    if dist.get_rank() == 0:
        print(json.dumps(everyone))
    dist.destroy_process_group()
