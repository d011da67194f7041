"""Pruning: weights set to 0 for good, one by one or in whole channels, by their size or at random.

A pruned parameter `weight` becomes `weight_orig`, which learns, and a buffer `weight_mask` of ones and zeros; before
each call of the module `weight` is their product. `remove` makes it a parameter again, with its zeros.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ...creation import ones_like, rand, rand_like
from ...ops.reduction import norm
from ...ops.shapes import cat
from ...ops.sorting import topk
from ...unknown import names_of


class BasePruningMethod:
    """The base of the methods. One of your own writes `compute_mask(t, default_mask)` and is used by `apply`."""

    PRUNING_TYPE = "unstructured"
    _tensor_name: str

    def compute_mask(self, t, default_mask):
        """Which elements of t stay, of those that `default_mask` has left: ones and zeros."""
        raise NotImplementedError(f"{type(self).__name__} must define compute_mask(self, t, default_mask)")

    @classmethod
    def apply(cls, module, name: str, *args, importance_scores=None, **kwargs) -> BasePruningMethod:
        """Prune the parameter `name` of a module by `cls(*args, **kwargs)`; returns the method.

        importance_scores: what is compared in place of the parameter's own elements. Where nothing is left to raise,
        nothing has changed yet. Raises AssertionError for scores of another shape.
        """
        method, weight = cls(*args, **kwargs), getattr(module, name)
        scores = weight if importance_scores is None else importance_scores
        if scores.shape != weight.shape:
            raise AssertionError(f"importance_scores should have the same shape as parameter {name}, got "
                                 f"{list(scores.shape)} vs {list(weight.shape)}")
        before = _method_of(module, name)
        mask = method.compute_mask(scores.detach(), _mask_of(module, name))
        if before is None:
            method._tensor_name = name
            delattr(module, name)
            module.register_parameter(f"{name}_orig", weight)
            module.register_buffer(f"{name}_mask", mask)
            module.register_forward_pre_hook(method)
        else:
            setattr(module, f"{name}_mask", mask)
        (before or method)(module)
        return method

    def __call__(self, module, inputs=()):
        """weight ← weight_orig · weight_mask."""
        name = self._tensor_name
        setattr(module, name, getattr(module, f"{name}_orig") * getattr(module, f"{name}_mask"))


def _method_of(module, name=None) -> BasePruningMethod | None:
    """The method by which a parameter (or any) of a module is pruned."""
    for hook, *_ in module._forward_pre_hooks.values():
        if isinstance(hook, BasePruningMethod) and name in (None, hook._tensor_name):
            return hook
    return None


def _mask_of(module, name):
    mask = getattr(module, f"{name}_mask", None)
    return ones_like(getattr(module, name).detach()) if mask is None else mask


# --- which weights go -----------------------------------------------------------------------------------------------


class _Lowest(BasePruningMethod):
    """Sets a number, or a share, of those to 0 that have the lowest scores of all that are left."""

    def __init__(self, amount: int | float):
        if isinstance(amount, bool) or not isinstance(amount, int | float | np.number):
            raise TypeError(f"Invalid type for amount: {amount}. Must be int or float: a number of weights, or a share")
        if amount < 0 or (not isinstance(amount, int | np.integer) and amount > 1):
            raise ValueError(f"amount={amount} should either be a float in the range [0, 1] or a non-negative integer")
        self.amount = amount

    def scores(self, t):
        """One number for each that may go."""
        raise NotImplementedError

    def of_the_lowest(self, scores, left):
        """The places, among those that are left, of the lowest scores."""
        count = self.amount if isinstance(self.amount, int | np.integer) else round(self.amount * len(left))
        if count > len(left):
            raise ValueError(f"amount={count} should be smaller than the number of parameters to prune={len(left)}")
        return left[topk(scores, int(count), largest=False).indices]

    def compute_mask(self, t, default_mask):
        row = default_mask.reshape(-1)
        left = row.nonzero().flatten()
        return row.index_fill(0, self.of_the_lowest(self.scores(t.reshape(-1)[left]), left), 0).reshape(t.shape)


class L1Unstructured(_Lowest):
    """The weights nearest to 0 go."""

    def scores(self, t):
        return t.abs()


class RandomUnstructured(_Lowest):
    """Weights drawn at random go."""

    def scores(self, t):
        return -rand_like(t)


class _Channels(_Lowest):
    """Whole channels go: the slices along `dim`."""

    PRUNING_TYPE = "structured"

    def __init__(self, amount: int | float, dim: int = -1):
        super().__init__(amount)
        self.dim = dim

    def compute_mask(self, t, default_mask):
        if t.ndim < 2:
            raise ValueError("Structured pruning can only be applied to multidimensional tensors. Found tensor of "
                             f"shape {list(t.shape)} with {t.ndim} dims")
        if not -t.ndim <= self.dim < t.ndim:
            raise IndexError(f"Invalid index {self.dim} for tensor of size {list(t.shape)}")
        left = default_mask.movedim(self.dim, 0).flatten(1).sum(1).nonzero().flatten()
        scores = self.scores(t.movedim(self.dim, 0).flatten(1)[left])
        return default_mask.index_fill(self.dim, self.of_the_lowest(scores, left), 0)


class LnStructured(_Channels):
    """The channels with the smallest n-norm go."""

    def __init__(self, amount: int | float, n, dim: int = -1):
        super().__init__(amount, dim)
        self.n = n

    def scores(self, t):
        return norm(t, self.n, 1)


class RandomStructured(_Channels):
    """Channels drawn at random go."""

    def scores(self, t):
        return rand(len(t), device=t.device)


class CustomFromMask(BasePruningMethod):
    """What a given mask says goes."""

    PRUNING_TYPE = "global"

    def __init__(self, mask):
        self.mask = mask

    def compute_mask(self, t, default_mask):
        if default_mask.shape != self.mask.shape:
            raise AssertionError(f"default_mask shape {list(default_mask.shape)} must match self.mask shape "
                                 f"{list(self.mask.shape)}")
        return default_mask * self.mask.to(default_mask.dtype)


# --- functions ------------------------------------------------------------------------------------------------------


def l1_unstructured(module, name: str, amount: int | float, importance_scores=None):
    """Set the weights nearest to 0 to 0: a number of them, or a share of those that are left. Returns the module."""
    L1Unstructured.apply(module, name, amount, importance_scores=importance_scores)
    return module


def random_unstructured(module, name: str, amount: int | float):
    """Set weights drawn at random to 0: a number of them, or a share of those that are left. Returns the module."""
    RandomUnstructured.apply(module, name, amount)
    return module


def ln_structured(module, name: str, amount: int | float, n, dim: int, importance_scores=None):
    """Set the channels along `dim` with the smallest n-norm to 0: a number of them, or a share. Returns the module."""
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def random_structured(module, name: str, amount: int | float, dim: int):
    """Set channels along `dim`, drawn at random, to 0: a number of them, or a share. Returns the module."""
    RandomStructured.apply(module, name, amount, dim)
    return module


def custom_from_mask(module, name: str, mask):
    """Set the weights to 0 where the mask is 0. Returns the module."""
    CustomFromMask.apply(module, name, mask)
    return module


def global_unstructured(parameters: Iterable, pruning_method: type[BasePruningMethod],
                        importance_scores: dict | None = None, **kwargs) -> None:
    """Prune several parameters, [(module, name), …], as if they were one: a layer may lose more than another.

    Args: pruning_method: `L1Unstructured` or another class, made with the keywords; importance_scores: for some
    (module, name), what is compared in place of the elements. Raises TypeError for a method that takes whole channels.
    """
    method, pairs = pruning_method(**kwargs), list(parameters)
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(f'Only "unstructured" PRUNING_TYPE supported for the `pruning_method`. Found '
                        f"{pruning_method.__name__} of type {method.PRUNING_TYPE}")
    scores = [(importance_scores or {}).get(pair, getattr(*pair)).detach() for pair in pairs]
    masks = [_mask_of(*pair) for pair in pairs]
    mask = method.compute_mask(*(cat([x.reshape(-1) for x in row]) for row in (scores, masks)))
    for (module, name), old, new in zip(pairs, masks, mask.split([m.numel() for m in masks])):
        custom_from_mask(module, name, new.reshape(old.shape))


def remove(module, name: str):
    """Make the pruned parameter an ordinary one again, with its zeros. Returns the module.

    Raises ValueError for one that is not pruned.
    """
    method = _method_of(module, name)
    if method is None:
        raise ValueError(f"Parameter '{name}' of module {module} has to be pruned before pruning can be removed")
    method(module)
    weight, own = getattr(module, name), getattr(module, f"{name}_orig")
    own.data = weight.detach()
    for gone in (name, f"{name}_orig", f"{name}_mask"):
        delattr(module, gone)
    setattr(module, name, own)
    for key, (hook, *_) in list(module._forward_pre_hooks.items()):
        if hook is method:
            del module._forward_pre_hooks[key]
    return module


def is_pruned(module) -> bool:
    """Whether a parameter of the module, or of one below it, is pruned."""
    return any(_method_of(part) is not None for part in module.modules())


__getattr__ = names_of(__name__)
