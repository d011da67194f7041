"""Normalisation over batches, channels, groups and features; and dropout."""

import math

import numpy as np

from ..autograd import Taped, check_tensors, gradients_of, no_grad, operation, overwrite
from ..device import run
from ..kernels.normalization import (
    BLOCK,
    layer_norm_gradient,
    layer_norm_rows,
    moments,
    normalize,
    normalize_gradient,
)
from ..random import stream
from .elementwise import mul, rsqrt, sqrt
from .padding import pad
from .pooling import avg_pool2d
from .reduction import _need_floats, mean
from .shapes import reshape, shaped


def _moments(x):
    """Mean and variance of each group of x (outer, groups, inner)."""
    middle, variance = np.empty(x.shape[1], x.dtype, like=x), np.empty(x.shape[1], x.dtype, like=x)
    run(moments, x.shape[1], x, middle, variance, x.dtype.type(x.shape[0] * x.shape[2]))
    return middle, variance


@operation(input_and_weight_and_bias=lambda g, input, weight, bias, eps, kept: _gradient(
    g, input, weight, bias, eps, *kept))
def _normalize(input, eps, statistics=None, weight=None, bias=None):
    """x̂ · weight + bias of each group of (outer, groups, inner). `statistics`, if given, receives mean and variance."""
    x = np.ascontiguousarray(input, like=input)
    middle, variance = _moments(x)
    if statistics is not None:
        statistics.extend((middle, variance))
    r = 1 / np.sqrt(variance + x.dtype.type(eps))
    weight = np.ones_like(r) if weight is None else np.ascontiguousarray(weight, like=weight)
    bias = np.zeros_like(r) if bias is None else np.ascontiguousarray(bias, like=bias)
    out = np.empty_like(x)
    run(normalize, x.shape[1], x, middle, r, weight, bias, out)
    return out, (middle, r)


def _gradient(g, input, weight, bias, eps, middle, r):
    """In one pass, or of operations where it is to be differentiated itself."""
    if isinstance(g, Taped):
        return gradients_of(lambda *inputs: _of_operations(*inputs, eps), g, input, weight, bias)
    g, x = np.ascontiguousarray(g, like=g), np.ascontiguousarray(input, like=input)
    weight = np.ones_like(r) if weight is None else np.ascontiguousarray(weight, like=weight)
    dx, dw, db = np.empty_like(x), np.empty_like(r), np.empty_like(r)
    run(normalize_gradient, x.shape[1], g, x, middle, r, weight, dx, dw, db, x.dtype.type(x.shape[0] * x.shape[2]))
    return dx, dw, db


def _of_operations(x, weight, bias, eps):
    """(x − μ) / √(σ² + ε) · weight + bias. Shapes: x (outer, groups, inner), weight and bias (groups,) or None."""
    centred = x - mean(x, (0, 2), True)
    out = centred / sqrt(mean(centred * centred, (0, 2), True) + eps)
    out = out if weight is None else out * reshape(weight, -1, 1)
    return out if bias is None else out + reshape(bias, -1, 1)


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
    _check_per_channel(input, running_mean=running_mean, running_var=running_var, weight=weight, bias=bias)
    if not training and (running_mean is None or running_var is None):
        raise RuntimeError("Expected running_mean and running_var to be defined when training=False")
    if training:
        statistics = []
        learned = ()
        if _of_one_dtype(input, weight, bias):  # as a rule; then the same pass sees to them too
            learned, weight, bias = (weight, bias), None, None
        out = _normalize(reshape(input, input.shape[0], channels, -1), eps, statistics, *learned)
        out = shaped(out, *input.shape)
        _remember(running_mean, running_var, statistics, count, momentum)
    else:
        out = (input - _column(running_mean, input)) / sqrt(_column(running_var, input) + eps)
    return _scaled(out, weight, bias)


def _column(numbers, x):
    """One number for each channel, so that they stand beside x (batch, channels, …)."""
    return reshape(numbers, -1, *(1,) * (x.ndim - 2))


def _scaled(x_hat, weight, bias):
    """x̂ · weight + bias, each with one number for each channel, or None."""
    out = x_hat if weight is None else x_hat * _column(weight, x_hat)
    return out if bias is None else out + _column(bias, x_hat)


@no_grad()
def _remember(running_mean, running_var, statistics, count, momentum):
    """running ← (1 − momentum) running + momentum · batch, with the variance of a sample, Σ (x − μ)² / (n − 1)."""
    if running_mean is not None:
        middle, variance = statistics
        for running, batch in (running_mean, middle), (running_var, variance * (count / (count - 1))):
            running.mul_(1 - momentum).add_(Taped.tensor(momentum * batch))


def instance_norm(input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True,
                  momentum=0.1, eps=1e-5):
    """(x − μ) / √(σ² + ε) · weight + bias, with μ and σ² of each channel of each sample by itself.

    With running statistics, they become running averages of the samples' own; use_input_stats=False takes those for μ
    and σ², as `batch_norm` does. Shapes: input (batch, channels, …), the others (channels,) or None.
    Raises ValueError for channels of a single number. Source: Ulyanov et al., 2016.
    """
    check_tensors("instance_norm", input=input)
    if not use_input_stats:
        if running_mean is None or running_var is None:
            raise RuntimeError("Expected running_mean and running_var to be defined when use_input_stats=False")
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    samples, channels = _samples_and_channels("instance_norm", input)
    count = math.prod(input.shape[2:])
    if count == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {input.shape}: a single "
                         "number less its mean is nothing")
    _check_per_channel(input, running_mean=running_mean, running_var=running_var, weight=weight, bias=bias)
    statistics = []
    x_hat = reshape(_normalize(reshape(input, 1, samples * channels, -1), eps, statistics), *input.shape)
    averages = [s.reshape(samples, channels).mean(0) for s in statistics]
    _remember(running_mean, running_var, averages, count, momentum)
    return _scaled(x_hat, weight, bias)


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    """(x − μ) / √(σ² + ε) · weight + bias, with μ and σ² over groups of neighbouring channels of each sample.

    Shapes: input (batch, channels, …), weight and bias (channels,) or None.
    Raises RuntimeError where the channels do not divide into `num_groups`. Source: Wu and He, 2018.
    """
    check_tensors("group_norm", input=input)
    samples, channels = _samples_and_channels("group_norm", input)
    if num_groups < 1 or channels % num_groups:
        raise RuntimeError("Expected number of channels in input to be divisible by num_groups, but got input of "
                           f"shape {list(input.shape)} and num_groups={num_groups}")
    if input.numel() == num_groups:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {input.shape}: a "
                         "single number less its mean is nothing")
    _check_per_channel(input, weight=weight, bias=bias)
    return _scaled(reshape(_normalize(reshape(input, 1, samples * num_groups, -1), eps), *input.shape), weight, bias)


def _samples_and_channels(name, input):
    if input.ndim < 2:
        raise RuntimeError(f"{name}(): Expected at least 2 dimensions for input tensor (batch, channels, …), given "
                           f"shape {list(input.shape)}")
    return input.shape[:2]


def _check_per_channel(input, **given_sizes):
    """Raises RuntimeError for what has not one number for each channel."""
    channels = input.shape[1] if input.ndim > 1 else 0
    for name, given in given_sizes.items():
        if given is not None and given.numel() != channels:
            raise RuntimeError(f"{name} should contain {channels} elements not {given.numel()}: one for each channel "
                               f"of an input of shape {list(input.shape)}")


def _of_one_dtype(x, weight, bias):
    """Whether weight and bias, where there are any, have the dtype of x."""
    return all(given is None or given.dtype is x.dtype for given in (weight, bias))


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    """(x − μ) / √(σ² + ε) · weight + bias, with μ and σ² over the last dimensions, `normalized_shape`, of each sample.

    Shapes: input (…, *normalized_shape), weight and bias `normalized_shape` or None.
    """
    check_tensors("layer_norm", input=input)
    shape = _features(input, normalized_shape, weight=weight, bias=bias)
    features = math.prod(shape)
    x, w, b = shaped(input, math.prod(input.shape[: -len(shape)]), features), weight, bias
    w, b = w if w is None else shaped(w, features), b if b is None else shaped(b, features)
    fits = w is not None and _of_one_dtype(x, w, b)
    return shaped((_layer_norm if fits else _scaled_x_hat)(x, w, b, eps), *input.shape)


def rms_norm(input, normalized_shape, weight=None, eps=None):
    """x / √(mean(x²) + ε) · weight, the mean over the last dimensions, `normalized_shape`, of each sample.

    ε is the type's smallest step from 1, unless given. Shapes: as `layer_norm`. Source: Zhang and Sennrich, 2019.
    """
    check_tensors("rms_norm", input=input)
    shape = _features(input, normalized_shape, weight=weight)
    _need_floats("rms_norm", input._array)
    eps = float(np.finfo(input._array.dtype).eps) if eps is None else eps
    out = input * rsqrt(mean(input * input, tuple(range(-len(shape), 0)), True) + eps)
    return out if weight is None else out * weight


def _features(input, normalized_shape, **learned):
    """`normalized_shape` as a tuple. Raises RuntimeError where the input or what is learned does not have it."""
    shape = tuple(normalized_shape)
    if not shape or tuple(input.shape[-len(shape):]) != shape:
        raise RuntimeError(f"Given normalized_shape={list(shape)}, expected input with shape [*, "
                           f"{', '.join(map(str, shape))}], but got input of size {list(input.shape)}")
    for name, given in learned.items():
        if given is not None and tuple(given.shape) != shape:
            raise RuntimeError(f"Expected {name} to be of same shape as normalized_shape, but got {list(given.shape)} "
                               f"and normalized_shape={list(shape)}")
    return shape


def _scaled_x_hat(x, weight, bias, eps):
    """x̂ · weight + bias, operation by operation. Shapes: x (rows, features), weight and bias (features,) or None."""
    out = reshape(_normalize(reshape(x, 1, *x.shape), eps), *x.shape)
    out = out if weight is None else out * weight
    return out if bias is None else out + bias


@operation(x_and_weight_and_bias=lambda g, x, weight, bias, eps, kept: _layer_norm_gradient(
    g, x, weight, bias, eps, *kept))
def _layer_norm(x, weight, bias, eps):
    """As `_scaled_x_hat`, in one pass."""
    x, weight = np.ascontiguousarray(x, like=x), np.ascontiguousarray(weight, like=weight)
    bias = np.zeros_like(weight) if bias is None else np.ascontiguousarray(bias, like=bias)
    middle, r, out = np.empty_like(x, shape=len(x)), np.empty_like(x, shape=len(x)), np.empty_like(x)
    kind = x.dtype.type
    run(layer_norm_rows, len(x), x, weight, bias, kind(eps), middle, r, out, kind(x.shape[1]))
    return out, (middle, r)


def _layer_norm_gradient(g, x, weight, bias, eps, middle, r):
    if isinstance(g, Taped):
        return gradients_of(lambda *inputs: _scaled_x_hat(*inputs, eps), g, x, weight, bias)
    g, x, weight = (np.ascontiguousarray(a, like=a) for a in (g, x, weight))
    blocks = -(-len(x) // BLOCK)
    dx, sums = np.empty_like(x), np.zeros_like(x, shape=(2, blocks, x.shape[1]))
    run(layer_norm_gradient, blocks, g, x, middle, r, weight, dx, *sums, x.dtype.type(x.shape[1]))
    return dx, *sums.sum(1)


def local_response_norm(input, size, alpha=1e-4, beta=0.75, k=1.0):
    """x / (k + α · mean of x² over `size` neighbouring channels)^β; beyond the first and the last channel are zeros.

    Shapes: (samples, channels, …), at least 3-D. Raises ValueError for fewer dimensions.
    Source: Krizhevsky, Sutskever and Hinton, 2012.
    """
    check_tensors("local_response_norm", input=input)
    if input.ndim < 3:
        raise ValueError(f"Expected 3D or higher dimensionality input (got {input.ndim} dimensions): (samples, "
                         "channels, …)")
    if input.numel() == 0:
        return input
    planes = reshape(input * input, input.shape[0], 1, input.shape[1], -1)
    squares = avg_pool2d(pad(planes, (0, 0, size // 2, (size - 1) // 2)), (size, 1), 1)
    return input / (alpha * reshape(squares, *input.shape) + k) ** beta


# --- dropout ----------------------------------------------------------------------------------------------------------


def dropout(input, p=0.5, training=True, inplace=False):
    """While training, each number becomes 0 with probability p, the others x / (1 − p), so that the mean stays."""
    return _dropped("dropout", input, p, training, inplace)


def dropout1d(input, p=0.5, training=True, inplace=False):
    """`dropout` of whole channels. Shapes: (sequences, channels, length) or (channels, length)."""
    _check_dims("dropout1d", input, 1)
    return _dropped("dropout1d", input, p, training, inplace, _channels(input, 1))


def dropout2d(input, p=0.5, training=True, inplace=False):
    """`dropout` of whole channels. Shapes: (images, channels, height, width)."""
    check_tensors("dropout2d", input=input)
    return _dropped("dropout2d", input, p, training, inplace, _channels(input, input.ndim - 2))


def dropout3d(input, p=0.5, training=True, inplace=False):
    """`dropout` of whole channels. Shapes: (volumes, channels, depth, height, width), or one volume."""
    _check_dims("dropout3d", input, 3)
    return _dropped("dropout3d", input, p, training, inplace, _channels(input, 3))


def _check_dims(name, input, dims):
    check_tensors(name, input=input)
    if input.ndim not in (dims + 1, dims + 2):
        raise RuntimeError(f"{name}: Expected {dims + 1}D or {dims + 2}D input, but received a {input.ndim}D input: it "
                           f"drops channels in front of {dims} dimension(s); dropout drops single numbers")


def _channels(input, dims):
    """The shape of one number for each channel in front of the last `dims` dimensions."""
    return *input.shape[: input.ndim - dims], *(1,) * dims


def alpha_dropout(input, p=0.5, training=False, inplace=False):
    """Dropout for `selu`: a x + b, with α′ in place of the dropped x, so that mean 0 and variance 1 stay as they are.

    α′ = −1.758… is what selu gives far below 0, a = 1/√((1 − p)(1 + p α′²)), b = −a p α′.
    Source: Klambauer et al., 2017.
    """
    return _alpha_dropped("alpha_dropout", input, p, training, inplace)


def feature_alpha_dropout(input, p=0.5, training=False, inplace=False):
    """`alpha_dropout` of whole channels. Shapes: (samples, channels, …)."""
    check_tensors("feature_alpha_dropout", input=input)
    if input.ndim < 2:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input: (samples, channels, …), given "
                           f"shape {list(input.shape)}")
    return _alpha_dropped("feature_alpha_dropout", input, p, training, inplace, _channels(input, input.ndim - 2))


def _alpha_dropped(name, input, p, training, inplace, shape=None):
    _check_chance(name, input, p)
    if not training or p == 0.0 or not input.numel():
        return input
    a = 0.0 if p == 1.0 else 1 / math.sqrt((1 - p) * (1 + p * _SELU_FAR_BELOW**2))
    kept = _kept(input, p, shape)
    shift = a * _SELU_FAR_BELOW * ((1 - p) - kept)
    blended = lambda x: a * kept * x + shift
    return overwrite(input, blended) if inplace else blended(input)


_SELU_FAR_BELOW = -1.7580993408473766  # −s α


def _dropped(name, input, p, training, inplace, shape=None):
    """`shape`: of what is kept or dropped together, that of the input unless given."""
    _check_chance(name, input, p)
    if not training or p == 0.0:
        return input
    mask = _kept(input, p, shape, 1 / input._array.dtype.type(1 - p) if p < 1.0 else 0.0)
    return overwrite(input, mul, mask) if inplace else input * mask


def _check_chance(name, input, p):
    check_tensors(name, input=input)
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def _kept(input, p, shape=None, value=1.0):
    """`value` for what is kept, with probability 1 − p, and 0 for what is dropped."""
    x = input._array
    order = _order_in_memory(x) if shape is None else range(x.ndim)
    shape = [(x.shape if shape is None else shape)[d] for d in order]
    if p < 1.0:
        mask = stream(input.device).bernoulli(tuple(shape), x.dtype, 1 - p, value)
    else:
        mask = np.zeros(shape, x.dtype, like=x)
    return Taped.tensor(mask.transpose(np.argsort(order)))


def _order_in_memory(x):
    """The dimensions of x as they lie in memory: in this order PyTorch draws a random number for each number of x."""
    order = np.argsort([-stride for stride in x.strides], kind="stable")
    return order if x.transpose(order).flags.c_contiguous else range(x.ndim)
