"""Functions made of functions: a gradient, a Jacobian, a Hessian, one for a whole batch; and modules as functions."""

from ..unknown import names_of
from .batches import vmap
from .derivatives import grad, grad_and_value, hessian, jacrev
from .functional_call import functional_call, stack_module_state
from .products import jacfwd, jvp, vjp

__getattr__ = names_of(__name__)
