"""DataLoader: a dataset in batches, in order or shuffled."""

from __future__ import annotations

import multiprocessing
from itertools import repeat

from ...random import Generator, default_generator
from .collate import default_collate, default_convert
from .dataset import IterableDataset
from .fetch import Fetcher
from .sampler import BatchSampler, RandomSampler, SequentialSampler
from .worker import Workers

_FIXED = ("dataset", "batch_size", "batch_sampler", "sampler", "drop_last", "num_workers", "persistent_workers")


class DataLoader:
    """Iterates over a dataset in batches.

    Args: batch_size: None for single samples; shuffle: a new random order each epoch; sampler or batch_sampler: an
    order of your own; collate_fn: how a list of samples becomes a batch (by default tensors are stacked); drop_last:
    leave out a last batch that is not full; generator: where the random order comes from.
    num_workers: processes that fetch batches ahead (0: none, fetch when asked), with worker_init_fn(number) called in
    each, prefetch_factor batches fetched ahead by each, timeout in seconds for one batch, persistent_workers that stay
    between epochs, multiprocessing_context (see `course/utils/data/worker.py`).
    Differs from PyTorch: pin_memory and in_order are accepted, but memory is never pinned and the order is always kept.
    Raises ValueError for options that exclude each other.

    >>> import course
    >>> data = course.utils.data.TensorDataset(course.arange(5))
    >>> [batch.tolist() for (batch,) in DataLoader(data, batch_size=2)]
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, dataset, batch_size: int | None = 1, shuffle: bool | None = None, sampler=None,
                 batch_sampler=None, num_workers: int = 0, collate_fn=None, pin_memory: bool = False,
                 drop_last: bool = False, timeout: float = 0, worker_init_fn=None, multiprocessing_context=None,
                 generator=None, *, prefetch_factor: int | None = None, persistent_workers: bool = False,
                 pin_memory_device: str = "", in_order: bool = True):
        if generator is not None and not isinstance(generator, Generator):
            raise TypeError(f"DataLoader: generator must be a course.Generator, given {generator!r}")
        _check_workers(num_workers, timeout, prefetch_factor, persistent_workers, multiprocessing_context)
        self._is_stream = isinstance(dataset, IterableDataset)
        if self._is_stream and (shuffle or sampler is not None or batch_sampler is not None):
            name, given = ("shuffle", shuffle) if shuffle else ("a sampler", sampler or batch_sampler)
            raise ValueError(f"DataLoader with IterableDataset: expected unspecified {name} option, but got {given!r}; "
                             "a stream decides its own order")
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle: the sampler decides the order")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, drop_last")
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError("batch_size=None option disables auto-batching and is mutually exclusive with drop_last")
        if sampler is None and batch_sampler is None and not self._is_stream:
            sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if batch_sampler is None and batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self._batched = batch_sampler is not None
        self.dataset, self.batch_size, self.drop_last, self.generator = dataset, batch_size, drop_last, generator
        self.sampler, self.batch_sampler = sampler, batch_sampler
        self.collate_fn = collate_fn or (default_collate if self._batched else default_convert)
        self.num_workers, self.timeout, self.worker_init_fn = num_workers, timeout, worker_init_fn
        self.prefetch_factor = 2 if num_workers and prefetch_factor is None else prefetch_factor
        self.persistent_workers, self.multiprocessing_context = persistent_workers, multiprocessing_context
        self.pin_memory, self.pin_memory_device, self.in_order = pin_memory, pin_memory_device, in_order
        self._workers = None  # those that stayed from the last epoch
        self._made = True

    def __setattr__(self, name, value):
        if name in _FIXED and "_made" in vars(self):
            raise ValueError(f"{name} attribute should not be set after DataLoader is initialized; make another one")
        super().__setattr__(name, value)

    def __iter__(self):
        base_seed = (self.generator or default_generator).seed_for_another()  # PyTorch draws its workers' seed here
        return self._by_workers(base_seed) if self.num_workers else self._here()

    def _fetcher_options(self):
        return self.collate_fn, self._batched, self.batch_size, self.drop_last

    def _tasks(self):
        if self._is_stream:
            return repeat(None)
        return iter(self.batch_sampler if self._batched else self.sampler)

    def _here(self):
        fetch = Fetcher(self.dataset, *self._fetcher_options())
        for task in self._tasks():
            try:
                batch = fetch(task)
            except StopIteration:
                if self._is_stream:
                    return
                raise
            yield batch

    def _by_workers(self, base_seed):
        workers, self._workers = self._workers, None
        if workers is None:
            job = (self.dataset, self.worker_init_fn, *self._fetcher_options())
            workers = Workers(self.num_workers, job, self.prefetch_factor, self.timeout, self.multiprocessing_context)
        try:
            yield from workers.run(self._tasks(), base_seed)
        except GeneratorExit:  # the loop was left early
            pass
        except BaseException:
            workers.close()
            raise
        if self.persistent_workers and self._workers is None:
            self._workers = workers
        else:
            workers.close()

    def __len__(self):
        if not self._is_stream:
            return len(self.batch_sampler if self._batched else self.sampler)
        n = len(self.dataset)
        if self.batch_size is None:
            return n
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)


def _check_workers(num_workers, timeout, prefetch_factor, persistent_workers, context):
    if isinstance(num_workers, bool) or not isinstance(num_workers, int):
        raise TypeError(f"num_workers must be an integer, given {num_workers!r}")
    if num_workers < 0:
        raise ValueError("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing")
    if timeout < 0:
        raise ValueError(f"timeout option should be non-negative, given {timeout}")
    if prefetch_factor is not None and (num_workers == 0 or prefetch_factor <= 0):
        raise ValueError("prefetch_factor option is a positive number of batches for each worker; it needs "
                         "num_workers > 0")
    if persistent_workers and num_workers == 0:
        raise ValueError("persistent_workers option needs num_workers > 0")
    if context is not None and num_workers == 0:
        raise ValueError("multiprocessing_context can only be used with num_workers > 0")
    known = multiprocessing.get_all_start_methods()
    if isinstance(context, str) and context not in known:
        raise ValueError(f"multiprocessing_context option should be one of {known}, given {context!r}")
    if not (context is None or isinstance(context, str) or hasattr(context, "Process")):
        raise TypeError(f"multiprocessing_context option should be the name of a start method or a context, given "
                        f"{context!r}")
