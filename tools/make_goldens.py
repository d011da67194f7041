"""Write tests/goldens/pytorch-2.13/FAMILY.json: what PyTorch gives for the cases of tests/goldens/FAMILY.py.

    pip install torch==2.13.* && python tools/make_goldens.py [FAMILY ...]

The family `pth_files` is files that PyTorch saves.
"""

import sys
import warnings
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.goldens import bad_calls, families, pth_files, record


def main(chosen):
    torch.set_num_threads(1)
    for family, cases in families.families().items():
        if chosen and family not in chosen:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            keep = dict if cases is bad_calls.CASES else record.record
            goldens = {name: keep(run(torch)) for name, run in cases.items()}
        record.write(families.FOLDER / f"{family}.json", goldens)
        print(f"{family}: {len(goldens)} cases from PyTorch {torch.__version__}")
    if not chosen or "pth_files" in chosen:
        pth_files.write(torch, families.FOLDER)


if __name__ == "__main__":
    main(sys.argv[1:])
