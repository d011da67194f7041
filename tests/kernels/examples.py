"""For each kernel: arguments to call it with, and what NumPy in float64 says that it must write.

One table serves the tests of the CPU kernels, of their CUDA twins and of the PTX: a kernel without an entry fails.
"""

import functools
import gc
import importlib
import inspect
import math
import pkgutil
import types
from typing import NamedTuple

import numpy as np

import course.kernels
from course.kernels.kernel import Kernel, _with_compiled_formulas, specialised
from course.kernels.normalization import BLOCK
from course.kernels.pointwise import SUM_BLOCK
from course.kernels.reduction import CHUNK, REDUCE, sum_chunks
from course.kernels.strided import EACH


class Example(NamedTuple):
    size: int  # elements, or rows for a kernel that works on rows
    args: list  # arrays and numbers, as the library passes them
    wanted: dict  # position among the arguments -> what must stand there afterwards

    def check(self, args, rtol, atol=None):
        """Raises AssertionError where the arrays that were written differ from what is wanted."""
        for position, wanted in self.wanted.items():
            np.testing.assert_allclose(args[position], wanted, rtol, rtol if atol is None else atol)


def all_kernels() -> list[Kernel]:
    """Every Kernel that exists once the course and all its files of kernels are imported, wherever it is kept."""
    for file in pkgutil.iter_modules(course.kernels.__path__):
        importlib.import_module(f"course.kernels.{file.name}")
    found = [k for k in gc.get_objects() if type(k) is Kernel and k.__module__.startswith("course.")]
    return sorted(found, key=lambda kernel: kernel.__name__)


def example(kernel: Kernel, dtype, numbers="ordinary", rows=5, columns=7) -> Example:
    """An example for `kernel` whose numbers are ordinary, or special: NaN, infinities, denormals."""
    family = kernel.__module__.rpartition(".")[2]
    make = functools.partial(FAMILIES[family], kernel) if family in FAMILIES else EXAMPLES[kernel.__name__]
    random = np.random.RandomState(rows * 100 + columns)
    kind = np.dtype(dtype).type

    def draw(*shape):
        values = random.standard_normal(shape).astype(dtype)
        if numbers == "special":
            tiny = np.finfo(dtype).smallest_subnormal * 3
            chosen = random.randint(0, 9, shape)
            for k, value in enumerate((np.nan, np.inf, -np.inf, tiny, 0.0)):
                values[chosen == k] = value
        return values

    with np.errstate(all="ignore"):
        return make(draw, kind, rows, columns)


def double(*arrays):
    return [a.astype(np.float64) for a in arrays]


# --- bias and activation ------------------------------------------------------------------------------------------


def bias_relu(draw, kind, rows, columns):
    z, b = draw(rows, columns), draw(columns)
    return Example(z.size, [z, b], {0: np.maximum(np.add(*double(z, b)), 0)})


def bias_relu_gradient(draw, kind, rows, columns):
    g, y = draw(rows, columns), draw(rows, columns)
    dz = np.where(y <= 0, 0, g.astype(float))
    return Example(columns, [g, y, np.empty_like(y), np.empty(columns, y.dtype)], {2: dz, 3: dz.sum(0)})


# --- softmax -----------------------------------------------------------------------------------------------------


def _softmax(z):
    e = np.exp(z - z.max(1, initial=-np.inf, keepdims=True))
    return e / e.sum(1, keepdims=True)


def softmax(draw, kind, rows, columns):
    z = draw(rows, columns)
    return Example(rows, [z, np.empty_like(z)], {1: _softmax(z.astype(float))})


def log_softmax(draw, kind, rows, columns):
    z = draw(rows, columns)
    z64 = z.astype(float) - z.astype(float).max(1, initial=-np.inf, keepdims=True)
    return Example(rows, [z, np.empty_like(z)], {1: z64 - np.log(np.exp(z64).sum(1, keepdims=True))})


def softmax_gradient(draw, kind, rows, columns):
    g, p = draw(rows, columns), _softmax(draw(rows, columns).astype(float)).astype(kind)
    wanted = p.astype(float) * (g - (g.astype(float) * p).sum(1, keepdims=True))
    return Example(rows, [p, g, np.empty_like(g)], {2: wanted})


def log_softmax_gradient(draw, kind, rows, columns):
    g, log_p = draw(rows, columns), -abs(draw(rows, columns))
    wanted = g - np.exp(log_p.astype(float)) * g.astype(float).sum(1, keepdims=True)
    return Example(rows, [log_p, g, np.empty_like(g)], {2: wanted})


# --- cross-entropy ------------------------------------------------------------------------------------------------

IGNORED = -100


def _logits_and_targets(draw, kind, rows, columns, smoothing):
    """Logits, classes of which every third row is ignored, class weights, and the textbook's p and t in float64."""
    z, y = draw(rows, columns), np.arange(rows) % columns
    y[::3] = IGNORED
    w = (1 + np.arange(columns) / 4).astype(z.dtype)
    z64, w64 = double(z, w)
    m = z64.max(1, initial=-np.inf, keepdims=True)
    e = np.exp(z64 - m)
    s = e.sum(1, keepdims=True)
    t = ((1 - smoothing) * (np.arange(columns) == y[:, None]) + smoothing / columns) * w64 * (y != IGNORED)[:, None]
    return z, y, w, t, e / s, np.log(s) + m - z64, m[:, 0], s[:, 0]


def cross_entropy(draw, kind, rows, columns, smoothing=0.1):
    z, y, w, t, p, minus_log_p, m, s = _logits_and_targets(draw, kind, rows, columns, smoothing)
    outputs = [np.full(rows, 9, z.dtype) for _ in range(4)]
    loss = np.where(y == IGNORED, 0, (t * minus_log_p).sum(1))
    args = [z, y, w, kind(smoothing), kind(columns), IGNORED, *outputs, np.array([-1])]
    extremes = {8: m, 9: s} if np.isfinite(z).all() else {}  # of a row with NaN only the loss is promised
    return Example(rows, args, {6: loss, 7: t.sum(1), 10: -1, **extremes})


def cross_entropy_gradient(draw, kind, rows, columns, smoothing=0.1):
    z, y, w, t, p, minus_log_p, m, s = _logits_and_targets(draw, kind, rows, columns, smoothing)
    g, total = draw(rows), t.sum(1)
    dz = np.where((y == IGNORED)[:, None], 0, g[:, None] * (total[:, None] * p - t))
    args = [z, y, w, kind(smoothing), kind(columns), *(x.astype(z.dtype) for x in (total, m, s)), g, np.empty_like(z)]
    return Example(rows, args, {9: dz})


# --- CTC ------------------------------------------------------------------------------------------------------------


def _alignments(draw, rows, columns):
    """Distributions and labels of which some repeat, and α, β, p and the gradient in float64, without logarithms."""
    z = np.nan_to_num(draw(4, rows, columns).astype(np.float64), posinf=1, neginf=-1) / 2
    log_y = z - np.log(np.exp(z).sum(2, keepdims=True))
    n = np.arange(rows)
    labels = np.zeros((rows, 5), np.int64)
    labels[:, 1], labels[:, 3] = 1 % columns, (1 + n % 2) % columns
    times, ends = 4 - n % 2, np.where(n % 3 == 1, 3, 5)
    alpha, beta, y = np.zeros((rows, 4, 5)), np.zeros((rows, 4, 5)), np.exp(log_y)
    p, du = np.zeros(rows), np.zeros_like(log_y)
    for i, (of, last, end) in enumerate(zip(labels, times - 1, ends)):
        of = of[:end]
        to = np.eye(end) + np.eye(end, k=-1) + np.diag(of[2:] != of[:-2], -2)
        alpha[i, 0, :2], beta[i, last, end - 2 : end] = y[0, i, of[:2]], y[last, i, of[-2:]]
        for t in range(1, last + 1):
            alpha[i, t, :end] = y[t, i, of] * (to @ alpha[i, t - 1, :end])
            beta[i, last - t, :end] = y[last - t, i, of] * (to.T @ beta[i, last - t + 1, :end])
        p[i] = alpha[i, last, end - 2 : end].sum()
        for t in range(last + 1):
            through = np.bincount(of, alpha[i, t, :end] * beta[i, t, :end], columns)
            du[t, i] = y[t, i] - through / y[t, i] / p[i]
    counted = (np.arange(4)[:, None] <= (times - 1)[:, None, None]) & (np.arange(5) < ends[:, None, None])
    logs = [np.where(counted, np.log(x), 0) for x in (alpha, beta)]
    return [log_y, labels, times, ends], *logs, -np.log(p), du


def ctc(draw, kind, rows, columns):
    (log_y, *lengths), alpha, _, loss, _ = _alignments(draw, rows, columns)
    args = [log_y.astype(kind), *lengths, np.zeros(alpha.shape, kind), np.empty(rows, kind)]
    return Example(rows, args, {4: alpha, 5: loss})


def ctc_backward(draw, kind, rows, columns):
    (log_y, *lengths), _, beta, _, _ = _alignments(draw, rows, columns)
    return Example(rows, [log_y.astype(kind), *lengths, np.zeros(beta.shape, kind)], {4: beta})


def ctc_gradient(draw, kind, rows, columns):
    (log_y, *lengths), alpha, beta, loss, du = _alignments(draw, rows, columns)
    g = np.linspace(-1, 1, rows)
    given = [x.astype(kind) for x in (alpha, beta, loss, g)]
    return Example(rows, [log_y.astype(kind), *lengths, *given, np.empty(du.shape, kind)], {8: g[:, None] * du})


# --- loops that serve many formulas: each must do what its formula says, number by number --------------------------

_NUMPY = {name: getattr(np, name, function) for name, function in vars(math).items()}
_NUMPY["lgamma"] = lambda x: math.lgamma(x) if x > 0 or x % 1 != 0 else math.inf


@functools.cache
def by_number(formula):
    """The formula with NumPy's functions for Python's, which raise where a kernel gives NaN or infinity."""
    formula = _with_compiled_formulas(formula, by_number)
    from_math = {name: _NUMPY[f.__name__] for name, f in formula.__globals__.items() if f in vars(math).values()}
    return specialised(formula, formula.__name__, math=types.SimpleNamespace(**_NUMPY), **from_math)


HYPERPARAMETERS = {
    "lr": 0.1, "momentum": 0.9, "dampening": 0.5, "weight_decay": 0.01, "nesterov": True, "maximize": True,
    "alpha": 0.9, "alpha_t": 0.3, "beta": 0.9, "rho": 0.9, "eps": 0.01, "beta1": 0.9, "beta2": 0.99,
    "correction1": 0.5, "correction2": 0.25, "decoupled": True, "share_g": 0.2, "share_m": 0.8, "rectification": 0.7,
    "eta": 0.3, "lambd": 0.1, "mu": 0.4, "eta_minus": 0.5, "eta_plus": 1.2, "shortest": 0.1, "longest": 1.5,
    "a": 0.2, "low": -0.5, "high": 0.7, "bound": 0.4, "value": 2.0, "scale": 1.1,
    "delta": 0.6, "margin": 0.8, "s": 2.0,
}  # fmt: skip


def hyperparameters(names, kind) -> tuple:
    values = [HYPERPARAMETERS[name] for name in names]
    return tuple(x if isinstance(x, bool) else kind(x) for x in values)


def update_rule(kernel, draw, kind, rows, columns):
    formula, n = kernel.formulas["formula"], rows * columns
    count = len(inspect.signature(kernel.cpu_loop).parameters) - 1  # the parameter, its gradient and the states
    names = list(inspect.signature(formula).parameters)
    arrays = [draw(n) if name in "pg" else np.abs(draw(n)) for name in names[:count]]
    if "mean" in names:  # a squared mean never exceeds the mean square
        arrays[names.index("mean")] = np.sqrt(arrays[names.index("v")]) / 2
    hyper = hyperparameters(names[count:], kind)
    results = np.array([by_number(formula)(*x, *hyper) for x in zip(*arrays)]).reshape(n, count - 1).T
    states = [np.where(np.abs(s) < np.finfo(np.float32).tiny, 0, s) for s in results[1:]]
    return Example(n, [*arrays, hyper], dict(zip([0, *range(2, count)], [results[0], *states], strict=True)))


def pointwise(kernel, draw, kind, rows, columns):
    formula, n = kernel.formulas["formula"], rows * columns
    loop = list(inspect.signature(kernel.cpu_loop).parameters)
    given = {name: draw(n) for name in ("x", "y") if name in loop}
    blocks = -(-n // SUM_BLOCK)
    given["g"] = kind(0.7) if kernel.__name__.startswith("even") else draw(n)
    given["out"], given["sums"] = np.empty(n, kind), np.empty(blocks, kind)
    given["numbers"] = hyperparameters(list(inspect.signature(formula).parameters)[1 + ("y" in loop):], kind)
    inputs = zip(*(given[name] for name in ("x", "y") if name in given))
    values = np.array([by_number(formula)(*x, *given["numbers"]) for x in inputs]) * (given["g"] if "g" in loop else 1)
    args = [given[name] for name in loop]
    if "sums" in loop:
        sums = [values[b * SUM_BLOCK : (b + 1) * SUM_BLOCK].sum() for b in range(blocks)]
        return Example(blocks, args, {loop.index("sums"): sums})
    return Example(n, args, {loop.index("out"): values})


# --- random numbers -----------------------------------------------------------------------------------------------


def philox_words(counter: int, seed: int) -> list[int]:
    """Philox4x32-10 by whole numbers of Python, of a counter of 128 bits."""
    x, key = [counter >> 32 * k & 0xFFFFFFFF for k in range(4)], [seed >> 32 * k & 0xFFFFFFFF for k in range(2)]
    for n in range(10):
        k0, k1 = key[0] + n * 0x9E3779B9, key[1] + n * 0xBB67AE85
        a, b = 0xD2511F53 * x[0], 0xCD9E8D57 * x[2]
        x = [(b >> 32 ^ x[1] ^ k0) & 0xFFFFFFFF, b & 0xFFFFFFFF, (a >> 32 ^ x[3] ^ k1) & 0xFFFFFFFF, a & 0xFFFFFFFF]
    return x


def _units(x, y, kind):
    """What two words are as a number from 0 to 1."""
    return (x >> 8) / 2**24 + ((y >> 3) / 2**53 if kind is np.float64 else 0)


DRAWS = {  # the numbers that a formula is given, and what it makes of x and two units
    "draw_uniform": ((-1.5, 2.5), lambda x, u, v, low, high: low + (high - low) * u),
    "draw_bernoulli": ((0.3, 1.25), lambda x, u, v, p, value: value * (u < p)),
    "draw_exponential": ((2.0,), lambda x, u, v, rate: -np.log1p(-u) / rate),
    "draw_normal": ((0.5, 2.0), lambda x, u, v, mean, std: (
        mean + std * np.sqrt(-2 * np.log1p(-u)) * np.cos(2 * np.pi * v))),
    "draw_integer": ((-3, 1000), lambda x, u, v, low, span: low + (x[1] * 2**32 + x[0]) % span),
}


def draw_random(kernel, draw, kind, rows, columns):
    n, seed, counter = rows * columns, 0x123456789ABCDEF0, 2**32 - 3
    numbers, value = DRAWS[kernel.__name__]
    blocks = [philox_words(counter + i, seed) for i in range(n)]
    wanted = [value(x, _units(x[0], x[1], kind), _units(x[2], x[3], kind), *numbers) for x in blocks]
    if kernel.__name__ == "draw_integer":
        out, given = np.empty(n, np.int64), tuple(map(np.int64, numbers))
    else:
        fine = 2.0**-53 if kind is np.float64 else 0
        out, given = np.empty(n, kind), tuple(map(kind, (fine, *numbers)))
    return Example(n, [out, np.uint64(seed), np.uint64(counter), given], {0: wanted})


# files whose loops serve many formulas
def strided(kernel, draw, kind, rows, columns):
    """A matrix that lies column by column, a row that serves all rows, and a number; so lies the result."""
    if kernel.__name__ == "count":
        out = np.empty(rows * columns, kind)
        return Example(out.size, [out, kind(-2), kind(3)], {0: np.arange(out.size) * 3 - 2})
    function = next(f for f, own in EACH.items() if own is kernel)
    operands = [draw(columns, rows).T, draw(columns), (kind(2),)][: int(kernel.__name__[5])]
    if function.__name__.startswith(("bitwise", "invert")) or function is np.where:
        changed = slice(1) if function is np.where else slice(2)
        operands[changed] = [x > 0 for x in operands[changed]]
    wanted = function(*(x[0] if isinstance(x, tuple) else x for x in operands))
    layouts = [(0, 0, 0, 1, rows), (0, 0, 0, 0, 1), (0,) * 5][: len(operands)]
    memory = [x if isinstance(x, tuple) else x.ravel("F") for x in operands]
    args = [np.empty(wanted.size, wanted.dtype), *memory, wanted.size, (1, rows, columns), layouts[0], *layouts]
    return Example(wanted.size, args, {0: wanted.ravel("F")})


def reduction(kernel, draw, kind, rows, columns):
    """Rows of a matrix that lies column by column."""
    if kernel is sum_chunks:
        x = np.concatenate([draw(rows), np.zeros(CHUNK - rows, kind), draw(rows)])[: 2 * CHUNK * rows]
        wanted = [x[:CHUNK].astype(float).sum(), x[CHUNK:].astype(float).sum()] if rows else []
        return Example(len(wanted), [x, np.empty(len(wanted), kind)], {1: wanted})
    x, way = draw(columns, rows).T, [(1, 1, rows), (0, 0, 0, 0, 1), (1, 1, columns), (0, 0, 0, 0, rows)]
    if kernel.formulas["formula"].__name__ in ("larger", "smaller"):
        find = np.argmax if kernel.formulas["formula"].__name__ == "larger" else np.argmin
        return Example(rows, [np.empty(rows, np.int64), x.ravel("F"), columns, *way], {0: find(x, 1)})
    function = next(f for f, own in REDUCE.items() if own is kernel)
    first = {np.add: 0, np.multiply: 1}.get(function, x.dtype.type(function.reduce(x, None, initial=0)))
    args = [np.empty(rows, kind), x.ravel("F"), kind(first), columns, 1, *way]
    return Example(rows, args, {0: function.reduce(x.astype(float), 1, initial=first)})


FAMILIES = {"update_rules": update_rule, "pointwise": pointwise, "philox": draw_random,
            "strided": strided, "reduction": reduction}

# --- matrices, order, places: on CUDA alone -------------------------------------------------------------------------


def matmul(draw, kind, rows, columns):
    """A batch of two: a lies column by column, b serves both."""
    from course.kernels.matmul import number_of_tiles

    inner = 2 * columns
    a, b, c = draw(2, inner, rows).swapaxes(1, 2), draw(1, inner, rows + 1), np.empty((2, rows, rows + 1), kind)
    a64, b64 = double(a, b)
    sizes = 2, rows, inner, rows + 1
    strides = (rows * inner, 1, rows), (0, rows + 1, 1)
    args = [a.swapaxes(1, 2).reshape(-1), b.reshape(-1), c.reshape(-1), sizes, *strides, kind(0)]
    return Example(number_of_tiles(sizes), args, {2: (a64 @ b64).reshape(-1)})


def locate(draw, kind, rows, columns):
    """Numbers that count from the start or the end of 4 places, the last of them outside."""
    at = np.arange(rows * columns) % 7 - 3
    at[-1:] = 4
    wanted, line = 5 + 3 * np.where(at < 0, at + 4, np.where(at < 4, at, 0)), (0, 0, 0, 0, 1)
    args = [np.empty_like(at), (5,), at, 4, 3, np.array([-1]), at.size, (1, 1, at.size), line, (0,) * 5, line]
    return Example(at.size, args, {0: wanted, 5: [at.size - 1]})


def _by_rows(rows, columns):
    """How kernels walk through a matrix, a row that serves all rows, and a number for each row."""
    return rows * columns, (1, rows, columns), (0, 0, 0, columns, 1), (0, 0, 0, 0, 1), (0, 0, 0, 1, 0)


def pick(draw, kind, rows, columns):
    x, at, walk = draw(4, columns), np.arange(rows) % 4, _by_rows(rows, columns)
    args = [np.empty(rows * columns, kind), x.ravel(), at * columns, *walk]
    return Example(rows * columns, args, {0: x[at].ravel()})


def put(draw, kind, rows, columns):
    """Every place is named once: of two that name one place either may be the last."""
    values, at, (n, sizes, matrix, row, numbers) = draw(rows, columns), np.arange(rows)[::-1], _by_rows(rows, columns)
    args = [np.empty(n, kind), at * columns, values.ravel(), n, sizes, row, numbers, matrix]
    return Example(n, args, {0: values[::-1].ravel()})


def add(draw, kind, rows, columns):
    values, at, (n, sizes, matrix, row, numbers) = draw(rows, columns), np.arange(rows) % 3, _by_rows(rows, columns)
    sums = np.zeros((3, columns))
    np.add.at(sums, at, values)
    args = [np.zeros(3 * columns, kind), at * columns, values.ravel(), n, sizes, row, numbers, matrix]
    return Example(n, args, {0: sums.ravel()})


def sort(draw, kind, rows, columns):
    """Rounded, so that there are equal numbers whose order shows."""
    x = np.round(draw(rows, columns))
    order = np.argsort(x, axis=1, kind="stable")
    wanted = np.take_along_axis(x, order, 1)
    return Example(rows, [x, np.empty(x.shape, np.int64), False], {0: wanted, 1: order})


def scan(draw, kind, rows, columns):
    x = draw(rows, columns)
    sums = x.astype(float).cumsum(1)
    return Example(rows, [x, np.empty_like(x), np.empty((rows, 1), kind)], {1: sums, 2: sums[:, -1:]})


def raise_stretches(draw, kind, rows, columns):
    from course.kernels.scan import STRETCH

    n = STRETCH + columns
    sums, totals = draw(1, n), draw(1, 2)
    wanted = sums.astype(float)
    wanted[:, STRETCH:] += totals[:, :1]
    return Example(n, [sums, totals], {0: wanted})


def true_places(draw, kind, rows, columns):
    mask = np.arange(rows * columns) % 3 == 1
    return Example(mask.size, [mask, mask.cumsum(), np.empty(mask.sum(), np.int64)], {2: np.flatnonzero(mask)})


# --- shuffling ----------------------------------------------------------------------------------------------------


def fisher_yates(draw, kind, rows, columns):
    n = rows * columns
    random = np.arange(1, max(n, 1), dtype=np.uint64) ** np.uint64(3) % np.uint64(2**32)
    order = list(range(n))
    for i in range(n - 1):
        j = i + int(random[i]) % (n - i)
        order[i], order[j] = order[j], order[i]
    return Example(n, [np.arange(n), random], {0: order})


# --- convolution and pooling ------------------------------------------------------------------------------------------


def _sides(x, columns, stride, dilation):
    """Each entry (a, b) of a filter: its entries of the columns, and the pixels that they stand for."""
    _, _, h, w, height, width = columns.shape
    for a, b in np.ndindex(h, w):
        top, left = dilation[0] * a, dilation[1] * b
        rows, places = slice(top, top + stride[0] * height, stride[0]), slice(left, left + stride[1] * width, stride[1])
        yield columns[:, :, a, b], x[:, :, rows, places]


def patches(draw, kind, rows, columns, stride=(2, 1), dilation=(1, 1)):
    x, seen = draw(rows, 2, 4, columns + 2), np.empty((rows, 2, 2, 3, 2, columns), kind)
    wanted = np.empty_like(seen)
    for entries, pixels in _sides(x, wanted, stride, dilation):
        entries[:] = pixels[:, :, :2, :columns]
    return Example(seen.size, [x, seen, stride, dilation], {1: wanted})


def patches_back(draw, kind, rows, columns, stride=(2, 1), dilation=(1, 1)):
    seen, x = draw(rows, 2, 2, 3, 2, columns), np.empty((rows, 2, 4, columns + 2), kind)
    wanted = np.zeros(x.shape)
    for entries, pixels in _sides(wanted, seen, stride, dilation):
        pixels[:, :, :2, :columns] += entries
    return Example(x.size, [seen, x, stride, dilation], {1: wanted})


def _sliding(rows, columns):
    """Images in a row, two groups of 2 channels of 4 × (columns + 2), under filters of 2 × 3: offsets of the taps,
    (number of images, filters, 3 rows of a result, its columns), and every place of a result in the row."""
    pitch, filters = columns + 2, 2 * (rows % 5 + 1)
    size = 4 * 4 * pitch
    g, c, a, b = np.ogrid[:2, :2, :2, :3]
    offsets = (((2 * g + c) * 4 + a) * pitch + b).reshape(2, 12)
    n, i, j = np.ogrid[:2, :3, :columns]
    return offsets, (2, filters, 3, columns), n * size + i * pitch + j, size, pitch


def slide(draw, kind, rows, columns):
    offsets, shape, places, size, pitch = _sliding(rows, columns)
    x, taps, bias = draw(2 * size + 16), draw(shape[1], 12), draw(shape[1])
    wanted = np.empty(shape)
    for o in range(shape[1]):
        seen = x[places[..., None] + offsets[2 * o // shape[1]]].astype(float)
        wanted[:, o] = bias[o] + (seen * taps[o]).sum(-1)
    return Example(wanted.size, [x, offsets, taps, bias, np.empty(shape, kind), size, pitch], {4: wanted})


def slide_back(draw, kind, rows, columns):
    offsets, shape, places, size, pitch = _sliding(rows, columns)
    g, x, wanted = draw(*shape), draw(2 * size + 16), np.empty((shape[1], 12))
    for o in range(shape[1]):
        seen = x[places[..., None] + offsets[2 * o // shape[1]]].astype(float)
        wanted[o] = (seen * g[:, o, ..., None]).sum((0, 1, 2))
    return Example(wanted.size, [g, x, offsets, np.empty(wanted.shape, kind), size, pitch], {3: wanted})


def _windows(rows, columns):
    """Images of 4 rows, windows of 2 × 2: first and last rows and columns. An odd number of images has overlaps."""
    step = 1 + (rows % 2 == 0)
    left = step * np.arange(columns)
    image = rows, 4, step * (columns - 1) + 2
    return image, (rows, 2, columns), [np.array([0, 2]), np.array([2, 4]), left, left + 2]


def _each_window(shape, windows):
    top, bottom, left, right = windows
    for p, i, j in np.ndindex(shape):
        yield (p, i, j), (p, slice(top[i], bottom[i]), slice(left[j], right[j]))


def max_pool(draw, kind, rows, columns):
    image, shape, windows = _windows(rows, columns)
    x, largest, at = draw(*image), np.empty(shape), np.empty(shape, np.int64)
    for place, (p, down, right) in _each_window(shape, windows):
        inside = x[p, down, right].reshape(-1)
        k = np.flatnonzero(np.isnan(inside))[-1] if np.isnan(inside).any() else np.argmax(inside)
        largest[place], at[place] = inside[k], (down.start + k // 2) * image[2] + right.start + k % 2
    outputs = [np.empty(shape, kind), np.empty(shape, np.int64)]
    return Example(at.size, [x, *outputs, *windows, (1, 1)], {1: largest, 2: at})


def sum_pool(draw, kind, rows, columns):
    image, shape, windows = _windows(rows, columns)
    x, sums = draw(*image), np.empty(shape)
    for place, window in _each_window(shape, windows):
        sums[place] = x[window].astype(float).sum()
    return Example(sums.size, [x, np.empty(shape, kind), *windows], {1: sums})


def sum_pool_back(draw, kind, rows, columns):
    image, shape, windows = _windows(rows, columns)
    g, dx = draw(*shape), np.zeros(image)
    for place, window in _each_window(shape, windows):
        dx[window] += g[place]
    return Example(dx.size, [g, np.empty(image, kind), *windows], {1: dx})


def scatter(draw, kind, rows, columns):
    g, at = draw(rows, columns), np.arange(rows * columns).reshape(rows, columns) ** 2 % (columns // 2 + 1)
    dx = np.zeros(g.shape)
    for p, k in np.ndindex(g.shape):
        dx[p, at[p, k]] += g[p, k]
    return Example(rows, [g, at, np.empty_like(g)], {2: dx})


# --- normalisation and embedding ------------------------------------------------------------------------------------


def _groups(draw, rows, columns):
    """Two planes of each group, and in float64: mean, variance and normalised numbers."""
    x = draw(2, rows, columns)
    mean, variance = x.astype(float).mean((0, 2)), x.astype(float).var((0, 2))
    r = 1 / np.sqrt(variance + 0.1)
    return x, mean, variance, r, (x - mean[:, None]) * r[:, None]


def moments(draw, kind, rows, columns):
    x, mean, variance, _, _ = _groups(draw, rows, columns)
    return Example(rows, [x, *np.empty((2, rows), kind), kind(2 * columns)], {1: mean, 2: variance})


def normalize(draw, kind, rows, columns):
    x, mean, _, r, x_hat = _groups(draw, rows, columns)
    w, b = draw(rows), draw(rows)
    y = x_hat * w[:, None] + b[:, None]
    return Example(rows, [x, mean.astype(kind), r.astype(kind), w, b, np.empty_like(x)], {5: y})


def normalize_gradient(draw, kind, rows, columns):
    x, mean, _, r, x_hat = _groups(draw, rows, columns)
    g, w, average = draw(*x.shape), draw(rows), lambda x: x.mean((0, 2), keepdims=True)
    dx = (w * r)[:, None] * (g - average(g.astype(float)) - x_hat * average(g * x_hat))
    dw, db = (g * x_hat).sum((0, 2)), g.astype(float).sum((0, 2))
    args = [g, x, mean.astype(kind), r.astype(kind), w, np.empty_like(x), *np.empty((2, rows), kind), kind(2 * columns)]
    return Example(rows, args, {5: dx, 6: dw, 7: db})


def layer_norm(draw, kind, rows, columns):
    x, w, b = draw(rows, columns), draw(columns), draw(columns)
    mean, variance = x.astype(float).mean(1), x.astype(float).var(1)
    r = 1 / np.sqrt(variance + 0.1)
    args = [x, w, b, kind(0.1), *np.empty((2, rows), kind), np.empty_like(x), kind(columns)]
    return Example(rows, args, {4: mean, 5: r, 6: (x - mean[:, None]) * r[:, None] * w + b})


def layer_norm_gradient(draw, kind, rows, columns):
    g, x, w, average = draw(rows, columns), draw(rows, columns), draw(columns), lambda x: x.mean(1, keepdims=True)
    mean, r = x.astype(float).mean(1), 1 / np.sqrt(x.astype(float).var(1) + 0.1)
    x_hat, gw = (x - mean[:, None]) * r[:, None], g.astype(float) * w
    dx = r[:, None] * (gw - average(gw) - x_hat * average(gw * x_hat))
    edges = range(0, rows, BLOCK)
    dw, db = np.add.reduceat(g * x_hat, edges), np.add.reduceat(g.astype(float), edges)
    sums = np.zeros((2, *dw.shape), kind)
    args = [g, x, mean.astype(kind), r.astype(kind), w, np.empty_like(x), *sums, kind(columns)]
    return Example(len(edges), args, {5: dx, 6: dw, 7: db})


def add_rows(draw, kind, rows, columns):
    g, index, dw = draw(rows, columns), np.arange(rows) ** 2 % 3, np.zeros((3, columns))
    np.add.at(dw, index, g)
    return Example(columns, [g, index, np.zeros((3, columns), kind)], {2: dw})


# --- recurrent cells ----------------------------------------------------------------------------------------------


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _cell(draw, rows, columns, gates, parts, kept):
    """a, b, bias and the state of a step, and all of it in float64 with the bias added to b; places for the results."""
    a, b, bias = draw(rows, gates * columns), draw(rows, gates * columns), draw(gates * columns)
    state = draw(parts, rows, columns)
    a64, b64, bias64, state64 = double(a, b, bias, state)
    places = np.empty((rows, kept * columns), a.dtype), np.empty_like(state)
    return [a, b, bias, state, *places], a64, b64 + bias64, state64


def lstm(draw, kind, rows, columns):
    args, a, b, (_, c) = _cell(draw, rows, columns, 4, 2, 4)
    i, f, g, o = np.split(a + b, 4, -1)
    i, f, g, o = _sigmoid(i), _sigmoid(f), np.tanh(g), _sigmoid(o)
    c = f * c + i * g
    return Example(rows * columns, args, {4: np.hstack([i, f, g, o]), 5: np.stack([o * np.tanh(c), c])})


def gru(draw, kind, rows, columns):
    args, a, b, (h,) = _cell(draw, rows, columns, 3, 1, 4)
    (a_r, a_z, a_n), (b_r, b_z, b_n) = np.split(a, 3, -1), np.split(b, 3, -1)
    r, z = _sigmoid(a_r + b_r), _sigmoid(a_z + b_z)
    n = np.tanh(a_n + r * b_n)
    return Example(rows * columns, args, {4: np.hstack([r, z, n, b_n]), 5: [(h - n) * z + n]})


def rnn(activation, draw, kind, rows, columns):
    args, a, b, _ = _cell(draw, rows, columns, 1, 1, 0)
    return Example(rows * columns, args, {5: [activation(a + b)]})


def _cell_back(draw, rows, columns, gates, parts, kept):
    """g, d_h, past, kept (between 0 and 1), state, after, places for d_a and d_b; the first six again in float64."""
    args = [draw(rows, columns), draw(rows, columns), draw(parts, rows, columns)]
    args += [_sigmoid(draw(rows, kept * columns)), draw(parts, rows, columns), draw(parts, rows, columns)]
    args[5][abs(args[5]) < 1e-30] = 0  # whose tanh is 0 in the kernel: times infinity that is NaN
    doubles = double(*args)
    return args + [np.zeros((rows, gates * columns), args[0].dtype) for _ in "ab"], doubles


def lstm_gradient(draw, kind, rows, columns):
    args, (g, d_h, (_, d_c), kept, (_, c), (_, new_c)) = _cell_back(draw, rows, columns, 4, 2, 4)
    i, f, new, o = np.split(kept, 4, -1)
    d_h = d_h + g
    d_c = d_c + d_h * o * (1 - np.tanh(new_c) ** 2)
    d_i, d_f, d_new = d_c * new * i * (1 - i), d_c * c * f * (1 - f), d_c * i * (1 - new * new)
    d_o = d_h * np.tanh(new_c) * o * (1 - o)
    past = np.stack([args[2][0], d_c * f])
    return Example(rows * columns, args, {1: d_h, 2: past, 6: np.hstack([d_i, d_f, d_new, d_o])})


def gru_gradient(draw, kind, rows, columns):
    args, (g, d_h, (past,), kept, (h,), _) = _cell_back(draw, rows, columns, 3, 1, 4)
    r, z, n, b_n = np.split(kept, 4, -1)
    d_h = d_h + (g + past)
    d_n = (d_h - d_h * z) * (1 - n * n)
    d_r, d_z = d_n * b_n * r * (1 - r), d_h * (h - n) * z * (1 - z)
    wanted = {1: d_h, 2: [d_h * z], 6: np.hstack([d_r, d_z, d_n]), 7: np.hstack([d_r, d_z, d_n * r])}
    return Example(rows * columns, args, wanted)


def rnn_gradient(slope, draw, kind, rows, columns):
    args, (g, d_h, _, _, _, (new_h,)) = _cell_back(draw, rows, columns, 1, 1, 0)
    return Example(rows * columns, args, {1: d_h + g, 6: slope(d_h + g, new_h)})


EXAMPLES = {
    "lstm": lstm,
    "lstm_gradient": lstm_gradient,
    "gru": gru,
    "gru_gradient": gru_gradient,
    "rnn_tanh": functools.partial(rnn, np.tanh),
    "rnn_gradient_tanh_gradient": functools.partial(rnn_gradient, lambda d, h: d * (1 - h * h)),
    "rnn_relu": functools.partial(rnn, lambda z: np.maximum(z, 0)),
    "rnn_gradient_relu_gradient": functools.partial(rnn_gradient, lambda d, h: np.where(h <= 0, 0, d)),
    "bias_relu": bias_relu,
    "bias_gradient_relu_gradient": bias_relu_gradient,
    "softmax": softmax,
    "log_softmax": log_softmax,
    "softmax_gradient": softmax_gradient,
    "log_softmax_gradient": log_softmax_gradient,
    "cross_entropy": cross_entropy,
    "cross_entropy_gradient": cross_entropy_gradient,
    "ctc": ctc,
    "ctc_backward": ctc_backward,
    "ctc_gradient": ctc_gradient,
    "fisher_yates": fisher_yates,
    "slide": slide,
    "slide_back": slide_back,
    "patches": patches,
    "patches_back": patches_back,
    "max_pool": max_pool,
    "scatter": scatter,
    "sum_pool": sum_pool,
    "sum_pool_back": sum_pool_back,
    "moments": moments,
    "normalize": normalize,
    "normalize_gradient": normalize_gradient,
    "layer_norm": layer_norm,
    "layer_norm_gradient": layer_norm_gradient,
    "add_rows": add_rows,
    "matmul": matmul,
    "locate": locate,
    "pick": pick,
    "put": put,
    "add": add,
    "sort": sort,
    "scan": scan,
    "raise_stretches": raise_stretches,
    "true_places": true_places,
}

# kernels that serve integers too
OF_INTEGERS = {"each_1_positive", "each_2_add", "each_2_floor_divide", "each_3_where", "count"}
OF_INTEGERS |= {"matmul", "locate", "pick", "put", "add", "sort", "scan", "raise_stretches", "draw_integer"}


def dtypes(name) -> list[str]:
    """The dtypes that a kernel serves."""
    return ["float32", "float64", *["int64"] * (name in OF_INTEGERS or name.startswith(("reduce", "find")))]
