"""For each kernel: arguments to call it with, and what NumPy in float64 says that it must write.

One table serves the tests of the CPU kernels, of their CUDA twins and of the PTX: a kernel without an entry fails.
"""

import functools
import importlib
import inspect
import pkgutil
from typing import NamedTuple

import numpy as np

import course.kernels
from course.kernels.kernel import Kernel, specialised


class Example(NamedTuple):
    size: int  # elements, or rows for a kernel that works on rows
    args: list  # arrays and numbers, as the library passes them
    wanted: dict  # position among the arguments -> what must stand there afterwards

    def check(self, args, rtol, atol=None):
        """Raises AssertionError where the arrays that were written differ from what is wanted."""
        for position, wanted in self.wanted.items():
            np.testing.assert_allclose(args[position], wanted, rtol, rtol if atol is None else atol)


def all_kernels() -> list[Kernel]:
    """Every Kernel of every file of course/kernels."""
    files = pkgutil.iter_modules(course.kernels.__path__)
    modules = [importlib.import_module(f"course.kernels.{file.name}") for file in files]
    return list({id(k): k for module in modules for k in vars(module).values() if isinstance(k, Kernel)}.values())


def example(kernel: Kernel, dtype, numbers="ordinary", rows=5, columns=7) -> Example:
    """An example for `kernel` whose numbers are ordinary, or special: NaN, infinities, denormals."""
    make = functools.partial(update_rule, kernel) if is_update_rule(kernel) else EXAMPLES.get(kernel.__name__)
    if make is None:
        raise LookupError(f"{kernel!r} has no example: add one to tests/kernels/examples.py")
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


def is_update_rule(kernel) -> bool:
    return "formula" in kernel.formulas and kernel.cpu_loop.__module__.endswith(".update_rules")


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


# --- update rules: whatever the rule, the loop must do what its formula says, number by number --------------------

HYPERPARAMETERS = {
    "lr": 0.1, "momentum": 0.9, "dampening": 0.5, "weight_decay": 0.01, "nesterov": True, "maximize": True,
    "alpha": 0.9, "alpha_t": 0.3, "beta": 0.9, "rho": 0.9, "eps": 0.01, "beta1": 0.9, "beta2": 0.99,
    "correction1": 0.5, "correction2": 0.25, "decoupled": True, "share_g": 0.2, "share_m": 0.8, "rectification": 0.7,
}  # fmt: skip


def update_rule(kernel, draw, kind, rows, columns):
    formula, n = kernel.formulas["formula"], rows * columns
    count = len(inspect.signature(kernel.cpu_loop).parameters) - 1  # the parameter, its gradient and the states
    names = list(inspect.signature(formula).parameters)
    arrays = [draw(n) if name in "pg" else np.abs(draw(n)) for name in names[:count]]
    if "mean" in names:  # a squared mean never exceeds the mean square
        arrays[names.index("mean")] = np.sqrt(arrays[names.index("v")]) / 2
    hyper = tuple(x if isinstance(x, bool) else kind(x) for x in (HYPERPARAMETERS[name] for name in names[count:]))
    by_number = specialised(formula, formula.__name__, sqrt=np.sqrt)  # math.sqrt would raise for -1
    results = np.array([by_number(*numbers, *hyper) for numbers in zip(*arrays)]).reshape(n, count - 1).T
    states = [np.where(np.abs(s) < np.finfo(np.float32).tiny, 0, s) for s in results[1:]]
    return Example(n, [*arrays, hyper], dict(zip([0, *range(2, count)], [results[0], *states], strict=True)))


# --- shuffling ----------------------------------------------------------------------------------------------------


def fisher_yates(draw, kind, rows, columns):
    n = rows * columns
    random = np.arange(1, max(n, 1), dtype=np.uint64) ** np.uint64(3) % np.uint64(2**32)
    order = list(range(n))
    for i in range(n - 1):
        j = i + int(random[i]) % (n - i)
        order[i], order[j] = order[j], order[i]
    return Example(n, [np.arange(n), random], {0: order})


EXAMPLES = {
    "bias_relu": bias_relu,
    "bias_gradient_relu_gradient": bias_relu_gradient,
    "cross_entropy": cross_entropy,
    "cross_entropy_gradient": cross_entropy_gradient,
    "fisher_yates": fisher_yates,
}
