"""Recurrent networks: cells that take one step in time, and layers that walk along whole sequences."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable

from ..autograd import check_tensors
from ..creation import empty
from ..ops.indexing import index_select
from ..ops.recurrent import gru_step, lstm_step, rnn_relu_step, rnn_tanh_step, walk
from ..ops.shapes import cat, clone, flip, reshape, split, stack, transpose, unbind
from . import functional as F
from . import init
from .layers import natural_number
from .module import Module
from .parameter import Parameter
from .utils.rnn import PackedSequence

_RNN_STEPS = {"tanh": rnn_tanh_step, "relu": rnn_relu_step}


class _Recurrent(Module):
    """What cells and layers share: their parameters and the states to begin with."""

    gates = 1  # how many numbers each hidden unit needs
    state: tuple[str, ...] = ("h",)  # what is carried from step to step
    step: Callable  # of ops/recurrent.py

    def _new_parameters(self, inputs, suffix, bias, **options):
        """W_ih, W_hh and, if asked for, b_ih and b_hh, each under its name with `suffix`."""
        rows = self.gates * self.hidden_size
        sizes = {"weight_ih": (rows, inputs), "weight_hh": (rows, self.hidden_size)}
        sizes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        for name, size in sizes.items():
            learned = bias or name.startswith("weight")
            if learned or not suffix:
                self.register_parameter(name + suffix, Parameter(empty(size, **options)) if learned else None)

    def reset_parameters(self) -> None:
        """Draw the parameters anew, evenly spread over ±1/√hidden_size."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0
        for p in self.parameters():
            init.uniform_(p, -bound, bound)

    def _states(self, input, hx, batched, shape):
        """The states to begin with: those given, checked, with a batch of one where there was none; or zeros."""
        name, ndim = type(self).__name__, len(shape) - (not batched)
        if hx is None:
            return [input.new_zeros(shape) for _ in self.state]
        states = [hx] if len(self.state) == 1 else list(hx)
        check_tensors(name, **dict(zip(self.state, states)))
        if len(states) != len(self.state) or any(s.ndim != ndim for s in states):
            given = [list(s.shape) for s in states]
            raise self._wrong(f"{name}: for an input of {input.ndim} dimensions the states ({', '.join(self.state)}) "
                              f"must have {ndim}, given shapes {given}")
        batch_dim = len(shape) - 2
        states = states if batched else [s.unsqueeze(batch_dim) for s in states]
        for part, s in zip(self.state, states):
            if tuple(s.shape) != shape:
                raise RuntimeError(f"{name}: Expected hidden size {shape} for {part}, got {list(s.shape)}")
        return states


# --- cells ------------------------------------------------------------------------------------------------------------


class _Cell(_Recurrent):
    _wrong = ValueError

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, device=None, dtype=None):
        super().__init__()
        name = type(self).__name__
        self.input_size = natural_number(name, "input_size", input_size)
        self.hidden_size = natural_number(name, "hidden_size", hidden_size)
        self.bias = bias
        self._new_parameters(input_size, "", bias, device=device, dtype=dtype)
        self.reset_parameters()

    def forward(self, input, hx=None):
        name = type(self).__name__
        check_tensors(name, input=input)
        if input.ndim not in (1, 2):
            raise ValueError(f"{name}: Expected input to be 1D or 2D, got {input.ndim}D instead")
        if input.shape[-1] != self.input_size:
            raise RuntimeError(f"{name}: input has inconsistent input_size: got {input.shape[-1]}, expected "
                               f"{self.input_size}")
        batched = input.ndim == 2
        x = input if batched else input.unsqueeze(0)
        state = self._states(input, hx, batched, (x.shape[0], self.hidden_size))
        a = F.linear(x, self.weight_ih, self.bias_ih)
        b = F.linear(state[0], self.weight_hh, self.bias_hh)
        after = self.step(a, b, state)
        after = after if batched else tuple(s.squeeze(0) for s in after)
        return after if len(self.state) > 1 else after[0]

    def extra_repr(self):
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")


class RNNCell(_Cell):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or with max(0, ·) for nonlinearity='relu'.

    Shapes: x (batch, input_size) and h (batch, hidden_size), or both without the batch; h starts as zeros. Returns h'.
    Weights weight_ih (hidden, input) and weight_hh (hidden, hidden), all evenly spread over ±1/√hidden_size.
    """

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh", device=None,
                 dtype=None):
        super().__init__(input_size, hidden_size, bias, device, dtype)
        self.nonlinearity = nonlinearity

    @property
    def step(self):
        if self.nonlinearity not in _RNN_STEPS:
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}; it is 'tanh' or 'relu'")
        return _RNN_STEPS[self.nonlinearity]

    def extra_repr(self):
        return super().extra_repr() + (
            "" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}")


class LSTMCell(_Cell):
    """One step of an LSTM, called as `cell(x, (h, c))`; returns (h', c'). See `ops.recurrent.lstm_step`.

    Shapes: as in `RNNCell`; the weights have 4 · hidden rows, for the gates i, f, g, o.
    """

    gates, state, step = 4, ("h", "c"), staticmethod(lstm_step)


class GRUCell(_Cell):
    """One step of a gated recurrent unit, called as `cell(x, h)`; returns h'. See `ops.recurrent.gru_step`.

    Shapes: as in `RNNCell`; the weights have 3 · hidden rows, for r, z, n.
    """

    gates, step = 3, staticmethod(gru_step)


# --- layers -----------------------------------------------------------------------------------------------------------


class _Layers(_Recurrent):
    """Cells that walk along sequences: `num_layers` of them on top of each other, each in one direction or in both."""

    _wrong = RuntimeError

    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True,
                 batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, device=None, dtype=None):
        super().__init__()
        _check_layers(input_size, hidden_size, num_layers, bias, batch_first, dropout)
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, float(dropout)
        self.bidirectional = bidirectional
        for layer in range(num_layers):
            inputs = hidden_size * len(self._directions) if layer else input_size
            for direction in self._directions:
                self._new_parameters(inputs, f"_l{layer}{direction}", bias, device=device, dtype=dtype)
        self.reset_parameters()

    @property
    def _directions(self):
        return ("", "_reverse") if self.bidirectional else ("",)

    @property
    def _flat_weights_names(self):
        return list(self._parameters)

    @property
    def all_weights(self):
        """The parameters, in one list for each layer and direction."""
        weights, many = list(self.parameters()), 4 if self.bias else 2
        return [weights[i : i + many] for i in range(0, len(weights), many)]

    def flatten_parameters(self) -> None:
        """Nothing: what cuDNN gains from parameters that lie side by side, nothing here needs."""

    def forward(self, input, hx=None):
        if isinstance(input, PackedSequence):
            return self._forward_packed(input, hx)
        x, states, batched = self._sequence_and_states(input, hx)
        x, ends = self._through(x, [x.shape[:2]], states)
        out = clone(x)  # so that it may be changed in place
        out = transpose(out, 0, 1) if self.batch_first else out
        if not batched:
            out, ends = out.squeeze(int(not self.batch_first)), [end.squeeze(1) for end in ends]
        return out, tuple(ends) if len(ends) > 1 else ends[0]

    def _forward_packed(self, input, hx):
        name, (data, sizes, order, way_back) = type(self).__name__, input
        check_tensors(name, **{"input.data": data})
        if data.ndim != 2:
            raise RuntimeError(f"{name}: packed data must have 2 dimensions, (elements, input_size), got {data.ndim}")
        self._check_numbers(data)
        shape = (self.num_layers * len(self._directions), int(sizes[0]), self.hidden_size)
        states = self._checked_states(data, hx, True, shape)
        if order is not None and hx is not None:
            states = index_select(states, 2, order)
        pieces = [(len(list(alike)), batch) for batch, alike in itertools.groupby(sizes.tolist())]
        out, ends = self._through(reshape(data, *pieces[0], -1) if len(pieces) == 1 else data, pieces, states)
        if way_back is not None:
            ends = [index_select(end, 1, way_back) for end in ends]
        out = reshape(out, -1, out.shape[-1])
        return PackedSequence(out, sizes, order, way_back), tuple(ends) if len(ends) > 1 else ends[0]

    def _through(self, x, pieces, states):
        """What the last layer shows, and for each part of the state where every layer and direction arrives.

        Shapes: x (elements, input_size) in the order of the time; `pieces` says for how many steps how many sequences
        go on, the longest being the first: (steps, batch), … Where that is but one piece, x (steps, batch, input_size).
        """
        ends = [[] for _ in self.state]
        places = iter(range(states.shape[1]))
        for layer in range(self.num_layers):
            found = []
            for direction in self._directions:
                place = next(places)
                along = self._backwards if direction else self._forwards
                shown, state = along(x, pieces, states[:, place], f"_l{layer}{direction}")
                found.append(shown)
                for end, part in zip(ends, unbind(state)):
                    end.append(part)
            x = cat(found, -1) if self.bidirectional else found[0]
            if self.dropout and layer < self.num_layers - 1:
                x = F.dropout(x, self.dropout, self.training)
        return x, [stack(end) for end in ends]

    def _forwards(self, x, pieces, state, suffix):
        """Every h along the sequences, and the states in which they end."""
        shown, ended = [], []
        b_ih, b_hh = self._biases(suffix)
        for a in self._inputs(x, pieces, suffix, b_ih):
            batch = a.shape[1]
            if batch < state.shape[1]:  # the shortest sequences are at their end
                ended.insert(0, state[:, batch:])
                state = state[:, :batch]
            h, state = walk(self.step, a, state, self.__dict__["weight_hh" + suffix], b_hh)
            shown.append(h)
        return _joined(shown), cat([state, *ended], 1) if ended else state

    def _backwards(self, x, pieces, state, suffix):
        """As `_forwards`, from the other end: the longest sequence begins, and the others join in."""
        shown, now = [], state[:, :0]
        b_ih, b_hh = self._biases(suffix)
        for a in reversed(self._inputs(x, pieces, suffix, b_ih)):
            now = cat([now, state[:, now.shape[1] : a.shape[1]]], 1)
            h, now = walk(self.step, flip(a, 0), now, self.__dict__["weight_hh" + suffix], b_hh)
            shown.insert(0, flip(h, 0))
        return _joined(shown), now

    def _biases(self, suffix):
        """b_ih and b_hh; where the two halves of a gate are but added up, None and b_ih + b_hh, in one pass less."""
        b_ih, b_hh = self.__dict__.get("bias_ih" + suffix), self.__dict__.get("bias_hh" + suffix)
        return (b_ih, b_hh) if b_ih is None or self.step is gru_step else (None, b_ih + b_hh)

    def _inputs(self, x, pieces, suffix, b_ih):
        """W_ih x + b_ih of each piece: (steps, batch, gates · hidden)."""
        a = F.linear(x, self.__dict__["weight_ih" + suffix], b_ih)
        if len(pieces) == 1:
            return [a]
        parts = split(a, [steps * batch for steps, batch in pieces])
        return [reshape(part, *piece, a.shape[-1]) for part, piece in zip(parts, pieces)]

    def _sequence_and_states(self, input, hx):
        """The inputs (time, batch, input_size) and the states to begin with; all checked."""
        name = type(self).__name__
        check_tensors(name, input=input)
        if input.ndim not in (2, 3):
            raise ValueError(f"{name}: Expected input to be 2D or 3D, got {input.ndim}D instead")
        self._check_numbers(input)
        batched, time = input.ndim == 3, int(self.batch_first)
        x = input if batched else input.unsqueeze(1 - time)
        if x.shape[time] == 0:
            raise RuntimeError(f"{name}: Expected sequence length to be larger than 0")
        shape = (self.num_layers * len(self._directions), x.shape[1 - time], self.hidden_size)
        return transpose(x, 0, 1) if time else x, self._checked_states(input, hx, batched, shape), batched

    def _check_numbers(self, input):
        """Raises ValueError for another type than the weights', RuntimeError for another size than input_size."""
        name = type(self).__name__
        if input.dtype is not self.weight_ih_l0.dtype:
            raise ValueError(f"{name}: input dtype ({input.dtype}) does not match weight dtype "
                             f"({self.weight_ih_l0.dtype}); convert the input or the model with .to(...)")
        if input.shape[-1] != self.input_size:
            raise RuntimeError(f"{name}: input.size(-1) must be equal to input_size. Expected {self.input_size}, got "
                               f"{input.shape[-1]}")

    def _checked_states(self, input, hx, batched, shape):
        """As `_states`, in one tensor (parts, *shape) of the input's type. Raises RuntimeError for another one."""
        if hx is None:
            return input.new_zeros((len(self.state), *shape))
        states = self._states(input, hx, batched, shape)
        for part, s in zip(self.state, states):
            if s.dtype is not input.dtype:
                raise RuntimeError(f"{type(self).__name__}: Input and hidden tensors are not the same dtype, found "
                                   f"input tensor with dtype {input.dtype} and {part} with dtype {s.dtype}; convert "
                                   "one with .to(...)")
        return stack(states)

    def extra_repr(self):
        ordinary = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0, "bidirectional": False}
        options = [f"{name}={getattr(self, name)}" for name, usual in ordinary.items() if getattr(self, name) != usual]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *options])


def _joined(parts):
    """The rows of all parts one after the other; a part as it is where there is but one."""
    return cat([reshape(part, -1, part.shape[-1]) for part in parts]) if len(parts) > 1 else parts[0]


def _check_layers(input_size, hidden_size, num_layers, bias, batch_first, dropout):
    if isinstance(dropout, bool) or not isinstance(dropout, int | float) or not 0 <= dropout <= 1:
        raise ValueError(f"dropout should be a number in range [0, 1], the probability of a number to become 0, given "
                         f"{dropout!r}")
    for name, flag in {"bias": bias, "batch_first": batch_first}.items():
        if not isinstance(flag, bool):
            raise TypeError(f"{name} should be of type bool, got: {type(flag).__name__}")
    for name, size in {"input_size": input_size, "hidden_size": hidden_size, "num_layers": num_layers}.items():
        if not isinstance(size, int):
            raise TypeError(f"{name} should be of type int, got: {type(size).__name__}")
        if size <= 0:
            raise ValueError(f"{name} must be greater than zero")
    if dropout and num_layers == 1:
        warnings.warn(f"dropout stands between the layers, and there is but one: dropout={dropout} does nothing with "
                      "num_layers=1", stacklevel=4)


class RNN(_Layers):
    """`RNNCell` along sequences; see `LSTM` for arguments and shapes. The state is h alone."""

    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh",
                 bias: bool = True, batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False,
                 device=None, dtype=None):
        if nonlinearity not in _RNN_STEPS:
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        self.__dict__["nonlinearity"], self.__dict__["step"] = nonlinearity, _RNN_STEPS[nonlinearity]
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype)


class LSTM(_Layers):
    """`LSTMCell` along sequences, called as `lstm(x, (h, c))`; returns (out, (h', c')).

    Args: num_layers: cells on top of each other, each reading what the one below shows; batch_first: the batch is the
    first dimension, not time; dropout: between the layers, while training; bidirectional: in each layer a second cell
    reads from the end, and both outputs stand side by side. The states start as zeros if not given.
    Shapes: x (time, batch, input_size) → out (time, batch, directions · hidden_size); h and c (layers · directions,
    batch, hidden_size). Without a batch: (time, input_size) and (layers · directions, hidden_size).
    Parameters: weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, with `_reverse` for the second direction, then _l1.
    A `PackedSequence` (nn.utils.rnn), for sequences of unlike length, is taken in place of x and returned as out.
    Differs from PyTorch: there is no proj_size.
    """

    gates, state, step = 4, ("h", "c"), staticmethod(lstm_step)


class GRU(_Layers):
    """`GRUCell` along sequences; see `LSTM` for arguments and shapes. The state is h alone."""

    gates, step = 3, staticmethod(gru_step)
