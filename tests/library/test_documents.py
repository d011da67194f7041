"""Programs as students find them in print, run after nothing but `import course as torch`."""

import sys
import types

import numpy as np
import pytest

import course

from ..goldens import record
from ..goldens.families import goldens

# The linear regression of document 004: its five samples lie in a row, which is one sample of five numbers.
LINEAR_REGRESSION = """
import torch
import torch.nn as nn
import torch.optim as optim

torch.manual_seed(0)
x = torch.tensor([[1.0, 2.0, 3.0, 4.0, 5.0]], dtype=torch.float32)
y = 2 * x

class LinearRegression(nn.Module):
    def __init__(self):
        super(LinearRegression, self).__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x):
        return self.linear(x)

model = LinearRegression()
criterion = nn.MSELoss()
optimizer = optim.SGD(model.parameters(), lr=0.01)
losses = []
for epoch in range(1000):
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
"""

# The first network of document 003; its trainloader, which the document leaves out, is given.
DIGITS_NETWORK = """
import torch
import torch.optim as optim

class Net(torch.nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.fc1 = torch.nn.Linear(784, 128)
        self.fc2 = torch.nn.Linear(128, 10)

    def forward(self, x):
        x = torch.flatten(x, 1)
        x = self.fc1(x)
        x = torch.relu(x)
        return self.fc2(x)

net = Net()
criterion = torch.nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=0.01)
losses = []
for epoch in range(10):
    running_loss = 0.0
    for i, data in enumerate(trainloader, 0):
        inputs, labels = data
        optimizer.zero_grad()
        outputs = net(inputs)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    losses.append(running_loss / len(trainloader))
"""


def run(program: str, **given) -> dict:
    """The variables of a program after it ran with the course in torch's place."""
    lines = program.replace("import torch\n", "import course as torch\n").replace("import torch.", "import course.")
    variables = {"__name__": "program", **given}
    exec(compile(lines, "<program>", "exec"), variables)
    return variables


def images_of_28_by_28():
    """The bundled digits, every pixel drawn as 3 by 3, with a margin of 2: as the document's network takes them."""
    images, labels = course.datasets.digits().train.tensors
    large = np.pad(images.numpy().repeat(3, 2).repeat(3, 3), ((0, 0), (0, 0), (2, 2), (2, 2)))
    return course.utils.data.TensorDataset(course.tensor(large), labels)


def test_five_samples_in_a_row_are_refused_and_both_shapes_are_named():
    with pytest.raises(RuntimeError, match=r"mat1 and mat2 shapes cannot be multiplied \(1x5 and 1x1\)"):
        run(LINEAR_REGRESSION)


AS_A_COLUMN = LINEAR_REGRESSION.replace("y = 2 * x", "x = x.reshape(5, 1)\ny = 2 * x")


@pytest.mark.parametrize("case, program, last", [
    ("regression_unzeroed", AS_A_COLUMN, 10.73),
    ("regression_zeroed", AS_A_COLUMN.replace("    loss.backward()",
    "    optimizer.zero_grad()\n    loss.backward()"), 0.0002),
])
def test_as_a_column_they_train_with_pytorchs_losses(case, program, last):
    losses = run(program)["losses"]
    found = record.record({"losses": course.tensor(losses[::100] + losses[-1:])})
    assert record.difference(found["losses"], goldens("core")[case]["losses"]) == ""
    assert losses[-1] == pytest.approx(last, rel=0.5 if last < 1 else 1e-3)


def test_the_first_network_of_document_003_learns_from_images_of_28_by_28():
    course.manual_seed(0)
    loader = course.utils.data.DataLoader(images_of_28_by_28(), batch_size=32, shuffle=True)
    losses = run(DIGITS_NETWORK, trainloader=loader)["losses"]
    assert all(later < earlier for earlier, later in zip(losses, losses[1:]))
    assert losses[-1] < losses[0] / 3


def test_nan_in_the_data_is_no_error_and_is_seen_in_the_loss():
    program = AS_A_COLUMN.replace("y = 2 * x", "y = 2 * x\nx[2, 0] = float('nan')").replace("1000", "2")
    variables = run(program)
    assert np.isnan(variables["losses"]).all()
    assert np.isnan(variables["model"].linear.weight.item())


def test_modules_are_found_where_pytorch_has_them():
    for name in ("nn", "nn.functional", "nn.init", "nn.utils", "optim", "utils.data", "autograd"):
        module = course
        for part in name.split("."):
            module = getattr(module, part)
        assert isinstance(module, types.ModuleType) and sys.modules[f"course.{name}"] is module
