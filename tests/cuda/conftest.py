"""What the tests of the CUDA kernels share: whether they can run here, and the table that they print at the end."""

import pytest

FIGURES = pytest.StashKey[list]()


def pytest_configure(config):
    config.stash[FIGURES] = []


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
