"""Times, side by side: each side is a process, and they take turns, so that a busy machine slows all alike."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .limits import environment, share_of_limit
from .work import WORK

ROOT = Path(__file__).resolve().parents[1]
OTHERS = {"numpy": "NumPy", "torch": "PyTorch"}
STARTS = {  # name -> what PyTorch's amount / ours must reach, what is counted, whether kernels are compiled already
    "import + first training step, warm cache": (4.0, "s", True),
    "import + first training step, cold cache": (1.2, "s", False),
    "peak memory of MLP training": (1.5, "bytes", True),
}


class Side:
    """A worker process."""

    def __init__(self, python, module, device, threads, folder):
        self.process = subprocess.Popen(
            [python, "-m", "benchmarks.worker", module, device, str(folder)], cwd=ROOT, env=environment(threads),
            text=True, encoding="utf-8", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        said = self.process.stdout.readline()
        self.versions = json.loads(said) if said.startswith("{") else None  # None: it cannot run here

    def ask(self, line):
        """The worker's answer; None where it could not do the work."""
        print(line, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().strip()
        return None if answer.startswith("error") or not answer else answer

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@contextlib.contextmanager
def open_sides(torch_python, device, threads):
    """The sides that can run here, by the name of what they import."""
    with tempfile.TemporaryDirectory() as folder:
        pythons = {"course": sys.executable, "numpy": sys.executable, "torch": torch_python}
        sides = {module: Side(python, module, device, threads, folder) for module, python in pythons.items()}
        try:
            yield {module: side for module, side in sides.items() if side.versions}
        finally:
            for side in sides.values():
                side.close()


def work_row(name, threads, sides, rounds, limits):
    """A row of the table: what each side took, how often ours goes into it, and what share of the limit that is."""
    work = WORK[name]
    able = {module: side for module, side in sides.items()
            if (module != "numpy" or work.plain) and side.ask(name)}
    amounts = {module: [] for module in able}
    for _ in range(rounds):
        for module, side in able.items():
            amounts[module].append(float(side.ask("go")))
    row = row_of(name, threads, "s", work.target if threads == 1 else work.target_2, amounts)
    if limits and "course" in row:
        row["limit"] = share_of_limit(work, row["course"]["median"], limits)
    return row


def row_of(name, threads, unit, target, amounts):
    row = {"work": name, "threads": threads, "unit": unit, "target": target}
    amounts = {module: found for module, found in amounts.items() if found}
    row |= {module: summary(found) for module, found in amounts.items()}
    for module in OTHERS:
        if module in amounts and "course" in amounts:
            ratios = [theirs / ours for theirs, ours in zip(amounts[module], amounts["course"])]
            row[f"ratio_to_{module}"] = statistics.median(ratios)
    return row


def summary(amounts):
    quartiles = statistics.quantiles(amounts, n=4, method="inclusive") if len(amounts) > 1 else amounts * 3
    return {"median": statistics.median(amounts), "quartiles": [quartiles[0], quartiles[2]]}


def start_rows(torch_python, modules, threads, rounds, names):
    """The rows of what a new process pays, each the median of `rounds` processes."""
    pythons = {module: torch_python if module == "torch" else sys.executable for module in modules}
    found = {name: {module: [] for module in modules} for name in names}
    with tempfile.TemporaryDirectory() as folder:
        for module, python in pythons.items():
            started(python, module, threads)  # from here on kernels are compiled and files lie in memory
        for i in range(rounds):
            for module, python in pythons.items():
                warm = None
                for name in names:
                    _, unit, is_warm = STARTS[name]
                    if is_warm or module != "course":  # what compiles nothing has no cold cache
                        warm = warm or started(python, module, threads)
                        amount = warm[unit]
                    else:
                        amount = started(python, module, threads, NUMBA_CACHE_DIR=os.path.join(folder, str(i)))[unit]
                    if amount is not None:
                        found[name][module].append(amount)
    return [row_of(name, threads, STARTS[name][1], STARTS[name][0], amounts) for name, amounts in found.items()]


def started(python, module, threads, **more):
    """Seconds from the start of Python to the end of the first training step, and the bytes held at most."""
    start = time.perf_counter()
    process = subprocess.Popen([python, "-m", "benchmarks.start", module], cwd=ROOT, stdout=subprocess.PIPE, text=True,
                               env=environment(threads) | more)
    process.stdout.readline()
    seconds = time.perf_counter() - start
    said, _ = process.communicate()
    return {"s": seconds, "bytes": json.loads(said)}
