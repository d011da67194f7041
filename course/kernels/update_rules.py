"""How an optimiser changes a parameter: one scalar formula each, applied to all parameters in a single pass.

In every formula `p` is a parameter θ, `g` its gradient ∂J/∂θ, and what follows is the state that the optimiser keeps.
"""

from math import sqrt

from .kernel import Kernel, cuda, pieces

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


def adagrad(p, g, v, lr, eps, weight_decay, maximize):
    """Adagrad: v ← v + g², θ ← θ − η g / (√v + ε), with the new v (η already decayed: η / (1 + (t − 1) lr_decay))."""
    g = descent_direction(p, g, weight_decay, maximize)
    v = v + g * g
    return p - lr * g / (sqrt(v) + eps), v


def rmsprop(p, g, v, lr, alpha, eps, weight_decay, maximize):
    """RMSprop: v ← α v + (1 − α) g², θ ← θ − η g / (√v + ε)."""
    one = type(p)(1)
    g = descent_direction(p, g, weight_decay, maximize)
    v = alpha * v + (one - alpha) * g * g
    return p - lr * g / (sqrt(v) + eps), v


def rmsprop_momentum(p, g, v, b, lr, alpha, eps, momentum, weight_decay, maximize):
    """RMSprop with momentum: b ← μ b + g / (√v + ε), θ ← θ − η b."""
    one = type(p)(1)
    g = descent_direction(p, g, weight_decay, maximize)
    v = alpha * v + (one - alpha) * g * g
    b = momentum * b + g / (sqrt(v) + eps)
    return p - lr * b, v, b


def rmsprop_centered(p, g, v, mean, b, lr, alpha, eps, momentum, weight_decay, maximize):
    """Centred RMSprop divides by the standard deviation: √(v − ḡ²) + ε with ḡ ← α ḡ + (1 − α) g."""
    one = type(p)(1)
    g = descent_direction(p, g, weight_decay, maximize)
    v = alpha * v + (one - alpha) * g * g
    mean = alpha * mean + (one - alpha) * g
    b = momentum * b + g / (sqrt(v - mean * mean) + eps)
    return p - lr * b, v, mean, b


def adadelta(p, g, v, u, lr, rho, eps, weight_decay, maximize):
    """Adadelta: v ← ρ v + (1 − ρ) g², Δ = g √(u + ε) / √(v + ε), u ← ρ u + (1 − ρ) Δ², θ ← θ − η Δ."""
    one = type(p)(1)
    g = descent_direction(p, g, weight_decay, maximize)
    v = rho * v + (one - rho) * g * g
    step = g * sqrt(u + eps) / sqrt(v + eps)
    u = rho * u + (one - rho) * step * step
    return p - lr * step, v, u


def decoupled_decay(p, lr, weight_decay):
    """Weight decay beside the gradient instead of in it (AdamW): θ ← θ − η λ θ."""
    return p - lr * weight_decay * p


def adam(p, g, m, v, lr, beta1, beta2, eps, correction1, correction2, weight_decay, decoupled, maximize):
    """Adam: m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², θ ← θ − η m̂ / (√v̂ + ε).

    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) undo the pull of the zeros that m and v started from; the divisors are
    correction1 and correction2.
    """
    one, zero = type(p)(1), type(p)(0)
    if decoupled:
        p = decoupled_decay(p, lr, weight_decay)
    g = descent_direction(p, g, zero if decoupled else weight_decay, maximize)
    m = beta1 * m + (one - beta1) * g
    v = beta2 * v + (one - beta2) * g * g
    m_hat = m / correction1
    v_hat = v / correction2
    return p - lr * m_hat / (sqrt(v_hat) + eps), m, v


def adam_amsgrad(p, g, m, v, top, lr, beta1, beta2, eps, correction1, correction2, weight_decay, decoupled, maximize):
    """AMSGrad: Adam that divides by the largest v so far, so that steps never grow again."""
    one, zero = type(p)(1), type(p)(0)
    if decoupled:
        p = decoupled_decay(p, lr, weight_decay)
    g = descent_direction(p, g, zero if decoupled else weight_decay, maximize)
    m = beta1 * m + (one - beta1) * g
    v = beta2 * v + (one - beta2) * g * g
    top = top if v < top else v
    m_hat = m / correction1
    v_hat = top / correction2
    return p - lr * m_hat / (sqrt(v_hat) + eps), m, v, top


def adamax(p, g, m, u, lr, beta1, beta2, eps, correction1, weight_decay, maximize):
    """Adamax: Adam with the largest recent gradient in place of √v: u ← max(β₂ u, |g| + ε), θ ← θ − η m̂ / u."""
    one = type(p)(1)
    g = descent_direction(p, g, weight_decay, maximize)
    m = beta1 * m + (one - beta1) * g
    size = abs(g) + eps
    u = beta2 * u
    u = size if u < size or size != size else u
    return p - lr * (m / correction1) / u, m, u


def nadam(p, g, m, v, lr, share_g, share_m, beta1, beta2, eps, correction2, weight_decay, decoupled, maximize):
    """NAdam: Adam that looks ahead as Nesterov does: θ ← θ − η (c_g g + c_m m) / (√v̂ + ε).

    With μ_t = β₁ (1 − ½ · 0.96^(t ψ)): c_g = (1 − μ_t) / (1 − Π μ_i) and c_m = μ_{t+1} / (1 − Π μ_i · μ_{t+1}).
    """
    one, zero = type(p)(1), type(p)(0)
    if decoupled:
        p = decoupled_decay(p, lr, weight_decay)
    g = descent_direction(p, g, zero if decoupled else weight_decay, maximize)
    m = beta1 * m + (one - beta1) * g
    v = beta2 * v + (one - beta2) * g * g
    v_hat = v / correction2
    return p - lr * (share_g * g + share_m * m) / (sqrt(v_hat) + eps), m, v


def radam(p, g, m, v, lr, beta1, beta2, eps, correction1, rectification, weight_decay, decoupled, maximize):
    """RAdam: Adam once v can be trusted, plain momentum before: θ ← θ − η m̂ r / (√v + ε), or θ − η m̂ while r = 0.

    r (with Adam's √(1 − β₂ᵗ) in it) is 0 until the average v covers more than about five gradients.
    """
    one, zero = type(p)(1), type(p)(0)
    if decoupled:
        p = decoupled_decay(p, lr, weight_decay)
    g = descent_direction(p, g, zero if decoupled else weight_decay, maximize)
    m = beta1 * m + (one - beta1) * g
    v = beta2 * v + (one - beta2) * g * g
    scale = rectification / (sqrt(v) + eps) if rectification > zero else one
    return p - lr * (m / correction1) * scale, m, v


def asgd(p, g, ax, eta, lambd, mu, weight_decay, maximize):
    """Averaged SGD: θ ← (1 − λ η_t) θ − η_t g, θ̄ ← θ̄ + μ_t (θ − θ̄); while μ_t = 1, θ̄ is θ itself."""
    one = type(p)(1)
    g = descent_direction(p, g, weight_decay, maximize)
    p = (one - lambd * eta) * p - eta * g
    ax = p if mu == one else ax + mu * (p - ax)
    return p, ax


def sign(x):
    """1, −1 or 0 with the sign of x; NaN for NaN."""
    zero, one = type(x)(0), type(x)(1)
    return one if x > zero else -one if x < zero else x


def rprop(p, g, before, step, eta_minus, eta_plus, shortest, longest, maximize):
    """Rprop: a step s of its own for each number, longer by η₊ while g keeps its sign, shorter by η₋ when it turns.

    s ← s η₊ where g g_before > 0, s η₋ (and g ← 0: wait one step) where it is < 0; θ ← θ − s sign(g).
    """
    zero, one = type(p)(0), type(p)(1)
    if maximize:
        g = -g
    agreement = sign(g * before)
    step = step * (eta_plus if agreement > zero else eta_minus if agreement < zero else one + agreement)
    step = shortest if step < shortest else longest if step > longest else step
    g = zero if agreement < zero else g
    return p - step * sign(g), g, step


# --- the formulas of the documents, where they differ -------------------------------------------------------------


def momentum_average(p, g, v, lr, beta):
    """Momentum as an average (document 001, 3.2): v ← β v + (1 − β) g, θ ← θ − η v."""
    one = type(p)(1)
    v = beta * v + (one - beta) * g
    return p - lr * v, v


def adagrad_without_eps(p, g, v, lr):
    """Adagrad without ε (document 000): v ← v + g², θ ← θ − α g / √v; 0 / 0 while every gradient was 0."""
    v = v + g * g
    return p - lr * g / sqrt(v), v


def rmsprop_001(p, g, v, lr, alpha_t, beta):
    """"RMSprop" of document 001, 3.3: g ← g / √(1 + α t), v ← β v + (1 − β) g², θ ← θ − η g / √v (alpha_t = α t)."""
    one = type(p)(1)
    g = g / sqrt(one + alpha_t)
    v = beta * v + (one - beta) * g * g
    return p - lr * g / sqrt(v), v


def adam_without_eps(p, g, m, v, lr, beta1, beta2, correction1, correction2):
    """Adam without ε (document 001, 3.4): θ ← θ − η m̂ / √v̂; 0 / 0 while every gradient was 0."""
    one = type(p)(1)
    m = beta1 * m + (one - beta1) * g
    v = beta2 * v + (one - beta2) * g * g
    return p - lr * (m / correction1) / sqrt(v / correction2), m, v


def flush(s):
    """A state too small for a normal number becomes 0, since arithmetic on such is many times slower; NaN stays."""
    return type(s)(0) if abs(s) < type(s)(1.1754944e-38) else s


# --- on the CPU -------------------------------------------------------------------------------------------------
# Arrays are flat and contiguous; `hyper` holds the hyperparameters in the arrays' own dtype, since a Python float
# would turn float32 arithmetic into float64.


def update_cpu(p, g, hyper):
    for i in range(p.size):
        p[i] = formula(p[i], g[i], *hyper)


def update_1_state_cpu(p, g, s, hyper):
    for i in range(p.size):
        p[i], state = formula(p[i], g[i], s[i], *hyper)
        s[i] = flush(state)


def update_2_states_cpu(p, g, s, t, hyper):
    for i in range(p.size):
        p[i], a, b = formula(p[i], g[i], s[i], t[i], *hyper)
        s[i], t[i] = flush(a), flush(b)


def update_3_states_cpu(p, g, s, t, u, hyper):
    for i in range(p.size):
        p[i], a, b, c = formula(p[i], g[i], s[i], t[i], u[i], *hyper)
        s[i], t[i], u[i] = flush(a), flush(b), flush(c)


# --- on CUDA: one thread updates one parameter and nothing else, so no two threads ever meet ----------------------


def update_cuda(p, g, hyper):
    i = cuda.grid(1)
    if i < p.size:
        p[i] = formula(p[i], g[i], *hyper)


def update_1_state_cuda(p, g, s, hyper):
    i = cuda.grid(1)
    if i < p.size:
        p[i], state = formula(p[i], g[i], s[i], *hyper)
        s[i] = flush(state)


def update_2_states_cuda(p, g, s, t, hyper):
    i = cuda.grid(1)
    if i < p.size:
        p[i], a, b = formula(p[i], g[i], s[i], t[i], *hyper)
        s[i], t[i] = flush(a), flush(b)


def update_3_states_cuda(p, g, s, t, u, hyper):
    i = cuda.grid(1)
    if i < p.size:
        p[i], a, b, c = formula(p[i], g[i], s[i], t[i], u[i], *hyper)
        s[i], t[i], u[i] = flush(a), flush(b), flush(c)


# --- kernels ----------------------------------------------------------------------------------------------------

formula = None  # each kernel puts its own formula here

_loops = [
    (update_cpu, update_cuda),
    (update_1_state_cpu, update_1_state_cuda),
    (update_2_states_cpu, update_2_states_cuda),
    (update_3_states_cpu, update_3_states_cuda),
]


def _update(formula, states: int) -> Kernel:
    return Kernel(*_loops[states], pieces=pieces("p", "g", "s", "t", "u"), formula=formula)


update_sgd = _update(sgd, states=0)
update_sgd_momentum = _update(sgd_momentum, states=1)
update_adagrad = _update(adagrad, states=1)
update_rmsprop = _update(rmsprop, states=1)
update_rmsprop_momentum = _update(rmsprop_momentum, states=2)
update_rmsprop_centered = _update(rmsprop_centered, states=3)
update_adadelta = _update(adadelta, states=2)
update_adam = _update(adam, states=2)
update_adam_amsgrad = _update(adam_amsgrad, states=3)
update_adamax = _update(adamax, states=2)
update_nadam = _update(nadam, states=2)
update_radam = _update(radam, states=2)
update_asgd = _update(asgd, states=1)
update_rprop = _update(rprop, states=2)

update_momentum_average = _update(momentum_average, states=1)
update_adagrad_without_eps = _update(adagrad_without_eps, states=1)
update_rmsprop_001 = _update(rmsprop_001, states=1)
update_adam_without_eps = _update(adam_without_eps, states=2)
