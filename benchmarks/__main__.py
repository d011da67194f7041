"""`python -m benchmarks`: the table of speed, course against PyTorch, and what share of the machine's limit it is.

    python -m benchmarks [--torch PYTHON] [--threads 1 2] [--only TEXT] [--rounds 15] [--json FILE] [--markdown FILE]

PYTHON is an interpreter with PyTorch 2.13 (by default this one; without PyTorch only our own times are shown). Two
processes take turns, so that a busy machine slows both alike; a row is the median of the ratios of neighbouring turns.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

from .limits import machine_limits
from .work import WORK

ROOT = Path(__file__).resolve().parents[1]


class Side:
    """A worker process."""

    def __init__(self, python, module, threads):
        environment = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
        self.process = subprocess.Popen(
            [python, "-m", "benchmarks.worker", module, str(threads)], cwd=ROOT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.alive = self.process.stdout.readline().strip() == "ready"

    def ask(self, line):
        """The worker's answer; None where it could not do the work."""
        print(line, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().strip()
        return None if answer.startswith("error") or not answer else answer

    def close(self):
        self.process.kill()
        self.process.wait()


def compare(name, ours, theirs, rounds):
    """Our median seconds, PyTorch's, and the median of the ratios; None where a side cannot do the work."""
    sides = [side if side is not None and side.ask(name) else None for side in (ours, theirs)]
    times = [[], []]
    for _ in range(rounds):
        for side, found in zip(sides, times):
            if side is not None:
                found.append(float(side.ask("go")))
    a, b = (statistics.median(t) if t else None for t in times)
    ratio = statistics.median(y / x for x, y in zip(*times)) if a and b else None
    return a, b, ratio


def table(threads, arguments, limits):
    ours = Side(sys.executable, "course", threads)
    theirs = Side(arguments.torch, "torch", threads)
    theirs = theirs if theirs.alive else None
    rows = []
    print(f"\n{threads} thread{'s' * (threads > 1)}" + ("" if theirs else " (no PyTorch here: only our own times)"))
    print(f"{'work':44s} {'course':>10s} {'PyTorch':>10s} {'ratio':>6s} {'target':>6s} {'of limit':>8s}")
    for name, work in WORK.items():
        if arguments.only.lower() not in name.lower():
            continue
        a, b, ratio = compare(name, ours, theirs, arguments.rounds)
        bound = work.bytes / limits["bytes_per_second"] + work.flops / limits["flops_per_second"]
        target = work.target if threads == 1 else work.target_2
        share = bound / a if a and bound else None
        row = {"work": name, "threads": threads, "course_s": a, "pytorch_s": b, "ratio": ratio, "target": target,
               "share_of_limit": share}
        rows.append(row)
        print(f"{name:44s} {_time(a):>10s} {_time(b):>10s} {_number(ratio):>6s} {target:6.1f} "
              f"{'' if share is None else f'{share:.0%}':>8s}"
              + ("" if ratio is None or ratio >= target else "  below its target"), flush=True)
    for side in (ours, theirs):
        if side is not None:
            side.close()
    return rows


def _time(seconds):
    return "not yet" if seconds is None else f"{seconds * 1e6:.1f} µs" if seconds < 0.01 else f"{seconds * 1e3:.0f} ms"


def _number(ratio):
    return "" if ratio is None else f"{ratio:.2f}"


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--torch", default=sys.executable, metavar="PYTHON", help="an interpreter with PyTorch")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--only", default="", metavar="TEXT", help="only work whose name contains TEXT")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", metavar="FILE")
    arguments = parser.parse_args()
    limits = machine_limits()
    print(f"{platform.processor() or platform.machine()}, memory {limits['bytes_per_second'] / 1e9:.0f} GB/s, "
          f"matrix product {limits['flops_per_second'] / 1e9:.0f} GFLOP/s (one thread)")
    rows = [row for threads in arguments.threads for row in table(threads, arguments, limits)]
    if arguments.json:
        Path(arguments.json).write_text(json.dumps({"limits": limits, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
