"""How a list of samples becomes one batch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...creation import as_tensor, tensor
from ...ops.shapes import stack
from ...tensor import Tensor


def default_collate(batch: list):
    """A list of samples as one batch: tensors and numbers are stacked, tuples and dicts taken apart first.

    Raises TypeError for samples that cannot be joined, RuntimeError where they differ in length or shape.

    >>> default_collate([(1, "a"), (2, "b")])
    [tensor([1, 2]), ['a', 'b']]
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(batch)
    if isinstance(first, np.ndarray | np.generic):
        return stack([as_tensor(x) for x in batch])
    if isinstance(first, float):
        return tensor(batch, dtype="float64")
    if isinstance(first, int):
        return tensor(batch)
    if isinstance(first, str | bytes):
        return batch
    if isinstance(first, Mapping):
        return {key: default_collate([sample[key] for sample in batch]) for key in first}
    if isinstance(first, tuple | list):
        if len({len(sample) for sample in batch}) > 1:
            raise RuntimeError("each element in list of batch should be of equal size")
        return _like(first, [default_collate(list(part)) for part in zip(*batch)])
    raise TypeError(
        f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; "
        f"found {type(first).__name__}. Pass a collate_fn of your own"
    )


def default_convert(sample):
    """A sample that is not batched: its NumPy arrays become tensors, all else stays."""
    if isinstance(sample, np.ndarray | np.generic):
        return as_tensor(sample) if sample.dtype.kind in "biuf" else sample
    if isinstance(sample, Mapping):
        return {key: default_convert(value) for key, value in sample.items()}
    if isinstance(sample, tuple | list):
        return _like(sample, [default_convert(part) for part in sample])
    return sample


def _like(sample, parts: list):
    """The parts as a named tuple where the sample is one, else as a list, as PyTorch has it."""
    return type(sample)(*parts) if hasattr(sample, "_fields") else parts
