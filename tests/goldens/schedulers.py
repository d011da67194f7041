"""Every schedule: the learning rates and momenta it sets, step by step, for two parameter groups."""

import functools
import itertools
import warnings

from .families import Cases

case = CASES = Cases()


def optimizer_of(torch, **options):
    a, b = (torch.zeros(2, requires_grad=True) for _ in range(2))
    return torch.optim.SGD([{"params": [a]}, {"params": [b], "lr": 0.5}], lr=0.1, momentum=0.9, **options)


SCHEDULES = {  # name -> schedule of (lr_scheduler, optimizer)
    "lambda": lambda s, o: s.LambdaLR(o, lambda t: 0.9**t),
    "lambdas": lambda s, o: s.LambdaLR(o, [lambda t: 1 / (1 + t), lambda t: 0.5]),
    "multiplicative": lambda s, o: s.MultiplicativeLR(o, [lambda t: 0.95, lambda t: 0.5]),
    "step": lambda s, o: s.StepLR(o, 3, 0.5),
    "multistep": lambda s, o: s.MultiStepLR(o, [2, 5, 5, 9], 0.3),
    "constant": lambda s, o: s.ConstantLR(o),
    "linear": lambda s, o: s.LinearLR(o, 0.2, 0.8, 7),
    "linear_to_zero": lambda s, o: s.LinearLR(o, 1.0, 0.0, 4),
    "polynomial": lambda s, o: s.PolynomialLR(o, 8, 2.0),
    "exponential": lambda s, o: s.ExponentialLR(o, 0.8),
    "cosine": lambda s, o: s.CosineAnnealingLR(o, 6, 0.01),
    "cosine_to_zero": lambda s, o: s.CosineAnnealingLR(o, 5),
    "restarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 3, 2, 0.001),
    "restarts_alike": lambda s, o: s.CosineAnnealingWarmRestarts(o, 4),
    "one_cycle": lambda s, o: s.OneCycleLR(o, 1.0, total_steps=20),
    "one_cycle_phases": lambda s, o: s.OneCycleLR(o, [1.0, 2.0], epochs=5, steps_per_epoch=5, three_phase=True,
                                                  anneal_strategy="linear", div_factor=10, final_div_factor=100),
    "one_cycle_lr_only": lambda s, o: s.OneCycleLR(o, 1.0, total_steps=20, pct_start=0.5, cycle_momentum=False),
    "cyclic": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 4, 6),
    "cyclic_triangular2": lambda s, o: s.CyclicLR(o, [0.01, 0.02], [0.1, 0.3], 3, mode="triangular2"),
    "cyclic_exp_range": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 3, mode="exp_range", gamma=0.9, cycle_momentum=False),
    "cyclic_own": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 3, scale_fn=lambda x: 1 / x, scale_mode="cycle",
                                          base_momentum=0.5, max_momentum=0.7),
    "sequential": lambda s, o: s.SequentialLR(
        o, [s.ConstantLR(o, 0.1, 100), s.ExponentialLR(o, 0.9), s.CosineAnnealingLR(o, 5)], [3, 7]),
    "warm_up": lambda s, o: s.SequentialLR(
        o, [s.LinearLR(o, 0.1, total_iters=4), s.CosineAnnealingLR(o, 10)], [4]),
    "chained": lambda s, o: s.ChainedScheduler([s.ConstantLR(o, 0.1, 3), s.ExponentialLR(o, 0.9)]),
    "chained_cosine": lambda s, o: s.ChainedScheduler(
        [s.LinearLR(o, 0.1, total_iters=4), s.CosineAnnealingLR(o, 8, 0.01)]),
}


def rates(schedule, optimizer):
    groups = optimizer.param_groups
    return [*(g["lr"] for g in groups), *(g["momentum"] for g in groups), *schedule.get_last_lr()]


def _path(name):
    def run(torch):
        optimizer = optimizer_of(torch)
        schedule = SCHEDULES[name](torch.optim.lr_scheduler, optimizer)
        found = {"0": rates(schedule, optimizer)}
        for t in range(1, 19):
            optimizer.step()
            schedule.step()
            found[str(t)] = rates(schedule, optimizer)
        return found

    return run


for _name in SCHEDULES:
    CASES[_name] = _path(_name)

MEASURED = (1, .9, .89, .88, .88, .88, .87, .5, .5, .5, .5, .5, .49, .2, .9, .9, .9, .9, .9, .9, .9)  # fmt: skip


def _plateau(mode, threshold_mode):
    def run(torch):
        optimizer = optimizer_of(torch)
        schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer, mode, 0.5, 2, threshold=0.05, threshold_mode=threshold_mode, cooldown=1, min_lr=[0.01, 0.02])
        found = []
        for value in MEASURED:
            schedule.step(value)
            found += [g["lr"] for g in optimizer.param_groups]
        return {"rates": found}

    return run


for _mode, _threshold in itertools.product(("min", "max"), ("rel", "abs")):
    CASES[f"plateau_{_mode}_{_threshold}"] = _plateau(_mode, _threshold)


@case
def one_cycle_moves_the_first_beta_of_adam(torch):
    p = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.Adam([p], lr=0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.5, total_steps=6)
    found = {}
    for t in range(6):
        found[str(t)] = [*optimizer.param_groups[0]["betas"], optimizer.param_groups[0]["lr"]]
        optimizer.step()
        schedule.step() if t < 5 else None
    return found


@case
def restarts_at_fractions_of_an_epoch(torch):
    optimizer = optimizer_of(torch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 2, 2)
    optimizer.step()
    found = {}
    for epoch in (0, 0.5, 1.25, 2, 3.5, 6.5):
        schedule.step(epoch)
        found[str(epoch)] = schedule.get_last_lr()
    return found


@case
def a_rate_changed_by_hand_is_gone_on_from(torch):
    optimizer = optimizer_of(torch)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    found = {}
    for t in range(4):
        optimizer.step()
        schedule.step()
        if t == 1:
            optimizer.param_groups[0]["lr"] = 1.0
        found[str(t)] = schedule.get_last_lr()
    return found


def _resumed(make, at, torch):
    """Rates after a schedule was made anew at step `at`: with last_epoch where `make` takes it."""
    optimizer = optimizer_of(torch)
    schedule = make(torch.optim.lr_scheduler, optimizer, -1)
    for _ in range(at):
        optimizer.step()
        schedule.step()
    schedule = make(torch.optim.lr_scheduler, optimizer, at - 1)
    found = {"made": schedule.get_last_lr()}
    for t in range(4):
        optimizer.step()
        schedule.step()
        found[str(t)] = schedule.get_last_lr()
    return found


for _name, _make in {
    "step": lambda s, o, last: s.StepLR(o, 3, 0.5, last), "lambda": lambda s, o, last: s.LambdaLR(
        o, lambda t: 0.9**t, last),
    "exponential": lambda s, o, last: s.ExponentialLR(o, 0.8, last),
    "linear": lambda s, o, last: s.LinearLR(o, 0.2, 1.0, 6, last),
    "polynomial": lambda s, o, last: s.PolynomialLR(o, 6, 2.0, last),
    "cosine": lambda s, o, last: s.CosineAnnealingLR(o, 6, 0.01, last),
    "multiplicative": lambda s, o, last: s.MultiplicativeLR(o, lambda t: 0.9, last),
    "constant": lambda s, o, last: s.ConstantLR(o, 0.5, 6, last),
    "one_cycle": lambda s, o, last: s.OneCycleLR(o, 1.0, total_steps=20, last_epoch=last),
    "cyclic": lambda s, o, last: s.CyclicLR(o, 0.01, 0.1, 3, last_epoch=last),
    "restarts": lambda s, o, last: s.CosineAnnealingWarmRestarts(o, 3, last_epoch=last),
    "multistep": lambda s, o, last: s.MultiStepLR(o, [2, 4, 7], 0.1, last),
}.items():
    CASES[f"{_name}_made_in_the_middle"] = functools.partial(_resumed, _make, 4)


def _at_epochs(name):
    """step(epoch), as programs have it that are older than PyTorch 1.4."""
    def run(torch):
        optimizer = optimizer_of(torch)
        schedule = SCHEDULES[name](torch.optim.lr_scheduler, optimizer)
        found = {}
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            for epoch in (1, 2, 3, 7, 4, 0, 5):
                optimizer.step()
                schedule.step(epoch)
                found[f"{len(found)}: {epoch}"] = rates(schedule, optimizer)
            schedule.step()
        found["then"] = [*rates(schedule, optimizer), schedule.last_epoch]
        return {**found, "warned": sorted({w.category.__name__ for w in heard})}

    return run


for _name in ("lambda", "step", "multistep", "linear", "exponential", "cosine", "cyclic", "one_cycle"):
    CASES[f"{_name} at epochs"] = _at_epochs(_name)


@case
def a_plateau_at_epochs(torch):
    optimizer = optimizer_of(torch)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=1)
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for epoch, loss in enumerate([1.0, 0.9, 0.9, 0.95, 0.9, 0.9]):
            schedule.step(loss, epoch)
            found[str(epoch)] = [g["lr"] for g in optimizer.param_groups]
    return {**found, "last": [schedule.last_epoch]}
