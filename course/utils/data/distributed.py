"""DistributedSampler: each rank's part of a dataset."""

from __future__ import annotations

import math

from ...creation import randperm
from ...distributed import get_rank, get_world_size
from ...random import Generator
from .sampler import Sampler


class DistributedSampler(Sampler):
    """Every `num_replicas`-th index of one shuffled order, from `rank` on: the ranks' parts together are the dataset.

    All parts are equally long: what is missing is taken from the beginning of the order again, or, with `drop_last`,
    the rest is left out. Call `set_epoch` before each epoch, for another order.
    Args: num_replicas, rank: by default the size of the world and this process's rank in it.
    Raises ValueError for a rank outside 0 … num_replicas − 1.
    """

    def __init__(self, dataset, num_replicas: int | None = None, rank: int | None = None, shuffle: bool = True,
                 seed: int = 0, drop_last: bool = False):
        self.dataset, self.shuffle, self.seed, self.drop_last = dataset, shuffle, seed, drop_last
        self.num_replicas = get_world_size() if num_replicas is None else num_replicas
        self.rank = get_rank() if rank is None else rank
        if self.rank not in range(self.num_replicas):
            raise ValueError(f"Invalid rank {self.rank}, rank should be in the interval [0, {self.num_replicas - 1}]")
        self.epoch = 0
        self.num_samples = (len(dataset) // self.num_replicas if drop_last
                            else math.ceil(len(dataset) / self.num_replicas))
        self.total_size = self.num_samples * self.num_replicas

    def __iter__(self):
        n = len(self.dataset)
        order = range(n)
        if self.shuffle:
            order = randperm(n, generator=Generator().manual_seed(self.seed + self.epoch)).tolist()
        return iter([order[i % n] for i in range(self.rank, self.total_size, self.num_replicas)])

    def __len__(self):
        return self.num_samples

    def set_epoch(self, epoch: int) -> None:
        """Choose the order: each epoch has its own, the same on all ranks."""
        self.epoch = epoch
