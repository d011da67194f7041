"""Running a kernel on a device, and comparing what it writes there with its CPU twin and with NumPy."""

import copy
import importlib

import numpy as np

devices = importlib.import_module("course.device")  # `course.device` itself is the class of that name
RTOL = {"float32": 5e-6, "float64": 1e-12, "int64": 0}


def run_on(device, kernel, case):
    """The arguments of an example after `kernel` ran on a device."""
    args = [devices.move(a, device) if isinstance(a, np.ndarray) else a for a in copy.deepcopy(case.args)]
    with np.errstate(all="ignore"):
        devices.run(kernel, case.size, *args)
    return [a if isinstance(a, int | float | tuple | np.generic) else devices.move(a, devices.CPU) for a in args]


def assert_twins_agree(cuda, kernel, case, rtol):
    """What CUDA writes is what the CPU writes, where it has a loop of its own, and what NumPy says."""
    on_cuda = run_on(cuda, kernel, case)
    if kernel.cpu_loop:
        on_cpu = run_on(devices.CPU, kernel, case)
        for position in case.wanted:
            np.testing.assert_allclose(on_cuda[position], on_cpu[position], rtol, rtol)
    case.check(on_cuda, rtol)
