"""What the tests of the CUDA kernels share: whether they can run here, and the table that they print at the end."""

import pytest
from numba.core import config

from course.kernels import matmul

from .running import devices

if config.ENABLE_CUDASIM:  # each block has few threads: the simulator runs some ten thousand of them in a second
    for names in vars(matmul), matmul.matmul.cuda_loop.__globals__:
        names.update(TILE=4, PITCH=5)
    matmul.matmul.threads = 16


@pytest.fixture
def cuda(monkeypatch):
    """The device."""
    if not devices.cuda_is_available():
        pytest.skip("there is no CUDA device: set NUMBA_ENABLE_CUDASIM=1 to run in numba's simulator")
    if config.ENABLE_CUDASIM:
        monkeypatch.setattr(devices, "ROW_THREADS", 8)
        monkeypatch.setattr(devices, "ELEMENT_THREADS", 8)
    return devices.device("cuda")


HEAD = ("kernel", "dtype", "architecture", "registers", "shared bytes", "spilled bytes")


@pytest.fixture
def figures(record_property):
    """A row for the table at the end. It travels with the test's report, so that parallel runs print the table too."""
    return lambda *row: record_property(HEAD[0], row)


def pytest_terminal_summary(terminalreporter):
    reports = [report for when in ("passed", "failed") for report in terminalreporter.stats.get(when, [])]
    for report in reports:
        for name, sentence in report.user_properties:
            if name == "parity":
                terminalreporter.write_line(sentence)
    rows = sorted(tuple(value) for report in reports for name, value in report.user_properties if name == HEAD[0])
    if rows:
        terminalreporter.section("what the CUDA kernels need of a GPU")
        for name, *cells in (HEAD, *rows):
            terminalreporter.write_line(f"{name:36}" + "".join(f"{cell!s:>14}" for cell in cells))
