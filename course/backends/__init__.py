"""Switches that PyTorch programs set before they begin. They can be set here too, and change nothing."""

from . import cuda, cudnn, mps
