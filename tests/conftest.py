"""Options for all tests."""

import os

import pytest

collect_ignore = ["programs"]  # they import PyTorch; tests/goldens/programs.py runs them with the course in its place

if "PYTEST_XDIST_WORKER" in os.environ:  # each worker, and each notebook's kernel, shares the cores with others
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_addoption(parser):
    parser.addoption("--no-skips", action="store_true",
                     help="a test that would be skipped fails: for machines that are meant to run everything")


def pytest_report_header(config):
    from course.grading.sandbox import missing

    return f"grading: {missing() or 'in a bubblewrap sandbox'}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and item.config.getoption("no_skips"):
        report.outcome, report.longrepr = "failed", f"skipped although --no-skips was given: {call.excinfo.value}"
    return report
