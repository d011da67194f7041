"""Helpers around training."""

from . import checkpoint, data
