"""Document 002, code 5.1 (and 3.1): a linear regression; x and y are missing there."""

import torch
import torch.nn as nn

torch.manual_seed(0)
x = torch.rand(20, 1)
y = 2 * x + 1
model = nn.Linear(1, 1)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
losses, printed = [], []
for epoch in range(100):
    output = model(x)
    loss = criterion(output, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
    printed.append(f"Epoch [{epoch + 1}/100], Loss: {loss.item():.4f}")
