"""The functions behind the layers and losses: `F.relu(x)` is what `nn.ReLU()(x)` computes."""

from ..ops.activations import log_softmax, softmax
from ..ops.elementwise import relu, sigmoid, tanh
from ..ops.linear import linear
from ..ops.losses import cross_entropy, mse_loss

__all__ = ["cross_entropy", "linear", "log_softmax", "mse_loss", "relu", "sigmoid", "softmax", "tanh"]
