"""Layers, losses and the `Module` that holds them together."""

from . import functional, init, utils
from .layers import Flatten, Identity, Linear, ReLU, Sigmoid, Softmax, Tanh
from .losses import CrossEntropyLoss, MSELoss
from .module import Module
from .parameter import Parameter
from .sequential import Sequential
