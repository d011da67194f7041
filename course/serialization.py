"""Save and load: numbers and plain containers in one file, which never runs code when it is read.

The container is a zip archive of NumPy arrays (`.npz`: `numpy.load` opens it) with one more entry, `structure.json`,
that says how the arrays sit in dicts, lists and tuples. Nothing is ever unpickled: PyTorch's own files are read and
written by `course/pth.py`, which is no unpickler either.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import math
import os
import secrets
import tokenize
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np

from .device import CPU, move
from .device import device as Device
from .dtype import supported
from .load_error import LoadError
from .nn.parameter import Parameter
from .tensor import Tensor

FORMAT = "course-1"
_LEGACY = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."  # the number that files of PyTorch before 1.6 begin with
LARGEST_STRUCTURE = 64 * 2**20  # bytes


def save(obj, f, *, format: str = "course") -> None:
    """Write tensors, numbers, texts and dicts, lists and tuples of them to the file `f` (a path or open file).

    Args: format: "course", or "pth" for a file that `torch.load(f, weights_only=True)` reads.
    Atomic: the old file stays whole until the new one is. Raises TypeError for anything else inside, such as a whole
    module: save its `state_dict()`; ValueError for another format; OSError where the disk is full or refuses.
    Differs from PyTorch: unless format="pth", the file is a zip of .npy arrays and JSON, never a pickle.
    """
    if format not in ("course", "pth"):
        raise ValueError(f"save() knows the formats 'course' and 'pth', given {format!r}")
    write = _write_pth if format == "pth" else _write_course
    if hasattr(f, "write"):
        write(obj, f)
        return
    path = Path(f)
    part = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with open(part, "xb") as file:
            write(obj, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            part.unlink()
        if isinstance(error, OSError):
            raise OSError(error.errno, _not_saved(error, path), str(path)) from None
        raise


def _not_saved(error: OSError, path: Path) -> str:
    """Why a file could not be written, and what to try."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return "There is no space left to save this file; what was there before is whole. Free some and save again"
        case errno.ENOENT:
            return f"There is no folder {path.parent} to save this file in. Make it first, with os.makedirs"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return f"You may not write in the folder {path.absolute().parent}. Save this file in another"
    return f"This file could not be saved ({error.strerror or error}); what was there before is whole"


def load(f, map_location=None, *, weights_only: bool = True):
    """What `course.save` wrote to the file `f`, or what PyTorch wrote there with `torch.save`.

    Args: map_location: the device for all tensors; by default the CPU; weights_only: accepted, and always so.
    Raises FileNotFoundError where there is no file; LoadError for a file that is truncated, foreign or damaged.
    Differs from PyTorch: nothing in a file is ever run, so a whole pickled model is refused: save its `state_dict()`.
    """
    device = Device(map_location or "cpu")
    try:
        with zipfile.ZipFile(f) as archive:
            entries = {info.filename: info for info in archive.infolist()}
            _check_sizes(f, archive)
            if "structure.json" in entries:
                return _read_course(f, archive, entries, device)
            pickles = [name for name in entries if name == "data.pkl" or name.endswith("/data.pkl")]
            if len(pickles) != 1:
                raise LoadError(f"{f} is a zip file, but not one that course.save or torch.save wrote")
            from . import pth  # which most programs never need

            return pth.read(archive, entries, pickles[0], device)
    except (FileNotFoundError, IsADirectoryError, PermissionError, LoadError):
        raise
    except zipfile.BadZipFile:
        raise LoadError(f"{f} is no file that course.save wrote, or only a part of one; nothing was loaded"
                        f"{_legacy(f)}") from None
    except (ValueError, KeyError, TypeError, RuntimeError, RecursionError, EOFError, OSError, NotImplementedError,
            OverflowError, MemoryError, SyntaxError, tokenize.TokenError) as error:
        raise LoadError(f"{f} is damaged ({error}); nothing was loaded") from None


def _check_sizes(f, archive) -> None:
    """Raises LoadError for an archive whose parts could take more memory than the file is long."""
    if any(info.compress_type != zipfile.ZIP_STORED for info in archive.infolist()):
        raise LoadError(f"{f} is packed, which course.save and torch.save never do: it could unpack to any size. Not "
                        "read")
    end = archive.fp.seek(0, os.SEEK_END)
    if sum(info.file_size for info in archive.infolist()) > end:
        raise LoadError(f"the parts of {f} are said to be larger than the file; not read")


def _legacy(f) -> str:
    """What to say more of a file that PyTorch wrote before version 1.6, which is no zip."""
    with contextlib.nullcontext(f) if hasattr(f, "seek") else open(f, "rb") as file:
        file.seek(0)
        if file.read(len(_LEGACY)) != _LEGACY:
            return ""
    return ('. It is one in PyTorch\'s old format: in PyTorch, torch.save(torch.load("old.pth"), "new.pth") writes it '
            "anew")


def _read_course(f, archive, entries, device):
    if entries["structure.json"].file_size > LARGEST_STRUCTURE:
        raise LoadError(f"the structure of {f} is larger than anything that course.save writes; not read")
    structure = json.loads(archive.read("structure.json").decode())
    if structure["format"] != FORMAT:
        raise LoadError(f"{f} has the format {structure['format']}, this version of the course reads {FORMAT}")
    return _unpacked(structure["object"], _Arrays(archive), device)


def _write_pth(obj, file):
    from . import pth

    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        pth.write(obj, archive)


def _write_course(obj, file):
    arrays: list[np.ndarray] = []
    structure = {"format": FORMAT, "object": _packed(obj, arrays)}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_entry("structure.json"), json.dumps(structure))
        for i, array in enumerate(arrays):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, allow_pickle=False)
            archive.writestr(_entry(f"{i}.npy"), buffer.getvalue())


def _entry(name):
    return zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # equal contents make an equal file


def _packed(obj, arrays):
    """JSON for `obj`; its arrays are put into `arrays` and named by their place."""
    if isinstance(obj, Tensor):
        arrays.append(np.asarray(move(obj._array, CPU), order="C"))
        return {"tensor": len(arrays) - 1, "requires_grad": obj.requires_grad and obj.is_leaf,
                "parameter": isinstance(obj, Parameter)}
    if isinstance(obj, np.ndarray):
        arrays.append(np.asarray(obj, order="C"))
        return {"array": len(arrays) - 1}
    if obj is None or isinstance(obj, bool | str):
        return {"value": obj}
    if isinstance(obj, int | np.integer):
        return {"value": int(obj)}
    if isinstance(obj, float | np.floating):
        return {"float": float(obj).hex()}
    if isinstance(obj, dict):
        kind = "ordered" if isinstance(obj, OrderedDict) else "dict"
        return {kind: [[_packed(k, arrays), _packed(v, arrays)] for k, v in obj.items()]}
    if isinstance(obj, list | tuple):
        kind = "list" if isinstance(obj, list) else "tuple"
        return {kind: [_packed(x, arrays) for x in obj]}
    raise TypeError(
        f"save() writes tensors, numbers, texts and dicts, lists and tuples of them, not {type(obj).__name__}; "
        "of a module or optimiser, save its state_dict()"
    )


class _Arrays:
    """The arrays of an archive, each of which is read once and is no larger than its entry."""

    def __init__(self, archive):
        self.archive, self.taken = archive, set()

    def take(self, number) -> np.ndarray:
        """The array of that number."""
        if not isinstance(number, int) or isinstance(number, bool) or number in self.taken:
            raise LoadError("the structure of the file is damaged: an array is named twice, or by no number")
        self.taken.add(number)
        content = io.BytesIO(self.archive.read(f"{number}.npy"))
        version = np.lib.format.read_magic(content)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read_header(content)
        size = math.prod(shape) * dtype.itemsize
        if dtype.hasobject or any(n < 0 for n in shape) or size != len(content.getbuffer()) - content.tell():
            raise LoadError(f"array {number} of the file is not what its header says; nothing was loaded")
        content.seek(0)
        return np.lib.format.read_array(content, allow_pickle=False)


def _unpacked(node, arrays, device):
    if not isinstance(node, dict) or not node:
        raise LoadError("the structure of the file is damaged; nothing was loaded")
    kind, content = next(iter(node.items()))
    inside = lambda x: _unpacked(x, arrays, device)
    if kind in ("tensor", "array"):
        array = arrays.take(content)
        if kind == "array":
            return array
        if not supported(array.dtype):
            raise LoadError(f"the file holds numbers of type {array.dtype}, which tensors do not have")
        made = Parameter if node.get("parameter") else Tensor
        return made._of(move(array, device), bool(node.get("requires_grad")) and array.dtype.kind == "f")
    if kind == "value" and (content is None or isinstance(content, bool | int | str)):
        return content
    if kind == "float":
        return float.fromhex(content)
    if kind in ("dict", "ordered"):
        pairs = [(inside(k), inside(v)) for k, v in content]
        return OrderedDict(pairs) if kind == "ordered" else dict(pairs)
    if kind in ("list", "tuple"):
        return (list if kind == "list" else tuple)(inside(x) for x in content)
    raise LoadError(f"the file holds a {kind!r}, which this version of the course does not know; nothing was loaded")
