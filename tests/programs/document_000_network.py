"""Document 000, code 4: two linear layers, MSE, SGD. Its data and its `model = Net()` are missing there."""

import torch
import torch.nn as nn
import torch.optim as optim

torch.manual_seed(0)
inputs, targets = torch.randn(16, 10), torch.randn(16, 1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(10, 20)
        self.fc2 = nn.Linear(20, 1)

    def forward(self, x):
        return self.fc2(self.fc1(x))


model = Net()
criterion = nn.MSELoss()
optimizer = optim.SGD(model.parameters(), lr=0.01)
losses = []
for _ in range(100):
    optimizer.zero_grad()
    loss = criterion(model(inputs), targets)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
