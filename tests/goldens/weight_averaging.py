"""Averages of weights: which numbers they are, what is saved of them, and the schedule that goes with them."""

import itertools

import numpy as np

from .families import Cases

case = CASES = Cases()

AVERAGES = {  # name -> the options of AveragedModel, from swa_utils
    "mean": lambda s: {},
    "mean_of_each": lambda s: {"avg_fn": s.get_swa_avg_fn()},
    "mean_of_all": lambda s: {"multi_avg_fn": s.get_swa_multi_avg_fn()},
    "ema_of_each": lambda s: {"avg_fn": s.get_ema_avg_fn(0.8)},
    "ema_of_all": lambda s: {"multi_avg_fn": s.get_ema_multi_avg_fn(0.8)},
    "ema_slow": lambda s: {"multi_avg_fn": s.get_ema_multi_avg_fn()},
    "ema_with_buffers": lambda s: {"avg_fn": s.get_ema_avg_fn(0.7), "use_buffers": True},
    "ema_of_all_with_buffers": lambda s: {"multi_avg_fn": s.get_ema_multi_avg_fn(0.7), "use_buffers": True},
    "mean_with_buffers": lambda s: {"use_buffers": True},
    "own": lambda s: {"avg_fn": lambda averaged, current, n: (averaged + current) / 2 + n},
}


def model_of(torch):
    """A linear layer behind a normalisation, with known weights."""
    draw = np.random.RandomState(0).standard_normal
    model = torch.nn.Sequential(torch.nn.BatchNorm1d(2), torch.nn.Linear(2, 1))
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.tensor(draw(p.shape)))
    return model


def batches(torch, count):
    draw = np.random.RandomState(1).standard_normal
    return [torch.tensor(draw((3, 2)) * (i + 1)) for i in range(count)]


def train(torch, model, steps):
    """Steps of plain descent, one at a time."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for x in batches(torch, steps):
        optimizer.zero_grad()
        (model(x.to(model[1].weight.dtype)) ** 2).sum().backward()
        optimizer.step()
        yield


def _average(name, dtype):
    def run(torch):
        swa = torch.optim.swa_utils
        model = model_of(torch).to(getattr(torch, dtype))
        averaged = swa.AveragedModel(model, **AVERAGES[name](swa))
        found = {f"at first {key}": value.clone() for key, value in averaged.state_dict().items()}
        for step, _ in enumerate(train(torch, model, 4)):
            averaged.update_parameters(model)
            found |= {f"{step} {key}": value.clone() for key, value in averaged.state_dict().items()}
        averaged.eval()
        x = torch.ones(2, 2, dtype=getattr(torch, dtype))
        return found | {"keys": ", ".join(averaged.state_dict()), "out": averaged(x), "text": repr(averaged),
                        "needs a gradient": str([p.requires_grad for p in averaged.parameters()])}

    return run


for _name, _dtype in itertools.product(AVERAGES, ("float64", "float32")):
    CASES[f"{_name}[{_dtype}]"] = _average(_name, _dtype)


@case
def gone_on_from_what_was_saved(torch):
    swa = torch.optim.swa_utils
    model = model_of(torch)
    averaged = swa.AveragedModel(model)
    found = {}
    for step, _ in enumerate(train(torch, model, 5)):
        averaged.update_parameters(model)
        if step == 2:
            saved = {key: value.clone() for key, value in averaged.state_dict().items()}
            averaged = swa.AveragedModel(model)
            found["matched"] = str(averaged.load_state_dict(saved))
    return found | averaged.state_dict()


@case
def the_functions_by_themselves(torch):
    swa = torch.optim.swa_utils
    a, b = torch.tensor([1.0, 2.0]), torch.tensor([5.0, -2.0])
    found = {"ema": swa.get_ema_avg_fn(0.9)(a, b, 3), "default": swa.get_ema_avg_fn()(a, b, 3),
             "mean": swa.get_swa_avg_fn()(a, b, 3), "mean by a tensor": swa.get_swa_avg_fn()(a, b, torch.tensor(3))}
    for name, average in (("emas", swa.get_ema_multi_avg_fn(0.9)), ("means", swa.get_swa_multi_avg_fn())):
        lists = [a.clone(), b.clone()], [b, a]
        average(*lists, torch.tensor(3))
        found[name] = lists[0]
    return found


@case
def statistics_of_a_batch_norm_measured_anew(torch):
    swa = torch.optim.swa_utils
    model = model_of(torch).double()
    averaged = swa.AveragedModel(model)
    for _ in train(torch, model, 3):
        averaged.update_parameters(model)
    averaged.eval()
    swa.update_bn([(x, None) for x in batches(torch, 4)], averaged)
    found = dict(averaged.state_dict())
    swa.update_bn(batches(torch, 2), model)
    norm = model[0]
    return found | {f"model {key}": value for key, value in model.state_dict().items()} | {
        "modes": f"{averaged.training} {averaged.module[0].training} {model.training} {norm.momentum}"}


@case
def a_model_without_batch_norm_is_left_alone(torch):
    model = torch.nn.Linear(1, 1).eval()
    torch.optim.swa_utils.update_bn(None, model)
    return {"mode": str(model.training)}


SCHEDULES = {  # options of SWALR
    "cosine": {"swa_lr": 0.05},
    "linear": {"swa_lr": 0.05, "anneal_epochs": 4, "anneal_strategy": "linear"},
    "for each group": {"swa_lr": [0.2, 0.02], "anneal_epochs": 3},
    "at once": {"swa_lr": 0.3, "anneal_epochs": 0},
    "at the first call": {"swa_lr": 0.3, "anneal_epochs": 1},
}


def optimizer_of(torch):
    a, b = (torch.zeros(2, requires_grad=True) for _ in range(2))
    return torch.optim.SGD([{"params": [a]}, {"params": [b], "lr": 0.5}], lr=0.1)


def _rates(options):
    def run(torch):
        optimizer = optimizer_of(torch)
        schedule = torch.optim.swa_utils.SWALR(optimizer, **options)
        found = {"0": schedule.get_last_lr(), "kept": [g["swa_lr"] for g in optimizer.param_groups]}
        for t in range(1, 13):
            optimizer.step()
            schedule.step()
            found[str(t)] = schedule.get_last_lr()
        return found

    return run


for _name, _options in SCHEDULES.items():
    CASES[f"rates {_name}"] = _rates(_options)


@case
def after_another_schedule(torch):
    """As in training with SWA: a schedule for the first epochs, then the way to the rate for averaging."""
    optimizer = optimizer_of(torch)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    swa = torch.optim.swa_utils.SWALR(optimizer, 0.05, anneal_epochs=4)
    found = {}
    for t in range(10):
        optimizer.step()
        (swa if t > 3 else schedule).step()
        found[str(t)] = [g["lr"] for g in optimizer.param_groups]
    return found


@case
def a_rate_changed_by_hand(torch):
    optimizer = optimizer_of(torch)
    schedule = torch.optim.swa_utils.SWALR(optimizer, 0.05, anneal_epochs=6, anneal_strategy="linear")
    found = {}
    for t in range(8):
        optimizer.step()
        schedule.step()
        if t == 2:
            optimizer.param_groups[0]["lr"] = 1.0
        found[str(t)] = schedule.get_last_lr()
    return found


@case
def made_in_the_middle_and_loaded(torch):
    optimizer = optimizer_of(torch)
    schedule = torch.optim.swa_utils.SWALR(optimizer, 0.05, anneal_epochs=5)
    for _ in range(2):
        optimizer.step()
        schedule.step()
    state = {key: value for key, value in schedule.state_dict().items()}
    again = torch.optim.swa_utils.SWALR(optimizer, 0.05, anneal_epochs=5, last_epoch=1)
    found = {"made": again.get_last_lr()}
    for t in range(3):
        optimizer.step()
        again.step()
        found[str(t)] = again.get_last_lr()
    loaded = torch.optim.swa_utils.SWALR(optimizer_of(torch), 0.3, anneal_epochs=9, anneal_strategy="linear")
    loaded.load_state_dict(state)
    return found | {"loaded": loaded.get_last_lr(), "epochs": [loaded.anneal_epochs]}
