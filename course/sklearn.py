"""Networks as scikit-learn's estimators: in a `Pipeline`, in `cross_val_score`, in `GridSearchCV`.

    from course.sklearn import NetClassifier
    GridSearchCV(NetClassifier(epochs=20), {"lr": [0.001, 0.01], "hidden": [(32,), (128,)]}).fit(X, y)

This file needs scikit-learn, and nothing else of the course does.
"""

from __future__ import annotations

import contextlib
import math

import numpy as np

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data
except ImportError as error:
    raise ImportError("course.sklearn needs scikit-learn 1.6 or newer: pip install scikit-learn") from error

from . import nn, optim
from .autograd import no_grad
from .creation import randperm, tensor
from .random import fork_rng, manual_seed
from .tensor import Tensor


@contextlib.contextmanager
def _seeded(seed: int):
    """Inside, the random stream begins at the seed; outside, it goes on as if nothing had been drawn."""
    with fork_rng():
        manual_seed(seed)
        yield


class _Net(BaseEstimator):
    """What both have in common: options, and the training loop of lesson 12."""

    def __init__(self, hidden=(64,), module=None, loss=None, optimizer="Adam", lr=0.01, weight_decay=0.0,
                 batch_size=32, epochs=50, patience=None, validation_fraction=0.2, seed=0):
        self.hidden = hidden
        self.module = module
        self.loss = loss
        self.optimizer = optimizer
        self.lr = lr
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.epochs = epochs
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.seed = seed

    def _train(self, X: np.ndarray, y: np.ndarray, outputs: int, loss) -> None:
        """Make the module and minimise the mean loss of its batches; sets module_ and the two curves."""
        if self.epochs < 1 or (self.batch_size is not None and self.batch_size < 1):
            raise ValueError(f"epochs and batch_size must be at least 1, given {self.epochs} and {self.batch_size}")
        with _seeded(self.seed):
            self.module_ = (self.module or self._layers)(X.shape[1], outputs).to(tensor(X).dtype)
            optimizer = self._optimizer()
            (x, wanted), held_out = self._split(tensor(X), tensor(y))
            self.loss_curve_, self.validation_curve_ = [], []
            best = self.module_.state_dict()
            for _ in range(self.epochs):
                self.loss_curve_.append(self._epoch(x, wanted, loss, optimizer))
                if self.patience is not None:
                    self.validation_curve_.append(loss(self._outputs(held_out[0]), held_out[1]).item())
                    waited = len(self.validation_curve_) - 1 - int(np.argmin(self.validation_curve_))
                    if not waited:
                        best = {name: value.clone() for name, value in self.module_.state_dict().items()}
                    elif waited >= self.patience:
                        break
            self.module_.load_state_dict(best)
            self.module_.eval()

    def _layers(self, inputs: int, outputs: int) -> nn.Module:
        """Linear layers of the sizes in `hidden`, with ReLU between them."""
        sizes = [inputs, *([self.hidden] if isinstance(self.hidden, int) else self.hidden)]
        layers = [layer for a, b in zip(sizes, sizes[1:]) for layer in (nn.Linear(a, b), nn.ReLU())]
        return nn.Sequential(*layers, nn.Linear(sizes[-1], outputs))

    def _optimizer(self) -> optim.Optimizer:
        make = getattr(optim, self.optimizer, None) if isinstance(self.optimizer, str) else self.optimizer
        if not callable(make):
            raise ValueError(f"optimizer={self.optimizer!r} is neither the name of an optimiser in course.optim, such "
                             "as 'Adam', nor a class")
        options = {"weight_decay": self.weight_decay} if self.weight_decay else {}
        return make(self.module_.parameters(), lr=self.lr, **options)

    def _split(self, X: Tensor, y: Tensor) -> tuple:
        """The rows to train on and, if there is patience to measure, the rows to judge by."""
        if self.patience is None:
            return (X, y), None
        count = math.ceil(len(X) * self.validation_fraction)
        if not 0 < count < len(X):
            raise ValueError(f"validation_fraction={self.validation_fraction} leaves {len(X) - count} of {len(X)} "
                             "samples to train on")
        rows = randperm(len(X))
        return tuple((X[part], y[part]) for part in (rows[count:], rows[:count]))

    def _epoch(self, X: Tensor, y: Tensor, loss, optimizer) -> float:
        """One pass over the rows in a new order; the mean loss on the way."""
        self.module_.train()
        total = 0.0
        for rows in randperm(len(X)).split(self.batch_size or len(X)):

            def closure(x=X[rows], wanted=y[rows]):
                optimizer.zero_grad()
                value = loss(self.module_(x), wanted)
                value.backward()
                return value

            total += optimizer.step(closure).item() * len(rows)
        return total / len(X)

    @no_grad()
    def _outputs(self, x: Tensor) -> Tensor:
        self.module_.eval()
        return self.module_(x)

    def _predicted(self, X) -> np.ndarray:
        """What the module gives for the rows of X."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=(np.float64, np.float32), reset=False)
        return self._outputs(tensor(X).to(next(self.module_.parameters()).dtype)).numpy()


class NetClassifier(ClassifierMixin, _Net):
    """A network that classifies rows of numbers, as scikit-learn's estimators do.

    Args: hidden: the sizes of its hidden layers (linear, ReLU), a number for a single one; module: a function
    (features, classes) → Module to use instead; loss: of scores and labels, cross entropy where it is None; optimizer:
    a name or a class of `course.optim`; lr, weight_decay: its options; batch_size: samples a step, all of them where it
    is None; epochs; patience: stop after so many epochs in which the loss on a held-out validation_fraction of the
    samples did not fall, and go back to the best; seed: of weights, order and dropout.
    Numbers are float32 if X is, else float64.
    After `fit`: module_, classes_, loss_curve_ and, with patience, validation_curve_.
    Raises ValueError for options and data that do not fit.
    """

    def fit(self, X, y) -> NetClassifier:
        """Train a new network on samples X (n, features) and their classes y (n,)."""
        X, y = validate_data(self, X, y, dtype=(np.float64, np.float32))
        check_classification_targets(y)
        self.classes_, labels = np.unique(column_or_1d(y, warn=True), return_inverse=True)
        self._train(X, labels, len(self.classes_), self.loss or nn.functional.cross_entropy)
        return self

    def predict_proba(self, X) -> np.ndarray:
        """The probability of each class, (n, classes): softmax of the network's scores."""
        return nn.functional.softmax(tensor(self._predicted(X)), dim=1).numpy()

    def predict(self, X) -> np.ndarray:
        """The most probable class of each row, (n,)."""
        scores = self._predicted(X)
        return self.classes_[scores.argmax(1)]


class NetRegressor(RegressorMixin, _Net):
    """A network that predicts numbers from rows of numbers, as scikit-learn's estimators do.

    Args, what there is after `fit` and errors as for `NetClassifier`, without classes_; loss: of predictions and
    targets, mean squared error where it is None. Several targets, y of shape (n, targets), are predicted together.
    """

    def fit(self, X, y) -> NetRegressor:
        """Train a new network on samples X (n, features) and their targets y (n,) or (n, targets)."""
        X, y = validate_data(self, X, y, dtype=(np.float64, np.float32), multi_output=True, y_numeric=True)
        self._shape = y.shape[1:]
        targets = y.reshape(len(y), -1).astype(X.dtype)
        self._train(X, targets, targets.shape[1], self.loss or nn.functional.mse_loss)
        return self

    def predict(self, X) -> np.ndarray:
        """The prediction for each row, (n,) or (n, targets)."""
        return self._predicted(X).reshape(-1, *self._shape)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
