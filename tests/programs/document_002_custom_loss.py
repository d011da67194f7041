"""Document 002, 9.2: a loss of one's own is a Module with a forward; here a mean of fourth powers."""

import torch
import torch.nn as nn


class FourthPowerLoss(nn.Module):
    def forward(self, input, target):
        return ((input - target) ** 4).mean()


torch.manual_seed(0)
x, y = torch.randn(8, 3), torch.randn(8, 1)
model = nn.Linear(3, 1)
criterion = FourthPowerLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
losses = []
for _ in range(20):
    loss = criterion(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
