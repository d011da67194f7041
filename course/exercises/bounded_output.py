"""A place for what a student's code prints: it keeps the beginning and forgets the rest."""

from __future__ import annotations

import io


class BoundedOutput(io.TextIOBase):
    """A text stream of at most `limit` characters; what is written beyond that is counted, not kept."""

    def __init__(self, limit: int = 500):
        self._limit, self._kept, self._parts, self._written = limit, 0, [], 0

    def write(self, text: str) -> int:
        room = self._limit - self._kept
        if room > 0:
            self._parts.append(text[:room])
            self._kept += len(self._parts[-1])
        self._written += len(text)
        return len(text)

    def writable(self) -> bool:
        return True

    @property
    def text(self) -> str:
        """What was kept, with a remark where something was cut."""
        cut = self._written - self._kept
        return "".join(self._parts) + (f"… ({cut:,} more characters)" if cut else "")
