"""Unit 04: stochastic gradient descent. A batch's gradient, an epoch, how large a batch must be, a loop to mend."""

import math

import numpy as np
from hypothesis import strategies as st

from course.exercises.specification import exercise


def _vectors(size, unit=0.5):
    """Float64 vectors whose entries are small multiples of `unit`: exact in binary, easy on the eye."""
    numbers = st.lists(st.integers(-4, 4), min_size=size, max_size=size)
    return numbers.map(lambda numbers: unit * np.array(numbers, float))


@st.composite
def _tables(draw, most=6):
    """X (n, d), y (n,) and θ (d,)."""
    n, d = draw(st.integers(1, most)), draw(st.integers(1, 3))
    return np.array([draw(_vectors(d)) for _ in range(n)]), draw(_vectors(n)), draw(_vectors(d))


def _mse_gradient(theta, X, y):
    return 2 / len(X) * X.T @ (X @ theta - y)


_X = np.array([[1.0], [1.0], [1.0], [1.0]])
_Y = np.array([1.0, 3.0, 5.0, 7.0])


# --- the gradient of one batch ----------------------------------------------------------------------------------------


@st.composite
def _batches(draw):
    X, y, theta = draw(_tables())
    rows = draw(st.permutations(range(len(X))))[: draw(st.integers(1, len(X)))]
    return theta, X, y, np.array(rows)


@exercise(
    examples=[
        (np.array([0.0]), _X, _Y, np.array([0])),  # −2
        (np.array([0.0]), _X, _Y, np.array([0, 1])),  # −4
        (np.array([0.0]), _X, _Y, np.array([3, 0])),  # −8
        (np.array([4.0]), _X, _Y, np.array([0, 1, 2, 3])),  # 0: the minimum
        (np.array([1.0, -1.0]), np.array([[1.0, 2.0], [3.0, 4.0], [0.0, 1.0]]), np.array([1.0, 0.0, 2.0]),
         np.array([2, 0])),
    ],
    cases=_batches(),
    hints=[
        "Forget the rest of the table for a moment: X[rows] and y[rows] are all the data that this step sees.",
        "The gradient of the mean squared error is 2/B · Xᵀ(Xθ − y), for B rows. Which X, which y, which B?",
        "error = X[rows] @ theta - y[rows]; then 2 * X[rows].T @ error, divided by how many rows there are.",
    ],
)
def minibatch_gradient(theta, X, y, rows):
    """The gradient ∇J(θ; ξ) of the mean squared error of ŷ = Xθ on one batch.

    theta: array of shape (d,), the parameters
    X: array of shape (n, d), all inputs
    y: array of shape (n,), all targets
    rows: array of B whole numbers, the batch ξ
    returns: array of shape (d,)
    """
    return _mse_gradient(theta, X[rows], y[rows])


@minibatch_gradient.misconception(
    "all the data", "You take the gradient on all rows: that is gradient descent. Which rows belong to this batch?"
)
def _(theta, X, y, rows):
    return _mse_gradient(theta, X, y)


@minibatch_gradient.misconception(
    "sum instead of mean",
    "Your gradient is a sum over the batch: a batch twice as large takes twice the step. What turns a sum into a mean?",
)
def _(theta, X, y, rows):
    return len(rows) * _mse_gradient(theta, X[rows], y[rows])


@minibatch_gradient.misconception(
    "divided by n",
    "You divide by the number of all samples. The mean is taken over the batch: how many rows does it hold?",
)
def _(theta, X, y, rows):
    return len(rows) / len(X) * _mse_gradient(theta, X[rows], y[rows])


@minibatch_gradient.misconception(
    "no factor 2", "Half of the gradient is missing. What is the derivative of a square?"
)
def _(theta, X, y, rows):
    return _mse_gradient(theta, X[rows], y[rows]) / 2


@minibatch_gradient.misconception(
    "wrong sign", "Your gradient has the wrong sign. Is the error ŷ − y, or y − ŷ?"
)
def _(theta, X, y, rows):
    return -_mse_gradient(theta, X[rows], y[rows])


@minibatch_gradient.misconception(
    "the mean of the errors",
    "You return the mean error, the same for every parameter. By the chain rule, what does each row's error have to be "
    "multiplied by?",
)
def _(theta, X, y, rows):
    return np.full_like(theta, 2 * np.mean(X[rows] @ theta - y[rows]))


@minibatch_gradient.misconception(
    "the first rows",
    "You take the first rows of the table, as many as the batch has. The batch is a random draw: `rows` says which.",
)
def _(theta, X, y, rows):
    return _mse_gradient(theta, X[: len(rows)], y[: len(rows)])


@minibatch_gradient.misconception(
    "a step instead of a gradient",
    "You return a new θ. Only the gradient is asked for: which lr the step has is decided elsewhere. What do you take "
    "away too much?",
)
def _(theta, X, y, rows):
    return theta - _mse_gradient(theta, X[rows], y[rows])


# --- one epoch --------------------------------------------------------------------------------------------------------


@st.composite
def _epochs(draw):
    X, y, theta = draw(_tables(most=7))
    order = np.array(draw(st.permutations(range(len(X)))))
    return theta, X, y, draw(st.sampled_from([0.1, 0.05, 0.01])), order, draw(st.integers(1, len(X)))


def _walk(theta, X, y, lr, batches):
    for rows in batches:
        theta = theta - lr * _mse_gradient(theta, X[rows], y[rows])
    return theta


def _cut(order, size):
    return [order[first:first + size] for first in range(0, len(order), size)]


@exercise(
    points=2,
    examples=[
        (np.array([0.0]), _X, _Y, 0.25, np.array([0, 3, 1, 2]), 4),  # one step: 2
        (np.array([0.0]), _X, _Y, 0.25, np.array([0, 3, 1, 2]), 2),
        (np.array([0.0]), _X, _Y, 0.25, np.array([3, 2, 1, 0]), 3),  # a last batch of one
        (np.array([0.0]), _X, _Y, 0.25, np.array([2, 0, 3, 1]), 1),
        (np.array([1.0, 0.0]), np.array([[1.0, 2.0], [0.0, 1.0], [2.0, 1.0], [1.0, 1.0], [3.0, 0.0]]),
         np.array([1.0, 2.0, 0.0, 1.0, -1.0]), 0.05, np.array([4, 2, 0, 1, 3]), 2),
    ],
    cases=_epochs(),
    hints=[
        "With five samples in batches of 2 there are three steps: rows order[0:2], order[2:4], order[4:5].",
        "range(0, len(order), batch_size) gives the places where the batches begin. A slice that reaches beyond the "
        "end is simply shorter.",
        "For each place: rows = order[first:first + batch_size]; then the gradient on these rows, divided by "
        "len(rows), and a step from the newest theta.",
    ],
)
def sgd_epoch(theta, X, y, lr, order, batch_size):
    """One epoch of mini-batch SGD on the mean squared error of ŷ = Xθ.

    theta: array of shape (d,), where to start
    X: array of shape (n, d); y: array of shape (n,)
    lr: float, the learning rate
    order: array of shape (n,), the shuffled row numbers
    batch_size: int, rows a step; the last batch may be smaller and is used all the same
    returns: array of shape (d,), θ after the epoch
    """
    return _walk(theta, X, y, lr, _cut(order, batch_size))


@sgd_epoch.misconception(
    "drops the last batch",
    "The samples left over at the end are never used. With five samples and batches of 2, how many steps are there?",
)
def _(theta, X, y, lr, order, batch_size):
    return _walk(theta, X, y, lr, [rows for rows in _cut(order, batch_size) if len(rows) == batch_size])


@sgd_epoch.misconception(
    "ignores the order",
    "You go through the rows as they stand in the table. Which row does order[0] name?",
)
def _(theta, X, y, lr, order, batch_size):
    return _walk(theta, X, y, lr, _cut(np.arange(len(order)), batch_size))


@sgd_epoch.misconception(
    "last batch divided by batch_size",
    "Your last, smaller batch takes too short a step: its mean is over the rows that it has, not over batch_size. "
    "What does len(rows) say there?",
)
def _(theta, X, y, lr, order, batch_size):
    for rows in _cut(order, batch_size):
        theta = theta - lr * 2 / batch_size * X[rows].T @ (X[rows] @ theta - y[rows])
    return theta


@sgd_epoch.misconception(
    "one step with all the data",
    "You make one step with all rows: gradient descent. How many batches does the epoch have?",
)
def _(theta, X, y, lr, order, batch_size):
    return _walk(theta, X, y, lr, [order])


@sgd_epoch.misconception(
    "only the first batch", "You stop after the first batch. Does your return stand inside the loop?"
)
def _(theta, X, y, lr, order, batch_size):
    return _walk(theta, X, y, lr, _cut(order, batch_size)[:1])


@sgd_epoch.misconception(
    "all gradients at the start",
    "Every gradient is taken at the θ of the start. In SGD each step begins where the last one ended: which θ goes "
    "into the error?",
)
def _(theta, X, y, lr, order, batch_size):
    return theta - lr * sum(_mse_gradient(theta, X[rows], y[rows]) for rows in _cut(order, batch_size))


@sgd_epoch.misconception(
    "overlapping batches",
    "Your batches overlap: the next one begins one row further on, and not batch_size rows. What is the third argument "
    "of range for?",
)
def _(theta, X, y, lr, order, batch_size):
    return _walk(theta, X, y, lr, [order[first:first + batch_size] for first in range(len(order))])


@sgd_epoch.misconception("uphill", "Your steps climb. Which sign does a step have?")
def _(theta, X, y, lr, order, batch_size):
    return _walk(theta, X, y, -lr, _cut(order, batch_size))


@sgd_epoch.misconception(
    "changes θ in place",
    "The answer is right, but `theta -= …` moved the caller's own starting point along. How do you write a subtraction "
    "that makes a new array?",
)
def _(theta, X, y, lr, order, batch_size):
    for rows in _cut(order, batch_size):
        theta -= lr * _mse_gradient(theta, X[rows], y[rows])
    return theta


@sgd_epoch.misconception(
    "targets not shuffled",
    "The rows of X come in the shuffled order, those of y as they lie: each input learns another's target. What picks the "
    "rows of both?",
)
def _(theta, X, y, lr, order, batch_size):
    for start in range(0, len(order), batch_size):
        batch = slice(start, start + batch_size)
        theta = theta - lr * _mse_gradient(theta, X[order[batch]], y[batch])
    return theta


@sgd_epoch.misconception(
    "sum instead of mean",
    "Your batch gradient is a sum, so a large batch makes a large step. By how many rows is it divided?",
)
def _(theta, X, y, lr, order, batch_size):
    for rows in _cut(order, batch_size):
        theta = theta - lr * len(rows) * _mse_gradient(theta, X[rows], y[rows])
    return theta


# --- how large a batch must be ----------------------------------------------------------------------------------------


def _total_variance(gradients):
    return float(np.sum(np.var(gradients, axis=0)))


def _clear_of_whole_numbers(case):
    """Rounding must not decide which whole number comes next."""
    gradients, noise = case
    exact = _total_variance(gradients) / noise**2
    return exact == 0 or abs(exact - round(exact)) > 1e-6


@st.composite
def _noises(draw):
    n, d = draw(st.integers(2, 5)), draw(st.integers(1, 3))
    return np.array([draw(_vectors(d)) for _ in range(n)]), draw(st.sampled_from([0.3, 0.5, 0.7, 1.1, 0.2]))


@exercise(
    examples=[
        (np.array([[-2.0], [-6.0], [-10.0], [-14.0]]), 1.5),  # variance 20: 8.9
        (np.array([[3.0, 0.0], [-3.0, 0.0], [0.0, 1.0], [0.0, -1.0]]), 0.6),  # variance 4.5 + 0.5: 13.9
        (np.array([[1.0], [3.0]]), 0.3),
        (np.array([[2.0, 1.0], [2.0, 1.0]]), 0.5),  # no noise at all: one sample will do
        (np.array([[1.0], [3.0]]), 4.0),  # already below: one
    ],
    cases=_noises().filter(_clear_of_whole_numbers),
    hints=[
        "The mean of B independent draws has 1/B of the variance of one draw. The noise is the root of the variance.",
        "The variance of one draw is the sum over the parameters of np.var(gradients, axis=0). You need "
        "variance / B ≤ noise².",
        "B is the next whole number at or above variance / noise², and at least 1: math.ceil or np.ceil, then int and "
        "max.",
    ],
)
def batch_for_noise(gradients, noise):
    """The smallest batch whose gradient has at most this much noise.

    The noise of a batch gradient is the root of its total variance (summed over the parameters). Batches are drawn with
    replacement.
    gradients: array of shape (n, d), the gradient of every single sample
    noise: float, the largest noise that is allowed
    returns: int, the batch size B, at least 1
    """
    return max(1, math.ceil(_total_variance(gradients) / noise**2))


@batch_for_noise.misconception(
    "noise falls as 1/B",
    "You let the noise fall as 1/B. Its variance does; the noise is the root of that. What must you square?",
)
def _(gradients, noise):
    return max(1, math.ceil(math.sqrt(_total_variance(gradients)) / noise))


@batch_for_noise.misconception(
    "noise not squared",
    "You compare a variance with the allowed noise itself. Noise is a root: what is noise² for?",
)
def _(gradients, noise):
    return max(1, math.ceil(_total_variance(gradients) / noise))


@batch_for_noise.misconception(
    "rounded down", "Your batch is one too small: its noise is just above what is allowed. Up or down?"
)
def _(gradients, noise):
    return max(1, math.floor(_total_variance(gradients) / noise**2))


@batch_for_noise.misconception(
    "one too many", "One sample less would do. If B may be anything from 8.9 on, which is the smallest whole number?"
)
def _(gradients, noise):
    return 1 + math.ceil(_total_variance(gradients) / noise**2)


@batch_for_noise.misconception(
    "gradients not centred",
    "You use the mean of the squares. Noise is the spread around the mean gradient: samples that all agree have none. "
    "What must be taken away first?",
)
def _(gradients, noise):
    return max(1, math.ceil(np.sum(np.mean(gradients**2, axis=0)) / noise**2))


@batch_for_noise.misconception(
    "mean over the parameters",
    "You average the variance over the parameters. The length of the error vector adds up over all of them: sum or "
    "mean?",
)
def _(gradients, noise):
    return max(1, math.ceil(np.mean(np.var(gradients, axis=0)) / noise**2))


@batch_for_noise.misconception(
    "one variance for all entries",
    "You take the variance of all entries in one heap. Different parameters have different means: along which axis do "
    "samples vary?",
)
def _(gradients, noise):
    return max(1, math.ceil(np.var(gradients) / noise**2))


@batch_for_noise.misconception(
    "zero samples", "Samples that all agree still need one to be asked. What is the smallest batch there is?"
)
def _(gradients, noise):
    return math.ceil(_total_variance(gradients) / noise**2)


@batch_for_noise.misconception(
    "divided by n − 1",
    "Your variance divides by n − 1, which estimates that of a larger population. Here the batches are drawn from these n "
    "gradients: what is their own variance?",
)
def _(gradients, noise):
    n = len(gradients)
    return max(1, math.ceil(_total_variance(gradients) * n / max(n - 1, 1) / noise**2))


# --- a loop to mend ---------------------------------------------------------------------------------------------------


@st.composite
def _trainings(draw):
    X, y, theta = draw(_tables(most=5))
    orders = np.array([draw(st.permutations(range(len(X)))) for _ in range(draw(st.integers(1, 3)))])
    return X, y, draw(st.sampled_from([0.1, 0.05])), draw(st.sampled_from([0.5, 0.9, 1.0])), orders, draw(
        st.integers(1, len(X)))


_TABLE = np.array([[1.0], [2.0], [3.0]]), np.array([2.0, 3.0, 7.0])


def _train(X, y, lr, decay, orders, batch_size, *, shuffled_y=True, per_step=False, drop=False, early=False):
    theta = np.zeros(X.shape[1])
    for order in orders:
        if early:
            lr = lr * decay
        for first in range(0, len(order) - (batch_size - 1 if drop else 0), batch_size):
            rows = order[first:first + batch_size]
            targets = y[rows] if shuffled_y else y[first:first + batch_size]
            theta = theta - lr * _mse_gradient(theta, X[rows], targets)
            if per_step:
                lr = lr * decay
        if not per_step and not early:
            lr = lr * decay
    return theta


@exercise(
    points=2,
    examples=[
        (*_TABLE, 0.05, 0.5, np.array([[0, 1, 2]]), 3),
        (*_TABLE, 0.05, 0.5, np.array([[2, 0, 1]]), 3),
        (*_TABLE, 0.05, 0.5, np.array([[0, 1, 2]]), 2),
        (*_TABLE, 0.05, 0.5, np.array([[0, 1, 2]]), 1),
        (*_TABLE, 0.05, 0.5, np.array([[0, 1, 2], [2, 1, 0]]), 3),
        (*_TABLE, 0.05, 0.5, np.array([[1, 0, 2], [2, 0, 1], [0, 2, 1]]), 2),
    ],
    cases=_trainings(),
    hints=[
        "Try the smallest cases: all rows in one batch and in order; then shuffled; then batches of 2 out of 3; then "
        "two epochs. Which is the first that goes wrong?",
        "A row of X and its target belong together. A batch that is not full is still a batch. And lr decays once an "
        "epoch.",
        "Three lines: y is never put into the new order; the range ends too early; the line with decay is indented "
        "once too far.",
    ],
)
def train_with_decay(X, y, lr, decay, orders, batch_size):
    """Mini-batch SGD on the mean squared error of ŷ = Xθ, from θ = 0, with a learning rate that decays each epoch.

    X: array of shape (n, d); y: array of shape (n,)
    lr: float, the learning rate of the first epoch
    decay: float, by which lr is multiplied after every epoch
    orders: array of shape (epochs, n), the shuffled row numbers of each epoch
    batch_size: int; the last batch of an epoch may be smaller
    returns: array of shape (d,), θ after the last epoch
    """
    return _train(X, y, lr, decay, orders, batch_size)


@train_with_decay.misconception(
    "still the broken loop",
    "This gives what the broken loop gave. Begin with one epoch and one batch, and compare by hand.",
)
def _(X, y, lr, decay, orders, batch_size):
    return _train(X, y, lr, decay, orders, batch_size, shuffled_y=False, per_step=True, drop=True)


@train_with_decay.misconception(
    "targets not shuffled",
    "Inputs come in the new order, targets in the old one: rows learn the answers of others. Which index does y need?",
)
def _(X, y, lr, decay, orders, batch_size):
    return _train(X, y, lr, decay, orders, batch_size, shuffled_y=False)


@train_with_decay.misconception(
    "decays after every batch",
    "Your learning rate shrinks after every batch, so it depends on the batch size: two knobs in one. When does an "
    "epoch end?",
)
def _(X, y, lr, decay, orders, batch_size):
    return _train(X, y, lr, decay, orders, batch_size, per_step=True)


@train_with_decay.misconception(
    "drops the last batch", "The rows left over at the end of an epoch are never used. Where does your range stop?"
)
def _(X, y, lr, decay, orders, batch_size):
    return _train(X, y, lr, decay, orders, batch_size, drop=True)


@train_with_decay.misconception(
    "decays before the first epoch",
    "Your first epoch already runs at lr · decay. Which learning rate does the docstring give it?",
)
def _(X, y, lr, decay, orders, batch_size):
    return _train(X, y, lr, decay, orders, batch_size, early=True)


@train_with_decay.misconception("no decay", "Your learning rate stays what it was. What happens after each epoch?")
def _(X, y, lr, decay, orders, batch_size):
    return _train(X, y, lr, 1.0, orders, batch_size)


@train_with_decay.misconception(
    "targets not shuffled, and decays after every batch",
    "Two faults are left: targets stay in the old order while inputs are shuffled, and lr shrinks after every batch. "
    "Which line of yours holds y, and how far is the line with decay indented?",
)
def _(X, y, lr, decay, orders, batch_size):
    return _train(X, y, lr, decay, orders, batch_size, shuffled_y=False, per_step=True)


@train_with_decay.misconception(
    "targets not shuffled, and drops the last batch",
    "Two faults are left: targets stay in the old order while inputs are shuffled, and the rows left over at the end "
    "are never used. Which line holds y, and where does your range stop?",
)
def _(X, y, lr, decay, orders, batch_size):
    return _train(X, y, lr, decay, orders, batch_size, shuffled_y=False, drop=True)


@train_with_decay.misconception(
    "decays after every batch, and drops the last batch",
    "Two faults are left: lr shrinks after every batch, and the rows left over at the end are never used. How far is "
    "the line with decay indented, and where does your range stop?",
)
def _(X, y, lr, decay, orders, batch_size):
    return _train(X, y, lr, decay, orders, batch_size, per_step=True, drop=True)
