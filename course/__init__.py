"""A small PyTorch whose kernels are numba: `import course as torch` runs course-size programs.

Each operation, layer, loss and optimiser has PyTorch's name, meaning and numbers. To see how one works, open its
source: the formulas are in `course/kernels`, the derivative rules beside the operations in `course/ops`.
"""

from . import autograd, datasets, nn, optim, random, utils
from .autograd import enable_grad, is_grad_enabled, no_grad, set_grad_enabled
from .creation import (
    arange,
    as_tensor,
    empty,
    empty_like,
    eye,
    from_numpy,
    full,
    full_like,
    linspace,
    ones,
    ones_like,
    rand,
    rand_like,
    randint,
    randn,
    randn_like,
    randperm,
    tensor,
    zeros,
    zeros_like,
)  # fmt: skip
from .device import device
from .dtype import (
    bool,
    double,
    dtype,
    float,
    float32,
    float64,
    get_default_dtype,
    int,
    int8,
    int16,
    int32,
    int64,
    long,
    set_default_dtype,
    short,
    uint8,
)  # fmt: skip
from .ops.activations import log_softmax, softmax
from .ops.elementwise import (
    abs,
    add,
    clamp,
    cos,
    div,
    eq,
    exp,
    ge,
    gt,
    isfinite,
    isnan,
    le,
    log,
    logical_not,
    lt,
    maximum,
    minimum,
    mul,
    ne,
    neg,
    pow,
    relu,
    sigmoid,
    sign,
    sin,
    sqrt,
    square,
    sub,
    tanh,
    where,
)  # fmt: skip
from .ops.linear import matmul
from .ops.reduction import all, amax, amin, any, argmax, argmin, broadcast_to, logsumexp, mean, std, sum, var
from .ops.shapes import cat, clone, flatten, movedim, permute, reshape, squeeze, stack, t, transpose, unsqueeze
from .random import Generator, initial_seed, manual_seed
from .serialization import load, save
from .tensor import Size, Tensor

__version__ = "0.1.0"
