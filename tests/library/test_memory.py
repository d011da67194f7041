"""Freed memory stays at hand: a training step does not ask the system for the same memory again and again."""

import ctypes
import sys

import pytest

from .test_import import python

GLIBC = sys.platform == "linux" and hasattr(ctypes.CDLL(None), "mallopt")

# how many pages each of 10 steps touched that were new to the process, arrays of 4 MB being made and freed in each
PAGES_A_STEP = """
import resource
import course as torch
x = torch.randn(2048, 512, requires_grad=True)
def step():
    x.grad = None
    torch.softmax(torch.nn.functional.gelu(x), 1).sum().backward()
for _ in range(3):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    step()
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) // 10)
"""


@pytest.mark.skipif(not GLIBC, reason="only glibc can be told")
def test_large_arrays_of_a_step_lie_where_those_of_the_last_step_lay():
    assert int(python(PAGES_A_STEP)) < 100


@pytest.mark.skipif(not GLIBC, reason="only glibc can be told")
def test_what_the_user_chose_is_left_alone():
    program = "import os; os.environ['MALLOC_TRIM_THRESHOLD_'] = '131072'; from course import memory; "
    assert python(program + "print(memory.keep_freed_memory())") == "False"
    assert python("from course import memory; print(memory.keep_freed_memory())") == "True"


@pytest.mark.skipif(not GLIBC, reason="only glibc can be told")
def test_what_is_kept_is_bounded():
    """Half a gigabyte in small blocks is freed, and all but 128 MB go back to the system."""
    assert int(python("""
import course, numpy as np
blocks = [np.ones(2**18) for _ in range(256)]
del blocks
print(int(open("/proc/self/statm").read().split()[1]) * 4096 // 2**20)
""")) < 128 + 256
