import pytest


@pytest.fixture(autouse=True)
def fresh_progress(tmp_path, monkeypatch):
    """Every test has a progress log of its own."""
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.jsonl"))


@pytest.fixture
def displayed(monkeypatch):
    """What was displayed, as mime bundles, as if in a notebook."""
    from course.lab import picture

    bundles = []
    monkeypatch.setattr(picture, "get_ipython", lambda: object())
    monkeypatch.setattr(picture, "display", lambda bundle, raw: bundles.append(bundle))
    return bundles


def descend(theta, gradient, lr):
    """A learner's step."""
    return theta - lr * gradient


@pytest.fixture
def step():
    return descend
