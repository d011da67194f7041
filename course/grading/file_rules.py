"""Which files a submission may read and write, by Linux's Landlock: compiled code cannot go past that either.

It needs no rights and no container, so it stands where bubblewrap does not, and inside the sandbox as well.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import sys
from collections.abc import Iterator, Sequence

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every machine
_EXECUTE, _WRITE, _READ, _LIST, _TRUNCATE = 1, 2, 4, 8, 1 << 14
_FIRST_VERSION = (1 << 13) - 1  # all that the first version of Landlock rules over: read, list, make, remove, …
_NO_NEW_PRIVILEGES = 38


def file_rules_version() -> int:
    """The version of Landlock that this kernel has; 0 where it has none."""
    return max(_system_call(_CREATE_RULESET, None, 0, 1), 0) if sys.platform == "linux" else 0


def only_these_files(readable: Sequence[str], hidden: Sequence[str], home: str) -> bool:
    """From now on `readable` can be read, but for what is `hidden` in it, and `home` changed; nothing else is there.

    False where the kernel has no such rules.
    """
    version = file_rules_version()
    if not version:
        return False
    ruled = _FIRST_VERSION | (_TRUNCATE if version >= 3 else 0)
    ruleset = _system_call(_CREATE_RULESET, struct.pack("=Q", ruled), 8, 0)
    hidden = [os.path.realpath(path) for path in hidden]
    for path in readable:
        for part in _without(os.path.realpath(path), hidden):
            _allow(ruleset, part, _READ | _LIST | _EXECUTE)
    _allow(ruleset, home, ruled)
    _allow(ruleset, os.devnull, _READ | _WRITE)
    _allow(ruleset, "/dev/urandom", _READ)
    zero = ctypes.c_ulong(0)
    ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, ctypes.c_ulong(1), zero, zero, zero)
    done = _system_call(_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return done


def _without(path: str, hidden: Sequence[str]) -> Iterator[str]:
    """The path, or those parts of it that hold nothing hidden."""
    if any(path == other or path.startswith(other + os.sep) for other in hidden):
        return
    if not any(other.startswith(path.rstrip(os.sep) + os.sep) for other in hidden):
        yield path
        return
    with contextlib.suppress(OSError):
        for name in os.listdir(path):
            yield from _without(os.path.realpath(os.path.join(path, name)), hidden)


def _allow(ruleset: int, path: str, rights: int) -> None:
    with contextlib.suppress(OSError):  # what is not there needs no rule
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        if not os.path.isdir(path):
            rights &= _EXECUTE | _WRITE | _READ | _TRUNCATE
        _system_call(_ADD_RULE, ruleset, 1, struct.pack("=Qi", rights, descriptor), 0)
        os.close(descriptor)


def _system_call(number: int, *arguments) -> int:
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    converted = [ctypes.c_long(one) if type(one) is int else ctypes.c_char_p(one) for one in arguments]
    return call(ctypes.c_long(number), *converted)
