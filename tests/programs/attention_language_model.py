"""A GPT in small: characters, positions, two blocks of causal attention; some steps of AdamW."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
text = "to be or not to be, that is the question"
letters = sorted(set(text))
codes = torch.tensor([letters.index(c) for c in text])
width, heads, length = 8, 2, 6


class CausalAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.project = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width)

    def forward(self, x):
        batch, time, _ = x.shape
        q, k, v = self.project(x).view(batch, time, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(y.transpose(1, 2).reshape(batch, time, width))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.RMSNorm(width, eps=1e-5)
        self.attention = CausalAttention()
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width), nn.Dropout(0.1))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.token, self.position = nn.Embedding(len(letters), width), nn.Embedding(length, width)
        self.blocks = nn.Sequential(*[Block() for _ in range(2)])
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, len(letters), bias=False)
        self.head.weight = self.token.weight
        self.apply(self._start)

    def _start(self, module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, mean=0.0, std=0.2)

    def forward(self, index, targets=None):
        x = self.token(index) + self.position(torch.arange(index.size(1), device=index.device))
        logits = self.head(self.norm(self.blocks(x)))
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1))


model = GPT()
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, betas=(0.9, 0.95), weight_decay=0.1)
losses = []
for _ in range(5):
    starts = torch.randint(len(codes) - length, (4,))
    x = torch.stack([codes[i : i + length] for i in starts])
    y = torch.stack([codes[i + 1 : i + 1 + length] for i in starts])
    _, loss = model(x, y)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    losses.append(loss.item())

model.eval()
index = codes[:1].unsqueeze(0)
with torch.no_grad():
    for _ in range(8):
        logits, _ = model(index[:, -length:])
        index = torch.cat([index, logits[:, -1].argmax(-1, keepdim=True)], dim=1)
found = {"written": "".join(letters[i] for i in index[0].tolist()), "names": " ".join(model.state_dict())}
