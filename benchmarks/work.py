"""The work that is timed: programs that run with either `torch` or `course` as their argument.

Each makes what it needs and returns a function without arguments: one step. `limit` says what bounds it, in bytes that
must cross memory or in floating-point operations, so that a share of the machine's limit can be given.
"""

from __future__ import annotations

from typing import NamedTuple

WORK: dict[str, Work] = {}


class Work(NamedTuple):
    """One row of the table."""

    make: object  # function(torch) -> step
    target: float  # PyTorch's time / ours that must be reached at 1 thread
    target_2: float  # the same at 2 threads
    bytes: float = 0
    flops: float = 0


def work(name, target, target_2=None, **limit):
    def register(make):
        WORK[name] = Work(make, target, target if target_2 is None else target_2, **limit)
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
    return lambda: step(x, y)


def mlp(torch, *sizes):
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(a, b), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def classes(torch, batch, n=10):
    return torch.randint(0, n, (batch,))


def mlp_step(name, batch, sizes, optimizer, target, target_2, compiled=False):
    flops = 6 * batch * sum(a * b for a, b in zip(sizes, sizes[1:])) - 2 * batch * sizes[0] * sizes[1]

    @work(name, target, target_2, flops=flops)
    def make(torch):
        torch.manual_seed(0)
        model = mlp(torch, *sizes)
        x, y = torch.randn(batch, sizes[0]), classes(torch, batch, sizes[-1])
        return training_step(torch, model, x, y, optimizer(torch, model.parameters()), torch.nn.CrossEntropyLoss(),
                             compiled)


mlp_step("MLP 784-128-10, batch 64, SGD", 64, (784, 128, 10), lambda t, p: t.optim.SGD(p, lr=0.01), 1.8, 1.4)
mlp_step("MLP 784-128-10, batch 64, Adam", 64, (784, 128, 10), lambda t, p: t.optim.Adam(p), 2.0, 1.6)
mlp_step("MLP 784-128-10, batch 64, SGD, compiled", 64, (784, 128, 10), lambda t, p: t.optim.SGD(p, lr=0.01), 1.8, 1.4,
         compiled=True)
mlp_step("MLP 784-128-10, batch 64, Adam, compiled", 64, (784, 128, 10), lambda t, p: t.optim.Adam(p), 2.0, 1.6,
         compiled=True)
mlp_step("MLP 784-512-512-10, batch 256, Adam", 256, (784, 512, 512, 10), lambda t, p: t.optim.Adam(p), 1.0, 1.0)


def linear_step(name, target, compiled=False):
    @work(name, target)
    def make(torch):
        torch.manual_seed(0)
        model = torch.nn.Linear(1, 1)
        x = torch.randn(32, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        return training_step(torch, model, x, 3 * x, optimizer, torch.nn.MSELoss(), compiled)


linear_step("Linear(1, 1), batch 32, MSE, SGD", 1.3)
linear_step("Linear(1, 1), batch 32, MSE, SGD, compiled", 3, compiled=True)


def optimizer_step(name, make_optimizer, states, count, target):
    @work(f"{name}, {count:.0e} parameters", target, bytes=4 * count * (3 + 2 * states))
    def make(torch):
        torch.manual_seed(0)
        p = torch.zeros(count, requires_grad=True)
        p.grad = torch.randn(count)
        return make_optimizer(torch, [p]).step


for count in (10**4, 10**5, 10**6, 10**7):
    optimizer_step("Adam", lambda t, p: t.optim.Adam(p), 2, count, 2.0)
    optimizer_step("Adam fused", lambda t, p: t.optim.Adam(p, fused=True), 2, count, 1.2 if count == 10**7 else 2.0)
    optimizer_step("SGD momentum", lambda t, p: t.optim.SGD(p, lr=0.01, momentum=0.9), 1, count, 2.0)
    optimizer_step("RMSprop", lambda t, p: t.optim.RMSprop(p), 1, count, 2.0)
    optimizer_step("Adagrad", lambda t, p: t.optim.Adagrad(p), 1, count, 2.0)


def forward_backward(name, target, make_function, *shape, **limit):
    @work(name, target, **limit)
    def make(torch):
        torch.manual_seed(0)
        x = torch.randn(*shape, requires_grad=True)
        function = make_function(torch)

        def step():
            x.grad = None
            function(x).backward()

        return step


def cross_entropy(rows, columns):
    def make(torch):
        y = classes(torch, rows, columns)
        return lambda z: torch.nn.functional.cross_entropy(z, y)

    return make


forward_backward("softmax cross-entropy 64×10", 8, cross_entropy(64, 10), 64, 10)
forward_backward("softmax cross-entropy 4096×1000", 2.2, cross_entropy(4096, 1000), 4096, 1000,
                 bytes=3 * 4 * 4096 * 1000)


def loss_of(name):
    def make(torch):
        y = torch.rand(10**6)
        loss = getattr(torch.nn.functional, name)
        return lambda x: loss(x, y)

    return make


for title, function in (("MSE", "mse_loss"), ("BCE with logits", "binary_cross_entropy_with_logits"),
                        ("Huber", "huber_loss")):
    forward_backward(f"{title}, 1e6", 1.5, loss_of(function), 10**6, bytes=5 * 4 * 10**6)


def summed(function):
    def make(torch):
        f = function(torch)
        return lambda x: f(x).sum()

    return make


forward_backward("GELU 2048×512", 1.3, summed(lambda t: t.nn.functional.gelu), 2048, 512)
forward_backward("softmax 2048×512", 1.3, summed(lambda t: lambda x: t.softmax(x, 1)), 2048, 512)
forward_backward("LayerNorm 2048×512", 1.3, summed(lambda t: t.nn.LayerNorm(512)), 2048, 512)
forward_backward("BatchNorm2d 32×32×16×16", 1.3, summed(lambda t: t.nn.BatchNorm2d(32)), 32, 32, 16, 16)
forward_backward("dropout 2048×512", 1.3, summed(lambda t: t.nn.Dropout(0.5)), 2048, 512)


def cnn_step(name, batch, channels, size, target, channels_last=False):
    @work(name, target)
    def make(torch):
        torch.manual_seed(0)
        a, b, c = channels
        model = torch.nn.Sequential(
            torch.nn.Conv2d(a, b, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
            torch.nn.Conv2d(b, c, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
            torch.nn.Flatten(), torch.nn.Linear(c * (size // 4) ** 2, 10),
        )  # fmt: skip
        x, y = torch.randn(batch, a, size, size), classes(torch, batch)
        if channels_last and torch.__name__ == "torch":
            model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
        sgd = torch.optim.SGD(model.parameters(), lr=0.01)
        return training_step(torch, model, x, y, sgd, torch.nn.CrossEntropyLoss())


cnn_step("CNN 3→16→32, 32×32, batch 32", 32, (3, 16, 32), 32, 1.0)
cnn_step("CNN 3→16→32, against channels_last", 32, (3, 16, 32), 32, 1.0, channels_last=True)
cnn_step("CNN 1→32→64, 28×28, batch 64", 64, (1, 32, 64), 28, 0.9)


@work("LSTM 32 steps, batch 16, 64→64", 1.0)
def lstm(torch):
    torch.manual_seed(0)
    model, x = torch.nn.LSTM(64, 64), torch.randn(32, 16, 64)

    def step():
        model.zero_grad()
        model(x)[0].sum().backward()

    return step


@work("CTC 50×16×20", 1.0)
def ctc(torch):
    torch.manual_seed(0)
    x = torch.randn(50, 16, 20, requires_grad=True)
    targets = torch.randint(1, 20, (16, 10))
    lengths, target_lengths = torch.full((16,), 50, dtype=torch.int64), torch.full((16,), 10, dtype=torch.int64)

    def step():
        x.grad = None
        torch.nn.functional.ctc_loss(torch.log_softmax(x, 2), targets, lengths, target_lengths).backward()

    return step


@work("embedding gradients 10000×64, batch 4096", 1.0)
def embedding(torch):
    torch.manual_seed(0)
    table, index = torch.nn.Embedding(10000, 64), torch.randint(0, 10000, (4096,))

    def step():
        table.zero_grad()
        table(index).sum().backward()

    return step


@work("DataLoader 60000×784, batch 64, shuffled epoch", 5, bytes=2 * 4 * 60000 * 784)
def loader(torch):
    data = torch.utils.data.TensorDataset(torch.zeros(60000, 784), torch.zeros(60000, dtype=torch.int64))
    batches = torch.utils.data.DataLoader(data, batch_size=64, shuffle=True)

    def step():
        for _ in batches:
            pass

    return step
