"""The course gives PyTorch's numbers, types and texts."""

import warnings
from pathlib import Path

import pytest

import course

from ..goldens import record
from ..goldens.cases import CASES

GOLDENS = record.read(Path(__file__).parents[1] / "goldens" / "pytorch-2.13.json")


@pytest.mark.parametrize("name", CASES)
def test_agrees_with_pytorch(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = record.record(CASES[name](course))
    wanted = GOLDENS[name]
    assert found.keys() == wanted.keys()
    faults = {key: wrong for key in wanted if (wrong := record.difference(found[key], wanted[key]))}
    assert not faults, "\n".join(f"{key}: {wrong}" for key, wrong in faults.items())


def test_every_golden_has_its_case():
    assert GOLDENS.keys() == CASES.keys()
