"""Unit 03: gradient descent. One step, the loop around it, how large the step may be, and a loop to mend."""

import numpy as np
from hypothesis import strategies as st

from course.exercises.problems import GradientOf, LogCosh, Quadratic
from course.exercises.specification import exercise


def _vectors(size, unit=0.5):
    """Float64 vectors whose entries are small multiples of `unit`: exact in binary, easy on the eye."""
    numbers = st.lists(st.integers(-8, 8), min_size=size, max_size=size)
    return numbers.map(lambda numbers: unit * np.array(numbers, float))


# --- one step ---------------------------------------------------------------------------------------------------------


@st.composite
def _steps(draw):
    size = draw(st.integers(1, 4))
    dtype = draw(st.sampled_from([np.float64, np.float32]))
    theta, gradient = (draw(_vectors(size)).astype(dtype) for _ in range(2))
    return theta, gradient, draw(st.sampled_from([0.1, 0.5, 0.01, 2.0]))


@exercise(
    examples=[
        (np.array([1.0]), np.array([2.0]), 0.1),
        (np.array([1.0, -2.0]), np.array([3.0, 4.0]), 0.5),
        (np.array([1.0, -2.0]), np.array([0.0, 0.0]), 0.5),
        (np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0]]), 0.1),
        (np.array([1.0, 2.0], dtype=np.float32), np.array([1.0, -1.0], dtype=np.float32), 0.1),
    ],
    cases=_steps(),
    hints=[
        "With θ = 1, ∇J = 2 and α = 0.1 the new θ is 0.8. Which of the three numbers made it smaller?",
        "Scale the gradient by the learning rate, then take that away from θ. NumPy does it for all entries at once.",
        "The right-hand side of θ ← θ − α∇J(θ), in Python: theta - lr * …",
    ],
)
def gradient_descent_step(theta, gradient, lr):
    """One step of gradient descent.

    theta: array of any shape, where we stand
    gradient: array of the same shape and dtype, ∇J(θ)
    lr: float, the learning rate α
    returns: a new array like theta
    """
    return theta - lr * gradient


@gradient_descent_step.misconception(
    "uphill", "Your step goes up the hill. The gradient points to where J grows fastest: which sign takes you down?"
)
def _(theta, gradient, lr):
    return theta + lr * gradient


@gradient_descent_step.misconception(
    "no learning rate", "Your step is the whole gradient. Where does lr come in?"
)
def _(theta, gradient, lr):
    return theta - gradient


@gradient_descent_step.misconception(
    "only the step", "You return how far to go, −α∇J. From where does that step start?"
)
def _(theta, gradient, lr):
    return -lr * gradient


@gradient_descent_step.misconception(
    "only the scaled gradient", "You return α∇J. That is the size of the step: where is the θ that it is taken from?"
)
def _(theta, gradient, lr):
    return lr * gradient


@gradient_descent_step.misconception(
    "changes θ in place",
    "The numbers are right, but `theta -= …` writes them into the caller's own array: whoever kept the old θ to "
    "compare has lost it. How do you write a subtraction that makes a new array?",
)
def _(theta, gradient, lr):
    theta -= lr * gradient
    return theta


@gradient_descent_step.misconception(
    "normalised gradient",
    "All your steps have the length lr. In gradient descent a flat place gives a short step: what did you divide by?",
)
def _(theta, gradient, lr):
    return theta - lr * gradient / np.linalg.norm(gradient)


@gradient_descent_step.misconception(
    "only the sign", "You use the gradient's sign alone. Should a steep slope not give a longer step than a gentle one?"
)
def _(theta, gradient, lr):
    return theta - lr * np.sign(gradient)


@gradient_descent_step.misconception(
    "lr around everything", "Your lr multiplies θ as well. Which part of the formula does α stand before? Check the "
                            "brackets."
)
def _(theta, gradient, lr):
    return lr * (theta - gradient)


@gradient_descent_step.misconception(
    "divided by lr", "A smaller lr gives you a longer step. Do you multiply by the learning rate, or divide?"
)
def _(theta, gradient, lr):
    return theta - gradient / lr


# --- the loop ---------------------------------------------------------------------------------------------------------


def _norms(gradient, theta, lr, max_steps):
    """The gradient's norm before each step and after the last."""
    for _ in range(max_steps + 1):
        slope = gradient(theta)
        yield np.linalg.norm(slope)
        theta = theta - lr * slope


def _clear_cut(case):
    """Not so near the threshold that rounding decides whether another step is taken."""
    gradient, theta, lr, tolerance, max_steps = case
    return all(abs(norm - tolerance) > 1e-6 * tolerance for norm in _norms(gradient, theta, lr, max_steps))


@st.composite
def _descents(draw):
    size = draw(st.integers(1, 3))
    curvatures = np.array(draw(st.lists(st.sampled_from([1.0, 2.0, 0.5, 4.0]), min_size=size, max_size=size)))
    if draw(st.booleans()):
        problem = LogCosh(curvatures)
    else:
        problem = Quadratic(np.diag(curvatures) + 0.25 * (size > 1), draw(_vectors(size)))
    lr = draw(st.sampled_from([0.1, 0.25, 0.05]))  # below 2/L for every problem above
    tolerance = draw(st.sampled_from([0.1, 0.5, 0.01]))
    return GradientOf(problem), draw(_vectors(size)), lr, tolerance, draw(st.integers(0, 60))


_BOWL = GradientOf(Quadratic(np.array([[1.0]]), np.array([0.0])))
_ROUND = GradientOf(Quadratic(np.eye(2), np.zeros(2)))
_VALLEY = GradientOf(Quadratic(np.array([[1.0, 0.0], [0.0, 4.0]]), np.array([0.0, 0.0])))


@exercise(
    points=2,
    examples=[
        (_BOWL, np.array([1.0]), 0.5, 0.3, 10),  # norms 1, 0.5, 0.25: stops after two steps
        (_BOWL, np.array([1.0]), 0.5, 0.25, 10),  # the norm meets the tolerance exactly
        (_BOWL, np.array([0.0]), 0.5, 0.1, 10),  # nothing to do
        (_BOWL, np.array([-4.0]), 0.5, 0.01, 3),  # out of steps
        (_BOWL, np.array([1.0]), 0.5, 0.1, 0),
        (_VALLEY, np.array([2.0, 1.0]), 0.25, 0.2, 50),
        (_ROUND, np.array([0.8, 0.8]), 0.9, 1.0, 10),  # the norm is above the tolerance, no entry is
    ],
    cases=_descents().filter(_clear_cut),
    hints=[
        "Three things happen in each round, in this order: take the gradient, ask whether it is small enough to "
        "stop, step.",
        "A for loop over range(max_steps) keeps you from running for ever; its counter is the number of steps made "
        "so far.",
        "Inside the loop: slope = gradient(theta); if np.linalg.norm(slope) <= tolerance, return theta and the "
        "counter. After the loop, return theta and max_steps.",
    ],
)
def minimise(gradient, theta, lr, tolerance, max_steps):
    """Gradient descent until the gradient is nearly zero.

    gradient: function, gradient(theta) is an array like theta
    theta: array of shape (n,), where to start
    lr: float, the learning rate
    tolerance: float, stop as soon as the norm of the gradient is at most this
    max_steps: int, make no more steps than this
    returns: (theta, steps), where it stopped and how many steps it made
    """
    for steps in range(max_steps):
        slope = gradient(theta)
        if np.linalg.norm(slope) <= tolerance:
            return theta, steps
        theta = theta - lr * slope
    return theta, max_steps


@minimise.misconception(
    "steps before it looks",
    "Starting at the minimum, you still make one step. What must be asked before the first step?",
)
def _(gradient, theta, lr, tolerance, max_steps):
    for steps in range(max_steps):
        theta = theta - lr * gradient(theta)
        if np.linalg.norm(gradient(theta)) <= tolerance:
            return theta, steps + 1
    return theta, max_steps


@minimise.misconception(
    "one step too late",
    "You notice that the gradient is small only after you have used it for another step. Can the question come before "
    "the step?",
)
def _(gradient, theta, lr, tolerance, max_steps):
    for steps in range(max_steps):
        slope = gradient(theta)
        theta = theta - lr * slope
        if np.linalg.norm(slope) <= tolerance:
            return theta, steps + 1
    return theta, max_steps


@minimise.misconception(
    "counts one too many",
    "Your θ is right and your count is one too high when you stop early: the round in which you stop makes no step. "
    "How many were made before it?",
)
def _(gradient, theta, lr, tolerance, max_steps):
    for steps in range(max_steps):
        slope = gradient(theta)
        if np.linalg.norm(slope) <= tolerance:
            return theta, steps + 1
        theta = theta - lr * slope
    return theta, max_steps


@minimise.misconception(
    "squared norm",
    "You compare the sum of squares with the tolerance. A norm of 0.1 has the square 0.01: what is missing before you "
    "compare?",
)
def _(gradient, theta, lr, tolerance, max_steps):
    for steps in range(max_steps):
        slope = gradient(theta)
        if slope @ slope <= tolerance:
            return theta, steps
        theta = theta - lr * slope
    return theta, max_steps


@minimise.misconception(
    "change of θ instead of gradient",
    "You stop when θ hardly moves. A tiny lr makes every step short, however steep the place: which quantity does the "
    "docstring compare with the tolerance?",
)
def _(gradient, theta, lr, tolerance, max_steps):
    for steps in range(max_steps):
        slope = gradient(theta)
        if np.linalg.norm(lr * slope) <= tolerance:
            return theta, steps
        theta = theta - lr * slope
    return theta, max_steps


@minimise.misconception(
    "largest entry",
    "You look at the largest entry of the gradient. Two entries of 0.8 have the norm 1.13: what does np.linalg.norm "
    "give?",
)
def _(gradient, theta, lr, tolerance, max_steps):
    for steps in range(max_steps):
        slope = gradient(theta)
        if np.abs(slope).max() <= tolerance:
            return theta, steps
        theta = theta - lr * slope
    return theta, max_steps


@minimise.misconception(
    "stops below the tolerance only",
    "A norm that equals the tolerance is small enough: the docstring says at most. Is that < or <= ?",
)
def _(gradient, theta, lr, tolerance, max_steps):
    for steps in range(max_steps):
        slope = gradient(theta)
        if np.linalg.norm(slope) < tolerance:
            return theta, steps
        theta = theta - lr * slope
    return theta, max_steps


@minimise.misconception(
    "ignores max_steps",
    "You go on until the gradient is small, however long that takes. With a poor lr it takes for ever: where does "
    "max_steps stop you?",
)
def _(gradient, theta, lr, tolerance, max_steps):
    steps = 0
    while np.linalg.norm(slope := gradient(theta)) > tolerance:
        theta, steps = theta - lr * slope, steps + 1
    return theta, steps


@minimise.misconception(
    "ignores the tolerance",
    "You always make max_steps steps. Which line ends the loop early once the gradient is small?",
)
def _(gradient, theta, lr, tolerance, max_steps):
    for _ in range(max_steps):
        theta = theta - lr * gradient(theta)
    return theta, max_steps


@minimise.misconception(
    "one step beyond max_steps",
    "You make max_steps + 1 steps when the gradient stays large. How many rounds does your loop run?",
)
def _(gradient, theta, lr, tolerance, max_steps):
    steps = 0
    while np.linalg.norm(slope := gradient(theta)) > tolerance and steps <= max_steps:
        theta, steps = theta - lr * slope, steps + 1
    return theta, steps


@minimise.misconception(
    "the θ before the last step",
    "The count is right, but the θ you return is the one before the last step. Which variable holds the newest?",
)
def _(gradient, theta, lr, tolerance, max_steps):
    before = theta
    for steps in range(max_steps):
        slope = gradient(theta)
        if np.linalg.norm(slope) <= tolerance:
            return before, steps
        before, theta = theta, theta - lr * slope
    return before, max_steps


@minimise.misconception(
    "one gradient for all steps",
    "You take the gradient once, before the loop, and walk on in that direction. The slope differs at each place: "
    "where does gradient(theta) belong?",
)
def _(gradient, theta, lr, tolerance, max_steps):
    slope = gradient(theta)
    for steps in range(max_steps):
        if np.linalg.norm(slope) <= tolerance:
            return theta, steps
        theta = theta - lr * slope
    return theta, max_steps


@minimise.misconception(
    "uphill", "Your loop climbs: the norm of the gradient grows with each round. Which sign does the step have?"
)
def _(gradient, theta, lr, tolerance, max_steps):
    for steps in range(max_steps):
        slope = gradient(theta)
        if np.linalg.norm(slope) <= tolerance:
            return theta, steps
        theta = theta + lr * slope
    return theta, max_steps


@minimise.misconception(
    "changes θ in place",
    "The answer is right, but `theta -= …` moved the caller's own starting point along. How do you write a "
    "subtraction that makes a new array?",
)
def _(gradient, theta, lr, tolerance, max_steps):
    for steps in range(max_steps):
        slope = gradient(theta)
        if np.linalg.norm(slope) <= tolerance:
            return theta, steps
        theta -= lr * slope
    return theta, max_steps


@minimise.misconception(
    "the number of the last round",
    "After a loop its variable holds the last number that it had: 2 after `range(3)`, which makes 3 steps. What should be "
    "returned when the loop runs out?",
)
def _(gradient, theta, lr, tolerance, max_steps):
    steps = 0
    for steps in range(max_steps):
        slope = gradient(theta)
        if np.linalg.norm(slope) <= tolerance:
            return theta, steps
        theta = theta - lr * slope
    return theta, steps


@minimise.misconception(
    "a steep slope downwards counts as flat",
    "You compare the entries with their signs: −100 is below every tolerance. What measures how long a gradient is?",
)
def _(gradient, theta, lr, tolerance, max_steps):
    for steps in range(max_steps):
        slope = gradient(theta)
        if (slope <= tolerance).all():
            return theta, steps
        theta = theta - lr * slope
    return theta, max_steps


# --- how large a step may be ------------------------------------------------------------------------------------------


@st.composite
def _bowls(draw):
    size = draw(st.integers(1, 3))
    factor = np.array([draw(_vectors(size, unit=0.25)) for _ in range(size)])
    return (factor @ factor.T + np.eye(size),)


@exercise(
    examples=[
        (np.array([[1.0, 0.0], [0.0, 10.0]]),),
        (np.array([[2.0, 1.0], [1.0, 2.0]]),),
        (np.array([[4.0]]),),
        (np.array([[5.0, 2.0, 0.0], [2.0, 2.0, 0.0], [0.0, 0.0, 3.0]]),),
    ],
    cases=_bowls(),
    tolerance=gradient_descent_step.tolerance,
    hints=[
        "In one dimension J = ½λθ², so a step turns θ into (1 − αλ)θ. For which α does that not grow?",
        "Along each eigenvector of A the bowl is such a parabola, with its eigenvalue as λ. Which eigenvalue "
        "complains first?",
        "np.linalg.eigvalsh(A) gives the eigenvalues of a symmetric matrix, the largest last. You need |1 − αλ| ≤ 1.",
    ],
)
def largest_stable_lr(A):
    """The learning rate beyond which gradient descent on J(θ) = ½ θᵀAθ diverges.

    A: array of shape (n, n), symmetric, all eigenvalues positive
    returns: float
    """
    return 2 / np.linalg.eigvalsh(A)[-1]


@largest_stable_lr.misconception(
    "half of it",
    "1/λ reaches the minimum along that direction in a single step. You may overshoot and still come nearer: for "
    "which α is |1 − αλ| just 1?",
)
def _(A):
    return 1 / np.linalg.eigvalsh(A)[-1]


@largest_stable_lr.misconception(
    "smallest eigenvalue",
    "With this rate the flat direction converges and the steep one flies off. Which direction sets the limit?",
)
def _(A):
    return 2 / np.linalg.eigvalsh(A)[0]


@largest_stable_lr.misconception(
    "trace",
    "The trace is the sum of all eigenvalues, so your rate is safe but too small. Which one of them matters?",
)
def _(A):
    return 2 / np.trace(A)


@largest_stable_lr.misconception(
    "Frobenius norm",
    "np.linalg.norm(A) is the root of the sum of all squared entries, more than the largest eigenvalue. What gives the "
    "eigenvalues themselves?",
)
def _(A):
    return 2 / np.linalg.norm(A)


@largest_stable_lr.misconception(
    "largest entry",
    "You divide by the largest entry of A. [[2, 1], [1, 2]] has no entry above 2, yet along (1, 1) its curvature is "
    "3: what measures curvature along any direction?",
)
def _(A):
    return 2 / A.max()


@largest_stable_lr.misconception(
    "largest row sum",
    "The largest sum over a row bounds the eigenvalues from above; it is not one of them. How do you get the largest "
    "itself?",
)
def _(A):
    return 2 / np.abs(A).sum(axis=1).max()


@largest_stable_lr.misconception(
    "the best, not the largest",
    "2/(λmax + λmin) is the rate that converges fastest. The question is where it stops converging at all.",
)
def _(A):
    eigenvalues = np.linalg.eigvalsh(A)
    return 2 / (eigenvalues[-1] + eigenvalues[0])


@largest_stable_lr.misconception(
    "the eigenvalue itself", "You return the curvature. The steeper the bowl, the smaller the rate must be: what is "
                             "the relation?"
)
def _(A):
    return np.linalg.eigvalsh(A)[-1]


@largest_stable_lr.misconception(
    "eigenvalues not in order",
    "np.linalg.eigvals does not sort, so the last one need not be the largest. What picks the largest, or which function "
    "sorts them?",
)
def _(A):
    return 2 / np.linalg.eigvals(A)[-1]


# --- a loop to mend ---------------------------------------------------------------------------------------------------


@st.composite
def _lines(draw):
    size = draw(st.integers(1, 4))
    x, y = draw(_vectors(size)), draw(_vectors(size))
    return x, y, draw(st.sampled_from([0.1, 0.01, 0.05])), draw(st.integers(0, 12))


@exercise(
    points=2,
    examples=[
        (np.array([1.0]), np.array([2.0]), 0.1, 1),
        (np.array([1.0, 2.0]), np.array([3.0, 5.0]), 0.1, 1),
        (np.array([1.0, 2.0]), np.array([3.0, 5.0]), 0.1, 2),
        (np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0]), 0.05, 10),
        (np.array([1.0, 2.0]), np.array([3.0, 5.0]), 0.1, 0),
    ],
    cases=_lines(),
    hints=[
        "Run the broken function for one step and print every variable. With x = [1], y = [2], lr = 0.1 the first "
        "step must give w = 0.4, b = 0.4.",
        "The order of a round is: predict, measure the error, take the gradients, update. And a gradient belongs to "
        "one round only: what does += do to it?",
        "Three lines are wrong: the update comes too early, the gradients are never reset, and one of the two sums "
        "where the loss takes a mean.",
    ],
)
def train_line(x, y, lr, steps):
    """Fits y ≈ w·x + b by gradient descent on the mean squared error, from w = b = 0.

    x, y: arrays of shape (n,)
    lr: float, the learning rate
    steps: int, how many steps to make
    returns: (w, b), two floats
    """
    w, b = 0.0, 0.0
    for _ in range(steps):
        error = w * x + b - y
        grad_w, grad_b = 2 * np.mean(error * x), 2 * np.mean(error)
        w, b = w - lr * grad_w, b - lr * grad_b
    return w, b


@train_line.misconception(
    "still the broken loop", "This gives what the broken loop gave. Take one step by hand and compare line by line."
)
def _(x, y, lr, steps):
    w, b, grad_w, grad_b = 0.0, 0.0, 0.0, 0.0
    for _ in range(steps):
        error = w * x + b - y
        w, b = w - lr * grad_w, b - lr * grad_b
        grad_w, grad_b = grad_w + 2 * np.mean(error * x), grad_b + 2 * np.sum(error)
    return w, b


@train_line.misconception(
    "gradients add up",
    "The first step is right; after it, each step still carries the gradients of all steps before. Where is a gradient "
    "set back to zero? (In PyTorch: where is zero_grad?)",
)
def _(x, y, lr, steps):
    w, b, grad_w, grad_b = 0.0, 0.0, 0.0, 0.0
    for _ in range(steps):
        error = w * x + b - y
        grad_w, grad_b = grad_w + 2 * np.mean(error * x), grad_b + 2 * np.mean(error)
        w, b = w - lr * grad_w, b - lr * grad_b
    return w, b


@train_line.misconception(
    "updates before the gradient is there",
    "Your update uses the gradient of the round before; in the first round that is zero. Which must come first, the "
    "gradient or the update?",
)
def _(x, y, lr, steps):
    w, b, grad_w, grad_b = 0.0, 0.0, 0.0, 0.0
    for _ in range(steps):
        error = w * x + b - y
        w, b = w - lr * grad_w, b - lr * grad_b
        grad_w, grad_b = 2 * np.mean(error * x), 2 * np.mean(error)
    return w, b


@train_line.misconception(
    "one step short",
    "You are one step behind: the last gradient is taken and never used. What is the last thing a round should do?",
)
def _(x, y, lr, steps):
    return train_line.reference(x, y, lr, max(steps - 1, 0))


@train_line.misconception(
    "updates too early, and gradients add up",
    "Two faults are left. Your update uses the gradient of the round before, and that gradient is a sum over all "
    "rounds so far. What is the order of a round, and what should it start with?",
)
def _(x, y, lr, steps):
    w, b, grad_w, grad_b = 0.0, 0.0, 0.0, 0.0
    for _ in range(steps):
        error = w * x + b - y
        w, b = w - lr * grad_w, b - lr * grad_b
        grad_w, grad_b = grad_w + 2 * np.mean(error * x), grad_b + 2 * np.mean(error)
    return w, b


@train_line.misconception(
    "sum for b",
    "The gradient for b grows with the number of points. The loss is a mean: what does that make of its derivative "
    "by b?",
)
def _(x, y, lr, steps):
    w, b = 0.0, 0.0
    for _ in range(steps):
        error = w * x + b - y
        w, b = w - lr * 2 * np.mean(error * x), b - lr * 2 * np.sum(error)
    return w, b


@train_line.misconception(
    "zeroed before it is used",
    "Your w and b never leave zero: the gradients are reset between being taken and being used. In which place of "
    "the round does a reset do no harm?",
)
def _(x, y, lr, steps):
    return 0.0, 0.0


@train_line.misconception(
    "b sees the new w",
    "You update w, then take b's gradient with the new w. Both gradients belong to the same place: take both, then "
    "update both.",
)
def _(x, y, lr, steps):
    w, b = 0.0, 0.0
    for _ in range(steps):
        w = w - lr * 2 * np.mean((w * x + b - y) * x)
        b = b - lr * 2 * np.mean(w * x + b - y)
    return w, b


@train_line.misconception(
    "factor 2 missing",
    "Your gradients are half as long as they should be. What is the derivative of a square?",
)
def _(x, y, lr, steps):
    return train_line.reference(x, y, lr / 2, steps)


@train_line.misconception(
    "uphill", "Your w and b run away from the data. Is the error prediction − y or y − prediction, and does the sign "
    "of the update agree with it?"
)
def _(x, y, lr, steps):
    return train_line.reference(x, y, -lr, steps)


@train_line.misconception(
    "sums instead of means",
    "Both gradients are sums over the samples: twice the data would make twice the step. What does the first letter of "
    "MSE stand for?",
)
def _(x, y, lr, steps):
    w, b = 0.0, 0.0
    for _ in range(steps):
        error = w * x + b - y
        w, b = w - lr * 2 * np.sum(error * x), b - lr * 2 * np.sum(error)
    return w, b


@train_line.misconception(
    "b is moved like w",
    "You move b by the gradient of w. In w·x + b the x belongs to w: what is the derivative by b?",
)
def _(x, y, lr, steps):
    w, b = 0.0, 0.0
    for _ in range(steps):
        slope = 2 * np.mean((w * x + b - y) * x)
        w, b = w - lr * slope, b - lr * slope
    return w, b
