"""Unit 14: a safe sigmoid, the loss from logits, the gradient of logistic regression, a weighted constant, a loop."""

import numpy as np
from hypothesis import strategies as st

from course.exercises.specification import exercise


def _arrays(*shape):
    """Float64 arrays whose entries are multiples of ½ between −4 and 4: exact in binary, easy on the eye."""
    size = int(np.prod(shape))
    numbers = st.lists(st.integers(-8, 8), min_size=size, max_size=size)
    return numbers.map(lambda numbers: np.array(numbers, float).reshape(shape) / 2)


def _truths(n):
    return st.lists(st.sampled_from([0.0, 1.0]), min_size=n, max_size=n).map(np.array)


def _sigmoid(x):
    small = np.exp(-np.abs(x))
    return np.where(x < 0, small, 1) / (1 + small)


def _softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


# --- sigmoid ----------------------------------------------------------------------------------------------------------


@st.composite
def _any_logits(draw):
    x = draw(_arrays(draw(st.integers(1, 4))))
    return (x * draw(st.sampled_from([1.0, 1.0, 2.0])) + draw(st.sampled_from([0.0, 0.0, 1000.0, -1000.0])),)


@exercise(
    examples=[
        (np.array([0.0]),),
        (np.array([np.log(9.0), -np.log(9.0)]),),
        (np.array([1.0, -2.0, 3.5]),),
        (np.array([[0.5, -0.5], [2.0, -2.0]]),),
        (np.array([-20.0, 20.0]),),
        (np.array([-1000.0, 1000.0]),),
    ],
    cases=_any_logits(),
    may_overflow=False,
    hints=[
        "For x ≥ 0 use 1/(1 + e^−x). For x < 0 multiply above and below by e^x: e^x/(1 + e^x). Both only need e^−|x|.",
        "small = np.exp(-np.abs(x)) is never more than 1. np.where chooses, entry by entry, what stands above.",
        "np.where(x < 0, small, 1) / (1 + small)",
    ],
)
def safe_sigmoid(x):
    """The sigmoid σ(x) = 1 / (1 + e^−x) of logits of any size, with no overflow on the way.

    x: array of any shape, float64
    returns: array of the same shape
    """
    small = np.exp(-np.abs(x))
    return np.where(x < 0, small, 1) / (1 + small)


@safe_sigmoid.misconception(
    "overflow",
    "Right for small logits; for large ones e^x is infinite and infinity by infinity is NaN. Which form of the fraction "
    "needs e^−|x| only?",
)
def _(x):
    return np.exp(x) / (1 + np.exp(x))


@safe_sigmoid.misconception(
    "1 − σ", "Your curve falls from 1 to 0: a large logit should mean a large probability. Which sign has the exponent?"
)
def _(x):
    return _sigmoid(-x)


@safe_sigmoid.misconception("tanh", "Your curve goes from −1 to 1 and through 0. A probability of 0.5 belongs to a logit of 0.")
def _(x):
    return np.tanh(x)


@safe_sigmoid.misconception(
    "both signs alike", "Your curve is the same for x and −x. You use |x| in both branches: what stands above for x < 0?"
)
def _(x):
    return 1 / (1 + np.exp(-np.abs(x)))


@safe_sigmoid.misconception("slope of the sigmoid", "That is σ(1 − σ), the slope. Asked for is σ itself.")
def _(x):
    return _sigmoid(x) * _sigmoid(-x)


@safe_sigmoid.misconception(
    "straight line", "A clipped straight line is no sigmoid: σ never quite reaches 0 or 1. Where is the exponential?"
)
def _(x):
    return np.clip(x / 4 + 0.5, 0, 1)


@safe_sigmoid.misconception("its logarithm", "That is log σ(x), a negative number. Which step is one too many?")
def _(x):
    return -_softplus(-x)


# --- the loss from logits ---------------------------------------------------------------------------------------------


@st.composite
def _predictions(draw):
    n = draw(st.integers(1, 4))
    return draw(_arrays(n)) * draw(st.sampled_from([1.0, 1.0, 100.0])), draw(_truths(n))


@exercise(
    points=2,
    examples=[
        (np.array([0.0]), np.array([1.0])),
        (np.array([2.0]), np.array([0.0])),
        (np.array([2.0, -1.0, 0.5]), np.array([1.0, 1.0, 0.0])),
        (np.array([1000.0]), np.array([1.0])),
        (np.array([1000.0, -1000.0]), np.array([0.0, 1.0])),
        (np.array([-50.0, 3.0]), np.array([0.0, 1.0])),
    ],
    cases=_predictions(),
    hints=[
        "Put p = σ(x) into −y log p − (1 − y) log(1 − p). It becomes log(1 + e^x) − y·x: do it on paper.",
        "log(1 + e^x) = max(x, 0) + log(1 + e^−|x|), and e^−|x| never overflows.",
        "np.mean(np.maximum(x, 0) - y * x + np.log1p(np.exp(-np.abs(x))))",
    ],
)
def bce_from_logits(x, y):
    """The mean binary cross-entropy, from logits of any size.

    x: array of shape (n,), logits
    y: array of shape (n,), what happened, 1.0 or 0.0
    returns: float
    """
    return np.mean(np.maximum(x, 0) - y * x + np.log1p(np.exp(-np.abs(x))))


def _bce(x, y):
    return _softplus(x) - y * x


@bce_from_logits.misconception(
    "overflow",
    "Right for small logits, and not finite for large ones: e^1000 is infinite. Write log(1 + e^x) with e^−|x| instead.",
)
def _(x, y):
    return np.mean(np.log(1 + np.exp(x)) - y * x)


@bce_from_logits.misconception(
    "by way of the probability",
    "Your probability is rounded to 0 or 1, and then a logarithm of 0 is taken. Simplify on paper, before any number: no "
    "probability is left.",
)
def _(x, y):
    p = _sigmoid(x)
    return np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p))


@bce_from_logits.misconception(
    "clipped probability",
    "You keep p away from 0 and 1, so all large errors cost the same and teach nothing. From logits no clipping is needed.",
)
def _(x, y):
    p = np.clip(_sigmoid(x), 1e-7, 1 - 1e-7)
    return np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p))


@bce_from_logits.misconception("sum", "Your loss grows with the number of samples. Is it a sum or a mean?")
def _(x, y):
    return np.sum(_bce(x, y))


@bce_from_logits.misconception(
    "only the yes",
    "Where y = 0 nothing is paid. Then a model that always says “yes” is perfect: which term is missing?",
)
def _(x, y):
    return np.mean(y * _softplus(-x))


@bce_from_logits.misconception(
    "yes and no swapped", "A right answer pays what a wrong one should. Which of the two does y stand before?"
)
def _(x, y):
    return np.mean(_bce(x, 1 - y))


@bce_from_logits.misconception("sign", "Your loss is negative. Logarithms of probabilities are: what stands before the sum?")
def _(x, y):
    return -np.mean(_bce(x, y))


@bce_from_logits.misconception(
    "squared error", "That is (σ(x) − y)², the squared error of the probability: it never exceeds 1. Where is the logarithm?"
)
def _(x, y):
    return np.mean((_sigmoid(x) - y) ** 2)


@bce_from_logits.misconception(
    "sigmoid twice", "You take the sigmoid of a sigmoid: no answer can be surer than 0.73. x is a logit already."
)
def _(x, y):
    return np.mean(_bce(_sigmoid(x), y))


# --- the gradient of logistic regression ------------------------------------------------------------------------------


@st.composite
def _regressions(draw):
    n, k = draw(st.integers(1, 4)), draw(st.integers(1, 2))
    return draw(_arrays(n, k)), draw(_truths(n)), draw(_arrays(k)), draw(st.sampled_from([0.0, 0.5, -1.0]))


@exercise(
    points=2,
    examples=[
        (np.array([[1.0], [2.0]]), np.array([1.0, 0.0]), np.array([0.0]), 0.0),
        (np.array([[2.0]]), np.array([0.0]), np.array([0.5]), -1.0),
        (np.array([[1.0, 0.0], [2.0, 1.0], [0.0, 3.0]]), np.array([1.0, 0.0, 1.0]), np.array([1.0, -1.0]), 0.5),
        (np.array([[1.0], [-1.0]]), np.array([1.0, 0.0]), np.array([2.0]), 0.0),
    ],
    cases=_regressions(),
    hints=[
        "The loss's slope by the logit xᵢ = (Xw)ᵢ + b is (σ(xᵢ) − yᵢ)/n. How does the logit change with w, and how with b?",
        "With w_k it changes by X_ik, with b by 1. Sum over the samples: a product with X.T, and a plain sum.",
        "pull = (1 / (1 + np.exp(-(X @ w + b))) - y) / len(y); return X.T @ pull, pull.sum()",
    ],
)
def logistic_gradient(X, y, w, b):
    """The gradient of the mean binary cross-entropy of logistic regression, whose logits are Xw + b.

    X: array of shape (n, k), the features
    y: array of shape (n,), what happened, 1.0 or 0.0
    w: array of shape (k,), the weights
    b: float, the bias
    returns: (grad_w, grad_b), an array of shape (k,) and a float
    """
    pull = (1 / (1 + np.exp(-(X @ w + b))) - y) / len(y)
    return X.T @ pull, np.sum(pull)


def _logistic(X, y, pull):
    pull = pull / len(y)
    return X.T @ pull, np.sum(pull)


@logistic_gradient.misconception("not divided by n", "Your gradient grows with the number of samples. The loss is a mean.")
def _(X, y, w, b):
    return _logistic(X, y, (_sigmoid(X @ w + b) - y) * len(y))


@logistic_gradient.misconception(
    "true minus predicted", "The signs are reversed: downhill on this gradient the model gets worse. Predicted minus true."
)
def _(X, y, w, b):
    return _logistic(X, y, y - _sigmoid(X @ w + b))


@logistic_gradient.misconception(
    "slope of the sigmoid left in",
    "You multiply by σ(1 − σ) as well. That is the squared error's gradient. Here it cancels against the logarithm's slope: "
    "do it on paper.",
)
def _(X, y, w, b):
    p = _sigmoid(X @ w + b)
    return _logistic(X, y, (p - y) * p * (1 - p))


@logistic_gradient.misconception(
    "slope by the probability", "That is (p − y)/(p(1 − p)), the slope by the *probability*. It still has to pass the sigmoid."
)
def _(X, y, w, b):
    p = _sigmoid(X @ w + b)
    return _logistic(X, y, (p - y) / (p * (1 - p)))


@logistic_gradient.misconception(
    "no sigmoid", "You compare the logit itself with y. What makes a probability of it?"
)
def _(X, y, w, b):
    return _logistic(X, y, X @ w + b - y)


@logistic_gradient.misconception("bias left out of the logit", "Your logits are Xw. Where is b?")
def _(X, y, w, b):
    return _logistic(X, y, _sigmoid(X @ w) - y)


@logistic_gradient.misconception(
    "b gets the features' gradient", "Your bias's gradient is a sum over w's. The logit changes with b by 1: what is left?"
)
def _(X, y, w, b):
    grad_w, _ = _logistic(X, y, _sigmoid(X @ w + b) - y)
    return grad_w, np.sum(grad_w)


@logistic_gradient.misconception(
    "hard answers",
    "You turn the probability into 0 or 1 before you compare: a model that is right but unsure learns nothing more.",
)
def _(X, y, w, b):
    return _logistic(X, y, (X @ w + b > 0) - y)


# --- what a weight does -----------------------------------------------------------------------------------------------


@st.composite
def _shares(draw):
    yes, no = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    return (np.array([1.0] * yes + [0.0] * no), draw(st.sampled_from([0.5, 2.0, 4.0, 9.0, 1.0])))


@exercise(
    examples=[
        (np.array([1.0, 0.0, 0.0, 0.0]), 1.0),
        (np.array([1.0, 0.0, 0.0, 0.0]), 3.0),
        (np.array([1.0, 0.0]), 4.0),
        (np.array([1.0, 1.0, 1.0, 0.0]), 0.5),
        (np.array([0.0, 1.0, 0.0, 0.0, 0.0]), 2.0),
    ],
    cases=_shares(),
    hints=[
        "Let there be m times “yes” and n − m times “no”. The loss is −(w·m·log p + (n − m)·log(1 − p))/n. Where is its slope 0?",
        "w·m/p = (n − m)/(1 − p). Solve for p.",
    ],
)
def best_constant_probability(y, pos_weight):
    """The probability p that, said to everybody, has the lowest binary cross-entropy when each "yes" counts pos_weight times.

    y: array of shape (n,), what happened, 1.0 or 0.0; both occur
    pos_weight: float > 0
    returns: float
    """
    yes, no = np.sum(y), np.sum(1 - y)
    return pos_weight * yes / (pos_weight * yes + no)


@best_constant_probability.misconception(
    "weight ignored", "That is the share of “yes”, the answer for pos_weight = 1. A “yes” that counts w times is like w of them."
)
def _(y, pos_weight):
    return np.mean(y)


@best_constant_probability.misconception(
    "weight times share", "w times the share can be more than 1. What must the weighted “yes” be divided by?"
)
def _(y, pos_weight):
    return pos_weight * np.mean(y)


@best_constant_probability.misconception(
    "weight on the wrong side", "You weigh the “no”. Which of the two does pos_weight multiply?"
)
def _(y, pos_weight):
    return np.sum(y) / (np.sum(y) + pos_weight * np.sum(1 - y))


@best_constant_probability.misconception(
    "the odds, not the probability", "That is w·yes/no, the odds. How do odds become a probability?"
)
def _(y, pos_weight):
    return pos_weight * np.sum(y) / np.sum(1 - y)


@best_constant_probability.misconception(
    "probability of no", "That is the probability of “no”. Asked for is that of “yes”."
)
def _(y, pos_weight):
    return np.sum(1 - y) / (pos_weight * np.sum(y) + np.sum(1 - y))


@best_constant_probability.misconception(
    "the weight alone", "You use w/(w + 1), as if both answers were equally frequent. Where do the counts come in?"
)
def _(y, pos_weight):
    return pos_weight / (pos_weight + 1)


# --- a loop to mend ---------------------------------------------------------------------------------------------------


@st.composite
def _trainings(draw):
    n = draw(st.integers(1, 4))
    return (draw(_arrays(n)), draw(_truths(n)), draw(st.sampled_from([1.0, 2.0, 5.0])),
            draw(st.sampled_from([0.1, 0.5])), draw(st.integers(0, 6)))


def _train(x, y, pos_weight, lr, steps, both=False, twice=False, weight=True, flipped=False, total=False, sign=1.0):
    w, b = 0.0, 0.0
    for _ in range(steps):
        p = _sigmoid(w * x + b)
        p = _sigmoid(p) if twice else p
        heavy = pos_weight if weight else 1.0
        counts = np.where((y == 1) != flipped, heavy, heavy if both else 1.0)
        pull = sign * counts * (p - y)
        mean = np.sum if total else np.mean
        w, b = w - lr * mean(pull * x), b - lr * mean(pull)
    return w, b


@exercise(
    points=2,
    examples=[
        (np.array([1.0]), np.array([1.0]), 2.0, 0.5, 1),
        (np.array([1.0]), np.array([0.0]), 2.0, 0.5, 1),
        (np.array([1.0, -1.0]), np.array([1.0, 0.0]), 1.0, 0.5, 3),
        (np.array([1.0, 2.0, -1.0]), np.array([1.0, 0.0, 0.0]), 5.0, 0.1, 4),
        (np.array([2.0, -2.0]), np.array([1.0, 0.0]), 2.0, 0.1, 0),
    ],
    cases=_trainings(),
    hints=[
        "Print p in the first round. With w = b = 0 every probability must be 0.5.",
        "Then take one sample with y = 0: pos_weight counts a “yes” w times. And a “no”?",
        "One sigmoid only, and pull = np.where(y == 1, pos_weight, 1) * (p - y).",
    ],
)
def train_weighted_logistic(x, y, pos_weight, lr, steps):
    """Fits the logit w·x + b by gradient descent on the mean weighted binary cross-entropy, from w = b = 0.

    x: array of shape (n,), one feature
    y: array of shape (n,), what happened, 1.0 or 0.0
    pos_weight: float > 0, how often each "yes" counts (the mean is still over n)
    lr: float, the learning rate
    steps: int, how many steps to make
    returns: (w, b), two floats
    """
    w, b = 0.0, 0.0
    for _ in range(steps):
        p = 1 / (1 + np.exp(-(w * x + b)))
        pull = np.where(y == 1, pos_weight, 1.0) * (p - y)
        grad_w, grad_b = np.mean(pull * x), np.mean(pull)
        w, b = w - lr * grad_w, b - lr * grad_b
    return w, b


@train_weighted_logistic.misconception(
    "still the broken loop", "This gives what the broken loop gave. Print p in the first round: what should it be?"
)
def _(x, y, pos_weight, lr, steps):
    return _train(x, y, pos_weight, lr, steps, both=True, twice=True)


@train_weighted_logistic.misconception(
    "sigmoid twice", "The weight is right now. But with w = b = 0 your p is 0.62 and not 0.5: how often is the sigmoid taken?"
)
def _(x, y, pos_weight, lr, steps):
    return _train(x, y, pos_weight, lr, steps, twice=True)


@train_weighted_logistic.misconception(
    "both answers weighted",
    "The sigmoid is right now. But your weight multiplies “no” as well, which only makes all steps longer. Which should it "
    "multiply?",
)
def _(x, y, pos_weight, lr, steps):
    return _train(x, y, pos_weight, lr, steps, both=True)


@train_weighted_logistic.misconception(
    "the no is weighted", "You weigh the “no”. pos_weight is for y = 1."
)
def _(x, y, pos_weight, lr, steps):
    return _train(x, y, pos_weight, lr, steps, flipped=True)


@train_weighted_logistic.misconception("weight ignored", "Your loop never uses pos_weight. Which samples should pull harder?")
def _(x, y, pos_weight, lr, steps):
    return _train(x, y, pos_weight, lr, steps, weight=False)


@train_weighted_logistic.misconception("sums", "Your steps grow with the number of samples. The loss is a mean.")
def _(x, y, pos_weight, lr, steps):
    return _train(x, y, pos_weight, lr, steps, total=True)


@train_weighted_logistic.misconception(
    "uphill", "Your probabilities run away from the truth. Is it p − y, and does the update subtract?"
)
def _(x, y, pos_weight, lr, steps):
    return _train(x, y, pos_weight, lr, steps, sign=-1.0)


@train_weighted_logistic.misconception(
    "mean over the weights",
    "You divide by the sum of the weights. PyTorch and the docstring divide by n: a heavier “yes” makes the loss larger.",
)
def _(x, y, pos_weight, lr, steps):
    w, b = 0.0, 0.0
    counts = np.where(y == 1, pos_weight, 1.0)
    for _ in range(steps):
        pull = counts * (_sigmoid(w * x + b) - y) / np.sum(counts)
        w, b = w - lr * np.sum(pull * x), b - lr * np.sum(pull)
    return w, b
