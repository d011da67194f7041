"""Unit 24: kernels for the CPU. What memory allows, a fused loss that must be fast, a NaN, a race, a fusion too many."""

import math

import numpy as np
from hypothesis import strategies as st

from course.exercises.problems import ParallelFor
from course.exercises.specification import Contest, Tolerance, exercise

COMPILING = 20.0  # seconds: the first call of a compiled function compiles it


def _vectors(size, low=-8, high=8, unit=0.5):
    """Float64 vectors whose entries are small multiples of `unit`: exact in binary, easy on the eye."""
    numbers = st.lists(st.integers(low, high), min_size=size, max_size=size)
    return numbers.map(lambda numbers: unit * np.array(numbers, float))


# --- what memory allows -----------------------------------------------------------------------------------------------


@st.composite
def _traffic(draw):
    operations = st.tuples(st.integers(0, 3), st.integers(0, 2))
    passes = np.array(draw(st.lists(operations, min_size=1, max_size=4)))
    return (passes, draw(st.sampled_from([10, 1000, 250_000])), draw(st.sampled_from([2, 4, 8])),
            draw(st.sampled_from([1e9, 4e9, 5e10])), draw(st.sampled_from([1e-6, 2e-6, 1e-5])))


@exercise(
    examples=[
        (np.array([[2, 1]]), 1_000_000, 4, 1e10, 0.0),
        (np.array([[2, 1]]), 1_000, 4, 1e10, 1e-6),
        (np.array([[2, 1], [1, 1], [1, 0]]), 1_000_000, 4, 1e10, 1e-6),
        (np.array([[2, 1], [1, 1], [1, 0]]), 1_000, 8, 1e10, 1e-5),
        (np.array([[0, 1], [3, 2]]), 100, 2, 1e9, 2e-6),
    ],
    cases=_traffic(),
    hints=[
        "How many arrays travel in all, reads and writes of all passes together? For x − y, then a square, then a mean "
        "it is (2 + 1) + (1 + 1) + (1 + 0) = 6.",
        "Each array has n · itemsize bytes, and bandwidth bytes travel in a second. To that each pass adds its overhead.",
        "len(passes) * overhead + passes.sum() * n * …",
    ],
)
def predicted_seconds(passes, n, itemsize, bandwidth, overhead):
    """How long some passes over arrays take if memory is the limit: c·t₀ + n·s/B.

    passes: integer array of shape (c, 2), for each pass how many arrays it reads and how many it writes
    n: int, how many elements each array has
    itemsize: int, bytes of one element
    bandwidth: float, B, bytes that travel in a second, reads and writes together
    overhead: float, t₀, seconds that a pass costs even on empty arrays
    returns: float, seconds
    """
    return float(len(passes) * overhead + passes.sum() * n * itemsize / bandwidth)


@predicted_seconds.misconception(
    "reads only", "You count what is read. A result has to travel back to memory as well: where are the writes?"
)
def _(passes, n, itemsize, bandwidth, overhead):
    return float(len(passes) * overhead + passes[:, 0].sum() * n * itemsize / bandwidth)


@predicted_seconds.misconception(
    "writes only", "You count what is written. Which column says how many arrays a pass reads?"
)
def _(passes, n, itemsize, bandwidth, overhead):
    return float(len(passes) * overhead + passes[:, 1].sum() * n * itemsize / bandwidth)


@predicted_seconds.misconception(
    "one overhead for all",
    "You pay the overhead once. Each pass is a call of its own: how many calls are there? (With one kernel it would be "
    "one. That is half of why fusing helps.)",
)
def _(passes, n, itemsize, bandwidth, overhead):
    return float(overhead + passes.sum() * n * itemsize / bandwidth)


@predicted_seconds.misconception(
    "no overhead", "Your small arrays are too fast. What does a call cost before the first byte moves?"
)
def _(passes, n, itemsize, bandwidth, overhead):
    return float(passes.sum() * n * itemsize / bandwidth)


@predicted_seconds.misconception(
    "overhead for every element",
    "You pay the overhead n times. That is what a Python loop does; a pass over a whole array pays it once.",
)
def _(passes, n, itemsize, bandwidth, overhead):
    return float(len(passes) * overhead * n + passes.sum() * n * itemsize / bandwidth)


@predicted_seconds.misconception(
    "elements instead of bytes", "The bandwidth is in bytes a second. How many bytes has one element?"
)
def _(passes, n, itemsize, bandwidth, overhead):
    return float(len(passes) * overhead + passes.sum() * n / bandwidth)


@predicted_seconds.misconception(
    "the longest pass only",
    "You take the pass that moves most. They run one after the other: what happens to their times?",
)
def _(passes, n, itemsize, bandwidth, overhead):
    return float(len(passes) * overhead + passes.sum(axis=1).max() * n * itemsize / bandwidth)


@predicted_seconds.misconception(
    "bits", "You seem to count bits: your bytes are 8 times as many. `itemsize` is in bytes, and so is the bandwidth."
)
def _(passes, n, itemsize, bandwidth, overhead):
    return float(len(passes) * overhead + 8 * passes.sum() * n * itemsize / bandwidth)


# --- a fused loss, and fast -------------------------------------------------------------------------------------------


def _numpy_lines(x, y, cap):
    return np.mean(np.minimum((x - y) ** 2, cap))


def _a_million():
    draw = np.random.default_rng(0)
    return draw.random(1_000_000, np.float32), draw.random(1_000_000, np.float32), 0.25


@st.composite
def _losses(draw):
    size = draw(st.integers(2, 5))
    return draw(_vectors(size)), draw(_vectors(size)), draw(st.sampled_from([0.25, 1.0, 2.0, 9.0]))


@exercise(
    points=3,
    seconds=COMPILING,
    contest=Contest(_numpy_lines, _a_million, ratio=3),
    tolerance=Tolerance(relative=1e-4),  # float32 sums in any order
    examples=[
        (np.array([0.0, 0.0]), np.array([1.0, 3.0]), 4.0),
        (np.array([2.0]), np.array([1.5]), 1.0),
        (np.array([1.0, -1.0, 3.0]), np.array([1.5, 2.0, -2.0]), 2.0),
        (np.array([3.0, 3.0, 3.0]), np.array([0.0, 0.0, 0.0]), 2.0),
        (np.array([0.5, 0.0]), np.array([0.0, 0.5]), 0.25),
    ],
    cases=_losses(),
    hints=[
        "One loop, one running total. In each round: the difference, its square, at most cap, added to the total.",
        "total = 0.0 before the loop; after it, divide by x.size. min(a, b) of Python works in numba.",
        "for i in range(x.size): e = x[i] - y[i]; total += min(e * e, cap). The decorator in the cell lets the sum be "
        "reordered: leave it as it is.",
    ],
)
def truncated_mse(x, y, cap):
    """The mean of min((x − y)², cap), in one pass and without temporaries.

    Must be 3 times as fast as np.mean(np.minimum((x - y) ** 2, cap)) on a million float32 numbers.

    x, y: arrays of shape (n,), n ≥ 1
    cap: float > 0, what an outlier costs at most
    returns: float
    """
    return float(np.minimum(np.subtract(x, y, dtype=np.float64) ** 2, cap).mean())


@truncated_mse.misconception("sum, not mean", "Twice as many numbers give you twice the loss. What is the last line?")
def _(x, y, cap):
    return float(np.minimum((x - y) ** 2, cap).sum())


@truncated_mse.misconception(
    "caps the difference",
    "You cap |x − y| and then square. The docstring caps the square: with a difference of 3 and a cap of 4, what is "
    "min(9, 4)?",
)
def _(x, y, cap):
    return float((np.minimum(np.abs(x - y), cap) ** 2).mean())


@truncated_mse.misconception(
    "caps the mean", "You cap once, after the loop. Which errors shall be cut off, the single ones or their mean?"
)
def _(x, y, cap):
    return float(min(((x - y) ** 2).mean(), cap))


@truncated_mse.misconception("at least cap", "Small errors cost you cap, and large ones all they like: min or max?")
def _(x, y, cap):
    return float(np.maximum((x - y) ** 2, cap).mean())


@truncated_mse.misconception(
    "not squared", "You cap the absolute error. Where is the square?"
)
def _(x, y, cap):
    return float(np.minimum(np.abs(x - y), cap).mean())


@truncated_mse.misconception(
    "outliers left out",
    "You skip the errors above the cap, or divide by fewer than n. An outlier costs cap, not nothing.",
)
def _(x, y, cap):
    square = (x - y) ** 2
    return float(np.where(square <= cap, square, 0).mean())


@truncated_mse.misconception(
    "the last element is missing", "The last element never counts. Where does range(…) stop?"
)
def _(x, y, cap):
    return float(np.minimum((x - y) ** 2, cap)[:-1].sum() / x.size)


@truncated_mse.misconception(
    "the first element is missing", "The first element never counts. With which number does an index begin?"
)
def _(x, y, cap):
    return float(np.minimum((x - y) ** 2, cap)[1:].sum() / x.size)


@truncated_mse.misconception(
    "divided inside the loop",
    "You divide the running total in every round, so early elements are divided n times over. The division comes once.",
)
def _(x, y, cap):
    total = 0.0
    for error in x - y:
        total = (total + min(error * error, cap)) / x.size
    return float(total)


# --- the NaN that fast-math lost --------------------------------------------------------------------------------------


@st.composite
def _with_gaps(draw):
    numbers = st.sampled_from([1.0, 2.0, -3.0, 0.0, 5.5, np.nan, np.nan, np.inf])
    return (np.array(draw(st.lists(numbers, min_size=1, max_size=6))),)


@exercise(
    points=2,
    seconds=COMPILING,
    examples=[
        (np.array([1.0, np.nan, 3.0]),),
        (np.array([1.0, 2.0, 6.0]),),
        (np.array([0.0, 4.0, np.nan]),),
        (np.array([np.nan, np.nan]),),
        (np.array([np.inf, 1.0, np.nan]),),
        (np.array([np.nan, 0.0, 0.0, 8.0]),),
    ],
    cases=_with_gaps(),
    hints=[
        "Compile the broken function without any flag: what does it answer then? So which promise made it wrong?",
        "Two flags promise that there are no NaN and no infinities: nnan and ninf. fastmath=True holds both. Take a set "
        "of flags that holds neither, or none at all.",
        "With no number present the total is 0 and so is the count. Under error_model='numpy' 0 / 0 is NaN; without it "
        "you must ask before you divide, and return math.nan.",
    ],
)
def mean_of_present(x):
    """The mean of the entries that are not NaN.

    x: float array of shape (n,), n ≥ 1; an entry that was not measured is NaN, an infinite one counts like any other
    returns: float; NaN where no entry is present
    """
    total, count = 0.0, 0
    for value in x:
        if not math.isnan(value):
            total += value
            count += 1
    return float(total / count) if count else math.nan


@mean_of_present.misconception(
    "the NaN is still not seen",
    "One NaN makes your mean NaN: the compiler was promised that there are none, and has taken your `isnan` out. Which "
    "flag promised it? (Or do you compare with np.nan? NaN equals nothing, not even itself.)",
)
def _(x):
    return float(x.mean())


@mean_of_present.misconception(
    "divides by all", "You add up what is present and divide by n. How many were present?"
)
def _(x):
    return float(np.nansum(x) / x.size) if not np.isnan(x).all() else math.nan


@mean_of_present.misconception(
    "zero for nothing",
    "Where nothing is present you return 0, which looks like a measurement. What does the docstring want?",
)
def _(x):
    return float(np.nanmean(x)) if not np.isnan(x).all() else 0.0


@mean_of_present.misconception(
    "gaps as zeros", "You divide by all entries and get 0 where nothing was measured: a gap counts as a zero for you."
)
def _(x):
    return float(np.nansum(x) / x.size)


@mean_of_present.misconception(
    "infinities left out",
    "You leave out infinities as well. The docstring leaves out NaN only: what tells the two apart?",
)
def _(x):
    kept = x[np.isfinite(x)]
    return float(kept.mean()) if kept.size else math.nan


@mean_of_present.misconception(
    "zeros left out", "You leave out zeros. A measured 0 is a number: it belongs to the mean."
)
def _(x):
    kept = x[~np.isnan(x) & (x != 0)]
    return float(kept.mean()) if kept.size else math.nan


@mean_of_present.misconception(
    "stops at the first gap", "You stop at the first NaN. What comes after it counts too: `continue` or `break`?"
)
def _(x):
    total, count = 0.0, 0
    for value in x:
        if math.isnan(value):
            break
        total, count = total + value, count + 1
    return float(total / count) if count else math.nan


# --- the race ---------------------------------------------------------------------------------------------------------


@st.composite
def _labels(draw):
    bins = draw(st.integers(2, 4))
    labels = np.array(draw(st.lists(st.integers(0, bins - 1), min_size=5, max_size=14)))
    return ParallelFor(), labels, bins, draw(st.integers(2, 4))


@exercise(
    points=3,
    examples=[
        (ParallelFor(), np.array([0, 1, 1, 0]), 2, 2),
        (ParallelFor(), np.array([0, 1, 1, 0, 2]), 3, 2),
        (ParallelFor(), np.array([2, 2, 2, 2, 2, 2, 0]), 3, 3),
        (ParallelFor(), np.array([1, 1, 0, 1, 2, 3, 3, 3, 0, 1]), 4, 4),
        (ParallelFor(), np.array([3, 1, 3]), 4, 4),
    ],
    cases=_labels(),
    hints=[
        "Give each part a row of counts of its own: table = np.zeros((parts, bins), …). Round `part` writes row `part` "
        "and no other, so no two rounds meet.",
        "Round `part` counts the labels part, part + parts, part + 2·parts, …: range(part, labels.size, parts) "
        "leaves none out, whatever the sizes are.",
        "def count(part, labels, table): a loop with table[part, labels[i]] += 1. Then parallel_for(count, parts, "
        "labels, table), and table.sum(axis=0).",
    ],
)
def parallel_histogram(parallel_for, labels, bins, parts):
    """How often each label occurs, counted by several rounds at the same time, without a race.

    parallel_for: function, parallel_for(body, n, *arrays) calls body(i, *arrays) for i = 0 … n − 1 as `prange` may: in
        any order, all at the same time. It raises Race where two rounds meet in a cell and one of them writes
    labels: integer array of shape (n,), each at least 0 and below bins
    bins: int, how many labels there are
    parts: int, how many rounds shall share the work
    returns: int64 array of shape (bins,)
    """

    def count(part, labels, table):
        for i in range(part, labels.size, parts):
            table[part, labels[i]] += 1

    table = np.zeros((parts, bins), np.int64)
    parallel_for(count, parts, labels, table)
    return table.sum(axis=0)


def _counted(parallel_for, labels, parts, table, first, last, step=1, amount=None):
    """Rounds that count labels[first(part) : last(part) : step] into their own row."""

    def count(part, labels, table):
        for i in range(first(part), min(last(part), labels.size), step):
            if amount is None:
                table[part, labels[i]] += 1
            else:
                table[part, labels[i]] = amount

    parallel_for(count, parts, labels, table)
    return table


@parallel_histogram.misconception(
    "the race is still there",
    "Several rounds count into the same cell. Read, add one, write: what is lost when another round writes in between? "
    "Which array could each round have for itself?",
)
def _(parallel_for, labels, bins, parts):
    def count(i, labels, counts):
        counts[labels[i]] += 1

    counts = np.zeros(bins, np.int64)
    parallel_for(count, labels.size, labels, counts)
    return counts


@parallel_histogram.misconception(
    "the rest is left out",
    "n // parts labels for each round leave n % parts labels for nobody. Who counts the last ones?",
)
def _(parallel_for, labels, bins, parts):
    size = labels.size // parts
    table = np.zeros((parts, bins), np.int64)
    return _counted(parallel_for, labels, parts, table, lambda p: p * size, lambda p: (p + 1) * size).sum(axis=0)


@parallel_histogram.misconception(
    "borders counted twice",
    "Neighbouring parts share a label, which is counted twice. range(a, b) ends before b: where does the next begin?",
)
def _(parallel_for, labels, bins, parts):
    size = -(-labels.size // parts)
    table = np.zeros((parts, bins), np.int64)
    return _counted(parallel_for, labels, parts, table, lambda p: p * size, lambda p: (p + 1) * size + 1).sum(axis=0)


@parallel_histogram.misconception(
    "every round counts everything", "Each round counts all labels, so your counts are parts times too high. Deal the "
                                     "labels out."
)
def _(parallel_for, labels, bins, parts):
    table = np.zeros((parts, bins), np.int64)
    return _counted(parallel_for, labels, parts, table, lambda p: 0, lambda p: labels.size).sum(axis=0)


@parallel_histogram.misconception(
    "marks instead of counts", "A round that meets a label twice still writes 1. What must it add to?"
)
def _(parallel_for, labels, bins, parts):
    table = np.zeros((parts, bins), np.int64)
    return _counted(parallel_for, labels, parts, table, lambda p: p, lambda p: labels.size, parts, 1).sum(axis=0)


@parallel_histogram.misconception(
    "the table of all rounds", "You return a row for each round. How do the rows become one histogram?"
)
def _(parallel_for, labels, bins, parts):
    table = np.zeros((parts, bins), np.int64)
    return _counted(parallel_for, labels, parts, table, lambda p: p, lambda p: labels.size, parts)


@parallel_histogram.misconception(
    "summed over the labels",
    "You add up along the other axis: that says how many labels each round counted. Which axis are the rounds?",
)
def _(parallel_for, labels, bins, parts):
    table = np.zeros((parts, bins), np.int64)
    return _counted(parallel_for, labels, parts, table, lambda p: p, lambda p: labels.size, parts).sum(axis=1)


@parallel_histogram.misconception(
    "the first round only", "You return the first round's counts. Where are those of the others?"
)
def _(parallel_for, labels, bins, parts):
    table = np.zeros((parts, bins), np.int64)
    return _counted(parallel_for, labels, parts, table, lambda p: p, lambda p: labels.size, parts)[0]


# --- a fusion too many ------------------------------------------------------------------------------------------------


@st.composite
def _gradients(draw):
    return draw(_vectors(draw(st.integers(2, 5)))), draw(st.sampled_from([0.5, 1.0, 2.5, 5.0, 20.0]))


@exercise(
    points=2,
    seconds=COMPILING,
    examples=[
        (np.array([3.0, 4.0]), 1.0),
        (np.array([4.0, 3.0]), 1.0),
        (np.array([3.0, 4.0]), 10.0),
        (np.array([0.0, 0.0]), 1.0),
        (np.array([1.0, -2.0, 2.0]), 1.5),
        (np.array([0.5, -3.0]), 1.0),
    ],
    cases=_gradients(),
    tolerance=Tolerance(1e-9, 1e-12),
    hints=[
        "When you scale the first entry, which entries has the broken loop seen? Which ones does the norm need?",
        "Two loops: the first adds up the squares and writes nothing, the second scales. They cannot be one.",
        "Between them: norm = math.sqrt(total), and a scale that is limit / norm where norm > limit and 1 otherwise. "
        "Write into out = np.empty_like(g), not into g.",
    ],
)
def shorten_to_norm(g, limit):
    """Scales a gradient so that its norm is at most limit; a shorter one stays as it is.

    g: float64 array of shape (n,)
    limit: float > 0
    returns: a new array like g
    """
    norm = np.sqrt((g * g).sum())
    return g * (limit / norm if norm > limit else 1.0)


@shorten_to_norm.misconception(
    "fused one pass too far",
    "You scale each entry by the norm of the entries *so far*. The norm needs all of them before the first is scaled: "
    "what does that mean for the number of loops?",
)
def _(g, limit):
    norm = np.sqrt(np.cumsum(g * g))
    return g * np.where(norm > limit, limit / np.where(norm > 0, norm, 1), 1.0)


@shorten_to_norm.misconception(
    "each entry by itself", "You clip every entry to ±limit, which turns the gradient. Scaling all by one number does not."
)
def _(g, limit):
    return np.clip(g, -limit, limit)


@shorten_to_norm.misconception(
    "short ones stretched", "You bring every gradient to the length limit, short ones too. When should nothing happen?"
)
def _(g, limit):
    norm = np.sqrt((g * g).sum())
    return g * (limit / norm if norm > 0 else 1.0)


@shorten_to_norm.misconception(
    "no root", "You use the sum of squares as the norm. (3, 4) has the norm 5: what is missing?"
)
def _(g, limit):
    norm = (g * g).sum()
    return g * (limit / norm if norm > limit else 1.0)


@shorten_to_norm.misconception(
    "largest entry", "You take the largest entry for the norm. (3, 4) has the norm 5, not 4."
)
def _(g, limit):
    norm = np.abs(g).max()
    return g * (limit / norm if norm > limit else 1.0)


@shorten_to_norm.misconception(
    "sum of absolute values", "You add up absolute values: (3, 4) gives 7. The norm here is the root of the squares' sum."
)
def _(g, limit):
    norm = np.abs(g).sum()
    return g * (limit / norm if norm > limit else 1.0)


@shorten_to_norm.misconception(
    "divided, not scaled to the limit", "Your long gradients come out with the norm 1. What should their norm be?"
)
def _(g, limit):
    norm = np.sqrt((g * g).sum())
    return g / norm if norm > limit else g.copy()


@shorten_to_norm.misconception(
    "changes g in place",
    "The numbers are right, but you wrote them into the caller's own gradient. Where can they go instead?",
)
def _(g, limit):
    norm = np.sqrt((g * g).sum())
    g *= limit / norm if norm > limit else 1.0
    return g
