"""Functions that PyTorch also keeps in `torch.special`, some under names of their own there."""

# ruff: noqa: F401

from .ops.activations import log_softmax, softmax
from .ops.elementwise import erf, erfc, erfinv, expm1, log1p, round, xlogy
from .ops.elementwise import sigmoid as expit
from .ops.gamma import digamma
from .ops.gamma import digamma as psi
from .ops.gamma import lgamma as gammaln
from .ops.reduction import logsumexp
from .ops.special import entr, exp2, logit, ndtr, sinc, xlog1py
from .unknown import names_of

__getattr__ = names_of(__name__)
