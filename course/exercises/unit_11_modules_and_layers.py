"""Unit 11: modules and layers. Parameters counted, a layer backwards, the first weights, clipping, a network to mend."""

import numpy as np
from hypothesis import strategies as st

from course.exercises.specification import exercise


def _arrays(*shape, unit=0.5, largest=4):
    """Arrays whose entries are small multiples of `unit`: exact in binary, easy on the eye."""
    count = int(np.prod(shape))
    numbers = st.lists(st.integers(-largest, largest), min_size=count, max_size=count)
    return numbers.map(lambda numbers: unit * np.array(numbers, float).reshape(shape))


_DTYPES = st.sampled_from([np.float64, np.float32])


# --- parameters counted -----------------------------------------------------------------------------------------------


@exercise(
    examples=[
        ([2, 3], True),
        ([64, 32, 10], True),
        ([64, 32, 10], False),
        ([5, 1], True),
        ([3, 4, 2, 7], True),
    ],
    cases=st.tuples(st.lists(st.integers(1, 9), min_size=2, max_size=5), st.booleans()),
    hints=[
        "A layer from 2 to 3 numbers has 9 parameters: a weight for each pair of input and output, and a bias for each "
        "output.",
        "The layers lie between neighbours of the list: zip(sizes, sizes[1:]) gives (in, out) of each.",
        "In Python: sum(n * m + … for n, m in zip(sizes, sizes[1:])), where … is m with a bias and 0 without.",
    ],
)
def count_parameters(sizes, bias):
    """How many parameters a stack of Linear layers has.

    sizes: list of ints, the numbers a row before, between and after the layers: [64, 32, 10] is Linear(64, 32) and
        then Linear(32, 10)
    bias: bool, whether each layer has a bias
    returns: int
    """
    return sum(n * m + m * bias for n, m in zip(sizes, sizes[1:]))


@count_parameters.misconception(
    "no biases", "With biases your count is that of the weights alone. How many numbers does b have in y = x Wᵀ + b?"
)
def _(sizes, bias):
    return sum(n * m for n, m in zip(sizes, sizes[1:]))


@count_parameters.misconception(
    "biases always", "Without biases you count them all the same. Which argument says whether there are any?"
)
def _(sizes, bias):
    return sum(n * m + m for n, m in zip(sizes, sizes[1:]))


@count_parameters.misconception(
    "a bias for each input",
    "You count a bias for each *input* of a layer. b is added to what comes out: how many numbers is that?",
)
def _(sizes, bias):
    return sum(n * m + n * bias for n, m in zip(sizes, sizes[1:]))


@count_parameters.misconception(
    "one bias a layer", "You count one bias for each layer. Is b a number, or one number for each output?"
)
def _(sizes, bias):
    return sum(n * m + bias for n, m in zip(sizes, sizes[1:]))


@count_parameters.misconception(
    "the inputs have biases too",
    "You count a bias for each of the numbers that go in first. Those are data: which layers have parameters?",
)
def _(sizes, bias):
    return sum(n * m for n, m in zip(sizes, sizes[1:])) + sum(sizes) * bias


@count_parameters.misconception(
    "adds inputs and outputs",
    "You add inputs and outputs. Each output has a weight for *each* input: is that a sum or a product?",
)
def _(sizes, bias):
    return sum(n + m + m * bias for n, m in zip(sizes, sizes[1:]))


@count_parameters.misconception(
    "the last layer is missing", "Your count stops one layer early. How many layers lie between four sizes?"
)
def _(sizes, bias):
    return sum(n * m + m * bias for n, m in zip(sizes[:-1], sizes[1:-1]))


@count_parameters.misconception(
    "all sizes multiplied",
    "You multiply all sizes with each other, as if there were one weight for each path through the network. Layers "
    "stand one after the other: are their parameters added or multiplied?",
)
def _(sizes, bias):
    return int(np.prod(sizes)) + sum(sizes[1:]) * bias


# --- a layer, backwards -----------------------------------------------------------------------------------------------


@st.composite
def _layers(draw):
    rows, n, m = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    dtype = draw(_DTYPES)
    return tuple(draw(_arrays(*shape)).astype(dtype) for shape in ((rows, m), (rows, n), (m, n)))


@exercise(
    points=2,
    examples=[
        (np.array([[1.0]]), np.array([[2.0]]), np.array([[3.0]])),
        (np.array([[1.0], [2.0]]), np.array([[3.0], [1.0]]), np.array([[2.0]])),
        (np.array([[1.0, -1.0]]), np.array([[2.0, 0.5]]), np.array([[1.0, -3.0], [2.0, 0.5]])),
        (
            np.array([[1.0, 0.5], [0.5, 2.0]]),
            np.array([[1.0, 2.0, 0.0], [-1.0, 0.5, 1.0]]),
            np.array([[1.0, 0.0, 2.0], [0.5, -1.0, 1.5]]),
        ),
    ],
    cases=_layers(),
    hints=[
        "A gradient has the shape of what it belongs to. g is (rows, out), x (rows, in), W (out, in): which products "
        "give (rows, in) and (out, in)?",
        "Each row of x used the same W and the same b, so their gradients add up over the rows. A matrix product "
        "over the rows does that for W by itself.",
        "dx is g @ W, and dW is a product of g.T and x. For db, sum g over axis 0.",
    ],
)
def linear_backward(g, x, W):
    """Sends a gradient back through a Linear layer, y = x Wᵀ + b.

    g: array of shape (rows, out), ∂J/∂y
    x: array of shape (rows, in), what went into the layer
    W: array of shape (out, in), its weights
    returns: (dx, dW, db), new arrays of shapes (rows, in), (out, in) and (out,)
    """
    return g @ W, g.T @ x, g.sum(axis=0)


@linear_backward.misconception(
    "the mean over the rows",
    "Your dW and db are divided by the number of rows. A mean over the batch belongs to the loss, and g has it "
    "already: what does the chain rule do over several paths?",
)
def _(g, x, W):
    return g @ W, g.T @ x / len(x), g.mean(axis=0)


@linear_backward.misconception(
    "db is not summed",
    "Your db still has one row for each row of the batch. b was added to all of them: over which axis do you sum?",
)
def _(g, x, W):
    return g @ W, g.T @ x, g


@linear_backward.misconception(
    "db summed over the outputs",
    "You sum g over its outputs: one number a row. b has one number an *output*: which axis goes?",
)
def _(g, x, W):
    return g @ W, g.T @ x, g.sum(axis=1)


@linear_backward.misconception(
    "dW transposed",
    "Your dW has the shape (in, out). The weights of the layer have one row an output: which factor must be "
    "transposed?",
)
def _(g, x, W):
    return g @ W, x.T @ g, g.sum(axis=0)


@linear_backward.misconception(
    "another order", "The three arrays are right and come in another order. Which comes first in the docstring?"
)
def _(g, x, W):
    return g.T @ x, g.sum(axis=0), g @ W


@linear_backward.misconception(
    "db counts the rows",
    "Your db is the number of rows, whatever arrives. The slope of y by b is 1, and the chain rule multiplies it by "
    "g: what do you sum?",
)
def _(g, x, W):
    return g @ W, g.T @ x, np.full(g.shape[1], len(g), g.dtype)


@linear_backward.misconception(
    "dx is g", "Your dx is what arrived. y depends on x by way of W: what does the chain rule multiply with?"
)
def _(g, x, W):
    return g, g.T @ x, g.sum(axis=0)


@linear_backward.misconception(
    "signs turned", "All three gradients point the other way. The minus belongs to the optimiser's step, not here."
)
def _(g, x, W):
    return -(g @ W), -(g.T @ x), -g.sum(axis=0)


# --- the first weights ------------------------------------------------------------------------------------------------


@exercise(
    examples=[
        ((1, 3), 1.0),
        ((10, 64), 1.0),
        ((10, 64), 1.5),
        ((6, 2), 0.5),
    ],
    cases=st.tuples(st.tuples(st.integers(1, 100), st.integers(1, 100)), st.integers(1, 16).map(lambda k: k / 4)),
    hints=[
        "The weights shall have the standard deviation gain / √n. What is n, the fan-in, for a weight of shape (out, "
        "in)?",
        "Numbers spread evenly over [−a, a] have the standard deviation a / √3. So which a gives gain / √n?",
        "In Python: gain * np.sqrt(3 / …), with the number of inputs.",
    ],
)
def uniform_bound(shape, gain):
    """How far to spread the first weights of a layer, if they are drawn evenly from [−a, a].

    They shall have the standard deviation gain / √n, n being the number of inputs of the layer (its fan-in).
    shape: (out, in), two ints, the shape of the weight
    gain: float, √2 for ReLU, say
    returns: float, a
    """
    return gain * np.sqrt(3 / shape[1])


@uniform_bound.misconception(
    "the standard deviation itself",
    "That is the standard deviation wanted. Numbers spread evenly over [−a, a] deviate by less than a: by a / √3. "
    "What is a?",
)
def _(shape, gain):
    return gain / np.sqrt(shape[1])


@uniform_bound.misconception(
    "fan-out for fan-in",
    "You count the outputs. An output is a sum over the *inputs*: which of the two sizes decides how large it gets?",
)
def _(shape, gain):
    return gain * np.sqrt(3 / shape[0])


@uniform_bound.misconception(
    "the mean of both fans",
    "√(6 / (in + out)) is Xavier's compromise between the way forward and the way back. Which n is asked for here?",
)
def _(shape, gain):
    return gain * np.sqrt(6 / sum(shape))


@uniform_bound.misconception(
    "no gain", "Your bound is the same for every activation. Where does the gain come in?"
)
def _(shape, gain):
    return np.sqrt(3 / shape[1])


@uniform_bound.misconception(
    "gain inside the root",
    "You take the root of the gain too. A gain of 2 should double the weights: what does yours do?",
)
def _(shape, gain):
    return np.sqrt(3 * gain / shape[1])


@uniform_bound.misconception(
    "no root",
    "Your bound shrinks like 1/n. A sum of n random numbers grows only like √n: what keeps it level?",
)
def _(shape, gain):
    return gain * 3 / shape[1]


@uniform_bound.misconception(
    "divides by √3",
    "You divide by √3 where you should multiply: even numbers on [−a, a] deviate by a / √3. Solve that for a.",
)
def _(shape, gain):
    return gain / np.sqrt(3 * shape[1])


@uniform_bound.misconception(
    "12 instead of 3",
    "√12 belongs to the whole width of the interval. From −a to a the width is 2a: what is a?",
)
def _(shape, gain):
    return gain * np.sqrt(12 / shape[1])


@uniform_bound.misconception(
    "counts all weights", "You divide by the number of all weights. Each output sums over one row of W: how long is it?"
)
def _(shape, gain):
    return gain * np.sqrt(3 / (shape[0] * shape[1]))


# --- clipping ---------------------------------------------------------------------------------------------------------


@st.composite
def _gradients(draw):
    """Two or three gradients, at least one number of each not 0."""
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        part = draw(_arrays(draw(st.integers(1, 3)), unit=1.0))
        part[0] = draw(st.sampled_from([1.0, -2.0, 3.0]))
        parts.append(part)
    return parts, draw(st.sampled_from([0.5, 1.0, 2.0, 5.0, 20.0]))


@exercise(
    points=2,
    examples=[
        ([np.array([3.0, 4.0])], 1.0),
        ([np.array([3.0, 4.0])], 10.0),
        ([np.array([3.0]), np.array([4.0])], 1.0),
        ([np.array([3.0]), np.array([4.0])], 4.5),
        ([np.array([[6.0, 0.0], [0.0, 0.0]]), np.array([-8.0])], 5.0),
    ],
    cases=_gradients(),
    hints=[
        "All gradients of a model are one long vector, cut into pieces. With pieces [3] and [4] its length is 5.",
        "One norm for all: the root of the sum of all squares. Then one factor for all, and it is never above 1.",
        "The factor is min(1, max_norm / norm); the answer is a new list [factor * g for g in gradients].",
    ],
)
def clip_by_norm(gradients, max_norm):
    """Shortens the gradients of a model together, so that their common norm is at most max_norm.

    gradients: list of arrays of any shapes, at least one entry of them not 0
    max_norm: float > 0
    returns: a new list of new arrays of the same shapes; all keep their direction, and nothing is made longer
    """
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    return [g * min(1, max_norm / norm) for g in gradients]


@clip_by_norm.misconception(
    "each by itself",
    "You clip each array by its own norm, and the direction of the whole step changes. [3] and [4] with max_norm 1 "
    "should become [0.6] and [0.8]: which norm is 5?",
)
def _(gradients, max_norm):
    return [g * min(1, max_norm / np.sqrt((g**2).sum())) for g in gradients]


@clip_by_norm.misconception(
    "each number by itself",
    "You cut each number off at ±max_norm. That is clip_grad_value_, and it bends the direction: what has the "
    "same direction as (3, 4) and length 1?",
)
def _(gradients, max_norm):
    return [np.clip(g, -max_norm, max_norm) for g in gradients]


@clip_by_norm.misconception(
    "makes short ones longer",
    "Gradients that are shorter than max_norm come out longer. It is an upper bound: what is the largest factor?",
)
def _(gradients, max_norm):
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    return [g * max_norm / norm for g in gradients]


@clip_by_norm.misconception(
    "only divides by the norm", "Your gradients have the norm 1 whatever max_norm says. What is still to multiply?"
)
def _(gradients, max_norm):
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    return [g / norm for g in gradients]


@clip_by_norm.misconception(
    "squared norm", "You compare the sum of squares with max_norm. (3, 4) has the sum 25 and the norm 5: what is missing?"
)
def _(gradients, max_norm):
    norm = sum((g**2).sum() for g in gradients)
    return [g * min(1, max_norm / norm) for g in gradients]


@clip_by_norm.misconception(
    "norms added",
    "You add the norms of the pieces: 3 + 4 = 7. As one vector (3, 4) has the norm 5: what is added before the root?",
)
def _(gradients, max_norm):
    norm = sum(np.sqrt((g**2).sum()) for g in gradients)
    return [g * min(1, max_norm / norm) for g in gradients]


@clip_by_norm.misconception(
    "the largest number",
    "You measure the largest entry. The norm asked for is the length of the vector, the root of the sum of squares.",
)
def _(gradients, max_norm):
    norm = max(np.abs(g).max() for g in gradients)
    return [g * min(1, max_norm / norm) for g in gradients]


@clip_by_norm.misconception(
    "set to zero instead of shortened",
    "Gradients that are too long come out as zeros, and the model stands still. They should keep their direction: by "
    "which factor are they too long?",
)
def _(gradients, max_norm):
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    return [g * (norm <= max_norm) for g in gradients]


# --- a network to mend ------------------------------------------------------------------------------------------------


@st.composite
def _networks(draw):
    rows = draw(st.integers(1, 3))
    sizes = draw(st.lists(st.integers(1, 3), min_size=3, max_size=4))
    weights = [draw(_arrays(m, n)) for n, m in zip(sizes, sizes[1:])]
    return draw(_arrays(rows, sizes[0])), weights, [draw(_arrays(m)) for m in sizes[1:]]


_SQUARE = (np.array([[1.0, -1.0], [-1.0, 2.0]]), np.array([[1.0, 2.0], [-2.0, 1.0]]))


@exercise(
    points=2,
    examples=[
        (np.array([[2.0]]), [np.array([[1.0]]), np.array([[-1.0]])], [np.array([1.0]), np.array([0.5])]),
        (np.array([[2.0]]), [np.array([[-1.0]]), np.array([[3.0]])], [np.array([1.0]), np.array([0.5])]),
        (np.array([[-1.0]]), [np.array([[-1.0]]), np.array([[1.0]])], [np.array([-3.0]), np.array([2.0])]),
        (np.array([[1.0, -2.0]]), [*_SQUARE], [np.array([0.5, 1.0]), np.array([-1.0, 1.0])]),
        (np.array([[1.0, 2.0], [-1.0, 0.5]]), [*_SQUARE, *_SQUARE], [np.array([0.5, -1.0])] * 4),
    ],
    cases=_networks(),
    hints=[
        "Run the broken function on one row through two layers of one unit each, and follow it with a pencil. At which "
        "layer does it part from h = ReLU(x W₁ᵀ + b₁), then h W₂ᵀ + b₂?",
        "The bias belongs inside the bend: first x Wᵀ + b, then max(0, ·). And how can a network whose last act is a "
        "ReLU ever say −1?",
        "Three mistakes: the bias is added after the ReLU, the last layer is bent too, and the weights are used with "
        "the wrong side up, which only square ones forgive.",
    ],
)
def mlp_forward(x, weights, biases):
    """The output of a network of Linear layers with a ReLU between each two of them, and none after the last.

    x: array of shape (rows, in)
    weights: list of arrays, each of shape (out, in) of its layer
    biases: list of as many arrays, each of shape (out,)
    returns: array of shape (rows, out of the last layer)
    """
    h = x
    for W, b in zip(weights[:-1], biases[:-1]):
        h = np.maximum(h @ W.T + b, 0)
    return h @ weights[-1].T + biases[-1]


def _stack(x, weights, biases, layer, final=None):
    """Each layer is `layer(h, W, b)`, the last one `final(h, W, b)`."""
    for i, (W, b) in enumerate(zip(weights, biases)):
        x = (final if final and i == len(weights) - 1 else layer)(x, W, b)
    return x


def _bent(h, W, b):
    return np.maximum(h @ W.T + b, 0)


def _plain(h, W, b):
    return h @ W.T + b


@mlp_forward.misconception(
    "still the broken network",
    "This gives what the broken network gave. Take one layer by hand: which way round does W stand, and what does the ReLU "
    "bend?",
)
def _(x, weights, biases):
    return _stack(x, weights, biases, lambda h, W, b: np.maximum(h @ W, 0) + b)


@mlp_forward.misconception(
    "the last layer is bent too",
    "No output of yours is ever negative: the ReLU stands behind the last layer too. Where does the loop end?",
)
def _(x, weights, biases):
    return _stack(x, weights, biases, _bent)


@mlp_forward.misconception(
    "bias after the bend",
    "You add the bias behind the ReLU. It should shift where the bend lies: what stands inside max(0, ·)?",
)
def _(x, weights, biases):
    return _stack(x, weights, biases, lambda h, W, b: np.maximum(h @ W.T, 0) + b, _plain)


@mlp_forward.misconception(
    "bias after the bend, and the last layer bent",
    "Two mistakes are left: the bias is added behind the ReLU, and the last layer has a ReLU at all. Take one layer "
    "by hand.",
)
def _(x, weights, biases):
    return _stack(x, weights, biases, lambda h, W, b: np.maximum(h @ W.T, 0) + b)


@mlp_forward.misconception(
    "no bend at all",
    "Your network has no ReLU: all its layers together are one linear map. What stands between two layers?",
)
def _(x, weights, biases):
    return _stack(x, weights, biases, _plain)


@mlp_forward.misconception(
    "no biases", "Your output does not depend on the biases. Where are they added?"
)
def _(x, weights, biases):
    return _stack(x, weights, biases, lambda h, W, b: np.maximum(h @ W.T, 0), lambda h, W, b: h @ W.T)


@mlp_forward.misconception(
    "bends the input",
    "Negative inputs count as 0 for you: the ReLU stands *before* each layer, the first included. Between which "
    "things does it belong?",
)
def _(x, weights, biases):
    return _stack(x, weights, biases, lambda h, W, b: np.maximum(h, 0) @ W.T + b)


@mlp_forward.misconception(
    "only the last layer is bent",
    "You bend the output and nothing before it. Which layers are hidden ones?",
)
def _(x, weights, biases):
    return _stack(x, weights, biases, _plain, _bent)


@mlp_forward.misconception(
    "no bias at the last layer", "The hidden layers are right; the last one lacks its bias. What is biases[-1] for?"
)
def _(x, weights, biases):
    return _stack(x, weights, biases, _bent, lambda h, W, b: h @ W.T)


@mlp_forward.misconception(
    "the absolute value",
    "Negative numbers come out positive instead of 0. What is max(0, −3)?",
)
def _(x, weights, biases):
    return _stack(x, weights, biases, lambda h, W, b: np.abs(h @ W.T + b), _plain)
