"""The work that is timed: programs that run with `torch` or with `course` as their argument, on the CPU or on CUDA.

Each makes what it needs and returns a `Task`. `bytes` or `flops` say what bounds it, in bytes that must cross memory or
in floating-point operations of matrix products, so that a share of the machine's limit can be given.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from . import plain

WORK: dict[str, Work] = {}


class Task(NamedTuple):
    """Work that is ready to be timed."""

    step: object  # function()
    given: tuple  # the tensors with which it starts: the plain version is made from these
    left: object  # function() -> the tensors that the steps leave: the plain version's numbers


class Work(NamedTuple):
    """One row of the table."""

    make: object  # function(torch, device) -> Task
    target: float  # PyTorch's time / ours that must be reached at 1 thread
    target_2: float  # the same at more threads
    plain: object = None  # function(*arrays) -> step: the same in NumPy
    bytes: float = 0
    flops: float = 0


def work(name, target, target_2=None, **more):
    def register(make):
        WORK[name] = Work(make, target, target if target_2 is None else target_2, **more)
        return make

    return register


def training_step(torch, model, x, y, optimizer, criterion, compiled=False):
    def step(x, y):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()

    if compiled and torch.__name__ == "course":  # beside PyTorch's step as it is written
        step = torch.compile(step, fullgraph=True)
    return Task(lambda: step(x, y), (x, y, *model.parameters()), lambda: list(model.parameters()))


def mlp(torch, *sizes):
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(a, b), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def classes(torch, batch, n=10):
    return torch.randint(0, n, (batch,))


SGD = (lambda t, p: t.optim.SGD(p, lr=0.01)), plain.sgd
ADAM = (lambda t, p: t.optim.Adam(p)), plain.adam


def mlp_step(name, batch, sizes, optimizer, target, target_2, compiled=False):
    flops = 6 * batch * sum(a * b for a, b in zip(sizes, sizes[1:])) - 2 * batch * sizes[0] * sizes[1]
    make_optimizer, update = optimizer

    @work(name, target, target_2, flops=flops, plain=plain.mlp_step(update))
    def make(torch, device):
        torch.manual_seed(0)
        model = mlp(torch, *sizes).to(device)
        x, y = torch.randn(batch, sizes[0]).to(device), classes(torch, batch, sizes[-1]).to(device)
        return training_step(torch, model, x, y, make_optimizer(torch, model.parameters()),
                             torch.nn.CrossEntropyLoss(), compiled)


mlp_step("MLP 784-128-10, batch 64, SGD", 64, (784, 128, 10), SGD, 1.8, 1.4)
mlp_step("MLP 784-128-10, batch 64, Adam", 64, (784, 128, 10), ADAM, 2.0, 1.6)
mlp_step("MLP 784-128-10, batch 64, SGD, compiled", 64, (784, 128, 10), SGD, 1.8, 1.4, compiled=True)
mlp_step("MLP 784-128-10, batch 64, Adam, compiled", 64, (784, 128, 10), ADAM, 2.0, 1.6, compiled=True)
mlp_step("MLP 784-512-512-10, batch 256, Adam", 256, (784, 512, 512, 10), ADAM, 1.0, 1.0)


def linear_step(name, target, compiled=False):
    @work(name, target, plain=plain.linear_step)
    def make(torch, device):
        torch.manual_seed(0)
        model = torch.nn.Linear(1, 1).to(device)
        x = torch.randn(32, 1).to(device)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        return training_step(torch, model, x, 3 * x, optimizer, torch.nn.MSELoss(), compiled)


linear_step("Linear(1, 1), batch 32, MSE, SGD", 1.3)
linear_step("Linear(1, 1), batch 32, MSE, SGD, compiled", 3, compiled=True)


def optimizer_step(name, make_optimizer, update, states, exponent, target):
    count = 10**exponent

    @work(f"{name}, 1e{exponent} parameters", target, bytes=4 * count * (3 + 2 * states),
          plain=plain.optimizer_step(update))
    def make(torch, device):
        torch.manual_seed(0)
        p = torch.zeros(count).to(device).requires_grad_()
        p.grad = torch.randn(count).to(device)
        return Task(make_optimizer(torch, [p]).step, (p, p.grad), lambda: [p])


def heavy_ball(parameters):
    return plain.sgd(parameters, momentum=0.9)


OPTIMIZERS = {  # name -> as PyTorch makes it, in NumPy, arrays of state
    "Adam": (*ADAM, 2),
    "Adam fused": (lambda t, p: t.optim.Adam(p, fused=True), plain.adam, 2),
    "SGD momentum": (lambda t, p: t.optim.SGD(p, lr=0.01, momentum=0.9), heavy_ball, 1),
    "SGD momentum fused": (lambda t, p: t.optim.SGD(p, lr=0.01, momentum=0.9, fused=True), heavy_ball, 1),
    "RMSprop": (lambda t, p: t.optim.RMSprop(p), plain.rmsprop, 1),
    "Adagrad": (lambda t, p: t.optim.Adagrad(p), plain.adagrad, 1),
    "Adagrad fused": (lambda t, p: t.optim.Adagrad(p, fused=True), plain.adagrad, 1),
}
for exponent in (4, 5, 6, 7):
    for name, optimizer in OPTIMIZERS.items():
        optimizer_step(name, *optimizer, exponent, 1.2 if exponent == 7 and "fused" in name else 2.0)


def loss(name, target, make_function, make_labels, shape, **more):
    """A loss and the gradient of its input."""
    @work(name, target, **more)
    def make(torch, device):
        torch.manual_seed(0)
        x, y = torch.randn(*shape).to(device).requires_grad_(), make_labels(torch, shape).to(device)
        function = make_function(torch)

        def step():
            x.grad = None
            function(x, y).backward()

        return Task(step, (x, y), lambda: [x.grad, function(x, y)])


def labels(torch, shape):
    return classes(torch, *shape)


for shape, target, more in (((64, 10), 8, {}), ((4096, 1000), 2.2, {"bytes": 3 * 4 * 4096 * 1000})):
    loss(f"softmax cross-entropy {shape[0]}×{shape[1]}", target, lambda t: t.nn.functional.cross_entropy, labels, shape,
         plain=plain.loss_and_gradient(plain.cross_entropy), **more)


def elementwise_loss(name, make_function, in_numpy):
    loss(f"{name}, 1e6", 1.5, make_function, lambda t, shape: t.rand(*shape), (10**6,), bytes=5 * 4 * 10**6,
         plain=plain.loss_and_gradient(in_numpy))


elementwise_loss("MSE", lambda t: t.nn.functional.mse_loss, plain.mse)
elementwise_loss("BCE with logits", lambda t: t.nn.functional.binary_cross_entropy_with_logits, plain.bce_with_logits)
elementwise_loss("Huber", lambda t: t.nn.functional.huber_loss, plain.huber)


def forward_backward(name, make_function, in_numpy, *shape, target=1.3):
    """A function, and the gradient of its input for a gradient of its output.

    It must read the input and write the output, then read the output's gradient and the input again, and write its own.
    """
    @work(f"{name} {'×'.join(map(str, shape))}", target, bytes=5 * 4 * math.prod(shape),
          plain=plain.output_and_gradient(in_numpy))
    def make(torch, device):
        torch.manual_seed(0)
        x, gradient = torch.randn(*shape).to(device).requires_grad_(), torch.randn(*shape).to(device)
        function = make_function(torch)
        function = function.to(device) if isinstance(function, torch.nn.Module) else function

        def step():
            x.grad = None
            function(x).backward(gradient)

        return Task(step, (x, gradient), lambda: [x.grad, function(x)])


forward_backward("GELU", lambda t: t.nn.functional.gelu, plain.gelu, 2048, 512)
forward_backward("softmax", lambda t: lambda x: t.softmax(x, 1), plain.softmax, 2048, 512)
forward_backward("LayerNorm", lambda t: t.nn.LayerNorm(512), plain.normalized_over(1), 2048, 512)
forward_backward("BatchNorm2d", lambda t: t.nn.BatchNorm2d(32), plain.normalized_over(0, 2, 3), 32, 32, 16, 16)
forward_backward("dropout", lambda t: t.nn.Dropout(0.5), plain.dropout, 2048, 512)


def cnn_step(name, batch, channels, size, target, channels_last=False):
    a, b, c = channels
    pixels = size**2 * batch
    flops = 2 * 9 * pixels * (2 * a * b + 3 * b * c / 4) + 6 * batch * 10 * c * (size // 4) ** 2

    @work(name, target, flops=flops, plain=plain.cnn_step)
    def make(torch, device):
        torch.manual_seed(0)
        model = torch.nn.Sequential(
            torch.nn.Conv2d(a, b, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
            torch.nn.Conv2d(b, c, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
            torch.nn.Flatten(), torch.nn.Linear(c * (size // 4) ** 2, 10),
        ).to(device)  # fmt: skip
        x, y = torch.randn(batch, a, size, size).to(device), classes(torch, batch).to(device)
        if channels_last and torch.__name__ == "torch":
            model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
        sgd = torch.optim.SGD(model.parameters(), lr=0.01)
        return training_step(torch, model, x, y, sgd, torch.nn.CrossEntropyLoss())


cnn_step("CNN 3→16→32, 32×32, batch 32", 32, (3, 16, 32), 32, 1.0)
cnn_step("CNN 3→16→32, against channels_last", 32, (3, 16, 32), 32, 1.0, channels_last=True)
cnn_step("CNN 1→32→64, 28×28, batch 64", 64, (1, 32, 64), 28, 0.9)


@work("LSTM 32 steps, batch 16, 64→64", 1.0, plain=plain.lstm_step)
def lstm(torch, device):
    torch.manual_seed(0)
    model, x = torch.nn.LSTM(64, 64).to(device), torch.randn(32, 16, 64).to(device)

    def step():
        model.zero_grad()
        model(x)[0].sum().backward()

    return Task(step, (x, *model.parameters()), lambda: [p.grad for p in model.parameters()])


@work("CTC 50×16×20", 1.0)
def ctc(torch, device):
    torch.manual_seed(0)
    x = torch.randn(50, 16, 20).to(device).requires_grad_()
    targets = torch.randint(1, 20, (16, 10)).to(device)
    lengths, target_lengths = torch.full((16,), 50, dtype=torch.int64), torch.full((16,), 10, dtype=torch.int64)

    def step():
        x.grad = None
        torch.nn.functional.ctc_loss(torch.log_softmax(x, 2), targets, lengths, target_lengths).backward()

    return Task(step, (x, targets), lambda: [x.grad])


@work("embedding gradients 10000×64, batch 4096", 1.0, plain=plain.embedding_step)
def embedding(torch, device):
    torch.manual_seed(0)
    table, index = torch.nn.Embedding(10000, 64).to(device), torch.randint(0, 10000, (4096,)).to(device)

    def step():
        table.zero_grad()
        table(index).sum().backward()

    return Task(step, (table.weight, index), lambda: [table.weight.grad])


@work("DataLoader 60000×784, batch 64, shuffled epoch", 5, bytes=2 * 4 * 60000 * 784, plain=plain.shuffled_epoch)
def loader(torch, device):
    x, y = torch.ones(60000, 784), torch.arange(60000)  # zeros might be one page of memory, shown everywhere
    batches = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=64, shuffle=True)

    def step():
        for _ in batches:
            pass

    return Task(step, (x, y), lambda: [torch.sort(torch.cat([labels for _, labels in batches]))[0]])
