"""Every loss with every option."""

import itertools
import warnings

import numpy as np

from .differentiated import differentiated, normal, positive
from .families import Cases

case = CASES = Cases()
REDUCED = ("mean", "sum", "none")


def probability(*shape):
    return lambda random: random.uniform(0.05, 0.95, shape)


def _with(name, *constants, **options):
    """The loss module `name` on the inputs and then on constants; lists among the options become weights."""

    def run(t, *inputs):
        made = {k: t.tensor(v, dtype=inputs[0].dtype) if isinstance(v, list) else v for k, v in options.items()}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return getattr(t.nn, name)(**made)(*inputs, *(constant(t, inputs[0]) for constant in constants))

    return run


def numbers(values):
    """A constant of the inputs' type."""
    return lambda t, like: t.tensor(values, dtype=like.dtype)


def classes(values):
    return lambda t, like: t.tensor(values)


OPERATIONS = {}


def _add(name, *constants, inputs, options=({},), reductions=REDUCED):
    """Cases for the first options with every reduction and for the others with one after the other."""
    others = zip(options[1:], itertools.cycle(reductions))
    for chosen, reduction in [*((options[0], r) for r in reductions), *others]:
        what = "_".join(f"{k}_{v}".replace(" ", "") for k, v in chosen.items())
        label = "_".join(filter(None, [name, what, reduction, "x".join(map(str, inputs[0](_Shapes)))]))
        OPERATIONS[label] = (_with(name, *constants, reduction=reduction, **chosen), *inputs)


class _Shapes:
    """Stands for a random generator and gives the shape that is asked for."""

    standard_normal = staticmethod(lambda shape: shape)
    uniform = staticmethod(lambda low, high, shape: shape)


TWO = [normal(2, 3), normal(2, 3)]
_add("MSELoss", inputs=TWO)
_add("L1Loss", inputs=TWO)
_add("SmoothL1Loss", inputs=TWO, options=[{}, {"beta": 0.3}, {"beta": 0}])
_add("HuberLoss", inputs=TWO, options=[{}, {"delta": 0.5}, {"delta": 2}])
_add("PoissonNLLLoss", inputs=[normal(2, 3), positive(2, 3)], options=[{}, {"full": True}])
_add("PoissonNLLLoss", inputs=[positive(2, 3), positive(2, 3)], options=[{"log_input": False, "eps": 0.1}])
_add("GaussianNLLLoss", inputs=[*TWO, positive(2, 3)], options=[{}, {"full": True}])
_add("GaussianNLLLoss", inputs=[normal(3, 2), normal(3, 2), positive(3, 1)], options=[{"eps": 0.8}])
_add("GaussianNLLLoss", inputs=[normal(2, 3), normal(2, 3), positive(2)])
_add("BCELoss", inputs=[probability(2, 3), probability(2, 3)], options=[{}, {"weight": [0.5, 2.0, 1.0]}])
_add("BCEWithLogitsLoss", inputs=[normal(2, 3), probability(2, 3)],
     options=[{}, {"weight": [0.5, 2.0, 1.0]}, {"pos_weight": [3.0, 1.0, 0.5]},
              {"weight": [[2.0], [0.5]], "pos_weight": [3.0, 1.0, 0.5]}])  # fmt: skip
_add("KLDivLoss", inputs=[normal(2, 3), probability(2, 3)], reductions=[*REDUCED, "batchmean"])
_add("KLDivLoss", inputs=TWO, options=[{"log_target": True}], reductions=[*REDUCED, "batchmean"])
_add("NLLLoss", classes([2, 0, 1, 2]), inputs=[normal(4, 3)],
     options=[{"weight": [0.5, 2.0, 1.5], "ignore_index": 0}, {}, {"ignore_index": 2}, {"weight": [0.5, 2.0, 1.5]}])
_add("NLLLoss", classes([[0, 1], [2, 1]]), inputs=[normal(2, 3, 2)], options=[{"weight": [0.5, 2.0, 1.5]}])
_add("NLLLoss", classes(1), inputs=[normal(3)])
_add("SoftMarginLoss", numbers([[1, -1, 1], [-1, -1, 1]]), inputs=[normal(2, 3)])
_add("MultiLabelSoftMarginLoss", inputs=[normal(2, 3), probability(2, 3)], options=[{}, {"weight": [0.5, 2.0, 1.0]}])
_add("MultiLabelSoftMarginLoss", inputs=[normal(3), probability(3)])
_add("HingeEmbeddingLoss", numbers([[1, -1, 1], [-1, -1, 1]]), inputs=[normal(2, 3)], options=[{}, {"margin": 0.3}])
_add("MarginRankingLoss", numbers([1, -1, 1, -1, 1]), inputs=[normal(5), normal(5)], options=[{}, {"margin": 0.5}])
_add("MarginRankingLoss", numbers([[1], [-1]]), inputs=[normal(2, 1), normal(2, 3)])
_add("MultiMarginLoss", classes([2, 0, 1, 2]), inputs=[normal(4, 3)],
     options=[{}, {"p": 2}, {"margin": 0.4}, {"p": 2, "margin": 0.4, "weight": [0.5, 2.0, 1.5]}])
_add("MultiMarginLoss", classes(1), inputs=[normal(3)])
_add("MultiLabelMarginLoss", classes([[3, 0, -1, 1], [-1, 0, 1, 2], [1, 2, 3, 0]]), inputs=[normal(3, 4)])
_add("MultiLabelMarginLoss", classes([2, 0, -1, 1]), inputs=[normal(4)])
_add("CosineEmbeddingLoss", numbers([1, -1, 1, -1]), inputs=[normal(4, 3), normal(4, 3)],
     options=[{}, {"margin": 0.4}, {"margin": -0.5}])
_add("CosineEmbeddingLoss", numbers(-1), inputs=[normal(4), normal(4)], options=[{"margin": -0.9}])
_add("TripletMarginLoss", inputs=[*TWO, normal(2, 3)],
     options=[{}, {"margin": 2.5, "p": 1}, {"swap": True}, {"p": 3}, {"p": float("inf")}, {"eps": 0.1, "p": 1.5}])
_add("TripletMarginLoss", inputs=[normal(1, 3), normal(2, 3), normal(2, 3)])

FUNCTIONS = {
    "mse_weighted": lambda F, x, y, w: F.mse_loss(x, y, weight=w),
    "mse_weighted_none": lambda F, x, y, w: F.mse_loss(x, y, reduction="none", weight=w),
    "l1_weighted": lambda F, x, y, w: F.l1_loss(x, y, weight=w),
    "l1_weighted_sum": lambda F, x, y, w: F.l1_loss(x, y, reduction="sum", weight=w),
    "huber_weighted": lambda F, x, y, w: F.huber_loss(x, y, delta=0.4, weight=w),
    "poisson_broadcast": lambda F, x, y, w: F.poisson_nll_loss(x[:1], w, full=True, reduction="sum") + (y * y).sum(),
    "gaussian_of_a_number": lambda F, x, y, w: F.gaussian_nll_loss(x, y, 2.0) + w.sum(),
}


def _bpr(t, x, y):
    """In PyTorch, BPR is written out."""
    if hasattr(t.nn, "losses_beyond_pytorch"):
        return t.nn.losses_beyond_pytorch.BPRLoss()(x, y)
    return -t.nn.functional.logsigmoid(x - y).mean()


OPERATIONS["bpr"] = (_bpr, normal(3, 1), normal(3, 4))
for _name, _function in FUNCTIONS.items():
    OPERATIONS[_name] = (lambda t, *x, f=_function: f(t.nn.functional, *x), *TWO, positive(2, 3))
CASES.update(differentiated(OPERATIONS, once=("MultiMarginLoss", "MultiLabelMarginLoss")))


# --- CTC ------------------------------------------------------------------------------------------------------------


def _ctc(torch, times, batch, symbols, *rest, dtype="float64", **options):
    """The loss and the gradient of the logits, and the gradient of log_probs, which is the same for PyTorch."""
    random = np.random.RandomState(times + batch)
    shape = (times, batch, symbols) if batch else (times, symbols)
    z = torch.tensor(3 * random.standard_normal(shape).astype(dtype), requires_grad=True)
    y = z.log_softmax(-1)
    y.retain_grad()
    loss = torch.nn.CTCLoss(**options)(y, *rest)
    loss.sum().backward()
    return [loss, z.grad, y.grad]


@case
def ctc(torch):
    one_row, rows = torch.tensor([1, 2, 2, 3, 1]), torch.tensor([[1, 2, 2], [3, 1, 0]])
    lengths = torch.tensor([6, 5]), torch.tensor([3, 2])
    tuples = (6, 5), (3, 2)
    found = {reduction: _ctc(torch, 6, 2, 4, one_row, *lengths, reduction=reduction) for reduction in REDUCED}
    return found | {
        "float32": _ctc(torch, 6, 2, 4, one_row, *lengths, dtype="float32"),
        "padded": _ctc(torch, 6, 2, 4, rows, *lengths, reduction="none"),
        "tuples": _ctc(torch, 6, 2, 4, one_row, *tuples),
        "blank": _ctc(torch, 6, 2, 5, rows, *lengths, blank=4),
        "single": _ctc(torch, 5, 0, 4, torch.tensor([1, 1]), torch.tensor(5), torch.tensor(2), reduction="none"),
        "no_labels": _ctc(torch, 3, 2, 3, torch.tensor([2]), (3, 3), (0, 1), reduction="none"),
        "too_short": _ctc(torch, 3, 2, 3, torch.tensor([1, 1, 2]), (2, 3), (2, 1), reduction="none"),
        "too_short_and_forgiven": _ctc(torch, 3, 2, 3, torch.tensor([1, 1, 2]), (2, 3), (2, 1), zero_infinity=True),
        "no_time": _ctc(torch, 3, 2, 3, torch.tensor([1, 2]), (0, 3), (1, 1), zero_infinity=True),
    }


@case
def ctc_of_hopeless_probabilities(torch):
    y = torch.full((50, 1, 3), -100.0, dtype=torch.float64, requires_grad=True)
    loss = torch.nn.CTCLoss(reduction="sum")(y, torch.tensor([[1, 2]]), (50,), (2,))
    loss.backward()
    return {"loss": loss, "grad": y.grad[::10]}


# --- at the edges ---------------------------------------------------------------------------------------------------


def _loss_and_slope(torch, name, x, *rest, **options):
    x = torch.tensor(x, requires_grad=True)
    loss = getattr(torch.nn, name)(reduction="none", **options)(x, *rest)
    loss.sum().backward()
    return [loss, x.grad]


@case
def extreme_logits(torch):
    x = [-1e30, -100.0, -20.0, -1e-9, 0.0, 1e-9, 20.0, 100.0, 1e30]
    zeros, ones = torch.zeros(9), torch.ones(9)
    return {
        "zeros": _loss_and_slope(torch, "BCEWithLogitsLoss", x, zeros),
        "ones": _loss_and_slope(torch, "BCEWithLogitsLoss", x, ones),
        "between": _loss_and_slope(torch, "BCEWithLogitsLoss", x[1:-1], torch.full((7,), 0.3)),
        "positive": _loss_and_slope(torch, "BCEWithLogitsLoss", x[1:-1], ones[:7], pos_weight=torch.tensor(3.0)),
        "soft_margin": _loss_and_slope(torch, "SoftMarginLoss", [-80.0, -20.0, 0.0, 20.0, 100.0], ones[:5]),
        "labels": _loss_and_slope(torch, "MultiLabelSoftMarginLoss", [[100.0, -100.0]], torch.tensor([[0.0, 1.0]])),
        "cross_entropy": _loss_and_slope(torch, "CrossEntropyLoss", [[100.0, -100.0], [-1e30, 1e30]],
                                         torch.tensor([1, 1])),
    }


@case
def probabilities_of_0_and_1(torch):
    p = [0.0, 0.0, 1.0, 1.0, 1e-30, 1e-9]
    return {
        "bce": _loss_and_slope(torch, "BCELoss", p, torch.tensor([0.0, 1.0, 0.0, 1.0, 1.0, 0.0])),
        "kl": _loss_and_slope(torch, "KLDivLoss", [-1.0, -2.0], torch.tensor([0.0, 1.0])),
    }


@case
def ties_and_kinks(torch):
    x, y = [0.0, 1.0, -1.0, 0.5, -0.5], torch.zeros(5)
    ones = torch.ones(5)
    return {
        "l1": _loss_and_slope(torch, "L1Loss", x, y), "smooth_l1": _loss_and_slope(torch, "SmoothL1Loss", x, y),
        "huber": _loss_and_slope(torch, "HuberLoss", x, y, delta=0.5),
        "hinge": _loss_and_slope(torch, "HingeEmbeddingLoss", x, -ones),
        "hinge_of_zeros": _loss_and_slope(torch, "HingeEmbeddingLoss", x, y),
        "ranking": _loss_and_slope(torch, "MarginRankingLoss", x, y, ones, margin=1.0),
        "multi_margin": _loss_and_slope(torch, "MultiMarginLoss", [[0.0, 1.0, -1.0]], torch.tensor([0])),
        "multi_label": _loss_and_slope(torch, "MultiLabelMarginLoss", [[0.0, 1.0, -1.0]], torch.tensor([[0, 0, -1]])),
        "same_vectors": _loss_and_slope(torch, "CosineEmbeddingLoss", [[1.0, 2.0], [0.0, 0.0]],
                                        torch.tensor([[1.0, 2.0], [1.0, 0.0]]), torch.tensor([1, -1])),
    }


@case
def not_a_number_and_infinity(torch):
    nan, inf = float("nan"), float("inf")
    x, y = [nan, inf, -inf, 1.0, 1.0], torch.tensor([1.0, 1.0, 1.0, nan, -inf])
    names = ("MSELoss", "SmoothL1Loss", "HuberLoss", "HingeEmbeddingLoss")
    # the slope of |x| is NaN at NaN here and 0 in PyTorch; a logit of −∞ costs ∞ here and NaN in PyTorch
    return {name: _loss_and_slope(torch, name, x, y) for name in names} | {
        "logits": _loss_and_slope(torch, "BCEWithLogitsLoss", [nan, 1.0, inf], torch.tensor([1.0, nan, 0.0])),
        "l1": torch.nn.L1Loss(reduction="none")(torch.tensor(x), y),
        "nll": _loss_and_slope(torch, "NLLLoss", [[-inf, 0.0], [nan, -1.0]], torch.tensor([0, 1])),
        "ignored": _loss_and_slope(torch, "NLLLoss", [[-inf, 0.0], [0.0, -1.0]], torch.tensor([0, 1]), ignore_index=0),
        "poisson": _loss_and_slope(torch, "PoissonNLLLoss", [nan, inf, -inf, 100.0], torch.ones(4)),
        "gaussian": torch.nn.GaussianNLLLoss()(torch.ones(2), torch.zeros(2), torch.tensor([0.0, inf])),
    }


@case
def empty_batches(torch):
    x, y = torch.zeros(0, 3), torch.zeros(0, dtype=torch.int64)
    pairs = ("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "BCELoss", "BCEWithLogitsLoss", "PoissonNLLLoss",
             "SoftMarginLoss", "HingeEmbeddingLoss", "MultiLabelSoftMarginLoss")
    found = {f"{name}_{r}": getattr(torch.nn, name)(reduction=r)(x, x) for name in pairs for r in REDUCED}
    for r in REDUCED:
        found |= {f"NLLLoss_{r}": torch.nn.NLLLoss(reduction=r)(x, y),
                  f"TripletMarginLoss_{r}": torch.nn.TripletMarginLoss(reduction=r)(x, x, x)}
    return found | {"kl": torch.nn.KLDivLoss(reduction="sum")(x, x)}


@case
def everything_ignored(torch):
    x = torch.tensor([[1.0, 2.0]], requires_grad=True)
    loss = torch.nn.NLLLoss(ignore_index=1)(x, torch.tensor([1]))
    loss.backward()
    return {"loss": loss, "grad": x.grad}


@case
def mixed_types(torch):
    x, y = torch.tensor([0.3, 0.7]), torch.tensor([1.0, 0.0], dtype=torch.float64)
    return {"mse": torch.nn.MSELoss()(x, y), "l1": torch.nn.L1Loss()(x, torch.tensor([1, 0])),
            "smooth": torch.nn.SmoothL1Loss()(y, x), "logits": torch.nn.BCEWithLogitsLoss()(x, y)}


@case
def texts_and_states(torch):
    loss = torch.nn.BCEWithLogitsLoss(weight=torch.ones(2), pos_weight=torch.tensor([2.0, 3.0]))
    return {"text": repr(loss), "names": list(loss.state_dict()), "numbers": list(loss.state_dict().values()),
            "triplet": repr(torch.nn.TripletMarginLoss(margin=2.0)), "none": len(torch.nn.NLLLoss().state_dict())}
