"""A class on more than one machine: the same work, done by the workers of a running Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

import course


class NoCluster(RuntimeError):
    """There is no cluster that could grade; the message says why."""


@contextmanager
def dask_pool(address: str) -> Iterator[Executor]:
    """The workers of the cluster whose scheduler is at `address`. They need this version of the course, nothing else.

    Notebooks travel as text, results as plain data; each worker runs submissions in children of its own.
    """
    try:
        from distributed import Client
    except ImportError:
        raise NoCluster("Grading on a cluster needs Dask: pip install 'course[instructor]'.") from None
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise NoCluster(f"No Dask scheduler answers at {address} ({error}). Start one with `dask scheduler`, and on "
                        "each machine `dask worker ADDRESS`.") from None
    with client:
        if not client.scheduler_info()["workers"]:
            raise NoCluster(f"The cluster at {address} has no workers. Start some with `dask worker {address}`.")
        try:
            versions = set(client.run(_version).values())
        except Exception as error:
            raise NoCluster(f"A worker cannot import the course ({error}). Install it on every machine.") from None
        if versions != {_version()}:
            raise NoCluster(f"The workers have version {', '.join(sorted(versions))} of the course, this machine has "
                            f"{_version()}. Install the same one everywhere.")
        yield client.get_executor(pure=False, retries=2)


def _version() -> str:
    return course.__version__
