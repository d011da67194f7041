"""How one batch is fetched from a dataset: the same here and in a worker process."""

from __future__ import annotations

from itertools import islice

from .collate import default_collate
from .dataset import IterableDataset, TensorDataset


class Fetcher:
    """Fetches batches. Called with a list of indices (or one index, where nothing is batched) or, for a stream, None.

    Args: batch_size: of a stream; None if samples come singly; drop_last: leave out its last batch if it is not full.
    Raises StopIteration at the end of a stream. What a dataset or collate_fn raises passes through; `reached` then says
    how far it came.
    """

    def __init__(self, dataset, collate_fn, batched: bool, batch_size: int | None, drop_last: bool):
        self.dataset, self.collate_fn, self.batched = dataset, collate_fn, batched
        self.batch_size, self.drop_last = batch_size, drop_last
        self.stream = iter(dataset) if isinstance(dataset, IterableDataset) else None
        self.stage, self.given = "", None

    @property
    def reached(self) -> str:
        """How far the last call came; put into words only when somebody asks."""
        return self.stage if self.given is None else f"{self.stage} {self.given}"

    def __call__(self, indices):
        if self.stream is not None:
            return self._next_of_stream()
        if not self.batched:
            return self.collate_fn(self._sample(indices))
        if self.collate_fn is default_collate and TensorDataset.is_plain(self.dataset):
            self.stage, self.given = "at the indices", indices
            return self.dataset.rows(indices)
        if hasattr(self.dataset, "__getitems__"):
            self.stage, self.given = "at the indices", indices
            samples = self.dataset.__getitems__(indices)
        else:
            samples = [self._sample(i) for i in indices]
        self.stage, self.given = "while joining the samples", indices
        return self.collate_fn(samples)

    def _sample(self, index):
        self.stage, self.given = "at index", index
        return self.dataset[index]

    def _next_of_stream(self):
        self.stage = "in the dataset's __iter__"
        if not self.batched:
            return self.collate_fn(next(self.stream))
        samples = list(islice(self.stream, self.batch_size))
        if not samples or (self.drop_last and len(samples) < self.batch_size):
            raise StopIteration
        self.stage = "while joining samples"
        return self.collate_fn(samples)
