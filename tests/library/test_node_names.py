"""Nodes are called as PyTorch 2.13 calls them: every printed result shows one of these names."""

import pytest

import course as torch
from course import nn
from course.nn import functional as F

WORDS = {
    "torch": torch, "nn": nn, "F": F,
    "x": torch.rand(4, 6, requires_grad=True),
    "v": torch.rand(6, requires_grad=True),
    "batches": torch.rand(2, 4, 6, requires_grad=True),
    "images": torch.rand(2, 3, 8, 8),
    "w": torch.rand(5, 6, requires_grad=True),
    "b": torch.rand(5, requires_grad=True),
    "y": torch.rand(4, 6),
    "classes": torch.tensor([0, 1, 2, 3]),
}  # fmt: skip

NAMES = {
    "AddBackward0": ["x + 1", "x + x"],
    "SubBackward0": ["x - 1"],
    "MulBackward0": ["x * 2", "x * y", "nn.Dropout(0.5)(x)"],
    "DivBackward0": ["x / 2"],
    "NegBackward0": ["-x"],
    "PowBackward0": ["x**2", "x.square()"],
    "ExpBackward0": ["x.exp()"],
    "ClampBackward1": ["x.clamp(0, 1)"],
    "ReluBackward0": ["F.relu(x)", "nn.Sequential(nn.Linear(6, 2), nn.ReLU())(x)"],
    "SumBackward0": ["x.sum()"],
    "SumBackward1": ["x.sum(0)", "x.sum(1, keepdim=True)"],
    "MeanBackward0": ["x.mean()"],
    "MeanBackward1": ["x.mean(-1)"],
    "VarBackward0": ["x.var()"],
    "MaxBackward1": ["x.max()"],
    "AmaxBackward0": ["x.amax()", "x.amax(0)"],
    "LinalgVectorNormBackward0": ["x.norm()"],
    "MmBackward0": ["x @ x.T", "F.linear(x, w)"],
    "MvBackward0": ["x @ v"],
    "DotBackward0": ["v @ v"],
    "BmmBackward0": ["torch.bmm(batches, batches.mT)"],
    "AddmmBackward0": ["F.linear(x, w, b)", "nn.Linear(6, 2)(x)"],
    "ViewBackward0": ["x.view(24)", "x.reshape(3, 8)", "x.flatten()", "nn.Linear(6, 2)(batches)"],
    "PermuteBackward0": ["x.T", "batches.permute(2, 0, 1)"],
    "TransposeBackward0": ["batches.transpose(1, 2)"],
    "ExpandBackward0": ["x.expand(2, 4, 6)"],
    "SelectBackward0": ["x[0]", "x[0, 1]", "x[:, 1]", "x[..., 0]", "x[1:, 0]"],
    "SliceBackward0": ["x[1:]", "x[:, 1:3]", "x[0, 1:]"],
    "IndexBackward0": ["x[classes]", "x[x > 0.5]", "x[:, [0, 2]]"],
    "UnsqueezeBackward0": ["x[:, None]"],
    "CatBackward0": ["torch.cat([x, x])"],
    "StackBackward0": ["torch.stack([x, x])"],
    "GatherBackward0": ["x.gather(1, classes[:, None])"],
    "ToCopyBackward0": ["x.double()"],
    "SoftmaxBackward0": ["x.softmax(1)"],
    "LogSoftmaxBackward0": ["F.log_softmax(x, 1)"],
    "NllLossBackward0": ["F.cross_entropy(x, classes)"],
    "MseLossBackward0": ["F.mse_loss(x, y)"],
    "BinaryCrossEntropyWithLogitsBackward0": ["F.binary_cross_entropy_with_logits(x, y)"],
    "ConvolutionBackward0": ["nn.Conv2d(3, 2, 3)(images)"],
    "NativeLayerNormBackward0": ["nn.LayerNorm(6)(x)"],
    "EmbeddingBackward0": ["F.embedding(classes, w)"],
}


@pytest.mark.parametrize(("expression", "name"), [(e, name) for name, all_ in NAMES.items() for e in all_])
def test_a_node_has_pytorchs_name(expression, name):
    assert eval(expression, WORDS).grad_fn.name() == name


def test_a_node_keeps_its_name_when_what_it_remembered_is_freed():
    x = torch.rand(4, 6, requires_grad=True)
    out = (x.sum(0) * x[1:].mean(0) * x[0]).sum()
    names = repr([n for n, _ in out.grad_fn.next_functions])
    out.backward()
    assert repr([n for n, _ in out.grad_fn.next_functions]) == names
