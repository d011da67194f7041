"""Habits of programs that people teach with: NumPy's numbers beside tensors, and names from before PyTorch 1.0."""

import numpy as np

from .families import Cases

case = CASES = Cases()


@case
def numpys_numbers_beside_tensors(torch):
    x = torch.tensor([4.0, -1.0], requires_grad=True)
    attention = (x @ x.T) / np.sqrt(2)
    scaled = x * np.float64(3) + np.float32(0.5) - np.int64(1)
    powers = np.float64(2) ** x / np.log(3.0)
    (attention + scaled.sum() + powers.sum()).backward()
    whole, flags = torch.tensor([3, 5]), torch.tensor([True, False])
    return {"attention": attention, "scaled": scaled, "powers": powers, "slope": x.grad,
            "double": x.detach().double() * np.float32(0.1), "whole": whole * np.int32(2),
            "to float": whole * np.float64(0.5), "quotient": whole / np.int64(2), "flags": flags * np.float64(2.5),
            "larger": x > np.float64(0), "clamped": x.clamp(max=np.float64(1)),
            "chosen": torch.where(flags, x, np.float64(7))}
