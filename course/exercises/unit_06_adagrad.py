"""Unit 06: Adagrad. One step, how far a constant gradient carries, learning from sparse rows, and a loop to mend."""

import numpy as np
from hypothesis import strategies as st

from course.exercises.problems import GradientOf, Quadratic
from course.exercises.specification import exercise


def _vectors(size, unit=0.5):
    """Float64 vectors whose entries are small multiples of `unit`: exact in binary, easy on the eye."""
    numbers = st.lists(st.integers(-8, 8), min_size=size, max_size=size)
    return numbers.map(lambda numbers: unit * np.array(numbers, float))


# --- one step ---------------------------------------------------------------------------------------------------------


@st.composite
def _steps(draw):
    size, dtype = draw(st.integers(1, 3)), draw(st.sampled_from([np.float64, np.float32]))
    theta, v, gradient = (draw(_vectors(size)).astype(dtype) for _ in range(3))
    return theta, abs(v), gradient, draw(st.sampled_from([0.1, 0.5, 2.0])), draw(st.sampled_from([0.1, 0.5, 1e-3]))


@exercise(
    examples=[
        (np.array([0.0]), np.array([5.0]), np.array([2.0]), 1.0, 1.0),  # v becomes 9: a step of 2 / (3 + 1)
        (np.array([1.0, 1.0]), np.array([0.0, 0.0]), np.array([3.0, -4.0]), 0.1, 0.5),
        (np.array([1.0, 2.0]), np.array([16.0, 0.0]), np.array([3.0, 0.0]), 0.5, 1e-10),  # one gradient was never seen
        (np.array([2.0]), np.array([1.0]), np.array([-0.5]), 0.5, 0.1),
        (np.array([1.0], dtype=np.float32), np.array([3.0], dtype=np.float32), np.array([1.0], dtype=np.float32), 0.5,
         0.5),
    ],
    cases=_steps(),
    hints=[
        "First v, then θ. With v = 5 and a gradient of 2 the new v is 9.",
        "The step is lr times the gradient, divided by the root of the new v plus eps. eps stands beside the root.",
        "v = v + gradient**2, then return theta - lr * gradient / (np.sqrt(v) + …), v.",
    ],
)
def adagrad_step(theta, v, gradient, lr, eps):
    """One step of Adagrad.

    theta: array of any shape, where we stand
    v: array like theta, the sum of all squared gradients so far
    gradient: array like theta, ∇J(θ)
    lr: float, the learning rate α
    eps: float, ε, added to the root
    returns: (theta, v), two new arrays
    """
    v = v + gradient**2
    return theta - lr * gradient / (np.sqrt(v) + eps), v


@adagrad_step.misconception(
    "divides by the old v",
    "You divide by the v from before this step. At the first step that is 0, and the quotient explodes. Which index "
    "has v in the formula of the step?",
)
def _(theta, v, gradient, lr, eps):
    return theta - lr * gradient / (np.sqrt(v) + eps), v + gradient**2


@adagrad_step.misconception(
    "ε inside the root",
    "You put ε under the root. Adagrad adds it to the root; with v = 0 and ε = 0.01 that is 0.01 against 0.1. Where do "
    "the brackets close?",
)
def _(theta, v, gradient, lr, eps):
    v = v + gradient**2
    return theta - lr * gradient / np.sqrt(v + eps), v


@adagrad_step.misconception(
    "no ε", "Where every gradient so far was 0 you divide 0 by 0. What is added to the root to prevent that?"
)
def _(theta, v, gradient, lr, eps):
    v = v + gradient**2
    with np.errstate(invalid="ignore", divide="ignore"):
        return theta - lr * gradient / np.sqrt(v), v


@adagrad_step.misconception(
    "no root", "You divide by v itself. Then a gradient ten times as large gives a step ten times as short: what is "
    "taken of v first?"
)
def _(theta, v, gradient, lr, eps):
    v = v + gradient**2
    return theta - lr * gradient / (v + eps), v


@adagrad_step.misconception(
    "forgets the past", "Your v holds this gradient alone, so the step never shrinks. What happens to the old v?"
)
def _(theta, v, gradient, lr, eps):
    v = gradient**2
    return theta - lr * gradient / (np.sqrt(v) + eps), v


@adagrad_step.misconception(
    "adds |g| instead of g²", "You add the size of the gradient. The formula adds its square: where is it squared?"
)
def _(theta, v, gradient, lr, eps):
    v = v + np.abs(gradient)
    return theta - lr * gradient / (np.sqrt(v) + eps), v


@adagrad_step.misconception(
    "one v for all",
    "You add the sum of all squares to every entry of v, so all entries share one step. Adagrad squares entry by "
    "entry: is there a sum or a dot product too many?",
)
def _(theta, v, gradient, lr, eps):
    v = v + np.sum(gradient**2)
    return theta - lr * gradient / (np.sqrt(v) + eps), v


@adagrad_step.misconception(
    "the old v handed back", "Your θ is right, but you return the old v: the next step will not know of this gradient."
)
def _(theta, v, gradient, lr, eps):
    return theta - lr * gradient / (np.sqrt(v + gradient**2) + eps), v


@adagrad_step.misconception(
    "uphill", "Your step climbs. Dividing by a root does not turn it round: which sign takes you down?"
)
def _(theta, v, gradient, lr, eps):
    v = v + gradient**2
    return theta + lr * gradient / (np.sqrt(v) + eps), v


@adagrad_step.misconception(
    "only the sign",
    "Your step has the size lr whatever v is. That is Adagrad's first step only: what does it divide by later?",
)
def _(theta, v, gradient, lr, eps):
    return theta - lr * np.sign(gradient), v + gradient**2


@adagrad_step.misconception(
    "changes v in place",
    "The numbers are right, but `v += …` writes into the caller's own array. How do you make a new one instead?",
)
def _(theta, v, gradient, lr, eps):
    v += gradient**2
    return theta - lr * gradient / (np.sqrt(v) + eps), v


@adagrad_step.misconception(
    "ε beside the fraction",
    "`/ np.sqrt(v) + eps` divides by the root, and then adds ε to the place. Which brackets keep ε below the line?",
)
def _(theta, v, gradient, lr, eps):
    v = v + gradient**2
    return theta - lr * gradient / np.sqrt(v) + eps, v


# --- a constant gradient ----------------------------------------------------------------------------------------------


@exercise(
    examples=[(2.0, 1.0, 1), (2.0, 1.0, 2), (2.0, 1.0, 3), (-0.5, 0.1, 4), (100.0, 0.1, 100), (1.0, 0.5, 0)],
    cases=st.tuples(st.sampled_from([2.0, -0.5, 1.0, -3.0, 100.0]), st.sampled_from([1.0, 0.1, 0.5]),
                    st.integers(0, 40)),
    hints=[
        "After t steps v = t g². What is left of g / √(t g²)?",
        "Step t has the length lr / √t, against the sign of the gradient. The position is the sum of the steps.",
        "-lr * np.sign(gradient) times the sum of 1 / np.sqrt(t) for t = 1, …, steps.",
    ],
)
def constant_gradient_position(gradient, lr, steps):
    """Where Adagrad (without ε) stands after some steps from θ = 0 with v = 0, when every gradient is the same.

    gradient: float, not 0
    lr: float, the learning rate α
    steps: int, how many steps are made
    returns: float, θ
    """
    return -lr * np.sign(gradient) * np.sum(1 / np.sqrt(np.arange(1, steps + 1)))


@constant_gradient_position.misconception(
    "steps that do not shrink",
    "All your steps have the length lr. v grows at each of them: what does that do to the next?",
)
def _(gradient, lr, steps):
    return -lr * np.sign(gradient) * steps


@constant_gradient_position.misconception(
    "plain descent", "This is plain gradient descent. Where do you divide by the root of v?"
)
def _(gradient, lr, steps):
    return -lr * gradient * steps


@constant_gradient_position.misconception(
    "the gradient's size left in",
    "Your answer grows with the gradient. It stands in the numerator and, squared, under the root: what is left of it?",
)
def _(gradient, lr, steps):
    return -lr * gradient * np.sum(1 / np.sqrt(np.arange(1, steps + 1)))


@constant_gradient_position.misconception(
    "no root", "Your steps shrink like 1/t. v is t g², and the step divides by its root."
)
def _(gradient, lr, steps):
    return -lr * np.sign(gradient) * np.sum(1 / np.arange(1, steps + 1))


@constant_gradient_position.misconception(
    "only the last step", "You give the length of one step, lr/√t. The position is the sum of all of them."
)
def _(gradient, lr, steps):
    return -lr * np.sign(gradient) / np.sqrt(max(steps, 1)) * (steps > 0)


@constant_gradient_position.misconception(
    "the rule of thumb",
    "2√t is how the sum grows for large t. The exact position is asked: add the steps up one by one.",
)
def _(gradient, lr, steps):
    return -lr * np.sign(gradient) * 2 * np.sqrt(steps)


@constant_gradient_position.misconception(
    "the sign lost", "Your θ is always negative. With a negative gradient, which way is downhill?"
)
def _(gradient, lr, steps):
    return -lr * np.sum(1 / np.sqrt(np.arange(1, steps + 1)))


@constant_gradient_position.misconception(
    "uphill", "Your θ moves with the gradient. Downhill is against it."
)
def _(gradient, lr, steps):
    return lr * np.sign(gradient) * np.sum(1 / np.sqrt(np.arange(1, steps + 1)))


@constant_gradient_position.misconception(
    "one step short", "One step is missing: np.arange(1, steps) ends before steps."
)
def _(gradient, lr, steps):
    return -lr * np.sign(gradient) * np.sum(1 / np.sqrt(np.arange(1, steps)))


# --- sparse rows ------------------------------------------------------------------------------------------------------


@st.composite
def _rows(draw):
    size, count = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    x = draw(st.lists(st.lists(st.sampled_from([0.0, 1.0, 0.0, 2.0]), min_size=size, max_size=size), min_size=count,
                      max_size=count))
    return np.array(x), draw(_vectors(count)), draw(st.sampled_from([0.5, 0.1, 1.0])), draw(st.sampled_from([0.1, 0.5]))


def _read(x, y, lr, eps, gradient, accumulate=lambda v, g: v + g**2, weights_seen=lambda w, start: w):
    """One pass over the rows with a rule for the gradient and one for v."""
    w, v = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for row, target in zip(x, y):
        g = gradient(row, row @ weights_seen(w, np.zeros_like(w)) - target)
        v = accumulate(v, g)
        w = w - lr * g / (np.sqrt(v) + eps)
    return w


_TEXTS = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 0.0]])


@exercise(
    points=2,
    examples=[
        (np.array([[2.0]]), np.array([3.0]), 0.5, 0.5),
        (np.array([[1.0], [1.0]]), np.array([2.0, 2.0]), 0.5, 0.1),
        (np.array([[1.0, 0.0]]), np.array([2.0]), 1.0, 0.1),
        (_TEXTS, np.array([2.0, 2.0, -1.0, 2.0]), 0.5, 0.1),
        (np.array([[0.0, 2.0], [1.0, 2.0], [1.0, 0.0]]), np.array([4.0, 3.0, -1.0]), 1.0, 0.5),
    ],
    cases=_rows(),
    hints=[
        "For each row in turn: predict, take the error, take the gradient, then one Adagrad step. w and v live on from "
        "row to row.",
        "The gradient of ½ (x·w − y)² with respect to w is (x·w − y) x: a number times the row. It is 0 where the row "
        "is 0.",
        "In the loop: g = (row @ w - target) * row, then v = v + g**2, then w = w - lr * g / (np.sqrt(v) + eps).",
    ],
)
def read_texts(x, y, lr, eps):
    """Fits y ≈ x·w with Adagrad on ½ (x·w − y)², one row after the other, once, from w = 0 and v = 0.

    x: array of shape (n, d), one text a row, mostly zeros
    y: array of shape (n,), the score of each text
    lr: float, the learning rate
    eps: float, ε, added to the root
    returns: w, array of shape (d,)
    """
    w, v = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for row, target in zip(x, y):
        g = (row @ w - target) * row
        v = v + g**2
        w = w - lr * g / (np.sqrt(v) + eps)
    return w


@read_texts.misconception(
    "the error as gradient",
    "Your gradient is the error alone, so words move that are not in the text. By what does the chain rule multiply "
    "it?",
)
def _(x, y, lr, eps):
    return _read(x, y, lr, eps, lambda row, error: error * np.ones_like(row))


@read_texts.misconception(
    "v adds up the features",
    "You add the squares of the row to v. Adagrad adds the squares of the gradient, in which the error is a factor.",
)
def _(x, y, lr, eps):
    w, v = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for row, target in zip(x, y):
        v = v + row**2
        w = w - lr * (row @ w - target) * row / (np.sqrt(v) + eps)
    return w


@read_texts.misconception(
    "v begins anew with each row", "Your v knows only the last row. Where is it set to zero?"
)
def _(x, y, lr, eps):
    return _read(x, y, lr, eps, lambda row, error: error * row, lambda v, g: g**2)


@read_texts.misconception(
    "one v for all words",
    "All words share one v, so a rare word pays for the gradients of the common ones. Which sum is one too many?",
)
def _(x, y, lr, eps):
    return _read(x, y, lr, eps, lambda row, error: error * row, lambda v, g: v + np.sum(g**2))


@read_texts.misconception(
    "divides by the old v",
    "You step before you add the new gradient to v, so the first step divides by ε alone. Which line comes first?",
)
def _(x, y, lr, eps):
    w, v = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for row, target in zip(x, y):
        g = (row @ w - target) * row
        w, v = w - lr * g / (np.sqrt(v) + eps), v + g**2
    return w


@read_texts.misconception(
    "plain SGD", "This is SGD: nothing is divided by the root of v. What does Adagrad add to it?"
)
def _(x, y, lr, eps):
    w = np.zeros(x.shape[1])
    for row, target in zip(x, y):
        w = w - lr * (row @ w - target) * row
    return w


@read_texts.misconception(
    "all errors taken at the start",
    "You take every error with w = 0. Row by row means that the second text is predicted with what the first has "
    "taught.",
)
def _(x, y, lr, eps):
    return _read(x, y, lr, eps, lambda row, error: error * row, weights_seen=lambda w, start: start)


@read_texts.misconception(
    "one step for all rows",
    "You add up the gradients of all rows and make one step. Here each row makes a step of its own: what belongs into "
    "the loop?",
)
def _(x, y, lr, eps):
    g = -y @ x
    return -lr * g / (np.abs(g) + eps)


@read_texts.misconception(
    "factor 2",
    "Your gradient is twice as long: that of (x·w − y)² without the ½. It hardly shows in the steps, which divide by "
    "it, but it does beside ε.",
)
def _(x, y, lr, eps):
    return _read(x, y, lr, eps, lambda row, error: 2 * error * row)


@read_texts.misconception(
    "ε inside the root", "You put ε under the root; it is added to the root. Where do the brackets close?"
)
def _(x, y, lr, eps):
    w, v = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for row, target in zip(x, y):
        g = (row @ w - target) * row
        v = v + g**2
        w = w - lr * g / np.sqrt(v + eps)
    return w


@read_texts.misconception(
    "uphill", "Your errors grow. Is the error prediction − score or score − prediction, and does the sign of the step "
    "agree with it?"
)
def _(x, y, lr, eps):
    return _read(x, y, -lr, eps, lambda row, error: error * row)


# --- a loop to mend ---------------------------------------------------------------------------------------------------


@st.composite
def _descents(draw):
    size = draw(st.integers(2, 3))
    curvatures = draw(st.lists(st.sampled_from([1.0, 4.0, 0.5]), min_size=size, max_size=size))
    problem = Quadratic(np.diag(curvatures), draw(_vectors(size)))
    return (GradientOf(problem), draw(_vectors(size)), draw(st.sampled_from([0.1, 0.5, 1.0])),
            draw(st.sampled_from([0.1, 0.5])), draw(st.integers(0, 6)))


_VALLEY = GradientOf(Quadratic(np.array([[1.0, 0.0], [0.0, 4.0]]), np.zeros(2)))


def _descend(gradient, theta, lr, eps, steps, *, total=False, late=False, bare=False):
    """The loop with any of the three faults: one v for all, v added too late, no ε."""
    v = np.zeros_like(theta)
    with np.errstate(all="ignore"):
        for _ in range(steps):
            g = gradient(theta)
            new = v + (np.sum(g**2) if total else g**2)
            theta = theta - lr * g / (np.sqrt(v if late else new) + (0 if bare else eps))
            v = new
    return theta


@exercise(
    points=2,
    examples=[
        (_VALLEY, np.array([1.0, 1.0]), 0.5, 0.1, 1),
        (_VALLEY, np.array([1.0, 1.0]), 0.5, 0.1, 2),
        (_VALLEY, np.array([2.0, 0.0]), 0.5, 0.1, 2),  # the second gradient is 0 for ever
        (_VALLEY, np.array([2.0, -1.0]), 1.0, 0.5, 4),
        (_VALLEY, np.array([2.0, 0.0]), 0.5, 0.1, 0),
    ],
    cases=_descents(),
    indistinguishable="Who adds v too late and leaves out ε divides by 0 at once, whether v is one number or many.",
    hints=[
        "Run the broken loop for one step. It divides by 0: what is v at that moment, and what should be in it?",
        "Then start it at (2, 0): the second gradient is 0 for ever, and stays so in v. What keeps 0 / 0 away? Last, "
        "look at the shape of v.",
        "Three lines are wrong: v must grow before the step, by g**2 and not by its sum, and eps must be added to the "
        "root.",
    ],
)
def adagrad_descent(gradient, theta, lr, eps, steps):
    """Descends with Adagrad.

    gradient: function, gradient(theta) is an array like theta
    theta: array of shape (n,), where to start
    lr: float, the learning rate
    eps: float, ε, added to the root
    steps: int, how many steps to make
    returns: theta, array of shape (n,), after the last step
    """
    v = np.zeros_like(theta)
    for _ in range(steps):
        g = gradient(theta)
        v = v + g**2
        theta = theta - lr * g / (np.sqrt(v) + eps)
    return theta


_FAULTS = {
    "still the broken loop": (
        dict(total=True, late=True, bare=True),
        "This gives what the broken loop gave: the very first step divides by a v of 0, and nothing is added to its "
        "root. Make one step by hand: what is v when you divide?"),
    "one v for all": (
        dict(total=True),
        "One thing is left: v is a single number, the sum over all entries, so the steep direction shortens the steps "
        "of the flat one. Which shape should v have?"),
    "v grows too late": (
        dict(late=True),
        "One thing is left: the step divides by the v of the round before, and the first by ε alone. Which line comes "
        "first?"),
    "no ε": (
        dict(bare=True),
        "One thing is left: where every gradient so far was 0 you divide 0 by 0. What stands beside the root?"),
    "one v for all, and too late": (
        dict(total=True, late=True),
        "Two faults are left. The step uses the v of the round before, and that v is a single number. Mend one of "
        "them, then check again."),
    "one v for all, and no ε": (
        dict(total=True, bare=True),
        "Two faults are left. v is a single number for all entries, and nothing is added to its root."),
}
for _name, (_fault, _question) in _FAULTS.items():
    adagrad_descent.misconception(_name, _question)(lambda gradient, theta, lr, eps, steps, _fault=_fault: _descend(
        gradient, theta, lr, eps, steps, **_fault))


@adagrad_descent.misconception(
    "v begins anew in each round", "Your v is set to zero in the loop, so the steps never shrink. Where does it belong?"
)
def _(gradient, theta, lr, eps, steps):
    for _ in range(steps):
        g = gradient(theta)
        theta = theta - lr * g / (np.abs(g) + eps)
    return theta


@adagrad_descent.misconception(
    "uphill", "Your loop climbs: the gradients grow with each round. Which sign does the step have?"
)
def _(gradient, theta, lr, eps, steps):
    return _descend(gradient, theta, -lr, eps, steps)
