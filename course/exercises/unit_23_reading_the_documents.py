"""Unit 23: reading the documents. Tests that tell a document's claim from what is so, and two programs to mend."""

import numpy as np
from hypothesis import strategies as st

from course.exercises.specification import exercise

_NEAR = 1e-6  # what is recorded agrees to this


def _numbers(size, low=-8, high=8, unit=0.25):
    numbers = st.lists(st.integers(low, high), min_size=size, max_size=size)
    return numbers.map(lambda numbers: unit * np.array(numbers, float))


# --- samples as a column ----------------------------------------------------------------------------------------------


@st.composite
def _samples(draw):
    x = draw(_numbers(draw(st.integers(2, 6)))).astype(draw(st.sampled_from([np.float32, np.float64])))
    return (x.reshape(draw(st.sampled_from([(-1,), (1, -1), (-1, 1)]))),)


@exercise(
    examples=[
        (np.array([[1.0, 2.0, 3.0]], dtype=np.float32),),
        (np.array([1.0, 2.0, 3.0]),),
        (np.array([[1.0], [2.0], [3.0]]),),
    ],
    cases=_samples(),
    hints=[
        "Linear(1, 1) takes one number a row. Five samples are five rows: which shape is that?",
        "reshape can find one of the lengths by itself: it is written as -1.",
    ],
)
def as_samples(x):
    """The samples as a layer with one input wants them: one in each row.

    x: array of shape (n,), (1, n) or (n, 1)
    returns: array of shape (n, 1), of the same dtype and in the same order
    """
    return x.reshape(-1, 1)


@as_samples.misconception(
    "transposed", "Transposing turns a row into a column, but a column into a row, and leaves (n,) as it is. What makes "
                  "(n, 1) of all three?"
)
def _(x):
    return x.T


@as_samples.misconception(
    "a new last axis", "x[:, None] is right for shape (n,). What does it make of (1, n)?"
)
def _(x):
    return x[:, None]


@as_samples.misconception(
    "a row", "You made one row of n numbers: that is document 004's mistake, one sample with n features. Which is the "
             "axis of the samples?"
)
def _(x):
    return x.reshape(1, -1)


@as_samples.misconception(
    "flat", "You return shape (n,). A layer reads the last axis as features: how many features has a sample here?"
)
def _(x):
    return x.reshape(-1)


@as_samples.misconception(
    "every sample in a batch of its own", "Your array has three axes. Samples and features are two: which is too many?"
)
def _(x):
    return x.reshape(-1, 1, 1)


@as_samples.misconception(
    "the dtype is lost", "The shape is right and the numbers are float64 now, whatever they were. A layer in float32 "
                         "refuses them: which step made new numbers?"
)
def _(x):
    return np.array(x.reshape(-1, 1).tolist())


# --- whose momentum? --------------------------------------------------------------------------------------------------


def _path(kind, gradients, lr, beta):
    theta, v, path = 0.0, 0.0, []
    for t, g in enumerate(gradients):
        weight = 1.0 if kind == "pytorch" or (kind == "dampened" and t == 0) else 1 - beta
        v = beta * v + weight * g
        theta = theta - lr * v
        path.append(theta)
    return np.round(path, 9)


@st.composite
def _walks(draw):
    size = draw(st.integers(2, 6))
    gradients, lr = draw(_numbers(size).filter(lambda g: abs(g).min() > 0)), draw(st.sampled_from([1.0, 0.1, 0.5]))
    beta = draw(st.sampled_from([0.9, 0.8, 0.5]))
    kind = draw(st.sampled_from(["average", "average", "pytorch", "dampened", "a slip"]))
    path = _path(kind, gradients, lr, beta)
    if kind == "a slip":
        path[draw(st.integers(0, size - 1))] += draw(st.sampled_from([-0.25, 0.25]))
    return gradients, path, lr, beta


_TWO = np.array([1.0, 1.0])


@exercise(
    points=2,
    examples=[
        (_TWO, np.array([-0.1, -0.29]), 1.0, 0.9),
        (_TWO, np.array([-1.0, -2.9]), 1.0, 0.9),  # torch.optim.SGD(momentum=0.9)
        (_TWO, np.array([-1.0, -2.0]), 1.0, 0.9),  # with dampening=0.9
        (_TWO, np.array([-0.2, -0.29]), 1.0, 0.9),  # only the end is right
        (_TWO, np.array([-0.1, -0.2]), 1.0, 0.9),  # only the beginning is right
        (_TWO, np.array([-0.1, -0.39]), 1.0, 0.9),
        (_TWO, np.array([-0.05, -0.34]), 1.0, 0.9),  # right on average
        (np.array([1.0, -2.0, 0.5]), _path("average", np.array([1.0, -2.0, 0.5]), 0.1, 0.8), 0.1, 0.8),
        (np.array([1.0 / 3, 1.0 / 7]), _path("average", np.array([1.0 / 3, 1.0 / 7]), 1.0, 0.9), 1.0, 0.9),
        (np.array([1.0 / 3, 1.0 / 7]), _path("pytorch", np.array([1.0 / 3, 1.0 / 7]), 1.0, 0.9), 1.0, 0.9),
    ],
    cases=_walks(),
    hints=[
        "Walk the path yourself, from θ = 0 and v = 0, and compare after each step.",
        "v = beta * v + (1 - beta) * g; theta = theta - lr * v. The test fails as soon as one θ is not the recorded one.",
        "Recorded numbers are rounded: abs(theta - seen) > 1e-6 means that they differ.",
    ],
)
def walks_as_average(gradients, path, lr, beta):
    """A test of document 001's claim: was this path walked by its momentum, v ← βv + (1−β)g, θ ← θ − ηv?

    gradients: array of shape (T,), the gradient of each step
    path: array of shape (T,), the recorded θ after each step, rounded to nine decimals; the walk began at θ = 0, v = 0
    lr, beta: floats, η and β
    returns: bool, True if every θ agrees to 1e-6
    """
    theta, v = 0.0, 0.0
    for g, seen in zip(gradients, path):
        v = beta * v + (1 - beta) * g
        theta = theta - lr * v
        if abs(theta - seen) > _NEAR:
            return False
    return True


def _agrees(ours, path):
    return bool(np.all(np.abs(ours - path) <= _NEAR))


@walks_as_average.misconception(
    "accepts PyTorch's momentum",
    "Your test passes the path of torch.optim.SGD(momentum=β) and fails 001's. Which factor stands before g in the claim?",
)
def _(gradients, path, lr, beta):
    return _agrees(_path("pytorch", gradients, lr, beta), path)


@walks_as_average.misconception(
    "starts from v = g",
    "Your first step is taken with the whole gradient. PyTorch starts so, even with dampening; with which v does 001's "
    "formula start?",
)
def _(gradients, path, lr, beta):
    return _agrees(_path("dampened", gradients, lr, beta), path)


@walks_as_average.misconception(
    "only the last step",
    "You compare the end alone. Two different walks may end in the same place: what about the steps between?",
)
def _(gradients, path, lr, beta):
    return _agrees(_path("average", gradients, lr, beta)[-1:], path[-1:])


@walks_as_average.misconception(
    "only the first step",
    "You compare the first step alone. A test that looks once sees only the mistakes that are made at once: what about "
    "the second step?",
)
def _(gradients, path, lr, beta):
    return _agrees(_path("average", gradients, lr, beta)[:1], path[:1])


@walks_as_average.misconception(
    "one agreeing step is enough",
    "Your test passes as soon as one step agrees. A claim about a formula must hold at every step: is that any or all?",
)
def _(gradients, path, lr, beta):
    return bool(np.any(np.abs(_path("average", gradients, lr, beta) - path) <= _NEAR))


@walks_as_average.misconception(
    "exact equality",
    "Your test fails a path that is right but for its rounding in the tenth decimal. How near is near enough? See the "
    "docstring.",
)
def _(gradients, path, lr, beta):
    theta, v = 0.0, 0.0
    for g, seen in zip(gradients, path):
        v = beta * v + (1 - beta) * g
        theta = theta - lr * v
        if abs(theta - seen) > 1e-16:
            return False
    return True


@walks_as_average.misconception(
    "a difference without abs",
    "A recorded θ that lies above yours passes your test, however far above. What makes a distance of a difference?",
)
def _(gradients, path, lr, beta):
    return bool(np.all(_path("average", gradients, lr, beta) - path <= _NEAR))


@walks_as_average.misconception(
    "right on average",
    "You test the mean of the differences: one too high and one too low cancel, and the path passes. What makes a distance of "
    "each difference?",
)
def _(gradients, path, lr, beta):
    return bool(abs(np.mean(_path("average", gradients, lr, beta) - path)) <= _NEAR)


@walks_as_average.misconception(
    "uphill", "No recorded path agrees with your walk, not even 001's own. Which sign has a step, and what does v remember?"
)
def _(gradients, path, lr, beta):
    return _agrees(-_path("average", gradients, lr, beta), path)


# --- the loop that never forgets --------------------------------------------------------------------------------------


@st.composite
def _fits(draw):
    x = draw(_numbers(draw(st.integers(2, 4)), -4, 4, 0.5).filter(lambda x: abs(x).max() > 0))
    theta = draw(st.sampled_from([0.0, 1.0, -2.0]))
    return (x, draw(st.sampled_from([3.0, -1.5])) * x, theta, draw(st.sampled_from([0.01, 0.02])),
            draw(st.sampled_from([0.0, 0.5, 0.9])), draw(st.integers(0, 8)))


_X = np.array([1.0, 2.0])


@exercise(
    points=2,
    examples=[
        (_X, 3 * _X, 1.0, 0.1, 0.0, 1),
        (_X, 3 * _X, 1.0, 0.1, 0.0, 2),
        (_X, 3 * _X, 1.0, 0.1, 0.9, 3),
        (_X, 3 * _X, 1.0, 0.1, 0.9, 0),
        (np.array([0.5, -1.0, 1.5]), np.array([1.5, -3.0, 4.5]), -2.0, 0.01, 0.5, 6),
    ],
    cases=_fits(),
    tolerance=as_samples.tolerance,
    hints=[
        "Take two steps by hand with momentum 0. At the second step, what should `grad` hold, and what does it hold?",
        "In PyTorch backward() *adds*, as `grad += …` does here. Where is the line that forgets?",
        "Set grad = 0.0 at the beginning of every round. v must stay: it is meant to remember.",
    ],
)
def mended_loop(x, y, theta, lr, momentum, steps):
    """Fits y = θ·x by the mean squared error, with PyTorch's momentum v ← μv + g, θ ← θ − ηv from v = 0.

    x, y: arrays of shape (n,)
    theta: float, where to start
    lr, momentum: floats, η and μ
    steps: int, how many steps to make
    returns: float, θ after the last step
    """
    v = 0.0
    for _ in range(steps):
        grad = 0.0
        grad += np.mean(2 * (theta * x - y) * x)
        v = momentum * v + grad
        theta = theta - lr * v
    return float(theta)


def _fit(x, y, theta, lr, momentum, steps, keep=0.0, weight=1.0, gradient=lambda e, x: np.mean(2 * e * x)):
    grad, v = 0.0, 0.0
    for _ in range(steps):
        grad = keep * grad + gradient(theta * x - y, x)
        v = momentum * v + weight * grad
        theta = theta - lr * v
    return float(theta)


@mended_loop.misconception(
    "gradients add up",
    "From the second step on `grad` holds the sum of all gradients so far. That is the loop of documents 001 and 004: "
    "which line must come before the new gradient is added?",
)
def _(x, y, theta, lr, momentum, steps):
    return _fit(x, y, theta, lr, momentum, steps, keep=1.0)


@mended_loop.misconception(
    "forgets before it steps",
    "Your θ never moves: the gradient is set to 0 after it was computed and before it is used. Where in the round must "
    "forgetting stand?",
)
def _(x, y, theta, lr, momentum, steps):
    return float(theta)


@mended_loop.misconception(
    "forgets the velocity too",
    "You set v to 0 in every round as well, so μ does nothing. Gradients are to be forgotten; what is momentum for?",
)
def _(x, y, theta, lr, momentum, steps):
    return _fit(x, y, theta, lr, 0.0, steps)


@mended_loop.misconception(
    "001's average",
    "Your velocity has a factor (1 − μ) before the gradient. That is 001's formula; which one does the docstring ask for?",
)
def _(x, y, theta, lr, momentum, steps):
    return _fit(x, y, theta, lr, momentum, steps, weight=1 - momentum)


@mended_loop.misconception(
    "sum instead of mean", "Your gradient is that of the *sum* of squares: n times too large. What does the M of MSE say?"
)
def _(x, y, theta, lr, momentum, steps):
    return _fit(x, y, theta, lr, momentum, steps, gradient=lambda e, x: np.sum(2 * e * x))


@mended_loop.misconception(
    "without the 2", "Your gradient is half as large as it should be. What is the derivative of a square?"
)
def _(x, y, theta, lr, momentum, steps):
    return _fit(x, y, theta, lr, momentum, steps, gradient=lambda e, x: np.mean(e * x))


@mended_loop.misconception(
    "uphill", "Your θ moves away from the line: the loss grows. Which sign has the step?"
)
def _(x, y, theta, lr, momentum, steps):
    return _fit(x, y, theta, -lr, momentum, steps)


@mended_loop.misconception(
    "one step too few", "You return the θ before the last step. How many rounds does the loop run?"
)
def _(x, y, theta, lr, momentum, steps):
    return _fit(x, y, theta, lr, momentum, max(steps - 1, 0))


# --- what 001's RMSprop does ------------------------------------------------------------------------------------------


@st.composite
def _late_steps(draw):
    return (draw(st.integers(1, 40)), draw(st.sampled_from([0.99, 0.1, 4.0])), draw(st.sampled_from([0.9, 0.5, 0.99])),
            draw(st.sampled_from([0.01, 1.0])))


def _step_001(t, alpha, beta, lr, outside=True, inside=True, first=1, weight=True):
    v = 0.0
    for s in range(first, t + first):
        factor = 1 / np.sqrt(1 + alpha * s)
        v = beta * v + ((1 - beta) if weight else 1.0) * (factor if inside else 1.0) ** 2
    return float(lr * (factor if outside else 1.0) / np.sqrt(v))


@exercise(
    points=2,
    examples=[
        (1, 0.99, 0.9, 0.01),
        (2, 3.0, 0.5, 1.0),
        (10, 0.99, 0.9, 0.01),
        (1000, 0.99, 0.9, 0.01),
    ],
    cases=_late_steps(),
    hints=[
        "There is no short formula: v remembers. Walk from step 1 to step t in a loop.",
        "In each round s: g = 1 / √(1 + αs), then v = βv + (1 − β)g². Which g belongs to the step that is asked for?",
        "After the loop: lr * g / np.sqrt(v), with the last g and the newest v.",
    ],
)
def length_of_step(t, alpha, beta, lr):
    """How long is step number t of what document 001 calls RMSprop, when ∇J is 1 at every step?

    g ← ∇J / √(1 + αt), v ← βv + (1 − β)g² from v = 0, θ ← θ − η g/√v, for t = 1, 2, …

    t: int, at least 1
    alpha, beta, lr: floats, α, β and η
    returns: float, the length of step t
    """
    v = 0.0
    for s in range(1, t + 1):
        g = 1 / np.sqrt(1 + alpha * s)
        v = beta * v + (1 - beta) * g**2
    return float(lr * g / np.sqrt(v))


@length_of_step.misconception(
    "a true decay",
    "You took the document at its word: η/√(1 + αt). But g stands under the root as well, in v. What becomes of a factor "
    "that stands above and below the line?",
)
def _(t, alpha, beta, lr):
    return float(lr / np.sqrt(1 + alpha * t))


@length_of_step.misconception(
    "the standard form", "That is RMSprop without the document's factor: α does not come in, or the same g stands above and "
                         "below the line in all steps and cancels. Which g has step s?"
)
def _(t, alpha, beta, lr):
    return _step_001(t, alpha, beta, lr, outside=False, inside=False)


@length_of_step.misconception(
    "v forgets", "Your v holds a single gradient, the last one. It should remember the steps before: from which v does step t go on?"
)
def _(t, alpha, beta, lr):
    return float(lr / np.sqrt(1 - beta))


@length_of_step.misconception(
    "factor in v only", "Your v has the scaled gradient, and the step the plain one. Which g does θ ← θ − η g/√v take?"
)
def _(t, alpha, beta, lr):
    return _step_001(t, alpha, beta, lr, outside=False)


@length_of_step.misconception(
    "factor in the step only", "Your step has the scaled gradient, and v the plain one. Which g is squared in v?"
)
def _(t, alpha, beta, lr):
    return _step_001(t, alpha, beta, lr, inside=False)


@length_of_step.misconception(
    "counts from 0", "Your first step has the factor 1, as if t were 0. With which t does the formula begin?"
)
def _(t, alpha, beta, lr):
    return _step_001(t, alpha, beta, lr, first=0)


@length_of_step.misconception(
    "without 1 − β", "Your v adds the whole g². What stands before it in the formula?"
)
def _(t, alpha, beta, lr):
    return _step_001(t, alpha, beta, lr, weight=False)


@length_of_step.misconception(
    "η, since it cancels",
    "In the long run the factor nearly cancels, and you return η. But v begins at 0 and lags behind: walk the first two "
    "steps by hand.",
)
def _(t, alpha, beta, lr):
    return float(lr)


@length_of_step.misconception(
    "the way, not the step", "You add up the steps from 1 to t. How long is the last of them?"
)
def _(t, alpha, beta, lr):
    return float(sum(_step_001(s, alpha, beta, lr) for s in range(1, t + 1)))


# --- what was the loss given? -----------------------------------------------------------------------------------------


def _log_softmax(z, axis=1):
    z = z - z.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def _entropy(z, labels):
    return float(-_log_softmax(z)[np.arange(len(z)), labels].mean())


def _twice(z, labels):
    return _entropy(np.exp(_log_softmax(z)), labels)


@st.composite
def _reports(draw):
    n, classes = draw(st.integers(1, 4)), draw(st.integers(2, 4))
    z = draw(_numbers(n * classes, -6, 6, 0.5)).reshape(n, classes)
    z[0, 0] += 1.0  # never all alike in the first row
    labels = np.array(draw(st.lists(st.integers(0, classes - 1), min_size=n, max_size=n)), dtype=np.int64)
    kind = draw(st.sampled_from(["once", "once", "twice", "twice", "off"]))
    loss = {"once": _entropy(z, labels), "twice": _twice(z, labels), "off": _entropy(z, labels) + 0.25}[kind]
    return z, labels, round(loss, 6)


def _distinct(case):
    z, labels, loss = case
    return abs(_entropy(z, labels) - _twice(z, labels)) > 0.01 and abs(loss - _twice(z, labels)) not in (0.25,)


_SURE = np.array([[3.0, 0.0, 0.0], [0.0, 3.0, 0.0]])
_RIGHT = np.array([0, 1])
_OPEN = np.array([[2.0, 1.0, 0.0], [0.0, 3.0, -1.0]])


@exercise(
    points=2,
    examples=[
        (_SURE, _RIGHT, round(_entropy(_SURE, _RIGHT), 6)),
        (_SURE, _RIGHT, round(_twice(_SURE, _RIGHT), 6)),
        (_SURE, _RIGHT, round(_twice(_SURE, _RIGHT) + 0.3, 6)),
        (_SURE, _RIGHT, round(2 * _entropy(_SURE, _RIGHT), 6)),
        (_OPEN, np.array([0, 2]), round(_entropy(_OPEN, np.array([0, 2])), 6)),
        (_OPEN, np.array([0, 2]), round(_twice(_OPEN, np.array([0, 2])), 6)),
        (1000 * _SURE, np.array([0, 1]), round(_twice(1000 * _SURE, _RIGHT), 6)),
        (1000 * _SURE, np.array([0, 1]), 0.0),
        (_OPEN, np.array([0, 2]), round(-float(np.exp(_log_softmax(_OPEN))[[0, 1], [0, 2]].mean()), 6)),
    ],
    cases=_reports().filter(_distinct),
    hints=[
        "Compute both candidates: the cross-entropy of z, and the cross-entropy of softmax(z). Which one was reported?",
        "One function of a table of scores serves both: subtract each row's maximum, then the log of the sum of "
        "exponentials; take the labels' entries; minus their mean.",
        "Compare with abs(…) < 1e-4. If neither candidate is that near, the answer is \"neither\".",
    ],
)
def what_was_given(z, labels, loss):
    """A program with CrossEntropyLoss reports a loss. Did it give the loss its logits, or their softmax, as 002 has it?

    z: array of shape (n, C), the logits
    labels: int array of shape (n,), the true classes
    loss: float, the mean loss that was reported, rounded to six decimals
    returns: "logits", "probabilities" or "neither": whichever gives the reported loss to 1e-4
    """
    def cross_entropy(scores):
        scores = scores - scores.max(axis=1, keepdims=True)
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        return -logs[np.arange(len(labels)), labels].mean()

    if abs(cross_entropy(z) - loss) < 1e-4:
        return "logits"
    q = np.exp(z - z.max(axis=1, keepdims=True))
    if abs(cross_entropy(q / q.sum(axis=1, keepdims=True)) - loss) < 1e-4:
        return "probabilities"
    return "neither"


def _name(once, twice, loss, near=1e-4):
    if abs(once - loss) < near:
        return "logits"
    return "probabilities" if abs(twice - loss) < near else "neither"


@what_was_given.misconception(
    "names the wrong way round",
    "You answer \"probabilities\" where softmax was taken once. CrossEntropyLoss takes it itself: what was it given then?",
)
def _(z, labels, loss):
    found = _name(_entropy(z, labels), _twice(z, labels), loss)
    return {"logits": "probabilities", "probabilities": "logits"}.get(found, found)


@what_was_given.misconception(
    "never neither",
    "You answer \"probabilities\" whenever it is not \"logits\". A test must be able to fail: what if neither gives the "
    "loss?",
)
def _(z, labels, loss):
    found = _name(_entropy(z, labels), _twice(z, labels), loss)
    return "probabilities" if found == "neither" else found


@what_was_given.misconception(
    "whichever is nearer",
    "You choose the nearer of the two, however far away it is. The docstring asks for agreement to 1e-4: when is it "
    "\"neither\"?",
)
def _(z, labels, loss):
    return "logits" if abs(_entropy(z, labels) - loss) < abs(_twice(z, labels) - loss) else "probabilities"


@what_was_given.misconception(
    "sum instead of mean", "You compare with the sum of the samples' losses. What does CrossEntropyLoss report?"
)
def _(z, labels, loss):
    return _name(len(z) * _entropy(z, labels), len(z) * _twice(z, labels), loss)


@what_was_given.misconception(
    "overflow", "For logits of 3000 your exponentials are infinite and nothing agrees any more. What may be subtracted "
                "from a row before exp?"
)
def _(z, labels, loss):
    with np.errstate(all="ignore"):
        q = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        once = -np.log(q[np.arange(len(z)), labels]).mean()
        return _name(once, _entropy(q, labels), loss) if np.isfinite(once) else "neither"


@what_was_given.misconception(
    "exact equality", "The report is rounded to six decimals, and your comparison is exact. How near is near enough?"
)
def _(z, labels, loss):
    return _name(_entropy(z, labels), _twice(z, labels), loss, near=1e-17)


@what_was_given.misconception(
    "probabilities without a logarithm",
    "For probabilities you expect minus the mean of q itself: that is NLLLoss fed with probabilities. What does "
    "CrossEntropyLoss do with whatever it is given?",
)
def _(z, labels, loss):
    q = np.exp(_log_softmax(z))[np.arange(len(z)), labels]
    return _name(_entropy(z, labels), float(-q.mean()), loss)


# --- is it a difference? ----------------------------------------------------------------------------------------------


def _distributions(weights):
    return weights / weights.sum(axis=1, keepdims=True)


def _table(kind, p):
    logs = np.log(p)
    if kind == "cross-entropy":
        return -p @ logs.T
    if kind == "KL":
        return (p * logs).sum(1)[:, None] - p @ logs.T
    return ((p[:, None] - p[None]) ** 2).sum(-1)  # squared distance


@st.composite
def _tables(draw):
    k = draw(st.integers(2, 4))
    p = _distributions(1 + draw(_numbers(3 * k, 0, 8, 1.0)).reshape(k, 3) + np.eye(k, 3) * np.arange(1, k + 1)[:, None])
    table = _table(draw(st.sampled_from(["cross-entropy", "KL", "distance"])), p)
    slip = draw(st.sampled_from(["none", "none", "diagonal", "negative", "lopsided"]))
    i, j = draw(st.permutations(range(k)))[:2]
    if slip == "diagonal":
        table[i, i], table[j, j] = 0.5, -0.5
    elif slip == "negative":
        table[i, j] = table[j, i] = -0.25
    elif slip == "lopsided":
        table[i, j] = table[j, i] + 0.5
    return (table,)


_THREE = _distributions(np.array([[2.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 3.0, 4.0]]))


def _clear(case):
    (table,) = case
    off = table[~np.eye(len(table), dtype=bool)]
    return np.abs(off).min() > 1e-3


@exercise(
    points=2,
    examples=[
        (_table("cross-entropy", _THREE),),
        (_table("KL", _THREE),),
        (_table("distance", _THREE),),
        (np.array([[0.0, 1.0], [1.0, 1.0]]),),
        (np.array([[1.0, 1.0], [1.0, -1.0]]),),
        (np.array([[-0.5, 1.0], [1.0, -0.25]]),),
        (np.array([[0.0, 0.0], [0.0, 0.0]]),),
        (np.array([[0.0, 1.0], [-1.0, 0.0]]),),
        (np.array([[0.0, -1.0], [1.0, 0.0]]),),
        (np.array([[0.0, -2.0], [-2.0, 0.0]]),),
        (np.array([[0.0, 1.0, 2.0], [1.0, 0.0, -1.0], [2.0, -1.0, 0.0]]),),
        (np.array([[1e-12, 1.0], [1.0 + 1e-12, -1e-12]]),),
    ],
    cases=_tables().filter(_clear),
    hints=[
        "Three questions, three answers. The diagonal holds d(p, p), all else holds d(p, q) for different p and q.",
        "np.diag(table) is the diagonal, table.T the table with p and q exchanged, and ~np.eye(len(table), dtype=bool) "
        "picks what is off the diagonal.",
        "np.abs(…).max() < 1e-9 asks whether all of it is zero but for rounding. Wrap each answer in bool(…).",
    ],
)
def difference_verdict(table):
    """002 calls the cross-entropy a difference of two distributions. Which properties of a difference has a measure d?

    table: array of shape (k, k), table[i, j] = d(pᵢ, pⱼ) for k different distributions
    returns: (zero, positive, symmetric), three bools: is every d(p, p) zero (to 1e-9); is every d(p, q) of different
        distributions above 0; is d(p, q) = d(q, p) everywhere (to 1e-9)
    """
    zero = np.abs(np.diag(table)).max() < 1e-9
    positive = table[~np.eye(len(table), dtype=bool)].min() > 0
    symmetric = np.abs(table - table.T).max() < 1e-9
    return bool(zero), bool(positive), bool(symmetric)


def _three(table, zero=None, positive=None, symmetric=None):
    right = (np.abs(np.diag(table)).max() < 1e-9, table[~np.eye(len(table), dtype=bool)].min() > 0,
             np.abs(table - table.T).max() < 1e-9)
    return tuple(bool(good if mine is None else mine) for good, mine in zip(right, (zero, positive, symmetric)))


@difference_verdict.misconception(
    "the first distribution only", "You look at d(p₁, p₁) alone. The claim is about every p: is one enough to pass it?"
)
def _(table):
    return _three(table, zero=abs(table[0, 0]) < 1e-9)


@difference_verdict.misconception(
    "the sum of the diagonal", "A diagonal of 0.5 and −0.5 passes your test: its sum is 0. How do you ask for each entry?"
)
def _(table):
    return _three(table, zero=abs(np.trace(table)) < 1e-9)


@difference_verdict.misconception(
    "exactly zero", "A KL of 10⁻¹² is zero but for rounding, and your test fails it. What does the docstring allow?"
)
def _(table):
    return _three(table, zero=bool((np.diag(table) == 0).all()))


@difference_verdict.misconception(
    "a negative diagonal passes", "A d(p, p) of −0.5 is below 10⁻⁹, and passes your test. What makes a distance from 0 of it?"
)
def _(table):
    return _three(table, zero=np.diag(table).max() < 1e-9)


@difference_verdict.misconception(
    "0 counts as positive", "A d of 0 between two *different* distributions passes your test. Is that > or >= ?"
)
def _(table):
    return _three(table, positive=table[~np.eye(len(table), dtype=bool)].min() >= 0)


@difference_verdict.misconception(
    "the diagonal must be positive too",
    "You ask the whole table to be above 0, the diagonal included, and so fail every measure whose d(p, p) is 0. "
    "Which entries belong to *different* distributions?",
)
def _(table):
    return _three(table, positive=table.min() > 0)


@difference_verdict.misconception(
    "above the diagonal only", "You look at d(pᵢ, pⱼ) for i < j. A measure need not be symmetric: what about j < i?"
)
def _(table):
    return _three(table, positive=table[np.triu_indices(len(table), 1)].min() > 0)


@difference_verdict.misconception(
    "positive on average", "You test the mean of the entries off the diagonal. One negative among them hides there: what is "
                           "the smallest?"
)
def _(table):
    return _three(table, positive=table[~np.eye(len(table), dtype=bool)].mean() > 0)


@difference_verdict.misconception(
    "antisymmetric", "Your third answer is yes when d(p, q) = −d(q, p). Do you subtract the transposed table, or add it?"
)
def _(table):
    return _three(table, symmetric=np.abs(table + table.T).max() < 1e-9)


@difference_verdict.misconception(
    "exactly symmetric", "Entries that differ by 10⁻¹² are equal but for rounding. What does the docstring allow?"
)
def _(table):
    return _three(table, symmetric=bool((table == table.T).all()))


# --- does it regularise? ----------------------------------------------------------------------------------------------


@st.composite
def _updates(draw):
    size = draw(st.integers(1, 4))
    theta, gradient = draw(_numbers(size)), draw(_numbers(size, -2, 2, 0.5))
    kind = draw(st.sampled_from(["adam", "decay", "decay", "growth", "some"]))
    after = theta - 0.01 * np.sign(gradient)
    if kind == "decay":
        after = 0.5 * theta - 0.01 * np.sign(gradient)
    elif kind == "growth":
        after = 1.5 * theta - 0.01 * np.sign(gradient)
    elif kind == "some":
        after = np.where(np.arange(size) % 2 == 0, 0.5, 1.0) * theta - 0.01 * np.sign(gradient)
    return theta, gradient, after


@exercise(
    examples=[
        (np.array([5.0]), np.array([0.0]), np.array([5.0])),  # Adam, whatever its ε
        (np.array([5.0]), np.array([0.0]), np.array([4.95])),  # weight decay
        (np.array([-5.0]), np.array([0.0]), np.array([-4.95])),
        (np.array([-5.0]), np.array([0.0]), np.array([-5.05])),
        (np.array([5.0]), np.array([0.0]), np.array([5.05])),
        (np.array([5.0]), np.array([0.0]), np.array([-6.0])),  # past 0, and farther away
        (np.array([5.0]), np.array([1.0]), np.array([4.9])),  # the gradient did that
        (np.array([5.0, 2.0]), np.array([0.0, 1.0]), np.array([5.0, 1.0])),
        (np.array([5.0, 2.0]), np.array([0.0, -1.0]), np.array([4.95, 2.5])),
        (np.array([5.0, 2.0]), np.array([0.0, 0.0]), np.array([4.95, 2.0])),
        (np.array([5.0, 0.0]), np.array([0.0, 0.0]), np.array([4.95, 0.0])),
        (np.array([0.0]), np.array([0.0]), np.array([0.0])),
    ],
    cases=_updates(),
    hints=[
        "A regulariser pulls even where no gradient does. So which parameters can give evidence at all?",
        "silent = (gradient == 0) & (theta != 0) picks them. Of those, every one must have come nearer to 0.",
        "np.all of nothing is True: return silent.any() and … as well, and wrap it in bool(…).",
    ],
)
def pulls_towards_zero(theta, gradient, after):
    """003 calls Adam's ε a regularisation term. A test: does this step regularise?

    It does if every parameter that has no gradient and is not 0 came nearer to 0. Without such a parameter the step gives
    no evidence, and the answer is False.

    theta: array of shape (n,), the parameters before the step
    gradient: array of shape (n,)
    after: array of shape (n,), the parameters after the step
    returns: bool
    """
    silent = (gradient == 0) & (theta != 0)
    return bool(silent.any() and np.all(np.abs(after[silent]) < np.abs(theta[silent])))


def _silent(theta, gradient):
    return (gradient == 0) & (theta != 0)


@pulls_towards_zero.misconception(
    "gradients count as evidence",
    "You look at parameters that have a gradient too. Those move towards 0 or away from it for another reason: which ones "
    "can tell?",
)
def _(theta, gradient, after):
    there = theta != 0
    return bool(there.any() and np.all(np.abs(after[there]) < np.abs(theta[there])))


@pulls_towards_zero.misconception(
    "one is enough", "One parameter came nearer and another one stayed, and your test passes. Does the docstring say any, or "
                     "every?"
)
def _(theta, gradient, after):
    there = _silent(theta, gradient)
    return bool(np.any(np.abs(after[there]) < np.abs(theta[there])))


@pulls_towards_zero.misconception(
    "moved at all", "You ask whether θ moved. A step that takes 5 to 5.05 moves as well: in which direction does a "
                    "regulariser pull?"
)
def _(theta, gradient, after):
    there = _silent(theta, gradient)
    return bool(there.any() and np.all(after[there] != theta[there]))


@pulls_towards_zero.misconception(
    "smaller instead of nearer", "−5.05 is smaller than −5, and farther from 0. What do you compare?"
)
def _(theta, gradient, after):
    there = _silent(theta, gradient)
    return bool(there.any() and np.all(after[there] < theta[there]))


@pulls_towards_zero.misconception(
    "the direction only", "A step from 5 to −6 goes the right way, and ends farther from 0. What do you compare?"
)
def _(theta, gradient, after):
    there = _silent(theta, gradient)
    return bool(there.any() and np.all((after - theta)[there] * theta[there] < 0))


@pulls_towards_zero.misconception(
    "zeros must come nearer too",
    "A parameter that is 0 already cannot come nearer, and so your test fails a step that does regularise. Which ones can?",
)
def _(theta, gradient, after):
    there = gradient == 0
    return bool(there.any() and np.all(np.abs(after[there]) < np.abs(theta[there])))


@pulls_towards_zero.misconception(
    "no evidence passes",
    "Where every parameter has a gradient, or is 0, your test passes: np.all of nothing is True. What has such a step shown?",
)
def _(theta, gradient, after):
    there = _silent(theta, gradient)
    return bool(np.all(np.abs(after[there]) < np.abs(theta[there])))


@pulls_towards_zero.misconception(
    "staying is enough", "A θ that stayed at 5 passes your test. Nearer means strictly: is that < or <= ?"
)
def _(theta, gradient, after):
    there = _silent(theta, gradient)
    return bool(there.any() and np.all(np.abs(after[there]) <= np.abs(theta[there])))
