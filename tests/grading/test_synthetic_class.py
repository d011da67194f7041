"""Right, mistaken, broken and hostile students: the same bytes serial and in parallel, and the points expected."""

import importlib.util
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="grading needs POSIX limits")
TOOL = Path(__file__).resolve().parents[2] / "tools" / "grade_synthetic_class.py"


@pytest.mark.parametrize("students", [10, pytest.param(200, marks=pytest.mark.instructor)])
def test_a_class_is_graded_alike_serial_and_parallel(students):
    specification = importlib.util.spec_from_file_location("grade_synthetic_class", TOOL)
    tool = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(tool)
    assert tool.main([str(students)]) == 0
