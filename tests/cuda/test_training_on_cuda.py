"""The programs of the course with `device = "cuda"`: the CPU's numbers, and nothing moved or allocated on the way."""

import copy
import gc

import pytest

import course
from course import nn
from course.device_memory import pool, transfers
from course.nn import functional as F

pytestmark = pytest.mark.cuda


def mlp(device, optimizer):
    """A function that takes one step of training and returns the loss, and the model."""
    course.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)).to(device)
    optimizer = optimizer(model.parameters())
    x, y = course.randn(6, 4).to(device), course.tensor([0, 1, 2, 0, 1, 2]).to(device)

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        return loss

    return lambda: optimizer.step(closure), model


OPTIMIZERS = {
    "SGD": lambda p: course.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "Adam": lambda p: course.optim.Adam(p, lr=0.01),
    "AdamW": lambda p: course.optim.AdamW(p, lr=0.01, amsgrad=True),
    "RMSprop": lambda p: course.optim.RMSprop(p, lr=0.01, centered=True),
    "Adagrad": lambda p: course.optim.Adagrad(p, lr=0.1),
    "Rprop": lambda p: course.optim.Rprop(p, lr=0.01),
    "ASGD": lambda p: course.optim.ASGD(p, lr=0.1, t0=1),
    "Adafactor": lambda p: course.optim.Adafactor(p, lr=0.1),
    "Muon": lambda p: course.optim.Muon([w for w in p if w.ndim == 2], lr=0.1, ns_steps=2),
    "LBFGS": lambda p: course.optim.LBFGS(p, lr=0.1, max_iter=2),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_gives_the_numbers_of_the_cpu(name, cuda):
    losses, parameters = [], []
    for device in ("cpu", "cuda"):
        step, model = mlp(device, OPTIMIZERS[name])
        losses.append([step().item() for _ in range(3)])
        parameters.append([p.detach().cpu() for p in model.parameters()])
        assert all(p.device.type == device for p in model.parameters())
    assert losses[1] == pytest.approx(losses[0], rel=1e-5)
    for p, q in zip(*parameters):
        assert course.allclose(q, p, rtol=1e-4, atol=1e-6)


class Last(nn.Module):
    """What a recurrent layer says at the end of the sequence."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)[0][:, -1]


MODELS = {  # name -> (model with three scores, shape of a batch of four)
    "MLP": (lambda: nn.Sequential(nn.Linear(4, 5), nn.Dropout(0.2), nn.Tanh(), nn.Linear(5, 3)), (4, 4)),
    "CNN": (lambda: nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2),
                                  nn.Flatten(), nn.Linear(8, 3)), (4, 1, 4, 4)),
    "LSTM": (lambda: nn.Sequential(Last(nn.LSTM(2, 3, batch_first=True)), nn.Linear(3, 3)), (4, 3, 2)),
    "GRU": (lambda: nn.Sequential(Last(nn.GRU(2, 3, batch_first=True)), nn.Linear(3, 3)), (4, 3, 2)),
    "transformer": (lambda: nn.Sequential(nn.TransformerEncoderLayer(4, 2, 4, batch_first=True), nn.Flatten(),
                                          nn.Linear(8, 3)), (4, 2, 4)),
    "embedding": (lambda: nn.Sequential(nn.Embedding(5, 2), nn.Flatten(), nn.Linear(6, 3)), (4, 3)),
}  # fmt: skip


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
@pytest.mark.parametrize("name", MODELS)
def test_a_step_of_any_model_moves_nothing(name, optimizer, cuda):
    make, shape = MODELS[name]
    model = make().to("cuda")
    optimizer = OPTIMIZERS[optimizer](model.parameters())
    x = course.randint(0, 5, shape, device="cuda") if name == "embedding" else course.randn(*shape, device="cuda")
    y = course.tensor([0, 1, 2, 0], device="cuda")
    for step in range(3):
        if step == 1:  # the first may bring tables along
            before = transfers.to_device, transfers.to_host
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    assert (transfers.to_device, transfers.to_host) == before


LOSSES = {
    "nll_loss": lambda x, y: F.nll_loss(F.log_softmax(x, 1), y, weight=course.ones_like(x[0])),
    "multi_margin_loss": F.multi_margin_loss,
    "multilabel_margin_loss": lambda x, y: F.multilabel_margin_loss(x, y.reshape(-1, 1).expand(-1, 3)),
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_that_looks_up_classes_moves_nothing_and_tells_of_a_wrong_one_later(name, cuda):
    course.cuda.synchronize()
    x, y = course.randn(2, 3, device="cuda", requires_grad=True), course.tensor([2, 1], device="cuda")
    for step in range(2):
        if step == 1:
            before = transfers.to_device, transfers.to_host
        LOSSES[name](x, y).backward()
    assert (transfers.to_device, transfers.to_host) == before
    for wrong in (3, 7) if name == "multilabel_margin_loss" else (3, -1):  # a −1 ends that one's list
        loss = LOSSES[name](x, course.tensor([2, wrong], device="cuda"))
        with pytest.raises(IndexError):
            loss.item()


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "ASGD", "Rprop"])
def test_after_the_first_step_nothing_is_moved_and_nothing_allocated(name, cuda):
    gc.collect()
    course.cuda.empty_cache()
    course.cuda.synchronize()  # what was noted so far is looked at: every 64 notes that is done anyway
    step, _ = mlp("cuda", OPTIMIZERS[name])
    step()
    before = pool.requests, transfers.to_device, transfers.to_host
    for _ in range(3):
        step()
    assert (pool.requests, transfers.to_device, transfers.to_host) == before


def test_moving_a_model_keeps_its_parameters_and_their_gradients(cuda):
    model = nn.Linear(3, 2)
    weight = model.weight
    model(course.ones(1, 3)).sum().backward()
    assert model.cuda() is model and model.weight is weight
    assert weight.is_cuda and weight.grad.is_cuda
    assert model.cpu().weight is weight and not weight.is_cuda


def test_state_goes_from_one_device_to_the_other(cuda, tmp_path):
    model = nn.Linear(3, 2).cuda()
    for format in ("course", "pth"):
        course.save(model.state_dict(), tmp_path / "model.pt", format=format)
        assert not course.load(tmp_path / "model.pt")["weight"].is_cuda
        moved = course.load(tmp_path / "model.pt", map_location="cuda")["weight"]
        assert moved.is_cuda and moved.cpu().equal(model.weight.detach().cpu())
    on_cpu = nn.Linear(3, 2)
    on_cpu.load_state_dict(model.state_dict())
    assert on_cpu.weight.tolist() == model.weight.tolist()
    assert copy.deepcopy(model).weight.is_cuda


def test_the_device_is_told(cuda):
    x = course.zeros(2, device="cuda")
    assert repr(x) == "tensor([0., 0.], device='cuda:0')"
    assert x.is_cuda and x.device == course.device("cuda:0") and x.pin_memory() is x
    assert course.zeros_like(x).is_cuda and x.new_ones(3).is_cuda and course.arange(3, device="cuda").is_cuda
    assert course.eye(2, device="cuda").tolist() == [[1, 0], [0, 1]]
    with pytest.raises(TypeError, match="can't convert"):
        x.numpy()
