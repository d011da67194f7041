"""Attention and transformers: the function, the modules from one seed with all gradients, masks of every kind."""

import itertools

from .differentiated import differentiated, normal
from .families import Cases

case = CASES = Cases()

# --- the function -----------------------------------------------------------------------------------------------------


def attention(mask=None, **options):
    """The function; `mask(torch, dtype)` makes its mask."""

    def run(t, q, k, v):
        given = {} if mask is None else {"attn_mask": mask(t, q.dtype)}
        return t.nn.functional.scaled_dot_product_attention(q, k, v, **given, **options)

    return run


def lower(t, dtype):
    return t.tril(t.ones(3, 4)) > 0


def slope(t, dtype):
    return t.arange(12, dtype=dtype).reshape(3, 4).cos()


def blind(t, dtype):
    """The second query may look nowhere."""
    return t.tensor([[True, False, True, True], [False] * 4, [False, True, True, False]])


def far(t, dtype):
    return t.where(blind(t, dtype), t.zeros(3, 4, dtype=dtype), float("-inf"))


INPUTS = normal(2, 3, 2), normal(2, 4, 2), normal(2, 4, 3)

OPERATIONS = {
    "attention": (attention(), *INPUTS),
    "attention_bools": (attention(lower), *INPUTS),
    "attention_numbers": (attention(slope, scale=0.3), *INPUTS),
    "attention_blind": (attention(blind), *INPUTS),
    "attention_infinite": (attention(far), *INPUTS),
    "attention_causal": (attention(is_causal=True), *INPUTS),
    "attention_single": (attention(is_causal=True), normal(3, 2), normal(3, 2), normal(3, 2)),
    "attention_heads": (attention(enable_gqa=True), normal(1, 4, 2, 2), normal(1, 2, 3, 2), normal(1, 2, 3, 2)),
    "attention_learned_mask": (
        lambda t, q, k, v, m: t.nn.functional.scaled_dot_product_attention(q, k, v, m),
        normal(1, 2, 2, 2), normal(1, 2, 3, 2), normal(1, 2, 3, 2), normal(2, 1, 3)),
}  # fmt: skip
CASES.update(differentiated(OPERATIONS, once=("attention",)))


@case
def dropped_weights(torch):
    torch.manual_seed(2)
    q, k, v = (torch.randn(2, 2, 3, 2) for _ in range(3))
    F = torch.nn.functional
    return {"out": F.scaled_dot_product_attention(q, k, v, dropout_p=0.5), "all": F.scaled_dot_product_attention(
        q, k, v, dropout_p=1.0), "next": torch.rand(2)}


# --- modules ----------------------------------------------------------------------------------------------------------


def weighed(torch, tensors):
    """A number that depends on every element of the tensors, on each in a different way."""
    return sum((x * torch.cos(torch.arange(x.numel(), dtype=x.dtype)).reshape(x.shape)).sum() for x in tensors)


def padding(torch):
    return torch.tensor([[False, False, True], [False, False, False]])


def ahead(torch, length=3):
    return torch.ones(length, length).triu(1) > 0


HEADS = {  # name -> (options, shapes of query, key and value (one: all the same), options of the call)
    "plain": ({}, [(3, 2, 4)], {}),
    "first": ({"batch_first": True, "dropout": 0.4}, [(2, 3, 4)], {"average_attn_weights": False}),
    "no_weights": ({"dropout": 0.4}, [(3, 2, 4)], {"need_weights": False}),
    "cross": ({"bias": False}, [(2, 2, 4), (3, 2, 4)], {}),
    "three": ({"kdim": 3, "vdim": 2}, [(2, 2, 4), (3, 2, 3), (3, 2, 2)], {}),
    "three_alike": ({"vdim": 4, "add_zero_attn": True}, [(2, 2, 4), (3, 2, 4), (3, 2, 4)], {}),
    "single": ({}, [(3, 4)], {"attn_mask": ahead}),
    "padding_numbers": ({}, [(3, 2, 4)], {"key_padding_mask": lambda t: t.where(padding(t), -2.0, 0.5)}),
    "both": ({"batch_first": True, "add_bias_kv": True, "add_zero_attn": True}, [(2, 3, 4)],
             {"key_padding_mask": padding, "attn_mask": ahead}),
    "each_head": ({}, [(3, 2, 4)], {"attn_mask": lambda t: t.arange(36).reshape(4, 3, 3) % 3 == 1}),
    "numbers": ({}, [(3, 2, 4)], {"attn_mask": lambda t: t.arange(9.0).reshape(3, 3).sin(), "need_weights": False}),
    "causal": ({}, [(3, 2, 4)], {"attn_mask": ahead, "is_causal": True, "need_weights": False}),
    "causal_weights": ({"add_bias_kv": True}, [(3, 2, 4)], {"attn_mask": ahead, "is_causal": True}),
}


def _heads(options, shapes, call, dtype):
    def run(torch):
        torch.manual_seed(3)
        kind = getattr(torch, dtype)
        module = torch.nn.MultiheadAttention(4, 2, **options, dtype=kind)
        inputs = [torch.randn(*shape, dtype=kind).requires_grad_() for shape in shapes]
        given = {name: made(torch) if callable(made) else made for name, made in call.items()}
        given = {name: m.to(kind) if hasattr(m, "dtype") and m.dtype != torch.bool else m for name, m in given.items()}
        query, key, value = inputs if len(inputs) == 3 else (inputs[0], inputs[-1], inputs[-1])
        found = {"text": repr(module), "names": " ".join(module.state_dict())}
        outs = [x for x in module(query, key, value, **given) if x is not None]
        slopes = torch.autograd.grad(weighed(torch, outs), [*inputs, *module.parameters()])
        module.eval()
        return found | {"outs": outs, "slopes": list(slopes), "next": torch.rand(1),
                        "evaluated": module(query, key, value, **given)[0]}

    return run


for (_name, _entry), _dtype in itertools.product(HEADS.items(), ("float64", "float32")):
    CASES[f"heads {_name}[{_dtype}]"] = _heads(*_entry, _dtype)


BLOCKS = {  # name -> (class, options, shapes, options of the call)
    "encoder": ("TransformerEncoderLayer", {}, [(3, 2, 4)], {}),
    "encoder_first": ("TransformerEncoderLayer", {"batch_first": True, "norm_first": True, "activation": "gelu"},
                      [(2, 3, 4)], {"src_mask": ahead, "src_key_padding_mask": padding}),
    "encoder_single": ("TransformerEncoderLayer", {"bias": False, "dropout": 0.0, "layer_norm_eps": 0.1}, [(3, 4)],
                       {"src_mask": ahead, "is_causal": True}),
    "decoder": ("TransformerDecoderLayer", {"dropout": 0.2}, [(3, 2, 4), (2, 2, 4)], {"tgt_mask": ahead}),
    "decoder_first": ("TransformerDecoderLayer", {"batch_first": True, "norm_first": True}, [(2, 2, 4), (2, 3, 4)],
                      {"memory_key_padding_mask": padding}),
}


def _block(kind, options, shapes, call, dtype):
    def run(torch):
        torch.manual_seed(3)
        layer = getattr(torch.nn, kind)(4, 2, 3, **options, dtype=getattr(torch, dtype))
        inputs = [torch.randn(*shape, dtype=getattr(torch, dtype)).requires_grad_() for shape in shapes]
        given = {name: made(torch) if callable(made) else made for name, made in call.items()}
        out = layer(*inputs, **given)
        slopes = torch.autograd.grad(weighed(torch, [out]), [*inputs, *layer.parameters()])
        layer.eval()
        return {"text": repr(layer), "names": " ".join(layer.state_dict()), "out": out, "slopes": list(slopes),
                "next": torch.rand(1), "evaluated": layer(*inputs, **given)}

    return run


for (_name, _entry), _dtype in itertools.product(BLOCKS.items(), ("float64", "float32")):
    CASES[f"block {_name}[{_dtype}]"] = _block(*_entry, _dtype)


@case
def stacks(torch):
    """Encoders and decoders are copies of one layer, which is itself left alone."""
    nn = torch.nn
    torch.manual_seed(6)
    layer = nn.TransformerEncoderLayer(4, 2, 3, dropout=0.1, activation=nn.functional.gelu)
    encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(4), enable_nested_tensor=False)
    decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 3, activation=torch.tanh), 2)
    src, tgt = torch.randn(3, 2, 4), torch.randn(2, 2, 4)
    memory = encoder(src, ahead(torch), padding(torch))
    return {"text": [repr(encoder), repr(decoder)], "names": " ".join(encoder.state_dict()), "memory": memory,
            "out": decoder(tgt, memory, memory_key_padding_mask=padding(torch)), "next": torch.rand(1)}


@case
def transformer(torch):
    torch.manual_seed(7)
    model = torch.nn.Transformer(4, 2, 1, 2, 5, batch_first=True)
    src, tgt = torch.randn(2, 3, 4), torch.randn(2, 2, 4)
    ahead = torch.nn.Transformer.generate_square_subsequent_mask(2)
    out = model(src, tgt, tgt_mask=ahead, src_key_padding_mask=padding(torch), tgt_is_causal=True)
    out.square().sum().backward()
    return {"text": repr(model), "out": out, "ahead": ahead, "next": torch.rand(1),
            "slope": model.encoder.layers[0].self_attn.in_proj_weight.grad, "last": model.decoder.norm.weight.grad}


@case
def second_derivatives(torch):
    """Of a layer of the encoder without dropout, its norm first."""
    torch.manual_seed(8)
    layer = torch.nn.TransformerEncoderLayer(4, 2, 3, 0.0, "gelu", norm_first=True, dtype=torch.float64)
    x = torch.randn(2, 1, 4, dtype=torch.float64).requires_grad_()
    learned = [x, *layer.parameters()]
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH) if hasattr(
            torch.nn, "attention") and hasattr(torch.nn.attention, "sdpa_kernel") else torch.enable_grad():
        slopes = torch.autograd.grad(weighed(torch, [layer(x)]), learned, create_graph=True)
        bends = torch.autograd.grad(sum((g * g).sum() for g in slopes), learned, allow_unused=True)
    bends = [torch.zeros_like(p) if b is None else b for b, p in zip(bends, learned)]
    return {"slopes": list(slopes), "bends": bends}
