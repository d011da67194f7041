"""Layers of books and courses elsewhere: modules from one seed, with all their gradients."""

import itertools

from .families import Cases

case = CASES = Cases()

MODULES = [  # (name, arguments, options, shapes of the inputs)
    ("CELU", (), {}, (2, 3)), ("CELU", (0.5,), {"inplace": True}, (2, 3)), ("GLU", (), {}, (2, 4)),
    ("GLU", (1,), {}, (2, 4, 2)), ("Hardsigmoid", (), {}, (2, 3)), ("Hardswish", (), {"inplace": True}, (2, 3)),
    ("Softmin", (1,), {}, (2, 3)), ("Bilinear", (3, 2, 4), {}, (5, 3), (5, 2)),
    ("Bilinear", (3, 2, 1), {"bias": False}, (2, 2, 3), (2, 2, 2)),
    ("ConvTranspose2d", (3, 1, 4), {"stride": 2, "padding": 1, "bias": False}, (1, 3, 2, 2)),
    ("ConvTranspose2d", (2, 4, (3, 2)), {"stride": 2, "output_padding": 1, "groups": 2, "dilation": 2}, (1, 2, 2, 2)),
    ("ConvTranspose2d", (2, 1, 3), {"padding": 1}, (2, 3, 4)),
    ("ConvTranspose1d", (2, 3, 3), {"stride": 2, "padding": 1, "output_padding": 1}, (2, 2, 4)),
    ("AdaptiveMaxPool2d", ((2, None),), {}, (1, 2, 5, 4)), ("AdaptiveMaxPool1d", (2,), {}, (1, 2, 5)),
    ("GroupNorm", (2, 4), {}, (3, 4, 2)), ("GroupNorm", (4, 4), {"affine": False, "eps": 0.1}, (3, 4, 2, 2)),
    ("GroupNorm", (1, 2), {"bias": False}, (3, 2, 2)),
    ("InstanceNorm1d", (3,), {}, (2, 3, 4)), ("InstanceNorm1d", (3,), {"affine": True}, (3, 4)),
    ("InstanceNorm2d", (2,), {"track_running_stats": True, "affine": True}, (3, 2, 2, 3)),
    ("InstanceNorm2d", (2,), {"track_running_stats": True, "momentum": None, "bias": False}, (2, 2, 3)),
    ("RMSNorm", (4,), {}, (2, 3, 4)), ("RMSNorm", ([3, 2],), {"eps": 0.1, "elementwise_affine": False}, (2, 3, 2)),
    ("Unfold", (2,), {"padding": 1}, (2, 1, 3, 2)), ("Fold", ((3, 2), (2, 1)), {"stride": 1}, (1, 4, 4)),
    ("Upsample", (), {"scale_factor": 2}, (1, 2, 2, 3)),
    ("Upsample", ((4, 5), None, "bilinear"), {"align_corners": True}, (1, 2, 2, 3)),
    ("PixelShuffle", (2,), {}, (1, 4, 2, 3)), ("PixelUnshuffle", (2,), {}, (1, 1, 4, 2)),
]  # fmt: skip


def weighed(torch, tensors):
    """A number that depends on every element of the tensors, on each in a different way."""
    return sum((x * torch.cos(torch.arange(x.numel(), dtype=x.dtype)).reshape(x.shape)).sum() for x in tensors)


def _module(name, args, options, *shapes, dtype):
    def run(torch):
        torch.manual_seed(3)
        module = getattr(torch.nn, name)(*args, **options).to(getattr(torch, dtype))
        inputs = [torch.randn(*shape, dtype=getattr(torch, dtype)).requires_grad_() for shape in shapes]
        learned = [*inputs, *module.parameters()]
        out = module(*[x * 1 for x in inputs])
        slopes = torch.autograd.grad(weighed(torch, [out]), learned)
        found = {"text": repr(module), "out": out, "slopes": list(slopes), **module.state_dict()}
        module.eval()
        return found | {"evaluated": module(*[x * 1 for x in inputs]), "next": torch.rand(2)}

    return run


for (_i, _entry), _dtype in itertools.product(enumerate(MODULES), ("float64", "float32")):
    CASES[f"module {_i} {_entry[0]}[{_dtype}]"] = _module(*_entry, dtype=_dtype)


@case
def sizes_asked_for(torch):
    """A transposed convolution is told how large its result shall be: a stride leaves that open."""
    torch.manual_seed(0)
    down = torch.nn.Conv2d(1, 2, 3, stride=2, padding=1)
    up = torch.nn.ConvTranspose2d(2, 1, 3, stride=2, padding=1)
    x = torch.randn(1, 1, 6, 5)
    h = down(x)
    return {"size": up(h, output_size=x.size()), "short": up(h, output_size=(5, 6)), "default": up(h),
            "one": up(h[0], (6, 5))}
