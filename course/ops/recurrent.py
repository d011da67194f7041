"""One step in time of the recurrent cells, from what the input and the last state say to the next state; and a walk.

`a` = W_ih x + b_ih and `b` = W_hh h + b_hh are the two halves of every gate; a state is (h,), the LSTM's (h, c).
"""

from typing import NamedTuple

import numpy as np

from ..autograd import Taped, gradients_of, operation
from ..device import run
from ..kernels import recurrent as kernels
from ..kernels.kernel import Kernel
from ..matrix_product import product
from .elementwise import relu, sigmoid, tanh
from .linear import check_linear, linear
from .shapes import chunk, stack, unbind


def rnn_tanh_step(a, b, state):
    """h' = tanh(a + b). Source: Elman, "Finding Structure in Time", 1990."""
    return (tanh(a + b),)


def rnn_relu_step(a, b, state):
    """h' = max(0, a + b)."""
    return (relu(a + b),)


def lstm_step(a, b, state):
    """c' = σ(f) c + σ(i) tanh(g) and h' = σ(o) tanh(c'): the gates forget, take in and show.

    Shapes: a and b (batch, 4 · hidden) hold i, f, g, o one after the other; h and c (batch, hidden).
    Source: Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997; Gers et al., 2000.
    """
    _, c = state
    i, f, g, o = chunk(a + b, 4, -1)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def gru_step(a, b, state):
    """h' = (1 − z) n + z h with r = σ(a_r + b_r), z = σ(a_z + b_z), n = tanh(a_n + r b_n).

    Shapes: a and b (batch, 3 · hidden) hold r, z, n one after the other; h (batch, hidden).
    Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", 2014.
    """
    (h,) = state
    (a_r, a_z, a_n), (b_r, b_z, b_n) = chunk(a, 3, -1), chunk(b, 3, -1)
    r, z = sigmoid(a_r + b_r), sigmoid(a_z + b_z)
    n = tanh(a_n + r * b_n)
    return ((h - n) * z + n,)


# --- a walk along a whole sequence ------------------------------------------------------------------------------------


def _in_steps(step, a, state, weight, bias):
    """What a walk is: one step after the other. This form serves second derivatives; first ones have `_walked`."""
    state, shown = unbind(state), []
    for a_t in unbind(a):
        state = step(a_t, linear(state[0], weight, bias), state)
        shown.append(state[0])
    return stack([*shown, *state[1:]])


class Fused(NamedTuple):
    """The kernels that take a step and go back over it, and how many numbers they keep for each hidden unit."""

    forward: Kernel
    gradient: Kernel
    kept: int


FUSED = {
    rnn_tanh_step: Fused(kernels.rnn_tanh, kernels.rnn_tanh_gradient, 0),
    rnn_relu_step: Fused(kernels.rnn_relu, kernels.rnn_relu_gradient, 0),
    lstm_step: Fused(kernels.lstm, kernels.lstm_gradient, 4),
    gru_step: Fused(kernels.gru, kernels.gru_gradient, 4),
}


@operation(a_and_state_and_weight_and_bias=lambda g, a, state, weight, bias, step, kept: _walk_gradient(
    g, a, state, weight, bias, step, *kept))
def _walked(a, state, weight, bias, step):
    """As `_in_steps`, on arrays, with one product and one kernel a step."""
    (parts, batch, hidden), times, rows = state.shape, len(a), weight.shape[0]
    a = np.ascontiguousarray(a, like=a)
    bias = np.zeros(rows, a.dtype, like=a) if bias is None else np.ascontiguousarray(bias, like=bias)
    states = np.empty((times + 1, parts, batch, hidden), a.dtype, like=a)
    kept = np.empty((times, batch, FUSED[step].kept * hidden), a.dtype, like=a)
    b = np.empty((batch, rows), a.dtype, like=a)
    forward, states[0], weight = FUSED[step].forward, state, np.ascontiguousarray(weight.T, like=weight.T)
    for a_t, before, kept_t, after in zip(a, states, kept, states[1:]):
        product(before[0], weight, out=b)
        run(forward, batch * hidden, a_t, b, bias, before, kept_t, after)
    return np.concatenate([states[1:, 0], states[-1, 1:]]), (states, kept)


def _walk_gradient(g, a, state, weight, bias, step, states, kept):
    """Back through time: the gradients of all steps first, then that of the weight as one product over all of them."""
    if isinstance(g, Taped):
        return gradients_of(lambda *inputs: _in_steps(step, *inputs), g, a, state, weight, bias)
    times, (_, batch, hidden) = len(a), state.shape
    d_a = np.empty(a.shape, a.dtype, like=a)
    d_b = np.empty_like(d_a) if step is gru_step else d_a  # where a and b are but added, their gradients are one
    d_h, past = np.zeros((batch, hidden), a.dtype, like=a), np.zeros_like(states[0])
    past[1:] = g[times:]
    gradient, steps = FUSED[step].gradient, zip(np.ascontiguousarray(g, like=g), kept, states, states[1:], d_a, d_b)
    for g_t, kept_t, before, after, d_a_t, d_b_t in reversed(list(steps)):
        run(gradient, batch * hidden, g_t, d_h, past, kept_t, before, after, d_a_t, d_b_t)
        product(d_b_t, weight, out=d_h)
    past[0] += d_h
    rows = d_b.reshape(times * batch, a.shape[2])
    d_weight = product(rows.T, states[:-1, 0].reshape(times * batch, hidden))
    return d_a, past, d_weight, None if bias is None else rows.sum(0)


def walk(step, a, state, weight, bias):
    """Every h of a walk along a sequence, and the state in which it ends.

    Args: step: one of those above; state: h, or h and c, to begin with; weight, bias: W_hh and b_hh or None.
    Shapes: a = W_ih x + b_ih (time, batch, gates · hidden) → (time, batch, hidden); state (parts, batch, hidden).
    """
    check_linear(state, weight, bias)
    shown, times = _walked(a, state, weight, bias, step), a.shape[0]
    return (shown if state.shape[0] == 1 else shown[:times]), shown[times - 1 :]
