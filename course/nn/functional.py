"""The functions behind the layers and losses: `F.relu(x)` is what `nn.ReLU()(x)` computes."""

# ruff: noqa: F401

from ..ops.activations import (
    celu,
    elu,
    gelu,
    glu,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    log_softmax,
    logsigmoid,
    mish,
    prelu,
    relu,
    relu6,
    rrelu,
    selu,
    silu,
    softmax,
    softmin,
    softplus,
    softshrink,
    softsign,
    tanhshrink,
    threshold,
)  # fmt: skip
from ..ops.attention import scaled_dot_product_attention
from ..ops.classification_losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    kl_div,
    multilabel_soft_margin_loss,
    soft_margin_loss,
)  # fmt: skip
from ..ops.convolution import conv1d, conv2d, conv_transpose1d, conv_transpose2d, fold, unfold
from ..ops.cross_entropy import cross_entropy, nll_loss
from ..ops.ctc import ctc_loss
from ..ops.distances import cosine_similarity, normalize, pairwise_distance, pdist
from ..ops.elementwise import sigmoid, tanh
from ..ops.embedding import embedding, one_hot
from ..ops.embedding_bag import embedding_bag
from ..ops.gumbel import gumbel_softmax
from ..ops.linear import bilinear, linear
from ..ops.margin_losses import (
    cosine_embedding_loss,
    hinge_embedding_loss,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)  # fmt: skip
from ..ops.normalization import (
    alpha_dropout,
    batch_norm,
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
    group_norm,
    instance_norm,
    layer_norm,
    local_response_norm,
    rms_norm,
)  # fmt: skip
from ..ops.padding import pad
from ..ops.pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    avg_pool1d,
    avg_pool2d,
    lp_pool1d,
    lp_pool2d,
    max_pool1d,
    max_pool2d,
    max_unpool1d,
    max_unpool2d,
)  # fmt: skip
from ..ops.regression_losses import (
    gaussian_nll_loss,
    huber_loss,
    l1_loss,
    mse_loss,
    poisson_nll_loss,
    smooth_l1_loss,
)  # fmt: skip
from ..ops.resizing import channel_shuffle, interpolate, pixel_shuffle, pixel_unshuffle, upsample
from ..ops.sampling import affine_grid, grid_sample
from ..tensor import Tensor
from ..unknown import names_of

relu_ = Tensor.relu_

__getattr__ = names_of(__name__)
