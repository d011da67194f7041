"""Sequences of unlike length in one batch: padded to one length, or packed, without what was padded.

Packed are the first elements of all sequences, then the second ones of those that are long enough, and so on; the
longest sequence stands first. So abc, x and de become a d x b e c with batch sizes 3, 2, 1.
"""

from __future__ import annotations

from collections import abc, namedtuple
from typing import TYPE_CHECKING

import numpy as np

from ...autograd import check_tensors
from ...creation import full, tensor
from ...ops.indexing import index_select, with_items
from ...ops.shapes import cat, transpose
from ...ops.sorting import argsort

if TYPE_CHECKING:
    from ...tensor import Tensor


class PackedSequence(namedtuple("PackedSequence", "data batch_sizes sorted_indices unsorted_indices")):
    """A packed batch, as `pack_padded_sequence` makes it: recurrent layers take it and return one.

    data (elements, …) in the order of the time, batch_sizes how many sequences there still are at each step, sorted_
    indices where the sequences, longest first, stood in the batch, unsorted_indices the way back (None: as they were).
    """

    __slots__ = ()

    def __new__(cls, data, batch_sizes, sorted_indices=None, unsorted_indices=None):
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args, **kwargs) -> PackedSequence:
        """The same with other data: on another device, or of another type."""
        return self._replace(data=self.data.to(*args, **kwargs))


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The permutation that undoes this one."""
    return None if permutation is None else argsort(permutation)


def _lengths(function, lengths, sequences) -> np.ndarray:
    """The lengths as an array. Raises RuntimeError where there is none for each sequence, or one is not positive."""
    lengths = np.array([int(n) for n in lengths], np.int64)
    if len(lengths) != sequences:
        raise RuntimeError(f"{function}(): Expected `len(lengths)` to be equal to batch_size, but got {len(lengths)} "
                           f"(batch_size={sequences})")
    if not (lengths > 0).all():
        raise RuntimeError(f"{function}(): Length of all samples has to be greater than 0, but found an element in "
                           f"'lengths' that is <= 0: {lengths.tolist()}")
    return lengths


def _filled(data, there, padding_value):
    """Rows of `data`, one after the other, at the places (…) where `there` holds, and padding elsewhere."""
    frame = full((*there.shape, *data.shape[1:]), padding_value, dtype=data.dtype, device=data.device)
    return with_items(frame, data, there)


def pack_padded_sequence(input: Tensor, lengths, batch_first: bool = False,
                         enforce_sorted: bool = True) -> PackedSequence:
    """A padded batch, packed: what lies beyond a sequence's length is left out.

    Args: input: (time, batch, …), or (batch, time, …) with batch_first; lengths: of each sequence, a list or tensor;
    enforce_sorted: they come longest first already; else they are sorted here.
    Raises RuntimeError for lengths that are not positive, not sorted (where they should be), not one for each sequence
    or longer than the input.
    """
    check_tensors("pack_padded_sequence", input=input)
    x = transpose(input, 0, 1) if batch_first else input
    lengths = _lengths("pack_padded_sequence", lengths, x.shape[1])
    order = np.argsort(-lengths, kind="stable")
    if enforce_sorted and (np.diff(lengths) > 0).any():
        raise RuntimeError("`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can "
                           "pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this")
    if lengths.max() > len(x):
        raise RuntimeError(f"pack_padded_sequence(): a sequence of length {lengths.max()} does not fit into an input "
                           f"of {len(x)} steps")
    where = None if enforce_sorted else tensor(order, device=input.device)
    x = x if where is None else index_select(x, 1, where)
    there = np.arange(lengths.max())[:, None] < lengths[order]
    sizes = tensor(there.sum(1), device="cpu")
    return PackedSequence(x[: len(there)][tensor(there, device=input.device)], sizes, where)


def pad_packed_sequence(sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0,
                        total_length: int | None = None) -> tuple[Tensor, Tensor]:
    """The way back from packing: (time, batch, …), or (batch, time, …) with batch_first, and the lengths.

    `total_length`: how many steps there shall be at least. Raises ValueError where the longest sequence has more.
    """
    sizes = sequence.batch_sizes.numpy()
    steps = len(sizes) if total_length is None else total_length
    if steps < len(sizes):
        raise ValueError(f"Expected total_length to be at least the length of the longest sequence in input, but got "
                         f"total_length={total_length} and max sequence length being {len(sizes)}")
    there = np.zeros((steps, sizes[0]), bool)
    there[: len(sizes)] = np.arange(sizes[0]) < sizes[:, None]
    padded, lengths = _filled(sequence.data, there, padding_value), tensor(there.sum(0), device="cpu")
    if sequence.unsorted_indices is not None:
        padded = index_select(padded, 1, sequence.unsorted_indices)
        lengths = lengths[sequence.unsorted_indices.cpu()]
    return transpose(padded, 0, 1) if batch_first else padded, lengths


def pad_sequence(sequences, batch_first: bool = False, padding_value: float = 0.0,
                 padding_side: str = "right") -> Tensor:
    """Sequences (length, …) as one batch (time, batch, …), or (batch, time, …) with batch_first; the rest padding."""
    if not isinstance(sequences, abc.Iterable):
        raise RuntimeError(f"pad_sequence: Expected iterable for input sequences, but got {type(sequences).__name__}")
    if padding_side not in ("right", "left"):
        raise RuntimeError(f"Expected padding_side to be one of left or right, but got {padding_side!r}")
    sequences = list(sequences)
    check_tensors("pad_sequence", **{f"sequences[{i}]": s for i, s in enumerate(sequences)})
    if not sequences:
        raise RuntimeError("received an empty list of sequences")
    lengths = np.array([len(s) for s in sequences])[:, None]
    steps = np.arange(lengths.max())
    there = steps < lengths if padding_side == "right" else steps >= lengths.max() - lengths
    padded = _filled(cat(sequences), there, padding_value)
    return padded if batch_first else transpose(padded, 0, 1)


def unpad_sequence(padded_sequences: Tensor, lengths, batch_first: bool = False) -> list[Tensor]:
    """The way back from padding on the right: the sequences without it."""
    check_tensors("unpad_sequence", padded_sequences=padded_sequences)
    batch = padded_sequences if batch_first else transpose(padded_sequences, 0, 1)
    return [x[: int(n)] for x, n in zip(batch, lengths)]


def pack_sequence(sequences, enforce_sorted: bool = True) -> PackedSequence:
    """Sequences (length, …), packed; see `pack_padded_sequence`."""
    sequences = list(sequences)
    return pack_padded_sequence(pad_sequence(sequences), [len(s) for s in sequences], enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences of a packed batch."""
    return unpad_sequence(*pad_packed_sequence(packed_sequences, batch_first=True), batch_first=True)
