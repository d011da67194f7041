"""Document 001, code 4.1 to 4.4: y = 3x by four optimisers, without zero_grad() as printed there, and with it."""

import torch
import torch.optim as optim

torch.manual_seed(0)
x = torch.randn(50)
y = 3 * x
loss_fn = torch.nn.MSELoss()
optimizers = {
    "sgd": lambda params: optim.SGD(params=params, lr=0.01),
    "momentum": lambda params: optim.SGD(params=params, lr=0.01, momentum=0.9),
    "rmsprop": lambda params: optim.RMSprop(params=params, lr=0.01, alpha=0.99),
    "adam": lambda params: optim.Adam(params=params, lr=0.01, betas=(0.9, 0.999)),
}
found = {}
for name, make in optimizers.items():
    for zeroed in (False, True):
        theta = torch.tensor([1.0], requires_grad=True)
        optimizer = make([theta])
        for _ in range(100):
            loss = loss_fn(theta * x, y)
            if zeroed:
                optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        found[f"{name}{'_zeroed' if zeroed else ''}"] = theta
