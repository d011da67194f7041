"""docs/parity.md is what the code says: every public name, beside PyTorch's, with a line on what it is."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import make_parity

TABLE = make_parity.table()
ROWS = re.findall(r"^\| `(\w+)` \| (?:PyTorch's|\*ours\*) \| (.*?) \| (.*?) \|$", TABLE, flags=re.M)


def test_the_stored_table_is_in_step_with_the_code():
    assert make_parity.TABLE.read_text(encoding="utf-8") == TABLE, "run tools/make_parity.py"


def test_every_name_says_what_it_is():
    assert len(ROWS) > 600
    assert [name for name, what, _ in ROWS if not what] == []


@pytest.mark.parametrize("name", ["save", "load", "embedding", "LSTM", "inference_mode"])
def test_a_difference_is_told(name):
    assert [difference for other, _, difference in ROWS if other == name and difference]
