"""Networks as scikit-learn's estimators: its own checks, and what they do not ask."""

import builtins
import importlib
import sys

import numpy as np
import pytest

import course
from course import nn

pytest.importorskip("sklearn", reason="scikit-learn is not installed: pip install '.[test]' brings it")

from sklearn.base import clone
from sklearn.datasets import make_classification, make_regression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from course.sklearn import NetClassifier, NetRegressor


@parametrize_with_checks([NetClassifier(), NetRegressor()])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def classes(n=120, dtype=np.float32):
    X, y = make_classification(n, 6, n_informative=4, n_classes=3, random_state=0)
    return X.astype(dtype), np.array(["ape", "bee", "cat"])[y]


def test_in_a_pipeline_and_in_cross_validation():
    scores = cross_val_score(make_pipeline(StandardScaler(), NetClassifier(epochs=15)), *classes(), cv=3)
    assert scores.min() > 0.6
    X, y = make_regression(100, 4, noise=1.0, random_state=0)
    net = make_pipeline(StandardScaler(), NetRegressor(hidden=(), lr=1.0, epochs=100))
    assert cross_val_score(net, X, y, cv=3).min() > 0.95


def test_a_grid_search_finds_the_rate_that_learns():
    search = GridSearchCV(NetClassifier(epochs=8), {"lr": [1e-7, 1e-2], "hidden": [(8,), (32, 16)]}, cv=3)
    search.fit(*classes())
    assert search.best_params_["lr"] == 1e-2 and search.best_score_ > 0.55
    assert [m.out_features for m in search.best_estimator_.module_[::2]][:-1] == list(search.best_params_["hidden"])


def test_probabilities_and_classes_belong_together():
    X, y = classes()
    net = NetClassifier(epochs=10).fit(X, y)
    chances = net.predict_proba(X)
    np.testing.assert_allclose(chances.sum(1), 1, 1e-5)
    assert list(net.classes_) == ["ape", "bee", "cat"] and (net.classes_[chances.argmax(1)] == net.predict(X)).all()


def test_numbers_are_of_the_type_of_the_data():
    for dtype in (np.float32, np.float64):
        X, y = classes(30, dtype)
        assert NetClassifier(epochs=1).fit(X, y).predict_proba(X).dtype == dtype


def test_equal_seeds_give_equal_networks_and_leave_the_random_stream_alone():
    X, y = classes()
    course.manual_seed(1)
    wanted = course.rand(3).tolist()
    course.manual_seed(1)
    first, second, other = (NetClassifier(epochs=2, seed=s).fit(X, y).predict_proba(X) for s in (0, 0, 1))
    assert course.rand(3).tolist() == wanted
    assert (first == second).all() and (first != other).any()


def test_it_is_the_training_loop_written_by_hand():
    X, y = classes(40)
    net = NetClassifier(hidden=(5,), epochs=3, batch_size=16, optimizer="SGD", lr=0.1, weight_decay=0.01, seed=3)
    net.fit(X, y)
    course.manual_seed(3)
    model = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    sgd = course.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.01)
    labels = course.tensor(np.unique(y, return_inverse=True)[1])
    for _ in range(3):
        for rows in course.randperm(40).split(16):
            sgd.zero_grad()
            nn.functional.cross_entropy(model(course.tensor(X)[rows]), labels[rows]).backward()
            sgd.step()
    assert all(a.equal(b) for a, b in zip(model.parameters(), net.module_.parameters()))


def convolution(features, outputs):
    return nn.Sequential(nn.Unflatten(1, (1, 2, 3)), nn.Conv2d(1, 4, 2), nn.ReLU(), nn.Flatten(),
                         nn.Dropout(0.1), nn.Linear(8, outputs))


@pytest.mark.parametrize("optimizer, lr", [("SGD", 0.1), (course.optim.AdamW, 0.01)], ids=["SGD", "AdamW"])
def test_modules_losses_and_optimizers_of_ones_own(optimizer, lr):
    X, y = classes()
    net = NetClassifier(module=convolution, loss=nn.functional.multi_margin_loss, optimizer=optimizer, lr=lr, epochs=20)
    assert net.fit(X, y).score(X, y) > 0.6 and not net.module_.training
    assert clone(net).get_params() == net.get_params()


def test_an_optimizer_that_calls_its_closure_often():
    X, y = classes()
    net = NetClassifier(hidden=8, optimizer="LBFGS", lr=0.2, batch_size=None, epochs=5).fit(X, y)
    assert len(net.loss_curve_) == 5 and net.loss_curve_[-1] < 0.5


def test_patience_stops_and_goes_back_to_the_best():
    random = np.random.RandomState(0)
    X, y = random.standard_normal((60, 10)), random.standard_normal(60)  # nothing to learn
    net = NetRegressor(lr=0.05, epochs=200, patience=4, seed=2).fit(X, y)
    curve = net.validation_curve_
    assert len(curve) == int(np.argmin(curve)) + 5 < 200 and len(net.loss_curve_) == len(curve)
    whole = NetRegressor(lr=0.05, epochs=int(np.argmin(curve)) + 1, patience=200, seed=2).fit(X, y)
    assert all(a.equal(b) for a, b in zip(net.module_.parameters(), whole.module_.parameters()))


def test_several_targets_are_predicted_together():
    X, y = make_regression(80, 4, n_targets=3, random_state=0)
    assert NetRegressor(hidden=(), lr=1.0, epochs=60).fit(X, y).predict(X).shape == (80, 3)


@pytest.mark.parametrize("options, words", [
    ({"optimizer": "Adamm"}, "'Adamm' is neither the name"), ({"lr": -1.0}, "Invalid learning rate"),
    ({"epochs": 0}, "at least 1"), ({"batch_size": 0}, "at least 1"),
    ({"patience": 3, "validation_fraction": 1.0}, "leaves 0 of 30"),
], ids=str)  # fmt: skip
def test_options_that_do_not_fit_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        NetClassifier(**options).fit(*classes(30))


def test_without_scikit_learn_the_import_says_how_to_get_it(monkeypatch):
    find = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", lambda name, *args: find(
        "not_installed" if name.startswith("sklearn") else name, *args))
    monkeypatch.delitem(sys.modules, "course.sklearn")
    with pytest.raises(ImportError, match="pip install scikit-learn"):
        importlib.import_module("course.sklearn")
