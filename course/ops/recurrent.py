"""One step in time of the recurrent cells: from what the input and the last state say to the next state.

`a` = W_ih x + b_ih and `b` = W_hh h + b_hh are the two halves of every gate; a state is (h,), the LSTM's (h, c).
"""

from .elementwise import relu, sigmoid, tanh
from .shapes import chunk


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
