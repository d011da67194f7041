"""How fast the course is, against PyTorch and against the machine's limits: `python -m benchmarks`."""
