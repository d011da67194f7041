"""Write tests/goldens/pytorch-2.13.json: what PyTorch gives for every case of tests/goldens/cases.py.

    pip install torch==2.13.* && python tools/make_goldens.py
"""

import sys
import warnings
from pathlib import Path

import torch

GOLDENS = Path(__file__).resolve().parents[1] / "tests" / "goldens"
sys.path.insert(0, str(GOLDENS))

import bad_calls  # noqa: E402
import cases  # noqa: E402
import record  # noqa: E402


def main():
    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        goldens = {name: record.record(run(torch)) for name, run in cases.CASES.items()}
        goldens["errors"] = bad_calls.errors(torch)
    record.write(GOLDENS / "pytorch-2.13.json", goldens)
    print(f"{len(goldens)} cases from PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
