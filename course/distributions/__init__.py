"""Distributions with PyTorch's names: `Normal(0, 1).sample((3,))`, `.log_prob(x)`, `kl_divergence(p, q)`.

One family a file, its formulas as on paper. `rsample` draws so that gradients reach the parameters; `log_prob` is what
a likelihood, and so most losses, is made of.
"""

from ..unknown import names_of
from . import constraints
from .bernoulli import Bernoulli
from .binomial import Binomial
from .categorical import Categorical
from .distribution import Distribution
from .exponential import Exponential
from .independent import Independent
from .kl import kl_divergence, register_kl
from .laplace import Laplace
from .log_normal import LogNormal
from .multinomial import Multinomial
from .multivariate_normal import MultivariateNormal
from .normal import Normal
from .poisson import Poisson
from .uniform import Uniform

__getattr__ = names_of(__name__)
