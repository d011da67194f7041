"""Unit 02: autograd. A local rule, broadcasting undone, a network backwards, slopes without a rule, a rule to mend."""

import numpy as np
from hypothesis import strategies as st

from course.exercises.problems import LogCosh, Quadratic
from course.exercises.specification import exercise


def _arrays(*shape, unit=0.5, largest=4):
    """Float64 arrays whose entries are small multiples of `unit`: exact in binary, easy on the eye."""
    count = int(np.prod(shape))
    numbers = st.lists(st.integers(-largest, largest), min_size=count, max_size=count)
    return numbers.map(lambda numbers: unit * np.array(numbers, float).reshape(shape))


_DTYPES = st.sampled_from([np.float64, np.float32])


# --- a local rule -----------------------------------------------------------------------------------------------------


@st.composite
def _outputs(draw):
    """g, and an output of tanh: between −1 and 1."""
    size, dtype = draw(st.integers(1, 3)), draw(_DTYPES)
    return draw(_arrays(size)).astype(dtype), draw(_arrays(size, unit=0.125, largest=7)).astype(dtype)


@exercise(
    examples=[
        (np.array([1.0]), np.array([0.5])),
        (np.array([2.0, -1.0]), np.array([0.5, -0.25])),
        (np.array([3.0]), np.array([0.0])),
        (np.array([[1.0, 2.0], [-2.0, 4.0]]), np.array([[0.5, -0.5], [0.25, 0.75]])),
        (np.array([2.0, 0.5], dtype=np.float32), np.array([0.25, -0.5], dtype=np.float32)),
    ],
    cases=_outputs(),
    hints=[
        "With out = 0.5 and g = 1 the answer is 0.75. It does not need the x that went into tanh: out is enough.",
        "d tanh(x)/dx = 1 − tanh(x)². What is tanh(x) called here? Then the chain rule: what arrived is multiplied by "
        "the local derivative.",
        "In Python: g * (1 - …**2), with the name of what came out.",
    ],
)
def tanh_backward(g, out):
    """Sends a gradient back through out = tanh(x).

    g: array of any shape, ∂J/∂out
    out: array of the same shape and dtype, tanh(x), already computed on the way forward
    returns: a new array like out, ∂J/∂x
    """
    return g * (1 - out**2)


@tanh_backward.misconception(
    "forgets g",
    "You return the local derivative alone, the same whatever comes after tanh. Where does what arrived, g, come in?",
)
def _(g, out):
    return 1 - out**2


@tanh_backward.misconception(
    "tanh taken twice", "`out` is tanh(x) already. What do you get if you put it into tanh once more?"
)
def _(g, out):
    return g * (1 - np.tanh(out) ** 2)


@tanh_backward.misconception(
    "no square", "At out = −0.5 tanh is as steep as at 0.5, and yours is not. What happens to out before it is taken "
                 "from 1?"
)
def _(g, out):
    return g * (1 - out)


@tanh_backward.misconception(
    "the sigmoid's rule", "out·(1 − out) belongs to the sigmoid. tanh is steepest where out = 0: what does your rule "
                          "give there?"
)
def _(g, out):
    return g * out * (1 - out)


@tanh_backward.misconception(
    "adds instead of multiplies",
    "You add g to the local derivative. Along a path, does the chain rule add or multiply?",
)
def _(g, out):
    return g + (1 - out**2)


@tanh_backward.misconception(
    "divides by the local derivative",
    "Where tanh is flat your gradient is largest: you divided by the derivative. Which way round is the chain rule?",
)
def _(g, out):
    return g / (1 - out**2)


@tanh_backward.misconception(
    "wrong sign", "tanh climbs everywhere, so its derivative is positive. Which of 1 and out² is the larger?"
)
def _(g, out):
    return g * (out**2 - 1)


@tanh_backward.misconception(
    "forwards instead of back",
    "g·out is what arrived times the *value* of tanh. What stands there is its *slope*: how "
    "do you get it from out?",
)
def _(g, out):
    return g * out


@tanh_backward.misconception(
    "changes g in place",
    "The numbers are right, but `g *= …` writes them into the caller's array. If out is used twice, the same g goes "
    "down another path too. How do you write a product that makes a new array?",
)
def _(g, out):
    g *= 1 - out**2
    return g


@tanh_backward.misconception(
    "the square around everything",
    "You square 1 − out. Only the output is squared, before it is taken from 1: where do the brackets end?",
)
def _(g, out):
    return g * (1 - out) ** 2


@tanh_backward.misconception(
    "brackets missing",
    "`g * 1 - out**2` multiplies g by 1 only. What belongs together before g comes in?",
)
def _(g, out):
    return g * 1 - out**2


# --- broadcasting undone ----------------------------------------------------------------------------------------------


@st.composite
def _broadcasts(draw):
    """A gradient, and a shape that broadcasts to its: some axes missing in front, some of length 1."""
    full = tuple(draw(st.lists(st.sampled_from([2, 3, 2]), min_size=1, max_size=3)))
    missing = draw(st.integers(0, len(full)))
    shape = tuple(1 if draw(st.booleans()) else n for n in full[missing:])
    return draw(_arrays(*full)).astype(draw(_DTYPES)), shape


_SIX = np.array([[1.0, 2.0, 4.0], [3.0, -1.0, 0.5]])


@exercise(
    points=2,
    examples=[
        (_SIX, (3,)),
        (_SIX, (2, 1)),
        (_SIX, (1, 3)),
        (_SIX, (2, 3)),
        (_SIX, ()),
        (_SIX, (1, 1)),
        (np.array([[1.0, 2.0], [4.0, 8.0]]), (2,)),
        (np.arange(12.0).reshape(2, 3, 2), (3, 1)),
        (np.arange(12.0).reshape(2, 3, 2), (2,)),
        (np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32), (1, 2)),
    ],
    cases=_broadcasts(),
    hints=[
        "b of shape (3,) was added to both rows of a (2, 3) array, so each entry of b was used twice: two paths lead "
        "to it. What does the chain rule do with two paths?",
        "Two kinds of axes were stretched: those that shape lacks in front (g.ndim - len(shape) of them), and those "
        "where shape has a 1. Sum over all of them.",
        "Collect the axes in a tuple: extra = g.ndim - len(shape); range(extra), and extra + i for every i with "
        "shape[i] == 1. Then g.sum(axis=axes).reshape(shape).",
    ],
)
def unbroadcast(g, shape):
    """The gradient of an input that broadcasting stretched.

    g: array, ∂J/∂(stretched input)
    shape: tuple of ints, the input's own shape, which broadcasts to g.shape
    returns: array of that shape and of g's dtype, ∂J/∂input
    """
    extra = g.ndim - len(shape)
    axes = (*range(extra), *(extra + i for i, n in enumerate(shape) if n == 1))
    return g.sum(axis=axes).reshape(shape)


def _stretched(g, shape):
    extra = g.ndim - len(shape)
    return (*range(extra), *(extra + i for i, n in enumerate(shape) if n == 1))


@unbroadcast.misconception(
    "mean instead of sum",
    "You average the contributions. An entry that is used twice moves J by both of its effects: do they add up, or "
    "average out?",
)
def _(g, shape):
    return g.mean(axis=_stretched(g, shape)).reshape(shape)


@unbroadcast.misconception(
    "one copy only",
    "You keep the gradient of the first copy and drop the others. Each copy was used: what does the chain rule do with "
    "several paths?",
)
def _(g, shape):
    keep = [0] * (g.ndim - len(shape)) + [slice(1) if n == 1 else slice(None) for n in shape]
    return np.array(g[tuple(keep)]).reshape(shape)


@unbroadcast.misconception(
    "only the missing axes",
    "You sum over the axes that the input lacks. An axis of length 1 was stretched as well: where do you sum over "
    "that?",
)
def _(g, shape):
    return g.sum(axis=tuple(range(g.ndim - len(shape))))


@unbroadcast.misconception(
    "only the axes of length 1",
    "You sum over axes where the shape has a 1. What of the axes in front that the input does not have at all?",
)
def _(g, shape):
    extra = g.ndim - len(shape)
    return g.sum(axis=tuple(extra + i for i, n in enumerate(shape) if n == 1), keepdims=True)


@unbroadcast.misconception(
    "axes of length 1 are lost",
    "The sums are right, the shape is not: an axis of length 1 is gone, so (2, 1) became (2,). What brings the input's "
    "own shape back?",
)
def _(g, shape):
    return np.asarray(g.sum(axis=_stretched(g, shape)))


@unbroadcast.misconception(
    "everything into one sum",
    "Every entry of your result is the sum of all of g. Which entries of g came from one entry of the input?",
)
def _(g, shape):
    return np.full(shape, g.sum(), g.dtype)


@unbroadcast.misconception(
    "always one row",
    "You always sum over axis 0. That fits a bias added to rows; which axes were stretched here?",
)
def _(g, shape):
    return g.sum(axis=0)


@unbroadcast.misconception(
    "cut to fit",
    "You cut or reshape g to the new shape and drop the rest. No entry of g may get lost: they are contributions that "
    "add up. Along which axes?",
)
def _(g, shape):
    return np.resize(g, shape)


# --- a network backwards ----------------------------------------------------------------------------------------------


@st.composite
def _networks(draw):
    n, i, h, k = (draw(st.integers(1, 3)) for _ in range(4))
    shapes = ((n, i), (n, k), (i, h), (h,), (h, k), (k,))
    return tuple(draw(_arrays(*shape, largest=3)) for shape in shapes)


_NETWORK = (
    np.array([[1.0, 0.5], [-1.0, 2.0], [0.5, -0.5]]),
    np.array([[1.0, 0.0], [0.5, -1.0], [2.0, 1.0]]),
    np.array([[0.5, -1.0], [1.0, 0.5]]),
    np.array([0.5, -0.5]),
    np.array([[1.0, -0.5], [0.5, 1.0]]),
    np.array([0.0, 0.5]),
)


def _forward(x, W1, b1, W2, b2):
    h = np.tanh(x @ W1 + b1)
    return h, h @ W2 + b2


@exercise(
    points=3,
    examples=[
        tuple(map(np.array, ([[1.0]], [[0.0]], [[0.5]], [0.0], [[2.0]], [0.5]))),
        tuple(map(np.array, ([[1.0], [2.0]], [[0.0], [1.0]], [[0.5]], [0.5], [[2.0]], [0.0]))),
        _NETWORK,
        (_NETWORK[0][:1], _NETWORK[1][:1], *_NETWORK[2:]),
    ],
    cases=_networks(),
    hints=[
        "Do the two forward lines first and keep h. Then walk back: what is ∂J/∂ŷ for J = mean((ŷ − y)²)? Divide by "
        "the number of all entries, y.size.",
        "Through ŷ = h W2 + b2: dW2 = hᵀ dŷ, db2 = the sum of dŷ over the batch, dh = dŷ W2ᵀ. Every gradient has the "
        "shape of what it belongs to: let the shapes tell you where the transposes go.",
        "dz = dh * (1 - h**2); then the first layer is the second over again, with x for h and dz for dŷ.",
    ],
)
def network_gradients(x, y, W1, b1, W2, b2):
    """The gradients of J = mean((ŷ − y)²) for the network ŷ = tanh(x W1 + b1) W2 + b2.

    x: array of shape (n, i), a batch of n inputs
    y: array of shape (n, k), their targets; the mean is over all n·k entries
    W1, b1: arrays of shape (i, h) and (h,)
    W2, b2: arrays of shape (h, k) and (k,)
    returns: (dW1, db1, dW2, db2), arrays shaped like W1, b1, W2, b2
    """
    h = np.tanh(x @ W1 + b1)
    d_out = 2 * (h @ W2 + b2 - y) / y.size
    d_z = (d_out @ W2.T) * (1 - h**2)
    return x.T @ d_z, d_z.sum(axis=0), h.T @ d_out, d_out.sum(axis=0)


@network_gradients.misconception(
    "no derivative of tanh",
    "The second layer is right; in the first you walk past tanh as if it were not there. What is its local derivative?",
)
def _(x, y, W1, b1, W2, b2):
    h, out = _forward(x, W1, b1, W2, b2)
    d_out = 2 * (out - y) / y.size
    d_z = d_out @ W2.T
    return x.T @ d_z, d_z.sum(axis=0), h.T @ d_out, d_out.sum(axis=0)


@network_gradients.misconception(
    "the tanh derivative of z instead of h",
    "You use 1 − z² with what went *into* tanh. The rule 1 − out² wants what came *out*: which variable is that?",
)
def _(x, y, W1, b1, W2, b2):
    h, out = _forward(x, W1, b1, W2, b2)
    d_out = 2 * (out - y) / y.size
    d_z = (d_out @ W2.T) * (1 - (x @ W1 + b1) ** 2)
    return x.T @ d_z, d_z.sum(axis=0), h.T @ d_out, d_out.sum(axis=0)


@network_gradients.misconception(
    "tanh taken twice", "In 1 − tanh(h)² the h is already a tanh. What remains of the rule then?"
)
def _(x, y, W1, b1, W2, b2):
    h, out = _forward(x, W1, b1, W2, b2)
    d_out = 2 * (out - y) / y.size
    d_z = (d_out @ W2.T) * (1 - np.tanh(h) ** 2)
    return x.T @ d_z, d_z.sum(axis=0), h.T @ d_out, d_out.sum(axis=0)


@network_gradients.misconception(
    "the 2 of the square", "All your gradients are half of what they should be. What is the derivative of e²?"
)
def _(x, y, W1, b1, W2, b2):
    h, out = _forward(x, W1, b1, W2, b2)
    d_out = (out - y) / y.size
    d_z = (d_out @ W2.T) * (1 - h**2)
    return x.T @ d_z, d_z.sum(axis=0), h.T @ d_out, d_out.sum(axis=0)


@network_gradients.misconception(
    "sum instead of mean", "Your gradients belong to the sum of the squares. J is their mean: by what is it divided?"
)
def _(x, y, W1, b1, W2, b2):
    h, out = _forward(x, W1, b1, W2, b2)
    d_out = 2 * (out - y)
    d_z = (d_out @ W2.T) * (1 - h**2)
    return x.T @ d_z, d_z.sum(axis=0), h.T @ d_out, d_out.sum(axis=0)


@network_gradients.misconception(
    "mean over the batch only",
    "You divide by the number of samples, n. The mean in J is over all n·k entries of y: how many are those?",
)
def _(x, y, W1, b1, W2, b2):
    h, out = _forward(x, W1, b1, W2, b2)
    d_out = 2 * (out - y) / len(y)
    d_z = (d_out @ W2.T) * (1 - h**2)
    return x.T @ d_z, d_z.sum(axis=0), h.T @ d_out, d_out.sum(axis=0)


@network_gradients.misconception(
    "bias gradients averaged",
    "Your weights are right, your biases too small. A bias is used by every sample of the batch: several paths add up. "
    "And the mean was taken in J already.",
)
def _(x, y, W1, b1, W2, b2):
    h, out = _forward(x, W1, b1, W2, b2)
    d_out = 2 * (out - y) / y.size
    d_z = (d_out @ W2.T) * (1 - h**2)
    return x.T @ d_z, d_z.mean(axis=0), h.T @ d_out, d_out.mean(axis=0)


@network_gradients.misconception(
    "wrong sign", "Every gradient has the wrong sign: you start from y − ŷ. What is the derivative of (ŷ − y)² by ŷ?"
)
def _(x, y, W1, b1, W2, b2):
    h, out = _forward(x, W1, b1, W2, b2)
    d_out = 2 * (y - out) / y.size
    d_z = (d_out @ W2.T) * (1 - h**2)
    return x.T @ d_z, d_z.sum(axis=0), h.T @ d_out, d_out.sum(axis=0)


@network_gradients.misconception(
    "the order of the result",
    "These are the right four arrays in another order. In which does the docstring list them?",
)
def _(x, y, W1, b1, W2, b2):
    h, out = _forward(x, W1, b1, W2, b2)
    d_out = 2 * (out - y) / y.size
    d_z = (d_out @ W2.T) * (1 - h**2)
    return h.T @ d_out, d_out.sum(axis=0), x.T @ d_z, d_z.sum(axis=0)


# --- slopes without a rule --------------------------------------------------------------------------------------------


@st.composite
def _slopes(draw):
    size = draw(st.integers(1, 3))
    strengths = np.array(draw(st.lists(st.sampled_from([1.0, 2.0, 0.5, 4.0]), min_size=size, max_size=size)))
    if draw(st.booleans()):
        problem = LogCosh(strengths)
    else:
        problem = Quadratic(np.diag(strengths) + 0.5 * (size > 1), draw(_arrays(size)))
    return problem, draw(_arrays(size)), draw(st.sampled_from([0.5, 0.1, 0.25]))


_BOWL = Quadratic(np.array([[2.0]]), np.array([0.0]))
_TILTED = Quadratic(np.array([[2.0, 1.0], [1.0, 4.0]]), np.array([1.0, 0.0]))


@exercise(
    points=2,
    examples=[
        (_BOWL, np.array([3.0]), 0.5),  # J = θ²: (12.25 − 6.25) / 1
        (_BOWL, np.array([0.0]), 0.5),
        (_TILTED, np.array([1.0, -2.0]), 0.1),
        (_TILTED, np.array([0.0, 1.0]), 0.5),
        (LogCosh(np.array([1.0])), np.array([1.0]), 0.5),
        (LogCosh(np.array([1.0, 2.0])), np.array([0.5, -1.0]), 0.25),
    ],
    cases=_slopes(),
    hints=[
        "J takes one step of eps to the right and one to the left, along one coordinate at a time. How far apart are "
        "the two places?",
        "For each i: copy theta, add eps to entry i of the copy, evaluate J; the same with −eps; divide the difference "
        "by 2·eps.",
        "step = np.zeros_like(theta); step[i] = eps; gradient[i] = (J(theta + step) - J(theta - step)) / …",
    ],
)
def central_differences(J, theta, eps):
    """The gradient of J at theta, from values of J alone.

    J: function, J(theta) is a number
    theta: array of shape (n,)
    eps: float, how far to go to each side
    returns: a new array of shape (n,), (J(θ + ε eᵢ) − J(θ − ε eᵢ)) / 2ε for each i, where eᵢ is 1 at i and else 0
    """
    gradient = np.zeros_like(theta)
    for i in range(len(theta)):
        step = np.zeros_like(theta)
        step[i] = eps
        gradient[i] = (J(theta + step) - J(theta - step)) / (2 * eps)
    return gradient


def _each(theta, eps, slope):
    """slope(step along coordinate i) for every i."""
    return np.array([slope(eps * row) for row in np.eye(len(theta))])


@central_differences.misconception(
    "a step to one side only",
    "You compare with J(θ) itself. In a curve the slope to the right differs from the slope at θ: what do you gain by "
    "a step to each side?",
)
def _(J, theta, eps):
    return _each(theta, eps, lambda step: (J(theta + step) - J(theta)) / eps)


@central_differences.misconception(
    "a step to the left only",
    "You compare J(θ) with the place to its left. The formula has a step to each side: where is the one to the right?",
)
def _(J, theta, eps):
    return _each(theta, eps, lambda step: (J(theta) - J(theta - step)) / eps)


@central_differences.misconception(
    "divides by ε", "Your slopes are twice what they should be. How far apart are θ − ε and θ + ε?"
)
def _(J, theta, eps):
    return _each(theta, eps, lambda step: (J(theta + step) - J(theta - step)) / eps)


@central_differences.misconception(
    "halves, then multiplies",
    "`/ 2 * eps` divides by 2 and then *multiplies* by ε. Which brackets does 2ε need below the line?",
)
def _(J, theta, eps):
    return _each(theta, eps, lambda step: (J(theta + step) - J(theta - step)) / 2 * eps)


@central_differences.misconception(
    "no division", "You return how much J changes, not how steeply. By how far a walk must you divide?"
)
def _(J, theta, eps):
    return _each(theta, eps, lambda step: J(theta + step) - J(theta - step))


@central_differences.misconception(
    "all coordinates at once",
    "You move all entries of θ together, so every entry of your result holds the sum of all slopes. How do you move "
    "one entry alone?",
)
def _(J, theta, eps):
    return np.full(len(theta), (J(theta + eps) - J(theta - eps)) / (2 * eps))


@central_differences.misconception(
    "wrong sign", "Where J climbs, your slope is negative. Which of the two values is taken from which?"
)
def _(J, theta, eps):
    return _each(theta, eps, lambda step: (J(theta - step) - J(theta + step)) / (2 * eps))


@central_differences.misconception(
    "earlier coordinates stay moved",
    "The first entry is right, later ones are not: you never put θ[i] back before you go on to the next coordinate. "
    "Where does it come back to its place?",
)
def _(J, theta, eps):
    here, slopes = theta.copy(), []
    for i in range(len(theta)):
        here[i] += eps
        above = J(here)
        here[i] -= 2 * eps
        slopes.append((above - J(here)) / (2 * eps))
    return np.array(slopes)


@central_differences.misconception(
    "moves the caller's θ",
    "The slopes of the first entry may be right, but `theta[i] += eps` moved the caller's own array, and there it "
    "stays. What should you move in its place?",
)
def _(J, theta, eps):
    slopes = np.zeros_like(theta)
    for i in range(len(theta)):
        theta[i] += eps
        above = J(theta)
        theta[i] -= 2 * eps
        slopes[i] = (above - J(theta)) / (2 * eps)
    return slopes


# --- a rule to mend ---------------------------------------------------------------------------------------------------


@st.composite
def _inputs(draw):
    size, dtype = draw(st.integers(1, 3)), draw(_DTYPES)
    return draw(_arrays(size)).astype(dtype), draw(_arrays(size, largest=6)).astype(dtype)


@exercise(
    points=2,
    examples=[
        (np.array([1.0]), np.array([0.0])),
        (np.array([1.0]), np.array([2.0])),
        (np.array([2.0, -0.5]), np.array([1.0, -3.0])),
        (np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([[0.5, -0.5], [1.0, 2.0]])),
        (np.array([1.0, -2.0], dtype=np.float32), np.array([1.0, -1.0], dtype=np.float32)),
    ],
    cases=_inputs(),
    hints=[
        "At x = 0 the slope of x·σ(x) is ½ (draw it, or try central differences), and the broken rule gives 0 there.",
        "x is used twice: as the factor x, and inside σ(x). Two paths, so two terms; the broken rule has one of them. "
        "And what became of the gradient that arrives?",
        "s + x * s * (1 - s) is the local derivative. Multiply it by …",
    ],
)
def swish_backward(g, x):
    """Sends a gradient back through out = x·σ(x), where σ(x) = 1 / (1 + e⁻ˣ).

    g: array of any shape, ∂J/∂out
    x: array of the same shape and dtype
    returns: a new array like x, ∂J/∂x
    """
    s = 1 / (1 + np.exp(-x))
    return g * (s + x * s * (1 - s))


@swish_backward.misconception(
    "still the broken rule", "Two mistakes are left, both of them: at x = 0 you get 0, and g has no effect."
)
def _(g, x):
    s = 1 / (1 + np.exp(-x))
    return x * s * (1 - s)


@swish_backward.misconception(
    "one path only",
    "You have the path through σ(x), and g. x is also the factor in front: what does out = x·σ gain when that x moves "
    "and σ stands still?",
)
def _(g, x):
    s = 1 / (1 + np.exp(-x))
    return g * x * s * (1 - s)


@swish_backward.misconception(
    "the other path only",
    "You treat σ(x) as a constant. It moves with x as well: which term is missing?",
)
def _(g, x):
    s = 1 / (1 + np.exp(-x))
    return g * s


@swish_backward.misconception(
    "forgets g", "The local derivative is right. What arrived from the operations behind, g, has no effect in yours: "
                 "where does the chain rule put it?"
)
def _(g, x):
    s = 1 / (1 + np.exp(-x))
    return s + x * s * (1 - s)


@swish_backward.misconception(
    "g on one path only",
    "You multiply only one of the two terms by g. What arrives goes down both paths: which brackets are missing?",
)
def _(g, x):
    s = 1 / (1 + np.exp(-x))
    return g * s + x * s * (1 - s)


@swish_backward.misconception(
    "paths multiplied", "You multiply the two paths. *Along* a path derivatives multiply; what happens *between* paths?"
)
def _(g, x):
    s = 1 / (1 + np.exp(-x))
    return g * s * (x * s * (1 - s))


@swish_backward.misconception(
    "product of the derivatives",
    "The derivative of x is 1 and that of σ is σ(1 − σ), and you multiplied those. A product's derivative is u′v + "
    "uv′: where are the undifferentiated factors?",
)
def _(g, x):
    s = 1 / (1 + np.exp(-x))
    return g * s * (1 - s)


@swish_backward.misconception(
    "the derivative of tanh",
    "1 − s² belongs to tanh. What is the derivative of the sigmoid, written with its output s?",
)
def _(g, x):
    s = 1 / (1 + np.exp(-x))
    return g * (s + x * (1 - s**2))


@swish_backward.misconception(
    "σ of −x", "Your σ falls where it should rise: 1 / (1 + eˣ) is σ(−x). Which sign does the exponent have?"
)
def _(g, x):
    s = 1 / (1 + np.exp(x))
    return g * (s + x * s * (1 - s))


@swish_backward.misconception(
    "half of the sigmoid's derivative",
    "σ′ is σ(1 − σ), and your second term has 1 − σ alone. Which factor is missing?",
)
def _(g, x):
    s = 1 / (1 + np.exp(-x))
    return g * (s + x * (1 - s))


@swish_backward.misconception(
    "1 for σ in the first term",
    "The derivative of the factor x is 1, and it is multiplied by the other factor, which stays. What is that?",
)
def _(g, x):
    s = 1 / (1 + np.exp(-x))
    return g * (1 + x * s * (1 - s))
