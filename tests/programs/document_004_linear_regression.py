"""Document 004, code 4 and its first question: a linear regression whose five samples lie in a row, not in a column.

As printed it is refused at the first step. As a column it is trained without zero_grad(), as printed, and with it.
"""

import torch
import torch.nn as nn
import torch.optim as optim


class LinearRegression(nn.Module):
    def __init__(self, input_size=1, output_size=1):
        super().__init__()
        self.linear = nn.Linear(input_size, output_size)

    def forward(self, x):
        return self.linear(x)


def train(x, zeroed):
    torch.manual_seed(0)
    y = 2 * x
    model = LinearRegression()
    criterion = nn.MSELoss()
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    losses = []
    for _ in range(1000):
        loss = criterion(model(x), y)
        if zeroed:
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return torch.tensor(losses[::100] + losses[-1:])


x = torch.tensor([[1.0, 2.0, 3.0, 4.0, 5.0]], dtype=torch.float32)
try:
    train(x, zeroed=False)
except RuntimeError as error:
    refused = str(error)
found = {"unzeroed": train(x.reshape(5, 1), zeroed=False), "zeroed": train(x.reshape(5, 1), zeroed=True)}
