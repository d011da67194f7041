"""`course doctor` finds what is broken, names the remedy, and survives its own checks."""

import json
import shutil
import sys
import types

import numba
import pytest

from course import content, doctor, openblas
from course.cli import main
from course.doctor import NOTE, OK, PROBLEM, Finding, examine


@pytest.fixture
def absent(monkeypatch):
    """Make packages look as if they were not installed."""
    find_spec = doctor.importlib.util.find_spec

    def hide(*names):
        monkeypatch.setattr(doctor.importlib.util, "find_spec",
                            lambda name, *rest: None if name in names else find_spec(name, *rest))
    return hide


def test_nothing_is_a_problem_where_these_tests_run():
    assert [finding for finding in examine() if finding.status == PROBLEM] == []


def test_python_newer_than_tested(monkeypatch):
    monkeypatch.setattr(doctor, "NEWEST_PYTHON", (3, 0))
    assert doctor.python().status == NOTE and "Python 3.0" in doctor.python().remedy


def test_incomplete_installation(monkeypatch, tmp_path):
    monkeypatch.setattr(content, "_PACKAGE", tmp_path / "course")
    finding = doctor.package()
    assert finding.status == PROBLEM and "installation is incomplete" in finding.remedy


def test_numba_switched_off(monkeypatch):
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    assert doctor.numba_compiles().status == PROBLEM and "NUMBA_DISABLE_JIT" in doctor.numba_compiles().remedy


def test_numba_that_miscompiles(monkeypatch):
    monkeypatch.setattr(numba, "njit", lambda function: lambda x: 0)
    assert doctor.numba_compiles().status == PROBLEM


@pytest.mark.parametrize("layer, status", [("omp", OK), ("tbb", OK), ("workqueue", NOTE)])
def test_threading_layer(monkeypatch, layer, status):
    monkeypatch.setattr(numba, "threading_layer", lambda: layer)
    assert doctor.threading_layer().status == status and layer in doctor.threading_layer().found


@pytest.mark.parametrize("core, flags, status", [
    ("Haswell", "fpu avx2 avx512f avx512vl", NOTE), ("SkylakeX", "fpu avx2 avx512f avx512vl", OK),
    ("Haswell", "fpu avx2", OK), ("Haswell", None, OK), ("", "fpu avx512f avx512vl", OK),
])  # fmt: skip
def test_openblas_that_takes_the_processor_for_another(monkeypatch, tmp_path, core, flags, status):
    if flags is not None:
        (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    monkeypatch.setattr(openblas, "CPUINFO", tmp_path / "cpuinfo")
    monkeypatch.setattr(openblas, "openblas", lambda: core and types.SimpleNamespace(core=lambda: core) or None)
    finding = doctor.matrix_products()
    assert finding.status == status and core in finding.found
    assert ("OPENBLAS_CORETYPE=SkylakeX" in finding.remedy) == (status == NOTE)


def test_cache_that_cannot_be_written(monkeypatch):
    from course.kernels import cache

    monkeypatch.setattr(cache, "cache_folder", lambda: None)
    finding = doctor.kernel_cache()
    assert finding.status == NOTE and "compiles again" in finding.found and "NUMBA_CACHE_DIR" in finding.remedy


def test_cuda_simulator(monkeypatch):
    monkeypatch.setattr(numba.config, "ENABLE_CUDASIM", 1)
    finding = doctor.cuda()
    assert finding.status == NOTE and "simulator is on" in finding.found and "unset" in finding.remedy


def test_cuda_not_installed(absent):
    absent("numba_cuda")
    finding = doctor.cuda()
    assert finding.status == NOTE and "everything runs on the CPU" in finding.found and "numba-cuda" in finding.remedy


@pytest.fixture
def gpu(monkeypatch):
    """What the doctor finds on a machine with a GPU whose driver is for CUDA 12.2, given what a kernel does there."""
    def gives(result):
        def function(*args):
            if isinstance(result, Exception):
                raise result
            return result
        return function

    imaginary = types.SimpleNamespace(name=b"NVIDIA Imaginary")

    def examined(kernel=42.0, device=imaginary):
        module = types.ModuleType("numba.cuda")
        module.get_current_device = gives(device)
        module.cudadrv = types.ModuleType("numba.cuda.cudadrv")
        module.cudadrv.driver = types.SimpleNamespace(get_version=lambda: (12, 2))
        monkeypatch.setitem(sys.modules, "numba.cuda", module)
        monkeypatch.setitem(sys.modules, "numba.cuda.cudadrv", module.cudadrv)
        monkeypatch.setattr(numba, "cuda", module, raising=False)
        monkeypatch.setattr(numba.config, "ENABLE_CUDASIM", 0)
        monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: True)
        monkeypatch.setattr(doctor.importlib.metadata, "version", lambda name: "0.30")
        monkeypatch.setattr(doctor, "_doubled_on_the_gpu", gives(kernel))
        return doctor.cuda()
    return examined


def test_cuda_works(gpu):
    finding = gpu()
    assert finding.status == OK
    assert finding.found == "numba-cuda 0.30, NVIDIA Imaginary, driver for CUDA 12.2; a kernel ran"


def test_cuda_that_miscompiles(gpu):
    assert gpu(kernel=41.0).status == PROBLEM


@pytest.mark.parametrize("error, meaning, remedy", [
    ("Error at driver init: \n\nCUDA driver library cannot be found.\nEnsure that …", "no NVIDIA driver", "--gpus all"),
    ("Error at driver init: Call to cuInit results in CUDA_ERROR_NO_DEVICE (100)",
     "sees no GPU", "CUDA_VISIBLE_DEVICES"),
    ("CUDA is disabled due to setting NUMBA_DISABLE_CUDA=1", "switched off", "NUMBA_DISABLE_CUDA"),
])
def test_without_a_gpu_nothing_is_wrong(gpu, error, meaning, remedy):
    finding = gpu(device=ImportError(error))
    assert finding.status == NOTE and meaning in finding.found and remedy in finding.remedy
    assert "everything runs on the CPU" in finding.found


@pytest.mark.parametrize("error, meaning, remedy", [
    (RuntimeError("[222] Call to cuLinkAddData results in CUDA_ERROR_UNSUPPORTED_PTX_VERSION"),
     "the driver is older than the CUDA toolkit", "numba-cuda[cu12]"),
    (RuntimeError("CUDA_ERROR_INSUFFICIENT_DRIVER"), "too old for numba-cuda", "Update the driver"),
    (RuntimeError("CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803)"), "updated while it was in use", "Restart"),
    (RuntimeError("Call to cuMemAlloc results in CUDA_ERROR_OUT_OF_MEMORY"), "memory is full", "nvidia-smi"),
    (ImportError("NVIDIA CUDA Python bindings not found. Install …"), "cuda-bindings", "numba-cuda[cu12]"),
    (ImportError("libNVVM is not available"), "libNVVM", "CUDA_HOME"),
    (RuntimeError('Failure finding "libnvvm.so"'), "libNVVM", "numba-cuda[cu12]"),
    (RuntimeError('Failure finding "libnvrtc.so": No such file'), "NVRTC", "numba-cuda[cu12]"),
    (RuntimeError("nvJitLinkError: ERROR_INTERNAL"), "nvJitLink", "numba-cuda[cu12]"),
    (ValueError("something nobody thought of"), "a kernel cannot be run (ValueError: something", "numba.cuda.cudadrv"),
], ids=lambda value: "" if isinstance(value, str) else str(value).split()[-1])
def test_a_gpu_that_does_not_work(gpu, error, meaning, remedy):
    finding = gpu(kernel=error)
    assert finding.status == PROBLEM and meaning in finding.found and remedy in finding.remedy


def test_the_sandbox(monkeypatch):
    from course.grading import sandbox

    monkeypatch.setattr(sandbox, "missing", lambda: "")
    assert doctor.sandbox().status == OK
    monkeypatch.setattr(sandbox, "missing", lambda: "bubblewrap is not installed")
    assert doctor.sandbox().status == NOTE and "apt install bubblewrap" in doctor.sandbox().remedy


def test_jupyterlab_not_installed(absent):
    absent("jupyterlab")
    assert doctor.jupyter().status == PROBLEM and doctor.jupyter().remedy.endswith("-m pip install jupyterlab")


@pytest.mark.parametrize("program, complaint", [("/no/such/python", "which does not exist"),
                                                (shutil.which("sh"), "another Python"), ("python", None),
                                                (sys.executable, None)])
def test_kernel(monkeypatch, program, complaint):
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda self, name: KernelSpec(argv=[program, "-m", "x"]))
    finding = doctor.jupyter()
    assert finding.status == (PROBLEM if complaint else OK) and (complaint or "this Python") in finding.found


def test_no_kernel(monkeypatch):
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    def none(self, name):
        raise NoSuchKernel(name)

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", none)
    assert doctor.jupyter().status == PROBLEM and doctor.jupyter().remedy.endswith("pip install ipykernel")


def test_widgets_not_installed(absent):
    absent("anywidget")
    assert doctor.widgets().status == PROBLEM and doctor.widgets().remedy.endswith("pip install anywidget")


def test_widgets_without_their_front_end(monkeypatch):
    from jupyter_core import paths

    monkeypatch.setattr(paths, "jupyter_path", lambda *names: ["/no/such/folder"])
    assert "front end of jupyterlab_widgets, anywidget" in doctor.widgets().found


def test_progress_that_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "file" / "progress.jsonl"))
    assert doctor.progress().status == PROBLEM and "COURSE_PROGRESS" in doctor.progress().remedy


def test_looking_leaves_nothing_behind(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "new" / "progress.jsonl"))
    assert doctor.progress().status == OK
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("free, status", [(5e9, OK), (5e8, NOTE), (5e7, PROBLEM)])
def test_disk(monkeypatch, free, status):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(0, 0, free))
    assert doctor.disk().status == status


def test_check_that_raises_is_reported_and_does_not_stop_the_others():
    def broken_part():
        raise ImportError("libgone.so: cannot open\nmore")

    first, second = examine((broken_part, doctor.disk))
    assert first.check == "broken part" and first.status == PROBLEM
    assert first.found == "the check failed (ImportError: libgone.so: cannot open)"
    assert second == doctor.disk()


@pytest.mark.parametrize("status, code", [(OK, 0), (NOTE, 0), (PROBLEM, 1)])
def test_report(monkeypatch, capsys, status, code):
    remedy = "Warm it." if code else ""
    monkeypatch.setattr(doctor, "examine", lambda: [Finding("kettle", status, "cold", remedy)])
    assert main(["doctor"]) == code
    assert capsys.readouterr().out.split() == [status, "kettle", "cold", *(["->", "Warm", "it."] if code else [])]
    assert main(["doctor", "--json"]) == code
    assert json.loads(capsys.readouterr().out)[0]["status"] == status


def test_course_lab_sees_to_the_processors_own_matrix_products(monkeypatch, tmp_path):
    from course import notebook_server

    monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)
    for unused in (True, False):
        monkeypatch.setattr(notebook_server, "avx_512_unused", lambda unused=unused: unused)
        assert ("OPENBLAS_CORETYPE" in notebook_server._environment(tmp_path)) == unused
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Zen")
    assert notebook_server._environment(tmp_path)["OPENBLAS_CORETYPE"] == "Zen"
