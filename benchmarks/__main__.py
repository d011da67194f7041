"""`python -m benchmarks`: how fast the course is, beside plain NumPy, PyTorch and the machine's limits.

    python -m benchmarks [--torch PYTHON] [--threads 1,2] [--device cuda] [--only TEXT] [--rounds 15] [--save]
    python -m benchmarks --draw

PYTHON is an interpreter with PyTorch (by default this one; without PyTorch its column stays empty). `--save` keeps the
numbers in benchmarks/results, in a file for each machine, and writes docs/speed.md, docs/speed.svg and the README's
part from these files; `--draw` only writes the documents anew.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import re
import sys
from pathlib import Path

from . import documents
from .limits import machine_limits
from .measure import STARTS, open_sides, start_rows, work_row
from .work import WORK


def measured(arguments):
    """All that one run finds out, printed row by row; None where the device is missing."""
    machine = {"cpu": cpu_name(), "cores": os.cpu_count(), "system": f"{platform.system()} {platform.machine()}",
               "python": platform.python_version()}
    found = {"date": datetime.date.today().isoformat(), "device": arguments.device, "rounds": arguments.rounds,
             "machine": machine, "versions": {}, "limits": {}, "rows": []}
    modules = ["course"]
    for threads in arguments.threads:
        with open_sides(arguments.torch, arguments.device, threads) as sides:
            if "course" not in sides:
                return None
            modules = list(sides)
            for side in sides.values():
                found["versions"] |= side.versions
            if arguments.device == "cuda":
                machine["gpu"] = found["versions"].pop("device")
            limits = machine_limits(threads) if arguments.device == "cpu" else None
            found["limits"][str(threads)] = limits
            print(documents.heading(found, threads), flush=True)
            for name in chosen(WORK, arguments.only):
                show(found, work_row(name, threads, sides, arguments.rounds, limits))
    names = chosen(STARTS, arguments.only) if arguments.device == "cpu" else []
    if names:
        print(f"\nnew processes, {documents.with_threads(arguments.threads[0])}")
        for row in start_rows(arguments.torch, modules, arguments.threads[0], -(-arguments.rounds // 4), names):
            show(found, row)
    return found


def chosen(names, text):
    return [name for name in names if text.lower() in name.lower()]


def show(found, row):
    found["rows"].append(row)
    print(documents.line(row), flush=True)


def cpu_name():
    try:
        return re.search(r"(?m)^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"))[1]
    except (OSError, TypeError):
        return platform.processor() or platform.machine()


def main(argv=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--torch", default=sys.executable, metavar="PYTHON", help="an interpreter with PyTorch")
    parser.add_argument("--threads", type=lambda text: [int(n) for n in text.split(",")], default=[1, 2],
                        metavar="N,N", help="numbers of threads, each with a table of its own (default: 1,2)")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--only", default="", metavar="TEXT", help="only work whose name contains TEXT")
    parser.add_argument("--rounds", type=int, default=15, help="how often each side takes its turn (default: 15)")
    parser.add_argument("--save", action="store_true", help="keep the numbers, and write the documents from them")
    parser.add_argument("--draw", action="store_true", help="measure nothing: write the documents from what was kept")
    arguments = parser.parse_args(argv)
    if arguments.save and arguments.only:
        parser.error("--save keeps whole tables; leave out --only")
    if not arguments.draw:
        found = measured(arguments)
        if found is None:
            print("There is no CUDA device here, so nothing was timed; `course doctor` says what is missing.")
            return
        if not arguments.save:
            return
        print("\nkept in", documents.keep(found))
    documents.write()


if __name__ == "__main__":
    main()
