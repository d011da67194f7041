"""Unit 07: RMSprop. The step, the centred one, how long a step is, and a document's loop to mend."""

import numpy as np
from hypothesis import strategies as st

from course.exercises.problems import GradientOf, Quadratic
from course.exercises.specification import exercise


def _vectors(size, unit=0.5):
    """Float64 vectors whose entries are small multiples of `unit`: exact in binary, easy on the eye."""
    numbers = st.lists(st.integers(-8, 8), min_size=size, max_size=size)
    return numbers.map(lambda numbers: unit * np.array(numbers, float))


_RATES, _SHARES, _EPS = st.sampled_from([0.1, 0.5, 2.0]), st.sampled_from([0.9, 0.8, 0.75]), st.sampled_from([0.1, 0.5])


# --- one step ---------------------------------------------------------------------------------------------------------


@st.composite
def _steps(draw):
    size, dtype = draw(st.integers(1, 3)), draw(st.sampled_from([np.float64, np.float32]))
    theta, v, gradient = (draw(_vectors(size)).astype(dtype) for _ in range(3))
    return theta, abs(v), gradient, draw(_RATES), draw(_SHARES), draw(_EPS)


@exercise(
    examples=[
        (np.array([0.0]), np.array([0.0]), np.array([1.0]), 0.01, 0.99, 0.1),  # v = 0.01: a step of 0.01 / 0.2
        (np.array([1.0]), np.array([4.0]), np.array([3.0]), 0.5, 0.8, 0.5),
        (np.array([1.0, -1.0]), np.array([4.0, 1.0]), np.array([2.0, -4.0]), 0.1, 0.9, 0.1),
        (np.array([1.0, 2.0]), np.array([1.0, 0.0]), np.array([3.0, 0.0]), 0.5, 0.75, 1e-8),
        (np.array([1.0], dtype=np.float32), np.array([2.0], dtype=np.float32), np.array([1.0], dtype=np.float32), 0.5,
         0.9, 0.5),
    ],
    cases=_steps(),
    hints=[
        "First v, then θ. With v = 0, a gradient of 1 and α = 0.99 the new v is 0.01.",
        "v is a weighted mean: alpha of the old v, 1 - alpha of the squared gradient. The step divides by the root of "
        "the new v, plus eps.",
        "v = alpha * v + (1 - alpha) * gradient**2, then return theta - lr * gradient / (np.sqrt(v) + …), v.",
    ],
)
def rmsprop_step(theta, v, gradient, lr, alpha, eps):
    """One step of RMSprop, the standard form.

    theta: array of any shape, where we stand
    v: array like theta, the average of squared gradients so far
    gradient: array like theta, ∇J(θ)
    lr: float, the learning rate η
    alpha: float, α, the share of v that is kept
    eps: float, ε, added to the root
    returns: (theta, v), two new arrays
    """
    v = alpha * v + (1 - alpha) * gradient**2
    return theta - lr * gradient / (np.sqrt(v) + eps), v


@rmsprop_step.misconception(
    "Adagrad", "You add the squared gradient to v in full and forget nothing: that is Adagrad. Which share of v stays?"
)
def _(theta, v, gradient, lr, alpha, eps):
    v = v + gradient**2
    return theta - lr * gradient / (np.sqrt(v) + eps), v


@rmsprop_step.misconception(
    "no 1 − α", "Your weights add up to more than 1, so v is no average. Which share is left for the squared gradient?"
)
def _(theta, v, gradient, lr, alpha, eps):
    v = alpha * v + gradient**2
    return theta - lr * gradient / (np.sqrt(v) + eps), v


@rmsprop_step.misconception(
    "α and 1 − α exchanged", "Your v forgets almost everything at once. Which of the two does α stand before?"
)
def _(theta, v, gradient, lr, alpha, eps):
    v = (1 - alpha) * v + alpha * gradient**2
    return theta - lr * gradient / (np.sqrt(v) + eps), v


@rmsprop_step.misconception(
    "the gradient not squared", "You average the gradient itself. Its signs cancel: what does RMSprop average?"
)
def _(theta, v, gradient, lr, alpha, eps):
    v = alpha * v + (1 - alpha) * gradient
    with np.errstate(invalid="ignore", divide="ignore"):
        return theta - lr * gradient / (np.sqrt(v) + eps), v


@rmsprop_step.misconception(
    "no root", "You divide by v. RMS is the *root* of the mean square: what is missing?"
)
def _(theta, v, gradient, lr, alpha, eps):
    v = alpha * v + (1 - alpha) * gradient**2
    return theta - lr * gradient / (v + eps), v


@rmsprop_step.misconception(
    "ε inside the root", "You put ε under the root; RMSprop adds it to the root. Where do the brackets close?"
)
def _(theta, v, gradient, lr, alpha, eps):
    v = alpha * v + (1 - alpha) * gradient**2
    return theta - lr * gradient / np.sqrt(v + eps), v


@rmsprop_step.misconception(
    "divides by the old v", "Your step divides by the v from before. Which line comes first?"
)
def _(theta, v, gradient, lr, alpha, eps):
    return theta - lr * gradient / (np.sqrt(v) + eps), alpha * v + (1 - alpha) * gradient**2


@rmsprop_step.misconception(
    "no ε", "Where every gradient so far was 0 you divide 0 by 0. What is added to the root?"
)
def _(theta, v, gradient, lr, alpha, eps):
    v = alpha * v + (1 - alpha) * gradient**2
    with np.errstate(invalid="ignore", divide="ignore"):
        return theta - lr * gradient / np.sqrt(v), v


@rmsprop_step.misconception("uphill", "Your step climbs. Which sign takes you down?")
def _(theta, v, gradient, lr, alpha, eps):
    v = alpha * v + (1 - alpha) * gradient**2
    return theta + lr * gradient / (np.sqrt(v) + eps), v


@rmsprop_step.misconception(
    "changes v in place",
    "The numbers are right, but `v *= …` writes into the caller's own array. How do you make a new one?",
)
def _(theta, v, gradient, lr, alpha, eps):
    v *= alpha
    v += (1 - alpha) * gradient**2
    return theta - lr * gradient / (np.sqrt(v) + eps), v


@rmsprop_step.misconception(
    "ε beside the fraction",
    "`/ np.sqrt(v) + eps` divides by the root, and then adds ε to the place. Which brackets keep ε below the line?",
)
def _(theta, v, gradient, lr, alpha, eps):
    v = alpha * v + (1 - alpha) * gradient**2
    return theta - lr * gradient / np.sqrt(v) + eps, v


# --- centred ----------------------------------------------------------------------------------------------------------


@st.composite
def _centred(draw):
    size = draw(st.integers(1, 3))
    theta, mean, gradient = (draw(_vectors(size)) for _ in range(3))
    spread = np.abs(draw(_vectors(size))) + 0.5  # v is at least mean²: no mean square is smaller
    return theta, mean**2 + spread, mean, gradient, draw(_RATES), draw(_SHARES), draw(_EPS)


@exercise(
    examples=[
        (np.array([0.0]), np.array([0.0]), np.array([0.0]), np.array([1.0]), 0.01, 0.9, 0.1),
        (np.array([1.0]), np.array([5.0]), np.array([1.0]), np.array([3.0]), 0.5, 0.75, 0.5),
        (np.array([1.0]), np.array([5.0]), np.array([2.0]), np.array([-1.0]), 0.5, 0.8, 0.1),
        (np.array([1.0, -1.0]), np.array([4.0, 3.0]), np.array([1.0, -1.0]), np.array([2.0, 4.0]), 0.1, 0.9, 0.1),
    ],
    cases=_centred(),
    hints=[
        "Two averages with the same α: v of the squared gradient, and one of the gradient itself.",
        "The divisor is the root of v minus the square of the mean, both new, plus eps.",
        "mean = alpha * mean + (1 - alpha) * gradient, and the divisor np.sqrt(v - mean**2) + eps.",
    ],
)
def centred_rmsprop_step(theta, v, mean, gradient, lr, alpha, eps):
    """One step of centred RMSprop.

    theta: array of any shape, where we stand
    v: array like theta, the average of squared gradients so far
    mean: array like theta, the average of gradients so far
    gradient: array like theta, ∇J(θ)
    lr: float, the learning rate η
    alpha: float, α, the share of both averages that is kept
    eps: float, ε, added to the root
    returns: (theta, v, mean), three new arrays
    """
    v = alpha * v + (1 - alpha) * gradient**2
    mean = alpha * mean + (1 - alpha) * gradient
    return theta - lr * gradient / (np.sqrt(v - mean**2) + eps), v, mean


def _averages(v, mean, gradient, alpha):
    return alpha * v + (1 - alpha) * gradient**2, alpha * mean + (1 - alpha) * gradient


@centred_rmsprop_step.misconception(
    "not centred", "This is plain RMSprop: the mean is kept but not used. What is taken from v under the root?"
)
def _(theta, v, mean, gradient, lr, alpha, eps):
    v, mean = _averages(v, mean, gradient, alpha)
    return theta - lr * gradient / (np.sqrt(v) + eps), v, mean


@centred_rmsprop_step.misconception(
    "the mean not squared",
    "You take the mean itself from v. A variance is the mean square minus the *square* of the mean.",
)
def _(theta, v, mean, gradient, lr, alpha, eps):
    v, mean = _averages(v, mean, gradient, alpha)
    with np.errstate(invalid="ignore", divide="ignore"):
        return theta - lr * gradient / (np.sqrt(v - mean) + eps), v, mean


@centred_rmsprop_step.misconception(
    "the old mean", "You centre with the mean from before this step. Both averages are renewed first."
)
def _(theta, v, mean, gradient, lr, alpha, eps):
    new_v, new_mean = _averages(v, mean, gradient, alpha)
    with np.errstate(invalid="ignore", divide="ignore"):
        return theta - lr * gradient / (np.sqrt(new_v - mean**2) + eps), new_v, new_mean


@centred_rmsprop_step.misconception(
    "steps along the mean",
    "You step along the average of the gradients: that would be momentum. Along what does centred RMSprop step?",
)
def _(theta, v, mean, gradient, lr, alpha, eps):
    v, mean = _averages(v, mean, gradient, alpha)
    return theta - lr * mean / (np.sqrt(v - mean**2) + eps), v, mean


@centred_rmsprop_step.misconception(
    "the step centred too", "You take the mean from the gradient in the numerator as well. Only the divisor is centred."
)
def _(theta, v, mean, gradient, lr, alpha, eps):
    v, mean = _averages(v, mean, gradient, alpha)
    return theta - lr * (gradient - mean) / (np.sqrt(v - mean**2) + eps), v, mean


@centred_rmsprop_step.misconception(
    "ε inside the root", "You put ε under the root; it is added to the root. Where do the brackets close?"
)
def _(theta, v, mean, gradient, lr, alpha, eps):
    v, mean = _averages(v, mean, gradient, alpha)
    return theta - lr * gradient / np.sqrt(v - mean**2 + eps), v, mean


@centred_rmsprop_step.misconception(
    "hands back the variance",
    "Your θ is right, but the v that you return has the square of the mean taken off. What must the next step know?",
)
def _(theta, v, mean, gradient, lr, alpha, eps):
    v, mean = _averages(v, mean, gradient, alpha)
    v = v - mean**2
    return theta - lr * gradient / (np.sqrt(v) + eps), v, mean


@centred_rmsprop_step.misconception("uphill", "Your step climbs. Which sign takes you down?")
def _(theta, v, mean, gradient, lr, alpha, eps):
    v, mean = _averages(v, mean, gradient, alpha)
    return theta + lr * gradient / (np.sqrt(v - mean**2) + eps), v, mean


# --- how long is a step? ----------------------------------------------------------------------------------------------


@exercise(
    examples=[(0.01, 0.99, 1), (0.01, 0.9, 1), (0.01, 0.9, 2), (1.0, 0.5, 3), (0.1, 0.9, 50), (1.0, 0.0, 1)],
    cases=st.tuples(st.sampled_from([0.01, 0.1, 1.0]), st.sampled_from([0.9, 0.99, 0.5, 0.8]), st.integers(1, 40)),
    hints=[
        "Let the gradient be 1. With α = 0.9 v is 0.1, 0.19, 0.271, …: how far is it from 1 each time?",
        "1 − v is 0.9, 0.81, 0.729: v = 1 − αᵗ.",
        "The step is lr / √v with that v.",
    ],
)
def rmsprop_step_length(lr, alpha, t):
    """The length of RMSprop's t-th step (without ε) from v = 0, when every gradient is the same number (not 0).

    lr: float, the learning rate η
    alpha: float, α, the share of v that is kept
    t: int, 1 for the first step
    returns: float
    """
    return lr / np.sqrt(1 - alpha**t)


@rmsprop_step_length.misconception(
    "v already full", "You give the length in the end. v starts at 0: what is it after one step?"
)
def _(lr, alpha, t):
    return lr


@rmsprop_step_length.misconception(
    "every step like the first",
    "You give the first step's length for all. v goes on filling: what is it after two steps?",
)
def _(lr, alpha, t):
    return lr / np.sqrt(1 - alpha)


@rmsprop_step_length.misconception("no root", "You divide by v. What does RMSprop take of it first?")
def _(lr, alpha, t):
    return lr / (1 - alpha**t)


@rmsprop_step_length.misconception(
    "shorter instead of longer",
    "Your first step is the shortest. A v that is too small stands in the divisor: which way does that go?",
)
def _(lr, alpha, t):
    return lr * np.sqrt(1 - alpha**t)


@rmsprop_step_length.misconception(
    "Adagrad", "lr/√t is Adagrad's step. RMSprop forgets: its v stays below 1 for a gradient of 1."
)
def _(lr, alpha, t):
    return lr / np.sqrt(t)


@rmsprop_step_length.misconception(
    "one step late", "You count from 0: at t = 1 one gradient is already in v."
)
def _(lr, alpha, t):
    with np.errstate(divide="ignore"):
        return lr / np.sqrt(1 - np.float64(alpha) ** (t - 1))


@rmsprop_step_length.misconception(
    "the share that is lost", "αᵗ is what is still missing from v. What is there already?"
)
def _(lr, alpha, t):
    with np.errstate(divide="ignore"):
        return lr / np.sqrt(np.float64(alpha) ** t)


# --- a loop to mend ---------------------------------------------------------------------------------------------------


@st.composite
def _descents(draw):
    size = draw(st.integers(2, 3))
    curvatures = draw(st.lists(st.sampled_from([1.0, 4.0, 0.5]), min_size=size, max_size=size))
    problem = Quadratic(np.diag(curvatures), draw(_vectors(size)))
    numbers = (draw(numbers) for numbers in (st.sampled_from([0.1, 0.5]), _SHARES, _EPS, st.integers(0, 6)))
    return GradientOf(problem), draw(_vectors(size)), *numbers


_VALLEY = GradientOf(Quadratic(np.array([[1.0, 0.0], [0.0, 4.0]]), np.zeros(2)))


def _descend(gradient, theta, lr, alpha, eps, steps, *, decay=False, swapped=False, bare=False):
    """The loop with any of the three faults: document 001's decay, exchanged shares, no ε."""
    v, keep = np.zeros_like(theta), 1 - alpha if swapped else alpha
    with np.errstate(all="ignore"):
        for t in range(1, steps + 1):
            g = gradient(theta) / (np.sqrt(1 + 0.99 * t) if decay else 1)
            v = keep * v + (1 - keep) * g**2
            theta = theta - lr * g / (np.sqrt(v) + (0 if bare else eps))
    return theta


@exercise(
    points=2,
    examples=[
        (_VALLEY, np.array([1.0, 1.0]), 0.1, 0.9, 0.1, 1),
        (_VALLEY, np.array([1.0, 1.0]), 0.1, 0.9, 0.1, 2),
        (_VALLEY, np.array([2.0, 0.0]), 0.5, 0.8, 0.1, 2),  # the second gradient is 0 for ever
        (_VALLEY, np.array([2.0, -1.0]), 0.5, 0.75, 0.5, 4),
        (_VALLEY, np.array([2.0, 0.0]), 0.5, 0.9, 0.1, 0),
    ],
    cases=_descents(),
    hints=[
        "Write the standard formulas beside the loop, line by line. Which line has something that the formula has not?",
        "One line divides the gradient by something with t: take that away. One line exchanges the two shares. One "
        "divides by a root that may be 0.",
        "g = gradient(theta); v = alpha * v + (1 - alpha) * g**2; theta = theta - lr * g / (np.sqrt(v) + eps).",
    ],
)
def rmsprop_descent(gradient, theta, lr, alpha, eps, steps):
    """Descends with RMSprop, the standard form.

    gradient: function, gradient(theta) is an array like theta
    theta: array of shape (n,), where to start
    lr: float, the learning rate
    alpha: float, α, the share of v that is kept
    eps: float, ε, added to the root
    steps: int, how many steps to make
    returns: theta, array of shape (n,), after the last step
    """
    v = np.zeros_like(theta)
    for _ in range(steps):
        g = gradient(theta)
        v = alpha * v + (1 - alpha) * g**2
        theta = theta - lr * g / (np.sqrt(v) + eps)
    return theta


_FAULTS = {
    "still the broken loop": (
        dict(decay=True, swapped=True, bare=True),
        "This gives what the broken loop gave. Write the standard formula beside it and compare line by line."),
    "the decay": (
        dict(decay=True),
        "One thing is left: document 001's factor 1/√(1 + 0.99 t) on the gradient. RMSprop has none."),
    "the shares exchanged": (
        dict(swapped=True),
        "One thing is left: α and 1 − α have changed places, so v forgets almost everything at once."),
    "no ε": (
        dict(bare=True),
        "One thing is left: where every gradient so far was 0 you divide 0 by 0. What stands beside the root?"),
    "the decay, and the shares exchanged": (
        dict(decay=True, swapped=True),
        "Two faults are left: the factor with t on the gradient, and the places of α and 1 − α."),
    "the decay, and no ε": (
        dict(decay=True, bare=True),
        "Two faults are left: this is document 001's form as it is printed. It has a factor with t, and no ε."),
    "the shares exchanged, and no ε": (
        dict(swapped=True, bare=True),
        "Two faults are left: the places of α and 1 − α, and the root that may be 0."),
}
for _name, (_fault, _question) in _FAULTS.items():
    rmsprop_descent.misconception(_name, _question)(
        lambda gradient, theta, lr, alpha, eps, steps, _fault=_fault: _descend(gradient, theta, lr, alpha, eps, steps,
                                                                               **_fault))


@rmsprop_descent.misconception("uphill", "Your loop climbs. Which sign does the step have?")
def _(gradient, theta, lr, alpha, eps, steps):
    return _descend(gradient, theta, -lr, alpha, eps, steps)
