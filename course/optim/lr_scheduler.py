"""Learning-rate schedules: how large the steps are as training goes on.

Most schedules are one formula, `scale(t)`: the learning rate after t calls of `step()` as a multiple of the one that
the optimiser started with. A call multiplies the present rate by scale(t) / scale(t − 1), so schedules can be chained,
and a rate that was changed by hand stays changed.
"""

from __future__ import annotations

import math
import warnings
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence

from ..tracing import Stepping
from .optimizer import Optimizer

_OLD_EPOCH = "scheduler.step(epoch) is deprecated: call step() once an epoch, without the number"


class LRScheduler(Stepping):
    """The base of the schedules. Call `step()` after each epoch (or batch), *after* `optimizer.step()`.

    Attributes: last_epoch: t, how often `step()` was called. A schedule that is one formula writes `scale(t)`.
    """

    floor = 0.0  # what the scale acts on is the learning rate above this
    gradual = False  # made in the middle of a training, a gradual schedule takes the present rate for its own

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1):
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer; a schedule changes an optimiser's lr")
        self.optimizer = optimizer
        for group in optimizer.param_groups:
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError("param 'initial_lr' is not specified in param_groups when resuming an optimizer: "
                               "load the optimizer's state_dict before making the schedule with last_epoch")
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch: float = last_epoch
        self._warned = False
        if self.gradual and last_epoch >= 0:
            self.last_epoch += 1
            self._set([group["lr"] for group in optimizer.param_groups])
        else:
            self._advance(last_epoch + 1)

    def scale(self, t: float) -> float:
        """The learning rate at time t as a multiple of the first one (both measured from `floor`)."""
        raise NotImplementedError(f"{type(self).__name__} must define scale(t) or get_lr()")

    def get_lr(self) -> list[float]:
        """The learning rate of each parameter group at time `last_epoch`."""
        now = self.scale(self.last_epoch)
        before = self.scale(self.last_epoch - 1) if self.last_epoch > 0 else 1.0
        return [
            self.floor + (group["lr"] - self.floor) * (now / before)
            if before
            else group["lr"] + (base - self.floor) * now
            for base, group in zip(self.base_lrs, self.optimizer.param_groups)
        ]

    def step(self, epoch: int | None = None) -> None:
        """Go on to the next learning rate; to that of `epoch`, as old programs have it, with a warning."""
        if epoch is not None:
            warnings.warn(_OLD_EPOCH, UserWarning, stacklevel=2)
            self.last_epoch = epoch
            self._set(self._rates_at(epoch))
            return
        if self.last_epoch == 0 and not self.optimizer.steps_taken and not self._warned:
            self._warned = True
            warnings.warn("Detected call of `lr_scheduler.step()` before `optimizer.step()`: the first value of the "
                          "schedule is skipped. Call optimizer.step() first", UserWarning, stacklevel=3)
        self._advance(self.last_epoch + 1)

    def _rates_at(self, t: int) -> list[float]:
        """The learning rates at time t = `last_epoch`, from the first ones where the schedule is one formula."""
        if type(self).get_lr is not LRScheduler.get_lr:
            return self.get_lr()
        return [self.floor + (base - self.floor) * self.scale(t) for base in self.base_lrs]

    def _advance(self, t: float) -> None:
        self.last_epoch = t
        self._set(self.get_lr())

    def _begin(self) -> None:
        """Take over from another schedule."""
        self._set(self.base_lrs)
        self._advance(0)

    def _set(self, rates: Sequence[float]) -> None:
        for group, lr in zip(self.optimizer.param_groups, rates):
            group["lr"] = lr
        self._last_lr = list(rates)

    def get_last_lr(self) -> list[float]:
        """The learning rate of each parameter group, as last set."""
        return self._last_lr

    def state_dict(self) -> dict:
        """All that is needed to go on later; functions are not part of it."""
        return {k: v for k, v in vars(self).items() if k != "optimizer" and not callable(v)}

    def load_state_dict(self, state_dict: dict) -> None:
        """Go on from a `state_dict`."""
        vars(self).update(state_dict)


_LRScheduler = LRScheduler  # the name of old programs


class LambdaLR(LRScheduler):
    """η_t = η₀ · f(t), for a function f of your own, or one for each parameter group."""

    def __init__(self, optimizer, lr_lambda: Callable[[int], float] | Sequence, last_epoch: int = -1):
        self.lr_lambdas = _one_each("lr_lambda", lr_lambda, optimizer)
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [base * f(self.last_epoch) for base, f in zip(self.base_lrs, self.lr_lambdas)]

    def state_dict(self):
        return {k: v for k, v in super().state_dict().items() if k != "lr_lambdas"}


class MultiplicativeLR(LambdaLR):
    """η_t = η_{t−1} · f(t), for a function f of your own, or one for each parameter group."""

    gradual = True

    def get_lr(self):
        if self.last_epoch == 0:
            return list(self.base_lrs)
        return self._multiplied()

    def _multiplied(self):
        return [g["lr"] * f(self.last_epoch) for g, f in zip(self.optimizer.param_groups, self.lr_lambdas)]

    def _begin(self):
        self.last_epoch = 0
        self._set(self._multiplied())  # of the other's last rate


class StepLR(LRScheduler):
    """η_t = η₀ · γ^⌊t / step_size⌋: a drop every `step_size` calls."""

    def __init__(self, optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1):
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def scale(self, t):
        return self.gamma ** (t // self.step_size)


class MultiStepLR(LRScheduler):
    """η_t = η₀ · γ^(number of milestones reached): a drop at each milestone."""

    def __init__(self, optimizer, milestones: Sequence[int], gamma: float = 0.1, last_epoch: int = -1):
        self.milestones, self.gamma = Counter(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def scale(self, t):
        return self.gamma ** sum(count for milestone, count in self.milestones.items() if milestone <= t)


class ConstantLR(LRScheduler):
    """η_t = factor · η₀ for t < total_iters, then η₀."""

    def __init__(self, optimizer, factor: float = 1 / 3, total_iters: int = 5, last_epoch: int = -1):
        if not 0 <= factor <= 1:
            raise ValueError(f"Constant multiplicative factor expected to be between 0 and 1, given {factor}")
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def scale(self, t):
        return self.factor if t < self.total_iters else 1.0


class LinearLR(LRScheduler):
    """η_t = η₀ · (a + (b − a) · min(t, T) / T): from a = start_factor to b = end_factor in T = total_iters calls."""

    gradual = True

    def __init__(self, optimizer, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5,
                 last_epoch: int = -1):
        if not 0 < start_factor <= 1:
            raise ValueError(f"Starting multiplicative factor expected to be greater than 0 and less or equal to 1, "
                             f"given {start_factor}")
        if not 0 <= end_factor <= 1:
            raise ValueError(f"Ending multiplicative factor expected to be between 0 and 1, given {end_factor}")
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def scale(self, t):
        share = min(t, self.total_iters) / self.total_iters if self.total_iters else 1.0
        return self.start_factor + (self.end_factor - self.start_factor) * share


class PolynomialLR(LRScheduler):
    """η_t = η₀ · (1 − min(t, T) / T)^power."""

    gradual = True

    def __init__(self, optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1):
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer, last_epoch)

    def scale(self, t):
        return (1 - min(t, self.total_iters) / self.total_iters) ** self.power


class ExponentialLR(LRScheduler):
    """η_t = η₀ · γ^t."""

    gradual = True

    def __init__(self, optimizer, gamma: float, last_epoch: int = -1):
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def scale(self, t):
        return self.gamma**t


class CosineAnnealingLR(LRScheduler):
    """η_t = η_min + (η₀ − η_min) · (1 + cos(π t / T)) / 2: half a cosine wave down in T = T_max calls.

    Source: Loshchilov and Hutter, SGDR (2017).
    """

    gradual = True

    def __init__(self, optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1):
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    floor = property(lambda self: self.eta_min)

    def scale(self, t):
        return 0.0 if t % (2 * self.T_max) == self.T_max else (1 + math.cos(math.pi * t / self.T_max)) / 2


class CosineAnnealingWarmRestarts(LRScheduler):
    """Cosine annealing that starts again after T_0 calls, each period being T_mult times as long as the one before.

    η = η_min + (η₀ − η_min) · (1 + cos(π T_cur / T_i)) / 2. Source: Loshchilov and Hutter, SGDR (2017).
    """

    def __init__(self, optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1):
        if T_0 <= 0 or not isinstance(T_0, int):
            raise ValueError(f"Expected positive integer T_0, but got {T_0}")
        if T_mult < 1 or not isinstance(T_mult, int):
            raise ValueError(f"Expected integer T_mult >= 1, but got {T_mult}")
        self.T_0, self.T_mult, self.eta_min = T_0, T_mult, eta_min
        super().__init__(optimizer, last_epoch)

    def step(self, epoch: float | None = None) -> None:  # type: ignore[override]  # a fraction here, without warning
        """Go on to the next learning rate, or to that of `epoch`, which may be a fraction."""
        if epoch is None:
            super().step()
        elif epoch < 0:
            raise ValueError(f"Expected non-negative epoch, but got {epoch}")
        else:
            self._advance(epoch)
            self.last_epoch = math.floor(epoch)

    def get_lr(self):
        now, period = self.last_epoch, self.T_0
        while now >= period:
            now, period = now - period, period * self.T_mult
            if self.T_mult == 1:
                now %= period
        wave = (1 + math.cos(math.pi * now / period)) / 2
        return [self.eta_min + (base - self.eta_min) * wave for base in self.base_lrs]


class _Cycling(LRScheduler):
    """What OneCycleLR and CyclicLR share: they may move the momentum against the learning rate."""

    def _momentum_name(self):
        return "betas" if "betas" in self.optimizer.defaults else "momentum"

    def _set_momentum(self, group, value):
        name = self._momentum_name()
        group[name] = (value, *group["betas"][1:]) if name == "betas" else value

    def _check_momentum(self):
        if not {"momentum", "betas"} & set(self.optimizer.defaults):
            raise ValueError("optimizer must support momentum or beta1 with `cycle_momentum` option enabled; "
                             "set cycle_momentum=False")


class OneCycleLR(_Cycling):
    """One rise to `max_lr` and one long fall far below the start, over all steps of a training; call it every batch.

    The rate starts at max_lr / div_factor, rises for `pct_start` of the steps, and ends at that start divided by
    final_div_factor; momentum moves the other way. Source: Smith and Topin, Super-Convergence (2018).
    """

    def __init__(self, optimizer, max_lr, total_steps: int | None = None, epochs: int | None = None,
                 steps_per_epoch: int | None = None, pct_start: float = 0.3, anneal_strategy: str = "cos",
                 cycle_momentum: bool = True, base_momentum: float = 0.85, max_momentum: float = 0.95,
                 div_factor: float = 25.0, final_div_factor: float = 1e4, three_phase: bool = False,
                 last_epoch: int = -1):
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
            total_steps = epochs * steps_per_epoch
        if total_steps <= 0 or not isinstance(total_steps, int):
            raise ValueError(f"Expected positive integer total_steps, but got {total_steps}")
        if not 0 <= pct_start <= 1:
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        self.optimizer, self.total_steps, self.cycle_momentum = optimizer, total_steps, cycle_momentum
        self.anneal_strategy = anneal_strategy
        self.max_lrs = _one_each("max_lr", max_lr, optimizer)
        self.div_factor, self.final_div_factor = div_factor, final_div_factor
        self.base_momentum, self.max_momentum = base_momentum, max_momentum
        peak = pct_start * total_steps - 1
        low, high, last = "initial", "max", "final"
        if three_phase:
            self.phases = [(peak, low, high), (2 * peak, high, low), (total_steps - 1, low, last)]
        else:
            self.phases = [(peak, low, high), (total_steps - 1, high, last)]
        if cycle_momentum:
            self._check_momentum()
        if last_epoch == -1:
            for group, highest in zip(optimizer.param_groups, self.max_lrs):
                group["lr"] = highest / div_factor
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        t = self.last_epoch
        if t > self.total_steps:
            raise ValueError(f"Tried to step {t} times. The specified number of total steps is {self.total_steps}")
        past = [end for end, _, _ in self.phases[:-1] if t > end]
        end, start_at, end_at = self.phases[len(past)]
        began = past[-1] if past else 0.0
        share = (t - began) / (end - began)
        if self.cycle_momentum:
            momentum = {"initial": self.max_momentum, "max": self.base_momentum, "final": self.max_momentum}
            for group in self.optimizer.param_groups:
                self._set_momentum(group, self._between(momentum[start_at], momentum[end_at], share))
        rates = []
        for highest in self.max_lrs:
            first = highest / self.div_factor
            level = {"initial": first, "max": highest, "final": first / self.final_div_factor}
            rates.append(self._between(level[start_at], level[end_at], share))
        return rates

    def _between(self, start, end, share):
        if self.anneal_strategy == "linear":
            return start + (end - start) * share
        return end + (start - end) / 2 * (1 + math.cos(math.pi * share))


class CyclicLR(_Cycling):
    """Up and down between base_lr and max_lr, again and again; call it every batch.

    mode: 'triangular'; 'triangular2' halves the height every cycle; 'exp_range' multiplies it by gamma every step;
    or give `scale_fn`. Source: Smith, Cyclical Learning Rates (2017).
    """

    def __init__(self, optimizer, base_lr, max_lr, step_size_up: int = 2000, step_size_down: int | None = None,
                 mode: str = "triangular", gamma: float = 1.0, scale_fn: Callable[[float], float] | None = None,
                 scale_mode: str = "cycle", cycle_momentum: bool = True, base_momentum: float = 0.8,
                 max_momentum: float = 0.9, last_epoch: int = -1):
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ValueError(f"mode {mode!r} is invalid and scale_fn is None; "
                             "use 'triangular', 'triangular2' or 'exp_range'")
        self.optimizer, self.mode, self.gamma, self.scale_fn = optimizer, mode, gamma, scale_fn
        self.scale_mode = "iterations" if scale_fn is None and mode == "exp_range" else scale_mode
        self.max_lrs = _one_each("max_lr", max_lr, optimizer)
        down = step_size_up if step_size_down is None else step_size_down
        self.cycle_length = float(step_size_up + down)
        self.share_up = step_size_up / self.cycle_length
        self.cycle_momentum, self.base_momentum, self.max_momentum = cycle_momentum, base_momentum, max_momentum
        if cycle_momentum:
            self._check_momentum()
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, _one_each("base_lr", base_lr, optimizer)):
                group["lr"] = lr
        super().__init__(optimizer, last_epoch)

    def _height(self, x):
        if self.scale_fn is not None:
            return self.scale_fn(x)
        return {"triangular": 1.0, "triangular2": 0.5 ** (x - 1), "exp_range": self.gamma**x}[self.mode]

    def get_lr(self):
        cycle = math.floor(1 + self.last_epoch / self.cycle_length)
        x = 1 + self.last_epoch / self.cycle_length - cycle
        up = x / self.share_up if x <= self.share_up else (x - 1) / (self.share_up - 1)
        height = up * self._height(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            for group in self.optimizer.param_groups:
                self._set_momentum(group, self.max_momentum - (self.max_momentum - self.base_momentum) * height)
        return [base + (highest - base) * height for base, highest in zip(self.base_lrs, self.max_lrs)]


class ReduceLROnPlateau(LRScheduler):
    """η ← factor · η when a measured value has not improved for more than `patience` calls; `step(value)`.

    Args: mode: 'min' if the value should fall, 'max' if it should rise; threshold: what counts as better, as a share
    (threshold_mode 'rel') or absolutely ('abs'); cooldown: calls to wait after a drop; min_lr; eps: smaller drops are
    not made.
    """

    def __init__(self, optimizer, mode: str = "min", factor: float = 0.1, patience: int = 10, threshold: float = 1e-4,
                 threshold_mode: str = "rel", cooldown: int = 0, min_lr=0.0, eps: float = 1e-8):
        if factor >= 1.0:
            raise ValueError(f"Factor should be < 1.0, given {factor}")
        if mode not in ("min", "max"):
            raise ValueError(f"mode {mode} is unknown! It is 'min' or 'max'")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"threshold mode {threshold_mode} is unknown! It is 'rel' or 'abs'")
        self.mode, self.factor, self.patience, self.threshold = mode, factor, patience, threshold
        self.threshold_mode, self.cooldown, self.eps = threshold_mode, cooldown, eps
        self.min_lrs = _one_each("min_lr", min_lr, optimizer)
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = 0
        super().__init__(optimizer)

    def get_lr(self):
        return [group["lr"] for group in self.optimizer.param_groups]

    def step(self, metrics: float, epoch: int | None = None) -> None:  # type: ignore[override]
        """Take note of the value that was measured, and lower the learning rate if it is time."""
        value = float(metrics)
        if epoch is not None:
            warnings.warn(_OLD_EPOCH, UserWarning, stacklevel=2)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self._is_better(value):
            self.best, self.num_bad_epochs = value, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        rates = self.get_lr()
        if self.num_bad_epochs > self.patience:
            lower = [max(lr * self.factor, least) for lr, least in zip(rates, self.min_lrs)]
            rates = [new if lr - new > self.eps else lr for lr, new in zip(rates, lower)]
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._set(rates)

    def _is_better(self, value):
        sign = 1 if self.mode == "min" else -1
        if self.threshold_mode == "rel":
            return sign * value < sign * self.best * (1 - sign * self.threshold) if math.isfinite(self.best) else True
        return sign * value < sign * self.best - self.threshold


class SequentialLR(LRScheduler):
    """One schedule after the other: the next begins at each milestone."""

    def __init__(self, optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int], last_epoch: int = -1):
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(f"Sequential Schedulers expects number of schedulers provided to be one more than the "
                             f"number of milestone points, but got {len(schedulers)} schedulers and "
                             f"{len(milestones)} milestones")
        _check_same_optimizer(optimizer, schedulers)
        self.optimizer, self._schedulers, self.milestones = optimizer, list(schedulers), list(milestones)
        self.last_epoch, self._warned = last_epoch + 1, False
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        for schedule in self._schedulers:
            schedule.last_epoch -= 1
        self._schedulers[0]._advance(self._schedulers[0].last_epoch + 1)
        self._last_lr = self._schedulers[0].get_last_lr()

    def step(self) -> None:  # type: ignore[override]
        """Go on to the next learning rate."""
        self.last_epoch += 1
        i = bisect_right(self.milestones, self.last_epoch)
        schedule = self._schedulers[i]
        if i > 0 and self.milestones[i - 1] == self.last_epoch:
            schedule._begin()
        else:
            schedule._advance(schedule.last_epoch + 1)
        self._last_lr = schedule.get_last_lr()

    def state_dict(self):
        own = {k: v for k, v in super().state_dict().items() if k != "_schedulers"}
        return own | {"_schedulers": [schedule.state_dict() for schedule in self._schedulers]}

    def load_state_dict(self, state_dict):
        vars(self).update({k: v for k, v in state_dict.items() if k != "_schedulers"})
        for schedule, state in zip(self._schedulers, state_dict["_schedulers"]):
            schedule.load_state_dict(state)


class ChainedScheduler(SequentialLR):
    """Several schedules at once: their factors multiply."""

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None):
        if not schedulers:
            raise ValueError("ChainedScheduler expects at least one scheduler to be chained, but got no scheduler")
        optimizer = optimizer or schedulers[0].optimizer
        _check_same_optimizer(optimizer, schedulers)
        self.optimizer, self._schedulers = optimizer, list(schedulers)
        self._last_lr = [group["lr"] for group in optimizer.param_groups]

    def step(self) -> None:  # type: ignore[override]
        """Go on to the next learning rate."""
        for schedule in self._schedulers:
            schedule.step()
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]


def _one_each(name: str, value, optimizer) -> list:
    groups = len(optimizer.param_groups)
    if not isinstance(value, list | tuple):
        return [value] * groups
    if len(value) != groups:
        raise ValueError(f"expected {groups} values for {name}, one for each parameter group, but got {len(value)}")
    return list(value)


def _check_same_optimizer(optimizer, schedulers):
    for i, schedule in enumerate(schedulers):
        if schedule.optimizer is not optimizer:
            raise ValueError(f"expects all schedulers to belong to the same optimizer, but scheduler {i} does not")
