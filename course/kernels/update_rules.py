"""How an optimiser changes a parameter: one scalar formula each, applied to all parameters in a single pass.

In every formula `p` is a parameter θ, `g` its gradient ∂J/∂θ, and what follows is the state that the optimiser keeps.
"""

from .kernel import Kernel, cuda

# --- formulas ---------------------------------------------------------------------------------------------------


def descent_direction(p, g, weight_decay, maximize):
    """The gradient to follow: g ← −g to climb instead of descend, then g ← g + λθ for weight decay."""
    if maximize:
        g = -g
    if weight_decay != type(p)(0):
        g = g + weight_decay * p
    return g


def sgd(p, g, lr, weight_decay, maximize):
    """Gradient descent: θ ← θ − η g."""
    g = descent_direction(p, g, weight_decay, maximize)
    return p - lr * g


def sgd_momentum(p, g, v, lr, momentum, dampening, weight_decay, nesterov, maximize):
    """Momentum: v ← μ v + (1 − τ) g, θ ← θ − η v; Nesterov's form steps along g + μ v instead of v."""
    one = type(p)(1)
    g = descent_direction(p, g, weight_decay, maximize)
    v = momentum * v + (one - dampening) * g
    step = g + momentum * v if nesterov else v
    return p - lr * step, v


def flush(s):
    """A state too small for a normal number becomes 0, since arithmetic on such is many times slower; NaN stays."""
    return type(s)(0) if abs(s) < type(s)(1.1754944e-38) else s


# --- on the CPU -------------------------------------------------------------------------------------------------
# Arrays are flat and contiguous; `hyper` holds the hyperparameters in the arrays' own dtype, since a Python float
# would turn float32 arithmetic into float64.


def update_cpu(p, g, hyper):
    for i in range(p.size):
        p[i] = formula(p[i], g[i], *hyper)


def update_state_cpu(p, g, s, hyper):
    for i in range(p.size):
        p[i], state = formula(p[i], g[i], s[i], *hyper)
        s[i] = flush(state)


# --- on CUDA: one thread updates one parameter and nothing else, so no two threads ever meet ----------------------


def update_cuda(p, g, hyper):
    i = cuda.grid(1)
    if i < p.size:
        p[i] = formula(p[i], g[i], *hyper)


def update_state_cuda(p, g, s, hyper):
    i = cuda.grid(1)
    if i < p.size:
        p[i], state = formula(p[i], g[i], s[i], *hyper)
        s[i] = flush(state)


# --- kernels ----------------------------------------------------------------------------------------------------

formula = None  # each kernel puts its own formula here

update_sgd = Kernel(update_cpu, update_cuda, formula=sgd)
update_sgd_momentum = Kernel(update_state_cpu, update_state_cuda, formula=sgd_momentum)
