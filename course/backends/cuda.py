"""How matrices are multiplied on NVIDIA's GPUs: always in the numbers' own precision."""

from types import SimpleNamespace

matmul = SimpleNamespace(allow_tf32=False)
