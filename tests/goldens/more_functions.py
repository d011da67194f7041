"""Functions of books and courses elsewhere: transposed convolution, patches, normalisation, resizing, activations."""

from .differentiated import differentiated, normal
from .families import Cases

case = CASES = Cases()


def function(name, *args, **options):
    """A function of `nn.functional`; its result is squared, so that the gradient depends on the input."""
    return lambda t, *x: getattr(t.nn.functional, name)(*x, *args, **options) ** 2


def with_places(name, *args, **options):
    """A pooling that also says where it found the largest."""

    def run(t, x):
        out, places = getattr(t.nn.functional, name)(x, *args, return_indices=True, **options)
        return out**2, places

    return run


def instance_norm(*shape, **options):
    def run(t, x, w, b):
        mean, var = t.linspace(-1, 1, shape[1], dtype=x.dtype), t.linspace(1, 2, shape[1], dtype=x.dtype)
        return t.nn.functional.instance_norm(x, mean, var, w, b, **options) ** 2, mean, var

    return run, normal(*shape), normal(shape[1]), normal(shape[1])


TRANSPOSED = {  # name -> (dims, image, weight, options)
    "plain": (2, (2, 2, 2, 3), (2, 2, 3, 2), {}),
    "doubling": (2, (2, 1, 3, 2), (1, 2, 4, 4), {"stride": 2, "padding": 1}),
    "stride": (2, (1, 2, 3, 2), (2, 2, 3, 2), {"stride": (2, 3), "padding": (1, 0), "output_padding": (1, 2)}),
    "dilation": (2, (1, 2, 4, 3), (2, 2, 2, 3), {"dilation": (3, 2), "padding": 1, "output_padding": (2, 1)}),
    "groups": (2, (1, 4, 2, 2), (4, 1, 2, 2), {"groups": 2, "stride": 2}),
    "one": (2, (2, 3, 3), (2, 1, 2, 2), {"padding": 1}),
    "sequence": (1, (2, 3, 4), (3, 2, 3), {"stride": 2, "padding": 1, "output_padding": 1}),
    "one_sequence": (1, (3, 4), (3, 2, 3), {"dilation": 2}),
    "large": (2, (1, 1, 12, 12), (1, 1, 3, 2), {"padding": 1}),
}


def transposed(dims, image, weight, options, bias):
    inputs = [normal(*image), normal(*weight), *([normal(weight[1] * options.get("groups", 1))] if bias else [])]
    return function(f"conv_transpose{dims}d", **options), *inputs


OPERATIONS = {
    "celu": (function("celu"), normal(3, 4)),
    "celu_alpha": (function("celu", 0.4, inplace=False), normal(3, 4)),
    "celu_inplace": (lambda t, x: t.nn.functional.celu(2 * x, 0.5, inplace=True), normal(3, 4)),
    "hardsigmoid": (lambda t, x: t.nn.functional.hardsigmoid(3 * x) ** 2, normal(3, 4)),
    "hardswish": (lambda t, x: t.nn.functional.hardswish(3 * x) + t.nn.functional.hardswish(x * 2, inplace=True),
                  normal(3, 4)),
    "glu": (function("glu"), normal(3, 4)),
    "glu_dim": (function("glu", dim=0), normal(4, 2, 2)),
    "softmin": (function("softmin", dim=1), normal(3, 4)),
    "bilinear": (lambda t, x, y, w, b: t.nn.functional.bilinear(x, y, w, b), normal(3, 2), normal(3, 4),
                 normal(2, 2, 4), normal(2)),
    "bilinear_rows": (lambda t, x, y, w: t.nn.functional.bilinear(x, y, w), normal(2, 2, 3), normal(2, 2, 2),
                      normal(1, 3, 2)),
    **{f"conv_transpose_{name}": transposed(*rest, bias=name != "doubling") for name, rest in TRANSPOSED.items()},
    "unfold": (function("unfold", 2), normal(2, 1, 3, 3)),
    "unfold_options": (function("unfold", (3, 2), dilation=(1, 2), padding=1, stride=(2, 1)), normal(2, 4, 5)),
    "fold": (function("fold", (3, 3), 2), normal(2, 4, 4)),
    "fold_options": (function("fold", (4, 5), (3, 2), dilation=(1, 2), padding=1, stride=(2, 1)), normal(12, 10)),
    "adaptive_max_pool2d": (function("adaptive_max_pool2d", (2, 3)), normal(2, 1, 5, 7)),
    "adaptive_max_pool2d_none": (with_places("adaptive_max_pool2d", (None, 3)), normal(1, 2, 5, 4)),
    "adaptive_max_pool1d": (with_places("adaptive_max_pool1d", 3), normal(1, 2, 7)),
    "group_norm": (lambda t, x, w, b: t.nn.functional.group_norm(x, 2, w, b) ** 2,
                   normal(2, 4, 3), normal(4), normal(4)),
    "group_norm_plain": (function("group_norm", 3, eps=0.1), normal(2, 3, 2, 2)),
    "group_norm_rows": (function("group_norm", 1), normal(3, 4)),
    "instance_norm": instance_norm(2, 3, 4),
    "instance_norm_images": instance_norm(2, 2, 3, 2, momentum=0.4, eps=0.1),
    "instance_norm_running": instance_norm(2, 2, 3, use_input_stats=False),
    "instance_norm_plain": (function("instance_norm"), normal(2, 3, 4)),
    "rms_norm": (lambda t, x, w: t.nn.functional.rms_norm(x, (4,), w) ** 2, normal(2, 3, 4), normal(4)),
    "rms_norm_plain": (function("rms_norm", [3, 2], eps=0.1), normal(2, 3, 2)),
    "pixel_shuffle": (function("pixel_shuffle", 2), normal(2, 8, 1, 2)),
    "pixel_unshuffle": (function("pixel_unshuffle", 3), normal(2, 6, 3)),
    **{f"interpolate_{name}": (function("interpolate", **options), normal(*shape)) for name, shape, options in [
        ("nearest", (2, 2, 3, 2), {"scale_factor": 2}), ("nearest_size", (1, 2, 3, 4), {"size": (5, 3)}),
        ("nearest_sequence", (2, 2, 5), {"scale_factor": 1.7}), ("nearest_less", (1, 1, 7, 5), {"scale_factor": 0.5}),
        ("exact", (1, 2, 3, 5), {"size": (7, 3), "mode": "nearest-exact"}),
        ("linear", (2, 2, 4), {"scale_factor": 2.5, "mode": "linear"}),
        ("linear_less", (1, 2, 7), {"size": 3, "mode": "linear"}),
        ("bilinear", (1, 2, 3, 4), {"scale_factor": 2, "mode": "bilinear"}),
        ("bilinear_corners", (1, 2, 3, 4), {"size": (5, 1), "mode": "bilinear", "align_corners": True}),
        ("bilinear_recomputed", (1, 1, 3, 4), {"scale_factor": (1.4, 2.3), "mode": "bilinear",
                                               "recompute_scale_factor": True}),
        ("bilinear_scales", (1, 1, 3, 4), {"scale_factor": (1.4, 2.3), "mode": "bilinear", "align_corners": False}),
        ("area", (1, 2, 5, 4), {"size": (2, 3), "mode": "area"}),
        ("area_sequence", (1, 2, 5), {"size": 3, "mode": "area"}),
    ]},
}  # fmt: skip
CASES.update(differentiated(OPERATIONS, once=("hardsigmoid", "hardswish")))


@case
def kinks(torch):
    """At the corners of the straight lines."""
    found = {}
    for name in ("hardsigmoid", "hardswish", "celu"):
        x = torch.tensor([-4.0, -3.0, -1.0, 0.0, 1.0, 3.0, 4.0], requires_grad=True)
        out = getattr(torch.nn.functional, name)(x)
        out.sum().backward()
        found |= {name: out, f"{name} slope": x.grad}
    return found
