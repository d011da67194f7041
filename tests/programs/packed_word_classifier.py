"""Words of unlike length, padded by the loader and packed for a GRU of both directions; some steps of Adam."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader

torch.manual_seed(1)
names = [("anna", 0), ("boris", 1), ("clara", 0), ("david", 1), ("eva", 0), ("fritz", 1), ("gerda", 0), ("hugo", 1)]


def collate(batch):
    words = [torch.tensor([ord(c) - ord("a") + 1 for c in word]) for word, _ in batch]
    lengths = torch.tensor([len(word) for word in words])
    return pad_sequence(words, batch_first=True), lengths, torch.tensor([kind for _, kind in batch])


class Classifier(nn.Module):
    def __init__(self, hidden=6):
        super().__init__()
        self.embed = nn.Embedding(27, 4, padding_idx=0)
        self.gru = nn.GRU(4, hidden, num_layers=2, batch_first=True, bidirectional=True, dropout=0.2)
        self.head = nn.Linear(2 * hidden, 2)

    def forward(self, words, lengths):
        packed = pack_padded_sequence(self.embed(words), lengths, batch_first=True, enforce_sorted=False)
        out, _ = self.gru(packed)
        padded, lengths = pad_packed_sequence(out, batch_first=True)
        return self.head(padded.sum(1) / lengths.unsqueeze(1))


loader = DataLoader(names, batch_size=4, shuffle=True, collate_fn=collate)
model, criterion = Classifier(), nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
losses = []
for _ in range(3):
    for words, lengths, kinds in loader:
        optimizer.zero_grad()
        loss = criterion(model(words, lengths), kinds)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
