"""Losses of one prediction x and one true value y: the loss, its slope ∂/∂x and its curvature ∂²/∂x²."""

from .exponential import exp
from .logarithm import log
from .pointwise import loss_kernels

# --- squares and absolute values ----------------------------------------------------------------------------------


def squared_error(x, y):
    """(x − y)²."""
    return (x - y) * (x - y)


def squared_error_slope(x, y):
    """2 (x − y)."""
    return type(x)(2) * (x - y)


def squared_error_curvature(x, y):
    """2."""
    return type(x)(2)


def absolute_error(x, y):
    """|x − y|."""
    return abs(x - y)


def sign_of_error(x, y):
    """−1 or 1, and 0 where x = y; NaN stays NaN."""
    one, zero, d = type(x)(1), type(x)(0), x - y
    return one if d > zero else -one if d < zero else d


# --- squares near 0, absolute values far from it ------------------------------------------------------------------


def huber(x, y, delta):
    """½ (x − y)² where |x − y| ≤ δ, else δ (|x − y| − ½ δ)."""
    half, d = type(x)(0.5), abs(x - y)
    return half * d * d if d <= delta else delta * (d - half * delta)


def huber_slope(x, y, delta):
    """x − y where |x − y| ≤ δ, else ±δ."""
    return x - y if abs(x - y) <= delta else delta * sign_of_error(x, y)


def huber_curvature(x, y, delta):
    """1 where |x − y| ≤ δ, else 0."""
    return type(x)(1) if abs(x - y) <= delta else type(x)(0)


def smooth_l1(x, y, beta):
    """½ (x − y)² / β where |x − y| < β, else |x − y| − ½ β: Huber's loss divided by its δ."""
    half, d = type(x)(0.5), abs(x - y)
    return half * d * d / beta if d < beta else d - half * beta


def smooth_l1_slope(x, y, beta):
    """(x − y) / β where |x − y| < β, else ±1."""
    return (x - y) / beta if abs(x - y) < beta else sign_of_error(x, y)


def smooth_l1_curvature(x, y, beta):
    """1 / β where |x − y| < β, else 0."""
    return type(x)(1) / beta if abs(x - y) < beta else type(x)(0)


# --- counts: y is Poisson distributed; constants left out ---------------------------------------------------------


def poisson_of_log(x, y):
    """e^x − y x, x being the logarithm of the expected count."""
    return exp(x) - y * x


def poisson_of_log_slope(x, y):
    """e^x − y."""
    return exp(x) - y


def poisson_of_log_curvature(x, y):
    """e^x."""
    return exp(x)


def poisson(x, y, eps):
    """x − y log(x + ε), x being the expected count."""
    return x - y * log(x + eps)


def poisson_slope(x, y, eps):
    """1 − y / (x + ε)."""
    return type(x)(1) - y / (x + eps)


def poisson_curvature(x, y, eps):
    """y / (x + ε)²."""
    return y / ((x + eps) * (x + eps))


# --- kernels ------------------------------------------------------------------------------------------------------

mse_loss = loss_kernels(squared_error, squared_error_slope, squared_error_curvature, parabolic=True)
l1_loss = loss_kernels(absolute_error, sign_of_error)
huber_loss = loss_kernels(huber, huber_slope, huber_curvature, parabolic=True)
smooth_l1_loss = loss_kernels(smooth_l1, smooth_l1_slope, smooth_l1_curvature, parabolic=True)
poisson_of_log_loss = loss_kernels(poisson_of_log, poisson_of_log_slope, poisson_of_log_curvature)
poisson_loss = loss_kernels(poisson, poisson_slope, poisson_curvature)
