"""How one scalar formula, written in plain Python, becomes machine code for the CPU and for CUDA.

A formula and a loop are ordinary functions. A `Kernel` binds them: it rebuilds the loop with its formulas compiled by
numba for one device, so that the same text is read by people, run by the CPU, by a GPU and by the CUDA simulator.
"""

from __future__ import annotations

import dis
import functools
import importlib
import math
import types
from pathlib import Path

from numba import config, njit
from numba.core.caching import CacheImpl

from .cache import KernelCacheLocator, looked_for_everywhere

# A kernel divides like NumPy (x / 0 is inf, not an exception), which also lets LLVM vectorise, and a product and a sum
# may be fused. More would change what infinity means: reordered, (1 − β) g becomes g − β g, and inf − inf is NaN; with
# reciprocals, g / √v becomes an estimate that is NaN for v = inf (and Adam gains nothing where memory is the limit).
# Only loops that add up many numbers may reorder (`sums=True`), or they would add one at a time.
CPU_OPTIONS = {"error_model": "numpy", "fastmath": {"contract", "nsz"}, "nogil": True}
SUM_OPTIONS = CPU_OPTIONS | {"fastmath": {"contract", "nsz", "reassoc"}}

CacheImpl._locator_classes.insert(0, KernelCacheLocator)  # type: ignore[arg-type]


class _CudaOnDemand:
    """Stands for the module `numba.cuda` in kernel files: importing it costs 0.2 s that a CPU user need not pay."""

    def __getattr__(self, name):
        return getattr(importlib.import_module("numba.cuda"), name)


cuda = _CudaOnDemand()


def pieces(*flat_arrays: str) -> dict[str, int]:
    """Flat arrays might be cut anywhere, but 1024 is a multiple of what a few vectors hold: an element that is worked
    on in a vector, and not among those left over at the end, is so in a part of the array too.
    """
    return dict.fromkeys(flat_arrays, 1024)


class Kernel:
    """A loop for the CPU and its twin for CUDA, around the formulas that they name.

    Args:
        cpu, cuda: the loops, plain functions (no `cuda` for work that only the CPU does, None for `cpu` where NumPy
            does it there). A global name in them that is a plain function of this package is a formula and is
            compiled along.
        formulas: what to put in place of other global names, so that one loop serves many formulas.
        sums: the CPU loop adds up many numbers and may do so in any order.
        rows: on CUDA, one block of threads works on each row (True) or one thread on each element (False).
        threads: on CUDA, how many threads a block of a row kernel must have, where its loop is written for a number.
        pieces: how several threads may share the CPU loop: name of an array -> how many of its entries (along the first
            axis) belong to one piece. Each piece is worked on without a look at the others, and gives the same numbers
            whatever lies beside it. An array of one entry serves all pieces.

    `kernel.cpu(...)` runs on NumPy arrays, `kernel.cuda[blocks, threads](...)` on device arrays. Each is compiled for
    the dtypes it is called with, at the first call.
    """

    def __init__(self, cpu, cuda=None, *, rows: bool = False, threads: int | None = None, sums: bool = False,
                 pieces: dict[str, int] | None = None, **formulas):
        loop = cpu or cuda
        name = loop.__name__.removesuffix("_cpu").removesuffix("_cuda")
        self.__name__ = "_".join([name, *(f.__name__ for f in formulas.values())])
        self.__module__ = loop.__module__
        self.formulas = formulas
        self.rows = rows
        self.threads = threads
        self.pieces = pieces
        self.options = SUM_OPTIONS if sums else CPU_OPTIONS
        self.cpu_loop = cpu and specialised(cpu, f"{self.__name__}_cpu", **formulas)
        self.cuda_loop = cuda and specialised(cuda, f"{self.__name__}_cuda", **formulas)

    def __repr__(self):
        return f"<kernel {self.__name__}>"

    @functools.cached_property
    def cpu(self):
        loop = _with_compiled_formulas(self.cpu_loop, _for_cpu if self.options is CPU_OPTIONS else _for_sums_on_cpu)
        return looked_for_everywhere(njit(cache=True, **self.options)(loop))

    def parts(self, args: tuple, count: int) -> list[tuple]:
        """The arguments of at most `count` calls of the CPU loop that together do what the one with `args` does."""
        names = self.cpu_loop.__code__.co_varnames
        lengths = [self.pieces.get(name) for name, _ in zip(names, args)]
        pieces = next(-(-len(a) // n) for a, n in zip(args, lengths) if n)
        count = max(1, min(count, pieces))
        edges = [pieces * i // count for i in range(count + 1)]
        lengths = [n if n and len(a) > 1 else None for a, n in zip(args, lengths)]
        return [tuple(a[i * n : j * n] if n else a for a, n in zip(args, lengths)) for i, j in zip(edges, edges[1:])]

    @functools.cached_property
    def cuda(self):
        return cuda.jit(self.cuda_source())

    def cuda_source(self):
        """The CUDA loop as `numba.cuda` takes it: a plain function whose formulas are device functions."""
        return _with_compiled_formulas(self.cuda_loop, _for_cuda)


def specialised(function, name: str, **names):
    """A copy of `function` called `name` in which the given global names mean something else.

    A closure would do the same, but numba never finds a closure over compiled functions in its cache again.
    """
    copy = types.FunctionType(function.__code__, {**function.__globals__, **names}, name, function.__defaults__)
    copy.__module__, copy.__qualname__, copy.__doc__ = function.__module__, name, function.__doc__
    return copy


def _with_compiled_formulas(function, compile_formula):
    compiled = {}
    for name in _global_names(function):
        value = function.__globals__.get(name)
        if value is cuda:
            compiled[name] = importlib.import_module("numba.cuda")
        elif value is math and compile_formula is _for_cuda and config.ENABLE_CUDASIM:  # type: ignore[attr-defined]
            compiled[name] = importlib.import_module("course.simulator").MATH
        elif _is_formula(value) and not (compile_formula in CPU_COMPILERS and hasattr(value, "overloaded_on_cpu")):
            compiled[name] = compile_formula(value)
    return specialised(function, function.__name__, **compiled)


def _global_names(function):
    """The globals that a function reads. `co_names` would also give attributes: the `exp` of `math.exp`."""
    return {i.argval for i in dis.get_instructions(function) if i.opname == "LOAD_GLOBAL"}


@functools.cache
def _for_cpu(formula):
    # a formula that was called and not inlined would keep the loop around it from being vectorised
    return njit(forceinline=True, **CPU_OPTIONS)(_with_compiled_formulas(formula, _for_cpu))


@functools.cache
def _for_sums_on_cpu(formula):
    """As `_for_cpu`, but a loop that was given a name of its own adds up in any order too."""
    if any(i.opname == "FOR_ITER" for i in dis.get_instructions(formula)):
        return njit(forceinline=True, **SUM_OPTIONS)(_with_compiled_formulas(formula, _for_cpu))
    return _for_cpu(formula)


CPU_COMPILERS = (_for_cpu, _for_sums_on_cpu)


@functools.cache
def _for_cuda(formula):
    return cuda.jit(device=True)(_with_compiled_formulas(formula, _for_cuda))


def _is_formula(value) -> bool:
    return isinstance(value, types.FunctionType) and Path(value.__code__.co_filename).parent == Path(__file__).parent
