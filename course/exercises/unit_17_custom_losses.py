"""Unit 17: custom losses. Log-cosh without overflow, the robust loss and its gradient, learned weights, a loop to mend."""

import math

import numpy as np
from hypothesis import strategies as st

from course.exercises.specification import exercise


def _vector(size, unit=0.5, most=8):
    numbers = st.lists(st.integers(-most, most), min_size=size, max_size=size)
    return numbers.map(lambda numbers: unit * np.array(numbers, float))


_SIZES = st.integers(1, 4)


# --- log-cosh ---------------------------------------------------------------------------------------------------------


def _log_cosh(e):
    return np.abs(e) + np.log1p(np.exp(-2 * np.abs(e))) - math.log(2)


@st.composite
def _predictions(draw):
    size, factor = draw(_SIZES), draw(st.sampled_from([1.0, 1.0, 500.0]))
    return factor * draw(_vector(size)), draw(_vector(size))


@exercise(
    examples=[
        (np.array([1.0]), np.array([0.0])),
        (np.array([2.0, 0.0]), np.array([0.0, 0.0])),
        (np.array([-1.0, 3.0]), np.array([1.0, 1.0])),
        (np.array([1000.0]), np.array([0.0])),
        (np.array([-1000.0, 2.0]), np.array([0.0, 0.5])),
    ],
    cases=_predictions(),
    hints=[
        "cosh of an error of 1000 is infinite. But cosh e = ½ e^|e| (1 + e^(−2|e|)): what is the logarithm of that product?",
        "log cosh e = |e| + log(1 + e^(−2|e|)) − log 2, and none of these terms can overflow.",
        "np.log1p(np.exp(-2 * np.abs(e))) is the middle term; the mean comes last.",
    ],
)
def log_cosh_loss(prediction, target):
    """The mean of log cosh(prediction − target), finite for errors of any size.

    prediction, target: arrays of shape (n,)
    returns: float
    """
    e = np.abs(prediction - target)
    return np.mean(e + np.log1p(np.exp(-2 * e)) - np.log(2))


@log_cosh_loss.misconception(
    "overflow", "For an error of 1000 your loss is infinite: cosh does not fit into a float. Which form never raises e to a large power?"
)
def _(prediction, target):
    with np.errstate(over="ignore"):
        return np.mean(np.log(np.cosh(prediction - target)))


@log_cosh_loss.misconception("sum instead of mean", "Your loss grows with the number of samples. What divides it by n?")
def _(prediction, target):
    return np.sum(_log_cosh(prediction - target))


@log_cosh_loss.misconception("log 2 is missing", "A perfect prediction costs log 2 = 0.693 with you. What is missing?")
def _(prediction, target):
    return np.mean(_log_cosh(prediction - target)) + math.log(2)


@log_cosh_loss.misconception(
    "no absolute value",
    "Right for positive errors; for −1000 you raise e to the power 2000. cosh is symmetric: which sign may e be given?",
)
def _(prediction, target):
    e = prediction - target
    with np.errstate(over="ignore", invalid="ignore"):
        return np.mean(e + np.log1p(np.exp(-2 * e)) - math.log(2))


@log_cosh_loss.misconception(
    "the 2 in the exponent", "You have e^(−|e|) where the formula has e^(−2|e|). Write cosh out: which powers does it hold?"
)
def _(prediction, target):
    e = np.abs(prediction - target)
    return np.mean(e + np.log1p(np.exp(-e)) - math.log(2))


@log_cosh_loss.misconception(
    "only |e| − log 2", "That is what log cosh looks like far out. Near 0 it is a parabola: which term bends it?"
)
def _(prediction, target):
    return np.mean(np.abs(prediction - target) - math.log(2))


# --- the robust loss --------------------------------------------------------------------------------------------------

_SHAPES = st.sampled_from([2.0, 1.0, 0.0, -2.0, 0.5, -1.0, 1.5])
_ROBUST_CASES = _SIZES.flatmap(lambda n: st.tuples(_vector(n), _SHAPES, st.sampled_from([1.0, 0.5, 2.0])))
_ROBUST_EXAMPLES = [
    (np.array([2.0]), 2.0, 1.0),
    (np.array([2.0]), 1.0, 1.0),
    (np.array([2.0]), 0.0, 1.0),
    (np.array([2.0]), -2.0, 1.0),
    (np.array([1.0, -3.0]), 1.0, 0.5),
    (np.array([1.0, -3.0]), 2.0, 2.0),
    (np.array([1.0, -3.0]), 0.5, 2.0),
    (np.array([1.0, -3.0, 0.0]), 0.0, 2.0),
]


def _rho(e, alpha, b=None, power=None, front=None):
    if alpha == 2:
        return e**2 / 2
    if alpha == 0:
        return np.log(e**2 / 2 + 1)
    b = abs(alpha - 2) if b is None else b
    return (b / alpha if front is None else front) * ((e**2 / b + 1) ** (alpha / 2 if power is None else power) - 1)


@exercise(
    points=2,
    examples=_ROBUST_EXAMPLES,
    cases=_ROBUST_CASES,
    hints=[
        "First divide the errors by the scale. Then three cases: α = 2, α = 0 and all others.",
        "For α = 2 it is ½ e², for α = 0 log(½ e² + 1): the general formula would divide by 0 there.",
        "b = abs(alpha - 2); otherwise b / alpha * ((e**2 / b + 1) ** (alpha / 2) - 1).",
    ],
)
def robust_values(errors, alpha, scale):
    """Barron's robust loss of each error.

    errors: array of shape (n,), predictions minus targets
    alpha: float, the shape, at most 2; 2 and 0 have formulas of their own
    scale: float above 0, by which the errors are divided first
    returns: array of shape (n,)
    """
    e = errors / scale
    if alpha == 2:
        return e**2 / 2
    if alpha == 0:
        return np.log(e**2 / 2 + 1)
    b = abs(alpha - 2)
    return b / alpha * ((e**2 / b + 1) ** (alpha / 2) - 1)


@robust_values.misconception("no scale", "The scale does nothing with you. What happens to the errors before the formula?")
def _(errors, alpha, scale):
    return _rho(errors, alpha)


@robust_values.misconception("scale outside", "You divide the loss by the scale. It is the *error* that is measured in units of it.")
def _(errors, alpha, scale):
    return _rho(errors, alpha) / scale


@robust_values.misconception(
    "the − 1 is missing", "An error of 0 should cost 0. What does your formula give there when α is neither 0 nor 2?"
)
def _(errors, alpha, scale):
    b = abs(alpha - 2)
    return _rho(errors / scale, alpha) + (b / alpha if alpha not in (0, 2) else 0.0)


@robust_values.misconception("power α", "Your power is α, the formula has α/2. Try α = 1: a root should appear.")
def _(errors, alpha, scale):
    return _rho(errors / scale, alpha, power=alpha)


@robust_values.misconception("mean", "You return one number. Asked is the loss of each error.")
def _(errors, alpha, scale):
    return np.mean(_rho(errors / scale, alpha))


@robust_values.misconception(
    "no ½ in the special cases", "For α = 2 or α = 0 your square is not halved. All shapes are alike near 0: ½ e²."
)
def _(errors, alpha, scale):
    e = errors / scale
    return e**2 if alpha == 2 else np.log(e**2 + 1) if alpha == 0 else _rho(e, alpha)


@robust_values.misconception(
    "b without the absolute value", "You have α − 2 where the formula has |α − 2|: a negative number under a root. Which sign has b?"
)
def _(errors, alpha, scale):
    with np.errstate(invalid="ignore", divide="ignore"):
        return _rho(errors / scale, alpha, b=alpha - 2)


@robust_values.misconception(
    "special cases forgotten", "For α = 2 or α = 0 you divide by 0. What does the docstring say of these two?"
)
def _(errors, alpha, scale):
    e, b = errors / scale, np.abs(np.float64(alpha) - 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return b / alpha * ((e**2 / b + 1) ** (alpha / 2) - 1) if alpha else np.full(len(e), np.nan)


# --- its gradient -----------------------------------------------------------------------------------------------------


def _slope(e, alpha, power=None):
    if alpha == 2:
        return e
    b = abs(alpha - 2)
    return e * (e**2 / b + 1) ** (alpha / 2 - 1 if power is None else power)


@exercise(
    points=2,
    examples=_ROBUST_EXAMPLES,
    cases=_ROBUST_CASES,
    hints=[
        "The outer derivative of (…)^(α/2) brings α/2 down; the inner one, of e²/b, is 2e/b. What is left of b/α · α/2 · 2/b?",
        "dρ/de = e · (e²/b + 1)^(α/2 − 1), for α = 0 too. For α = 2 it is e.",
        "The errors are e = errors / scale: the chain rule adds one more 1/scale.",
    ],
)
def robust_gradient(errors, alpha, scale):
    """The derivative of Barron's robust loss of each error, by that error.

    errors: array of shape (n,), predictions minus targets
    alpha: float, the shape, at most 2
    scale: float above 0: the loss is ρ(errors / scale, alpha)
    returns: array of shape (n,)
    """
    e = errors / scale
    if alpha == 2:
        return e / scale
    b = abs(alpha - 2)
    return e * (e**2 / b + 1) ** (alpha / 2 - 1) / scale


@robust_gradient.misconception(
    "no chain rule for the scale", "Your derivative is by e = errors / scale. Asked is that by the error itself: what does the inner derivative add?"
)
def _(errors, alpha, scale):
    return _slope(errors / scale, alpha)


@robust_gradient.misconception("no scale", "The scale does nothing with you. Where does the loss use it?")
def _(errors, alpha, scale):
    return _slope(errors, alpha)


@robust_gradient.misconception(
    "power α/2", "The power drops by 1 when you derive. Yours is still α/2: does your slope for α = 1 stay below 1?"
)
def _(errors, alpha, scale):
    return _slope(errors / scale, alpha, power=alpha / 2) / scale


@robust_gradient.misconception(
    "sign lost", "Your slopes are all positive. For a negative error the loss falls as the error grows: which sign has its slope?"
)
def _(errors, alpha, scale):
    return np.abs(_slope(errors / scale, alpha)) / scale


@robust_gradient.misconception("wrong sign", "Your slope points downhill. A gradient points to where the loss grows.")
def _(errors, alpha, scale):
    return -_slope(errors / scale, alpha) / scale


@robust_gradient.misconception(
    "the inner derivative is missing", "You derived the power and left out its inside: e²/b has a derivative too. What is your slope at e = 0?"
)
def _(errors, alpha, scale):
    e = errors / scale
    b = abs(alpha - 2) or 1.0
    return (e**2 / b + 1) ** (alpha / 2 - 1) / scale


@robust_gradient.misconception("mean", "You divide by the number of errors. Each error's own slope is asked, not that of a mean.")
def _(errors, alpha, scale):
    return _slope(errors / scale, alpha) / scale / len(errors)


@robust_gradient.misconception("always a parabola", "Your slope is that of α = 2, for every shape. What does α change?")
def _(errors, alpha, scale):
    return errors / scale**2


# --- learned weights --------------------------------------------------------------------------------------------------


@st.composite
def _tasks(draw):
    size = draw(st.integers(1, 3))
    losses = 0.25 * np.array(draw(st.lists(st.integers(1, 12), min_size=size, max_size=size)), float)
    return losses, draw(_vector(size, most=4))


@exercise(
    points=2,
    examples=[
        (np.array([1.0]), np.array([0.0])),
        (np.array([2.0, 0.5]), np.array([0.0, 0.0])),
        (np.array([2.0, 0.5]), np.array([1.0, -1.0])),
        (np.array([4.0]), np.array([1.5])),
    ],
    cases=_tasks(),
    hints=[
        "With L = 1 and s = 0 the total is ½ · 1 + 0 = 0.5, and its slope by s is −½ + ½ = 0.",
        "The total sums over the tasks. The gradient has one entry a task: derive ½ e^(−s) L + ½ s by s.",
        "total = np.sum(np.exp(-s) * losses + s) / 2; gradient = (1 - np.exp(-s) * losses) / 2",
    ],
)
def weighted_tasks(losses, s):
    """The total of several regression losses with learned weights, J = Σ (½ e^(−s) L + ½ s), and its gradient by s.

    losses: array of shape (tasks,), the losses L
    s: array of shape (tasks,), the learned log variances
    returns: (total, gradient), a float and an array of shape (tasks,)
    """
    weighted = np.exp(-s) * losses
    return np.sum(weighted + s) / 2, (1 - weighted) / 2


@weighted_tasks.misconception(
    "no price", "Without ½ s the total can be made as small as you like by raising s. What keeps the weights from going to 0?"
)
def _(losses, s):
    weighted = np.exp(-s) * losses
    return np.sum(weighted) / 2, -weighted / 2


@weighted_tasks.misconception("e^s instead of e^−s", "A task with a large s, a noisy one, weighs *more* with you. Which sign has the exponent?")
def _(losses, s):
    weighted = np.exp(s) * losses
    return np.sum(weighted + s) / 2, (1 + weighted) / 2


@weighted_tasks.misconception("wrong sign of the gradient", "Your gradient points downhill. What is the derivative of e^(−s)?")
def _(losses, s):
    weighted = np.exp(-s) * losses
    return np.sum(weighted + s) / 2, (weighted - 1) / 2


@weighted_tasks.misconception(
    "the inner derivative is missing", "You derived e^(−s) as e^(−s). The inside, −s, has a derivative too."
)
def _(losses, s):
    weighted = np.exp(-s) * losses
    return np.sum(weighted + s) / 2, (1 + weighted) / 2


@weighted_tasks.misconception("no ½", "Total and gradient are twice as large as they should be. Which factor stands before both terms?")
def _(losses, s):
    weighted = np.exp(-s) * losses
    return np.sum(weighted + s), 1 - weighted


@weighted_tasks.misconception("mean over the tasks", "You divide by the number of tasks. The total is a sum.")
def _(losses, s):
    weighted = np.exp(-s) * losses
    return np.mean(weighted + s) / 2, (1 - weighted) / 2 / len(s)


@weighted_tasks.misconception(
    "the price's slope is missing", "Your total is right, and your gradient forgets that ½ s grows with s. What is its derivative?"
)
def _(losses, s):
    weighted = np.exp(-s) * losses
    return np.sum(weighted + s) / 2, -weighted / 2


# --- a loop to mend ---------------------------------------------------------------------------------------------------


@st.composite
def _runs(draw):
    size, most = draw(_SIZES), draw(st.integers(0, 8))
    return draw(_vector(size)), draw(_vector(size)), draw(st.sampled_from([0.1, 0.25, 0.5])), most


def _descend(x, y, lr, steps, residual=lambda w, x, y: w * x - y, signed=True, by_x=True, mean=np.mean, sign=-1, power=-0.5):
    w = 0.0
    for _ in range(steps):
        e = residual(w, x, y)
        pull = (e if signed else np.abs(e)) * (e**2 + 1) ** power
        w = w + sign * lr * mean(pull * x if by_x else pull)
    return w


@exercise(
    points=2,
    examples=[
        (np.array([1.0]), np.array([2.0]), 0.5, 1),
        (np.array([1.0, 2.0]), np.array([2.0, 4.0]), 0.25, 1),
        (np.array([1.0, 2.0]), np.array([2.0, -4.0]), 0.5, 3),
        (np.array([-2.0, 1.0, 0.5]), np.array([1.0, 1.0, 3.0]), 0.1, 5),
        (np.array([1.0]), np.array([2.0]), 0.5, 0),
    ],
    cases=_runs(),
    hints=[
        "One step by hand: x = [1], y = [2], lr = 0.5. The error is −2, its slope −2/√5 = −0.894, so w = 0.447.",
        "The slope of √(e² + 1) is e/√(e² + 1). And by w? e = w·x − y holds another factor.",
        "Three lines are wrong: the error keeps its sign (no abs), the slope is multiplied by x, and the loss is a mean.",
    ],
)
def fit_charbonnier(x, y, lr, steps):
    """Fits y ≈ w·x by gradient descent on the mean of √(e² + 1) − 1, e = w·x − y, from w = 0.

    x, y: arrays of shape (n,)
    lr: float, the learning rate
    steps: int, how many steps to make
    returns: float, w
    """
    w = 0.0
    for _ in range(steps):
        e = w * x - y
        w = w - lr * np.mean(e / np.sqrt(e**2 + 1) * x)
    return w


@fit_charbonnier.misconception(
    "still the broken loop", "This gives what the broken loop gave. Make one step by hand and compare line by line."
)
def _(x, y, lr, steps):
    return _descend(x, y, lr, steps, signed=False, by_x=False, mean=np.sum)


@fit_charbonnier.misconception("the error has lost its sign", "Your error is never negative, so w can only go one way. Where does the abs come from?")
def _(x, y, lr, steps):
    return _descend(x, y, lr, steps, signed=False)


@fit_charbonnier.misconception("x is missing", "Your slope is that by the prediction. By w it has one more factor: which?")
def _(x, y, lr, steps):
    return _descend(x, y, lr, steps, by_x=False)


@fit_charbonnier.misconception("sum instead of mean", "Your step grows with the number of points. The loss is a mean.")
def _(x, y, lr, steps):
    return _descend(x, y, lr, steps, mean=np.sum)


@fit_charbonnier.misconception(
    "the error has lost its sign, and x is missing",
    "Two faults are left: your error is never negative, and the slope by w has one more factor. Which?",
)
def _(x, y, lr, steps):
    return _descend(x, y, lr, steps, signed=False, by_x=False)


@fit_charbonnier.misconception(
    "the error has lost its sign, and is summed",
    "Two faults are left: your error is never negative, and the loss is a mean, not a sum.",
)
def _(x, y, lr, steps):
    return _descend(x, y, lr, steps, signed=False, mean=np.sum)


@fit_charbonnier.misconception(
    "x is missing, and the slope is summed",
    "Two faults are left: the slope by w has one more factor, and the loss is a mean, not a sum.",
)
def _(x, y, lr, steps):
    return _descend(x, y, lr, steps, by_x=False, mean=np.sum)


@fit_charbonnier.misconception("uphill", "Your w runs away from the data. Which sign does the step have?")
def _(x, y, lr, steps):
    return _descend(x, y, lr, steps, sign=1)


@fit_charbonnier.misconception(
    "least squares", "You descend on ½ e²: a far point pulls as hard as it is far. What limits the slope to 1 here?"
)
def _(x, y, lr, steps):
    return _descend(x, y, lr, steps, power=0)


@fit_charbonnier.misconception("no root", "You divide by e² + 1. What is the derivative of a root?")
def _(x, y, lr, steps):
    return _descend(x, y, lr, steps, power=-1)


@fit_charbonnier.misconception("one step short", "You are one step behind. How many rounds does your loop make?")
def _(x, y, lr, steps):
    return _descend(x, y, lr, max(steps - 1, 0))
