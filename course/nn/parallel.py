"""DataParallel, for programs that wrap their model in it."""

from __future__ import annotations

from ..unknown import names_of
from .module import Module


class DataParallel(Module):
    """A module that calls another one, as PyTorch's does on a machine without GPUs; its names begin with 'module.'.

    Differs from PyTorch: with GPUs too, the whole batch is computed where the module lies. `course.parallel` and lesson
    26 share batches among the cores, `course.distributed` among processes.
    """

    def __init__(self, module: Module, device_ids=None, output_device=None, dim: int = 0):
        super().__init__()
        self.dim, self.module, self.device_ids, self.output_device = dim, module, device_ids or [], output_device

    def forward(self, *inputs, **kwargs):
        return self.module(*inputs, **kwargs)


__getattr__ = names_of(__name__, {
    "DistributedDataParallel": "course.distributed.DistributedOptimizer shares the gradients among the processes"})
