"""Switches that PyTorch programs set before they begin. They can be set here too, and change nothing."""

from . import cuda, cudnn, mps

_set = {"deterministic": False, "precision": "highest"}


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Accepted: on the CPU all results are the same in every run. Differs from PyTorch: no operation is refused."""
    _set["deterministic"] = bool(mode)


def are_deterministic_algorithms_enabled() -> bool:
    """What `use_deterministic_algorithms` was told."""
    return bool(_set["deterministic"])


def set_float32_matmul_precision(precision: str) -> None:
    """Accepted: "highest", "high" or "medium". Differs from PyTorch: all products have full precision."""
    if precision not in ("highest", "high", "medium"):
        raise RuntimeError(f"set_float32_matmul_precision() takes 'highest', 'high' or 'medium', given {precision!r}")
    _set["precision"] = precision


def get_float32_matmul_precision() -> str:
    """What `set_float32_matmul_precision` was told."""
    return str(_set["precision"])
