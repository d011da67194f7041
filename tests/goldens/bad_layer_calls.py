"""Calls of layers that must be refused, and a part of the sentence that says why."""

import numpy as np


def ones(t, *shape):
    return t.ones(*shape)


def F(t, name, *shapes, **options):
    """A function of `nn.functional` of ones of these shapes."""
    inputs = [shape if isinstance(shape, int) else ones(t, *shape) for shape in shapes]
    return getattr(t.nn.functional, name)(*inputs, **options)


def normed(t, kind, size, *shape, **options):
    return getattr(t.nn, kind)(size, **options)(ones(t, *shape))


LAYERS = {
    "Flatten of an array": (lambda t: t.nn.Flatten()(np.ones((2, 3, 4))), "Flatten(): argument 'input' must be"),
    "halves of an odd row": (lambda t: F(t, "glu", (2, 3)), "dimension 1 is size 3"),
    "halves of a number": (lambda t: t.nn.functional.glu(t.tensor(1.0)), "0-dimensional"),
    "halves along nothing": (lambda t: F(t, "glu", (2, 4), dim=2), "dim 2"),
    "a celu of slope 1/0": (lambda t: F(t, "celu", (2,), alpha=0.0), "alpha cannot be 0"),
    "a softmin of a list": (lambda t: t.nn.functional.softmin([1.0], 0), "must be a Tensor"),
    "a product of unlike rows": (lambda t: t.nn.Bilinear(2, 3, 1)(ones(t, 4, 2), ones(t, 5, 3)), "must agree"),
    "a product of other rows": (lambda t: t.nn.Bilinear(2, 3, 1)(ones(t, 4, 3), ones(t, 4, 3)), "rows of in1"),
    "a product of nothing": (lambda t: t.nn.Bilinear(0, 3, 1), "in1_features must be > 0"),
    "a transposed convolution of other channels": (
        lambda t: F(t, "conv_transpose2d", (1, 3, 4, 4), (2, 1, 3, 3)), "to have 2 channels, but got 3"),
    "a transposed convolution with another bias": (
        lambda t: F(t, "conv_transpose2d", (1, 2, 4, 4), (2, 3, 3, 3), (2,)), "a bias (out,)"),
    "a transposed convolution of a matrix": (
        lambda t: F(t, "conv_transpose2d", (4, 4), (2, 1, 3, 3)), "Expected 3D (unbatched) or 4D"),
    "a transposed convolution in groups that do not come out": (
        lambda t: F(t, "conv_transpose2d", (1, 3, 4, 4), (3, 1, 3, 3), groups=2), "divisible by groups=2"),
    "a transposed convolution with much more": (
        lambda t: F(t, "conv_transpose2d", (1, 2, 4, 4), (2, 1, 3, 3), stride=2, output_padding=2), "output padding"),
    "a transposed convolution of which nothing is left": (
        lambda t: F(t, "conv_transpose1d", (1, 2, 2), (2, 1, 1), padding=1), "output size is too small"),
    "a transposed convolution of doubles": (
        lambda t: t.nn.ConvTranspose2d(1, 1, 2)(t.ones(1, 1, 2, 2, dtype=t.float64)), "same dtype"),
    "a transposed convolution of a list": (
        lambda t: t.nn.functional.conv_transpose2d([1.0], ones(t, 1, 1, 2, 2)), "must be a Tensor"),
    "a transposed convolution with a mirror": (
        lambda t: t.nn.ConvTranspose2d(1, 1, 3, padding_mode="reflect"), 'Only "zeros"'),
    "a transposed convolution to a size out of reach": (
        lambda t: t.nn.ConvTranspose2d(1, 1, 3, stride=2)(ones(t, 1, 1, 2, 2), output_size=(9, 5)), "valid sizes"),
    "a transposed convolution to a cube": (
        lambda t: t.nn.ConvTranspose2d(1, 1, 3)(ones(t, 1, 1, 2, 2), output_size=(4, 4, 4)), "must have 2 or 4"),
    "patches of a row": (lambda t: F(t, "unfold", (4,), kernel_size=2), "3D or 4D"),
    "patches that do not fit": (lambda t: F(t, "unfold", (1, 1, 2, 2), kernel_size=3), "does not fit"),
    "patches of no size": (lambda t: F(t, "unfold", (1, 1, 2, 2), kernel_size=0), "at least 1"),
    "an image of columns of three": (
        lambda t: F(t, "fold", (1, 3, 4), output_size=3, kernel_size=2), "product of kernel_size"),
    "an image of too few columns": (
        lambda t: F(t, "fold", (1, 4, 3), output_size=3, kernel_size=2), "expected 2 x 2 patches, but got 3"),
    "an image of a row": (lambda t: F(t, "fold", (4,), output_size=3, kernel_size=2), "2D or 3D"),
    "the largest of a row": (lambda t: F(t, "adaptive_max_pool2d", (4,), output_size=2), "3D or 4D"),
    "the largest of three numbers a side": (
        lambda t: F(t, "adaptive_max_pool2d", (1, 4, 4), output_size=(2, 2, 2)), "must be a number or 2"),
    # normalisation
    "groups that do not come out": (lambda t: t.nn.GroupNorm(3, 4), "must be divisible by num_groups"),
    "groups that do not come out in a function": (
        lambda t: F(t, "group_norm", (2, 4, 2), num_groups=3), "divisible by num_groups"),
    "groups of a row": (lambda t: F(t, "group_norm", (4,), num_groups=2), "at least 2 dimensions"),
    "groups of single numbers": (lambda t: F(t, "group_norm", (1, 4), num_groups=4), "more than 1 value"),
    "groups with another weight": (lambda t: t.nn.GroupNorm(2, 4)(ones(t, 2, 6, 2)), "should contain 6 elements not 4"),
    "instances of single numbers": (lambda t: F(t, "instance_norm", (2, 3, 1)), "more than 1 spatial element"),
    "instances of a cube": (lambda t: normed(t, "InstanceNorm2d", 2, 2, 3), "3D or 4D input (got 2D"),
    "instances of other channels": (
        lambda t: normed(t, "InstanceNorm1d", 2, 2, 3, 4, affine=True), "num_features (2), but got: 3"),
    "instances without a memory": (
        lambda t: F(t, "instance_norm", (2, 3, 4), use_input_stats=False), "to be defined"),
    "a length of another row": (lambda t: normed(t, "RMSNorm", 3, 2, 4), "normalized_shape=[3]"),
    "a length with another weight": (
        lambda t: t.nn.functional.rms_norm(ones(t, 2, 3), (3,), ones(t, 2)), "same shape as normalized_shape"),
    "a length of integers": (
        lambda t: t.nn.functional.rms_norm(t.tensor([[1, 2]]), (2,)), "floating point"),
    # resizing
    "another size without a size": (lambda t: F(t, "interpolate", (1, 1, 2, 2)), "either size or scale_factor"),
    "another size twice": (lambda t: F(t, "interpolate", (1, 1, 2, 2), size=3, scale_factor=2), "only one of"),
    "another size of a matrix": (lambda t: F(t, "interpolate", (2, 2), size=3), "Got 2D input"),
    "another size of an image as a line": (
        lambda t: F(t, "interpolate", (1, 1, 2, 2), size=3, mode="linear"), "needs 3D"),
    "another size of a line as an image": (
        lambda t: F(t, "interpolate", (1, 1, 2), size=3, mode="bilinear"), "needs 4D"),
    "another size by an unknown mode": (
        lambda t: F(t, "interpolate", (1, 1, 2, 2), size=3, mode="best"), "not part of the course"),
    "corners of repeated numbers": (
        lambda t: F(t, "interpolate", (1, 1, 2, 2), size=3, align_corners=True), "align_corners option"),
    "another size of three": (lambda t: F(t, "interpolate", (1, 1, 2, 2), size=(2, 2, 2)), "spatial dimensions"),
    "another size of nothing": (lambda t: F(t, "interpolate", (1, 1, 2, 2), size=(0, 2)), "greater than 0"),
    "a size with its factor worked out": (
        lambda t: F(t, "interpolate", (1, 1, 2, 2), size=3, recompute_scale_factor=True), "not meaningful"),
    "shuffled pixels of three channels": (lambda t: F(t, "pixel_shuffle", (1, 3, 2, 2), 2), "not divisible by 4"),
    "shuffled pixels of a matrix": (lambda t: F(t, "pixel_shuffle", (2, 2), 2), "at least 3 dimensions"),
    "shuffled pixels by 0": (lambda t: F(t, "pixel_shuffle", (1, 4, 2, 2), 0), "positive factor"),
    "shuffled pixels by a half": (
        lambda t: t.nn.functional.pixel_shuffle(ones(t, 1, 4, 2, 2), 0.5), "must be an integer"),
    "gathered pixels of an odd image": (lambda t: F(t, "pixel_unshuffle", (1, 3, 3), 2), "not divisible by 2"),
}



def pack(t, lengths, *shape, **options):
    return t.nn.utils.rnn.pack_padded_sequence(ones(t, *(shape or (4, 2, 3))), lengths, **options)


def walked(t, hx=None, numbers=3, **options):
    """A packed batch of two sequences through a GRU."""
    return t.nn.GRU(3, 2, **options)(pack(t, [3, 2], 4, 2, numbers), hx)


PACKED = {
    "packing lengths that grow": (lambda t: pack(t, [2, 3]), "sorted in decreasing order"),
    "packing a length of 0": (lambda t: pack(t, [3, 0]), "greater than 0"),
    "packing three lengths for two": (lambda t: pack(t, [3, 2, 1]), "equal to batch_size"),
    "packing more than there is": (lambda t: pack(t, [5, 2]), "does not fit"),
    "packing a list": (lambda t: t.nn.utils.rnn.pack_padded_sequence([[1.0]], [1]), "must be a Tensor"),
    "unpacking to too few steps": (
        lambda t: t.nn.utils.rnn.pad_packed_sequence(pack(t, [3, 2]), total_length=2), "total_length=2"),
    "padding nothing": (lambda t: t.nn.utils.rnn.pad_sequence([]), "empty list"),
    "padding a number": (lambda t: t.nn.utils.rnn.pad_sequence(3), "Expected iterable"),
    "padding lists": (lambda t: t.nn.utils.rnn.pad_sequence([[1.0]]), "must be a Tensor"),
    "padding unlike rows": (lambda t: t.nn.utils.rnn.pad_sequence([ones(t, 2, 3), ones(t, 2, 4)]), "cat()"),
    "padding above": (lambda t: t.nn.utils.rnn.pad_sequence([ones(t, 2)], padding_side="above"), "left or right"),
    "a packed batch of other numbers": (lambda t: walked(t, numbers=4), "Expected 3, got 4"),
    "a packed batch with a flat state": (lambda t: walked(t, ones(t, 2, 2)), "must have 3"),
    "a packed batch with a state of another batch": (lambda t: walked(t, ones(t, 1, 3, 2)), "Expected hidden size"),
    "a packed batch of images": (
        lambda t: t.nn.LSTM(3, 2)(pack(t, [3, 2], 4, 2, 3, 3)), "must have 2 dimensions"),
    "a packed batch of doubles": (
        lambda t: t.nn.LSTM(3, 2)(pack(t, [3, 2]).to(t.float64)), "does not match weight dtype"),
}



def attended(t, *shapes, **options):
    shapes = shapes or ((2, 3, 4),)
    q, k, v = (ones(t, *shapes[min(i, len(shapes) - 1)]) for i in range(3))
    return t.nn.functional.scaled_dot_product_attention(q, k, v, **options)


def heads(t, *shapes, numbers=4, mask=None, padding=None, **options):
    q, k, v = (ones(t, *shapes[min(i, len(shapes) - 1)]) for i in range(3))
    return t.nn.MultiheadAttention(numbers, 2)(q, k, v, padding, attn_mask=mask, **options)


ATTENTION = {
    "attention with two masks": (
        lambda t: attended(t, attn_mask=ones(t, 3, 3), is_causal=True), "should not be set when is_causal"),
    "attention of a row": (lambda t: attended(t, (4,)), "at least 2 dimensional"),
    "attention of unlike numbers": (lambda t: attended(t, (3, 4), (3, 5)), "must have as many numbers"),
    "attention of unlike lengths": (lambda t: attended(t, (3, 4), (2, 4), (5, 4)), "the same length"),
    "attention of unlike types": (lambda t: t.nn.functional.scaled_dot_product_attention(
        ones(t, 2, 2), ones(t, 2, 2), t.ones(2, 2, dtype=t.float64)), "same floating-point dtype"),
    "attention of a list": (
        lambda t: t.nn.functional.scaled_dot_product_attention([1.0], ones(t, 2), ones(t, 2)), "must be a Tensor"),
    "attention with a mask of doubles": (
        lambda t: attended(t, attn_mask=t.ones(3, 3, dtype=t.float64)), "to match query dtype"),
    "attention with a small mask": (lambda t: attended(t, attn_mask=ones(t, 2, 2)), "does not fit scores"),
    "attention of heads that do not come out": (
        lambda t: attended(t, (1, 3, 2, 2), (1, 2, 2, 2), enable_gqa=True), "must be divisible"),
    "heads that do not come out": (lambda t: t.nn.MultiheadAttention(5, 2), "must be divisible by num_heads"),
    "no heads": (lambda t: t.nn.MultiheadAttention(4, 0), "must be greater than 0"),
    "heads for a row": (lambda t: heads(t, (4,)), "unbatched 2D or batched 3D"),
    "heads for a matrix and a batch": (lambda t: heads(t, (3, 4), (3, 2, 4)), "all alike"),
    "heads for other numbers": (lambda t: heads(t, (3, 2, 6)), "was expecting 4, 4 and 4"),
    "heads for unlike lengths": (lambda t: heads(t, (3, 2, 4), (2, 2, 4), (3, 2, 4)), "the same length"),
    "heads with a large mask": (lambda t: heads(t, (3, 2, 4), mask=ones(t, 4, 4)), "should be (3, 3)"),
    "heads with a row for a mask": (lambda t: heads(t, (3, 2, 4), mask=ones(t, 3)), "1-D tensor instead"),
    "heads with a mask of integers": (
        lambda t: heads(t, (3, 2, 4), mask=t.ones(3, 3, dtype=t.int64)), "only bool and floating types"),
    "heads with another padding": (lambda t: heads(t, (3, 2, 4), padding=ones(t, 2, 4)), "should be (2, 3)"),
    "heads with a row of padding": (lambda t: heads(t, (3, 2, 4), padding=ones(t, 3)), "1-D tensor instead"),
    "heads that promise a mask": (lambda t: heads(t, (3, 2, 4), is_causal=True), "Need attn_mask"),
    "a transformer's layer with a sine": (
        lambda t: t.nn.TransformerEncoderLayer(4, 2, activation="sin"), "should be relu/gelu"),
    "a transformer of other numbers": (
        lambda t: t.nn.Transformer(4, 2, 1, 1, 4)(ones(t, 3, 1, 6), ones(t, 3, 1, 6)), "equal to d_model"),
    "a transformer of unlike batches": (
        lambda t: t.nn.Transformer(4, 2, 1, 1, 4)(ones(t, 3, 1, 4), ones(t, 3, 2, 4)), "batch number"),
}

LAZY = {
    "a row into a lazy convolution": (lambda t: t.nn.LazyConv2d(2, 3)(ones(t, 4)), "has no dimension -3"),
    "channels that groups do not divide": (
        lambda t: t.nn.LazyConv2d(4, 1, groups=2)(ones(t, 1, 3, 2, 2)), "divisible by groups"),
    "the size of what is not there yet": (
        lambda t: sum(p.numel() for p in t.nn.LazyLinear(2).parameters()), "call the model once before"),
    "drawing what is not there yet": (
        lambda t: t.nn.init.normal_(t.nn.LazyLinear(2).weight), "learns its shape"),
    "a lazy layer with an unknown option": (lambda t: t.nn.LazyLinear(2, width=3), "width"),
}

BAD_CALLS = {**LAYERS, **PACKED, **ATTENTION, **LAZY}
OWN_KIND = {
    "patches of a row": "RuntimeError",  # as for all other dimensions
    "a length of integers": "RuntimeError",  # as for means
    "packing more than there is": "RuntimeError",  # PyTorch makes up what is missing
    "a packed batch of doubles": "ValueError",  # as for a padded one
}
