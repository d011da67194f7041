"""Tensor: what a student holds. Numbers in a grid, and the way back to where they came from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from . import dtype as dtypes
from .autograd import Variable, backward, first_gradient, is_grad_enabled, no_grad, operation
from .device import device as Device
from .device import device_of, move
from .ops import activations, elementwise, linear, reduction, shapes
from .printing import tensor_text
from .random import default_generator


class Size(tuple):
    """The sizes of a tensor's dimensions: a tuple that also counts its elements."""

    def numel(self) -> int:
        """The number of elements of a tensor of this shape."""
        return int(np.prod(self, dtype=np.int64))

    def __repr__(self):
        return f"course.Size({list(self)})"


class Tensor(Variable):
    """An n-dimensional array of numbers of one type, which remembers how it was computed if a gradient is asked for.

    Make one with `course.tensor(data)`. It shares memory with `tensor.numpy()`.
    """

    __slots__ = ("__dict__",)

    # --- what it is ---------------------------------------------------------------------------------------------

    @property
    def shape(self) -> Size:
        """The sizes of the dimensions."""
        return Size(self._array.shape)

    def size(self, dim: int | None = None):
        """The shape, or the size of one dimension."""
        return self.shape if dim is None else self._array.shape[shapes._dim(dim, self._array.ndim)]

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._array.ndim

    def dim(self) -> int:
        """The number of dimensions."""
        return self._array.ndim

    def numel(self) -> int:
        """The number of elements."""
        return self._array.size

    @property
    def dtype(self) -> dtypes.dtype:
        """The type of the elements."""
        return dtypes.of(self._array)

    @property
    def device(self) -> Device:
        """Where the elements lie."""
        return device_of(self._array)

    def is_floating_point(self) -> bool:
        """Whether the elements are floats."""
        return self._array.dtype.kind == "f"

    def is_contiguous(self) -> bool:
        """Whether the elements lie in memory in reading order."""
        return self._array.flags.c_contiguous

    def stride(self) -> tuple[int, ...]:
        """How many elements apart neighbours along each dimension lie in memory."""
        return tuple(s // self._array.itemsize for s in self._array.strides)

    def element_size(self) -> int:
        """Bytes an element."""
        return self._array.itemsize

    def __len__(self):
        if not self._array.ndim:
            raise TypeError("len() of a 0-d tensor: it is a single number")
        return len(self._array)

    def __iter__(self):
        if not self._array.ndim:
            raise TypeError("iteration over a 0-d tensor: it is a single number")
        return (self[i] for i in range(len(self._array)))

    def __repr__(self):
        return tensor_text(self)

    def __format__(self, spec):
        return format(self.item(), spec) if self._array.ndim == 0 else object.__format__(self, spec)

    # --- out of tensors -----------------------------------------------------------------------------------------

    def numpy(self) -> np.ndarray:
        """The elements as a NumPy array that shares memory with the tensor.

        Raises RuntimeError for a tensor that requires a gradient: NumPy would not record what is done to it.
        """
        if self.requires_grad:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        if self.device.type != "cpu":
            raise TypeError(f"can't convert a tensor on {self.device} to numpy; move it with .cpu() first")
        return self._array

    def __array__(self, dtype=None, copy=None):
        array = self.numpy()
        return np.array(array, dtype, copy=copy) if copy or dtype else array

    def item(self):
        """The only element as a Python number. Raises RuntimeError for a tensor with several."""
        if self._array.size != 1:
            raise RuntimeError(
                f"a Tensor with {self._array.size} elements cannot be converted to Scalar; "
                "reduce it first (mean, sum, max) or use .tolist()"
            )
        return move(self._array, Device("cpu")).item()

    def tolist(self):
        """The elements as nested Python lists; a number for a 0-d tensor."""
        return move(self._array, Device("cpu")).tolist()

    def __float__(self):
        return float(self.item())

    def __int__(self):
        return int(self.item())

    def __index__(self):
        if self._array.dtype.kind == "f" or self._array.size != 1:
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self.item())

    def __bool__(self):
        if self._array.size != 1:
            raise RuntimeError(
                f"Boolean value of Tensor with {self._array.size} elements is ambiguous; use .any() or .all()"
            )
        return bool(self.item())

    # --- on and off the tape --------------------------------------------------------------------------------------

    @property
    def grad(self) -> Tensor | None:
        """∂J/∂this, added up over all `backward()` calls since it was last set to None or zero."""
        return self._grad

    @grad.setter
    def grad(self, value):
        if value is not None:
            if not isinstance(value, Tensor):
                raise TypeError(f"assigned grad must be a Tensor or None, given {type(value).__name__}")
            if value._array.shape != self._array.shape:
                raise RuntimeError(
                    f"assigned grad has data of a different size: {list(value.shape)}, the tensor is {list(self.shape)}"
                )
            if value._array.dtype != self._array.dtype:
                raise RuntimeError(f"assigned grad is {value.dtype}, the tensor {self.dtype}; convert it with .to()")
        self._grad = value

    @property
    def grad_fn(self):
        """The node of the tape that made this tensor; None for a leaf."""
        return self._node

    @property
    def is_leaf(self) -> bool:
        """Whether the tensor was made by the user and not by an operation that the tape remembers."""
        return self._node is None

    @property
    def data(self) -> Tensor:
        """The same memory, unknown to the tape. `detach()` is safer: the tape notices changes made through it."""
        return Tensor(self._array)

    @data.setter
    def data(self, value):
        self._array = value._array

    @property
    def _version(self) -> int:
        return self._changes[0] if self._changes else 0

    def detach(self) -> Tensor:
        """The same memory as a leaf that requires no gradient."""
        return self._sharing(self._array)

    def detach_(self) -> Tensor:
        """Cut this tensor itself off the tape."""
        self._node, self.requires_grad = None, False
        return self

    def _sharing(self, array):
        if self._changes is None:
            self._changes = [0]
        view = Tensor(array)
        view._changes = self._changes
        return view

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Ask for a gradient (or no longer). Raises RuntimeError for integers and for results of operations."""
        if requires_grad:
            check_can_require_grad(self._array)
        elif self._node is not None:
            raise RuntimeError("you can only change requires_grad flags of leaf variables; use .detach()")
        self.requires_grad = requires_grad
        return self

    def backward(self, gradient=None, retain_graph=None, create_graph=False) -> None:
        """Work out ∂self/∂leaf for every leaf that requires a gradient and add it to the leaf's `.grad`.

        Args: gradient: ∂J/∂self, needed unless this is a scalar; retain_graph: keep what the tape remembers, for
        another backward; create_graph: record the gradients' computation, so that they can be differentiated.
        """
        start = first_gradient(self, gradient)
        keep = create_graph if retain_graph is None else retain_graph
        backward([self], [start], retain_graph=keep, create_graph=create_graph)

    def register_hook(self, hook):
        """Call `hook(gradient)` when this tensor's gradient is known; what it returns, if not None, replaces it."""
        if not self.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        holder, name = (self, "_hooks") if self._node is None else (self._node, "hooks")
        if getattr(holder, name) is None:
            setattr(holder, name, {})
        return RemovableHandle(getattr(holder, name), hook)

    def retain_grad(self) -> None:
        """Keep the gradient of this tensor in `.grad` although it is no leaf."""
        if self._node is not None:

            def keep(g):
                self._grad = g if self._grad is None else self._grad + g

            self.register_hook(keep)

    # --- types, devices, copies -----------------------------------------------------------------------------------

    def to(self, *args, dtype=None, device=None, copy=False, non_blocking=False) -> Tensor:
        """This tensor with another dtype or on another device; itself where nothing changes.

        Forms: `to(dtype)`, `to(device)`, `to(device, dtype)`, `to(other_tensor)`.
        """
        for a in args:
            if isinstance(a, Tensor):
                dtype, device = a.dtype, a.device
            elif isinstance(a, str | Device):
                device = a
            elif a is not None and not isinstance(a, bool):
                dtype = a
        out = self
        if device is not None:
            target = Device(device)
            if target.type != out.device.type:
                out = _to_device(out, target)
        if dtype is not None:
            kind = dtypes.as_numpy(dtype)
            if kind != out._array.dtype:
                out = shapes.convert(out, kind)
        return out.clone() if copy and out is self else out

    def type(self, dtype=None):
        """The name of the tensor's type, or the tensor with another dtype."""
        return f"course.{self.dtype.name}" if dtype is None else self.to(dtype)

    def float(self) -> Tensor:
        """As float32."""
        return self.to(dtypes.float32)

    def double(self) -> Tensor:
        """As float64."""
        return self.to(dtypes.float64)

    def long(self) -> Tensor:
        """As int64; fractions are cut off."""
        return self.to(dtypes.int64)

    def int(self) -> Tensor:
        """As int32; fractions are cut off."""
        return self.to(dtypes.int32)

    def bool(self) -> Tensor:
        """False where the element is 0, else True."""
        return self.to(dtypes.bool)

    def cpu(self) -> Tensor:
        """On the CPU."""
        return self.to("cpu")

    def cuda(self, device=None) -> Tensor:
        """On the GPU."""
        return self.to("cuda")

    def contiguous(self) -> Tensor:
        """With the elements in reading order in memory: itself if they are, else a copy."""
        return self if self.is_contiguous() else self.clone()

    # --- operations: written in course/ops, one file a family ------------------------------------------------------

    add = elementwise.add
    sub = elementwise.sub
    mul = elementwise.mul
    div = elementwise.div
    neg = elementwise.neg
    pow = elementwise.pow
    square = elementwise.square
    abs = elementwise.abs
    sign = elementwise.sign
    exp = elementwise.exp
    log = elementwise.log
    sqrt = elementwise.sqrt
    tanh = elementwise.tanh
    sigmoid = elementwise.sigmoid
    relu = elementwise.relu
    sin = elementwise.sin
    cos = elementwise.cos
    clamp = elementwise.clamp
    maximum = elementwise.maximum
    minimum = elementwise.minimum
    eq = elementwise.eq
    ne = elementwise.ne
    lt = elementwise.lt
    le = elementwise.le
    gt = elementwise.gt
    ge = elementwise.ge
    isnan = elementwise.isnan
    isfinite = elementwise.isfinite
    logical_not = elementwise.logical_not
    sum = reduction.sum
    mean = reduction.mean
    var = reduction.var
    std = reduction.std
    amax = reduction.amax
    amin = reduction.amin
    argmax = reduction.argmax
    argmin = reduction.argmin
    any = reduction.any
    all = reduction.all
    logsumexp = reduction.logsumexp
    reshape = shapes.reshape
    view = shapes.view
    flatten = shapes.flatten
    permute = shapes.permute
    transpose = shapes.transpose
    t = shapes.t
    movedim = shapes.movedim
    squeeze = shapes.squeeze
    unsqueeze = shapes.unsqueeze
    expand = shapes.expand
    clone = shapes.clone
    matmul = linear.matmul
    softmax = activations.softmax
    log_softmax = activations.log_softmax

    @property
    def T(self) -> Tensor:
        """The dimensions in reverse order."""
        return shapes.permute(self, *range(self._array.ndim)[::-1])

    @property
    def mT(self) -> Tensor:
        """The last two dimensions exchanged."""
        return shapes.transpose(self, -2, -1)

    def max(self, dim=None, keepdim=False):
        """The largest element; with `dim`, the largest along it and where they stand."""
        return extreme(self, dim, keepdim, reduction.amax, reduction.argmax)

    def min(self, dim=None, keepdim=False):
        """The smallest element; with `dim`, the smallest along it and where they stand."""
        return extreme(self, dim, keepdim, reduction.amin, reduction.argmin)

    def __add__(self, other):
        return elementwise.add(self, other)

    __radd__ = __add__

    def __sub__(self, other):
        return elementwise.sub(self, other)

    def __rsub__(self, other):
        return elementwise.sub(other, self)

    def __mul__(self, other):
        return elementwise.mul(self, other)

    __rmul__ = __mul__

    def __truediv__(self, other):
        return elementwise.div(self, other)

    def __rtruediv__(self, other):
        return elementwise.div(other, self)

    def __pow__(self, other):
        return elementwise.pow(self, other)

    def __rpow__(self, other):
        return elementwise.pow(other, self)

    def __matmul__(self, other):
        return linear.matmul(self, other)

    def __neg__(self):
        return elementwise.neg(self)

    def __abs__(self):
        return elementwise.abs(self)

    def __invert__(self):
        return elementwise.logical_not(self)

    def __eq__(self, other):
        return elementwise.eq(self, other)

    def __ne__(self, other):
        return elementwise.ne(self, other)

    def __lt__(self, other):
        return elementwise.lt(self, other)

    def __le__(self, other):
        return elementwise.le(self, other)

    def __gt__(self, other):
        return elementwise.gt(self, other)

    def __ge__(self, other):
        return elementwise.ge(self, other)

    __hash__ = object.__hash__
    __array_priority__ = 1000  # array * tensor asks the tensor

    def __getitem__(self, index):
        return shapes.getitem(self, index)

    # --- changing a tensor in place ---------------------------------------------------------------------------------

    def __setitem__(self, index, value):
        index = shapes.plain_index(index)
        try:
            if _is_recorded(self, value):
                _in_place(self, lambda before, value: shapes.with_items(before, value, index), value)
            else:
                self._array[index] = value._array if isinstance(value, Tensor) else value
                self._count_change()
        except (ValueError, IndexError) as error:
            kind = IndexError if isinstance(error, IndexError) else RuntimeError
            raise kind(f"{error} (the tensor's shape is {list(self.shape)})") from None

    def add_(self, other):
        """self ← self + other."""
        return _in_place(self, elementwise.add, other)

    def sub_(self, other):
        """self ← self − other."""
        return _in_place(self, elementwise.sub, other)

    def mul_(self, other):
        """self ← self · other."""
        return _in_place(self, elementwise.mul, other)

    def div_(self, other):
        """self ← self / other."""
        return _in_place(self, elementwise.div, other)

    def copy_(self, other):
        """self ← other, converted and broadcast to this tensor."""
        return _in_place(self, shapes.copied, other)

    def fill_(self, value):
        """Every element ← value."""
        return _in_place(self, shapes.copied, value)

    def zero_(self):
        """Every element ← 0."""
        return self.fill_(0)

    def uniform_(self, low: float = 0.0, high: float = 1.0, generator=None):
        """Every element ← a random number from [low, high)."""
        return _in_place(self, _drawn, (generator or default_generator).uniform, low, high)

    def normal_(self, mean: float = 0.0, std: float = 1.0, generator=None):
        """Every element ← a normally distributed random number."""
        return _in_place(self, _drawn, (generator or default_generator).normal, mean, std)

    __iadd__, __isub__, __imul__, __itruediv__ = add_, sub_, mul_, div_


Variable.tensor = Tensor


def _is_recorded(tensor, *others) -> bool:
    """Whether a change of `tensor` by `others` has to stand on the tape. Raises RuntimeError where it cannot."""
    if not is_grad_enabled():
        return False
    if tensor.requires_grad and tensor.is_leaf:
        raise RuntimeError(
            "a leaf Variable that requires grad is being used in an in-place operation. To change a parameter by hand, "
            "do it inside `with course.no_grad():`; otherwise write x = x + 1 instead of x += 1"
        )
    if not (tensor.requires_grad or any(isinstance(o, Tensor) and o.requires_grad for o in others)):
        return False
    if tensor._array.base is not None:
        raise RuntimeError(
            "a view of another tensor cannot be changed in place while gradients are recorded: the other tensor's "
            "gradient would be wrong. Change a clone() of it, or the whole tensor"
        )
    return True


def _in_place(tensor, operate, *args):
    """tensor ← operate(tensor, *args), in the tensor's own memory."""
    recorded = _is_recorded(tensor, *args)
    before = Tensor(tensor._array.copy() if recorded else tensor._array, tensor.requires_grad, tensor._node)
    result = operate(before, *args) if recorded else no_grad()(operate)(before, *args)
    out, own = result._array, tensor._array
    if out.shape != own.shape:
        raise RuntimeError(
            f"output with shape {list(own.shape)} doesn't match the broadcast shape {list(out.shape)}: "
            "a tensor changed in place keeps its shape"
        )
    if not dtypes.can_hold(own.dtype, out.dtype):
        raise RuntimeError(
            f"result type {dtypes.of(out)!r} can't be cast to the desired output type {tensor.dtype!r}; "
            "write x = x + y instead of x += y, or convert first"
        )
    own[...] = out
    tensor._count_change()
    if recorded:
        tensor._node, tensor.requires_grad = result._node, result.requires_grad
    return tensor


def _drawn(before, draw, low, high):
    if before._array.dtype.kind != "f":
        raise RuntimeError(f"random numbers need a floating-point tensor, this one is {before.dtype}")
    return Tensor(draw(before._array.shape, before._array.dtype, low, high))


@operation(input=lambda g: g)
def _to_device(input, target):
    return move(input, target)


def check_can_require_grad(array) -> None:
    """Raises RuntimeError for an array of integers or bools: only floats have gradients."""
    if array.dtype.kind != "f":
        raise RuntimeError(
            f"only Tensors of floating point dtype can require gradients, given {dtypes.of(array)}; "
            "write the numbers with a point (1.0) or convert with .float()"
        )


class Extremes(NamedTuple):
    """The largest (or smallest) elements along a dimension, and their positions."""

    values: Tensor
    indices: Tensor


def extreme(tensor, dim, keepdim, find, locate):
    """What `max` and `min` return: one number, or with `dim` the extremes along it and where they stand."""
    if dim is None:
        return find(tensor)
    if isinstance(dim, Tensor):
        return (elementwise.maximum if find is reduction.amax else elementwise.minimum)(tensor, dim)
    positions = locate(tensor, dim, True)
    along = shapes._dim(dim, tensor.ndim)
    values = shapes.take_along(tensor, positions._array, along) if tensor.ndim else find(tensor)
    return Extremes(values, positions) if keepdim else Extremes(values.squeeze(dim), positions.squeeze(dim))


class RemovableHandle:
    """What registering a hook returns; `remove()` takes the hook away again."""

    _count = 0

    def __init__(self, hooks: dict, hook):
        RemovableHandle._count += 1
        self._hooks, self._key = hooks, RemovableHandle._count
        hooks[self._key] = hook

    def remove(self) -> None:
        """Take the hook away; a second call does nothing."""
        self._hooks.pop(self._key, None)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.remove()
