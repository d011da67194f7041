"""Weight norm and spectral norm as a hook before each call: the older form of those in `parametrizations`.

Many programs were written with it. The weight is an ordinary attribute, worked out anew before each call of the module.
"""

from __future__ import annotations

from ...autograd import no_grad
from ...ops.distances import normalize
from ..module import Module
from ..parameter import Parameter
from .parametrizations import dim_of_outputs, length, rows


class _Norm:
    """What is registered with the module. A subclass says in `weight` what the weight is."""

    def __init__(self, module: Module, name: str):
        self.name = name
        if _norm_of(module, type(self), name) is not None:
            raise RuntimeError(f"Cannot register two {self} hooks on the same parameter {name}")
        if not isinstance(getattr(module, name, None), Parameter):
            raise KeyError(f"{self}(): {type(module).__name__} has no parameter '{name}'")

    def of(self, module, part):
        """A parameter or buffer that stands in the place of the weight."""
        return getattr(module, f"{self.name}_{part}")

    def __call__(self, module, inputs=()):
        setattr(module, self.name, self.weight(module))

    def remove(self, module):
        """Make the weight a parameter again, as it is now."""
        with no_grad():
            weight = self.weight(module, removing=True)
        for name in (self.name, *(f"{self.name}_{part}" for part in self.parts)):
            delattr(module, name)
        module.register_parameter(self.name, Parameter(weight))


class _WeightNorm(_Norm):
    parts = ("g", "v")

    def __init__(self, module, name, dim):
        super().__init__(module, name)
        self.dim = dim
        v = getattr(module, name).detach()
        delattr(module, name)
        module.register_parameter(f"{name}_g", Parameter(length(v, dim)))
        module.register_parameter(f"{name}_v", Parameter(v))

    def __str__(self):
        return "weight_norm"

    def weight(self, module, removing=False):
        g, v = self.of(module, "g"), self.of(module, "v")
        return g * v / length(v, self.dim)


class _SpectralNorm(_Norm):
    parts = ("orig", "u", "v")

    def __init__(self, module, name, n_power_iterations, eps, dim):
        super().__init__(module, name)
        if n_power_iterations <= 0:
            raise ValueError("Expected n_power_iterations to be positive, but got "
                             f"n_power_iterations={n_power_iterations}")
        self.n_power_iterations, self.eps, self.dim = n_power_iterations, eps, dim
        weight = getattr(module, name)
        delattr(module, name)
        module.register_parameter(f"{name}_orig", weight)
        setattr(module, name, weight.detach())
        for part, size in zip("uv", rows(weight, dim).shape):
            module.register_buffer(f"{name}_{part}", normalize(weight.new_empty(size).normal_(), dim=0, eps=eps))

    def __str__(self):
        return "spectral_norm"

    def weight(self, module, removing=False):
        weight, u, v = (self.of(module, part) for part in self.parts)
        W = rows(weight, self.dim)
        if module.training and not removing:
            with no_grad():
                for _ in range(self.n_power_iterations):
                    v.copy_(normalize(W.T.mv(u), dim=0, eps=self.eps))
                    u.copy_(normalize(W.mv(v), dim=0, eps=self.eps))
            u, v = u.clone(), v.clone()  # the buffers change before the way back
        return weight / u.dot(W.mv(v))


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Let the weight be g · v / ‖v‖, of the parameters `weight_g` and `weight_v`; returns the module.

    The older form of `parametrizations.weight_norm`, whose docstring says more. Raises KeyError for a parameter that is
    not there, RuntimeError for one that has it already.
    """
    norm = _WeightNorm(module, name, dim)
    norm(module)
    module.register_forward_pre_hook(norm)
    return module


def spectral_norm(module: Module, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12,
                  dim: int | None = None) -> Module:
    """Let the weight be W / σ, of the parameter `weight_orig` and buffers `weight_u`, `weight_v`; returns the module.

    The older form of `parametrizations.spectral_norm`, whose docstring says more; here the power method begins with the
    first call. Raises KeyError for a parameter that is not there, RuntimeError for one that has it already, ValueError
    for fewer iterations than one.
    """
    dim = dim_of_outputs(module) if dim is None else dim
    module.register_forward_pre_hook(_SpectralNorm(module, name, n_power_iterations, eps, dim))
    return module


def remove_weight_norm(module: Module, name: str = "weight") -> Module:
    """Make the weight a parameter again, as it is now; returns the module. Raises ValueError where there is no norm."""
    return _removed(module, name, _WeightNorm, "weight_norm")


def remove_spectral_norm(module: Module, name: str = "weight") -> Module:
    """Make the weight a parameter again, as it is now; returns the module. Raises ValueError where there is no norm."""
    return _removed(module, name, _SpectralNorm, "spectral_norm")


def _norm_of(module, kind, name):
    """The number of the hook that makes a weight, or None."""
    found = (i for i, (hook, *_) in module._forward_pre_hooks.items() if isinstance(hook, kind) and hook.name == name)
    return next(found, None)


def _removed(module, name, kind, called):
    number = _norm_of(module, kind, name)
    if number is None:
        raise ValueError(f"{called} of '{name}' not found in {module}")
    hook, *_ = module._forward_pre_hooks.pop(number)
    hook.remove(module)
    return module
