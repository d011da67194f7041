"""Messages between the grader and its child, each with its length in front, over a private socket pair.

Standard output is no part of it: a submission may print what it likes.
"""

from __future__ import annotations

import socket
import struct
import time

from course.exercises.encoding import BadMessage, decode, encode

MAX_MESSAGE = 64 * 2**20


class Closed(Exception):
    """The other side is gone."""


class Channel:
    """One end. The grader's end gives a deadline and accepts no problems."""

    def __init__(self, end: socket.socket, trusts_the_other: bool = False):
        self._end, self._trusting = end, trusts_the_other

    def send(self, message: dict, seconds: float | None = None) -> None:
        data = encode(message)
        self._end.settimeout(seconds)
        try:
            self._end.sendall(struct.pack(">Q", len(data)) + data)
        except TimeoutError:
            raise
        except OSError:
            raise Closed from None

    def receive(self, seconds: float | None = None) -> dict:
        """The next message; TimeoutError, Closed or BadMessage where there is none."""
        deadline = None if seconds is None else time.monotonic() + seconds
        (length,) = struct.unpack(">Q", self._read(8, deadline))
        if length > MAX_MESSAGE:
            raise BadMessage(f"{length} bytes")
        message = decode(self._read(length, deadline), problems=self._trusting)
        if type(message) is not dict:
            raise BadMessage("not a dict")
        return message

    def close(self) -> None:
        self._end.close()

    def _read(self, length: int, deadline: float | None) -> bytes:
        data = bytearray()
        while len(data) < length:
            if deadline is not None:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                self._end.settimeout(left)
            try:
                piece = self._end.recv(min(length - len(data), 2**16))
            except TimeoutError:
                raise
            except OSError:
                raise Closed from None
            if not piece:
                raise Closed
            data += piece
        return bytes(data)
