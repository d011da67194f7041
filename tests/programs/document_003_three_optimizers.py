"""Document 003, code 4.1 to 4.3: a network for 28 x 28 images, by SGD, momentum and Adam; its loader is missing."""

import torch
import torch.optim as optim
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
images = TensorDataset(torch.rand(40, 1, 28, 28), torch.randint(0, 10, (40,)))


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = torch.nn.Linear(784, 128)
        self.fc2 = torch.nn.Linear(128, 10)

    def forward(self, x):
        x = torch.flatten(x, 1)
        x = torch.relu(self.fc1(x))
        return self.fc2(x)


found = {}
for name, make in {
    "sgd": lambda params: optim.SGD(params, lr=0.01),
    "momentum": lambda params: optim.SGD(params, lr=0.01, momentum=0.9),
    "adam": lambda params: optim.Adam(params, lr=0.001),
}.items():
    trainloader = DataLoader(images, batch_size=8, shuffle=True)
    net = Net()
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = make(net.parameters())
    epochs = []
    for _ in range(10):
        running_loss = 0.0
        for _, data in enumerate(trainloader, 0):
            inputs, labels = data
            optimizer.zero_grad()
            loss = criterion(net(inputs), labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
        epochs.append(running_loss / len(trainloader))
    found[name] = torch.tensor(epochs)
