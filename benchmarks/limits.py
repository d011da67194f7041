"""What this machine can do at most: bytes that cross memory, and floating-point operations of a matrix product."""

import json
import os
import subprocess
import sys

SIZES = [2**k for k in range(18, 29)]  # bytes, from what lies in a core's cache to what lies in memory

MEASURE = """
import json, sys, time
from concurrent.futures import ThreadPoolExecutor
import numpy as np

threads, sizes = int(sys.argv[1]), json.loads(sys.argv[2])
pool = ThreadPoolExecutor(threads)

def best(run, repeats):
    times = []
    for _ in range(7):
        start = time.perf_counter()
        for _ in range(repeats):
            run()
        times.append(time.perf_counter() - start)
    return min(times) / repeats

def shared(work, *arrays):
    parts = list(zip(*(np.array_split(a, threads) for a in arrays)))
    return lambda: list(pool.map(lambda part: work(*part), parts))

def rate(size):
    a, b = np.ones((2, size // 8), np.float32)
    def copy(a, b): np.copyto(b, a)
    def add(a, b): np.add(a, b, out=b)
    rates = []
    for work, crossed in (copy, 8), (add, 12):
        for run in [lambda: work(a, b)] + [shared(work, a, b)] * (threads > 1):
            rates.append(crossed * a.size / best(run, max(1, 2**24 // size)))
    return max(rates)

m = np.ones((1024, 1024), np.float32); out = np.empty_like(m)
print(json.dumps({"bytes_per_second": {str(size): rate(size) for size in sizes},
                  "flops_per_second": 2 * 1024**3 / best(lambda: np.matmul(m, m, out=out), 1)}))
"""


def environment(threads):
    """The environment of a process whose libraries use so many threads, and are otherwise as a user has them."""
    unusual = "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONDONTWRITEBYTECODE"
    inherited = {k: v for k, v in os.environ.items() if k not in unusual}
    names = "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"
    return inherited | dict.fromkeys(names, str(threads))


def machine_limits(threads=1, sizes=SIZES) -> dict:
    """Measured anew, in a process of its own: the faster of a copy and an addition in place, for arrays of several
    sizes; and a product of 1024×1024 matrices in float32.
    """
    said = subprocess.run([sys.executable, "-c", MEASURE, str(threads), json.dumps(sizes)], capture_output=True,
                          env=environment(threads), text=True, check=True)
    return json.loads(said.stdout)


def share_of_limit(work, seconds, limits):
    """Which limit bounds the work, and what share of it is reached; None where nothing is known to bound it."""
    if work.flops:
        return {"of": "matrix product", "share": work.flops / limits["flops_per_second"] / seconds}
    if work.bytes:
        rates = {int(size): rate for size, rate in limits["bytes_per_second"].items()}
        lying = work.bytes / 1.75  # of the arrays, some are read, some are read and written
        size = min((size for size in rates if size >= lying), default=max(rates))
        return {"of": "bandwidth", "share": work.bytes / rates[size] / seconds}
    return None
