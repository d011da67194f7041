"""The one error for files that cannot be loaded."""


class LoadError(RuntimeError):
    """A file that is damaged, hostile, or was written by something else than `course.save` or `torch.save`."""
