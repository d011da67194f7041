"""Unit 08: Adam. The correction of the start, one step, a loop to mend, and how long the first step is."""

import numpy as np
from hypothesis import strategies as st

from course.exercises.specification import exercise


def _vectors(size, low=-8, unit=0.5):
    """Float64 vectors whose entries are small multiples of `unit`."""
    numbers = st.lists(st.integers(low, 8), min_size=size, max_size=size)
    return numbers.map(lambda numbers: unit * np.array(numbers, float))


_BETAS = st.sampled_from([0.5, 0.9, 0.8, 0.99])

# --- the correction of the start --------------------------------------------------------------------------------------


@st.composite
def _averages(draw):
    return draw(_vectors(draw(st.integers(1, 3)))), draw(_BETAS), draw(st.integers(1, 12))


@exercise(
    examples=[
        (np.array([2.0]), 0.5, 1),
        (np.array([1.5]), 0.5, 2),
        (np.array([0.1, -0.2]), 0.9, 1),
        (np.array([1.0, 0.0, 3.0]), 0.99, 10),
    ],
    cases=_averages(),
    hints=[
        "After one step from 0 with β = 0.5 the average of the single number 4 is 2. What must 2 be divided by?",
        "After t steps the weights of all gradients so far add up to 1 − β^t instead of 1.",
        "In Python β to the power t is beta**t, and it stands in the divisor: m / (1 - …)",
    ],
)
def bias_correction(m, beta, t):
    """A decaying average that started from 0, corrected for its start.

    m: array of any shape, the average after t steps
    beta: float, what the average keeps in each step
    t: int, how many steps have been made, at least 1
    returns: a new array like m
    """
    return m / (1 - beta**t)


@bias_correction.misconception(
    "no power of t", "Your correction is the same at every step. The pull of the start fades: where does t come in?"
)
def _(m, beta, t):
    return m / (1 - beta)


@bias_correction.misconception(
    "multiplied instead of divided", "The average is too small, and you make it smaller. Multiply, or divide?"
)
def _(m, beta, t):
    return m * (1 - beta**t)


@bias_correction.misconception(
    "t counted from 0", "You correct as if one more step had been made. In the first step t is already 1: what is 1 − β¹?"
)
def _(m, beta, t):
    return m / (1 - beta ** (t + 1))


@bias_correction.misconception(
    "no correction", "You return the average as it is. After one step with β = 0.5 it holds half of the gradient. "
    "What gives the other half back?"
)
def _(m, beta, t):
    return m * 1.0


@bias_correction.misconception(
    "divided by the power alone",
    "β^t is the share that the start still has. Divide by the share that the *gradients* have. How large is that?",
)
def _(m, beta, t):
    return m / beta**t


@bias_correction.misconception(
    "the base is 1 − β", "You take the power of 1 − β. Which of the two is it that fades with every step, β or 1 − β?"
)
def _(m, beta, t):
    return m / (1 - (1 - beta) ** t)


@bias_correction.misconception(
    "changes m in place",
    "The numbers are right, but `m /= …` writes them into the average itself, which must go on uncorrected. How do you "
    "write a division that makes a new array?",
)
def _(m, beta, t):
    m /= 1 - beta**t
    return m


@bias_correction.misconception(
    "brackets missing",
    "`m / 1 - beta**t` divides by 1 only. What belongs together below the line?",
)
def _(m, beta, t):
    return m / 1 - beta**t


@bias_correction.misconception(
    "β times t", "You multiply β by t. Every step multiplies the share of the start by β once more: what is that t times?"
)
def _(m, beta, t):
    return m / (1 - beta * t)


# --- one step ---------------------------------------------------------------------------------------------------------


@st.composite
def _steps(draw):
    size = draw(st.integers(1, 3))
    theta, g, m = (draw(_vectors(size)) for _ in range(3))
    v = draw(_vectors(size, low=0))
    beta1, beta2 = draw(st.sampled_from([(0.9, 0.99), (0.5, 0.8), (0.9, 0.999)]))
    lr, eps = draw(st.sampled_from([0.1, 0.01])), draw(st.sampled_from([1e-8, 0.5, 0.1]))
    return theta, g, m, v, draw(st.integers(1, 9)), lr, beta1, beta2, eps


_ONE, _NULL = np.array([1.0]), np.array([0.0])


@exercise(
    points=2,
    examples=[
        (_NULL, 4 * _ONE, _NULL, _NULL, 1, 1.0, 0.5, 0.5, 0.0),  # the lesson's pencil numbers
        (-_ONE, _ONE, 2 * _ONE, 8 * _ONE, 2, 1.0, 0.5, 0.5, 0.0),
        (_ONE, 2 * _ONE, _NULL, _NULL, 1, 0.1, 0.9, 0.999, 0.5),
        (_ONE, _NULL, _NULL, _NULL, 1, 0.1, 0.9, 0.999, 1e-8),  # no gradient yet: stays where it is
        (np.array([1.0, -1.0]), np.array([3.0, -2.0]), np.array([0.5, 1.0]), np.array([1.0, 4.0]), 3, 0.1, 0.9, 0.99, 0.1),
    ],
    cases=_steps(),
    hints=[
        "Five lines, in the order of the formula: m, v, m̂, v̂, θ. Only the uncorrected m and v are handed on.",
        "m̂ = m / (1 - beta1**t), v̂ likewise with beta2. Both are made from the *new* averages.",
        "The last line: theta - lr * m_hat / (np.sqrt(v_hat) + eps). Return theta, m, v.",
    ],
)
def adam_step(theta, g, m, v, t, lr, beta1, beta2, eps):
    """One step of Adam.

    theta: array of any shape, the parameters
    g: array of the same shape, the gradient
    m, v: arrays of the same shape, the averages of g and of g² after t − 1 steps
    t: int, the number of this step, 1 for the first
    lr, beta1, beta2, eps: floats
    returns: (theta, m, v), three new arrays: the parameters and the uncorrected averages after this step
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def _adam(theta, g, m, v, t, lr, beta1, beta2, eps):
    """The averages and their corrections, for the mistakes below."""
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return m, v, m / (1 - beta1**t), v / (1 - beta2**t)


@adam_step.misconception(
    "no bias correction",
    "You step with the averages as they are. They started from 0 and are too small at first: what are they divided by?",
)
def _(theta, g, m, v, t, lr, beta1, beta2, eps):
    m, v, _, _ = _adam(theta, g, m, v, t, lr, beta1, beta2, eps)
    return theta - lr * m / (np.sqrt(v) + eps), m, v


@adam_step.misconception(
    "corrects m only", "m is corrected and v is not. Both averages started from 0: which power does v need?"
)
def _(theta, g, m, v, t, lr, beta1, beta2, eps):
    m, v, m_hat, _ = _adam(theta, g, m, v, t, lr, beta1, beta2, eps)
    return theta - lr * m_hat / (np.sqrt(v) + eps), m, v


@adam_step.misconception(
    "keeps the corrected averages",
    "θ is right, but you return m̂ and v̂. The next step would average what has been corrected already: what should it "
    "be given?",
)
def _(theta, g, m, v, t, lr, beta1, beta2, eps):
    m, v, m_hat, v_hat = _adam(theta, g, m, v, t, lr, beta1, beta2, eps)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m_hat, v_hat


@adam_step.misconception(
    "ε inside the root", "You take the root of v̂ + ε. In Adam ε stands outside: which bracket is one sign too long?"
)
def _(theta, g, m, v, t, lr, beta1, beta2, eps):
    m, v, m_hat, v_hat = _adam(theta, g, m, v, t, lr, beta1, beta2, eps)
    return theta - lr * m_hat / np.sqrt(v_hat + eps), m, v


@adam_step.misconception(
    "no root", "You divide by v̂ itself, which has the units of g². What must be done to it so that units cancel?"
)
def _(theta, g, m, v, t, lr, beta1, beta2, eps):
    m, v, m_hat, v_hat = _adam(theta, g, m, v, t, lr, beta1, beta2, eps)
    return theta - lr * m_hat / (v_hat + eps), m, v


@adam_step.misconception(
    "uphill", "Your step goes up the hill. Which sign does the last line of the formula have?"
)
def _(theta, g, m, v, t, lr, beta1, beta2, eps):
    m, v, m_hat, v_hat = _adam(theta, g, m, v, t, lr, beta1, beta2, eps)
    return theta + lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@adam_step.misconception(
    "betas exchanged", "β₁ belongs to the average of gradients, β₂ to that of squares. Which did you use where?"
)
def _(theta, g, m, v, t, lr, beta1, beta2, eps):
    m, v, m_hat, v_hat = _adam(theta, g, m, v, t, lr, beta2, beta1, eps)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@adam_step.misconception(
    "no 1 − β", "Your averages add the whole new gradient, as PyTorch's momentum does. What share does Adam give it?"
)
def _(theta, g, m, v, t, lr, beta1, beta2, eps):
    m, v = beta1 * m + g, beta2 * v + g**2
    return theta - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@adam_step.misconception(
    "gradient instead of its average",
    "You divide the bare gradient by √v̂: that is RMSprop. What does the numerator of Adam remember?",
)
def _(theta, g, m, v, t, lr, beta1, beta2, eps):
    m, v, _, v_hat = _adam(theta, g, m, v, t, lr, beta1, beta2, eps)
    return theta - lr * g / (np.sqrt(v_hat) + eps), m, v


@adam_step.misconception(
    "t counted from 0", "You correct with t + 1. The first step is already number 1: which power is right there?"
)
def _(theta, g, m, v, t, lr, beta1, beta2, eps):
    m, v, _, _ = _adam(theta, g, m, v, t, lr, beta1, beta2, eps)
    return theta - lr * m / (1 - beta1 ** (t + 1)) / (np.sqrt(v / (1 - beta2 ** (t + 1))) + eps), m, v


@adam_step.misconception(
    "v from the squared average",
    "You square m, not g. Alternating gradients average to 0 and still are large: of what is v the average?",
)
def _(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * m**2
    return theta - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


# --- a loop to mend ---------------------------------------------------------------------------------------------------


@st.composite
def _paths(draw):
    gradients = draw(_vectors(draw(st.integers(1, 6))))
    beta1, beta2 = draw(st.sampled_from([(0.9, 0.99), (0.5, 0.8), (0.9, 0.999)]))
    return gradients, draw(st.sampled_from([0.1, 1.0])), beta1, beta2, draw(st.sampled_from([0.5, 0.1, 1.0]))


def _path(gradients, lr, beta1, beta2, eps, keep=False, wrong_beta=False, inside=False, correct=True, sign=-1.0):
    """Adam's loop with the mistakes that are asked for."""
    theta, m, v, path = 0.0, 0.0, 0.0, []
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - (beta1 if wrong_beta else beta2)) * g**2
        m_hat, v_hat = (m / (1 - beta1**t), v / (1 - beta2**t)) if correct else (m, v)
        if keep:
            m, v = m_hat, v_hat
        theta = theta + sign * lr * m_hat / (np.sqrt(v_hat + eps) if inside else np.sqrt(v_hat) + eps)
        path.append(theta)
    return np.array(path)


@exercise(
    points=2,
    examples=[
        (np.array([1.0]), 1.0, 0.9, 0.999, 1.0),
        (np.array([4.0, 1.0]), 1.0, 0.5, 0.8, 0.5),
        (np.array([1.0, 1.0, 1.0]), 0.1, 0.9, 0.99, 0.1),
        (np.array([2.0, -2.0, 2.0, -2.0]), 0.1, 0.9, 0.99, 1.0),
        (np.array([0.0, 0.0, 3.0]), 1.0, 0.9, 0.999, 0.1),
    ],
    cases=_paths(),
    hints=[
        "Give it one gradient of 1 with lr = 1 and ε = 1. Adam's first step is |g|/(|g| + ε) = 0.5. What do you get, and "
        "which of the three lines is to blame?",
        "Then two gradients of 1: the step must stay the same. What has become of m and v between the two?",
        "Three lines are wrong: the share of g² belongs to beta2, the corrected averages must not overwrite m and v, and "
        "eps stands outside the root.",
    ],
)
def adam_path(gradients, lr, beta1, beta2, eps):
    """Adam on one parameter that starts at 0 and is given these gradients, one a step.

    gradients: array of shape (n,)
    lr, beta1, beta2, eps: floats
    returns: array of shape (n,), θ after each step
    """
    theta, m, v, path = 0.0, 0.0, 0.0, []
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
        path.append(theta)
    return np.array(path)


@adam_path.misconception(
    "still the broken loop", "This gives what the broken loop gave. Take the first step by hand and compare line by line."
)
def _(gradients, lr, beta1, beta2, eps):
    return _path(gradients, lr, beta1, beta2, eps, keep=True, wrong_beta=True, inside=True)


@adam_path.misconception(
    "the corrected averages are kept",
    "The first step is right, the second is not: it averages m̂ instead of m. Under which names do you keep the two?",
)
def _(gradients, lr, beta1, beta2, eps):
    return _path(gradients, lr, beta1, beta2, eps, keep=True)


@adam_path.misconception(
    "the wrong β for g²", "The new square comes in with 1 − β₁. What v keeps and what it takes must add up to 1: which β?"
)
def _(gradients, lr, beta1, beta2, eps):
    return _path(gradients, lr, beta1, beta2, eps, wrong_beta=True)


@adam_path.misconception(
    "ε inside the root", "One fault is left: √(v̂ + ε) is not √v̂ + ε. Where does the bracket of the root close?"
)
def _(gradients, lr, beta1, beta2, eps):
    return _path(gradients, lr, beta1, beta2, eps, inside=True)


@adam_path.misconception(
    "the corrected averages are kept, and the wrong β for g²",
    "ε is where it belongs; two faults are left. Look at what v takes of the new square, and at what m and v hold when "
    "the next round begins.",
)
def _(gradients, lr, beta1, beta2, eps):
    return _path(gradients, lr, beta1, beta2, eps, keep=True, wrong_beta=True)


@adam_path.misconception(
    "the corrected averages are kept, and ε inside the root",
    "The shares are right; two faults are left. Where does the root end, and what do m and v hold when the next round "
    "begins?",
)
def _(gradients, lr, beta1, beta2, eps):
    return _path(gradients, lr, beta1, beta2, eps, keep=True, inside=True)


@adam_path.misconception(
    "the wrong β for g², and ε inside the root",
    "The averages go on uncorrected, as they should; two faults are left, both in what ends up under the root.",
)
def _(gradients, lr, beta1, beta2, eps):
    return _path(gradients, lr, beta1, beta2, eps, wrong_beta=True, inside=True)


@adam_path.misconception(
    "no bias correction",
    "You cured the kept corrections by dropping them. They are needed, for the step alone: give them names of their own.",
)
def _(gradients, lr, beta1, beta2, eps):
    return _path(gradients, lr, beta1, beta2, eps, correct=False)


@adam_path.misconception("uphill", "Your path goes up the hill. Which sign does the update have?")
def _(gradients, lr, beta1, beta2, eps):
    return _path(gradients, lr, beta1, beta2, eps, sign=1.0)


@adam_path.misconception(
    "steps instead of places", "You return each step by itself. Where is θ after all the steps so far?"
)
def _(gradients, lr, beta1, beta2, eps):
    return np.diff(_path(gradients, lr, beta1, beta2, eps), prepend=0.0)


# --- predict a number -------------------------------------------------------------------------------------------------


@st.composite
def _first_gradients(draw):
    return (draw(_vectors(draw(st.integers(1, 3)))), draw(st.sampled_from([0.001, 0.1, 1.0])),
            draw(st.sampled_from([0.1, 1.0, 10.0])))


@exercise(
    examples=[
        (np.array([1.0]), 1.0, 10.0),
        (np.array([4.0]), 0.1, 1.0),
        (np.array([-2.0, 2.0]), 0.1, 1.0),
        (np.array([0.0, 1.0, 3.0]), 1.0, 0.1),
    ],
    cases=_first_gradients(),
    hints=[
        "In the first step the corrections give back m̂ = g and v̂ = g², whatever the betas. Put these into the last line.",
        "√(g²) is |g|. A length has no sign. For g = 1, lr = 1, ε = 10 the answer is 1/11.",
    ],
)
def first_step_length(g, lr, eps):
    """How far Adam's very first step goes, for each entry of the first gradient.

    g: array of shape (n,), the first gradient
    lr: float, the learning rate
    eps: float, ε, above 0
    returns: array of shape (n,), lengths, none of them negative
    """
    return lr * np.abs(g) / (np.abs(g) + eps)


@first_step_length.misconception(
    "always lr", "That is the answer while ε is tiny. Put g = 1 and ε = 10 into the formula: what stands below the line?"
)
def _(g, lr, eps):
    return lr * np.abs(np.sign(g))


@first_step_length.misconception(
    "lr times gradient", "That is the step of gradient descent. What does Adam divide by?"
)
def _(g, lr, eps):
    return lr * np.abs(g)


@first_step_length.misconception(
    "with a sign", "A length has no sign. Your step down the hill is right; how far is it?"
)
def _(g, lr, eps):
    return lr * g / (np.abs(g) + eps)


@first_step_length.misconception(
    "ε inside the root", "You have √(g² + ε). In Adam ε is added after the root: what is then below the line?"
)
def _(g, lr, eps):
    return lr * np.abs(g) / np.sqrt(g**2 + eps)


@first_step_length.misconception(
    "no numerator", "You divide lr by |g| + ε: a small gradient would give a huge step. What stands above the line?"
)
def _(g, lr, eps):
    return lr / (np.abs(g) + eps)


@first_step_length.misconception(
    "no bias correction",
    "You took m = 0.1 g and v = 0.001 g² as they are. What does the bias correction make of them in the first step?",
)
def _(g, lr, eps):
    return lr * 0.1 * np.abs(g) / (np.sqrt(0.001) * np.abs(g) + eps)


@first_step_length.misconception(
    "no root", "You divide by g² + ε. What happens to v̂ before it is divided by?"
)
def _(g, lr, eps):
    return lr * np.abs(g) / (g**2 + eps)
