"""Batch and layer normalisation, and dropout."""

import math

import numpy as np

from ..autograd import Variable, check_tensors, gradients_of, no_grad, operation
from ..device import run
from ..kernels.normalization import (
    layer_norm_gradient,
    layer_norm_rows,
    moments,
    normalize,
    normalize_gradient,
    scale_gradient,
)
from ..random import default_generator
from .elementwise import sqrt
from .reduction import mean
from .shapes import reshape


def _moments(x):
    """Mean and variance of each group of x (outer, groups, inner)."""
    middle, variance = np.empty(x.shape[1], x.dtype), np.empty(x.shape[1], x.dtype)
    run(moments, x.shape[1], x, middle, variance, x.dtype.type(x.shape[0] * x.shape[2]))
    return middle, variance


@operation(input=lambda g, input, eps, kept: _gradient(g, input, eps, kept))
def _normalize(input, eps, statistics=None):
    """x̂ of each group of (outer, groups, inner). `statistics`, if given, receives mean and variance."""
    x = np.ascontiguousarray(input)
    middle, variance = _moments(x)
    if statistics is not None:
        statistics.extend((middle, variance))
    r = 1 / np.sqrt(variance + x.dtype.type(eps))
    out = np.empty_like(x)
    run(normalize, x.shape[1], x, middle, r, out)
    return out, (middle, r)


def _gradient(g, input, eps, kept):
    """r (g − ḡ − x̂ · mean(g x̂)): in one pass, or of operations where it is to be differentiated itself."""
    if isinstance(g, Variable):
        average = lambda x: mean(x, (0, 2), True)
        centred = input - average(input)
        r = 1.0 / sqrt(average(centred * centred) + eps)
        return r * (g - average(g) - centred * r * average(g * centred * r))
    g, x = np.ascontiguousarray(g), np.ascontiguousarray(input)
    dx = np.empty_like(x)
    run(normalize_gradient, x.shape[1], g, x, *kept, dx, x.dtype.type(x.shape[0] * x.shape[2]))
    return dx


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    """(x − μ) / √(σ² + ε) · weight + bias, for each channel.

    While training μ and σ² are those of the batch, and running ← (1 − momentum) running + momentum · batch, with the
    variance of a sample, Σ (x − μ)² / (n − 1); else μ and σ² are the running ones.
    Shapes: input (batch, channels, …), the others (channels,) or None.
    Raises ValueError for a batch of one value a channel while training, RuntimeError for sizes that do not fit.
    """
    check_tensors("batch_norm", input=input)
    channels = input.shape[1] if input.ndim > 1 else 0
    count = input.numel() // channels if channels else 0
    if training and count == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {input.shape}: "
                         "a single number less its mean is nothing. Use a larger batch, or eval()")
    given_sizes = {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}
    for name, given in given_sizes.items():
        if given is not None and given.numel() != channels:
            raise RuntimeError(f"{name} should contain {channels} elements not {given.numel()}: one for each channel "
                               f"of an input of shape {list(input.shape)}")
    if not training and (running_mean is None or running_var is None):
        raise RuntimeError("Expected running_mean and running_var to be defined when training=False")
    column = (channels,) + (1,) * (input.ndim - 2)
    if training:
        statistics = []
        out = reshape(_normalize(reshape(input, input.shape[0], channels, -1), eps, statistics), *input.shape)
        if running_mean is not None:
            with no_grad():
                for running, batch in zip((running_mean, running_var), statistics):
                    unbiased = batch if running is running_mean else batch * (count / (count - 1))
                    running.mul_(1 - momentum).add_(type(running)(momentum * unbiased))
    else:
        out = (input - reshape(running_mean, *column)) / sqrt(reshape(running_var, *column) + eps)
    out = out if weight is None else out * reshape(weight, *column)
    return out if bias is None else out + reshape(bias, *column)


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    """(x − μ) / √(σ² + ε) · weight + bias, with μ and σ² over the last dimensions, `normalized_shape`, of each sample.

    Shapes: input (…, *normalized_shape), weight and bias `normalized_shape` or None.
    """
    check_tensors("layer_norm", input=input)
    shape = tuple(normalized_shape)
    if not shape or tuple(input.shape[-len(shape):]) != shape:
        raise RuntimeError(f"Given normalized_shape={list(shape)}, expected input with shape [*, "
                           f"{', '.join(map(str, shape))}], but got input of size {list(input.shape)}")
    for name, given in {"weight": weight, "bias": bias}.items():
        if given is not None and tuple(given.shape) != shape:
            raise RuntimeError(f"Expected {name} to be of same shape as normalized_shape, but got {list(given.shape)} "
                               f"and normalized_shape={list(shape)}")
    features = math.prod(shape)
    x, w, b = reshape(input, math.prod(input.shape[: -len(shape)]), features), weight, bias
    w, b = w if w is None else reshape(w, features), b if b is None else reshape(b, features)
    fits = w is not None and all(given is None or given.dtype is x.dtype for given in (w, b))
    return reshape((_layer_norm if fits else _scaled_x_hat)(x, w, b, eps), *input.shape)


def _scaled_x_hat(x, weight, bias, eps):
    """x̂ · weight + bias, operation by operation. Shapes: x (rows, features), weight and bias (features,) or None."""
    out = reshape(_normalize(reshape(x, 1, *x.shape), eps), *x.shape)
    out = out if weight is None else out * weight
    return out if bias is None else out + bias


@operation(x_and_weight_and_bias=lambda g, x, weight, bias, eps, kept: _layer_norm_gradient(
    g, x, weight, bias, eps, *kept))
def _layer_norm(x, weight, bias, eps):
    """As `_scaled_x_hat`, in one pass."""
    x, weight = np.ascontiguousarray(x), np.ascontiguousarray(weight)
    bias = np.zeros_like(weight) if bias is None else np.ascontiguousarray(bias)
    middle, variance = _moments(x[None])
    r = 1 / np.sqrt(variance + x.dtype.type(eps))
    out = np.empty_like(x)
    run(layer_norm_rows, len(x), x, middle, r, weight, bias, out)
    return out, (middle, r)


def _layer_norm_gradient(g, x, weight, bias, eps, middle, r):
    if isinstance(g, Variable):
        return gradients_of(lambda *inputs: _scaled_x_hat(*inputs, eps), g, x, weight, bias)
    g, x, weight = map(np.ascontiguousarray, (g, x, weight))
    dx, dw, db = np.empty_like(x), np.empty_like(weight), np.empty_like(weight)
    run(layer_norm_gradient, len(x), g, x, middle, r, weight, dx, x.dtype.type(x.shape[1]))
    run(scale_gradient, dw.size, g, x, middle, r, dw, db)
    return dx, dw, db


# --- dropout ----------------------------------------------------------------------------------------------------------


def dropout(input, p=0.5, training=True, inplace=False):
    """While training, each number becomes 0 with probability p, the others x / (1 − p), so that the mean stays."""
    return _dropped("dropout", input, p, training, inplace, tuple(input.shape))


def dropout2d(input, p=0.5, training=True, inplace=False):
    """`dropout` of whole channels. Shapes: (images, channels, height, width)."""
    return _dropped("dropout2d", input, p, training, inplace, (*input.shape[:2], *(1,) * (input.ndim - 2)))


def _dropped(name, input, p, training, inplace, shape):
    from .activations import in_place
    from .elementwise import mul

    check_tensors(name, input=input)
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0.0:
        return input
    kept = default_generator.uniform(shape, np.float64) < 1 - p if p < 1.0 else np.zeros(shape, bool)
    mask = type(input)(kept.astype(input._array.dtype) / input._array.dtype.type(1 - p if p < 1.0 else 1))
    return in_place(input, mul, mask) if inplace else input * mask
