"""What lies on the GPU and what lies on the CPU do not mix: every operation and layer says so, in PyTorch's words."""

import pytest

import course
from course import nn

from ..goldens.differentiated import inputs_of
from ..goldens.families import operations

pytestmark = [pytest.mark.cuda, pytest.mark.gpu]

SAID = "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!"
OPERATIONS = {name: (function, makers) for name, (function, *makers) in operations().items() if len(makers) > 1}
COPIED = {"copied_in_place", "index_assigned"}  # x.copy_(y) and x[1] = y are ways to move numbers
APART = {"normal_spread", "laplace_spread", "plane_entropy"}  # each result is made of one of the inputs

LAYERS = {  # name -> (layer, shapes of its inputs)
    "Linear": (lambda: nn.Linear(3, 2), (4, 3)),
    "Bilinear": (lambda: nn.Bilinear(3, 3, 2), (4, 3), (4, 3)),
    "Conv1d": (lambda: nn.Conv1d(2, 3, 2), (1, 2, 5)),
    "Conv2d": (lambda: nn.Conv2d(2, 3, 2), (1, 2, 4, 4)),
    "ConvTranspose2d": (lambda: nn.ConvTranspose2d(2, 3, 2), (1, 2, 4, 4)),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(3), (4, 3)),
    "BatchNorm2d of training": (lambda: nn.BatchNorm2d(3, affine=False), (2, 3, 2, 2)),
    "BatchNorm1d at work": (lambda: nn.BatchNorm1d(3, affine=False).eval(), (4, 3)),
    "LayerNorm": (lambda: nn.LayerNorm(3), (4, 3)),
    "GroupNorm": (lambda: nn.GroupNorm(2, 4), (2, 4, 3)),
    "RMSNorm": (lambda: nn.RMSNorm(3), (4, 3)),
    "PReLU": (lambda: nn.PReLU(), (4, 3)),
    "RNN": (lambda: nn.RNN(3, 2), (4, 1, 3)),
    "GRU": (lambda: nn.GRU(3, 2), (4, 1, 3)),
    "LSTM": (lambda: nn.LSTM(3, 2), (4, 1, 3)),
    "LSTMCell": (lambda: nn.LSTMCell(3, 2), (4, 3)),
    "MultiheadAttention": (lambda: nn.MultiheadAttention(4, 2), (3, 1, 4), (3, 1, 4), (3, 1, 4)),
    "TransformerEncoderLayer": (lambda: nn.TransformerEncoderLayer(4, 2, 5), (3, 1, 4)),
    "TransformerDecoderLayer": (lambda: nn.TransformerDecoderLayer(4, 2, 5), (3, 1, 4), (3, 1, 4)),
}  # fmt: skip


@pytest.mark.parametrize("first", ["cpu", "cuda"])
@pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - COPIED - APART))
def test_no_operation_mixes(name, first, cuda):
    function, makers = OPERATIONS[name]
    inputs = [course.tensor(x) for x in inputs_of(name, makers, "float32")]
    inputs = [x.cuda() if (i == 0) == (first == "cuda") else x for i, x in enumerate(inputs)]
    with pytest.raises(RuntimeError, match=SAID):
        function(course, *inputs)


@pytest.mark.parametrize("lies", ["cpu", "cuda"])
@pytest.mark.parametrize("name", LAYERS)
def test_no_layer_mixes(name, lies, cuda):
    make, *shapes = LAYERS[name]
    layer, inputs = make().to(lies), [course.ones(*shape) for shape in shapes]
    with pytest.raises(RuntimeError, match=SAID):
        layer(*[x if lies == "cuda" else x.cuda() for x in inputs])


@pytest.mark.parametrize("lies", ["cpu", "cuda"])
def test_no_embedding_mixes(lies, cuda):
    layer, index = nn.Embedding(4, 2).to(lies), course.tensor([1, 2], device="cpu" if lies == "cuda" else "cuda")
    with pytest.raises(RuntimeError, match=SAID):
        layer(index)
