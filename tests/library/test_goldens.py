"""The course gives PyTorch's numbers, types and texts."""

import builtins
import warnings
from pathlib import Path

import pytest

import course

from ..goldens import record
from ..goldens.bad_calls import BAD_CALLS, OWN_KIND
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
    assert GOLDENS.keys() == CASES.keys() | {"errors"}


@pytest.mark.filterwarnings("ignore:mse_loss")
@pytest.mark.parametrize("what", BAD_CALLS)
def test_is_refused_with_pytorchs_kind_of_error_and_a_better_sentence(what):
    call, sentence = BAD_CALLS[what]
    wanted = OWN_KIND.get(what) or GOLDENS["errors"][what]
    assert wanted, "PyTorch lets this pass: say in OWN_KIND what the course raises"
    with pytest.raises(getattr(builtins, wanted)) as refused:
        call(course)
    assert type(refused.value) is getattr(builtins, wanted)
    assert sentence in str(refused.value)
    assert "numba" not in "".join(str(entry.path) for entry in refused.traceback)


def test_kinds_of_ones_own_are_listed_only_where_they_differ():
    assert [what for what, kind in OWN_KIND.items() if GOLDENS["errors"][what] == kind] == []
