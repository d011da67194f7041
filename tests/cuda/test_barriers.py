"""What the simulator does not catch, read off the source: a barrier that not every thread of a block reaches.

`test_faults` watches the threads of each example; this holds for every size.
"""

import ast
from pathlib import Path

import pytest

import course.kernels
from course.kernels.block import THREADS

from ..kernels.examples import all_kernels
from .running import devices

FILES = sorted(Path(course.kernels.__file__).parent.glob("*.py"))
BLOCK_SIZES = sorted({devices.ROW_THREADS, devices.ELEMENT_THREADS, *(k.threads for k in all_kernels() if k.threads)})


def called_name(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def with_barriers(*trees) -> set[str]:
    """The functions of some files in which all threads wait for each other, under every name they have there."""
    names = {"syncthreads", "block_sum", "block_max"}
    while True:
        found = {f.name for tree in trees for f in ast.walk(tree) if isinstance(f, ast.FunctionDef)
                 and any(isinstance(n, ast.Call) and called_name(n) in names for n in ast.walk(f))}
        if found <= names:
            return names
        names |= found


OF_THE_COURSE = with_barriers(*(ast.parse(path.read_text()) for path in FILES))


class DivergentBarriers(ast.NodeVisitor):
    """Follows through one function which values differ from thread to thread, and lists what is then unsafe."""

    def __init__(self, barriers):
        self.barriers = barriers
        self.differs: set[str] = set()  # names whose values differ between the threads of a block
        self.depth = 0  # how many branches around us only some threads take
        self.faults: list[str] = []
        self.left = False  # some threads may have returned

    def varies(self, node) -> bool:
        """Whether an expression may differ from thread to thread. What a block works out together does not."""
        if isinstance(node, ast.Call) and called_name(node) in self.barriers:
            return False
        if isinstance(node, ast.Attribute) and node.attr == "threadIdx":
            return True
        if isinstance(node, ast.Call) and called_name(node) == "grid":
            return True
        if isinstance(node, ast.Name) and node.id in self.differs:
            return True
        return any(self.varies(child) for child in ast.iter_child_nodes(node))

    def assign(self, target, value):
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for t, v in zip(target.elts, value.elts):
                self.assign(t, v)
            return
        varies = self.depth > 0 or self.varies(value)
        for name in (n.id for n in ast.walk(target) if isinstance(n, ast.Name)):
            (self.differs.add if varies else self.differs.discard)(name)

    def visit_Assign(self, node):
        self.generic_visit(node)
        for target in node.targets:
            if not isinstance(target, ast.Subscript):
                self.assign(target, node.value)

    def visit_AugAssign(self, node):
        self.generic_visit(node)
        if isinstance(node.target, ast.Name) and (self.depth or self.varies(node.value)):
            self.differs.add(node.target.id)

    def branch(self, node, condition):
        divergent = self.varies(condition)
        self.depth += divergent
        for _ in range(2):  # twice: a loop's later round sees what an earlier one assigned
            for part in [*node.body, *node.orelse]:
                self.visit(part)
        self.depth -= divergent

    def visit_If(self, node):
        self.visit(node.test)
        self.branch(node, node.test)

    def visit_While(self, node):
        self.visit(node.test)
        self.branch(node, node.test)

    def visit_For(self, node):
        self.visit(node.iter)
        self.assign(node.target, node.iter)
        self.branch(node, node.iter)

    def visit_Return(self, node):
        self.generic_visit(node)
        self.left |= self.depth > 0

    visit_Break = visit_Continue = visit_Return

    def visit_Call(self, node):
        self.generic_visit(node)
        if called_name(node) in self.barriers and (self.depth or self.left):
            self.faults.append(f"line {node.lineno}: {called_name(node)}() is reached by some threads of a block only")


def faults(source: str) -> list[str]:
    tree = ast.parse(source)
    barriers, found = OF_THE_COURSE | with_barriers(tree), []
    for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        visitor = DivergentBarriers(barriers)
        for statement in function.body:
            visitor.visit(statement)
        found += visitor.faults
    return sorted(set(found))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_thread_of_a_block_reaches_every_barrier(path):
    assert faults(path.read_text()) == []


@pytest.mark.parametrize("body", [
    "if cuda.threadIdx.x < 3:\n        cuda.syncthreads()",
    "i = cuda.grid(1)\n    if i >= x.size:\n        return\n    cuda.syncthreads()",
    "thread = cuda.threadIdx.x\n    half = thread // 2\n    while half > 0:\n        block_sum(x)\n        half //= 2",
    "for k in range(cuda.threadIdx.x, 10):\n        block_sum(x[k])",
    "n = 0\n    if cuda.threadIdx.x == 0:\n        n = 1\n    if n:\n        cuda.syncthreads()",
    "if cuda.threadIdx.x == 0:\n        helper()",
    "if x[cuda.threadIdx.x] > 0:\n        block_sum_before(x)",
])
def test_a_barrier_that_some_threads_miss_is_found(body):
    assert len(faults(f"def helper():\n    cuda.syncthreads()\n\ndef kernel(x):\n    {body}\n")) == 1


@pytest.mark.parametrize("body", [
    "if cuda.blockIdx.x >= x.size:\n        return\n    cuda.syncthreads()",
    "total = block_sum(x[cuda.threadIdx.x])\n    if total > 0:\n        cuda.syncthreads()",
    "thread, threads = cuda.threadIdx.x, cuda.blockDim.x\n    while threads > 0:\n        if thread < threads:\n"
    "            x[thread] = 1\n        cuda.syncthreads()\n        threads //= 2",
])
def test_a_barrier_that_all_threads_reach_is_allowed(body):
    assert faults(f"def kernel(x):\n    {body}\n") == []


@pytest.mark.parametrize("threads", BLOCK_SIZES)
def test_blocks_have_a_size_that_every_gpu_takes_and_halves_evenly(threads):
    assert 32 <= threads <= 1024
    assert threads & (threads - 1) == 0


def test_a_sum_over_a_block_has_a_cell_for_each_of_its_threads():
    assert devices.ROW_THREADS <= THREADS
    for kernel in all_kernels():
        if kernel.threads and kernel.threads > THREADS:
            called = OF_THE_COURSE & set(kernel.cuda_loop.__code__.co_names) - {"syncthreads"}
            assert not called, f"{kernel} is launched with {kernel.threads} threads and calls {called}"
