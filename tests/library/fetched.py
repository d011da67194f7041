"""Datasets for worker processes, which import them from here."""

import os
import random
import signal
import threading

import numpy as np

import course
from course.utils.data import Dataset, IterableDataset, get_worker_info


class Numbers(Dataset):
    """0, 1, …; what happens at index 5 is a method of a subclass."""

    def __init__(self, n=12):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        if index == 5:
            self.at_five()
        return index, course.tensor([index, index**2], dtype=course.float32)

    def at_five(self):
        pass


class Divides(Numbers):
    def at_five(self):
        return 1 / 0


class MissesKey(Numbers):
    def at_five(self):
        return {}["five"]


class TwoPartError(Exception):
    def __init__(self, what, why):
        super().__init__(what, why)


class RaisesItsOwn(Numbers):
    def at_five(self):
        raise TwoPartError("five", "is odd")


class RaisesWhatHasNoName(Numbers):
    def at_five(self):
        raise type("Nameless", (Exception,), {})("five")


class Killed(Numbers):
    def at_five(self):
        os.kill(os.getpid(), signal.SIGKILL)


class Leaves(Numbers):
    def at_five(self):
        os._exit(3)


class Hangs(Numbers):
    def at_five(self):
        threading.Event().wait()


class Pids(Dataset):
    """The worker's process, and its random numbers."""

    def __len__(self):
        return 8

    def __getitem__(self, index):
        info = get_worker_info()
        return {"pid": os.getpid(), "id": info.id, "of": info.num_workers, "seed": info.seed, "n": len(info.dataset),
                "course": course.initial_seed(), "random": random.random(), "numpy": np.random.rand()}


class Stream(IterableDataset):
    """Numbers, shared out among the workers."""

    def __init__(self, n=10):
        self.n = n

    def __iter__(self):
        info = get_worker_info()
        return iter(range(self.n) if info is None else range(info.id, self.n, info.num_workers))


class Uneven(Stream):
    """The second worker has one number, the first all others."""

    def __iter__(self):
        return iter([100] if get_worker_info().id else range(7))


class Kernels(Numbers):
    """Samples that are worked out by the course's own kernels."""

    def __getitem__(self, index):
        p = course.ones(3, requires_grad=True)
        optimizer = course.optim.Adam([p], lr=0.1)
        course.nn.functional.cross_entropy(p[None] * index, course.tensor([0])).backward()
        optimizer.step()
        return p.detach()


def sum_of(batch):
    return sum(index for index, _ in batch)


def wrong(batch):
    raise ValueError("these do not go together")


def start_badly(number):
    raise OSError(f"no disk for {number}")
