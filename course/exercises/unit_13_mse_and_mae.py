"""Unit 13: losses for numbers. The MSE and its gradient, Huber's, the best constants, normal noise, a loop to mend."""

import numpy as np
from hypothesis import strategies as st

from course.exercises.specification import exercise


def _arrays(*shape):
    """Float64 arrays whose entries are multiples of ½ between −4 and 4: exact in binary, easy on the eye."""
    size = int(np.prod(shape))
    numbers = st.lists(st.integers(-8, 8), min_size=size, max_size=size)
    return numbers.map(lambda numbers: np.array(numbers, float).reshape(shape) / 2)


# --- the mean of the squares ------------------------------------------------------------------------------------------


@st.composite
def _pairs(draw):
    shape = draw(st.sampled_from([(1,), (3,), (2, 2), (3, 2), (2, 1)]))
    return draw(_arrays(*shape)), draw(_arrays(*shape))


@exercise(
    examples=[
        (np.array([3.0, 4.0, 2.0]), np.array([2.0, 4.0, 6.0])),
        (np.array([[3.0, 1.0], [4.0, -2.0], [2.0, 0.5]]), np.array([[2.0, 1.0], [4.0, 1.0], [6.0, 0.0]])),
        (np.array([1.0]), np.array([4.0])),
        (np.array([1.0, -1.0]), np.array([1.0, -1.0])),
        (np.array([2.0, 0.0]), np.array([0.0, 2.0])),
    ],
    cases=_pairs(),
    hints=[
        "Three things, in this order: the errors, their squares, the mean of all of them.",
        "np.mean(a) averages over every element of a, whatever its shape.",
    ],
)
def mean_squared_error(prediction, target):
    """The mean squared error.

    prediction, target: arrays of one shape, any
    returns: float, the mean over all elements
    """
    return np.mean((prediction - target) ** 2)


@mean_squared_error.misconception(
    "sum", "Your loss grows with the number of values. The M stands for mean: by what is the sum divided?"
)
def _(prediction, target):
    return np.sum((prediction - target) ** 2)


@mean_squared_error.misconception(
    "root", "You took the root at the end. That is the RMSE, in the unit of the target. Which step does the MSE not have?"
)
def _(prediction, target):
    return np.sqrt(np.mean((prediction - target) ** 2))


@mean_squared_error.misconception(
    "absolute values", "That is the mean absolute error. Errors of 1 and −4: what are their squares?"
)
def _(prediction, target):
    return np.mean(np.abs(prediction - target))


@mean_squared_error.misconception(
    "half",
    "Your loss is half of it. Some books put ½ before the square to get a tidy derivative. Does the formula here have it?",
)
def _(prediction, target):
    return np.mean((prediction - target) ** 2) / 2


@mean_squared_error.misconception(
    "square of the mean",
    "You average first and square then: errors of 2 and −2 cancel to 0. Which of the two must come first?",
)
def _(prediction, target):
    return np.mean(prediction - target) ** 2


@mean_squared_error.misconception(
    "divided by the rows",
    "You divide by the number of rows. With two columns there are twice as many errors: n counts every element.",
)
def _(prediction, target):
    return np.sum((prediction - target) ** 2) / len(prediction)


@mean_squared_error.misconception(
    "no square", "You return the mean error. Errors above and below cancel in it: what keeps them from doing so?"
)
def _(prediction, target):
    return np.mean(prediction - target)


# --- its gradient for a linear model ----------------------------------------------------------------------------------


@st.composite
def _regressions(draw):
    n, k = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    return draw(_arrays(n, k)), draw(_arrays(k)), draw(_arrays(n))


@exercise(
    points=2,
    examples=[
        (np.array([[1.0], [2.0]]), np.array([1.0]), np.array([3.0, 1.0])),
        (np.array([[1.0, 0.0], [2.0, 1.0], [0.0, 3.0]]), np.array([1.0, -1.0]), np.array([0.0, 2.0, 1.0])),
        (np.array([[2.0]]), np.array([0.5]), np.array([0.0])),
        (np.array([[1.0, 2.0]]), np.array([1.0, 1.0]), np.array([5.0])),
        (np.array([[1.0], [-1.0]]), np.array([2.0]), np.array([2.0, -2.0])),
    ],
    cases=_regressions(),
    hints=[
        "The chain rule: ∂J/∂w_k = Σᵢ ∂J/∂eᵢ · ∂eᵢ/∂w_k. The first factor is 2eᵢ/n. What is the second, for eᵢ = Σ_k X_ik w_k − yᵢ?",
        "The second factor is X_ik. A sum over i of X_ik times something is a product with the transpose, X.T.",
        "With error = X @ w - y it is 2 / n * X.T @ error, n being the number of rows.",
    ],
)
def linear_mse_gradient(X, w, y):
    """The gradient of the mean squared error of a linear model, by its weights: J(w) = (1/n) Σᵢ ((Xw)ᵢ − yᵢ)².

    X: array of shape (n, k), the features
    w: array of shape (k,), the weights
    y: array of shape (n,), what was measured
    returns: array of shape (k,), ∂J/∂w
    """
    error = X @ w - y
    return 2 / len(y) * X.T @ error


def _mse_gradient(X, w, y, factor=2.0, error=None):
    return factor / len(y) * X.T @ (X @ w - y if error is None else error)


@linear_mse_gradient.misconception("factor 2 missing", "Your gradient is half as long. What is the derivative of a square?")
def _(X, w, y):
    return _mse_gradient(X, w, y, 1.0)


@linear_mse_gradient.misconception(
    "not divided by n", "Your gradient grows with the number of rows. The loss is a mean: what does its derivative inherit?"
)
def _(X, w, y):
    return _mse_gradient(X, w, y, 2.0 * len(y))


@linear_mse_gradient.misconception(
    "uphill and downhill mixed up",
    "Your gradient points the other way. You differentiate (y − Xw)²: which sign does the inner derivative bring?",
)
def _(X, w, y):
    return _mse_gradient(X, w, y, -2.0)


@linear_mse_gradient.misconception(
    "divided by all of X", "You divide by the number of entries of X. How many *errors* are averaged in the loss?"
)
def _(X, w, y):
    return _mse_gradient(X, w, y, 2.0 * len(y) / X.size)


@linear_mse_gradient.misconception(
    "no target", "Your gradient knows nothing of y. What is the error, for one row?"
)
def _(X, w, y):
    return _mse_gradient(X, w, y, error=X @ w)


@linear_mse_gradient.misconception(
    "signs instead of errors",
    "You use only the sign of each error. That is the gradient of the mean absolute error: how does a square pull?",
)
def _(X, w, y):
    return _mse_gradient(X, w, y, 1.0, np.sign(X @ w - y))


@linear_mse_gradient.misconception(
    "no inner derivative",
    "Every weight gets the same gradient. The chain rule has a second factor: how does error i change with weight k?",
)
def _(X, w, y):
    return np.full(w.shape, 2 * np.mean(X @ w - y))


@linear_mse_gradient.misconception(
    "gradient of the root",
    "That is the gradient of the root of the MSE: yours is divided by the RMSE. Where is a root in J?",
)
def _(X, w, y):
    loss = np.mean((X @ w - y) ** 2)
    return _mse_gradient(X, w, y, 1.0) / np.sqrt(loss) if loss else np.zeros(w.shape)


# --- Huber's gradient -------------------------------------------------------------------------------------------------


@st.composite
def _huber_cases(draw):
    prediction, target = draw(_pairs())
    return prediction, target, draw(st.sampled_from([0.5, 1.5, 2.0, 3.0]))


@exercise(
    points=2,
    examples=[
        (np.array([3.0, 4.0, 2.0]), np.array([2.0, 4.0, 6.0]), 2.0),
        (np.array([[3.0, 1.0], [4.0, -2.0], [2.0, 0.5]]), np.array([[2.0, 1.0], [4.0, 1.0], [6.0, 0.0]]), 2.0),
        (np.array([5.0]), np.array([1.0]), 1.5),
        (np.array([1.0]), np.array([5.0]), 1.5),
        (np.array([1.0, 2.0]), np.array([0.0, 0.0]), 3.0),
        (np.array([2.0, -2.0, 0.0]), np.array([0.0, 0.0, 0.0]), 2.0),
    ],
    cases=_huber_cases(),
    hints=[
        "Differentiate the two pieces one by one: ½e² gives e, and δ(|e| − ½δ) gives δ times the sign of e.",
        "Both pieces together: the error itself, but never beyond −δ or δ. NumPy has a function that limits values.",
        "np.clip(prediction - target, -delta, delta), and the loss is a mean over all elements.",
    ],
)
def huber_gradient(prediction, target, delta):
    """The gradient of the mean of Huber's loss, by the predictions.

    prediction, target: arrays of one shape, any
    delta: float > 0, where squares end and straight lines begin
    returns: array of the same shape
    """
    return np.clip(prediction - target, -delta, delta) / prediction.size


def _huber(prediction, target, delta, inner=1.0, outer=None, share=None):
    error = prediction - target
    outer = delta * np.sign(error) if outer is None else outer(error)
    slope = np.where(np.abs(error) <= delta, inner * error, outer)
    return slope / (prediction.size if share is None else share)


@huber_gradient.misconception("sum", "You forgot the mean: a loss divided by n has a gradient divided by …?")
def _(prediction, target, delta):
    return _huber(prediction, target, delta, share=1)


@huber_gradient.misconception(
    "slope 1 beyond δ",
    "Beyond δ your slope is ±1. The straight line is δ(|e| − ½δ): what stands before |e|? Without a jump at δ the two "
    "pieces must have the same slope there.",
)
def _(prediction, target, delta):
    return _huber(prediction, target, delta, outer=np.sign)


@huber_gradient.misconception(
    "never limited", "Your slope grows with the error for ever, as in the MSE. What happens to it at δ?"
)
def _(prediction, target, delta):
    return _huber(prediction, target, delta, outer=lambda error: error)


@huber_gradient.misconception(
    "a 2 too many", "Near zero your slope is 2e. Huber's square has a ½ before it: what is the derivative of ½e²?"
)
def _(prediction, target, delta):
    return _huber(prediction, target, delta, inner=2.0)


@huber_gradient.misconception(
    "outliers ignored",
    "Beyond δ your slope is 0: an outlier would not pull at all. Huber's line rises there. How steeply?",
)
def _(prediction, target, delta):
    return _huber(prediction, target, delta, outer=np.zeros_like)


@huber_gradient.misconception(
    "sign lost",
    "An error far *below* zero gets the slope +δ. To lower that loss the prediction must rise: which sign has the slope?",
)
def _(prediction, target, delta):
    return _huber(prediction, target, delta, outer=lambda error: np.full_like(error, delta))


@huber_gradient.misconception(
    "other way round",
    "Your gradient points the other way. Is the error prediction − target, or target − prediction?",
)
def _(prediction, target, delta):
    return -_huber(prediction, target, delta)


@huber_gradient.misconception(
    "smooth L1", "You divided by δ: that is the gradient of smooth L1 with β = δ. What is Huber's slope near zero?"
)
def _(prediction, target, delta):
    return _huber(prediction, target, delta) / delta


@huber_gradient.misconception(
    "divided by the rows", "You divide by the number of rows. With two columns there are twice as many errors to average."
)
def _(prediction, target, delta):
    return _huber(prediction, target, delta, share=len(prediction))


@huber_gradient.misconception(
    "the loss, not its gradient", "Those are the losses themselves. The gradient is their slope: differentiate each piece."
)
def _(prediction, target, delta):
    size = np.abs(prediction - target)
    return np.where(size <= delta, size**2 / 2, delta * (size - delta / 2))


# --- the best constants -----------------------------------------------------------------------------------------------


@exercise(
    examples=[
        (np.array([2.0, 3.0, 4.0, 5.0, 200.0]),),
        (np.array([4.0, 1.0, 10.0]),),
        (np.array([1.0, 8.0, 2.0, 3.0]),),
        (np.array([7.0]),),
        (np.array([5.0, 5.0, 0.0, 1.0, 2.0]),),
    ],
    cases=st.lists(st.integers(-8, 40), min_size=1, max_size=7).map(lambda y: (np.array(y, float),)),
    hints=[
        "Set the slope to zero. For the MSE: Σ 2(c − yᵢ) = 0. Which c is that?",
        "For the MAE the slope is a sum of signs: as many −1 as +1. How many of the values must lie below c, how many "
        "above?",
    ],
)
def best_constants(y):
    """The constants that predict y best: one with the lowest mean squared, one with the lowest mean absolute error.

    y: array of shape (n,), not sorted
    returns: (c_mse, c_mae), two floats; where a whole interval is best for the MAE, its middle
    """
    return np.mean(y), np.median(y)


@best_constants.misconception(
    "swapped", "You have them the wrong way round. Which of the two follows an outlier: signs, or errors, that cancel?"
)
def _(y):
    return np.median(y), np.mean(y)


@best_constants.misconception(
    "the mean for both", "The MAE's slopes are signs, and they do not cancel at the mean. Where are as many above as below?"
)
def _(y):
    return np.mean(y), np.mean(y)


@best_constants.misconception(
    "the median for both", "The MSE's slopes are 2(c − y). At the median they do not cancel. For which c is their sum 0?"
)
def _(y):
    return np.median(y), np.median(y)


@best_constants.misconception(
    "not sorted", "You take the value in the middle of the *list*. In which order must the values stand before that?"
)
def _(y):
    n = len(y)
    return np.mean(y), (y[(n - 1) // 2] + y[n // 2]) / 2


@best_constants.misconception(
    "upper of two", "With an even number of values there are two in the middle, and you return the larger. What lies half-way?"
)
def _(y):
    return np.mean(y), np.sort(y)[len(y) // 2]


@best_constants.misconception(
    "lower of two", "With an even number of values there are two in the middle, and you return the smaller. What lies half-way?"
)
def _(y):
    return np.mean(y), np.sort(y)[(len(y) - 1) // 2]


@best_constants.misconception(
    "half-way between the extremes",
    "Half-way between the smallest and the largest value is best for the *largest* error. Which value has as many above "
    "as below?",
)
def _(y):
    return np.mean(y), (y.min() + y.max()) / 2


@best_constants.misconception(
    "the losses, not the constants", "Those are the lowest losses. Asked for are the constants at which they are reached."
)
def _(y):
    return np.mean((y - np.mean(y)) ** 2), np.mean(np.abs(y - np.median(y)))


# --- where the loss comes from ----------------------------------------------------------------------------------------


@st.composite
def _noisy(draw):
    n = draw(st.integers(1, 4))
    return draw(_arrays(n)), draw(_arrays(n)), draw(st.sampled_from([1.0, 2.0, 0.5, 3.0]))


@exercise(
    points=2,
    examples=[
        (np.array([1.0, 3.0]), np.array([0.0, 4.0]), 1.0),
        (np.array([1.0, 3.0]), np.array([0.0, 4.0]), 2.0),
        (np.array([2.0, 2.0, 2.0]), np.array([2.0, 2.0, 2.0]), 0.5),
        (np.array([0.0]), np.array([3.0]), 1.0),
        (np.array([60.0, 0.0]), np.array([0.0, 0.0]), 1.0),
    ],
    cases=_noisy(),
    hints=[
        "Take the logarithm of the density on paper: a product becomes a sum, and e^… is gone.",
        "−log p(e) has two terms. One is e²/2σ². The other does not depend on the error: the log of what p is divided by.",
        "np.mean(error**2) / (2 * sigma**2) + np.log(sigma * np.sqrt(2 * np.pi))",
    ],
)
def normal_nll(prediction, target, sigma):
    """The negative log-likelihood of normal noise with standard deviation σ, the mean over the samples.

    prediction, target: arrays of shape (n,)
    sigma: float > 0, σ
    returns: float
    """
    return np.mean((prediction - target) ** 2) / (2 * sigma**2) + np.log(sigma * np.sqrt(2 * np.pi))


def _half_square(prediction, target):
    return np.mean((prediction - target) ** 2) / 2


_ROOT = np.sqrt(2 * np.pi)


@normal_nll.misconception(
    "no second term",
    "You have the part that depends on the prediction. What the density is divided by has a logarithm too: which one?",
)
def _(prediction, target, sigma):
    return _half_square(prediction, target) / sigma**2


@normal_nll.misconception(
    "σ missing in the second term", "log √(2π) is right for σ = 1 only. The density is divided by σ√(2π): what is missing?"
)
def _(prediction, target, sigma):
    return _half_square(prediction, target) / sigma**2 + np.log(_ROOT)


@normal_nll.misconception("no ½", "Your error counts twice what it should. What stands under e² in the exponent?")
def _(prediction, target, sigma):
    return 2 * _half_square(prediction, target) / sigma**2 + np.log(sigma * _ROOT)


@normal_nll.misconception("σ not squared", "You divide the square of the error by σ. Which power makes the unit cancel?")
def _(prediction, target, sigma):
    return _half_square(prediction, target) / sigma + np.log(sigma * _ROOT)


@normal_nll.misconception(
    "the likelihood's sign", "Your number grows as the prediction gets better: that is the log-likelihood. Which sign is left?"
)
def _(prediction, target, sigma):
    return -_half_square(prediction, target) / sigma**2 - np.log(sigma * _ROOT)


@normal_nll.misconception(
    "logarithm of zero",
    "An error of 60 has the density e^−1800, which a computer rounds to 0, and its logarithm is −∞. Which exponential need "
    "never be taken?",
)
def _(prediction, target, sigma):
    with np.errstate(divide="ignore"):
        return np.mean(-np.log(np.exp(-((prediction - target) ** 2) / (2 * sigma**2)) / (sigma * _ROOT)))


@normal_nll.misconception("sum", "You add up all samples. Asked for is the mean, so that it does not grow with the data.")
def _(prediction, target, sigma):
    return len(target) * (_half_square(prediction, target) / sigma**2 + np.log(sigma * _ROOT))


@normal_nll.misconception(
    "Laplace's noise", "Absolute errors belong to Laplace's noise. What stands in the exponent of the normal density?"
)
def _(prediction, target, sigma):
    return np.mean(np.abs(prediction - target)) / sigma + np.log(2 * sigma)


# --- a loop to mend ---------------------------------------------------------------------------------------------------


@st.composite
def _columns(draw):
    n = draw(st.integers(1, 4))
    return (draw(_arrays(n, 1)), draw(_arrays(n)), draw(st.sampled_from([0.5, 1.0, 2.0])),
            draw(st.sampled_from([0.1, 0.05])), draw(st.integers(0, 10)))


def _huber_line(x, y, delta, lr, steps, column=False, slope=None, mean=np.mean, late=False):
    """The loop with the faults asked for."""
    x = x if column else x[:, 0]
    slope = slope or (lambda error: np.clip(error, -delta, delta))
    w, b = 0.0, 0.0
    for _ in range(steps):
        pull = slope(w * x + b - y)
        grad_w, grad_b = mean(pull * x), mean(pull)
        w = w - lr * grad_w
        if late:
            grad_b = mean(slope(w * x + b - y))
        b = b - lr * grad_b
    return w, b


def _unsigned(delta):
    return lambda error: np.where(np.abs(error) <= delta, error, delta)


@exercise(
    points=2,
    examples=[
        (np.array([[1.0]]), np.array([0.5]), 1.0, 0.1, 1),
        (np.array([[1.0]]), np.array([4.0]), 1.0, 0.1, 1),
        (np.array([[1.0], [2.0]]), np.array([0.5, 1.0]), 2.0, 0.1, 1),
        (np.array([[1.0], [2.0], [3.0]]), np.array([2.0, 4.0, -6.0]), 1.0, 0.1, 2),
        (np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 4.0]), 0.5, 0.1, 5),
        (np.array([[1.0], [2.0]]), np.array([-3.0, 4.0]), 1.0, 0.1, 0),
    ],
    cases=_columns(),
    hints=[
        "Print error.shape in the broken loop. How many errors should there be for n points?",
        "Then try one point with x = 1, y = 4, δ = 1. The first error is −4: how large is `pull`, and which sign should "
        "it have?",
        "x[:, 0] has shape (n,), as y. And np.clip(error, -delta, delta) keeps the sign.",
    ],
)
def train_huber_line(x, y, delta, lr, steps):
    """Fits y ≈ w·x + b by gradient descent on the mean of Huber's loss, from w = b = 0.

    x: array of shape (n, 1), one column of features
    y: array of shape (n,)
    delta: float, Huber's δ
    lr: float, the learning rate
    steps: int, how many steps to make
    returns: (w, b), two floats
    """
    x = x[:, 0]
    w, b = 0.0, 0.0
    for _ in range(steps):
        error = w * x + b - y
        pull = np.clip(error, -delta, delta)
        grad_w, grad_b = np.mean(pull * x), np.mean(pull)
        w, b = w - lr * grad_w, b - lr * grad_b
    return w, b


@train_huber_line.misconception(
    "still the broken loop", "This gives what the broken loop gave. Print error.shape, then `pull` for an error of −4."
)
def _(x, y, delta, lr, steps):
    return _huber_line(x, y, delta, lr, steps, column=True, slope=_unsigned(delta))


@train_huber_line.misconception(
    "every prediction meets every target",
    "The signs are right now, but shapes (n, 1) and (n,) still make n² errors: each prediction is compared with every "
    "target. How do you give both one shape?",
)
def _(x, y, delta, lr, steps):
    return _huber_line(x, y, delta, lr, steps, column=True)


@train_huber_line.misconception(
    "sign lost",
    "The shapes are right now, but an error far below zero still pulls with +δ: the line is pushed away from the point. "
    "Which sign should it have?",
)
def _(x, y, delta, lr, steps):
    return _huber_line(x, y, delta, lr, steps, slope=_unsigned(delta))


@train_huber_line.misconception(
    "squares only", "Large errors pull without a limit: you fit with squares alone. Where does δ come in?"
)
def _(x, y, delta, lr, steps):
    return _huber_line(x, y, delta, lr, steps, slope=lambda error: error)


@train_huber_line.misconception(
    "a 2 too many", "Your steps are twice as long. Huber's loss is ½e² near zero: what is its derivative?"
)
def _(x, y, delta, lr, steps):
    return _huber_line(x, y, delta, 2 * lr, steps)


@train_huber_line.misconception(
    "slope 1 beyond δ", "Beyond δ your pull is ±1. The two pieces must meet with the same slope: how large is it at e = δ?"
)
def _(x, y, delta, lr, steps):
    return _huber_line(x, y, delta, lr, steps, slope=lambda error: np.where(np.abs(error) <= delta, error, np.sign(error)))


@train_huber_line.misconception(
    "sums", "Your gradients grow with the number of points. The loss is a mean: what does that make of them?"
)
def _(x, y, delta, lr, steps):
    return _huber_line(x, y, delta, lr, steps, mean=np.sum)


@train_huber_line.misconception(
    "b sees the new w",
    "You update w, then take b's gradient with the new w. Both belong to the same place: take both, then update both.",
)
def _(x, y, delta, lr, steps):
    return _huber_line(x, y, delta, lr, steps, late=True)


@train_huber_line.misconception(
    "uphill", "Your line runs away from the points. Is the error prediction − y, and does the update subtract?"
)
def _(x, y, delta, lr, steps):
    return _huber_line(x, y, delta, -lr, steps)


@train_huber_line.misconception(
    "outliers ignored", "Errors beyond δ do not pull at all in your loop. Huber's loss lets them pull with ±δ."
)
def _(x, y, delta, lr, steps):
    return _huber_line(x, y, delta, lr, steps, slope=lambda error: np.where(np.abs(error) <= delta, error, 0))
