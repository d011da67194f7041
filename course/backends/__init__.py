"""Switches that PyTorch programs set before they begin. They can be set here too, and change nothing."""

from . import cuda, cudnn, mps


def compile(model=None, *, fullgraph=False, dynamic=None, backend="inductor", mode=None, options=None, disable=False):
    """The model or function itself; without one, a decorator. Differs from PyTorch: there is nothing to compile."""
    return (lambda function: function) if model is None else model
