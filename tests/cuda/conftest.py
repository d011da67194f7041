"""What the tests of the CUDA kernels share: whether they can run here, and the table that they print at the end."""

import pytest

from .running import devices


@pytest.fixture
def cuda(monkeypatch):
    """The device. In the simulator each block has few threads: it runs a thousand of them in a second."""
    if not devices.cuda_is_available():
        pytest.skip("there is no CUDA device: set NUMBA_ENABLE_CUDASIM=1 to run in numba's simulator")
    from numba.core import config

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
    rows = sorted(tuple(value) for report in reports for name, value in report.user_properties if name == HEAD[0])
    if rows:
        terminalreporter.section("what the CUDA kernels need of a GPU")
        for name, *cells in (HEAD, *rows):
            terminalreporter.write_line(f"{name:36}" + "".join(f"{cell!s:>14}" for cell in cells))
