"""What numba makes of the kernels: float32 stays float32, and simple loops are vectorised."""

import re

import pytest
from numba import njit, typeof

from .examples import all_kernels, example

KERNELS = {kernel.__name__: kernel for kernel in all_kernels() if kernel.cpu_loop}
# arithmetic on, or conversion to, double: alone or in vectors
DOUBLE = re.compile(r"= (f(add|sub|mul|div|rem|neg|cmp|ptrunc|ptosi|ptoui)\b.*\bdouble\b|.*\bto (<\d+ x )?double\b"
                    r"|(tail )?call .*\bdouble @)")


def machine_code(kernel, dtype) -> str:
    """LLVM's code for a kernel, compiled anew: numba cannot show that of a cached one.

    Without the wrappers that take arguments from Python, where every number begins as a double.
    """
    fresh = njit(**kernel.options)(kernel.cpu.py_func)
    signature = tuple(typeof(a) for a in example(kernel, dtype).args)
    fresh.compile(signature)
    functions = fresh.inspect_llvm(fresh.signatures[0]).split("\ndefine ")
    return "\n".join(f for f in functions if "cpython" not in f.partition("(")[0])


@pytest.mark.parametrize("name", KERNELS)
def test_there_is_no_double_arithmetic_in_a_float32_kernel(name):
    found = [line.strip() for line in machine_code(KERNELS[name], "float32").splitlines() if DOUBLE.search(line)]
    assert not found, f"{name} works in double: does a formula hold a Python number?\n" + "\n".join(found[:10])


def test_double_arithmetic_would_be_found():
    code = machine_code(KERNELS["update_sgd"], "float64")
    assert DOUBLE.search(code)
    assert DOUBLE.search("  %.5 = fpext float %.4 to double")
    assert not DOUBLE.search("  %.5 = fmul fast <8 x float> %.4, %.3")


# shuffling draws, patches copies, and pooling walks through windows too small for vectors
NUMBER_BY_NUMBER = {"fisher_yates", "patches", "max_pool", "scatter", "sum_pool", "sum_pool_back"}
NUMBER_BY_NUMBER |= {"ctc", "ctc_backward", "ctc_gradient"}  # whose labels say where they read
NUMBER_BY_NUMBER |= {"map_1_lgamma", "map_1_erfc", "map_1_erfinv"}  # for which the C library is called
NUMBER_BY_NUMBER |= {name for name in KERNELS if name.startswith("draw_")}  # ten rounds of products of 64 bits each


@pytest.mark.parametrize("name", sorted(KERNELS.keys() - NUMBER_BY_NUMBER))
def test_many_numbers_are_worked_on_at_a_time(name):
    assert re.search(r"fmul .*<\d+ x float>|f(add|sub) .*<\d+ x float>|fcmp .*<\d+ x float>",
                     machine_code(KERNELS[name], "float32")), f"LLVM did not vectorise {name}"


@pytest.mark.parametrize("name", sorted(KERNELS.keys() - NUMBER_BY_NUMBER))
def test_neighbours_are_loaded_together(name):
    """numba's test for a negative index, where it cannot rule one out, makes each load of a vector 16 single ones."""
    assert "masked.gather" not in machine_code(KERNELS[name], "float32"), f"{name} collects its numbers one by one"
