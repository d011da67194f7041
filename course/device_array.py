"""DeviceArray: what a tensor on the GPU holds, an array that NumPy's functions work on where it lies.

NumPy asks the arrays it is given whether they have a form of a function of their own (`__array_ufunc__` and
`__array_function__`). So the operations of the course are written once, with NumPy's functions, for both devices. What
has no form for CUDA raises NotImplementedError; nothing is ever fetched to the CPU unasked.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import config
from numpy.lib.mixins import NDArrayOperatorsMixin

from .device import different_devices, run
from .device_memory import pool, transfers
from .kernels.strided import EACH

_GROUND = np.zeros(1)  # where frames begin
_GROUND_ADDRESS = _GROUND.ctypes.data


class _Frame:
    """Tells NumPy of an array of some shape and type that begins at `_GROUND`."""

    def __init__(self, shape, dtype):
        self.__array_interface__ = {
            "version": 3, "shape": shape, "typestr": dtype.str, "data": (_GROUND_ADDRESS, False)
        }


# What stands for NumPy's functions; `device_functions` fills it. A method of a ufunc has the key (ufunc, its name).
FUNCTIONS: dict = {}


class DeviceArray(NDArrayOperatorsMixin):
    """An n-dimensional array in the memory of the GPU, or a view of a part of one.

    Its frame is an array of NumPy's with the same shape and strides at an address where nothing of it lies: what
    slicing, transposing and broadcasting make of it is left to NumPy, and it is never read.
    """

    __slots__ = ("_block", "_frame", "_plain", "base")

    def __init__(self, block, frame, base=None):
        self._block, self._frame, self.base, self._plain = block, frame, base, None

    # --- what it is -----------------------------------------------------------------------------------------------

    shape = property(lambda self: self._frame.shape)
    dtype = property(lambda self: self._frame.dtype)
    ndim = property(lambda self: self._frame.ndim)
    size = property(lambda self: self._frame.size)
    itemsize = property(lambda self: self._frame.itemsize)
    nbytes = property(lambda self: self._frame.nbytes)
    strides = property(lambda self: self._frame.strides)
    flags = property(lambda self: self._frame.flags)

    @property
    def start(self) -> int:
        """Where in its block, in elements, the array begins."""
        return (self._frame.__array_interface__["data"][0] - _GROUND_ADDRESS) // self.itemsize

    @property
    def address(self) -> int:
        """Where in the memory of the GPU, or of the simulator, the array begins."""
        block = self.memory
        simulated = config.ENABLE_CUDASIM  # type: ignore[attr-defined]
        pointer = block.ctypes.data if simulated else block.device_ctypes_pointer.value
        return pointer + self.start * self.itemsize

    @property
    def memory(self):
        """The whole block as a flat array of numba's."""
        return self._block.typed(self.dtype)

    def plain(self):
        """The array as numba's, which kernels take. Raises ValueError for a view whose elements do not lie in a row."""
        if self._plain is None:
            if not self.flags.c_contiguous:
                raise ValueError(f"a kernel takes contiguous arrays, given one of strides {self.strides}")
            start = self.start
            self._plain = self.memory[start : start + self.size].reshape(self.shape or (1,))
        return self._plain

    def __len__(self):
        return len(self._frame)

    def __repr__(self):
        return f"<DeviceArray of shape {self.shape}, {self.dtype}>"

    # --- to the CPU: here alone ---------------------------------------------------------------------------------------

    def to_host(self) -> np.ndarray:
        """The numbers as an array of NumPy's. The program waits until the GPU has worked them out."""
        if not self.size:
            return np.empty(self.shape, self.dtype)
        array = self._fetched()
        flags.check_now()
        return array

    def _fetched(self):
        transfers.to_host += 1
        return contiguous(self).plain().copy_to_host().reshape(self.shape)

    def item(self):
        """The only element as a Python number."""
        return self.to_host().item()

    def tolist(self):
        """The elements as nested lists."""
        return self.to_host().tolist()

    def __bool__(self):
        return bool(self.item())

    def __int__(self):
        return int(self.item())

    def __float__(self):
        return float(self.item())

    def __array__(self, dtype=None, copy=None):
        raise TypeError(
            "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first"
        )

    # --- views ----------------------------------------------------------------------------------------------------

    def _view(self, frame):
        return DeviceArray(self._block, frame, self if self.base is None else self.base)

    T = property(lambda self: self._view(self._frame.T))
    mT = property(lambda self: self._view(self._frame.swapaxes(-1, -2)))

    def view(self):
        return self._view(self._frame)

    def transpose(self, *axes):
        return self._view(self._frame.transpose(*axes))

    def swapaxes(self, a, b):
        return self._view(self._frame.swapaxes(a, b))

    def squeeze(self, axis=None):
        return self._view(self._frame.squeeze(axis))

    def reshape(self, *shape):
        frame = self._frame.view()
        try:
            frame.shape = shape[0] if len(shape) == 1 else shape
        except AttributeError:  # the elements do not lie in that order
            return self.copy().reshape(*shape)
        return self._view(frame)

    def ravel(self):
        return contiguous(self).reshape(-1)

    def __getitem__(self, index):
        if (frame := _part(self._frame, index)) is not None:
            return self._view(frame)
        return FUNCTIONS["getitem"](self, index)

    def __setitem__(self, index, value):
        if (frame := _part(self._frame, index)) is not None:
            fill(self._view(frame), from_host(value) if isinstance(value, np.ndarray) and value.ndim else value)
        else:
            FUNCTIONS["setitem"](self, index, value)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    # --- copies ---------------------------------------------------------------------------------------------------

    def copy(self, order="C"):
        return self.astype(self.dtype)

    def __deepcopy__(self, memo):
        return self.copy()

    def astype(self, dtype, copy=True):
        if self.dtype == dtype and not copy:
            return self
        out = empty(self.shape, dtype)
        fill(out, self)
        return out

    def fill(self, value):
        fill(self, value)

    # --- NumPy's functions ------------------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        if method == "__call__" and ufunc in EACH:
            return each(ufunc, *inputs, **options)
        return _form(ufunc if method == "__call__" else (ufunc, method))(*inputs, **options)

    def __array_function__(self, function, types, args, options):
        return _form(function)(*args, **options)

    def sum(self, axis=None, dtype=None, out=None, keepdims=False):
        return np.add.reduce(self, axis, dtype, out, keepdims)

    def max(self, axis=None, out=None, keepdims=False):
        return np.maximum.reduce(self, axis, None, out, keepdims)

    def min(self, axis=None, out=None, keepdims=False):
        return np.minimum.reduce(self, axis, None, out, keepdims)

    def mean(self, axis=None, dtype=None, out=None, keepdims=False):
        return np.mean(self, axis, dtype, keepdims=keepdims)

    def take(self, indices, axis=None):
        return np.take(self, indices, axis)

    def any(self, axis=None, out=None, keepdims=False):
        return np.any(self, axis, keepdims=keepdims)

    def all(self, axis=None, out=None, keepdims=False):
        return np.all(self, axis, keepdims=keepdims)

    def argmax(self, axis=None, out=None, *, keepdims=False):
        return np.argmax(self, axis, keepdims=keepdims)

    def argmin(self, axis=None, out=None, *, keepdims=False):
        return np.argmin(self, axis, keepdims=keepdims)


class Flags:
    """Places in which kernels note what they found wrong. Nobody looks there before numbers are fetched anyway."""

    MOST = 64

    def __init__(self):
        self.memory: Any = None  # a DeviceArray, once it is needed
        self.errors: list[Callable] = []  # what to raise for what stands in each place, in order

    def take(self) -> DeviceArray:
        """A place, in which -1 stands."""
        if self.memory is None:
            self.memory = np.full(self.MOST, -1, np.int64, like=prototype())
        if len(self.errors) == self.MOST:
            self.check_now()
        return self.memory[len(self.errors) : len(self.errors) + 1]

    def check_now(self) -> None:
        """Raise the first error that some kernel has noted and nobody has asked for yet."""
        if not self.errors:
            return
        found, errors = self.memory._fetched(), self.errors
        self.errors = []
        for number, error in zip(found.tolist(), errors):
            if number >= 0:
                self.memory.fill(-1)
                raise error(number)


flags = Flags()


def _form(function) -> Callable:
    """What does on CUDA what a function of NumPy does. Raises NotImplementedError where there is none."""
    if function not in FUNCTIONS:
        name = _name(function) if callable(function) else f"{_name(function[0])}.{function[1]}"
        raise NotImplementedError(f"{name} has no CUDA form in the course yet: move the tensor with .cpu() first")
    return FUNCTIONS[function]


def _name(function) -> str:
    module = getattr(function, "__module__", None) or "numpy"
    return f"{module.replace('numpy', 'np', 1)}.{function.__name__}"


# --- making arrays --------------------------------------------------------------------------------------------------


def empty(shape, dtype) -> DeviceArray:
    """A new array, of whatever the memory held."""
    frame = np.asarray(_Frame(shape, np.dtype(dtype)))
    return DeviceArray(pool.take(frame.nbytes), frame)


@functools.cache
def prototype() -> DeviceArray:
    """What NumPy's `like=` is given for a new array on the GPU."""
    return empty((0,), np.float32)


def from_host(array: np.ndarray) -> DeviceArray:
    """A copy of an array of NumPy's."""
    out = empty(array.shape, array.dtype)
    if array.size:
        transfers.to_device += 1
        out.plain().copy_to_device(np.ascontiguousarray(array).reshape(out.shape or (1,)))
    return out


def kept(table: np.ndarray) -> DeviceArray:
    """A copy of a table that does not change; that of an equal one if there is one."""
    return _kept(table.tobytes(), table.shape, table.dtype)


@functools.lru_cache(maxsize=256)
def _kept(numbers, shape, dtype):
    return from_host(np.frombuffer(numbers, dtype).reshape(shape))


def contiguous(array: DeviceArray) -> DeviceArray:
    """The array, its elements in a row in memory: itself if they are, else a copy."""
    return array if array.flags.c_contiguous else array.copy()


def fill(array: DeviceArray, value) -> None:
    """array[...] = value: a number, or an array that is broadcast and converted."""
    launch_each(EACH[np.positive], array, operand(value))


# --- functions of numbers, element by element -----------------------------------------------------------------------


def operand(x):
    """An array on the GPU or a number: what a function takes. Raises RuntimeError for an array on the CPU."""
    if isinstance(x, DeviceArray | bool | int | float | np.generic):
        return x
    if isinstance(x, np.ndarray):
        if x.ndim == 0:
            return x[()]
        raise different_devices()
    raise TypeError(f"expected tensors and numbers, given {type(x).__name__}; use course.tensor(...)")


def each(ufunc, *inputs, out=None, dtype=None, casting="same_kind"):
    """ufunc(*inputs), with NumPy's types and shapes."""
    operands = [operand(x) for x in inputs]
    out = None if out is None else operand(out[0])
    kinds = [getattr(x, "dtype", type(x)) for x in operands]
    *wanted, result = _types(ufunc, *kinds, None if out is None else out.dtype, dtype=dtype)
    operands = [x.astype(kind, copy=False) if isinstance(x, DeviceArray) else kind.type(x)
                for x, kind in zip(operands, wanted)]
    if out is None:
        out = empty(common_shape(*operands), result)
    launch_each(EACH[ufunc], out, *operands)
    return out


@functools.cache
def _types(ufunc, *kinds, dtype):
    """The types in which NumPy works: of each operand and of the result. Python's numbers adapt to the arrays."""
    adaptable = tuple(np.dtype(bool) if k is bool else k for k in kinds)
    chosen = {} if dtype is None else {"signature": (*[None] * ufunc.nin, np.dtype(dtype))}
    return ufunc.resolve_dtypes(adaptable, casting="same_kind", **chosen)


def common_shape(*operands) -> tuple:
    """The shape to which arrays are broadcast. Raises ValueError where they do not fit together."""
    return np.broadcast_shapes(*[x.shape for x in operands if isinstance(x, DeviceArray)])


def launch_each(kernel, out, *operands) -> None:
    """out ← f(*operands). Arrays are broadcast to the shape of `out`; there may be numbers among them."""
    taking_part = [out, *(x.copy() if isinstance(x, DeviceArray) and _lies_across(x, out) else x for x in operands)]
    arrays = [x for x in taking_part if isinstance(x, DeviceArray)]
    memory = [x.memory if isinstance(x, DeviceArray) else (x,) for x in taking_part]
    for size, sizes, layouts in walks(out.shape, arrays):
        of = iter(layouts)
        run(kernel, size, *memory, size, sizes, *[_NOWHERE if isinstance(m, tuple) else next(of) for m in memory])


def _lies_across(x, out) -> bool:
    """Whether writing to `out` changes elements of x that other threads still have to read."""
    same = x._block is out._block and np.may_share_memory(x._frame, out._frame)
    return same and (x.start, x.shape, x.strides) != (out.start, out.shape, out.strides)


# --- how a kernel walks through arrays ------------------------------------------------------------------------------

_NOWHERE = (0,) * 5  # the layout of a number


def walks(shape, arrays):
    """How kernels visit every element: for each of them its size, sizes and layouts, as `strided.place` takes them.

    One kernel can follow four dimensions. As neighbouring ones are joined where possible, more are rare.
    """
    sizes, steps = joined(shape, [steps_along(shape, a) for a in arrays])
    starts = [a.start for a in arrays]
    for index in np.ndindex(*sizes[:-4]):
        at = [start + sum(i * s for i, s in zip(index, own)) for start, own in zip(starts, steps)]
        yield (math.prod(sizes[-4:]), *laid_out(sizes[-4:], at, [own[-4:] for own in steps]))


def steps_along(shape, array) -> tuple:
    """How many elements apart an array's neighbours along each dimension of `shape` lie: 0 where it is repeated.

    Raises ValueError where it cannot be broadcast to that shape.
    """
    if array.shape != shape and np.broadcast_shapes(array.shape, shape) != shape:
        raise ValueError(f"could not broadcast input array from shape {array.shape} into shape {shape}")
    own = zip(array.shape, array.strides)
    return (0,) * (len(shape) - array.ndim) + tuple([0 if n == 1 else s // array.itemsize for n, s in own])


def joined(shape, steps):
    """The same walks with as few dimensions as possible: those along which all arrays go on evenly become one."""
    sizes, walks = [1], [[0] for _ in steps]
    for n, *along in zip(shape, *steps):
        if n == 1:
            continue
        if sizes[-1] == 1 or all(walk[-1] == s * n for walk, s in zip(walks, along)):
            sizes[-1] *= n
            for walk, s in zip(walks, along):
                walk[-1] = s
        else:
            sizes.append(n)
            for walk, s in zip(walks, along):
                walk.append(s)
    return sizes, walks


def laid_out(sizes, starts, steps):
    """Sizes and layouts as `strided.place` takes them, for at most four dimensions."""
    missing = 4 - len(sizes)
    return (*[1] * missing, *sizes)[1:], [(start, *[0] * missing, *own) for start, own in zip(starts, steps)]


def _part(frame, index):
    """The part of a frame that integers, slices, None and ... name; None where lists, arrays or bools pick elements."""
    index = index if isinstance(index, tuple) else (index,)
    for i in index:
        if isinstance(i, bool) or not (i is None or i is Ellipsis or isinstance(i, int | slice | np.integer)):
            return None
    return frame[index if Ellipsis in index else (*index, ...)]  # with an ellipsis it is a view, never a number


from . import device_functions, device_indexing  # noqa: E402, F401  they fill FUNCTIONS
