"""How the elements of a new tensor lie in memory: names that programs hand on to functions such as `zeros_like`."""


class memory_format:
    """`course.contiguous_format` or `course.preserve_format`, reading order or the order of what a tensor is made like.

    Both are accepted and both give reading order here.
    """

    __slots__ = ("name",)

    def __init__(self, name: str):
        self.name = name

    def __repr__(self):
        return f"course.{self.name}"


contiguous_format, preserve_format = memory_format("contiguous_format"), memory_format("preserve_format")


def check(given) -> None:
    """Raises TypeError for what is neither None nor a memory format."""
    if given is not None and not isinstance(given, memory_format):
        raise TypeError(f"memory_format must be course.preserve_format or course.contiguous_format, given {given!r}")
