"""Unit 20: generalisation. Penalties, dropout, batch norm, early stopping, random search, and a validation to mend."""

import numpy as np
from hypothesis import strategies as st

from course.exercises.specification import exercise


def _arrays(*shape, low=-6, high=6, unit=0.5):
    """Float64 arrays of small multiples of `unit`."""
    size = int(np.prod(shape))
    numbers = st.lists(st.integers(low, high), min_size=size, max_size=size)
    return numbers.map(lambda numbers: unit * np.array(numbers, float).reshape(shape))


# --- L2 and L1 --------------------------------------------------------------------------------------------------------


@st.composite
def _penalised(draw):
    size = draw(st.integers(1, 4))
    w, gradient = draw(_arrays(size)), draw(_arrays(size))
    return w, gradient, draw(st.sampled_from([0.0, 0.1, 0.5])), draw(st.sampled_from([0.0, 0.2, 0.25]))


@exercise(
    examples=[
        (np.array([2.0]), np.array([0.5]), 0.1, 0.0),
        (np.array([2.0]), np.array([0.5]), 0.0, 0.1),
        (np.array([3.0, -0.5, 0.0]), np.array([1.0, 1.0, 1.0]), 0.2, 0.3),
        (np.array([-4.0, 0.25]), np.array([0.0, 0.0]), 0.5, 0.0),
        (np.array([-4.0, 0.25]), np.array([0.0, 2.0]), 0.0, 0.5),
        (np.array([1.5, -2.0]), np.array([-1.0, 3.0]), 0.0, 0.0),
    ],
    cases=_penalised(),
    hints=[
        "Two terms come on top of the gradient. What is the derivative of ½·w², and what of |w|?",
        "½λw² has the slope λw; λ|w| has the slope λ to the right of 0 and −λ to the left. np.sign knows which.",
        "gradient + l2 * w + l1 * …",
    ],
)
def penalised_gradient(w, gradient, l2, l1):
    """The gradient of J(w) + (l2/2)·Σ w² + l1·Σ |w|.

    w: array of any shape, the weights
    gradient: array like w, the gradient of J alone
    l2, l1: floats, how strong the penalties are
    returns: array like w; where a weight is 0, the L1 penalty adds nothing
    """
    return gradient + l2 * w + l1 * np.sign(w)


@penalised_gradient.misconception("L1 left out", "Your answer does not depend on l1. What is the slope of |w|?")
def _(w, gradient, l2, l1):
    return gradient + l2 * w


@penalised_gradient.misconception("L2 left out", "Your answer does not depend on l2. What is the slope of ½·w²?")
def _(w, gradient, l2, l1):
    return gradient + l1 * np.sign(w)


@penalised_gradient.misconception(
    "the ½ stays", "Your L2 term is half of what it should be. The penalty is l2/2 · w²: what becomes of the ½ when you derive?"
)
def _(w, gradient, l2, l1):
    return gradient + l2 / 2 * w + l1 * np.sign(w)


@penalised_gradient.misconception(
    "a slope at 0", "A weight that is 0 is pushed by your L1 term. |w| has no slope there; the docstring says what to take."
)
def _(w, gradient, l2, l1):
    return gradient + l2 * w + l1 * np.where(w >= 0, 1.0, -1.0)


@penalised_gradient.misconception("factor 2", "The penalty is l2/2 · w². What does the ½ do to the 2 of the derivative?")
def _(w, gradient, l2, l1):
    return gradient + 2 * l2 * w + l1 * np.sign(w)


@penalised_gradient.misconception(
    "|w| instead of its slope", "You add l1·|w|. That is the penalty; the gradient needs its slope, the same for all "
    "positive weights."
)
def _(w, gradient, l2, l1):
    return gradient + l2 * w + l1 * np.abs(w)


@penalised_gradient.misconception(
    "the penalties themselves", "You add the penalty's value to the gradient. Take the derivative of each term first."
)
def _(w, gradient, l2, l1):
    return gradient + l2 / 2 * w**2 + l1 * np.abs(w)


@penalised_gradient.misconception("penalty subtracted", "Your penalties make large weights larger: which sign do they "
                                  "have?")
def _(w, gradient, l2, l1):
    return gradient - l2 * w - l1 * np.sign(w)


@penalised_gradient.misconception("always positive", "Your L1 term pulls negative weights the wrong way. Which direction "
                                  "is towards 0?")
def _(w, gradient, l2, l1):
    return gradient + l2 * w + l1


@penalised_gradient.misconception("only the penalty", "Where has the gradient of J itself gone?")
def _(w, gradient, l2, l1):
    return l2 * w + l1 * np.sign(w)


@penalised_gradient.misconception(
    "changes the gradient in place", "The numbers are right, but `gradient += …` writes into the caller's array."
)
def _(w, gradient, l2, l1):
    gradient += l2 * w + l1 * np.sign(w)
    return gradient


# --- dropout ----------------------------------------------------------------------------------------------------------


@st.composite
def _dropped(draw):
    size = draw(st.integers(1, 5))
    uniform = np.array(draw(st.lists(st.integers(0, 19), min_size=size, max_size=size))) / 20 + 0.01
    h = draw(_arrays(size, low=1, high=8))
    return h, draw(st.sampled_from([0.0, 0.2, 0.5, 0.75])), uniform, draw(st.booleans())


@exercise(
    points=2,
    examples=[
        (np.array([1.0, 2.0, 3.0, 4.0]), 0.5, np.array([0.7, 0.1, 0.4, 0.9]), True),
        (np.array([1.0, 2.0, 3.0, 4.0]), 0.5, np.array([0.7, 0.1, 0.4, 0.9]), False),
        (np.array([10.0, 20.0]), 0.2, np.array([0.1, 0.3]), True),
        (np.array([10.0, 20.0]), 0.75, np.array([0.8, 0.3]), True),
        (np.array([5.0, -5.0]), 0.0, np.array([0.0, 0.5]), True),
        (np.array([5.0, -5.0, 1.0]), 0.2, np.array([0.05, 0.15, 0.95]), False),
        (np.array([4.0, 8.0, 2.0]), 0.2, np.array([0.5, 0.25, 0.95]), True),
        (np.array([3.0, 6.0]), 0.5, np.array([0.5, 0.25]), True),
    ],
    cases=_dropped(),
    hints=[
        "Two modes: while training some entries become 0, later none does. Which entries? Those whose uniform number is "
        "below p.",
        "With p = 0.5 half of the sum is lost on average. By which factor must the rest grow, so that it stays?",
        "if training: return np.where(uniform >= p, h / (1 - p), 0.0); and otherwise h as it is",
    ],
)
def dropout(h, p, uniform, training):
    """Dropout as PyTorch does it: what is kept is scaled up while training, so that nothing is left to do later.

    h: array of shape (n,)
    p: float, 0 ≤ p < 1, the share that is dropped
    uniform: array of shape (n,), random numbers from [0, 1); an entry is kept where its number is at least p
    training: bool
    returns: a new array of shape (n,)
    """
    if not training:
        return h.copy()
    return np.where(uniform >= p, h / (1 - p), 0.0)


@dropout.misconception("not scaled up", "The kept entries stay as they are, so the next layer sees less on average than "
                       "later, without dropout. Which factor makes up for it?")
def _(h, p, uniform, training):
    return np.where(uniform >= p, h, 0.0) if training else h.copy()


@dropout.misconception("scaled in both modes", "You scale up while training and down when predicting: that makes up twice for "
                       "one loss. PyTorch does it while training only.")
def _(h, p, uniform, training):
    return np.where(uniform >= p, h / (1 - p), 0.0) if training else h * (1 - p)


@dropout.misconception(
    "a number equal to p is dropped", "An entry whose uniform number *equals* p is kept. Is that > or >= ?"
)
def _(h, p, uniform, training):
    return np.where(uniform > p, h / (1 - p), 0.0) if training else h.copy()


@dropout.misconception("scaled by 1 − p", "You make the kept entries smaller. On average some are missing: should the "
                       "others not grow?")
def _(h, p, uniform, training):
    return np.where(uniform >= p, h * (1 - p), 0.0) if training else h.copy()


@dropout.misconception("divided by p", "You divide by the share that is dropped. Which share is kept?")
def _(h, p, uniform, training):
    return np.where(uniform >= p, h / p if p else h, 0.0) if training else h.copy()


@dropout.misconception("keeps a share of p", "You keep what should be dropped. With p = 0.75, how many entries stay?")
def _(h, p, uniform, training):
    return np.where(uniform < p, h / (1 - p), 0.0) if training else h.copy()


@dropout.misconception("drops when predicting, too", "Your answer is the same in both modes. Who wants a prediction that "
                       "depends on luck?")
def _(h, p, uniform, training):
    return np.where(uniform >= p, h / (1 - p), 0.0)


@dropout.misconception(
    "the old form", "You scale down when predicting, as in the first paper. PyTorch scales up while training; then "
    "predicting needs nothing."
)
def _(h, p, uniform, training):
    return np.where(uniform >= p, h, 0.0) if training else h * (1 - p)


@dropout.misconception("modes exchanged", "You drop when predicting and not while training.")
def _(h, p, uniform, training):
    return h.copy() if training else np.where(uniform >= p, h / (1 - p), 0.0)


@dropout.misconception("dropped ones removed", "Your array is shorter than h. A dropped entry is 0; it keeps its place.")
def _(h, p, uniform, training):
    return h[uniform >= p] / (1 - p) if training else h.copy()


# --- batch norm -------------------------------------------------------------------------------------------------------


@st.composite
def _batches(draw):
    n, features = draw(st.integers(2, 4)), draw(st.integers(1, 3))
    x = draw(_arrays(n, features)) + np.arange(n)[:, None] ** 2  # never constant
    return x, draw(_arrays(features, low=1)), draw(_arrays(features)), draw(st.sampled_from([1e-5, 0.1]))


@exercise(
    points=2,
    examples=[
        (np.array([[1.0], [3.0], [5.0], [7.0]]), np.array([1.0]), np.array([0.0]), 1e-5),
        (np.array([[1.0], [3.0]]), np.array([2.0]), np.array([10.0]), 1e-5),
        (np.array([[1.0, 0.0], [3.0, 10.0], [8.0, 0.0]]), np.array([1.0, 2.0]), np.array([0.0, -1.0]), 1e-5),
        (np.array([[1.0, 5.0, 2.0], [3.0, 4.0, 9.0]]), np.array([1.0, 3.0, 0.5]), np.array([0.0, 1.0, 2.0]), 0.1),
        (np.array([[2.0, 1.0], [2.0, 4.0]]), np.array([1.0, 1.0]), np.array([0.0, 0.0]), 0.1),
    ],
    cases=_batches(),
    hints=[
        "Each feature, a column, is treated on its own: what are its mean and variance over the batch?",
        "axis=0 goes over the batch. The variance divides by n, which is what np.var does.",
        "x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps); then scale and shift",
    ],
)
def batch_norm(x, gamma, beta, eps):
    """Batch normalisation while training: each feature gets mean 0 and variance 1, then a scale and a shift.

    x: array of shape (n, features), a batch
    gamma, beta: arrays of shape (features,), scale and shift
    eps: float, keeps the root away from 0
    returns: array of shape (n, features)
    """
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return gamma * x_hat + beta


@batch_norm.misconception(
    "unbiased variance", "You divide by n − 1. That is what is *remembered* for later; the batch itself is normalised "
    "with n."
)
def _(x, gamma, beta, eps):
    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0, ddof=1) + eps) + beta


@batch_norm.misconception(
    "over the features", "You normalise each row: that is layer norm. Batch norm goes over the samples of the batch."
)
def _(x, gamma, beta, eps):
    return gamma * (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + eps) + beta


@batch_norm.misconception(
    "one mean for all features", "You take one mean and one variance of the whole batch. Age and income have each their "
    "own."
)
def _(x, gamma, beta, eps):
    return gamma * (x - x.mean()) / np.sqrt(x.var() + eps) + beta


@batch_norm.misconception("ε outside the root", "You add ε to the standard deviation. In the formula it stands under the "
                          "root, beside the variance.")
def _(x, gamma, beta, eps):
    return gamma * (x - x.mean(0)) / (np.sqrt(x.var(0)) + eps) + beta


@batch_norm.misconception("no ε", "Without ε a constant feature divides 0 by 0. Where does it stand?")
def _(x, gamma, beta, eps):
    with np.errstate(all="ignore"):
        return gamma * (x - x.mean(0)) / np.sqrt(x.var(0)) + beta


@batch_norm.misconception("no root", "You divide by the variance. What has the same unit as x?")
def _(x, gamma, beta, eps):
    return gamma * (x - x.mean(0)) / (x.var(0) + eps) + beta


@batch_norm.misconception("mean not taken off", "You scale, but the mean stays. What is taken off first?")
def _(x, gamma, beta, eps):
    return gamma * x / np.sqrt(x.var(0) + eps) + beta


@batch_norm.misconception("no scale and shift", "Your answer depends neither on gamma nor on beta.")
def _(x, gamma, beta, eps):
    return (x - x.mean(0)) / np.sqrt(x.var(0) + eps)


@batch_norm.misconception("shift before scale", "You add beta, then multiply. First scale, then shift.")
def _(x, gamma, beta, eps):
    return gamma * ((x - x.mean(0)) / np.sqrt(x.var(0) + eps) + beta)


# --- early stopping ---------------------------------------------------------------------------------------------------


@st.composite
def _histories(draw):
    losses = draw(st.lists(st.integers(1, 9), min_size=3, max_size=12))
    return 0.25 * np.array(losses, float), draw(st.integers(1, 4))


@exercise(
    points=2,
    examples=[
        (np.array([1.0, 0.8, 0.9, 0.95, 0.7]), 2),
        (np.array([1.0, 0.8, 0.9, 0.95, 0.7]), 3),
        (np.array([1.0, 0.9, 0.8, 0.7]), 1),
        (np.array([0.5, 0.6, 0.4, 0.6, 0.7, 0.3, 0.2]), 2),
        (np.array([0.5, 0.5, 0.5, 0.5]), 2),
        (np.array([1.0, 0.8, 0.9, 0.85, 0.82, 0.81, 0.5]), 3),
        (np.array([1.0, 2.0]), 5),
    ],
    cases=_histories(),
    hints=[
        "Keep one number: the best epoch so far. What do you compare each new loss with?",
        "An epoch is better only if its loss is *below* that of the best. When it is not, how many epochs ago was the best?",
        "if losses[epoch] < losses[best]: best = epoch; elif epoch - best >= patience: return epoch, best",
    ],
)
def stop_early(losses, patience):
    """Early stopping: when to stop, and to which epoch's weights to go back.

    losses: array of shape (epochs,), the validation losses as they would come in
    patience: int, stop in the epoch in which the best one lies this many epochs back
    returns: (stop, best), two epochs counted from 0; stop is the last epoch if the rule never applies
    """
    best = 0
    for epoch in range(len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        elif epoch - best >= patience:
            return epoch, best
    return len(losses) - 1, best


def _stop(losses, patience, better=lambda new, best: new < best, enough=lambda since, patience: since >= patience):
    best = 0
    for epoch in range(len(losses)):
        if better(losses[epoch], losses[best]):
            best = epoch
        elif enough(epoch - best, patience):
            return epoch, best
    return len(losses) - 1, best


@stop_early.misconception("one epoch too late", "You wait one epoch longer than the patience. Is that > or >= ?")
def _(losses, patience):
    return _stop(losses, patience, enough=lambda since, patience: since > patience)


@stop_early.misconception(
    "an equal loss counts as better", "A loss that only equals the best is no improvement: on a plateau you never stop."
)
def _(losses, patience):
    return _stop(losses, patience, better=lambda new, best: new <= best)


@stop_early.misconception(
    "compared with the epoch before", "You count how often the loss rose since the *last* epoch. Compare with the best."
)
def _(losses, patience):
    best, bad = 0, 0
    for epoch in range(1, len(losses)):
        best = epoch if losses[epoch] < losses[best] else best
        bad = 0 if losses[epoch] < losses[epoch - 1] else bad + 1
        if bad >= patience:
            return epoch, best
    return len(losses) - 1, best


@stop_early.misconception("the best of all", "You look at losses that would never have been computed. What do you know "
                          "when you stop?")
def _(losses, patience):
    return _stop(losses, patience)[0], int(np.argmin(losses))


@stop_early.misconception("an epoch after the last", "Where the rule never applies you stop one epoch too late: of n epochs, "
                          "counted from 0, which is the last?")
def _(losses, patience):
    stop, best = _stop(losses, patience)
    never = stop - best < patience
    return stop + never, best


@stop_early.misconception("never stops", "You go through all epochs. What ends the loop?")
def _(losses, patience):
    return len(losses) - 1, int(np.argmin(losses))


@stop_early.misconception("keeps the last weights", "You return the epoch of the stop twice. To which one do you go back?")
def _(losses, patience):
    stop, _ = _stop(losses, patience)
    return stop, stop


@stop_early.misconception("the other way round", "First the epoch of the stop, then the best: yours are exchanged.")
def _(losses, patience):
    return _stop(losses, patience)[::-1]


@stop_early.misconception("bad epochs never forgotten", "You count all epochs without an improvement. After an improvement "
                          "the count begins anew.")
def _(losses, patience):
    best, bad = 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        else:
            bad += 1
            if bad >= patience:
                return epoch, best
    return len(losses) - 1, best


@stop_early.misconception("looks for the highest", "You follow a rising number. Is a loss better when it is high?")
def _(losses, patience):
    return _stop(losses, patience, better=lambda new, best: new > best)


# --- random search ----------------------------------------------------------------------------------------------------


@st.composite
def _searches(draw):
    size = draw(st.integers(1, 4))
    uniform = np.array(draw(st.lists(st.integers(0, 20), min_size=size, max_size=size))) / 20
    return uniform, draw(st.sampled_from([1e-4, 0.001, 0.01])), draw(st.sampled_from([0.1, 1.0, 10.0]))


@exercise(
    examples=[
        (np.array([0.0, 0.5, 1.0]), 0.001, 0.1),
        (np.array([0.0, 0.25, 0.5, 0.75, 1.0]), 0.0001, 1.0),
        (np.array([0.5]), 0.01, 1.0),
        (np.array([0.5, 0.1]), 1.0, 16.0),
        (np.array([0.3, 0.9]), 0.001, 10.0),
    ],
    cases=_searches(),
    hints=[
        "Between 0.001 and 0.1 lies 0.01, just as far from both. On which scale is that the middle?",
        "Draw evenly between log(low) and log(high), then undo the logarithm.",
        "low * (high / low) ** uniform does it in one line. Why?",
    ],
)
def random_rates(uniform, low, high):
    """Values for a random search, spread evenly on a logarithmic scale.

    uniform: array of shape (n,), random numbers from [0, 1]
    low, high: floats, 0 < low < high
    returns: array of shape (n,); 0 becomes low, 1 becomes high
    """
    return low * (high / low) ** uniform


@random_rates.misconception(
    "a linear scale", "Nine tenths of your values lie above a tenth of high. How many would fall between 0.001 and 0.01?"
)
def _(uniform, low, high):
    return low + (high - low) * uniform


@random_rates.misconception("the logarithms themselves", "Your values can be negative: they are exponents. Undo the "
                            "logarithm.")
def _(uniform, low, high):
    return np.log10(low) + (np.log10(high) - np.log10(low)) * uniform


@random_rates.misconception("upside down", "A uniform number of 0 gives you high, and 1 gives low.")
def _(uniform, low, high):
    return high * (low / high) ** uniform


@random_rates.misconception(
    "two bases", "You take the natural logarithm and undo it with powers of 10. Use the same base both ways."
)
def _(uniform, low, high):
    return 10 ** (np.log(low) + (np.log(high) - np.log(low)) * uniform)


@random_rates.misconception("starts at 1", "Your smallest value is 1. Where does low come in?")
def _(uniform, low, high):
    return (high / low) ** uniform


@random_rates.misconception("ends at the ratio", "A uniform number of 1 gives low·high. It should give high.")
def _(uniform, low, high):
    return low * high**uniform


@random_rates.misconception("a square root scale", "You spread the values evenly in their roots. Which function turns "
                            "equal factors into equal steps?")
def _(uniform, low, high):
    return (np.sqrt(low) + (np.sqrt(high) - np.sqrt(low)) * uniform) ** 2


# --- a validation to mend ---------------------------------------------------------------------------------------------


@st.composite
def _fits(draw):
    n, features = draw(st.integers(3, 5)), draw(st.integers(1, 2))
    x, y = draw(_arrays(n, features)) + np.arange(n)[:, None], draw(_arrays(n))
    held_x, held_y = draw(_arrays(2, features)) + 4.0, draw(_arrays(2)) + 1.0
    return x, y, held_x, held_y, draw(st.sampled_from([(0.1, 1.0), (1.0, 10.0, 100.0), (0.5, 50.0)]))


_X, _Y = np.array([[1.0], [2.0], [3.0]]), np.array([1.0, 2.0, 5.0])
_TWO = np.array([[1.0, 2.0], [2.0, 1.0], [4.0, 3.0], [0.0, 1.0]])


@exercise(
    points=2,
    examples=[
        (_X, _Y, np.array([[2.0], [4.0]]), np.array([1.0, 2.0]), (0.1, 1.0, 10.0)),
        (_X, _Y, np.array([[2.0], [5.0]]), np.array([3.0, 9.0]), (10.0, 0.1)),
        (_TWO, np.array([1.0, 3.0, 4.0, 2.0]), np.array([[3.0, 3.0], [1.0, 5.0]]), np.array([2.0, 1.0]), (1.0, 10.0)),
        (_TWO, np.array([0.0, 4.0, 1.0, 3.0]), np.array([[1.0, 1.0], [2.0, 6.0]]), np.array([0.0, -1.0]), (0.1, 5.0)),
        (_X, _Y, np.array([[1.0], [6.0]]), np.array([4.0, 7.0]), (0.5, 5.0, 50.0)),
    ],
    cases=_fits(),
    hints=[
        "Which rows may be used to solve for w, and which ones to judge it?",
        "Scaling is learnt, too: mean and standard deviation come from the training rows, and are *used* on both.",
        "The penalty helps to find w. When you judge w, count only the errors on the held-out rows.",
    ],
)
def choose_decay(x, y, held_x, held_y, decays):
    """Chooses the weight decay of a linear model by its error on held-out data.

    x, y: arrays of shape (n, features) and (n,), to learn from; held_x, held_y: the same, to judge by
    decays: tuple of floats, the candidates
    The columns are scaled to mean 0 and standard deviation 1 first, y is taken as it is, and for each λ the weights are
    w = (XᵀX + λI)⁻¹ Xᵀ y.
    returns: (decay, error): the winner, and its mean squared error on the held-out data
    """
    mean, std = x.mean(axis=0), x.std(axis=0)
    x, held_x = (x - mean) / std, (held_x - mean) / std
    best = (None, np.inf)
    for decay in decays:
        w = np.linalg.solve(x.T @ x + decay * np.eye(x.shape[1]), x.T @ y)
        error = np.mean((held_x @ w - held_y) ** 2)
        if error < best[1]:
            best = (decay, float(error))
    return best


def _choose(x, y, held_x, held_y, decays, judge=None, scale=None):
    mean, std = (x.mean(axis=0), x.std(axis=0)) if scale is None else scale
    x, held = (x - mean) / std, (held_x - mean) / std
    errors = []
    for decay in decays:
        w = np.linalg.solve(x.T @ x + decay * np.eye(x.shape[1]), x.T @ y)
        error = np.mean((held @ w - held_y) ** 2)
        errors.append(error if judge is None else judge(w, decay, x, held, error))
    best = int(np.argmin(errors))
    return decays[best], float(errors[best])


@choose_decay.misconception(
    "still the broken validation",
    "This gives what the broken function gave. Go through its lines: what has each learnt from, and what does it judge by?",
)
def _(x, y, held_x, held_y, decays):
    both = np.concatenate([x, held_x])
    return _choose(x, y, held_x, held_y, decays, lambda w, decay, x, held, error: np.mean((x @ w - y) ** 2) + decay * (w @ w),
                   (both.mean(axis=0), both.std(axis=0)))


@choose_decay.misconception(
    "judged on the training data, penalty included",
    "Two faults are left: you judge by the rows that were learnt from, and with the penalty included.",
)
def _(x, y, held_x, held_y, decays):
    return _choose(x, y, held_x, held_y, decays, lambda w, decay, x, held, error: np.mean((x @ w - y) ** 2) + decay * (w @ w))


@choose_decay.misconception(
    "scaled with the held-out data, judged on the training data",
    "Two faults are left: mean and standard deviation come from all rows, and you judge by the rows that were learnt from.",
)
def _(x, y, held_x, held_y, decays):
    both = np.concatenate([x, held_x])
    return _choose(x, y, held_x, held_y, decays, lambda w, decay, x, held, error: np.mean((x @ w - y) ** 2),
                   (both.mean(axis=0), both.std(axis=0)))


@choose_decay.misconception(
    "scaled with the held-out data, judged with the penalty",
    "Two faults are left: mean and standard deviation come from all rows, and the penalty is counted in the error.",
)
def _(x, y, held_x, held_y, decays):
    both = np.concatenate([x, held_x])
    return _choose(x, y, held_x, held_y, decays, lambda w, decay, x, held, error: error + decay * (w @ w),
                   (both.mean(axis=0), both.std(axis=0)))


@choose_decay.misconception(
    "judged on the training data", "Your winner is always the smallest λ: you judge by the rows that were learnt from."
)
def _(x, y, held_x, held_y, decays):
    return _choose(x, y, held_x, held_y, decays, lambda w, decay, x, held, error: np.mean((x @ w - y) ** 2))


@choose_decay.misconception(
    "penalty counted in the error", "You judge with the penalty included. It helps to find w; the prediction is judged "
    "without it."
)
def _(x, y, held_x, held_y, decays):
    return _choose(x, y, held_x, held_y, decays, lambda w, decay, x, held, error: error + decay * (w @ w))


@choose_decay.misconception(
    "scaled with the held-out data", "Mean and standard deviation were taken over all rows: the held-out ones have leaked "
    "into the training."
)
def _(x, y, held_x, held_y, decays):
    both = np.concatenate([x, held_x])
    return _choose(x, y, held_x, held_y, decays, scale=(both.mean(axis=0), both.std(axis=0)))


@choose_decay.misconception(
    "held-out data scaled by itself", "You scale the held-out rows by their own mean. The model knows the training rows' "
    "scale only."
)
def _(x, y, held_x, held_y, decays):
    held = (held_x - held_x.mean(0)) / np.where(held_x.std(0) > 0, held_x.std(0), 1.0)
    return _choose(x, y, held * x.std(0) + x.mean(0), held_y, decays)


@choose_decay.misconception("held-out data not scaled", "The training rows are scaled, the held-out ones are not: w does "
                            "not fit them.")
def _(x, y, held_x, held_y, decays):
    return _choose(x, y, held_x * x.std(0) + x.mean(0), held_y, decays)


@choose_decay.misconception("learns from all rows", "You solve for w with the held-out rows among the others. Then nothing "
                            "is held out.")
def _(x, y, held_x, held_y, decays):
    mean, std = x.mean(0), x.std(0)
    all_x, all_y = (np.concatenate([x, held_x]) - mean) / std, np.concatenate([y, held_y])
    held, errors = (held_x - mean) / std, []
    for decay in decays:
        w = np.linalg.solve(all_x.T @ all_x + decay * np.eye(x.shape[1]), all_x.T @ all_y)
        errors.append(np.mean((held @ w - held_y) ** 2))
    return decays[int(np.argmin(errors))], float(min(errors))


@choose_decay.misconception("the worst", "You keep the largest error. Which one do you want?")
def _(x, y, held_x, held_y, decays):
    flipped = _choose(x, y, held_x, held_y, decays, lambda w, decay, x, held, error: -error)
    return flipped[0], -flipped[1]


@choose_decay.misconception("sum of squares", "Your error is the sum over the held-out rows. The docstring asks for the mean.")
def _(x, y, held_x, held_y, decays):
    decay, error = _choose(x, y, held_x, held_y, decays)
    return decay, error * len(held_y)
