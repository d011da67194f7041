"""Layers: a linear map, activations, and what only rearranges."""

from __future__ import annotations

import math

from ..autograd import check_tensors
from ..creation import empty
from ..tensor import Tensor
from . import functional as F
from . import init
from .module import Module
from .parameter import Parameter


def natural_number(layer: str, name: str, value) -> int:
    """`value`, if it is an integer ≥ 0; otherwise a TypeError or ValueError that names the layer's argument."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{layer}: {name} must be an integer, given {value!r}")
    if value < 0:
        raise ValueError(f"{layer}: {name} must not be negative, given {value}")
    return int(value)


class Linear(Module):
    """y = x Wᵀ + b.

    Args: in_features, out_features: numbers a row before and after; bias: whether there is a b.
    Shapes: x (…, in_features) → y (…, out_features); weight (out, in), bias (out,).
    Weight and bias start evenly spread over [−1/√in, 1/√in] (PyTorch's choice, after He et al., 2015).

    >>> import course
    >>> course.nn.Linear(2, 3)
    Linear(in_features=2, out_features=3, bias=True)
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, device=None, dtype=None):
        super().__init__()
        self.in_features = natural_number("Linear", "in_features", in_features)
        self.out_features = natural_number("Linear", "out_features", out_features)
        self.weight = Parameter(empty(out_features, in_features, dtype=dtype, device=device))
        self.register_parameter("bias", Parameter(empty(out_features, dtype=dtype, device=device)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input):
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self):
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Bilinear(Module):
    """y_k = x₁ᵀ W_k x₂ + b_k: `functional.bilinear`, called with x₁ and x₂.

    Shapes: x₁ (…, in1_features), x₂ (…, in2_features) → (…, out_features); weight (out, in1, in2), bias (out,).
    Both start evenly spread over ±1/√in1.
    """

    def __init__(self, in1_features: int, in2_features: int, out_features: int, bias: bool = True, device=None,
                 dtype=None):
        super().__init__()
        if natural_number("Bilinear", "in1_features", in1_features) == 0:
            raise ValueError("in1_features must be > 0, given 0")
        self.in1_features = in1_features
        self.in2_features = natural_number("Bilinear", "in2_features", in2_features)
        self.out_features = natural_number("Bilinear", "out_features", out_features)
        shape = (out_features, in1_features, in2_features)
        self.weight = Parameter(empty(shape, dtype=dtype, device=device))
        self.register_parameter("bias", Parameter(empty(out_features, dtype=dtype, device=device)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        bound = 1 / math.sqrt(self.in1_features)
        for p in self.parameters():
            init.uniform_(p, -bound, bound)

    def forward(self, input1, input2):
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self):
        return (f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
                f"out_features={self.out_features}, bias={self.bias is not None}")


class Identity(Module):
    """The input as it is, whatever arguments it is made with."""

    def __init__(self, *args, **kwargs):
        super().__init__()

    def forward(self, input):
        return input


class Flatten(Module):
    """Dimensions `start_dim` to `end_dim` joined into one: images (batch, 1, 8, 8) to rows (batch, 64)."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1):
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input):
        check_tensors("Flatten", input=input)
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self):
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Dimension `dim` split into several: rows (batch, 64) to images (batch, 1, 8, 8)."""

    def __init__(self, dim: int, unflattened_size):
        super().__init__()
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, input):
        check_tensors("Unflatten", input=input)
        return input.unflatten(self.dim, self.unflattened_size)

    def extra_repr(self):
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


class _Table(Module):
    """What Embedding and EmbeddingBag share: a learned row of numbers for each of so many things."""

    def _begin(self, weight, frozen, device, dtype, **options):
        super().__init__()
        self.__dict__.update(options)
        name, padding = type(self).__name__, self.padding_idx
        shape = things, _ = [natural_number(name, n, options[n]) for n in ("num_embeddings", "embedding_dim")]
        if padding is not None:
            if not -things <= padding < things:
                raise AssertionError(f"padding_idx must be within num_embeddings, given {padding}")
            self.padding_idx = padding % things
        if self.sparse:
            raise NotImplementedError(f"{name}: the course has no sparse gradients; leave sparse=False")
        if weight is None:
            self.weight = Parameter(empty(shape, dtype=dtype, device=device), requires_grad=not frozen)
            self.reset_parameters()
        elif list(weight.shape) != shape:
            raise AssertionError(f"Shape of weight does not match num_embeddings and embedding_dim: "
                                 f"{list(weight.shape)}, not {shape}")
        else:
            self.weight = Parameter(weight, requires_grad=not frozen)

    def reset_parameters(self) -> None:
        """Draw the table anew."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            self.weight.data[self.padding_idx] = 0.0


class Embedding(_Table):
    """A learned row of `embedding_dim` numbers for each of `num_embeddings` things: row k is looked up by the number k.

    Args: padding_idx: a row that starts as zeros and never learns; max_norm, norm_type, scale_grad_by_freq: see
    `functional.embedding`.
    Shapes: (…) of integers → (…, embedding_dim); weight (num_embeddings, embedding_dim), normally distributed at first.
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None,
                 max_norm: float | None = None, norm_type: float = 2.0, scale_grad_by_freq: bool = False,
                 sparse: bool = False, _weight: Tensor | None = None, _freeze: bool = False, device=None, dtype=None):
        self._begin(_weight, _freeze, device, dtype, num_embeddings=num_embeddings, embedding_dim=embedding_dim,
                    padding_idx=padding_idx, max_norm=max_norm, norm_type=norm_type,
                    scale_grad_by_freq=scale_grad_by_freq, sparse=sparse)

    @classmethod
    def from_pretrained(cls, embeddings, freeze: bool = True, padding_idx: int | None = None,
                        max_norm: float | None = None, norm_type: float = 2.0, scale_grad_by_freq: bool = False,
                        sparse: bool = False):
        """An embedding whose table is given; it does not learn unless freeze=False."""
        if embeddings.ndim != 2:
            raise AssertionError(f"Embeddings parameter is expected to be 2-dimensional, given {embeddings.ndim}-D")
        things, numbers = embeddings.shape
        return cls(things, numbers, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, embeddings, freeze)

    def forward(self, input):
        return F.embedding(input, self.weight, self.padding_idx, self.max_norm, self.norm_type,
                           self.scale_grad_by_freq, self.sparse)

    def extra_repr(self):
        ordinary = {"padding_idx": None, "max_norm": None, "norm_type": 2, "scale_grad_by_freq": False}
        options = [f"{name}={getattr(self, name)}" for name, usual in ordinary.items() if getattr(self, name) != usual]
        return ", ".join([f"{self.num_embeddings}, {self.embedding_dim}", *options])


class EmbeddingBag(_Table):
    """`Embedding` and then, bag by bag, the sum, the mean or the largest numbers: `functional.embedding_bag`.

    Args: mode: 'sum', 'mean' or 'max'; include_last_offset, padding_idx, max_norm, norm_type, scale_grad_by_freq: see
    there. It is called with the numbers, their offsets and per_sample_weights.
    Shapes: (bags, n) or, with offsets (bags,), (numbers,) of integers → (bags, embedding_dim); weight as `Embedding`.
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, max_norm: float | None = None, norm_type: float = 2.0,
                 scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False,
                 _weight: Tensor | None = None, include_last_offset: bool = False, padding_idx: int | None = None,
                 device=None, dtype=None):
        self._begin(_weight, False, device, dtype, num_embeddings=num_embeddings, embedding_dim=embedding_dim,
                    padding_idx=padding_idx, max_norm=max_norm, norm_type=norm_type, mode=mode,
                    scale_grad_by_freq=scale_grad_by_freq, sparse=sparse, include_last_offset=include_last_offset)

    @classmethod
    def from_pretrained(cls, embeddings, freeze: bool = True, max_norm: float | None = None, norm_type: float = 2.0,
                        scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False,
                        include_last_offset: bool = False, padding_idx: int | None = None):
        """An EmbeddingBag whose table is given; it does not learn unless freeze=False."""
        if embeddings.ndim != 2:
            raise AssertionError(f"Embeddings parameter is expected to be 2-dimensional, given {embeddings.ndim}-D")
        things, numbers = embeddings.shape
        made = cls(things, numbers, max_norm, norm_type, scale_grad_by_freq, mode, sparse, embeddings,
                   include_last_offset, padding_idx)
        made.weight.requires_grad = not freeze
        return made

    def forward(self, input, offsets=None, per_sample_weights=None):
        return F.embedding_bag(input, self.weight, offsets, self.max_norm, self.norm_type, self.scale_grad_by_freq,
                               self.mode, self.sparse, per_sample_weights, self.include_last_offset, self.padding_idx)

    def extra_repr(self):
        ordinary = {"max_norm": None, "norm_type": 2, "scale_grad_by_freq": False, "mode": None, "padding_idx": None}
        options = [f"{name}={getattr(self, name)!r}" for name, usual in ordinary.items()
                   if getattr(self, name) != usual]
        return ", ".join([f"{self.num_embeddings}, {self.embedding_dim}", *options])
