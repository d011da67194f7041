"""Attention with several heads, and the layers of transformers that are built of it."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable

from ..autograd import check_tensors
from ..creation import empty, full, zeros
from ..ops.attention import attention_weights
from ..ops.elementwise import where
from ..ops.shapes import cat, chunk, expand, permute, reshape, transpose, triu
from ..tensor import Tensor
from . import functional as F
from . import init
from .containers import ModuleList
from .layers import Linear
from .module import Module
from .normalization import Dropout, LayerNorm
from .parameter import Parameter


class NonDynamicallyQuantizableLinear(Linear):
    """`Linear` under the name by which PyTorch prints the last layer of its attention."""


class MultiheadAttention(Module):
    """Attention of several heads, each on its share of the numbers: Wₒ of all softmax(Qₕ Kₕᵀ / √d + M) Vₕ, joined.

    Q = W_q query, K = W_k key and V = W_v value are split among the heads, d = embed_dim / num_heads numbers each.
    Args: dropout: of the weights, while training; bias: of all four maps; add_bias_kv: a learned key and value join the
    others; add_zero_attn: so do zeros; kdim, vdim: how many numbers a key and a value have, if not embed_dim;
    batch_first: the batch is the first dimension, not the sequence.
    Parameters: in_proj_weight (3 embed_dim, embed_dim) holds W_q, W_k and W_v (with kdim or vdim they are
    q_proj_weight, k_proj_weight and v_proj_weight), in_proj_bias, out_proj, perhaps bias_k and bias_v.
    Raises AssertionError, as PyTorch does, for shapes that do not fit. Source: Vaswani et al., 2017.
    """

    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True,
                 add_bias_kv: bool = False, add_zero_attn: bool = False, kdim: int | None = None,
                 vdim: int | None = None, batch_first: bool = False, device=None, dtype=None):
        super().__init__()
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(f"embed_dim and num_heads must be greater than 0, got embed_dim={embed_dim} and "
                             f"num_heads={num_heads} instead")
        if embed_dim % num_heads:
            raise AssertionError(f"embed_dim must be divisible by num_heads, given {embed_dim} and {num_heads}")
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.kdim, self.vdim = embed_dim if kdim is None else kdim, embed_dim if vdim is None else vdim
        self.dropout, self.batch_first, self.add_zero_attn = dropout, batch_first, add_zero_attn
        options = {"device": device, "dtype": dtype}
        new = lambda *shape: Parameter(empty(shape, **options))
        alike = self.kdim == self.vdim == embed_dim
        self.register_parameter("in_proj_weight", new(3 * embed_dim, embed_dim) if alike else None)
        for name, numbers in {"q": embed_dim, "k": self.kdim, "v": self.vdim}.items():
            self.register_parameter(f"{name}_proj_weight", None if alike else new(embed_dim, numbers))
        self.register_parameter("in_proj_bias", new(3 * embed_dim) if bias else None)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias, **options)
        for name in ("bias_k", "bias_v"):
            self.register_parameter(name, new(1, 1, embed_dim) if add_bias_kv else None)
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)
        for learned in (self.bias_k, self.bias_v):
            if learned is not None:
                init.xavier_normal_(learned)

    def forward(self, query, key, value, key_padding_mask=None, need_weights: bool = True, attn_mask=None,
                average_attn_weights: bool = True, is_causal: bool = False):
        """The attended values, and the weights (None without need_weights): their mean over the heads, or each head's.

        Args: key_padding_mask: True for keys that are padding, or numbers to add to the scores; attn_mask: True where a
        query must *not* look, or numbers to add; is_causal: a promise that attn_mask is the causal one.
        Shapes: query (L, batch, embed_dim), key (S, batch, kdim), value (S, batch, vdim), with batch_first (batch, L,
        embed_dim), …, or all without the batch; key_padding_mask (batch, S), attn_mask (L, S) or (batch · heads, L, S);
        result as query, weights (batch, L, S) or (batch, heads, L, S).
        """
        self._check(query, key, value, key_padding_mask, attn_mask)
        if is_causal and attn_mask is None:
            raise RuntimeError("Need attn_mask if specifying the is_causal hint. `nn.Transformer."
                               "generate_square_subsequent_mask(length)` makes it")
        batched = query.ndim == 3
        q, k, v = map(self._heads, self._projected(*(self._batch_first(x, batched) for x in (query, key, value))))
        if self.add_zero_attn:
            k, v = (cat([x, x.new_zeros(*x.shape[:2], 1, x.shape[3])], 2) for x in (k, v))
        p = self.dropout if self.training else 0.0
        mask = self._mask(attn_mask, key_padding_mask, q, k)
        if need_weights:
            weights = F.dropout(attention_weights(q, k, mask), p)
            out = weights @ v
            weights = weights.mean(1) if average_attn_weights else weights
        else:
            weights, causal = None, is_causal and key_padding_mask is None
            out = F.scaled_dot_product_attention(q, k, v, None if causal else mask, p, causal)
        out = self.out_proj(reshape(permute(out, 2, 0, 1, 3), q.shape[2], q.shape[0], self.embed_dim))
        if not batched:
            return out.squeeze(1), weights if weights is None else weights.squeeze(0)
        return transpose(out, 0, 1) if self.batch_first else out, weights

    def _batch_first(self, x, batched):
        if not batched:
            return x.unsqueeze(0)
        return x if self.batch_first else transpose(x, 0, 1)

    def _projected(self, query, key, value):
        """W_q query, W_k key (and the learned key), W_v value (and the learned value): (batch, length, embed_dim)."""
        if self.in_proj_weight is not None and query is key is value:
            q, k, v = chunk(F.linear(query, self.in_proj_weight, self.in_proj_bias), 3, -1)
        else:
            weights = (chunk(self.in_proj_weight, 3) if self.in_proj_weight is not None
                       else (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight))
            biases = (None,) * 3 if self.in_proj_bias is None else chunk(self.in_proj_bias, 3)
            q, k, v = map(F.linear, (query, key, value), weights, biases)
        if self.bias_k is not None:
            k, v = (cat([x, expand(learned, x.shape[0], 1, -1)], 1)
                    for x, learned in ((k, self.bias_k), (v, self.bias_v)))
        return q, k, v

    def _heads(self, x):
        """(batch, length, embed_dim) → (batch, heads, length, head_dim)."""
        return transpose(reshape(x, *x.shape[:2], self.num_heads, self.head_dim), 1, 2)

    def _mask(self, attn_mask, key_padding_mask, q, k):
        """What is added to the scores (batch, heads, L, S), or None; added keys are always looked at."""
        masks = []
        if attn_mask is not None:
            shape = attn_mask.shape if attn_mask.ndim == 2 else (*q.shape[:2], *attn_mask.shape[1:])
            masks.append(reshape(_added(attn_mask, q), *shape))
        if key_padding_mask is not None:
            masks.append(reshape(_added(key_padding_mask, q), q.shape[0], 1, 1, key_padding_mask.shape[-1]))
        if not masks:
            return None
        mask = masks[0] if len(masks) == 1 else masks[0] + masks[1]
        return F.pad(mask, (0, k.shape[2] - mask.shape[-1]))

    def _check(self, query, key, value, key_padding_mask, attn_mask):
        check_tensors("MultiheadAttention", query=query, key=key, value=value)
        if query.ndim not in (2, 3) or not query.ndim == key.ndim == value.ndim:
            raise AssertionError("query, key and value should be unbatched 2D or batched 3D tensors, all alike, but "
                                 f"received {query.ndim}-D, {key.ndim}-D and {value.ndim}-D ones")
        if (query.shape[-1], key.shape[-1], value.shape[-1]) != (self.embed_dim, self.kdim, self.vdim):
            raise AssertionError(f"was expecting {self.embed_dim}, {self.kdim} and {self.vdim} numbers in a query, a "
                                 f"key and a value, but got {query.shape[-1]}, {key.shape[-1]} and {value.shape[-1]}")
        time = int(self.batch_first) if query.ndim == 3 else 0
        batch, length, keys = query.shape[1 - time] if query.ndim == 3 else 1, query.shape[time], key.shape[time]
        if key.shape[:-1] != value.shape[:-1] or (query.ndim == 3 and key.shape[1 - time] != batch):
            raise AssertionError("key and value must have the same length and all the same batch; given query, key and "
                                 f"value of shapes {list(query.shape)}, {list(key.shape)} and {list(value.shape)}")
        allowed = {"key_padding_mask": [(batch, keys) if query.ndim == 3 else (keys,)],
                   "attn_mask": [(length, keys), (batch * self.num_heads, length, keys)]}
        for name, mask in {"key_padding_mask": key_padding_mask, "attn_mask": attn_mask}.items():
            if mask is None:
                continue
            check_tensors("MultiheadAttention", **{name: mask})
            if mask.ndim not in map(len, allowed[name]):
                raise AssertionError(f"expected {name} of shape {' or '.join(map(str, allowed[name]))}, but found "
                                     f"{mask.ndim}-D tensor instead")
            if tuple(mask.shape) not in allowed[name]:
                kind = AssertionError if name == "key_padding_mask" else RuntimeError
                raise kind(f"The shape of the {name} is {list(mask.shape)}, but should be "
                           f"{' or '.join(map(str, allowed[name]))}")
            if not (mask._array.dtype == bool or mask.is_floating_point()):
                raise AssertionError(f"only bool and floating types of {name} are supported, given {mask.dtype}")


def _added(mask, like):
    """A mask as numbers to add to the scores: −∞ where a mask of bools is True."""
    return where(mask, -math.inf, zeros((), dtype=like.dtype)) if mask._array.dtype == bool else mask


# --- transformers -----------------------------------------------------------------------------------------------------

_ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu}


class _Layer(Module):
    """The base of the transformer's layers: one or two attentions and a network of two linear layers, one by one.

    Around each of them, number i, stands x + dropoutᵢ(part(x)), and normᵢ before the part or behind the sum.
    """

    attentions: tuple[str, ...] = ("self_attn",)

    def __init__(self, d_model: int, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1,
                 activation: str | Callable = F.relu, layer_norm_eps: float = 1e-5, batch_first: bool = False,
                 norm_first: bool = False, bias: bool = True, device=None, dtype=None):
        super().__init__()
        options = {"device": device, "dtype": dtype}
        for name in self.attentions:
            attention = MultiheadAttention(d_model, nhead, dropout, bias=bias, batch_first=batch_first, **options)
            self.add_module(name, attention)
        self.linear1 = Linear(d_model, dim_feedforward, bias, **options)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **options)
        self.norm_first = norm_first
        parts = range(1, len(self.attentions) + 2)
        for i in parts:
            self.add_module(f"norm{i}", LayerNorm(d_model, layer_norm_eps, bias=bias, **options))
        for i in parts:
            self.add_module(f"dropout{i}", Dropout(dropout))
        if isinstance(activation, str):
            if activation not in _ACTIVATIONS:
                raise RuntimeError(f"activation should be relu/gelu or a function, not {activation}")
            activation = _ACTIVATIONS[activation]
        self.activation = activation

    def _around(self, i, x, part):
        norm, dropout = getattr(self, f"norm{i}"), getattr(self, f"dropout{i}")
        return x + dropout(part(norm(x))) if self.norm_first else norm(x + dropout(part(x)))

    def _feed_forward(self, x):
        return self.linear2(self.dropout(self.activation(self.linear1(x))))


class TransformerEncoderLayer(_Layer):
    """x ← norm(x + attention(x)), then x ← norm(x + W₂ f(W₁ x)): one layer of the transformer's encoder.

    Args: d_model: numbers for each place of the sequence; nhead: heads; dim_feedforward: rows of W₁; dropout: after
    each part, inside the second one and of the attention's weights; activation: f, 'relu', 'gelu' or a function;
    norm_first: x + attention(norm(x)) instead; bias: of all layers; batch_first: the batch is the first dimension.
    Shapes: x (length, batch, d_model), with batch_first (batch, length, d_model), or without a batch.
    Differs from PyTorch: no shortcut without gradients, where PyTorch shows zeros in place of padding.
    Source: Vaswani et al., "Attention Is All You Need", 2017.
    """

    def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal: bool = False):
        """The masks are those of `MultiheadAttention`: src_mask says where not to look, the other what is padding."""
        attend = lambda x: self.self_attn(x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal)[0]
        return self._around(2, self._around(1, src, attend), self._feed_forward)


class TransformerDecoderLayer(_Layer):
    """As `TransformerEncoderLayer`, with attention to what an encoder made, the `memory`, in between.

    Called as layer(tgt, memory); tgt_… are the masks for attention within tgt, memory_… those for the memory.
    """

    attentions = ("self_attn", "multihead_attn")

    def forward(self, tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None,
                memory_key_padding_mask=None, tgt_is_causal: bool = False, memory_is_causal: bool = False):
        within = lambda x: self.self_attn(x, x, x, tgt_key_padding_mask, False, tgt_mask, is_causal=tgt_is_causal)[0]
        remember = lambda x: self.multihead_attn(x, memory, memory, memory_key_padding_mask, False, memory_mask,
                                                 is_causal=memory_is_causal)[0]
        x = self._around(2, self._around(1, tgt, within), remember)
        return self._around(3, x, self._feed_forward)


class _Stack(Module):
    """`num_layers` copies of a layer, one after the other, and a norm behind them, if given."""

    def __init__(self, layer, num_layers, norm):
        super().__init__()
        self.layers = ModuleList([copy.deepcopy(layer) for _ in range(num_layers)])
        self.num_layers = num_layers
        self.norm = norm

    def _through(self, x, *args, **masks):
        for layer in self.layers:
            x = layer(x, *args, **masks)
        return x if self.norm is None else self.norm(x)


class TransformerEncoder(_Stack):
    """`num_layers` copies of a `TransformerEncoderLayer`, all alike at first; `norm`: a last one, if any.

    Differs from PyTorch: enable_nested_tensor and mask_check change nothing here.
    """

    def __init__(self, encoder_layer: Module, num_layers: int, norm: Module | None = None,
                 enable_nested_tensor: bool = True, mask_check: bool = True):
        super().__init__(encoder_layer, num_layers, norm)
        self.enable_nested_tensor, self.mask_check = enable_nested_tensor, mask_check

    def forward(self, src, mask=None, src_key_padding_mask=None, is_causal: bool | None = None):
        return self._through(src, src_mask=mask, src_key_padding_mask=src_key_padding_mask, is_causal=bool(is_causal))


class TransformerDecoder(_Stack):
    """`num_layers` copies of a `TransformerDecoderLayer`, all alike at first; `norm`: a last one, if any.

    Differs from PyTorch: copies keep an activation that is a module, where PyTorch's fall back to ReLU.
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None):
        super().__init__(decoder_layer, num_layers, norm)

    def forward(self, tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None,
                memory_key_padding_mask=None, tgt_is_causal: bool | None = None, memory_is_causal: bool = False):
        return self._through(
            tgt, memory, tgt_mask=tgt_mask, memory_mask=memory_mask, tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask, tgt_is_causal=bool(tgt_is_causal),
            memory_is_causal=memory_is_causal)


class Transformer(Module):
    """An encoder reads src, a decoder attends to what it made and goes on with tgt: called as transformer(src, tgt).

    Args: d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias: see
    `TransformerEncoderLayer`; custom_encoder, custom_decoder: modules in place of those that are built here.
    Shapes: src (S, batch, d_model), tgt (T, batch, d_model) → (T, batch, d_model), with batch_first the batch in front.
    Weights start evenly spread as `init.xavier_uniform_` has it. Source: Vaswani et al., 2017.
    """

    def __init__(self, d_model: int = 512, nhead: int = 8, num_encoder_layers: int = 6, num_decoder_layers: int = 6,
                 dim_feedforward: int = 2048, dropout: float = 0.1, activation: str | Callable = F.relu,
                 custom_encoder: Module | None = None, custom_decoder: Module | None = None,
                 layer_norm_eps: float = 1e-5, batch_first: bool = False, norm_first: bool = False, bias: bool = True,
                 device=None, dtype=None):
        super().__init__()
        options = {"device": device, "dtype": dtype}
        shape = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias)
        norm = lambda: LayerNorm(d_model, layer_norm_eps, bias=bias, **options)
        self.encoder = custom_encoder or TransformerEncoder(
            TransformerEncoderLayer(*shape, **options), num_encoder_layers, norm())
        self.decoder = custom_decoder or TransformerDecoder(
            TransformerDecoderLayer(*shape, **options), num_decoder_layers, norm())
        for p in self.parameters():
            if p.ndim > 1:
                init.xavier_uniform_(p)
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first

    def forward(self, src, tgt, src_mask=None, tgt_mask=None, memory_mask=None, src_key_padding_mask=None,
                tgt_key_padding_mask=None, memory_key_padding_mask=None, src_is_causal: bool | None = None,
                tgt_is_causal: bool | None = None, memory_is_causal: bool = False):
        check_tensors("Transformer", src=src, tgt=tgt)
        batch = 0 if self.batch_first else 1
        if src.ndim == tgt.ndim == 3 and src.shape[batch] != tgt.shape[batch]:
            raise RuntimeError(f"the batch number of src and tgt must be equal, given {list(src.shape)} and "
                               f"{list(tgt.shape)}")
        if src.shape[-1] != self.d_model or tgt.shape[-1] != self.d_model:
            raise RuntimeError(f"the feature number of src and tgt must be equal to d_model={self.d_model}, given "
                               f"{list(src.shape)} and {list(tgt.shape)}")
        memory = self.encoder(src, src_mask, src_key_padding_mask, src_is_causal)
        return self.decoder(tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask,
                            tgt_is_causal, memory_is_causal)

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device=None, dtype=None) -> Tensor:
        """The causal mask (sz, sz): 0 on and below the diagonal, −∞ above, so that nothing looks ahead."""
        return triu(full((sz, sz), -math.inf, dtype=dtype, device=device), 1)
