"""`import course` is light, silent, and leaves the process as it was."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import course


def python(program: str, *options) -> str:
    """What a fresh Python prints."""
    path = os.pathsep.join(filter(None, [str(Path(course.__file__).parents[1]), os.environ.get("PYTHONPATH")]))
    found = subprocess.run([sys.executable, *options, "-c", program], capture_output=True, text=True,
                           env={**os.environ, "PYTHONPATH": path})
    assert found.returncode == 0, found.stderr
    assert found.stderr == ""
    return found.stdout.strip()


def test_importing_brings_in_no_pictures_no_widgets_and_no_jupyter():
    heavy = ("matplotlib", "ipywidgets", "anywidget", "IPython", "jupyter", "traitlets", "hypothesis", "nbformat",
             "sklearn")
    loaded = python("import course, sys; print(*sys.modules)").split()
    assert [name for name in loaded if name.startswith(heavy)] == []
    assert not {"numba.cuda", "course.lab", "course.exercises", "course.grading"} & set(loaded)


def test_importing_and_training_warn_of_nothing():
    assert python("""
import course as torch
model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
loss = torch.nn.CrossEntropyLoss()(model(torch.ones(4, 2)), torch.zeros(4, dtype=torch.int64))
loss.backward()
optimizer.step()
print((torch.ones(2) / 0).tolist(), torch.tensor([-1.0]).log().isnan().item())
""", "-W", "error") == "[inf, inf] True"


def test_importing_does_not_touch_the_random_numbers_or_error_handling_of_numpy():
    assert python("""
import numpy as np
np.random.seed(0)
before, errors = np.random.get_state()[1].tolist(), np.geterr()
import course
course.rand(3), course.tensor([0.0]).log()
print(before == np.random.get_state()[1].tolist(), errors == np.geterr())
""") == "True True"


def test_importing_leaves_the_garbage_collector_as_it_was():
    assert python("import gc, course; print(gc.get_freeze_count(), gc.isenabled(), hasattr(course, 'gc'))") == \
        "0 True False"


def test_importing_brings_in_nothing_of_the_network():
    assert python("import course, sys; print(*{'ssl', 'http.client', 'urllib.request'} & set(sys.modules))") == ""


@pytest.mark.parametrize("name", ["course", "course.nn", "course.optim", "course.utils.data", "course.datasets",
                                  "course.distributions"])
def test_every_public_name_says_what_it_is(name):
    module = __import__(name, fromlist=["*"])
    public = {k: v for k, v in vars(module).items() if callable(v) and not k.startswith("_")}
    assert public
    assert [k for k, v in public.items() if not (v.__doc__ or "").strip()] == []


LAYERS = (  # of modules, the lowest first, as CONTRIBUTING.md draws the house
    "kernels simulator",
    "tracing cores matrix_product openblas dtype limits load_error locking memory memory_format quiet threads unknown",
    "device device_array device_functions device_indexing device_memory random random_counts",
    "autograd return_types",
    "ops tensor creation in_place printing storage questions old_types special linalg cuda accelerator amp backends",
    "nn optim distributions utils datasets func autograd.functional metrics transforms testing compiled distributed "
    "parallel shared_memory serialization pth sklearn",
    "exercises lab content progress",
    "grading cli carry_over doctor notebook_server warmup workspace __main__",
)
LAYER = {name: number for number, names in enumerate(LAYERS) for name in names.split()}


def layer(module: str) -> int:
    """The layer of a module of the course, such as `nn.functional`: that of its longest known beginning."""
    parts = module.split(".")
    return next(LAYER[known] for n in range(len(parts), 0, -1) if (known := ".".join(parts[:n])) in LAYER)


def imported(path: Path, module: list[str]) -> list[str]:
    """The modules of the course that a file imports as it is loaded itself (and not within its functions)."""
    package = module if path.stem == "__init__" else module[:-1]
    found = []
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.ImportFrom) and (statement.level or statement.module.split(".")[0] == "course"):
            base = package[: len(package) - statement.level + 1] if statement.level else []
            base = base + (statement.module or "").removeprefix("course").strip(".").split(".")
            name = ".".join(filter(None, base))
            found += [name] if name else [alias.name for alias in statement.names if alias.name != "__version__"]
    return found


def test_imports_run_downwards_only():
    package = Path(course.__file__).parent
    upwards = []
    for path in package.rglob("*.py"):
        module = [*path.relative_to(package).with_suffix("").parts]
        module = module[:-1] if path.stem == "__init__" else module
        if module:  # `course` itself lies above all
            name = ".".join(module)
            upwards += [f"{name} imports {other}" for other in imported(path, module) if layer(other) > layer(name)]
    assert upwards == []
