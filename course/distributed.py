"""Processes that take one step together: `torch.distributed`, over MPI.

    import course.distributed as dist                     # mpiexec -n 2 python train.py

    dist.init_process_group()                             # rank 0 of 1 where no others were started
    optimizer = dist.DistributedOptimizer(torch.optim.Adam(model.parameters()))
    loss(model(my_part_of_the_batch)).backward()
    optimizer.step()                                      # with the mean of all ranks' gradients
    dist.destroy_process_group()

Before ranks exchange numbers they tell each other what they are about to do. Where that differs, all of them raise
an error that names the difference, and none waits for what never comes. A rank that stops for a reason of its own ends
the others.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterable
from enum import Enum
from itertools import zip_longest

import numpy as np

from .autograd import no_grad
from .creation import from_numpy
from .optim.optimizer import Optimizer
from .tensor import Tensor

LAUNCHED = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK")  # what mpiexec leaves in a program's environment
INSTALL = ("it needs an MPI library (Debian and Ubuntu: apt install openmpi-bin; macOS: brew install open-mpi) and "
           "mpi4py: pip install 'course[distributed]'")
THE_END = "destroy_process_group or the end of its program"


class ReduceOp(Enum):
    """How `all_reduce` joins the ranks' numbers."""

    SUM = "SUM"
    AVG = "AVG"
    PRODUCT = "PROD"
    MIN = "MIN"
    MAX = "MAX"


class _Alone:
    """The world of a process that was started by itself."""

    backend, rank, size = "single", 0, 1

    def gather(self, thing) -> list:
        return [thing]

    def reduce(self, array, operation: str) -> None:
        pass


class _OverMPI:
    """The world of all processes that one `mpiexec` started."""

    backend = "mpi"

    def __init__(self):
        try:
            from mpi4py import MPI
        except (ImportError, RuntimeError) as error:  # RuntimeError: mpi4py is here, an MPI library is not
            raise RuntimeError(f"there is no backend 'mpi' here: {INSTALL}. Without it, init_process_group() makes a "
                               "world of one process") from error
        self.mpi, self.everyone = MPI, MPI.COMM_WORLD
        self.rank, self.size = self.everyone.rank, self.everyone.size

    def gather(self, thing) -> list:
        return self.everyone.allgather(thing)

    def reduce(self, array, operation: str) -> None:
        self.everyone.Allreduce(self.mpi.IN_PLACE, array, getattr(self.mpi, operation))


_world: _Alone | _OverMPI | None = None


def is_available() -> bool:
    """Always: without MPI there is a world of one process."""
    return True


def is_mpi_available() -> bool:
    """Whether mpi4py is installed."""
    return importlib.util.find_spec("mpi4py") is not None


def init_process_group(backend: str | None = None) -> None:
    """Meet the other ranks: the processes that the same `mpiexec` started.

    Args: backend: "mpi", or None for MPI under `mpiexec` and a world of one process elsewhere.
    Raises ValueError for another backend or a second call; RuntimeError, with what to install, where MPI is missing.
    """
    global _world
    if backend not in (None, "mpi"):
        raise ValueError(f"the course knows the backend 'mpi', given {backend!r}; leave it out, and the program is a "
                         "world of one process unless mpiexec starts several")
    if _world is not None:
        raise ValueError("trying to initialize the default process group twice! Call destroy_process_group() between")
    _world = _OverMPI() if backend or any(name in os.environ for name in LAUNCHED) else _Alone()
    if _world.size > 1:
        atexit.register(_at_exit)
        sys.excepthook = _end_all


def destroy_process_group() -> None:
    """Part from the other ranks; all of them must come to this point. Raises RuntimeError where one does not."""
    try:
        _meet(THE_END)
    finally:
        _part()


def is_initialized() -> bool:
    """Whether `init_process_group` was called."""
    return _world is not None


def get_backend() -> str:
    """"mpi", or "single" in a world of one process."""
    return _here().backend


def get_rank() -> int:
    """This process's number, from 0."""
    return _here().rank


def get_world_size() -> int:
    """How many processes there are."""
    return _here().size


def barrier() -> None:
    """Wait until all ranks are here."""
    _meet("barrier")


@no_grad()
def all_reduce(tensor: Tensor, op: ReduceOp = ReduceOp.SUM) -> None:
    """Replace `tensor` by the sum (mean, product, …) of all ranks' tensors, elementwise and in place.

    Raises TypeError for what is no tensor or no ReduceOp, RuntimeError for bools, for a mean of integers and, on every
    rank, for shapes or types that differ between ranks.
    """
    array = _host("all_reduce", tensor)
    if not isinstance(op, ReduceOp):
        raise TypeError(f"all_reduce takes a ReduceOp such as ReduceOp.SUM, given {op!r}")
    if array.dtype.kind == "b" or (op is ReduceOp.AVG and array.dtype.kind != "f"):
        raise RuntimeError(f"all_reduce has no {op.name} of {tensor.dtype} tensors; convert with .int() or .float()")
    _meet("all_reduce", (op.name, _described("the tensor", tensor)))
    world = _here()
    world.reduce(array, "SUM" if op is ReduceOp.AVG else op.value)
    if op is ReduceOp.AVG:
        array /= world.size
    tensor.copy_(from_numpy(array))


@no_grad()
def broadcast(tensor: Tensor, src: int) -> None:
    """Copy rank `src`'s numbers into `tensor` on every rank.

    Raises ValueError where there is no such rank, RuntimeError on every rank where shapes or types differ.
    """
    array, world = _host("broadcast", tensor), _here()
    if src not in range(world.size):
        raise ValueError(f"broadcast from rank {src!r}, but the ranks are 0 to {world.size - 1}")
    given = f"src {src}", _described("the tensor", tensor)
    tensor.copy_(from_numpy(_meet("broadcast", given, array if world.rank == src else None)[src]))


@no_grad()
def all_gather(tensor_list: list[Tensor], tensor: Tensor) -> None:
    """Copy every rank's `tensor` into `tensor_list`, in the order of the ranks.

    Raises RuntimeError for a list of another length, or, on every rank, where shapes or types differ.
    """
    array, world = _host("all_gather", tensor), _here()
    if len(tensor_list) != world.size:
        raise RuntimeError(f"all_gather fills a tensor for each rank: expected {world.size}, given {len(tensor_list)}")
    places = (_described(f"tensor_list[{k}]", place) for k, place in enumerate(tensor_list))
    for place, found in zip(tensor_list, _meet("all_gather", (_described("the tensor", tensor), *places), array)):
        if place.shape != tensor.shape:
            raise RuntimeError(f"all_gather expected places of shape {list(tensor.shape)}, given {list(place.shape)}")
        place.copy_(from_numpy(found))


class DistributedOptimizer(Optimizer):
    """An optimiser that steps along the mean of all ranks' gradients, so that all ranks keep the same parameters.

        g = Σₖ nₖ gₖ / Σₖ nₖ

    Rank k computed gₖ as the gradient of a mean loss over its nₖ samples; then g is the gradient of the joined batch,
    and each rank ends where one process with that batch would. (A layer that looks at its whole batch, such as batch
    norm, sees its own rank's samples only.) After a step `p.grad` is g; before it, where gradients may be clipped, gₖ.

    Args: optimizer: of `course.optim`, with the same parameters on each rank; buffers: more tensors to begin alike,
    such as `model.buffers()`. At the start parameters and buffers are copied from rank 0.
    Raises RuntimeError on every rank, here and in `step`, where the ranks disagree: in the number, shapes or types of
    parameters, in the options, in which parameters have a gradient.
    Differs from PyTorch: its class of this name steps on parameters that lie on other machines; taking the mean is the
    work of `DistributedDataParallel` there, with equal weights
    """

    def __init__(self, optimizer: Optimizer, buffers: Iterable[Tensor] = ()):
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"DistributedOptimizer takes an optimiser, such as SGD(model.parameters(), lr=0.1), given "
                            f"{type(optimizer).__name__}")
        self.optimizer, self.defaults = optimizer, optimizer.defaults
        self.param_groups, self.state = optimizer.param_groups, optimizer.state
        self._begin_alike(self.param_groups, list(buffers))

    steps_taken = property(lambda self: self.optimizer.steps_taken)  # type: ignore[assignment]

    def add_param_group(self, group: dict) -> None:
        """Add parameters with options of their own, on all ranks; they begin as rank 0's."""
        self.optimizer.add_param_group(group)
        self._begin_alike(self.param_groups[-1:], [])

    def _begin_alike(self, groups, buffers):
        parameters = [p for group in groups for p in group["params"]]
        _meet("DistributedOptimizer", (
            type(self.optimizer).__name__,
            *(f"{name}={value}" for group in groups for name, value in group.items() if name != "params"),
            *(_described(f"parameter {i}", p) for i, p in enumerate(parameters)),
            *(_described(f"buffer {i}", b) for i, b in enumerate(buffers)),
        ))  # fmt: skip
        for tensor in [*parameters, *buffers]:
            broadcast(tensor, 0)

    def step(self, closure: Callable[[], Tensor] | None = None, samples: int | None = None):
        """Average the gradients over the ranks, then let the optimiser update its parameters.

        Args: closure: computes this rank's loss and gradients; the ranks' mean loss is returned. samples: how many
        samples this rank's batch holds, nₖ; leave it out where all ranks hold equally many.
        """
        if samples is not None and (isinstance(samples, bool) or not isinstance(samples, int) or samples < 1):
            raise ValueError(f"samples is how many samples this rank's batch holds, at least 1; given {samples!r}")
        if closure is not None:
            return self.optimizer.step(lambda: self._average(samples, closure()))
        self._average(samples)
        return self.optimizer.step()

    @no_grad()
    def _average(self, samples, loss=None):
        """Make each gradient the mean over the ranks: one exchange for each dtype. Returns the mean loss."""
        world = _here()
        parameters = [p for group in self.param_groups for p in group["params"]]
        given = ("no samples" if samples is None else "samples", "no closure" if loss is None else "a closure",
                 *(_described(f"gradient of parameter {i}", p._grad) for i, p in enumerate(parameters)))
        brought = _meet("DistributedOptimizer.step", given, (samples or 1, 0.0 if loss is None else float(loss)))
        if world.size == 1:
            return loss
        counts, losses = np.array(brought).T
        weights = counts / counts.sum()
        learning = [p for p in parameters if p._grad is not None]
        for dtype in dict.fromkeys(p.dtype for p in learning):
            alike = [p for p in learning if p.dtype == dtype]
            flat = np.concatenate([_host("step", p._grad).reshape(-1) for p in alike])
            flat *= weights[world.rank]
            world.reduce(flat, "SUM")
            for p, mean in zip(alike, np.split(flat, np.cumsum([p.numel() for p in alike])[:-1])):
                p._grad = from_numpy(mean.reshape(p.shape)).to(p.device)
        return None if loss is None else loss.new_tensor(weights @ losses)


# --- how ranks keep together ------------------------------------------------------------------------------------------


def _here():
    if _world is None:
        raise ValueError("Default process group has not been initialized, please make sure to call init_process_group.")
    return _world


def _meet(call: str, given: tuple[str, ...] = (), brought=None) -> list:
    """Wait for all ranks and return what each of them brought, in order.

    Raises RuntimeError, on every rank, where they are at different calls or were given different things.
    """
    everyone = _here().gather((call, given, brought))
    for rank, (other_call, other_given, _) in enumerate(everyone):
        first_call, first_given, _ = everyone[0]
        if other_call != first_call:
            if THE_END in (first_call, other_call):
                _part()  # who has left will meet nobody again
            raise RuntimeError(f"the ranks disagree: rank 0 is at {first_call}, rank {rank} at {other_call}. All ranks "
                               "must make the same calls, equally often: a DistributedSampler gives them equally many "
                               "batches")
        for ours, theirs in zip_longest(first_given, other_given, fillvalue="nothing more"):
            if ours != theirs:
                raise RuntimeError(f"the ranks disagree in {call}: rank 0 has {ours}, rank {rank} has {theirs}")
    return [thing for *_, thing in everyone]


def _part() -> None:
    global _world
    _world = None
    atexit.unregister(_at_exit)
    if sys.excepthook is _end_all:
        sys.excepthook = sys.__excepthook__


def _at_exit() -> None:
    with contextlib.suppress(RuntimeError):  # the others say it: this one has nothing left to do
        destroy_process_group()


def _end_all(kind, error, trace) -> None:
    """Show an error that nobody caught and end all ranks, which would wait for this one for ever."""
    sys.__excepthook__(kind, error, trace)
    sys.stderr.flush()
    _here().everyone.Abort(1)


def _host(call: str, tensor) -> np.ndarray:
    """A tensor's numbers as MPI can send them: in this machine's memory, one behind the other."""
    if not isinstance(tensor, Tensor):
        raise TypeError(f"{call} takes a Tensor, given {type(tensor).__name__}")
    return np.asarray(tensor.detach().cpu().numpy(), order="C")


def _described(name: str, tensor: Tensor | None) -> str:
    return f"no {name}" if tensor is None else f"{name}: {tensor.dtype} {list(tensor.shape)}"
