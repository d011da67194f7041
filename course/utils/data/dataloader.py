"""DataLoader: a dataset in batches, in order or shuffled."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...creation import as_tensor, tensor
from ...ops.shapes import stack
from ...random import default_generator
from ...tensor import Tensor
from .sampler import BatchSampler, RandomSampler, SequentialSampler


class DataLoader:
    """Iterates over a dataset in batches.

    Args: batch_size; shuffle: a new random order each epoch; sampler or batch_sampler: an order of your own;
    collate_fn: how a list of samples becomes a batch (by default tensors are stacked); drop_last: leave out a last
    batch that is not full; generator: where the random order comes from.
    Raises ValueError for options that exclude each other.

    >>> import course
    >>> data = course.utils.data.TensorDataset(course.arange(5))
    >>> [batch.tolist() for (batch,) in DataLoader(data, batch_size=2)]
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, dataset, batch_size: int | None = 1, shuffle: bool | None = None, sampler=None,
                 batch_sampler=None, *, collate_fn=None, drop_last: bool = False, generator=None):
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle: the sampler decides the order")
        if batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last):
            raise ValueError("batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, drop_last")
        if sampler is None and batch_sampler is None:
            sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if batch_sampler is None and batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.dataset, self.batch_size, self.drop_last, self.generator = dataset, batch_size, drop_last, generator
        self.sampler, self.batch_sampler = sampler, batch_sampler
        self.collate_fn = collate_fn or default_collate

    def __iter__(self):
        (self.generator or default_generator).seed_for_another()  # PyTorch draws its workers' seed here
        if self.batch_sampler is None:
            return (self.dataset[i] for i in self.sampler)
        return (self._batch(indices) for indices in self.batch_sampler)

    def _batch(self, indices):
        if self.collate_fn is default_collate and hasattr(self.dataset, "batch"):
            return self.dataset.batch(indices)
        return self.collate_fn([self.dataset[i] for i in indices])

    def __len__(self):
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)


def default_collate(batch: list):
    """A list of samples as one batch: tensors and numbers are stacked, tuples and dicts taken apart first.

    Raises TypeError for samples that cannot be joined.
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
        parts = [default_collate(list(part)) for part in zip(*batch)]
        return type(first)(*parts) if hasattr(first, "_fields") else parts
    raise TypeError(
        f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; "
        f"found {type(first).__name__}. Pass a collate_fn of your own"
    )
