"""How the elements of a new tensor lie in memory: names that programs hand on to functions such as `zeros_like`."""


class memory_format:
    """`contiguous_format`, reading order; `preserve_format`, that of what a tensor is made like; `channels_last`.

    All are accepted and all give reading order here.
    """

    __slots__ = ("name",)

    def __init__(self, name: str):
        self.name = name

    def __repr__(self):
        return f"course.{self.name}"


contiguous_format, preserve_format, channels_last = map(
    memory_format, ("contiguous_format", "preserve_format", "channels_last"))  # fmt: skip


def check(given) -> None:
    """Raises TypeError for what is neither None nor a memory format."""
    if given is not None and not isinstance(given, memory_format):
        raise TypeError(f"memory_format is course.preserve_format and its like, given {given!r}")
