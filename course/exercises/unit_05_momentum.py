"""Unit 05: momentum. Both forms, Nesterov's, the learning rates that compare, and a loop to mend."""

import numpy as np
from hypothesis import strategies as st

from course.exercises.specification import exercise


def _vectors(size, unit=0.5):
    """Float64 vectors whose entries are small multiples of `unit`: exact in binary, easy on the eye."""
    numbers = st.lists(st.integers(-8, 8), min_size=size, max_size=size)
    return numbers.map(lambda numbers: unit * np.array(numbers, float))


@st.composite
def _states(draw, *numbers):
    """θ, v and the gradient, then one of each list of numbers."""
    size, dtype = draw(st.integers(1, 3)), draw(st.sampled_from([np.float64, np.float32]))
    arrays = [draw(_vectors(size)).astype(dtype) for _ in range(3)]
    return (*arrays, *(draw(st.sampled_from(options)) for options in numbers))


_RATES, _SHARES = (0.1, 0.5, 0.01, 2.0), (0.9, 0.8, 0.5, 0.0)
_ONE, _TWO, _ZERO = np.array([1.0]), np.array([2.0]), np.array([0.0])
_PAIRS = (np.array([1.0, -2.0]), np.array([0.5, 1.0]), np.array([3.0, -4.0]))


# --- momentum as an average -------------------------------------------------------------------------------------------


@exercise(
    examples=[
        (_ZERO, _ZERO, _ONE, 1.0, 0.9),
        (np.array([-0.1]), np.array([0.1]), _ONE, 1.0, 0.9),
        (_ONE, _TWO, np.array([-1.0]), 0.1, 0.8),
        (*_PAIRS, 0.5, 0.9),
        (_ONE.astype(np.float32), _TWO.astype(np.float32), _ONE.astype(np.float32), 0.1, 0.9),
    ],
    cases=_states(_RATES, _SHARES),
    hints=[
        "First the new velocity, then the step. With v = 0, gradient 1 and β = 0.9 the new velocity is 0.1.",
        "The new velocity is a weighted mean: the share beta of the old one and the share 1 - beta of the gradient.",
        "v = beta * v + … * gradient, then return theta - lr * v, v.",
    ],
)
def average_momentum_step(theta, v, gradient, lr, beta):
    """One step with momentum as an average of gradients (document 001).

    theta: array of any shape, where we stand
    v: array like theta, the velocity so far
    gradient: array like theta, ∇J(θ)
    lr: float, the learning rate η
    beta: float, the share of v that is kept
    returns: (theta, v), two new arrays
    """
    v = beta * v + (1 - beta) * gradient
    return theta - lr * v, v


@average_momentum_step.misconception(
    "no 1 − β",
    "You add the whole gradient: that is PyTorch's form. An average of v and the gradient has weights that add up to "
    "1. Which weight is left for the gradient?",
)
def _(theta, v, gradient, lr, beta):
    v = beta * v + gradient
    return theta - lr * v, v


@average_momentum_step.misconception(
    "β and 1 − β exchanged",
    "Your β weighs the gradient and 1 − β the velocity. With β = 0.9 most of the old velocity stays: which of the two "
    "does β stand before?",
)
def _(theta, v, gradient, lr, beta):
    v = (1 - beta) * v + beta * gradient
    return theta - lr * v, v


@average_momentum_step.misconception(
    "steps along the old velocity",
    "Your velocity is right and your step uses the one from before. In the formula θ moves along v with index t + 1: "
    "which line comes first?",
)
def _(theta, v, gradient, lr, beta):
    return theta - lr * v, beta * v + (1 - beta) * gradient


@average_momentum_step.misconception(
    "steps along the gradient",
    "You compute the velocity and then step along the gradient all the same. What is the velocity for?",
)
def _(theta, v, gradient, lr, beta):
    return theta - lr * gradient, beta * v + (1 - beta) * gradient


@average_momentum_step.misconception(
    "the old velocity handed back",
    "Your θ is right, but the velocity you return is the old one, so the next step remembers nothing new. Which v "
    "belongs into the return?",
)
def _(theta, v, gradient, lr, beta):
    return theta - lr * (beta * v + (1 - beta) * gradient), v


@average_momentum_step.misconception(
    "uphill",
    "Your step follows the velocity uphill. v averages gradients, and those point up: which sign takes you down?",
)
def _(theta, v, gradient, lr, beta):
    v = beta * v + (1 - beta) * gradient
    return theta + lr * v, v


@average_momentum_step.misconception(
    "the learning rate inside the velocity",
    "You put lr into the velocity. In this form v averages bare gradients, and lr multiplies v when you step. Where "
    "does η stand in the formula?",
)
def _(theta, v, gradient, lr, beta):
    v = beta * v + (1 - beta) * lr * gradient
    return theta - v, v


@average_momentum_step.misconception(
    "exchanged results", "Both numbers are right and stand in the wrong order. What does the docstring return first?"
)
def _(theta, v, gradient, lr, beta):
    v = beta * v + (1 - beta) * gradient
    return v, theta - lr * v


@average_momentum_step.misconception(
    "changes v in place",
    "The numbers are right, but `v *= …` writes into the caller's own array: whoever kept the old velocity has lost "
    "it. How do you make a new one?",
)
def _(theta, v, gradient, lr, beta):
    v *= beta
    v += (1 - beta) * gradient
    return theta - lr * v, v


@average_momentum_step.misconception(
    "the minus sign in the velocity",
    "You keep the velocity with the opposite sign and add it: θ is right. The formula of this document takes the gradient "
    "into v as it is: where does its minus sign stand?",
)
def _(theta, v, gradient, lr, beta):
    v = beta * v - (1 - beta) * gradient
    return theta + lr * v, v


# --- momentum as PyTorch computes it ----------------------------------------------------------------------------------


@st.composite
def _first_or_later(draw):
    theta, v, *rest = draw(_states(_RATES, _SHARES, (0.0, 0.9, 0.5)))
    return theta, draw(st.sampled_from([None, v])), *rest


@exercise(
    examples=[
        (_ZERO, None, _ONE, 1.0, 0.9, 0.9),
        (np.array([-1.0]), _ONE, _ONE, 1.0, 0.9, 0.9),
        (_ONE, _TWO, np.array([3.0]), 0.1, 0.9, 0.0),
        (_ONE, _TWO, np.array([3.0]), 0.1, 0.8, 0.25),
        (_PAIRS[0], None, _PAIRS[2], 0.5, 0.9, 0.5),
        (*_PAIRS, 0.5, 0.8, 0.5),
    ],
    cases=_first_or_later(),
    hints=[
        "Two cases: at the first step there is no velocity yet (v is None). What does PyTorch start from?",
        "First step: the velocity is the gradient, undampened. Later: momentum times the old velocity plus "
        "1 - dampening times the gradient.",
        "v = gradient if v is None else momentum * v + … * gradient; then step along v.",
    ],
)
def torch_momentum_step(theta, v, gradient, lr, momentum, dampening):
    """One step of PyTorch's SGD with momentum.

    theta: array of any shape, where we stand
    v: array like theta, the velocity so far; None at the first step
    gradient: array like theta, ∇J(θ)
    lr: float, the learning rate η
    momentum: float, μ, the share of v that is kept
    dampening: float, τ, the share of the gradient that is left out after the first step
    returns: (theta, v), two arrays
    """
    v = gradient.copy() if v is None else momentum * v + (1 - dampening) * gradient
    return theta - lr * v, v


@torch_momentum_step.misconception(
    "dampens the first gradient",
    "You dampen the first gradient too, as if the velocity had started at 0. PyTorch starts from v = g, whatever the "
    "dampening: what is the velocity after the first step?",
)
def _(theta, v, gradient, lr, momentum, dampening):
    v = (0 if v is None else momentum * v) + (1 - dampening) * gradient
    return theta - lr * v, v


@torch_momentum_step.misconception(
    "no dampening", "Your gradient always counts in full. Where does dampening come in after the first step?"
)
def _(theta, v, gradient, lr, momentum, dampening):
    v = gradient if v is None else momentum * v + gradient
    return theta - lr * v, v


@torch_momentum_step.misconception(
    "keeps the dampened share",
    "With dampening 0 your gradient vanishes. τ is the share that is left out: which share stays?",
)
def _(theta, v, gradient, lr, momentum, dampening):
    v = gradient if v is None else momentum * v + dampening * gradient
    return theta - lr * v, v


@torch_momentum_step.misconception(
    "the average of document 001",
    "You weigh the gradient by 1 − μ, as document 001 does. PyTorch has a separate number for that, and it is 0 unless "
    "you set it. Which?",
)
def _(theta, v, gradient, lr, momentum, dampening):
    v = gradient if v is None else momentum * v + (1 - momentum) * gradient
    return theta - lr * v, v


@torch_momentum_step.misconception(
    "dampens the velocity too",
    "You multiply the whole sum by 1 − τ. Only the new gradient is dampened: where do the brackets end?",
)
def _(theta, v, gradient, lr, momentum, dampening):
    v = gradient if v is None else (1 - dampening) * (momentum * v + gradient)
    return theta - lr * v, v


@torch_momentum_step.misconception(
    "no memory", "Your velocity is always the last gradient: plain descent. What is kept of v when it is not None?"
)
def _(theta, v, gradient, lr, momentum, dampening):
    return theta - lr * gradient, gradient


@torch_momentum_step.misconception(
    "the learning rate inside the velocity",
    "You put lr into the velocity. PyTorch's v adds up bare gradients and meets lr in the step; with a schedule the "
    "two differ. Where does η stand in the formula?",
)
def _(theta, v, gradient, lr, momentum, dampening):
    v = lr * gradient if v is None else momentum * v + (1 - dampening) * lr * gradient
    return theta - v, v


@torch_momentum_step.misconception(
    "uphill", "Your step follows the velocity uphill. Gradients point up: which sign takes you down?"
)
def _(theta, v, gradient, lr, momentum, dampening):
    v = gradient if v is None else momentum * v + (1 - dampening) * gradient
    return theta + lr * v, v


@torch_momentum_step.misconception(
    "changes v in place",
    "The numbers are right, but `v *= …` writes into the caller's own array. How do you make a new velocity instead?",
)
def _(theta, v, gradient, lr, momentum, dampening):
    if v is None:
        return theta - lr * gradient, gradient
    v *= momentum
    v += (1 - dampening) * gradient
    return theta - lr * v, v


@torch_momentum_step.misconception(
    "the first gradient comes in twice",
    "At the first step you set v to the gradient, and then go on to the update, which adds it once more. What should be "
    "skipped when v is None?",
)
def _(theta, v, gradient, lr, momentum, dampening):
    v = momentum * (gradient if v is None else v) + (1 - dampening) * gradient
    return theta - lr * v, v


# --- Nesterov ---------------------------------------------------------------------------------------------------------


@exercise(
    examples=[
        (_ZERO, _ZERO, _ONE, 1.0, 0.9),
        (_ONE, _TWO, np.array([3.0]), 0.1, 0.9),
        (_ONE, np.array([-2.0]), _ONE, 0.5, 0.5),
        (*_PAIRS, 0.5, 0.8),
        (_ONE.astype(np.float32), _TWO.astype(np.float32), _ONE.astype(np.float32), 0.1, 0.9),
    ],
    cases=_states(_RATES, _SHARES),
    hints=[
        "The velocity is updated as in PyTorch's ordinary form, with no dampening. Only the step differs.",
        "The step goes along the gradient plus μ times the *new* velocity: where v is about to carry you next.",
        "v = momentum * v + gradient, then return theta - lr * (gradient + …), v.",
    ],
)
def nesterov_step(theta, v, gradient, lr, momentum):
    """One step of Nesterov's momentum as PyTorch writes it.

    theta: array of any shape, where we stand
    v: array like theta, the velocity so far (zeros at the start)
    gradient: array like theta, ∇J(θ)
    lr: float, the learning rate η
    momentum: float, μ
    returns: (theta, v), two new arrays
    """
    v = momentum * v + gradient
    return theta - lr * (gradient + momentum * v), v


@nesterov_step.misconception(
    "ordinary momentum",
    "This is ordinary momentum. (g + μ times the *old* v is the new v itself, so a look-ahead with the old v does "
    "nothing.) Which velocity looks ahead?",
)
def _(theta, v, gradient, lr, momentum):
    v = momentum * v + gradient
    return theta - lr * v, v


@nesterov_step.misconception(
    "only μv", "Your step follows μv alone. The gradient of this moment counts once more: what is added to μv?"
)
def _(theta, v, gradient, lr, momentum):
    v = momentum * v + gradient
    return theta - lr * momentum * v, v


@nesterov_step.misconception(
    "μ missing in the step", "You add the whole new velocity to the gradient. By what is it multiplied in the formula?"
)
def _(theta, v, gradient, lr, momentum):
    v = momentum * v + gradient
    return theta - lr * (gradient + v), v


@nesterov_step.misconception(
    "μ around everything", "μ multiplies the gradient as well in your step. Where do the brackets of g + μv stand?"
)
def _(theta, v, gradient, lr, momentum):
    v = momentum * v + gradient
    return theta - lr * momentum * (gradient + v), v


@nesterov_step.misconception(
    "hands the step back as velocity",
    "Your θ is right, but you return g + μv as the velocity. That sum is used once, for this step: what is v itself?",
)
def _(theta, v, gradient, lr, momentum):
    step = gradient + momentum * (momentum * v + gradient)
    return theta - lr * step, step


@nesterov_step.misconception(
    "an average", "You weigh the gradient by 1 − μ in the velocity. PyTorch's form adds it whole: what stands before g?"
)
def _(theta, v, gradient, lr, momentum):
    v = momentum * v + (1 - momentum) * gradient
    return theta - lr * (gradient + momentum * v), v


@nesterov_step.misconception(
    "uphill", "Your step climbs. Both the gradient and the velocity point up: which sign takes you down?"
)
def _(theta, v, gradient, lr, momentum):
    v = momentum * v + gradient
    return theta + lr * (gradient + momentum * v), v


@nesterov_step.misconception(
    "changes v in place",
    "The numbers are right, but `v *= …` writes into the caller's own array. How do you make a new velocity instead?",
)
def _(theta, v, gradient, lr, momentum):
    v *= momentum
    v += gradient
    return theta - lr * (gradient + momentum * v), v


# --- equal effective steps --------------------------------------------------------------------------------------------


@exercise(
    examples=[(0.01, 0.9, 0.0), (0.1, 0.8, 0.0), (0.1, 0.8, 0.5), (1.0, 0.9, 0.9), (0.02, 0.99, 0.5), (0.3, 0.0, 0.0)],
    cases=st.tuples(st.sampled_from([0.01, 0.1, 0.02, 1.0]), st.sampled_from([0.9, 0.8, 0.99, 0.95]),
                    st.sampled_from([0.0, 0.5, 0.9, 0.25])),
    hints=[
        "Let the gradient be 1 for ever. With μ = 0.9 and no dampening, v grows 1, 1.9, 2.71, …: towards which number?",
        "Where v no longer changes, v = μ v + (1 − τ). Solve that for v.",
        "A step is then lr · v = lr · (1 − τ) / (1 − μ), and plain SGD's is its learning rate.",
    ],
)
def plain_lr_like(lr, momentum, dampening):
    """The learning rate of plain SGD whose steps are as long as SGD's with momentum, once v has settled.

    lr: float, the learning rate of SGD with momentum
    momentum: float, μ, at least 0 and below 1
    dampening: float, τ
    returns: float
    """
    return lr * (1 - dampening) / (1 - momentum)


@plain_lr_like.misconception(
    "shorter instead of longer",
    "You multiply by 1 − μ. Remembered gradients add up, so momentum makes steps longer: which way does the factor go?",
)
def _(lr, momentum, dampening):
    return lr * (1 - momentum) * (1 - dampening)


@plain_lr_like.misconception(
    "ignores the momentum", "Your answer does not depend on μ. To what does 1 + μ + μ² + … add up?"
)
def _(lr, momentum, dampening):
    return lr * (1 - dampening)


@plain_lr_like.misconception(
    "ignores the dampening", "Your answer does not depend on τ. How much of each new gradient enters v?"
)
def _(lr, momentum, dampening):
    return lr / (1 - momentum)


@plain_lr_like.misconception(
    "the same learning rate",
    "You hand lr back. With a constant gradient v is not 1 in the end: solve v = μ v + (1 − τ).",
)
def _(lr, momentum, dampening):
    return lr


@plain_lr_like.misconception(
    "only the last two gradients",
    "1 + μ counts this gradient and the last. What do the ones before it contribute?",
)
def _(lr, momentum, dampening):
    return lr * (1 - dampening) * (1 + momentum)


@plain_lr_like.misconception(
    "dampening the wrong way round",
    "You multiply by τ, the share that is left out; with τ = 0 your step vanishes. Which share stays in?",
)
def _(lr, momentum, dampening):
    return lr * dampening / (1 - momentum)


@plain_lr_like.misconception(
    "divides by the dampening",
    "Dampening makes your step longer. Each gradient enters v smaller by the factor 1 − τ: multiply or divide?",
)
def _(lr, momentum, dampening):
    return lr / (1 - momentum) / (1 - dampening)


# --- a loop to mend ---------------------------------------------------------------------------------------------------


@st.composite
def _slopes(draw):
    size = draw(st.integers(1, 4))
    x, y = draw(_vectors(size)), draw(_vectors(size))
    rate, share = draw(st.sampled_from([0.1, 0.01, 0.05])), draw(st.sampled_from([0.9, 0.5, 0.8]))
    return x, y, rate, share, draw(st.integers(0, 8))


def _descend(x, y, lr, momentum, steps, velocity, add_up=False):
    """The loop with the given rule for the velocity; the gradients add up if told to."""
    w, v, total = 0.0, 0.0, 0.0
    for _ in range(steps):
        gradient = 2 * np.mean((w * x - y) * x)
        total = total + gradient
        v = velocity(v, total if add_up else gradient)
        w = w - lr * v
    return w


@exercise(
    points=2,
    examples=[
        (np.array([1.0]), np.array([2.0]), 0.1, 0.5, 1),
        (np.array([1.0]), np.array([2.0]), 0.1, 0.5, 2),
        (np.array([1.0]), np.array([2.0]), 0.1, 0.5, 3),
        (np.array([1.0, 2.0]), np.array([3.0, 5.0]), 0.05, 0.9, 4),
        (np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0]), 0.01, 0.9, 8),
        (np.array([1.0, 2.0]), np.array([3.0, 5.0]), 0.1, 0.9, 0),
    ],
    cases=_slopes(),
    hints=[
        "Make two steps by hand with x = [1], y = [2], lr = 0.1, momentum = 0.5. w must be 0.4, then 0.92. What is v "
        "when your second round begins?",
        "What must outlive a round stands before the loop; what belongs to one round only is computed anew in it. On "
        "which side do v and the gradient belong?",
        "Three lines are wrong: v is set to 0 in every round, the gradients are never reset, and μ multiplies the new "
        "gradient as well.",
    ],
)
def fit_slope(x, y, lr, momentum, steps):
    """Fits y ≈ w·x by descent with momentum (PyTorch's form) on the mean squared error, from w = 0.

    x, y: arrays of shape (n,)
    lr: float, the learning rate
    momentum: float, μ
    steps: int, how many steps to make
    returns: w, a float
    """
    w, v = 0.0, 0.0
    for _ in range(steps):
        gradient = 2 * np.mean((w * x - y) * x)
        v = momentum * v + gradient
        w = w - lr * v
    return w


@fit_slope.misconception(
    "still the broken loop", "This gives what the broken loop gave. Take two steps by hand and compare line by line."
)
def _(x, y, lr, momentum, steps):
    return _descend(x, y, lr, momentum, steps, lambda v, g: momentum * g, add_up=True)


@fit_slope.misconception(
    "gradients add up",
    "The velocity is right now, but the gradient still carries those of all steps before: a second memory, one that "
    "never fades. Where is it set anew? (In PyTorch: where is zero_grad?)",
)
def _(x, y, lr, momentum, steps):
    return _descend(x, y, lr, momentum, steps, lambda v, g: momentum * v + g, add_up=True)


@fit_slope.misconception(
    "the velocity is forgotten",
    "Every round begins with v = 0, so this is plain gradient descent. Where must v be set to 0 so that it outlives "
    "a round?",
)
def _(x, y, lr, momentum, steps):
    return _descend(x, y, lr, momentum, steps, lambda v, g: g)


@fit_slope.misconception(
    "μ multiplies the gradient too",
    "One thing is left: your very first step is μ times too short. Where do the brackets of μ v + g stand?",
)
def _(x, y, lr, momentum, steps):
    return _descend(x, y, lr, momentum, steps, lambda v, g: momentum * (v + g))


@fit_slope.misconception(
    "v forgotten, gradients add up",
    "Two faults are left. v begins at 0 in every round, while the gradient, which should begin anew, never does. Which "
    "of the two belongs before the loop?",
)
def _(x, y, lr, momentum, steps):
    return _descend(x, y, lr, momentum, steps, lambda v, g: g, add_up=True)


@fit_slope.misconception(
    "v forgotten, μ before the gradient",
    "Two faults are left. v begins at 0 in every round, and what remains of the velocity's line is μ times the "
    "gradient. Mend one of them, then check again.",
)
def _(x, y, lr, momentum, steps):
    return _descend(x, y, lr, momentum, steps, lambda v, g: momentum * g)


@fit_slope.misconception(
    "gradients add up, μ before the gradient",
    "Two faults are left. The gradient carries those of all rounds before, and μ multiplies it. Make the first step by "
    "hand for one of them, the second step for the other.",
)
def _(x, y, lr, momentum, steps):
    return _descend(x, y, lr, momentum, steps, lambda v, g: momentum * (v + g), add_up=True)


@fit_slope.misconception(
    "an average",
    "You weigh the gradient by 1 − μ: document 001's form. The docstring asks for PyTorch's, in which the gradient "
    "counts in full.",
)
def _(x, y, lr, momentum, steps):
    return _descend(x, y, lr, momentum, steps, lambda v, g: momentum * v + (1 - momentum) * g)


@fit_slope.misconception(
    "steps before the velocity is there",
    "Your w moves along the velocity of the round before; in the first round that is zero. What is the last thing a "
    "round should do?",
)
def _(x, y, lr, momentum, steps):
    return fit_slope.reference(x, y, lr, momentum, max(steps - 1, 0))


@fit_slope.misconception(
    "uphill", "Your w runs away from the data. Is the error prediction − y or y − prediction, and does the sign of the "
    "step agree with it?"
)
def _(x, y, lr, momentum, steps):
    return fit_slope.reference(x, y, -lr, momentum, steps)


@fit_slope.misconception(
    "factor 2 missing", "Your gradients are half as long as they should be. What is the derivative of a square?"
)
def _(x, y, lr, momentum, steps):
    return fit_slope.reference(x, y, lr / 2, momentum, steps)
