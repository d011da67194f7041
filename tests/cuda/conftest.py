"""What the tests of the CUDA kernels share: whether they can run here, and the table that they print at the end."""

import pytest

from .running import devices

FIGURES = pytest.StashKey[list]()


def pytest_configure(config):
    config.stash[FIGURES] = []


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


@pytest.fixture
def figures(request):
    """Rows for the table at the end: (kernel, dtype, architecture, registers, bytes of shared memory)."""
    return request.config.stash[FIGURES]


def pytest_terminal_summary(terminalreporter, config):
    rows = sorted(config.stash[FIGURES])
    if rows:
        terminalreporter.section("what the CUDA kernels need of a GPU")
        head = ("kernel", "dtype", "architecture", "registers", "shared bytes")
        for name, *cells in (head, *rows):
            terminalreporter.write_line(f"{name:32}" + "".join(f"{cell!s:>14}" for cell in cells))
