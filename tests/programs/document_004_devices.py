"""Document 004, 6: the line that chooses a device; the data must move too, not only the model."""

import torch

device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
torch.manual_seed(0)
model = torch.nn.Linear(2, 1).to(device)
inputs = torch.ones(3, 2).to(device)
found = {"outputs": model(inputs).detach().cpu()}
