"""One step in time of the recurrent cells, all gates in one pass: forward, and the gradient on the way back.

    LSTM:  c′ = f c + i g,  h′ = o tanh c′      with i, f, o = σ(a + b) and g = tanh(a + b)
    GRU:   h′ = (h − n) z + n                   with r, z = σ(a + b) and n = tanh(a_n + r b_n)
    RNN:   h′ = tanh(a + b)  or  max(0, a + b)

a = W_ih x + b_ih is what the input says and b = W_hh h + b_hh what the last state says. The derivatives through the
gates use σ′ = σ (1 − σ) and tanh′ = 1 − tanh², so that the gates are kept as they are, after σ and tanh.
"""

from .activations import relu, relu_gradient, sigmoid, tanh
from .kernel import Kernel, cuda

# --- formulas ---------------------------------------------------------------------------------------------------


def sigmoid_gradient(d, s):
    """∂J/∂x = ∂J/∂s · s (1 − s), where s = σ(x)."""
    return d * s * (type(s)(1) - s)


def tanh_gradient(d, t):
    """∂J/∂x = ∂J/∂t · (1 − t²), where t = tanh x."""
    return d * (type(t)(1) - t * t)


def lstm_memory(i, f, g, c):
    """c′ = f c + i g: what is not forgotten, and what is taken in."""
    return f * c + i * g


def lstm_shown(o, c):
    """h′ = o tanh c′."""
    return o * tanh(c)


def lstm_memory_gradient(d_c, d_h, o, c):
    """∂J/∂c′: what comes from later steps, and what comes through h′ = o tanh c′."""
    return d_c + tanh_gradient(d_h * o, tanh(c))


def gru_shown(z, n, h):
    """h′ = (1 − z) n + z h, with one product less."""
    return (h - n) * z + n


# --- on the CPU -------------------------------------------------------------------------------------------------
# Shapes: a, b, d_a, d_b (batch, gates · hidden) and bias (gates · hidden,), the b_hh that is still to be added to b;
# state, after, past (parts, batch, hidden), the parts being h and, for the LSTM, c; kept (batch, kept · hidden).
# Of ∂J/∂h′ a gradient kernel is given g, which arrives there from outside, and d_h, which comes through b of the next
# step; it writes their sum to d_h. `past` is what comes past b: from the next step's state, and then from this one's.
# Each gate has a loop of its own: LLVM vectorises a loop that writes to one place, not one that writes to six.


def lstm_cpu(a, b, bias, state, kept, after):
    """after ← (h′, c′), kept ← i, f, g, o."""
    hidden = state.shape[2]
    for m in range(state.shape[1]):
        gates, c, new_c, new_h = kept[m], state[1, m], after[1, m], after[0, m]
        for j in range(gates.size):
            gates[j] = a[m, j] + (b[m, j] + bias[j])
        i, f, g, o = quarters(gates, hidden)
        for j in range(hidden):
            i[j] = sigmoid(i[j])
        for j in range(hidden):
            f[j] = sigmoid(f[j])
        for j in range(hidden):
            g[j] = tanh(g[j])
        for j in range(hidden):
            o[j] = sigmoid(o[j])
        for j in range(hidden):
            new_c[j] = lstm_memory(i[j], f[j], g[j], c[j])
        for j in range(hidden):
            new_h[j] = lstm_shown(o[j], new_c[j])


def lstm_gradient_cpu(g, d_h, past, kept, state, after, d_a, d_b):
    """d_a ← ∂J/∂a; that of b is the same."""
    hidden = state.shape[2]
    for m in range(state.shape[1]):
        d_c, c, new_c = past[1, m], state[1, m], after[1, m]
        i, f, new, o = quarters(kept[m], hidden)
        d_i, d_f, d_new, d_o = quarters(d_a[m], hidden)
        for j in range(hidden):
            d_h[m, j] += g[m, j]
        for j in range(hidden):
            d_c[j] = lstm_memory_gradient(d_c[j], d_h[m, j], o[j], new_c[j])
        for j in range(hidden):
            d_i[j] = sigmoid_gradient(d_c[j] * new[j], i[j])
        for j in range(hidden):
            d_f[j] = sigmoid_gradient(d_c[j] * c[j], f[j])
        for j in range(hidden):
            d_new[j] = tanh_gradient(d_c[j] * i[j], new[j])
        for j in range(hidden):
            d_o[j] = sigmoid_gradient(d_h[m, j] * tanh(new_c[j]), o[j])
        for j in range(hidden):
            d_c[j] *= f[j]


def gru_cpu(a, b, bias, state, kept, after):
    """after ← h′, kept ← r, z, n, b_n."""
    hidden = state.shape[2]
    for m in range(state.shape[1]):
        h, new_h = state[0, m], after[0, m]
        r, z, n, b_n = quarters(kept[m], hidden)
        for j in range(hidden):
            r[j] = sigmoid(a[m, j] + (b[m, j] + bias[j]))
        for j in range(hidden):
            z[j] = sigmoid(a[m, hidden + j] + (b[m, hidden + j] + bias[hidden + j]))
        for j in range(hidden):
            b_n[j] = b[m, 2 * hidden + j] + bias[2 * hidden + j]
        for j in range(hidden):
            n[j] = tanh(a[m, 2 * hidden + j] + r[j] * b_n[j])
        for j in range(hidden):
            new_h[j] = gru_shown(z[j], n[j], h[j])


def gru_gradient_cpu(g, d_h, past, kept, state, after, d_a, d_b):
    """d_a ← ∂J/∂a and d_b ← ∂J/∂b."""
    hidden = state.shape[2]
    for m in range(state.shape[1]):
        h, past_b = state[0, m], past[0, m]
        r, z, n, b_n = quarters(kept[m], hidden)
        d_r, d_z, d_n = d_a[m, :hidden], d_a[m, hidden : 2 * hidden], d_a[m, 2 * hidden :]
        d_b_n = d_b[m, 2 * hidden :]
        for j in range(hidden):
            d_h[m, j] += g[m, j] + past_b[j]
        for j in range(hidden):
            d_n[j] = tanh_gradient(d_h[m, j] - d_h[m, j] * z[j], n[j])
        for j in range(hidden):
            d_r[j] = sigmoid_gradient(d_n[j] * b_n[j], r[j])
        for j in range(hidden):
            d_z[j] = sigmoid_gradient(d_h[m, j] * (h[j] - n[j]), z[j])
        for j in range(2 * hidden):
            d_b[m, j] = d_a[m, j]
        for j in range(hidden):
            d_b_n[j] = d_n[j] * r[j]
        for j in range(hidden):
            past_b[j] = d_h[m, j] * z[j]


def rnn_cpu(a, b, bias, state, kept, after):
    """after ← h′; nothing else need be kept."""
    for m in range(state.shape[1]):
        new_h = after[0, m]
        for j in range(new_h.size):
            new_h[j] = activation(a[m, j] + (b[m, j] + bias[j]))


def rnn_gradient_cpu(g, d_h, past, kept, state, after, d_a, d_b):
    """d_a ← ∂J/∂a; that of b is the same."""
    for m in range(state.shape[1]):
        new_h = after[0, m]
        for j in range(new_h.size):
            d_h[m, j] += g[m, j]
        for j in range(new_h.size):
            d_a[m, j] = activation_gradient(d_h[m, j], new_h[j])


def quarters(row, hidden):
    """A row of four gates, gate by gate."""
    return row[:hidden], row[hidden : 2 * hidden], row[2 * hidden : 3 * hidden], row[3 * hidden :]


# --- on CUDA: one thread works on one hidden unit of one sequence, and writes nothing that another one reads ---


def lstm_cuda(a, b, bias, state, kept, after):
    k, hidden = cuda.grid(1), state.shape[2]
    if k < state.shape[1] * hidden:
        m, i, f, g, o = places(k, hidden)
        kept[m, i] = sigmoid(a[m, i] + (b[m, i] + bias[i]))
        kept[m, f] = sigmoid(a[m, f] + (b[m, f] + bias[f]))
        kept[m, g] = tanh(a[m, g] + (b[m, g] + bias[g]))
        kept[m, o] = sigmoid(a[m, o] + (b[m, o] + bias[o]))
        c = lstm_memory(kept[m, i], kept[m, f], kept[m, g], state[1, m, i])
        after[1, m, i], after[0, m, i] = c, lstm_shown(kept[m, o], c)


def lstm_gradient_cuda(g, d_h, past, kept, state, after, d_a, d_b):
    k, hidden = cuda.grid(1), state.shape[2]
    if k < state.shape[1] * hidden:
        m, i, f, new, o = places(k, hidden)
        d_h[m, i] += g[m, i]
        c = after[1, m, i]
        d_c = lstm_memory_gradient(past[1, m, i], d_h[m, i], kept[m, o], c)
        d_a[m, i] = sigmoid_gradient(d_c * kept[m, new], kept[m, i])
        d_a[m, f] = sigmoid_gradient(d_c * state[1, m, i], kept[m, f])
        d_a[m, new] = tanh_gradient(d_c * kept[m, i], kept[m, new])
        d_a[m, o] = sigmoid_gradient(d_h[m, i] * tanh(c), kept[m, o])
        past[1, m, i] = d_c * kept[m, f]


def gru_cuda(a, b, bias, state, kept, after):
    k, hidden = cuda.grid(1), state.shape[2]
    if k < state.shape[1] * hidden:
        m, r, z, n, b_n = places(k, hidden)
        kept[m, r] = sigmoid(a[m, r] + (b[m, r] + bias[r]))
        kept[m, z] = sigmoid(a[m, z] + (b[m, z] + bias[z]))
        kept[m, b_n] = b[m, n] + bias[n]
        kept[m, n] = tanh(a[m, n] + kept[m, r] * kept[m, b_n])
        after[0, m, r] = gru_shown(kept[m, z], kept[m, n], state[0, m, r])


def gru_gradient_cuda(g, d_h, past, kept, state, after, d_a, d_b):
    k, hidden = cuda.grid(1), state.shape[2]
    if k < state.shape[1] * hidden:
        m, r, z, n, b_n = places(k, hidden)
        d_h[m, r] += g[m, r] + past[0, m, r]
        d_n = tanh_gradient(d_h[m, r] - d_h[m, r] * kept[m, z], kept[m, n])
        d_r = sigmoid_gradient(d_n * kept[m, b_n], kept[m, r])
        d_z = sigmoid_gradient(d_h[m, r] * (state[0, m, r] - kept[m, n]), kept[m, z])
        d_a[m, r], d_a[m, z], d_a[m, n] = d_r, d_z, d_n
        d_b[m, r], d_b[m, z], d_b[m, n] = d_r, d_z, d_n * kept[m, r]
        past[0, m, r] = d_h[m, r] * kept[m, z]


def rnn_cuda(a, b, bias, state, kept, after):
    k, hidden = cuda.grid(1), state.shape[2]
    if k < state.shape[1] * hidden:
        m, j = k // hidden, k % hidden
        after[0, m, j] = activation(a[m, j] + (b[m, j] + bias[j]))


def rnn_gradient_cuda(g, d_h, past, kept, state, after, d_a, d_b):
    k, hidden = cuda.grid(1), state.shape[2]
    if k < state.shape[1] * hidden:
        m, j = k // hidden, k % hidden
        d_h[m, j] += g[m, j]
        d_a[m, j] = activation_gradient(d_h[m, j], after[0, m, j])


def places(k, hidden):
    """The sequence that thread k works on, and where its hidden unit stands in each of four gates."""
    j = k % hidden
    return k // hidden, j, hidden + j, 2 * hidden + j, 3 * hidden + j


# --- kernels ----------------------------------------------------------------------------------------------------

activation = activation_gradient = None  # each kernel puts its own formula here

lstm = Kernel(lstm_cpu, lstm_cuda)
lstm_gradient = Kernel(lstm_gradient_cpu, lstm_gradient_cuda)
gru = Kernel(gru_cpu, gru_cuda)
gru_gradient = Kernel(gru_gradient_cpu, gru_gradient_cuda)
rnn_tanh = Kernel(rnn_cpu, rnn_cuda, activation=tanh)
rnn_tanh_gradient = Kernel(rnn_gradient_cpu, rnn_gradient_cuda, activation_gradient=tanh_gradient)
rnn_relu = Kernel(rnn_cpu, rnn_cuda, activation=relu)
rnn_relu_gradient = Kernel(rnn_gradient_cpu, rnn_gradient_cuda, activation_gradient=relu_gradient)
