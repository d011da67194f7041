"""What `max`, `sort` and their kin return along a dimension: the values and where they stood."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .tensor import Tensor


class _ValuesAndIndices(NamedTuple):
    values: Tensor
    indices: Tensor

    def __repr__(self):
        name = type(self).__name__
        return f"course.return_types.{name}(\nvalues={self.values!r},\nindices={self.indices!r})"


class max(_ValuesAndIndices):
    """The largest elements, and their positions."""


class min(_ValuesAndIndices):
    """The smallest elements, and their positions."""


class median(_ValuesAndIndices):
    """The middle elements, and their positions."""


class sort(_ValuesAndIndices):
    """The elements in order, and where they stood before."""


class topk(_ValuesAndIndices):
    """The k largest (or smallest) elements, and their positions."""
