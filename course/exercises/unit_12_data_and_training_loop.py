"""Unit 12: data and the training loop. Counting, cutting, splitting and scaling; four loops to mend; going on again."""

import numpy as np
from hypothesis import strategies as st

from course.exercises.problems import GradientOf, LogCosh, Quadratic
from course.exercises.specification import exercise


def _vectors(size, low=-6, high=6, unit=0.5):
    """Float64 vectors of small multiples of `unit`."""
    numbers = st.lists(st.integers(low, high), min_size=size, max_size=size)
    return numbers.map(lambda numbers: unit * np.array(numbers, float))


# --- how many updates -------------------------------------------------------------------------------------------------


@exercise(
    examples=[
        (10, 4, 1, False),
        (10, 4, 1, True),
        (12, 4, 1, False),
        (10, 4, 3, False),
        (10, 4, 3, True),
        (3, 8, 2, False),
        (3, 8, 2, True),
        (1438, 16, 15, False),
        (1438, 16, 15, True),
    ],
    cases=st.tuples(st.integers(1, 60), st.integers(1, 16), st.integers(1, 5), st.booleans()),
    hints=[
        "10 samples in batches of 4 are 4, 4 and 2. How many updates is that, and how many if the 2 are left out?",
        "n // batch_size counts the full batches. -(-n // batch_size) rounds up instead of down.",
        "epochs * (n // batch_size if drop_last else …)",
    ],
)
def updates_made(n, batch_size, epochs, drop_last):
    """How many times the parameters change: one update for every batch.

    n: int, samples in the data set
    batch_size: int
    epochs: int, how often all samples are gone through
    drop_last: bool, whether a last batch that is not full is left out
    returns: int
    """
    return epochs * (n // batch_size if drop_last else -(-n // batch_size))


@updates_made.misconception(
    "always leaves the rest out",
    "You count full batches only. Without drop_last, what becomes of the 2 samples that are left of 10?",
)
def _(n, batch_size, epochs, drop_last):
    return epochs * (n // batch_size)


@updates_made.misconception("never leaves the rest out", "You count the short batch even with drop_last=True.")
def _(n, batch_size, epochs, drop_last):
    return epochs * -(-n // batch_size)


@updates_made.misconception(
    "a short batch even where none is left",
    "12 samples in batches of 4 leave no rest, and you count a batch for it. When is there a rest?",
)
def _(n, batch_size, epochs, drop_last):
    return epochs * (n // batch_size if drop_last else n // batch_size + 1)


@updates_made.misconception("one epoch only", "You count the batches of one epoch. How often are they gone through?")
def _(n, batch_size, epochs, drop_last):
    return updates_made.reference(n, batch_size, 1, drop_last)


@updates_made.misconception(
    "samples, not batches",
    "You count one update for every sample. The gradients of a batch are averaged: how many steps does one batch "
    "make?",
)
def _(n, batch_size, epochs, drop_last):
    return n * epochs


@updates_made.misconception(
    "batches that reach into the next epoch",
    "You cut all epochs as one long row. A batch ends where its epoch ends: count one epoch, then multiply.",
)
def _(n, batch_size, epochs, drop_last):
    return updates_made.reference(n * epochs, batch_size, 1, drop_last)


@updates_made.misconception(
    "drop_last the other way round",
    "You leave the short batch out when it should stay, and keep it when it should go.",
)
def _(n, batch_size, epochs, drop_last):
    return updates_made.reference(n, batch_size, epochs, not drop_last)


# --- batches ----------------------------------------------------------------------------------------------------------


@st.composite
def _orders(draw):
    size = draw(st.integers(1, 9))
    return np.array(draw(st.permutations(range(size)))), draw(st.integers(1, 5)), draw(st.booleans())


@exercise(
    examples=[
        (np.array([2, 0, 4, 1, 3]), 2, False),
        (np.array([2, 0, 4, 1, 3]), 2, True),
        (np.array([3, 1, 0, 2]), 2, False),
        (np.array([3, 1, 0, 2]), 2, True),
        (np.array([1, 0, 2]), 5, False),
        (np.array([1, 0, 2]), 5, True),
        (np.array([6, 2, 4, 0, 1, 5, 3]), 3, False),
    ],
    cases=_orders(),
    hints=[
        "With five samples and batches of 2 the slices start at 0, 2 and 4. Which range gives these numbers?",
        "order[start:start + batch_size] may reach beyond the end: Python then gives what is there. That is the "
        "short last batch.",
        "[order[start:start + batch_size] for start in range(0, end, batch_size)], where end is len(order), or less"
        " with drop_last: the largest multiple of batch_size that fits.",
    ],
)
def batches(order, batch_size, drop_last):
    """Cuts an order into batches, as a DataLoader does once an epoch.

    order: int array of shape (n,), the sample numbers in the order in which they come
    batch_size: int, at least 1
    drop_last: bool, whether a last batch that is not full is left out
    returns: list of int arrays of shape (batch_size,); without drop_last the last may be shorter
    """
    end = len(order) // batch_size * batch_size if drop_last else len(order)
    return [order[start : start + batch_size] for start in range(0, end, batch_size)]


@batches.misconception("never drops", "With drop_last=True you still return the short batch.")
def _(order, batch_size, drop_last):
    return batches.reference(order, batch_size, False)


@batches.misconception(
    "always drops",
    "You lose the samples of the short last batch. Without drop_last every sample is used in every epoch.",
)
def _(order, batch_size, drop_last):
    return batches.reference(order, batch_size, True)


@batches.misconception(
    "drops a full last batch",
    "With drop_last=True you leave out the last batch even where it is full.",
)
def _(order, batch_size, drop_last):
    cut = batches.reference(order, batch_size, False)
    return cut[:-1] if drop_last else cut


@batches.misconception(
    "ignores the order",
    "Your batches are 0, 1, 2, … whatever the order says: the data is never shuffled. What do you slice?",
)
def _(order, batch_size, drop_last):
    return batches.reference(np.arange(len(order)), batch_size, drop_last)


@batches.misconception("sorted batches", "You sort the numbers in each batch. Leave them as they come.")
def _(order, batch_size, drop_last):
    return [np.sort(batch) for batch in batches.reference(order, batch_size, drop_last)]


@batches.misconception(
    "even parts",
    "You cut into parts of nearly the same length. All batches but the last have exactly batch_size samples.",
)
def _(order, batch_size, drop_last):
    count = len(order) // batch_size if drop_last else -(-len(order) // batch_size)
    return np.array_split(order, count) if count else []


@batches.misconception(
    "the last batch filled up from before",
    "Your last batch is full because it takes samples that another batch has had already. They would count twice.",
)
def _(order, batch_size, drop_last):
    cut = batches.reference(order, batch_size, drop_last)
    return [*cut[:-1], order[-batch_size:]] if cut and not drop_last else cut


@batches.misconception(
    "an empty batch at the end",
    "Where the batches come out even, you add an empty one. Its mean loss would be 0/0. Where must the range end?",
)
def _(order, batch_size, drop_last):
    cut = batches.reference(order, batch_size, drop_last)
    return cut if len(order) % batch_size or drop_last else [*cut, order[:0]]


@batches.misconception(
    "one sample short",
    "Each of your batches lacks its last sample. A slice ends before its second number: [0:2] holds two.",
)
def _(order, batch_size, drop_last):
    return [batch[: batch_size - 1] for batch in batches.reference(order, batch_size, drop_last)]


# --- a split that does not leak ---------------------------------------------------------------------------------------


@st.composite
def _written(draw):
    size = draw(st.integers(3, 8))
    writers = np.array(draw(st.lists(st.sampled_from([0, 2, 3, 5]), min_size=size, max_size=size)))
    return writers, np.array(draw(st.lists(st.sampled_from([0, 2, 3, 5]), min_size=1, max_size=2, unique=True)))


@exercise(
    examples=[
        (np.array([7, 7, 3, 3, 7]), np.array([3])),
        (np.array([1, 2, 0, 1, 2, 0]), np.array([2, 0])),
        (np.array([5, 5, 4, 4, 2, 2]), np.array([4])),
        (np.array([4, 1, 4, 1, 0, 4]), np.array([1, 4])),
        (np.array([0, 2, 0, 3]), np.array([5])),
        (np.array([2, 0, 2, 0, 3, 3, 3, 2]), np.array([3, 0])),
    ],
    cases=_written(),
    hints=[
        "For each image there is one question: is its writer among those held out? The answer is an array of True "
        "and False.",
        "np.isin(writers, held_writers) asks it for all images at once; np.flatnonzero gives the places of the True"
        " ones.",
        "held = np.isin(writers, held_writers); the held-out rows are np.flatnonzero(held), and the others …",
    ],
)
def split_by_writer(writers, held_writers):
    """Splits images so that nobody's handwriting is in both parts.

    writers: int array of shape (n,), who wrote each image
    held_writers: int array of shape (k,), the people whose images are all held out
    returns: (train, held): two int arrays, the row numbers of each part, in ascending order
    """
    held = np.isin(writers, held_writers)
    return np.flatnonzero(~held), np.flatnonzero(held)


@split_by_writer.misconception(
    "the parts exchanged",
    "You train on the people who should be held out. Which part is returned first?",
)
def _(writers, held_writers):
    return split_by_writer.reference(writers, held_writers)[::-1]


@split_by_writer.misconception(
    "trains on all",
    "Your training part holds every image, the held-out ones too. What would an accuracy on these say?",
)
def _(writers, held_writers):
    return np.arange(len(writers)), split_by_writer.reference(writers, held_writers)[1]


@split_by_writer.misconception(
    "people's numbers taken for row numbers",
    "You hold out the rows whose *number* is in held_writers. Which people wrote which row stands in writers.",
)
def _(writers, held_writers):
    return split_by_writer.reference(np.arange(len(writers)), held_writers)


@split_by_writer.misconception(
    "one image of each",
    "You hold out one image of each of these people and train on the rest of theirs: their handwriting is in both "
    "parts.",
)
def _(writers, held_writers):
    held = np.array(sorted(np.flatnonzero(writers == one)[0] for one in held_writers if one in writers), dtype=np.int64)
    return np.setdiff1d(np.arange(len(writers)), held), held


@split_by_writer.misconception(
    "the last rows",
    "You hold out as many rows as asked, but the last ones, whoever wrote them.",
)
def _(writers, held_writers):
    count = len(writers) - int(np.isin(writers, held_writers).sum())
    return np.arange(count), np.arange(count, len(writers))


@split_by_writer.misconception(
    "only the first writer",
    "Only the first of held_writers is held out. np.isin compares with all of them.",
)
def _(writers, held_writers):
    return split_by_writer.reference(writers, held_writers[:1])


@split_by_writer.misconception(
    "people instead of rows",
    "You return who wrote the images of each part. Asked for are the row numbers, with which the images can be "
    "taken.",
)
def _(writers, held_writers):
    held = np.isin(writers, held_writers)
    return writers[~held], writers[held]


@split_by_writer.misconception(
    "masks instead of rows",
    "You return True and False for each image. np.flatnonzero turns them into row numbers.",
)
def _(writers, held_writers):
    held = np.isin(writers, held_writers)
    return ~held, held


@split_by_writer.misconception(
    "grouped by writer",
    "The rows are the right ones, but they come writer by writer. Ascending was asked for.",
)
def _(writers, held_writers):
    train, held = split_by_writer.reference(writers, held_writers)
    return tuple(rows[np.argsort(writers[rows], kind="stable")] for rows in (train, held))


# --- scaling ----------------------------------------------------------------------------------------------------------


@st.composite
def _tables(draw):
    rows, columns = draw(st.integers(2, 4)), draw(st.integers(1, 3))
    train = draw(_vectors(rows * columns)).reshape(rows, columns)
    train[:, : draw(st.integers(0, 1))] = 1.5  # a column that never changes
    return train, draw(_vectors(2 * columns)).reshape(2, columns)


@exercise(
    examples=[
        (np.array([[1.0], [3.0]]), np.array([[5.0]])),
        (np.array([[1.0, 10.0], [3.0, 30.0], [8.0, 20.0]]), np.array([[2.0, 40.0], [5.0, 0.0]])),
        (np.array([[0.0, 1.0], [0.0, 5.0]]), np.array([[2.0, 4.0], [0.0, 3.0]])),
        (np.array([[4.0], [0.0], [2.0], [2.0]]), np.array([[0.0], [6.0]])),
    ],
    cases=_tables(),
    hints=[
        "Which rows may the mean come from, if the held-out rows stand for data that nobody has seen yet?",
        "Mean and standard deviation of each column (axis=0), both of the training part, are used on both parts.",
        "std = train.std(axis=0); where it is 0, put 1: np.where(std > 0, std, 1.0). Then (train - mean) / std, and"
        " the same for held.",
    ],
)
def standardise(train, held):
    """Scales each column to mean 0 and standard deviation 1 over the training part, and the held-out part alike.

    train: array of shape (n, features); held: array of shape (m, features)
    The standard deviation divides by n. A column that is constant in the training part is shifted, but not divided.
    returns: (train, held), two new arrays of the same shapes
    """
    mean, std = train.mean(axis=0), train.std(axis=0)
    std = np.where(std > 0, std, 1.0)
    return (train - mean) / std, (held - mean) / std


def _scaled(rows, mean, std):
    return (rows - mean) / np.where(std > 0, std, 1.0)


@standardise.misconception(
    "scaled with all rows",
    "Your mean and standard deviation come from both parts. The held-out rows have leaked into what the model is "
    "trained on.",
)
def _(train, held):
    both = np.concatenate([train, held])
    return tuple(_scaled(part, both.mean(axis=0), both.std(axis=0)) for part in (train, held))


@standardise.misconception(
    "each part by itself",
    "You scale the held-out part by its own mean. A single new image has no mean of its own: what is known when it "
    "comes?",
)
def _(train, held):
    return tuple(_scaled(part, part.mean(axis=0), part.std(axis=0)) for part in (train, held))


@standardise.misconception(
    "held-out part left as it was",
    "The training part is scaled, the held-out part is not. The model would see numbers of another size.",
)
def _(train, held):
    return standardise.reference(train, held)[0], held.copy()


@standardise.misconception(
    "variance instead of standard deviation",
    "You divide by the variance. Its unit is squared: which root is missing?",
)
def _(train, held):
    mean, var = train.mean(axis=0), train.var(axis=0)
    return _scaled(train, mean, var), _scaled(held, mean, var)


@standardise.misconception(
    "one mean for the whole table",
    "You use a single mean and a single standard deviation. Each column has its own unit: which axis is averaged?",
)
def _(train, held):
    return _scaled(train, train.mean(), train.std()), _scaled(held, train.mean(), train.std())


@standardise.misconception(
    "only shifted",
    "Your columns have mean 0, but keep their spread. What is left to divide by?",
)
def _(train, held):
    return train - train.mean(axis=0), held - train.mean(axis=0)


@standardise.misconception(
    "only divided",
    "Your columns have the right spread, but not mean 0. What comes off first?",
)
def _(train, held):
    return _scaled(train, 0.0, train.std(axis=0)), _scaled(held, 0.0, train.std(axis=0))


@standardise.misconception(
    "divided by n − 1",
    "Your standard deviation divides by n − 1 (ddof=1). Here it divides by n, which is NumPy's default.",
)
def _(train, held):
    mean, std = train.mean(axis=0), train.std(axis=0, ddof=1)
    return _scaled(train, mean, std), _scaled(held, mean, std)


@standardise.misconception(
    "divides by zero",
    "A column that never changes has the standard deviation 0, and you divide by it. The corner pixels of the "
    "digits are such columns. Divide them by 1.",
)
def _(train, held):
    with np.errstate(all="ignore"):
        mean, std = train.mean(axis=0), train.std(axis=0)
        return (train - mean) / std, (held - mean) / std


@standardise.misconception(
    "constant columns set to zero",
    "A column that is constant in the training part becomes 0 in your held-out part, too, even where it differs "
    "there. Shift it, and leave it undivided.",
)
def _(train, held):
    mean, std = train.mean(axis=0), train.std(axis=0)
    changes = std > 0
    return _scaled(train, mean, std) * changes, _scaled(held, mean, std) * changes


# --- a loop to mend: the documents' -----------------------------------------------------------------------------------


@st.composite
def _runs(draw):
    size = draw(st.integers(2, 5))
    orders = np.array([draw(st.permutations(range(size))) for _ in range(draw(st.integers(1, 3)))])
    x, y = draw(_vectors(size)), draw(_vectors(size))
    return x, y, orders, draw(st.integers(1, 3)), draw(st.sampled_from([0.1, 0.01, 0.05]))


def _train(x, y, orders, batch_size, lr, zero="batch", late=False, drop=False, reduce=np.mean, new_w=False):
    w = b = grad_w = grad_b = 0.0
    for order in orders:
        grad_w, grad_b = (0.0, 0.0) if zero == "epoch" else (grad_w, grad_b)
        for rows in batches.reference(order, batch_size, drop):
            error = w * x[rows] + b - y[rows]
            if late:
                w, b = w - lr * grad_w, b - lr * grad_b
            grad_w, grad_b = (0.0, 0.0) if zero == "batch" else (grad_w, grad_b)
            grad_w += 2 * reduce(error * x[rows])
            if new_w:
                w = w - lr * grad_w
                grad_b += 2 * reduce(w * x[rows] + b - y[rows])
                b = b - lr * grad_b
                continue
            grad_b += 2 * reduce(error)
            if not late:
                w, b = w - lr * grad_w, b - lr * grad_b
    return w, b


_FOUR = np.array([0.0, 1.0, 2.0, 3.0])


@exercise(
    points=2,
    examples=[
        (np.array([1.0, 2.0]), np.array([2.0, 3.0]), np.array([[0, 1]]), 2, 0.1),
        (np.array([1.0, 2.0]), np.array([2.0, 3.0]), np.array([[1, 0], [0, 1]]), 1, 0.1),
        (np.array([1.0, -1.0, 2.0]), np.array([3.0, 0.0, 4.0]), np.array([[2, 0, 1], [1, 2, 0]]), 2, 0.1),
        (_FOUR, 2 * _FOUR + 1, np.array([[3, 1, 0, 2], [0, 2, 1, 3], [2, 3, 1, 0]]), 2, 0.05),
        (_FOUR, 2 * _FOUR + 1, np.array([[3, 1, 0, 2], [0, 2, 1, 3], [2, 3, 1, 0]]), 3, 0.05),
    ],
    cases=_runs(),
    hints=[
        "Make one step by hand: x = (1, 2), y = (2, 3), one batch of two, lr = 0.1. The gradients are −8 and −5, so"
        " w = 0.8 and b = 0.5. Does the broken loop move at all?",
        "The order of a round is: predict, take the gradients (fresh ones), update. And which row of orders belongs"
        " to which epoch?",
        "Three lines are wrong: `order` is taken once, before the epochs; the update stands above the gradients; "
        "`+=` keeps the gradients of all batches before.",
    ],
)
def train_in_batches(x, y, orders, batch_size, lr):
    """Fits y ≈ w·x + b by mini-batch gradient descent on the mean squared error, from w = b = 0.

    x, y: arrays of shape (n,)
    orders: int array of shape (epochs, n), the sample numbers as shuffled for each epoch
    batch_size: int; the last batch of an epoch may be shorter and is used, too
    lr: float, the learning rate
    returns: (w, b), two floats
    """
    w, b = 0.0, 0.0
    for order in orders:
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            error = w * x[rows] + b - y[rows]
            grad_w, grad_b = 2 * np.mean(error * x[rows]), 2 * np.mean(error)
            w, b = w - lr * grad_w, b - lr * grad_b
    return w, b


def _first_order(orders):
    return np.repeat(orders[:1], len(orders), axis=0)


@train_in_batches.misconception(
    "still the broken loop",
    "This gives what the broken loop gave. Take the pencil case of the first hint and compare line by line.",
)
def _(x, y, orders, batch_size, lr):
    return _train(x, y, _first_order(orders), batch_size, lr, zero="never", late=True)


@train_in_batches.misconception(
    "gradients add up",
    "The first step is right; every later one carries the gradients of all batches before. Where is zero_grad?",
)
def _(x, y, orders, batch_size, lr):
    return _train(x, y, orders, batch_size, lr, zero="never")


@train_in_batches.misconception(
    "zeroed once an epoch",
    "You forget the old gradients at the start of each epoch. Between two batches they still add up.",
)
def _(x, y, orders, batch_size, lr):
    return _train(x, y, orders, batch_size, lr, zero="epoch")


@train_in_batches.misconception(
    "updates before the gradient is there",
    "Your update uses the gradient of the batch before; in the first round that is zero. What has to come first?",
)
def _(x, y, orders, batch_size, lr):
    return _train(x, y, orders, batch_size, lr, late=True)


@train_in_batches.misconception(
    "shuffled once",
    "All epochs go through the first row of orders. Where does a new epoch get its own?",
)
def _(x, y, orders, batch_size, lr):
    return _train(x, y, _first_order(orders), batch_size, lr)


@train_in_batches.misconception(
    "never shuffled",
    "Your batches are the rows 0, 1, 2, … as they lie. What are orders for?",
)
def _(x, y, orders, batch_size, lr):
    return _train(x, y, np.sort(orders, axis=1), batch_size, lr)


@train_in_batches.misconception(
    "gradients add up, and shuffled once",
    "Two faults are left: the gradients of earlier batches stay in the sum, and every epoch uses the first order.",
)
def _(x, y, orders, batch_size, lr):
    return _train(x, y, _first_order(orders), batch_size, lr, zero="never")


@train_in_batches.misconception(
    "updates too early, and gradients add up",
    "Two faults are left: the update comes before its gradient, and that gradient is a sum over all batches so far.",
)
def _(x, y, orders, batch_size, lr):
    return _train(x, y, orders, batch_size, lr, zero="never", late=True)


@train_in_batches.misconception(
    "updates too early, and shuffled once",
    "Two faults are left: the update comes before its gradient, and every epoch uses the first order.",
)
def _(x, y, orders, batch_size, lr):
    return _train(x, y, _first_order(orders), batch_size, lr, late=True)


@train_in_batches.misconception(
    "last batch left out",
    "You skip the short batch at the end of an epoch. The docstring uses it.",
)
def _(x, y, orders, batch_size, lr):
    return _train(x, y, orders, batch_size, lr, drop=True)


@train_in_batches.misconception(
    "sum instead of mean",
    "Your gradients grow with the batch. The loss is a mean over it.",
)
def _(x, y, orders, batch_size, lr):
    return _train(x, y, orders, batch_size, lr, reduce=np.sum)


@train_in_batches.misconception(
    "b sees the new w",
    "You update w, then take b's gradient with the new w. Both belong to the same place: take both, then update "
    "both.",
)
def _(x, y, orders, batch_size, lr):
    return _train(x, y, orders, batch_size, lr, new_w=True)


# --- a loop to mend: a shape that broadcasts --------------------------------------------------------------------------


@st.composite
def _columns(draw):
    size = draw(st.integers(2, 4))
    x, y = draw(_vectors(size)), draw(_vectors(size))
    return x, y[:, None], draw(st.sampled_from([0.1, 0.01, 0.05])), draw(st.integers(1, 8))


def _fit(x, y, lr, steps, gradient_y=None, loss=None, factor=2.0, new_w=False):
    """gradient_y: what the gradient takes for y; loss: the loss at w, b, given the last w, b as well."""
    gradient_y = y[:, 0] if gradient_y is None else gradient_y
    w = b = old_w = old_b = 0.0
    for _ in range(steps):
        old_w, old_b = w, b
        error = w * x + b - gradient_y
        w = w - lr * factor * float(np.mean(error * x))
        error = w * x + b - gradient_y if new_w else error
        b = b - lr * factor * float(np.mean(error))
    if loss is None:
        return w, b, float(np.mean((w * x + b - y[:, 0]) ** 2))
    return w, b, float(loss(w * x + b, old_w * x + old_b))


@exercise(
    points=2,
    examples=[
        (np.array([1.0, 2.0]), np.array([[2.0], [3.0]]), 0.1, 1),
        (np.array([1.0, 3.0]), np.array([[2.0], [-2.0]]), 0.1, 1),
        (np.array([0.0, 1.0, 2.0]), np.array([[1.0], [3.0], [5.0]]), 0.1, 2),
        (_FOUR, (2 * _FOUR + 1)[:, None], 0.1, 20),
        (np.array([-1.0, 0.5, 2.0]), np.array([[4.0], [0.0], [1.5]]), 0.05, 3),
    ],
    cases=_columns(),
    hints=[
        "Print the shapes of prediction and y in the broken loop, and then that of their difference.",
        "(n,) minus (n, 1) is (n, n): every prediction against every answer. Give y the shape of the prediction "
        "before the loop. There is a second fault: which w and b does the loss belong to?",
        "y = y[:, 0] (or y.squeeze(1)) above the loop; after the loop, predict once more with the final w and b and"
        " take the loss of that.",
    ],
)
def fit_to_column(x, y, lr, steps):
    """Fits y ≈ w·x + b by gradient descent on the mean squared error, from w = b = 0.

    x: array of shape (n,)
    y: array of shape (n, 1), a column as it is cut out of a table
    lr: float; steps: int, at least 1
    returns: (w, b, loss), three floats: the parameters after the last step, and their mean squared error
    """
    y = y[:, 0]
    w, b = 0.0, 0.0
    for _ in range(steps):
        error = w * x + b - y
        grad_w, grad_b = 2 * float(np.mean(error * x)), 2 * float(np.mean(error))
        w, b = w - lr * grad_w, b - lr * grad_b
    return w, b, float(np.mean((w * x + b - y) ** 2))


@fit_to_column.misconception(
    "still the broken loop",
    "This gives what the broken loop gave: a nearly flat line through the mean of y. What shape has prediction − y?",
)
def _(x, y, lr, steps):
    return _fit(x, y, lr, steps, y, lambda now, before: np.mean((before - y) ** 2))


@fit_to_column.misconception(
    "every prediction against every answer",
    "prediction − y has the shape (n, n), so your line is drawn towards the mean of y. The loss is taken at the "
    "right place; mend the shapes.",
)
def _(x, y, lr, steps):
    return _fit(x, y, lr, steps, y, lambda now, before: np.mean((now - y) ** 2))


@fit_to_column.misconception(
    "loss still broadcasts",
    "w and b are right. In the loss every prediction still meets every answer: which y do you use there?",
)
def _(x, y, lr, steps):
    return _fit(x, y, lr, steps, None, lambda now, before: np.mean((now - y) ** 2))


@fit_to_column.misconception(
    "gradient still broadcasts",
    "Your loss is measured rightly, but the gradient still compares every prediction with every answer.",
)
def _(x, y, lr, steps):
    return _fit(x, y, lr, steps, y)


@fit_to_column.misconception(
    "loss of the step before",
    "w and b are right. The loss you return was measured before the last update: which parameters does it belong "
    "to?",
)
def _(x, y, lr, steps):
    return _fit(x, y, lr, steps, None, lambda now, before: np.mean((before - y[:, 0]) ** 2))


@fit_to_column.misconception(
    "only the first answer",
    "You compare all predictions with the first y. y[0] is one row; the column is y[:, 0].",
)
def _(x, y, lr, steps):
    first = np.broadcast_to(y[:1], y.shape)
    return _fit(x, first, lr, steps)


@fit_to_column.misconception("the mean of y", "You replace y by its mean. That is what the broken loop learnt, too.")
def _(x, y, lr, steps):
    return _fit(x, np.full_like(y, y.mean()), lr, steps)


@fit_to_column.misconception("sum of squares", "Your loss is a sum. The docstring asks for the mean squared error.")
def _(x, y, lr, steps):
    return _fit(x, y, lr, steps, None, lambda now, before: np.sum((now - y[:, 0]) ** 2))


@fit_to_column.misconception("the root of the loss", "Your loss is the root of the mean squared error.")
def _(x, y, lr, steps):
    return _fit(x, y, lr, steps, None, lambda now, before: np.sqrt(np.mean((now - y[:, 0]) ** 2)))


@fit_to_column.misconception(
    "factor 2 missing",
    "Your gradients are half as long as they should be. What is the derivative of a square?",
)
def _(x, y, lr, steps):
    return _fit(x, y, lr, steps, factor=1.0)


@fit_to_column.misconception(
    "b sees the new w",
    "You update w, then take b's gradient with the new w. Take both, then update both.",
)
def _(x, y, lr, steps):
    return _fit(x, y, lr, steps, new_w=True)


# --- a loop to mend: a logbook ----------------------------------------------------------------------------------------


@st.composite
def _logged(draw):
    size = draw(st.integers(2, 5))
    x, y = draw(_vectors(size)), draw(_vectors(size, 1, 8))
    return x, y, draw(st.integers(1, 3)), draw(st.sampled_from([0.1, 0.05])), draw(st.integers(1, 3))


def _log(x, y, batch_size, lr, epochs, entry=None, reset=True, after=False, drop=False):
    """entry: (sums, means, sizes of the batches, w) of what one epoch adds up -> the number written down."""
    w, book = 0.0, []
    sums, means, sizes = [], [], []
    for _ in range(epochs):
        if reset:
            sums, means, sizes = [], [], []
        for rows in batches.reference(np.arange(len(x)), batch_size, drop):
            error = w * x[rows] - y[rows]
            w = w - lr * 2 * float(np.mean(error * x[rows]))
            error = w * x[rows] - y[rows] if after else error
            sums.append(np.sum(error**2))
            means.append(np.mean(error**2))
            sizes.append(len(rows))
        book.append(sum(sums) / sum(sizes) if entry is None else entry(sums, means, sizes, w))
    return w, np.array(book, dtype=float)


_ODD = np.array([1.0, 2.0, 1.0, -1.0, 3.0])


@exercise(
    points=2,
    examples=[
        (np.array([1.0, 0.0, 1.0]), np.array([2.0, 1.0, 4.0]), 2, 0.1, 1),
        (np.array([1.0, 0.0, 1.0]), np.array([2.0, 1.0, 4.0]), 2, 0.1, 2),
        (np.array([1.0, 2.0, 1.0, -1.0]), np.array([2.0, 4.0, 2.0, 3.0]), 2, 0.1, 2),
        (_ODD, 2 * _ODD + 0.5, 2, 0.05, 3),
        (_ODD, 2 * _ODD + 0.5, 3, 0.05, 2),
        (_ODD, 2 * _ODD + 0.5, 7, 0.05, 3),
    ],
    cases=_logged(),
    hints=[
        "The first case by hand: the batches hold 2 samples and 1. Their squared errors are (4, 1) and (w − 4)². "
        "Which mean treats all three samples alike?",
        "Add up a sum over samples, not a mean over a batch: mean × size of the batch. And from where does the "
        "second epoch start to count?",
        "Three lines are wrong: `total = 0.0` belongs inside the epoch loop; total += np.sum(error ** 2); and the "
        "divisor is len(x).",
    ],
)
def train_and_log(x, y, batch_size, lr, epochs):
    """Fits y ≈ w·x from w = 0 in batches, and writes down the mean loss of each epoch.

    x, y: arrays of shape (n,), gone through in the order in which they lie
    batch_size: int; the last batch may be shorter and is used, too
    lr: float; epochs: int
    returns: (w, losses): a float, and an array of shape (epochs,): the mean over all n samples of the squared error,
        each taken when its batch came, before that batch's update
    """
    w, losses = 0.0, []
    for _ in range(epochs):
        total = 0.0
        for start in range(0, len(x), batch_size):
            batch_x, batch_y = x[start : start + batch_size], y[start : start + batch_size]
            error = w * batch_x - batch_y
            w = w - lr * 2 * float(np.mean(error * batch_x))
            total += np.sum(error**2)
        losses.append(total / len(x))
    return w, np.array(losses)


def _full(x, batch_size):
    return max(len(x) // batch_size, 1)


@train_and_log.misconception(
    "still the broken loop",
    "This gives what the broken loop gave. Work out the first case with a pencil: the three squared errors, and "
    "their mean.",
)
def _(x, y, batch_size, lr, epochs):
    return _log(x, y, batch_size, lr, epochs, lambda sums, means, sizes, w: sum(means) / _full(x, batch_size), reset=False)


@train_and_log.misconception(
    "total never reset",
    "The first epoch is right; each later number still contains the epochs before it. Where does the counting start"
    " anew?",
)
def _(x, y, batch_size, lr, epochs):
    return _log(x, y, batch_size, lr, epochs, lambda sums, means, sizes, w: sum(sums) / len(x), reset=False)


@train_and_log.misconception(
    "mean of the batches' means",
    "A batch of one sample counts as much as a batch of two. Weigh each mean with its batch's size.",
)
def _(x, y, batch_size, lr, epochs):
    return _log(x, y, batch_size, lr, epochs, lambda sums, means, sizes, w: np.mean(means))


@train_and_log.misconception(
    "divided by the full batches",
    "You divide by n // batch_size: the short batch is in the sum, but not in the count.",
)
def _(x, y, batch_size, lr, epochs):
    return _log(x, y, batch_size, lr, epochs, lambda sums, means, sizes, w: sum(means) / _full(x, batch_size))


@train_and_log.misconception(
    "sum over the batches",
    "You add up the batches' means and never divide. Twice as many batches would look like twice the loss.",
)
def _(x, y, batch_size, lr, epochs):
    return _log(x, y, batch_size, lr, epochs, lambda sums, means, sizes, w: sum(means))


@train_and_log.misconception(
    "sum over the samples",
    "You add up all squared errors and never divide by how many they are.",
)
def _(x, y, batch_size, lr, epochs):
    return _log(x, y, batch_size, lr, epochs, lambda sums, means, sizes, w: sum(sums))


@train_and_log.misconception(
    "only the last batch",
    "You write down the loss of the last batch of each epoch. What of the others?",
)
def _(x, y, batch_size, lr, epochs):
    return _log(x, y, batch_size, lr, epochs, lambda sums, means, sizes, w: means[-1])


@train_and_log.misconception(
    "after the update",
    "You measure each batch again with the new w: on the batch that it has just learnt from. Keep the error that "
    "the gradient was taken of.",
)
def _(x, y, batch_size, lr, epochs):
    return _log(x, y, batch_size, lr, epochs, after=True)


@train_and_log.misconception(
    "measured once, at the end",
    "You go through all samples again with the epoch's last w. A useful number, but the docstring takes the errors "
    "as the batches came.",
)
def _(x, y, batch_size, lr, epochs):
    return _log(x, y, batch_size, lr, epochs, lambda sums, means, sizes, w: np.mean((w * x - y) ** 2))


@train_and_log.misconception(
    "total never reset, and mean of means",
    "Two faults are left: later epochs contain the earlier ones, and the batches' means are averaged as if all "
    "batches were of one size.",
)
def _(x, y, batch_size, lr, epochs):
    count = -(-len(x) // batch_size)
    return _log(x, y, batch_size, lr, epochs, lambda sums, means, sizes, w: sum(means) / count, reset=False)


# --- a loop to mend: validation in training mode ----------------------------------------------------------------------


@st.composite
def _validated(draw):
    size, held = draw(st.integers(2, 4)), draw(st.integers(2, 3))
    x, y, held_x, held_y = draw(_vectors(size)), draw(_vectors(size)), draw(_vectors(held)), draw(_vectors(held))
    return x, y, held_x + 2.0, held_y, draw(st.sampled_from([0.1, 0.05])), draw(st.integers(1, 3))


def _validate(x, y, held_x, held_y, lr, epochs, own=False, moves="never", learns=False, trains_on_running=False,
              weight=0.1, first=False, which="held", reduce=np.mean):
    w, running, losses = 0.0, 0.0, []

    def look():
        nonlocal w, running
        if moves == "before":
            running = (1 - weight) * running + weight * held_x.mean()
        inputs = held_x - (held_x.mean() if own else running)
        error = w * inputs - held_y
        if moves == "after":
            running = (1 - weight) * running + weight * held_x.mean()
        if learns:
            w = w - lr * 2 * float(np.mean(error * inputs))
        return float(reduce(error**2))

    for _ in range(epochs):
        if first:
            losses.append(look())
        running = (1 - weight) * running + weight * x.mean()
        inputs = x - (running if trains_on_running else x.mean())
        error = w * inputs - y
        w = w - lr * 2 * float(np.mean(error * inputs))
        if not first:
            held_loss = look()
            losses.append(held_loss if which == "held" else float(np.mean(error**2)))
    return w, np.array(losses)


@exercise(
    points=2,
    indistinguishable="With the held-out batch's own mean as the centre the running mean is never read, so whether the "
    "held-out data moves it too cannot be seen in any result.",
    examples=[
        (np.array([1.0, 3.0]), np.array([-1.0, 1.0]), np.array([2.0, 6.0]), np.array([0.0, 2.0]), 0.1, 1),
        (np.array([1.0, 3.0]), np.array([-1.0, 1.0]), np.array([2.0, 6.0]), np.array([0.0, 2.0]), 0.1, 2),
        (np.array([0.0, 4.0, 5.0]), np.array([-2.0, 1.0, 3.0]), np.array([1.0, 8.0]), np.array([-1.0, 2.0]), 0.05, 3),
        (np.array([2.0, 3.0, 4.0]), np.array([1.0, 0.0, 4.0]), np.array([3.0, 5.0, 7.0]), np.array([1.0, 1.0, 3.0]), 0.1, 3),
    ],
    cases=_validated(),
    hints=[
        "Ask of each line that touches the held-out data: does the model differ afterwards? A measurement must "
        "leave it as it was.",
        "Three things happen in training mode and not when predicting: the batch's own mean is used, the running "
        "mean moves, and the weights are updated.",
        "In the held-out half keep only: error = w * (held_x - running) - held_y, and the mean of its squares.",
    ],
)
def train_and_validate(x, y, held_x, held_y, lr, epochs):
    """Trains ŷ = w·(x − centre) from w = 0 and measures it on held-out data after every epoch.

    x, y: arrays of shape (n,), to learn from; held_x, held_y: arrays of shape (m,), to judge by
    lr: float; epochs: int. An epoch is one step on all of x, with centre = x.mean(); before it, the running mean
    (0 at first) becomes 0.9·running + 0.1·x.mean(). Whoever predicts uses the running mean as the centre.
    returns: (w, losses): a float, and an array of shape (epochs,), the mean squared errors on the held-out data
    """
    w, running, losses = 0.0, 0.0, []
    for _ in range(epochs):
        centre = x.mean()
        running = 0.9 * running + 0.1 * centre
        error = w * (x - centre) - y
        w = w - lr * 2 * float(np.mean(error * (x - centre)))
        losses.append(np.mean((w * (held_x - running) - held_y) ** 2))
    return w, np.array(losses)


@train_and_validate.misconception(
    "still the broken loop",
    "This gives what the broken loop gave. What does the model know of the held-out data after an epoch?",
)
def _(x, y, held_x, held_y, lr, epochs):
    return _validate(x, y, held_x, held_y, lr, epochs, own=True, moves="before", learns=True)


@train_and_validate.misconception(
    "learns from the held-out data",
    "You still update w on the held-out data. In PyTorch, which context would forbid the gradient?",
)
def _(x, y, held_x, held_y, lr, epochs):
    return _validate(x, y, held_x, held_y, lr, epochs, learns=True)


@train_and_validate.misconception(
    "the held-out batch's own mean",
    "You centre the held-out data by its own mean, as in training mode: no_grad() alone does not change that, "
    "eval() does. Which mean would a single new sample have?",
)
def _(x, y, held_x, held_y, lr, epochs):
    return _validate(x, y, held_x, held_y, lr, epochs, own=True)


@train_and_validate.misconception(
    "the running mean moves",
    "The held-out data moves the running mean before it is used: it has leaked into the model. That is what eval() "
    "switches off.",
)
def _(x, y, held_x, held_y, lr, epochs):
    return _validate(x, y, held_x, held_y, lr, epochs, moves="before")


@train_and_validate.misconception(
    "the running mean moves afterwards",
    "The first loss is right. Then the held-out data moves the running mean, and all later losses suffer from it.",
)
def _(x, y, held_x, held_y, lr, epochs):
    return _validate(x, y, held_x, held_y, lr, epochs, moves="after")


@train_and_validate.misconception(
    "running mean moves, and learns",
    "Two faults are left: the held-out data moves the running mean, and w is updated on it.",
)
def _(x, y, held_x, held_y, lr, epochs):
    return _validate(x, y, held_x, held_y, lr, epochs, moves="before", learns=True)


@train_and_validate.misconception(
    "trains on the running mean",
    "In training the batch's own mean is the centre; you take the running one, which is far off in the first "
    "epochs.",
)
def _(x, y, held_x, held_y, lr, epochs):
    return _validate(x, y, held_x, held_y, lr, epochs, trains_on_running=True)


@train_and_validate.misconception(
    "validated before the step",
    "Your first loss is that of w = 0: you measure before the epoch. After it was asked for.",
)
def _(x, y, held_x, held_y, lr, epochs):
    return _validate(x, y, held_x, held_y, lr, epochs, first=True)


@train_and_validate.misconception("the training loss", "You return the errors on the data that was learnt from.")
def _(x, y, held_x, held_y, lr, epochs):
    return _validate(x, y, held_x, held_y, lr, epochs, which="train")


@train_and_validate.misconception(
    "0.9 and 0.1 exchanged",
    "Your running mean follows the new mean nearly at once. Which of the two keeps nine tenths?",
)
def _(x, y, held_x, held_y, lr, epochs):
    return _validate(x, y, held_x, held_y, lr, epochs, weight=0.9)


@train_and_validate.misconception(
    "sum of squares",
    "Your losses are sums over the held-out samples. Asked for are means.",
)
def _(x, y, held_x, held_y, lr, epochs):
    return _validate(x, y, held_x, held_y, lr, epochs, reduce=np.sum)


# --- going on from a checkpoint ---------------------------------------------------------------------------------------


@st.composite
def _stopped(draw):
    size = draw(st.integers(1, 2))
    curvatures = np.array(draw(st.lists(st.sampled_from([1.0, 2.0, 0.5]), min_size=size, max_size=size)))
    problem = LogCosh(curvatures) if draw(st.booleans()) else Quadratic(np.diag(curvatures), draw(_vectors(size)))
    step = draw(st.integers(0, 4))
    v = draw(_vectors(size)) if step else np.zeros(size)
    checkpoint = (draw(_vectors(size)), v, step)
    total = step + draw(st.integers(0, 4))
    return GradientOf(problem), checkpoint, draw(st.sampled_from([0.1, 0.25])), draw(st.sampled_from([0.5, 0.9])), total


_BOWL = GradientOf(Quadratic(np.array([[1.0]]), np.array([0.0])))
_WIDE = GradientOf(Quadratic(np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([1.0, 0.0])))


def _go_on(gradient, theta, v, first, last, lr, mu, decay=lambda t: 1 / (1 + t)):
    for t in range(first, last):
        v = mu * v + gradient(theta)
        theta = theta - lr * decay(t) * v
    return theta, v


@exercise(
    points=2,
    examples=[
        (_BOWL, (np.array([1.0]), np.array([0.0]), 0), 0.5, 0.5, 2),
        (_BOWL, (np.array([1.0]), np.array([2.0]), 1), 0.5, 0.5, 2),
        (_BOWL, (np.array([1.0]), np.array([2.0]), 3), 0.5, 0.5, 5),
        (_BOWL, (np.array([1.0]), np.array([2.0]), 3), 0.5, 0.5, 3),
        (_WIDE, (np.array([3.0, -1.0]), np.array([1.0, 4.0]), 2), 0.1, 0.9, 6),
    ],
    cases=_stopped(),
    hints=[
        "Three things are in the checkpoint, and each is needed: where the parameters stand, how fast they were "
        "going, and how many steps are done.",
        "The steps that are left are number step, step + 1, …, total − 1; the learning rate depends on that number.",
        "for t in range(step, total): v = mu * v + gradient(theta), then theta = theta - lr / (1 + t) * v.",
    ],
)
def resume_training(gradient, checkpoint, lr, mu, total):
    """Goes on with momentum and a decaying learning rate where an earlier run was stopped.

    gradient: function, gradient(theta) is an array like theta
    checkpoint: (theta, v, step): arrays of shape (n,), parameters and velocity, and an int, the steps that are done
    lr, mu: floats; step number t (counted from 0) is v ← mu·v + gradient, θ ← θ − lr/(1 + t)·v
    total: int, at least step: how many steps there shall be in all, those before the checkpoint included
    returns: (theta, v, step), the checkpoint after step number total − 1; as if there had been no interruption
    """
    theta, v, step = checkpoint
    for t in range(step, total):
        v = mu * v + gradient(theta)
        theta = theta - lr / (1 + t) * v
    return theta, v, total


@resume_training.misconception(
    "the velocity forgotten",
    "Your run starts again from rest. A checkpoint holds the optimiser's state as well: where is v used?",
)
def _(gradient, checkpoint, lr, mu, total):
    theta, v, step = checkpoint
    return *_go_on(gradient, theta, np.zeros_like(v), step, total, lr, mu), total


@resume_training.misconception(
    "the learning rate starts anew",
    "Your learning rate begins at lr again, as if no step had been made. Which number does the first step after the"
    " checkpoint have?",
)
def _(gradient, checkpoint, lr, mu, total):
    theta, v, step = checkpoint
    return *_go_on(gradient, theta, v, step, total, lr, mu, lambda t: 1 / (1 + t - step)), total


@resume_training.misconception(
    "only the parameters restored",
    "θ is taken from the checkpoint; velocity and learning rate start anew. A state_dict of the model alone gives "
    "just this.",
)
def _(gradient, checkpoint, lr, mu, total):
    theta, v, step = checkpoint
    return *_go_on(gradient, theta, np.zeros_like(v), step, total, lr, mu, lambda t: 1 / (1 + t - step)), total


@resume_training.misconception(
    "total more steps",
    "You make total further steps. Those before the checkpoint count, too: how many are left?",
)
def _(gradient, checkpoint, lr, mu, total):
    theta, v, step = checkpoint
    return *_go_on(gradient, theta, v, step, step + total, lr, mu), step + total


@resume_training.misconception(
    "all steps once more",
    "You make the steps from number 0 on again, from the checkpoint's place.",
)
def _(gradient, checkpoint, lr, mu, total):
    theta, v, step = checkpoint
    return *_go_on(gradient, theta, v, 0, total, lr, mu), total


@resume_training.misconception(
    "the learning rate never decays",
    "Every step of yours has the full lr. Step number t has lr/(1 + t).",
)
def _(gradient, checkpoint, lr, mu, total):
    theta, v, step = checkpoint
    return *_go_on(gradient, theta, v, step, total, lr, mu, lambda t: 1.0), total


@resume_training.misconception(
    "the learning rate is one step behind",
    "Your step number t has lr/t. Counted from 0, the first has lr/1.",
)
def _(gradient, checkpoint, lr, mu, total):
    theta, v, step = checkpoint
    return *_go_on(gradient, theta, v, step, total, lr, mu, lambda t: 1 / max(t, 1)), total


@resume_training.misconception("one step short", "You stop one step too early: range(a, b) ends before b.")
def _(gradient, checkpoint, lr, mu, total):
    theta, v, step = checkpoint
    return *_go_on(gradient, theta, v, step, max(total - 1, step), lr, mu), total


@resume_training.misconception("one step too many", "You make one step more than is left.")
def _(gradient, checkpoint, lr, mu, total):
    theta, v, step = checkpoint
    return *_go_on(gradient, theta, v, step, total + 1, lr, mu), total


@resume_training.misconception(
    "the old velocity saved",
    "θ is right, but you return the velocity of the old checkpoint. The next run would start with it.",
)
def _(gradient, checkpoint, lr, mu, total):
    theta, v, step = checkpoint
    return _go_on(gradient, theta, v, step, total, lr, mu)[0], v, total


@resume_training.misconception(
    "the old step number saved",
    "θ and v are right, but the step number is that of the old checkpoint. The next run would do these steps again.",
)
def _(gradient, checkpoint, lr, mu, total):
    theta, v, step = checkpoint
    return *_go_on(gradient, theta, v, step, total, lr, mu), step
