"""Runs a CUDA kernel as plain Python, one thread after the other, and writes down what each thread read and wrote.

It needs no GPU, no `numba.cuda` and no threads of the operating system. What a GPU passes over in silence, and numba's
simulator too, has a name here: a cell out of bounds, a race, a barrier that some threads never reach, shared memory
that is read before anyone wrote it.

At a barrier a thread is left, and the next one runs. To go on behind the barrier it is run again from its start: it is
told what it read the first time, and writes nothing, until it is where it was. So a kernel is a function of what it
reads, and of nothing else.
"""

from __future__ import annotations

import inspect
import itertools
import operator
import random
import sys
import types
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

MOST_THREADS_OF_A_BLOCK = 1024  # CUDA's own limit
MOST_THREADS = 20_000  # a thread costs some 50 microseconds here
MOST_BARRIERS = 1000

Index = tuple[int, ...]


class KernelFault(RuntimeError):
    """What is wrong with a kernel although it may give the right numbers, today, on this machine."""


class OutOfBounds(KernelFault):
    """A thread read or wrote beside the array."""


class Race(KernelFault):
    """Two threads met in a cell, one of them writing, and nothing says who comes first."""


class DivergentBarrier(KernelFault):
    """Some threads of a block wait at a barrier that others never reach."""


class ReadBeforeWritten(KernelFault):
    """A thread read shared memory that nobody had written: it holds whatever was there before."""


class BadLaunch(KernelFault):
    """A grid that no GPU takes."""


@dataclass(frozen=True)
class Access:
    """One thread touched one cell."""

    kind: str  # "read", "write" or "atomic"
    array: str
    cell: Index
    block: Index
    thread: Index
    phase: int  # how many barriers the thread had passed
    value: object  # what was read, or what stood there afterwards
    inside: bool = True  # False where there is no such cell


@dataclass(eq=False)
class Trace:
    """What came of a launch. `shapes` has every array, shared ones too, by name."""

    blocks: Index
    threads: Index
    accesses: list[Access] = field(default_factory=list)
    faults: list[KernelFault] = field(default_factory=list)
    shapes: dict[str, Index] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    barriers: int = 0


def trace(kernel: Callable, blocks: int | Index, threads: int | Index, *arguments, order: int | None = None) -> Trace:
    """Run `kernel[blocks, threads](*arguments)` and write everything down. Arrays are written to, as on a GPU.

    Args: order: threads run in the order of their numbers, or, given a number, shuffled with it as the seed: a kernel
    without a race gives the same in every order.
    """
    return _Run(_as_grid(blocks), _as_grid(threads), order).launch(kernel, arguments)


def launch(kernel: Callable, blocks: int | Index, threads: int | Index, *arguments) -> None:
    """Run `kernel[blocks, threads](*arguments)`. Raises the first KernelFault, if there is one."""
    for fault in trace(kernel, blocks, threads, *arguments).faults:
        raise fault


def parallel_for(body: Callable, count: int, *arguments) -> None:
    """Call `body(i, *arguments)` for i = 0 … count − 1 as `prange` may do: in any order, all at the same time.

    Raises Race where two iterations meet in a cell of an array, one of them writing.
    """
    run = _Run((count, 1, 1), (1, 1, 1), order=None, who=lambda block, thread: f"iteration {block[0]}")
    for fault in run.launch(body, arguments, first=lambda: run.cuda.blockIdx.x).faults if count else ():
        raise fault


# --- the machine --------------------------------------------------------------------------------------------------


class _AtBarrier(BaseException):
    """Leaves a thread at a barrier that it has reached for the first time."""


@dataclass(eq=False)
class _Thread:
    block: Index
    index: Index
    log: list = field(default_factory=list)  # what it read, in order
    position: int = 0  # how much of the log it has been told in this run
    passed: int = 0  # barriers it has passed in this run
    behind: int = 0  # barriers it had passed before
    place: tuple = ()  # where it waits

    @property
    def repeating(self) -> bool:
        return self.passed < self.behind


class _Run:
    """One launch: the memory, the thread that is running, and the account."""

    def __init__(self, blocks: Index, threads: Index, order: int | None, who: Callable | None = None):
        self.trace = Trace(blocks, threads)
        self.who = who or self._thread_in_words
        self.order = None if order is None else random.Random(order)
        self.cuda = _Cuda(self)
        self.thread = _Thread((0, 0, 0), (0, 0, 0))
        self.shared: dict = {}

    def launch(self, kernel: Callable, arguments: tuple, first: Callable | None = None) -> Trace:
        trace, kernel = self.trace, getattr(kernel, "py_func", getattr(kernel, "fn", kernel))
        if faults := _bad_launch(trace.blocks, trace.threads):
            trace.faults.append(faults)
            return trace
        names = list(inspect.signature(kernel).parameters)[bool(first) :]
        given = []
        for name, argument in itertools.zip_longest(names[: len(arguments)], arguments, fillvalue="array"):
            if isinstance(argument, np.ndarray):
                trace.shapes[name] = argument.shape
                argument = _Watched(self, name, argument)
            given.append(argument)
        kernel = _with_cuda(kernel, self.cuda)
        for block in self._ordered(_indices(trace.blocks)):
            self.shared = {}
            self._run_block(block, (lambda: kernel(first(), *given)) if first else (lambda: kernel(*given)))
        trace.faults += _races(trace, self.who)
        return trace

    def _run_block(self, block: Index, kernel: Callable) -> None:
        """All threads up to the barrier, then all up to the next."""
        waiting = [_Thread(block, index) for index in self._ordered(_indices(self.trace.threads))]
        gone: _Thread | None = None
        for phase in range(MOST_BARRIERS):
            running, waiting = waiting, []
            for self.thread in running:
                self.thread.position, self.thread.passed, self.thread.behind = 0, 0, phase
                try:
                    kernel()
                    gone = gone or self.thread
                except _AtBarrier:
                    waiting.append(self.thread)
            if not waiting:
                return
            self.trace.barriers = max(self.trace.barriers, phase + 1)
            self._barrier(waiting, gone)
        self.fault(DivergentBarrier(f"a block passed {MOST_BARRIERS} barriers and was stopped"))

    def _barrier(self, waiting: list[_Thread], gone: _Thread | None) -> None:
        one = waiting[0]
        other = next((thread for thread in waiting if thread.place != one.place), None)
        if gone:
            self.fault(DivergentBarrier(
                f"{self._words(one)} waits at the barrier of line {one.place[1]}, and {self._words(gone)} never comes "
                "there: on a GPU the block may hang. Every thread of a block must reach every syncthreads()"))
        elif other:
            self.fault(DivergentBarrier(
                f"{self._words(one)} waits at the barrier of line {one.place[1]}, {self._words(other)} at that of line "
                f"{other.place[1]}: they wait for each other. Put one syncthreads() where all threads pass"))

    def read(self, array: _Watched, index):
        thread = self.thread
        if not thread.repeating:
            cell, inside = self._cell(array, index, "read")
            value = array.cells[cell] if inside else array.cells.dtype.type(0)
            if inside and array.written is not None and not array.written[cell]:
                self.fault(ReadBeforeWritten(
                    f"{self._words(thread)} read {_named(array.name, cell)}, which nobody had written: shared memory "
                    "starts with whatever was there before"))
            thread.log.append(value)
            self._note("read", array, cell, value, inside)
        thread.position += 1
        return thread.log[thread.position - 1]

    def write(self, array: _Watched, index, value) -> None:
        if not self.thread.repeating:
            cell, inside = self._cell(array, index, "wrote")
            if inside:
                array.put(cell, value)
            self._note("write", array, cell, array.cells[cell] if inside else value, inside)

    def change(self, array: _Watched, index, change: Callable):
        """An atomic: reads and writes with nobody in between, and returns what was there."""
        thread = self.thread
        if not thread.repeating:
            cell, inside = self._cell(array, index, "changed")
            old = array.cells[cell] if inside else array.cells.dtype.type(0)
            if inside:
                array.put(cell, change(old))
            thread.log.append(old)
            self._note("atomic", array, cell, array.cells[cell] if inside else old, inside)
        thread.position += 1
        return thread.log[thread.position - 1]

    def barrier(self, place: tuple) -> None:
        self.thread.passed += 1
        if self.thread.passed > self.thread.behind:
            self.thread.place = place
            raise _AtBarrier

    def shared_array(self, place: tuple, shape, dtype) -> _Watched:
        """One for each place in the source, as in CUDA: all threads of the block get the same."""
        if place not in self.shared:
            name = "shared" if not self.shared else f"shared {len(self.shared) + 1}"
            array = _garbage(shape, dtype)
            self.trace.shapes[name] = array.shape
            self.trace.shared.add(name)
            self.shared[place] = _Watched(self, name, array, np.zeros(array.shape, bool))
        return self.shared[place]

    def fault(self, fault: KernelFault) -> None:
        """One of each kind is enough: the first."""
        if type(fault) not in map(type, self.trace.faults):
            self.trace.faults.append(fault)

    def _cell(self, array: _Watched, index, what: str) -> tuple[Index, bool]:
        cell = tuple(map(operator.index, index if isinstance(index, tuple) else (index,)))
        shape = array.cells.shape
        if len(cell) != len(shape):
            raise IndexError(f"{array.name} has {len(shape)} axes and was given {len(cell)} numbers: a thread names "
                             f"one cell, as in {array.name}[{', '.join('ijk'[: len(shape)])}]")
        inside = all(0 <= at < length for at, length in zip(cell, shape))
        if not inside:
            self.fault(OutOfBounds(f"{self._words(self.thread)} {what} {_named(array.name, cell)}, and {array.name} "
                                   f"has shape {shape}: a GPU does not stop you, it uses somebody else's memory"))
        return cell, inside

    def _note(self, kind: str, array: _Watched, cell: Index, value, inside: bool) -> None:
        thread = self.thread
        self.trace.accesses.append(
            Access(kind, array.name, cell, thread.block, thread.index, thread.passed, value, inside))

    def _ordered(self, indices: Iterator[Index]) -> list[Index]:
        ordered = list(indices)
        if self.order:
            self.order.shuffle(ordered)
        return ordered

    def _words(self, thread: _Thread) -> str:
        return self.who(thread.block, thread.index)

    def _thread_in_words(self, block: Index, thread: Index) -> str:
        one_block = self.trace.blocks == (1, 1, 1)
        return f"thread {_short(thread, self.trace.threads)}" + (
            "" if one_block else f" of block {_short(block, self.trace.blocks)}")


class _Watched:
    """An array as a kernel sees it: one cell at a time."""

    __slots__ = ("_run", "cells", "name", "written")

    def __init__(self, run: _Run, name: str, cells: np.ndarray, written: np.ndarray | None = None):
        self._run, self.name, self.cells, self.written = run, name, cells, written

    def __getitem__(self, index):
        return self._run.read(self, index)

    def __setitem__(self, index, value):
        self._run.write(self, index, value)

    def __len__(self):
        return len(self.cells)

    def put(self, cell: Index, value) -> None:
        self.cells[cell] = value
        if self.written is not None:
            self.written[cell] = True

    shape = property(lambda self: self.cells.shape)
    size = property(lambda self: self.cells.size)
    ndim = property(lambda self: self.cells.ndim)
    dtype = property(lambda self: self.cells.dtype)


class _Three:
    """`cuda.threadIdx` and its like."""

    def __init__(self, index: Index):
        self.x, self.y, self.z = index


class _Cuda:
    """What a kernel means by `cuda`."""

    def __init__(self, run: _Run):
        self._run = run
        self.blockDim, self.gridDim = _Three(run.trace.threads), _Three(run.trace.blocks)
        self.atomic, self.shared, self.local = _Atomic(run), _Shared(run), _Local()

    threadIdx = property(lambda self: _Three(self._run.thread.index))
    blockIdx = property(lambda self: _Three(self._run.thread.block))

    def grid(self, axes: int):
        thread = self._run.thread
        at = tuple(b * n + t for b, n, t in zip(thread.block, self._run.trace.threads, thread.index))
        return at[0] if axes == 1 else at[:axes]

    def gridsize(self, axes: int):
        sizes = tuple(map(operator.mul, self._run.trace.blocks, self._run.trace.threads))
        return sizes[0] if axes == 1 else sizes[:axes]

    def syncthreads(self) -> None:
        frame = sys._getframe(1)
        self._run.barrier((frame.f_code, frame.f_lineno - frame.f_code.co_firstlineno + 1))

    def __getattr__(self, name):
        raise AttributeError(f"cuda.{name} is not among what the course's threads know: threadIdx, blockIdx, blockDim, "
                             "gridDim, grid, gridsize, syncthreads, shared.array, local.array and atomic")


class _Shared:
    def __init__(self, run: _Run):
        self._run = run

    def array(self, shape, dtype) -> _Watched:
        frame = sys._getframe(1)
        return self._run.shared_array((frame.f_code, frame.f_lasti), shape, dtype)


class _Local:
    def array(self, shape, dtype) -> np.ndarray:
        return _garbage(shape, dtype)


class _Atomic:
    def __init__(self, run: _Run):
        self._run = run

    def add(self, array, index, value):
        return self._run.change(array, index, lambda old: old + value)

    def sub(self, array, index, value):
        return self._run.change(array, index, lambda old: old - value)

    def max(self, array, index, value):
        return self._run.change(array, index, lambda old: max(old, value))

    def min(self, array, index, value):
        return self._run.change(array, index, lambda old: min(old, value))

    def exch(self, array, index, value):
        return self._run.change(array, index, lambda old: value)

    def cas(self, array, index, expected, value):
        return self._run.change(array, index, lambda old: value if old == expected else old)


def _races(trace: Trace, who: Callable) -> list[Race]:
    """The first cell in which two threads met: of different blocks at any time, of one between the same barriers."""
    cells = defaultdict(list)
    for access in trace.accesses:
        if access.inside:
            block = access.block if access.array in trace.shared else None  # each block has its own shared memory
            cells[access.array, access.cell, block].append(access)
    for meetings in cells.values():
        for one in meetings:
            if one.kind == "write":
                for other in meetings:
                    if _collide(one, other):
                        verb = {"read": "reads", "write": "writes", "atomic": "changes"}[other.kind]
                        return [Race(f"{who(one.block, one.thread)} writes {_named(one.array, one.cell)} and "
                                     f"{who(other.block, other.thread)} {verb} it, and nothing says who comes first")]
    return []


def _collide(write: Access, other: Access) -> bool:
    if (write.block, write.thread) == (other.block, other.thread):
        return False
    if write.block == other.block and write.phase != other.phase:
        return False
    return not (other.kind == "write" and write.value == other.value)  # the same number twice harms nobody


def _with_cuda(function: Callable, cuda: _Cuda, done: dict | None = None) -> Callable:
    """A copy of the function, and of the helpers that it names, to which `cuda` means ours."""
    done = {} if done is None else done
    if function not in done:
        names = dict(function.__globals__)
        done[function] = copy = types.FunctionType(
            function.__code__, names, function.__name__, function.__defaults__, function.__closure__)
        for name in function.__code__.co_names:
            value = names.get(name)
            value = getattr(value, "py_func", value)
            if name == "cuda" or getattr(value, "__name__", "") == "numba.cuda":
                names[name] = cuda
            elif type(value) is types.FunctionType and "cuda" in value.__globals__:
                names[name] = _with_cuda(value, cuda, done)
        return copy
    return done[function]


def _bad_launch(blocks: Index, threads: Index) -> BadLaunch | None:
    if min(blocks + threads) < 1:
        return BadLaunch(f"a launch needs at least one block and one thread, and was given {blocks} and {threads}")
    if np.prod(threads) > MOST_THREADS_OF_A_BLOCK:
        return BadLaunch(f"a block holds at most {MOST_THREADS_OF_A_BLOCK} threads, and was given {np.prod(threads)}: "
                         "take more blocks instead")
    if np.prod(blocks) * np.prod(threads) > MOST_THREADS:
        return BadLaunch(f"{np.prod(blocks) * np.prod(threads)} threads are more than are run here, {MOST_THREADS}: "
                         "try a smaller array")
    return None


def _garbage(shape, dtype) -> np.ndarray:
    dtype = np.dtype(getattr(dtype, "name", dtype))
    return np.full(shape, np.nan if dtype.kind in "fc" else 99, dtype)


def _as_grid(size: int | Index) -> Index:
    sizes = tuple(size) if isinstance(size, tuple | list) else (size,)
    return tuple(map(operator.index, sizes)) + (1,) * (3 - len(sizes))


def _indices(sizes: Index) -> Iterator[Index]:
    """(x, y, z), x running fastest, as a GPU numbers its threads."""
    for z, y, x in itertools.product(*map(range, reversed(sizes))):
        yield x, y, z


def _short(index: Index, sizes: Index) -> str:
    """5, or (5, 2) where there is more than one axis."""
    axes = max(axis for axis in range(3) if axis == 0 or sizes[axis] > 1) + 1
    return str(index[0]) if axes == 1 else str(index[:axes])


def _named(array: str, cell: Index) -> str:
    return f"{array}[{', '.join(map(str, cell))}]"
