"""What real PyTorch saved into tests/goldens/pytorch-2.13/*.pth; the same functions make it with the course."""

import warnings


def trained(torch, steps=3):
    """A small network with statistics of its own, its optimiser and schedule, and how to train them on."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(1, 2, 3, bias=False), torch.nn.BatchNorm2d(2), torch.nn.ReLU(), torch.nn.Flatten(),
        torch.nn.Linear(8, 3))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, amsgrad=True)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [2, 4], gamma=0.5)
    x, y = torch.randn(6, 1, 4, 4), torch.tensor([0, 1, 2, 0, 1, 2])

    def train(steps):
        losses = []
        for _ in range(steps):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        return losses

    train(steps)
    return model, optimizer, schedule, train


def state_dict(torch):
    return trained(torch)[0].state_dict()


def checkpoint(torch):
    model, optimizer, schedule, _ = trained(torch)
    return {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict(),
            "epoch": 3, "best": 0.25, "history": [1.5, 0.5, 0.25], "note": "größer", "done": False, "seed": None}


def averaged(torch):
    """The state of an optimiser with numbers of its own."""
    p = torch.ones(2, requires_grad=True)
    optimizer = torch.optim.ASGD([p], lr=0.1)
    for _ in range(2):
        p.grad = torch.ones(2)
        optimizer.step()
    return {"p": p.detach(), "optimizer": optimizer.state_dict()}


def kinds(torch):
    types = (torch.float32, torch.float64, torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8, torch.bool)
    return {
        "numbers": {str(t).split(".")[1]: torch.tensor([0, 1, 1, 0]).to(t).reshape(2, 2) for t in types},
        "shapes": [torch.tensor(2.5), torch.zeros(0), torch.zeros(2, 0, 3), torch.ones(1, 1, 2)],
        "leaf": torch.ones(2, requires_grad=True), "parameter": torch.nn.Parameter(torch.tensor([1.5, -2.0])),
        "frozen": torch.nn.Parameter(torch.ones(1), requires_grad=False),
        "size": torch.Size([2, 3]), "type": torch.float32, "device": torch.device("cpu"), "pair": ("a", (1, -2.5), ()),
        7: {(1, "k"): [], None: True}, "large": -(2**70), "text": "",
    }


def views(torch):
    base = torch.arange(12.0).reshape(3, 4)
    return {"base": base, "transposed": base.t(), "column": base[:, 1], "every other": base[1:, ::2],
            "twice": [base[0], base[0]]}


def expanded(torch):
    return torch.ones(1, 2).expand(500, 2)


def half(torch):
    return {"weight": torch.ones(2).half()}


def module(torch):
    return torch.nn.Linear(2, 1)


def old_format(torch):
    return {"weight": torch.ones(2)}


READ = {f.__name__: f for f in (state_dict, checkpoint, averaged, kinds, views)}
REFUSED = {f.__name__: f for f in (expanded, half, module, old_format)}


def write(torch, folder) -> None:
    """Save all of them there."""
    for name, make in (READ | REFUSED).items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.save(make(torch), folder / f"{name}.pth", _use_new_zipfile_serialization=name != "old_format")
