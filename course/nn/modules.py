"""PyTorch's places for the classes of `nn`: `from course.nn.modules.linear import Linear` finds `nn.Linear`."""

import sys

from . import (
    activations,
    adaptive,
    attention,
    containers,
    convolution,
    distances,
    layers,
    losses,
    module,
    normalization,
    padding,
    recurrent,
    resizing,
)

__path__ = []  # so that `course.nn.modules.linear` can be imported: each place is the course's own file

_PLACES = {
    "activation": activations, "adaptive": adaptive, "batchnorm": normalization, "channelshuffle": resizing,
    "container": containers, "conv": convolution, "distance": distances, "dropout": normalization, "flatten": layers,
    "fold": convolution, "instancenorm": normalization, "linear": layers, "loss": losses, "module": module,
    "normalization": normalization, "padding": padding, "pixelshuffle": resizing, "pooling": convolution,
    "rnn": recurrent, "sparse": layers, "transformer": attention, "upsampling": resizing,
}  # fmt: skip

for _place, _file in _PLACES.items():
    sys.modules[f"{__name__}.{_place}"] = globals()[_place] = _file


def __getattr__(name):
    return getattr(sys.modules[__package__], name)  # every class of `nn` itself
