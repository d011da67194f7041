"""The functions behind the layers and losses: `F.relu(x)` is what `nn.ReLU()(x)` computes."""

# ruff: noqa: F401

from ..ops.activations import (
    elu,
    gelu,
    hardtanh,
    leaky_relu,
    log_softmax,
    logsigmoid,
    mish,
    prelu,
    relu,
    relu6,
    selu,
    silu,
    softmax,
    softplus,
    softsign,
    threshold,
)  # fmt: skip
from ..ops.elementwise import sigmoid, tanh
from ..ops.linear import linear
from ..ops.losses import cross_entropy, mse_loss
