"""The CPU kernels write what the same formulas give in float64 NumPy."""

import numpy as np
import pytest

from course.kernels import update_rules
from course.kernels.kernel import Kernel

from .examples import EXAMPLES, all_kernels, example

KERNELS = {kernel.__name__: kernel for kernel in all_kernels() if kernel.cpu_loop}
RTOL = {"float32": 2e-6, "float64": 1e-13}
every_kernel = pytest.mark.parametrize("name", KERNELS)
both_types = pytest.mark.parametrize("dtype", RTOL)


def called(kernel, args):
    with np.errstate(all="raise"):  # a kernel itself never warns
        kernel.cpu(*args)
    return args


def test_every_kernel_has_a_name_of_its_own_and_an_example():
    kernels = {kernel.__name__: kernel for kernel in all_kernels()}
    assert len(kernels) == len(all_kernels()), "two kernels of one name would share a cache entry"
    assert [name for name in kernels if example(kernels[name], "float32").wanted == {}] == []
    assert EXAMPLES.keys() <= kernels.keys()


@every_kernel
@both_types
@pytest.mark.parametrize("rows, columns", [(5, 7), (1, 1), (64, 33), (3, 1), (1, 40)])
def test_the_numbers_are_those_of_numpy(name, dtype, rows, columns):
    case = example(KERNELS[name], dtype, rows=rows, columns=columns)
    case.check(called(KERNELS[name], case.args), RTOL[dtype])


@every_kernel
@both_types
def test_nan_infinity_and_denormals_go_through(name, dtype):
    case = example(KERNELS[name], dtype, "special", rows=40)
    case.check(called(KERNELS[name], case.args), RTOL[dtype])


@every_kernel
@both_types
def test_no_rows_is_no_work(name, dtype):
    case = example(KERNELS[name], dtype, rows=0)
    case.check(called(KERNELS[name], case.args), RTOL[dtype])


@every_kernel
def test_arrays_need_not_be_contiguous(name):
    case = example(KERNELS[name], "float32", rows=9)
    args = [np.repeat(a, 2, axis=-1)[..., ::2] if isinstance(a, np.ndarray) else a for a in case.args]
    assert not any(a.flags.c_contiguous for a in args if isinstance(a, np.ndarray) and a.size > 1)
    case.check(called(KERNELS[name], args), RTOL["float32"])


@pytest.mark.parametrize("smoothing", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("name", ["cross_entropy", "cross_entropy_gradient"])
def test_cross_entropy_smooths_its_targets(name, smoothing):
    kernel = KERNELS[name]
    with np.errstate(all="ignore"):
        random = np.random.RandomState(0)
        draw = lambda *shape: random.standard_normal(shape)
        case = EXAMPLES[name](draw, np.float64, 6, 4, smoothing)
    case.check(called(kernel, case.args), 1e-13)


def test_cross_entropy_names_the_first_row_of_a_class_that_does_not_exist():
    case = example(KERNELS["cross_entropy"], "float32", rows=6, columns=4)
    case.args[1][4:] = 4, -1
    called(KERNELS["cross_entropy"], case.args)
    assert case.args[10][0] == 4


@pytest.mark.parametrize("logit", [1e4, -1e4, 3e38])
def test_cross_entropy_of_large_logits_does_not_overflow(logit):
    case = example(KERNELS["cross_entropy"], "float32", rows=2, columns=2)
    case.args[0][:], case.args[1][:] = [[logit, 0], [0, logit]], [0, 1]
    case.args[3] = np.float32(0)
    called(KERNELS["cross_entropy"], case.args)
    wanted = 0.0 if logit > 0 else -logit
    np.testing.assert_allclose(case.args[6], np.array([1, 1.25]) * wanted, 1e-6)


@both_types
def test_a_momentum_that_fades_becomes_zero_and_never_denormal(dtype):
    kernel, kind = update_rules.update_sgd_momentum, np.dtype(dtype).type
    p, g, v = np.ones(3, dtype), np.zeros(3, dtype), np.ones(3, dtype)
    for _ in range(1000):
        kernel.cpu(p, g, v, (kind(0), kind(0.9), kind(0), kind(0), False, False))
        assert ((v == 0) | (np.abs(v) >= np.finfo(np.float32).tiny)).all()
    assert (v == 0).all()


def test_a_kernel_says_what_it_is():
    assert repr(KERNELS["update_sgd"]) == "<kernel update_sgd>"
    assert isinstance(KERNELS["update_sgd"], Kernel)
