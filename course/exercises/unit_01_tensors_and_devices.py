"""Unit 01: tensors and devices. Shapes predicted, labels as rows, distances without a loop, a path to mend, devices."""

import numpy as np
from hypothesis import strategies as st

from course.exercises.problems import GradientOf, Quadratic
from course.exercises.specification import exercise


def _arrays(*shape, unit=0.5, largest=4):
    """Arrays whose entries are small multiples of `unit`: exact in binary, easy on the eye."""
    count = int(np.prod(shape))
    numbers = st.lists(st.integers(-largest, largest), min_size=count, max_size=count)
    return numbers.map(lambda numbers: unit * np.array(numbers, float).reshape(shape))


# --- the shape of a broadcast -----------------------------------------------------------------------------------------


@st.composite
def _shapes(draw):
    """Two shapes that often fit: the sizes of the second are those of the first, 1, or something else."""
    a = draw(st.lists(st.integers(1, 4), max_size=3))
    b = [draw(st.sampled_from([n, n, 1, 5])) for n in a[draw(st.integers(0, len(a))):]]
    b = draw(st.lists(st.integers(1, 3), max_size=2)) + b if draw(st.booleans()) else b
    return (tuple(a), tuple(b)) if draw(st.booleans()) else (tuple(b), tuple(a))


def _from_the_right(a, b, size):
    """The shape in which each pair of sizes, flush right, becomes `size(m, n)`."""
    length = max(len(a), len(b))
    pairs = zip((1,) * (length - len(a)) + a, (1,) * (length - len(b)) + b)
    return tuple(size(m, n) for m, n in pairs)


def _fits(a, b):
    return all(m == n or 1 in (m, n) for m, n in zip(a[::-1], b[::-1]))


@exercise(
    points=2,
    examples=[
        ((2, 3), (2, 3)),
        ((3, 1), (4,)),
        ((3, 4), (3,)),
        ((4, 3), (3,)),
        ((), (2, 5)),
        ((2, 1, 3), (4, 1)),
        ((4, 1), (2, 1, 3)),
        ((1,), (1, 1)),
        ((5, 3), (2, 3)),
        ((4,), (2,)),
    ],
    cases=_shapes(),
    hints=[
        "(3, 1) and (4,) give (3, 4). Write the shapes one above the other, flush right: what stands over what?",
        "Fill the shorter shape with ones on the left; then go through the pairs. When do two sizes fit, and which of "
        "them is the result?",
        "With both shapes filled up: if any(m != n and 1 not in (m, n) for m, n in zip(a, b)) it is an error; else the "
        "sizes are max(m, n).",
    ],
)
def broadcast_shape(a, b):
    """The shape of x + y, where x has the shape a and y the shape b.

    a, b: tuples of ints ≥ 1, of any length
    returns: a tuple of ints, or the text "error" where the two do not fit
    """
    length = max(len(a), len(b))
    a, b = (1,) * (length - len(a)) + a, (1,) * (length - len(b)) + b
    if any(m != n and 1 not in (m, n) for m, n in zip(a, b)):
        return "error"
    return tuple(max(m, n) for m, n in zip(a, b))


@broadcast_shape.misconception(
    "flush left",
    "You compare the shapes from the left. (4, 3) and (3,) fit, and (3, 4) and (3,) do not: from which end does "
    "broadcasting compare?",
)
def _(a, b):
    if any(m != n and 1 not in (m, n) for m, n in zip(a, b)):
        return "error"
    length = max(len(a), len(b))
    return tuple(max(m, n) for m, n in zip(a + (1,) * (length - len(a)), b + (1,) * (length - len(b))))


@broadcast_shape.misconception(
    "only equal shapes fit", "You accept equal shapes only. What may a size of 1 do, and a size that is missing?"
)
def _(a, b):
    return a if a == b else "error"


@broadcast_shape.misconception(
    "everything fits",
    "You never answer \"error\". Two sizes that differ fit only if one of them is 1: where do you look at that?",
)
def _(a, b):
    return _from_the_right(a, b, max)


@broadcast_shape.misconception(
    "as many dimensions",
    "You refuse shapes of different length. A dimension that is missing on the left counts as 1: how do you fill up "
    "the shorter shape?",
)
def _(a, b):
    return broadcast_shape.reference(a, b) if len(a) == len(b) else "error"


@broadcast_shape.misconception(
    "1 is not stretched",
    "You refuse a 1 over another size. Which size is repeated as often as needed?",
)
def _(a, b):
    return _from_the_right(a, b, max) if all(m == n for m, n in zip(a[::-1], b[::-1])) else "error"


@broadcast_shape.misconception(
    "the first shape wins",
    "Where they fit you return the first shape. Sizes of 1 in it are stretched too: to what?",
)
def _(a, b):
    return a if _fits(a, b) else "error"


@broadcast_shape.misconception(
    "the longer shape wins",
    "You return the shape with more dimensions as it is. What becomes of a size of 1 in it?",
)
def _(a, b):
    return (a if len(a) >= len(b) else b) if _fits(a, b) else "error"


@broadcast_shape.misconception(
    "the smaller size",
    "You take the smaller size of each pair. Which is repeated, the 1 or the other?",
)
def _(a, b):
    return _from_the_right(a, b, min) if _fits(a, b) else "error"


@broadcast_shape.misconception(
    "sizes handed back from the right",
    "You go through the sizes from the right, as one should, and hand them back in that order. What stands first in a shape?",
)
def _(a, b):
    shape = broadcast_shape.reference(a, b)
    return shape if shape == "error" else shape[::-1]


# --- labels as rows ---------------------------------------------------------------------------------------------------


@st.composite
def _labels(draw):
    classes = draw(st.integers(2, 4))
    return np.array(draw(st.lists(st.integers(0, classes - 1), min_size=1, max_size=4))), classes


@exercise(
    examples=[
        (np.array([1]), 2),
        (np.array([0, 2]), 3),
        (np.array([2, 0, 1, 1]), 3),
        (np.array([3]), 5),
    ],
    cases=_labels(),
    hints=[
        "The row of label 2 among 4 classes is 0 0 1 0. In which matrix stand all such rows, one below the other?",
        "np.eye(classes) has them: row k is that of label k. Picking rows by a list of numbers is indexing.",
        "In Python: np.eye(classes, dtype=…)[labels]. The docstring names the dtype.",
    ],
)
def one_hot(labels, classes):
    """Each label as a row of zeros with a single one.

    labels: array of shape (n,), whole numbers from 0 to classes − 1
    classes: int
    returns: array of shape (n, classes), float32; row i is 1 at labels[i] and else 0
    """
    return np.eye(classes, dtype=np.float32)[labels]


@one_hot.misconception(
    "float64", "The numbers are right and take twice the room: NumPy makes float64 unless you say otherwise. Which "
               "dtype is asked for?"
)
def _(labels, classes):
    return np.eye(classes)[labels]


@one_hot.misconception("whole numbers", "Your rows hold ints. A loss wants floats: which dtype is asked for?")
def _(labels, classes):
    return np.eye(classes, dtype=int)[labels]


@one_hot.misconception(
    "truth values", "Your rows hold True and False. What turns them into 1.0 and 0.0?"
)
def _(labels, classes):
    return labels[:, None] == np.arange(classes)


@one_hot.misconception(
    "one column a label",
    "Your labels lie in the columns. A batch lies in the rows: which of the two sizes comes first?",
)
def _(labels, classes):
    return np.eye(classes, dtype=np.float32)[labels].T


@one_hot.misconception(
    "the label itself",
    "You write the label where a 1 should stand; label 0 leaves no trace at all. What is written at labels[i]?",
)
def _(labels, classes):
    return np.eye(classes, dtype=np.float32)[labels] * labels[:, None].astype(np.float32)


@one_hot.misconception(
    "counts from 1",
    "Your ones stand one place too far to the left: label 1 belongs to the *second* column. From which number does "
    "Python count?",
)
def _(labels, classes):
    return np.eye(classes, dtype=np.float32)[labels - 1]


@one_hot.misconception(
    "ones up to the label",
    "Your rows are 1 from the left up to the label. Only one place of each row is 1: which?",
)
def _(labels, classes):
    return (np.arange(classes) <= labels[:, None]).astype(np.float32)


@one_hot.misconception(
    "zeros and ones exchanged", "Your rows are 0 at the label and 1 elsewhere. Which is which?"
)
def _(labels, classes):
    return 1 - np.eye(classes, dtype=np.float32)[labels]


@one_hot.misconception(
    "every label in every row",
    "`[:, labels] = 1` writes all labels into all rows. Row i wants its own only: which row number stands beside each "
    "label?",
)
def _(labels, classes):
    rows = np.zeros((len(labels), classes), dtype=np.float32)
    rows[:, labels] = 1
    return rows


@one_hot.misconception(
    "as many columns as labels need",
    "You count the classes by the largest label that occurs. A batch need not hold all classes: which argument says how "
    "many there are?",
)
def _(labels, classes):
    return np.eye(labels.max() + 1, dtype=np.float32)[labels]


# --- distances without a loop -----------------------------------------------------------------------------------------


@st.composite
def _points(draw):
    dimensions = draw(st.integers(1, 3))
    return draw(_arrays(draw(st.integers(1, 3)), dimensions)), draw(_arrays(draw(st.integers(1, 3)), dimensions))


def _pairs(a, b):
    """The differences of all pairs, of shape (n, m, d)."""
    return a[:, None] - b


@exercise(
    points=2,
    examples=[
        (np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]])),
        (np.array([[0.0], [1.0]]), np.array([[3.0]])),
        (np.array([[0.0, 1.0], [2.0, 0.0]]), np.array([[1.0, 1.0], [0.0, 4.0]])),
        (np.array([[1.0, 2.0]]), np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 2.0]])),
    ],
    cases=_points(),
    hints=[
        "The answer has a row for each point of a and a column for each point of b. Which shapes must a and b have, so "
        "that a − b holds all pairs?",
        "a[:, None] has the shape (n, 1, d). Against b of shape (m, d) it becomes (n, m, d). What is then done along "
        "the last dimension?",
        "Two steps: difference = a[:, None] - b, then the sum of its squares over axis -1.",
    ],
)
def squared_distances(a, b):
    """The squared distance of each point of a from each point of b, without a loop.

    a: array of shape (n, d), n points
    b: array of shape (m, d), m points
    returns: array of shape (n, m); entry (i, j) is Σ over the d coordinates of (a[i] − b[j])²
    """
    return ((a[:, None] - b) ** 2).sum(axis=-1)


@squared_distances.misconception(
    "the root", "You take the root: that is the distance. What is asked for is its square."
)
def _(a, b):
    return np.sqrt((_pairs(a, b) ** 2).sum(axis=-1))


@squared_distances.misconception(
    "no squares", "Your differences are added with their signs, and cancel. What comes before the sum?"
)
def _(a, b):
    return _pairs(a, b).sum(axis=-1)


@squared_distances.misconception(
    "square of the sum", "You square the sum. Which comes first, the square or the sum?"
)
def _(a, b):
    return _pairs(a, b).sum(axis=-1) ** 2


@squared_distances.misconception(
    "absolute values",
    "You add absolute values: from (0, 0) to (3, 4) that gives 7. What is asked for gives 25.",
)
def _(a, b):
    return np.abs(_pairs(a, b)).sum(axis=-1)


@squared_distances.misconception(
    "the mean over coordinates", "Yours is divided by the number of coordinates. Sum or mean?"
)
def _(a, b):
    return (_pairs(a, b) ** 2).mean(axis=-1)


@squared_distances.misconception(
    "rows and columns exchanged",
    "Your rows belong to b. Which of the two gets the new dimension in front of the other?",
)
def _(a, b):
    return (_pairs(a, b) ** 2).sum(axis=-1).T


@squared_distances.misconception(
    "coordinates not summed",
    "Your answer still has a dimension for the coordinates. Over which axis must you sum?",
)
def _(a, b):
    return _pairs(a, b) ** 2


@squared_distances.misconception(
    "products instead of differences",
    "a @ b.T holds the product of each pair, which is large where points are *alike*. What measures how far apart "
    "they are?",
)
def _(a, b):
    return a @ b.T


@squared_distances.misconception(
    "the mixed term is missing",
    "You add the squares of both. (a − b)² has a third term: which one?",
)
def _(a, b):
    return (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)


@squared_distances.misconception(
    "the mixed term once",
    "You take the product of a and b away once. (a − b)² = a² − …ab + b²: how often is it there?",
)
def _(a, b):
    return (a**2).sum(axis=1)[:, None] - a @ b.T + (b**2).sum(axis=1)


@squared_distances.misconception(
    "sums instead of differences",
    "You square a + b: a point is then far from itself. Which sign does the mixed term have in (a − b)²?",
)
def _(a, b):
    return ((a[:, None] + b) ** 2).sum(axis=-1)


# --- a path to mend ---------------------------------------------------------------------------------------------------


def _bowl(*curvatures):
    return GradientOf(Quadratic(np.diag(curvatures), np.zeros(len(curvatures))))


@st.composite
def _walks(draw):
    size = draw(st.integers(1, 2))
    bowl = _bowl(*draw(st.lists(st.sampled_from([1.0, 2.0, 0.5]), min_size=size, max_size=size)))
    return bowl, draw(_arrays(size)), draw(st.sampled_from([0.5, 0.25, 0.1])), draw(st.integers(0, 4))


@exercise(
    points=2,
    examples=[
        (_bowl(1.0), np.array([4.0]), 0.5, 2),
        (_bowl(2.0), np.array([1.0]), 0.25, 3),
        (_bowl(1.0, 2.0), np.array([2.0, -1.0]), 0.25, 3),
        (_bowl(1.0), np.array([3.0]), 0.5, 0),
    ],
    cases=_walks(),
    hints=[
        "Run the broken function, and look at its rows, and then at the array that you gave it. How many arrays are "
        "there in `path`?",
        "A list keeps references. `theta -= …` changes the one array that all of them refer to; what makes a new one?",
        "theta = theta - lr * gradient(theta) makes a new array in each round, and leaves the caller's alone.",
    ],
)
def descent_path(gradient, theta, lr, steps):
    """All places of a gradient descent, the start included.

    gradient: function, gradient(theta) is an array like theta
    theta: array of shape (n,), the start; it belongs to the caller
    lr: float, the learning rate
    steps: int, how many steps to make
    returns: array of shape (steps + 1, n), row t is θ after t steps
    """
    path = [theta]
    for _ in range(steps):
        theta = theta - lr * gradient(theta)
        path.append(theta)
    return np.array(path)


@descent_path.misconception(
    "still the broken loop",
    "This gives what the broken loop gave: the start is missing, all rows are one array, and it is the caller's own. "
    "Take the three one at a time.",
)
def _(gradient, theta, lr, steps):
    path = []
    for _ in range(steps):
        theta -= lr * gradient(theta)
        path.append(theta)
    return np.array(path)


@descent_path.misconception(
    "every row the same",
    "All your rows show the last place: they are one array, written again and again. What makes a new one?",
)
def _(gradient, theta, lr, steps):
    theta = theta.copy()
    path = [theta]
    for _ in range(steps):
        theta -= lr * gradient(theta)
        path.append(theta)
    return np.array(path)


@descent_path.misconception(
    "every row the same, and the caller's start moved",
    "All your rows are one array, and it is the caller's own: `theta -= …` writes into it. What makes a new one in "
    "each round?",
)
def _(gradient, theta, lr, steps):
    path = [theta]
    for _ in range(steps):
        theta -= lr * gradient(theta)
        path.append(theta)
    return np.array(path)


@descent_path.misconception(
    "the caller's start moved",
    "Your path is right, but the start that you were given has moved along: copies went into the path, and "
    "`theta -= …` still wrote into the caller's array.",
)
def _(gradient, theta, lr, steps):
    path = [theta.copy()]
    for _ in range(steps):
        theta -= lr * gradient(theta)
        path.append(theta.copy())
    return np.array(path)


@descent_path.misconception(
    "the start is missing", "Your first row is the place after one step. Where does the path begin?"
)
def _(gradient, theta, lr, steps):
    return descent_path.reference(gradient, theta, lr, steps)[1:]


@descent_path.misconception(
    "the end is missing",
    "Your last row is one step short: each place goes into the path before the step, and the last one after it is "
    "never kept. How many rows are asked for?",
)
def _(gradient, theta, lr, steps):
    return descent_path.reference(gradient, theta, lr, steps)[:-1]


@descent_path.misconception(
    "one gradient for all steps",
    "Your steps are all alike: you take the gradient once, at the start. Where does gradient(theta) belong?",
)
def _(gradient, theta, lr, steps):
    return theta - np.arange(steps + 1)[:, None] * lr * gradient(theta)


@descent_path.misconception(
    "steps instead of places",
    "Your rows hold how far each step went, not where it arrived. Which variable is the place?",
)
def _(gradient, theta, lr, steps):
    path = descent_path.reference(gradient, theta, lr, steps)
    return np.vstack([path[:1], np.diff(path, axis=0)])


@descent_path.misconception(
    "places in columns", "Your places stand in columns. Row t should be θ after t steps: what does .T do here?"
)
def _(gradient, theta, lr, steps):
    return descent_path.reference(gradient, theta, lr, steps).T


@descent_path.misconception("uphill", "Your path climbs. Which way does the gradient point?")
def _(gradient, theta, lr, steps):
    return descent_path.reference(gradient, theta, -lr, steps)


# --- devices ----------------------------------------------------------------------------------------------------------


_OPERANDS = st.tuples(st.sampled_from(["cpu", "cuda"]), st.integers(0, 2))


@exercise(
    examples=[
        ([("cpu", 2), ("cpu", 1)],),
        ([("cuda", 2), ("cuda", 1)],),
        ([("cuda", 2), ("cpu", 1)],),
        ([("cpu", 1), ("cuda", 2)],),
        ([("cuda", 1), ("cpu", 0)],),
        ([("cpu", 0), ("cuda", 1)],),
        ([("cpu", 1), ("cuda", 0)],),
        ([("cuda", 0), ("cpu", 1)],),
        ([("cpu", 0)],),
        ([("cuda", 2), ("cpu", 0), ("cpu", 1)],),
    ],
    cases=st.tuples(st.lists(_OPERANDS, min_size=1, max_size=3)),
    hints=[
        "If all lie in one place, the result lies there too. What does a mixture give, and which mixture is allowed?",
        "A number without dimensions, on the CPU, may join operands on the GPU. The other way round it may not.",
        "If no operand is on cuda, it is \"cpu\". Else each one on the cpu must have 0 dimensions: then \"cuda\", "
        "otherwise \"error\".",
    ],
)
def result_device(operands):
    """The device of a sum of tensors, as PyTorch has it.

    operands: list of pairs (device, dimensions): ("cuda", 2) is a matrix on the GPU, ("cpu", 0) a single number on the
        CPU. Tensors must lie on one device; only numbers without dimensions on the CPU may join those on the GPU.
    returns: "cpu" or "cuda", or "error" where PyTorch raises one
    """
    if all(device == "cpu" for device, _ in operands):
        return "cpu"
    return "cuda" if all(device == "cuda" or dimensions == 0 for device, dimensions in operands) else "error"


@result_device.misconception(
    "everything follows to the GPU",
    "You let tensors follow the others to the GPU. PyTorch moves nothing by itself: what does it do instead?",
)
def _(operands):
    return "cuda" if any(device == "cuda" for device, _ in operands) else "cpu"


@result_device.misconception(
    "everything comes back to the CPU",
    "You let a mixture run on the CPU. PyTorch moves nothing by itself: what does it do instead?",
)
def _(operands):
    return "cpu" if any(device == "cpu" for device, _ in operands) else "cuda"


@result_device.misconception(
    "no exception for numbers",
    "You refuse every mixture. One is allowed: what about a number without dimensions on the CPU?",
)
def _(operands):
    devices = {device for device, _ in operands}
    return devices.pop() if len(devices) == 1 else "error"


@result_device.misconception(
    "the first one decides", "You answer with the device of the first operand. What if the second lies elsewhere?"
)
def _(operands):
    return operands[0][0]


@result_device.misconception(
    "the last one decides", "You answer with the device of the last operand. What if another lies elsewhere?"
)
def _(operands):
    return operands[-1][0]


@result_device.misconception(
    "numbers join in both directions",
    "You let a number on the *GPU* join tensors on the CPU. The exception holds in one direction only: which?",
)
def _(operands):
    devices = {device for device, dimensions in operands if dimensions} or {device for device, _ in operands}
    if len(devices) == 1:
        return devices.pop()
    return "error" if any(dimensions for _, dimensions in operands) else "cuda"


@result_device.misconception(
    "vectors may join as well",
    "You let vectors on the CPU join what lies on the GPU. How many dimensions may such an operand have?",
)
def _(operands):
    if all(device == "cpu" for device, _ in operands):
        return "cpu"
    return "cuda" if all(device == "cuda" or dimensions < 2 for device, dimensions in operands) else "error"
