"""What old programs make tensors of one type with: `FloatTensor([1, 2])`, `LongTensor(3)`, `cuda.FloatTensor(2, 3)`."""

from __future__ import annotations

from . import dtype as dtypes
from .creation import old_form
from .device import CPU, cuda_is_available, move, set_default_device
from .device import device as Device
from .tensor import Tensor

NAMES = {
    dtypes.float32: "FloatTensor", dtypes.float64: "DoubleTensor", dtypes.int8: "CharTensor",
    dtypes.int16: "ShortTensor", dtypes.int32: "IntTensor", dtypes.int64: "LongTensor", dtypes.uint8: "ByteTensor",
    dtypes.bool: "BoolTensor",
}  # fmt: skip


class OldType(type):
    """Calling one makes a tensor of its dtype on its device, and every such tensor is an instance of it."""

    dtype: dtypes.dtype
    is_cuda: bool

    def __call__(cls, *data) -> Tensor:
        return Tensor._of(move(old_form(cls.dtype, *data), cls.device))

    def __instancecheck__(cls, x):
        return isinstance(x, Tensor) and x.dtype is cls.dtype and x.is_cuda == cls.is_cuda

    @property
    def device(cls) -> Device:
        """Where its tensors lie. Raises TypeError where there is no such device."""
        if not cls.is_cuda:
            return CPU
        if not cuda_is_available():
            raise TypeError(f"type {cls.__module__}.{cls.__name__} not available: there is no CUDA device here; ask "
                            "course.cuda.is_available() first")
        return Device("cuda")


def _old_types(module: str, is_cuda: bool) -> list[OldType]:
    says = "The old way to write `tensor(data, dtype={!r}{})`, or with sizes, `empty(*sizes, dtype=...)`."
    where = ", device='cuda'" * is_cuda
    return [OldType(name, (), {"dtype": dtype, "is_cuda": is_cuda, "__module__": module,
                               "__doc__": says.format(dtype, where)}) for dtype, name in NAMES.items()]


ON_CPU, ON_CUDA = _old_types("course", False), _old_types("course.cuda", True)
FloatTensor, DoubleTensor, CharTensor, ShortTensor, IntTensor, LongTensor, ByteTensor, BoolTensor = ON_CPU
_BY_NAME = {f"{t.__module__}.{t.__name__}".removeprefix("course."): t for t in ON_CPU + ON_CUDA}


def of_old_name(given) -> dict:
    """What `to` is told for `LongTensor` or 'torch.cuda.LongTensor': dtype and device; for a dtype, that alone.

    Raises ValueError for a text that names no type.
    """
    if isinstance(given, str):
        name = given.removeprefix("torch.").removeprefix("course.")
        if name not in _BY_NAME:
            raise ValueError(f"invalid type: {given!r}; types have names such as course.FloatTensor")
        given = _BY_NAME[name]
    return {"dtype": given.dtype, "device": given.device} if isinstance(given, OldType) else {"dtype": given}


def set_default_tensor_type(t) -> None:
    """The old way to write `set_default_dtype(t)`, for `DoubleTensor` or 'torch.DoubleTensor'.

    The types of `course.cuda` make the GPU the default device too, the others the CPU.
    Raises TypeError for types that are not of floats, and for those of a GPU where there is none.
    """
    named = of_old_name(t)
    dtypes.set_default_dtype(named["dtype"])
    set_default_device(named.get("device"))
