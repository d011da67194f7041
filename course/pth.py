"""PyTorch's files: read without running anything, and written so that `torch.load(weights_only=True)` reads them.

Such a file is a zip archive: `data.pkl` says how tensors sit in dicts, lists and tuples, `data/0`, `data/1`, … are
their numbers. `data.pkl` is a pickle, a program for a small stack machine that could call any function of Python. The
machine here knows thirty of its instructions, and the only functions it calls are the six of `_CALLS`. No instruction
makes it work, or remember, more than in proportion to the length of the file.
"""

from __future__ import annotations

import math
import pickle
import pickletools
import struct
import zipfile
from collections import OrderedDict

import numpy as np

from .device import CPU, move
from .device import device as Device
from .dtype import bool as bool_
from .dtype import float32, float64, int8, int16, int32, int64, uint8
from .load_error import LoadError
from .nn.parameter import Parameter
from .tensor import Size, Tensor

LARGEST_PICKLE = 8 * 2**20  # bytes; a tensor takes some 100 of them
DEEPEST = 100  # containers in containers

_STORAGES = {
    "FloatStorage": float32, "DoubleStorage": float64, "CharStorage": int8, "ShortStorage": int16,
    "IntStorage": int32, "LongStorage": int64, "ByteStorage": uint8, "BoolStorage": bool_,
}  # fmt: skip
_STORAGE_OF = {dtype: name for name, dtype in _STORAGES.items()}


def read(archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], pickled: str, device: Device):
    """What `torch.save` wrote: `pickled` names the entry with the pickle, beside which the numbers lie.

    Raises LoadError for anything but tensors, numbers, texts, dtypes, devices and dicts, lists and tuples of them, and
    for what does not fit together.
    """
    if entries[pickled].file_size > LARGEST_PICKLE:
        raise LoadError(f"{pickled} takes {entries[pickled].file_size} bytes, which no state_dict does; not read")
    folder = pickled.removesuffix("data.pkl")
    order = b"little"
    if folder + "byteorder" in entries:
        with archive.open(folder + "byteorder") as file:
            order = file.read(10)
    if order not in (b"little", b"big"):
        raise LoadError(f"the file says that its bytes come in the order {order!r}")
    return _Machine(_Storages(archive, entries, folder, order.decode()), device).run(archive.read(pickled))


class _Storages:
    """The rows of numbers of an archive, which tensors are views of. Each is read once."""

    def __init__(self, archive, entries, folder, byte_order):
        self.archive, self.entries, self.folder = archive, entries, folder
        self.byte_order, self.found = byte_order, {}

    def take(self, kind, *about) -> np.ndarray:
        """The numbers that a tuple ("storage", type, name, place, how many) of the pickle stands for."""
        if kind != "storage" or len(about) != 4:
            raise LoadError("the file refers to something that is no storage of numbers")
        dtype, name, _, count = about
        entry = self.entries.get(f"{self.folder}data/{name}") if isinstance(name, str) else None
        if not isinstance(dtype, _StorageType) or entry is None or not _are_sizes((count,)):
            raise LoadError("the file refers to numbers that are not in it")
        numbers = dtype.of.numpy
        if entry.file_size != count * numbers.itemsize:
            raise LoadError(f"data/{name} should be {count} numbers of {numbers.itemsize} bytes, but takes "
                            f"{entry.file_size} bytes")
        if name not in self.found:
            raw = np.frombuffer(self.archive.read(entry), numbers.newbyteorder(self.byte_order))
            if numbers.kind == "b" and raw.view(np.uint8).max(initial=0) > 1:
                raise LoadError(f"data/{name} should be true or false, but holds other numbers")
            self.found[name] = raw.astype(numbers)
        if self.found[name].dtype != numbers:
            raise LoadError(f"data/{name} is used as numbers of two types")
        return self.found[name]


class _StorageType:
    def __init__(self, of):
        self.of = of


def _are_sizes(numbers) -> bool:
    """Whether these are natural numbers, and no more of them than a tensor may have dimensions."""
    return isinstance(numbers, tuple) and len(numbers) <= 64 and all(type(n) is int and n >= 0 for n in numbers)


# --- what a pickle may call -----------------------------------------------------------------------------------------


def _tensor(device, storage, offset, size, stride, requires_grad, hooks, metadata=None):
    """A view of a storage. Nothing is copied, so tensors that shared memory share it again."""
    if not (isinstance(storage, np.ndarray) and _are_sizes((offset,)) and _are_sizes(size) and _are_sizes(stride)):
        raise LoadError("a tensor of the file has no storage, or sizes or strides that are no natural numbers")
    _check_plain(requires_grad, hooks, metadata)
    count = math.prod(size)
    last = offset + sum((n - 1) * s for n, s in zip(size, stride))
    if len(size) != len(stride) or count > len(storage) or (count and last >= len(storage)):
        raise LoadError(f"a tensor of shape {list(size)}, strides {list(stride)} and offset {offset} does not fit into "
                        f"its storage of {len(storage)} numbers. An expanded tensor? In PyTorch, save its .clone()")
    strides = [s * storage.itemsize for s in stride]
    view = np.lib.stride_tricks.as_strided(storage[offset:], size, strides) if count else np.empty(size, storage.dtype)
    return Tensor._of(move(view, device), requires_grad and storage.dtype.kind == "f")


def _parameter(device, tensor, requires_grad, hooks):
    _check_plain(requires_grad, hooks)
    if not isinstance(tensor, Tensor) or (requires_grad and not tensor.is_floating_point()):
        raise LoadError("a parameter of the file is no tensor of floats")
    return Parameter(tensor.detach(), requires_grad)


def _check_plain(requires_grad, hooks, metadata=None):
    if not isinstance(requires_grad, bool) or hooks != {} or metadata:
        raise LoadError("a tensor of the file has hooks or flags, which the course does not know")


def _ordered_dict(device):
    return OrderedDict()


def _counter(device, counts):
    """The milestones of a schedule: a dict, as `course.save` writes them."""
    if type(counts) is not dict:
        raise LoadError("a counter of the file counts nothing")
    return counts


def _size(device, sizes):
    if not _are_sizes(sizes):
        raise LoadError("a size of the file is not made of natural numbers")
    return Size(sizes)


def _device(device, name, index=None):
    if not isinstance(name, str) or not isinstance(index, int | None):
        raise LoadError("a device of the file has no name")
    return Device(name, index)


_CALLS = {
    "torch._utils _rebuild_tensor_v2": _tensor, "torch._utils _rebuild_parameter": _parameter, "torch Size": _size,
    "torch device": _device, "collections OrderedDict": _ordered_dict, "collections Counter": _counter,
}  # fmt: skip
_NAMES = {f"torch {dtype.name}": dtype for dtype in _STORAGE_OF}
_INNER = {**_CALLS, **{f"torch {name}": _StorageType(dtype) for name, dtype in _STORAGES.items()}}


def _named(name: str):
    """What a pickle gets for a name of Python's. Raises LoadError for all but a few."""
    if name in _NAMES:
        return _Item(_NAMES[name])
    if name in _INNER:
        return _Item(_INNER[name], data=False)
    if name.startswith("torch ") and name.endswith("Storage"):
        raise LoadError(f"the file holds a {name[6:]:.80}, and tensors of the course have no numbers of that type; in "
                        "PyTorch, convert them first, with .float() say")
    raise LoadError(f"the file asks for {name.replace(' ', '.'):.80}, which is no part of a state_dict; nothing was "
                    "run. In PyTorch, save model.state_dict() instead of the model")


# --- the machine ------------------------------------------------------------------------------------------------------


class _Item:
    """A value on the stack. `open`: a container that is still being filled; `data`: may be part of what is loaded."""

    __slots__ = ("data", "depth", "open", "value")

    def __init__(self, value, data=True, open=False, depth=0):
        self.value, self.data, self.open, self.depth = value, data, open, depth


_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_FRESH = {"EMPTY_DICT": dict, "EMPTY_LIST": list}
_TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


class _Machine:
    """Runs a pickle. A container can be filled only where it was made, so that none comes to hold itself."""

    def __init__(self, storages: _Storages, device: Device):
        self.storages, self.device = storages, device
        self.stack: list[_Item] = []
        self.marks: list[int] = []
        self.memo: dict[int, _Item] = {}

    def run(self, pickled: bytes):
        """The object that the pickle describes."""
        for opcode, argument, _ in pickletools.genops(pickled):
            if opcode.name == "STOP":
                (item,) = self.pop(1)
                if self.stack or self.marks or not item.data:
                    raise LoadError("the pickle ends before it is finished")
                return item.value
            self.execute(opcode.name, argument)

    def execute(self, name: str, argument) -> None:
        """One instruction."""
        match name:
            case "PROTO":
                pass
            case "MARK":
                self.marks.append(len(self.stack))
            case "BININT" | "BININT1" | "BININT2" | "LONG1" | "BINFLOAT" | "BINUNICODE":
                self.stack.append(_Item(argument))
            case "NONE" | "NEWTRUE" | "NEWFALSE":
                self.stack.append(_Item(_CONSTANTS[name]))
            case "EMPTY_DICT" | "EMPTY_LIST":
                self.stack.append(_Item(_FRESH[name](), open=True))
            case "EMPTY_TUPLE" | "TUPLE1" | "TUPLE2" | "TUPLE3":
                self.push_tuple(self.pop(_TUPLES[name]))
            case "TUPLE":
                self.push_tuple(self.pop_to_mark())
            case "APPEND":
                self.fill(list, self.pop(1))
            case "APPENDS":
                self.fill(list, self.pop_to_mark())
            case "SETITEM":
                self.fill(dict, self.pop(2))
            case "SETITEMS":
                self.fill(dict, self.pop_to_mark())
            case "BINPUT" | "LONG_BINPUT":
                self.memo[argument] = self.top()
            case "BINGET" | "LONG_BINGET":
                if argument not in self.memo or self.memo[argument].open:
                    raise LoadError("the pickle refers to something that it has not made yet, or that holds itself")
                self.stack.append(self.memo[argument])
            case "GLOBAL":
                self.stack.append(_named(argument))
            case "BINPERSID":
                (about,) = self.pop(1)
                self.stack.append(_Item(self.storages.take(*_as_tuple(about)), data=False))
            case "REDUCE":
                function, arguments = self.pop(2)
                self.call(function.value, arguments)
            case "BUILD":  # PyTorch gives a state_dict attributes of its own: versions of its modules
                (state,) = self.pop(1)
                if not (isinstance(self.top().value, OrderedDict) and isinstance(state.value, dict)):
                    raise LoadError("the pickle builds an object of a kind that no state_dict has")
            case _:
                raise LoadError(f"the pickle has an instruction {name}, which no state_dict needs; nothing was run")

    def top(self) -> _Item:
        """What was pushed last, after the last mark."""
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            raise LoadError("the pickle takes more than it has made")
        return self.stack[-1]

    def pop(self, count: int) -> list[_Item]:
        """The last items, which are finished by that."""
        if len(self.stack) - count < (self.marks[-1] if self.marks else 0):
            raise LoadError("the pickle takes more than it has made")
        items = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        for item in items:
            item.open = False
        return items

    def pop_to_mark(self) -> list[_Item]:
        """Everything since the last mark."""
        if not self.marks:
            raise LoadError("the pickle ends a series that it has not begun")
        items = self.pop(len(self.stack) - self.marks[-1])
        self.marks.pop()
        return items

    def push_tuple(self, items) -> None:
        self.stack.append(_Item(tuple(i.value for i in items), all(i.data for i in items), depth=_depth(items)))

    def fill(self, kind, items) -> None:
        """Put finished items into the container that was begun before them."""
        container = self.top()
        if not container.open or not isinstance(container.value, kind) or not all(item.data for item in items):
            raise LoadError("the pickle puts something where it does not belong")
        container.depth = max(container.depth, _depth(items))
        values = [item.value for item in items]
        if kind is list:
            container.value.extend(values)
        else:
            if not all(_is_key(key) for key in values[::2]):
                raise LoadError("a dict of the file has keys that are no texts, numbers or short tuples of them")
            container.value.update(zip(values[::2], values[1::2], strict=True))

    def call(self, function, arguments: _Item) -> None:
        """Push what one of the few functions gives."""
        if not any(function is known for known in _CALLS.values()):
            raise LoadError("the pickle calls something that is no function")
        made = function(self.device, *_as_tuple(arguments))
        self.stack.append(_Item(made, open=function is _ordered_dict, depth=arguments.depth))


def _is_key(key) -> bool:
    """Whether `key` is found in a dict without long work."""
    if isinstance(key, tuple) and len(key) <= 64:
        return not any(isinstance(part, tuple) for part in key) and all(map(_is_key, key))
    return isinstance(key, str | int | float | None)


def _depth(items) -> int:
    """How deep a container of the items is."""
    depth = 1 + max((item.depth for item in items), default=0)
    if depth > DEEPEST:
        raise LoadError(f"the file holds containers nested more than {DEEPEST} deep; not read")
    return depth


def _as_tuple(item: _Item) -> tuple:
    if not isinstance(item.value, tuple):
        raise LoadError("the pickle calls with something that is no tuple of arguments")
    return item.value


# --- writing ----------------------------------------------------------------------------------------------------------


def write(obj, archive: zipfile.ZipFile) -> None:
    """Put `obj` into the archive as `torch.save` would. Raises TypeError for what PyTorch's safe reader refuses."""
    storages: list[np.ndarray] = []
    entries = {"data.pkl": pickle.PROTO + b"\x02" + _pushed(obj, storages) + pickle.STOP, "byteorder": b"little"}
    entries |= {f"data/{i}": numbers.astype(numbers.dtype.newbyteorder("<")).tobytes()
                for i, numbers in enumerate(storages)}
    for name, content in (entries | {"version": b"3\n"}).items():
        archive.writestr(zipfile.ZipInfo(f"archive/{name}", (1980, 1, 1, 0, 0, 0)), content)


def _pushed(obj, storages) -> bytes:
    """The instructions that push `obj`; the numbers of its tensors are put into `storages`."""
    inside = lambda objects: [_pushed(x, storages) for x in objects]
    if isinstance(obj, Parameter):
        return _call("torch._utils _rebuild_parameter", _pushed_tensor(obj, False, storages),
                     *inside((obj.requires_grad, OrderedDict())))
    if isinstance(obj, Tensor):
        return _pushed_tensor(obj, obj.requires_grad and obj.is_leaf, storages)
    if obj is None or isinstance(obj, bool):
        return pickle.NONE if obj is None else pickle.NEWTRUE if obj else pickle.NEWFALSE
    if isinstance(obj, str):
        text = obj.encode("utf-8", "surrogatepass")
        return pickle.BINUNICODE + struct.pack("<I", len(text)) + text
    if isinstance(obj, int | np.integer) and int(obj).bit_length() < 2040:
        number = pickle.encode_long(int(obj))
        return pickle.LONG1 + struct.pack("<B", len(number)) + number
    if isinstance(obj, float | np.floating):
        return pickle.BINFLOAT + struct.pack(">d", obj)
    if isinstance(obj, dict):
        new = _call("collections OrderedDict") if isinstance(obj, OrderedDict) else pickle.EMPTY_DICT
        return new + _series(inside(x for pair in obj.items() for x in pair), pickle.SETITEMS)
    if isinstance(obj, list):
        return pickle.EMPTY_LIST + _series(inside(obj), pickle.APPENDS)
    if isinstance(obj, tuple):
        return _series(inside(obj), pickle.TUPLE)
    raise TypeError(
        "a .pth file holds tensors, numbers, texts and dicts, lists and tuples of them, not "
        f"{type(obj).__name__}; of a module or optimiser, save its state_dict(), of an array, a tensor"
    )


def _pushed_tensor(tensor, requires_grad, storages) -> bytes:
    """The instructions that push a tensor; its numbers become a storage of their own."""
    numbers = np.asarray(move(tensor._array, CPU), order="C")
    number = len(storages)
    storages.append(numbers)
    about = [_pushed(x, storages) for x in ("storage", str(number), "cpu", numbers.size)]
    about.insert(1, _name(f"torch {_STORAGE_OF[tensor.dtype]}"))
    stride = tuple(math.prod(numbers.shape[i + 1 :]) for i in range(numbers.ndim))
    return _call("torch._utils _rebuild_tensor_v2", _series(about, pickle.TUPLE + pickle.BINPERSID),
                 *(_pushed(x, storages) for x in (0, numbers.shape, stride, requires_grad, OrderedDict())))


def _series(parts, end: bytes) -> bytes:
    return pickle.MARK + b"".join(parts) + end


def _name(name: str) -> bytes:
    """The instructions that push something of Python's by "module name"."""
    return pickle.GLOBAL + name.replace(" ", "\n").encode() + b"\n"


def _call(function: str, *parts: bytes) -> bytes:
    """The instructions that push function(*parts)."""
    return _name(function) + _series(parts, pickle.TUPLE + pickle.REDUCE)
