"""`course doctor`: what works on this machine and, for what does not, the remedy."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import shutil
import sys
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from . import openblas

OK, NOTE, PROBLEM = "ok", "note", "problem"
NEWEST_PYTHON = (3, 14)


@dataclass(frozen=True)
class Finding:
    """What one check found. A note asks for nothing; a problem comes with its remedy."""

    check: str
    status: str
    found: str
    remedy: str = ""


def python() -> Finding:
    """Python is of a version that the course is tested with."""
    found = f"{sys.version.split()[0]} at {sys.executable}"
    if sys.version_info[:2] > NEWEST_PYTHON:
        newest = ".".join(map(str, NEWEST_PYTHON))
        return Finding("Python", NOTE, f"{found}, newer than any that the course is tested with",
                       f"If something fails, make a virtual environment with Python {newest}.")
    return Finding("Python", OK, found)


def package() -> Finding:
    """The course is whole: library and notebooks."""
    from . import __version__
    from .content import content

    found = f"{__version__} in {Path(__file__).parent}"
    try:
        lessons = content("lessons")
        content("exercises")
    except FileNotFoundError as error:
        return Finding("course", PROBLEM, found, str(error))
    return Finding("course", OK, f"{found}; notebooks from {lessons.parent}")


def numba_compiles() -> Finding:
    """Numba turns a Python function into machine code."""
    import numba

    if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
        return Finding("numba", PROBLEM, f"{numba.__version__}, switched off by NUMBA_DISABLE_JIT",
                       "Unset the environment variable NUMBA_DISABLE_JIT.")
    if numba.njit(lambda x: 2 * x + 1)(20.5) != 42.0:
        return Finding("numba", PROBLEM, f"{numba.__version__} compiles, but the result is wrong", _reinstall("numba"))
    return Finding("numba", OK, f"{numba.__version__} compiles")


def threading_layer() -> Finding:
    """Which threads numba's parallel kernels run on."""
    import numba

    threads = numba.get_num_threads()  # also makes numba choose the layer
    layer = numba.threading_layer()
    found = f"{layer}, {threads} thread{'s' * (threads > 1)}"
    if layer == "workqueue":
        return Finding("threads", NOTE, f"{found}: only one Python thread at a time may run parallel kernels",
                       f"To lift that: {_install('tbb')}")
    return Finding("threads", OK, found)


def matrix_products() -> Finding:
    """NumPy's OpenBLAS makes use of what the processor can do. It takes some by AMD for an older one by Intel."""
    blas = openblas.openblas()
    if blas is None:
        return Finding("BLAS", OK, "NumPy's matrix products are not those of its own OpenBLAS")
    found = f"OpenBLAS for {blas.core()}"
    if openblas.avx_512_unused():
        return Finding("BLAS", NOTE, f"{found}, which leaves the processor's AVX-512 unused",
                       "Set the environment variable OPENBLAS_CORETYPE=SkylakeX before Python starts, as `course lab` "
                       "does: matrix products become up to 1.6 times as fast.")
    return Finding("BLAS", OK, found)


def kernel_cache() -> Finding:
    """Compiled kernels can be kept between starts."""
    from .kernels.cache import cache_folder, candidate_folders

    folder = cache_folder()
    if folder is None:
        tried = " and ".join(map(str, candidate_folders()))
        return Finding("kernel cache", NOTE,
                       f"{tried} cannot be written, so each start compiles again what is missing",
                       "Set the environment variable NUMBA_CACHE_DIR to a folder that you may write.")
    return Finding("kernel cache", OK, str(folder))


def cuda() -> Finding:
    """Whether kernels can run on an NVIDIA GPU: found out by running one."""
    import numba

    if numba.config.ENABLE_CUDASIM:  # type: ignore[attr-defined]
        return Finding("CUDA", NOTE, "the simulator is on (NUMBA_ENABLE_CUDASIM): CUDA kernels run in Python, slowly",
                       "To use a GPU: unset the environment variable NUMBA_ENABLE_CUDASIM.")
    if importlib.util.find_spec("numba_cuda") is None:
        return Finding("CUDA", NOTE, f"numba-cuda is not installed: {WITHOUT_CUDA}",
                       f"On a machine with an NVIDIA GPU: {_install(NUMBA_CUDA)}")
    found = f"numba-cuda {importlib.metadata.version('numba-cuda')}"
    package = NUMBA_CUDA
    try:
        from numba import cuda
        from numba.cuda.cudadrv import driver

        device = cuda.get_current_device()
        version = driver.get_version()
        package = f'"numba-cuda[cu{version[0]}]"'
        name = device.name.decode() if isinstance(device.name, bytes) else device.name
        found += f", {name}, driver for CUDA {'.'.join(map(str, version))}"
        doubled = _doubled_on_the_gpu(cuda, 21.0)
    except Exception as error:
        return _cuda_failure(found, error, package)
    if doubled != 42.0:
        return Finding("CUDA", PROBLEM, f"{found}, but a kernel's result is wrong", _reinstall(package))
    return Finding("CUDA", OK, f"{found}; a kernel ran")


NUMBA_CUDA = '"numba-cuda[cu13]"'  # with NVIDIA's compiler libraries for CUDA 13
WITHOUT_CUDA = "everything runs on the CPU, and the CUDA lesson uses the simulator"

# What an error of CUDA contains, what that means, and the remedy; {install} installs compiler libraries that fit the
# driver. Without a GPU, or with it hidden, nothing is wrong: that is a note.
CUDA_FAILURES = (
    (NOTE, "CUDA driver library cannot be found", "no NVIDIA driver",
     "On a machine with an NVIDIA GPU: install its driver (nvidia.com/drivers; for WSL, in Windows), and start a "
     "container with --gpus all."),
    (NOTE, "CUDA_ERROR_NO_DEVICE", "the driver sees no GPU",
     "If there is one: unset the environment variable CUDA_VISIBLE_DEVICES, and start a container with --gpus all."),
    (NOTE, "NUMBA_DISABLE_CUDA", "CUDA is switched off", "Unset the environment variable NUMBA_DISABLE_CUDA."),
    (PROBLEM, "UNSUPPORTED_PTX_VERSION", "the driver is older than the CUDA toolkit that compiles for it",
     "Update the driver (nvidia.com/drivers), or install a toolkit as old as it is: {install}"),
    (PROBLEM, "INSUFFICIENT_DRIVER", "the driver is too old for numba-cuda", "Update the driver (nvidia.com/drivers)."),
    (PROBLEM, "SYSTEM_DRIVER_MISMATCH", "the driver was updated while it was in use", "Restart the computer."),
    (PROBLEM, "CUDA_ERROR_OUT_OF_MEMORY", "the GPU's memory is full",
     "Close other programs that use the GPU; nvidia-smi lists them."),
    (PROBLEM, "bindings not found", "the package cuda-bindings is missing", "{install}"),
    (PROBLEM, "nvvm", "libNVVM, NVIDIA's compiler, is missing or does not fit",
     "{install}, or set CUDA_HOME to a CUDA toolkit that is no newer than the driver."),
    (PROBLEM, "nvrtc", "NVRTC, a part of NVIDIA's compiler, is missing or does not fit", "{install}"),
    (PROBLEM, "nvjitlink", "nvJitLink, NVIDIA's linker, is missing or does not fit", "{install}"),
    (PROBLEM, "", "a kernel cannot be run",
     "{install}. If that does not help, `import numba.cuda; numba.cuda.cudadrv.libs.test()` says what is missing."),
)  # fmt: skip


def _cuda_failure(found: str, error: Exception, package: str) -> Finding:
    """The finding for what went wrong on the way to a kernel on the GPU."""
    said = f"{type(error).__name__}: {error}"
    status, _, meaning, remedy = next(row for row in CUDA_FAILURES if row[1].lower() in said.lower())
    reason = meaning if status == NOTE else f"{meaning} ({_first_line(said)})"
    consequence = f": {WITHOUT_CUDA}" if status == NOTE else ""
    return Finding("CUDA", status, f"{found}, but {reason}{consequence}",
                   remedy.format(install=_install(package)))


def _doubled_on_the_gpu(cuda, number: float) -> float:
    """2 · number, by a kernel: only running one shows that compiler, driver and GPU fit together."""
    @cuda.jit("void(float32[:])")
    def double(x):
        x[0] *= 2

    x = cuda.to_device(np.array([number], np.float32))
    double[1, 1](x)
    return float(x.copy_to_host()[0])


def sandbox() -> Finding:
    """For those who grade: whether submissions can be shut in."""
    from .grading.sandbox import missing

    if reason := missing():
        return Finding("sandbox", NOTE, f"{reason}: `course grade` runs submissions without it",
                       "Only for those who grade, on Linux: install the package bubblewrap (apt install bubblewrap).")
    return Finding("sandbox", OK, "bubblewrap works: `course grade` shuts submissions in")


def jupyter() -> Finding:
    """JupyterLab is there, and its Python kernel is this Python."""
    if importlib.util.find_spec("jupyterlab") is None:
        return Finding("Jupyter", PROBLEM, "JupyterLab is not installed", _install("jupyterlab"))
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    found = f"JupyterLab {importlib.metadata.version('jupyterlab')}"
    try:
        program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        return Finding("Jupyter", PROBLEM, f"{found}, but no kernel python3", _install("ipykernel"))
    # A bare "python" stands for the Python that runs JupyterLab.
    path = sys.executable if program in ("python", "python3") else shutil.which(program)
    register = f'"{sys.executable}" -m ipykernel install --sys-prefix'
    if path is None:
        return Finding("Jupyter", PROBLEM, f"{found}, but its kernel python3 names {program}, which does not exist",
                       register)
    if _prefix(path) != _prefix(sys.executable):
        return Finding("Jupyter", PROBLEM, f"{found}, but its kernel python3 is another Python, {path}", register)
    return Finding("Jupyter", OK, f"{found}, kernel python3 is this Python")


def widgets() -> Finding:
    """Sliders and live pictures: the Python packages and what they add to JupyterLab's page."""
    missing = [name for name in ("ipywidgets", "jupyterlab_widgets", "anywidget")
               if importlib.util.find_spec(name) is None]
    if missing:
        return Finding("widgets", PROBLEM, f"not installed: {', '.join(missing)}", _install(*missing))
    from jupyter_core.paths import jupyter_path

    def in_page(extension: str) -> bool:
        return any((Path(folder) / extension / "package.json").is_file() for folder in jupyter_path("labextensions"))

    absent = [name for name, extension in {"jupyterlab_widgets": "@jupyter-widgets/jupyterlab-manager",
                                           "anywidget": "anywidget"}.items() if not in_page(extension)]
    if absent:
        return Finding("widgets", PROBLEM, f"JupyterLab does not find the front end of {', '.join(absent)}",
                       _reinstall(*absent))
    return Finding("widgets", OK, f"ipywidgets {importlib.metadata.version('ipywidgets')}, "
                                  f"anywidget {importlib.metadata.version('anywidget')}")


def progress() -> Finding:
    """What a student has done can be kept."""
    from .progress import progress_file
    from .workspace import writable

    path = progress_file()
    if not (os.access(path, os.W_OK) if path.exists() else writable(path.parent)):
        return Finding("progress", PROBLEM, f"{path} cannot be written",
                       "Work in a folder that you may write, or set COURSE_PROGRESS to a file in one.")
    return Finding("progress", OK, str(path))


def disk() -> Finding:
    """There is room for notebooks, caches and datasets."""
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    found = f"{free:.1f} GB free in {Path.cwd()}"
    if free < 0.1:
        return Finding("disk", PROBLEM, found, "Free some space: notebooks may not be saved.")
    if free < 1:
        return Finding("disk", NOTE, found, "Large datasets may not fit.")
    return Finding("disk", OK, found)


CHECKS: tuple[Callable[[], Finding], ...] = (
    python, package, numba_compiles, threading_layer, matrix_products, kernel_cache, cuda,
    jupyter, widgets, progress, disk, sandbox)


def examine(checks: tuple[Callable[[], Finding], ...] = CHECKS) -> list[Finding]:
    """Run all checks. One that raises is a finding too and does not stop the others."""
    findings = []
    for check in checks:
        try:
            with warnings.catch_warnings(action="ignore"):  # the findings say it better
                findings.append(check())
        except Exception as error:
            findings.append(Finding(check.__name__.replace("_", " "), PROBLEM,
                                    f"the check failed ({type(error).__name__}: {_first_line(error)})",
                                    _reinstall("course")))
    return findings


def add_doctor(subparsers) -> None:
    """Register `course doctor`."""
    parser = subparsers.add_parser("doctor", help="say what works on this machine, and the remedy for what does not",
                                   description="Say what works on this machine and, for what does not, the remedy. The "
                                               "exit status is 1 if there is a problem; notes are not problems.")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.set_defaults(run=run)


def run(args) -> int:
    """Print the findings; 1 if one is a problem."""
    findings = examine()
    if args.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        for finding in findings:
            remedy = f" -> {finding.remedy}" if finding.remedy else ""
            print(f"{finding.status:<8}{finding.check:<13}{finding.found}{remedy}")
    return int(any(finding.status == PROBLEM for finding in findings))


def _install(*packages: str) -> str:
    return f'"{sys.executable}" -m pip install {" ".join(packages)}'


def _reinstall(*packages: str) -> str:
    return f'"{sys.executable}" -m pip install --force-reinstall {" ".join(packages)}'


def _prefix(python: str) -> Path:
    """The folder of an interpreter, its links left as they are: a virtual environment's Python is a link to another."""
    return Path(os.path.abspath(python)).parent


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or [""])[0].rstrip(".:")

