"""Unit 09: Adam's family. What AdamW leaves of a weight, its step, an AMSGrad loop to mend, RAdam's rectification."""

import numpy as np
from hypothesis import strategies as st

from course.exercises.specification import exercise


def _vectors(size, low=-8, unit=0.5):
    """Float64 vectors whose entries are small multiples of `unit`."""
    numbers = st.lists(st.integers(low, 8), min_size=size, max_size=size)
    return numbers.map(lambda numbers: unit * np.array(numbers, float))


# --- what decay leaves ------------------------------------------------------------------------------------------------


@st.composite
def _weights(draw):
    return (draw(_vectors(draw(st.integers(1, 3)))), draw(st.sampled_from([0.1, 0.01, 0.5])),
            draw(st.sampled_from([0.1, 0.5, 1.0])), draw(st.integers(0, 20)))


@exercise(
    examples=[
        (np.array([1.0]), 0.5, 1.0, 1),
        (np.array([1.0]), 0.5, 1.0, 2),
        (np.array([2.0, -4.0]), 0.1, 0.5, 10),
        (np.array([3.0]), 0.1, 0.5, 0),
    ],
    cases=_weights(),
    hints=[
        "With η = 0.5 and λ = 1 a weight of 1 is 0.5 after one step and 0.25 after two. What happens in each step?",
        "θ − ηλθ = (1 − ηλ)θ. The same factor, `steps` times: a power.",
    ],
)
def decay_left(w, lr, weight_decay, steps):
    """The weights that AdamW's decay leaves after some steps in which the gradient of the loss is 0.

    w: array of shape (n,), the weights at the start
    lr, weight_decay: floats, η and λ
    steps: int, how many steps are made, 0 or more
    returns: array of shape (n,)
    """
    return w * (1 - lr * weight_decay) ** steps


@decay_left.misconception(
    "no learning rate", "You shrink by λ alone. In AdamW the share that goes is ηλ: what is missing?"
)
def _(w, lr, weight_decay, steps):
    return w * (1 - weight_decay) ** steps


@decay_left.misconception(
    "always from the first weight",
    "You take the same amount away in each step. The amount is a share of what is *left*: what does that make of it?",
)
def _(w, lr, weight_decay, steps):
    return w * (1 - lr * weight_decay * steps)


@decay_left.misconception(
    "the exponential", "e^(−ηλt) is what tiny steps come to. For steps of this size, which factor does one step have?"
)
def _(w, lr, weight_decay, steps):
    return w * np.exp(-lr * weight_decay * steps)


@decay_left.misconception("only one step", "That is one step. Where do the others come in?")
def _(w, lr, weight_decay, steps):
    return w * (1 - lr * weight_decay)


@decay_left.misconception("grows", "Your weights grow. Which sign does the decay have?")
def _(w, lr, weight_decay, steps):
    return w * (1 + lr * weight_decay) ** steps


@decay_left.misconception(
    "what is gone", "You return what the decay has taken away. What is left?"
)
def _(w, lr, weight_decay, steps):
    return w * (1 - (1 - lr * weight_decay) ** steps)


@decay_left.misconception(
    "Adam with L2",
    "Steps of length η towards 0 are what L2 inside Adam gives. AdamW's decay is not divided by anything: what is a step "
    "of it?",
)
def _(w, lr, weight_decay, steps):
    return np.sign(w) * np.maximum(np.abs(w) - lr * steps, 0)


# --- one step of AdamW ------------------------------------------------------------------------------------------------


@st.composite
def _steps(draw):
    size = draw(st.integers(1, 3))
    theta, g, m = (draw(_vectors(size)) for _ in range(3))
    v = draw(_vectors(size, low=0))
    beta1, beta2 = draw(st.sampled_from([(0.9, 0.99), (0.5, 0.8), (0.9, 0.999)]))
    lr, eps, weight_decay = draw(st.sampled_from([0.1, 0.01])), 0.1, draw(st.sampled_from([0.1, 0.5, 1.0]))
    return theta, g, m, v, draw(st.integers(1, 9)), lr, beta1, beta2, eps, weight_decay


_ONE, _NULL = np.array([1.0]), np.array([0.0])


@exercise(
    points=2,
    examples=[
        (_ONE, _NULL, _NULL, _NULL, 1, 0.1, 0.9, 0.999, 1e-8, 0.5),  # nothing but decay
        (_ONE, 4 * _ONE, _NULL, _NULL, 1, 0.1, 0.5, 0.8, 0.1, 0.5),
        (np.array([1.0, -2.0]), np.array([3.0, -2.0]), np.array([0.5, 1.0]), np.array([1.0, 4.0]), 3,
         0.1, 0.9, 0.99, 0.1, 1.0),
        (np.array([2.0, 2.0]), np.array([10.0, 0.1]), _NULL.repeat(2), _NULL.repeat(2), 1, 0.1, 0.9, 0.99, 0.1, 0.5),
    ],
    cases=_steps(),
    hints=[
        "Two things happen, one after the other: the weights shrink by the share ηλ, then Adam's step is taken. The "
        "gradient knows nothing of the decay.",
        "First line: theta = theta - lr * weight_decay * theta. Then the five lines of Adam, with g as it was given.",
        "Adam's last line: theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)",
    ],
)
def adamw_step(theta, g, m, v, t, lr, beta1, beta2, eps, weight_decay):
    """One step of AdamW.

    theta: array of any shape, the parameters
    g: array of the same shape, the gradient of the loss, without any decay
    m, v: arrays of the same shape, the averages of g and of g² after t − 1 steps
    t: int, the number of this step, 1 for the first
    lr, beta1, beta2, eps, weight_decay: floats
    returns: (theta, m, v), three new arrays: the parameters and the uncorrected averages after this step
    """
    theta = theta - lr * weight_decay * theta
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def _adam(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@adamw_step.misconception(
    "L2 in the gradient",
    "You add λθ to the gradient: that is L2 in Adam, and it is divided by √v̂ with all the rest. Where does AdamW decay?",
)
def _(theta, g, m, v, t, lr, beta1, beta2, eps, weight_decay):
    return _adam(theta, g + weight_decay * theta, m, v, t, lr, beta1, beta2, eps)


@adamw_step.misconception(
    "decay without lr", "Your weights lose the share λ in every step. PyTorch's AdamW multiplies it by the learning rate."
)
def _(theta, g, m, v, t, lr, beta1, beta2, eps, weight_decay):
    return _adam(theta - weight_decay * theta, g, m, v, t, lr, beta1, beta2, eps)


@adamw_step.misconception(
    "decays after the step",
    "You shrink what comes out of Adam's step, so the step shrinks too. Which θ does the formula shrink?",
)
def _(theta, g, m, v, t, lr, beta1, beta2, eps, weight_decay):
    theta, m, v = _adam(theta, g, m, v, t, lr, beta1, beta2, eps)
    return theta * (1 - lr * weight_decay), m, v


@adamw_step.misconception("grows", "Your decay makes weights larger. Which sign does it have?")
def _(theta, g, m, v, t, lr, beta1, beta2, eps, weight_decay):
    return _adam(theta + lr * weight_decay * theta, g, m, v, t, lr, beta1, beta2, eps)


@adamw_step.misconception("no decay", "That is Adam. Where does weight_decay come in?")
def _(theta, g, m, v, t, lr, beta1, beta2, eps, weight_decay):
    return _adam(theta, g, m, v, t, lr, beta1, beta2, eps)


@adamw_step.misconception(
    "decays twice", "You shrink the weights and also add λθ to the gradient. Once is enough: which of the two is AdamW?"
)
def _(theta, g, m, v, t, lr, beta1, beta2, eps, weight_decay):
    return _adam(theta * (1 - lr * weight_decay), g + weight_decay * theta, m, v, t, lr, beta1, beta2, eps)


@adamw_step.misconception(
    "no bias correction", "The decay is right. But m and v started from 0: what are they divided by?"
)
def _(theta, g, m, v, t, lr, beta1, beta2, eps, weight_decay):
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    return theta - lr * weight_decay * theta - lr * m / (np.sqrt(v) + eps), m, v


@adamw_step.misconception(
    "the same decay for all", "You take ηλ away from each weight, whatever its size. Decay is a *share*: of what?"
)
def _(theta, g, m, v, t, lr, beta1, beta2, eps, weight_decay):
    return _adam(theta - lr * weight_decay, g, m, v, t, lr, beta1, beta2, eps)


# --- a loop to mend ---------------------------------------------------------------------------------------------------


@st.composite
def _paths(draw):
    gradients = draw(_vectors(draw(st.integers(1, 7))))
    beta1, beta2 = draw(st.sampled_from([(0.9, 0.99), (0.5, 0.8), (0.9, 0.5)]))
    return gradients, draw(st.sampled_from([0.1, 1.0])), beta1, beta2, draw(st.sampled_from([0.5, 0.1]))


def _path(gradients, lr, beta1, beta2, eps, kept=False, bare=False, wrong_beta=False, largest=np.maximum,
          correct=True):
    """AMSGrad's loop with the mistakes that are asked for."""
    theta, m, v, top, path = 0.0, 0.0, 0.0, 0.0, []
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        top = largest(top, v)
        if kept:
            v = top
        m_hat = g if bare else m / (1 - beta1**t) if correct else m
        v_hat = top / (1 - (beta1 if wrong_beta else beta2) ** t) if correct else top
        theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
        path.append(theta)
    return np.array(path)


@exercise(
    points=2,
    examples=[
        (np.array([1.0]), 1.0, 0.9, 0.99, 0.5),
        (np.array([4.0, 0.0, 0.0, 1.0]), 1.0, 0.5, 0.8, 0.5),
        (np.array([3.0, -1.0, -1.0, 3.0, -1.0, -1.0]), 0.1, 0.9, 0.5, 0.1),
        (np.array([2.0, 2.0, 2.0]), 0.1, 0.9, 0.99, 0.1),
        (np.array([4.0, 0.0, 4.0, 0.0, 4.0]), 1.0, 0.9, 0.5, 0.1),
    ],
    cases=_paths(),
    hints=[
        "Give it gradients of 2 only, and print m_hat and v_hat: they should be 2 and 4 at every step.",
        "v itself goes on as in Adam, and may fall. Only `top` must not. What does the loop do to v?",
        "Three lines are wrong: v must not be replaced by its maximum, v's correction needs beta2, and the numerator is "
        "m_hat.",
    ],
)
def amsgrad_path(gradients, lr, beta1, beta2, eps):
    """AMSGrad on one parameter that starts at 0 and is given these gradients, one a step.

    gradients: array of shape (n,)
    lr, beta1, beta2, eps: floats
    returns: array of shape (n,), θ after each step
    """
    theta, m, v, top, path = 0.0, 0.0, 0.0, 0.0, []
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        top = max(top, v)
        m_hat = m / (1 - beta1**t)
        v_hat = top / (1 - beta2**t)
        theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
        path.append(theta)
    return np.array(path)


@amsgrad_path.misconception(
    "still the broken loop", "This gives what the broken loop gave. Take two steps by hand and compare line by line."
)
def _(gradients, lr, beta1, beta2, eps):
    return _path(gradients, lr, beta1, beta2, eps, kept=True, bare=True, wrong_beta=True)


@amsgrad_path.misconception(
    "v is replaced by its maximum",
    "One fault is left: the average v may fall, and yours cannot, since the maximum is written into it. Which variable "
    "holds which?",
)
def _(gradients, lr, beta1, beta2, eps):
    return _path(gradients, lr, beta1, beta2, eps, kept=True)


@amsgrad_path.misconception(
    "gradient instead of its average", "One fault is left: your numerator is the bare gradient. What is momentum for?"
)
def _(gradients, lr, beta1, beta2, eps):
    return _path(gradients, lr, beta1, beta2, eps, bare=True)


@amsgrad_path.misconception(
    "the wrong β in v's correction", "One fault is left: v was averaged with β₂. With which power is it corrected?"
)
def _(gradients, lr, beta1, beta2, eps):
    return _path(gradients, lr, beta1, beta2, eps, wrong_beta=True)


@amsgrad_path.misconception(
    "v is replaced, and the bare gradient", "Two faults are left: what stands in the numerator, and what happens to v "
    "after the maximum is taken?"
)
def _(gradients, lr, beta1, beta2, eps):
    return _path(gradients, lr, beta1, beta2, eps, kept=True, bare=True)


@amsgrad_path.misconception(
    "v is replaced, and the wrong β", "Two faults are left, both about v: its correction, and what it is set to."
)
def _(gradients, lr, beta1, beta2, eps):
    return _path(gradients, lr, beta1, beta2, eps, kept=True, wrong_beta=True)


@amsgrad_path.misconception(
    "the bare gradient, and the wrong β", "Two faults are left, both in what is corrected: look at m_hat and at v_hat."
)
def _(gradients, lr, beta1, beta2, eps):
    return _path(gradients, lr, beta1, beta2, eps, bare=True, wrong_beta=True)


@amsgrad_path.misconception(
    "plain Adam", "The maximum is gone: this is Adam, which forgets a large gradient. Which v do you divide by?"
)
def _(gradients, lr, beta1, beta2, eps):
    return _path(gradients, lr, beta1, beta2, eps, largest=lambda top, v: v)


@amsgrad_path.misconception(
    "no bias correction", "You left both corrections out. PyTorch's AMSGrad has them: m by β₁, the maximum by β₂."
)
def _(gradients, lr, beta1, beta2, eps):
    return _path(gradients, lr, beta1, beta2, eps, correct=False)


@amsgrad_path.misconception(
    "the maximum of what is corrected",
    "You take the maximum of the corrected averages. Here the maximum is of the plain v, and is corrected afterwards: "
    "which comes first?",
)
def _(gradients, lr, beta1, beta2, eps):
    theta, m, v, top, path = 0.0, 0.0, 0.0, 0.0, []
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        top = max(top, v / (1 - beta2**t))
        theta = theta - lr * m / (1 - beta1**t) / (np.sqrt(top) + eps)
        path.append(theta)
    return np.array(path)


# --- RAdam's rectification --------------------------------------------------------------------------------------------


def _rectification(t, beta2, threshold=5.0, root=True, correct=True, inverse=False, longest_minus=1.0):
    longest = 2 / (1 - beta2) - longest_minus
    length = longest - 2 * t * beta2**t / ((1 - beta2**t) if correct else 1)
    if length <= threshold:
        return 0.0
    r = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
    r = 1 / r if inverse else r
    return float(np.sqrt(r)) if root else float(r)


@exercise(
    points=2,
    examples=[(1, 0.999), (5, 0.999), (6, 0.999), (6, 0.9), (100, 0.999), (1000, 0.9), (7, 0.99), (5, 0.99)],
    cases=st.tuples(st.integers(1, 60), st.sampled_from([0.9, 0.99, 0.999])),
    hints=[
        "Three lines: ρ∞, ρ_t, and the question whether ρ_t is above 5.",
        "rho = longest - 2 * t * beta2**t / (1 - beta2**t). For β₂ = 0.999 and t = 6 it is 5.99…: the first that counts.",
        "The root goes over the whole fraction: np.sqrt((rho - 4) * (rho - 2) * longest / ((longest - 4) * …))",
    ],
)
def rectification_of(t, beta2):
    """RAdam's r_t: the share of Adam's step that is taken in step t.

    t: int, the number of the step, 1 for the first
    beta2: float, at least 0.9
    returns: float, 0.0 where ρ_t is 5 or less
    """
    longest = 2 / (1 - beta2) - 1
    rho = longest - 2 * t * beta2**t / (1 - beta2**t)
    if rho <= 5:
        return 0.0
    return float(np.sqrt((rho - 4) * (rho - 2) * longest / ((longest - 4) * (longest - 2) * rho)))


@rectification_of.misconception(
    "threshold 4", "You begin one step too early. The fraction is positive from ρ_t > 4 on; which threshold is asked for?"
)
def _(t, beta2):
    return _rectification(t, beta2, threshold=4.0)


@rectification_of.misconception("no root", "Your share is the square of the right one. What stands around the fraction?")
def _(t, beta2):
    return _rectification(t, beta2, root=False)


@rectification_of.misconception(
    "upside down", "Your share is above 1 and falls. The first steps should be *shortened*: which way up is the fraction?"
)
def _(t, beta2):
    return _rectification(t, beta2, inverse=True)


@rectification_of.misconception(
    "no divisor in ρ_t", "2tβ₂ᵗ is divided by 1 − β₂ᵗ, the share that the gradients have by now. Without it, how large "
    "is ρ₁?"
)
def _(t, beta2):
    return _rectification(t, beta2, correct=False)


@rectification_of.misconception(
    "ρ∞ one too large", "ρ∞ is 2/(1 − β₂) *minus 1*. For β₂ = 0.9 that is 19. What is yours?"
)
def _(t, beta2):
    return _rectification(t, beta2, longest_minus=0.0)


@rectification_of.misconception(
    "full step at the start", "Where ρ_t ≤ 5 you return 1. The docstring asks for 0.0 there: the sign that Adam's step is "
    "not taken at all."
)
def _(t, beta2):
    r = _rectification(t, beta2)
    return r if r > 0 else 1.0


@rectification_of.misconception(
    "always 1 afterwards", "You switch from nothing to Adam's whole step. What does the fraction say at step 6?"
)
def _(t, beta2):
    return 1.0 if _rectification(t, beta2) > 0 else 0.0
