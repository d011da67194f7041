"""A small PyTorch whose kernels are numba: `import course as torch` runs course-size programs.

Each operation, layer, loss and optimiser has PyTorch's name, meaning and numbers. To see how one works, open its
source: the formulas are in `course/kernels`, the derivative rules beside the operations in `course/ops`.
"""

import gc
from math import e, inf, nan, pi

from . import (
    accelerator,
    amp,
    autograd,
    backends,
    cuda,
    datasets,
    distributed,
    distributions,
    func,
    linalg,
    memory,
    metrics,
    nn,
    optim,
    random,
    return_types,
    special,
    testing,
    transforms,
    utils,
)  # fmt: skip
from .amp import autocast
from .autograd import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from .backends import (
    are_deterministic_algorithms_enabled,
    get_float32_matmul_precision,
    set_float32_matmul_precision,
    use_deterministic_algorithms,
)  # fmt: skip
from .compiled import compile
from .cores import get_num_threads, set_num_threads
from .creation import (
    arange,
    as_tensor,
    asarray,
    bernoulli,
    binomial,
    empty,
    empty_like,
    eye,
    from_numpy,
    full,
    full_like,
    linspace,
    logspace,
    multinomial,
    normal,
    ones,
    ones_like,
    poisson,
    rand,
    rand_like,
    randint,
    randint_like,
    randn,
    randn_like,
    randperm,
    tensor,
    tril_indices,
    triu_indices,
    zeros,
    zeros_like,
)  # fmt: skip
from .device import device, get_default_device, set_default_device
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
from .func import vmap
from .limits import finfo, iinfo
from .memory_format import channels_last, contiguous_format, memory_format, preserve_format
from .nn.functional import (
    adaptive_avg_pool1d,
    avg_pool1d,
    bilinear,
    celu,
    conv1d,
    conv2d,
    conv_transpose1d,
    conv_transpose2d,
    dropout,
    group_norm,
    layer_norm,
    max_pool1d,
    max_pool2d,
    pixel_shuffle,
    pixel_unshuffle,
    prelu,
    rms_norm,
    selu,
    threshold,
)  # fmt: skip
from .old_types import (
    BoolTensor,
    ByteTensor,
    CharTensor,
    DoubleTensor,
    FloatTensor,
    IntTensor,
    LongTensor,
    ShortTensor,
    set_default_tensor_type,
)  # fmt: skip
from .ops.activations import log_softmax, softmax
from .ops.calculus import cumulative_trapezoid, diff, gradient, trapezoid
from .ops.contraction import einsum, kron, tensordot
from .ops.counting import bincount, bucketize, histc, histogram, isin, searchsorted, unique, unique_consecutive
from .ops.decompositions import cholesky_solve, logdet, pinverse, slogdet
from .ops.distances import cdist, cosine_similarity, dist, pairwise_distance, pdist, renorm
from .ops.elementwise import (
    abs,
    acos,
    addcdiv,
    addcmul,
    asin,
    atan,
    atan2,
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    ceil,
    clamp,
    cos,
    cosh,
    eq,
    erf,
    erfc,
    erfinv,
    exp,
    expm1,
    floor,
    floor_divide,
    ge,
    gt,
    isclose,
    isfinite,
    isinf,
    isnan,
    le,
    lerp,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    lt,
    maximum,
    minimum,
    mul,
    ne,
    neg,
    pow,
    reciprocal,
    relu,
    remainder,
    round,
    rsqrt,
    sigmoid,
    sign,
    sin,
    sinh,
    sqrt,
    square,
    tan,
    tanh,
    trunc,
    xlogy,
)  # fmt: skip
from .ops.gamma import digamma, lgamma
from .ops.indexing import (
    as_strided,
    gather,
    index_add,
    index_fill,
    index_select,
    masked_fill,
    masked_select,
    nonzero,
    scatter,
    scatter_add,
    take,
    take_along_dim,
    unravel_index,
    where,
)  # fmt: skip
from .ops.joining import (
    atleast_1d,
    atleast_2d,
    atleast_3d,
    block_diag,
    broadcast_shapes,
    broadcast_tensors,
    cartesian_prod,
    column_stack,
    combinations,
    diag_embed,
    dsplit,
    dstack,
    hsplit,
    hstack,
    tensor_split,
    vander,
    vsplit,
    vstack,
)  # fmt: skip
from .ops.linear import addmm, addmv, addr, baddbmm, cross, outer
from .ops.linear_algebra import det
from .ops.linear_algebra import inv as inverse
from .ops.matrix_products import inner, matrix_power, vdot
from .ops.old_decompositions import cholesky, qr, svd, triangular_solve
from .ops.other_names import (
    absolute,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    argwhere,
    broadcast_to,
    clip,
    concat,
    concatenate,
    divide,
    fix,
    ger,
    greater,
    greater_equal,
    less,
    less_equal,
    moveaxis,
    multiply,
    negative,
    not_equal,
    row_stack,
    sgn,
    subtract,
    swapdims,
    trapz,
    true_divide,
)  # fmt: skip
from .ops.reduction import (
    all,
    allclose,
    amax,
    amin,
    any,
    argmax,
    argmin,
    count_nonzero,
    cumprod,
    cumsum,
    equal,
    logcumsumexp,
    logsumexp,
    mean,
    norm,
    prod,
    std,
    std_mean,
    sum,
    var,
    var_mean,
)  # fmt: skip
from .ops.scattering import index_copy, index_put, masked_scatter, scatter_reduce
from .ops.shapes import (
    chunk,
    clone,
    diag,
    diagonal,
    flatten,
    flip,
    fliplr,
    flipud,
    meshgrid,
    movedim,
    narrow,
    permute,
    ravel,
    repeat_interleave,
    reshape,
    roll,
    rot90,
    select,
    split,
    squeeze,
    swapaxes,
    t,
    tile,
    trace,
    transpose,
    tril,
    triu,
    unbind,
    unflatten,
    unsqueeze,
)  # fmt: skip
from .ops.signs import clamp_max, clamp_min, copysign, fmax, fmin, fmod, frac, heaviside, nan_to_num, positive, signbit
from .ops.sorting import (
    aminmax,
    argsort,
    cummax,
    cummin,
    kthvalue,
    max,
    median,
    min,
    mode,
    nanmedian,
    sort,
    topk,
)  # fmt: skip
from .ops.special import (
    acosh,
    asinh,
    atanh,
    bitwise_left_shift,
    bitwise_right_shift,
    deg2rad,
    exp2,
    float_power,
    hypot,
    ldexp,
    logit,
    rad2deg,
    sinc,
)  # fmt: skip
from .ops.statistics import corrcoef, cov, nanmean, nanquantile, nansum, quantile
from .ops.with_out import add, bmm, cat, div, dot, matmul, mm, mv, stack, sub
from .printing import set_printoptions
from .questions import can_cast, is_complex, is_floating_point, is_nonzero, is_tensor, numel, promote_types, result_type
from .random import Generator, get_rng_state, initial_seed, manual_seed, seed, set_rng_state
from .serialization import load, save
from .tensor import Size, Tensor
from .unknown import names_of

__version__ = "0.1.0"
newaxis = None
__getattr__ = names_of(__name__, dict.fromkeys(
    ("float16", "bfloat16", "half"), "it computes in float32 and float64, within autocast too; write float32"))

memory.keep_freed_memory()
gc.unfreeze()  # what `course.kernels` froze for the time of this import
del gc
