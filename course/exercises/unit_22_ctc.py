"""Unit 22: CTC. A recurrent step, the collapse, blanks, how many columns are needed, the forward recursion, a decoder."""

import numpy as np
from hypothesis import strategies as st

from course.exercises.specification import exercise


def _symbols(size, low=0, high=3):
    numbers = st.lists(st.integers(low, high), min_size=size, max_size=size)
    return numbers.map(lambda numbers: np.array(numbers, dtype=np.int64))


# --- a recurrent step -------------------------------------------------------------------------------------------------


@st.composite
def _cells(draw):
    inputs, hidden = draw(st.integers(1, 3)), draw(st.integers(1, 3))

    def numbers(*shape):
        size = int(np.prod(shape))
        drawn = draw(st.lists(st.integers(-4, 4).filter(bool), min_size=size, max_size=size))
        return 0.25 * np.array(drawn, float).reshape(shape)

    return numbers(inputs), numbers(hidden), numbers(hidden, inputs), numbers(hidden), numbers(hidden, hidden), numbers(hidden)


@exercise(
    examples=[
        (np.array([1.0]), np.array([0.5]), np.array([[1.0]]), np.array([0.25]), np.array([[0.5]]), np.array([-0.5])),
        (np.array([1.0, -1.0]), np.array([0.5, 0.25, -0.5]), np.array([[1.0, 0.5], [0.0, 1.0], [-1.0, 0.5]]),
         np.array([0.0, 0.5, 0.25]), np.array([[0.5, 0.0, 1.0], [0.25, 0.5, 0.0], [1.0, -0.5, 0.25]]),
         np.array([0.25, -0.25, 0.5])),
    ],
    cases=_cells(),
    hints=[
        "Two matrix products and two biases go into the new state: those of the input, and those of the old state.",
        "tanh is taken once, of everything: np.tanh(W @ x + b + …).",
    ],
)
def recurrent_step(x, h, W, b, U, c):
    """One step of a recurrent cell, tanh(Wx + b + Uh + c).

    x: array of shape (inputs,), the input at this time
    h: array of shape (hidden,), the state before
    W, b: arrays of shape (hidden, inputs) and (hidden,)
    U, c: arrays of shape (hidden, hidden) and (hidden,)
    returns: array of shape (hidden,), the new state
    """
    return np.tanh(W @ x + b + U @ h + c)


@recurrent_step.misconception("no tanh", "Your state can grow without end: nothing bounds it. What is taken of the sum?")
def _(x, h, W, b, U, c):
    return W @ x + b + U @ h + c


@recurrent_step.misconception("forgets the state", "The old state does not enter: your cell sees one input and remembers "
                                                   "nothing. What is U for?")
def _(x, h, W, b, U, c):
    return np.tanh(W @ x + b + c)


@recurrent_step.misconception("tanh of each part", "You take tanh of the input's part and of the state's part, and add. "
                                                   "Which comes first, the sum or the tanh?")
def _(x, h, W, b, U, c):
    return np.tanh(W @ x + b) + np.tanh(U @ h + c)


@recurrent_step.misconception("one bias missing", "The state's bias c is missing. How many biases has the formula?")
def _(x, h, W, b, U, c):
    return np.tanh(W @ x + b + U @ h)


@recurrent_step.misconception("the old state is added", "You add the old state to the new one. That is another kind of "
                                                        "network: here h enters through U alone.")
def _(x, h, W, b, U, c):
    return h + np.tanh(W @ x + b + U @ h + c)


@recurrent_step.misconception("U transposed", "Each new entry takes a *column* of U where it should take a row. Is it h @ U "
                                              "or U @ h?")
def _(x, h, W, b, U, c):
    return np.tanh(W @ x + b + h @ U + c)


# --- the collapse -----------------------------------------------------------------------------------------------------


def _merged(path):
    return np.array([k for i, k in enumerate(path) if i == 0 or k != path[i - 1]], dtype=np.int64)


@exercise(
    examples=[
        (np.array([1, 1, 0, 2, 2]),),
        (np.array([1, 1, 0, 1]),),
        (np.array([0, 0, 0]),),
        (np.array([3, 0, 0, 2]),),
        (np.array([2, 1, 2, 2]),),
        (np.array([1]),),
        (np.array([1, 2, 0, 1]),),
    ],
    cases=st.tuples(st.integers(1, 8).flatmap(lambda size: _symbols(size, 0, 2))),
    hints=[
        "Two rules, and their order matters. What does 1 − 1 read, and what would it read the other way round?",
        "Keep path[i] where i == 0 or path[i] != path[i - 1]; then keep what is not 0.",
        "np.array([...], dtype=np.int64) also makes an empty array of whole numbers.",
    ],
)
def collapse(path):
    """What an alignment reads: equal neighbours merged, then blanks dropped.

    path: int array of shape (T,), T at least 1; 0 is the blank
    returns: int64 array of shape (S,), which may be empty
    """
    merged = [k for i, k in enumerate(path) if i == 0 or k != path[i - 1]]
    return np.array([k for k in merged if k != 0], dtype=np.int64)


@collapse.misconception("blanks dropped first", "1 − 1 reads as two labels, and you read one: your blanks are gone before "
                                                "they could keep the two apart. Which rule comes first?")
def _(path):
    return _merged(path[path != 0])


@collapse.misconception("blanks stay", "You merge, and leave the blanks. Are they read?")
def _(path):
    return _merged(path)


@collapse.misconception("nothing is merged", "A symbol that lasts two columns is one label, and you read two. What happens to "
                                             "equal neighbours?")
def _(path):
    return path[path != 0].astype(np.int64)


@collapse.misconception("each label once", "You read each label once and in order of size. 2 1 2 reads as three labels: which "
                                           "symbols are merged, all equal ones or neighbours?")
def _(path):
    return np.unique(path[path != 0]).astype(np.int64)


@collapse.misconception("the first symbol is lost", "You begin with the second column. With what is the first compared?")
def _(path):
    return np.array([k for i, k in enumerate(path) if i > 0 and k != path[i - 1] and k != 0], dtype=np.int64)


@collapse.misconception("negative index", "path[i − 1] with i = 0 is the *last* symbol in Python: where it equals the first, "
                                          "the first is lost. With what is the first symbol compared?")
def _(path):
    return np.array([k for i, k in enumerate(path) if k != path[i - 1] and k != 0], dtype=np.int64)


@collapse.misconception("only what follows a blank", "You keep a label only where a blank stands before it. 2 1 reads as two "
                                                     "labels without any blank: what must differ?")
def _(path):
    return np.array([k for i, k in enumerate(path) if k != 0 and (i == 0 or path[i - 1] == 0)], dtype=np.int64)


# --- blanks between the labels ----------------------------------------------------------------------------------------


def _labels(most=4, least=1):
    return st.integers(least, most).flatmap(lambda size: _symbols(size, 1, 3))


@exercise(
    examples=[(np.array([1, 2]),), (np.array([3]),), (np.array([2, 2, 1]),)],
    cases=st.tuples(_labels()),
    hints=[
        "S labels have S + 1 places around them. How long is the answer?",
        "Make 2 * len(labels) + 1 zeros of dtype int64, and write the labels to every second place, beginning with 1.",
    ],
)
def with_blanks(labels):
    """The labels with a blank before, between and behind them.

    labels: int array of shape (S,), S at least 1
    returns: int64 array of shape (2S + 1,): 0, l₁, 0, l₂, 0, …
    """
    extended = np.zeros(2 * len(labels) + 1, dtype=np.int64)
    extended[1::2] = labels
    return extended


def _woven(labels):
    extended = np.zeros(2 * len(labels) + 1, dtype=np.int64)
    extended[1::2] = labels
    return extended


@with_blanks.misconception("no blank at the end", "An alignment may end in silence. What stands behind the last label?")
def _(labels):
    return _woven(labels)[:-1]


@with_blanks.misconception("no blank at the beginning", "An alignment may begin in silence. What stands before the first label?")
def _(labels):
    return _woven(labels)[1:]


@with_blanks.misconception("only between", "You put blanks between the labels and none around them. May an alignment begin or "
                                           "end in silence?")
def _(labels):
    return _woven(labels)[1:-1]


@with_blanks.misconception("only around", "You put a blank before and behind all labels. Where is the one that may keep two "
                                          "labels apart?")
def _(labels):
    return np.concatenate([[0], labels, [0]]).astype(np.int64)


@with_blanks.misconception("labels and blanks exchanged", "Your labels stand at the even places and get lost or overwritten. "
                                                          "Which places, counted from 0, are the blanks'?")
def _(labels):
    extended = np.zeros(2 * len(labels) + 1, dtype=np.int64)
    extended[:-1:2] = labels
    return extended


@with_blanks.misconception("labels doubled", "Every label stands there twice. What stands between two labels?")
def _(labels):
    return np.append(np.repeat(labels, 2), 0).astype(np.int64)


# --- how many columns -------------------------------------------------------------------------------------------------


@exercise(
    examples=[
        (np.array([1, 2, 3]),),
        (np.array([4, 4]),),
        (np.array([1, 2, 1]),),
        (np.array([2, 2, 2]),),
        (np.array([1, 1, 2, 2]),),
        (np.array([1]),),
    ],
    cases=st.tuples(_labels(6)),
    hints=[
        "Labels 1, 2 fit into two columns, without any blank. Which labels need one?",
        "One column for each label, and one more for each label that equals the one before: "
        "labels[1:] == labels[:-1] finds those.",
    ],
)
def columns_needed(labels):
    """The least number of columns in which some alignment reads as these labels. With fewer the CTC loss is infinite.

    labels: int array of shape (S,), S at least 1
    returns: int
    """
    return len(labels) + int(np.sum(labels[1:] == labels[:-1]))


@columns_needed.misconception("one for each label", "Two equal labels side by side merge into one. What must stand between them?")
def _(labels):
    return len(labels)


@columns_needed.misconception("as long as with blanks", "You count every blank of l′. Those may all be skipped, but for some: "
                                                        "between which labels?")
def _(labels):
    return 2 * len(labels) + 1


@columns_needed.misconception("a blank between any two", "Labels 1, 2 need no blank between them: they differ, so they do not "
                                                         "merge. Between which labels is it needed?")
def _(labels):
    return 2 * len(labels) - 1


@columns_needed.misconception("repeats anywhere", "1, 2, 1 fits into three columns: the two 1s are not neighbours. Which "
                                                  "repeats need a blank?")
def _(labels):
    return 2 * len(labels) - len(np.unique(labels))


@columns_needed.misconception("different labels only", "You count how many *different* labels there are. A label that occurs "
                                                       "twice is to be read twice.")
def _(labels):
    return len(np.unique(labels))


@columns_needed.misconception("one blank at most", "2, 2, 2 needs two blanks, and you count one. How many neighbours are equal?")
def _(labels):
    return len(labels) + int(np.any(labels[1:] == labels[:-1]))


# --- the forward recursion --------------------------------------------------------------------------------------------


@st.composite
def _readings(draw):
    labels = draw(_labels(3))
    times = draw(st.integers(len(labels), 6))
    weights = draw(st.lists(st.integers(1, 5), min_size=4 * times, max_size=4 * times))
    y = np.array(weights, float).reshape(times, 4)
    return y / y.sum(axis=1, keepdims=True), labels


def _probability(y, labels, skip="different", starts=2, ends=2, combine=np.add, first=True, stay=True):
    l = _woven(labels)
    alpha = np.zeros((len(y), len(l)))
    for s in range(min(starts, len(l))):
        alpha[0, s] = y[0, l[s]] if first else 1.0
    for t in range(1, len(y)):
        for s in range(len(l)):
            arrived = alpha[t - 1, s] if stay else 0.0
            if s > 0:
                arrived = combine(arrived, alpha[t - 1, s - 1])
            may = s > 1 and {"different": l[s] != l[s - 2], "always": True, "labels": l[s] != 0, "never": False}[skip]
            if may:
                arrived = combine(arrived, alpha[t - 1, s - 2])
            alpha[t, s] = y[t, l[s]] * arrived
    return float(alpha[-1, len(l) - ends:].sum() if combine is np.add else alpha[-1, -2:].max())


_Y3 = np.array([[0.5, 0.5], [0.4, 0.6], [0.6, 0.4]])
_Y4 = np.array([[0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0.25, 0.25, 0.5], [0.5, 0.25, 0.25]])


@exercise(
    points=3,
    examples=[
        (_Y3, np.array([1])),
        (_Y3[:1], np.array([1])),
        (_Y3, np.array([1, 1])),
        (_Y3[:2], np.array([1, 1])),
        (_Y4, np.array([1, 2])),
        (_Y4, np.array([2, 2])),
        (_Y4[:2], np.array([1, 2])),
    ],
    cases=_readings(),
    hints=[
        "Write the labels with blanks, l. Make a table alpha of shape (T, len(l)). Its first row has two entries that are "
        "not 0.",
        "alpha[t, s] = y[t, l[s]] times the sum of alpha[t-1, s], alpha[t-1, s-1] if s > 0, and alpha[t-1, s-2] if s > 1 "
        "and l[s] differs from l[s-2].",
        "An alignment ends at the last label or at the blank behind it: alpha[-1, -1] + alpha[-1, -2].",
    ],
)
def ctc_probability(y, labels):
    """The probability of all alignments that read as the labels, by the forward recursion.

    y: array of shape (T, C), y[t, k] is the probability of symbol k at time t; 0 is the blank
    labels: int array of shape (S,), S at least 1
    returns: float, p(labels); the CTC loss is minus its logarithm
    """
    l = np.zeros(2 * len(labels) + 1, dtype=int)
    l[1::2] = labels
    alpha = np.zeros((len(y), len(l)))
    alpha[0, :2] = y[0, l[:2]]
    for t in range(1, len(y)):
        for s in range(len(l)):
            arrived = alpha[t - 1, s]
            if s > 0:
                arrived += alpha[t - 1, s - 1]
            if s > 1 and l[s] != l[s - 2]:
                arrived += alpha[t - 1, s - 2]
            alpha[t, s] = y[t, l[s]] * arrived
    return float(alpha[-1, -2:].sum())


@ctc_probability.misconception(
    "skips between equal labels",
    "You skip the blank between two equal labels as well. Those two would merge into one: when may a blank be skipped?",
)
def _(y, labels):
    return _probability(y, labels, skip="labels")


@ctc_probability.misconception(
    "skips labels too",
    "You skip from blank to blank, over a label. Then that label was never said: how do l[s] and l[s − 2] compare there?",
)
def _(y, labels):
    return _probability(y, labels, skip="always")


@ctc_probability.misconception(
    "never skips", "You pass through every blank. Different labels may follow each other at once: where does s − 2 come in?"
)
def _(y, labels):
    return _probability(y, labels, skip="never")


@ctc_probability.misconception(
    "ends in a blank only", "You return the last entry alone. May an alignment not end with its last label?"
)
def _(y, labels):
    return _probability(y, labels, ends=1)


@ctc_probability.misconception(
    "ends in a label only", "You return the last but one entry alone. May an alignment not end in silence?"
)
def _(y, labels):
    return _probability(y, labels, ends=2) - _probability(y, labels, ends=1)


@ctc_probability.misconception(
    "negative index",
    "alpha[t − 1, s − 1] with s = 0 counts from the *end* of the row in Python, and so does s − 2 with s < 2: probability "
    "leaks from the last place to the first. What must s be for these two?",
)
def _(y, labels):
    l = _woven(labels)
    alpha = np.zeros((len(y), len(l)))
    alpha[0, :2] = y[0, l[:2]]
    for t in range(1, len(y)):
        for s in range(len(l)):
            alpha[t, s] = y[t, l[s]] * (alpha[t - 1, s] + alpha[t - 1, s - 1] + (l[s] != l[s - 2]) * alpha[t - 1, s - 2])
    return float(alpha[-1, -2:].sum())


@ctc_probability.misconception(
    "this column instead of the last one",
    "You keep one row and overwrite it from left to right: alpha[s − 1] is this column's already when alpha[s] needs the "
    "last column's. Which row must you keep?",
)
def _(y, labels):
    l = _woven(labels)
    alpha = np.zeros(len(l))
    alpha[:2] = y[0, l[:2]]
    for t in range(1, len(y)):
        for s in range(len(l)):
            arrived = alpha[s] + (alpha[s - 1] if s else 0.0)
            if s > 1 and l[s] != l[s - 2]:
                arrived += alpha[s - 2]
            alpha[s] = y[t, l[s]] * arrived
    return float(alpha[-2:].sum())


@ctc_probability.misconception(
    "starts with a blank only", "Your first row has one entry. May an alignment not begin with its first label?"
)
def _(y, labels):
    return _probability(y, labels, starts=1)


@ctc_probability.misconception(
    "sums the whole last row",
    "You add up the whole last row: that counts alignments which have not said all labels. At which two places is all said?",
)
def _(y, labels):
    return _probability(y, labels, ends=2 * len(labels) + 1)


@ctc_probability.misconception(
    "the best alignment only", "You take the largest of the ways to arrive, and so the best alignment. CTC adds up all of them."
)
def _(y, labels):
    return _probability(y, labels, combine=np.maximum)


@ctc_probability.misconception(
    "nothing lasts", "A symbol may last several columns. Which entry of the row before stands for staying?"
)
def _(y, labels):
    return _probability(y, labels, stay=False)


@ctc_probability.misconception(
    "the first column is free", "Your first row is 1 where it should hold probabilities. What does the first column say?"
)
def _(y, labels):
    return _probability(y, labels, first=False)


@ctc_probability.misconception("the loss", "That is −log p, the loss. The docstring asks for p.")
def _(y, labels):
    p = _probability(y, labels)
    return float(-np.log(p)) if p > 0 else float("inf")


# --- a decoder to mend ------------------------------------------------------------------------------------------------


@st.composite
def _scores(draw):
    times, classes = draw(st.integers(1, 6)), draw(st.integers(2, 4))
    table = np.array([draw(st.permutations(range(classes))) for _ in range(times)], float)
    return table - 2.0, draw(st.integers(1, times))


def _picked(*path, classes=3):
    return np.eye(classes)[list(path)] * 4.0 - 1.0


def _read(path):
    merged = _merged(path)
    return merged[merged != 0]


@exercise(
    points=2,
    examples=[
        (_picked(1, 1, 0, 2), 4),
        (_picked(1, 0, 1, 1), 4),
        (_picked(2, 0, 1, 1), 2),
        (_picked(0, 0, 0), 3),
        (_picked(2, 2, 1, 0), 4),
        (_picked(0, 1, 2, 2, 0, 2), 5),
    ],
    cases=_scores(),
    hints=[
        "Run the broken function on the path 1 0 1: it should read 1, 1. In which order are the two rules applied?",
        "What lies beyond `length` is padding. Cut it off before anything else.",
        "best = scores[:length].argmax(axis=1); then merge equal neighbours; then drop what is 0.",
    ],
)
def greedy_read(scores, length):
    """Greedy decoding: the best symbol of each column, collapsed.

    scores: array of shape (T, C), logits or log-probabilities; 0 is the blank
    length: int from 1 to T, how many columns count; the others are padding
    returns: int64 array of shape (S,), which may be empty
    """
    best = scores[:length].argmax(axis=1)
    merged = [k for i, k in enumerate(best) if i == 0 or k != best[i - 1]]
    return np.array([k for k in merged if k != 0], dtype=np.int64)


@greedy_read.misconception(
    "drops before it merges, and reads the padding",
    "Both mistakes are still there: blanks are dropped first, and what lies beyond `length` is read. Mend one, check, then the "
    "other.",
)
def _(scores, length):
    best = scores.argmax(axis=1)
    return _merged(best[best != 0])


@greedy_read.misconception(
    "drops before it merges", "The path 1 − 1 reads as 1, 1. You read 1: which of the two rules comes first?"
)
def _(scores, length):
    best = scores[:length].argmax(axis=1)
    return _merged(best[best != 0])


@greedy_read.misconception(
    "reads the padding", "The order of the rules is right. But columns beyond `length` are padding, and you read them."
)
def _(scores, length):
    return _read(scores.argmax(axis=1))


@greedy_read.misconception(
    "merges nothing", "A symbol that is best in two columns running is one label. Where did the merging go?"
)
def _(scores, length):
    best = scores[:length].argmax(axis=1)
    return best[best != 0].astype(np.int64)


@greedy_read.misconception(
    "keeps the blanks", "You merge and keep the blanks. Is a blank a label?"
)
def _(scores, length):
    return _merged(scores[:length].argmax(axis=1))


@greedy_read.misconception(
    "one column too few", "Your last column is missing. Which columns does scores[:length] hold?"
)
def _(scores, length):
    return _read(scores[: length - 1].argmax(axis=1))


@greedy_read.misconception(
    "the least probable", "You choose the smallest score of each column. Log-probabilities are negative, and the best is still "
                          "the largest."
)
def _(scores, length):
    return _read(scores[:length].argmin(axis=1))
