"""Datasets: samples by number."""

from __future__ import annotations

from ...creation import randperm
from ...random import default_generator
from ...tensor import Tensor


class Dataset:
    """The base of datasets: a subclass writes `__getitem__(index)` and `__len__()`."""

    def __getitem__(self, index):
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__(self, index)")


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

    def batch(self, indices: list[int]) -> list[Tensor]:
        """Many samples at once: each tensor's rows are copied in one go instead of one by one."""
        return [Tensor(t._array.take(indices, 0)) for t in self.tensors]


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
    if abs(sum(lengths) - 1) < 1e-9 and all(0 <= n <= 1 for n in lengths):
        counts = [int(len(dataset) * fraction) for fraction in lengths]
        for i in range(len(dataset) - sum(counts)):
            counts[i % len(counts)] += 1
        lengths = counts
    if sum(lengths) != len(dataset):
        raise ValueError(f"Sum of input lengths {sum(lengths)} does not equal the dataset's length {len(dataset)}")
    order = randperm(len(dataset), generator=generator).tolist()
    starts = [sum(lengths[:i]) for i in range(len(lengths))]
    return [Subset(dataset, order[start : start + n]) for start, n in zip(starts, lengths)]
