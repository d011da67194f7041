"""Parameter: a tensor that a module learns; and those whose shape a lazy layer does not know yet."""

from __future__ import annotations

from .. import dtype as dtypes
from ..autograd import Taped
from ..creation import empty
from ..device import device_of
from ..tensor import Tensor, check_can_require_grad


class Parameter(Tensor):
    """A tensor that belongs to the module it is assigned to and requires a gradient. It shares memory with `data`."""

    __slots__ = ()

    def __new__(cls, data: Tensor | None = None, requires_grad: bool = True):
        data = empty(0) if data is None else data
        if not isinstance(data, Tensor):
            raise TypeError(f"Parameter data must be a Tensor, given {type(data).__name__}; use course.tensor(...)")
        if requires_grad:
            check_can_require_grad(data._array)
        return cls._of(data._array, requires_grad)

    def __getstate__(self):
        """What copies and pickles keep: the numbers, and whether they are learned, but no gradient, as in PyTorch."""
        forgotten = dict.fromkeys(("_node", "_grad", "_changes", "_hooks", "_shown"))
        return vars(self), {"_array": memory(self), "requires_grad": self.requires_grad, **forgotten}


class Buffer(Tensor):
    """A tensor that belongs to the module it is assigned to as state, without being learned: as `register_buffer`.

    It shares memory with `data`. With persistent=False it is no part of the `state_dict`.
    """

    __slots__ = ("persistent",)

    def __new__(cls, data: Tensor | None = None, *, persistent: bool = True):
        data = empty(0) if data is None else data
        if not isinstance(data, Tensor):
            raise TypeError(f"Buffer data must be a Tensor, given {type(data).__name__}; use course.tensor(...)")
        self = cls._of(data._array, data.requires_grad)
        self.persistent = persistent
        return self


_slot = vars(Taped)["_array"]  # a tensor's array, also behind `Unknown._array`


def memory(tensor: Tensor):
    """The tensor's array; of one that does not know its shape an empty one, of the type and on the device to come."""
    return _slot.__get__(tensor)


class Unknown:
    """What parameters and buffers without a shape share: all that asks for their numbers is refused."""

    __slots__ = ()
    becomes: type

    @property
    def _array(self):
        raise ValueError("Attempted to use an uninitialized parameter: its layer learns its shape from its first "
                         "input; call the model once before")

    @_array.setter
    def _array(self, array):
        _slot.__set__(self, array)

    @property
    def dtype(self):
        """The type that the elements will have."""
        return dtypes.of(memory(self))

    @property
    def device(self):
        """Where the elements will lie."""
        return device_of(memory(self))

    @property
    def data(self):
        """An empty tensor: what programs fill in before the layer knows its shape is lost, in PyTorch too."""
        return Tensor._of(memory(self))

    @data.setter
    def data(self, value):
        self._array = value._array

    def materialize(self, shape, device=None, dtype=None) -> None:
        """Be an ordinary parameter, or buffer, of this shape from now on; its numbers are arbitrary."""
        array = empty(shape, dtype=dtype or self.dtype, device=device or self.device)._array
        self.__class__ = self.becomes
        self._array = array

    __getstate__ = Parameter.__getstate__

    def detach(self):
        """Itself: it is not on the tape."""
        return self

    def __repr__(self):
        return f"<{type(self).__name__}>"


class UninitializedParameter(Unknown, Parameter):
    """A parameter whose shape its layer learns from its first input."""

    __slots__ = ()
    becomes = Parameter

    def __new__(cls, requires_grad: bool = True, device=None, dtype=None):
        return cls._of(empty(0, dtype=dtype, device=device)._array, requires_grad)


class UninitializedBuffer(Unknown, Tensor):
    """A buffer whose shape its layer learns from its first input."""

    __slots__ = ()
    becomes = Tensor

    def __new__(cls, requires_grad: bool = False, device=None, dtype=None):
        return cls._of(empty(0, dtype=dtype, device=device)._array, requires_grad)
