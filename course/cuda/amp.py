"""The names that `amp` has in older programs."""

from .. import amp
from ..unknown import names_of


class autocast(amp.autocast):
    """`amp.autocast` for 'cuda'."""

    _frames = 3

    def __init__(self, enabled: bool = True, dtype=None, cache_enabled: bool = True):
        super().__init__("cuda", dtype, enabled, cache_enabled)


class GradScaler(amp.GradScaler):
    """`amp.GradScaler` for 'cuda'."""

    _frames = 3

    def __init__(self, init_scale: float = 2.0**16, growth_factor: float = 2.0, backoff_factor: float = 0.5,
                 growth_interval: int = 2000, enabled: bool = True):
        super().__init__("cuda", init_scale, growth_factor, backoff_factor, growth_interval, enabled)


__getattr__ = names_of(__name__)
