"""Unit 10: learning-rate schedules. A factor to find, a warm-up with a cosine, a plateau schedule to mend."""

import math

import numpy as np
from hypothesis import strategies as st

from course.exercises.specification import exercise

# --- the factor of a decay --------------------------------------------------------------------------------------------


@exercise(
    examples=[(1.0, 0.25, 2), (0.1, 0.001, 100), (1.0, 0.5, 1), (0.5, 0.5, 10), (0.2, 0.1, 3)],
    cases=st.tuples(st.sampled_from([1.0, 0.1, 0.5]), st.sampled_from([0.5, 0.1, 0.01, 0.2]), st.integers(2, 60)).map(
        lambda case: (case[0], case[0] * case[1], case[2])
    ),
    hints=[
        "From 1 to 0.25 in 2 calls: each call halves. Which power of γ leads from the first rate to the last?",
        "last = first · γ^steps. Divide by first; what undoes a power?",
    ],
)
def gamma_for(first, last, steps):
    """The factor γ with which an exponential schedule goes from one rate to another.

    first, last: floats, the rate at the start and after `steps` calls
    steps: int, how many calls, at least 1
    returns: float
    """
    return (last / first) ** (1 / steps)


@gamma_for.misconception("no root", "That is the factor of *all* calls together. What is that of one?")
def _(first, last, steps):
    return last / first


@gamma_for.misconception("upside down", "Your rate grows when it should fall. Which of the two is divided by which?")
def _(first, last, steps):
    return (first / last) ** (1 / steps)


@gamma_for.misconception(
    "divided by steps", "You spread the factor evenly by division. Factors multiply: which operation undoes a power?"
)
def _(first, last, steps):
    return last / first / steps


@gamma_for.misconception(
    "straight line", "That is how much a *linear* schedule takes away per call. What does an exponential one do?"
)
def _(first, last, steps):
    return 1 - (first - last) / first / steps


@gamma_for.misconception(
    "one call too many", "You counted one call more. From the first rate to the last there are `steps` of them."
)
def _(first, last, steps):
    return (last / first) ** (1 / (steps + 1))


@gamma_for.misconception(
    "a power instead of a root", "You raise to the power `steps`; γ to that power should give last/first. And back?"
)
def _(first, last, steps):
    return (last / first) ** steps


@gamma_for.misconception("always a square root", "The square root is right for two calls. And for more?")
def _(first, last, steps):
    return (last / first) ** 0.5


# --- warm-up, then cosine ---------------------------------------------------------------------------------------------


@st.composite
def _moments(draw):
    warmup = draw(st.integers(1, 10))
    total = warmup + draw(st.integers(1, 20))
    return draw(st.integers(0, total)), warmup, total, draw(st.sampled_from([1.0, 0.1, 0.5]))


@exercise(
    points=2,
    examples=[(0, 4, 12, 1.0), (2, 4, 12, 1.0), (4, 4, 12, 1.0), (8, 4, 12, 1.0), (12, 4, 12, 1.0), (6, 4, 12, 0.1),
              (1, 4, 12, 1.0), (10, 4, 12, 1.0), (3, 4, 12, 0.5)],
    cases=_moments(),
    hints=[
        "Two cases: before `warmup` a straight line from 0 to lr, after it half a cosine wave from lr to 0.",
        "The cosine begins at t = warmup and lasts total − warmup calls: which share of it is over at time t?",
        "share = (t - warmup) / (total - warmup); the rate is lr * (1 + math.cos(math.pi * share)) / 2",
    ],
)
def warmup_cosine(t, warmup, total, lr):
    """The learning rate of a schedule that rises in a straight line from 0, then falls to 0 along a cosine.

    t: int, how many calls have been made, from 0 to total
    warmup: int, the number of calls after which the rate is highest, at least 1
    total: int, the number of calls after which it is 0, above warmup
    lr: float, the highest rate
    returns: float
    """
    if t < warmup:
        return lr * t / warmup
    share = (t - warmup) / (total - warmup)
    return lr * (1 + math.cos(math.pi * share)) / 2


def _warmup_cosine(t, warmup, total, lr, rise=None, fall=None):
    if t < warmup:
        return lr * t / warmup if rise is None else rise
    share = (t - warmup) / (total - warmup)
    return lr * (1 + math.cos(math.pi * share)) / 2 if fall is None else fall(share)


@warmup_cosine.misconception(
    "the cosine starts at 0",
    "Your cosine runs from t = 0, so there is a jump where the warm-up ends. When does it begin, and how long is it?",
)
def _(t, warmup, total, lr):
    return _warmup_cosine(t, warmup, total, lr, fall=lambda share: lr * (1 + math.cos(math.pi * t / total)) / 2)


@warmup_cosine.misconception(
    "the cosine is too long", "It begins in the right place and lasts `total` calls. How many are left after the warm-up?"
)
def _(t, warmup, total, lr):
    late = (t - warmup) / total
    return _warmup_cosine(t, warmup, total, lr, fall=lambda share: lr * (1 + math.cos(math.pi * late)) / 2)


@warmup_cosine.misconception(
    "a straight line down", "Your fall is a straight line. What is cos(π · share) half-way, and at a quarter?"
)
def _(t, warmup, total, lr):
    return _warmup_cosine(t, warmup, total, lr, fall=lambda share: lr * (1 - share))


@warmup_cosine.misconception(
    "no half", "Right after the warm-up your rate is twice lr. 1 + cos goes from 2 to 0: what brings it to 1?"
)
def _(t, warmup, total, lr):
    return _warmup_cosine(t, warmup, total, lr, fall=lambda share: lr * (1 + math.cos(math.pi * share)))


@warmup_cosine.misconception(
    "a quarter wave", "You take cos from 0 to π/2. It ends at 0, but with a kink. Half a wave goes from 0 to π."
)
def _(t, warmup, total, lr):
    return _warmup_cosine(t, warmup, total, lr, fall=lambda share: lr * math.cos(math.pi * share / 2))


@warmup_cosine.misconception(
    "no warm-up", "Before `warmup` your rate is lr already. How does it get there from 0?"
)
def _(t, warmup, total, lr):
    return _warmup_cosine(t, warmup, total, lr, rise=lr)


@warmup_cosine.misconception(
    "warm-up one call ahead", "At t = 0 the rate should be 0. You count from 1: which fraction is right?"
)
def _(t, warmup, total, lr):
    return _warmup_cosine(t, warmup, total, lr, rise=lr * (t + 1) / warmup)


# --- a plateau schedule to mend ---------------------------------------------------------------------------------------


@st.composite
def _losses(draw):
    losses = draw(st.lists(st.integers(1, 6), min_size=1, max_size=10))
    return 0.5 * np.array(losses, float), draw(st.sampled_from([1.0, 0.1])), 0.5, draw(st.integers(0, 2))


def _plateau(losses, lr, factor, patience, keep_count=False, equal_is_better=False, against_last=False, early=False,
             late=False):
    best, bad, rates = math.inf, 0, []
    for loss in losses:
        if loss < best or (equal_is_better and loss == best):
            best, bad = loss, 0
        else:
            bad += 1
        if against_last:
            best = loss
        if late:
            rates.append(lr)
        if bad >= patience if early else bad > patience:
            lr = lr * factor
            bad = bad if keep_count else 0
        if not late:
            rates.append(lr)
    return np.array(rates)


@exercise(
    points=2,
    examples=[
        (np.array([1.0, 0.5, 0.5, 0.5, 0.5, 0.5]), 1.0, 0.1, 1),
        (np.array([1.0, 2.0, 1.5, 2.0, 1.5, 2.0, 1.5]), 1.0, 0.5, 1),
        (np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]), 1.0, 0.5, 2),
        (np.array([3.0, 2.0, 1.0]), 0.1, 0.5, 0),
        (np.array([2.0, 3.0, 3.0, 2.5, 3.0, 1.0, 2.0]), 1.0, 0.5, 0),
        (np.array([1.0]), 0.1, 0.5, 0),
        (np.array([1.0, 0.99995, 0.9999, 0.99985]), 1.0, 0.5, 1),  # hardly better is better
    ],
    cases=_losses(),
    hints=[
        "Take losses 1, 1, 1, 1, 1 and patience 1: the first sets the mark, the next two are no better, so the rate falls "
        "at the third. After that the count begins anew.",
        "`best` is the lowest loss so far, not the last one. In which case may it change?",
        "Three lines are wrong: best must change only when the loss is below it, bad > patience (not >=) triggers, and "
        "bad goes back to 0 after a drop.",
    ],
)
def plateau_rates(losses, lr, factor, patience):
    """The learning rate after each measured loss, lowered when the loss has not improved for a while.

    losses: array of shape (n,)
    lr: float, the first rate
    factor: float, what a drop multiplies the rate by
    patience: int, how many losses in a row may be no better than the best without a drop, 0 or more
    returns: array of shape (n,)
    """
    best, bad, rates = math.inf, 0, []
    for loss in losses:
        if loss < best:
            best, bad = loss, 0
        else:
            bad += 1
        if bad > patience:
            lr = lr * factor
            bad = 0
        rates.append(lr)
    return np.array(rates)


@plateau_rates.misconception(
    "still the broken loop", "This gives what the broken loop gave. Take five equal losses by hand and compare."
)
def _(losses, lr, factor, patience):
    return _plateau(losses, lr, factor, patience, keep_count=True, against_last=True, early=True)


@plateau_rates.misconception(
    "the count goes on", "After a drop your rate falls at every further loss. What must happen to the count?"
)
def _(losses, lr, factor, patience):
    return _plateau(losses, lr, factor, patience, keep_count=True)


@plateau_rates.misconception(
    "compares with the last loss",
    "You compare with the loss before. A loss that goes up and down then looks like progress: with what should it be "
    "compared?",
)
def _(losses, lr, factor, patience):
    return _plateau(losses, lr, factor, patience, against_last=True)


@plateau_rates.misconception(
    "one loss too impatient", "With patience 1 one bad loss is forgiven. When does the second come: at > or at >= ?"
)
def _(losses, lr, factor, patience):
    return _plateau(losses, lr, factor, patience, early=True)


@plateau_rates.misconception(
    "an equal loss counts as better", "A loss that only equals the best is no improvement: is that < or <= ?"
)
def _(losses, lr, factor, patience):
    return _plateau(losses, lr, factor, patience, equal_is_better=True)


@plateau_rates.misconception(
    "one entry late", "You note the rate before you lower it. The docstring asks for the rate *after* each loss."
)
def _(losses, lr, factor, patience):
    return _plateau(losses, lr, factor, patience, late=True)


@plateau_rates.misconception("never lowers", "Your rate stays as it is. Which line multiplies it by factor?")
def _(losses, lr, factor, patience):
    return np.full(len(losses), lr)
