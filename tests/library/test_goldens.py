"""The course gives PyTorch's numbers, types and texts."""

import builtins
import warnings

import pytest

import course

from ..goldens import record
from ..goldens.bad_calls import BAD_CALLS, OWN_KIND
from ..goldens.families import families, goldens

FAMILIES = families()
ERRORS = goldens("bad_calls")["errors"]
CASES = [(family, name) for family, cases in FAMILIES.items() for name in cases if family != "bad_calls"]


@pytest.mark.parametrize("family, name", CASES)
def test_agrees_with_pytorch(family, name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = record.record(FAMILIES[family][name](course))
    wanted = goldens(family)[name]
    assert found.keys() == wanted.keys()
    faults = {key: wrong for key in wanted if (wrong := record.difference(found[key], wanted[key]))}
    assert not faults, "\n".join(f"{key}: {wrong}" for key, wrong in faults.items())


@pytest.mark.parametrize("family", FAMILIES)
def test_every_golden_has_its_case(family):
    assert goldens(family).keys() == FAMILIES[family].keys()


@pytest.mark.filterwarnings("ignore:mse_loss")
@pytest.mark.parametrize("what", BAD_CALLS)
def test_is_refused_with_pytorchs_kind_of_error_and_a_better_sentence(what):
    call, sentence = BAD_CALLS[what]
    wanted = OWN_KIND.get(what) or ERRORS[what]
    assert wanted, "PyTorch lets this pass: say in OWN_KIND what the course raises"
    with pytest.raises(getattr(builtins, wanted)) as refused:
        call(course)
    assert type(refused.value).__name__ == wanted
    assert sentence in str(refused.value)
    assert "numba" not in "".join(str(entry.path) for entry in refused.traceback)


def test_kinds_of_ones_own_are_listed_only_where_they_differ():
    assert [what for what, kind in OWN_KIND.items() if ERRORS[what] == kind] == []
