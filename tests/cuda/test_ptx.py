"""Every CUDA kernel compiles for three generations of GPUs, with no GPU at hand: `pytest -m ptx tests/cuda`."""

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from course.kernels import kernel as kernels

from ..kernels.examples import all_kernels, dtypes, example

pytestmark = pytest.mark.ptx

ARCHITECTURES = [(7, 5), (8, 0), (9, 0)]  # Turing, Ampere, Hopper
FULL_TURNS = {"each_1_sin", "each_1_cos", "each_1_tan"}  # NVIDIA's take huge angles apart in doubles and local memory
# So that at least half of the threads that a multiprocessor could hold are at work; with 32 all of them would be.
MOST_REGISTERS = 64
FEWER_REGISTERS = {  # what is enough for the kernels of a file
    "activations": 48, "embedding": 32, "indexing": 40, "philox": 40, "pointwise": 48, "pooling": 56, "recurrent": 56,
    "scan": 48, "softmax": 56, "sorting": 56, "update_rules": 48,
}  # fmt: skip
MOST_SHARED = 48 * 1024  # what every GPU gives a block without being asked
KERNELS = {kernel.__name__: kernel for kernel in all_kernels() if kernel.cuda_loop}


def ptxas() -> str | None:
    """NVIDIA's assembler: from the wheel `nvidia-cuda-nvcc`, or from a CUDA toolkit on the PATH."""
    try:
        wheel = importlib.metadata.files("nvidia-cuda-nvcc") or []
    except importlib.metadata.PackageNotFoundError:
        wheel = []
    packaged = [str(Path(file.locate())) for file in wheel if file.stem == "ptxas"]
    return packaged[0] if packaged else shutil.which("ptxas")


@pytest.fixture(params=ARCHITECTURES, ids=lambda cc: "sm_{}{}".format(*cc))
def compute_capability(request, monkeypatch):
    """An architecture to compile for, although no such device is here."""
    if importlib.util.find_spec("numba_cuda") is None:
        pytest.skip("numba-cuda is not installed: pip install '.[ptx]'")
    if ptxas() is None:
        pytest.skip("there is no ptxas: pip install '.[ptx]' brings it")
    from numba.core import config

    if config.ENABLE_CUDASIM:
        pytest.skip("the simulator cannot compile: run without NUMBA_ENABLE_CUDASIM")
    from numba.cuda import dispatcher

    # a device function asks which device it is compiled for
    monkeypatch.setattr(dispatcher, "get_current_device", lambda: SimpleNamespace(compute_capability=request.param))
    kernels._for_cuda.cache_clear()
    yield request.param
    kernels._for_cuda.cache_clear()


def assembled(ptx: str, cc, folder: Path) -> dict[str, int]:
    """What ptxas says that a kernel needs: registers, bytes of shared memory, bytes spilled."""
    (folder / "kernel.ptx").write_text(ptx)
    said = subprocess.run([ptxas(), "-v", "-arch=sm_{}{}".format(*cc), "-o", folder / "kernel.cubin",
                           folder / "kernel.ptx"], capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    patterns = {"registers": r"Used (\d+) registers", "shared": r"(\d+) bytes smem",
                "stored": r"(\d+) bytes spill stores", "loaded": r"(\d+) bytes spill loads",
                "stack": r"(\d+) bytes stack frame"}
    return {what: max(map(int, re.findall(pattern, said.stderr)), default=0) for what, pattern in patterns.items()}


@pytest.mark.parametrize("name, dtype", [(name, dtype) for name in KERNELS for dtype in dtypes(name)])
def test_a_kernel_compiles_without_spills_in_its_own_dtype(name, dtype, compute_capability, figures, tmp_path):
    from numba import cuda, typeof

    kernel = KERNELS[name]
    signature = tuple(typeof(a) for a in example(kernel, dtype).args)
    ptx, _ = cuda.compile_ptx(kernel.cuda_source(), signature, cc=compute_capability)
    need = assembled(ptx, compute_capability, tmp_path)
    spilled = need["stored"] + need["loaded"] + need["stack"]
    figures(name, dtype, "sm_{}{}".format(*compute_capability), need["registers"], need["shared"], spilled)
    if name in FULL_TURNS:
        return
    assert spilled == 0, f"{name} spills registers: {need}"
    assert need["registers"] <= FEWER_REGISTERS.get(kernel.__module__.rpartition(".")[2], MOST_REGISTERS)
    assert need["shared"] <= MOST_SHARED
    unwanted = {"float32": (".f64",), "float64": (), "int64": (".f32", ".f64")}[dtype]
    found = [line.strip() for line in ptx.splitlines() if any(kind in line for kind in unwanted)]
    assert not found, f"{name} of {dtype} uses {unwanted}: does it hold a Python number?\n" + "\n".join(found[:10])
