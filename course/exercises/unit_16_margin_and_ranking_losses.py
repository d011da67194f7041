"""Unit 16: margin and ranking losses. The hinge, the slopes of a ranking loss, triplets, and a BPR step to mend."""

import numpy as np
from hypothesis import strategies as st

from course.exercises.specification import exercise


def _arrays(shape, unit=0.5, most=6):
    """Float64 arrays whose entries are small multiples of `unit`."""
    size = int(np.prod(shape))
    numbers = st.lists(st.integers(-most, most), min_size=size, max_size=size)
    return numbers.map(lambda numbers: unit * np.array(numbers, float).reshape(shape))


def _signs(size):
    return st.lists(st.sampled_from([-1.0, 1.0]), min_size=size, max_size=size).map(np.array)


# --- the hinge --------------------------------------------------------------------------------------------------------


@exercise(
    examples=[
        (np.array([2.0, 0.5, -1.0]), np.array([1.0, 1.0, 1.0])),
        (np.array([2.0, 0.5, -3.0]), np.array([-1.0, -1.0, -1.0])),
        (np.array([0.5]), np.array([1.0])),
        (np.array([-0.5, 3.0]), np.array([1.0, 1.0])),
        (np.array([1.5, -2.0, 0.0, 0.5]), np.array([1.0, -1.0, 1.0, -1.0])),
    ],
    cases=st.integers(1, 5).flatmap(lambda n: st.tuples(_arrays((n,)), _signs(n))),
    hints=[
        "A score of 2 for y = 1 costs nothing, 0.5 costs 0.5, −1 costs 2. The mean of the three is 0.8333.",
        "y times the score is how far the sample lies on its right side. It should be at least 1: what is missing to "
        "that costs, and nothing costs less than 0.",
        "np.maximum(0, …) works on each entry; the mean comes last.",
    ],
)
def hinge_loss(scores, y):
    """The mean hinge loss of a classifier of two classes, with margin 1.

    scores: array of shape (n,); above 0 it votes for class +1, below 0 for class −1
    y: array of shape (n,), the true classes, each +1.0 or −1.0
    returns: float
    """
    return np.mean(np.maximum(0, 1 - y * scores))


@hinge_loss.misconception(
    "no max", "You let a good score earn something: a score of 3 costs −2 and pays for others. What is the least a "
              "sample may cost?"
)
def _(scores, y):
    return np.mean(1 - y * scores)


@hinge_loss.misconception("sum instead of mean", "Your loss grows with the number of samples. What divides it by n?")
def _(scores, y):
    return np.sum(np.maximum(0, 1 - y * scores))


@hinge_loss.misconception(
    "wrong sign", "With you the *wrong* side is cheap. A score of 2 for y = 1 should cost 0: which sign gives that?"
)
def _(scores, y):
    return np.mean(np.maximum(0, 1 + y * scores))


@hinge_loss.misconception(
    "no margin",
    "You ask only for the right side. A score of 0.5 for y = 1 is right, and still costs 0.5: what should it exceed?",
)
def _(scores, y):
    return np.mean(np.maximum(0, -y * scores))


@hinge_loss.misconception(
    "hinge embedding",
    "That is `HingeEmbeddingLoss`: it reads the score as a distance, which should be small for y = 1. What should a "
    "score be?",
)
def _(scores, y):
    return np.mean(np.where(y == 1, scores, np.maximum(0, 1 - scores)))


@hinge_loss.misconception(
    "max after the mean", "You take the mean first, so one good sample pays for a bad one. Which comes first, max or mean?"
)
def _(scores, y):
    return np.maximum(0, np.mean(1 - y * scores))


@hinge_loss.misconception(
    "squared hinge", "You square what is missing: a score of −1 costs 4 with you, and 2 here. Where does the square come from?"
)
def _(scores, y):
    return np.mean(np.maximum(0, 1 - y * scores) ** 2)


@hinge_loss.misconception(
    "forgets y", "You treat every sample as one of class +1. What turns the sign for class −1?"
)
def _(scores, y):
    return np.mean(np.maximum(0, 1 - scores))


# --- the slopes of a ranking loss -------------------------------------------------------------------------------------


def _ranked(n):
    # margins between the multiples of ½ of which the scores are made: no case sits on the kink
    return st.tuples(_arrays((n,)), _arrays((n,)), _signs(n), st.sampled_from([0.25, 0.75, 1.25]))


def _slopes(x1, x2, y, margin, count=None, open_pairs=None, by=None):
    over = margin - y * (x1 - x2)
    is_open = over > 0 if open_pairs is None else open_pairs(x1, x2, y, margin)
    g = -y * is_open / (len(y) if count is None else count(is_open))
    g = g if by is None else g * by(over)
    return g + 0.0, -g + 0.0


@exercise(
    points=2,
    examples=[
        (np.array([2.0]), np.array([1.0]), np.array([1.0]), 1.25),
        (np.array([2.0]), np.array([1.0]), np.array([1.0]), 0.75),
        (np.array([2.0]), np.array([1.0]), np.array([-1.0]), 0.25),
        (np.array([2.0, 0.5, 0.0]), np.array([0.0, 0.0, 1.0]), np.array([1.0, 1.0, 1.0]), 0.75),
        (np.array([0.0, 1.0]), np.array([2.0, 0.0]), np.array([-1.0, -1.0]), 1.25),
    ],
    cases=st.integers(1, 4).flatmap(_ranked),
    hints=[
        "Take one pair first. Where margin − y (x₁ − x₂) is below 0 the loss is flat. Elsewhere, what is its slope by x₁?",
        "By x₁ it is −y, by x₂ it is +y. The mean over n pairs divides both by n.",
        "is_open = margin - y * (x1 - x2) > 0, then g1 = -y * is_open / len(y). And g2?",
    ],
)
def margin_ranking_gradient(x1, x2, y, margin):
    """The gradient of the mean margin ranking loss, mean of max(0, margin − y (x₁ − x₂)), by both scores.

    x1, x2: arrays of shape (n,), the scores of the two things of each pair
    y: array of shape (n,), +1.0 where the first should score higher, −1.0 where the second should
    margin: float; no pair is given that lies exactly on the kink
    returns: (g1, g2), two arrays of shape (n,)
    """
    is_open = margin - y * (x1 - x2) > 0
    g = y * is_open / len(y)
    return -g, g


@margin_ranking_gradient.misconception(
    "wrong sign", "A step against your gradient makes the loss larger. Should a larger x₁ raise the loss when y = 1?"
)
def _(x1, x2, y, margin):
    g1, g2 = _slopes(x1, x2, y, margin)
    return g2, g1


@margin_ranking_gradient.misconception(
    "sum instead of mean", "Your gradient is that of the sum. The loss is a mean over n pairs: what does that do to each slope?"
)
def _(x1, x2, y, margin):
    return _slopes(x1, x2, y, margin, count=lambda is_open: 1)


@margin_ranking_gradient.misconception(
    "every pair pulls",
    "With you every pair has a slope, also those that are far enough apart and cost nothing. What is the slope of a "
    "flat line?",
)
def _(x1, x2, y, margin):
    return _slopes(x1, x2, y, margin, open_pairs=lambda x1, x2, y, margin: np.ones(len(y)))


@margin_ranking_gradient.misconception(
    "only the wrong order pulls",
    "A pair in the right order, but less than the margin apart, has no slope with you. Does it cost something?",
)
def _(x1, x2, y, margin):
    return _slopes(x1, x2, y, margin, open_pairs=lambda x1, x2, y, margin: y * (x1 - x2) < 0)


@margin_ranking_gradient.misconception(
    "forgets y in the slope", "Where y = −1 the second should score higher. Does your slope turn round there?"
)
def _(x1, x2, y, margin):
    g = (margin - y * (x1 - x2) > 0) / len(y)
    return -g, g


@margin_ranking_gradient.misconception(
    "both in one direction", "You push both scores the same way; their difference stays as it is. How does x₂ enter the formula?"
)
def _(x1, x2, y, margin):
    g1, _ = _slopes(x1, x2, y, margin)
    return g1, g1


@margin_ranking_gradient.misconception(
    "the slope of a square",
    "Your slope grows with what is missing to the margin, like that of a square. What is the slope of a straight line?",
)
def _(x1, x2, y, margin):
    return _slopes(x1, x2, y, margin, by=lambda over: over)


@margin_ranking_gradient.misconception(
    "mean over the open pairs",
    "You divide by the number of pairs that still cost something. The mean is over all n, those that cost 0 included.",
)
def _(x1, x2, y, margin):
    return _slopes(x1, x2, y, margin, count=lambda is_open: max(is_open.sum(), 1))


# --- triplets ---------------------------------------------------------------------------------------------------------


@st.composite
def _triplets(draw):
    shape = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    return (*(draw(_arrays(shape, unit=1.0, most=4)) for _ in range(3)), draw(st.sampled_from([1.0, 0.5, 2.0])))


def _triplet(a, p, n, margin, length=lambda d: np.sqrt((d**2).sum(1))):
    return length(a - p) - length(a - n) + margin


@exercise(
    points=2,
    examples=[
        (np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]]), np.array([[0.0, 5.5]]), 1.0),
        (np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]]), np.array([[0.0, 3.0]]), 1.0),
        (np.array([[0.0], [0.0]]), np.array([[1.0], [1.0]]), np.array([[5.0], [1.0]]), 1.0),
        (np.array([[1.0, 1.0], [0.0, 2.0]]), np.array([[4.0, 5.0], [0.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 1.5]]), 0.5),
        (np.array([[0.0], [0.0]]), np.array([[2.0], [4.0]]), np.array([[2.5], [4.5]]), 2.0),
    ],
    cases=_triplets(),
    hints=[
        "With a = (0, 0), p = (3, 4), n = (0, 5.5) the two distances are 5 and 5.5, and with margin 1 the loss is 0.5.",
        "A distance for each row: np.linalg.norm(…, axis=1). Then combine the two distances row by row.",
        "near and far have shape (n,); the loss is the mean of np.maximum(0, near - far + margin).",
    ],
)
def triplet_loss(anchor, positive, negative, margin):
    """The mean triplet loss: the positive should be nearer to the anchor than the negative, by the margin.

    anchor, positive, negative: arrays of shape (n, features), n triplets
    margin: float
    returns: float, the mean of max(0, d(a, p) − d(a, n) + margin) with the Euclidean distance d
    """
    near = np.linalg.norm(anchor - positive, axis=1)
    far = np.linalg.norm(anchor - negative, axis=1)
    return np.mean(np.maximum(0, near - far + margin))


@triplet_loss.misconception(
    "squared distances", "You compare squared distances: (3, 4) is 25 away with you. What makes 5 of 25?"
)
def _(anchor, positive, negative, margin):
    return np.mean(np.maximum(0, _triplet(anchor, positive, negative, margin, lambda d: (d**2).sum(1))))


@triplet_loss.misconception(
    "positive and negative swapped", "Your loss asks the negative to be the nearer one. Which distance should be small?"
)
def _(anchor, positive, negative, margin):
    return np.mean(np.maximum(0, _triplet(anchor, negative, positive, margin)))


@triplet_loss.misconception(
    "no max", "An easy triplet earns something with you, the more the farther its negative. What is the least it may cost?"
)
def _(anchor, positive, negative, margin):
    return np.mean(_triplet(anchor, positive, negative, margin))


@triplet_loss.misconception(
    "max after the mean", "You average first, so easy triplets pay for hard ones. Where does the max belong?"
)
def _(anchor, positive, negative, margin):
    return max(0.0, np.mean(_triplet(anchor, positive, negative, margin)))


@triplet_loss.misconception(
    "no margin", "You are content as soon as the positive is nearer, by however little. Where does the margin enter?"
)
def _(anchor, positive, negative, margin):
    return np.mean(np.maximum(0, _triplet(anchor, positive, negative, 0.0)))


@triplet_loss.misconception(
    "margin subtracted", "Your margin makes it easier: a negative that is too near costs nothing. Plus or minus?"
)
def _(anchor, positive, negative, margin):
    return np.mean(np.maximum(0, _triplet(anchor, positive, negative, -margin)))


@triplet_loss.misconception(
    "sum instead of mean", "Your loss grows with the number of triplets. Which function takes the mean of the rows?"
)
def _(anchor, positive, negative, margin):
    return np.sum(np.maximum(0, _triplet(anchor, positive, negative, margin)))


@triplet_loss.misconception(
    "one distance for all rows",
    "np.linalg.norm of the whole table gives a single number. You need one distance for each row: what does axis do?",
)
def _(anchor, positive, negative, margin):
    return max(0.0, _triplet(anchor, positive, negative, margin, np.linalg.norm))


@triplet_loss.misconception(
    "city-block distance", "You add up absolute differences: (3, 4) is 7 away with you. Euclid's distance is 5."
)
def _(anchor, positive, negative, margin):
    return np.mean(np.maximum(0, _triplet(anchor, positive, negative, margin, lambda d: np.abs(d).sum(1))))


# --- a BPR step to mend -----------------------------------------------------------------------------------------------


@st.composite
def _choices(draw):
    features, people, films = draw(st.integers(1, 3)), draw(st.integers(1, 2)), draw(st.integers(2, 3))
    i, j = draw(st.permutations(range(films)))[:2]
    table = [draw(_arrays((rows, features), most=4)) for rows in (people, films)]
    return *table, draw(st.integers(0, people - 1)), i, j, draw(st.sampled_from([0.1, 0.5, 1.0]))


def _bpr(users, items, u, i, j, lr, pull=lambda d: 1 / (1 + np.exp(d)), new_user=False, i_sign=1, j_sign=-1, u_sign=1):
    users, items = users.copy(), items.copy()
    user, gap = users[u].copy(), items[i] - items[j]
    step = lr * pull(user @ gap)
    users[u] += u_sign * step * gap
    user = users[u] if new_user else user
    items[i] += i_sign * step * user
    items[j] += j_sign * step * user
    return users, items


@exercise(
    points=2,
    examples=[
        (np.array([[1.0]]), np.array([[1.0], [-1.0]]), 0, 0, 1, 0.5),
        (np.array([[1.0]]), np.array([[1.0], [1.0]]), 0, 0, 1, 1.0),
        (np.array([[1.0, 0.0]]), np.array([[0.0, 1.0], [0.5, 0.0]]), 0, 0, 1, 1.0),
        (np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), 1, 2, 0, 0.1),
    ],
    cases=_choices(),
    hints=[
        "Take users = [[1]], items = [[1], [1]], lr = 1: the scores are equal, σ(0) = ½. The user stays at 1, the chosen "
        "film goes to 1.5, the other to 0.5.",
        "The slope of −log σ(d) is −σ(−d): large when the order is wrong, small when it is right. And all three slopes "
        "belong to the place where the step begins.",
        "Three lines are wrong: pull should be 1 / (1 + exp(d)); the user before the step must be kept for the films; "
        "film j goes down, not up.",
    ],
)
def bpr_step(users, items, u, i, j, lr):
    """One step of gradient descent on −log σ(d), d = users[u]·items[i] − users[u]·items[j].

    users: array of shape (people, features)
    items: array of shape (films, features)
    u, i, j: ints, person u chose film i and not film j
    lr: float, the learning rate
    returns: (users, items), two new arrays
    """
    users, items = users.copy(), items.copy()
    user, gap = users[u].copy(), items[i] - items[j]
    pull = 1 / (1 + np.exp(user @ gap))
    users[u] += lr * pull * gap
    items[i] += lr * pull * user
    items[j] -= lr * pull * user
    return users, items


@bpr_step.misconception(
    "still the broken step", "This gives what the broken step gave. Take equal scores, lr = 1, and go through it by hand."
)
def _(users, items, u, i, j, lr):
    return _bpr(users, items, u, i, j, lr, pull=lambda d: 1 / (1 + np.exp(-d)), new_user=True, j_sign=1)


@bpr_step.misconception(
    "pulls hardest where it is right",
    "Your pull is σ(d): it grows the more the order is right. A pair in the wrong order needs the pull most: which "
    "sign has d?",
)
def _(users, items, u, i, j, lr):
    return _bpr(users, items, u, i, j, lr, pull=lambda d: 1 / (1 + np.exp(-d)))


@bpr_step.misconception(
    "films see the moved user",
    "You move the user, then move the films along the *new* user. All slopes belong to the place where the step begins: "
    "what must you keep?",
)
def _(users, items, u, i, j, lr):
    return _bpr(users, items, u, i, j, lr, new_user=True)


@bpr_step.misconception(
    "both films rise", "You raise the score of the film that was not chosen too. In d it stands with a minus: which way should it go?"
)
def _(users, items, u, i, j, lr):
    return _bpr(users, items, u, i, j, lr, j_sign=1)


@bpr_step.misconception(
    "pulls hardest where it is right, and films see the moved user",
    "Two faults are left: your pull is σ(d), and the films move along the *new* user. Which sign has d in the pull, and "
    "which user belongs to the place where the step begins?",
)
def _(users, items, u, i, j, lr):
    return _bpr(users, items, u, i, j, lr, pull=lambda d: 1 / (1 + np.exp(-d)), new_user=True)


@bpr_step.misconception(
    "pulls hardest where it is right, and both films rise",
    "Two faults are left: your pull is σ(d), and the film that was not chosen rises too. Which signs have d and j?",
)
def _(users, items, u, i, j, lr):
    return _bpr(users, items, u, i, j, lr, pull=lambda d: 1 / (1 + np.exp(-d)), j_sign=1)


@bpr_step.misconception(
    "films see the moved user, and both rise",
    "Two faults are left: the films move along the *new* user, and the one that was not chosen rises too.",
)
def _(users, items, u, i, j, lr):
    return _bpr(users, items, u, i, j, lr, new_user=True, j_sign=1)


@bpr_step.misconception(
    "the other film stays", "Film j does not move with you. d depends on it: what is its slope?"
)
def _(users, items, u, i, j, lr):
    return _bpr(users, items, u, i, j, lr, j_sign=0)


@bpr_step.misconception(
    "the user stays", "Only the films move with you. d depends on the user too: along which direction should he go?"
)
def _(users, items, u, i, j, lr):
    return _bpr(users, items, u, i, j, lr, u_sign=0)


@bpr_step.misconception(
    "uphill", "Your step makes d smaller: after it the wrong film is further ahead. Which sign do all three updates have?"
)
def _(users, items, u, i, j, lr):
    return _bpr(users, items, u, i, j, -lr)


@bpr_step.misconception(
    "always the same pull", "You pull at every pair alike. −log σ(d) is steep where d is below 0 and flat where it is large: "
                            "what is its slope?"
)
def _(users, items, u, i, j, lr):
    return _bpr(users, items, u, i, j, lr, pull=lambda d: 1.0)
