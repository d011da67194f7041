"""Metrics give scikit-learn's numbers, and keep the promises that hold for any predictions."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import course
from course import metrics

from ..goldens.metrics import FILE, problems

GOLDENS = json.loads(FILE.read_text())


@pytest.mark.parametrize("name", GOLDENS)
def test_agrees_with_scikit_learn(name):
    scores, p, t = problems()[name]
    for what, wanted in GOLDENS[name].items():
        function, _, average = what.partition(" ")
        if function == "confusion_matrix":
            found = metrics.confusion_matrix(p, t, num_classes=scores.shape[1]).tolist()
        elif function == "roc_auc":
            found = metrics.roc_auc(scores[:, 1], t)
        elif function == "top_2":
            found = metrics.top_k_accuracy(scores, t, k=2)
        elif function == "r2_score":
            found = metrics.r2_score(scores[:, 0], t)
        else:
            found = getattr(metrics, function)(course.tensor(p), course.tensor(t), *([average] if average else []))
        np.testing.assert_allclose(found, wanted, 1e-12, err_msg=what)


PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30)


@given(PAIRS)
def test_what_holds_for_all_predictions(pairs):
    p, t = np.array(pairs).T
    accuracy = metrics.accuracy(p, t)
    assert 0 <= accuracy <= 1
    for score in (metrics.precision, metrics.recall, metrics.f1_score):
        assert score(p, t, "micro") == pytest.approx(accuracy)
        assert 0 <= score(p, t, "macro") <= 1 and score(t, t, "macro") == 1
    assert metrics.recall(p, t, "weighted") == pytest.approx(accuracy)
    assert metrics.precision(p, t, None).tolist() == metrics.recall(t, p, None).tolist()
    matrix = metrics.confusion_matrix(p, t).numpy()
    assert matrix.sum() == len(p) and (metrics.confusion_matrix(t, p).numpy() == matrix.T).all()


@given(st.lists(st.tuples(st.integers(-20, 20), st.booleans()), min_size=2, max_size=30))
def test_roc_auc_is_the_share_of_pairs_in_the_right_order(pairs):
    s, t = np.array([a for a, _ in pairs]), np.array([int(b) for _, b in pairs])
    if len(set(t)) < 2:
        with pytest.raises(ValueError, match="both classes"):
            metrics.roc_auc(s, t)
        return
    ones, zeros = s[t == 1][:, None], s[t == 0]
    assert metrics.roc_auc(s, t) == pytest.approx(((ones > zeros) + 0.5 * (ones == zeros)).mean())
    assert metrics.roc_auc(-s, t) == pytest.approx(1 - metrics.roc_auc(s, t))


def test_r2_of_perfect_and_mean_predictions():
    y = course.tensor([1.0, 2.0, 4.0])
    assert metrics.r2_score(y, y) == 1.0 and metrics.r2_score(course.full((3,), 7 / 3), y) == pytest.approx(0, abs=1e-6)


def test_wrong_shapes_and_options_are_refused():
    for words, call in (
        ("is empty", lambda: metrics.accuracy([], [])), ("do not fit", lambda: metrics.accuracy([1, 2], [1])),
        ("average is 'mean'", lambda: metrics.f1_score([1], [1], "mean")),
        ("there are 3 classes", lambda: metrics.precision([2], [0])),
        ("k must lie between", lambda: metrics.top_k_accuracy(np.ones((2, 3)), [0, 1], 4)),
        ("numbered 0 to 1", lambda: metrics.confusion_matrix([0, 2], [0, 1], num_classes=2)),
        ("of one shape", lambda: metrics.r2_score([1.0], [1.0, 2.0])),
    ):
        with pytest.raises(ValueError, match=words):
            call()
