"""What a new process pays: `python -m benchmarks.start course|torch|numpy`.

It imports the library, trains the MLP 784-128-10 for one step and says so, which ends the time; after 100 steps more it
says how many bytes of memory it held at most.
"""

import importlib
import json
import sys

STEPS = 100


def main(side):
    module = importlib.import_module(side)
    from benchmarks.work import WORK

    work = WORK["MLP 784-128-10, batch 64, Adam"]
    step = work.plain(*drawn(module)) if side == "numpy" else work.make(module, "cpu").step
    step()
    print("trained", flush=True)
    for _ in range(STEPS):
        step()
    print(json.dumps(most_memory()), flush=True)


def drawn(np):
    """A batch and the parameters of the network."""
    random = np.random.default_rng(0)
    shapes = (64, 784), (128, 784), (128,), (10, 128), (10,)
    x, *parameters = [0.03 * random.standard_normal(shape, np.float32) for shape in shapes]
    return x, random.integers(0, 10, 64), *parameters


def most_memory():
    """Bytes; None where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main(*sys.argv[1:])
