"""Averages of a model's weights over its training: stochastic weight averaging (SWA), exponential moving average (EMA).

The average of the last weights often lies nearer to the middle of a wide minimum than any of them. Sources: Polyak and
Juditsky (1992); Izmailov et al., Averaging Weights Leads to Wider Optima and Better Generalization (2018).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable

from .. import nn
from ..autograd import no_grad
from ..creation import tensor
from ..unknown import names_of
from . import lr_scheduler

__getattr__ = names_of(__name__)


def get_ema_avg_fn(decay: float = 0.999) -> Callable:
    """w̄ ← β w̄ + (1 − β) w with β = decay, for `AveragedModel(avg_fn=…)`. Raises ValueError for a β outside [0, 1]."""
    _check_decay(decay)

    @no_grad()
    def exponential_average(averaged, current, num_averaged):
        return decay * averaged + (1 - decay) * current

    return exponential_average


def get_swa_avg_fn() -> Callable:
    """w̄ ← w̄ + (w − w̄) / (n + 1), after n models: the plain mean, for `AveragedModel(avg_fn=…)`."""

    @no_grad()
    def mean(averaged, current, num_averaged):
        return averaged + (current - averaged) / (num_averaged + 1)

    return mean


def get_ema_multi_avg_fn(decay: float = 0.999) -> Callable:
    """`get_ema_avg_fn` for lists of tensors, changed in place: for `AveragedModel(multi_avg_fn=…)`."""
    return _in_place(get_ema_avg_fn(decay))


def get_swa_multi_avg_fn() -> Callable:
    """`get_swa_avg_fn` for lists of tensors, changed in place: for `AveragedModel(multi_avg_fn=…)`."""
    return _in_place(get_swa_avg_fn())


def _check_decay(decay):
    if not 0.0 <= decay <= 1.0:
        raise ValueError(f"Invalid decay value {decay} provided. Please provide a value in [0,1] range")


def _in_place(average):
    """An average of one tensor as one of lists."""

    @no_grad()
    def averages(averaged, current, num_averaged):
        for w_mean, w in zip(averaged, current, strict=True):
            w_mean.copy_(average(w_mean, w, num_averaged))

    return averages


class AveragedModel(nn.Module):
    """A copy of a model whose weights are an average of the model's, taken at each `update_parameters(model)`.

        averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.99))
        for x, y in loader:
            ...                               # a training step of model
            averaged.update_parameters(model)
        update_bn(loader, averaged)           # if model normalises batches
        averaged(x)                           # predicts with the average

    Args: model; device: where the copy lies; avg_fn: a function (averaged, current, n) of two tensors and the number of
    models so far that returns the new average, by default `get_swa_avg_fn()`; multi_avg_fn: one that changes a list of
    averages in place; use_buffers: average the buffers too (by default they are the last model's).
    Attributes: module: the copy; n_averaged: how many models were averaged. The first is copied as it is.
    Raises AssertionError for both kinds of function at once.
    """

    def __init__(self, model: nn.Module, device=None, avg_fn: Callable | None = None,
                 multi_avg_fn: Callable | None = None, use_buffers: bool = False):
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = copy.deepcopy(model)
        if device is not None:
            self.module = self.module.to(device)
        self.register_buffer("n_averaged", tensor(0, device=device))
        self.avg_fn, self.multi_avg_fn, self.use_buffers = avg_fn, multi_avg_fn, use_buffers

    def forward(self, *args, **kwargs):
        """What the averaged model computes."""
        return self.module(*args, **kwargs)

    @no_grad()
    def update_parameters(self, model: nn.Module) -> None:
        """Take the present weights of `model` into the average."""
        buffers = list(zip(self.module.buffers(), model.buffers(), strict=True))
        parameters = zip(self.module.parameters(), model.parameters(), strict=True)
        pairs = [*parameters, *buffers] if self.use_buffers else [*parameters]
        averaged = [w_mean for w_mean, _ in pairs]
        current = [w.detach().to(w_mean.device) for w_mean, w in pairs]
        if self.n_averaged == 0:
            for w_mean, w in zip(averaged, current):
                w_mean.copy_(w)
        elif self.multi_avg_fn is not None:
            self.multi_avg_fn(averaged, current, self.n_averaged)
        else:
            average = self.avg_fn or get_swa_avg_fn()
            _in_place(average)(averaged, current, self.n_averaged)
        if not self.use_buffers:
            for own, new in buffers:
                own.copy_(new.to(own.device))
        self.n_averaged += 1


@no_grad()
def update_bn(loader: Iterable, model: nn.Module, device=None) -> None:
    """Give the batch normalisations of `model` the means and variances of the whole data: one pass through `loader`.

    Averaged weights make other activations than those that the running statistics were measured from.

    Args: loader: batches, each a tensor, or a list or tuple that begins with it; device: where to move the inputs.
    """
    normalisations = [module for module in model.modules() if isinstance(module, nn.normalization._BatchNorm)]
    if not normalisations:
        return
    before = [module.momentum for module in normalisations]
    training = model.training
    model.train()
    for module in normalisations:
        module.reset_running_stats()
        module.momentum = None  # all batches count alike
    try:
        for batch in loader:
            x = batch[0] if isinstance(batch, list | tuple) else batch
            model(x if device is None else x.to(device))
    finally:
        for module, momentum in zip(normalisations, before):
            module.momentum = momentum
        model.train(training)


class SWALR(lr_scheduler.LRScheduler):
    """η_t = η₀ + (swa_lr − η₀) · a(t / anneal_epochs), then swa_lr: on the way to the rate for averaging.

    Args: swa_lr: the rate at the end, one or one for each parameter group; anneal_epochs: in how many calls;
    anneal_strategy: a(s) = s for "linear", (1 − cos πs) / 2 for "cos". After a change of the rate by hand it goes on
    from there.
    Raises ValueError for another strategy or a negative number of epochs.
    """

    def __init__(self, optimizer, swa_lr, anneal_epochs: int = 10, anneal_strategy: str = "cos", last_epoch: int = -1):
        rates = lr_scheduler._one_each("swa_lr", swa_lr, optimizer)
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        for group, rate in zip(optimizer.param_groups, rates):
            group["swa_lr"] = rate
        self.anneal_epochs, self._anneal_strategy = anneal_epochs, anneal_strategy
        self._first_epoch = last_epoch + 1
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        t = self.last_epoch - self._first_epoch  # calls of this schedule, also of one that was made later
        before, now = self._share(t - 1), self._share(t)
        rates = []
        for group in self.optimizer.param_groups:
            end = group["swa_lr"]
            start = (group["lr"] - before * end) / (1 - before) if before < 1 else end
            rates.append(start + (end - start) * now)
        return rates

    def _share(self, t):
        """How much of the way is done after t calls."""
        s = min(1.0, max(0, t) / self.anneal_epochs) if self.anneal_epochs else 1.0
        return s if self._anneal_strategy == "linear" else (1 - math.cos(math.pi * s)) / 2
