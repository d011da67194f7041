"""Datasets: samples by number."""

from __future__ import annotations

import math
import operator
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from ...creation import randperm
from ...random import default_generator
from ...tensor import Tensor


class Dataset:
    """The base of datasets: a subclass writes `__getitem__(index)` and `__len__()`. `a + b` is one after the other."""

    def __getitem__(self, index):
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__(self, index)")

    if TYPE_CHECKING:  # left out otherwise: `len(dataset)` of one without a length is a TypeError, as in PyTorch
        def __len__(self) -> int: ...

    def __add__(self, other) -> ConcatDataset:
        return ConcatDataset([self, other])


class IterableDataset(Dataset):
    """The base of streams: a subclass writes `__iter__()`, which yields samples in the order in which they come.

    With worker processes, each goes through a copy of its own: let it yield its share by `get_worker_info()`.
    """

    def __iter__(self):
        raise NotImplementedError(f"{type(self).__name__} must define __iter__(self)")

    def __add__(self, other) -> ChainDataset:  # type: ignore[override]
        return ChainDataset([self, other])


class ChainDataset(IterableDataset):
    """Several streams, one after the other. Raises AssertionError for one that is no stream."""

    def __init__(self, datasets: Iterable[IterableDataset]):
        self.datasets = datasets

    def __iter__(self):
        for stream in self._streams():
            yield from stream

    def __len__(self):
        return sum(map(len, self._streams()))

    def _streams(self):
        for dataset in self.datasets:
            if not isinstance(dataset, IterableDataset):
                raise AssertionError(f"ChainDataset only supports IterableDataset, given {type(dataset).__name__}; "
                                     "ConcatDataset joins others")
            yield dataset


class TensorDataset(Dataset):
    """Samples that are rows of tensors: item i is (tensors[0][i], tensors[1][i], …).

    Raises ValueError where the tensors differ in their number of rows.
    """

    def __init__(self, *tensors: Tensor):
        for t in tensors:
            if not isinstance(t, Tensor):
                raise TypeError(f"TensorDataset is made of tensors, given {type(t).__name__}; use course.tensor(...)")
        if len({t.size(0) for t in tensors}) > 1:
            raise ValueError(
                f"Size mismatch between tensors: they have {', '.join(str(t.size(0)) for t in tensors)} rows; "
                "every sample needs its row in each"
            )
        self.tensors = tensors

    def __getitem__(self, index):
        return tuple(t[index] for t in self.tensors)

    def __len__(self):
        return self.tensors[0].size(0)

    def rows(self, indices: Sequence[int]) -> list[Tensor]:
        """Many samples at once: each tensor's rows are copied in one go instead of one by one."""
        indices = list(map(operator.index, indices))
        return [t[indices] if t.requires_grad else Tensor._of(t._array.take(indices, 0)) for t in self.tensors]

    @staticmethod
    def is_plain(dataset) -> bool:
        """Whether the samples of a dataset are the rows of its tensors, and nothing that a subclass made of them."""
        return isinstance(dataset, TensorDataset) and type(dataset).__getitem__ is TensorDataset.__getitem__


class StackDataset(Dataset):
    """Several datasets side by side: sample i is the tuple of their samples i, a dict where they were given by name.

    Raises ValueError for datasets of unlike length, and for none.
    """

    datasets: tuple | dict

    def __init__(self, *args: Dataset, **kwargs: Dataset):
        if args and kwargs:
            raise ValueError("StackDataset gives tuples (datasets in a row) or dicts (datasets by name), not both: "
                             "both types are given")
        self.datasets = args or kwargs
        lengths = [len(dataset) for dataset in args or kwargs.values()]
        if not lengths:
            raise ValueError("At least one dataset should be passed")
        if len(set(lengths)) > 1:
            raise ValueError(f"Size mismatch between datasets: they have {', '.join(map(str, lengths))} samples")
        self._length = lengths[0]

    def __getitem__(self, index):
        if isinstance(self.datasets, dict):
            return {name: dataset[index] for name, dataset in self.datasets.items()}
        return tuple(dataset[index] for dataset in self.datasets)

    def __len__(self):
        return self._length


class ConcatDataset(Dataset):
    """Several datasets, one after the other. Raises AssertionError for none, and for streams."""

    def __init__(self, datasets: Iterable[Dataset]):
        self.datasets = list(datasets)
        if not self.datasets:
            raise AssertionError("datasets should not be an empty iterable")
        if any(isinstance(d, IterableDataset) for d in self.datasets):
            raise AssertionError("ConcatDataset does not support IterableDataset: a stream has no n-th sample")
        self.cumulative_sizes = list(accumulate(len(d) for d in self.datasets))

    def __getitem__(self, index):
        i = index + len(self) if index < 0 else index
        if i < 0:
            raise ValueError(f"index {index} goes back further than the dataset's length, {len(self)}")
        if i >= len(self):
            raise IndexError(f"index {index} is out of range for {len(self)} samples")
        which = bisect_right(self.cumulative_sizes, i)
        before = self.cumulative_sizes[which - 1] if which else 0
        return self.datasets[which][i - before]

    def __len__(self):
        return self.cumulative_sizes[-1]


class Subset(Dataset):
    """The samples of a dataset at the given indices."""

    def __init__(self, dataset: Dataset, indices):
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index):
        return self.dataset[self.indices[index]]

    def __len__(self):
        return len(self.indices)


def random_split(dataset: Dataset, lengths, generator=default_generator) -> list[Subset]:
    """Cut a dataset at random into parts of the given lengths (or of the given fractions, if they add up to 1).

    Raises ValueError where the lengths do not add up to the dataset's.
    """
    lengths = list(lengths)
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1:
        for i, fraction in enumerate(lengths):
            if not 0 <= fraction <= 1:
                raise ValueError(f"Fraction at index {i} is not between 0 and 1: {fraction}")
        counts = [math.floor(len(dataset) * fraction) for fraction in lengths]
        for i in range(len(dataset) - sum(counts)):
            counts[i % len(counts)] += 1
        lengths = counts
    if sum(lengths) != len(dataset):
        raise ValueError(f"Sum of input lengths {sum(lengths)} does not equal the dataset's length {len(dataset)}")
    order = randperm(len(dataset), generator=generator, device="cpu").tolist()
    starts = [sum(lengths[:i]) for i in range(len(lengths))]
    return [Subset(dataset, order[start : start + n]) for start, n in zip(starts, lengths)]
