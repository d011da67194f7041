"""What this machine can do at most: bytes that cross memory, and floating-point operations of a matrix product."""

import os
import subprocess
import sys

MEASURE = """
import time, numpy as np
def best(run):
    times = []
    for _ in range(7):
        start = time.perf_counter(); run(); times.append(time.perf_counter() - start)
    return min(times)
a = np.ones(2 * 10**7, np.float32); b = np.empty_like(a)
m = np.ones((1024, 1024), np.float32); out = np.empty_like(m)
print(2 * a.nbytes / best(lambda: np.copyto(b, a)), 2 * 1024**3 / best(lambda: np.matmul(m, m, out=out)))
"""


def machine_limits() -> dict:
    """Measured anew in a process with one thread: a large copy, and a product of 1024×1024 matrices in float32."""
    environment = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    said = subprocess.run([sys.executable, "-c", MEASURE], env=environment, capture_output=True, text=True, check=True)
    copied, multiplied = map(float, said.stdout.split())
    return {"bytes_per_second": copied, "flops_per_second": multiplied}
