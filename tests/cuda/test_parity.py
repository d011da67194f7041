"""The course gives PyTorch's numbers on CUDA too: the cases of tests/goldens, with `cuda` as the default device."""

import re
import warnings

import pytest
from numba.core import config

import course
from course import random

from ..goldens import record
from ..goldens.families import families, goldens
from .running import devices

pytestmark = [pytest.mark.cuda, pytest.mark.gpu]

ELSEWHERE = {  # what a case of that name does, so that it has nothing to compare on the GPU
    r"bad_calls-.*|schedulers-.*": "works out no number on a device",
    r"(?!.*Muon).*\[float64\]": "comes in float32 too",
    r".*Muon.*\[float32\]": "magnifies what float32 rounds, in another order on the GPU: it runs in float64",
    r"with_numpy-functions_of_numpy": "calls NumPy, which works on the CPU",
    r"core-asked_of_a_tensor": "asks whether the tensor lies on the CPU",
    r"core-printed_tensors|more_tensor_functions-ways_to_print": "prints where tensors lie, which breaks other lines",
    r"core-(order_of_batches|parts_of_a_dataset)|around_programs-some_indices.*":
        "draws the order of a data set, which lies on the CPU",
}
LONG = {  # more than some 10,000 numbers are worked out: minutes in the simulator
    r"layers-document_network.*": "two convolutions over whole images",
    r"optimizers-y = 3x.*": "trains for hundreds of steps",
    r"programs-.*": "trains for hundreds of steps",
    r"core-training.*": "trains for hundreds of steps",
    r"minimization-(network by .*|what LBFGS keeps)": "trains a network; test_training_on_cuda trains a smaller one",
}


def found_in(table, case):
    """What a table says of a case; None where it does not name it."""
    return next((said for pattern, said in table.items() if re.fullmatch(pattern, "-".join(case))), None)


FAMILIES = families()
NAMED = [(family, name) for family, cases in FAMILIES.items() for name in cases]
ALL = [case for case in NAMED if not found_in(ELSEWHERE, case)]
CASES = [case for case in ALL if not (config.ENABLE_CUDASIM and found_in(LONG, case))]


class NumbersOfTheCpu:
    """A stream on the GPU whose numbers are PyTorch's on the CPU, those of the goldens: drawn there and moved."""

    device = devices.device("cuda")

    def __init__(self, generator=None):
        self.generator = generator or random.Generator()

    def manual_seed(self, seed):
        self.generator.manual_seed(seed)
        return self

    def __getattr__(self, name):
        draw = getattr(self.generator, name)
        return lambda *args: devices.move(draw(*args), self.device)


def results(family, name):
    with warnings.catch_warnings(), devices.device("cuda"):
        warnings.simplefilter("error")
        found = record.record(FAMILIES[family][name](course))
    return {key: x.replace(", device='cuda:0'", "") if isinstance(x, str) else x for key, x in found.items()}


@pytest.mark.parametrize("family, name", CASES)
def test_agrees_with_pytorch(family, name, cuda, monkeypatch):
    monkeypatch.setitem(random._streams, "cuda", NumbersOfTheCpu(random.default_generator))
    monkeypatch.setattr(course, "Generator", NumbersOfTheCpu)
    found, wanted = results(family, name), goldens(family)[name]
    assert found.keys() == wanted.keys()
    faults = {key: wrong for key in wanted if (wrong := record.difference(found[key], wanted[key]))}
    assert not faults, "\n".join(f"{key}: {wrong}" for key, wrong in faults.items())


def test_nearly_all_cases_run_here(record_property):
    record_property("parity", f"{len(CASES)} of {len(ALL)} cases run on CUDA here, {len(ALL) - len(CASES)} are too "
                              "long for the simulator")
    assert len(CASES) > 0.85 * len(ALL)


@pytest.mark.parametrize("table", ["ELSEWHERE", "LONG"])
def test_the_tables_name_cases_that_there_are(table):
    for pattern in globals()[table]:
        assert any(re.fullmatch(pattern, "-".join(case)) for case in NAMED), f"{pattern} names no case"
