"""One side of the comparison, in a process of its own: `python -m benchmarks.worker course|torch|numpy DEVICE FOLDER`.

It says which versions it runs, or `error` and why it cannot. Then it reads a work's name from standard input, prepares
it, and answers every further line `go` with the seconds that a step took (the mean over as many steps as fill 20 ms).
The course leaves the numbers that it starts with in FOLDER, and plain NumPy starts with the same.
"""

import importlib
import json
import os
import sys
import time

SPAN = 0.02


def main(side, device, folder):
    module = importlib.import_module(side)
    start = os.path.join(folder, "given.npz")
    versions = {name: sys.modules[name].__version__ for name in (side, "numpy", "numba") if name in sys.modules}
    if device == "cuda" and side != "numpy":
        if not module.cuda.is_available():
            return say("error there is no CUDA device here")
        versions["device"] = module.cuda.get_device_name()
    from benchmarks.work import WORK

    say(json.dumps(versions))
    wait = module.cuda.synchronize if "device" in versions else lambda: None
    step, repeats = None, 1
    for line in sys.stdin:
        line = line.strip()
        try:
            if line != "go":
                step = None  # and with it the memory of the last work
                step = prepared_in_numpy(WORK[line], start) if side == "numpy" else prepared(WORK[line], module, device,
                                                                                            start)
                timed(step, 1, wait)
                repeats = max(1, int(SPAN / max(timed(step, 1, wait), 1e-7)))
                timed(step, repeats, wait)
                say("ready")
            else:
                say(repr(timed(step, repeats, wait)))
        except Exception as error:
            say(f"error {type(error).__name__}: {error}".splitlines()[0])


def prepared(work, module, device, start):
    task = work.make(module, device)
    if module.__name__ == "course" and work.plain:
        import numpy as np

        np.savez(start, *(tensor.detach().cpu().numpy() for tensor in task.given))
    return task.step


def prepared_in_numpy(work, start):
    import numpy as np

    with np.load(start) as given:
        return work.plain(*given.values())


def timed(step, repeats, wait):
    """Seconds for one step; `wait` returns when the device has done what it was asked."""
    wait()
    start = time.perf_counter()
    for _ in range(repeats):
        step()
    wait()
    return (time.perf_counter() - start) / repeats


def say(text):
    print(text, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
