"""Mixed precision, as far as a library without half precision has it: programs run, in float32."""

from __future__ import annotations

import contextlib
import warnings

from . import dtype as dtypes
from .unknown import names_of


class autocast(contextlib.ContextDecorator):
    """`with autocast("cuda"):` changes nothing: the course computes in float32 where PyTorch takes half precision.

    An enabled one says so in a warning. Args: device_type: 'cpu' or 'cuda'; dtype: None or float32; enabled.
    Raises RuntimeError for another device, ValueError for one that is no text, TypeError for another dtype.
    Differs from PyTorch: the numbers are those of float32, more exact than half precision.
    """

    _frames = 2  # from the warning to the line of the program that it names

    def __init__(self, device_type: str, dtype=None, enabled: bool = True, cache_enabled: bool | None = None):
        if not isinstance(device_type, str):
            raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
        if device_type not in ("cpu", "cuda"):
            raise RuntimeError(f"User specified an unsupported autocast device_type '{device_type}'; the course has "
                               "'cpu' and 'cuda'")
        if dtype not in (None, dtypes.float32):
            raise TypeError(f"autocast(): the course computes in float32; leave dtype out, given {dtype!r}")
        if enabled and dtype is None:
            warnings.warn("autocast: the course has no half precision, so that all is computed in float32 as it is "
                          "outside; leave autocast out, or say enabled=False", UserWarning, stacklevel=self._frames)
        self.device, self.fast_dtype = device_type, dtypes.float32

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return False


class GradScaler:
    """What PyTorch's GradScaler is with enabled=False, or without CUDA: losses and gradients stay as they are.

    float32 gradients do not vanish as those of half precision do, so that there is nothing to scale. An enabled one
    says so in a warning. Its methods are PyTorch's; `scaler.step(optimizer)` is `optimizer.step()`.
    """

    _frames = 2

    def __init__(self, device: str = "cuda", init_scale: float = 2.0**16, growth_factor: float = 2.0,
                 backoff_factor: float = 0.5, growth_interval: int = 2000, enabled: bool = True):
        if enabled:
            warnings.warn("GradScaler: the course computes in float32, whose gradients need no scaling. Disabling; "
                          "leave it out, or say enabled=False", UserWarning, stacklevel=self._frames)

    def scale(self, outputs):
        """The outputs as they are."""
        return outputs

    def unscale_(self, optimizer) -> None:
        """Leave the gradients as they are."""

    def step(self, optimizer, *args, **kwargs):
        """optimizer.step(*args, **kwargs)."""
        return optimizer.step(*args, **kwargs)

    def update(self, new_scale=None) -> None:
        """Leave the scale as it is."""

    def get_scale(self) -> float:
        """The factor of the losses: 1."""
        return 1.0

    def is_enabled(self) -> bool:
        """Whether losses are scaled: they are not."""
        return False

    def state_dict(self) -> dict:
        """Nothing, as there is nothing to remember."""
        return {}

    def load_state_dict(self, state_dict: dict) -> None:
        """Take nothing over."""


__getattr__ = names_of(__name__)
