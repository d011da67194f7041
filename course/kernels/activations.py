"""Activation functions: each with its slope ∂y/∂x and its curvature ∂²y/∂x², and ReLU fused with the bias before it."""

from .exponential import exp
from .kernel import Kernel, cuda
from .logarithm import log1p, log1p_of_fraction
from .normal_distribution import normal_density, normal_share
from .pointwise import map_1, map_2, slope_1

# --- formulas ---------------------------------------------------------------------------------------------------


def relu(x):
    """max(0, x); NaN stays NaN."""
    zero = type(x)(0)
    return zero if x < zero else x


def relu_gradient(g, y):
    """∂J/∂x = ∂J/∂y where y = max(0, x) is positive, else 0."""
    zero = type(g)(0)
    return zero if y <= zero else g


def leaky_relu(x, a):
    """x for x > 0, a x below."""
    return x if x > type(x)(0) else a * x


def leaky_relu_slope(x, a):
    """1 for x > 0, a below."""
    return type(x)(1) if x > type(x)(0) else a


def hardtanh(x, low, high):
    """x, but no less than low and no more than high."""
    return low if x < low else high if x > high else x


def hardtanh_slope(x, low, high):
    """1 between low and high, 0 outside."""
    return type(x)(0) if x <= low or x >= high else type(x)(1)


def threshold(x, bound, value):
    """x above the bound, the value elsewhere."""
    return value if x <= bound else x


def threshold_slope(x, bound, value):
    """1 above the bound, 0 elsewhere."""
    return type(x)(0) if x <= bound else type(x)(1)


def elu(x, alpha, scale):
    """s x for x > 0, s α (eˣ − 1) below (ELU: s = 1; SELU: s and α that keep mean 0 and variance 1)."""
    return scale * x if x > type(x)(0) else scale * alpha * (exp(x) - type(x)(1))


def elu_slope(x, alpha, scale):
    """s for x > 0, s α eˣ below."""
    return scale * alpha * exp(x) if x <= type(x)(0) else scale


def elu_curvature(x, alpha, scale):
    """0 for x > 0, s α eˣ below."""
    return scale * alpha * exp(x) if x <= type(x)(0) else type(x)(0)


def sigmoid(x):
    """σ(x) = 1 / (1 + e⁻ˣ)."""
    one = type(x)(1)
    return one / (one + exp(-x))


def sigmoid_slope(x):
    """σ (1 − σ)."""
    s = sigmoid(x)
    return s * (type(x)(1) - s)


def tanh(x):
    """tanh x = 1 − 2 / (e²ˣ + 1)."""
    one, two = type(x)(1), type(x)(2)
    return one - two / (exp(two * x) + one)


def log_sigmoid(x):
    """log σ(x) = min(0, x) − log(1 + e^−|x|)."""
    zero = type(x)(0)
    return (x if x < zero else zero) - log1p_of_fraction(exp(-abs(x)))


def log_sigmoid_slope(x):
    """1 − σ(x) = σ(−x)."""
    return sigmoid(-x)


def log_sigmoid_curvature(x):
    """−σ (1 − σ)."""
    return -sigmoid_slope(x)


def softplus(x, beta, bound):
    """log(1 + e^βx) / β, and x itself where βx is above the bound: there they are the same."""
    return x if beta * x > bound else log1p(exp(beta * x)) / beta


def softplus_slope(x, beta, bound):
    """σ(βx), and 1 above the bound."""
    return type(x)(1) if beta * x > bound else sigmoid(beta * x)


def softplus_curvature(x, beta, bound):
    """β σ (1 − σ) at βx, and 0 above the bound."""
    return type(x)(0) if beta * x > bound else beta * sigmoid_slope(beta * x)


def softsign(x):
    """x / (1 + |x|)."""
    return x / (type(x)(1) + abs(x))


def softsign_slope(x):
    """1 / (1 + |x|)²."""
    one = type(x)(1)
    return one / ((one + abs(x)) * (one + abs(x)))


def softsign_curvature(x):
    """−2 sign(x) / (1 + |x|)³."""
    zero, one, two = type(x)(0), type(x)(1), type(x)(2)
    r = one + abs(x)
    return (two if x < zero else zero if x == zero else -two) / (r * r * r)


def silu(x):
    """x σ(x)."""
    return x * sigmoid(x)


def silu_slope(x):
    """σ + x σ (1 − σ)."""
    one, s = type(x)(1), sigmoid(x)
    return s * (one + x * (one - s))


def silu_curvature(x):
    """σ (1 − σ) (2 + x (1 − 2σ))."""
    one, two, s = type(x)(1), type(x)(2), sigmoid(x)
    return s * (one - s) * (two + x * (one - two * s))


def mish_parts(x):
    """t = tanh log(1 + eˣ) and s = σ(x), both from e = e^−|x|, which cannot overflow.

    For x > 0: t = (1 + 2e) / (1 + 2e + 2e²), s = 1 / (1 + e); else t = (e² + 2e) / (e² + 2e + 2), s = e / (1 + e).
    """
    zero, one, two = type(x)(0), type(x)(1), type(x)(2)
    e = exp(-abs(x))
    above, below = one + two * e, e * e + two * e
    rest = two * e * e if x > zero else two
    n = above if x > zero else below
    return n / (n + rest), (one if x > zero else e) / (one + e)


def mish(x):
    """x tanh log(1 + eˣ)."""
    t, _ = mish_parts(x)
    return x * t


def mish_slope(x):
    """t + x s (1 − t²) with t = tanh log(1 + eˣ) and s = σ(x)."""
    t, s = mish_parts(x)
    return t + x * s * (type(x)(1) - t * t)


def mish_curvature(x):
    """s (1 − t²) (2 + x (1 − s − 2 t s))."""
    one, two = type(x)(1), type(x)(2)
    t, s = mish_parts(x)
    return s * (one - t * t) * (two + x * (one - s - two * t * s))


def gelu(x):
    """x Φ(x)."""
    return x * normal_share(x)


def gelu_slope(x):
    """Φ(x) + x φ(x)."""
    return normal_share(x) + x * normal_density(x)


def gelu_curvature(x):
    """φ(x) (2 − x²)."""
    return normal_density(x) * (type(x)(2) - x * x)


def gelu_inner(x):
    """u = √(2/π) (x + 0.044715 x³), with which tanh u is close to erf(x / √2)."""
    return type(x)(0.7978845608028654) * (x + type(x)(0.044715) * x * x * x)


def gelu_inner_slope(x):
    """u′ = √(2/π) (1 + 3 · 0.044715 x²)."""
    return type(x)(0.7978845608028654) * (type(x)(1) + type(x)(0.134145) * x * x)


def gelu_tanh(x):
    """x (1 + tanh u) / 2."""
    return type(x)(0.5) * x * (type(x)(1) + tanh(gelu_inner(x)))


def gelu_tanh_slope(x):
    """(1 + t) / 2 + x (1 − t²) u′ / 2 with t = tanh u."""
    half, one, t = type(x)(0.5), type(x)(1), tanh(gelu_inner(x))
    return half * (one + t) + half * x * (one - t * t) * gelu_inner_slope(x)


def gelu_tanh_curvature(x):
    """(1 − t²) (u′ + x u″ / 2 − x t u′²) with u″ = √(2/π) · 6 · 0.044715 x."""
    one, t, u1 = type(x)(1), tanh(gelu_inner(x)), gelu_inner_slope(x)
    u2 = type(x)(0.7978845608028654) * type(x)(0.26829) * x
    return (one - t * t) * (u1 + type(x)(0.5) * x * u2 - x * t * u1 * u1)


# --- on the CPU -------------------------------------------------------------------------------------------------


def bias_cpu(z, b):
    """z ← formula(z + b), in place. Shapes: z (rows, columns), b (columns,)."""
    rows, columns = z.shape
    for i in range(rows):
        for j in range(columns):
            z[i, j] = formula(z[i, j] + b[j])


def bias_gradient_cpu(g, y, dz, db):
    """∂J/∂z = formula(g, y) and ∂J/∂b, its sum over the rows."""
    rows, columns = y.shape
    db[:] = 0
    for i in range(rows):
        for j in range(columns):
            d = formula(g[i, j], y[i, j])
            dz[i, j] = d
            db[j] += d


# --- on CUDA ----------------------------------------------------------------------------------------------------


def bias_cuda(z, b):
    """One thread owns one element of z."""
    k = cuda.grid(1)
    if k < z.size:
        i, j = k // z.shape[1], k % z.shape[1]
        z[i, j] = formula(z[i, j] + b[j])


def bias_gradient_cuda(g, y, dz, db):
    """One thread owns one column: it alone writes that column of dz and its entry of db."""
    j = cuda.grid(1)
    if j < y.shape[1]:
        total = type(db[j])(0)
        for i in range(y.shape[0]):
            d = formula(g[i, j], y[i, j])
            dz[i, j] = d
            total += d
        db[j] = total


# --- kernels ----------------------------------------------------------------------------------------------------

sigmoid_of_each = map_1(sigmoid)
relu_of_each = map_1(relu)
relu_gradient_of_each = map_2(relu_gradient)


def activation_kernels(value, slope, curvature=None):
    """What an activation needs: its values, and g times its slope and its curvature (None where that is 0)."""
    return {"values": map_1(value), "slopes": slope_1(slope), "curvatures": curvature and slope_1(curvature)}


ACTIVATIONS = {
    "leaky_relu": activation_kernels(leaky_relu, leaky_relu_slope),
    "hardtanh": activation_kernels(hardtanh, hardtanh_slope),
    "threshold": activation_kernels(threshold, threshold_slope),
    "elu": activation_kernels(elu, elu_slope, elu_curvature),
    "log_sigmoid": activation_kernels(log_sigmoid, log_sigmoid_slope, log_sigmoid_curvature),
    "softplus": activation_kernels(softplus, softplus_slope, softplus_curvature),
    "softsign": activation_kernels(softsign, softsign_slope, softsign_curvature),
    "silu": activation_kernels(silu, silu_slope, silu_curvature),
    "mish": activation_kernels(mish, mish_slope, mish_curvature),
    "gelu": activation_kernels(gelu, gelu_slope, gelu_curvature),
    "gelu_tanh": activation_kernels(gelu_tanh, gelu_tanh_slope, gelu_tanh_curvature),
}

formula = None  # each kernel puts its own formula here

bias_relu = Kernel(bias_cpu, bias_cuda, formula=relu)
bias_relu_gradient = Kernel(bias_gradient_cpu, bias_gradient_cuda, formula=relu_gradient)
