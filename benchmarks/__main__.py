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
import shutil
import sys
from pathlib import Path

from . import documents
from .limits import machine_limits
from .measure import STARTS, open_sides, start_rows, work_row
from .work import WORK


def measured(given):
    """All that one run finds out, printed row by row; None where the device is missing."""
    machine = {"cpu": cpu_name(), "cores": os.cpu_count(), "system": f"{platform.system()} {platform.machine()}",
               "python": platform.python_version()}
    found = {"date": datetime.date.today().isoformat(), "device": given.device, "rounds": given.rounds,
             "machine": machine, "versions": {}, "limits": {}, "rows": []}
    modules = ["course"]
    for threads in given.threads:
        with open_sides(given.torch, given.device, threads) as sides:
            if "course" not in sides:
                return None
            modules = list(sides)
            for side in sides.values():
                found["versions"] |= side.versions
            if given.device == "cuda":
                machine["gpu"] = found["versions"].pop("device")
            limits = machine_limits(threads) if given.device == "cpu" else None
            found["limits"][str(threads)] = limits
            print(documents.heading(found, threads), flush=True)
            for name in chosen(WORK, given.only):
                show(found, work_row(name, threads, sides, given.rounds, limits))
    names = chosen(STARTS, given.only) if given.device == "cpu" else []
    if names:
        print(f"\nnew processes, {documents.with_threads(given.threads[0])}")
        for row in start_rows(given.torch, modules, given.threads[0], -(-given.rounds // 4), names):
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


def arguments(argv=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--torch", default=sys.executable, metavar="PYTHON", help="an interpreter with PyTorch")
    parser.add_argument("--threads", type=lambda text: [int(n) for n in text.split(",")], default=[1, 2],
                        metavar="N,N", help="numbers of threads, each with a table of its own (default: 1,2)")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--only", default="", metavar="TEXT", help="only work whose name contains TEXT")
    parser.add_argument("--rounds", type=int, default=15, help="how often each side takes its turn (default: 15)")
    parser.add_argument("--save", action="store_true", help="keep the numbers, and write the documents from them")
    parser.add_argument("--draw", action="store_true", help="measure nothing: write the documents from what was kept")
    given = parser.parse_args(argv)
    if shutil.which(given.torch) is None:
        parser.error(f"there is no interpreter {given.torch}")
    if given.save and given.only:
        parser.error("--save keeps whole tables; leave out --only")
    return given


def main(argv=None):
    given = arguments(argv)
    if not given.draw:
        found = measured(given)
        if found is None:
            print("There is no CUDA device here, so nothing was timed; `course doctor` says what is missing.")
            return
        if not given.save:
            return
        print("\nkept in", documents.keep(found))
    documents.write()


if __name__ == "__main__":
    main()
