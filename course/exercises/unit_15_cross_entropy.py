"""Unit 15: softmax that cannot overflow, the loss from logits, its gradient, smoothed targets, KL, a loop to mend."""

import numpy as np
from hypothesis import strategies as st

from course.exercises.specification import exercise


def _logits(n, classes):
    """Float64 logits, multiples of ½ between −4 and 4."""
    numbers = st.lists(st.integers(-8, 8), min_size=n * classes, max_size=n * classes)
    return numbers.map(lambda numbers: np.array(numbers, float).reshape(n, classes) / 2)


def _classes(n, classes):
    return st.lists(st.integers(0, classes - 1), min_size=n, max_size=n).map(lambda y: np.array(y, dtype=np.int64))


def _softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


# --- softmax ----------------------------------------------------------------------------------------------------------


@st.composite
def _rows_of_logits(draw):
    z = draw(_logits(draw(st.integers(1, 3)), draw(st.integers(2, 4))))
    return (z + draw(st.sampled_from([0.0, 0.0, 1000.0, -1000.0])),)


@exercise(
    points=2,
    examples=[
        (np.array([[2.0, 1.0, 0.0]]),),
        (np.array([[0.0, 0.0], [3.0, 1.0]]),),
        (np.array([[1000.0, 999.0]]),),
        (np.array([[-1000.0, -1001.0, -1000.0]]),),
        (np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 2.0]]),),
        (np.array([[0.0, 1.0], [1000.0, 1001.0]]),),
        (np.array([[2000.0, 0.0]]),),
    ],
    cases=_rows_of_logits(),
    hints=[
        "Each row is a distribution of its own: its sum must be 1. Which axis is added up?",
        "e^1000 is infinite on a computer. Subtract from each row its largest logit: it changes nothing on paper.",
        "e = np.exp(z - z.max(axis=1, keepdims=True)), then divide by e.sum(axis=1, keepdims=True).",
    ],
)
def softmax(z):
    """The probabilities that softmax makes of logits, row by row, for logits of any size.

    z: array of shape (n, C), float64
    returns: array of shape (n, C); each row adds up to 1
    """
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@softmax.misconception(
    "overflow",
    "Right for small logits, NaN for large ones: e^1000 is infinite, and e^−1000 is 0. What may you subtract from every "
    "logit of a row without changing the result?",
)
def _(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


@softmax.misconception(
    "the sum of everything", "All entries together add up to 1. Each *row* should: over which axis do you sum?"
)
def _(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum()


@softmax.misconception(
    "down the columns", "Your columns add up to 1. A row is one sample with its classes: which axis is that?"
)
def _(z):
    e = np.exp(z - z.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


@softmax.misconception(
    "one maximum for all rows",
    "You subtract the largest logit of the *whole* array. A row far below it becomes 0/0. Whose maximum belongs to a row?",
)
def _(z):
    e = np.exp(z - z.max())
    return e / e.sum(axis=1, keepdims=True)


@softmax.misconception(
    "no exponential", "You divide the logits by their sum. A negative logit makes that a negative “probability”: what is missing?"
)
def _(z):
    return z / z.sum(axis=1, keepdims=True)


@softmax.misconception(
    "not divided", "Those are exponentials; a row does not add up to 1 yet. By what must it be divided?"
)
def _(z):
    return np.exp(z - z.max(axis=1, keepdims=True))


@softmax.misconception(
    "sign turned round", "Your largest logit gets the *smallest* probability. Which sign stands in the exponent?"
)
def _(z):
    return _softmax(-z)


@softmax.misconception(
    "the logarithm of it", "Those are the logarithms of the probabilities. Which last step is left out?"
)
def _(z):
    return np.log(np.maximum(_softmax(z), 1e-300))


# --- the loss ---------------------------------------------------------------------------------------------------------


@st.composite
def _batches(draw):
    n, classes = draw(st.integers(1, 3)), draw(st.integers(2, 4))
    return draw(_logits(n, classes)) * draw(st.sampled_from([1.0, 1.0, 200.0])), draw(_classes(n, classes))


@exercise(
    points=2,
    examples=[
        (np.array([[2.0, 1.0, 0.0]]), np.array([0])),
        (np.array([[2.0, 1.0, 0.0], [0.0, 3.0, -1.0]]), np.array([0, 2])),
        (np.array([[0.0, 0.0, 0.0, 0.0]]), np.array([3])),
        (np.array([[1000.0, 0.0]]), np.array([1])),
        (np.array([[1000.0, 0.0]]), np.array([0])),
        (np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 0.0]]), np.array([1, 1, 0])),
        (np.array([[1000.0, 0.0], [0.0, 1.0]]), np.array([0, 1])),
    ],
    cases=_batches(),
    hints=[
        "−log(e^{z_y} / Σ e^{z_j}) is log Σ e^{z_j} − z_y: no division is left.",
        "log Σ e^{z_j} = m + log Σ e^{z_j − m}, with m the largest logit of the row.",
        "The logits of the true classes are z[np.arange(len(z)), y]. Do not forget the mean.",
    ],
)
def cross_entropy_from_logits(z, y):
    """The mean cross-entropy of logits and true classes, for logits of any size.

    z: array of shape (n, C), logits
    y: array of shape (n,), int64, the true classes
    returns: float
    """
    m = z.max(axis=1)
    log_sum = m + np.log(np.exp(z - m[:, None]).sum(axis=1))
    return np.mean(log_sum - z[np.arange(len(z)), y])


def _losses(z, y):
    m = z.max(axis=1)
    return m + np.log(np.exp(z - m[:, None]).sum(axis=1)) - z[np.arange(len(z)), y]


@cross_entropy_from_logits.misconception(
    "overflow",
    "Right for small logits, and not a finite number for large ones. Which logarithm of an infinite sum, or of a zero, do you "
    "take? Subtract the row's maximum *before* the exponential.",
)
def _(z, y):
    q = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return np.mean(-np.log(q[np.arange(len(z)), y]))


@cross_entropy_from_logits.misconception(
    "logarithm of a zero",
    "Your softmax is safe, but its smallest probabilities are rounded to 0, and the logarithm of 0 is −∞. Put the two "
    "together on paper: log Σ e^{z_j} − z_y needs no probability.",
)
def _(z, y):
    return np.mean(-np.log(_softmax(z)[np.arange(len(z)), y]))


@cross_entropy_from_logits.misconception(
    "clipped probability",
    "You keep the probability above some tiny number, so that large errors all cost the same, with no slope to learn "
    "from. log Σ e^{z_j} − z_y needs no clipping.",
)
def _(z, y):
    return np.mean(-np.log(np.maximum(_softmax(z)[np.arange(len(z)), y], 1e-12)))


@cross_entropy_from_logits.misconception(
    "one maximum for all rows",
    "You subtract the largest logit of the *whole* array. In a row far below it every exponential is 0, and so is their "
    "sum. Whose maximum belongs to a row?",
)
def _(z, y):
    m = z.max()
    return np.mean(m + np.log(np.exp(z - m).sum(axis=1)) - z[np.arange(len(z)), y])


@cross_entropy_from_logits.misconception(
    "the maximum is not added back",
    "You subtract the row's maximum inside the exponential, and do not add it again: log Σ e^{z_j − m} is smaller than "
    "log Σ e^{z_j}. By how much?",
)
def _(z, y):
    return np.mean(_losses(z, y) - z.max(axis=1))


@cross_entropy_from_logits.misconception(
    "every label in every row",
    "z[:, y] takes the columns y of *every* row, a table of n × n logits. Each row has one true class: which row goes with "
    "which column?",
)
def _(z, y):
    return np.mean(_losses(z, y)) + np.mean(z[np.arange(len(z)), y]) - np.mean(z[:, y])


@cross_entropy_from_logits.misconception("sum", "Your loss grows with the number of samples. Is it a sum or a mean?")
def _(z, y):
    return np.sum(_losses(z, y))


@cross_entropy_from_logits.misconception(
    "sign", "Your loss is negative. A probability is below 1, so its logarithm is negative: what stands before it?"
)
def _(z, y):
    return -np.mean(_losses(z, y))


@cross_entropy_from_logits.misconception(
    "softmax twice", "You take softmax of a softmax: with C classes your loss never falls below log(1 + (C − 1)/e)."
)
def _(z, y):
    return np.mean(_losses(_softmax(z), y))


@cross_entropy_from_logits.misconception(
    "no softmax", "You return minus the true class's logit. What about the other classes' scores? Where is log Σ e^{z_j}?"
)
def _(z, y):
    return -np.mean(z[np.arange(len(z)), y])


@cross_entropy_from_logits.misconception(
    "probability instead of its logarithm", "You take 1 − q of the true class. Cross-entropy takes −log q."
)
def _(z, y):
    return np.mean(1 - _softmax(z)[np.arange(len(z)), y])


@cross_entropy_from_logits.misconception(
    "logarithm to base 2", "That is the loss in bits. log without a base is the natural one, np.log."
)
def _(z, y):
    return np.mean(_losses(z, y)) / np.log(2)


@cross_entropy_from_logits.misconception(
    "divided by the classes", "You average over classes too. Each sample has one loss: by how many do you divide?"
)
def _(z, y):
    return np.sum(_losses(z, y)) / z.size


# --- its gradient -----------------------------------------------------------------------------------------------------


@st.composite
def _mild_batches(draw):
    n, classes = draw(st.integers(1, 3)), draw(st.integers(2, 4))
    return draw(_logits(n, classes)), draw(_classes(n, classes))


@exercise(
    points=2,
    examples=[
        (np.array([[2.0, 1.0, 0.0]]), np.array([0])),
        (np.array([[2.0, 1.0, 0.0], [0.0, 3.0, -1.0]]), np.array([0, 2])),
        (np.array([[0.0, 0.0]]), np.array([1])),
        (np.array([[1.0, -1.0, 2.0], [0.5, 0.0, 0.0], [3.0, 1.0, -2.0]]), np.array([1, 1, 0])),
    ],
    cases=_mild_batches(),
    hints=[
        "Differentiate log Σ_j e^{z_j} − z_y by z_k, first for k ≠ y, then for k = y.",
        "The first term gives softmax, q_k. The second takes 1 away from the true class only.",
        "q = softmax of z; q[np.arange(len(z)), y] -= 1; and the loss is a mean over n samples.",
    ],
)
def cross_entropy_gradient(z, y):
    """The gradient of the mean cross-entropy, by the logits.

    z: array of shape (n, C), logits
    y: array of shape (n,), int64, the true classes
    returns: array of shape (n, C), ∂J/∂z
    """
    e = np.exp(z - z.max(axis=1, keepdims=True))
    q = e / e.sum(axis=1, keepdims=True)
    q[np.arange(len(z)), y] -= 1
    return q / len(z)


def _one_hot(z, y):
    return np.eye(z.shape[1])[y]


@cross_entropy_gradient.misconception("not divided by n", "The loss is a mean over n samples. What does that make of its gradient?")
def _(z, y):
    return _softmax(z) - _one_hot(z, y)


@cross_entropy_gradient.misconception(
    "wanted minus predicted", "The signs are reversed: following your gradient downhill lowers the true class's logit."
)
def _(z, y):
    return (_one_hot(z, y) - _softmax(z)) / len(z)


@cross_entropy_gradient.misconception(
    "only the true class", "Wrong classes get no gradient from you. Their logits are in log Σ e^{z_j}: which way are they pushed?"
)
def _(z, y):
    return (_softmax(z) - 1) * _one_hot(z, y) / len(z)


@cross_entropy_gradient.misconception(
    "by the probabilities", "That is −y/q, the slope by the *probabilities*. By the logits it still has to pass through softmax."
)
def _(z, y):
    return -_one_hot(z, y) / _softmax(z) / len(z)


@cross_entropy_gradient.misconception(
    "only softmax", "You return q, in the mean. Where does the true class come in?"
)
def _(z, y):
    return _softmax(z) / len(z)


@cross_entropy_gradient.misconception(
    "logits instead of probabilities", "You take the one-hot target from the *logits*. Predicted minus wanted: predicted *what*?"
)
def _(z, y):
    return (z - _one_hot(z, y)) / len(z)


@cross_entropy_gradient.misconception(
    "divided by the classes too", "You divide by n·C. The mean runs over samples: each has one loss, whatever C is."
)
def _(z, y):
    return (_softmax(z) - _one_hot(z, y)) / z.size


@cross_entropy_gradient.misconception(
    "slope of the sigmoid",
    "You multiplied with q(1 − q) as well. That belongs to the squared error of a sigmoid. Here logarithm and softmax cancel "
    "to q − y: derive it once more.",
)
def _(z, y):
    q = _softmax(z)
    return (q - _one_hot(z, y)) * q * (1 - q) / len(z)


@cross_entropy_gradient.misconception(
    "every label in every row",
    "q[:, y] −= 1 takes 1 from the columns y of *every* row: all samples pay for all labels. Which row goes with which "
    "column?",
)
def _(z, y):
    q = _softmax(z)
    q[:, y] -= 1
    return q / len(z)


# --- smoothed targets -------------------------------------------------------------------------------------------------


@st.composite
def _labels(draw):
    classes = draw(st.integers(2, 5))
    return draw(_classes(draw(st.integers(1, 3)), classes)), classes, draw(st.sampled_from([0.1, 0.2, 0.4, 0.0]))


@exercise(
    examples=[
        (np.array([0]), 4, 0.2),
        (np.array([2, 0, 1]), 3, 0.3),
        (np.array([1]), 2, 0.0),
        (np.array([1, 1]), 5, 0.1),
    ],
    cases=_labels(),
    hints=[
        "First without ε: row i is 1 at column y[i] and 0 elsewhere. np.eye(classes)[y] is just that.",
        "Then keep the share 1 − ε of it and spread ε evenly over *all* classes, the true one too.",
    ],
)
def smoothed_targets(y, classes, epsilon):
    """One-hot targets with label smoothing: t_k = (1 − ε)·[k = y] + ε / C.

    y: array of shape (n,), int64, the true classes
    classes: int, C
    epsilon: float in [0, 1), ε
    returns: array of shape (n, C), float64; each row adds up to 1
    """
    return (1 - epsilon) * np.eye(classes)[y] + epsilon / classes


@smoothed_targets.misconception(
    "ε over the wrong classes only",
    "You share ε among the C − 1 wrong classes. Some texts do; the formula here gives each of the C classes ε/C.",
)
def _(y, classes, epsilon):
    hot = np.eye(classes)[y]
    return (1 - epsilon) * hot + epsilon / (classes - 1) * (1 - hot)


@smoothed_targets.misconception(
    "the true class left out of the share", "Your rows add up to less than 1. The true class gets 1 − ε, and what else?"
)
def _(y, classes, epsilon):
    hot = np.eye(classes)[y]
    return (1 - epsilon) * hot + epsilon / classes * (1 - hot)


@smoothed_targets.misconception("not smoothed", "Those are plain one-hot targets. Where does ε come in?")
def _(y, classes, epsilon):
    return np.eye(classes)[y]


@smoothed_targets.misconception(
    "the true class keeps 1", "Your rows add up to more than 1. What is spread over all classes must be taken from the true one first."
)
def _(y, classes, epsilon):
    return np.eye(classes)[y] + epsilon / classes


@smoothed_targets.misconception("ε not divided", "You add ε to every class. Together they should get ε.")
def _(y, classes, epsilon):
    return (1 - epsilon) * np.eye(classes)[y] + epsilon


@smoothed_targets.misconception(
    "ε and 1 − ε swapped", "With ε = 0 your targets are uniform. Which share should the one-hot part keep?"
)
def _(y, classes, epsilon):
    return epsilon * np.eye(classes)[y] + (1 - epsilon) / classes


@smoothed_targets.misconception(
    "every label in every row",
    "t[:, y] means the columns y of *every* row, so each sample gets all the labels. Which row goes with which column?",
)
def _(y, classes, epsilon):
    targets = np.full((len(y), classes), epsilon / classes)
    targets[:, y] += 1 - epsilon
    return targets


# --- what cannot be learned away --------------------------------------------------------------------------------------


@st.composite
def _two_distributions(draw):
    classes = draw(st.integers(2, 4))
    p = np.array(draw(st.lists(st.integers(0, 4), min_size=classes, max_size=classes)), float)
    q = np.array(draw(st.lists(st.integers(1, 4), min_size=classes, max_size=classes)), float)
    p[draw(st.integers(0, classes - 1))] += 1
    return p / p.sum(), q / q.sum()


@exercise(
    points=2,
    examples=[
        (np.array([0.5, 0.25, 0.25]), np.array([0.5, 0.25, 0.25])),
        (np.array([1.0, 0.0]), np.array([0.25, 0.75])),
        (np.array([0.5, 0.5]), np.array([0.25, 0.75])),
        (np.array([0.0, 0.2, 0.8]), np.array([0.5, 0.25, 0.25])),
    ],
    cases=_two_distributions(),
    hints=[
        "The entropy of p is −Σ p log p, and KL(p‖q) = Σ p log(p/q). Together they are H(p, q).",
        "Where p is 0 nothing is added: 0 · log 0 counts as 0. Leave such entries out: keep = p > 0.",
        "p, q = p[p > 0], q[p > 0]; then return -np.sum(p * np.log(p)) and np.sum(p * np.log(p / q)).",
    ],
)
def entropy_and_kl(p, q):
    """The two parts of the cross-entropy H(p, q): the entropy of p, and how far q is from p.

    p: array of shape (C,), the true distribution; entries may be 0
    q: array of shape (C,), the predicted distribution; every entry above 0
    returns: (entropy, kl), two floats, H(p) and KL(p‖q)
    """
    p, q = p[p > 0], q[p > 0]
    return -np.sum(p * np.log(p)), np.sum(p * np.log(p / q))


def _entropy(p):
    p = p[p > 0]
    return -np.sum(p * np.log(p))


def _kl(p, q):
    return -np.sum(p * np.log(q)) - _entropy(p)


@entropy_and_kl.misconception(
    "logarithm of zero",
    "Where p is 0 you get 0 · (−∞), which is NaN. A class that never occurs surprises nobody: what should it add?",
)
def _(p, q):
    return -np.sum(p * np.log(p)), np.sum(p * np.log(p / q))


@entropy_and_kl.misconception(
    "H(p, q) instead of KL", "Your second number is the whole cross-entropy: for q = p it is not 0. What must be taken away?"
)
def _(p, q):
    return _entropy(p), -np.sum(p * np.log(q))


@entropy_and_kl.misconception(
    "KL the other way round", "You compute Σ q log(q/p): KL is not symmetric. Under which distribution do things really happen?"
)
def _(p, q):
    with np.errstate(divide="ignore"):
        return _entropy(p), np.sum(q * np.log(q / p))


@entropy_and_kl.misconception(
    "KL negative", "Your KL has the wrong sign: it should be 0 for q = p and positive otherwise."
)
def _(p, q):
    return _entropy(p), -_kl(p, q)


@entropy_and_kl.misconception(
    "entropy negative", "Your entropy is below 0. Logarithms of probabilities are negative: which sign is missing?"
)
def _(p, q):
    return -_entropy(p), _kl(p, q)


@entropy_and_kl.misconception("entropy of the prediction", "Your first number is the entropy of q. Asked for is that of p.")
def _(p, q):
    return _entropy(q), _kl(p, q)


@entropy_and_kl.misconception("bits", "You used logarithms to base 2. log without a base is the natural one, np.log.")
def _(p, q):
    return _entropy(p) / np.log(2), _kl(p, q) / np.log(2)


@entropy_and_kl.misconception("swapped", "The two are right and come in the wrong order: first the entropy, then KL.")
def _(p, q):
    return _kl(p, q), _entropy(p)


# --- a loop to mend ---------------------------------------------------------------------------------------------------


@st.composite
def _trainings(draw):
    n, k, classes = draw(st.integers(1, 3)), draw(st.integers(1, 2)), draw(st.integers(2, 3))
    return draw(_logits(n, k)), draw(_classes(n, classes)), classes, draw(st.sampled_from([0.1, 0.5])), draw(st.integers(0, 5))


def _train(X, y, classes, lr, steps, axis=1, twice=False, mean=True, sign=1.0):
    W = np.zeros((X.shape[1], classes))
    for _ in range(steps):
        z = X @ W
        q = np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True)
        q = np.exp(q) / np.exp(q).sum(axis=1, keepdims=True) if twice else q
        gradient = X.T @ (q - np.eye(classes)[y]) / (len(X) if mean else 1)
        W = W - sign * lr * gradient
    return W


@exercise(
    points=2,
    examples=[
        (np.array([[1.0]]), np.array([0]), 2, 0.5, 1),
        (np.array([[1.0]]), np.array([0]), 2, 0.5, 3),
        (np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0, 1]), 2, 0.5, 2),
        (np.array([[1.0, 2.0], [2.0, -1.0], [0.0, 1.0]]), np.array([0, 2, 1]), 3, 0.1, 4),
        (np.array([[2.0]]), np.array([1]), 3, 0.1, 0),
    ],
    cases=_trainings(),
    hints=[
        "Print q in the broken loop after two steps. Does each *row* add up to 1?",
        "How many times does the broken loop take an exponential before it compares with the target?",
        "One softmax, with axis=1; then X.T @ (q - one_hot) / len(X).",
    ],
)
def train_softmax_regression(X, y, classes, lr, steps):
    """Fits logits z = XW by gradient descent on the mean cross-entropy, from W = 0.

    X: array of shape (n, k), the features
    y: array of shape (n,), int64, the true classes
    classes: int, C
    lr: float, the learning rate
    steps: int, how many steps to make
    returns: array of shape (k, C), the weights W
    """
    W = np.zeros((X.shape[1], classes))
    one_hot = np.eye(classes)[y]
    for _ in range(steps):
        z = X @ W
        e = np.exp(z - z.max(axis=1, keepdims=True))
        q = e / e.sum(axis=1, keepdims=True)
        W = W - lr * X.T @ (q - one_hot) / len(X)
    return W


@train_softmax_regression.misconception(
    "still the broken loop", "This gives what the broken loop gave. Print q after one step: is each row a distribution?"
)
def _(X, y, classes, lr, steps):
    return _train(X, y, classes, lr, steps, axis=0, twice=True)


@train_softmax_regression.misconception(
    "softmax twice",
    "The axis is right now. But softmax is still taken twice: q can never come near 0 or 1, so the error never goes away.",
)
def _(X, y, classes, lr, steps):
    return _train(X, y, classes, lr, steps, twice=True)


@train_softmax_regression.misconception(
    "down the columns",
    "Softmax is taken once now, but along the samples: each *column* adds up to 1. A row is one sample: which axis?",
)
def _(X, y, classes, lr, steps):
    return _train(X, y, classes, lr, steps, axis=0)


@train_softmax_regression.misconception(
    "not divided by n", "Your steps grow with the number of samples. The loss is a mean: what is missing in its gradient?"
)
def _(X, y, classes, lr, steps):
    return _train(X, y, classes, lr, steps, mean=False)


@train_softmax_regression.misconception(
    "uphill", "Your loss grows: the weights run away from the true classes. Which sign has the update, which q − y?"
)
def _(X, y, classes, lr, steps):
    return _train(X, y, classes, lr, steps, sign=-1.0)


@train_softmax_regression.misconception(
    "no softmax", "You compare logits with one-hot targets: that is a squared error's gradient. What turns logits into q?"
)
def _(X, y, classes, lr, steps):
    W = np.zeros((X.shape[1], classes))
    for _ in range(steps):
        W = W - lr * X.T @ (X @ W - np.eye(classes)[y]) / len(X)
    return W


@train_softmax_regression.misconception(
    "one step short", "You are one step behind. What is the last thing a round should do?"
)
def _(X, y, classes, lr, steps):
    return _train(X, y, classes, lr, max(steps - 1, 0))
