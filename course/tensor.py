"""Tensor: what a student holds. Numbers in a grid, and the way back to where they came from."""

from __future__ import annotations

import builtins
import math
import numbers
from typing import TYPE_CHECKING

import numpy as np

from . import dtype as dtypes
from .autograd import (
    Taped,
    backward,
    first_gradient,
    is_recorded,
    operation,
    overwrite,
    send_back,
)  # fmt: skip
from .device import CPU, address, device_of, move, placed
from .device import device as Device
from .in_place import InPlace
from .memory_format import check as check_memory_format
from .ops import (
    activations,
    calculus,
    contraction,
    counting,
    decompositions,
    distances,
    elementwise,
    gamma,
    indexing,
    joining,
    linear,
    linear_algebra,
    matrix_products,
    old_decompositions,
    other_names,
    reduction,
    scattering,
    shapes,
    signs,
    sorting,
    special,
    statistics,
)  # fmt: skip
from .printing import tensor_text
from .storage import Storage, UntypedStorage
from .tracing import tracing
from .unknown import no_attribute


class Size(tuple):
    """The sizes of a tensor's dimensions: a tuple that also counts its elements."""

    def numel(self) -> int:
        """The number of elements of a tensor of this shape."""
        return math.prod(self)

    def __getitem__(self, index):
        found = super().__getitem__(index)
        return Size(found) if isinstance(index, slice) else found

    def __add__(self, other):
        return Size(super().__add__(other))

    def __repr__(self):
        return f"course.Size({list(self)})"


class Tensor(InPlace):
    """An n-dimensional array of numbers of one type, which remembers how it was computed if a gradient is asked for.

    Make one with `course.tensor(data)`. It shares memory with `tensor.numpy()`. In old programs `Tensor(2, 3)` is a
    tensor of floats of that shape, `Tensor([1, 2])` one of those numbers, also from an array of integers or of float64,
    and `Tensor(x)` of another tensor shows the same numbers, in their type.
    """

    __slots__ = ("__dict__",)
    _left_out = dict.fromkeys(("half", "bfloat16"), "it computes in float32 and float64; write x.float()") | {
        "imag": "its numbers are real"}

    def __new__(cls, *data, device=None):
        if len(data) == 1 and isinstance(data[0], Tensor):
            same = shapes.view_as(data[0], data[0])
            return cls._of(same._array, same.requires_grad, same._node)
        return cls._of(move(creation.old_form(dtypes.get_default_dtype(), *data), placed(device)))

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

    ndimension = dim

    def numel(self) -> int:
        """The number of elements."""
        return self._array.size

    nelement = numel

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

    def is_complex(self) -> bool:
        """Whether the elements are complex numbers: never."""
        return False

    @property
    def real(self) -> Tensor:
        """The tensor itself: its numbers are real."""
        return self

    def is_nonzero(self) -> builtins.bool:
        """Whether the only element is not 0. Raises RuntimeError for a tensor with several."""
        return bool(self)

    def is_contiguous(self, *, memory_format=None) -> bool:
        """Whether the elements lie in memory in reading order."""
        return self._array.flags.c_contiguous

    def stride(self, dim: int | None = None):
        """How many elements apart neighbours along each dimension, or along one, lie in memory."""
        strides = tuple(s // self._array.itemsize for s in self._array.strides)
        return strides if dim is None else strides[shapes._dim(dim, self._array.ndim)]

    def element_size(self) -> int:
        """Bytes an element."""
        return self._array.itemsize

    itemsize = property(element_size)

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self._array.nbytes

    def data_ptr(self) -> int:
        """Where the first element lies in memory."""
        return address(self._array)

    def storage(self) -> Storage:
        """The memory that the tensor shares with its views, as a row of numbers."""
        return Storage(self._array)

    def untyped_storage(self) -> UntypedStorage:
        """The memory that the tensor shares with its views, as bytes."""
        return UntypedStorage(self._array)

    def storage_offset(self) -> int:
        """How many elements stand before the first one in the memory that the tensor shares with its views."""
        return (self.data_ptr() - self.storage().data_ptr()) // self._array.itemsize

    def resize_(self, *sizes) -> Tensor:
        """Another shape, in place: the numbers that follow one another in memory, and arbitrary ones behind the last.

        Raises RuntimeError for a tensor that requires a gradient. `reshape` never loses or adds a number.
        """
        shape = creation._shape(sizes)
        if self.requires_grad:
            raise RuntimeError("cannot resize variables that require grad; reshape() gives the tensor another shape")
        row = self.storage()._row[self.storage_offset() :]
        if len(row) < math.prod(shape):
            longer = np.empty(math.prod(shape), row.dtype, like=row)
            longer[: len(row)] = row
            row = longer
        self._array = row[: math.prod(shape)].reshape(shape)
        self._count_change()
        return self

    def resize_as_(self, the_template: Tensor) -> Tensor:
        """`resize_` to the shape of another tensor."""
        return self.resize_(*the_template.shape)

    def __len__(self):
        if not self._array.ndim:
            raise TypeError("len() of a 0-d tensor: it is a single number")
        return len(self._array)

    def __iter__(self):
        if not self._array.ndim:
            raise TypeError("iteration over a 0-d tensor: it is a single number")
        return (self[i] for i in range(len(self._array)))

    def __contains__(self, number):
        if not isinstance(number, Tensor | numbers.Number):
            raise RuntimeError("Tensor.__contains__ only supports Tensor or scalar, but you passed in a "
                               f"{type(number).__name__}")
        return builtins.bool((self == number).any())

    def __repr__(self):
        return tensor_text(self)

    def __format__(self, spec):
        return format(self.item(), spec) if self._array.ndim == 0 else object.__format__(self, spec)

    if not TYPE_CHECKING:  # it would hide unknown names from type checkers

        def __getattr__(self, name):
            raise no_attribute(self, name)

    # --- out of tensors -----------------------------------------------------------------------------------------

    def numpy(self, *, force: bool = False) -> np.ndarray:
        """The elements as a NumPy array that shares memory with the tensor; `force` detaches and fetches it first.

        Raises RuntimeError for a tensor that requires a gradient: NumPy would not record what is done to it.
        """
        if force:
            return self.detach().cpu().numpy()
        if self.requires_grad:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        if self.device.type != "cpu":
            raise TypeError(f"can't convert a tensor on {self.device} to numpy; move it with .cpu() first")
        return self._array if tracing.trace is None else np.asarray(self._array)

    def __array__(self, dtype=None, copy=None):
        array = self.numpy()
        return np.array(array, dtype, copy=copy) if copy or dtype else array

    def __array_wrap__(self, array, context=None, return_scalar=False):
        return Tensor._of(np.asarray(array))

    def item(self):
        """The only element as a Python number. Raises RuntimeError for a tensor with several."""
        if self._array.size != 1:
            raise RuntimeError(
                f"a Tensor with {self._array.size} elements cannot be converted to Scalar; "
                "reduce it first (mean, sum, max) or use .tolist()"
            )
        return move(self._array, CPU).item()

    def tolist(self):
        """The elements as nested Python lists; a number for a 0-d tensor."""
        return move(self._array, CPU).tolist()

    def __float__(self):
        return float(self._only_element())

    def __int__(self):
        return int(self._only_element())

    def _only_element(self):
        if self._array.size != 1:
            raise ValueError(f"only one element tensors can be converted to Python scalars, this one has "
                             f"{self._array.size} elements; reduce it first (mean, sum, max) or use .tolist()")
        return self.item()

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
        if tracing.trace is not None:
            tracing.trace.gradient_read(self)
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
        if tracing.trace is not None:
            tracing.trace.gradient_set(self)

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
        return Tensor._of(self._array)

    @data.setter
    def data(self, value):
        if not isinstance(value, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(value).__name__}; use course.tensor(...)")
        if self.requires_grad and value._array.dtype.kind != "f":
            raise RuntimeError(f"data set to a tensor that requires gradients must be floating point, given "
                               f"{value.dtype}; convert it with .float()")
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
        view = Tensor._of(array)
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

    def backward(self, gradient=None, retain_graph=None, create_graph=False, inputs=None) -> None:
        """Work out ∂self/∂leaf for every leaf that requires a gradient and add it to the leaf's `.grad`.

        Args: gradient: ∂J/∂self, needed unless this is a scalar; retain_graph: keep what the tape remembers, for
        another backward; create_graph: record the gradients' computation, so that they can be differentiated; inputs:
        a tensor or several, to whose `.grad` alone something is added.
        """
        if inputs is not None:
            return backward(self, gradient, retain_graph, create_graph, inputs=inputs)
        start = first_gradient(self, gradient)
        keep = create_graph if retain_graph is None else retain_graph
        send_back([self], [start], retain_graph=keep, create_graph=create_graph)

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
        if not self.requires_grad:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        if self._node is not None:

            def keep(g):
                self._grad = g if self._grad is None else self._grad + g

            self.register_hook(keep).come_last()

    @property
    def retains_grad(self) -> bool:
        """Whether `retain_grad()` asked for the gradient of a tensor that is no leaf."""
        return self._node is not None and math.inf in (self._node.hooks or ())

    # --- types, devices, copies -----------------------------------------------------------------------------------

    def to(self, *args, dtype=None, device=None, copy=False, non_blocking=False, memory_format=None) -> Tensor:
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
        """The old name of the tensor's type, such as 'course.FloatTensor'; or the tensor with another type.

        That may be a dtype, an old name or what makes tensors of the type: `x.type(course.LongTensor)` is `x.long()`.
        """
        if dtype is None:
            return f"course.{'cuda.' * self.is_cuda}{old_types.NAMES[self.dtype]}"
        return self.to(**old_types.of_old_name(dtype))

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

    def short(self) -> Tensor:
        """As int16; fractions are cut off."""
        return self.to(dtypes.int16)

    def char(self) -> Tensor:
        """As int8; fractions are cut off."""
        return self.to(dtypes.int8)

    def byte(self) -> Tensor:
        """As uint8; fractions are cut off."""
        return self.to(dtypes.uint8)

    def bool(self) -> Tensor:
        """False where the element is 0, else True."""
        return self.to(dtypes.bool)

    def get_device(self) -> builtins.int:
        """The number of the GPU on which the elements lie; −1 on the CPU."""
        return self.device.index or 0 if self.is_cuda else -1

    @property
    def is_cuda(self) -> builtins.bool:
        """Whether the elements lie on a GPU."""
        return self.device.type == "cuda"

    @property
    def is_sparse(self) -> builtins.bool:
        """False: tensors here store every element."""
        return False

    def type_as(self, other) -> Tensor:
        """This tensor with the dtype of another."""
        return self.to(other.dtype)

    def pin_memory(self) -> Tensor:
        """This tensor. Differs from PyTorch: memory is never pinned."""
        return self

    def cpu(self) -> Tensor:
        """On the CPU."""
        return self.to("cpu")

    def cuda(self, device=None) -> Tensor:
        """On the GPU."""
        return self.to("cuda")

    def is_shared(self) -> builtins.bool:
        """Whether the elements lie in memory that other processes can see."""
        from .shared_memory import segment_of

        return segment_of(self._array) is not None

    def share_memory_(self) -> Tensor:
        """Move the elements into memory that other processes see when they are sent this tensor; returns it.

        On a GPU they stay where they are. Raises RuntimeError where the system has too little shared memory left.
        Differs from PyTorch: views that were taken before keep the old memory.
        """
        from .shared_memory import share

        if self.device.type == "cpu":
            self._array = share(self._array)
        return self

    def contiguous(self, memory_format=None) -> Tensor:
        """With the elements in reading order in memory: itself if they are, else a copy."""
        check_memory_format(memory_format)
        return self if self.is_contiguous() else self.clone()

    # --- operations: written in course/ops, one file a family ------------------------------------------------------

    # arithmetic
    add = elementwise.add
    sub = elementwise.sub
    mul = elementwise.mul
    div = elementwise.div
    floor_divide = elementwise.floor_divide
    remainder = elementwise.remainder
    neg = elementwise.neg
    pow = elementwise.pow
    square = elementwise.square
    reciprocal = elementwise.reciprocal
    abs = elementwise.abs
    sign = elementwise.sign
    lerp = elementwise.lerp
    addcmul = elementwise.addcmul
    addcdiv = elementwise.addcdiv
    # rounding
    floor = elementwise.floor
    ceil = elementwise.ceil
    trunc = elementwise.trunc
    round = elementwise.round
    # exponentials, powers and angles
    exp = elementwise.exp
    expm1 = elementwise.expm1
    log = elementwise.log
    log1p = elementwise.log1p
    log2 = elementwise.log2
    log10 = elementwise.log10
    xlogy = elementwise.xlogy
    logaddexp = elementwise.logaddexp
    sqrt = elementwise.sqrt
    rsqrt = elementwise.rsqrt
    erf = elementwise.erf
    erfc = elementwise.erfc
    erfinv = elementwise.erfinv
    lgamma = gamma.lgamma
    digamma = gamma.digamma
    sigmoid = elementwise.sigmoid
    tanh = elementwise.tanh
    sinh = elementwise.sinh
    cosh = elementwise.cosh
    sin = elementwise.sin
    cos = elementwise.cos
    tan = elementwise.tan
    asin = elementwise.asin
    acos = elementwise.acos
    atan = elementwise.atan
    atan2 = elementwise.atan2
    exp2 = special.exp2
    float_power = special.float_power
    hypot = special.hypot
    deg2rad = special.deg2rad
    rad2deg = special.rad2deg
    sinc = special.sinc
    asinh = special.asinh
    acosh = special.acosh
    atanh = special.atanh
    ldexp = special.ldexp
    logit = special.logit
    # choices
    relu = elementwise.relu
    clamp = elementwise.clamp
    maximum = elementwise.maximum
    minimum = elementwise.minimum
    clamp_min = signs.clamp_min
    clamp_max = signs.clamp_max
    nan_to_num = signs.nan_to_num
    # signs and what division leaves
    fmod = signs.fmod
    frac = signs.frac
    copysign = signs.copysign
    heaviside = signs.heaviside
    signbit = signs.signbit
    fmax = signs.fmax
    fmin = signs.fmin
    positive = signs.positive

    def where(self, condition, other):
        """This tensor where `condition` holds, else `other`."""
        return elementwise.where(condition, self, other)

    # comparisons and truth
    eq = elementwise.eq
    ne = elementwise.ne
    lt = elementwise.lt
    le = elementwise.le
    gt = elementwise.gt
    ge = elementwise.ge
    isclose = elementwise.isclose
    isnan = elementwise.isnan
    isinf = elementwise.isinf
    isfinite = elementwise.isfinite
    logical_not = elementwise.logical_not
    logical_and = elementwise.logical_and
    logical_or = elementwise.logical_or
    logical_xor = elementwise.logical_xor
    bitwise_not = elementwise.bitwise_not
    bitwise_and = elementwise.bitwise_and
    bitwise_or = elementwise.bitwise_or
    bitwise_xor = elementwise.bitwise_xor
    bitwise_left_shift = special.bitwise_left_shift
    bitwise_right_shift = special.bitwise_right_shift
    # reductions
    sum = reduction.sum
    mean = reduction.mean
    prod = reduction.prod
    var = reduction.var
    std = reduction.std
    amax = reduction.amax
    amin = reduction.amin
    argmax = reduction.argmax
    argmin = reduction.argmin
    any = reduction.any
    all = reduction.all
    norm = reduction.norm
    logsumexp = reduction.logsumexp
    cumsum = reduction.cumsum
    cumprod = reduction.cumprod
    count_nonzero = reduction.count_nonzero
    equal = reduction.equal
    allclose = reduction.allclose
    logcumsumexp = reduction.logcumsumexp
    # statistics and calculus
    quantile = statistics.quantile
    nanquantile = statistics.nanquantile
    nansum = statistics.nansum
    nanmean = statistics.nanmean
    cov = statistics.cov
    corrcoef = statistics.corrcoef
    diff = calculus.diff
    dist = distances.dist
    renorm = distances.renorm
    # order
    max = sorting.max
    min = sorting.min
    median = sorting.median
    sort = sorting.sort
    argsort = sorting.argsort
    topk = sorting.topk
    kthvalue = sorting.kthvalue
    nanmedian = sorting.nanmedian
    mode = sorting.mode
    cummax = sorting.cummax
    cummin = sorting.cummin
    aminmax = sorting.aminmax
    # shapes
    reshape = shapes.reshape
    reshape_as = shapes.reshape_as
    view = shapes.view
    view_as = shapes.view_as
    flatten = shapes.flatten
    unflatten = shapes.unflatten
    ravel = shapes.ravel
    squeeze = shapes.squeeze
    unsqueeze = shapes.unsqueeze
    permute = shapes.permute
    transpose = shapes.transpose
    swapaxes = shapes.swapaxes
    t = shapes.t
    movedim = shapes.movedim
    expand = shapes.expand
    expand_as = shapes.expand_as
    repeat = shapes.repeat
    tile = shapes.tile
    repeat_interleave = shapes.repeat_interleave
    flip = shapes.flip
    fliplr = shapes.fliplr
    flipud = shapes.flipud
    rot90 = shapes.rot90
    roll = shapes.roll
    tril = shapes.tril
    triu = shapes.triu
    diagonal = shapes.diagonal
    diag = shapes.diag
    trace = shapes.trace

    def split(self, split_size, dim=0):
        """Pieces of `split_size` along `dim` (the last may be smaller), or of the given sizes."""
        return shapes.split(self, split_size, dim)

    chunk = shapes.chunk
    narrow = shapes.narrow
    select = shapes.select
    unbind = shapes.unbind
    unfold = shapes.unfold
    tensor_split = joining.tensor_split
    hsplit = joining.hsplit
    vsplit = joining.vsplit
    dsplit = joining.dsplit
    diag_embed = joining.diag_embed
    clone = shapes.clone
    as_strided = indexing.as_strided
    # elements picked out
    gather = indexing.gather
    scatter = indexing.scatter
    scatter_add = indexing.scatter_add
    take_along_dim = indexing.take_along_dim
    index_select = indexing.index_select
    index_add = indexing.index_add
    index_fill = indexing.index_fill
    masked_select = indexing.masked_select
    masked_fill = indexing.masked_fill
    nonzero = indexing.nonzero
    take = indexing.take
    index_copy = scattering.index_copy
    index_put = scattering.index_put
    masked_scatter = scattering.masked_scatter
    scatter_reduce = scattering.scatter_reduce
    # counts
    unique = counting.unique
    bincount = counting.bincount
    histc = counting.histc
    histogram = counting.histogram
    unique_consecutive = counting.unique_consecutive
    # matrix products
    matmul = linear.matmul
    mm = linear.mm
    bmm = linear.bmm
    mv = linear.mv
    dot = linear.dot
    outer = linear.outer
    addmm = linear.addmm
    baddbmm = linear.baddbmm
    addmv = linear.addmv
    addr = linear.addr
    inner = matrix_products.inner
    vdot = matrix_products.vdot
    matrix_power = matrix_products.matrix_power
    cross = linear.cross
    kron = contraction.kron
    det = linear_algebra.det
    inverse = linear_algebra.inv
    cholesky_solve = decompositions.cholesky_solve
    slogdet = decompositions.slogdet
    logdet = decompositions.logdet
    pinverse = decompositions.pinverse
    svd = old_decompositions.svd
    qr = old_decompositions.qr
    cholesky = old_decompositions.cholesky
    triangular_solve = old_decompositions.triangular_solve
    # rows of probabilities
    softmax = activations.softmax
    log_softmax = activations.log_softmax
    # second names
    absolute = other_names.absolute
    arccos = other_names.arccos
    arcsin = other_names.arcsin
    arctan = other_names.arctan
    arctan2 = other_names.arctan2
    arccosh = other_names.arccosh
    arcsinh = other_names.arcsinh
    arctanh = other_names.arctanh
    broadcast_to = other_names.broadcast_to
    ger = other_names.ger
    clip = other_names.clip
    divide = other_names.divide
    true_divide = other_names.true_divide
    greater_equal = other_names.greater_equal
    greater = other_names.greater
    less_equal = other_names.less_equal
    less = other_names.less
    multiply = other_names.multiply
    not_equal = other_names.not_equal
    negative = other_names.negative
    sgn = other_names.sgn
    subtract = other_names.subtract
    fix = other_names.fix
    argwhere = other_names.argwhere
    moveaxis = other_names.moveaxis
    swapdims = other_names.swapdims

    @property
    def T(self) -> Tensor:
        """The dimensions in reverse order."""
        return shapes._permute(self, tuple(range(self._array.ndim))[::-1])

    @property
    def mT(self) -> Tensor:
        """The last two dimensions exchanged."""
        return shapes.transpose(self, -2, -1)

    # --- operators ------------------------------------------------------------------------------------------------

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

    def __floordiv__(self, other):
        return elementwise.floor_divide(self, other)

    def __rfloordiv__(self, other):
        return elementwise.floor_divide(other, self)

    def __mod__(self, other):
        return elementwise.remainder(self, other)

    def __rmod__(self, other):
        return elementwise.remainder(other, self)

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

    def __pos__(self):
        return signs.positive(self)

    def __invert__(self):
        return elementwise.bitwise_not(self)

    def __and__(self, other):
        return elementwise.bitwise_and(self, other)

    def __or__(self, other):
        return elementwise.bitwise_or(self, other)

    def __xor__(self, other):
        return elementwise.bitwise_xor(self, other)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __lshift__(self, other):
        return special.bitwise_left_shift(self, other)

    def __rlshift__(self, other):
        return special.bitwise_left_shift(other, self)

    def __rshift__(self, other):
        return special.bitwise_right_shift(self, other)

    def __rrshift__(self, other):
        return special.bitwise_right_shift(other, self)

    def __eq__(self, other):
        return _compared(elementwise.eq, self, other)

    def __ne__(self, other):
        return _compared(elementwise.ne, self, other)

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
        return indexing.getitem(self, index)

    # --- changing a tensor in place ---------------------------------------------------------------------------------

    def __setitem__(self, index, value):
        try:
            if is_recorded(self, value):
                overwrite(self, lambda before, value: indexing.with_items(before, value, index), value)
            else:
                if tracing.trace is not None:
                    tracing.trace.adopt(self)
                indexing.put(self._array, value._array if isinstance(value, Tensor) else value, index)
                self._count_change()
        except (ValueError, IndexError) as error:
            kind = IndexError if isinstance(error, IndexError) else RuntimeError
            raise kind(f"{error} (the tensor's shape is {list(self.shape)})") from None

    def bernoulli(self, p=None, *, generator=None) -> Tensor:
        """`course.bernoulli` of this tensor."""
        return creation.bernoulli(self, p, generator=generator)

    def multinomial(self, num_samples, replacement=False, *, generator=None) -> Tensor:
        """`course.multinomial` of this tensor."""
        return creation.multinomial(self, num_samples, replacement, generator=generator)

    # --- new ones like this -----------------------------------------------------------------------------------------

    def new(self, *data) -> Tensor:
        """The old way to write `new_tensor(data)`, or with sizes, `new_empty(*sizes)`."""
        return Tensor._of(creation.old_form(self.dtype, *data)).to(self.device)

    def new_tensor(self, data, **options) -> Tensor:
        """`course.tensor(data)` with this tensor's dtype and device."""
        return creation.tensor(data, **self._as_here(options))

    def new_zeros(self, *size, **options) -> Tensor:
        """`course.zeros` with this tensor's dtype and device."""
        return creation.zeros(*size, **self._as_here(options))

    def new_ones(self, *size, **options) -> Tensor:
        """`course.ones` with this tensor's dtype and device."""
        return creation.ones(*size, **self._as_here(options))

    def new_empty(self, *size, **options) -> Tensor:
        """`course.empty` with this tensor's dtype and device."""
        return creation.empty(*size, **self._as_here(options))

    def new_full(self, size, fill_value, **options) -> Tensor:
        """`course.full` with this tensor's dtype and device."""
        return creation.full(size, fill_value, **self._as_here(options))

    def _as_here(self, options):
        return {"dtype": self.dtype, "device": self.device} | options


Taped.tensor = Tensor._of


def _compared(operate, tensor, other):
    """Element by element; with None, a text or what else is no number, Python's answer: they are not alike."""
    try:
        return NotImplemented if other is None else operate(tensor, other)
    except TypeError:
        return NotImplemented


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


class RemovableHandle:
    """What registering a hook returns; `remove()` takes the hook away again."""

    _count = 0

    def __init__(self, hooks: dict, hook):
        RemovableHandle._count += 1
        self._hooks = hooks
        self._key: int | builtins.float = RemovableHandle._count
        hooks[self._key] = hook

    def come_last(self) -> None:
        """See what all other hooks have made of the gradient."""
        self._hooks[math.inf] = self._hooks.pop(self._key)
        self._key = math.inf

    def remove(self) -> None:
        """Take the hook away; a second call does nothing."""
        self._hooks.pop(self._key, None)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.remove()


from . import creation, old_types  # noqa: E402  they build on Tensor, so they come after it
