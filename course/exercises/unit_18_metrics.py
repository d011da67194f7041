"""Unit 18: metrics. The area under a ROC curve, counts of confusions, precision with recall, macro F1, and an evaluation
to mend."""

import numpy as np
from hypothesis import strategies as st

from course.exercises.specification import exercise


def _classes(size, classes):
    numbers = st.lists(st.integers(0, classes - 1), min_size=size, max_size=size)
    return numbers.map(lambda numbers: np.array(numbers, dtype=np.int64))


# --- the area under the curve -----------------------------------------------------------------------------------------


@st.composite
def _scored(draw):
    size = draw(st.integers(2, 7))
    true = draw(_classes(size, 2).filter(lambda true: 0 < true.sum() < len(true)))
    scores = draw(st.lists(st.integers(0, 6), min_size=size, max_size=size))
    return 0.25 * np.array(scores, float), true


def _gaps(scores, true):
    return scores[true == 1][:, None] - scores[true == 0]


@exercise(
    points=2,
    examples=[
        (np.array([0.25, 0.75]), np.array([0, 1])),
        (np.array([0.25, 0.5, 0.75, 1.0]), np.array([0, 1, 0, 1])),
        (np.array([0.5, 0.5]), np.array([0, 1])),
        (np.array([0.0, 0.5, 0.5, 1.0, 0.25]), np.array([0, 0, 1, 1, 0])),
        (np.array([1.5, 0.25, 0.5]), np.array([0, 1, 1])),
    ],
    cases=_scored(),
    hints=[
        "Scores 0.25, 0.5, 0.75, 1 of the classes 0, 1, 0, 1: four pairs of a one and a zero. In three the one scores "
        "higher, so the area is 0.75.",
        "positives[:, None] - negatives is a table of all differences, one row for each positive.",
        "The mean of (gaps > 0), plus half the mean of (gaps == 0).",
    ],
)
def roc_area(scores, true):
    """The area under the ROC curve: the share of pairs (a one, a zero) in which the one scores higher; a tie counts half.

    scores: array of shape (n,)
    true: array of shape (n,) of 0 and 1; both occur
    returns: float
    """
    gaps = scores[true == 1][:, None] - scores[true == 0]
    return np.mean(gaps > 0) + 0.5 * np.mean(gaps == 0)


@roc_area.misconception("ties count nothing", "Two equal scores are no order at all, neither right nor wrong. What does a tie count?")
def _(scores, true):
    return np.mean(_gaps(scores, true) > 0)


@roc_area.misconception("ties count fully", "A tie counts as right with you. Who gives everyone the same score then has area 1: what should he have?")
def _(scores, true):
    return np.mean(_gaps(scores, true) >= 0)


@roc_area.misconception("upside down", "Your area is large where the zeros score higher. From which score do you take which?")
def _(scores, true):
    gaps = _gaps(scores, true)
    return np.mean(gaps < 0) + 0.5 * np.mean(gaps == 0)


@roc_area.misconception("counts, not shares", "You return how many pairs are in order. How many are there in all?")
def _(scores, true):
    gaps = _gaps(scores, true)
    return np.sum(gaps > 0) + 0.5 * np.sum(gaps == 0)


@roc_area.misconception(
    "accuracy at one half", "That is how often a threshold of 0.5 decides rightly. The area looks at no threshold: which pairs does it compare?"
)
def _(scores, true):
    return np.mean((scores > 0.5) == (true == 1))


@roc_area.misconception(
    "pairs of all", "You compare every sample with every other, two ones as well. Which pairs can be in a wrong order?"
)
def _(scores, true):
    gaps = scores[:, None] - scores
    wanted = true[:, None] > true
    return np.sum(wanted & (gaps > 0)) / len(true) ** 2 + 0.5 * np.sum(wanted & (gaps == 0)) / len(true) ** 2


@roc_area.misconception(
    "difference of the means", "You compare the mean scores of the two classes. One very large score then outweighs many wrong pairs: what does the area count?"
)
def _(scores, true):
    return scores[true == 1].mean() - scores[true == 0].mean()


# --- counts of confusions ---------------------------------------------------------------------------------------------


@st.composite
def _read(draw):
    size, classes = draw(st.integers(1, 8)), draw(st.integers(2, 4))
    return draw(_classes(size, classes)), draw(_classes(size, classes)), classes


def _confusions(predicted, true, classes):
    counts = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(counts, (true, predicted), 1)
    return counts


@exercise(
    points=2,
    examples=[
        (np.array([1]), np.array([0]), 2),
        (np.array([1, 1]), np.array([0, 0]), 2),
        (np.array([0, 1, 1, 2]), np.array([0, 1, 2, 2]), 3),
        (np.array([0, 0, 1]), np.array([0, 1, 0]), 3),
        (np.array([2, 2, 2, 0]), np.array([1, 1, 2, 0]), 4),
    ],
    cases=_read(),
    hints=[
        "One sample of class 0 that was read as class 1 puts a 1 into row 0, column 1. A second one makes it a 2.",
        "Start with np.zeros((classes, classes), dtype=int) and go through the samples with zip(true, predicted).",
        "Inside the loop: counts[t, p] += 1. (counts[true, predicted] += 1 without a loop counts repeated pairs once.)",
    ],
)
def count_confusions(predicted, true, classes):
    """The confusion matrix: how often each true class was read as each class.

    predicted, true: int arrays of shape (n,) with class numbers from 0 to classes − 1
    classes: int
    returns: int array of shape (classes, classes); the row is the true class, the column the predicted one
    """
    counts = np.zeros((classes, classes), dtype=np.int64)
    for t, p in zip(true, predicted):
        counts[t, p] += 1
    return counts


@count_confusions.misconception("rows and columns swapped", "Your rows are what was predicted. What should a row be?")
def _(predicted, true, classes):
    return _confusions(true, predicted, classes)


@count_confusions.misconception(
    "repeated pairs once",
    "counts[true, predicted] += 1 counts a pair that occurs twice only once: NumPy adds 1 to a copy, then writes it "
    "back. Which loop, or which NumPy function, adds every time?",
)
def _(predicted, true, classes):
    return (_confusions(predicted, true, classes) > 0).astype(np.int64)


@count_confusions.misconception("shares of each row", "You divide each row by its sum. Asked are counts, whole numbers.")
def _(predicted, true, classes):
    counts = _confusions(predicted, true, classes)
    return counts / np.maximum(counts.sum(1, keepdims=True), 1)


@count_confusions.misconception("shares of all", "You divide by the number of samples. Asked are counts, whole numbers.")
def _(predicted, true, classes):
    return _confusions(predicted, true, classes) / len(true)


@count_confusions.misconception("only the mistakes", "Your diagonal is empty. Where do the samples go that were read rightly?")
def _(predicted, true, classes):
    counts = _confusions(predicted, true, classes)
    np.fill_diagonal(counts, 0)
    return counts


@count_confusions.misconception("only what is right", "Off your diagonal all is 0: the mistakes are gone. Which entry counts a 0 that was read as 1?")
def _(predicted, true, classes):
    return np.diag(np.diag(_confusions(predicted, true, classes)))


@count_confusions.misconception(
    "as large as the largest class seen", "Your matrix shrinks when the last class does not occur. Who says how many rows it has?"
)
def _(predicted, true, classes):
    return _confusions(predicted, true, max(predicted.max(), true.max()) + 1)


# --- precision, recall, F1 --------------------------------------------------------------------------------------------


def _ratio(a, b):
    return a / b if b else 0.0


def _prf(predicted, true):
    tp = np.sum((predicted == 1) & (true == 1))
    fp, fn = np.sum((predicted == 1) & (true == 0)), np.sum((predicted == 0) & (true == 1))
    return tp, fp, fn


@exercise(
    points=2,
    examples=[
        (np.array([1, 1, 1, 0, 1, 1, 0, 0, 0, 0]), np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0])),
        (np.array([1, 0, 0]), np.array([1, 1, 1])),
        (np.array([0, 0, 0]), np.array([1, 0, 0])),
        (np.array([1, 1]), np.array([0, 0])),
        (np.array([1, 1, 1, 1]), np.array([1, 0, 0, 0])),
    ],
    cases=st.integers(1, 8).flatmap(lambda n: st.tuples(_classes(n, 2), _classes(n, 2))),
    hints=[
        "Three counts are all it takes: hits (predicted 1 and true 1), false alarms (predicted 1, true 0) and misses.",
        "Precision divides the hits by all that were predicted 1, recall by all that are 1. Where there are none, the "
        "answer is 0.",
        "F1 = 2·hits / (2·hits + false alarms + misses), 0 where that is 0/0. Return np.array([precision, recall, f1]).",
    ],
)
def precision_recall_f1(predicted, true):
    """Precision, recall and F1 of class 1. What would be 0/0 is 0.

    predicted, true: int arrays of shape (n,) of 0 and 1
    returns: array of shape (3,)
    """
    hits = np.sum((predicted == 1) & (true == 1))
    reported, real = np.sum(predicted == 1), np.sum(true == 1)
    precision = hits / reported if reported else 0.0
    recall = hits / real if real else 0.0
    f1 = 2 * hits / (reported + real) if reported + real else 0.0
    return np.array([precision, recall, f1])


@precision_recall_f1.misconception(
    "precision and recall swapped", "You divide by what is real where you should divide by what was reported. Which is which?"
)
def _(predicted, true):
    p, r, f1 = precision_recall_f1.reference(predicted, true)
    return np.array([r, p, f1])


@precision_recall_f1.misconception(
    "arithmetic mean", "Your F1 is the ordinary mean: reporting everyone then scores above 0.5. Which mean is low as soon as one of the two is?"
)
def _(predicted, true):
    p, r, _ = precision_recall_f1.reference(predicted, true)
    return np.array([p, r, (p + r) / 2])


@precision_recall_f1.misconception("F1 without the 2", "Your F1 is half of what it should be; a perfect model gets 0.5. What is missing?")
def _(predicted, true):
    p, r, f1 = precision_recall_f1.reference(predicted, true)
    return np.array([p, r, f1 / 2])


@precision_recall_f1.misconception(
    "0/0 is not caught", "Where nothing was reported, or nothing is real, you divide 0 by 0. The docstring says what that should give."
)
def _(predicted, true):
    tp, fp, fn = (float(count) for count in _prf(predicted, true))
    with np.errstate(invalid="ignore"):
        return np.array([np.divide(tp, tp + fp), np.divide(tp, tp + fn), np.divide(2 * tp, 2 * tp + fp + fn)])


@precision_recall_f1.misconception("counts class 0", "You measure how well class 0 is found. Which class is the positive one?")
def _(predicted, true):
    return precision_recall_f1.reference(1 - predicted, 1 - true)


@precision_recall_f1.misconception(
    "accuracy for precision", "Your precision is the accuracy: the rightly unreported count too. Precision looks only at what was reported."
)
def _(predicted, true):
    _, r, f1 = precision_recall_f1.reference(predicted, true)
    return np.array([np.mean(predicted == true), r, f1])


@precision_recall_f1.misconception(
    "false-positive rate for precision", "You divide by all that are *not* real. Of what is precision the share?"
)
def _(predicted, true):
    tp, fp, _ = _prf(predicted, true)
    _, r, f1 = precision_recall_f1.reference(predicted, true)
    return np.array([_ratio(tp, np.sum(true == 0)), r, f1])


# --- macro F1 ---------------------------------------------------------------------------------------------------------


@st.composite
def _matrices(draw):
    n = draw(st.integers(2, 4))
    rows = [draw(st.lists(st.integers(0, 5), min_size=n, max_size=n).filter(any)) for _ in range(n)]
    return (np.array(rows, dtype=np.int64),)


def _each(matrix):
    hits = np.diag(matrix)
    return 2 * hits / (matrix.sum(0) + matrix.sum(1))


@exercise(
    points=2,
    examples=[
        (np.array([[2, 0], [1, 1]]),),
        (np.array([[90, 0], [10, 0]]),),
        (np.array([[3, 1, 0], [0, 2, 2], [1, 0, 1]]),),
        (np.array([[0, 5], [5, 0]]),),
        (np.array([[9, 1], [0, 2]]),),
    ],
    cases=_matrices(),
    hints=[
        "Take [[90, 0], [10, 0]]: class 0 has F1 = 180/190, class 1 has 0. Their mean is 0.4737.",
        "For class k: hits are matrix[k, k], real are row k, predicted are column k.",
        "f1 = 2 * np.diag(matrix) / (matrix.sum(0) + matrix.sum(1)); then its mean.",
    ],
)
def macro_f1(matrix):
    """Macro F1: the mean over the classes of each class's F1.

    matrix: int array of shape (classes, classes), row the true class, column the predicted one; every class occurs
    returns: float
    """
    return np.mean(2 * np.diag(matrix) / (matrix.sum(0) + matrix.sum(1)))


@macro_f1.misconception(
    "micro", "You put all decisions into one pot: a rare class hardly counts. Macro gives every class the same voice."
)
def _(matrix):
    return np.trace(matrix) / matrix.sum()


@macro_f1.misconception(
    "weighted", "You weigh each class by how often it occurs. Macro gives every class the same weight."
)
def _(matrix):
    return np.average(_each(matrix), weights=matrix.sum(1))


@macro_f1.misconception("recall", "That is the mean recall. F1 looks at the columns too: what was predicted but is not?")
def _(matrix):
    return np.mean(np.diag(matrix) / matrix.sum(1))


@macro_f1.misconception("precision", "That is the mean precision. F1 looks at the rows too: what was missed?")
def _(matrix):
    return np.mean([_ratio(matrix[k, k], matrix[:, k].sum()) for k in range(len(matrix))])


@macro_f1.misconception(
    "F1 of the means", "You average precision and recall first and combine them then. Macro F1 combines first, for each class."
)
def _(matrix):
    p = np.mean([_ratio(matrix[k, k], matrix[:, k].sum()) for k in range(len(matrix))])
    r = np.mean(np.diag(matrix) / matrix.sum(1))
    return _ratio(2 * p * r, p + r)


@macro_f1.misconception("sum of the classes", "You add the classes' F1 and do not divide. How many classes are there?")
def _(matrix):
    return np.sum(_each(matrix))


@macro_f1.misconception("without the 2", "Your F1 is half of what it should be; a perfect model gets 0.5. What is missing?")
def _(matrix):
    return np.mean(_each(matrix)) / 2


@macro_f1.misconception("only the last class", "That is the F1 of one class. Macro is the mean over all of them.")
def _(matrix):
    return _each(matrix)[-1]


# --- an evaluation to mend --------------------------------------------------------------------------------------------


@st.composite
def _evaluations(draw):
    size, classes = draw(st.integers(1, 9)), 3
    return draw(_classes(size, classes)), draw(_classes(size, classes)), draw(st.integers(1, 4))


def _batches(predicted, true, batch_size, drop_last=False, mean_of_means=False, first_targets=False, by=len):
    n = len(true) - len(true) % batch_size if drop_last else len(true)
    right, shares = 0, []
    for start in range(0, n, batch_size):
        p, t = predicted[start : start + batch_size], true[start : start + batch_size]
        if first_targets:
            t = true[: len(p)]
        right += np.sum(p == t)
        shares.append(np.mean(p == t))
    return (np.mean(shares) if shares else np.nan) if mean_of_means else right / by(true)


@exercise(
    points=2,
    examples=[
        (np.array([0, 1, 2]), np.array([0, 1, 0]), 2),
        (np.array([0, 1, 2, 2]), np.array([0, 1, 0, 2]), 2),
        (np.array([1, 2, 0]), np.array([1, 2, 0]), 2),
        (np.array([0, 1, 1, 2, 2]), np.array([0, 1, 2, 2, 2]), 3),
        (np.array([1]), np.array([1]), 4),
    ],
    cases=_evaluations(),
    hints=[
        "Three samples in batches of two make two batches, the second with one sample. Every sample counts once.",
        "Add up how many are right, over all batches, and divide once, at the end.",
        "Three lines are wrong: the range stops before the short last batch, the targets are always the first ones, and "
        "the mean of the batches' shares is no mean over samples.",
    ],
)
def accuracy_in_batches(predicted, true, batch_size):
    """The accuracy over all samples, counted batch by batch.

    predicted, true: int arrays of shape (n,), n at least 1
    batch_size: int; the last batch may be shorter
    returns: float
    """
    right = 0
    for start in range(0, len(true), batch_size):
        batch = slice(start, start + batch_size)
        right += np.sum(predicted[batch] == true[batch])
    return right / len(true)


@accuracy_in_batches.misconception(
    "still the broken loop", "This gives what the broken loop gave. Take three samples in batches of two, and count by hand."
)
def _(predicted, true, batch_size):
    return _batches(predicted, true, batch_size, drop_last=True, mean_of_means=True, first_targets=True)


@accuracy_in_batches.misconception(
    "mean of the batches' means", "You average the batches. A last batch with one sample then counts as much as a full one: what should count the same?"
)
def _(predicted, true, batch_size):
    return _batches(predicted, true, batch_size, mean_of_means=True)


@accuracy_in_batches.misconception(
    "the last batch is left out, the mean goes over all",
    "The samples of a short last batch are never looked at, and count as wrong. How far must the range go?",
)
def _(predicted, true, batch_size):
    return _batches(predicted, true, batch_size, drop_last=True)


@accuracy_in_batches.misconception(
    "the last batch is left out", "A short last batch does not count at all with you. The training loop may drop it; may an evaluation?"
)
def _(predicted, true, batch_size):
    return _batches(predicted, true, batch_size, drop_last=True, mean_of_means=True)


@accuracy_in_batches.misconception(
    "always the first targets, and the mean of the batches' means",
    "Two faults are left: every batch is compared with the targets of the first, and a short last batch counts as much as a "
    "full one.",
)
def _(predicted, true, batch_size):
    return _batches(predicted, true, batch_size, first_targets=True, mean_of_means=True)


@accuracy_in_batches.misconception(
    "always the first targets", "Every batch is compared with the targets of the first. What moves on with `start`?"
)
def _(predicted, true, batch_size):
    return _batches(predicted, true, batch_size, first_targets=True)


@accuracy_in_batches.misconception("a count", "You return how many are right. Of how many?")
def _(predicted, true, batch_size):
    return _batches(predicted, true, batch_size, by=lambda true: 1)


@accuracy_in_batches.misconception("the error rate", "You count what is wrong. Accuracy is the share that is right.")
def _(predicted, true, batch_size):
    return 1 - _batches(predicted, true, batch_size)
