"""Losses of one prediction x and its class or probability y: the loss, its slope ∂/∂x and its curvature ∂²/∂x².

Whatever could overflow is written so that it does not: e^−|x| instead of e^x, log(1 + e^x) through `softplus`.
"""

from .exponential import exp
from .logarithm import log, log1p, log1p_of_fraction
from .pointwise import loss_kernels

# --- what they are made of ----------------------------------------------------------------------------------------


def sigmoid(x):
    """σ(x) = 1 / (1 + e^−x)."""
    one, small = type(x)(1), exp(-abs(x))
    return (small if x < type(x)(0) else one) / (one + small)


def softplus(x):
    """log(1 + e^x) = max(x, 0) + log(1 + e^−|x|)."""
    return (type(x)(0) if x < type(x)(0) else x) + log1p_of_fraction(exp(-abs(x)))


def at_least_minus_100(x):
    """max(x, −100): a logarithm that never becomes −∞."""
    low = type(x)(-100)
    return low if x < low else x


# --- two classes: y = 1 or 0, or a probability between ------------------------------------------------------------


def bce(x, y):
    """−y log x − (1 − y) log(1 − x), each logarithm at least −100."""
    return (y - type(x)(1)) * at_least_minus_100(log1p(-x)) - y * at_least_minus_100(log(x))


def bce_slope(x, y):
    """(x − y) / (x (1 − x)); the denominator is at least 10⁻¹²."""
    least, both = type(x)(1e-12), x * (type(x)(1) - x)
    return (x - y) / (least if both < least else both)


def bce_curvature(x, y):
    """y / x² + (1 − y) / (1 − x)² = (x² − 2 x y + y) / (x (1 − x))²; the denominator is at least 10⁻²⁴."""
    least, both = type(x)(1e-12), x * (type(x)(1) - x)
    both = least if both < least else both
    return (x * x - type(x)(2) * x * y + y) / both / both


def bce_with_logits(x, y):
    """−y log σ(x) − (1 − y) log(1 − σ(x)) = log(1 + e^x) − y x."""
    zero, one = type(x)(0), type(x)(1)
    straight = -y * x if x < zero else (one - y) * x  # max(x, 0) − y x
    return straight + log1p_of_fraction(exp(-abs(x)))


def bce_with_logits_slope(x, y):
    """σ(x) − y."""
    return sigmoid(x) - y


def bce_with_logits_curvature(x, y):
    """σ(x) (1 − σ(x)) = σ(x) σ(−x)."""
    return sigmoid(x) * sigmoid(-x)


# --- two classes, y = ±1 ------------------------------------------------------------------------------------------


def soft_margin(x, y):
    """log(1 + e^(−y x))."""
    return softplus(-y * x)


def soft_margin_slope(x, y):
    """−y σ(−y x)."""
    return -y * sigmoid(-y * x)


def soft_margin_curvature(x, y):
    """y² σ(y x) σ(−y x)."""
    return y * y * sigmoid(y * x) * sigmoid(-y * x)


def hinge_embedding(x, y, margin):
    """A distance x of alike things (y = 1) costs x, of unlike things (y = −1) max(0, margin − x)."""
    zero, one = type(x)(0), type(x)(1)
    alike = zero if y == -one else x
    unlike = zero if y == one or margin - x < zero else margin - x
    return alike + unlike


def hinge_embedding_slope(x, y, margin):
    """1 for alike things; −1 for unlike ones within the margin, else 0."""
    zero, one = type(x)(0), type(x)(1)
    return (zero if y == -one else one) - (zero if y == one or margin - x < zero else one)


# --- ranking: x should be larger than y ---------------------------------------------------------------------------


def bpr(x, y):
    """−log σ(x − y)."""
    return softplus(y - x)


def bpr_slope(x, y):
    """−σ(y − x)."""
    return -sigmoid(y - x)


def bpr_curvature(x, y):
    """σ(x − y) σ(y − x)."""
    return sigmoid(x - y) * sigmoid(y - x)


# --- two distributions: y is a probability, x the logarithm of the predicted one ----------------------------------


def kl_divergence(x, y):
    """y (log y − x); y log y is 0 for y = 0."""
    zero = type(y)(0)
    return (zero if y == zero else y * log(y)) - y * x


def kl_divergence_slope(x, y):
    """−y."""
    return -y


def kl_divergence_of_log(x, y):
    """e^y (y − x), y being the logarithm of the probability."""
    return exp(y) * (y - x)


def kl_divergence_of_log_slope(x, y):
    """−e^y."""
    return -exp(y)


# --- kernels ------------------------------------------------------------------------------------------------------

bce_loss = loss_kernels(bce, bce_slope, bce_curvature)
bce_with_logits_loss = loss_kernels(bce_with_logits, bce_with_logits_slope, bce_with_logits_curvature)
soft_margin_loss = loss_kernels(soft_margin, soft_margin_slope, soft_margin_curvature)
hinge_embedding_loss = loss_kernels(hinge_embedding, hinge_embedding_slope)
bpr_loss = loss_kernels(bpr, bpr_slope, bpr_curvature)
kl_loss = loss_kernels(kl_divergence, kl_divergence_slope)
kl_of_log_loss = loss_kernels(kl_divergence_of_log, kl_divergence_of_log_slope)
