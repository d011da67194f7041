"""Unit 26: parallel training. Averaging gradients, shards, old gradients, speed-up, and a loop that loses samples."""

import numpy as np
from hypothesis import strategies as st

from course.exercises.problems import GradientOf, LogCosh, Quadratic
from course.exercises.specification import exercise


def _vectors(size, unit=0.5):
    """Float64 vectors whose entries are small multiples of `unit`: exact in binary, easy on the eye."""
    numbers = st.lists(st.integers(-8, 8), min_size=size, max_size=size)
    return numbers.map(lambda numbers: unit * np.array(numbers, float))


def _tables(rows, columns):
    return _vectors(rows * columns).map(lambda numbers: numbers.reshape(rows, columns))


# --- the average ------------------------------------------------------------------------------------------------------


@st.composite
def _shards(draw):
    workers, size = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    counts = draw(st.lists(st.integers(0, 40), min_size=workers, max_size=workers).filter(any))
    return draw(_tables(workers, size)), np.array(counts)


@exercise(
    examples=[
        (np.array([[-4.0], [-26.0]]), np.array([1, 2])),
        (np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([50, 50])),
        (np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]]), np.array([4, 4, 2])),
        (np.array([[1.0, -1.0], [5.0, 5.0]]), np.array([3, 0])),
        (np.array([[2.0, 3.0]]), np.array([7])),
    ],
    cases=_shards(),
    hints=[
        "Gradient k is already a mean over counts[k] samples. What do you multiply it by to get back the sum over them?",
        "Add up these sums, then divide by the number of all samples.",
        "counts @ gradients adds counts[k] · gradients[k] over all k. What is left to divide by?",
    ],
)
def average_gradients(gradients, counts):
    """The gradient of the joined batch, from the mean gradients of its shards.

    gradients: array of shape (p, d), row k is the mean gradient over the samples of shard k
    counts: integer array of shape (p,), how many samples shard k has; some may be 0, not all
    returns: array of shape (d,)
    """
    return counts @ gradients / counts.sum()


@average_gradients.misconception(
    "plain mean",
    "You give every worker the same weight. A sample in a small shard then counts more than one in a large shard: which "
    "weight makes all samples count the same?",
)
def _(gradients, counts):
    return gradients.mean(axis=0)


@average_gradients.misconception(
    "plain sum", "You add up the workers' means. Twice as many workers would mean a step twice as long: what is missing?"
)
def _(gradients, counts):
    return gradients.sum(axis=0)


@average_gradients.misconception(
    "sum over all samples",
    "You have the sum over all samples. The loss is a mean: how many samples are there?",
)
def _(gradients, counts):
    return counts @ gradients


@average_gradients.misconception(
    "divided by the workers",
    "You weight by counts and then divide by the number of workers. The weights must add up to 1: what do the counts add "
    "up to?",
)
def _(gradients, counts):
    return counts @ gradients / len(counts)


@average_gradients.misconception(
    "weights turned round",
    "You divide by counts where you should multiply: the smallest shard gets the largest weight.",
)
def _(gradients, counts):
    weights = 1 / counts
    return weights @ gradients / weights.sum()


@average_gradients.misconception(
    "sums taken for means",
    "You add up the gradients and divide by the number of samples. That would be right if the workers sent sums; they "
    "send means.",
)
def _(gradients, counts):
    return gradients.sum(axis=0) / counts.sum()


@average_gradients.misconception(
    "one number", "You average over the parameters too. Which axis of `gradients` are the workers?"
)
def _(gradients, counts):
    return (counts @ gradients / counts.sum()).mean()


@average_gradients.misconception(
    "the largest shard only", "You take the gradient of the largest shard. What did the others compute theirs for?"
)
def _(gradients, counts):
    return gradients[counts.argmax()]


# --- shards -----------------------------------------------------------------------------------------------------------


def _mean_gradient(theta, x, y):
    return 2 * x.T @ (x @ theta - y) / len(y)


def _edges(n, workers):
    """Where the shards are cut: the first n % workers shards have one sample more."""
    sizes = [n // workers + (k < n % workers) for k in range(workers)]
    return np.concatenate([[0], np.cumsum(sizes)])


@st.composite
def _batches(draw):
    n, size = draw(st.integers(1, 6)), draw(st.integers(1, 2))
    return draw(_vectors(size)), draw(_tables(n, size)), draw(_vectors(n)), draw(st.integers(1, 4))


_X, _Y = np.array([[1.0], [2.0], [3.0]]), np.array([2.0, 4.0, 6.0])


@exercise(
    points=2,
    examples=[
        (np.array([0.0]), _X, _Y, 1),
        (np.array([0.0]), _X, _Y, 2),
        (np.array([0.0]), _X, _Y, 3),
        (np.array([0.0]), _X, _Y, 4),
        (np.array([1.0, -1.0]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 1.0], [1.0, 3.0]]),
         np.array([1.0, 2.0, 0.0, 1.0, -1.0]), 3),
    ],
    cases=_batches(),
    hints=[
        "np.array_split(np.arange(len(y)), workers) gives the rows of each shard, and some shards may be empty.",
        "For the rows of one shard: error = x[rows] @ theta − y[rows]; the mean gradient is "
        "2 · x[rows]ᵀ error / len(rows).",
        "Begin with shards = np.zeros((workers, theta.size)), fill a row for each shard that is not empty, and take the "
        "average as in exercise 1, with the shards' sizes.",
    ],
)
def sharded_gradient(theta, x, y, workers):
    """The gradients of J = mean((xθ − y)²) on the shards of a batch, and their average.

    Shards are neighbouring rows, as np.array_split cuts them: of 5 rows for 3 workers, the shards have 2, 2 and 1.
    With more workers than rows some shards are empty; their gradient is zero.

    theta: array of shape (d,)
    x: array of shape (n, d), n ≥ 1
    y: array of shape (n,)
    workers: int, p ≥ 1
    returns: (shards, average): an array (p, d) with the mean gradient of each shard, and an array (d,), the gradient
        of the whole batch
    """
    shards, counts = np.zeros((workers, theta.size)), np.zeros(workers)
    for k, rows in enumerate(np.array_split(np.arange(len(y)), workers)):
        counts[k] = len(rows)
        if len(rows):
            shards[k] = 2 * x[rows].T @ (x[rows] @ theta - y[rows]) / len(rows)
    return shards, counts @ shards / counts.sum()


def _with_shards(theta, x, y, workers, gradient):
    """The shards' gradients by `gradient`, and their weighted average."""
    edges = _edges(len(y), workers)
    shards = np.array([gradient(theta, x[a:b], y[a:b]) if b > a else np.zeros(theta.size)
                       for a, b in zip(edges, edges[1:])])
    return shards, np.diff(edges) @ shards / len(y)


@sharded_gradient.misconception(
    "plain mean of the shards",
    "Each shard is right, the average is not: with 3 rows for 2 workers the shards have 2 and 1. Which weights?",
)
def _(theta, x, y, workers):
    shards, _ = sharded_gradient.reference(theta, x, y, workers)
    return shards, shards.mean(axis=0)


@sharded_gradient.misconception(
    "empty shards are NaN",
    "With more workers than rows you divide 0 by 0. What does a worker send that has nothing to do?",
)
def _(theta, x, y, workers):
    edges = _edges(len(y), workers)
    with np.errstate(invalid="ignore", divide="ignore"):
        shards = np.array([2 * x[a:b].T @ (x[a:b] @ theta - y[a:b]) / np.float64(b - a)
                           for a, b in zip(edges, edges[1:])])
    return shards, np.diff(edges) @ shards / len(y)


@sharded_gradient.misconception(
    "every shard divided by n",
    "You divide each shard's sum by n, the size of the whole batch. A worker knows only its own rows: their mean is "
    "asked for.",
)
def _(theta, x, y, workers):
    edges = _edges(len(y), workers)
    shards = np.array([2 * x[a:b].T @ (x[a:b] @ theta - y[a:b]) / len(y) for a, b in zip(edges, edges[1:])])
    return shards, shards.sum(axis=0)


@sharded_gradient.misconception(
    "sums for the shards", "Your shards hold sums over their rows. J is a mean: divide by the rows of the shard."
)
def _(theta, x, y, workers):
    shards, average = _with_shards(theta, x, y, workers, lambda t, a, b: 2 * a.T @ (a @ t - b))
    return shards, shards.sum(axis=0) / len(y)


@sharded_gradient.misconception(
    "dealt out like cards",
    "You deal the rows out in turn, 0, p, 2p … to the first worker. The average is the same, but the shards asked for "
    "are neighbouring rows.",
)
def _(theta, x, y, workers):
    parts = [slice(k, None, workers) for k in range(workers)]
    shards = np.array([_mean_gradient(theta, x[r], y[r]) if len(y[r]) else np.zeros(theta.size) for r in parts])
    return shards, np.array([len(y[r]) for r in parts]) @ shards / len(y)


@sharded_gradient.misconception(
    "the rest is dropped",
    "You cut shards of n // p rows, and the rows that are left over go to nobody. Every sample belongs to one shard.",
)
def _(theta, x, y, workers):
    size = len(y) // workers
    shards = np.array([_mean_gradient(theta, x[k * size:(k + 1) * size], y[k * size:(k + 1) * size])
                       if size else np.zeros(theta.size) for k in range(workers)])
    return shards, shards.mean(axis=0)


@sharded_gradient.misconception(
    "the rest goes to the last worker",
    "You give what is left over to the last shard. The average is right; but np.array_split spreads the rest over the "
    "first shards, so that nobody waits for one long shard.",
)
def _(theta, x, y, workers):
    size = len(y) // workers
    edges = [*(k * size for k in range(workers)), len(y)]
    shards = np.array([_mean_gradient(theta, x[a:b], y[a:b]) if b > a else np.zeros(theta.size)
                       for a, b in zip(edges, edges[1:])])
    return shards, np.diff(edges) @ shards / len(y)


@sharded_gradient.misconception(
    "factor 2 missing", "Your gradients are half as long as they should be. What is the derivative of a square?"
)
def _(theta, x, y, workers):
    shards, average = sharded_gradient.reference(theta, x, y, workers)
    return shards / 2, average / 2


@sharded_gradient.misconception(
    "error turned round", "Your gradients point the other way. Is the error prediction − y, or y − prediction?"
)
def _(theta, x, y, workers):
    shards, average = sharded_gradient.reference(theta, x, y, workers)
    return -shards, -average


# --- old gradients ----------------------------------------------------------------------------------------------------


@st.composite
def _delays(draw):
    size = draw(st.integers(1, 2))
    curvatures = np.array(draw(st.lists(st.sampled_from([1.0, 2.0, 0.5]), min_size=size, max_size=size)))
    if draw(st.booleans()):
        problem = LogCosh(curvatures)
    else:
        problem = Quadratic(np.diag(curvatures), draw(_vectors(size)))
    return (GradientOf(problem), draw(_vectors(size)), draw(st.sampled_from([0.5, 0.1, 0.25])),
            draw(st.integers(0, 4)), draw(st.integers(0, 8)))


_LINE = GradientOf(Quadratic(np.array([[1.0]]), np.array([0.0])))


@exercise(
    points=2,
    examples=[
        (_LINE, np.array([1.0]), 0.5, 0, 2),
        (_LINE, np.array([1.0]), 0.5, 1, 2),
        (_LINE, np.array([1.0]), 0.5, 1, 3),
        (_LINE, np.array([1.0]), 0.5, 2, 5),
        (_LINE, np.array([1.0]), 0.5, 3, 0),
        (GradientOf(LogCosh(np.array([1.0, 2.0]))), np.array([2.0, -1.0]), 0.25, 2, 6),
    ],
    cases=_delays(),
    hints=[
        "Keep every θ in a list. For J = ½θ², θ₀ = 1, lr = 0.5 and a delay of 1: θ₁ = 0.5, θ₂ = 0.5 − 0.5 · θ₀ = 0. "
        "Which θ is the gradient taken at in step t?",
        "In step t it is path[t − delay]. A negative index would count from the end of the list: before enough steps are "
        "made, take θ₀.",
        "for t in range(steps): path.append(path[t] - lr * gradient(path[max(…, 0)])); at the end return np.array(path).",
    ],
)
def delayed_descent(gradient, theta, lr, delay, steps):
    """Gradient descent with gradients that are `delay` steps old: θ_{t+1} = θ_t − α∇J(θ_{t−τ}).

    While t < τ the gradient is that of θ₀.

    gradient: function, gradient(theta) is an array like theta
    theta: array of shape (d,), θ₀
    lr: float, α
    delay: int, τ ≥ 0
    steps: int, how many steps to make
    returns: array of shape (steps + 1, d), θ₀, θ₁, …
    """
    path = [theta]
    for t in range(steps):
        path.append(path[t] - lr * gradient(path[max(t - delay, 0)]))
    return np.array(path)


@delayed_descent.misconception(
    "no delay", "Your gradient is always fresh. At which θ was it taken, τ steps ago?"
)
def _(gradient, theta, lr, delay, steps):
    return delayed_descent.reference(gradient, theta, lr, 0, steps)


@delayed_descent.misconception(
    "starts from the old θ",
    "You step from θ_{t−τ}. Only the gradient is old; the step starts from the newest θ.",
)
def _(gradient, theta, lr, delay, steps):
    path = [theta]
    for t in range(steps):
        old = path[max(t - delay, 0)]
        path.append(old - lr * gradient(old))
    return np.array(path)


@delayed_descent.misconception(
    "one step too old", "Your gradients are one step older than asked: with a delay of 0 they must be fresh."
)
def _(gradient, theta, lr, delay, steps):
    return delayed_descent.reference(gradient, theta, lr, delay + 1, steps)


@delayed_descent.misconception(
    "one step too young", "Your gradients are one step younger than asked. With a delay of 1, step 1 uses ∇J(θ₀)."
)
def _(gradient, theta, lr, delay, steps):
    return delayed_descent.reference(gradient, theta, lr, max(delay - 1, 0), steps)


@delayed_descent.misconception(
    "waits for the first gradient",
    "You stand still for the first τ steps. The docstring says what happens while t < τ: the gradient of θ₀ is used.",
)
def _(gradient, theta, lr, delay, steps):
    path = [theta]
    for t in range(steps):
        path.append(path[t] - lr * gradient(path[t - delay]) if t >= delay else path[t])
    return np.array(path)


@delayed_descent.misconception(
    "negative index",
    "path[t − delay] with t < delay counts from the *end* of the list in Python, and takes a θ that is too new. What "
    "keeps the index from falling below 0?",
)
def _(gradient, theta, lr, delay, steps):
    path = [theta]
    for t in range(steps):
        path.append(path[t] - lr * gradient(path[(t - delay) % len(path)]))
    return np.array(path)


@delayed_descent.misconception(
    "fresh until the delay is reached",
    "While t < τ you take fresh gradients. The docstring wants that of θ₀ until then: nothing newer has arrived.",
)
def _(gradient, theta, lr, delay, steps):
    path = [theta]
    for t in range(steps):
        path.append(path[t] - lr * gradient(path[t - delay if t >= delay else t]))
    return np.array(path)


@delayed_descent.misconception(
    "only the last θ", "You return the last θ. All of them are asked for, θ₀ first."
)
def _(gradient, theta, lr, delay, steps):
    return delayed_descent.reference(gradient, theta, lr, delay, steps)[-1]


@delayed_descent.misconception(
    "without the start", "Your path begins with θ₁. There are steps + 1 rows, and the first is θ₀."
)
def _(gradient, theta, lr, delay, steps):
    return delayed_descent.reference(gradient, theta, lr, delay, steps)[1:]


@delayed_descent.misconception("uphill", "Your path climbs. Which sign has the step?")
def _(gradient, theta, lr, delay, steps):
    return delayed_descent.reference(gradient, theta, -lr, delay, steps)


@delayed_descent.misconception(
    "every gradient used τ + 1 times",
    "You keep one gradient for τ + 1 steps and then fetch a new one. Here a gradient arrives at every step, each τ steps "
    "old.",
)
def _(gradient, theta, lr, delay, steps):
    path = [theta]
    for t in range(steps):
        path.append(path[t] - lr * gradient(path[t - t % (delay + 1)]))
    return np.array(path)


# --- speed-up ---------------------------------------------------------------------------------------------------------


@exercise(
    examples=[
        (0.5, 2, 0.0),
        (0.0, 4, 0.0),
        (0.05, 20, 0.0),
        (0.1, 1, 0.01),
        (0.1, 4, 0.01),
        (1.0, 8, 0.0),
    ],
    cases=st.tuples(st.sampled_from([0.0, 0.05, 0.1, 0.25, 0.5, 1.0]), st.sampled_from([1, 2, 3, 4, 8, 20]),
                    st.sampled_from([0.0, 0.001, 0.01, 0.1])),
    hints=[
        "How long does a step take with p workers, if it takes 1 with a single one? The serial part stays, the rest is "
        "shared, the exchanges come on top.",
        "Speed-up is the old time over the new one: 1 / (serial + (1 − serial)/workers + exchange · …).",
        "Efficiency is the speed-up that each worker contributes: divide by workers. Return both.",
    ],
)
def speed_up(serial, workers, exchange):
    """How many times as fast a step is with several workers, and how well each of them is used.

    serial: float from 0 to 1, the part of a step that only one worker can do
    workers: int, p ≥ 1
    exchange: float ≥ 0, what every worker beyond the first costs, as a part of a step with one worker
    returns: (speed_up, efficiency), two floats
    """
    time = serial + (1 - serial) / workers + exchange * (workers - 1)
    return 1 / time, 1 / time / workers


def _both(time, workers):
    return 1 / time, 1 / time / workers


@speed_up.misconception(
    "as many times as workers", "You say p workers are p times as fast. Which part of a step is not shared?"
)
def _(serial, workers, exchange):
    return float(workers), 1.0


@speed_up.misconception(
    "no exchange", "Your exchanges are free. Every worker beyond the first costs `exchange`."
)
def _(serial, workers, exchange):
    return _both(serial + (1 - serial) / workers, workers)


@speed_up.misconception(
    "the first worker pays too", "A single worker has nobody to talk to: with workers = 1 the speed-up is 1."
)
def _(serial, workers, exchange):
    return _both(serial + (1 - serial) / workers + exchange * workers, workers)


@speed_up.misconception(
    "one exchange for all", "You pay for one exchange. How many workers are there beyond the first?"
)
def _(serial, workers, exchange):
    return _both(serial + (1 - serial) / workers + exchange * (workers > 1), workers)


@speed_up.misconception(
    "serial and shared part exchanged",
    "You share the serial part and leave the other alone. With serial = 0 the speed-up must be p.",
)
def _(serial, workers, exchange):
    return _both(1 - serial + serial / workers + exchange * (workers - 1), workers)


@speed_up.misconception(
    "the new time", "You return the new time. Speed-up is the old time divided by the new one; the old one is 1."
)
def _(serial, workers, exchange):
    time = serial + (1 - serial) / workers + exchange * (workers - 1)
    return time, time / workers


@speed_up.misconception(
    "weighted mean of speeds",
    "You average speeds, s · 1 + (1 − s) · p. Times add up, speeds do not: work out the new time first.",
)
def _(serial, workers, exchange):
    fast = serial + (1 - serial) * workers - exchange * (workers - 1)
    return fast, fast / workers


@speed_up.misconception(
    "efficiency times workers", "Your speed-up is right. Efficiency is what one worker contributes: at most 1."
)
def _(serial, workers, exchange):
    fast, _ = speed_up.reference(serial, workers, exchange)
    return fast, fast * workers


@speed_up.misconception(
    "in the wrong order", "You return efficiency first. The docstring says which comes first."
)
def _(serial, workers, exchange):
    return speed_up.reference(serial, workers, exchange)[::-1]


@speed_up.misconception("only the speed-up", "Two numbers are asked for: the speed-up and the efficiency.")
def _(serial, workers, exchange):
    return speed_up.reference(serial, workers, exchange)[0]


# --- a loop to mend ---------------------------------------------------------------------------------------------------


@st.composite
def _lines(draw):
    size = draw(st.integers(1, 5))
    workers = draw(st.integers(1, min(size, 3)))
    return draw(_vectors(size)), draw(_vectors(size)), workers, draw(st.sampled_from([0.1, 0.01, 0.05])), draw(
        st.integers(0, 4))


@exercise(
    points=2,
    examples=[
        (np.array([1.0, 2.0]), np.array([2.0, 4.0]), 1, 0.1, 1),
        (np.array([1.0, 2.0]), np.array([2.0, 4.0]), 2, 0.1, 1),
        (np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0]), 2, 0.05, 1),
        (np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0]), 2, 0.05, 3),
        (np.array([1.0, -1.0, 2.0, 0.5]), np.array([1.0, 2.0, 0.0, 1.0]), 3, 0.1, 2),
        (np.array([1.0, 2.0]), np.array([2.0, 4.0]), 2, 0.1, 0),
    ],
    cases=_lines(),
    hints=[
        "Whatever the number of workers, the answer must be that of one worker. Compare 1 and 2 workers on two points, "
        "then on three.",
        "Ask three questions. Does every sample belong to a shard? Do all workers take their gradient at the same w? What "
        "weight does each gradient get?",
        "np.array_split(np.arange(len(x)), workers) loses no sample. Collect all gradients first, with their counts; "
        "move w once, after the inner loop.",
    ],
)
def train_in_parallel(x, y, workers, lr, steps):
    """Fits y ≈ w·x by gradient descent on the mean squared error, from w = 0, the batch being shared among workers.

    In every step each worker takes the gradient on its shard, all at the same w; then w moves once. The result does not
    depend on the number of workers.

    x, y: arrays of shape (n,)
    workers: int, 1 ≤ p ≤ n
    lr: float, the learning rate
    steps: int, how many steps to make
    returns: float, w
    """
    w = 0.0
    for _ in range(steps):
        total = 0.0
        for rows in np.array_split(np.arange(len(x)), workers):
            total += len(rows) * 2 * np.mean((w * x[rows] - y[rows]) * x[rows])
        w -= lr * total / len(x)
    return float(w)


def _loop(x, y, workers, lr, steps, *, drop=False, at_once=True, weight="count", factor=2.0):
    """The loop with some of its faults left in."""
    w, n = 0.0, len(x)
    for _ in range(steps):
        edges = [k * (n // workers) for k in range(workers + 1)] if drop else _edges(n, workers)
        total, here = 0.0, w
        for a, b in zip(edges, edges[1:]):
            share = {"count": (b - a) / n, "plain": 1 / workers, "sum": 1.0}[weight]
            move = share * factor * np.mean(((here if at_once else w) * x[a:b] - y[a:b]) * x[a:b])
            total += move
            if not at_once:
                w -= lr * move
        if at_once:
            w -= lr * total
    return float(w)


@train_in_parallel.misconception(
    "still the broken loop", "This gives what the broken loop gave. Compare one worker with two, on two points first."
)
def _(x, y, workers, lr, steps):
    return _loop(x, y, workers, lr, steps, drop=True, at_once=False, weight="sum")


@train_in_parallel.misconception(
    "w moves between the workers",
    "The second worker sees a w that the first has already moved. Then it is not one step on the joined batch: where "
    "must the update stand?",
)
def _(x, y, workers, lr, steps):
    return _loop(x, y, workers, lr, steps, at_once=False)


@train_in_parallel.misconception(
    "w moves between the workers, and every gradient counts fully",
    "Two faults are left: w moves after every worker, and no gradient is weighted by its part of the samples.",
)
def _(x, y, workers, lr, steps):
    return _loop(x, y, workers, lr, steps, at_once=False, weight="sum")


@train_in_parallel.misconception(
    "gradients added, not averaged",
    "With two workers your step is twice as long: you add up their means. What weight does each deserve?",
)
def _(x, y, workers, lr, steps):
    return _loop(x, y, workers, lr, steps, weight="sum")


@train_in_parallel.misconception(
    "plain mean of unequal shards",
    "Equal shards are right, unequal ones are not: three points for two workers are 2 + 1. Weight each gradient by its "
    "samples.",
)
def _(x, y, workers, lr, steps):
    return _loop(x, y, workers, lr, steps, weight="plain")


@train_in_parallel.misconception(
    "samples lost",
    "The rows that are left over when n does not divide by p go to nobody. Which rows does the last shard end with?",
)
def _(x, y, workers, lr, steps):
    return _loop(x, y, workers, lr, steps, drop=True, weight="plain")


@train_in_parallel.misconception(
    "samples lost, and gradients added",
    "Two faults are left: the rows left over go to nobody, and the workers' means are added up instead of averaged.",
)
def _(x, y, workers, lr, steps):
    return _loop(x, y, workers, lr, steps, drop=True, weight="sum")


@train_in_parallel.misconception(
    "only the last worker",
    "Only the last shard's gradient reaches w: the variable is overwritten in every round. How do you collect them?",
)
def _(x, y, workers, lr, steps):
    w, edges = 0.0, _edges(len(x), workers)
    for _ in range(steps):
        a, b = edges[-2:]
        w -= lr * 2 * np.mean((w * x[a:b] - y[a:b]) * x[a:b])
    return float(w)


@train_in_parallel.misconception(
    "factor 2 missing", "Your steps are half as long as they should be. What is the derivative of a square?"
)
def _(x, y, workers, lr, steps):
    return _loop(x, y, workers, lr, steps, factor=1.0)


@train_in_parallel.misconception("uphill", "Your w runs away from the data. Which sign has the update?")
def _(x, y, workers, lr, steps):
    return _loop(x, y, workers, -lr, steps)
