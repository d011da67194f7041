"""The same work in plain NumPy, as one writes it from the formulas: what the course's numbers and times stand beside.

A function here is given the arrays that the course's version starts with and returns a step; what the step returns are
the numbers that the course's version leaves. Nothing is imported from the course, and nothing is tuned.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

# ---- Optimisers: update(gradients) changes the parameters -----------------------------------------------------------


def sgd(parameters, lr=0.01, momentum=0.0):
    velocities = [np.zeros_like(p) for p in parameters]

    def update(gradients):
        for p, g, v in zip(parameters, gradients, velocities):
            if momentum:
                v[:] = momentum * v + g
                g = v
            p -= lr * g

    return update


def adam(parameters, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    means, squares, t = [np.zeros_like(p) for p in parameters], [np.zeros_like(p) for p in parameters], 0

    def update(gradients):
        nonlocal t
        t += 1
        for p, g, m, v in zip(parameters, gradients, means, squares):
            m[:] = beta1 * m + (1 - beta1) * g
            v[:] = beta2 * v + (1 - beta2) * g**2
            p -= lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)

    return update


def rmsprop(parameters, lr=0.01, alpha=0.99, eps=1e-8):
    squares = [np.zeros_like(p) for p in parameters]

    def update(gradients):
        for p, g, v in zip(parameters, gradients, squares):
            v[:] = alpha * v + (1 - alpha) * g**2
            p -= lr * g / (np.sqrt(v) + eps)

    return update


def adagrad(parameters, lr=0.01, eps=1e-10):
    sums = [np.zeros_like(p) for p in parameters]

    def update(gradients):
        for p, g, s in zip(parameters, gradients, sums):
            s += g**2
            p -= lr * g / (np.sqrt(s) + eps)

    return update


def optimizer_step(optimizer):
    def plain(p, gradient):
        update = optimizer([p])

        def step():
            update([gradient])
            return [p]

        return step

    return plain


# ---- Losses: (loss, gradient) ---------------------------------------------------------------------------------------


def cross_entropy(z, y):
    rows = np.arange(len(y))
    e = np.exp(z - z.max(1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    loss = -np.log(p[rows, y]).mean()
    p[rows, y] -= 1
    return loss, p / len(y)


def mse(x, y):
    error = x - y
    return (error**2).mean(), 2 * error / error.size


def bce_with_logits(x, y):
    loss = np.maximum(x, 0) - x * y + np.log1p(np.exp(-np.abs(x)))
    return loss.mean(), (1 / (1 + np.exp(-x)) - y) / x.size


def huber(x, y):
    error = x - y
    size = np.abs(error)
    return np.where(size < 1, error**2 / 2, size - 0.5).mean(), np.clip(error, -1, 1) / error.size


def loss_and_gradient(loss):
    def plain(x, y):
        def step():
            value, gradient = loss(x, y)
            return gradient, value

        return step

    return plain


# ---- Functions: (output, gradient of the input), `g` being the gradient of the output -------------------------------


def gelu(x, g):
    cumulative = (1 + erf(x / np.sqrt(2).astype(x.dtype))) / 2
    density = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi).astype(x.dtype)
    return x * cumulative, g * (cumulative + x * density)


def erf(x):
    """NumPy has none. Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26: wrong by 1.5e-7 at most."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return np.sign(x) * (1 - series * np.exp(-(x**2)))


def softmax(x, g):
    e = np.exp(x - x.max(1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    return p, p * (g - (g * p).sum(1, keepdims=True))


def normalized_over(*axes):
    """LayerNorm over the last axis, BatchNorm2d over all but the second; the weights are 1 and 0, as they begin."""
    def normalize(x, g, eps=1e-5):
        spread = np.sqrt(x.var(axes, keepdims=True) + eps)
        n = (x - x.mean(axes, keepdims=True)) / spread
        return n, (g - g.mean(axes, keepdims=True) - n * (g * n).mean(axes, keepdims=True)) / spread

    return normalize


def dropout(x, g, p=0.5):
    mask = (np.random.random(x.shape) >= p).astype(x.dtype) / (1 - p)
    return x * mask, g * mask


def output_and_gradient(function):
    def plain(x, g):
        def step():
            out, gradient = function(x, g)
            return gradient, out

        return step

    return plain


# ---- Whole training steps: they leave the parameters ----------------------------------------------------------------


def mlp_step(optimizer):
    def plain(x, y, *parameters):
        weights, biases = parameters[::2], parameters[1::2]
        update = optimizer(parameters)

        def step():
            layers = [x]  # the input of each layer, at the end the output
            for i, (w, b) in enumerate(zip(weights, biases)):
                z = layers[-1] @ w.T + b
                layers.append(np.maximum(z, 0) if i < len(weights) - 1 else z)
            _, g = cross_entropy(layers.pop(), y)
            gradients = []
            for i in reversed(range(len(weights))):
                gradients = [g.T @ layers[i], g.sum(0), *gradients]
                if i > 0:
                    g = (g @ weights[i]) * (layers[i] > 0)
            update(gradients)
            return parameters

        return step

    return plain


def linear_step(x, y, w, b):
    update = sgd([w, b])

    def step():
        _, g = mse(x @ w.T + b, y)
        update([g.T @ x, g.sum(0)])
        return w, b

    return step


def columns(x):
    """im2col for a 3×3 kernel with padding 1: each row holds the pixels that one output pixel sees."""
    n, c, h, w = x.shape
    windows = sliding_window_view(np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))), (3, 3), (2, 3))
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * h * w, c * 9)


def image(rows, n, c, h, w):
    """The transpose of `columns`: each pixel collects what was sent to it."""
    rows = rows.reshape(n, h, w, c, 3, 3)
    padded = np.zeros((n, c, h + 2, w + 2), rows.dtype)
    for i in range(3):
        for j in range(3):
            padded[:, :, i : i + h, j : j + w] += rows[..., i, j].transpose(0, 3, 1, 2)
    return padded[:, :, 1:-1, 1:-1]


def quarters(x):
    """The picture in squares of 2×2 for max pooling."""
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2)


def cnn_step(x, y, w1, b1, w2, b2, w3, b3):
    parameters = [w1, b1, w2, b2, w3, b3]
    update = sgd(parameters)
    n = len(x)

    def block(x, w, b):
        """Convolution, ReLU, pooling: what goes on, and what the way back needs."""
        seen = columns(x)
        z = (seen @ w.reshape(len(w), -1).T + b).reshape(n, *x.shape[2:], len(w)).transpose(0, 3, 1, 2)
        a = np.maximum(z, 0)
        return quarters(a).max((3, 5)), (seen, a)

    def back(g, pooled, seen, a):
        """The gradients of the weights and the bias, and that of the convolution's output in rows."""
        largest = quarters(a) == pooled[:, :, :, None, :, None]
        g = (largest * g[:, :, :, None, :, None]).reshape(a.shape) * (a > 0)
        g = g.transpose(0, 2, 3, 1).reshape(-1, a.shape[1])
        return g.T @ seen, g.sum(0), g

    def step():
        p1, kept1 = block(x, w1, b1)
        p2, kept2 = block(p1, w2, b2)
        flat = p2.reshape(n, -1)
        _, g = cross_entropy(flat @ w3.T + b3, y)
        dw3, db3 = g.T @ flat, g.sum(0)
        dw2, db2, g = back((g @ w3).reshape(p2.shape), p2, *kept2)
        dw1, db1, _ = back(image(g @ w2.reshape(len(w2), -1), *p1.shape), p1, *kept1)
        update([dw1.reshape(w1.shape), db1, dw2.reshape(w2.shape), db2, dw3, db3])
        return parameters

    return step


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def lstm_step(x, w_ih, w_hh, b_ih, b_hh):
    """It leaves the gradients of the weights for the sum of all outputs."""
    steps, batch, _ = x.shape
    size = w_hh.shape[1]

    def step():
        h = np.zeros((steps + 1, batch, size), x.dtype)
        c, gates = np.zeros_like(h), np.empty((steps, 4, batch, size), x.dtype)
        for t in range(steps):
            z = x[t] @ w_ih.T + b_ih + h[t] @ w_hh.T + b_hh
            zi, zf, zg, zo = np.split(z, 4, axis=1)
            i, f, g, o = gates[t] = sigmoid(zi), sigmoid(zf), np.tanh(zg), sigmoid(zo)
            c[t + 1] = f * c[t] + i * g
            h[t + 1] = o * np.tanh(c[t + 1])
        dz = np.empty((steps, batch, 4 * size), x.dtype)
        dh, dc = np.zeros((2, batch, size), x.dtype)
        for t in reversed(range(steps)):
            i, f, g, o = gates[t]
            dh = dh + 1
            tanh_c = np.tanh(c[t + 1])
            dc = dc + dh * o * (1 - tanh_c**2)
            dz[t] = np.concatenate([dc * g * i * (1 - i), dc * c[t] * f * (1 - f), dc * i * (1 - g**2),
                                    dh * tanh_c * o * (1 - o)], axis=1)
            dh, dc = dz[t] @ w_hh, dc * f
        rows = dz.reshape(-1, 4 * size)
        bias = rows.sum(0)
        return rows.T @ x.reshape(len(rows), -1), rows.T @ h[:-1].reshape(len(rows), -1), bias, bias

    return step


# ---- The rest -------------------------------------------------------------------------------------------------------


def embedding_step(table, index):
    def step():
        gradient = np.zeros_like(table)
        np.add.at(gradient, index, np.ones_like(table[index]))
        return [gradient]

    return step


def shuffled_epoch(x, y, batch=64):
    def step():
        order = np.random.permutation(len(x))
        seen = []
        for start in range(0, len(x), batch):
            chosen = order[start : start + batch]
            _, labels = x[chosen], y[chosen]
            seen.append(labels)
        return [np.sort(np.concatenate(seen))]

    return step
