"""Apple's GPUs, for which the course has no kernels."""


def is_available() -> bool:
    """Whether programs may use the device "mps": never."""
    return False


is_built = is_available
