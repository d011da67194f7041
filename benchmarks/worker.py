"""One side of the comparison, in a process of its own: `python -m benchmarks.worker course|torch THREADS`.

It reads a work's name from standard input, prepares it, and then answers every further line `go` with the seconds that
a step took (the mean over as many steps as fill 20 ms).
"""

import importlib
import os
import sys
import time

SPAN = 0.02


def main(module, threads):
    if module == "course":
        os.environ.update(OPENBLAS_NUM_THREADS=threads, OMP_NUM_THREADS=threads, NUMBA_NUM_THREADS=threads)
    torch = importlib.import_module(module)
    if module == "torch":
        torch.set_num_threads(int(threads))
    from benchmarks.work import WORK

    say("ready")
    step, repeats = None, 1
    for line in sys.stdin:
        line = line.strip()
        try:
            if line != "go":
                step = WORK[line].make(torch)
                step()
                once = timed(step, 1)
                repeats = max(1, int(SPAN / max(once, 1e-7)))
                timed(step, repeats)
                say("ready")
            else:
                say(repr(timed(step, repeats)))
        except Exception as error:
            say(f"error {type(error).__name__}: {error}".splitlines()[0])


def timed(step, repeats):
    start = time.perf_counter()
    for _ in range(repeats):
        step()
    return (time.perf_counter() - start) / repeats


def say(text):
    print(text, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
